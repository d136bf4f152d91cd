//! The models on this machine: where they are, and whether they are what was installed.
//!
//! Not for: bringing them here (`install`).
//!
//! Invariant: a model is used only when its digest equals the one recorded beside it when it was
//! installed. The record is a line as `sha256sum` writes it, in `FILE.sha256`.

use super::catalogue::Entry;
use crate::domain::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A record is 64 digits, two spaces and a file name.
const RECORD_BYTES_MAX: u64 = 4096;
const READ_BYTES: usize = 1 << 20;

/// A model that was found in the models folder; not yet verified.
#[derive(Clone, Debug, PartialEq)]
pub struct InstalledModel {
    /// As in `models/manifest.toml`.
    pub name: String,
    pub path: PathBuf,
    /// As in `models/manifest.toml`.
    pub certainty: f32,
}

impl InstalledModel {
    /// The model of the entry in this file.
    pub fn of(entry: &Entry, path: PathBuf) -> Self {
        Self { name: entry.name.clone(), path, certainty: entry.certainty }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("there is no digest beside it; install it with `chartscribe model install`")]
    NoRecord,
    #[error("its digest is {found}, not {recorded} as installed; install it again")]
    Changed { found: Digest, recorded: Digest },
}

/// The model's file in the folder, if it is there with the record of its digest.
pub fn find(folder: &Path, entry: &Entry) -> Option<InstalledModel> {
    let path = folder.join(&entry.file);
    let is_installed = path.is_file() && record_path(&path).is_file();
    is_installed.then(|| InstalledModel::of(entry, path))
}

/// Reads the whole file and compares its digest with the one recorded when it was installed.
///
/// # Errors
/// `NoRecord`, `Changed`, or `Read` for either file.
pub fn verify(path: &Path) -> Result<Digest, VerifyError> {
    let recorded = recorded(path)?;
    let found =
        digest_of(path).map_err(|source| VerifyError::Read { path: path.to_path_buf(), source })?;
    if found != recorded {
        return Err(VerifyError::Changed { found, recorded });
    }
    Ok(found)
}

/// Where the digest of a model file is recorded.
pub fn record_path(path: &Path) -> PathBuf {
    let mut name: OsString = path.as_os_str().to_owned();
    name.push(".sha256");
    PathBuf::from(name)
}

/// The line to record for a model file.
pub fn record_line(path: &Path, digest: &Digest) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("{digest}  {name}\n")
}

/// The SHA-256 of a file's bytes.
///
/// # Errors
/// The file's.
pub fn digest_of(path: &Path) -> io::Result<Digest> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(Digest(hasher.finalize().into()));
        }
        hasher.update(&buffer[..read]);
    }
}

fn recorded(path: &Path) -> Result<Digest, VerifyError> {
    let record = record_path(path);
    let mut text = String::new();
    match File::open(&record) {
        Ok(file) => file.take(RECORD_BYTES_MAX).read_to_string(&mut text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(VerifyError::NoRecord),
        Err(error) => Err(error),
    }
    .map_err(|source| VerifyError::Read { path: record, source })?;
    text.split_whitespace().next().and_then(Digest::from_hex).ok_or(VerifyError::NoRecord)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_model_and_one_without_a_record_are_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("ggml-x.bin");
        std::fs::write(&path, b"weights").expect("a file is written");
        assert!(matches!(verify(&path), Err(VerifyError::NoRecord)));
        let digest = Digest::of(b"weights");
        std::fs::write(record_path(&path), record_line(&path, &digest)).expect("written");
        assert_eq!(verify(&path).expect("unchanged"), digest);
        std::fs::write(&path, b"weightz").expect("a file is written");
        assert!(matches!(verify(&path), Err(VerifyError::Changed { .. })));
    }
}
