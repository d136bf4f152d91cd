//! The database: connections, transactions, and rows as the table families read them.
//!
//! Not for: SQL of any table. Only this file and those in `db/` name the SQLite binding.
//!
//! Invariant: every read sees one snapshot; every write is one `begin immediate` transaction that
//! is committed whole (synced) or, on an error or a panic, leaves nothing. Several threads and
//! several processes may work on one folder.

mod connection;
pub(super) mod copy;

use super::blob::Blobs;
use super::error::{StoreError, shorten};
use super::keys::{self, Keys};
use super::lock;
use super::migrate::{self, MIGRATIONS};
use super::pool::{Lease, Mend, Pool, Refusal};
use super::value::Value;
use super::{Place, creation, files};
use crate::domain::digest::Digest;
use crate::domain::time::Timestamp;
use crate::fault;
use crate::file_lock::Lock;
use connection::{Mode, connect, prepare_error, step_error, upgrade};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// The longest wait for another process's or thread's lock. A write is milliseconds; only a copy
/// before an upgrade takes longer.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Readers at a time; more wait. Two cores leave nothing to gain above this (judgment).
const MAX_READERS: usize = 4;
pub(super) const DATABASE: &str = "chartscribe.db";

/// The parameters `?1`, `?2`, … of a statement: `params![id, name, at]`.
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        &[$($crate::store::value::Value::from($value)),*]
    };
}
pub(crate) use params;

/// One data folder, open. Cloning shares it.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    data: PathBuf,
    keys: Keys,
    writer: Pool<Connection>,
    readers: Pool<Connection>,
    blobs: Blobs,
    /// Keeps those out who would replace everything.
    _lock: Option<Lock>,
}

/// One transaction. It ends when the closure that got it returns.
pub struct Tx<'a> {
    connection: &'a Connection,
}

/// One row of a result; columns are counted from 0.
pub struct Row<'a> {
    row: &'a rusqlite::Row<'a>,
    sql: &'a str,
}

impl Store {
    /// Makes a new data folder and its key file, and opens it. A creation that a crash cut short
    /// is begun again.
    ///
    /// # Errors
    /// `AlreadyExists` when there is a data folder or key file; nothing is changed then.
    pub fn create(place: &Place) -> Result<Store, StoreError> {
        Self::create_with(place, MIGRATIONS)
    }

    /// Opens a data folder, after upgrading its database to this program's version.
    ///
    /// # Errors
    /// Refuses, without changing anything, a missing, foreign or damaged key, a folder that is
    /// not one of ours, a newer database, and a database of another folder.
    pub fn open(place: &Place) -> Result<Store, StoreError> {
        Self::open_with(place, MIGRATIONS)
    }

    pub(super) fn create_with(place: &Place, migrations: &[&str]) -> Result<Store, StoreError> {
        let creation = creation::begin(place)?;
        let path = creation.data().join(DATABASE);
        for ending in ["", "-wal", "-shm", "-journal"] {
            files::remove_if_there(&creation.data().join(format!("{DATABASE}{ending}")))?;
        }
        drop(files::make_file(&path)?);
        let connection = connect(&path, creation.keys(), Mode::Write)?;
        let version = migrate::known(migrations);
        upgrade(&connection, version, |tx| migrate::run(tx, migrations, || Ok(())))?;
        connection.close().map_err(|(_, error)| step_error(&error, "close"))?;
        files::sync_folder(creation.data())?;
        creation.commit()?;
        Self::open_with(place, migrations)
    }

    pub(super) fn open_with(place: &Place, migrations: &[&str]) -> Result<Store, StoreError> {
        let opened = keys::open(place, lock::share)?;
        Self::of(opened.data, opened.keys, Some(opened.lock), migrations)
    }

    /// A folder whose keys are known.
    pub(super) fn of(
        data: PathBuf,
        keys: Keys,
        lock: Option<Lock>,
        migrations: &[&str],
    ) -> Result<Store, StoreError> {
        let path = data.join(DATABASE);
        if !path.is_file() {
            let reason = "its database is missing; restore it from a backup";
            return Err(StoreError::NotADataFolder { path: data, reason });
        }
        let connection = connect(&path, &keys, Mode::Write)?;
        upgrade(&connection, migrate::known(migrations), |tx| {
            migrate::run(tx, migrations, || {
                copy::before_upgrade(&data, &keys, migrate::known(migrations))
            })
        })?;
        let blobs = Blobs::new(&data, &keys)?;
        let writer = Pool::new(1, vec![connection]);
        let readers = Pool::new(MAX_READERS, Vec::new());
        let inner = Inner { data, keys, writer, readers, blobs, _lock: lock };
        Ok(Store { inner: Arc::new(inner) })
    }

    /// Runs `f` in a read transaction: it sees the database as of its first statement.
    pub fn read<T, E>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let connection = self.lend(&self.inner.readers, Mode::Read)?;
        let tx = Tx { connection: &connection };
        tx.execute("begin", &[])?;
        f(&tx)
        // The lease rolls back, which for a reader is the end of its snapshot.
    }

    /// Runs `f` in a write transaction and commits what it did, on disk, if it returns `Ok`.
    /// On `Err` and on a panic everything is rolled back. Writes within writes wait for
    /// themselves and end in `Busy`: pass the `Tx` on instead.
    pub fn write<T, E>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let connection = self.lend(&self.inner.writer, Mode::Write)?;
        let tx = Tx { connection: &connection };
        tx.execute("begin immediate", &[])?;
        let result = f(&tx)?;
        fault::io("db-commit").map_err(|error| StoreError::io("commit", &self.path(), error))?;
        fault::point("db-before-commit");
        tx.execute("commit", &[])?;
        fault::point("db-after-commit");
        Ok(result)
    }

    /// Whether a write could begin now; changes nothing.
    ///
    /// # Errors
    /// Why it could not.
    pub fn is_writable(&self) -> Result<(), StoreError> {
        let connection = self.lend(&self.inner.writer, Mode::Write)?;
        let tx = Tx { connection: &connection };
        tx.execute("begin immediate", &[])?;
        tx.execute("rollback", &[]).map(|_| ())
    }

    pub fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }

    /// The key of the audit chain's seals.
    pub fn audit_key(&self) -> &[u8; 32] {
        self.inner.keys.audit()
    }

    /// Reads every page and row reference of the database.
    ///
    /// # Errors
    /// `Corrupt` at the first thing that is not as it was written.
    pub fn check(&self) -> Result<(), StoreError> {
        self.read(|tx| {
            for sql in ["pragma cipher_integrity_check", "pragma foreign_key_check"] {
                if !tx.all(sql, &[], |_| Ok(()))?.is_empty() {
                    return Err(StoreError::corrupt(format!("the database ({sql})")));
                }
            }
            let sql = "pragma integrity_check(1)";
            match tx.one(sql, &[], |row| row.text(0))?.as_deref() {
                Some("ok") => Ok(()),
                _ => Err(StoreError::corrupt(format!("the database ({sql})"))),
            }
        })
    }

    /// The schema as SQL, one statement a line, in the order of the names: for the frozen schemas
    /// that tests keep, and to compare a new database with an upgraded one.
    pub fn schema(&self) -> Result<String, StoreError> {
        self.read(migrate::schema)
    }

    /// The data folder's absolute path.
    pub(super) fn data(&self) -> &Path {
        &self.inner.data
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    fn lend<'a>(
        &self,
        pool: &'a Pool<Connection>,
        mode: Mode,
    ) -> Result<Lease<'a, Connection>, StoreError> {
        pool.lend(BUSY_TIMEOUT, || connect(&self.path(), &self.inner.keys, mode)).map_err(
            |refusal| match refusal {
                Refusal::TimedOut => StoreError::Busy,
                Refusal::Open(error) => error,
            },
        )
    }

    fn path(&self) -> PathBuf {
        self.inner.data.join(DATABASE)
    }
}

impl Mend for Connection {
    fn mend(&mut self) -> bool {
        self.is_autocommit() || (self.execute_batch("rollback").is_ok() && self.is_autocommit())
    }
}

impl Tx<'_> {
    /// Runs one statement that returns no rows; gives the number of rows it changed.
    pub fn execute(&self, sql: &str, params: &[Value]) -> Result<usize, StoreError> {
        let mut statement = self.prepare(sql)?;
        statement
            .execute(rusqlite::params_from_iter(params))
            .map_err(|error| step_error(&error, sql))
    }

    /// The first row of a query, if there is one.
    pub fn one<T>(
        &self,
        sql: &str,
        params: &[Value],
        read: impl FnOnce(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement
            .query(rusqlite::params_from_iter(params))
            .map_err(|error| step_error(&error, sql))?;
        match rows.next().map_err(|error| step_error(&error, sql))? {
            Some(row) => read(&Row { row, sql }).map(Some),
            None => Ok(None),
        }
    }

    /// Every row of a query. A query without a `limit` must have few by its nature.
    pub fn all<T>(
        &self,
        sql: &str,
        params: &[Value],
        mut read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.prepare(sql)?;
        let mut rows = statement
            .query(rusqlite::params_from_iter(params))
            .map_err(|error| step_error(&error, sql))?;
        let mut values = Vec::new();
        while let Some(row) = rows.next().map_err(|error| step_error(&error, sql))? {
            values.push(read(&Row { row, sql })?);
        }
        Ok(values)
    }

    /// Runs the statements of a migration.
    pub(super) fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(|error| prepare_error(&error, sql))
    }

    fn prepare(&self, sql: &str) -> Result<CachedStatement<'_>, StoreError> {
        self.connection.prepare_cached(sql).map_err(|error| prepare_error(&error, sql))
    }
}

impl Row<'_> {
    pub fn text(&self, column: usize) -> Result<String, StoreError> {
        self.opt_text(column)?.ok_or_else(|| self.unreadable(column))
    }

    pub fn opt_text(&self, column: usize) -> Result<Option<String>, StoreError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Some(text.to_owned())),
                Err(_) => Err(self.unreadable(column)),
            },
            _ => Err(self.unreadable(column)),
        }
    }

    pub fn int(&self, column: usize) -> Result<i64, StoreError> {
        self.opt_int(column)?.ok_or_else(|| self.unreadable(column))
    }

    pub fn opt_int(&self, column: usize) -> Result<Option<i64>, StoreError> {
        match self.value(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(number) => Ok(Some(number)),
            _ => Err(self.unreadable(column)),
        }
    }

    /// An integer that fits a narrower type, such as a version number in a `u32`.
    pub fn number<T: TryFrom<i64>>(&self, column: usize) -> Result<T, StoreError> {
        T::try_from(self.int(column)?).map_err(|_| self.unreadable(column))
    }

    pub fn opt_number<T: TryFrom<i64>>(&self, column: usize) -> Result<Option<T>, StoreError> {
        let number = self.opt_int(column)?;
        number.map(T::try_from).transpose().map_err(|_| self.unreadable(column))
    }

    pub fn real(&self, column: usize) -> Result<f64, StoreError> {
        match self.value(column)? {
            ValueRef::Real(number) => Ok(number),
            _ => Err(self.unreadable(column)),
        }
    }

    pub fn blob(&self, column: usize) -> Result<Vec<u8>, StoreError> {
        match self.value(column)? {
            ValueRef::Blob(bytes) => Ok(bytes.to_vec()),
            _ => Err(self.unreadable(column)),
        }
    }

    pub fn flag(&self, column: usize) -> Result<bool, StoreError> {
        match self.int(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.unreadable(column)),
        }
    }

    pub fn id<T: FromStr>(&self, column: usize) -> Result<T, StoreError> {
        self.opt_id(column)?.ok_or_else(|| self.unreadable(column))
    }

    pub fn opt_id<T: FromStr>(&self, column: usize) -> Result<Option<T>, StoreError> {
        let text = self.opt_text(column)?;
        text.map(|text| text.parse().map_err(|_| self.unreadable(column))).transpose()
    }

    pub fn time(&self, column: usize) -> Result<Timestamp, StoreError> {
        self.int(column).map(Timestamp)
    }

    pub fn opt_time(&self, column: usize) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.opt_int(column)?.map(Timestamp))
    }

    pub fn digest(&self, column: usize) -> Result<Digest, StoreError> {
        Digest::from_hex(&self.text(column)?).ok_or_else(|| self.unreadable(column))
    }

    /// A value stored by its code, such as a role or a status.
    pub fn code<T>(
        &self,
        column: usize,
        from_code: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        from_code(&self.text(column)?).ok_or_else(|| self.unreadable(column))
    }

    pub fn opt_code<T>(
        &self,
        column: usize,
        from_code: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let Some(text) = self.opt_text(column)? else { return Ok(None) };
        from_code(&text).map(Some).ok_or_else(|| self.unreadable(column))
    }

    fn value(&self, column: usize) -> Result<ValueRef<'_>, StoreError> {
        self.row.get_ref(column).map_err(|_| self.unreadable(column))
    }

    /// A value that our types do not allow here. Says where, never what.
    fn unreadable(&self, column: usize) -> StoreError {
        StoreError::corrupt(format!("column {column} of `{}`", shorten(self.sql)))
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}
