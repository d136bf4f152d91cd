//! The data folder: an encrypted database, encrypted recordings, and the key that opens both.
//!
//! Not for: deciding who may read or change what (`workflow`), or what a change means (`domain`).
//!
//! Invariant: nothing readable is ever on disk. The only SQL is here, one file a table family;
//! only `db.rs` names the SQLite binding; functions speak the domain's words.
//!
//! ```text
//! KEY_FILE                     key encryption key, elsewhere, mode 0600
//! KEY_FILE.next .retired-ID    the key that is about to replace it; keys that were replaced
//! DATA/                        mode 0700
//!   keyring.json               data key, wrapped by the key file's; its presence makes the folder
//!   lock keyring.lock          who works here
//!   chartscribe.db -wal -shm   SQLCipher
//!   before-vN.db               copy made before the upgrade to version N, same key
//!   audio/ab/abcd…             recordings, named by a keyed digest of their content
//!   audio/incoming/            recordings that are being received
//!   reencrypting/              everything under a new data key, not complete yet
//!   reencrypted/               the same, complete: it is taking the place of the rest
//! ```

pub mod answers;
pub mod audio_checks;
pub mod audit;
pub mod backup;
pub mod blob;
pub mod chart;
mod cipher;
mod columns;
mod creation;
pub mod db;
pub mod departments;
pub mod dictations;
pub mod error;
pub mod evidence;
pub mod figures;
mod files;
pub mod flags;
pub mod glass;
pub mod heads;
pub mod house_style;
pub mod instructions;
pub mod jobs;
pub mod joins;
mod key_file;
mod keyring;
pub mod keys;
mod lock;
mod migrate;
pub mod parts;
pub mod patients;
pub mod people;
pub mod played;
mod pool;
pub mod quality;
pub mod recovery;
pub mod reencrypt;
pub mod reports;
pub mod restore;
pub mod rotation;
pub mod search;
pub mod second_factors;
pub mod sessions;
pub mod settings;
pub mod spool;
pub mod standing;
mod sweep;
pub mod takeovers;
pub mod takes;
pub mod value;
pub mod version_checks;
pub mod views;
pub mod vocab_terms;
pub mod worklist;

use std::path::PathBuf;

/// Where one installation keeps its data, and the key that opens it.
#[derive(Clone, Debug)]
pub struct Place {
    /// The data folder.
    pub data: PathBuf,
    /// The key file; never inside `data`, so that a copy of the folder alone is unreadable.
    pub key_file: PathBuf,
}

impl Place {
    /// Whether `data` has been created completely, by this or an earlier process.
    pub fn is_created(&self) -> bool {
        self.data.join(keys::KEYRING).exists()
    }
}
