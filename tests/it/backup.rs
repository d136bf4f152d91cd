//! Backups and the way back: the drill with work going on, refusals, damage, and sudden ends.
//!
//! Not for: the upgrade's own copies (`store/migrate.rs`).

use crate::store::contents;
use crate::support::{TestSite, operator, reception, wav};
use chartscribe::domain::digest::Digest;
use chartscribe::domain::ids::ReportId;
use chartscribe::store::audit::{self, AuditRow};
use chartscribe::store::backup::{self, backup, keep_newest, snapshots};
use chartscribe::store::db::Store;
use chartscribe::store::error::StoreError;
use chartscribe::store::reports;
use chartscribe::store::restore::{check_everything, restore};
use chartscribe::store::{Place, dictations, rotation};
use chartscribe::workflow::filter::Filter;
use chartscribe::workflow::review;
use chartscribe::workflow::worklist::worklist;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Every version of every report, by report and number.
type Versions = BTreeMap<(ReportId, u32), (String, Digest)>;

fn place(test: &TestSite) -> Place {
    let settings = &test.site.settings;
    Place { data: settings.data.clone(), key_file: settings.key_file.clone() }
}

fn beside(test: &TestSite, name: &str) -> PathBuf {
    test.site.settings.data.with_file_name(name)
}

fn versions(test: &TestSite, store: &Store) -> Versions {
    let listed = worklist(&test.site, &test.who("rosa"), &Filter::default()).expect("allowed");
    let mut all = Versions::new();
    for report in listed.items.iter().map(|item| item.row.report.id) {
        let lines = store.read(|tx| reports::version_lines(tx, report)).expect("readable");
        for line in lines {
            let version = store.read(|tx| reports::version(tx, report, line.number));
            let version = version.expect("readable").expect("a version");
            all.insert((report, line.number), (version.text.into_revealed(), version.digest));
        }
    }
    all
}

fn rows(store: &Store) -> Vec<AuditRow> {
    store.read(|tx| audit::after(tx, 0, 100_000)).expect("readable")
}

fn digests(store: &Store) -> Vec<Digest> {
    let mut all = store.read(dictations::audio_digests).expect("readable");
    all.sort_by_key(|digest| digest.0);
    all
}

/// One dictation of its own sound, drafted, taken and saved over.
fn work_once(test: &TestSite, n: u32) {
    let audio = wav(0.5 + f32::from(u16::try_from(n).expect("few")) / 100.0);
    let received = test.receive(&test.who("ada"), reception(), &audio).expect("received");
    test.transcribe(&format!("Dictation {n}."), vec![]);
    let tess = test.who("tess");
    review::claim(&test.site, &tess, received.report).expect("taken");
    let text = format!("Dictation {n}, corrected.");
    review::save(&test.site, &tess, received.report, 1, text).expect("saved");
}

#[test]
fn what_was_acknowledged_before_a_backup_comes_back_though_work_went_on() {
    let test = TestSite::new();
    for n in 0..5 {
        work_once(&test, n);
    }
    let target = beside(&test, "backups");
    let (acknowledged, rows_before) =
        (versions(&test, &test.site.store), rows(&test.site.store).len());
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 5.. {
                work_once(&test, n);
                if done.load(Ordering::SeqCst) {
                    break;
                }
            }
        });
        for hour in 1..=3 {
            test.pass_ms(hour * 3_600_000);
            backup(&test.site.store, &target, test.site.clock.now()).expect("a backup");
        }
        done.store(true, Ordering::SeqCst);
    });
    let (all_versions, all_rows, all_audio) =
        (versions(&test, &test.site.store), rows(&test.site.store), digests(&test.site.store));
    assert!(all_versions.len() > acknowledged.len(), "work went on meanwhile");

    let elsewhere = Place { data: beside(&test, "restored"), key_file: place(&test).key_file };
    for snapshot in snapshots(&target).expect("our folder") {
        let restored = restore(&elsewhere, &target, Some(&snapshot)).expect("restored");
        let store = Store::open(&elsewhere).expect("a data folder");
        let found = versions(&test, &store);
        for (key, version) in &acknowledged {
            assert_eq!(found.get(key), Some(version), "{snapshot}");
        }
        for (key, version) in &found {
            assert_eq!(all_versions.get(key), Some(version), "{snapshot}");
        }
        let chain = rows(&store);
        assert!(chain.len() >= rows_before && all_rows.starts_with(&chain), "{snapshot}");
        assert!(digests(&store).iter().all(|digest| all_audio.contains(digest)));
        assert_eq!(restored.whole.recordings, digests(&store).len() as u64);
        assert_eq!(restored.whole.versions, found.len() as u64);
        drop(store);
        fs::remove_dir_all(&elsewhere.data).expect("room for the next");
    }
}

#[test]
fn a_destroyed_folder_comes_back_as_it_was() {
    let test = TestSite::new();
    for n in 0..3 {
        work_once(&test, n);
    }
    let target = beside(&test, "backups");
    let before = (versions(&test, &test.site.store), rows(&test.site.store));
    let audio = digests(&test.site.store);
    backup(&test.site.store, &target, test.site.clock.now()).expect("a backup");
    let destroyed = beside(&test, "destroyed");
    fs::rename(&test.site.settings.data, &destroyed).expect("destroyed");
    restore(&place(&test), &target, None).expect("restored");
    let store = Store::open(&place(&test)).expect("a data folder");
    assert_eq!(rows(&store), before.1);
    assert_eq!(digests(&store), audio);
    for (key, version) in &before.0 {
        let found = store.read(|tx| reports::version(tx, key.0, key.1)).expect("readable");
        let found = found.expect("a version");
        assert_eq!((found.text.into_revealed(), found.digest), *version);
    }
    assert_eq!(check_everything(&store, &[]).expect("whole").recordings, 3);
}

#[test]
fn a_second_backup_writes_only_new_recordings_and_nothing_readable() {
    let test = TestSite::new();
    work_once(&test, 1);
    let target = beside(&test, "backups");
    let first = backup(&test.site.store, &target, test.site.clock.now()).expect("a backup");
    assert_eq!((first.recordings, first.new), (1, 1));
    work_once(&test, 2);
    test.pass_ms(1000);
    let second = backup(&test.site.store, &target, test.site.clock.now()).expect("a backup");
    assert_eq!((second.recordings, second.new), (2, 1));
    for (path, bytes) in contents(&target) {
        for word in [&b"Dictation"[..], b"SQLite", b"RIFF", b"Testcase", b"MRN-1"] {
            let found = bytes.windows(word.len()).any(|window| window == word);
            assert!(!found, "{path} holds {word:?}");
        }
        assert!(!path.contains("MRN") && !path.contains("Testcase"), "{path}");
    }
    assert_eq!(keep_newest(&target, 1).expect("removed"), 1);
    assert_eq!(snapshots(&target).expect("ours"), [second.snapshot]);
}

#[test]
fn a_backup_goes_into_no_folder_of_others_and_none_of_the_site() {
    let test = TestSite::new();
    let other = beside(&test, "other");
    fs::create_dir(&other).expect("a folder");
    fs::write(other.join("letter.txt"), "mine").expect("somebody's file");
    for target in [other.clone(), test.site.settings.data.join("backups"), beside(&test, ".")] {
        let refused = backup(&test.site.store, &target, test.site.clock.now());
        assert!(matches!(refused, Err(StoreError::NotADataFolder { .. })), "{target:?}");
    }
    assert_eq!(fs::read_dir(&other).expect("a folder").count(), 1);
    assert!(!test.site.settings.data.join("backups").exists(), "a refusal makes nothing");
}

#[test]
fn a_restore_takes_an_empty_place_and_the_right_key_only() {
    let test = TestSite::new();
    work_once(&test, 1);
    let target = beside(&test, "backups");
    backup(&test.site.store, &target, test.site.clock.now()).expect("a backup");
    let there = restore(&place(&test), &target, None);
    assert!(matches!(there, Err(StoreError::AlreadyExists { .. })));

    let used = Place { data: beside(&test, "used"), key_file: place(&test).key_file };
    fs::create_dir(&used.data).expect("a folder");
    fs::write(used.data.join("letter.txt"), "mine").expect("somebody's file");
    assert!(matches!(restore(&used, &target, None), Err(StoreError::NotADataFolder { .. })));

    let other = Place { data: beside(&test, "other"), key_file: beside(&test, "other.key") };
    drop(Store::create(&other).expect("another folder with another key"));
    let wrong = Place { data: beside(&test, "new"), key_file: other.key_file };
    assert!(matches!(restore(&wrong, &target, None), Err(StoreError::WrongKey { .. })));
    assert!(!wrong.data.exists(), "nothing is made for a wrong key");
    let none = restore(&wrong, &beside(&test, "nowhere"), None);
    assert!(matches!(none, Err(StoreError::NotADataFolder { .. })));
}

#[test]
fn a_backup_with_one_changed_byte_is_not_restored() {
    let test = TestSite::new();
    work_once(&test, 1);
    let target = beside(&test, "backups");
    let made = backup(&test.site.store, &target, test.site.clock.now()).expect("a backup");
    let snapshot = target.join(&made.snapshot);
    let recording = contents(&target.join("audio")).into_keys().find(|name| name.len() > 64);
    let recording = PathBuf::from(recording.expect("a recording"));
    let database = snapshot.join("chartscribe.db");
    let targets = [recording, database, snapshot.join("manifest.json")];
    let elsewhere = Place { data: beside(&test, "restored"), key_file: place(&test).key_file };
    for path in targets {
        let whole = fs::read(&path).expect("a file");
        let mut bytes = whole.clone();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, bytes).expect("changed");
        let refused = restore(&elsewhere, &target, None);
        assert!(refused.is_err(), "{}", path.display());
        assert!(!elsewhere.is_created(), "{}", path.display());
        fs::write(&path, whole).expect("as it was");
    }
    restore(&elsewhere, &target, None).expect("the refused attempts are begun again");
    check_everything(&Store::open(&elsewhere).expect("opens"), &[]).expect("whole");
}

#[test]
fn a_backup_opens_with_the_key_of_its_day() {
    let test = TestSite::new();
    work_once(&test, 1);
    let target = beside(&test, "backups");
    backup(&test.site.store, &target, test.site.clock.now()).expect("a backup");
    let rotated = rotation::rotate(&place(&test)).expect("a new key");
    let new_key = Place { data: beside(&test, "a"), key_file: place(&test).key_file };
    assert!(matches!(restore(&new_key, &target, None), Err(StoreError::WrongKey { .. })));
    let old_key = Place { data: beside(&test, "b"), key_file: rotated.retired };
    restore(&old_key, &target, None).expect("restored with the key of the day");

    test.pass_ms(1000);
    backup(&test.site.store, &target, test.site.clock.now()).expect("a backup since");
    restore(&new_key, &target, None).expect("restored with the new key");
}

#[test]
fn an_incomplete_snapshot_is_none() {
    let test = TestSite::new();
    work_once(&test, 1);
    let target = beside(&test, "backups");
    let digest = digests(&test.site.store)[0];
    damage(&test, &digest);
    let refused = backup(&test.site.store, &target, test.site.clock.now());
    assert!(matches!(refused, Err(StoreError::Corrupt { .. })), "{refused:?}");
    assert!(backup::snapshots(&target).expect("our folder").is_empty());
    let elsewhere = Place { data: beside(&test, "restored"), key_file: place(&test).key_file };
    assert!(restore(&elsewhere, &target, None).is_err());
    assert!(!elsewhere.data.exists());
}

/// Changes one byte in the middle of a stored recording.
fn damage(test: &TestSite, digest: &Digest) {
    let name = format!("{:?}", test.site.store.blobs().name(digest));
    let name = name.trim_start_matches("BlobName(\"").trim_end_matches("\")").to_owned();
    let path = Path::new(&test.site.settings.data).join("audio").join(&name[..2]).join(name);
    let mut bytes = fs::read(&path).expect("a recording");
    bytes[60] ^= 1;
    fs::write(&path, bytes).expect("changed");
}

#[test]
fn only_the_operator_is_written_down_with_an_upkeep() {
    use chartscribe::domain::audit::Act;
    use chartscribe::workflow::upkeep::write_down;
    let test = TestSite::new();
    for act in [Act::BackUp, Act::Restore, Act::RotateKey, Act::PrintRecoveryForm] {
        assert!(write_down(&test.site, &test.who("admin"), act, "begun", &[]).is_err());
        write_down(&test.site, &operator(), act, "begun", &[]).expect("allowed");
        assert!(test.acts().contains(&format!("{} done", act.code())));
    }
}
