//! Everything in a data folder under a new data key: the database and every recording.
//!
//! Not for: the steps after the deciding one (`rotation.rs`), which opening a folder also takes.
//!
//! Invariant: until the deciding rename the old folder is whole and untouched; what was written
//! before a crash is used by the next run. The folder needs room for itself once more.

use super::audit;
use super::blob::Blobs;
use super::db::{DATABASE, Store};
use super::dictations;
use super::error::StoreError;
use super::key_file::{self, KeyFile};
use super::keyring::{self, Secrets};
use super::keys::{self, KEYRING, Keys, Opened};
use super::lock;
use super::migrate::{self, MIGRATIONS};
use super::rotation::{self, DECIDED, Rotated};
use super::{Place, files};
use crate::domain::digest::Digest;
use crate::fault;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const STAGING: &str = "reencrypting";

/// What a re-encryption did.
#[derive(Debug)]
pub struct Reencrypted {
    pub rotated: Rotated,
    pub recordings: u64,
    /// Recordings that rows name and that were not there before either.
    pub missing: u64,
}

/// The copy under new keys.
struct Staging {
    folder: PathBuf,
    next: KeyFile,
    keys: Keys,
}

/// Writes everything anew under a new data key and a new key file, then removes the old.
/// `progress` learns of recordings done and their number. A run that was cut short is gone on
/// with, or, after its deciding step, was completed by opening.
///
/// # Errors
/// `InUse` while any other process works in the folder; `Corrupt` when a recording is damaged:
/// restore it from a backup first. Nothing has changed in either case.
pub fn reencrypt(
    place: &Place,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Reencrypted, StoreError> {
    let opened = keys::open(place, lock::alone)?;
    let staging = prepare(place, &opened)?;
    let Opened { data, keys, lock, .. } = opened;
    let old_id = keys.id().to_owned();
    let old = Store::of(data.clone(), keys, None, MIGRATIONS)?;
    let (recordings, missing) = write_audio(&old, &staging, progress)?;
    write_database(&old, &staging)?;
    // Ends with the old database's files closed, so that all of its log is in it.
    drop(old);
    for folder in [&staging.folder, &data] {
        files::sync_folder(folder)?;
    }
    let changing = lock::keyring(&data)?;
    fault::point("reencrypt-before-decision");
    files::rename(&staging.folder, &data.join(DECIDED))?;
    fault::point("reencrypt-decided");
    rotation::complete(place, &data, &staging.next.id)?;
    drop((changing, lock));
    let retired = key_file::retired_of(&place.key_file, &old_id);
    let rotated = Rotated { key_id: staging.next.id, retired };
    Ok(Reencrypted { rotated, recordings, missing })
}

fn prepare(place: &Place, opened: &Opened) -> Result<Staging, StoreError> {
    let folder = opened.data.join(STAGING);
    if let Some((next, secrets)) = unfinished(place, &folder, &opened.data) {
        let keys = Keys::derive(next.id.clone(), &secrets);
        return Ok(Staging { folder, next, keys });
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|source| StoreError::io("remove", &folder, source))?;
    }
    files::make_folder(&folder)?;
    let next = rotation::prepare_next(place)?;
    let audit = Some(Zeroizing::new(*opened.keys.audit()));
    let secrets = Secrets { data: key_file::random()?, audit };
    let text = keyring::wrap(&next, &secrets)?;
    files::write_new(&folder.join(KEYRING), text.as_bytes())?;
    fault::point("reencrypt-prepared");
    let keys = Keys::derive(next.id.clone(), &secrets);
    Ok(Staging { folder, next, keys })
}

/// What an earlier run left, if its key is still there.
fn unfinished(place: &Place, folder: &Path, data: &Path) -> Option<(KeyFile, Secrets)> {
    let next = key_file::read(&key_file::next_of(&place.key_file), data).ok()?;
    let keyring = keyring::parse(&key_file::read_small(&folder.join(KEYRING)).ok()?)?;
    let secrets = keyring::unwrap(&keyring, &next)?;
    Some((next, secrets))
}

/// Writes every recording that a row names; says how many are there and how many are not.
fn write_audio(
    old: &Store,
    staging: &Staging,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(u64, u64), StoreError> {
    let new = Blobs::new(&staging.folder, &staging.keys)?;
    let digests = old.read(dictations::audio_digests)?;
    let all = digests.len() as u64;
    let mut missing = 0;
    for (done, digest) in (1..).zip(&digests) {
        // A file under its final name is complete: an earlier run wrote it.
        if new.open(digest).is_err() && !write_recording(old.blobs(), &new, digest)? {
            missing += 1;
        }
        progress(done, all);
    }
    Ok((all - missing, missing))
}

/// Writes one recording anew elsewhere, checked against its digest; `false` where it is not there.
pub(super) fn write_recording(
    old: &Blobs,
    new: &Blobs,
    digest: &Digest,
) -> Result<bool, StoreError> {
    let mut reader = match old.open(digest) {
        Err(StoreError::NoSuchBlob) => return Ok(false),
        opened => opened?,
    };
    let mut writer = new.begin()?;
    io::copy(&mut reader, &mut writer).map_err(StoreError::of_stream)?;
    let staged = writer.finish()?;
    if staged.digest != *digest {
        return Err(StoreError::corrupt("a stored recording"));
    }
    staged.keep()?;
    fault::point("reencrypt-recording");
    Ok(true)
}

/// Writes the database, always anew since it may have changed after an earlier run, and compares.
fn write_database(old: &Store, staging: &Staging) -> Result<(), StoreError> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        files::remove_if_there(&staging.folder.join(format!("{DATABASE}{ending}")))?;
    }
    old.export(&staging.folder.join(DATABASE), &staging.keys)?;
    fault::point("reencrypt-database");
    let new = Store::of(staging.folder.clone(), staging.keys.clone(), None, MIGRATIONS)?;
    new.check()?;
    let same = new.schema()? == old.schema()?
        && new.read(migrate::row_counts)? == old.read(migrate::row_counts)?
        && new.read(|tx| audit::verify(tx, new.audit_key()))?.is_none();
    if same { Ok(()) } else { Err(StoreError::corrupt("the database or its audit")) }
}
