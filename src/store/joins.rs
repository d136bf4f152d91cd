//! Reports that go on in another report, and the recordings a report has beside its own.
//!
//! Not for: deciding which reports belong together (`workflow/joining.rs`).
//!
//! Invariant: a report is joined to one other at a time; a join that was undone stays written
//! down.

use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::ids::{DictationId, FlagId, PersonId, ReportId};
use crate::domain::named::named;
use crate::domain::time::Timestamp;

named! {
    /// What a recording is to a report beside the one it is heard with.
    pub enum RecordingRole {
        /// Its own before another was joined to it, or the two in one after that was undone.
        Joined = "joined",
        /// An author's answer to a blank.
        Answer = "answer",
    }
}

/// One report appended to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// Whose text and recording were appended.
    pub joined: ReportId,
    /// The report that goes on.
    pub report: ReportId,
    /// The version that the join made of it.
    pub version: u32,
    /// The recording it was heard with before.
    pub dictation_before: Option<DictationId>,
    /// Where the other's recording begins in the one of both; none where it brought none.
    pub offset_ms: Option<u32>,
    /// What was heard of the other is a part of what the text is compared with.
    pub with_draft: bool,
    /// Flags of the report that goes on, with those of the joined one that they stand for.
    pub flags: Vec<(FlagId, FlagId)>,
    pub by: PersonId,
    pub at: Timestamp,
}

const JOIN: &str = "select joined_id, report_id, version, dictation_before, offset_ms, with_draft,
    flags, joined_by, joined_at from report_join";

pub fn insert(tx: &Tx, join: &Join) -> Result<(), StoreError> {
    let flags: Vec<(String, String)> =
        join.flags.iter().map(|(here, there)| (here.to_string(), there.to_string())).collect();
    tx.execute(
        "insert into report_join (joined_id, number, report_id, version, dictation_before,
            offset_ms, with_draft, flags, joined_by, joined_at)
            values (?1, (select coalesce(max(number), 0) + 1 from report_join
                where joined_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            join.joined,
            join.report,
            join.version,
            join.dictation_before,
            join.offset_ms,
            join.with_draft,
            serde_json::to_string(&flags).expect("strings are always JSON"),
            join.by,
            join.at
        ],
    )?;
    Ok(())
}

/// What was joined to a report and still is, in the order it was appended.
pub fn of_report(tx: &Tx, report: ReportId) -> Result<Vec<Join>, StoreError> {
    tx.all(
        &format!("{JOIN} where report_id = ?1 and undone_at is null order by version"),
        params![report],
        read,
    )
}

/// The join by which a report goes on in another.
pub fn of_joined(tx: &Tx, joined: ReportId) -> Result<Option<Join>, StoreError> {
    tx.one(&format!("{JOIN} where joined_id = ?1 and undone_at is null"), params![joined], read)
}

pub fn undo(tx: &Tx, joined: ReportId, by: PersonId, at: Timestamp) -> Result<(), StoreError> {
    let rows = tx.execute(
        "update report_join set undone_by = ?2, undone_at = ?3
            where joined_id = ?1 and undone_at is null",
        params![joined, by, at],
    )?;
    assert_eq!(rows, 1, "a join that was read in this transaction is still there");
    Ok(())
}

/// Notes that a recording is a report's beside the one it is heard with.
pub fn keep_recording(
    tx: &Tx,
    dictation: DictationId,
    report: ReportId,
    role: RecordingRole,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into report_recording (dictation_id, report_id, role) values (?1, ?2, ?3)
            on conflict (dictation_id) do nothing",
        params![dictation, report, role.code()],
    )?;
    Ok(())
}

fn read(row: &Row) -> Result<Join, StoreError> {
    let corrupt = || StoreError::corrupt("report_join.flags");
    let rows: Vec<(String, String)> = serde_json::from_str(&row.text(6)?).map_err(|_| corrupt())?;
    let mut flags = Vec::new();
    for (here, there) in rows {
        let pair = here.parse().ok().zip(there.parse().ok());
        flags.push(pair.ok_or_else(corrupt)?);
    }
    Ok(Join {
        joined: row.id(0)?,
        report: row.id(1)?,
        version: row.number(2)?,
        dictation_before: row.opt_id(3)?,
        offset_ms: row.opt_number(4)?,
        with_draft: row.flag(5)?,
        flags,
        by: row.id(7)?,
        at: row.time(8)?,
    })
}
