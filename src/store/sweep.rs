//! Tells left-over files from those in use.
//!
//! Not for: deciding what is referenced.
//!
//! Invariant: a file that its process still holds, or that is younger than asked, is never named
//! a left-over. A file that vanishes meanwhile is no error: somebody else swept it.

use super::error::StoreError;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

pub(super) fn files_in(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    entries(folder, |kind| kind.is_file())
}

pub(super) fn folders_in(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    entries(folder, |kind| kind.is_dir())
}

fn entries(
    folder: &Path,
    wanted: impl Fn(&fs::FileType) -> bool,
) -> Result<Vec<PathBuf>, StoreError> {
    let failed = |source| StoreError::io("list", folder, source);
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if wanted(&entry.file_type().map_err(failed)?) {
            paths.push(entry.path());
        }
    }
    Ok(paths)
}

/// Whether nobody wrote to the file for so long. A date in the future counts as young.
pub(super) fn is_older(path: &Path, age: Duration) -> Result<bool, StoreError> {
    match fs::metadata(path).and_then(|metadata| metadata.modified()) {
        Ok(modified) => {
            Ok(SystemTime::now().duration_since(modified).is_ok_and(|passed| passed >= age))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(StoreError::io("date", path, source)),
    }
}

/// Whether the process that was writing the file is gone: its lock went with it.
pub(super) fn is_abandoned(path: &Path) -> Result<bool, StoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(source) => return Err(StoreError::io("open", path, source)),
    };
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(source)) => Err(StoreError::io("lock", path, source)),
    }
}
