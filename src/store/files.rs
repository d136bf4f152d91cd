//! Files and folders that survive a crash: private modes, synced before they get their name.
//!
//! Not for: what is in them.
//!
//! Invariant: a file under its final name is complete on disk.

use super::error::StoreError;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Only the owner: a folder.
const FOLDER_MODE: u32 = 0o700;
/// Only the owner: a file.
const FILE_MODE: u32 = 0o600;

/// Makes a private folder and those above it that are missing; an existing one is left as it is.
pub(super) fn make_folder(path: &Path) -> Result<(), StoreError> {
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(path)
        .map_err(|source| StoreError::io("make the folder", path, source))
}

/// Makes a private file that did not exist.
pub(super) fn make_file(path: &Path) -> Result<File, StoreError> {
    OpenOptions::new().read(true).write(true).create_new(true).mode(FILE_MODE).open(path).map_err(
        |source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => {
                StoreError::AlreadyExists { path: path.to_path_buf() }
            }
            _ => StoreError::io("make", path, source),
        },
    )
}

/// Puts the content of a file that somebody else wrote on disk.
pub(super) fn sync_file(path: &Path) -> Result<(), StoreError> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(|source| StoreError::io("sync", path, source))
}

/// Puts a folder's names on disk, so that a rename in it survives a power cut.
pub(super) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| StoreError::io("sync the folder", path, source))
}

pub(super) fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(|source| StoreError::io("rename to", to, source))?;
    sync_folder(&folder_of(to))
}

/// Writes a new file completely: temporary name, sync, final name, sync the folder.
/// An existing file of that name is never replaced.
pub(super) fn write_new(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let part = part_of(path);
    remove_if_there(&part)?;
    let mut file = make_file(&part)?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .map_err(|source| StoreError::io("write", &part, source))?;
    // A hard link, unlike a rename, refuses when the name is taken.
    let linked = fs::hard_link(&part, path).map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => StoreError::AlreadyExists { path: path.to_path_buf() },
        _ => StoreError::io("name", path, source),
    });
    remove_if_there(&part)?;
    linked?;
    sync_folder(&folder_of(path))
}

/// Writes a file completely, in the place of one of that name.
pub(super) fn replace(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let part = part_of(path);
    remove_if_there(&part)?;
    let mut file = make_file(&part)?;
    file.write_all(content)
        .and_then(|()| file.sync_all())
        .map_err(|source| StoreError::io("write", &part, source))?;
    rename(&part, path)
}

pub(super) fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(StoreError::io("remove", path, source)),
    }
}

/// The name a file has while it is being written.
pub(super) fn part_of(path: &Path) -> PathBuf {
    path.with_added_extension("part")
}

pub(super) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}
