//! The keys of a data folder through the real program: new ones, what a sudden end leaves at
//! every step, and the way back from paper.
//!
//! Not for: refusals of foreign and damaged keys without a change of keys (`store.rs`).

use crate::store::contents;
use crate::support::{PASSWORD, wav};
use chartscribe::domain::digest::Digest;
use chartscribe::store::Place;
use chartscribe::store::audit;
use chartscribe::store::db::Store;
use chartscribe::store::dictations;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const SIGKILL: i32 = 9;

/// A data folder with one author and one dictation, made by the program itself.
pub struct Folder {
    folder: TempDir,
}

impl Folder {
    pub fn new() -> Self {
        let new = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        new.done(&["init"], "");
        let add = ["user", "add", "ada", "--roles", "author", "--password-stdin"];
        new.done(&add, PASSWORD);
        let note = new.folder.path().join("note.wav");
        fs::write(&note, wav(1.0)).expect("a recording");
        new.done(&["import", "--author", "ada", note.to_str().expect("unicode")], "");
        new
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn place(&self) -> Place {
        Place { data: self.path("data"), key_file: self.path("site.key") }
    }

    fn run_with(&self, args: &[&str], input: &str, environment: &[(&str, &str)]) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_chartscribe"))
            .args(args)
            .env("CHARTSCRIBE_DATA", self.path("data"))
            .env("CHARTSCRIBE_KEY_FILE", self.path("site.key"))
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A command that ends early closes its end; its status says why.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        child.wait_with_output().expect("the program ends")
    }

    pub fn done(&self, args: &[&str], input: &str) -> String {
        let output = self.run_with(args, input, &[]);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {} {errors}", output.status);
        String::from_utf8(output.stdout).expect("text")
    }

    pub fn refused(&self, args: &[&str], input: &str) -> String {
        let output = self.run_with(args, input, &[]);
        assert!(!output.status.success(), "{args:?} was done");
        String::from_utf8(output.stderr).expect("text")
    }

    pub fn killed_at(&self, args: &[&str], point: &str) {
        let died = self.run_with(args, "", &[("CHARTSCRIBE_CRASH_AT", point)]);
        let errors = String::from_utf8_lossy(&died.stderr);
        assert_eq!(died.status.signal(), Some(SIGKILL), "{point}: {} {errors}", died.status);
    }

    /// The folder opens, and everything that was put in is there and whole.
    pub fn assert_whole(&self, when: &str) {
        let store = Store::open(&self.place()).unwrap_or_else(|error| panic!("{when}: {error}"));
        store.check().unwrap_or_else(|error| panic!("{when}: {error}"));
        let digests = store.read(dictations::audio_digests).expect("readable");
        assert_eq!(digests, [Digest::of(&wav(1.0))], "{when}");
        let mut recording = Vec::new();
        let mut reader = store.blobs().open(&digests[0]).expect("the recording");
        reader.read_to_end(&mut recording).expect("readable to its end");
        assert!(recording == wav(1.0), "{when}");
        let broken = store.read(|tx| audit::verify(tx, store.audit_key())).expect("readable");
        assert_eq!(broken, None, "{when}");
        let rows = store.read(|tx| audit::after(tx, 0, 1000)).expect("readable");
        let acts = rows.iter().map(|row| row.act.as_str());
        // What a new site begins with.
        let acts: Vec<&str> = acts.filter(|act| *act != "set-sampling").collect();
        assert!(acts.starts_with(&["add-person", "receive-dictation"]), "{when}: {acts:?}");
    }

    /// Every file below the data folder.
    fn names(&self) -> Vec<String> {
        contents(&self.path("data")).into_keys().collect()
    }
}

fn key_in(path: &Path) -> String {
    fs::read_to_string(path).expect("a key file")
}

#[test]
fn a_new_key_opens_the_folder_and_the_one_before_does_not() {
    let site = Folder::new();
    let before = key_in(&site.path("site.key"));
    let id = site.done(&["key", "show"], "");
    site.done(&["key", "rotate"], "");
    site.assert_whole("rotated");
    let now = site.done(&["key", "show"], "");
    assert_ne!(id, now);
    let retired = site.path(&format!("site.key.retired-{}", id.trim()));
    assert_eq!(key_in(&retired), before, "old backups still need it");

    let kept = key_in(&site.path("site.key"));
    fs::copy(&retired, site.path("site.key")).expect("the old key put back");
    let unchanged = contents(&site.path("data"));
    assert!(site.refused(&["key", "show"], "").contains("does not open with key"));
    assert!(site.refused(&["key", "rotate"], "").contains("does not open with key"));
    assert!(site.refused(&["key", "rotate", "--reencrypt"], "").contains("does not open"));
    fs::remove_file(site.path("site.key")).expect("no key");
    assert!(site.refused(&["key", "rotate"], "").contains("missing"));
    assert!(unchanged == contents(&site.path("data")), "a refusal touches nothing");
    // Copied for its mode, then filled with the right key.
    fs::copy(&retired, site.path("site.key")).expect("a file");
    fs::write(site.path("site.key"), kept).expect("the right key");
    site.assert_whole("with the right key again");
}

#[test]
fn a_rotation_that_is_killed_anywhere_leaves_a_folder_that_opens() {
    let points = [
        "rotate-next-written",
        "rotate-before-keyring",
        "rotate-after-keyring",
        "rotate-before-key-file",
    ];
    for point in points {
        let site = Folder::new();
        let before = site.done(&["key", "show"], "");
        site.killed_at(&["key", "rotate"], point);
        site.assert_whole(point);
        let decided = matches!(point, "rotate-after-keyring" | "rotate-before-key-file");
        assert_eq!(site.done(&["key", "show"], "") != before, decided, "{point}");
        site.done(&["key", "rotate"], "");
        site.assert_whole(point);
        assert!(!site.path("site.key.next").exists(), "{point}");
    }
}

#[test]
fn reencryption_leaves_nothing_that_the_old_keys_open() {
    let site = Folder::new();
    let old_keyring = fs::read(site.path("data/keyring.json")).expect("the keyring");
    let old_key = key_in(&site.path("site.key"));
    let names = site.names();
    let told = site.run_with(&["key", "rotate", "--reencrypt"], "", &[]);
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    site.assert_whole("encrypted anew");
    let recording = |names: &[String]| {
        let long = |name: &&String| name.rsplit('/').next().is_some_and(|name| name.len() == 64);
        names.iter().find(long).expect("a recording").clone()
    };
    assert_ne!(recording(&names), recording(&site.names()), "the names' key is new too");
    assert_eq!(site.names().len(), names.len(), "nothing is left over");

    // With the old keyring and the old key, the new database stays shut.
    fs::write(site.path("data/keyring.json"), old_keyring).expect("put back");
    fs::write(site.path("site.key"), old_key).expect("put back");
    assert!(Store::open(&site.place()).is_err());
}

#[test]
fn a_reencryption_that_is_killed_anywhere_loses_nothing_and_a_second_run_completes_it() {
    let points = [
        "rotate-next-written",
        "reencrypt-prepared",
        "reencrypt-recording",
        "reencrypt-database",
        "reencrypt-before-decision",
        "reencrypt-decided",
        "rotate-audio-out",
        "rotate-audio-in",
        "rotate-database-in",
        "rotate-keyring-in",
        "rotate-before-key-file",
        "rotate-before-removal",
    ];
    for point in points {
        let site = Folder::new();
        let before = site.done(&["key", "show"], "");
        site.killed_at(&["key", "rotate", "--reencrypt"], point);
        site.assert_whole(point);
        // Work goes on between the two runs, and is not lost by the second.
        let add = ["user", "add", "ben", "--roles", "author", "--password-stdin"];
        site.done(&add, PASSWORD);
        site.done(&["key", "rotate", "--reencrypt"], "");
        site.assert_whole(point);
        assert_ne!(site.done(&["key", "show"], ""), before, "{point}");
        assert!(site.done(&["user", "list"], "").contains("ben"), "{point}");
        for left in ["data/reencrypting", "data/reencrypted", "site.key.next"] {
            assert!(!site.path(left).exists(), "{point}: {left}");
        }
    }
}

#[test]
fn reencryption_waits_until_nobody_else_works_in_the_folder() {
    let site = Folder::new();
    let working = Store::open(&site.place()).expect("a server, so to speak");
    let unchanged = contents(&site.path("data/audio"));
    let refusal = site.refused(&["key", "rotate", "--reencrypt"], "");
    assert!(refusal.contains("stop the server"), "{refusal}");
    assert!(unchanged == contents(&site.path("data/audio")));
    site.done(&["key", "rotate"], "");
    assert_eq!(working.read(dictations::audio_digests).expect("it works on").len(), 1);
    drop(working);
    site.done(&["key", "rotate", "--reencrypt"], "");
    site.assert_whole("alone");
}

#[test]
fn a_key_comes_back_from_its_printed_form_and_from_no_other() {
    let site = Folder::new();
    let form = site.done(&["key", "recovery"], "");
    let key = key_in(&site.path("site.key"));
    assert!(!form.contains(&key[60..80]), "the form is not the file");
    fs::remove_file(site.path("site.key")).expect("a lost key");

    let wrong = form.replacen("\n2    ", "\n2    Z", 1);
    let refusal = site.refused(&["key", "restore"], &wrong);
    assert!(refusal.contains("line 2"), "{refusal}");
    let other = Folder::new().done(&["key", "recovery"], "");
    let refusal = site.refused(&["key", "restore"], &other);
    assert!(refusal.contains("does not open with key"), "{refusal}");
    assert!(!site.path("site.key").exists(), "nothing was written");

    site.done(&["key", "restore"], &form.to_lowercase());
    assert_eq!(key_in(&site.path("site.key")), key);
    site.assert_whole("with the key from paper");
    let again = site.refused(&["key", "restore"], &form);
    assert!(again.contains("already exists"), "{again}");
}
