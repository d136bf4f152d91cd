//! Lists over HTTP: the worklist, searches, views, work that is handed out, and what a form offers
//! to choose from.
//!
//! Not for: their order or content (`workflow`).
//!
//! Invariant: one handler is one act of `workflow`, or one for each report of many; what is
//! searched for is in a body, never in an address.

use super::error::ApiError;
use super::extract::{Body, Values, id};
use super::session::SignedIn;
use super::state::AppState;
use super::wire::{AuthorsView, PersonView, RowView, WorkTypeView, WorkTypesView};
use super::wire_lists::{
    BulkRequest, BulkResult, BulkView, ColleagueView, ColleaguesView, FoundView, NextView,
    ReportSearchRequest, ViewBody, ViewRemoval, ViewsView, WorklistQuery, WorklistView,
};
use crate::domain::ids::ReportId;
use crate::domain::person::{Person, Role};
use crate::workflow::queue::{self, Bulk};
use crate::workflow::{people, search, views, worklist};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

const TAG: &str = "Worklist";

/// What waits for the person who asks.
#[utoipa::path(get, path = "/api/worklist", tag = TAG, params(WorklistQuery),
    responses((status = OK, body = WorklistView)))]
pub async fn worklist(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Values(query): Values<WorklistQuery>,
) -> Result<Json<WorklistView>, ApiError> {
    let filter = query.filter()?;
    let list = state.db(move |site| worklist::worklist(site, &who, &filter)).await?;
    Ok(Json(WorklistView::from(&list)))
}

/// Reports by their words, patient, author, work type, time and flags.
#[utoipa::path(post, path = "/api/worklist/search", tag = TAG, request_body = ReportSearchRequest,
    responses((status = OK, body = FoundView)))]
pub async fn search(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(request): Body<ReportSearchRequest>,
) -> Result<Json<FoundView>, ApiError> {
    let asked = request.read()?;
    let found = state.db(move |site| search::search(site, &who, &asked)).await?;
    let rows = found.items.iter().map(RowView::from).collect();
    Ok(Json(FoundView { rows, more: found.more }))
}

/// Takes the most urgent report that passes the filter.
#[utoipa::path(post, path = "/api/worklist/next", tag = TAG, request_body = WorklistQuery,
    responses((status = OK, body = NextView)))]
pub async fn next(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(query): Body<WorklistQuery>,
) -> Result<Json<NextView>, ApiError> {
    let filter = query.filter()?;
    let taken = state.db(move |site| queue::claim_next(site, &who, &filter)).await?;
    Ok(Json(NextView { report: taken.map(|report| report.to_string()) }))
}

/// Takes, gives back or hands over many reports; each is done or refused by itself.
#[utoipa::path(post, path = "/api/worklist/bulk", tag = TAG, request_body = BulkRequest,
    responses((status = OK, body = BulkView)))]
pub async fn bulk(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(request): Body<BulkRequest>,
) -> Result<Json<BulkView>, ApiError> {
    let BulkRequest { act, reports, to } = request;
    let bulk = match (act.as_str(), to) {
        ("claim", None) => Bulk::Claim,
        ("release", None) => Bulk::Release,
        ("reassign", to) => Bulk::Reassign(to),
        ("claim" | "release", Some(_)) => {
            return Err(ApiError::malformed("to", "only reassign names a person"));
        }
        _ => return Err(ApiError::malformed("act", "the act is not one we know")),
    };
    let ids: Result<Vec<ReportId>, ApiError> =
        reports.iter().map(|text| id(text, "report")).collect();
    let ids = ids?;
    let results = state.db(move |site| queue::each(site, &who, &bulk, &ids)).await?;
    let results = results.into_iter().map(|(id, result)| BulkResult::new(id, result)).collect();
    Ok(Json(BulkView { results }))
}

/// Whom reports may be handed to.
#[utoipa::path(get, path = "/api/worklist/colleagues", tag = TAG,
    responses((status = OK, body = ColleaguesView)))]
pub async fn colleagues(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<ColleaguesView>, ApiError> {
    let found = state.db(move |site| queue::colleagues(site, &who)).await?;
    let view = |person: &Person| ColleagueView {
        username: person.username.to_string(),
        display_name: person.display_name.clone(),
        edits: person.has(Role::Transcriptionist),
        reviews: person.has(Role::Reviewer),
    };
    Ok(Json(ColleaguesView { colleagues: found.iter().map(view).collect() }))
}

/// The asker's own views.
#[utoipa::path(get, path = "/api/views", tag = TAG, responses((status = OK, body = ViewsView)))]
pub async fn views(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<ViewsView>, ApiError> {
    let kept = state.db(move |site| views::list(site, &who)).await?;
    Ok(Json(ViewsView { views: kept.iter().map(ViewBody::from).collect() }))
}

/// Keeps a view, in the place of one of the same name.
#[utoipa::path(post, path = "/api/views", tag = TAG, request_body = ViewBody,
    responses((status = NO_CONTENT)))]
pub async fn save_view(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(ViewBody { name, filter }): Body<ViewBody>,
) -> Result<StatusCode, ApiError> {
    let filter = filter.filter()?;
    state.db(move |site| views::save(site, &who, &name, &filter)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes one of the asker's own views.
#[utoipa::path(post, path = "/api/views/remove", tag = TAG, request_body = ViewRemoval,
    responses((status = NO_CONTENT)))]
pub async fn remove_view(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(ViewRemoval { name }): Body<ViewRemoval>,
) -> Result<StatusCode, ApiError> {
    state.db(move |site| views::remove(site, &who, &name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The kinds of report.
#[utoipa::path(get, path = "/api/work-types", tag = TAG,
    responses((status = OK, body = WorkTypesView)))]
pub async fn work_types(State(state): State<AppState>, _who: SignedIn) -> Json<WorkTypesView> {
    let view = |work_type: &crate::domain::work_type::WorkType| WorkTypeView {
        code: work_type.code.to_string(),
        name: work_type.name.clone(),
        stat_minutes: work_type.stat_minutes,
        routine_minutes: work_type.routine_minutes,
    };
    Json(WorkTypesView { work_types: state.site.work_types.iter().map(view).collect() })
}

/// Who dictates here.
#[utoipa::path(get, path = "/api/authors", tag = TAG,
    responses((status = OK, body = AuthorsView)))]
pub async fn authors(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<AuthorsView>, ApiError> {
    let authors = state.db(move |site| people::authors(site, &who)).await?;
    Ok(Json(AuthorsView { authors: authors.iter().map(PersonView::from).collect() }))
}
