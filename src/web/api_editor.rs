//! What the editor asks for over HTTP beside the report: evidence, waveform, one's own settings.
//!
//! Not for: the text and its versions (`api_reports.rs`).
//!
//! Invariant: one handler is one act of `workflow`.

use super::error::ApiError;
use super::extract::{Body, On, code};
use super::session::SignedIn;
use super::state::AppState;
use super::wire_editor::{
    CompleteRequest, EvidenceView, GuideView, InstructRequest, SpellingRequest, SpellingView,
    TakeoverAnswer, TakeoverView, TermsView,
};
use crate::domain::ids::{DictationId, ReportId};
use crate::store::instructions::About;
use crate::workflow::takeover::{self, Answered};
use crate::workflow::{evidence, guide, settings, wording};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::Value;

const TAG: &str = "Editor";

/// Which piece of the draft stands for which stretch of the recording, what was changed, and
/// which pieces of the newest version stand as drafted.
#[utoipa::path(get, path = "/api/reports/{id}/evidence", tag = TAG, params(("id" = String, Path)),
    responses((status = OK, body = EvidenceView)))]
pub async fn evidence(on: On<ReportId>) -> Result<Json<EvidenceView>, ApiError> {
    let linked = on.run(evidence::of_report).await?;
    Ok(Json(EvidenceView::from(&linked)))
}

/// How loud the recording is: one byte for every 100 ms, in decibels, 255 is full scale.
#[utoipa::path(get, path = "/api/dictations/{id}/waveform", tag = TAG,
    params(("id" = String, Path)),
    responses((status = OK, content_type = "application/octet-stream")))]
pub async fn waveform(on: On<DictationId>) -> Result<impl IntoResponse, ApiError> {
    let levels = on.run(evidence::waveform).await?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], levels))
}

/// One's own setting; null where there is none.
#[utoipa::path(get, path = "/api/me/settings/{name}", tag = TAG, params(("name" = String, Path)),
    responses((status = OK, body = Value)))]
pub async fn setting(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(name): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let kept = state.db(move |site| settings::get(site, &who, &name)).await?;
    let value = kept.and_then(|text| serde_json::from_str(&text).ok());
    Ok(Json(value.unwrap_or(Value::Null)))
}

/// Keeps one's own setting, any JSON of at most 16 kB.
#[utoipa::path(put, path = "/api/me/settings/{name}", tag = TAG, params(("name" = String, Path)),
    request_body = Value, responses((status = NO_CONTENT)))]
pub async fn keep_setting(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(name): Path<String>,
    Body(value): Body<Value>,
) -> Result<StatusCode, ApiError> {
    let text = value.to_string();
    state.db(move |site| settings::put(site, &who, &name, &text)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The sections of the report's work type, and the instructions that bear on it.
#[utoipa::path(get, path = "/api/reports/{id}/guide", tag = TAG, params(("id" = String, Path)),
    responses((status = OK, body = GuideView)))]
pub async fn guide(on: On<ReportId>) -> Result<Json<GuideView>, ApiError> {
    let guide = on.run(guide::of_report).await?;
    Ok(Json(GuideView::from(&guide)))
}

/// Writes the instruction for the report's author or work type.
#[utoipa::path(post, path = "/api/reports/{id}/instructions", tag = TAG,
    params(("id" = String, Path)), request_body = InstructRequest,
    responses((status = NO_CONTENT)))]
pub async fn instruct(
    on: On<ReportId>,
    Body(InstructRequest { about, text }): Body<InstructRequest>,
) -> Result<StatusCode, ApiError> {
    let about = code("about", &about, About::from_code)?;
    on.act(move |site, who, id| guide::instruct(site, who, id, about, &text)).await
}

/// Terms of the lexicon that go on from a few letters.
#[utoipa::path(post, path = "/api/reports/{id}/terms", tag = TAG, params(("id" = String, Path)),
    request_body = CompleteRequest, responses((status = OK, body = TermsView)))]
pub async fn complete(
    on: On<ReportId>,
    Body(CompleteRequest { letters, section }): Body<CompleteRequest>,
) -> Result<Json<TermsView>, ApiError> {
    let terms = on
        .run(move |site, who, id| wording::complete(site, who, id, &letters, section.as_deref()))
        .await?;
    Ok(Json(TermsView { terms }))
}

/// Which of these words no list knows.
#[utoipa::path(post, path = "/api/reports/{id}/spelling", tag = TAG,
    params(("id" = String, Path)), request_body = SpellingRequest,
    responses((status = OK, body = SpellingView)))]
pub async fn spelling(
    on: On<ReportId>,
    Body(SpellingRequest { words }): Body<SpellingRequest>,
) -> Result<Json<SpellingView>, ApiError> {
    let unknown = on.run(move |site, who, id| wording::unknown(site, who, id, words)).await?;
    Ok(Json(SpellingView { unknown }))
}

/// Asks for a report that is in another's hands.
#[utoipa::path(post, path = "/api/reports/{id}/takeover", tag = TAG,
    params(("id" = String, Path)), responses((status = OK, body = TakeoverView)))]
pub async fn ask_takeover(on: On<ReportId>) -> Result<Json<TakeoverView>, ApiError> {
    let Answered { taken, holder, wait_ms } = on.run(takeover::ask).await?;
    Ok(Json(TakeoverView { taken, holder, wait_ms }))
}

/// Answers whoever asks for the report in one's hands.
#[utoipa::path(post, path = "/api/reports/{id}/takeover/answer", tag = TAG,
    params(("id" = String, Path)), request_body = TakeoverAnswer,
    responses((status = NO_CONTENT)))]
pub async fn answer_takeover(
    on: On<ReportId>,
    Body(TakeoverAnswer { give }): Body<TakeoverAnswer>,
) -> Result<StatusCode, ApiError> {
    on.act(move |site, who, id| takeover::answer(site, who, id, give)).await
}
