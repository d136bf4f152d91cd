//! The key file, the wrapped data key, and the keys that are derived from it.
//!
//! Not for: people's passwords, or encrypting anything else than the data key.
//!
//! Invariant: secrets are in memory only inside `Zeroizing`; the data key is on disk only wrapped
//! by the key of the key file, which is never inside the data folder. A key file or keyring that
//! is not exactly as this program writes it is refused.

use super::error::StoreError;
use super::{Place, files};
use crate::fault;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File, TryLockError};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The file whose presence makes a folder a data folder.
pub const KEYRING: &str = "keyring.json";
/// Present while a data folder is being created; locked by the process that creates it.
const UNFINISHED: &str = "unfinished";
const KEYRING_VERSION: u32 = 1;
const KEY_FILE_TITLE: &str = "chartscribe key 1";
/// Both files are a few hundred bytes; more is not ours.
const MAX_FILE_BYTES: u64 = 4096;
/// Permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;

type Secret = Zeroizing<[u8; 32]>;

/// The keys of one data folder, each for one purpose.
pub(super) struct Keys {
    id: String,
    database: Secret,
    audio: Secret,
    blob_name: Secret,
    audit: Secret,
}

/// A data folder that is being made. Without `commit` it stays unfinished.
pub(super) struct Creation {
    data: PathBuf,
    keyring: String,
    keys: Keys,
    /// Holds the lock that keeps a second creation out.
    _unfinished: File,
}

struct KeyFile {
    id: String,
    key: Secret,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keyring {
    version: u32,
    key_id: String,
    nonce: String,
    wrapped_key: String,
}

/// Reads the key file and unwraps the folder's data key. A refusal changes nothing.
/// Gives the folder's absolute path too.
pub(super) fn open(place: &Place) -> Result<(PathBuf, Keys), StoreError> {
    let path = place.data.join(KEYRING);
    if !place.is_created() {
        return Err(not_created(&place.data));
    }
    let data = absolute(&place.data)?;
    let key_file = read_key_file(&place.key_file, &data)?;
    let text = read_small(&path)?;
    let keyring = parse_keyring(&text).ok_or_else(|| StoreError::corrupt(KEYRING))?;
    if keyring.key_id != key_file.id {
        let key_id = key_file.id.clone();
        return Err(StoreError::WrongKey { path, key_id });
    }
    let data_key = unwrap(&keyring, &key_file)
        .ok_or(StoreError::WrongKey { path, key_id: key_file.id.clone() })?;
    // Left by a creation that died after its last step. It must not stay: with it, a folder that
    // later loses its keyring would pass for an unfinished one.
    files::remove_if_there(&data.join(UNFINISHED))?;
    Ok((data, Keys::derive(key_file.id, &data_key)))
}

/// Begins to make a data folder: the folder, its mark and the key file. Nothing of an existing
/// folder or key is touched, except that an unfinished creation of an earlier process goes on.
pub(super) fn begin_creation(place: &Place) -> Result<Creation, StoreError> {
    if place.is_created() {
        return Err(StoreError::AlreadyExists { path: place.data.clone() });
    }
    let resumed = place.data.join(UNFINISHED).exists();
    if place.key_file.exists() && !resumed {
        return Err(StoreError::AlreadyExists { path: place.key_file.clone() });
    }
    files::make_folder(&place.data)?;
    let data = absolute(&place.data)?;
    refuse_inside(&place.key_file, &data)?;
    let unfinished = mark_unfinished(&data, resumed)?;
    if !place.key_file.exists() {
        write_key_file(&place.key_file)?;
    }
    let key_file = read_key_file(&place.key_file, &data)?;
    let data_key = random()?;
    let keyring = wrap(&key_file, &data_key)?;
    let keys = Keys::derive(key_file.id, &data_key);
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

impl Keys {
    fn derive(id: String, data_key: &Secret) -> Self {
        // RFC 5869: one secret, a label for each purpose. The data key is uniform, so no salt.
        let hkdf = Hkdf::<Sha256>::new(None, data_key.as_slice());
        let derive = |label: &str| {
            let mut key = Secret::default();
            hkdf.expand(label.as_bytes(), key.as_mut_slice())
                .expect("32 bytes are below the limit");
            key
        };
        Self {
            id,
            database: derive("chartscribe 1 database"),
            audio: derive("chartscribe 1 audio"),
            blob_name: derive("chartscribe 1 blob name"),
            audit: derive("chartscribe 1 audit"),
        }
    }

    /// Names the key file that opens this folder; says nothing about the key.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn database(&self) -> &[u8; 32] {
        &self.database
    }

    pub(super) fn audio(&self) -> &[u8; 32] {
        &self.audio
    }

    pub(super) fn blob_name(&self) -> &[u8; 32] {
        &self.blob_name
    }

    pub(super) fn audit(&self) -> &[u8; 32] {
        &self.audit
    }
}

fn not_created(data: &Path) -> StoreError {
    let reason = match () {
        () if !data.exists() => "there is no such folder",
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
fn holds_anything(folder: &Path) -> Result<bool, StoreError> {
    let failed = |source| StoreError::io("list", folder, source);
    for entry in fs::read_dir(folder).map_err(failed)? {
        if entry.map_err(failed)?.file_name() != "lost+found" {
            return Ok(true);
        }
    }
    Ok(false)
}

fn write_key_file(path: &Path) -> Result<(), StoreError> {
    files::make_folder(&files::folder_of(path))?;
    let id = random::<8>()?;
    let key = random()?;
    files::write_new(path, render_key_file(&hex::encode(id.as_slice()), &key).as_bytes())
}

/// Three lines and a check, so that a slip of the hand in a restored copy is told apart from a
/// wrong key: the first 8 bytes of the SHA-256 of the lines above.
fn render_key_file(id: &str, key: &Secret) -> Zeroizing<String> {
    let digits = Zeroizing::new(hex::encode(key.as_slice()));
    let lines = Zeroizing::new(format!("{KEY_FILE_TITLE}\nid: {id}\nkey: {}\n", digits.as_str()));
    let check = hex::encode(&Sha256::digest(lines.as_bytes())[..8]);
    Zeroizing::new(format!("{}check: {check}\n", lines.as_str()))
}

fn read_key_file(path: &Path, data: &Path) -> Result<KeyFile, StoreError> {
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
    parse_key_file(&text).ok_or_else(|| StoreError::DamagedKey { path: path.to_path_buf() })
}

fn parse_key_file(text: &str) -> Option<KeyFile> {
    let mut lines = text.lines().skip(1);
    let id = lines.next()?.strip_prefix("id: ")?.to_owned();
    let digits = lines.next()?.strip_prefix("key: ")?;
    let mut key = Secret::default();
    hex::decode_to_slice(digits, key.as_mut_slice()).ok()?;
    // One written form: comparing it checks the title, the digits' case and the check at once.
    let same = render_key_file(&id, &key).as_str() == text;
    same.then_some(KeyFile { id, key })
}

fn parse_keyring(text: &str) -> Option<Keyring> {
    let keyring: Keyring = serde_json::from_str(text).ok()?;
    (keyring.version == KEYRING_VERSION && render_keyring(&keyring) == text).then_some(keyring)
}

fn render_keyring(keyring: &Keyring) -> String {
    serde_json::to_string_pretty(keyring).expect("four plain fields") + "\n"
}

fn wrap(key_file: &KeyFile, data_key: &Secret) -> Result<String, StoreError> {
    let nonce = random::<24>()?;
    let aad = keyring_aad(KEYRING_VERSION, &key_file.id);
    let cipher = XChaCha20Poly1305::new(key_file.key.as_slice().try_into().expect("32 bytes"));
    let wrapped = cipher
        .encrypt(&XNonce::from(*nonce), Payload { msg: data_key.as_slice(), aad: &aad })
        .expect("32 bytes are below the limit");
    Ok(render_keyring(&Keyring {
        version: KEYRING_VERSION,
        key_id: key_file.id.clone(),
        nonce: hex::encode(nonce.as_slice()),
        wrapped_key: hex::encode(wrapped),
    }))
}

fn unwrap(keyring: &Keyring, key_file: &KeyFile) -> Option<Secret> {
    let mut nonce = [0; 24];
    hex::decode_to_slice(&keyring.nonce, &mut nonce).ok()?;
    let wrapped = hex::decode(&keyring.wrapped_key).ok()?;
    let aad = keyring_aad(keyring.version, &keyring.key_id);
    let cipher = XChaCha20Poly1305::new(key_file.key.as_slice().try_into().ok()?);
    let payload = Payload { msg: &wrapped, aad: &aad };
    let plain = Zeroizing::new(cipher.decrypt(&XNonce::from(nonce), payload).ok()?);
    let mut key = Secret::default();
    (plain.len() == key.len()).then(|| key.copy_from_slice(&plain))?;
    Some(key)
}

fn keyring_aad(version: u32, key_id: &str) -> Vec<u8> {
    format!("chartscribe keyring {version} {key_id}").into_bytes()
}

/// Refuses a key file inside the data folder, also by way of a symbolic link.
fn refuse_inside(key_file: &Path, data: &Path) -> Result<(), StoreError> {
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

fn absolute(path: &Path) -> Result<PathBuf, StoreError> {
    fs::canonicalize(path).map_err(|source| StoreError::io("find", path, source))
}

fn read_small(path: &Path) -> Result<Zeroizing<String>, StoreError> {
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

    /// Computed apart from this program, from RFC 5869 as it is written.
    #[test]
    fn the_keys_derived_from_a_data_key_never_change() {
        let keys = Keys::derive(String::new(), &Zeroizing::new([7; 32]));
        let known = [
            (keys.database(), "0adc81ffc09b4fea4caca531c26dfd787dbf0f5450c2e01276b8868cd963ae6e"),
            (keys.audio(), "6ef3ed685389dd0cd18f808cabd9ce8f78e23be6ba258cae6d15429d69ba74e9"),
            (keys.blob_name(), "14b2f354697211bf2215caf90a6212a144474d31c24178d0a59f689a01ff6116"),
            (keys.audit(), "bfde374fdbd0182d0314030bb2acd8d18c824f46ae92db3f89836569566d3154"),
        ];
        for (key, expected) in known {
            assert_eq!(hex::encode(key), expected);
        }
    }

    #[test]
    fn a_key_file_reads_back_and_only_as_written() {
        let written = render_key_file("00ff00ff00ff00ff", &Zeroizing::new([9; 32]));
        let read = parse_key_file(&written).expect("our own file");
        assert_eq!((read.id.as_str(), *read.key), ("00ff00ff00ff00ff", [9; 32]));
        let upper = written.replace("00ff", "00FF");
        let windows = written.replace('\n', "\r\n");
        for other in [upper.as_str(), windows.as_str(), written.trim_end(), ""] {
            assert!(parse_key_file(other).is_none(), "{} bytes", other.len());
        }
    }

    #[test]
    fn a_wrapped_key_unwraps_only_under_its_own_version_and_key() {
        let key_file = |key, id: &str| KeyFile { id: id.to_owned(), key: Zeroizing::new(key) };
        let ours = key_file([1; 32], "a");
        let text = wrap(&ours, &Zeroizing::new([2; 32])).expect("random bytes");
        let keyring = || parse_keyring(&text).expect("our own file");
        assert!(unwrap(&keyring(), &ours).is_some_and(|key| *key == [2; 32]));
        assert!(unwrap(&keyring(), &key_file([3; 32], "a")).is_none());
        let renamed = Keyring { key_id: "b".to_owned(), ..keyring() };
        assert!(unwrap(&renamed, &key_file([1; 32], "b")).is_none());
        assert!(unwrap(&Keyring { version: 2, ..keyring() }, &ours).is_none());
    }
}
