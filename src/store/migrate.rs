//! Brings a database to the version this program knows, one numbered file after the other.
//!
//! Not for: taking steps back; a newer database is refused, and a copy is kept of an older one.
//!
//! Invariant: `MIGRATIONS` is only ever appended to. `user_version` is the number of files that
//! were run, so a new database and an upgraded one have the same schema.

use super::db::{Tx, params};
use super::error::StoreError;
use crate::fault;

pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
    include_str!("migrations/0004.sql"),
    include_str!("migrations/0005.sql"),
    include_str!("migrations/0006.sql"),
    include_str!("migrations/0007.sql"),
    include_str!("migrations/0008.sql"),
    include_str!("migrations/0009.sql"),
    include_str!("migrations/0010.sql"),
    include_str!("migrations/0011.sql"),
    include_str!("migrations/0012.sql"),
    include_str!("migrations/0013.sql"),
];

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

/// Every table with the number of its rows.
pub(super) fn row_counts(tx: &Tx<'_>) -> Result<Vec<(String, i64)>, StoreError> {
    let sql = "select name from sqlite_schema where type = 'table' order by name";
    let mut counts = Vec::new();
    for name in tx.all(sql, params![], |row| row.text(0))? {
        let sql = format!("select count(*) from \"{name}\"");
        let count = tx.one(&sql, params![], |row| row.int(0))?.unwrap_or_default();
        counts.push((name, count));
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::super::Place;
    use super::super::db::Store;
    use super::*;
    use std::fs;
    use tempfile::TempDir;

    const V1: &[&str] = &["create table author (id integer primary key, name text) strict;
        create table note (id integer primary key, author integer references author (id)) strict;"];
    /// Rebuilds a table that another refers to, as SQLite needs for most changes.
    const V2: &[&str] = &[
        V1[0],
        "create table new_author (id integer primary key, name text, active integer) strict;
        insert into new_author select id, name, 1 from author;
        drop table author;
        alter table new_author rename to author;",
    ];

    fn at_v1() -> (TempDir, Place) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = Place { data: folder.path().join("data"), key_file: folder.path().join("key") };
        let store = Store::create_with(&place, V1).expect("a new folder");
        add_note(&store);
        (folder, place)
    }

    fn add_note(store: &Store) {
        let added: Result<_, StoreError> = store.write(|tx| {
            tx.execute("insert into author (name) values ('Quimby')", params![])?;
            tx.execute("insert into note (author) select max(id) from author", params![])
        });
        added.expect("a note");
    }

    fn notes(store: &Store) -> i64 {
        let sql = "select count(*) from note join author on author.id = note.author";
        let count = store.read(|tx| tx.one(sql, params![], |row| row.int(0)));
        count.expect("a count").expect("one row")
    }

    #[test]
    fn a_new_database_and_an_upgraded_one_have_the_same_schema() {
        let (_upgraded_folder, place) = at_v1();
        let upgraded = Store::open_with(&place, V2).expect("an upgrade");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = Place { data: folder.path().join("data"), key_file: folder.path().join("key") };
        let fresh = Store::create_with(&place, V2).expect("a new folder");
        assert_eq!(upgraded.schema().expect("schema"), fresh.schema().expect("schema"));
        assert_eq!(upgraded.read(version).expect("version"), 2);
        assert_eq!(notes(&upgraded), 1, "an upgrade keeps the rows");
        upgraded.check().expect("an intact database");
    }

    #[test]
    fn an_upgrade_keeps_an_encrypted_copy_that_opens_with_the_same_key() {
        let (_folder, place) = at_v1();
        add_note(&Store::open_with(&place, V2).expect("an upgrade"));
        let copy = place.data.join("before-v2.db");
        let bytes = fs::read(&copy).expect("the copy");
        assert!(!bytes.windows(6).any(|six| six == b"Quimby" || six == b"SQLite"));
        fs::rename(&copy, place.data.join("chartscribe.db")).expect("going back");
        let store = Store::open_with(&place, V1).expect("the copy opens");
        assert_eq!(notes(&store), 1, "as before the upgrade");
        store.check().expect("an intact copy");
    }

    #[test]
    fn a_newer_database_is_refused_and_left_alone() {
        let (_folder, place) = at_v1();
        drop(Store::open_with(&place, V2).expect("an upgrade"));
        let before = fs::read(place.data.join("chartscribe.db")).expect("the database");
        let refused = Store::open_with(&place, V1).map(|_| ());
        assert!(matches!(refused, Err(StoreError::NewerDatabase { found: 2, known: 1 })));
        assert!(before == fs::read(place.data.join("chartscribe.db")).expect("the database"));
    }

    #[test]
    fn a_migration_that_fails_half_way_leaves_nothing() {
        let (_folder, place) = at_v1();
        let half = &[V1[0], "create table half (id integer primary key) strict; create nonsense;"];
        assert!(matches!(Store::open_with(&place, half), Err(StoreError::Sql { .. })));
        let store = Store::open_with(&place, V1).expect("still version 1");
        assert!(!store.schema().expect("schema").contains("half"));
        assert_eq!(notes(&store), 1);
    }

    #[test]
    fn a_migration_that_breaks_references_is_rolled_back() {
        let (_folder, place) = at_v1();
        let refused = Store::open_with(&place, &[V1[0], "delete from author;"]).map(|_| ());
        assert!(matches!(refused, Err(StoreError::BrokenMigration { rows: 1, .. })));
        assert_eq!(notes(&Store::open_with(&place, V1).expect("still version 1")), 1);
    }

    #[test]
    fn several_processes_may_find_the_same_upgrade_to_do() {
        let (_folder, place) = at_v1();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| Store::open_with(&place, V2).expect("an upgraded database"));
            }
        });
        assert_eq!(notes(&Store::open_with(&place, V2).expect("version 2")), 1);
    }

    #[test]
    fn the_program_s_own_migrations_run_from_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = Place { data: folder.path().join("data"), key_file: folder.path().join("key") };
        let store = Store::create(&place).expect("a new folder");
        assert_eq!(store.read(version).expect("version"), known(MIGRATIONS));
        store.check().expect("an intact database");
    }

    /// The databases of earlier versions as they were, one file a version that was released.
    const FROZEN: &[&str] = &[include_str!("../../tests/data/schema/v1.sql")];

    #[test]
    fn a_database_of_every_earlier_version_becomes_what_a_new_one_is() {
        let place_in = |folder: &TempDir| Place {
            data: folder.path().join("data"),
            key_file: folder.path().join("key"),
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let fresh = Store::create(&place_in(&folder)).expect("a new folder").schema();
        for (version, frozen) in (1..).zip(FROZEN) {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let place = place_in(&folder);
            // As many files as versions, so that the database says it is of this one.
            let mut files = vec![""; version];
            files[0] = frozen;
            drop(Store::create_with(&place, &files).expect("a frozen database"));
            let store = Store::open(&place).expect("an upgrade");
            assert_eq!(store.schema().ok(), fresh.as_ref().ok().cloned(), "version {version}");
            store.check().expect("an intact database");
            let sound = store.read(super::super::reports::check_versions).expect("readable");
            assert_eq!(sound, 1, "version {version}: the report is there and unchanged");
        }
    }
}
