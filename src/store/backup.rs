//! Backups of a data folder in use: a snapshot of the database, and every recording it names.
//!
//! Not for: getting one back (`restore.rs`), or the key file, which is kept apart.
//!
//! Invariant: a snapshot has its name only when it and all its recordings are complete on disk.
//! Everything in a backup is encrypted as in the data folder; a recording is written once and
//! shared by all snapshots.
//!
//! ```text
//! DIR/
//!   chartscribe-backup         marks the folder; locked by whoever writes there
//!   audio/ab/abcd…             recordings
//!   20260302T090000.000Z/      a snapshot: chartscribe.db, keyring.json, manifest.json
//! ```

use super::blob::Blobs;
use super::creation::holds_anything;
use super::db::{DATABASE, Store, copy};
use super::error::StoreError;
use super::keys::KEYRING;
use super::lock;
use super::reencrypt::write_recording;
use super::{audit, dictations, files, key_file, rotation, sweep};
use crate::domain::time::Timestamp;
use crate::fault;
use crate::file_lock::Lock;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fs;
use std::path::{Path, PathBuf};

pub(super) const MARK: &str = "chartscribe-backup";
const MARK_TEXT: &[u8] = b"chartscribe backup 1\n";
const MANIFEST: &str = "manifest.json";
const MANIFEST_VERSION: u32 = 1;

/// What a backup did.
#[derive(Clone, Debug)]
pub struct BackedUp {
    pub snapshot: String,
    pub recordings: u64,
    /// Recordings that an earlier backup had not written.
    pub new: u64,
    /// Recordings that rows name and that are not there.
    pub missing: u64,
    /// Number of the audit's newest row in the snapshot.
    pub audit_rows: u64,
}

/// What a snapshot says of itself, under a MAC with the audit's key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) version: u32,
    pub(super) made_at: i64,
    pub(super) recordings: u64,
    pub(super) missing: u64,
    pub(super) audit_rows: u64,
    /// The seal of the audit's newest row.
    pub(super) audit_seal: String,
    check: String,
}

/// Writes a snapshot of the folder as it is now; everybody goes on working.
///
/// # Errors
/// Refuses a folder that holds anything but backups, and one inside the data folder or around
/// it. `Corrupt` when a recording is damaged. A snapshot that is not complete has no name.
pub fn backup(store: &Store, target: &Path, now: Timestamp) -> Result<BackedUp, StoreError> {
    let data = store.data();
    let _alone = prepare(target, data)?;
    let name = snapshot_name(now);
    let part = files::part_of(&target.join(&name));
    for left in sweep::folders_in(target)?.iter().filter(|folder| is_part(folder)) {
        fs::remove_dir_all(left).map_err(|source| StoreError::io("remove", left, source))?;
    }
    files::make_folder(&part)?;
    // The database first: whatever it names was on disk before, and is not removed.
    store.copy(&part.join(DATABASE))?;
    fault::point("backup-database");
    let keyring = key_file::read_small(&rotation::keyring_of(data))?;
    files::write_new(&part.join(KEYRING), keyring.as_bytes())?;
    let (digests, newest) = copy::read(&part.join(DATABASE), store.keys(), |tx| {
        Ok((dictations::audio_digests(tx)?, audit::newest(tx)?))
    })?;
    let audio = Blobs::new(target, store.keys())?;
    let (mut new, mut missing) = (0, 0);
    for digest in &digests {
        if audio.open(digest).is_ok() {
            continue;
        }
        match write_recording(store.blobs(), &audio, digest)? {
            true => new += 1,
            false => missing += 1,
        }
    }
    let recordings = digests.len() as u64 - missing;
    let (audit_rows, audit_seal) =
        newest.map_or((0, String::new()), |row| (row.seq, hex::encode(row.seal)));
    let manifest = Manifest {
        version: MANIFEST_VERSION,
        made_at: now.0,
        recordings,
        missing,
        audit_rows,
        audit_seal,
        check: String::new(),
    };
    write_manifest(&part.join(MANIFEST), store.audit_key(), manifest)?;
    fault::point("backup-before-name");
    files::rename(&part, &target.join(&name))?;
    Ok(BackedUp { snapshot: name, recordings, new, missing, audit_rows })
}

/// Removes all but the newest snapshots; the recordings stay.
pub fn keep_newest(target: &Path, keep: usize) -> Result<usize, StoreError> {
    let names = snapshots(target)?;
    let surplus = &names[..names.len().saturating_sub(keep.max(1))];
    for name in surplus {
        let path = target.join(name);
        fs::remove_dir_all(&path).map_err(|source| StoreError::io("remove", &path, source))?;
    }
    Ok(surplus.len())
}

/// The complete snapshots, oldest first.
///
/// # Errors
/// When the folder is none of ours.
pub fn snapshots(target: &Path) -> Result<Vec<String>, StoreError> {
    if !target.join(MARK).is_file() {
        let reason = "it is no folder of backups";
        return Err(StoreError::NotADataFolder { path: target.to_path_buf(), reason });
    }
    let folders = sweep::folders_in(target)?;
    let complete =
        folders.iter().filter(|folder| !is_part(folder) && folder.join(MANIFEST).is_file());
    let names = complete.filter_map(|folder| folder.file_name()?.to_str().map(str::to_owned));
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

/// Reads a snapshot's manifest.
///
/// # Errors
/// `Corrupt` when it is not as it was written.
pub(super) fn manifest(snapshot: &Path, key: &[u8; 32]) -> Result<Manifest, StoreError> {
    let text = key_file::read_small(&snapshot.join(MANIFEST))?;
    let corrupt = || StoreError::corrupt("the manifest of the snapshot");
    let manifest: Manifest = serde_json::from_str(&text).map_err(|_| corrupt())?;
    let sound = check(key, &manifest) == manifest.check && manifest.version == MANIFEST_VERSION;
    if sound { Ok(manifest) } else { Err(corrupt()) }
}

fn write_manifest(path: &Path, key: &[u8; 32], mut manifest: Manifest) -> Result<(), StoreError> {
    manifest.check = check(key, &manifest);
    let text = serde_json::to_string_pretty(&manifest).expect("plain fields") + "\n";
    files::write_new(path, text.as_bytes())
}

fn check(key: &[u8; 32], manifest: &Manifest) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    let Manifest { version, made_at, recordings, missing, audit_rows, audit_seal, check: _ } =
        manifest;
    let facts = [
        version.to_string(),
        made_at.to_string(),
        recordings.to_string(),
        missing.to_string(),
        audit_rows.to_string(),
        audit_seal.clone(),
    ];
    mac.update(b"chartscribe backup manifest\n");
    mac.update(facts.join("\n").as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

/// Makes the folder or finds it to be ours, and keeps other backups out of it.
fn prepare(target: &Path, data: &Path) -> Result<Lock, StoreError> {
    let mut existing = target.to_path_buf();
    while !existing.exists() {
        existing = files::folder_of(&existing);
    }
    let existing = key_file::absolute(&existing)?;
    if existing.starts_with(data) || (target.exists() && data.starts_with(&existing)) {
        let reason = "a backup lies apart from the data folder";
        return Err(StoreError::NotADataFolder { path: target.to_path_buf(), reason });
    }
    files::make_folder(target)?;
    let target = key_file::absolute(target)?;
    let mark = target.join(MARK);
    if !mark.exists() {
        if holds_anything(&target)? {
            let reason = "it holds other files; name an empty folder for backups";
            return Err(StoreError::NotADataFolder { path: target, reason });
        }
        files::write_new(&mark, MARK_TEXT)?;
    }
    lock::marked(&mark, "another backup is being written there")
}

/// A snapshot that a sudden end left.
fn is_part(folder: &Path) -> bool {
    folder.extension().is_some_and(|extension| extension == "part")
}

/// Sorts by time.
fn snapshot_name(now: Timestamp) -> String {
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    format!("{at:.3}").replace(['-', ':'], "")
}

/// The folder of a snapshot: the one named, or the newest.
pub(super) fn choose(target: &Path, named: Option<&str>) -> Result<PathBuf, StoreError> {
    let names = snapshots(target)?;
    let found = match named {
        Some(named) => names.into_iter().find(|name| name == named),
        None => names.into_iter().next_back(),
    };
    let reason = "it has no such complete snapshot";
    let none = StoreError::NotADataFolder { path: target.to_path_buf(), reason };
    found.map(|name| target.join(name)).ok_or(none)
}
