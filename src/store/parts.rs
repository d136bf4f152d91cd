//! Recordings that hold several reports, copies that go to somebody, and pools.
//!
//! Not for: deciding who splits, sends or sees (`workflow`).
//!
//! Invariant: a copy that was sent stays as it was sent.

use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::ids::{DictationId, PersonId, ReportId};
use crate::domain::named::named;
use crate::domain::time::Timestamp;
use std::collections::HashSet;

/// Notes that a dictation is a part of another's recording.
pub fn insert(tx: &Tx, part: DictationId, whole: DictationId) -> Result<(), StoreError> {
    tx.execute(
        "insert into dictation_part (dictation_id, whole_id) values (?1, ?2)",
        params![part, whole],
    )?;
    Ok(())
}

/// Somebody who gets a copy of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Copy {
    pub report: ReportId,
    pub number: u32,
    pub recipient: String,
    pub address: String,
    pub sent: Option<(Timestamp, PersonId)>,
}

const COPY: &str =
    "select c.report_id, c.number, c.recipient, c.address, c.sent_at, c.sent_by from report_copy c";

/// Puts these recipients in the place of those whose copy was not sent yet.
pub fn set_copies(
    tx: &Tx,
    report: ReportId,
    recipients: &[(String, String)],
) -> Result<(), StoreError> {
    tx.execute(
        "delete from report_copy where report_id = ?1 and sent_at is null",
        params![report],
    )?;
    for (recipient, address) in recipients {
        tx.execute(
            "insert into report_copy (report_id, number, recipient, address) values (?1,
                (select coalesce(max(number), 0) + 1 from report_copy where report_id = ?1),
                ?2, ?3)",
            params![report, recipient.as_str(), address.as_str()],
        )?;
    }
    Ok(())
}

pub fn copies(tx: &Tx, report: ReportId) -> Result<Vec<Copy>, StoreError> {
    tx.all(&format!("{COPY} where c.report_id = ?1 order by c.number"), params![report], read_copy)
}

/// Copies of reports in the chart that were not sent yet, the longest filed first.
pub fn copies_to_send(tx: &Tx, limit: usize) -> Result<Vec<Copy>, StoreError> {
    tx.all(
        &format!(
            "{COPY} join chart_entry e on e.report_id = c.report_id
                where c.sent_at is null order by e.filed_at, c.report_id, c.number limit ?1"
        ),
        params![limit],
        read_copy,
    )
}

/// Notes that a copy was sent; `false` when it was before, or there is none.
pub fn copy_sent(
    tx: &Tx,
    report: ReportId,
    number: u32,
    by: PersonId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "update report_copy set sent_at = ?3, sent_by = ?4
            where report_id = ?1 and number = ?2 and sent_at is null",
        params![report, number, now, by],
    )?;
    Ok(rows == 1)
}

fn read_copy(row: &Row) -> Result<Copy, StoreError> {
    Ok(Copy {
        report: row.id(0)?,
        number: row.number(1)?,
        recipient: row.text(2)?,
        address: row.text(3)?,
        sent: row.opt_time(4)?.zip(row.opt_id(5)?),
    })
}

named! {
    /// What a pool is made of.
    pub enum PoolKind {
        /// The person works on reports of this work type.
        WorkType = "work-type",
        /// The person works on reports of this department's authors.
        Department = "department",
    }
}

/// One line of who works on what.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolLine {
    pub person: PersonId,
    pub kind: PoolKind,
    pub value: String,
}

pub fn pool_lines(tx: &Tx) -> Result<Vec<PoolLine>, StoreError> {
    tx.all(
        "select l.person_id, l.kind, l.value from pool_line l join person p on p.id = l.person_id
            order by p.display_name, l.kind, l.value",
        params![],
        |row| {
            Ok(PoolLine {
                person: row.id(0)?,
                kind: row.code(1, PoolKind::from_code)?,
                value: row.text(2)?,
            })
        },
    )
}

pub fn put_pool_line(tx: &Tx, line: &PoolLine) -> Result<(), StoreError> {
    tx.execute(
        "insert into pool_line (person_id, kind, value) values (?1, ?2, ?3)
            on conflict do nothing",
        params![line.person, line.kind.code(), line.value.as_str()],
    )?;
    Ok(())
}

pub fn remove_pool_line(tx: &Tx, line: &PoolLine) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "delete from pool_line where person_id = ?1 and kind = ?2 and value = ?3",
        params![line.person, line.kind.code(), line.value.as_str()],
    )?;
    Ok(rows == 1)
}

/// The part of the pool that is a person's; all of it where a side is not narrowed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PoolOf {
    pub work_types: Option<HashSet<String>>,
    pub authors: Option<HashSet<PersonId>>,
}

pub fn pool_of(tx: &Tx, person: PersonId) -> Result<PoolOf, StoreError> {
    let values = |kind: PoolKind| {
        tx.all(
            "select value from pool_line where person_id = ?1 and kind = ?2",
            params![person, kind.code()],
            |row| row.text(0),
        )
    };
    let work_types = values(PoolKind::WorkType)?;
    let departments = values(PoolKind::Department)?;
    let authors = if departments.is_empty() {
        None
    } else {
        let authors = tx.all(
            "select id from person where department in
                (select value from pool_line where person_id = ?1 and kind = 'department')",
            params![person],
            |row| row.id(0),
        )?;
        Some(authors.into_iter().collect())
    };
    let work_types = (!work_types.is_empty()).then(|| work_types.into_iter().collect());
    Ok(PoolOf { work_types, authors })
}
