//! A data folder from a backup, into an empty place, and the check that it is whole.
//!
//! Not for: making backups (`backup.rs`).
//!
//! Invariant: the folder exists, by its keyring, only after everything in it was read and found
//! to be as it was written. A restore that a crash cut short is begun again.

use super::backup;
use super::blob::Blobs;
use super::creation::{RESTORING, holds_anything};
use super::db::{DATABASE, Store};
use super::error::StoreError;
use super::heads::Head;
use super::keys::{KEYRING, Keys};
use super::lock;
use super::migrate::MIGRATIONS;
use super::reencrypt::write_recording;
use super::{Place, audit, dictations, files, key_file, keyring, reports};
use crate::domain::time::Timestamp;
use crate::fault;
use crate::file_lock::Lock;
use std::fs::File;
use std::io;
use std::path::Path;

/// What a check of everything found whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    pub versions: u64,
    pub recordings: u64,
    /// Recordings that rows name and that are not there.
    pub missing: u64,
    pub audit_rows: u64,
}

/// What a restore did.
#[derive(Clone, Debug)]
pub struct Restored {
    pub snapshot: String,
    pub made_at: Timestamp,
    pub whole: Whole,
}

/// Restores a snapshot, the newest where none is named. The key file is the one of the day of
/// the backup.
///
/// # Errors
/// `AlreadyExists` where there is a data folder; a key that does not open the snapshot; `Corrupt`
/// when anything in it is not as it was written. The place has no data folder then.
pub fn restore(place: &Place, target: &Path, named: Option<&str>) -> Result<Restored, StoreError> {
    let snapshot = backup::choose(target, named)?;
    if place.is_created() {
        return Err(StoreError::AlreadyExists { path: place.data.clone() });
    }
    let (keys, keyring_text) = open_keyring(place, &snapshot)?;
    let manifest = backup::manifest(&snapshot, keys.audit())?;
    let _restoring = begin(&place.data)?;
    copy_database(&snapshot, &place.data)?;
    fault::point("restore-database");
    let store = Store::of(place.data.clone(), keys.clone(), None, MIGRATIONS)?;
    let from = Blobs::at(target, &keys);
    for digest in store.read(dictations::audio_digests)? {
        if store.blobs().open(&digest).is_err() {
            write_recording(&from, store.blobs(), &digest)?;
        }
    }
    fault::point("restore-audio");
    let seal = hex::decode(&manifest.audit_seal).unwrap_or_default();
    let head = Head { at: Timestamp(manifest.made_at), seq: manifest.audit_rows, seal };
    let heads = if head.seq > 0 { vec![head] } else { vec![] };
    let whole = check_everything(&store, &heads)?;
    if (whole.recordings, whole.missing) != (manifest.recordings, manifest.missing) {
        return Err(StoreError::corrupt("the backup: recordings are missing in it"));
    }
    drop(store);
    files::write_new(&place.data.join(KEYRING), keyring_text.as_bytes())?;
    fault::point("restore-keyring");
    files::remove_if_there(&place.data.join(RESTORING))?;
    let name = snapshot.file_name().map(|name| name.to_string_lossy().into_owned());
    let snapshot = name.unwrap_or_default();
    Ok(Restored { snapshot, made_at: Timestamp(manifest.made_at), whole })
}

/// Reads everything: each page and reference of the database, each version against its digest,
/// each recording against its own, the audit's chain and these of its heads.
///
/// # Errors
/// `Corrupt` names the first thing that is not as it was written.
pub fn check_everything(store: &Store, heads: &[Head]) -> Result<Whole, StoreError> {
    store.check()?;
    let mut whole = Whole { versions: store.read(reports::check_versions)?, ..Whole::default() };
    for digest in store.read(dictations::audio_digests)? {
        let mut reader = match store.blobs().open(&digest) {
            Err(StoreError::NoSuchBlob) => {
                whole.missing += 1;
                continue;
            }
            opened => opened?,
        };
        let mut hashed = Hashing::default();
        io::copy(&mut reader, &mut hashed).map_err(StoreError::of_stream)?;
        if hashed.digest() != digest {
            return Err(StoreError::corrupt("a stored recording"));
        }
        whole.recordings += 1;
    }
    let checked = store.read(|tx| audit::check(tx, store.audit_key(), heads))?;
    if checked.broken.is_some() || !checked.lost.is_empty() {
        return Err(StoreError::corrupt("the audit"));
    }
    whole.audit_rows = checked.rows;
    Ok(whole)
}

fn open_keyring(place: &Place, snapshot: &Path) -> Result<(Keys, String), StoreError> {
    let path = snapshot.join(KEYRING);
    let text = key_file::read_small(&path)?;
    let ring = keyring::parse(&text).ok_or_else(|| StoreError::corrupt(KEYRING))?;
    // The place may not exist yet; where it will be, the key must not lie.
    let data = std::path::absolute(&place.data)
        .map_err(|source| StoreError::io("find", &place.data, source))?;
    let key_file = key_file::read(&place.key_file, &data)?;
    let key_id = key_file.id.clone();
    match keyring::unwrap(&ring, &key_file) {
        Some(secrets) => Ok((Keys::derive(key_id, &secrets), text.to_string())),
        None => Err(StoreError::WrongKey { path, key_id }),
    }
}

/// Marks the place as one that is being restored to.
fn begin(data: &Path) -> Result<Lock, StoreError> {
    files::make_folder(data)?;
    let mark = data.join(RESTORING);
    if !mark.exists() {
        if holds_anything(data)? {
            let reason = "it holds other files; a backup is restored into an empty place";
            return Err(StoreError::NotADataFolder { path: data.to_path_buf(), reason });
        }
        drop(files::make_file(&mark)?);
        files::sync_folder(data)?;
    }
    lock::marked(&mark, "another restore is being written there")
}

fn copy_database(snapshot: &Path, data: &Path) -> Result<(), StoreError> {
    for ending in ["", "-wal", "-shm", "-journal"] {
        files::remove_if_there(&data.join(format!("{DATABASE}{ending}")))?;
    }
    let (from, to) = (snapshot.join(DATABASE), data.join(DATABASE));
    let mut source = File::open(&from).map_err(|e| StoreError::io("open", &from, e))?;
    let part = files::part_of(&to);
    files::remove_if_there(&part)?;
    let mut copy = files::make_file(&part)?;
    io::copy(&mut source, &mut copy)
        .and_then(|_| copy.sync_all())
        .map_err(|source| StoreError::io("write", &part, source))?;
    files::rename(&part, &to)
}

/// A writer that keeps nothing but the digest.
#[derive(Default)]
struct Hashing(sha2::Sha256);

impl Hashing {
    fn digest(self) -> crate::domain::digest::Digest {
        crate::domain::digest::Digest(sha2::Digest::finalize(self.0).into())
    }
}

impl io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        sha2::Digest::update(&mut self.0, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
