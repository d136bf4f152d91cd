//! Who may use a data folder at the same time.
//!
//! Not for: the database's own locks, or recordings that are being named (`blob.rs`).
//!
//! Invariant: whoever works in a data folder holds its lock shared; whoever replaces everything
//! in it holds it alone. The kernel takes a lock away with its process, however that ends.

use super::error::StoreError;
use crate::file_lock::Lock;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const FOLDER: &str = "lock";
/// Held for the moments in which keyring and key file are read or replaced.
const KEYRING: &str = "keyring.lock";

/// To work in the folder beside others.
///
/// # Errors
/// `InUse` while somebody has it alone.
pub(super) fn share(data: &Path) -> Result<Lock, StoreError> {
    let path = data.join(FOLDER);
    let what_to_do = "its keys are being replaced; wait until that has ended";
    held(Lock::shared(open(&path)?), &path, what_to_do)
}

/// To have the folder alone.
///
/// # Errors
/// `InUse` while anybody else works in it.
pub(super) fn alone(data: &Path) -> Result<Lock, StoreError> {
    let path = data.join(FOLDER);
    let what_to_do = "stop the server and every other command that uses it";
    held(Lock::alone(open(&path)?), &path, what_to_do)
}

/// To have the folder of this file alone, for what the file marks.
///
/// # Errors
/// `InUse` while another has it.
pub(super) fn marked(mark: &Path, what_to_do: &'static str) -> Result<Lock, StoreError> {
    let file = File::open(mark).map_err(|source| StoreError::io("open", mark, source))?;
    held(Lock::alone(file), mark, what_to_do)
}

/// Waits for the others that read or replace the keyring, which takes them a moment.
pub(super) fn keyring(data: &Path) -> Result<Lock, StoreError> {
    let path = data.join(KEYRING);
    Lock::waited_for(open(&path)?).map_err(|source| StoreError::io("lock", &path, source))
}

fn open(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    options.open(path).map_err(|source| StoreError::io("open", path, source))
}

fn held(
    tried: Result<Lock, TryLockError>,
    path: &Path,
    what_to_do: &'static str,
) -> Result<Lock, StoreError> {
    tried.map_err(|error| match error {
        TryLockError::WouldBlock => {
            let path = path.parent().unwrap_or(path).to_path_buf();
            StoreError::InUse { path, what_to_do }
        }
        TryLockError::Error(source) => StoreError::io("lock", path, source),
    })
}
