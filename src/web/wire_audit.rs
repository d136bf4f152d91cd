//! What the JSON API takes and answers about the audit.
//!
//! Not for: what a row means (`domain/audit.rs`).
//!
//! Invariant: as in `wire.rs`.

use super::wire::{PersonView, rfc3339};
use super::wire_report::PatientView;
use crate::workflow::audit::{Entry, Verified};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What to look for; everything that is given must hold.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditSearchRequest {
    /// Record number of a patient.
    pub mrn: Option<String>,
    pub username: Option<String>,
    /// Code of an act, such as `view-report`.
    pub act: Option<String>,
    /// RFC 3339.
    pub from: Option<String>,
    /// RFC 3339, exclusive.
    pub until: Option<String>,
    /// Only rows before this number.
    pub before: Option<u64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessReportRequest {
    pub mrn: String,
    pub from: Option<String>,
    pub until: Option<String>,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditSpan {
    /// RFC 3339.
    pub from: Option<String>,
    /// RFC 3339, exclusive.
    pub until: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct AuditRowsView {
    pub rows: Vec<AuditRowView>,
}

#[derive(Serialize, ToSchema)]
pub struct AuditRowView {
    pub seq: u64,
    pub at: String,
    /// As it is stored: a person and their session or token, an operator, the machine.
    pub actor: String,
    /// Who that is, where it is a person.
    pub person: Option<PersonView>,
    pub act: String,
    pub outcome: String,
    /// `kind:id` of what was acted on.
    pub subjects: Vec<String>,
    /// Codes that say more.
    #[schema(value_type = Object)]
    pub detail: serde_json::Value,
}

#[derive(Serialize, ToSchema)]
pub struct AccessReportView {
    pub patient: PatientView,
    pub rows: Vec<AuditRowView>,
    /// There are more rows than one report has; ask for a shorter time.
    pub cut: bool,
}

/// How the chain of seals stands.
#[derive(Serialize, ToSchema)]
pub struct ChainView {
    pub holds: bool,
    pub rows: u64,
    /// The first row that does not hold.
    pub broken: Option<u64>,
    /// Rows that were written down as heads and are gone or others now.
    pub lost: Vec<u64>,
}

impl From<&Entry> for AuditRowView {
    fn from(entry: &Entry) -> Self {
        let row = &entry.row;
        let subjects = row.subjects.split(' ').filter(|subject| !subject.is_empty());
        Self {
            seq: row.seq,
            at: rfc3339(row.at),
            actor: row.actor.clone(),
            person: entry.person.as_ref().map(PersonView::from),
            act: row.act.clone(),
            outcome: row.outcome.clone(),
            subjects: subjects.map(str::to_owned).collect(),
            detail: serde_json::from_str(&row.detail).unwrap_or_default(),
        }
    }
}

impl From<&Verified> for ChainView {
    fn from(verified: &Verified) -> Self {
        Self {
            holds: verified.holds(),
            rows: verified.checked.rows,
            broken: verified.checked.broken,
            lost: verified.checked.lost.iter().map(|head| head.seq).collect(),
        }
    }
}
