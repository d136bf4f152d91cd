//! The keys of a data folder, derived from its secrets, and finding the secrets.
//!
//! Not for: people's passwords, or the files that keep the secrets (`key_file.rs`, `keyring.rs`).
//!
//! Invariant: secrets are in memory only inside `Zeroizing`; the data key is on disk only wrapped
//! by the key of the key file, which is never inside the data folder. A refusal changes nothing.

use super::error::StoreError;
use super::key_file::{self, KeyFile, Secret};
use super::keyring::{self, Secrets};
use super::lock;
use super::{Place, creation, files, rotation};
use crate::file_lock::Lock;
use hkdf::Hkdf;
use sha2::Sha256;
use std::path::{Path, PathBuf};

/// The file whose presence makes a folder a data folder.
pub const KEYRING: &str = "keyring.json";

/// The keys of one data folder, each for one purpose.
#[derive(Clone)]
pub(super) struct Keys {
    id: String,
    database: Secret,
    audio: Secret,
    blob_name: Secret,
    audit: Secret,
}

/// A data folder whose keys were found.
pub(super) struct Opened {
    /// Absolute.
    pub(super) data: PathBuf,
    pub(super) keys: Keys,
    pub(super) secrets: Secrets,
    /// Held for as long as the folder is in use.
    pub(super) lock: Lock,
}

/// Finds the key file and unwraps the folder's secrets. A refusal changes nothing; a change of
/// keys that a crash cut short is completed on the way.
///
/// # Errors
/// `InUse` when `lock` cannot be had, and every way in which key and folder do not fit.
pub(super) fn open(
    place: &Place,
    lock: impl FnOnce(&Path) -> Result<Lock, StoreError>,
) -> Result<Opened, StoreError> {
    if !place.is_created() {
        return Err(creation::not_created(&place.data));
    }
    let data = key_file::absolute(&place.data)?;
    key_file::refuse_inside(&place.key_file, &data)?;
    let lock = lock(&data)?;
    // Nobody changes keyring or key file while they are read, nor completes a change twice.
    let _reading = lock::keyring(&data)?;
    let path = rotation::keyring_of(&data);
    let text = key_file::read_small(&path)?;
    let keyring = keyring::parse(&text).ok_or_else(|| StoreError::corrupt(KEYRING))?;
    let key_file = fitting(place, &data, &keyring.key_id)?;
    let key_id = key_file.id.clone();
    let secrets = keyring::unwrap(&keyring, &key_file)
        .ok_or(StoreError::WrongKey { path, key_id: key_id.clone() })?;
    rotation::complete(place, &data, &key_id)?;
    // Left by a creation that died after its last step. It must not stay: with it, a folder that
    // later loses its keyring would pass for an unfinished one.
    files::remove_if_there(&data.join(creation::UNFINISHED))?;
    let keys = Keys::derive(key_id, &secrets);
    Ok(Opened { data, keys, secrets, lock })
}

/// The key file, or the one that is about to take its place, whichever the keyring names.
fn fitting(place: &Place, data: &Path, key_id: &str) -> Result<KeyFile, StoreError> {
    let present = key_file::read(&place.key_file, data);
    if present.as_ref().is_ok_and(|key_file| key_file.id == key_id) {
        return present;
    }
    let next = key_file::next_of(&place.key_file);
    if next.exists() {
        let next = key_file::read(&next, data)?;
        if next.id == key_id {
            return Ok(next);
        }
    }
    let found = present?.id;
    Err(StoreError::WrongKey { path: rotation::keyring_of(data), key_id: found })
}

impl Keys {
    pub(super) fn derive(id: String, secrets: &Secrets) -> Self {
        // RFC 5869: one secret, a label for each purpose. The data key is uniform, so no salt.
        let hkdf = Hkdf::<Sha256>::new(None, secrets.data.as_slice());
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
            audit: secrets.audit.clone().unwrap_or_else(|| derive("chartscribe 1 audit")),
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

#[cfg(test)]
mod tests {
    use super::*;
    use zeroize::Zeroizing;

    /// Computed apart from this program, from RFC 5869 as it is written.
    #[test]
    fn the_keys_derived_from_a_data_key_never_change() {
        let secrets = Secrets { data: Zeroizing::new([7; 32]), audit: None };
        let keys = Keys::derive(String::new(), &secrets);
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
}
