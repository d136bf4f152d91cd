//! Making a data folder: its mark, its key file, and the keyring that completes it.
//!
//! Not for: opening one (`keys.rs`), or its database (`db.rs`).
//!
//! Invariant: a folder without its keyring does not exist for anybody else; a creation that a
//! crash cut short is begun again, and nothing of an existing folder or key is touched.

use super::error::StoreError;
use super::key_file::{self, KeyFile};
use super::keyring::{self, Secrets};
use super::keys::{KEYRING, Keys};
use super::{Place, files};
use crate::fault;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// Present while a data folder is being created; locked by the process that creates it.
pub(super) const UNFINISHED: &str = "unfinished";
/// Present while a backup is being restored; locked by the process that does it.
pub(super) const RESTORING: &str = "restoring";

/// A data folder that is being made. Without `commit` it stays unfinished.
pub(super) struct Creation {
    data: PathBuf,
    keyring: String,
    keys: Keys,
    /// Holds the lock that keeps a second creation out.
    _unfinished: File,
}

/// Begins to make a data folder: the folder, its mark and the key file. Nothing of an existing
/// folder or key is touched, except that an unfinished creation of an earlier process goes on.
pub(super) fn begin(place: &Place) -> Result<Creation, StoreError> {
    if place.is_created() {
        return Err(StoreError::AlreadyExists { path: place.data.clone() });
    }
    let resumed = place.data.join(UNFINISHED).exists();
    if place.key_file.exists() && !resumed {
        return Err(StoreError::AlreadyExists { path: place.key_file.clone() });
    }
    files::make_folder(&place.data)?;
    let data = key_file::absolute(&place.data)?;
    key_file::refuse_inside(&place.key_file, &data)?;
    let unfinished = mark_unfinished(&data, resumed)?;
    if !place.key_file.exists() {
        KeyFile::random()?.write(&place.key_file)?;
    }
    let key_file = key_file::read(&place.key_file, &data)?;
    let secrets = Secrets { data: key_file::random()?, audit: None };
    let keyring = keyring::wrap(&key_file, &secrets)?;
    let keys = Keys::derive(key_file.id, &secrets);
    Ok(Creation { data, keyring, keys, _unfinished: unfinished })
}

impl Creation {
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    /// Writes the keyring, from which moment on the folder exists.
    pub(super) fn commit(self) -> Result<(), StoreError> {
        fault::point("create-before-keyring");
        files::write_new(&self.data.join(KEYRING), self.keyring.as_bytes())?;
        fault::point("create-after-keyring");
        files::remove_if_there(&self.data.join(UNFINISHED))?;
        files::sync_folder(&self.data)
    }
}

/// Why a folder does not open.
pub(super) fn not_created(data: &Path) -> StoreError {
    let reason = match () {
        () if !data.exists() => "there is no such folder",
        () if data.join(RESTORING).exists() => "its restore was cut short; restore it again",
        () if data.join(UNFINISHED).exists() => "its creation was cut short; create it again",
        () => "it has no keyring",
    };
    StoreError::NotADataFolder { path: data.to_path_buf(), reason }
}

/// Puts the mark of an unfinished creation and locks it.
fn mark_unfinished(data: &Path, resumed: bool) -> Result<File, StoreError> {
    let path = data.join(UNFINISHED);
    if !resumed && holds_anything(data)? {
        let reason = "it holds other files";
        return Err(StoreError::NotADataFolder { path: data.to_path_buf(), reason });
    }
    let mark = match resumed {
        true => File::open(&path).map_err(|source| StoreError::io("open", &path, source))?,
        false => files::make_file(&path)?,
    };
    mark.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => StoreError::AlreadyExists { path: data.to_path_buf() },
        TryLockError::Error(source) => StoreError::io("lock", &path, source),
    })?;
    files::sync_folder(data)?;
    Ok(mark)
}

/// Whether a folder is in use; the root of a freshly made file system is not.
pub(super) fn holds_anything(folder: &Path) -> Result<bool, StoreError> {
    let failed = |source| StoreError::io("list", folder, source);
    for entry in fs::read_dir(folder).map_err(failed)? {
        if entry.map_err(failed)?.file_name() != "lost+found" {
            return Ok(true);
        }
    }
    Ok(false)
}
