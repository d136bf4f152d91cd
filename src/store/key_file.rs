//! The key file: the key that wraps a folder's data key, and a name for it.
//!
//! Not for: the data key (`keys.rs`) or the paper form (`recovery.rs`).
//!
//! Invariant: a key file is readable by its owner only, never inside the data folder, and never
//! written over: a new one is written beside it and takes its name. One that is not exactly as
//! this program writes it is refused.

use super::error::StoreError;
use super::files;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const KEY_FILE_TITLE: &str = "chartscribe key 1";
/// Key file and keyring are a few hundred bytes; more is not ours.
const MAX_FILE_BYTES: u64 = 4096;
/// Permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;
/// Bytes of a key's name.
pub(super) const ID_BYTES: usize = 8;

pub(super) type Secret = Zeroizing<[u8; 32]>;

pub(super) struct KeyFile {
    /// Hexadecimal digits of [`ID_BYTES`] random bytes.
    pub(super) id: String,
    pub(super) key: Secret,
}

impl KeyFile {
    pub(super) fn random() -> Result<Self, StoreError> {
        let id = hex::encode(random::<ID_BYTES>()?.as_slice());
        Ok(Self { id, key: random()? })
    }

    /// Writes the key where no file of that name is.
    pub(super) fn write(&self, path: &Path) -> Result<(), StoreError> {
        files::make_folder(&files::folder_of(path))?;
        files::write_new(path, render(&self.id, &self.key).as_bytes())
    }
}

/// Where the next key lies until it takes the place of the present one.
pub(super) fn next_of(path: &Path) -> PathBuf {
    path.with_added_extension("next")
}

/// Where a key goes that was replaced: old backups still need it.
pub(super) fn retired_of(path: &Path, id: &str) -> PathBuf {
    path.with_added_extension(format!("retired-{id}"))
}

/// Three lines and a check, so that a slip of the hand in a restored copy is told apart from a
/// wrong key: the first 8 bytes of the SHA-256 of the lines above.
fn render(id: &str, key: &Secret) -> Zeroizing<String> {
    let digits = Zeroizing::new(hex::encode(key.as_slice()));
    let lines = Zeroizing::new(format!("{KEY_FILE_TITLE}\nid: {id}\nkey: {}\n", digits.as_str()));
    let check = hex::encode(&Sha256::digest(lines.as_bytes())[..8]);
    Zeroizing::new(format!("{}check: {check}\n", lines.as_str()))
}

pub(super) fn read(path: &Path, data: &Path) -> Result<KeyFile, StoreError> {
    refuse_inside(path, data)?;
    let missing = || StoreError::MissingKey { path: path.to_path_buf() };
    let mode = match fs::metadata(path) {
        Ok(found) => found.permissions().mode() & 0o777,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(missing()),
        Err(source) => return Err(StoreError::io("read", path, source)),
    };
    if mode & OTHERS != 0 {
        return Err(StoreError::ExposedKey { path: path.to_path_buf(), mode });
    }
    let text = read_small(path)?;
    parse(&text).ok_or_else(|| StoreError::DamagedKey { path: path.to_path_buf() })
}

fn parse(text: &str) -> Option<KeyFile> {
    let mut lines = text.lines().skip(1);
    let id = lines.next()?.strip_prefix("id: ")?.to_owned();
    let digits = lines.next()?.strip_prefix("key: ")?;
    let mut key = Secret::default();
    hex::decode_to_slice(digits, key.as_mut_slice()).ok()?;
    // One written form: comparing it checks the title, the digits' case and the check at once.
    let same = render(&id, &key).as_str() == text;
    same.then_some(KeyFile { id, key })
}

/// Refuses a key file inside the data folder, also by way of a symbolic link.
pub(super) fn refuse_inside(key_file: &Path, data: &Path) -> Result<(), StoreError> {
    let mut folder = files::folder_of(key_file);
    while !folder.exists() {
        folder = files::folder_of(&folder);
    }
    let inside = |path: &Path| absolute(path).map(|path| path.starts_with(data));
    if inside(&folder)? || (key_file.exists() && inside(key_file)?) {
        return Err(StoreError::KeyBesideData { path: key_file.to_path_buf() });
    }
    Ok(())
}

pub(super) fn absolute(path: &Path) -> Result<PathBuf, StoreError> {
    fs::canonicalize(path).map_err(|source| StoreError::io("find", path, source))
}

pub(super) fn read_small(path: &Path) -> Result<Zeroizing<String>, StoreError> {
    let mut text = Zeroizing::new(String::with_capacity(MAX_FILE_BYTES as usize + 1));
    let file = File::open(path).map_err(|source| StoreError::io("read", path, source))?;
    match file.take(MAX_FILE_BYTES).read_to_string(&mut text) {
        Ok(_) => Ok(text),
        // Not UTF-8: never ours; the parsers refuse what is left.
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Ok(Zeroizing::default()),
        Err(source) => Err(StoreError::io("read", path, source)),
    }
}

/// Random bytes of the operating system.
pub(super) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, StoreError> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|error| {
        let source = std::io::Error::other(error.to_string());
        StoreError::io("get random bytes for", Path::new("a key"), source)
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_reads_back_and_only_as_written() {
        let written = render("00ff00ff00ff00ff", &Zeroizing::new([9; 32]));
        let read = parse(&written).expect("our own file");
        assert_eq!((read.id.as_str(), *read.key), ("00ff00ff00ff00ff", [9; 32]));
        let upper = written.replace("00ff", "00FF");
        let windows = written.replace('\n', "\r\n");
        for other in [upper.as_str(), windows.as_str(), written.trim_end(), ""] {
            assert!(parse(other).is_none(), "{} bytes", other.len());
        }
    }
}
