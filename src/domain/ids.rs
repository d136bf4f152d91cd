//! Typed identifiers, so that a report's id cannot be passed where a person's is meant.
//!
//! Not for: making identifiers; the store makes version 7 UUIDs, which sort by creation.
//!
//! Invariant: an id is never reused and says nothing about a patient.

use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    PersonId
    PatientId
    EncounterId
    DictationId
    ReportId
    FlagId
    SignatureId
    JobId
    SessionId
    TokenId
    GlassId
    NormalId
    ReviewId
    TakeId
}
