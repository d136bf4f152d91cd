//! Reading requests strictly, with our own words for what is wrong with them.
//!
//! Not for: sessions and tokens (`session.rs`) or uploads (`upload.rs`).
//!
//! Invariant: a request that is not understood whole is refused, and its words are not repeated.

use super::error::ApiError;
use super::session::SignedIn;
use super::state::AppState;
use crate::domain::ids::{DictationId, GlassId, PatientId, ReportId, ReviewId, TakeId};
use crate::workflow::error::WorkflowError;
use crate::workflow::site::{Acting, Site};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams};
use axum::http::StatusCode;
use axum::http::request::Parts;
use std::str::FromStr;

/// A JSON body.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub struct Body<T>(pub T);

/// The values after the `?` of an address.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct Values<T>(pub T);

/// Somebody signed in, and the thing that the address names as `{id}`.
pub struct On<T> {
    pub state: AppState,
    pub who: Acting,
    pub id: T,
}

/// What an id of this type names, for the answer that there is no such thing.
pub trait Named: FromStr + Copy + Send + 'static {
    const WHAT: &'static str;
}

impl Named for DictationId {
    const WHAT: &'static str = "dictation";
}

impl Named for GlassId {
    const WHAT: &'static str = "broken glass";
}

impl Named for PatientId {
    const WHAT: &'static str = "patient";
}

impl Named for ReviewId {
    const WHAT: &'static str = "review";
}

impl Named for ReportId {
    const WHAT: &'static str = "report";
}

impl Named for TakeId {
    const WHAT: &'static str = "recording";
}

impl<T: Named> FromRequestParts<AppState> for On<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let SignedIn(who) = SignedIn::from_request_parts(parts, state).await?;
        let missing = ApiError::NotFound { what: T::WHAT };
        let Ok(named) = RawPathParams::from_request_parts(parts, state).await else {
            return Err(missing);
        };
        let text = named.iter().find(|(name, _)| *name == "id").map(|(_, text)| text);
        let id = id(text.ok_or(missing)?, T::WHAT)?;
        Ok(Self { state: state.clone(), who, id })
    }
}

impl<T: Named> On<T> {
    /// Runs an act of `workflow` on it.
    pub async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Site, &Acting, T) -> Result<R, WorkflowError> + Send + 'static,
    ) -> Result<R, ApiError> {
        let (who, id) = (self.who.clone(), self.id);
        self.state.db(move |site| work(site, &who, id)).await
    }

    /// As [`On::run`], for an act that answers nothing but success.
    pub async fn act(
        &self,
        work: impl FnOnce(&Site, &Acting, T) -> Result<(), WorkflowError> + Send + 'static,
    ) -> Result<StatusCode, ApiError> {
        self.run(work).await?;
        Ok(StatusCode::NO_CONTENT)
    }
}

/// An id from an address; anything that is not an id names nothing.
pub fn id<T: FromStr>(text: &str, what: &'static str) -> Result<T, ApiError> {
    text.parse().map_err(|_| ApiError::NotFound { what })
}

/// A code from a request.
pub fn code<T>(
    field: &'static str,
    text: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> Result<T, ApiError> {
    read(text).ok_or_else(|| ApiError::malformed(field, format!("the {field} is not one we know")))
}
