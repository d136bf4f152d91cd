//! Broken glass: who opened which sealed chart, why, and what the review found.
//!
//! Not for: deciding who may (`workflow/glass.rs`).
//!
//! Invariant: a row is reviewed at most once and never deleted.

use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::glass::{BrokenGlass, GlassReason, GlassReview};
use crate::domain::ids::{PatientId, PersonId};
use crate::domain::phi::Phi;
use crate::domain::time::Timestamp;

const GLASS: &str = "select id, person_id, patient_id, reason, note, broken_at, until_at,
    review_due_at, reviewed_by, reviewed_at, finding from broken_glass";

pub fn insert(tx: &Tx, glass: &BrokenGlass) -> Result<(), StoreError> {
    tx.execute(
        "insert into broken_glass (id, person_id, patient_id, reason, note, broken_at, until_at,
            review_due_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            glass.id,
            glass.person,
            glass.patient,
            glass.reason.code(),
            glass.note.reveal().as_str(),
            glass.broken_at,
            glass.until,
            glass.review_due_at
        ],
    )?;
    Ok(())
}

/// Patients whose charts are open to the person now, and until when.
pub fn open_to(
    tx: &Tx,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<(PatientId, Timestamp)>, StoreError> {
    tx.all(
        "select patient_id, max(until_at) from broken_glass
            where person_id = ?1 and until_at > ?2 group by patient_id",
        params![person, now],
        |row| Ok((row.id(0)?, row.time(1)?)),
    )
}

/// Glass that nobody has reviewed yet, the most urgent first.
pub fn unreviewed(tx: &Tx) -> Result<Vec<BrokenGlass>, StoreError> {
    let sql = format!("{GLASS} where reviewed_at is null order by review_due_at");
    tx.all(&sql, params![], read)
}

/// Glass whose review is closed, the newest first.
pub fn reviewed(tx: &Tx, limit: usize) -> Result<Vec<BrokenGlass>, StoreError> {
    let sql =
        format!("{GLASS} where reviewed_at is not null order by reviewed_at desc, id limit ?1");
    tx.all(&sql, params![limit], read)
}

pub fn by_id(tx: &Tx, id: crate::domain::ids::GlassId) -> Result<Option<BrokenGlass>, StoreError> {
    tx.one(&format!("{GLASS} where id = ?1"), params![id], read)
}

/// Writes the review; `false` when there is one already.
pub fn review(
    tx: &Tx,
    id: crate::domain::ids::GlassId,
    review: &GlassReview,
) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "update broken_glass set reviewed_by = ?2, reviewed_at = ?3, finding = ?4
            where id = ?1 and reviewed_at is null",
        params![id, review.by, review.at, review.finding.reveal().as_str()],
    )?;
    Ok(rows == 1)
}

fn read(row: &Row) -> Result<BrokenGlass, StoreError> {
    let by: Option<PersonId> = row.opt_id(8)?;
    let review = match by {
        Some(by) => Some(GlassReview { by, at: row.time(9)?, finding: Phi::new(row.text(10)?) }),
        None => None,
    };
    Ok(BrokenGlass {
        id: row.id(0)?,
        person: row.id(1)?,
        patient: row.id(2)?,
        reason: row.code(3, GlassReason::from_code)?,
        note: Phi::new(row.text(4)?),
        broken_at: row.time(5)?,
        until: row.time(6)?,
        review_due_at: row.time(7)?,
        review,
    })
}
