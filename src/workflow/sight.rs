//! Which reports a person may see and change, once their role has the act.
//!
//! Not for: roles, labels and scopes as such (`permission.rs`).
//!
//! Invariant: a transcriptionist sees their pool and what is assigned, a reviewer what is in QA in
//! their pool or assigned, an author (or who stands in for one) what is their own or filed; a
//! label needs a clearance or broken glass unless the work is one's own; nobody changes a signed
//! report.

use super::error::WorkflowError;
use super::permission::{LabelAccess, label_access};
use super::site::{Acting, Site};
use crate::domain::audit::Act;
use crate::domain::ids::{PatientId, PersonId, ReportId};
use crate::domain::label::Labels;
use crate::domain::person::{Person, Role};
use crate::domain::report::{Report, Stage};
use crate::domain::time::Timestamp;
use crate::store::db::Tx;
use crate::store::parts::{self, PoolOf};
use crate::store::{glass, reports, standing};

/// What bears on what a person sees, read once for an act.
pub struct Eyes<'a> {
    pub person: &'a Person,
    clearances: Labels,
    stands_in_for: Vec<PersonId>,
    glass: Vec<(PatientId, Timestamp)>,
    pool: PoolOf,
}

/// How a report stands to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    Seen,
    /// Theirs to see but for a label.
    Sealed,
    NotTheirs,
}

impl<'a> Eyes<'a> {
    /// # Errors
    /// [`WorkflowError::Forbidden`] when no person acts.
    pub fn of(site: &Site, tx: &Tx, who: &'a Acting, act: Act) -> Result<Self, WorkflowError> {
        Self::of_person(tx, person_of(who, act)?, site.clock.now())
    }

    /// The eyes of somebody who need not be the one who acts.
    pub fn of_person(tx: &Tx, person: &'a Person, now: Timestamp) -> Result<Self, WorkflowError> {
        Ok(Self {
            person,
            clearances: standing::clearances(tx, person.id)?,
            stands_in_for: standing::stands_in_for(tx, person.id, now)?,
            glass: glass::open_to(tx, person.id, now)?,
            pool: parts::pool_of(tx, person.id)?,
        })
    }

    /// Whether the person is the author, or stands in for them while they are away.
    pub fn is_for_author(&self, report: &Report) -> bool {
        report.author == self.person.id || self.stands_in_for.contains(&report.author)
    }

    pub fn stands_in_for(&self) -> &[PersonId] {
        &self.stands_in_for
    }

    /// Until when broken glass keeps the patient's chart open to the person, if it does.
    pub fn glass_until(&self, patient: PatientId) -> Option<Timestamp> {
        let open = self.glass.iter().find(|(opened, _)| *opened == patient);
        open.map(|(_, until)| *until)
    }

    /// How the report's text stands to the person.
    pub fn sight(&self, report: &Report) -> Sight {
        let person = self.person;
        let own = person.has(Role::Author) && self.is_for_author(report);
        let assigned = report.assignee == Some(person.id);
        if own || assigned {
            return Sight::Seen;
        }
        let filed = report.completion.is_signed();
        let mut sight = Sight::NotTheirs;
        for role in &person.roles {
            let theirs = match role {
                Role::Author => filed,
                Role::Transcriptionist => {
                    matches!(report.stage, Stage::Transcribing | Stage::Drafted)
                        && self.is_in_pool(report)
                }
                Role::Reviewer => report.stage == Stage::InQa && self.is_in_pool(report),
                Role::RecordsSpecialist => true,
                Role::PrivacyOfficer | Role::Auditor | Role::Administrator => false,
            };
            if theirs && self.may_meet(*role, &report.labels, report.patient) {
                return Sight::Seen;
            }
            if theirs {
                sight = Sight::Sealed;
            }
        }
        sight
    }

    /// Whether the report may be put into the person's hands in this role.
    pub fn may_be_given(&self, role: Role, report: &Report) -> bool {
        self.person.active
            && self.person.has(role)
            && self.may_meet(role, &report.labels, report.patient)
    }

    /// Whether reports that are done can be the person's to see.
    pub fn sees_done(&self) -> bool {
        self.person.has(Role::Author) || self.person.has(Role::RecordsSpecialist)
    }

    /// Whether the labels of a patient keep their chart from the person.
    pub fn is_sealed(&self, patient: PatientId, labels: &Labels) -> bool {
        !self.person.roles.iter().any(|role| self.may_meet(*role, labels, Some(patient)))
    }

    /// Whether the report is of the work types and departments that the person works on.
    fn is_in_pool(&self, report: &Report) -> bool {
        let PoolOf { work_types, authors } = &self.pool;
        work_types.as_ref().is_none_or(|types| types.contains(report.work_type.as_str()))
            && authors.as_ref().is_none_or(|authors| authors.contains(&report.author))
    }

    fn may_meet(&self, role: Role, labels: &Labels, patient: Option<PatientId>) -> bool {
        let glass = patient.is_some_and(|patient| self.glass_until(patient).is_some());
        labels.iter().all(|label| {
            glass
                || label_access(role, label) == LabelAccess::Open
                || self.clearances.iter().any(|cleared| cleared == label)
        })
    }

    /// Whether the report would be the person's to work on, were it in nobody's hands.
    pub fn could_work_on(&self, report: &Report) -> bool {
        let role = match report.stage {
            Stage::Editing => Role::Transcriptionist,
            Stage::InQa => Role::Reviewer,
            Stage::Transcribing
            | Stage::Drafted
            | Stage::WithAuthor
            | Stage::WithCosigner
            | Stage::Done => return false,
        };
        self.person.has(role) && self.may_meet(role, &report.labels, report.patient)
    }

    /// Whether the report's text, flags and patient are the person's to change now.
    pub fn may_change(&self, report: &Report) -> bool {
        if !report.completion.is_editable() {
            return false;
        }
        let person = self.person;
        let assigned = report.assignee == Some(person.id);
        match report.stage {
            Stage::Editing => person.has(Role::Transcriptionist) && assigned,
            Stage::InQa => person.has(Role::Reviewer) && assigned,
            Stage::WithAuthor => person.has(Role::Author) && self.is_for_author(report),
            Stage::Transcribing | Stage::Drafted | Stage::WithCosigner | Stage::Done => false,
        }
    }
}

/// The person who acts.
///
/// # Errors
/// [`WorkflowError::Forbidden`] when no person acts.
pub(super) fn person_of(who: &Acting, act: Act) -> Result<&Person, WorkflowError> {
    who.person.as_ref().ok_or(WorkflowError::Forbidden { act })
}

/// A report the person may see, and the eyes it was seen with.
///
/// # Errors
/// [`WorkflowError::NotFound`]; [`WorkflowError::Forbidden`] when it is not theirs to see;
/// [`WorkflowError::Sealed`] when only a label keeps it from them.
pub(super) fn visible<'a>(
    site: &Site,
    tx: &Tx,
    who: &'a Acting,
    act: Act,
    id: ReportId,
) -> Result<(Report, Eyes<'a>), WorkflowError> {
    let eyes = Eyes::of(site, tx, who, act)?;
    let report = reports::by_id(tx, id)?.ok_or(WorkflowError::NotFound { what: "report" })?;
    match eyes.sight(&report) {
        Sight::Seen => Ok((report, eyes)),
        Sight::Sealed => Err(WorkflowError::Sealed),
        Sight::NotTheirs => Err(WorkflowError::Forbidden { act }),
    }
}

/// A report the person may change now.
///
/// # Errors
/// As [`visible`], and [`WorkflowError::Conflict`] when it is not at a stage, or not in hands,
/// that allow it.
pub(super) fn changeable(
    site: &Site,
    tx: &Tx,
    who: &Acting,
    act: Act,
    id: ReportId,
) -> Result<Report, WorkflowError> {
    let (report, eyes) = visible(site, tx, who, act, id)?;
    if eyes.may_change(&report) {
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
