//! Patients and charts over HTTP.
//!
//! Not for: searching itself (`workflow/chart.rs`).
//!
//! Invariant: what identifies a patient is in bodies, never in an address.

use super::error::ApiError;
use super::extract::{Body, On};
use super::session::SignedIn;
use super::state::AppState;
use super::wire_report::{ChartView, PatientSearchRequest, PatientView, PatientsView};
use crate::domain::ids::PatientId;
use crate::workflow::chart;
use axum::Json;
use axum::extract::State;

const TAG: &str = "Patients";

/// Finds patients. POST, so that names do not end up in addresses.
#[utoipa::path(post, path = "/api/patients/search", tag = TAG, request_body = PatientSearchRequest,
    responses((status = OK, body = PatientsView)))]
pub async fn search(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(PatientSearchRequest { query }): Body<PatientSearchRequest>,
) -> Result<Json<PatientsView>, ApiError> {
    let found = state.db(move |site| chart::search_patients(site, &who, &query)).await?;
    Ok(Json(PatientsView { patients: found.iter().map(PatientView::from).collect() }))
}

/// A patient's chart.
#[utoipa::path(get, path = "/api/patients/{id}/chart", tag = TAG, params(("id" = String, Path)),
    responses((status = OK, body = ChartView)))]
pub async fn chart(on: On<PatientId>) -> Result<Json<ChartView>, ApiError> {
    let chart = on.run(chart::chart).await?;
    Ok(Json(ChartView::new(&chart, &on.state.site.work_types)))
}
