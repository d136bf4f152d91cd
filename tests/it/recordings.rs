//! The daily check of the stored recordings: what is damaged or gone is found, said and kept
//! apart from what is whole.

use crate::support::{TestSite, reception, wav};
use crate::web_support::App;
use chartscribe::domain::dictation::AudioFinding;
use chartscribe::jobs::recheck;
use chartscribe::store::audio_checks;
use chartscribe::store::error::StoreError;
use chartscribe::workflow::receive::Reception;
use chartscribe::workflow::site::Acting;
use chartscribe::workflow::{audit, checks};
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
fn a_tampered_byte_is_told_to_the_privacy_officer_and_the_administrator() {
    let app = App::new();
    let received = app.test.received();
    // A new session each time: days pass.
    let get = |who: &str, path: &str| app.get(&app.cookie(who), path);
    let count = |who: &str| get(who, "/api/notices").json()["findings"].clone();
    audit::verify(&app.test.site, &Acting::machine()).expect("checked");
    check(&app.test);
    let fine = get("admin", "/api/checks").json();
    assert_eq!((&fine["chain"]["holds"], &fine["late"]), (&true.into(), &false.into()));
    assert_eq!(fine["recordings"]["checked"], 1);
    assert_eq!((count("paul"), count("admin")), (0.into(), 0.into()));
    tamper(&files(&app.test)[0]);
    app.test.pass_ms(DAY_MS);
    check(&app.test);
    assert_eq!((count("paul"), count("admin")), (1.into(), 1.into()));
    let told = get("paul", "/api/checks");
    let failed = &told.json()["recordings"]["failed"][0];
    assert_eq!(failed["finding"], "damaged");
    assert_eq!(failed["of"][0]["dictation"], received.dictation.to_string());
    assert_eq!(failed["of"][0]["patient"]["mrn"], "MRN-1", "{}", told.text());
    let told = get("admin", "/api/checks");
    let failed = &told.json()["recordings"]["failed"][0];
    let file = failed["file"].as_str().expect("a file");
    assert_eq!(PathBuf::from(file), files(&app.test)[0], "what to bring back");
    for word in ["MRN-1", "Testcase", "Iris", "ada Testperson"] {
        assert!(!told.text().contains(word), "the administrator reads {word}");
    }
    app.test.pass_ms(3 * DAY_MS);
    assert_eq!(get("admin", "/api/checks").json()["late"], true, "nobody checks any more");
    // The same byte turned back: a backup has the file.
    tamper(&files(&app.test)[0]);
    let again = app.post(&app.cookie("admin"), "/api/checks/again", serde_json::json!({})).json();
    assert_eq!(again["recordings"]["failed"], serde_json::json!([]));
    for other in ["ada", "tess", "quinn", "rosa"] {
        assert_eq!(get(other, "/api/checks").status, 403, "{other}");
        assert!(count(other).is_null(), "{other}");
    }
}

#[test]
fn a_changed_text_is_found_by_the_daily_check_and_said_until_it_is_whole() {
    let test = TestSite::new();
    let id = test.drafted("The left knee.");
    let versions = || recheck::versions(&test.site, &mut |_| true).expect("the database works");
    assert!(!versions(), "one step is enough");
    let state = || checks::state(&test.site, &test.who("paul")).expect("shown");
    assert_eq!(state().texts.expect("checked").1, 1);
    let write = |text: &str| {
        let written = test.site.store.write(|tx| -> Result<_, StoreError> {
            tx.execute("drop trigger if exists report_version_is_final", &[])?;
            tx.execute("update report_version set body = ?1", &[text.into()])
        });
        written.expect("somebody has the key and the database in hand");
    };
    write("The right knee.");
    versions();
    assert!(state().failed_texts.is_empty(), "not before tomorrow");
    test.pass_ms(DAY_MS);
    versions();
    let failed = state().failed_texts;
    assert_eq!((failed[0].report, failed[0].version), (id, 1));
    let named = failed[0].named.as_ref().expect("for the privacy officer");
    assert_eq!(named.patient.as_ref().expect("known").mrn.reveal(), "MRN-1");
    let admin = checks::state(&test.site, &test.who("admin")).expect("shown");
    assert!(admin.failed_texts[0].named.is_none());
    assert_eq!(checks::count(&test.site, &test.who("admin")).expect("counted"), 1);
    let told = || test.acts().iter().filter(|row| **row == "check-version done").count();
    test.pass_ms(DAY_MS);
    versions();
    assert_eq!(told(), 1, "once, not every day");
    write("The left knee.");
    test.pass_ms(DAY_MS);
    versions();
    assert!(state().failed_texts.is_empty());
    assert_eq!(told(), 2, "and that it is whole again");
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
