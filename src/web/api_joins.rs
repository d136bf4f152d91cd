//! Joined reports, spoken answers and what was played, over HTTP.
//!
//! Not for: who may (`workflow`).
//!
//! Invariant: one handler is one act of `workflow`.

use super::error::ApiError;
use super::extract::{Body, On, id};
use super::wire_joins::{
    AnswerView, AnswersView, CandidateView, CandidatesView, JoinRequest, JoinedVersionView,
    PlayedRequest, SettleAnswerRequest,
};
use crate::domain::ids::{DictationId, ReportId};
use crate::workflow::{answering, joining, played};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;

const TAG: &str = "Reports";

/// Reports of the same author that could be appended to this one.
#[utoipa::path(get, path = "/api/reports/{id}/joinable", tag = TAG,
    params(("id" = String, Path)), responses((status = OK, body = CandidatesView)))]
pub async fn candidates(on: On<ReportId>) -> Result<Json<CandidatesView>, ApiError> {
    let found = on.run(joining::candidates).await?;
    Ok(Json(CandidatesView { reports: found.iter().map(CandidateView::from).collect() }))
}

/// Appends another report with its recording, flags and copies; that one goes on in this one.
#[utoipa::path(post, path = "/api/reports/{id}/join", tag = TAG, params(("id" = String, Path)),
    request_body = JoinRequest, responses((status = CREATED, body = JoinedVersionView)))]
pub async fn join(
    on: On<ReportId>,
    Body(JoinRequest { version, report, report_version }): Body<JoinRequest>,
) -> Result<(StatusCode, Json<JoinedVersionView>), ApiError> {
    let other: ReportId = id(&report, "report")?;
    let join = move |site: &_, who: &_, first| {
        joining::join(site, who, (first, version), (other, report_version))
    };
    let version = on.run(join).await?;
    Ok((StatusCode::CREATED, Json(JoinedVersionView { version })))
}

/// Takes the newest join back, as long as nothing was saved since.
#[utoipa::path(post, path = "/api/reports/{id}/joined/{joined}/undo", tag = TAG,
    params(("id" = String, Path), ("joined" = String, Path)),
    responses((status = NO_CONTENT)))]
pub async fn undo(
    on: On<ReportId>,
    Path((_report, joined)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let joined: ReportId = id(&joined, "report")?;
    on.act(move |site, who, report| joining::undo(site, who, report, joined)).await
}

/// Tells what of the recording sounded in the asker's page.
#[utoipa::path(post, path = "/api/dictations/{id}/played", tag = "Dictations",
    params(("id" = String, Path)), request_body = PlayedRequest,
    responses((status = NO_CONTENT)))]
pub async fn played(
    on: On<DictationId>,
    Body(request): Body<PlayedRequest>,
) -> Result<StatusCode, ApiError> {
    let spans = request.spans();
    on.act(move |site, who, dictation| played::note(site, who, dictation, &spans)).await
}

/// The answers that were spoken to the report's blanks. One is given with
/// `POST /api/recordings`, with `answers`.
#[utoipa::path(get, path = "/api/reports/{id}/answers", tag = TAG, params(("id" = String, Path)),
    responses((status = OK, body = AnswersView)))]
pub async fn answers(on: On<ReportId>) -> Result<Json<AnswersView>, ApiError> {
    let found = on.run(answering::of_report).await?;
    Ok(Json(AnswersView { answers: found.iter().map(AnswerView::from).collect() }))
}

/// Says which words of an answer were put into the report, or that it is left.
#[utoipa::path(post, path = "/api/reports/{id}/answers/{answer}", tag = TAG,
    params(("id" = String, Path), ("answer" = String, Path)),
    request_body = SettleAnswerRequest, responses((status = NO_CONTENT)))]
pub async fn settle_answer(
    on: On<ReportId>,
    Path((_report, answer)): Path<(String, String)>,
    Body(SettleAnswerRequest { words, version }): Body<SettleAnswerRequest>,
) -> Result<StatusCode, ApiError> {
    let answer: DictationId = id(&answer, "answer")?;
    if words.is_some() != version.is_some() {
        return Err(ApiError::malformed("version", "words and version come together"));
    }
    on.act(move |site, who, report| {
        let taken = words.as_deref().zip(version);
        answering::settle(site, who, report, answer, taken)
    })
    .await
}
