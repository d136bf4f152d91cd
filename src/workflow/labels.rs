//! Confidentiality labels on patients and reports: anybody at work may raise them, only the
//! privacy officer lowers them.
//!
//! Not for: what a label keeps from whom (`sight.rs`, `permission.rs`).
//!
//! Invariant: a label goes only down by the privacy officer, with a reason (domain
//! specification 3.9).

use super::error::WorkflowError;
use super::sight::visible;
use super::site::{Acting, Site, perform};
use crate::domain::audit::Act;
use crate::domain::ids::{PatientId, ReportId};
use crate::domain::label::{Label, Labels};
use crate::store::db::Tx;
use crate::store::{patients, reports};

/// Reasons for lowering a label, as codes for the audit.
pub const LOWER_REASONS: &[&str] = &["set-in-error", "consent-given", "no-longer-applies"];

/// What carries a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labelled {
    Patient(PatientId),
    Report(ReportId),
}

/// Adds a label.
///
/// # Errors
/// [`WorkflowError::Forbidden`] for a report that is not the person's to see.
pub fn add(site: &Site, who: &Acting, what: Labelled, label: Label) -> Result<(), WorkflowError> {
    perform(site, who, Act::AddLabel, |tx, record| {
        record.detail("label", label.code());
        match what {
            Labelled::Patient(id) => {
                record.subject("patient", id);
                let patient = patients::by_id(tx, id)?;
                let patient = patient.ok_or(WorkflowError::NotFound { what: "patient" })?;
                Ok(patients::set_labels(tx, id, &patient.labels.with(label))?)
            }
            Labelled::Report(id) => {
                record.subject("report", id);
                // The privacy officer labels without seeing the text.
                if super::permission::check(who, Act::LowerLabel).is_err() {
                    visible(site, tx, who, Act::AddLabel, id)?;
                }
                let labels = own_labels(tx, id)?.with(label);
                Ok(reports::set_labels(tx, id, &labels)?)
            }
        }
    })
}

fn own_labels(tx: &Tx, id: ReportId) -> Result<Labels, WorkflowError> {
    reports::own_labels(tx, id)?.ok_or(WorkflowError::NotFound { what: "report" })
}

/// Lowers a label, for one of [`LOWER_REASONS`].
///
/// # Errors
/// [`WorkflowError::Invalid`] for another reason.
pub fn lower(
    site: &Site,
    who: &Acting,
    what: Labelled,
    label: Label,
    reason: &str,
) -> Result<(), WorkflowError> {
    if !LOWER_REASONS.contains(&reason) {
        let message = format!("the reason is one of {}", LOWER_REASONS.join(", "));
        return Err(WorkflowError::invalid("reason", message));
    }
    perform(site, who, Act::LowerLabel, |tx, record| {
        record.detail("label", label.code());
        record.detail("reason", reason);
        match what {
            Labelled::Patient(id) => {
                record.subject("patient", id);
                let patient = patients::by_id(tx, id)?;
                let patient = patient.ok_or(WorkflowError::NotFound { what: "patient" })?;
                Ok(patients::set_labels(tx, id, &patient.labels.without(label))?)
            }
            Labelled::Report(id) => {
                record.subject("report", id);
                let labels = own_labels(tx, id)?.without(label);
                Ok(reports::set_labels(tx, id, &labels)?)
            }
        }
    })
}
