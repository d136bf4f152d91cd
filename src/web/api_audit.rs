//! The audit over HTTP, for the privacy officer and the auditor.
//!
//! Not for: searching itself (`workflow/audit.rs`), or the form of an export (`audit_csv.rs`).
//!
//! Invariant: whom a search is about is in its body, never in an address.

use super::audit_csv;
use super::error::ApiError;
use super::extract::{Body, Values, code};
use super::session::SignedIn;
use super::state::AppState;
use super::wire_audit::{
    AccessReportRequest, AccessReportView, AuditRowView, AuditRowsView, AuditSearchRequest,
    AuditSpan, ChainView,
};
use super::wire_report::PatientView;
use crate::domain::audit::Act;
use crate::domain::time::Timestamp;
use crate::workflow::audit::{self, Query};
use axum::Json;
use axum::extract::State;
use axum::response::Response;

const TAG: &str = "Audit";

/// Finds rows, newest first. The next page is asked for with `before`.
#[utoipa::path(post, path = "/api/audit/search", tag = TAG, request_body = AuditSearchRequest,
    responses((status = OK, body = AuditRowsView)))]
pub async fn search(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(asked): Body<AuditSearchRequest>,
) -> Result<Json<AuditRowsView>, ApiError> {
    let AuditSearchRequest { mrn, username, act, from, until, before } = asked;
    let act = act.map(|text| code("act", &text, Act::from_code)).transpose()?;
    let (from, until) = (instant("from", from)?, instant("until", until)?);
    let query = Query { mrn, username, act, from, until, before };
    let found = state.db(move |site| audit::search(site, &who, &query)).await?;
    Ok(Json(AuditRowsView { rows: found.iter().map(AuditRowView::from).collect() }))
}

/// Everybody who had to do with a patient's data, oldest first.
#[utoipa::path(post, path = "/api/audit/access-report", tag = TAG,
    request_body = AccessReportRequest, responses((status = OK, body = AccessReportView)))]
pub async fn access_report(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(asked): Body<AccessReportRequest>,
) -> Result<Json<AccessReportView>, ApiError> {
    let AccessReportRequest { mrn, from, until } = asked;
    let (from, until) = (instant("from", from)?, instant("until", until)?);
    let report = state.db(move |site| audit::access_report(site, &who, &mrn, from, until)).await?;
    Ok(Json(AccessReportView {
        patient: PatientView::from(&report.patient),
        rows: report.entries.iter().map(AuditRowView::from).collect(),
        cut: report.cut,
    }))
}

/// Checks the chain, and writes its head down when it holds.
#[utoipa::path(post, path = "/api/audit/verify", tag = TAG,
    responses((status = OK, body = ChainView)))]
pub async fn verify(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<ChainView>, ApiError> {
    let verified = state.db(move |site| audit::verify(site, &who)).await?;
    Ok(Json(ChainView::from(&verified)))
}

/// Every row of a time as a file, oldest first. It is in the audit as an export.
#[utoipa::path(get, path = "/api/audit/export", tag = TAG, params(AuditSpan),
    responses((status = OK, content_type = "text/csv", body = String)))]
pub async fn export(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Values(AuditSpan { from, until }): Values<AuditSpan>,
) -> Result<Response, ApiError> {
    let (from, until) = (instant("from", from)?, instant("until", until)?);
    let export = state.db(move |site| audit::begin_export(site, &who, from, until)).await?;
    Ok(audit_csv::answer(&state.site, export))
}

fn instant(field: &'static str, text: Option<String>) -> Result<Option<Timestamp>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    let at: jiff::Timestamp =
        text.parse().map_err(|_| ApiError::malformed(field, "a time as RFC 3339 has it"))?;
    Ok(Some(Timestamp(at.as_millisecond())))
}
