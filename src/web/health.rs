//! Whether the server lives, and whether it can do its work: for whatever starts and watches it.
//!
//! Not for: numbers over time (`metrics.rs`).
//!
//! Invariant: answers without a sign-in, and so says nothing but yes and no.

use super::state::AppState;
use crate::store::audio_checks;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use std::sync::Arc;

/// How the machine's part of the work is doing; asked anew each time.
#[derive(Clone)]
pub struct Machine {
    /// The transcriber's thread is there.
    pub worker: Arc<dyn Fn() -> bool + Send + Sync>,
    /// The speech model's file is there.
    pub model: Arc<dyn Fn() -> bool + Send + Sync>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Ready {
    /// The database can be written.
    store: bool,
    worker: bool,
    model: bool,
    /// Every recording passed its newest check. A damaged one keeps nobody from their work.
    recordings: bool,
}

/// The server answers; that is all.
pub async fn health() -> &'static str {
    "ok\n"
}

/// 200 when database, worker and model can do their work, else 503; which is which in the body.
pub async fn ready(State(state): State<AppState>) -> (StatusCode, Json<Ready>) {
    let ready = look(&state).await;
    let all = ready.store && ready.worker && ready.model;
    (if all { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(ready))
}

pub(super) async fn look(state: &AppState) -> Ready {
    let store = state.db(|site| Ok(site.store.is_writable()?)).await.is_ok();
    let failed = state.db(|site| Ok(site.store.read(audio_checks::findings)?));
    let recordings = failed.await.is_ok_and(|failed| failed.is_empty());
    let Machine { worker, model } = &state.machine;
    Ready { store, worker: worker(), model: model(), recordings }
}

impl Ready {
    /// The parts by name, for the metrics.
    pub(super) fn parts(self) -> [(&'static str, bool); 4] {
        let Self { store, worker, model, recordings } = self;
        [("store", store), ("worker", worker), ("model", model), ("recordings", recordings)]
    }
}
