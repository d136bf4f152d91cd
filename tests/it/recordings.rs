//! The daily check of the stored recordings: what is damaged or gone is found, said and kept
//! apart from what is whole.

use crate::support::{TestSite, reception, wav};
use crate::web_support::App;
use chartscribe::domain::dictation::AudioFinding;
use chartscribe::jobs::recheck;
use chartscribe::store::audio_checks;
use chartscribe::workflow::receive::Reception;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

const DAY_MS: i64 = 24 * 3_600_000;

fn check(test: &TestSite) -> usize {
    recheck::round(&test.site, &mut |_| true).expect("the database works")
}

fn findings(test: &TestSite) -> Vec<AudioFinding> {
    let mut found = test.site.store.read(audio_checks::findings).expect("readable");
    found.sort();
    found
}

/// Files of stored recordings.
fn files(test: &TestSite) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for folder in fs::read_dir(test.site.settings.data.join("audio")).expect("a folder") {
        let folder = folder.expect("readable").path();
        if folder.file_name().is_some_and(|name| name.len() == 2) {
            let inside = fs::read_dir(folder).expect("a folder");
            files.extend(inside.map(|entry| entry.expect("readable").path()));
        }
    }
    files
}

/// The audit's rows about checks: subjects and detail.
fn told(test: &TestSite) -> Vec<(String, String)> {
    let mut rows = test.audit();
    rows.retain(|row| row.act == "check-recording");
    rows.into_iter().map(|row| (row.subjects, row.detail)).collect()
}

fn tamper(path: &PathBuf) {
    let mut bytes = fs::read(path).expect("a recording");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).expect("changed");
}

#[test]
fn every_recording_is_checked_once_a_day() {
    let test = TestSite::new();
    test.received();
    test.receive(&test.who("ada"), reception(), &wav(1.5)).expect("received");
    assert_eq!(check(&test), 2);
    assert_eq!(check(&test), 0, "all of today's");
    test.pass_ms(DAY_MS);
    assert_eq!(check(&test), 2);
    assert!(findings(&test).is_empty() && told(&test).is_empty(), "nothing to tell");
}

#[test]
fn a_changed_recording_is_found_said_and_shown_until_it_is_whole_again() {
    let app = App::new();
    let received = app.test.received();
    let ready = || app.get("", "/ready").json();
    check(&app.test);
    assert_eq!(ready()["recordings"], true);
    tamper(&files(&app.test)[0]);
    assert_eq!(check(&app.test), 0, "not before tomorrow");
    app.test.pass_ms(DAY_MS);
    assert_eq!(check(&app.test), 1);
    assert_eq!(findings(&app.test), [AudioFinding::Damaged]);
    let row = (format!("dictation:{}", received.dictation), r#"{"found":"damaged"}"#.to_owned());
    assert_eq!(told(&app.test), std::slice::from_ref(&row));
    let shown = app.get("", "/ready");
    assert_eq!(shown.status, 200, "work goes on");
    assert_eq!(shown.json()["recordings"], false);
    let numbers = app.get("", "/metrics").text();
    assert!(numbers.contains("chartscribe_failed_recordings{finding=\"damaged\"} 1"), "{numbers}");

    app.test.pass_ms(DAY_MS);
    check(&app.test);
    assert_eq!(told(&app.test), [row.clone(), row.clone()], "every day that it stays");
    // The sender still has it: the same content takes the damaged file's place.
    let again = Reception { author: Some("ben".into()), ..reception() };
    app.test.receive(&app.test.who("ben"), again, &wav(1.0)).expect("received");
    app.test.pass_ms(DAY_MS);
    check(&app.test);
    assert!(findings(&app.test).is_empty());
    let last = told(&app.test).pop().expect("a row");
    assert_eq!(last.1, r#"{"found":"whole"}"#);
    assert!(last.0.contains(&received.dictation.to_string()), "{}", last.0);
    assert_eq!(ready()["recordings"], true);
}

#[test]
fn a_recording_that_is_gone_or_cut_off_is_found() {
    let test = TestSite::new();
    test.received();
    fs::remove_file(&files(&test)[0]).expect("removed");
    check(&test);
    assert_eq!(findings(&test), [AudioFinding::Missing]);
    test.receive(&test.who("ada"), reception(), &wav(1.5)).expect("received");
    let path = &files(&test)[0];
    let bytes = fs::read(path).expect("a recording");
    fs::write(path, &bytes[..bytes.len() - 100]).expect("cut off");
    check(&test);
    assert_eq!(findings(&test), [AudioFinding::Missing, AudioFinding::Damaged]);
}

#[test]
fn a_check_that_is_told_to_stop_leaves_the_rest_for_the_next() {
    let test = TestSite::new();
    test.received();
    let stopped = recheck::round(&test.site, &mut |_: Duration| false);
    assert_eq!(stopped.expect("no error"), 0);
    assert_eq!(check(&test), 1);
}
