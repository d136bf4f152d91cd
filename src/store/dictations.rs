//! Dictations as they were received, and their transcripts.
//!
//! Not for: the audio's bytes (`blob.rs`) or the report (`reports.rs`).
//!
//! Invariant: a dictation's row is written once and a transcript replaces one only as a whole.

use super::columns;
use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::dictation::{Audio, AudioFormat, Dictation, Origin, Priority};
use crate::domain::digest::Digest;
use crate::domain::ids::{DictationId, PersonId};
use crate::domain::time::Timestamp;
use crate::domain::transcript::Transcript;

const DICTATION: &str = "select id, author_id, audio_digest, audio_format, audio_bytes,
    duration_ms, origin, priority, work_type, given_mrn, patient_id, encounter_id, dictated_at,
    received_at, labels from dictation";

pub fn insert(
    tx: &Tx,
    dictation: &Dictation,
    received_by: Option<PersonId>,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into dictation (id, author_id, audio_digest, audio_format, audio_bytes,
            duration_ms, origin, priority, work_type, given_mrn, patient_id, encounter_id,
            dictated_at, received_at, labels, received_by)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
        params![
            dictation.id,
            dictation.author,
            dictation.audio.digest,
            dictation.audio.format.code(),
            dictation.audio.bytes,
            dictation.audio.duration_ms,
            dictation.origin.code(),
            dictation.priority.code(),
            dictation.work_type.as_str(),
            dictation.given_mrn.as_ref().map(|mrn| mrn.reveal().to_string()),
            dictation.patient,
            dictation.encounter,
            dictation.dictated_at,
            dictation.received_at,
            columns::labels_text(&dictation.labels),
            received_by
        ],
    )?;
    Ok(())
}

pub fn by_id(tx: &Tx, id: DictationId) -> Result<Option<Dictation>, StoreError> {
    tx.one(&format!("{DICTATION} where id = ?1"), params![id], read)
}

/// The newest dictation by this author with the same audio, received at or after `since`; a part
/// of another and an answer to a blank are none.
pub fn same_audio(
    tx: &Tx,
    author: PersonId,
    audio: Digest,
    since: Timestamp,
) -> Result<Option<DictationId>, StoreError> {
    tx.one(
        "select id from dictation where audio_digest = ?1 and author_id = ?2
            and received_at >= ?3
            and not exists (select 1 from dictation_part p where p.dictation_id = id)
            and not exists (select 1 from spoken_answer a where a.dictation_id = id)
            order by received_at desc limit 1",
        params![audio, author, since],
        |row| row.id(0),
    )
}

/// Every recording that a row names: of a dictation, or as it was before its author edited it.
pub fn audio_digests(tx: &Tx) -> Result<Vec<Digest>, StoreError> {
    let sql = "select audio_digest from dictation
        union select original_digest from take where original_digest is not null";
    tx.all(sql, params![], |row| row.digest(0))
}

/// What was received under an upload key: the dictation and the digest of its audio.
pub fn by_upload_key(
    tx: &Tx,
    actor: &str,
    key: &str,
) -> Result<Option<(DictationId, Digest)>, StoreError> {
    tx.one(
        "select dictation_id, audio_digest from upload_key where actor = ?1 and key = ?2",
        params![actor, key],
        |row| Ok((row.id(0)?, row.digest(1)?)),
    )
}

pub fn insert_upload_key(
    tx: &Tx,
    actor: &str,
    key: &str,
    dictation: DictationId,
    audio: Digest,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into upload_key (actor, key, dictation_id, audio_digest)
            values (?1, ?2, ?3, ?4)",
        params![actor, key, dictation, audio],
    )?;
    Ok(())
}

pub fn insert_transcript(
    tx: &Tx,
    dictation: DictationId,
    transcript: &Transcript,
    now: Timestamp,
) -> Result<(), StoreError> {
    assert!(transcript.is_well_timed(), "word times lie in order within the audio");
    tx.execute(
        "insert into transcript
            (dictation_id, model, audio_ms, words, doubts, reconsidered, made_at)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            dictation,
            transcript.model.as_str(),
            transcript.audio_ms,
            columns::words_text(&transcript.words),
            columns::doubts_text(&transcript.doubts),
            columns::reconsidered_text(&transcript.reconsidered),
            now
        ],
    )?;
    Ok(())
}

pub fn transcript(tx: &Tx, dictation: DictationId) -> Result<Option<Transcript>, StoreError> {
    tx.one(
        "select model, audio_ms, words, doubts, reconsidered
            from transcript where dictation_id = ?1",
        params![dictation],
        |row| {
            Ok(Transcript {
                model: row.text(0)?,
                audio_ms: row.number(1)?,
                words: columns::words(&row.text(2)?)?,
                doubts: columns::doubts(&row.text(3)?)?,
                reconsidered: columns::reconsidered(&row.text(4)?)?,
            })
        },
    )
}

fn read(row: &Row) -> Result<Dictation, StoreError> {
    Ok(Dictation {
        id: row.id(0)?,
        author: row.id(1)?,
        audio: Audio {
            digest: row.digest(2)?,
            format: row.code(3, AudioFormat::from_code)?,
            bytes: row.number(4)?,
            duration_ms: row.number(5)?,
        },
        origin: row.code(6, Origin::from_code)?,
        priority: row.code(7, Priority::from_code)?,
        work_type: columns::work_type(&row.text(8)?)?,
        given_mrn: row.opt_text(9)?.map(|text| columns::mrn(&text)).transpose()?,
        patient: row.opt_id(10)?,
        encounter: row.opt_id(11)?,
        dictated_at: row.time(12)?,
        received_at: row.time(13)?,
        labels: columns::labels(&row.text(14)?)?,
    })
}
