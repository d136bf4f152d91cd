//! The data folder with its real files: what two processes, a lost key or a changed byte do to it.

use chartscribe::store::Place;
use chartscribe::store::db::Store;
use chartscribe::store::error::StoreError;
use chartscribe::store::value::Value;
use tempfile::TempDir;

/// A place for a data folder and, beside it, its key.
fn place() -> (TempDir, Place) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let place = Place { data: folder.path().join("data"), key_file: folder.path().join("key") };
    (folder, place)
}

fn with_notes() -> (TempDir, Place, Store) {
    let (folder, place) = place();
    let store = Store::create(&place).expect("a new data folder");
    store
        .write(|tx| tx.execute("create table note (id integer primary key, body text) strict", &[]))
        .expect("a table");
    (folder, place, store)
}

fn add(store: &Store, body: &str) -> Result<usize, StoreError> {
    let sql = "insert into note (body) values (?1)";
    store.write(|tx| tx.execute(sql, &[Value::from(body)]))
}

fn count(store: &Store) -> i64 {
    let sql = "select count(*) from note";
    let count = store.read(|tx| tx.one(sql, &[], |row| row.int(0)));
    count.expect("a count").expect("one row")
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
