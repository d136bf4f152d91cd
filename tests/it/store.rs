//! The database and the keys of a data folder, with their real files: what another process, a
//! panic, a lost key or a changed byte does to them.
//!
//! Not for: recordings (`store_blob.rs`), crashes and full disks (`store_fault.rs`).

use chartscribe::store::Place;
use chartscribe::store::db::{Store, Tx};
use chartscribe::store::error::{Rule, StoreError};
use chartscribe::store::value::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Barrier;
use tempfile::TempDir;

/// The size of a page in the database file (SQLCipher 4's default).
const PAGE: usize = 4096;

/// A place for a data folder and, beside it, its key.
pub fn place() -> (TempDir, Place) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = Place { data: folder.path().join("data"), key_file: folder.path().join("key") };
    (folder, place)
}

pub fn with_notes() -> (TempDir, Place, Store) {
    let (folder, place) = place();
    let store = Store::create(&place).expect("a new data folder");
    let sql = "create table test_note (id integer primary key, body text unique) strict";
    store.write(|tx| tx.execute(sql, &[])).expect("a table");
    (folder, place, store)
}

pub fn insert(tx: &Tx, body: &str) -> Result<usize, StoreError> {
    tx.execute("insert into test_note (body) values (?1)", &[Value::from(body)])
}

pub fn add(store: &Store, body: &str) -> Result<usize, StoreError> {
    store.write(|tx| insert(tx, body))
}

pub fn count(store: &Store) -> i64 {
    store.read(counted).expect("a count")
}

fn counted(tx: &Tx) -> Result<i64, StoreError> {
    let count = tx.one("select count(*) from test_note", &[], |row| row.int(0))?;
    Ok(count.expect("a count is one row"))
}

/// Every file below a folder with its content.
pub fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(contents(&path));
        } else {
            all.insert(path.display().to_string(), fs::read(&path).expect("a file"));
        }
    }
    all
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).expect("a file");
    bytes[at] ^= 1;
    fs::write(path, bytes).expect("a changed file");
}

fn refusal(place: &Place) -> StoreError {
    Store::open(place).map(|_| ()).expect_err("a refusal")
}

#[test]
fn what_is_committed_is_there_after_opening_again() {
    let (_folder, place, store) = with_notes();
    add(&store, "first").expect("a row");
    drop(store);
    let store = Store::open(&place).expect("the folder opens again");
    assert_eq!(count(&store), 1);
    store.check().expect("an intact database");
}

#[test]
fn a_write_that_fails_or_panics_leaves_nothing_and_the_store_works_on() {
    let (_folder, _place, store) = with_notes();
    let failed: Result<(), _> = store.write(|tx| {
        insert(tx, "lost")?;
        Err(StoreError::Busy)
    });
    assert!(matches!(failed, Err(StoreError::Busy)));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        store.write(|tx| -> Result<(), StoreError> {
            insert(tx, "lost")?;
            panic!("planned");
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(count(&store), 0);
    add(&store, "kept").expect("a write after a panic");
    assert_eq!(count(&store), 1);
}

#[test]
fn a_read_sees_one_snapshot_and_cannot_write() {
    let (_folder, _place, store) = with_notes();
    let seen: Result<_, StoreError> = store.read(|tx| {
        let before = counted(tx)?;
        add(&store, "meanwhile")?;
        Ok((before, counted(tx)?))
    });
    assert_eq!(seen.expect("a read"), (0, 0));
    assert_eq!(count(&store), 1);
    let refused = store.read(|tx| insert(tx, "by a reader"));
    assert!(matches!(refused, Err(StoreError::Sql { .. })), "{refused:?}");
}

#[test]
fn four_readers_and_a_writer_work_at_the_same_time() {
    let (_folder, _place, store) = with_notes();
    let together = Barrier::new(5);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let read: Result<_, StoreError> = store.read(|tx| {
                    together.wait();
                    counted(tx)
                });
                read.expect("a read");
            });
        }
        let written: Result<_, StoreError> = store.write(|tx| {
            together.wait();
            insert(tx, "beside readers")
        });
        written.expect("a write");
    });
}

#[test]
fn two_processes_writing_at_once_lose_nothing() {
    const EACH: i64 = 50;
    let (_folder, place, first) = with_notes();
    let second = Store::open(&place).expect("the same folder again");
    std::thread::scope(|scope| {
        for (name, store) in [("a", &first), ("b", &second), ("c", &first)] {
            scope.spawn(move || {
                for number in 0..EACH {
                    add(store, &format!("{name}{number}")).expect("a row");
                }
            });
        }
    });
    assert_eq!(count(&first), 3 * EACH);
    assert_eq!(count(&second), 3 * EACH);
}

#[test]
fn a_second_of_what_must_be_unique_is_told_apart() {
    let (_folder, _place, store) = with_notes();
    add(&store, "Quimby").expect("the first");
    let error = add(&store, "Quimby").expect_err("a second");
    assert!(error.is_second("test_note.body"), "{error:?}");
    assert!(matches!(error, StoreError::Constraint { kind: Rule::Unique, .. }));
    assert!(!format!("{error:?} {error}").contains("Quimby"));
}

#[test]
fn no_error_quotes_what_was_stored_or_asked() {
    let (_folder, _place, store) = with_notes();
    let errors: Result<[StoreError; 3], StoreError> = store.write(|tx| {
        insert(tx, "Quimby")?;
        tx.execute("create virtual table found using fts5 (body)", &[])?;
        let asked = [Value::from("Quimby \" AND (")];
        let search = tx.one("select 1 from found where found match ?1", &asked, |row| row.int(0));
        let number = tx.one("select body from test_note", &[], |row| row.int(0));
        let flag = tx.one("select 41", &[], |row| row.flag(0));
        Ok([search.expect_err("no search"), number.expect_err("text"), flag.expect_err("41")])
    });
    for error in errors.expect("three errors") {
        let shown = format!("{error:?} {error}");
        assert!(!shown.contains("Quimby") && !shown.contains("41`: 41"), "{shown}");
    }
}

#[test]
fn a_full_database_says_so_and_keeps_what_it_had() {
    let (_folder, _place, store) = with_notes();
    add(&store, "kept").expect("a row");
    let full: Result<(), StoreError> = store.write(|tx| {
        let pages = tx.one("select page_count from pragma_page_count", &[], |row| row.int(0))?;
        let limit = format!("pragma max_page_count = {}", pages.expect("one row"));
        tx.one(&limit, &[], |_| Ok(()))?;
        insert(tx, &"x".repeat(10 * PAGE)).map(|_| ())
    });
    assert!(matches!(full, Err(StoreError::Full)), "{full:?}");
    assert_eq!(count(&store), 1);
}

#[test]
fn nothing_readable_is_on_disk() {
    let (_folder, place, store) = with_notes();
    for number in 0..100 {
        add(&store, &format!("Quimby has pneumonia {number}")).expect("a row");
    }
    let open = contents(&place.data);
    drop(store);
    for (path, bytes) in open.into_iter().chain(contents(&place.data)) {
        for word in ["Quimby", "pneumonia", "test_note", "create table", "SQLite format 3"] {
            let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
            assert!(!found, "{path} holds {word:?}");
        }
    }
}

#[test]
fn folder_and_files_are_the_owner_s_alone() {
    let (_folder, place, store) = with_notes();
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&place.key_file), 0o600);
    assert_eq!(mode(&place.data), 0o700);
    for name in ["keyring.json", "chartscribe.db", "chartscribe.db-wal", "chartscribe.db-shm"] {
        assert_eq!(mode(&place.data.join(name)), 0o600, "{name}");
    }
    drop(store);
}

#[test]
fn a_folder_or_key_that_exists_is_not_overwritten() {
    let (folder, place, store) = with_notes();
    drop(store);
    let before = contents(folder.path());
    let again = Store::create(&place).map(|_| ());
    assert!(matches!(again, Err(StoreError::AlreadyExists { .. })), "{again:?}");
    let other = Place { data: folder.path().join("other"), ..place.clone() };
    let same_key = Store::create(&other).map(|_| ());
    assert!(matches!(same_key, Err(StoreError::AlreadyExists { .. })), "{same_key:?}");
    assert!(!other.data.exists());
    assert!(before == contents(folder.path()));
}

#[test]
fn somebody_else_s_folder_is_left_alone() {
    let (folder, place) = place();
    fs::create_dir(&place.data).expect("a folder");
    fs::write(place.data.join("letter.txt"), "not ours").expect("a file");
    let before = contents(folder.path());
    let refused = Store::create(&place).map(|_| ());
    assert!(matches!(refused, Err(StoreError::NotADataFolder { .. })), "{refused:?}");
    assert!(matches!(refusal(&place), StoreError::NotADataFolder { .. }));
    assert!(before == contents(folder.path()));
}

#[test]
fn a_creation_that_was_cut_short_is_begun_again() {
    let (_folder, place) = place();
    fs::create_dir(&place.data).expect("a folder");
    fs::write(place.data.join("unfinished"), "").expect("the mark");
    fs::write(place.data.join("chartscribe.db"), "half").expect("half a database");
    assert!(matches!(refusal(&place), StoreError::NotADataFolder { .. }));
    drop(Store::create(&place).expect("a folder from the remains"));
    assert!(place.is_created() && !place.data.join("unfinished").exists());
    Store::open(&place).expect("it opens").check().expect("and is sound");
}

#[test]
fn a_key_file_that_is_missing_exposed_or_inside_the_folder_is_refused() {
    let (folder, place, store) = with_notes();
    drop(store);
    let before = contents(&place.data);
    fs::set_permissions(&place.key_file, fs::Permissions::from_mode(0o640)).expect("chmod");
    assert!(matches!(refusal(&place), StoreError::ExposedKey { mode: 0o640, .. }));
    fs::set_permissions(&place.key_file, fs::Permissions::from_mode(0o600)).expect("chmod");
    let away = folder.path().join("away");
    fs::rename(&place.key_file, &away).expect("the key is moved");
    assert!(matches!(refusal(&place), StoreError::MissingKey { .. }));
    let inside = Place { key_file: place.data.join("key"), ..place.clone() };
    fs::copy(&away, &inside.key_file).expect("a copy inside");
    assert!(matches!(refusal(&inside), StoreError::KeyBesideData { .. }));
    std::os::unix::fs::symlink(&inside.key_file, &place.key_file).expect("a link");
    assert!(matches!(refusal(&place), StoreError::KeyBesideData { .. }));
    fs::remove_file(&inside.key_file).expect("the copy is removed");
    assert!(before == contents(&place.data), "no refusal changed anything");
}

#[test]
fn the_key_keyring_or_database_of_another_folder_does_not_open_this_one() {
    let (_folder, place, store) = with_notes();
    add(&store, "ours").expect("a row");
    drop(store);
    let (_other_folder, other, other_store) = with_notes();
    drop(other_store);
    let swapped = Place { key_file: other.key_file.clone(), ..place.clone() };
    assert!(matches!(refusal(&swapped), StoreError::WrongKey { .. }));
    for name in ["keyring.json", "chartscribe.db"] {
        let ours = fs::read(place.data.join(name)).expect("our file");
        fs::copy(other.data.join(name), place.data.join(name)).expect("their file");
        assert!(matches!(refusal(&place), StoreError::WrongKey { .. }), "{name}");
        fs::write(place.data.join(name), ours).expect("our file again");
    }
    assert_eq!(count(&Store::open(&place).expect("as before")), 1);
}

#[test]
fn a_lost_keyring_or_database_is_named_and_never_made_anew() {
    let (_folder, place, store) = with_notes();
    drop(store);
    for name in ["keyring.json", "chartscribe.db"] {
        let ours = fs::read(place.data.join(name)).expect("our file");
        fs::remove_file(place.data.join(name)).expect("the loss");
        assert!(matches!(refusal(&place), StoreError::NotADataFolder { .. }), "{name}");
        assert!(Store::create(&place).is_err());
        assert!(!place.data.join(name).exists());
        fs::write(place.data.join(name), ours).expect("our file again");
    }
    Store::open(&place).expect("as before");
}

#[test]
fn one_changed_byte_anywhere_in_key_file_or_keyring_is_refused() {
    let (_folder, place, store) = with_notes();
    drop(store);
    for path in [place.key_file.clone(), place.data.join("keyring.json")] {
        for at in 0..fs::read(&path).expect("a file").len() {
            flip(&path, at);
            let error = refusal(&place);
            let damage = matches!(
                error,
                StoreError::DamagedKey { .. }
                    | StoreError::Corrupt { .. }
                    | StoreError::WrongKey { .. }
            );
            assert!(damage, "byte {at} of {}: {error:?}", path.display());
            flip(&path, at);
        }
        let whole = fs::read(&path).expect("a file");
        fs::write(&path, &whole[..whole.len() - 1]).expect("a shorter file");
        refusal(&place);
        fs::write(&path, whole).expect("the file again");
    }
    Store::open(&place).expect("as before");
}

#[test]
fn one_changed_byte_in_any_page_of_the_database_is_found() {
    let (_folder, place, store) = with_notes();
    for number in 0..200 {
        add(&store, &format!("{number} {}", "word ".repeat(40))).expect("a row");
    }
    drop(store);
    let path = place.data.join("chartscribe.db");
    let pages = fs::metadata(&path).expect("the database").len() as usize / PAGE;
    assert!(pages > 10, "{pages} pages");
    let whole = fs::read(&path).expect("the database");
    for page in 0..pages {
        // Content, initialisation vector and authenticator, which end a page of SQLCipher 4.
        for within in [0, 100, PAGE / 2, PAGE - 80, PAGE - 1] {
            flip(&path, page * PAGE + within);
            let found = Store::open(&place).and_then(|store| store.check());
            let damage =
                matches!(found, Err(StoreError::Corrupt { .. } | StoreError::WrongKey { .. }));
            assert!(damage, "page {page}, byte {within}: {found:?}");
            fs::write(&path, &whole).expect("the database again");
        }
    }
    Store::open(&place).and_then(|store| store.check()).expect("as before");
}

#[test]
fn every_connection_has_the_settings_that_safety_rests_on() {
    let (_folder, _place, store) = with_notes();
    // Values as SQLite reports them: synchronous 2 is full, temp_store 2 is memory.
    let numbers = [
        ("pragma synchronous", 2),
        ("pragma foreign_keys", 1),
        ("pragma temp_store", 2),
        ("pragma secure_delete", 1),
        ("pragma trusted_schema", 0),
        ("pragma recursive_triggers", 1),
        ("pragma busy_timeout", 10_000),
    ];
    let check = |tx: &Tx| -> Result<(), StoreError> {
        for (sql, expected) in numbers {
            assert_eq!(tx.one(sql, &[], |row| row.int(0))?, Some(expected), "{sql}");
        }
        let mode = tx.one("pragma journal_mode", &[], |row| row.text(0))?;
        assert_eq!(mode.as_deref(), Some("wal"));
        Ok(())
    };
    store.read(check).expect("a reader's settings");
    store.write(check).expect("the writer's settings");
}
