//! Refusals and failures as HTTP answers: the only mapping to status and public message.
//!
//! Not for: deciding that something is refused.
//!
//! Invariant: a status has the one meaning of this table, and no message holds PHI or what the
//! store or the machine said.
//!
//! | status | meaning |
//! |---|---|
//! | 401 | nobody is signed in, or the sign-in failed |
//! | 403 | this person may not do this, or the request came from another site |
//! | 404 | there is no such thing, or no such address |
//! | 405 | the address exists, the method does not |
//! | 409 | it clashes with what has happened meanwhile; read again, then decide |
//! | 413 | larger than the limit |
//! | 416 | the part of the recording that was asked for does not exist |
//! | 422 | understood as far as it goes, and wrong in a field or in the recording |
//! | 429 | too many failed sign-ins, or requests from one address; wait |
//! | 500 | our fault; the log has the reason under the request's id |
//! | 503 | busy; the same request may be sent again |
//! | 507 | the disk is full; nothing was stored |

use super::wire::{ErrorBody, ErrorDetail};
use crate::causes::chain;
use crate::store::error::StoreError;
use crate::workflow::error::WorkflowError;
use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

/// What a handler answers when it cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
    /// The request's own form is wrong.
    #[error("{message}")]
    Malformed { field: Option<&'static str>, message: String },
    #[error("the request is larger than its limit")]
    TooLarge,
    #[error("the sender stopped before the end of the request")]
    CutShort,
    #[error("the server is busy; try again")]
    Busy,
    #[error("too many requests from this address; wait a moment")]
    TooMany,
    #[error("there is no such {what}")]
    NotFound { what: &'static str },
    #[error("this address does not take that method")]
    Method,
    #[error("the request came from another site")]
    CrossSite,
    #[error("a request failed inside the server")]
    Broken { source: tokio::task::JoinError },
    #[error("a page could not be made")]
    Page { source: minijinja::Error },
}

/// What is said of a failure that is ours.
pub const OUR_FAULT: &str = "the server could not do this; its log says why";

impl ApiError {
    pub fn malformed(field: &'static str, message: impl Into<String>) -> Self {
        Self::Malformed { field: Some(field), message: message.into() }
    }

    pub fn status(&self) -> StatusCode {
        self.row().0
    }

    /// Status, code and message: the whole table.
    fn row(&self) -> (StatusCode, &'static str, String) {
        use StatusCode as S;
        let words = self.to_string();
        match self {
            Self::Workflow(error) => workflow_row(error),
            Self::Malformed { .. } => (S::UNPROCESSABLE_ENTITY, "invalid", words),
            Self::TooLarge => (S::PAYLOAD_TOO_LARGE, "too-large", words),
            Self::CutShort => (S::UNPROCESSABLE_ENTITY, "cut-short", words),
            Self::TooMany => (S::TOO_MANY_REQUESTS, "too-many", words),
            Self::Busy => (S::SERVICE_UNAVAILABLE, "busy", words),
            Self::NotFound { .. } => (S::NOT_FOUND, "not-found", words),
            Self::Method => (S::METHOD_NOT_ALLOWED, "method", words),
            Self::CrossSite => (S::FORBIDDEN, "cross-site", words),
            Self::Broken { .. } | Self::Page { .. } => {
                (S::INTERNAL_SERVER_ERROR, "failed", OUR_FAULT.into())
            }
        }
    }

    pub fn body(&self) -> ErrorBody {
        let (_, code, message) = self.row();
        let (field, current) = match self {
            Self::Malformed { field, .. } => (*field, None),
            Self::Workflow(WorkflowError::Invalid { field, .. }) => (Some(*field), None),
            Self::Workflow(WorkflowError::Stale { current }) => (None, Some(*current)),
            _ => (None, None),
        };
        ErrorBody { error: ErrorDetail { code, message, field, current } }
    }

    /// A failure of ours is logged once, here, with its chain of causes.
    pub fn log(&self) {
        if self.status().is_server_error() && !matches!(self, Self::Busy) {
            tracing::error!(error = chain(self), "a request failed");
        }
    }
}

fn workflow_row(error: &WorkflowError) -> (StatusCode, &'static str, String) {
    use StatusCode as S;
    use WorkflowError as E;
    let words = error.to_string();
    match error {
        E::NotSignedIn => (S::UNAUTHORIZED, "not-signed-in", words),
        E::SignInFailed => (S::UNAUTHORIZED, "sign-in-failed", words),
        E::TryLater { .. } => (S::TOO_MANY_REQUESTS, "try-later", words),
        E::Forbidden { .. } => (S::FORBIDDEN, "forbidden", words),
        E::Sealed => (S::FORBIDDEN, "sealed", words),
        E::SecondFactorNeeded => (S::UNAUTHORIZED, "second-factor-needed", words),
        E::NotFound { .. } => (S::NOT_FOUND, "not-found", words),
        E::Stale { .. } => (S::CONFLICT, "stale", words),
        E::Taken { .. } => (S::CONFLICT, "taken", words),
        E::Conflict { .. } => (S::CONFLICT, "conflict", words),
        E::Illegal(_) => (S::CONFLICT, "illegal-step", words),
        E::Invalid { .. } => (S::UNPROCESSABLE_ENTITY, "invalid", words),
        E::Unusable { source } => {
            (S::UNPROCESSABLE_ENTITY, "unusable-audio", format!("{words}: {source}"))
        }
        E::TooLarge { .. } => (S::PAYLOAD_TOO_LARGE, "too-large", words),
        E::Store(StoreError::Full) => {
            let message = "the disk is full; nothing was stored".into();
            (S::INSUFFICIENT_STORAGE, "disk-full", message)
        }
        E::Store(StoreError::Busy) => {
            (S::SERVICE_UNAVAILABLE, "busy", "the server is busy; try again".into())
        }
        E::Store(_) => (S::INTERNAL_SERVER_ERROR, "failed", OUR_FAULT.into()),
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let mut response = (self.status(), Json(self.body())).into_response();
        let wait = match &self {
            Self::Workflow(WorkflowError::TryLater { seconds }) => Some(*seconds),
            Self::Busy | Self::Workflow(WorkflowError::Store(StoreError::Busy)) => Some(1),
            _ => None,
        };
        if let Some(seconds) = wait {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Self::TooLarge;
        }
        // The parser's own words may quote the body, so they are not passed on.
        let message = match rejection {
            JsonRejection::MissingJsonContentType(_) => "the content type must be application/json",
            JsonRejection::JsonSyntaxError(_) => "the body is not JSON",
            JsonRejection::JsonDataError(_) => {
                "a field of the body is missing, unknown or of the wrong type"
            }
            _ => "the body could not be read",
        };
        Self::Malformed { field: None, message: message.into() }
    }
}

impl From<MultipartRejection> for ApiError {
    fn from(_: MultipartRejection) -> Self {
        let message =
            "the body must be multipart/form-data, and the content type name its boundary";
        Self::Malformed { field: None, message: message.into() }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(_: QueryRejection) -> Self {
        let message = "a value after the ? of the address is unknown or of the wrong type";
        Self::Malformed { field: None, message: message.into() }
    }
}
