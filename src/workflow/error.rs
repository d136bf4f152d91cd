//! Why an act was not done.
//!
//! Not for: HTTP status codes (`web/error.rs`).
//!
//! Invariant: no message holds PHI; an act that answers an error has changed nothing.

use crate::audio::AudioError;
use crate::domain::audit::Act;
use crate::domain::report::IllegalTransition;
use crate::store::error::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum WorkflowError {
    #[error("you are not signed in, or your session has ended; sign in again")]
    NotSignedIn,
    #[error("the user name or the password is wrong")]
    SignInFailed,
    #[error("too many failed sign-ins; try again in {seconds} seconds")]
    TryLater { seconds: u32 },
    #[error("your role does not allow this act ({})", act.code())]
    Forbidden { act: Act },
    /// The record has a label that needs a clearance. A page may offer to break the glass.
    #[error("this record is sealed; you need a clearance for it, or break the glass in need")]
    Sealed,
    /// The password was right; a code of the second factor is still missing or was wrong.
    #[error("give the code of your second factor, or one of your recovery codes")]
    SecondFactorNeeded,
    #[error("there is no such {what}")]
    NotFound { what: &'static str },
    #[error("a newer version ({current}) was saved; yours was kept out so that nothing is lost")]
    Stale { current: u32 },
    #[error("{by} is working on this report")]
    Taken { by: String },
    #[error("{message}")]
    Conflict { message: String },
    #[error("{message}")]
    Invalid { field: &'static str, message: String },
    #[error("the recording cannot be used; nothing was stored")]
    Unusable { source: AudioError },
    #[error("the recording is larger than the limit of {limit_bytes} bytes; nothing was stored")]
    TooLarge { limit_bytes: u64 },
    #[error(transparent)]
    Illegal(#[from] IllegalTransition),
    #[error("the store could not do its part")]
    Store(#[from] StoreError),
}

impl WorkflowError {
    pub fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid { field, message: message.into() }
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict { message: message.into() }
    }

    /// A code for the audit: the kind of refusal, without its words.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "not-signed-in",
            Self::SignInFailed => "sign-in-failed",
            Self::TryLater { .. } => "try-later",
            Self::Forbidden { .. } => "forbidden",
            Self::Sealed => "sealed",
            Self::SecondFactorNeeded => "second-factor-needed",
            Self::NotFound { .. } => "not-found",
            Self::Stale { .. } => "stale",
            Self::Taken { .. } => "taken",
            Self::Conflict { .. } => "conflict",
            Self::Invalid { field, .. } => field,
            Self::Unusable { .. } => "unusable-audio",
            Self::TooLarge { .. } => "too-large",
            Self::Illegal(_) => "illegal-transition",
            Self::Store(_) => "store",
        }
    }

    /// Whether a refusal belongs in the audit: somebody tried what is not theirs to do.
    pub fn is_denial(&self) -> bool {
        matches!(
            self,
            Self::Forbidden { .. } | Self::Sealed | Self::SignInFailed | Self::TryLater { .. }
        )
    }
}
