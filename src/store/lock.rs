//! Who may use a data folder at the same time.
//!
//! Not for: the database's own locks, or recordings that are being named (`blob.rs`).
//!
//! Invariant: whoever works in a data folder holds its lock shared; whoever replaces everything
//! in it holds it alone. The kernel takes a lock away with its process, however that ends.

use super::error::StoreError;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const FOLDER: &str = "lock";
/// Held for the moments in which keyring and key file are read or replaced.
const KEYRING: &str = "keyring.lock";

/// Given back when it is dropped: by a call, since closing the file is not enough while a program
/// that was just started has a copy of it (flock(2), fork(2)).
pub(super) struct Lock {
    file: File,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Where the call fails, closing gives it back.
        let _ = self.file.unlock();
    }
}

/// To work in the folder beside others.
///
/// # Errors
/// `InUse` while somebody has it alone.
pub(super) fn share(data: &Path) -> Result<Lock, StoreError> {
    let path = data.join(FOLDER);
    let file = open(&path)?;
    held(file.try_lock_shared(), &path, "its keys are being replaced; wait until that has ended")?;
    Ok(Lock { file })
}

/// To have the folder alone.
///
/// # Errors
/// `InUse` while anybody else works in it.
pub(super) fn alone(data: &Path) -> Result<Lock, StoreError> {
    let path = data.join(FOLDER);
    let file = open(&path)?;
    held(file.try_lock(), &path, "stop the server and every other command that uses it")?;
    Ok(Lock { file })
}

/// To have the folder of this file alone, for what the file marks.
///
/// # Errors
/// `InUse` while another has it.
pub(super) fn marked(mark: &Path, what_to_do: &'static str) -> Result<Lock, StoreError> {
    let file = File::open(mark).map_err(|source| StoreError::io("open", mark, source))?;
    held(file.try_lock(), mark, what_to_do)?;
    Ok(Lock { file })
}

/// Waits for the others that read or replace the keyring, which takes them a moment.
pub(super) fn keyring(data: &Path) -> Result<Lock, StoreError> {
    let path = data.join(KEYRING);
    let file = open(&path)?;
    file.lock().map_err(|source| StoreError::io("lock", &path, source))?;
    Ok(Lock { file })
}

fn open(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600);
    options.open(path).map_err(|source| StoreError::io("open", path, source))
}

fn held(
    tried: Result<(), TryLockError>,
    path: &Path,
    what_to_do: &'static str,
) -> Result<(), StoreError> {
    tried.map_err(|error| match error {
        TryLockError::WouldBlock => {
            let path = path.parent().unwrap_or(path).to_path_buf();
            StoreError::InUse { path, what_to_do }
        }
        TryLockError::Error(source) => StoreError::io("lock", path, source),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_was_given_back_is_free_though_a_copy_of_its_file_is_open() {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = folder.path().join("mark");
        std::fs::write(&mark, "").expect("a file");
        let first = marked(&mark, "wait").expect("free");
        let copy = first.file.try_clone().expect("a copy");
        assert!(matches!(marked(&mark, "wait"), Err(StoreError::InUse { .. })));
        drop(first);
        assert!(marked(&mark, "wait").is_ok());
        drop(copy);
    }
}
