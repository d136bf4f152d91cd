//! People and their departments over HTTP.
//!
//! Not for: adding people, which is done at the machine (`cli/user.rs`).
//!
//! Invariant: everything goes through `workflow`.

use super::error::ApiError;
use super::extract::Body;
use super::session::SignedIn;
use super::state::AppState;
use super::wire_people::{DepartmentRequest, PeopleView};
use crate::workflow::{departments, people};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

const TAG: &str = "People";

/// Everybody who has an account, and the departments that there are.
#[utoipa::path(get, path = "/api/people", tag = TAG,
    responses((status = OK, body = PeopleView)))]
pub async fn people(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<PeopleView>, ApiError> {
    let found =
        state.db(move |site| Ok((people::list(site, &who)?, departments::list(site, &who)?)));
    let (people, departments) = found.await?;
    Ok(Json(PeopleView::new(&people, &departments)))
}

/// Says to which department a person belongs.
#[utoipa::path(post, path = "/api/people/department", tag = TAG, request_body = DepartmentRequest,
    responses((status = NO_CONTENT)))]
pub async fn set_department(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(DepartmentRequest { username, department }): Body<DepartmentRequest>,
) -> Result<StatusCode, ApiError> {
    let set = move |site: &_| departments::set(site, &who, &username, department.as_deref());
    state.db(set).await?;
    Ok(StatusCode::NO_CONTENT)
}
