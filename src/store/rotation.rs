//! New keys for a data folder: a new key file around the same secrets, and the completion of any
//! change of keys that was cut short.
//!
//! Not for: encrypting everything anew (`reencrypt.rs`).
//!
//! Invariant: at every moment the folder opens with the key file or with the one beside it that
//! is about to take its place. A change of keys has one step that decides, a rename; before it
//! nothing has changed, after it `complete` goes to the end, at whatever step it is begun.
//!
//! ```text
//! rotate        KEY_FILE.next; keyring.json replaced (decides); complete
//! reencrypt     KEY_FILE.next; reencrypting/ filled, renamed to reencrypted/ (decides); complete
//! complete      audio, database, keyring out of reencrypted/; KEY_FILE.next to KEY_FILE
//! ```

use super::blob;
use super::creation;
use super::db::{
    DATABASE,
    copy::{COPY_BEGINS, COPY_ENDS},
};
use super::error::StoreError;
use super::key_file::{self, KeyFile};
use super::keyring;
use super::keys::{self, KEYRING};
use super::lock;
use super::{Place, files, sweep};
use crate::fault;
use std::fs;
use std::path::{Path, PathBuf};

/// Everything under a new data key, complete and on its way to its place.
pub(super) const DECIDED: &str = "reencrypted";
/// Where the old recordings wait inside it to be removed.
const OLD_AUDIO: &str = "old-audio";

/// What a rotation leaves with the operator.
#[derive(Debug)]
pub struct Rotated {
    /// The key that opens the folder now.
    pub key_id: String,
    /// The key file that was replaced: backups made under it still need it.
    pub retired: PathBuf,
}

/// The name of the key that opens the folder, after checking that it does.
pub fn key_id(place: &Place) -> Result<String, StoreError> {
    Ok(keys::open(place, lock::share)?.keys.id().to_owned())
}

/// Wraps the folder's secrets under a new key file. Running servers go on undisturbed: they read
/// neither file again.
///
/// # Errors
/// As opening; nothing is touched then.
pub fn rotate(place: &Place) -> Result<Rotated, StoreError> {
    let opened = keys::open(place, lock::share)?;
    let _changing = lock::keyring(&opened.data)?;
    let next = prepare_next(place)?;
    let text = keyring::wrap(&next, &opened.secrets)?;
    fault::point("rotate-before-keyring");
    files::replace(&opened.data.join(KEYRING), text.as_bytes())?;
    fault::point("rotate-after-keyring");
    complete(place, &opened.data, &next.id)?;
    let retired = key_file::retired_of(&place.key_file, opened.keys.id());
    Ok(Rotated { key_id: next.id, retired })
}

/// Writes a new key beside the present one, in the place of one that was never used.
pub(super) fn prepare_next(place: &Place) -> Result<KeyFile, StoreError> {
    let path = key_file::next_of(&place.key_file);
    files::remove_if_there(&path)?;
    let next = KeyFile::random()?;
    next.write(&path)?;
    fault::point("rotate-next-written");
    Ok(next)
}

/// The keyring that counts: the one on its way to its place, if there is one.
pub(super) fn keyring_of(data: &Path) -> PathBuf {
    let decided = data.join(DECIDED).join(KEYRING);
    if decided.exists() { decided } else { data.join(KEYRING) }
}

/// Goes on with a change of keys after its deciding step, to the end. The caller holds the lock
/// of the keyring and has opened it with the key of this name.
pub(super) fn complete(place: &Place, data: &Path, key_id: &str) -> Result<(), StoreError> {
    let decided = data.join(DECIDED);
    if decided.is_dir() {
        put_in_place(data, &decided)?;
    }
    let next = key_file::next_of(&place.key_file);
    if next.exists() && key_file::read(&next, data).is_ok_and(|next| next.id == key_id) {
        match adopt(place, data, &next) {
            // A service that may only read its key works with the next one where it lies.
            Err(StoreError::Io { source, .. }) if is_read_only(&source) => {}
            adopted => adopted?,
        }
    }
    if decided.is_dir() {
        fault::point("rotate-before-removal");
        fs::remove_dir_all(&decided)
            .map_err(|source| StoreError::io("remove", &decided, source))?;
        files::sync_folder(data)?;
    }
    Ok(())
}

/// Gives the next key file the name of the present one.
fn adopt(place: &Place, data: &Path, next: &Path) -> Result<(), StoreError> {
    retire(&place.key_file, data)?;
    fault::point("rotate-before-key-file");
    files::rename(next, &place.key_file)
}

fn is_read_only(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem)
}

/// Each step is a rename that is done or not; the keyring goes last, for with it the old key
/// file stops opening the folder.
fn put_in_place(data: &Path, decided: &Path) -> Result<(), StoreError> {
    let (audio, old) = (data.join(blob::FOLDER), decided.join(OLD_AUDIO));
    let new = decided.join(blob::FOLDER);
    if new.is_dir() {
        if audio.is_dir() && !old.is_dir() {
            files::rename(&audio, &old)?;
            fault::point("rotate-audio-out");
        }
        files::rename(&new, &audio)?;
        fault::point("rotate-audio-in");
    }
    let database = decided.join(DATABASE);
    if database.is_file() {
        for ending in ["-wal", "-shm", "-journal"] {
            files::remove_if_there(&data.join(format!("{}{ending}", DATABASE)))?;
        }
        files::rename(&database, &data.join(DATABASE))?;
        fault::point("rotate-database-in");
    }
    for copy in sweep::files_in(data)? {
        // Copies made before upgrades, under the old data key.
        let name = copy.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(COPY_BEGINS) && name.ends_with(COPY_ENDS) {
            files::remove_if_there(&copy)?;
        }
    }
    let keyring = decided.join(KEYRING);
    if keyring.is_file() {
        files::rename(&keyring, &data.join(KEYRING))?;
        fault::point("rotate-keyring-in");
    }
    Ok(())
}

/// Gives the present key file a second name, so that its own can be taken.
fn retire(path: &Path, data: &Path) -> Result<(), StoreError> {
    let Ok(present) = key_file::read(path, data) else { return Ok(()) };
    let retired = key_file::retired_of(path, &present.id);
    match fs::hard_link(path, &retired) {
        Ok(()) => files::sync_folder(&files::folder_of(path)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(source) => Err(StoreError::io("name", &retired, source)),
    }
}

/// Refuses to put a key file where one is, and one that does not open the folder, if there is a
/// folder; then writes it.
pub(super) fn put_back(place: &Place, key_file: &KeyFile) -> Result<(), StoreError> {
    let data = place.data.clone();
    if place.is_created() {
        let data = key_file::absolute(&data)?;
        key_file::refuse_inside(&place.key_file, &data)?;
        let path = keyring_of(&data);
        let text = key_file::read_small(&path)?;
        let ring = keyring::parse(&text).ok_or_else(|| StoreError::corrupt(KEYRING))?;
        if ring.key_id != key_file.id || keyring::unwrap(&ring, key_file).is_none() {
            return Err(StoreError::WrongKey { path, key_id: key_file.id.clone() });
        }
    } else if data.join(creation::UNFINISHED).exists() {
        return Err(creation::not_created(&data));
    }
    key_file.write(&place.key_file)
}
