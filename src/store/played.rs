//! What of a recording sounded in whose page, and passages of normals that were put into reports.
//!
//! Not for: who may listen, and how much has to be heard (`workflow`).
//!
//! Invariant: rows are only added.

use super::db::{Tx, params};
use super::error::StoreError;
use crate::domain::ids::{DictationId, PersonId, ReportId};
use crate::domain::time::{AudioSpan, Timestamp};

/// Writes down stretches that sounded.
pub fn insert(
    tx: &Tx,
    dictation: DictationId,
    person: PersonId,
    at: Timestamp,
    spans: &[AudioSpan],
) -> Result<(), StoreError> {
    for span in spans {
        tx.execute(
            "insert into played (dictation_id, person_id, told_at, number, start_ms, end_ms)
                values (?1, ?2, ?3, (select coalesce(max(number), 0) + 1 from played
                    where dictation_id = ?1 and person_id = ?2 and told_at = ?3), ?4, ?5)",
            params![dictation, person, at, span.start_ms, span.end_ms],
        )?;
    }
    Ok(())
}

/// Milliseconds of the recording that sounded for the person from a time on, each counted once.
pub fn heard_ms(
    tx: &Tx,
    dictation: DictationId,
    person: PersonId,
    since: Timestamp,
) -> Result<u32, StoreError> {
    let spans = tx.all(
        "select start_ms, end_ms from played
            where dictation_id = ?1 and person_id = ?2 and told_at >= ?3 order by start_ms",
        params![dictation, person, since],
        |row| Ok((row.number::<u32>(0)?, row.number::<u32>(1)?)),
    )?;
    Ok(covered(&spans))
}

/// The length of the union of spans in the order of their beginnings.
fn covered(spans: &[(u32, u32)]) -> u32 {
    let mut covered = 0;
    let mut through = 0;
    for (start, end) in spans {
        let from = (*start).max(through);
        if *end > from {
            covered += end - from;
            through = *end;
        }
    }
    covered
}

/// Keeps a passage that was put into a report, once.
pub fn keep_passage(tx: &Tx, report: ReportId, body: &str) -> Result<(), StoreError> {
    tx.execute(
        "insert into inserted_passage (report_id, number, body)
            select ?1, (select coalesce(max(number), 0) + 1 from inserted_passage
                where report_id = ?1), ?2
            where not exists (select 1 from inserted_passage where report_id = ?1 and body = ?2)",
        params![report, body],
    )?;
    Ok(())
}

/// Passages that were put into a report, the longest first.
pub fn passages(tx: &Tx, report: ReportId) -> Result<Vec<String>, StoreError> {
    tx.all(
        "select body from inserted_passage where report_id = ?1 order by length(body) desc, number",
        params![report],
        |row| row.text(0),
    )
}

#[cfg(test)]
mod tests {
    use super::covered;

    #[test]
    fn what_sounded_twice_counts_once() {
        assert_eq!(covered(&[]), 0);
        assert_eq!(covered(&[(0, 1000), (500, 2000), (500, 600), (3000, 3500)]), 2500);
    }
}
