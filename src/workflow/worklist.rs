//! The worklist: what waits for whom.
//!
//! Not for: the machine's queue (`store/jobs.rs`), or opening a report (`review.rs`).
//!
//! Invariant: a person is shown only reports they may see, and the audit names them.

use super::error::WorkflowError;
use super::shown;
use super::sight::{Eyes, Sight};
use super::site::{Acting, Site, look};
use crate::domain::audit::Act;
use crate::domain::dictation::Priority;
use crate::domain::person::{Person, Role};
use crate::domain::report::Stage;
use crate::store::db::Tx;
use crate::store::jobs::{self, Job};
use crate::store::worklist::{self as rows, WorklistQuery, WorklistRow};
use std::collections::HashSet;

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub stage: Option<Stage>,
    /// Only what is in the person's own hands.
    pub mine: bool,
    pub priority: Option<Priority>,
}

/// The most rows of one answer; of the others there is the number.
pub const WORKLIST_MAX: usize = 500;

#[derive(Clone, Debug)]
pub struct Worklist {
    pub items: Vec<WorklistItem>,
    /// Reports that wait for the person, shown or not.
    pub total: usize,
}

#[derive(Clone, Debug)]
pub struct WorklistItem {
    pub row: WorklistRow,
    pub work_type_name: String,
    /// The transcription, while it is the machine's turn.
    pub job: Option<Job>,
}

/// What waits, STAT first, then least time left; at most [`WORKLIST_MAX`] rows.
pub fn worklist(site: &Site, who: &Acting, filter: &Filter) -> Result<Worklist, WorkflowError> {
    look(site, who, Act::ViewWorklist, |tx, record| {
        let eyes = Eyes::of(site, tx, who, Act::ViewWorklist)?;
        let mut waiting = Vec::new();
        let mut sealed = HashSet::new();
        for report in rows::waiting(tx, &query_for(&eyes, filter))? {
            match eyes.sight(&report) {
                Sight::Seen => {}
                // The restricted queue is for the cleared; records staff see that it is there.
                Sight::Sealed if eyes.person.has(Role::RecordsSpecialist) => {
                    sealed.insert(report.id);
                }
                Sight::Sealed | Sight::NotTheirs => continue,
            }
            waiting.push(report);
        }
        let total = waiting.len();
        waiting.truncate(WORKLIST_MAX);
        let named = waiting.iter().map(|report| format!("report:{}", report.id)).collect();
        shown::name(site, tx, who, record, named)?;
        let mut items = Vec::new();
        for mut row in rows::rows(tx, waiting)? {
            if sealed.contains(&row.report.id) {
                mask(&mut row);
            }
            items.push(item(site, tx, row)?);
        }
        Ok(Worklist { items, total })
    })
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

fn query_for(eyes: &Eyes, filter: &Filter) -> WorklistQuery {
    let person = eyes.person;
    let mut stages = stages_of(person);
    if let Some(stage) = filter.stage {
        stages.retain(|own| *own == stage);
    }
    // An author alone sees only their own: no need to look through the others'.
    let only_author = person.roles.iter().all(|role| {
        !matches!(role, Role::Transcriptionist | Role::Reviewer | Role::RecordsSpecialist)
    });
    let mine_as_author = filter.mine && person.has(Role::Author);
    let mut authors = vec![person.id];
    authors.extend(eyes.stands_in_for());
    WorklistQuery {
        stages,
        authors: if only_author || mine_as_author { authors } else { Vec::new() },
        cosigner: Some(person.id),
        assignee: (filter.mine && !mine_as_author).then_some(person.id),
        priority: filter.priority,
    }
}
