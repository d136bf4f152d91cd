//! The whole road with names, numbers and words that stand nowhere else, and then a look at
//! everything the program leaves about: they are in none of it.
//!
//! Not for: the answers to people who may see them.

use crate::program::{Installation, PASSWORD, Server};
use crate::road::uploaded;
use crate::store::contents;
use crate::support::operator;
use chartscribe::config::{File, Settings};
use chartscribe::domain::patient::{EncounterKind, Sex};
use chartscribe::domain::time::Timestamp;
use chartscribe::store::Place;
use chartscribe::store::db::Store;
use chartscribe::vocab::work_types::WorkTypes;
use chartscribe::workflow::intake::{self, NewEncounter, NewPatient};
use chartscribe::workflow::site::{Clock, Site};
use serde_json::json;
use std::fs;
use std::path::Path;

const FAMILY: &str = "Quimbelwort";
const GIVEN: &str = "Zephyrinda";
const MRN: &str = "ZQ-771234";
const BIRTH: &str = "1931-07-19";
const VISIT: &str = "VISIT-99173";
const TYPED: &str = "xylotribophone";
const NOTE: &str = "glimmerfax";
/// Said in the recording, and rare enough to stand in no file of ours that is looked at.
const SPOKEN: &str = "metformin";

const SEEDS: [&str; 8] = [FAMILY, GIVEN, MRN, BIRTH, VISIT, TYPED, NOTE, SPOKEN];

fn assert_clean(what: &str, text: &str) {
    let lower = text.to_lowercase();
    for seed in SEEDS.iter().chain([&PASSWORD]) {
        if let Some(at) = lower.find(&seed.to_lowercase()) {
            let around = lower.get(at.saturating_sub(200)..).unwrap_or_default();
            let around: String = around.chars().take(400).collect();
            panic!("{what} holds {seed}: …{around}…");
        }
    }
}

fn assert_clean_files(folder: &Path) {
    for (path, bytes) in contents(folder) {
        assert_clean(&path, &path);
        assert_clean(&path, &String::from_utf8_lossy(&bytes));
    }
}

fn add_patient(site: &Installation) {
    let file = File {
        data: Some(site.path().join("data")),
        key_file: Some(site.path().join("site.key")),
        models: Some(site.path().join("models")),
        ..File::default()
    };
    let settings = Settings::from_file(file).expect("valid settings");
    let place = Place { data: settings.data.clone(), key_file: settings.key_file.clone() };
    let store = Store::open(&place).expect("the data folder");
    let work_types = WorkTypes::built_in();
    let site = Site { store, clock: Clock::system(), settings, work_types };
    let patient = NewPatient {
        mrn: MRN.into(),
        family_name: FAMILY.into(),
        given_name: GIVEN.into(),
        birth_date: BIRTH.into(),
        sex: Sex::Unknown,
    };
    intake::add_patient(&site, &operator(), patient).expect("a new patient");
    let encounter = NewEncounter {
        mrn: MRN.into(),
        number: VISIT.into(),
        kind: EncounterKind::Outpatient,
        location: "Clinic".into(),
        began_at: Timestamp(1_772_442_000_000),
        ended_at: None,
    };
    intake::add_encounter(&site, &operator(), encounter).expect("a new encounter");
}

/// From the upload to the chart, with everything seeded on the way.
fn whole_road(server: &Server) -> String {
    let fields = [("mrn", MRN), ("encounter", VISIT), ("work_type", "PR")];
    let report = uploaded(server, "ada", "medium.flac", &fields);
    let draft = server.wait_for_draft("ada", &report);
    let text = draft["text"].as_str().expect("text").to_owned();
    assert!(text.to_lowercase().contains(SPOKEN), "the seed was heard: {text}");
    let path = |act: &str| format!("/api/reports/{report}/{act}");
    assert_eq!(server.act("tess", &path("claim")).status, 204);
    let text = format!("{text}\n\n{FAMILY} plays the {TYPED}.");
    let saved = server.post("tess", &path("versions"), json!({"base": 1, "text": text}));
    assert_eq!(saved.body["version"], 2, "{saved:?}");
    let other = format!("{text} {TYPED}");
    let stale = server.post("tess", &path("versions"), json!({"base": 1, "text": other}));
    assert_eq!(stale.status, 409);
    assert_clean("a refusal", &stale.body.to_string());
    server.settle_flags("tess", &report);
    assert_eq!(server.post("tess", &path("submit"), json!({"version": 2})).status, 204);
    let seen = server.get("ada", &format!("/api/reports/{report}")).body;
    let sign = json!({"version": 2, "digest": seen["digest"], "password": PASSWORD});
    assert_eq!(server.post(&server.cookie("ada"), &path("sign"), sign).status, 204);
    let patient = seen["patient"]["id"].as_str().expect("a patient");
    assert_eq!(server.get("ada", &format!("/api/patients/{patient}/chart")).status, 200);
    assert_eq!(server.get("ada", &format!("/reports/{report}/print")).status, 200);
    report
}

/// Requests that are wrong in every way, with seeds in them.
fn refusals(server: &Server, report: &str) {
    let path = |act: &str| format!("/api/reports/{report}/{act}");
    let answers = [
        server.post("ada", "/api/patients/search", json!({"query": FAMILY, "more": NOTE})),
        server.post("ada", "/api/patients/search", json!({"query": FAMILY.repeat(100)})),
        server.post("quinn", "/api/patients/search", json!({"query": FAMILY})),
        server.post("tess", &path("patient"), json!({"mrn": MRN})),
        server.post("tess", &path("versions"), json!({"base": 2, "text": TYPED})),
        server.post("ada", &path("return"), json!({"note": NOTE})),
        server.post("ada", &path("flags"), json!({"kind": NOTE, "note": NOTE})),
        server.post("nobody", "/api/session", json!({"username": FAMILY, "password": NOTE})),
        server.post("nobody", "/api/session", json!({"username": "ada", "password": NOTE})),
        server.get("nobody", &format!("/api/reports/{report}")),
        server.get("quinn", &format!("/api/reports/{report}")),
    ];
    for answer in &answers {
        assert!(answer.status >= 400, "{answer:?}");
        assert_clean("a refusal", &answer.body.to_string());
    }
    let bad = [("mrn", "no such; number"), ("work_type", NOTE)];
    let answer = server.try_upload("ada", b"RIFF glimmerfax", &bad, Some("key-1"));
    let answer = answer.expect("an answer");
    assert!(answer.status >= 400, "{answer:?}");
    assert_clean("a refusal", &answer.body.to_string());
}

#[test]
fn no_name_number_or_word_of_a_report_is_anywhere_but_in_the_answers() {
    let site = Installation::new();
    add_patient(&site);
    let temporary = site.path().join("tmp");
    fs::create_dir(&temporary).expect("a folder");
    let temporary_name = temporary.display().to_string();
    let environment = [("CHARTSCRIBE_LOG", "trace"), ("TMPDIR", temporary_name.as_str())];
    let mut server = site.serve_as(&["--listen", "127.0.0.1:0"], &environment);
    let report = whole_road(&server);
    refusals(&server, &report);
    let numbers = ureq::get(format!("{}/metrics", server.address)).call().expect("numbers");
    assert_clean("the metrics", &numbers.into_body().read_to_string().expect("text"));

    let backups = site.path().join("backups");
    let told = site.run(&["backup", &backups.display().to_string()], "");
    assert!(told.status.success());
    assert_clean("the backup's messages", &String::from_utf8_lossy(&told.stderr));
    let export = site.done(&["audit", "export"], "");
    assert!(export.contains(&report), "the audit tells of the report by its id");
    assert_clean("the audit", &export);
    assert_eq!(server.stop(), Some(0));
    let log = server.log();
    assert!(log.contains(&report), "at this level the log tells of requests: {log}");
    assert_clean("the log", &log);
    // Everything on disk: data folder, heads, backups, temporary files; names and contents.
    assert_clean_files(site.path());
}

#[test]
fn a_server_that_dies_at_once_leaves_no_word_either() {
    let site = Installation::new();
    add_patient(&site);
    let environment = [("CHARTSCRIBE_LOG", "trace"), ("RUST_BACKTRACE", "full")];
    let mut server = site.serve_as(&["--listen", "127.0.0.1:0"], &environment);
    let fields = [("mrn", MRN), ("encounter", VISIT), ("work_type", "PR")];
    let report = uploaded(&server, "ada", "medium.flac", &fields);
    server.wait_for_draft("ada", &report);
    server.kill();
    assert_clean("the log", &server.log());
    assert_clean_files(site.path());
}
