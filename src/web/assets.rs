//! The script and the style of the pages, embedded in the program.
//!
//! Not for: building them (`ui/build.mjs`, run by `make ui`).
//!
//! Invariant: an address holds the digest of its content, so a browser may keep it for ever and
//! never mixes two releases.

use super::error::ApiError;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "src/web/ui/dist"]
struct Bundle;

/// The notices of the code by others in the bundle.
const NOTICES: &str = "notices.txt";

const SCRIPT: &str = "app.js";
const STYLE: &str = "app-style.css";

/// Runs in the browser's audio thread.
const CAPTURE: &str = "capture.js";

/// A year, the longest that RFC 9111 section 5.2.2.1 expects anybody to mean.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Bytes of the digest that are in an address.
const DIGEST_BYTES: usize = 8;

pub fn script_address() -> String {
    address(SCRIPT)
}

pub fn style_address() -> String {
    address(STYLE)
}

pub fn capture_address() -> String {
    address(CAPTURE)
}

pub fn notices() -> String {
    let file = Bundle::get(NOTICES).expect("build.rs checks that the bundle is there");
    String::from_utf8_lossy(&file.data).into_owned()
}

fn address(name: &str) -> String {
    let file = Bundle::get(name).expect("build.rs checks that the bundle is there");
    format!("/assets/{}/{name}", digest(&file))
}

fn digest(file: &EmbeddedFile) -> String {
    hex::encode(&file.metadata.sha256_hash()[..DIGEST_BYTES])
}

pub async fn asset(Path((wanted, name)): Path<(String, String)>) -> Result<Response, ApiError> {
    let missing = ApiError::NotFound { what: "file" };
    let media_type = match name.as_str() {
        SCRIPT | CAPTURE => "text/javascript; charset=utf-8",
        STYLE => "text/css; charset=utf-8",
        _ => return Err(missing),
    };
    match Bundle::get(&name) {
        Some(file) if digest(&file) == wanted => {
            let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, FOR_EVER)];
            Ok((headers, Body::from(file.data)).into_response())
        }
        _ => Err(missing),
    }
}
