//! How far the daily check of the texts is, and which versions are not as they were saved.
//!
//! Not for: reading on and comparing, which `workflow/recordings.rs` does in steps.
//!
//! Invariant: the place of the check is where it goes on after a restart; a finding stays until
//! a later check finds the version whole.

use super::db::{Tx, params};
use super::error::StoreError;
use crate::domain::digest::Digest;
use crate::domain::ids::ReportId;
use crate::domain::time::Timestamp;

/// The check of all versions that is under way, or the last that was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pass {
    /// The version that was read last; none where the next one begins anew.
    pub place: Option<(ReportId, u32)>,
    /// Versions read by now.
    pub read: u64,
    /// When the last whole pass ended, and how many it read.
    pub done: Option<(Timestamp, u64)>,
}

pub fn pass(tx: &Tx) -> Result<Pass, StoreError> {
    let found = tx.one(
        "select report_id, number, read, done_at, done_read from version_pass where id = 1",
        params![],
        |row| {
            Ok(Pass {
                place: row.opt_id(0)?.zip(row.opt_number(1)?),
                read: row.number(2)?,
                done: row.opt_time(3)?.zip(row.opt_number(4)?),
            })
        },
    )?;
    Ok(found.unwrap_or_default())
}

pub fn set_pass(tx: &Tx, pass: &Pass) -> Result<(), StoreError> {
    let (report, number) = pass.place.unzip();
    let (done_at, done_read) = pass.done.unzip();
    tx.execute(
        "insert into version_pass (id, report_id, number, read, done_at, done_read)
            values (1, ?1, ?2, ?3, ?4, ?5) on conflict (id) do update set report_id = ?1,
                number = ?2, read = ?3, done_at = ?4, done_read = ?5",
        params![report, number, pass.read, done_at, done_read],
    )?;
    Ok(())
}

/// A version with whether its text is the one that was digested.
pub type Compared = (ReportId, u32, bool);

/// The next versions behind a place, each compared with its digest.
pub fn next(
    tx: &Tx,
    place: Option<(ReportId, u32)>,
    limit: u32,
) -> Result<Vec<Compared>, StoreError> {
    let (report, number) = place.unzip();
    tx.all(
        "select report_id, number, body, digest from report_version
            where (report_id, number) > (coalesce(?1, ''), coalesce(?2, 0))
            order by report_id, number limit ?3",
        params![report, number, limit],
        |row| {
            let whole = Digest::of(row.text(2)?.as_bytes()) == row.digest(3)?;
            Ok((row.id(0)?, row.number(1)?, whole))
        },
    )
}

/// Writes down what was found of a version; whether that is another thing than before.
pub fn set(
    tx: &Tx,
    report: ReportId,
    number: u32,
    whole: bool,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let rows = if whole {
        tx.execute(
            "delete from version_finding where report_id = ?1 and number = ?2",
            params![report, number],
        )?
    } else {
        tx.execute(
            "insert into version_finding (report_id, number, found_at) values (?1, ?2, ?3)
                on conflict (report_id, number) do nothing",
            params![report, number, at],
        )?
    };
    Ok(rows > 0)
}

/// Versions that are not as they were saved, with when that was found.
pub fn failed(tx: &Tx) -> Result<Vec<(ReportId, u32, Timestamp)>, StoreError> {
    tx.all(
        "select report_id, number, found_at from version_finding order by found_at desc limit 200",
        params![],
        |row| Ok((row.id(0)?, row.number(1)?, row.time(2)?)),
    )
}
