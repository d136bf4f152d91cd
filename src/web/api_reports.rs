//! Reports over HTTP: opening, versions, flags, handing on, signing.
//!
//! Not for: who may do what when (`workflow`).
//!
//! Invariant: one handler is one act of `workflow`; an act on a text names the version that was
//! seen.

use super::error::ApiError;
use super::extract::{Body, code, id};
use super::session::SignedIn;
use super::state::AppState;
use super::wire_report::{
    AddendumView, AssignRequest, FlagRaisedView, FlagRequest, PassQaRequest, ReportView,
    ReturnRequest, SaveRequest, SavedView, SettleRequest, SignRequest, SubmitRequest, VersionView,
    VersionsView,
};
use crate::domain::digest::Digest;
use crate::domain::flag::{FlagKind, FlagState};
use crate::domain::ids::{FlagId, ReportId};
use crate::domain::time::AudioSpan;
use crate::workflow::error::WorkflowError;
use crate::workflow::site::{Acting, Site};
use crate::workflow::{reading, review, signing};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

const TAG: &str = "Reports";
const WHAT: &str = "report";

/// Runs an act on the report of the address that answers nothing but success.
async fn act(
    state: &AppState,
    who: Acting,
    text: &str,
    work: impl FnOnce(&Site, &Acting, ReportId) -> Result<(), WorkflowError> + Send + 'static,
) -> Result<StatusCode, ApiError> {
    let report: ReportId = id(text, WHAT)?;
    state.db(move |site| work(site, &who, report)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Opens a report.
#[utoipa::path(get, path = "/api/reports/{id}", tag = TAG, params(("id" = String, Path)),
    responses((status = OK, body = ReportView)))]
pub async fn open(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
) -> Result<Json<ReportView>, ApiError> {
    let report: ReportId = id(&text, WHAT)?;
    let open = state.db(move |site| reading::open(site, &who, report)).await?;
    Ok(Json(ReportView::new(&open, &state.site.work_types)))
}

/// Takes a report into one's own hands.
#[utoipa::path(post, path = "/api/reports/{id}/claim", tag = TAG, params(("id" = String, Path)),
    responses((status = NO_CONTENT)))]
pub async fn claim(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
) -> Result<StatusCode, ApiError> {
    act(&state, who, &text, review::claim).await
}

/// Gives a report back.
#[utoipa::path(post, path = "/api/reports/{id}/release", tag = TAG, params(("id" = String, Path)),
    responses((status = NO_CONTENT)))]
pub async fn release(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
) -> Result<StatusCode, ApiError> {
    act(&state, who, &text, review::release).await
}

/// The report's versions, without their text.
#[utoipa::path(get, path = "/api/reports/{id}/versions", tag = TAG, params(("id" = String, Path)),
    responses((status = OK, body = VersionsView)))]
pub async fn versions(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
) -> Result<Json<VersionsView>, ApiError> {
    let report: ReportId = id(&text, WHAT)?;
    let open = state.db(move |site| reading::open(site, &who, report)).await?;
    Ok(Json(VersionsView::from(&open)))
}

/// One version, whole.
#[utoipa::path(get, path = "/api/reports/{id}/versions/{number}", tag = TAG,
    params(("id" = String, Path), ("number" = u32, Path)),
    responses((status = OK, body = VersionView)))]
pub async fn version(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path((text, number)): Path<(String, String)>,
) -> Result<Json<VersionView>, ApiError> {
    let report: ReportId = id(&text, WHAT)?;
    let number: u32 = id(&number, "version")?;
    let version = state.db(move |site| reading::version(site, &who, report, number)).await?;
    Ok(Json(VersionView::from(&version)))
}

/// Saves a new version. 409 with code `stale` when somebody else has saved meanwhile.
#[utoipa::path(post, path = "/api/reports/{id}/versions", tag = TAG, params(("id" = String, Path)),
    request_body = SaveRequest, responses((status = CREATED, body = SavedView)))]
pub async fn save(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(request): Body<SaveRequest>,
) -> Result<(StatusCode, Json<SavedView>), ApiError> {
    let report: ReportId = id(&text, WHAT)?;
    let SaveRequest { base, text } = request;
    let version = state.db(move |site| review::save(site, &who, report, base, text)).await?;
    Ok((StatusCode::CREATED, Json(SavedView { version })))
}

/// Raises a flag.
#[utoipa::path(post, path = "/api/reports/{id}/flags", tag = TAG, params(("id" = String, Path)),
    request_body = FlagRequest, responses((status = CREATED, body = FlagRaisedView)))]
pub async fn raise_flag(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(request): Body<FlagRequest>,
) -> Result<(StatusCode, Json<FlagRaisedView>), ApiError> {
    let report: ReportId = id(&text, WHAT)?;
    let FlagRequest { kind, note, start_ms, end_ms } = request;
    let kind = code("kind", &kind, FlagKind::from_code)?;
    let span = match (start_ms, end_ms) {
        (Some(start_ms), Some(end_ms)) => Some(AudioSpan { start_ms, end_ms }),
        (None, None) => None,
        _ => return Err(ApiError::malformed("end_ms", "start_ms and end_ms come together")),
    };
    let raised =
        state.db(move |site| review::raise_flag(site, &who, report, kind, &note, span)).await?;
    Ok((StatusCode::CREATED, Json(FlagRaisedView { flag: raised.to_string() })))
}

/// Resolves or waives a flag.
#[utoipa::path(post, path = "/api/reports/{id}/flags/{flag}/settle", tag = TAG,
    params(("id" = String, Path), ("flag" = String, Path)),
    request_body = SettleRequest, responses((status = NO_CONTENT)))]
pub async fn settle_flag(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path((text, flag)): Path<(String, String)>,
    Body(SettleRequest { state: wanted, note }): Body<SettleRequest>,
) -> Result<StatusCode, ApiError> {
    let flag: FlagId = id(&flag, "flag")?;
    let wanted = code("state", &wanted, FlagState::from_code)?;
    act(&state, who, &text, move |site, who, report| {
        review::settle_flag(site, who, report, flag, wanted, &note)
    })
    .await
}

/// Says which patient the report is about.
#[utoipa::path(post, path = "/api/reports/{id}/patient", tag = TAG, params(("id" = String, Path)),
    request_body = AssignRequest, responses((status = NO_CONTENT)))]
pub async fn assign_patient(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(AssignRequest { mrn, encounter }): Body<AssignRequest>,
) -> Result<StatusCode, ApiError> {
    act(&state, who, &text, move |site, who, report| {
        review::assign_patient(site, who, report, &mrn, encounter.as_deref())
    })
    .await
}

/// Hands an edited report on.
#[utoipa::path(post, path = "/api/reports/{id}/submit", tag = TAG, params(("id" = String, Path)),
    request_body = SubmitRequest, responses((status = NO_CONTENT)))]
pub async fn submit(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(SubmitRequest { version, to_qa }): Body<SubmitRequest>,
) -> Result<StatusCode, ApiError> {
    act(&state, who, &text, move |site, who, report| {
        review::submit(site, who, report, version, to_qa)
    })
    .await
}

/// Passes a reviewed report on to its author.
#[utoipa::path(post, path = "/api/reports/{id}/qa", tag = TAG, params(("id" = String, Path)),
    request_body = PassQaRequest, responses((status = NO_CONTENT)))]
pub async fn pass_qa(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(PassQaRequest { version }): Body<PassQaRequest>,
) -> Result<StatusCode, ApiError> {
    act(&state, who, &text, move |site, who, report| review::pass_qa(site, who, report, version))
        .await
}

/// Sends a report back with an instruction.
#[utoipa::path(post, path = "/api/reports/{id}/return", tag = TAG, params(("id" = String, Path)),
    request_body = ReturnRequest, responses((status = NO_CONTENT)))]
pub async fn return_report(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(ReturnRequest { note }): Body<ReturnRequest>,
) -> Result<StatusCode, ApiError> {
    act(&state, who, &text, move |site, who, report| {
        review::return_report(site, who, report, &note)
    })
    .await
}

/// Signs exactly the text that was seen, and files the report.
#[utoipa::path(post, path = "/api/reports/{id}/sign", tag = TAG, params(("id" = String, Path)),
    request_body = SignRequest, responses((status = NO_CONTENT)))]
pub async fn sign(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(SignRequest { version, digest, password }): Body<SignRequest>,
) -> Result<StatusCode, ApiError> {
    let seen = code("digest", &digest, Digest::from_hex)?;
    let password = password.into_secret();
    act(&state, who, &text, move |site, who, report| {
        signing::sign(site, who, report, version, seen, &password)
    })
    .await
}

/// Gives the second signature to exactly the text that was seen, and files the report.
#[utoipa::path(post, path = "/api/reports/{id}/cosign", tag = TAG,
    params(("id" = String, Path)), request_body = SignRequest,
    responses((status = NO_CONTENT)))]
pub async fn cosign(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(SignRequest { version, digest, password }): Body<SignRequest>,
) -> Result<StatusCode, ApiError> {
    let seen = code("digest", &digest, Digest::from_hex)?;
    let password = password.into_secret();
    act(&state, who, &text, move |site, who, report| {
        signing::cosign(site, who, report, version, seen, &password)
    })
    .await
}

/// Begins an addendum to a signed report.
#[utoipa::path(post, path = "/api/reports/{id}/addenda", tag = TAG, params(("id" = String, Path)),
    responses((status = CREATED, body = AddendumView)))]
pub async fn begin_addendum(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
) -> Result<(StatusCode, Json<AddendumView>), ApiError> {
    let parent: ReportId = id(&text, WHAT)?;
    let made = state.db(move |site| signing::begin_addendum(site, &who, parent)).await?;
    Ok((StatusCode::CREATED, Json(AddendumView { report: made.to_string() })))
}
