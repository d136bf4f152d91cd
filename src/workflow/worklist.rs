//! The worklist: what waits for whom.
//!
//! Not for: the machine's queue (`store/jobs.rs`), or opening a report (`review.rs`).
//!
//! Invariant: a person is shown only reports they may see, and the audit row names them.

use super::error::WorkflowError;
use super::sight::{may_see, person_of};
use super::site::{Acting, Site, perform};
use crate::domain::audit::Act;
use crate::domain::dictation::Priority;
use crate::domain::person::{Person, Role};
use crate::domain::report::Stage;
use crate::store::jobs::{self, Job};
use crate::store::reports::{self, WorklistQuery};

#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub stage: Option<Stage>,
    /// Only what is in the person's own hands.
    pub mine: bool,
    pub priority: Option<Priority>,
}

#[derive(Clone, Debug)]
pub struct WorklistItem {
    pub row: reports::WorklistRow,
    pub work_type_name: String,
    /// The transcription, while it is the machine's turn.
    pub job: Option<Job>,
}

/// What waits, STAT first, then least time left.
pub fn worklist(
    site: &Site,
    who: &Acting,
    filter: &Filter,
) -> Result<Vec<WorklistItem>, WorkflowError> {
    perform(site, who, Act::ViewWorklist, |tx, record| {
        let person = person_of(who, Act::ViewWorklist)?;
        let query = query_for(person, filter);
        let mut items = Vec::new();
        for row in reports::worklist(tx, &query)? {
            if !may_see(person, &row.report) {
                continue;
            }
            record.subject("report", row.report.id);
            let job = match row.report.dictation {
                Some(id) if row.report.stage == Stage::Transcribing => jobs::of_dictation(tx, id)?,
                _ => None,
            };
            let work_type = site.work_types.get(&row.report.work_type);
            let work_type_name = work_type.map_or_else(
                || row.report.work_type.as_str().to_string(),
                |work_type| work_type.name.clone(),
            );
            items.push(WorklistItem { row, work_type_name, job });
        }
        Ok(items)
    })
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
            Stage::WithAuthor => person.has(Role::Author) || person.has(Role::RecordsSpecialist),
            Stage::Done => false,
        };
        if wanted {
            stages.push(*stage);
        }
    }
    stages
}

fn query_for(person: &Person, filter: &Filter) -> WorklistQuery {
    let mut stages = stages_of(person);
    if let Some(stage) = filter.stage {
        stages.retain(|own| *own == stage);
    }
    // An author alone sees only their own; without this the limit would cut others' rows first.
    let only_author = person.roles.iter().all(|role| {
        !matches!(role, Role::Transcriptionist | Role::Reviewer | Role::RecordsSpecialist)
    });
    let mine_as_author = filter.mine && person.has(Role::Author);
    WorklistQuery {
        stages,
        author: (only_author || mine_as_author).then_some(person.id),
        assignee: (filter.mine && !mine_as_author).then_some(person.id),
        priority: filter.priority,
    }
}
