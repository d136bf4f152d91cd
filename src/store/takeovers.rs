//! Who asks for a report that is in another's hands.
//!
//! Not for: whether it may change hands (`workflow/takeover.rs`).
//!
//! Invariant: a report is asked for by one person at a time.

use super::db::{Tx, params};
use super::error::StoreError;
use crate::domain::ids::{PersonId, ReportId};
use crate::domain::time::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub by: PersonId,
    pub at: Timestamp,
}

pub fn of_report(tx: &Tx, report: ReportId) -> Result<Option<Asked>, StoreError> {
    let sql = "select asked_by, asked_at from takeover where report_id = ?1";
    tx.one(sql, params![report], |row| Ok(Asked { by: row.id(0)?, at: row.time(1)? }))
}

pub fn insert(tx: &Tx, report: ReportId, asked: Asked) -> Result<(), StoreError> {
    let sql = "insert into takeover (report_id, asked_by, asked_at) values (?1, ?2, ?3)";
    tx.execute(sql, params![report, asked.by, asked.at])?;
    Ok(())
}

/// Forgets that anybody asked.
pub fn clear(tx: &Tx, report: ReportId) -> Result<(), StoreError> {
    tx.execute("delete from takeover where report_id = ?1", params![report])?;
    Ok(())
}
