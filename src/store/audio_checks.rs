//! When each stored recording was last read against its digest, and what was found.
//!
//! Not for: reading them (`workflow/recordings.rs`).
//!
//! Invariant: one row a recording, of its newest check; a finding stays until a later check
//! finds nothing.

use super::db::{Tx, params};
use super::error::StoreError;
use crate::domain::dictation::AudioFinding;
use crate::domain::digest::Digest;
use crate::domain::ids::DictationId;
use crate::domain::time::Timestamp;

/// The most failed recordings that a list names.
const FAILED_MAX: u32 = 200;

/// Recordings that were never checked, at most `limit`.
pub fn unchecked(tx: &Tx, limit: u32) -> Result<Vec<Digest>, StoreError> {
    tx.all(
        "select distinct audio_digest from dictation d where not exists
            (select 1 from audio_check c where c.audio_digest = d.audio_digest) limit ?1",
        params![limit],
        |row| row.digest(0),
    )
}

/// Recordings whose last check was not after `before`, the oldest check first.
pub fn checked_before(tx: &Tx, before: Timestamp, limit: u32) -> Result<Vec<Digest>, StoreError> {
    tx.all(
        "select audio_digest from audio_check where checked_at <= ?1
            order by checked_at limit ?2",
        params![before, limit],
        |row| row.digest(0),
    )
}

pub fn set(
    tx: &Tx,
    audio: Digest,
    at: Timestamp,
    finding: Option<AudioFinding>,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into audio_check (audio_digest, checked_at, finding) values (?1, ?2, ?3)
            on conflict (audio_digest) do update set checked_at = ?2, finding = ?3",
        params![audio, at, finding.map(|finding| finding.code().to_string())],
    )?;
    Ok(())
}

/// What the newest check found, if it found something.
pub fn finding(tx: &Tx, audio: Digest) -> Result<Option<AudioFinding>, StoreError> {
    let found =
        tx.one("select finding from audio_check where audio_digest = ?1", params![audio], |row| {
            row.opt_code(0, AudioFinding::from_code)
        })?;
    Ok(found.flatten())
}

/// Recordings of which something was found.
pub fn findings(tx: &Tx) -> Result<Vec<AudioFinding>, StoreError> {
    tx.all("select finding from audio_check where finding is not null", params![], |row| {
        row.code(0, AudioFinding::from_code)
    })
}

/// The dictations that have this recording.
pub fn dictations(tx: &Tx, audio: Digest) -> Result<Vec<DictationId>, StoreError> {
    tx.all("select id from dictation where audio_digest = ?1", params![audio], |row| row.id(0))
}

/// How far the check of the recordings is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Recordings that were checked, each once.
    pub checked: u64,
    /// Recordings that no check has come to yet.
    pub waiting: u64,
    /// The oldest and the newest of the newest checks.
    pub oldest: Option<Timestamp>,
    pub newest: Option<Timestamp>,
}

pub fn tally(tx: &Tx) -> Result<Tally, StoreError> {
    let tally = tx.one(
        "select count(*), min(checked_at), max(checked_at), (select count(distinct d.audio_digest)
            from dictation d where not exists
                (select 1 from audio_check c where c.audio_digest = d.audio_digest))
            from audio_check",
        params![],
        |row| {
            Ok(Tally {
                checked: row.number(0)?,
                waiting: row.number(3)?,
                oldest: row.opt_time(1)?,
                newest: row.opt_time(2)?,
            })
        },
    )?;
    Ok(tally.unwrap_or_default())
}

/// Recordings of which something was found, with what and when, the newest finding first.
pub fn failed(tx: &Tx) -> Result<Vec<(Digest, AudioFinding, Timestamp)>, StoreError> {
    tx.all(
        "select audio_digest, finding, checked_at from audio_check where finding is not null
            order by checked_at desc limit ?1",
        params![FAILED_MAX],
        |row| Ok((row.digest(0)?, row.code(1, AudioFinding::from_code)?, row.time(2)?)),
    )
}
