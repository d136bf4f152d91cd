//! Reading requests strictly, with our own words for what is wrong with them.
//!
//! Not for: who sends them (`session.rs`) or uploads (`upload.rs`).
//!
//! Invariant: a request that is not understood whole is refused, and its words are not repeated.

use super::error::ApiError;
use axum::extract::{FromRequest, FromRequestParts};
use std::str::FromStr;

/// A JSON body.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub struct Body<T>(pub T);

/// The values after the `?` of an address.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct Values<T>(pub T);

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
