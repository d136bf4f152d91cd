//! Lists over HTTP: the worklist, and what a form offers to choose from.
//!
//! Not for: their order or content (`workflow/worklist.rs`).
//!
//! Invariant: one handler is one act of `workflow`.

use super::error::ApiError;
use super::extract::{Values, code};
use super::session::SignedIn;
use super::state::AppState;
use super::wire::{
    AuthorsView, PersonView, RowView, WorkTypeView, WorkTypesView, WorklistQuery, WorklistView,
};
use crate::domain::dictation::Priority;
use crate::domain::report::Stage;
use crate::workflow::people;
use crate::workflow::worklist::{self, Filter};
use axum::Json;
use axum::extract::State;

const TAG: &str = "Worklist";

/// What waits for the person who asks.
#[utoipa::path(get, path = "/api/worklist", tag = TAG, params(WorklistQuery),
    responses((status = OK, body = WorklistView)))]
pub async fn worklist(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Values(query): Values<WorklistQuery>,
) -> Result<Json<WorklistView>, ApiError> {
    let WorklistQuery { stage, mine, priority } = query;
    let filter = Filter {
        stage: stage.map(|text| code("stage", &text, Stage::from_code)).transpose()?,
        mine,
        priority: priority.map(|text| code("priority", &text, Priority::from_code)).transpose()?,
    };
    let list = state.db(move |site| worklist::worklist(site, &who, &filter)).await?;
    let rows = list.items.iter().map(RowView::from).collect();
    Ok(Json(WorklistView { rows, total: list.total }))
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
