//! Recordings under way over HTTP: the patient confirmed, begun, filled block by block, finished.
//!
//! Not for: the WebSocket (`recording_stream.rs`), or complete recordings (`api_dictations.rs`).
//!
//! Invariant: one handler is one act of `workflow`; a block is acknowledged when it is on disk.

use super::error::ApiError;
use super::extract::{Body, On, Values};
use super::session::SignedIn;
use super::state::AppState;
use super::wire::ReceivedView;
use super::wire_recordings::{
    AboutRequest, ArrangeRequest, BeginRecordingRequest, BlocksValues, CorrectRequest,
    FinishRequest, IdentifiedView, IdentifyRequest, KeptView, LiveView, PieceValues, RecordingView,
    RecordingsView,
};
use crate::domain::ids::TakeId;
use crate::domain::take::{BLOCKS_BYTES_MAX, TakeState, unframed};
use crate::workflow::take_about::{self, About};
use crate::workflow::takes::{self, Kept, Opening};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use uuid::Uuid;

const TAG: &str = "Recordings under way";

/// The patient of a record number, to be confirmed before anything is recorded.
#[utoipa::path(post, path = "/api/recordings/patient", tag = TAG, request_body = IdentifyRequest,
    responses((status = OK, body = IdentifiedView)))]
pub async fn identify(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(IdentifyRequest { mrn }): Body<IdentifyRequest>,
) -> Result<Json<IdentifiedView>, ApiError> {
    let found = state.db(move |site| takes::identify(site, &who, &mrn)).await?;
    Ok(Json(IdentifiedView::from(&found)))
}

/// Begins a recording. The same key again answers the same recording.
#[utoipa::path(post, path = "/api/recordings", tag = TAG, request_body = BeginRecordingRequest,
    params(("Idempotency-Key" = String, Header)),
    responses((status = CREATED, body = RecordingView)))]
pub async fn begin(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    headers: HeaderMap,
    Body(begin): Body<BeginRecordingRequest>,
) -> Result<(StatusCode, Json<RecordingView>), ApiError> {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok());
    let key = key.unwrap_or_default().to_owned();
    let BeginRecordingRequest { author, mrn, encounter, work_type, priority, .. } = begin;
    let answers = begin.answers.map(|answers| answers.read()).transpose()?;
    let unknown = |_| ApiError::NotFound { what: "recording" };
    let after = begin.after.map(|id| Uuid::parse_str(&id).map(TakeId).map_err(unknown));
    let (after, dictated_at) = (after.transpose()?, begin.dictated_at);
    let about = Opening { author, mrn, encounter, work_type, priority, ..Opening::default() };
    let opening = Opening { dictated_at, after, key, answers, ..about };
    let take = state.db(move |site| takes::open(site, &who, opening)).await?;
    let live = take.state == TakeState::Open && state.ears.attend(take.id).is_some();
    Ok((StatusCode::CREATED, Json(RecordingView::new(&take, live))))
}

/// One's own recordings that are not finished.
#[utoipa::path(get, path = "/api/recordings", tag = TAG,
    responses((status = OK, body = RecordingsView)))]
pub async fn mine(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<RecordingsView>, ApiError> {
    let takes = state.db(move |site| takes::mine(site, &who)).await?;
    let recordings = takes.iter().map(|take| RecordingView::new(take, false)).collect();
    Ok(Json(RecordingsView { recordings, live_free: state.ears.free() }))
}

/// One's own recording as it stands.
#[utoipa::path(get, path = "/api/recordings/{id}", tag = TAG, params(("id" = String, Path)),
    responses((status = OK, body = RecordingView)))]
pub async fn status(on: On<TakeId>) -> Result<Json<RecordingView>, ApiError> {
    let take = on.run(takes::status).await?;
    let live = take.state == TakeState::Open && on.state.ears.attend(take.id).is_some();
    Ok(Json(RecordingView::new(&take, live)))
}

/// Adds a block: at most two seconds of 16-bit little-endian mono samples of 16 kHz.
#[utoipa::path(post, path = "/api/recordings/{id}/blocks/{number}", tag = TAG,
    params(("id" = String, Path), ("number" = u64, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = OK, body = KeptView)))]
pub async fn append(
    on: On<TakeId>,
    place: Path<(String, String)>,
    block: Bytes,
) -> Result<Json<KeptView>, ApiError> {
    let number: u64 = place.1.parse().map_err(|_| ApiError::NotFound { what: "block" })?;
    let kept = on.run(move |site, who, id| takes::append(site, who, id, number, &[block])).await?;
    Ok(Json(kept_view(&on, kept)))
}

/// Adds blocks that follow one another, for a recorder that is behind: each is its length in bytes
/// (4 bytes, little-endian) and its samples. At most 100 blocks and 700,000 bytes.
#[utoipa::path(post, path = "/api/recordings/{id}/blocks", tag = TAG,
    params(("id" = String, Path), BlocksValues),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = OK, body = KeptView)))]
pub async fn append_several(
    on: On<TakeId>,
    Values(BlocksValues { from }): Values<BlocksValues>,
    bytes: Bytes,
) -> Result<Json<KeptView>, ApiError> {
    on.run(takes::status).await?;
    let wrong = || ApiError::malformed("blocks", "send 1 to 100 blocks, each after its length");
    if bytes.len() > BLOCKS_BYTES_MAX {
        return Err(wrong());
    }
    let blocks = unframed(&bytes).ok_or_else(wrong)?;
    let blocks: Vec<Bytes> = blocks.into_iter().map(|block| bytes.slice_ref(block)).collect();
    let kept = on.run(move |site, who, id| takes::append(site, who, id, from, &blocks)).await?;
    Ok(Json(kept_view(&on, kept)))
}

fn kept_view(on: &On<TakeId>, kept: Kept) -> KeptView {
    let ears = &on.state.ears;
    let text = ears.attend(on.id).map(|text| LiveView::from(&*text.borrow()));
    ears.grown(on.id, kept.samples);
    KeptView::new(kept, text)
}

/// Sets the order in which the recording's stretches are heard; nothing of it is destroyed.
#[utoipa::path(post, path = "/api/recordings/{id}/edits", tag = TAG,
    params(("id" = String, Path)), request_body = ArrangeRequest,
    responses((status = OK, body = RecordingView)))]
pub async fn arrange(
    on: On<TakeId>,
    Body(edits): Body<ArrangeRequest>,
) -> Result<Json<RecordingView>, ApiError> {
    let stretches = edits.stretches();
    let take = on.run(move |site, who, id| takes::arrange(site, who, id, stretches)).await?;
    on.state.ears.arranged(take.id);
    Ok(Json(RecordingView::new(&take, false)))
}

/// Keeps what the author made of the text that they were shown.
#[utoipa::path(post, path = "/api/recordings/{id}/text", tag = TAG,
    params(("id" = String, Path)), request_body = CorrectRequest,
    responses((status = NO_CONTENT)))]
pub async fn correct(
    on: On<TakeId>,
    Body(CorrectRequest { shown, corrected }): Body<CorrectRequest>,
) -> Result<StatusCode, ApiError> {
    on.act(move |site, who, id| takes::correct(site, who, id, &shown, &corrected)).await
}

/// Says anew what the recording is about.
#[utoipa::path(post, path = "/api/recordings/{id}/about", tag = TAG,
    params(("id" = String, Path)), request_body = AboutRequest,
    responses((status = OK, body = RecordingView)))]
pub async fn change(
    on: On<TakeId>,
    Body(AboutRequest { mrn, encounter, work_type, priority }): Body<AboutRequest>,
) -> Result<Json<RecordingView>, ApiError> {
    let about = About { mrn, encounter, work_type, priority };
    let take = on.run(move |site, who, id| take_about::change(site, who, id, about)).await?;
    on.state.ears.renewed(take.id);
    Ok(Json(RecordingView::new(&take, false)))
}

/// A piece of the recording, at most ten minutes, as a WAV file.
#[utoipa::path(get, path = "/api/recordings/{id}/audio", tag = TAG,
    params(("id" = String, Path), PieceValues),
    responses((status = OK, content_type = "audio/wav")))]
pub async fn piece(
    on: On<TakeId>,
    Values(PieceValues { from_ms }): Values<PieceValues>,
) -> Result<impl IntoResponse, ApiError> {
    let from_ms = from_ms.unwrap_or(0);
    let wav = on.run(move |site, who, id| takes::piece(site, who, id, from_ms)).await?;
    Ok(([(header::CONTENT_TYPE, "audio/wav")], wav))
}

/// Makes the recording a dictation, once: 201, or 200 when it was one already.
#[utoipa::path(post, path = "/api/recordings/{id}/finish", tag = TAG,
    params(("id" = String, Path)), request_body = FinishRequest,
    responses((status = CREATED, body = ReceivedView), (status = OK, body = ReceivedView)))]
pub async fn finish(
    on: On<TakeId>,
    Body(FinishRequest { blocks }): Body<FinishRequest>,
) -> Result<(StatusCode, Json<ReceivedView>), ApiError> {
    let received = on.run(move |site, who, id| takes::finish(site, who, id, blocks)).await?;
    on.state.ears.leave(on.id);
    (on.state.wake)();
    let status = if received.repeated { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(ReceivedView::from(&received))))
}

/// Throws the recording away.
#[utoipa::path(post, path = "/api/recordings/{id}/discard", tag = TAG,
    params(("id" = String, Path)), responses((status = NO_CONTENT)))]
pub async fn discard(on: On<TakeId>) -> Result<StatusCode, ApiError> {
    let answer = on.act(takes::discard).await;
    on.state.ears.leave(on.id);
    answer
}
