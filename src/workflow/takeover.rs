//! Asking politely for a report that is in another's hands.
//!
//! Not for: taking one that is in nobody's (`review.rs`), or a supervisor's moving of work.
//!
//! Invariant: a report leaves somebody's hands by their word, or because they neither answered
//! nor saved anything for a while; nothing of it is shown before it has changed hands.

use super::error::WorkflowError;
use super::sight::{Eyes, changeable, has_written};
use super::site::{Acting, Site, perform};
use crate::domain::audit::Act;
use crate::domain::ids::ReportId;
use crate::domain::report::{Report, Stage};
use crate::domain::time::Timestamp;
use crate::store::db::Tx;
use crate::store::takeovers::{self, Asked};
use crate::store::{people, reports};

/// How long whoever has the report is left to answer, without a save of theirs (judgment: long
/// enough to hear the end of a sentence and look up).
pub const ANSWER_MS: i64 = 2 * 60_000;

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The report is now in the hands of whoever asked.
    pub taken: bool,
    /// In whose hands it was.
    pub holder: String,
    /// How long until asking again takes it, if nothing is answered or saved meanwhile.
    pub wait_ms: i64,
}

/// Asks for a report. Asked again after [`ANSWER_MS`] without an answer or a save, it is handed
/// over.
///
/// # Errors
/// [`WorkflowError::Conflict`] when it is not in another's hands, somebody else asks already, or
/// one would review one's own work.
pub fn ask(site: &Site, who: &Acting, id: ReportId) -> Result<Answered, WorkflowError> {
    let now = site.clock.now();
    perform(site, who, Act::AskTakeover, |tx, record| {
        let eyes = Eyes::of(site, tx, who, Act::AskTakeover)?;
        let report = reports::by_id(tx, id)?.ok_or(WorkflowError::NotFound { what: "report" })?;
        if !eyes.could_work_on(&report) {
            return Err(WorkflowError::Forbidden { act: Act::AskTakeover });
        }
        record.subject("report", id);
        let me = eyes.person.id;
        let Some(holder) = report.assignee.filter(|holder| *holder != me) else {
            return Err(WorkflowError::conflict("the report is not in anybody else's hands"));
        };
        if report.stage == Stage::InQa && has_written(tx, me, &report)? {
            return Err(WorkflowError::conflict("nobody reviews their own work"));
        }
        let named = people::by_id(tx, holder)?.map(|person| person.display_name);
        let asked = takeovers::of_report(tx, id)?;
        if asked.is_some_and(|asked| asked.by != me) {
            return Err(WorkflowError::conflict("somebody else asks for it already"));
        }
        let asked = match asked {
            Some(asked) => asked,
            None => {
                let asked = Asked { by: me, at: now };
                takeovers::insert(tx, id, asked)?;
                asked
            }
        };
        let since = asked.at.0.max(last_save(tx, &report)?.0);
        let wait_ms = (ANSWER_MS - now.since(Timestamp(since))).max(0);
        if wait_ms == 0 {
            hand_over(tx, report, asked)?;
        }
        record.detail("taken", wait_ms == 0);
        Ok(Answered { taken: wait_ms == 0, holder: named.unwrap_or_default(), wait_ms })
    })
}

/// Answers whoever asks for the report in one's hands.
///
/// # Errors
/// [`WorkflowError::Conflict`] when nobody asks any more.
pub fn answer(site: &Site, who: &Acting, id: ReportId, give: bool) -> Result<(), WorkflowError> {
    perform(site, who, Act::AnswerTakeover, |tx, record| {
        let report = changeable(site, tx, who, Act::AnswerTakeover, id)?;
        record.subject("report", id);
        record.detail("given", give);
        let asked = takeovers::of_report(tx, id)?
            .ok_or_else(|| WorkflowError::conflict("nobody asks for the report any more"))?;
        if give { hand_over(tx, report, asked) } else { Ok(takeovers::clear(tx, id)?) }
    })
}

fn hand_over(tx: &Tx, mut report: Report, asked: Asked) -> Result<(), WorkflowError> {
    takeovers::clear(tx, report.id)?;
    report.assignee = Some(asked.by);
    Ok(reports::update(tx, &report)?)
}

/// When the newest version was saved.
fn last_save(tx: &Tx, report: &Report) -> Result<Timestamp, WorkflowError> {
    let newest = reports::version(tx, report.id, report.version)?;
    Ok(newest.map_or(Timestamp(0), |version| version.at))
}
