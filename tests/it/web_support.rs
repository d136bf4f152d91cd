//! The web service of a test site: requests go through the real router, without a socket.
//!
//! Not for: what needs a connection, such as the live channel (`web_live.rs`).

use crate::support::{PASSWORD, TestSite};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use chartscribe::jobs::live::Ears;
use chartscribe::web::health::Machine;
use chartscribe::web::router;
use chartscribe::web::state::AppState;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tower::ServiceExt;

/// The largest answer a test reads.
const ANSWER_MAX: usize = 10_000_000;

pub struct App {
    pub test: TestSite,
    pub document: utoipa::openapi::OpenApi,
    router: Router,
    runtime: Runtime,
    _stop: watch::Sender<bool>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("UTF-8")
    }

    /// Status and code of a refusal.
    pub fn refusal(&self) -> (u16, String) {
        let code = self.json()["error"]["code"].as_str().expect("an error code").to_string();
        (self.status.as_u16(), code)
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A machine whose parts all do their work.
pub fn well() -> Machine {
    Machine { worker: Arc::new(|| true), model: Arc::new(|| true) }
}

impl App {
    pub fn new() -> Self {
        let test = TestSite::new();
        let (stop, stopped) = watch::channel(false);
        let ears = Arc::new(Ears::new(Arc::clone(&test.site), vec![]));
        let wake = Arc::new(|| {});
        let state = AppState::new(Arc::clone(&test.site), wake, stopped, well(), ears);
        let (router, document) = router::app(state);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        Self { test, document, router, runtime, _stop: stop }
    }

    pub fn send(&self, mut request: Request<Body>) -> Answer {
        let from: SocketAddr = ([127, 0, 0, 1], 40_000).into();
        request.extensions_mut().insert(ConnectInfo(from));
        self.runtime.block_on(async {
            let response = self.router.clone().oneshot(request).await.expect("always answered");
            let (head, body) = response.into_parts();
            let body = axum::body::to_bytes(body, ANSWER_MAX).await.expect("a whole body");
            Answer { status: head.status, headers: head.headers, body: body.to_vec() }
        })
    }

    /// The cookie of a new session.
    pub fn cookie(&self, username: &str) -> String {
        let body = serde_json::json!({ "username": username, "password": PASSWORD });
        let answer = self.call("", Method::POST, "/api/session", Some(body));
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default();
        cookie.to_string()
    }

    pub fn call(&self, cookie: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !cookie.is_empty() {
            request = request.header(header::COOKIE, cookie);
        }
        let body = match body {
            None => Body::empty(),
            Some(value) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(value.to_string())
            }
        };
        self.send(request.body(body).expect("a request"))
    }

    pub fn get(&self, cookie: &str, path: &str) -> Answer {
        self.call(cookie, Method::GET, path, None)
    }

    pub fn post(&self, cookie: &str, path: &str, body: Value) -> Answer {
        self.call(cookie, Method::POST, path, Some(body))
    }

    /// Sends parts `(name, file name, bytes)` in the order given.
    pub fn upload(&self, cookie: &str, key: &str, parts: &[(&str, &str, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, file_name, bytes) in parts {
            body.extend_from_slice(b"--edge\r\ncontent-disposition: form-data; ");
            body.extend_from_slice(format!("name=\"{name}\"").as_bytes());
            if !file_name.is_empty() {
                body.extend_from_slice(format!("; filename=\"{file_name}\"").as_bytes());
            }
            body.extend_from_slice(b"\r\n\r\n");
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--edge--\r\n");
        let mut request = Request::post("/api/dictations")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        if !key.is_empty() {
            request = request.header("idempotency-key", key);
        }
        self.send(request.body(Body::from(body)).expect("a request"))
    }
}
