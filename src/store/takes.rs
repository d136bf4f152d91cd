//! Takes: recordings under way, their blocks of samples, and what was heard of them so far.
//!
//! Not for: recordings that are complete (`blob.rs`, `dictations.rs`).
//!
//! Invariant: a block is written once and never changed; blocks lie without a gap; they go when
//! the take is over, by when its audio is a stored recording.

use super::columns;
use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::dictation::Priority;
use crate::domain::digest::Digest;
use crate::domain::ids::{DictationId, PersonId, TakeId};
use crate::domain::take::{Answering, Edits, SAMPLE_BYTES, Stretch, Take, TakeState};
use crate::domain::time::Timestamp;
use crate::domain::transcript::Word;

const TAKE: &str = "select id, author_id, work_type, priority, given_mrn, patient_id,
    encounter_id, opened_at, state, blocks, samples, edits, dictation_id, answers_report,
    answers_flag from take";

/// The most takes of one person that a list holds.
const LIST_MAX: u32 = 20;

pub fn insert(
    tx: &Tx,
    take: &Take,
    opened_by: &str,
    key: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into take (id, opened_by, key, author_id, work_type, priority, given_mrn,
            patient_id, encounter_id, opened_at, touched_at, state, blocks, samples, heard,
            heard_through, answers_report, answers_flag)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 'open', 0, 0, '[]', 0, ?12,
                ?13)",
        params![
            take.id,
            opened_by,
            key,
            take.author,
            take.work_type.as_str(),
            take.priority.code(),
            take.given_mrn.as_ref().map(|mrn| mrn.reveal().to_string()),
            take.patient,
            take.encounter,
            take.opened_at,
            now,
            take.answers.map(|answers| answers.report),
            take.answers.and_then(|answers| answers.flag)
        ],
    )?;
    Ok(())
}

pub fn by_id(tx: &Tx, id: TakeId) -> Result<Option<Take>, StoreError> {
    tx.one(&format!("{TAKE} where id = ?1"), params![id], read)
}

/// The take, if it is this sender's.
pub fn of_sender(tx: &Tx, id: TakeId, opened_by: &str) -> Result<Option<Take>, StoreError> {
    tx.one(&format!("{TAKE} where id = ?1 and opened_by = ?2"), params![id, opened_by], read)
}

/// The person who began the take, if one did.
pub fn opener(tx: &Tx, id: TakeId) -> Result<Option<PersonId>, StoreError> {
    tx.one(
        "select p.id from take t join person p on t.opened_by = 'person:' || p.id where t.id = ?1",
        params![id],
        |row| row.id(0),
    )
}

pub fn by_key(tx: &Tx, opened_by: &str, key: &str) -> Result<Option<Take>, StoreError> {
    tx.one(&format!("{TAKE} where opened_by = ?1 and key = ?2"), params![opened_by, key], read)
}

/// The sender's takes that are not over and are no answers, newest first.
pub fn open_of(tx: &Tx, opened_by: &str) -> Result<Vec<Take>, StoreError> {
    let sql = format!(
        "{TAKE} where opened_by = ?1 and state = 'open' and answers_report is null
            order by opened_at desc limit ?2"
    );
    tx.all(&sql, params![opened_by, LIST_MAX], read)
}

/// Takes that nobody has added to since then.
pub fn untouched_since(tx: &Tx, then: Timestamp) -> Result<Vec<Take>, StoreError> {
    let sql = format!("{TAKE} where state = 'open' and touched_at < ?1 order by touched_at");
    tx.all(&sql, params![then], read)
}

/// Adds the next block of an open take.
pub fn append(tx: &Tx, take: &mut Take, block: &[u8], now: Timestamp) -> Result<(), StoreError> {
    assert!(!block.is_empty() && block.len().is_multiple_of(SAMPLE_BYTES), "whole samples");
    tx.execute(
        "insert into take_block (take_id, number, first_sample, samples)
            values (?1, ?2, ?3, ?4)",
        params![take.id, take.next, take.samples, block],
    )?;
    take.next += 1;
    take.samples += (block.len() / SAMPLE_BYTES) as u64;
    tx.execute(
        "update take set blocks = ?2, samples = ?3, touched_at = ?4 where id = ?1",
        params![take.id, take.next, take.samples, now],
    )?;
    Ok(())
}

/// Samples from a place on, as bytes, at most as many as asked for and a block more.
pub fn samples(tx: &Tx, id: TakeId, from: u64, count: u64) -> Result<Vec<u8>, StoreError> {
    let blocks = tx.all(
        "select first_sample, samples from take_block where take_id = ?1
            and first_sample + length(samples) / 2 > ?2 and first_sample < ?3
            order by first_sample",
        params![id, from, from.saturating_add(count)],
        |row| Ok((row.number::<u64>(0)?, row.blob(1)?)),
    )?;
    let mut samples = Vec::new();
    for (first, block) in blocks {
        let skipped = from.saturating_sub(first) as usize * SAMPLE_BYTES;
        samples.extend_from_slice(block.get(skipped..).unwrap_or_default());
    }
    samples.truncate(usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(SAMPLE_BYTES));
    Ok(samples)
}

/// Sets what the take is about.
pub fn set_about(tx: &Tx, take: &Take) -> Result<(), StoreError> {
    tx.execute(
        "update take set work_type = ?2, priority = ?3, given_mrn = ?4, patient_id = ?5,
            encounter_id = ?6 where id = ?1",
        params![
            take.id,
            take.work_type.as_str(),
            take.priority.code(),
            take.given_mrn.as_ref().map(|mrn| mrn.reveal().to_string()),
            take.patient,
            take.encounter
        ],
    )?;
    Ok(())
}

/// Sets the order in which the take is heard.
pub fn set_edits(tx: &Tx, id: TakeId, edits: &Edits) -> Result<(), StoreError> {
    let rows: Vec<_> = edits.stretches().iter().map(|s| (s.from, s.to)).collect();
    let text = serde_json::to_string(&rows).expect("numbers are always JSON");
    tx.execute("update take set edits = ?2 where id = ?1", params![id, text])?;
    Ok(())
}

/// What was heard while the take went on: final words, and the sample they reach to.
pub fn heard(tx: &Tx, id: TakeId) -> Result<(Vec<Word>, u64), StoreError> {
    let found =
        tx.one("select heard, heard_through from take where id = ?1", params![id], |row| {
            Ok((columns::words(&row.text(0)?)?, row.number(1)?))
        })?;
    Ok(found.unwrap_or_default())
}

/// Writes down what was heard, if it reaches further than what is there.
pub fn set_heard(tx: &Tx, id: TakeId, words: &[Word], through: u64) -> Result<(), StoreError> {
    tx.execute(
        "update take set heard = ?2, heard_through = ?3 where id = ?1 and heard_through < ?3",
        params![id, columns::words_text(words), through],
    )?;
    Ok(())
}

/// The text the author saw and what they made of it.
pub fn set_correction(tx: &Tx, id: TakeId, shown: &str, corrected: &str) -> Result<(), StoreError> {
    tx.execute(
        "update take set shown = ?2, corrected = ?3 where id = ?1",
        params![id, shown, corrected],
    )?;
    Ok(())
}

/// The text shown and its correction.
pub fn correction(tx: &Tx, id: TakeId) -> Result<Option<(String, String)>, StoreError> {
    let sql = "select shown, corrected from take where id = ?1 and corrected is not null";
    tx.one(sql, params![id], |row| Ok((row.text(0)?, row.text(1)?)))
}

/// The same of the take that a dictation comes from.
pub fn correction_of(
    tx: &Tx,
    dictation: DictationId,
) -> Result<Option<(String, String)>, StoreError> {
    let sql = "select shown, corrected from take
        where dictation_id = ?1 and corrected is not null limit 1";
    tx.one(sql, params![dictation], |row| Ok((row.text(0)?, row.text(1)?)))
}

/// Ends a take; its blocks go.
pub fn end(
    tx: &Tx,
    id: TakeId,
    dictation: Option<DictationId>,
    original: Option<Digest>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let state = if dictation.is_some() { TakeState::Finished } else { TakeState::Discarded };
    tx.execute(
        "update take set state = ?2, dictation_id = ?3, original_digest = ?4, touched_at = ?5
            where id = ?1",
        params![id, state.code(), dictation, original, now],
    )?;
    tx.execute("delete from take_block where take_id = ?1", params![id])?;
    Ok(())
}

fn read(row: &Row) -> Result<Take, StoreError> {
    Ok(Take {
        id: row.id(0)?,
        author: row.id(1)?,
        work_type: columns::work_type(&row.text(2)?)?,
        priority: row.code(3, Priority::from_code)?,
        given_mrn: row.opt_text(4)?.map(|text| columns::mrn(&text)).transpose()?,
        patient: row.opt_id(5)?,
        encounter: row.opt_id(6)?,
        opened_at: row.time(7)?,
        state: row.code(8, TakeState::from_code)?,
        next: row.number(9)?,
        samples: row.number(10)?,
        edits: edits(row.opt_text(11)?, row.number(10)?)?,
        dictation: row.opt_id(12)?,
        answers: answers(row)?,
    })
}

fn answers(row: &Row) -> Result<Option<Answering>, StoreError> {
    let Some(report) = row.opt_id(13)? else { return Ok(None) };
    Ok(Some(Answering { report, flag: row.opt_id(14)? }))
}

fn edits(text: Option<String>, samples: u64) -> Result<Edits, StoreError> {
    let Some(text) = text else { return Ok(Edits::default()) };
    let corrupt = || StoreError::corrupt("take.edits");
    let rows: Vec<(u64, Option<u64>)> = serde_json::from_str(&text).map_err(|_| corrupt())?;
    let stretches = rows.into_iter().map(|(from, to)| Stretch { from, to }).collect();
    Edits::new(stretches, samples).ok_or_else(corrupt)
}
