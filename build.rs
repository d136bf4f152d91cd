//! Checks that the web UI has been built before it is embedded.
//!
//! Not for: building it; that needs Node.js, which `make ui` finds.

use std::path::Path;

const BUNDLE: [&str; 2] = ["src/web/ui/dist/app.js", "src/web/ui/dist/app-style.css"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/web/ui/dist");
    for file in BUNDLE {
        println!("cargo::rerun-if-changed={file}");
        if !Path::new(file).exists() {
            println!(
                "cargo::error=the web UI is not built ({file} is missing): run `make ui`, \
                 which is `npm ci && npm run build` in src/web/ui"
            );
        }
    }
}
