//! Answers to blanks that an author speaks: recordings of their own, and what became of them.
//!
//! Not for: who may answer (`workflow/answering.rs`), or the recording itself (`dictations.rs`).
//!
//! Invariant: what was heard is written once; an answer is taken or left once, and its recording
//! stays in any case.

use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::ids::{DictationId, FlagId, PersonId, ReportId};
use crate::domain::named::named;
use crate::domain::phi::Phi;
use crate::domain::time::Timestamp;

named! {
    pub enum AnswerState {
        /// The author has not said what becomes of it.
        Offered = "offered",
        /// Its words, as they are or changed, were put into the report.
        Taken = "taken",
        /// It is not used.
        Left = "left",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub dictation: DictationId,
    pub report: ReportId,
    /// The flag of the blank that it answers.
    pub flag: Option<FlagId>,
    pub by: PersonId,
    pub at: Timestamp,
    pub duration_ms: u32,
    /// None until it was heard.
    pub heard: Option<Phi<String>>,
    pub taken: Option<Phi<String>>,
    pub version: Option<u32>,
    pub state: AnswerState,
}

const ANSWER: &str = "select a.dictation_id, a.report_id, a.flag_id, a.answered_by, a.answered_at,
    d.duration_ms, a.heard, a.taken, a.version, a.state
    from spoken_answer a join dictation d on d.id = a.dictation_id";

pub fn insert(tx: &Tx, answer: &Answer) -> Result<(), StoreError> {
    tx.execute(
        "insert into spoken_answer (dictation_id, report_id, flag_id, answered_by, answered_at,
            state) values (?1, ?2, ?3, ?4, ?5, 'offered')",
        params![answer.dictation, answer.report, answer.flag, answer.by, answer.at],
    )?;
    Ok(())
}

pub fn by_dictation(tx: &Tx, dictation: DictationId) -> Result<Option<Answer>, StoreError> {
    tx.one(&format!("{ANSWER} where a.dictation_id = ?1"), params![dictation], read)
}

/// The answers of a report, oldest first.
pub fn of_report(tx: &Tx, report: ReportId) -> Result<Vec<Answer>, StoreError> {
    tx.all(
        &format!("{ANSWER} where a.report_id = ?1 order by a.answered_at"),
        params![report],
        read,
    )
}

/// Writes down what was heard.
pub fn set_heard(tx: &Tx, dictation: DictationId, heard: &str) -> Result<(), StoreError> {
    tx.execute(
        "update spoken_answer set heard = ?2 where dictation_id = ?1 and heard is null",
        params![dictation, heard],
    )?;
    Ok(())
}

/// Settles an answer; `false` when it was settled already.
pub fn settle(
    tx: &Tx,
    dictation: DictationId,
    state: AnswerState,
    taken: Option<(&str, u32)>,
) -> Result<bool, StoreError> {
    let (words, version) = taken.unzip();
    let rows = tx.execute(
        "update spoken_answer set state = ?2, taken = ?3, version = ?4
            where dictation_id = ?1 and state = 'offered'",
        params![dictation, state.code(), words, version],
    )?;
    Ok(rows == 1)
}

fn read(row: &Row) -> Result<Answer, StoreError> {
    Ok(Answer {
        dictation: row.id(0)?,
        report: row.id(1)?,
        flag: row.opt_id(2)?,
        by: row.id(3)?,
        at: row.time(4)?,
        duration_ms: row.number(5)?,
        heard: row.opt_text(6)?.map(Phi::new),
        taken: row.opt_text(7)?.map(Phi::new),
        version: row.opt_number(8)?,
        state: row.code(9, AnswerState::from_code)?,
    })
}
