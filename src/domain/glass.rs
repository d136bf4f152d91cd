//! Breaking the glass: emergency access to one sealed chart, for a reason, for a time.
//!
//! Not for: granting it (`workflow/glass.rs`).
//!
//! Invariant: it opens one patient's chart to one person, ends by itself, and is reviewed
//! (45 CFR 164.312(a)(2)(ii); domain specification 3.11).

use super::ids::{GlassId, PatientId, PersonId};
use super::named::named;
use super::phi::Phi;
use super::time::Timestamp;

/// How long the access lasts (domain specification 3.11).
pub const GLASS_MS: i64 = 60 * 60_000;

/// Working days until the review is due (domain specification 3.11).
pub const REVIEW_WORKING_DAYS: u32 = 3;

named! {
    pub enum GlassReason {
        Emergency = "emergency",
        Coverage = "coverage",
        PatientRequest = "patient-request",
        Other = "other",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct BrokenGlass {
    pub id: GlassId,
    pub person: PersonId,
    pub patient: PatientId,
    pub reason: GlassReason,
    /// Why, in the person's words.
    pub note: Phi<String>,
    pub broken_at: Timestamp,
    pub until: Timestamp,
    pub review_due_at: Timestamp,
    pub review: Option<GlassReview>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct GlassReview {
    pub by: PersonId,
    pub at: Timestamp,
    pub finding: Phi<String>,
}
