//! Brings a database to the version this program knows, one numbered file after the other.
//!
//! Not for: taking steps back; a newer database is refused, and a copy is kept of an older one.
//!
//! Invariant: `MIGRATIONS` is only ever appended to. `user_version` is the number of files that
//! were run, so a new database and an upgraded one have the same schema.

use super::db::{Tx, params};
use super::error::StoreError;
use crate::fault;

pub(super) const MIGRATIONS: &[&str] = &[include_str!("migrations/0001.sql")];

/// The version that a list of migrations leads to.
pub(super) fn known(migrations: &[&str]) -> i64 {
    i64::try_from(migrations.len()).expect("few migrations")
}

pub(super) fn version(tx: &Tx<'_>) -> Result<i64, StoreError> {
    let sql = "select user_version from pragma_user_version";
    tx.one(sql, params![], |row| row.int(0))?.ok_or_else(|| StoreError::corrupt("the database"))
}

/// Runs what is missing. The caller has begun a write transaction and commits it; `copy_before`
/// keeps the old state of a database that is not new.
pub(super) fn run(
    tx: &Tx<'_>,
    migrations: &[&str],
    copy_before: impl FnOnce() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    // Asked again, now under the write lock: another process may have upgraded meanwhile.
    let found = version(tx)?;
    let known = known(migrations);
    if found > known {
        return Err(StoreError::NewerDatabase { found, known });
    }
    if found == known {
        return Ok(());
    }
    if found > 0 {
        copy_before()?;
    }
    let done = usize::try_from(found).map_err(|_| StoreError::corrupt("the database's version"))?;
    for migration in &migrations[done..] {
        tx.batch(migration)?;
    }
    let broken = tx.all("pragma foreign_key_check", params![], |_| Ok(()))?.len();
    if broken > 0 {
        return Err(StoreError::BrokenMigration { version: known, rows: broken });
    }
    tx.batch(&format!("pragma user_version = {known}"))?;
    fault::point("migrate-before-commit");
    Ok(())
}

/// Every table, index, view and trigger as SQL, white space made even.
pub(super) fn schema(tx: &Tx<'_>) -> Result<String, StoreError> {
    let sql = "select type, name, sql from sqlite_schema
               where sql is not null order by type, name";
    let statements = tx.all(sql, params![], |row| {
        let statement = row.text(2)?;
        Ok(statement.split_whitespace().collect::<Vec<_>>().join(" ") + ";\n")
    })?;
    Ok(statements.concat())
}
