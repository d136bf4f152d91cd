//! The keyring: a data folder's secrets, wrapped by the key of the key file.
//!
//! Not for: files; whoever opens or rotates reads and writes them.
//!
//! Invariant: a keyring has one written form; one changed byte, or another key, and it does not
//! open. Version 1 holds the data key alone, version 2 the audit's key too.

use super::error::StoreError;
use super::key_file::{KeyFile, Secret, random};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What a keyring keeps.
pub(super) struct Secrets {
    /// The secret that database, audio and file names are encrypted under.
    pub(super) data: Secret,
    /// The key of the audit's seals, once it is no longer derived from the data key: it outlives
    /// a new data key, because sealing old rows anew would be writing history.
    pub(super) audit: Option<Secret>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keyring {
    version: u32,
    pub(super) key_id: String,
    nonce: String,
    wrapped_key: String,
}

pub(super) fn parse(text: &str) -> Option<Keyring> {
    let keyring: Keyring = serde_json::from_str(text).ok()?;
    (matches!(keyring.version, 1 | 2) && render(&keyring) == text).then_some(keyring)
}

fn render(keyring: &Keyring) -> String {
    serde_json::to_string_pretty(keyring).expect("four plain fields") + "\n"
}

/// A keyring's text for these secrets.
pub(super) fn wrap(key_file: &KeyFile, secrets: &Secrets) -> Result<String, StoreError> {
    let version = if secrets.audit.is_some() { 2 } else { 1 };
    let mut plain = Zeroizing::new(Vec::with_capacity(64));
    plain.extend_from_slice(secrets.data.as_slice());
    plain.extend_from_slice(secrets.audit.as_ref().map_or(&[][..], |key| key.as_slice()));
    let nonce = random::<24>()?;
    let aad = associated(version, &key_file.id);
    let cipher = XChaCha20Poly1305::new(key_file.key.as_slice().try_into().expect("32 bytes"));
    let wrapped = cipher
        .encrypt(&XNonce::from(*nonce), Payload { msg: &plain, aad: &aad })
        .expect("64 bytes are below the limit");
    Ok(render(&Keyring {
        version,
        key_id: key_file.id.clone(),
        nonce: hex::encode(nonce.as_slice()),
        wrapped_key: hex::encode(wrapped),
    }))
}

/// The secrets, if this is the key that wrapped them.
pub(super) fn unwrap(keyring: &Keyring, key_file: &KeyFile) -> Option<Secrets> {
    let mut nonce = [0; 24];
    hex::decode_to_slice(&keyring.nonce, &mut nonce).ok()?;
    let wrapped = hex::decode(&keyring.wrapped_key).ok()?;
    let aad = associated(keyring.version, &keyring.key_id);
    let cipher = XChaCha20Poly1305::new(key_file.key.as_slice().try_into().ok()?);
    let payload = Payload { msg: &wrapped, aad: &aad };
    let plain = Zeroizing::new(cipher.decrypt(&XNonce::from(nonce), payload).ok()?);
    match (keyring.version, plain.len()) {
        (1, 32) => Some(Secrets { data: secret(&plain), audit: None }),
        (2, 64) => Some(Secrets { data: secret(&plain[..32]), audit: Some(secret(&plain[32..])) }),
        _ => None,
    }
}

fn secret(bytes: &[u8]) -> Secret {
    let mut secret = Secret::default();
    secret.copy_from_slice(bytes);
    secret
}

fn associated(version: u32, key_id: &str) -> Vec<u8> {
    format!("chartscribe keyring {version} {key_id}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_file(key: [u8; 32], id: &str) -> KeyFile {
        KeyFile { id: id.to_owned(), key: Zeroizing::new(key) }
    }

    #[test]
    fn wrapped_secrets_unwrap_only_under_their_own_version_and_key() {
        let ours = key_file([1; 32], "a");
        let secrets = |audit| Secrets { data: Zeroizing::new([2; 32]), audit };
        for (audit, version) in [(None, 1), (Some(Zeroizing::new([4; 32])), 2)] {
            let text = wrap(&ours, &secrets(audit.clone())).expect("random bytes");
            let keyring = || parse(&text).expect("our own file");
            let found = unwrap(&keyring(), &ours).expect("our own key");
            assert_eq!((*found.data, found.audit), ([2; 32], audit));
            assert_eq!(keyring().version, version);
            assert!(unwrap(&keyring(), &key_file([3; 32], "a")).is_none());
            let renamed = Keyring { key_id: "b".to_owned(), ..keyring() };
            assert!(unwrap(&renamed, &key_file([1; 32], "b")).is_none());
            assert!(unwrap(&Keyring { version: 3 - version, ..keyring() }, &ours).is_none());
        }
    }
}
