//! The house style and normals over HTTP.
//!
//! Not for: the vocabulary, which has its command (`chartscribe vocab`).
//!
//! Invariant: everything goes through `workflow::house_style`.

use super::error::ApiError;
use super::extract::{Body, Values};
use super::session::SignedIn;
use super::state::AppState;
use super::wire_style::{HouseStyleBody, HouseStyleView, NormalBody, NormalKeptView, NormalView};
use crate::domain::ids::{NormalId, ReportId};
use crate::domain::pace::Pace;
use crate::domain::punctuation::Mode;
use crate::store::house_style::StoredStyle;
use crate::store::vocab_terms::LayerOf;
use crate::text::request::Profile;
use crate::vocab::lexicon::Layer;
use crate::workflow::error::WorkflowError;
use crate::workflow::house_style::{self, NormalToKeep, NormalsOf};
use crate::workflow::site::Acting;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::IntoParams;

const TAG: &str = "House style";

/// Whose layer: `person` is the signed-in person's own, `department` that of the name.
fn layer(scope: &str, department: Option<String>, who: &Acting) -> Result<LayerOf, WorkflowError> {
    let (layer, owner) = match (scope, &who.person, department) {
        ("person", Some(person), None) => (Layer::Author, person.id.to_string()),
        ("department", _, Some(name)) => (Layer::Department, name),
        ("site", _, None) => (Layer::Site, String::new()),
        _ => {
            let what = "layer; give person, site, or department and its name";
            return Err(WorkflowError::NotFound { what });
        }
    };
    Ok(LayerOf { layer, owner })
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StyleQuery {
    /// The department's name, where it is a department's.
    department: Option<String>,
}

/// What a layer settles of how reports are written.
#[utoipa::path(get, path = "/api/house-style/{scope}", tag = TAG,
    params(("scope" = String, Path, description = "`person`, `department` or `site`"), StyleQuery),
    responses((status = OK, body = HouseStyleView)))]
pub async fn style(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(scope): Path<String>,
    Values(StyleQuery { department }): Values<StyleQuery>,
) -> Result<Json<HouseStyleView>, ApiError> {
    let of = layer(&scope, department, &who)?;
    let StoredStyle { mode, pace, switches } =
        state.db(move |site| house_style::settled(site, &who, &of)).await?;
    let mode = mode.map(|mode| mode.code().to_owned());
    let pace = pace.map(|pace| pace.code().to_owned());
    let mut usual = Profile::default();
    let switches_known = Profile::SWITCHES.iter();
    let defaults = switches_known
        .map(|(name, switch)| ((*name).to_owned(), Value::Bool(*switch(&mut usual))))
        .collect();
    Ok(Json(HouseStyleView { settled: HouseStyleBody { mode, pace, switches }, defaults }))
}

/// Sets what a layer settles.
#[utoipa::path(put, path = "/api/house-style/{scope}", tag = TAG,
    params(("scope" = String, Path, description = "`person`, `department` or `site`"), StyleQuery),
    request_body = HouseStyleBody, responses((status = NO_CONTENT)))]
pub async fn settle(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(scope): Path<String>,
    Values(StyleQuery { department }): Values<StyleQuery>,
    Body(HouseStyleBody { mode, pace, switches }): Body<HouseStyleBody>,
) -> Result<StatusCode, ApiError> {
    let of = layer(&scope, department, &who)?;
    let read = |code: String| {
        Mode::from_code(&code)
            .ok_or_else(|| WorkflowError::invalid("mode", "give spoken, auto or mixed"))
    };
    let pace = pace.map(|code| {
        Pace::from_code(&code)
            .ok_or_else(|| WorkflowError::invalid("pace", "give slow, usual or fast"))
    });
    let (mode, pace) = (mode.map(read).transpose()?, pace.transpose()?);
    let settled = StoredStyle { mode, pace, switches };
    state.db(move |site| house_style::settle(site, &who, &of, &settled)).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NormalsQuery {
    /// With the normals of this report's author.
    report: Option<String>,
    /// With the normals of this department.
    department: Option<String>,
}

/// The normals that one may use.
#[utoipa::path(get, path = "/api/normals", tag = TAG, params(NormalsQuery),
    responses((status = OK, body = Vec<NormalView>)))]
pub async fn normals(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Values(NormalsQuery { report, department }): Values<NormalsQuery>,
) -> Result<Json<Vec<NormalView>>, ApiError> {
    let report: Option<ReportId> = report
        .map(|id| id.parse().map_err(|_| WorkflowError::NotFound { what: "report" }))
        .transpose()?;
    let wanted = NormalsOf { report, department };
    let found = state.db(move |site| house_style::normals(site, &who, &wanted)).await?;
    Ok(Json(found.into_iter().map(NormalView::from).collect()))
}

/// Keeps a normal, new or changed.
#[utoipa::path(post, path = "/api/normals", tag = TAG, request_body = NormalBody,
    responses((status = OK, body = NormalKeptView)))]
pub async fn keep_normal(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Body(NormalBody { id, scope, department, name, shortcut, text }): Body<NormalBody>,
) -> Result<Json<NormalKeptView>, ApiError> {
    let of = layer(&scope, department, &who)?;
    let id = id.map(|id| normal_id(&id)).transpose()?;
    let shortcut = shortcut.filter(|shortcut| !shortcut.is_empty());
    let normal = NormalToKeep { id, of, name, shortcut, text };
    let id = state.db(move |site| house_style::keep_normal(site, &who, &normal)).await?;
    Ok(Json(NormalKeptView { id: id.to_string() }))
}

/// Takes a normal away.
#[utoipa::path(delete, path = "/api/normals/{id}", tag = TAG,
    params(("id" = String, Path, description = "Id of the normal")),
    responses((status = NO_CONTENT)))]
pub async fn remove_normal(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id = normal_id(&id)?;
    state.db(move |site| house_style::remove_normal(site, &who, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn normal_id(id: &str) -> Result<NormalId, WorkflowError> {
    id.parse().map_err(|_| WorkflowError::NotFound { what: "normal" })
}
