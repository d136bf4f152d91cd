//! Reports over HTTP: opening, versions, flags, handing on, signing.
//!
//! Not for: who may do what when (`workflow`).
//!
//! Invariant: one handler is one act of `workflow`; an act on a text names the version that was
//! seen.

use super::error::ApiError;
use super::extract::{Body, On, code, id};
use super::wire_editor::piece;
use super::wire_report::{
    AddendumView, AssignRequest, FlagRaisedView, FlagRequest, PassQaRequest, ReportView,
    ReturnRequest, SaveRequest, SavedView, SettleRequest, SignRequest, SubmitRequest, VersionView,
    VersionsView,
};
use crate::domain::digest::Digest;
use crate::domain::flag::{FlagKind, FlagState};
use crate::domain::ids::{FlagId, ReportId};
use crate::domain::time::AudioSpan;
use crate::workflow::review::Saved;
use crate::workflow::{reading, review, signing};
use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;

const TAG: &str = "Reports";

/// Opens a report.
#[utoipa::path(get, path = "/api/reports/{id}", tag = TAG, params(("id" = String, Path)),
    responses((status = OK, body = ReportView)))]
pub async fn open(on: On<ReportId>) -> Result<Json<ReportView>, ApiError> {
    let open = on.run(reading::open).await?;
    Ok(Json(ReportView::new(&open, &on.state.site.work_types)))
}

/// Takes a report into one's own hands.
#[utoipa::path(post, path = "/api/reports/{id}/claim", tag = TAG, params(("id" = String, Path)),
    responses((status = NO_CONTENT)))]
pub async fn claim(on: On<ReportId>) -> Result<StatusCode, ApiError> {
    on.act(review::claim).await
}

/// Gives a report back.
#[utoipa::path(post, path = "/api/reports/{id}/release", tag = TAG, params(("id" = String, Path)),
    responses((status = NO_CONTENT)))]
pub async fn release(on: On<ReportId>) -> Result<StatusCode, ApiError> {
    on.act(review::release).await
}

/// The report's versions, without their text.
#[utoipa::path(get, path = "/api/reports/{id}/versions", tag = TAG, params(("id" = String, Path)),
    responses((status = OK, body = VersionsView)))]
pub async fn versions(on: On<ReportId>) -> Result<Json<VersionsView>, ApiError> {
    let open = on.run(reading::open).await?;
    Ok(Json(VersionsView::from(&open)))
}

/// One version, whole.
#[utoipa::path(get, path = "/api/reports/{id}/versions/{number}", tag = TAG,
    params(("id" = String, Path), ("number" = u32, Path)),
    responses((status = OK, body = VersionView)))]
pub async fn version(
    on: On<ReportId>,
    Path((_report, number)): Path<(String, String)>,
) -> Result<Json<VersionView>, ApiError> {
    let number: u32 = id(&number, "version")?;
    let version = on.run(move |site, who, id| reading::version(site, who, id, number)).await?;
    Ok(Json(VersionView::from(&version)))
}

/// Saves a new version. 409 with code `stale` when somebody else has saved meanwhile.
#[utoipa::path(post, path = "/api/reports/{id}/versions", tag = TAG, params(("id" = String, Path)),
    request_body = SaveRequest, responses((status = CREATED, body = SavedView)))]
pub async fn save(
    on: On<ReportId>,
    Body(SaveRequest { base, text, pieces, inserted }): Body<SaveRequest>,
) -> Result<(StatusCode, Json<SavedView>), ApiError> {
    let pieces: Option<Vec<_>> = pieces.map(|rows| rows.into_iter().map(piece).collect());
    let saved = on
        .run(move |site, who, id| {
            review::save_linked(site, who, id, base, text, pieces.as_deref(), &inserted)
        })
        .await?;
    let Saved { version, linked } = saved;
    Ok((StatusCode::CREATED, Json(SavedView { version, linked })))
}

/// Raises a flag.
#[utoipa::path(post, path = "/api/reports/{id}/flags", tag = TAG, params(("id" = String, Path)),
    request_body = FlagRequest, responses((status = CREATED, body = FlagRaisedView)))]
pub async fn raise_flag(
    on: On<ReportId>,
    Body(request): Body<FlagRequest>,
) -> Result<(StatusCode, Json<FlagRaisedView>), ApiError> {
    let FlagRequest { kind, note, start_ms, end_ms } = request;
    let kind = code("kind", &kind, FlagKind::from_code)?;
    let span = match (start_ms, end_ms) {
        (Some(start_ms), Some(end_ms)) => Some(AudioSpan { start_ms, end_ms }),
        (None, None) => None,
        _ => return Err(ApiError::malformed("end_ms", "start_ms and end_ms come together")),
    };
    let raised = on
        .run(move |site, who, report| review::raise_flag(site, who, report, kind, &note, span))
        .await?;
    Ok((StatusCode::CREATED, Json(FlagRaisedView { flag: raised.to_string() })))
}

/// Resolves or waives a flag.
#[utoipa::path(post, path = "/api/reports/{id}/flags/{flag}/settle", tag = TAG,
    params(("id" = String, Path), ("flag" = String, Path)),
    request_body = SettleRequest, responses((status = NO_CONTENT)))]
pub async fn settle_flag(
    on: On<ReportId>,
    Path((_report, flag)): Path<(String, String)>,
    Body(SettleRequest { state: wanted, note }): Body<SettleRequest>,
) -> Result<StatusCode, ApiError> {
    let flag: FlagId = id(&flag, "flag")?;
    let wanted = code("state", &wanted, FlagState::from_code)?;
    on.act(move |site, who, report| review::settle_flag(site, who, report, flag, wanted, &note))
        .await
}

/// Says which patient the report is about.
#[utoipa::path(post, path = "/api/reports/{id}/patient", tag = TAG, params(("id" = String, Path)),
    request_body = AssignRequest, responses((status = NO_CONTENT)))]
pub async fn assign_patient(
    on: On<ReportId>,
    Body(AssignRequest { mrn, encounter }): Body<AssignRequest>,
) -> Result<StatusCode, ApiError> {
    on.act(move |site, who, report| {
        review::assign_patient(site, who, report, &mrn, encounter.as_deref())
    })
    .await
}

/// Hands an edited report on.
#[utoipa::path(post, path = "/api/reports/{id}/submit", tag = TAG, params(("id" = String, Path)),
    request_body = SubmitRequest, responses((status = NO_CONTENT)))]
pub async fn submit(
    on: On<ReportId>,
    Body(SubmitRequest { version, to_qa }): Body<SubmitRequest>,
) -> Result<StatusCode, ApiError> {
    on.act(move |site, who, report| review::submit(site, who, report, version, to_qa)).await
}

/// Passes a reviewed report on to its author.
#[utoipa::path(post, path = "/api/reports/{id}/qa", tag = TAG, params(("id" = String, Path)),
    request_body = PassQaRequest, responses((status = NO_CONTENT)))]
pub async fn pass_qa(
    on: On<ReportId>,
    Body(PassQaRequest { version }): Body<PassQaRequest>,
) -> Result<StatusCode, ApiError> {
    on.act(move |site, who, report| review::pass_qa(site, who, report, version)).await
}

/// Sends a report back with an instruction.
#[utoipa::path(post, path = "/api/reports/{id}/return", tag = TAG, params(("id" = String, Path)),
    request_body = ReturnRequest, responses((status = NO_CONTENT)))]
pub async fn return_report(
    on: On<ReportId>,
    Body(ReturnRequest { note }): Body<ReturnRequest>,
) -> Result<StatusCode, ApiError> {
    on.act(move |site, who, report| review::return_report(site, who, report, &note)).await
}

/// Signs exactly the text that was seen, and files the report.
#[utoipa::path(post, path = "/api/reports/{id}/sign", tag = TAG, params(("id" = String, Path)),
    request_body = SignRequest, responses((status = NO_CONTENT)))]
pub async fn sign(
    on: On<ReportId>,
    Body(SignRequest { version, digest, password }): Body<SignRequest>,
) -> Result<StatusCode, ApiError> {
    let seen = code("digest", &digest, Digest::from_hex)?;
    let password = password.into_secret();
    on.act(move |site, who, report| signing::sign(site, who, report, version, seen, &password))
        .await
}

/// Gives the second signature to exactly the text that was seen, and files the report.
#[utoipa::path(post, path = "/api/reports/{id}/cosign", tag = TAG,
    params(("id" = String, Path)), request_body = SignRequest,
    responses((status = NO_CONTENT)))]
pub async fn cosign(
    on: On<ReportId>,
    Body(SignRequest { version, digest, password }): Body<SignRequest>,
) -> Result<StatusCode, ApiError> {
    let seen = code("digest", &digest, Digest::from_hex)?;
    let password = password.into_secret();
    on.act(move |site, who, report| signing::cosign(site, who, report, version, seen, &password))
        .await
}

/// Begins an addendum to a signed report.
#[utoipa::path(post, path = "/api/reports/{id}/addenda", tag = TAG, params(("id" = String, Path)),
    responses((status = CREATED, body = AddendumView)))]
pub async fn begin_addendum(
    on: On<ReportId>,
) -> Result<(StatusCode, Json<AddendumView>), ApiError> {
    let made = on.run(signing::begin_addendum).await?;
    Ok((StatusCode::CREATED, Json(AddendumView { report: made.to_string() })))
}
