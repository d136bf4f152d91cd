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
    #[error("the data folder {path} is in use: {what_to_do}")]
    InUse { path: PathBuf, what_to_do: &'static str },
    #[error("no recording of that name is stored")]
    NoSuchBlob,
    /// Any other answer of SQLite: a mistake in our SQL, or the machine's.
    #[error("sqlite code {code} from `{statement}` {detail}")]
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

    /// What went wrong below a `Read`, `Write` or `Seek` of this module, as it was.
    pub fn of_stream(error: io::Error) -> Self {
        match error.downcast::<StoreError>() {
            Ok(inner) => inner,
            Err(error) => Self::io("read or write", Path::new("a recording"), error),
        }
    }

    pub(super) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }
}

/// Result codes of SQLite (sqlite.org/rescode.html); the low byte of a code is its kind.
mod code {
    pub const BUSY: i32 = 5;
    pub const LOCKED: i32 = 6;
    pub const CORRUPT: i32 = 11;
    pub const FULL: i32 = 13;
    pub const CONSTRAINT: i32 = 19;
    pub const NOT_A_DATABASE: i32 = 26;
    pub const CONSTRAINT_CHECK: i32 = 275;
    pub const CONSTRAINT_FOREIGN_KEY: i32 = 787;
    pub const CONSTRAINT_NOT_NULL: i32 = 1299;
    pub const CONSTRAINT_PRIMARY_KEY: i32 = 1555;
    pub const CONSTRAINT_TRIGGER: i32 = 1811;
    pub const CONSTRAINT_UNIQUE: i32 = 2067;
    pub const CONSTRAINT_DATATYPE: i32 = 3091;
    /// The write-ahead log's shared memory could not grow: on a disk without a free block.
    pub const IOERR_SHMSIZE: i32 = 4874;
}

impl StoreError {
    /// What SQLite answered while a statement ran. Its message may quote a parameter (full-text
    /// search does), so it is kept only where it names parts of the schema.
    pub(super) fn of_sqlite(code: i32, message: Option<&str>, sql: &str) -> Self {
        if code == code::IOERR_SHMSIZE {
            return Self::Full;
        }
        match code & 0xff {
            code::BUSY | code::LOCKED => Self::Busy,
            code::FULL => Self::Full,
            code::CORRUPT | code::NOT_A_DATABASE => Self::corrupt("the database"),
            code::CONSTRAINT => {
                let name = message.map(after_colon).unwrap_or_default();
                Self::Constraint { kind: rule(code), name }
            }
            _ => Self::Sql { code, statement: shorten(sql), detail: String::new() },
        }
    }
}

fn rule(code: i32) -> Rule {
    match code {
        code::CONSTRAINT_UNIQUE | code::CONSTRAINT_PRIMARY_KEY => Rule::Unique,
        code::CONSTRAINT_FOREIGN_KEY => Rule::ForeignKey,
        code::CONSTRAINT_CHECK => Rule::Check,
        code::CONSTRAINT_NOT_NULL => Rule::NotNull,
        code::CONSTRAINT_TRIGGER => Rule::Trigger,
        code::CONSTRAINT_DATATYPE => Rule::Type,
        _ => Rule::Other,
    }
}

/// `UNIQUE constraint failed: person.username` is about `person.username`.
fn after_colon(message: &str) -> String {
    message.split_once("constraint failed: ").map_or(message, |(_, name)| name).to_owned()
}

/// The beginning of a statement, on one line.
pub(super) fn shorten(sql: &str) -> String {
    const MAX_SHOWN: usize = 80;
    let line = sql.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(MAX_SHOWN).collect()
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
