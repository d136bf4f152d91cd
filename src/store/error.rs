//! What can go wrong with the data folder, in the words of whoever has to act on it.
//!
//! Not for: the wording a clinician sees; `web/error.rs` and `cli/` choose that.
//!
//! Invariant: no variant carries the content of a row or of a recording. Paths are those of the
//! data folder, whose names say nothing about a patient; statements are our own constant text.

use std::io;
use std::path::{Path, PathBuf};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process or thread held the write lock for longer than `db::BUSY_TIMEOUT`.
    #[error("the database is busy; try again")]
    Busy,
    #[error("no space left in the data folder")]
    Full,
    /// Damaged, truncated, swapped or tampered with. Nothing that was read is to be trusted.
    #[error("{what} is damaged or was altered")]
    Corrupt { what: String },
    #[error("{path} does not open with key {key_id}; it is locked with another key or damaged")]
    WrongKey { path: PathBuf, key_id: String },
    #[error("key file {path} is missing; put it back, nothing can be read without it")]
    MissingKey { path: PathBuf },
    #[error("key file {path} is damaged; restore it from its safe copy")]
    DamagedKey { path: PathBuf },
    #[error("key file {path} has mode {mode:03o}; only its owner may read it: chmod 600")]
    ExposedKey { path: PathBuf, mode: u32 },
    #[error("key file {path} lies inside the data folder; keep it elsewhere")]
    KeyBesideData { path: PathBuf },
    #[error("the database has version {found}, this program knows up to {known}; use a newer one")]
    NewerDatabase { found: i64, known: i64 },
    /// A migration left rows that point nowhere; it was rolled back.
    #[error("migration {version} would break {rows} references and was rolled back")]
    BrokenMigration { version: i64, rows: usize },
    /// A rule of the schema refused a change. `name` is what SQLite reports: columns such as
    /// `person.username`, an index, a CHECK expression or a trigger's message; never a value.
    #[error("{kind} refused by the database: {name}")]
    Constraint { kind: Rule, name: String },
    #[error("cannot {what} {path}")]
    Io { what: &'static str, path: PathBuf, source: io::Error },
    #[error("{path} already exists; it is not overwritten")]
    AlreadyExists { path: PathBuf },
    #[error("{path} is not a data folder: {reason}")]
    NotADataFolder { path: PathBuf, reason: &'static str },
    #[error("no recording of that name is stored")]
    NoSuchBlob,
    /// Any other answer of SQLite: a mistake in our SQL, or the machine's.
    #[error("sqlite code {code} from `{statement}`{detail}")]
    Sql { code: i32, statement: String, detail: String },
}

/// The kinds of rules a schema has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Unique,
    ForeignKey,
    Check,
    NotNull,
    Trigger,
    Type,
    Other,
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Rule::Unique => "a second of what must be unique",
            Rule::ForeignKey => "a reference to nothing",
            Rule::Check => "a value outside its range",
            Rule::NotNull => "a missing value",
            Rule::Trigger => "a forbidden change",
            Rule::Type => "a value of the wrong type",
            Rule::Other => "a change",
        })
    }
}

impl StoreError {
    /// Whether a unique rule on `column` (as `table.column`) refused the change.
    pub fn is_second(&self, column: &str) -> bool {
        match self {
            Self::Constraint { kind: Rule::Unique, name } => name.split(", ").any(|n| n == column),
            _ => false,
        }
    }

    /// A failed file operation; a full disk is told apart from the rest.
    pub(super) fn io(what: &'static str, path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io { what, path: path.to_path_buf(), source },
        }
    }

    pub(super) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }
}

/// For `Read`, `Write` and `Seek`, whose errors must be `io::Error`.
impl From<StoreError> for io::Error {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::Corrupt { .. } => io::ErrorKind::InvalidData,
            StoreError::Full => io::ErrorKind::StorageFull,
            StoreError::Io { source, .. } => source.kind(),
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, error)
    }
}
