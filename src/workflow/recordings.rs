//! The daily check of the stored recordings and texts: each is read against its digest.
//!
//! Not for: when, and how fast (`jobs/recheck.rs`), or mending; a backup or the sender has the
//! recording.
//!
//! Invariant: a recording that fails has an audit row of every check that found it so, and of
//! the one that finds it whole again; a version when that changes.

use super::error::WorkflowError;
use super::site::{Acting, Site, perform};
use crate::domain::audit::Act;
use crate::domain::dictation::AudioFinding;
use crate::domain::digest::Digest;
use crate::domain::ids::ReportId;
use crate::store::audio_checks;
use crate::store::error::StoreError;
use crate::store::version_checks::{self, Pass};
use sha2::{Digest as _, Sha256};
use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

/// How old the last check of a recording may be.
const CHECKED_EVERY_MS: i64 = 24 * 3_600_000;
/// Recordings of one round; what they showed is written down together.
const ROUND: u32 = 50;
/// Bytes read before the machine is left to others for a while.
const PIECE: usize = 1024 * 1024;

/// What a check of a recording found; none where it is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    pub audio: Digest,
    pub finding: Option<AudioFinding>,
}

/// The next recordings to check: those whose last check is a day old, then those without one.
pub fn due(site: &Site) -> Result<Vec<Digest>, WorkflowError> {
    let before = site.clock.now().plus_ms(-CHECKED_EVERY_MS);
    site.store.read(|tx| {
        let due = audio_checks::checked_before(tx, before, ROUND)?;
        if due.is_empty() { Ok(audio_checks::unchecked(tx, ROUND)?) } else { Ok(due) }
    })
}

/// Reads a recording against its digest. `go_on` is told after each piece how long it took, and
/// answers whether to go on; `None` when it said no.
pub fn check(
    site: &Site,
    audio: Digest,
    go_on: &mut dyn FnMut(Duration) -> bool,
) -> Option<Checked> {
    let finding = |error: &std::io::Error| match error.kind() {
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof => AudioFinding::Damaged,
        _ => AudioFinding::Illegible,
    };
    let mut reader = match site.store.blobs().open(&audio) {
        Ok(reader) => reader,
        Err(error) => {
            let finding = match error {
                StoreError::NoSuchBlob => AudioFinding::Missing,
                StoreError::Corrupt { .. } => AudioFinding::Damaged,
                _ => AudioFinding::Illegible,
            };
            return Some(Checked { audio, finding: Some(finding) });
        }
    };
    let mut digest = Sha256::new();
    let mut piece = vec![0; PIECE];
    loop {
        let began = Instant::now();
        let bytes = match reader.read(&mut piece) {
            Ok(0) => break,
            Ok(bytes) => bytes,
            Err(error) => return Some(Checked { audio, finding: Some(finding(&error)) }),
        };
        digest.update(&piece[..bytes]);
        if !go_on(began.elapsed()) {
            return None;
        }
    }
    let is_whole = Digest(digest.finalize().into()) == audio;
    Some(Checked { audio, finding: (!is_whole).then_some(AudioFinding::Damaged) })
}

/// Writes down what checks found.
pub fn note(site: &Site, checked: &[Checked]) -> Result<(), WorkflowError> {
    let now = site.clock.now();
    let told = site.store.read(|tx| -> Result<Vec<&Checked>, WorkflowError> {
        let mut told = Vec::new();
        for one in checked {
            if one.finding.is_some() || audio_checks::finding(tx, one.audio)?.is_some() {
                told.push(one);
            }
        }
        Ok(told)
    })?;
    site.store.write(|tx| -> Result<(), WorkflowError> {
        for one in checked.iter().filter(|one| !told.contains(one)) {
            audio_checks::set(tx, one.audio, now, None)?;
        }
        Ok(())
    })?;
    for Checked { audio, finding } in told {
        perform(site, &Acting::machine(), Act::CheckRecording, |tx, record| {
            for dictation in audio_checks::dictations(tx, *audio)? {
                record.subject("dictation", dictation);
            }
            record.detail("found", finding.map_or("whole", AudioFinding::code));
            Ok(audio_checks::set(tx, *audio, now, *finding)?)
        })?;
    }
    Ok(())
}

/// Versions that are compared at once.
const VERSIONS: u32 = 200;

/// Compares the next versions with their digests, if a check is due; answers those that are not
/// as they were saved, and whether there is more to do at once.
pub fn check_versions(site: &Site) -> Result<(Vec<(ReportId, u32)>, bool), WorkflowError> {
    let now = site.clock.now();
    let (mut pass, compared) = site.store.read(|tx| -> Result<_, WorkflowError> {
        let pass = version_checks::pass(tx)?;
        let day_over = pass.done.is_none_or(|(at, _)| now.since(at) >= CHECKED_EVERY_MS);
        if pass.place.is_none() && !day_over {
            return Ok((pass, None));
        }
        let compared = version_checks::next(tx, pass.place, VERSIONS)?;
        Ok((pass, Some(compared)))
    })?;
    let Some(compared) = compared else { return Ok((Vec::new(), false)) };
    pass.read += compared.len() as u64;
    pass.place = compared.last().map(|(report, number, _)| (*report, *number));
    let over = compared.len() < VERSIONS as usize;
    if over {
        pass = Pass { place: None, read: 0, done: Some((now, pass.read)) };
    }
    let known = site.store.read(version_checks::failed)?;
    let mut wrong = Vec::new();
    for (report, number, whole) in compared {
        let was_wrong = known.iter().any(|(id, n, _)| (*id, *n) == (report, number));
        if !whole {
            wrong.push((report, number));
        }
        if whole == was_wrong {
            perform(site, &Acting::machine(), Act::CheckVersion, |tx, record| {
                record.subject("report", report);
                record.detail("version", number);
                record.detail("found", if whole { "whole" } else { "damaged" });
                version_checks::set(tx, report, number, whole, now)?;
                Ok(())
            })?;
        }
    }
    site.store.write(|tx| Ok::<_, WorkflowError>(version_checks::set_pass(tx, &pass)?))?;
    Ok((wrong, !over))
}
