//! Work that is handed out: the next report, somebody else's, or many at once.
//!
//! Not for: taking and giving back one report (`review.rs`).
//!
//! Invariant: a report is put only into the hands of somebody who may see it and whose role works
//! at its stage, and nobody gets their own text to review; of many, each is an act of its own.

use super::error::WorkflowError;
use super::filter::{Desk, Filter};
use super::people::named;
use super::review;
use super::sight::{Eyes, has_written, visible};
use super::site::{Acting, Record, Site, perform, refuse};
use super::worklist::waiting_for;
use crate::domain::audit::Act;
use crate::domain::ids::ReportId;
use crate::domain::person::{Person, Role};
use crate::domain::report::{Report, Stage};
use crate::store::db::Tx;
use crate::store::{people, reports};

/// The most reports of one request.
pub const BULK_MAX: usize = 100;
/// Others may take the same report at the same moment; then the next ones are tried.
const NEXT_TRIES: usize = 20;

/// Takes the most urgent report that is there to be taken and passes the filter.
pub fn claim_next(
    site: &Site,
    who: &Acting,
    filter: &Filter,
) -> Result<Option<ReportId>, WorkflowError> {
    if let Err(denied) = super::permission::check(who, Act::ClaimReport) {
        refuse(site, who, Act::ClaimReport, Record::default(), &denied)?;
        return Err(denied);
    }
    let now = site.clock.now();
    let next: Vec<ReportId> = site.store.read(|tx| -> Result<_, WorkflowError> {
        let eyes = Eyes::of(site, tx, who, Act::ClaimReport)?;
        let filter = filter.resolve(tx)?;
        let mut next = Vec::new();
        for one in waiting_for(tx, &eyes)? {
            let report = &one.report;
            let fits = !one.sealed
                && Desk::Pool.holds(report, &eyes, now)
                && filter.passes(report, &eyes, now)
                && !(report.stage == Stage::InQa && has_written(tx, eyes.person.id, report)?);
            if fits {
                next.push(report.id);
            }
            if next.len() == NEXT_TRIES {
                break;
            }
        }
        Ok(next)
    })?;
    for id in next {
        match review::claim(site, who, id) {
            Ok(()) => return Ok(Some(id)),
            // Somebody was quicker.
            Err(
                WorkflowError::Taken { .. }
                | WorkflowError::Conflict { .. }
                | WorkflowError::Forbidden { .. },
            ) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Puts a report into somebody's hands, or back to where it can be taken.
///
/// # Errors
/// [`WorkflowError::Conflict`] when nobody works on it at its stage, or this person may not.
pub fn reassign(
    site: &Site,
    who: &Acting,
    id: ReportId,
    to: Option<&str>,
) -> Result<(), WorkflowError> {
    perform(site, who, Act::ReassignReport, |tx, record| {
        let (mut report, _) = visible(site, tx, who, Act::ReassignReport, id)?;
        record.subject("report", id);
        let role = match report.stage {
            Stage::Drafted | Stage::Editing => Role::Transcriptionist,
            Stage::InQa => Role::Reviewer,
            _ => {
                return Err(WorkflowError::conflict(
                    "only a draft, or a report in edit or in QA, is handed to somebody",
                ));
            }
        };
        match to {
            Some(username) => {
                let person = named(tx, username)?;
                check_given(site, tx, &person, role, &report)?;
                record.subject("person", person.id);
                report.assignee = Some(person.id);
                if report.stage == Stage::Drafted {
                    report.stage = Stage::Editing;
                }
            }
            None => {
                report.assignee = None;
                if report.stage == Stage::Editing {
                    report.stage = Stage::Drafted;
                }
            }
        }
        Ok(reports::update(tx, &report)?)
    })
}

fn check_given(
    site: &Site,
    tx: &Tx,
    person: &Person,
    role: Role,
    report: &Report,
) -> Result<(), WorkflowError> {
    let eyes = Eyes::of_person(tx, person, site.clock.now())?;
    if !eyes.may_be_given(role, report) {
        return Err(WorkflowError::conflict(
            "this person does not work at this stage, or a label keeps the report from them",
        ));
    }
    if report.stage == Stage::InQa && has_written(tx, person.id, report)? {
        return Err(WorkflowError::conflict("nobody reviews their own work"));
    }
    Ok(())
}

/// Whom reports may be handed to.
///
/// # Errors
/// [`WorkflowError::Forbidden`] for those who hand nothing to anybody.
pub fn colleagues(site: &Site, who: &Acting) -> Result<Vec<Person>, WorkflowError> {
    super::permission::check(who, Act::ReassignReport)?;
    site.store.read(|tx| {
        let mut found = people::with_role(tx, Role::Transcriptionist)?;
        for reviewer in people::with_role(tx, Role::Reviewer)? {
            if !found.iter().any(|person| person.id == reviewer.id) {
                found.push(reviewer);
            }
        }
        Ok(found)
    })
}

/// What is done to many reports.
#[derive(Clone, Debug)]
pub enum Bulk {
    Claim,
    Release,
    /// To a person, by user name, or back to where it can be taken.
    Reassign(Option<String>),
}

/// Each report with what became of it.
pub type Each = Vec<(ReportId, Result<(), WorkflowError>)>;

/// Does it to each; one that fails keeps no other from being done.
///
/// # Errors
/// [`WorkflowError::Invalid`] for more than [`BULK_MAX`].
pub fn each(
    site: &Site,
    who: &Acting,
    bulk: &Bulk,
    ids: &[ReportId],
) -> Result<Each, WorkflowError> {
    if ids.is_empty() || ids.len() > BULK_MAX {
        let message = format!("between 1 and {BULK_MAX} reports at a time");
        return Err(WorkflowError::invalid("reports", message));
    }
    let one = |id: ReportId| match bulk {
        Bulk::Claim => review::claim(site, who, id),
        Bulk::Release => review::release(site, who, id),
        Bulk::Reassign(to) => reassign(site, who, id, to.as_deref()),
    };
    Ok(ids.iter().map(|id| (*id, one(*id))).collect())
}
