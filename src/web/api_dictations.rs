//! Dictations over HTTP: receiving, state, stopping, the recording and what was heard.
//!
//! Not for: reading the multipart form (`upload.rs`) or ranges (`audio.rs`).
//!
//! Invariant: one handler is one act of `workflow`.

use super::audio;
use super::error::ApiError;
use super::extract::id;
use super::session::SignedIn;
use super::state::AppState;
use super::upload;
use super::wire::{DictationForm, DictationView, ReceivedView, TranscriptView};
use crate::domain::ids::DictationId;
use crate::workflow::transcription;
use axum::Json;
use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

const TAG: &str = "Dictations";
const WHAT: &str = "dictation";

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
    form: Multipart,
) -> Result<(StatusCode, Json<ReceivedView>), ApiError> {
    let received = upload::receive(&state, who, &headers, form).await?;
    (state.wake)();
    let status = if received.repeated { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(ReceivedView::from(&received))))
}

/// How far a dictation has come.
#[utoipa::path(get, path = "/api/dictations/{id}", tag = TAG, params(("id" = String, Path)),
    responses((status = OK, body = DictationView)))]
pub async fn status(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
) -> Result<Json<DictationView>, ApiError> {
    let dictation: DictationId = id(&text, WHAT)?;
    let status = state.db(move |site| transcription::status(site, &who, dictation)).await?;
    Ok(Json(DictationView::from(&status)))
}

/// Stops a transcription.
#[utoipa::path(post, path = "/api/dictations/{id}/stop", tag = TAG, params(("id" = String, Path)),
    responses((status = NO_CONTENT)))]
pub async fn stop(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
) -> Result<StatusCode, ApiError> {
    let dictation: DictationId = id(&text, WHAT)?;
    state.db(move |site| transcription::stop(site, &who, dictation)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a failed or stopped transcription back in the queue.
#[utoipa::path(post, path = "/api/dictations/{id}/retry", tag = TAG, params(("id" = String, Path)),
    responses((status = NO_CONTENT)))]
pub async fn retry(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
) -> Result<StatusCode, ApiError> {
    let dictation: DictationId = id(&text, WHAT)?;
    state.db(move |site| transcription::retry(site, &who, dictation)).await?;
    (state.wake)();
    Ok(StatusCode::NO_CONTENT)
}

/// The recording as it was received. Single ranges of bytes are answered.
#[utoipa::path(get, path = "/api/dictations/{id}/audio", tag = TAG,
    params(("id" = String, Path), ("Range" = Option<String>, Header)),
    responses((status = OK, content_type = "audio/*"),
        (status = PARTIAL_CONTENT, content_type = "audio/*"),
        (status = RANGE_NOT_SATISFIABLE)))]
pub async fn recording(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let dictation: DictationId = id(&text, WHAT)?;
    let (audio, reader) = state.db(move |site| transcription::audio(site, &who, dictation)).await?;
    Ok(audio::answer(&headers, &audio, reader))
}

/// What the engine heard, word by word.
#[utoipa::path(get, path = "/api/dictations/{id}/transcript", tag = TAG,
    params(("id" = String, Path)), responses((status = OK, body = TranscriptView)))]
pub async fn transcript(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
) -> Result<Json<TranscriptView>, ApiError> {
    let dictation: DictationId = id(&text, WHAT)?;
    let heard = state.db(move |site| transcription::transcript(site, &who, dictation)).await?;
    Ok(Json(TranscriptView::from(&heard)))
}
