//! What a sudden end or a full disk leaves of a data folder, with a real process: this test
//! binary starts itself, as the process that dies.
//!
//! Not for: damage by others (`store.rs`, `store_blob.rs`).

use crate::store::{add, count, place};
use chartscribe::domain::digest::Digest;
use chartscribe::store::Place;
use chartscribe::store::db::Store;
use chartscribe::store::error::StoreError;
use std::env;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::time::Duration;

const SIGKILL: i32 = 9;
const RECORDING: &[u8] = b"Nothing acknowledged is ever lost.";
/// Tells the child where to work; without it the child's tests do nothing.
const DATA: &str = "CHARTSCRIBE_TEST_DATA";

/// Runs one of the `child_…` tests below in a process of its own, with one planned fault.
fn run(child: &str, place: &Place, fault: (&str, &str)) -> ExitStatus {
    let mut command = Command::new(env::current_exe().expect("this test binary"));
    command.args(["--exact", &format!("store_fault::{child}")]);
    command.env(DATA, &place.data).env(fault.0, fault.1);
    command.output().expect("a child process").status
}

fn place_of_child() -> Option<Place> {
    let data = PathBuf::from(env::var_os(DATA)?);
    let key_file = data.with_file_name("key");
    Some(Place { data, key_file })
}

/// Receives the recording as `workflow` does: the file, then the row.
fn receive(store: &Store) -> Result<(), StoreError> {
    let mut writer = store.blobs().begin()?;
    writer.write_all(RECORDING).map_err(StoreError::of_stream)?;
    let staged = writer.finish()?;
    let digest = staged.digest.to_string();
    staged.keep()?;
    add(store, &digest).map(|_| ())
}

fn make_table(store: &Store) {
    let sql = "create table test_note (id integer primary key, body text unique) strict";
    store.write(|tx| tx.execute(sql, &[])).expect("a table");
}

#[test]
fn child_receives_a_recording() {
    let Some(place) = place_of_child() else { return };
    let store = Store::open(&place).expect("the data folder");
    let full = receive(&store).expect_err("only a fault ends this");
    assert!(matches!(full, StoreError::Full), "{full:?}");
}

#[test]
fn child_creates_a_data_folder() {
    let Some(place) = place_of_child() else { return };
    drop(Store::create(&place).expect("a data folder"));
}

#[test]
fn a_process_killed_while_receiving_leaves_all_or_nothing() {
    // Where it dies, whether the file has its name then, and whether the row is committed.
    let points = [
        ("blob-after-write", false, 0),
        ("blob-before-rename", false, 0),
        ("blob-after-rename", true, 0),
        ("db-before-commit", true, 0),
        ("db-after-commit", true, 1),
    ];
    for (point, named, rows) in points {
        let (_folder, place) = place();
        make_table(&Store::create(&place).expect("a data folder"));
        let died = run("child_receives_a_recording", &place, ("CHARTSCRIBE_CRASH_AT", point));
        assert_eq!(died.signal(), Some(SIGKILL), "{point}");

        let store = Store::open(&place).expect("the folder opens after a crash");
        store.check().expect("an intact database");
        let digest = Digest::of(RECORDING);
        assert_eq!(count(&store), rows, "{point}");
        assert_eq!(store.blobs().open(&digest).is_ok(), named, "{point}");

        let name = store.blobs().name(&digest);
        let is_referenced = |found: &_| rows == 1 && *found == name;
        let swept = store.blobs().sweep(is_referenced, Duration::ZERO).expect("a sweep");
        assert_eq!(swept.incoming, u32::from(!named), "{point}");
        assert_eq!(swept.blobs, u32::from(named && rows == 0), "{point}");
        assert_eq!(store.blobs().open(&digest).is_ok(), rows == 1, "{point}");
        if rows == 0 {
            receive(&store).expect("it is received after all");
        }
        assert!(store.blobs().open(&digest).is_ok());
    }
}

#[test]
fn a_full_disk_refuses_a_recording_and_leaves_nothing() {
    for fault in ["blob-write", "db-commit"] {
        let (_folder, place) = place();
        make_table(&Store::create(&place).expect("a data folder"));
        let told = run("child_receives_a_recording", &place, ("CHARTSCRIBE_FAIL_AT", fault));
        assert!(told.success(), "{fault}: the child was told that the disk is full");
        let store = Store::open(&place).expect("the data folder");
        assert_eq!(count(&store), 0, "{fault}");
        let swept = store.blobs().sweep(|_| false, Duration::ZERO).expect("a sweep");
        assert_eq!(swept.incoming, 0, "{fault}: the temporary file went at once");
        receive(&store).expect("with space again it is received");
    }
}

#[test]
fn a_data_folder_whose_creation_was_killed_is_created_by_the_next_attempt() {
    for point in ["migrate-before-commit", "create-before-keyring", "create-after-keyring"] {
        let (_folder, place) = place();
        let died = run("child_creates_a_data_folder", &place, ("CHARTSCRIBE_CRASH_AT", point));
        assert_eq!(died.signal(), Some(SIGKILL), "{point}");
        let created = point == "create-after-keyring";
        assert_eq!(place.is_created(), created, "{point}");
        let store = match created {
            true => Store::open(&place),
            false => Store::create(&place),
        };
        store.expect("a data folder").check().expect("and a sound one");
        assert!(!place.data.join("unfinished").exists(), "{point}");
    }
}
