//! Opening a connection with a folder's key, its settings, and what its errors mean.
//!
//! Not for: transactions (`db.rs`).
//!
//! Invariant: a connection that was opened has been read from with the right key, and has every
//! setting that safety rests on.

use super::{BUSY_TIMEOUT, Tx};
use crate::store::error::{StoreError, shorten};
use crate::store::keys::Keys;
use crate::store::migrate;
use rusqlite::{Connection, Error, OpenFlags, ffi};
use std::path::Path;
use zeroize::Zeroizing;

/// Statements kept prepared in each connection: above the number this program has.
const MAX_PREPARED: usize = 256;
/// Pages of the write-ahead log before SQLite moves them into the database (SQLite's default).
const WAL_PAGES: u32 = 1000;
/// The log is cut back to this after it was moved: 64 MiB.
const MAX_LOG_BYTES: u32 = 64 << 20;
/// Room for a statement with a key in it, so that it is not moved about in memory.
const KEY_SQL: usize = 160;

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mode {
    Read,
    Write,
}

/// Opens a connection with the folder's key and checks that the key is the right one.
pub(in crate::store) fn connect(
    path: &Path,
    keys: &Keys,
    mode: Mode,
) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |error: Error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => {
            StoreError::WrongKey { path: path.to_path_buf(), key_id: keys.id().to_owned() }
        }
        _ => step_error(&error, "open"),
    };
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
    // SQLCipher writes to standard error by itself; what it has to say is in our errors.
    connection.execute_batch("pragma cipher_log_level = none").map_err(failed)?;
    let mut key = Zeroizing::new(String::with_capacity(KEY_SQL));
    key.push_str("pragma key = ");
    key.push_str(&raw_key(keys));
    connection.execute_batch(&key).map_err(failed)?;
    let first = "select count(*) from sqlite_schema";
    connection.query_row(first, [], |_| Ok(())).map_err(failed)?;
    connection.execute_batch(&settings(mode)).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(MAX_PREPARED);
    Ok(connection)
}

/// The database key as SQLCipher reads one that needs no derivation, quoted.
pub(super) fn raw_key(keys: &Keys) -> Zeroizing<String> {
    let mut key = Zeroizing::new(String::with_capacity(KEY_SQL));
    key.push_str("\"x'");
    key.push_str(&Zeroizing::new(hex::encode(keys.database())));
    key.push_str("'\"");
    key
}

/// `cipher_memory_security` stays off: keys are wiped without it, and wiping every allocation of
/// SQLite takes 1.8 times as long (10 000 inserts, 30 against 17 ms, 2026-11-21, EPYC, 2 cores).
fn settings(mode: Mode) -> String {
    let query_only = if mode == Mode::Read { "on" } else { "off" };
    format!(
        "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
         pragma temp_store = memory; pragma secure_delete = on; pragma trusted_schema = off;
         pragma cell_size_check = on; pragma recursive_triggers = on;
         pragma wal_autocheckpoint = {WAL_PAGES}; pragma journal_size_limit = {MAX_LOG_BYTES};
         pragma query_only = {query_only};"
    )
}

/// Brings the database to `version` in one transaction. References are checked once, at its end,
/// because SQLite cannot rebuild a referenced table with them on (its "ALTER TABLE", section 7).
pub(super) fn upgrade(
    connection: &Connection,
    version: i64,
    run: impl FnOnce(&Tx<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let tx = Tx { connection };
    if migrate::version(&tx)? == version {
        return Ok(());
    }
    tx.batch("pragma foreign_keys = off")?;
    tx.batch("begin immediate")?;
    let done = run(&tx).and_then(|()| tx.batch("commit"));
    if done.is_err() && !connection.is_autocommit() {
        tx.batch("rollback")?;
    }
    tx.batch("pragma foreign_keys = on")?;
    done
}

/// A statement SQLite did not accept. Its message speaks of our constant text only.
pub(super) fn prepare_error(error: &Error, sql: &str) -> StoreError {
    match error {
        Error::SqlInputError { error, msg, .. } => StoreError::Sql {
            code: error.extended_code,
            statement: shorten(sql),
            detail: msg.clone(),
        },
        _ => step_error(error, sql),
    }
}

/// A statement that failed while running.
pub(super) fn step_error(error: &Error, sql: &str) -> StoreError {
    match error {
        Error::SqliteFailure(failure, message) => {
            StoreError::of_sqlite(failure.extended_code, message.as_deref(), sql)
        }
        // The binding itself found the call wrong: our mistake.
        Error::InvalidParameterCount(given, wanted) => {
            let detail = format!("{given} parameters given, {wanted} wanted");
            StoreError::Sql { code: ffi::SQLITE_MISUSE, statement: shorten(sql), detail }
        }
        _ => StoreError::of_sqlite(ffi::SQLITE_MISUSE, None, sql),
    }
}
