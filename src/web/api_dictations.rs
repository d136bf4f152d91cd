//! Dictations over HTTP: receiving, state, stopping, the recording and what was heard.
//!
//! Not for: reading the multipart form (`upload.rs`) or ranges (`audio.rs`).
//!
//! Invariant: one handler is one act of `workflow`.

use super::audio;
use super::error::ApiError;
use super::extract::On;
use super::session::SignedIn;
use super::state::AppState;
use super::upload;
use super::wire::{DictationForm, DictationView, ReceivedView, TranscriptView};
use crate::domain::ids::DictationId;
use crate::workflow::transcription;
use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

const TAG: &str = "Dictations";

/// Hands in a recording. Answered after it is durable: 201, or 200 when the same upload was
/// received before.
#[utoipa::path(post, path = "/api/dictations", tag = TAG,
    params(("Idempotency-Key" = Option<String>, Header,
        description = "Makes a repeated upload one dictation; at most 200 bytes")),
    request_body(content = DictationForm, content_type = "multipart/form-data"),
    responses((status = CREATED, body = ReceivedView), (status = OK, body = ReceivedView)))]
pub async fn receive(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<ReceivedView>), ApiError> {
    let received = upload::receive(&state, who, &headers, form?).await?;
    (state.wake)();
    let status = if received.repeated { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(ReceivedView::from(&received))))
}

/// How far a dictation has come.
#[utoipa::path(get, path = "/api/dictations/{id}", tag = TAG, params(("id" = String, Path)),
    responses((status = OK, body = DictationView)))]
pub async fn status(on: On<DictationId>) -> Result<Json<DictationView>, ApiError> {
    let status = on.run(transcription::status).await?;
    Ok(Json(DictationView::from(&status)))
}

/// Stops a transcription.
#[utoipa::path(post, path = "/api/dictations/{id}/stop", tag = TAG, params(("id" = String, Path)),
    responses((status = NO_CONTENT)))]
pub async fn stop(on: On<DictationId>) -> Result<StatusCode, ApiError> {
    on.act(transcription::stop).await
}

/// Puts a failed or stopped transcription back in the queue.
#[utoipa::path(post, path = "/api/dictations/{id}/retry", tag = TAG, params(("id" = String, Path)),
    responses((status = NO_CONTENT)))]
pub async fn retry(on: On<DictationId>) -> Result<StatusCode, ApiError> {
    on.run(transcription::retry).await?;
    (on.state.wake)();
    Ok(StatusCode::NO_CONTENT)
}

/// The recording as it was received. Single ranges of bytes are answered.
#[utoipa::path(get, path = "/api/dictations/{id}/audio", tag = TAG,
    params(("id" = String, Path), ("Range" = Option<String>, Header)),
    responses((status = OK, content_type = "audio/*"),
        (status = PARTIAL_CONTENT, content_type = "audio/*"),
        (status = RANGE_NOT_SATISFIABLE)))]
pub async fn recording(on: On<DictationId>, headers: HeaderMap) -> Result<Response, ApiError> {
    let (audio, reader) = on.run(transcription::audio).await?;
    Ok(audio::answer(&headers, &audio, reader))
}

/// What the engine heard, word by word.
#[utoipa::path(get, path = "/api/dictations/{id}/transcript", tag = TAG,
    params(("id" = String, Path)), responses((status = OK, body = TranscriptView)))]
pub async fn transcript(on: On<DictationId>) -> Result<Json<TranscriptView>, ApiError> {
    let heard = on.run(transcription::transcript).await?;
    Ok(Json(TranscriptView::from(&heard)))
}
