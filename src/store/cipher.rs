//! The chunked encryption of recordings: STREAM (Hoang, Reyhanitabar, Rogaway and Vizár, "Online
//! Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO 2015).
//!
//! Not for: files and names (`blob.rs`).
//!
//! Invariant: a chunk opens only under its own file's key, at its own place, as last chunk only
//! if it was written as the last, and the last only for the recording's own digest.

use super::error::StoreError;
use crate::domain::digest::Digest;
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit, Nonce};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

/// Plaintext bytes of every chunk but the last: 2 s of 16 kHz 16-bit mono, so that a seek costs
/// one small read, at 0.02 % overhead (as age and Tink choose).
pub(super) const CHUNK: usize = 64 << 10;
/// The Poly1305 tag at the end of each chunk (RFC 8439, section 2.8).
pub(super) const TAG: usize = 16;
pub(super) const HEADER: usize = MAGIC.len() + SALT;
const MAGIC: &[u8; 16] = b"chartscribe-a-1\n";
/// The same of a recording that waits at a workstation (`spool.rs`).
const SPOOL_MAGIC: &[u8; 16] = b"chartscribe-w-1\n";
pub(super) const SALT: usize = 32;

/// The cipher of one file.
pub(super) struct FileCipher {
    cipher: ChaCha20Poly1305,
    header: [u8; HEADER],
}

/// Where a chunk stands in its file.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Inner,
    Last(&'a Digest),
}

impl FileCipher {
    /// The cipher of a new file with this salt.
    pub(super) fn new(audio_key: &[u8; 32], salt: &[u8; SALT]) -> Self {
        Self::made(MAGIC, b"chartscribe 1 audio file", audio_key, salt)
    }

    /// The cipher of a new file of a workstation's spool with this salt.
    pub(super) fn of_spool(spool_key: &[u8; 32], salt: &[u8; SALT]) -> Self {
        Self::made(SPOOL_MAGIC, b"chartscribe 1 spool file", spool_key, salt)
    }

    fn made(magic: &[u8; 16], purpose: &[u8], from: &[u8; 32], salt: &[u8; SALT]) -> Self {
        let mut header = [0; HEADER];
        header[..magic.len()].copy_from_slice(magic);
        header[magic.len()..].copy_from_slice(salt);
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(salt), from)
            .expand(purpose, key.as_mut_slice())
            .expect("32 bytes are below the limit");
        let cipher = ChaCha20Poly1305::new((&*key).into());
        Self { cipher, header }
    }

    /// The cipher of an existing file that begins with this header.
    pub(super) fn of_header(audio_key: &[u8; 32], header: &[u8; HEADER]) -> Option<Self> {
        let (magic, salt) = header.split_at(MAGIC.len());
        (magic == MAGIC).then(|| Self::new(audio_key, salt.try_into().expect("the rest")))
    }

    /// The same of the spool.
    pub(super) fn of_spool_header(key: &[u8; 32], header: &[u8; HEADER]) -> Option<Self> {
        let (magic, salt) = header.split_at(SPOOL_MAGIC.len());
        (magic == SPOOL_MAGIC).then(|| Self::of_spool(key, salt.try_into().expect("the rest")))
    }

    pub(super) fn header(&self) -> &[u8; HEADER] {
        &self.header
    }

    /// Encrypts a chunk in place and appends its tag.
    pub(super) fn seal(&self, index: u64, place: Place<'_>, chunk: &mut Vec<u8>) {
        assert!(chunk.len() <= CHUNK, "a chunk is at most {CHUNK} bytes");
        self.cipher
            .encrypt_in_place(&nonce(index, place), &self.associated(place), chunk)
            .expect("a chunk is below the cipher's limit");
    }

    /// Decrypts a chunk in place and removes its tag.
    pub(super) fn open(
        &self,
        index: u64,
        place: Place<'_>,
        chunk: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        self.cipher
            .decrypt_in_place(&nonce(index, place), &self.associated(place), chunk)
            .map_err(|_| StoreError::corrupt("a stored recording"))
    }

    /// The last chunk also vouches for the whole content's digest, known only by then: a file
    /// under another recording's name does not open.
    fn associated(&self, place: Place<'_>) -> Vec<u8> {
        let mut data = self.header.to_vec();
        if let Place::Last(digest) = place {
            data.extend_from_slice(&digest.0);
        }
        data
    }
}

/// 8 bytes of index, 3 of zeros, 1 that marks the last chunk. The key is one file's alone, so
/// no two chunks share key and nonce.
fn nonce(index: u64, place: Place<'_>) -> Nonce {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&index.to_be_bytes());
    nonce[11] = u8::from(matches!(place, Place::Last(_)));
    Nonce::from(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed apart from this program, from RFC 5869 and RFC 8439 as they are written.
    #[test]
    fn the_stored_form_of_a_chunk_never_changes() {
        let cipher = FileCipher::new(&[1; 32], &[2; SALT]);
        let words = b"dictated words".to_vec();
        let mut inner = words.clone();
        cipher.seal(3, Place::Inner, &mut inner);
        assert_eq!(
            hex::encode(&inner),
            "4d427e159838e8a3fc623411d03f5a17c7c61c8c4e1d44bc6c266bf2a79d"
        );
        let mut last = words.clone();
        let digest = Digest::of(&words);
        cipher.seal(0, Place::Last(&digest), &mut last);
        assert_eq!(
            hex::encode(&last),
            "fe93b42ed853d9d5fe2670adfb5fc6589f7296063aa5e3570f1f24297c1b"
        );
        let again = FileCipher::of_header(&[1; 32], cipher.header()).expect("our header");
        again.open(0, Place::Last(&digest), &mut last).expect("it opens");
        assert_eq!(last, words);
    }

    #[test]
    fn a_chunk_opens_at_its_own_place_only() {
        let cipher = FileCipher::new(&[1; 32], &[2; SALT]);
        let (own, other) = (Digest([4; 32]), Digest([5; 32]));
        let opens = |index, place: Place<'_>, sealed: &[u8]| {
            cipher.open(index, place, &mut sealed.to_vec()).is_ok()
        };
        let mut inner = b"words".to_vec();
        cipher.seal(3, Place::Inner, &mut inner);
        assert!(opens(3, Place::Inner, &inner));
        assert!(!opens(4, Place::Inner, &inner) && !opens(3, Place::Last(&own), &inner));
        let mut last = b"words".to_vec();
        cipher.seal(3, Place::Last(&own), &mut last);
        assert!(opens(3, Place::Last(&own), &last));
        assert!(!opens(3, Place::Inner, &last) && !opens(3, Place::Last(&other), &last));
    }
}
