//! Copies of the database: under the same key, and under another.
//!
//! Not for: recordings, or where copies are kept.
//!
//! Invariant: a copy is one snapshot of the database, encrypted, complete and synced before it
//! has its name.

use super::connection::{Mode, connect, raw_key, step_error};
use super::{DATABASE, Store, Tx, params};
use crate::store::error::StoreError;
use crate::store::files;
use crate::store::keys::Keys;
use crate::store::migrate;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Between them stands the version that the copy was made before.
pub(in crate::store) const COPY_BEGINS: &str = "before-v";
pub(in crate::store) const COPY_ENDS: &str = ".db";

impl Store {
    /// Copies the database as it is now, under the same key; others go on writing.
    pub(in crate::store) fn copy(&self, to: &Path) -> Result<(), StoreError> {
        copy(&self.inner.data, &self.inner.keys, to)
    }

    /// Copies the database under other keys. Nobody may write meanwhile.
    pub(in crate::store) fn export(&self, to: &Path, keys: &Keys) -> Result<(), StoreError> {
        let part = new_part(to)?;
        let failed = |error: rusqlite::Error| step_error(&error, "export");
        let connection = connect(&self.inner.data.join(DATABASE), &self.inner.keys, Mode::Write)?;
        let tx = Tx { connection: &connection };
        let version = migrate::version(&tx)?;
        let path = unicode(&part)?.replace('\'', "''");
        let key = raw_key(keys);
        // Not by `Tx`, whose errors begin with the statement, and this one holds a key.
        let attach = Zeroizing::new(format!("attach database '{path}' as fresh key {}", *key));
        connection.execute_batch(&attach).map_err(failed)?;
        tx.one("select sqlcipher_export('fresh')", params![], |_| Ok(()))?;
        tx.batch(&format!("pragma fresh.user_version = {version}"))?;
        tx.batch("detach database fresh")?;
        finish(&part, to)
    }
}

/// Reads a copy that lies apart from its recordings.
pub(in crate::store) fn read<T>(
    path: &Path,
    keys: &Keys,
    f: impl FnOnce(&Tx<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let connection = connect(path, keys, Mode::Read)?;
    let tx = Tx { connection: &connection };
    tx.execute("begin", &[])?;
    let value = f(&tx)?;
    tx.execute("rollback", &[])?;
    Ok(value)
}

/// Copies the database before an upgrade to `version`. The caller holds the write lock on
/// another connection, so nothing is committed meanwhile.
pub(super) fn before_upgrade(data: &Path, keys: &Keys, version: i64) -> Result<(), StoreError> {
    copy(data, keys, &data.join(format!("{COPY_BEGINS}{version}{COPY_ENDS}")))
}

fn copy(data: &Path, keys: &Keys, to: &Path) -> Result<(), StoreError> {
    let part = new_part(to)?;
    // Reads only, but SQLite's `query_only` forbids writing the copy too.
    let connection = connect(&data.join(DATABASE), keys, Mode::Write)?;
    let path = unicode(&part)?;
    Tx { connection: &connection }.execute("vacuum into ?1", params![path])?;
    finish(&part, to)
}

fn new_part(to: &Path) -> Result<PathBuf, StoreError> {
    let part = files::part_of(to);
    files::remove_if_there(&part)?;
    drop(files::make_file(&part)?);
    Ok(part)
}

fn finish(part: &Path, to: &Path) -> Result<(), StoreError> {
    files::sync_file(part)?;
    files::rename(part, to)
}

fn unicode(path: &Path) -> Result<&str, StoreError> {
    path.to_str().ok_or_else(|| StoreError::NotADataFolder {
        path: path.to_path_buf(),
        reason: "its path is not valid Unicode",
    })
}
