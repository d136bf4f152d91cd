//! Labels and broken glass over HTTP.
//!
//! Not for: what a label keeps from whom (`workflow`).
//!
//! Invariant: one handler is one act of `workflow`.

use super::error::ApiError;
use super::extract::{Body, code, id};
use super::session::SignedIn;
use super::state::AppState;
use super::wire_trust::{
    FindingRequest, GlassRequest, GlassView, LabelRequest, LowerLabelRequest, WaitingReviewView,
    WaitingView,
};
use crate::domain::glass::GlassReason;
use crate::domain::ids::{GlassId, PatientId, ReportId};
use crate::domain::label::Label;
use crate::workflow::error::WorkflowError;
use crate::workflow::glass;
use crate::workflow::labels::{self, Labelled};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

const TAG: &str = "Sensitive records";

/// Opens a sealed patient's chart to the asker for an hour; the privacy officer reviews it.
#[utoipa::path(post, path = "/api/patients/{id}/glass", tag = TAG,
    params(("id" = String, Path)), request_body = GlassRequest,
    responses((status = OK, body = GlassView)))]
pub async fn break_glass(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(request): Body<GlassRequest>,
) -> Result<Json<GlassView>, ApiError> {
    let patient: PatientId = id(&text, "patient")?;
    open(&state, who, patient, request).await
}

/// As for a patient, from a sealed report of theirs.
#[utoipa::path(post, path = "/api/reports/{id}/glass", tag = TAG,
    params(("id" = String, Path)), request_body = GlassRequest,
    responses((status = OK, body = GlassView)))]
pub async fn break_glass_of_report(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(request): Body<GlassRequest>,
) -> Result<Json<GlassView>, ApiError> {
    let report: ReportId = id(&text, "report")?;
    let asker = who.clone();
    let patient = state.db(move |site| glass::patient_of(site, &asker, report)).await?;
    let patient = patient.ok_or(WorkflowError::NotFound { what: "patient" })?;
    open(&state, who, patient, request).await
}

async fn open(
    state: &AppState,
    who: crate::workflow::site::Acting,
    patient: PatientId,
    request: GlassRequest,
) -> Result<Json<GlassView>, ApiError> {
    let GlassRequest { reason, note } = request;
    let reason = code("reason", &reason, GlassReason::from_code)?;
    let until =
        state.db(move |site| glass::break_glass(site, &who, patient, reason, &note)).await?;
    Ok(Json(GlassView { until: super::wire::rfc3339(until) }))
}

/// Broken glass that waits for its review.
#[utoipa::path(get, path = "/api/glass", tag = TAG,
    responses((status = OK, body = WaitingView)))]
pub async fn waiting(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<WaitingView>, ApiError> {
    let waiting = state.db(move |site| glass::waiting(site, &who)).await?;
    Ok(Json(WaitingView { waiting: waiting.iter().map(WaitingReviewView::from).collect() }))
}

/// Writes what the review of broken glass found.
#[utoipa::path(post, path = "/api/glass/{id}/review", tag = TAG, params(("id" = String, Path)),
    request_body = FindingRequest, responses((status = NO_CONTENT)))]
pub async fn review(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(FindingRequest { finding }): Body<FindingRequest>,
) -> Result<StatusCode, ApiError> {
    let glass: GlassId = id(&text, "broken glass")?;
    state.db(move |site| glass::review(site, &who, glass, &finding)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Labels a report.
#[utoipa::path(post, path = "/api/reports/{id}/labels", tag = TAG, params(("id" = String, Path)),
    request_body = LabelRequest, responses((status = NO_CONTENT)))]
pub async fn label_report(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(LabelRequest { label }): Body<LabelRequest>,
) -> Result<StatusCode, ApiError> {
    let report: ReportId = id(&text, "report")?;
    let label = code("label", &label, Label::from_code)?;
    state.db(move |site| labels::add(site, &who, Labelled::Report(report), label)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lowers a report's label.
#[utoipa::path(post, path = "/api/reports/{id}/labels/lower", tag = TAG,
    params(("id" = String, Path)), request_body = LowerLabelRequest,
    responses((status = NO_CONTENT)))]
pub async fn lower_report(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(LowerLabelRequest { label, reason }): Body<LowerLabelRequest>,
) -> Result<StatusCode, ApiError> {
    let report: ReportId = id(&text, "report")?;
    let label = code("label", &label, Label::from_code)?;
    let what = Labelled::Report(report);
    state.db(move |site| labels::lower(site, &who, what, label, &reason)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Labels a patient, and with them every report about them.
#[utoipa::path(post, path = "/api/patients/{id}/labels", tag = TAG,
    params(("id" = String, Path)), request_body = LabelRequest,
    responses((status = NO_CONTENT)))]
pub async fn label_patient(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(LabelRequest { label }): Body<LabelRequest>,
) -> Result<StatusCode, ApiError> {
    let patient: PatientId = id(&text, "patient")?;
    let label = code("label", &label, Label::from_code)?;
    state.db(move |site| labels::add(site, &who, Labelled::Patient(patient), label)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lowers a patient's label.
#[utoipa::path(post, path = "/api/patients/{id}/labels/lower", tag = TAG,
    params(("id" = String, Path)), request_body = LowerLabelRequest,
    responses((status = NO_CONTENT)))]
pub async fn lower_patient(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(text): Path<String>,
    Body(LowerLabelRequest { label, reason }): Body<LowerLabelRequest>,
) -> Result<StatusCode, ApiError> {
    let patient: PatientId = id(&text, "patient")?;
    let label = code("label", &label, Label::from_code)?;
    let what = Labelled::Patient(patient);
    state.db(move |site| labels::lower(site, &who, what, label, &reason)).await?;
    Ok(StatusCode::NO_CONTENT)
}
