//! What the JSON API takes and answers about accounts, labels and broken glass.
//!
//! Not for: what the words mean (`domain`), or who may (`workflow`).
//!
//! Invariant: as in `wire.rs`.

use super::wire::{PersonView, Secret, rfc3339};
use super::wire_report::PatientView;
use crate::workflow::glass::Breaking;
use crate::workflow::standing::Delegation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct AccountView {
    pub person: super::wire::SessionPerson,
    /// Whether signing in asks for a code.
    pub second_factor: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordRequest {
    #[schema(value_type = String, format = Password)]
    pub present: Secret,
    #[schema(value_type = String, format = Password)]
    pub new: Secret,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetRequest {
    pub username: String,
    /// The code that an administrator handed over.
    #[schema(value_type = String, format = Password)]
    pub code: Secret,
    #[schema(value_type = String, format = Password)]
    pub new: Secret,
}

#[derive(Serialize, ToSchema)]
pub struct EnrolmentView {
    /// `otpauth://` address for an authenticator app; shown once.
    pub url: String,
    /// The same as a picture: a QR code, SVG.
    pub picture: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    pub code: String,
}

#[derive(Serialize, ToSchema)]
pub struct RecoveryView {
    /// Shown once; each works once in place of a code.
    pub recovery_codes: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordRequest {
    #[schema(value_type = String, format = Password)]
    pub password: Secret,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DelegateRequest {
    /// User name of the author who will be away; the asker where it is missing.
    pub author: Option<String>,
    pub delegate: String,
    /// RFC 3339.
    pub from: String,
    pub until: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndDelegationRequest {
    /// User name of the author; the asker where it is missing.
    pub author: Option<String>,
    pub delegate: String,
}

#[derive(Serialize, ToSchema)]
pub struct DelegationsView {
    /// The one that ends first before the others.
    pub delegations: Vec<DelegationView>,
}

#[derive(Serialize, ToSchema)]
pub struct DelegationView {
    pub author: PersonView,
    pub delegate: PersonView,
    pub from: String,
    pub until: String,
}

impl From<&Delegation> for DelegationView {
    fn from(delegation: &Delegation) -> Self {
        Self {
            author: PersonView::from(&delegation.author),
            delegate: PersonView::from(&delegation.delegate),
            from: rfc3339(delegation.from),
            until: rfc3339(delegation.until),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelRequest {
    /// Code of the label, such as `VIP`.
    pub label: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LowerLabelRequest {
    pub label: String,
    /// `set-in-error`, `consent-given` or `no-longer-applies`.
    pub reason: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GlassRequest {
    /// `emergency`, `coverage`, `patient-request` or `other`.
    pub reason: String,
    pub note: String,
}

#[derive(Serialize, ToSchema)]
pub struct GlassView {
    /// The chart is open to the asker until then.
    pub until: String,
}

#[derive(Serialize, ToSchema)]
pub struct WaitingView {
    /// The most urgent first.
    pub waiting: Vec<BreakingView>,
}

#[derive(Serialize, ToSchema)]
pub struct ReviewedView {
    /// The newest first, at most 500.
    pub reviewed: Vec<BreakingView>,
}

#[derive(Serialize, ToSchema)]
pub struct BreakingView {
    pub id: String,
    pub person: PersonView,
    pub patient: PatientView,
    pub reason: &'static str,
    pub note: String,
    pub broken_at: String,
    pub review_due_at: String,
    /// What the review found, where it is closed.
    pub review: Option<GlassReviewView>,
}

#[derive(Serialize, ToSchema)]
pub struct GlassReviewView {
    pub by: PersonView,
    pub at: String,
    pub finding: String,
}

impl From<&Breaking> for BreakingView {
    fn from(breaking: &Breaking) -> Self {
        let Breaking { glass, person, patient, reviewer } = breaking;
        let review = glass.review.as_ref().zip(reviewer.as_ref());
        Self {
            id: glass.id.to_string(),
            person: PersonView::from(person),
            patient: PatientView::from(patient),
            reason: glass.reason.code(),
            note: glass.note.reveal().clone(),
            broken_at: rfc3339(glass.broken_at),
            review_due_at: rfc3339(glass.review_due_at),
            review: review.map(|(review, by)| GlassReviewView {
                by: PersonView::from(by),
                at: rfc3339(review.at),
                finding: review.finding.reveal().clone(),
            }),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FindingRequest {
    pub finding: String,
}
