//! Where recordings wait until the server has them.
//!
//! Not for: encryption. The folder and its files are private to the operating system's user;
//! encrypting them is planned with the protection of workstations.
//!
//! Invariant: a file's name holds its recording's key and nothing about the patient.

use super::MicError;
use std::fs;
use std::path::{Path, PathBuf};
use uuid::Uuid;

const NAME_START: &str = "recording-";
const NAME_END: &str = ".wav";

/// A new place for a recording, and the key that makes repeated uploads one dictation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    pub path: PathBuf,
    pub key: String,
}

/// The folder of this user: `CHARTSCRIBE_SPOOL`, else under `XDG_STATE_HOME`, else `HOME`.
///
/// # Errors
/// `NoSpoolFolder` when none of the three is set.
pub fn folder() -> Result<PathBuf, MicError> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(folder) = variable("CHARTSCRIBE_SPOOL") {
        return Ok(PathBuf::from(folder));
    }
    let state = variable("XDG_STATE_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| Path::new(&home).join(".local/state")))
        .ok_or(MicError::NoSpoolFolder)?;
    Ok(state.join("chartscribe/spool"))
}

/// Makes the folder, private to this user, and names a file in it.
///
/// # Errors
/// `SpoolFolder`.
pub fn slot(folder: &Path) -> Result<Slot, MicError> {
    make_private(folder)
        .map_err(|source| MicError::SpoolFolder { path: folder.to_owned(), source })?;
    let key = Uuid::now_v7().to_string();
    Ok(Slot { path: folder.join(format!("{NAME_START}{key}{NAME_END}")), key })
}

/// The key of a file that waits, or a new one for any other file.
pub fn key_of(path: &Path) -> String {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let key = name.strip_prefix(NAME_START).and_then(|rest| rest.strip_suffix(NAME_END));
    let key = key.and_then(|key| Uuid::parse_str(key).ok());
    key.unwrap_or_else(Uuid::now_v7).to_string()
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_waiting_file_keeps_its_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let slot = slot(&folder.path().join("spool")).expect("a private folder");
        assert_eq!(key_of(&slot.path), slot.key);
        assert_ne!(key_of(Path::new("visit.wav")), key_of(Path::new("visit.wav")));
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_enter_the_folder() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let spool = folder.path().join("state/spool");
        slot(&spool).expect("a private folder");
        let mode = fs::metadata(&spool).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
