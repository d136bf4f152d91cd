//! Labels and broken glass over HTTP.
//!
//! Not for: what a label keeps from whom (`workflow`).
//!
//! Invariant: one handler is one act of `workflow`.

use super::error::ApiError;
use super::extract::{Body, Named, On, code};
use super::session::SignedIn;
use super::state::AppState;
use super::wire_trust::{
    BreakingView, FindingRequest, GlassRequest, GlassView, LabelRequest, LowerLabelRequest,
    ReviewedView, WaitingView,
};
use crate::domain::glass::GlassReason;
use crate::domain::ids::{GlassId, PatientId, ReportId};
use crate::domain::label::Label;
use crate::workflow::error::WorkflowError;
use crate::workflow::glass;
use crate::workflow::labels::{self, Labelled};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

const TAG: &str = "Sensitive records";

/// Opens a sealed patient's chart to the asker for an hour; the privacy officer reviews it.
#[utoipa::path(post, path = "/api/patients/{id}/glass", tag = TAG,
    params(("id" = String, Path)), request_body = GlassRequest,
    responses((status = OK, body = GlassView)))]
pub async fn break_glass(
    on: On<PatientId>,
    Body(request): Body<GlassRequest>,
) -> Result<Json<GlassView>, ApiError> {
    open(&on, on.id, request).await
}

/// As for a patient, from a sealed report of theirs.
#[utoipa::path(post, path = "/api/reports/{id}/glass", tag = TAG,
    params(("id" = String, Path)), request_body = GlassRequest,
    responses((status = OK, body = GlassView)))]
pub async fn break_glass_of_report(
    on: On<ReportId>,
    Body(request): Body<GlassRequest>,
) -> Result<Json<GlassView>, ApiError> {
    let patient = on.run(glass::patient_of).await?;
    let patient = patient.ok_or(WorkflowError::NotFound { what: "patient" })?;
    open(&on, patient, request).await
}

async fn open<T: Named>(
    on: &On<T>,
    patient: PatientId,
    request: GlassRequest,
) -> Result<Json<GlassView>, ApiError> {
    let GlassRequest { reason, note } = request;
    let reason = code("reason", &reason, GlassReason::from_code)?;
    let until =
        on.run(move |site, who, _| glass::break_glass(site, who, patient, reason, &note)).await?;
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
    Ok(Json(WaitingView { waiting: waiting.iter().map(BreakingView::from).collect() }))
}

/// Closed reviews of broken glass.
#[utoipa::path(get, path = "/api/glass/reviewed", tag = TAG,
    responses((status = OK, body = ReviewedView)))]
pub async fn reviewed(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<ReviewedView>, ApiError> {
    let reviewed = state.db(move |site| glass::reviewed(site, &who)).await?;
    Ok(Json(ReviewedView { reviewed: reviewed.iter().map(BreakingView::from).collect() }))
}

/// Writes what the review of broken glass found.
#[utoipa::path(post, path = "/api/glass/{id}/review", tag = TAG, params(("id" = String, Path)),
    request_body = FindingRequest, responses((status = NO_CONTENT)))]
pub async fn review(
    on: On<GlassId>,
    Body(FindingRequest { finding }): Body<FindingRequest>,
) -> Result<StatusCode, ApiError> {
    on.act(move |site, who, id| glass::review(site, who, id, &finding)).await
}

/// Labels a report.
#[utoipa::path(post, path = "/api/reports/{id}/labels", tag = TAG, params(("id" = String, Path)),
    request_body = LabelRequest, responses((status = NO_CONTENT)))]
pub async fn label_report(
    on: On<ReportId>,
    Body(LabelRequest { label }): Body<LabelRequest>,
) -> Result<StatusCode, ApiError> {
    let label = code("label", &label, Label::from_code)?;
    on.act(move |site, who, id| labels::add(site, who, Labelled::Report(id), label)).await
}

/// Lowers a report's label.
#[utoipa::path(post, path = "/api/reports/{id}/labels/lower", tag = TAG,
    params(("id" = String, Path)), request_body = LowerLabelRequest,
    responses((status = NO_CONTENT)))]
pub async fn lower_report(
    on: On<ReportId>,
    Body(LowerLabelRequest { label, reason }): Body<LowerLabelRequest>,
) -> Result<StatusCode, ApiError> {
    let label = code("label", &label, Label::from_code)?;
    on.act(move |site, who, id| labels::lower(site, who, Labelled::Report(id), label, &reason))
        .await
}

/// Labels a patient, and with them every report about them.
#[utoipa::path(post, path = "/api/patients/{id}/labels", tag = TAG,
    params(("id" = String, Path)), request_body = LabelRequest,
    responses((status = NO_CONTENT)))]
pub async fn label_patient(
    on: On<PatientId>,
    Body(LabelRequest { label }): Body<LabelRequest>,
) -> Result<StatusCode, ApiError> {
    let label = code("label", &label, Label::from_code)?;
    on.act(move |site, who, id| labels::add(site, who, Labelled::Patient(id), label)).await
}

/// Lowers a patient's label.
#[utoipa::path(post, path = "/api/patients/{id}/labels/lower", tag = TAG,
    params(("id" = String, Path)), request_body = LowerLabelRequest,
    responses((status = NO_CONTENT)))]
pub async fn lower_patient(
    on: On<PatientId>,
    Body(LowerLabelRequest { label, reason }): Body<LowerLabelRequest>,
) -> Result<StatusCode, ApiError> {
    let label = code("label", &label, Label::from_code)?;
    on.act(move |site, who, id| labels::lower(site, who, Labelled::Patient(id), label, &reason))
        .await
}
