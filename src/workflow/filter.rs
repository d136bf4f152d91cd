//! What narrows a list: the filters of the page, and the desks that count what waits for whom.
//!
//! Not for: who may see which report (`sight.rs`), or looking for words (`search.rs`).
//!
//! Invariant: a filter holds nothing about a patient, so that it may be kept as a view and stand
//! in an address.

use super::error::WorkflowError;
use super::people::named;
use super::sight::Eyes;
use crate::domain::dictation::Priority;
use crate::domain::flag::FlagKind;
use crate::domain::ids::{PersonId, ReportId};
use crate::domain::named::named;
use crate::domain::person::{Role, Username};
use crate::domain::report::{Completion, Report, Stage};
use crate::domain::time::Timestamp;
use crate::domain::work_type::WorkTypeCode;
use crate::store::db::Tx;
use crate::store::search;
use std::collections::HashSet;

named! {
    /// A heap of work on somebody's desk.
    pub enum Desk {
        /// There to be taken: drafts to edit, reports to review.
        Pool = "pool",
        /// In the person's own hands.
        Mine = "mine",
        /// Waits for the author's signature.
        ToSign = "to-sign",
        /// Waits for the author's answer to a flag or blank.
        ToAnswer = "to-answer",
        /// Waits for the second signature.
        ToCosign = "to-cosign",
        /// Nobody knows yet whom it is about.
        NoPatient = "no-patient",
        Stat = "stat",
        /// Due already.
        Late = "late",
    }
}

impl Desk {
    /// Whether the report lies on this desk of the person.
    pub fn holds(self, report: &Report, eyes: &Eyes, now: Timestamp) -> bool {
        let person = eyes.person;
        let held = report.assignee == Some(person.id);
        match self {
            Desk::Pool => {
                report.assignee.is_none()
                    && match report.stage {
                        Stage::Drafted => person.has(Role::Transcriptionist),
                        Stage::InQa => person.has(Role::Reviewer),
                        _ => false,
                    }
            }
            Desk::Mine => held && matches!(report.stage, Stage::Editing | Stage::InQa),
            Desk::ToSign => {
                report.stage == Stage::WithAuthor
                    && report.author == person.id
                    && report.completion == Completion::AwaitingSignature
            }
            Desk::ToAnswer => {
                report.stage == Stage::WithAuthor
                    && person.has(Role::Author)
                    && eyes.is_for_author(report)
                    && report.completion == Completion::Incomplete
            }
            Desk::ToCosign => held && report.stage == Stage::WithCosigner,
            Desk::NoPatient => report.patient.is_none(),
            Desk::Stat => report.priority == Priority::Stat,
            Desk::Late => report.due_at < now,
        }
    }
}

/// Reports with open flags: any, or of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flagged {
    Any,
    Kind(FlagKind),
}

const ANY: &str = "any";

impl Flagged {
    fn code(self) -> &'static str {
        match self {
            Flagged::Any => ANY,
            Flagged::Kind(kind) => kind.code(),
        }
    }

    pub fn parse(text: &str) -> Result<Self, WorkflowError> {
        if text == ANY {
            return Ok(Flagged::Any);
        }
        FlagKind::from_code(text).map(Flagged::Kind).ok_or_else(|| unknown("flag"))
    }

    pub(super) fn reports(self, tx: &Tx) -> Result<HashSet<ReportId>, WorkflowError> {
        Ok(search::flagged(
            tx,
            match self {
                Flagged::Any => None,
                Flagged::Kind(kind) => Some(kind),
            },
        )?)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    pub stage: Option<Stage>,
    pub desk: Option<Desk>,
    /// Only what is in the person's own hands, or of their own authorship.
    pub mine: bool,
    pub priority: Option<Priority>,
    pub work_type: Option<WorkTypeCode>,
    pub author: Option<Username>,
    pub flag: Option<Flagged>,
}

impl Filter {
    /// Reads a filter from names and codes, as an address or a kept view has them.
    ///
    /// # Errors
    /// [`WorkflowError::Invalid`] for a name or code that is not one.
    pub fn parse<'a>(
        codes: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, WorkflowError> {
        let mut filter = Self::default();
        for (name, code) in codes {
            match name {
                "stage" => filter.stage = Some(read("stage", Stage::from_code(code))?),
                "desk" => filter.desk = Some(read("desk", Desk::from_code(code))?),
                "mine" => filter.mine = read("mine", code.parse().ok())?,
                "priority" => filter.priority = Some(read("priority", Priority::from_code(code))?),
                "work_type" => {
                    filter.work_type = Some(read("work_type", WorkTypeCode::parse(code))?);
                }
                "author" => filter.author = Some(read("author", Username::parse(code))?),
                "flag" => filter.flag = Some(Flagged::parse(code)?),
                _ => return Err(unknown("filter")),
            }
        }
        Ok(filter)
    }

    /// The filter as names and codes; what is not narrowed is left out.
    pub fn codes(&self) -> Vec<(&'static str, String)> {
        let Self { stage, desk, mine, priority, work_type, author, flag } = self;
        let given = [
            ("stage", stage.map(|one| one.code().to_owned())),
            ("desk", desk.map(|one| one.code().to_owned())),
            ("mine", mine.then(|| "true".to_owned())),
            ("priority", priority.map(|one| one.code().to_owned())),
            ("work_type", work_type.as_ref().map(WorkTypeCode::to_string)),
            ("author", author.as_ref().map(Username::to_string)),
            ("flag", flag.map(|one| one.code().to_owned())),
        ];
        given.into_iter().filter_map(|(name, code)| Some((name, code?))).collect()
    }

    /// The filter with what it names looked up.
    pub(super) fn resolve(&self, tx: &Tx) -> Result<Resolved<'_>, WorkflowError> {
        let author = match &self.author {
            Some(username) => Some(named(tx, username.as_str())?.id),
            None => None,
        };
        let flagged = match self.flag {
            Some(flag) => Some(flag.reports(tx)?),
            None => None,
        };
        Ok(Resolved { filter: self, author, flagged })
    }
}

/// A filter that is ready to be held against reports.
pub(super) struct Resolved<'a> {
    filter: &'a Filter,
    author: Option<PersonId>,
    flagged: Option<HashSet<ReportId>>,
}

impl Resolved<'_> {
    pub fn passes(&self, report: &Report, eyes: &Eyes, now: Timestamp) -> bool {
        let filter = self.filter;
        let person = eyes.person;
        let own = person.has(Role::Author) && eyes.is_for_author(report);
        filter.stage.is_none_or(|stage| report.stage == stage)
            && filter.desk.is_none_or(|desk| desk.holds(report, eyes, now))
            && (!filter.mine || own || report.assignee == Some(person.id))
            && filter.priority.is_none_or(|priority| report.priority == priority)
            && filter.work_type.as_ref().is_none_or(|code| report.work_type == *code)
            && self.author.is_none_or(|author| report.author == author)
            && self.flagged.as_ref().is_none_or(|flagged| flagged.contains(&report.id))
    }
}

fn read<T>(field: &'static str, value: Option<T>) -> Result<T, WorkflowError> {
    value.ok_or_else(|| unknown(field))
}

fn unknown(field: &'static str) -> WorkflowError {
    WorkflowError::invalid(field, format!("the {field} is not one we know"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_reads_back_as_it_was_written() {
        let filter = Filter {
            stage: Some(Stage::InQa),
            desk: Some(Desk::Late),
            mine: true,
            priority: Some(Priority::Stat),
            work_type: WorkTypeCode::parse("HP"),
            author: Username::parse("ada"),
            flag: Some(Flagged::Kind(FlagKind::Number)),
        };
        for filter in
            [filter, Filter::default(), Filter { flag: Some(Flagged::Any), ..Filter::default() }]
        {
            let codes = filter.codes();
            let read = Filter::parse(codes.iter().map(|(name, code)| (*name, code.as_str())));
            assert_eq!(read.ok(), Some(filter));
        }
        assert!(Filter::parse([("patient", "x")]).is_err(), "a filter says nothing of a patient");
    }
}
