//! The worklist: what waits for whom.
//!
//! Not for: the machine's queue (`store/jobs.rs`), looking for words (`search.rs`), or taking a
//! report (`queue.rs`).
//!
//! Invariant: a person is shown only reports they may see, and the audit names them.

use super::error::WorkflowError;
use super::filter::{Desk, Filter};
use super::shown;
use super::sight::{Eyes, Sight};
use super::site::{Acting, Site, look};
use crate::domain::audit::Act;
use crate::domain::person::{Person, Role};
use crate::domain::report::{Report, Stage};
use crate::store::db::Tx;
use crate::store::jobs::{self, Job};
use crate::store::worklist::{self as rows, WorklistQuery, WorklistRow};

/// The most rows of one answer; of the others there is the number.
pub const WORKLIST_MAX: usize = 500;

#[derive(Clone, Debug)]
pub struct Worklist {
    pub items: Vec<WorklistItem>,
    /// Reports that wait for the person and pass the filter, shown or not.
    pub total: usize,
    /// Every desk with the reports on it, whatever the filter.
    pub counts: Vec<(Desk, usize)>,
}

#[derive(Clone, Debug)]
pub struct WorklistItem {
    pub row: WorklistRow,
    pub work_type_name: String,
    /// The transcription, while it is the machine's turn.
    pub job: Option<Job>,
}

/// A report of somebody's list.
pub(super) struct Waiting {
    pub report: Report,
    /// A label keeps the names from the person, who may know that it is there.
    pub sealed: bool,
}

/// What waits, STAT first, then least time left; at most [`WORKLIST_MAX`] rows.
pub fn worklist(site: &Site, who: &Acting, filter: &Filter) -> Result<Worklist, WorkflowError> {
    let now = site.clock.now();
    look(site, who, Act::ViewWorklist, |tx, record| {
        let eyes = Eyes::of(site, tx, who, Act::ViewWorklist)?;
        let filter = filter.resolve(tx)?;
        let mut waiting = waiting_for(tx, &eyes)?;
        let counts = Desk::ALL.iter().map(|desk| {
            (*desk, waiting.iter().filter(|one| desk.holds(&one.report, &eyes, now)).count())
        });
        let counts = counts.collect();
        waiting.retain(|one| filter.passes(&one.report, &eyes, now));
        let total = waiting.len();
        waiting.truncate(WORKLIST_MAX);
        let named = waiting.iter().map(|one| format!("report:{}", one.report.id)).collect();
        shown::name(site, tx, who, record, named)?;
        Ok(Worklist { items: items(site, tx, waiting)?, total, counts })
    })
}

/// Everything that waits and is the person's to know of, in the order of a worklist.
pub(super) fn waiting_for(tx: &Tx, eyes: &Eyes) -> Result<Vec<Waiting>, WorkflowError> {
    let mut waiting = Vec::new();
    for report in rows::waiting(tx, &query_for(eyes))? {
        let sealed = match eyes.sight(&report) {
            Sight::Seen => false,
            // The restricted queue is for the cleared; records staff see that it is there.
            Sight::Sealed if eyes.person.has(Role::RecordsSpecialist) => true,
            Sight::Sealed | Sight::NotTheirs => continue,
        };
        waiting.push(Waiting { report, sealed });
    }
    Ok(waiting)
}

/// The rows of these reports, in their order.
pub(super) fn items(
    site: &Site,
    tx: &Tx,
    waiting: Vec<Waiting>,
) -> Result<Vec<WorklistItem>, WorkflowError> {
    let sealed: Vec<bool> = waiting.iter().map(|one| one.sealed).collect();
    let reports = waiting.into_iter().map(|one| one.report).collect();
    let mut items = Vec::new();
    for (mut row, sealed) in rows::rows(tx, reports)?.into_iter().zip(sealed) {
        if sealed {
            mask(&mut row);
        }
        items.push(item(site, tx, row)?);
    }
    Ok(items)
}

fn item(site: &Site, tx: &Tx, row: WorklistRow) -> Result<WorklistItem, WorkflowError> {
    let job = match row.report.dictation {
        Some(id) if row.report.stage == Stage::Transcribing => jobs::of_dictation(tx, id)?,
        _ => None,
    };
    let work_type = site.work_types.get(&row.report.work_type);
    let work_type_name = work_type.map_or_else(
        || row.report.work_type.as_str().to_string(),
        |work_type| work_type.name.clone(),
    );
    Ok(WorklistItem { row, work_type_name, job })
}

/// The stages whose reports are anybody's work in these roles.
pub fn stages_of(person: &Person) -> Vec<Stage> {
    let mut stages = Vec::new();
    for stage in Stage::ALL {
        let wanted = match stage {
            Stage::Transcribing | Stage::Drafted | Stage::Editing => {
                person.has(Role::Transcriptionist)
                    || person.has(Role::Author)
                    || person.has(Role::RecordsSpecialist)
            }
            Stage::InQa => {
                person.has(Role::Reviewer)
                    || person.has(Role::Author)
                    || person.has(Role::RecordsSpecialist)
            }
            Stage::WithAuthor | Stage::WithCosigner => {
                person.has(Role::Author) || person.has(Role::RecordsSpecialist)
            }
            Stage::Done => false,
        };
        if wanted {
            stages.push(*stage);
        }
    }
    stages
}

/// Takes the names out of a sealed report's row.
fn mask(row: &mut WorklistRow) {
    row.patient_name = None;
    row.mrn = None;
    row.sealed = true;
}

fn query_for(eyes: &Eyes) -> WorklistQuery {
    let person = eyes.person;
    // An author alone sees only their own: no need to look through the others'.
    let only_author = person.roles.iter().all(|role| {
        !matches!(role, Role::Transcriptionist | Role::Reviewer | Role::RecordsSpecialist)
    });
    let mut authors = vec![person.id];
    authors.extend(eyes.stands_in_for());
    WorklistQuery {
        stages: stages_of(person),
        authors: if only_author { authors } else { Vec::new() },
        cosigner: Some(person.id),
    }
}
