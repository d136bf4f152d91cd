//! Moved, typed and split reports, copies and pools over HTTP.
//!
//! Not for: who may (`workflow`).
//!
//! Invariant: one handler is one act of `workflow`.

use super::error::ApiError;
use super::extract::{Body, On, code, id};
use super::session::SignedIn;
use super::state::AppState;
use super::wire_work::{
    BeginRequest, BegunView, CopiesRequest, CopiesView, CopyView, MoveRequest, PoolLineView,
    PoolRequest, PoolsView, SplitRequest, ToSendRow, ToSendView,
};
use crate::domain::ids::ReportId;
use crate::store::parts::PoolKind;
use crate::workflow::moving::{self, Move};
use crate::workflow::{copies, pools};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

const TAG: &str = "Reports";

/// Moves a report to another author, work type or priority.
#[utoipa::path(post, path = "/api/reports/{id}/move", tag = TAG, params(("id" = String, Path)),
    request_body = MoveRequest, responses((status = NO_CONTENT)))]
pub async fn move_report(
    on: On<ReportId>,
    Body(MoveRequest { author, work_type, priority }): Body<MoveRequest>,
) -> Result<StatusCode, ApiError> {
    let to = Move { author, work_type, priority };
    on.act(move |site, who, report| moving::move_report(site, who, report, &to)).await
}

/// Begins a report that is typed, without a recording.
#[utoipa::path(post, path = "/api/reports", tag = TAG, request_body = BeginRequest,
    responses((status = CREATED, body = BegunView)))]
pub async fn begin(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(request): Body<BeginRequest>,
) -> Result<(StatusCode, Json<BegunView>), ApiError> {
    let about = request.read();
    let report = state.db(move |site| moving::begin_report(site, &who, &about)).await?;
    Ok((StatusCode::CREATED, Json(BegunView { report: report.to_string() })))
}

/// Makes a report of its own from the text after a place, with the same recording.
#[utoipa::path(post, path = "/api/reports/{id}/split", tag = TAG, params(("id" = String, Path)),
    request_body = SplitRequest, responses((status = CREATED, body = BegunView)))]
pub async fn split(
    on: On<ReportId>,
    Body(SplitRequest { version, at }): Body<SplitRequest>,
) -> Result<(StatusCode, Json<BegunView>), ApiError> {
    let new = on.run(move |site, who, report| moving::split(site, who, report, version, at));
    let new = new.await?;
    Ok((StatusCode::CREATED, Json(BegunView { report: new.to_string() })))
}

/// Who gets a copy of a report.
#[utoipa::path(get, path = "/api/reports/{id}/copies", tag = TAG, params(("id" = String, Path)),
    responses((status = OK, body = CopiesView)))]
pub async fn copies_of(on: On<ReportId>) -> Result<Json<CopiesView>, ApiError> {
    let found = on.run(copies::of_report).await?;
    Ok(Json(CopiesView { copies: found.iter().map(CopyView::from).collect() }))
}

/// Says who gets a copy.
#[utoipa::path(post, path = "/api/reports/{id}/copies", tag = TAG, params(("id" = String, Path)),
    request_body = CopiesRequest, responses((status = NO_CONTENT)))]
pub async fn set_copies(
    on: On<ReportId>,
    Body(CopiesRequest { copies }): Body<CopiesRequest>,
) -> Result<StatusCode, ApiError> {
    let recipients: Vec<(String, String)> =
        copies.into_iter().map(|one| (one.recipient, one.address)).collect();
    on.act(move |site, who, report| copies::set(site, who, report, &recipients)).await
}

/// Notes that a copy was sent.
#[utoipa::path(post, path = "/api/reports/{id}/copies/{number}/sent", tag = TAG,
    params(("id" = String, Path), ("number" = u32, Path)), responses((status = NO_CONTENT)))]
pub async fn copy_sent(
    on: On<ReportId>,
    Path((_report, number)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let number: u32 = id(&number, "copy")?;
    on.act(move |site, who, report| copies::sent(site, who, report, number)).await
}

/// Copies of filed reports that are to be sent.
#[utoipa::path(get, path = "/api/copies", tag = TAG,
    responses((status = OK, body = ToSendView)))]
pub async fn copies_to_send(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<ToSendView>, ApiError> {
    let found = state.db(move |site| copies::to_send(site, &who)).await?;
    Ok(Json(ToSendView { copies: found.iter().map(ToSendRow::from).collect() }))
}

/// Who works on what.
#[utoipa::path(get, path = "/api/pools", tag = "Worklist",
    responses((status = OK, body = PoolsView)))]
pub async fn pools(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<PoolsView>, ApiError> {
    let found = state.db(move |site| pools::lines(site, &who)).await?;
    Ok(Json(PoolsView { lines: found.iter().map(PoolLineView::from).collect() }))
}

/// Adds or removes a line of the pools.
#[utoipa::path(post, path = "/api/pools", tag = "Worklist", request_body = PoolRequest,
    responses((status = NO_CONTENT)))]
pub async fn set_pool(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(PoolRequest { username, kind, value, there }): Body<PoolRequest>,
) -> Result<StatusCode, ApiError> {
    let kind = code("kind", &kind, PoolKind::from_code)?;
    let set = move |site: &_| pools::set(site, &who, &username, kind, &value, there);
    state.db(set).await?;
    Ok(StatusCode::NO_CONTENT)
}
