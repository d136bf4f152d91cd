//! Which reports a person may see and change, once their role has the act.
//!
//! Not for: roles (`permission.rs`).
//!
//! Invariant: a transcriptionist sees the pool and what is assigned, a reviewer what is in QA or
//! assigned, an author what is their own or filed, and nobody changes a signed report.

use super::error::WorkflowError;
use super::site::Acting;
use crate::domain::audit::Act;
use crate::domain::ids::PersonId;
use crate::domain::person::{Person, Role};
use crate::domain::report::{Report, Stage};
use crate::store::db::Tx;
use crate::store::reports;

/// Whether the person may see the report's text.
pub fn may_see(person: &Person, report: &Report) -> bool {
    let filed = report.completion.is_signed();
    let assigned = report.assignee == Some(person.id);
    person.roles.iter().any(|role| match role {
        Role::Author => report.author == person.id || filed,
        Role::Transcriptionist => {
            assigned || matches!(report.stage, Stage::Transcribing | Stage::Drafted)
        }
        Role::Reviewer => assigned || report.stage == Stage::InQa,
        Role::RecordsSpecialist => true,
        Role::PrivacyOfficer | Role::Auditor | Role::Administrator => false,
    })
}

/// Whether the report's text, flags and patient are the person's to change now.
pub fn may_change(person: &Person, report: &Report) -> bool {
    if !report.completion.is_editable() {
        return false;
    }
    match report.stage {
        Stage::Editing => person.has(Role::Transcriptionist) && report.assignee == Some(person.id),
        Stage::InQa => person.has(Role::Reviewer) && report.assignee == Some(person.id),
        Stage::WithAuthor => person.has(Role::Author) && report.author == person.id,
        Stage::Transcribing | Stage::Drafted | Stage::Done => false,
    }
}

/// The person who acts.
///
/// # Errors
/// [`WorkflowError::Forbidden`] when no person acts.
pub(super) fn person_of(who: &Acting, act: Act) -> Result<&Person, WorkflowError> {
    who.person.as_ref().ok_or(WorkflowError::Forbidden { act })
}

/// A report the person may see.
///
/// # Errors
/// [`WorkflowError::NotFound`], or [`WorkflowError::Forbidden`] when it is not theirs to see.
pub(super) fn visible(
    tx: &Tx,
    who: &Acting,
    act: Act,
    id: crate::domain::ids::ReportId,
) -> Result<Report, WorkflowError> {
    let person = person_of(who, act)?;
    let report = reports::by_id(tx, id)?.ok_or(WorkflowError::NotFound { what: "report" })?;
    if may_see(person, &report) { Ok(report) } else { Err(WorkflowError::Forbidden { act }) }
}

/// A report the person may change now.
///
/// # Errors
/// As [`visible`], and [`WorkflowError::Conflict`] when it is not at a stage, or not in hands,
/// that allow it.
pub(super) fn changeable(
    tx: &Tx,
    who: &Acting,
    act: Act,
    id: crate::domain::ids::ReportId,
) -> Result<Report, WorkflowError> {
    let person = person_of(who, act)?;
    let report = visible(tx, who, act, id)?;
    if may_change(person, &report) {
        return Ok(report);
    }
    Err(WorkflowError::conflict(if report.completion.is_signed() {
        "the report is signed and cannot be changed; write an addendum"
    } else {
        "the report is not in your hands; open it from your worklist and take it first"
    }))
}

/// Whether the person wrote any version: nobody reviews their own work.
pub(super) fn has_written(
    tx: &Tx,
    person: PersonId,
    report: &Report,
) -> Result<bool, WorkflowError> {
    Ok(reports::has_version_by(tx, report.id, person)?)
}
