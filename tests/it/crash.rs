//! The real program killed at named points and at random ones: every acknowledged dictation is
//! there once, every acknowledged save is there, the job goes on.

use crate::program::{Installation, PASSWORD, Server, recording};
use crate::road::uploaded;
use serde_json::json;
use std::time::Duration;

const FIELDS: [(&str, &str); 2] = [("author", "ada"), ("work_type", "PR")];

fn short() -> Vec<u8> {
    std::fs::read(recording("short.flac")).expect("a committed recording")
}

/// Reports that ada sees, in any stage.
fn reports(server: &Server) -> Vec<String> {
    let list = server.get("ada", "/api/worklist");
    assert_eq!(list.status, 200, "{list:?}");
    let rows = list.body["rows"].as_array().expect("rows").clone();
    rows.iter().filter_map(|row| row["report"].as_str()).map(str::to_string).collect()
}

#[test]
fn killed_while_receiving_the_repeated_upload_is_one_dictation() {
    let points = [
        "blob-after-write",
        "blob-before-rename",
        "blob-after-rename",
        "receive-audio-kept",
        "receive-before-commit",
        "receive-committed",
    ];
    for point in points {
        let site = Installation::new();
        let mut doomed = site.serve_with(&[("CHARTSCRIBE_CRASH_AT", point)]);
        let answer = doomed.try_upload("ada", &short(), &FIELDS, Some("key-1"));
        assert!(answer.is_none(), "{point}: killed before the answer, not {answer:?}");
        doomed.wait_for_end();
        let server = site.serve();
        let there = reports(&server).len();
        assert_eq!(there, usize::from(point == "receive-committed"), "{point}");
        let again = server.try_upload("ada", &short(), &FIELDS, Some("key-1")).expect("an answer");
        assert!(matches!(again.status, 200 | 201), "{point}: {again:?}");
        assert_eq!(reports(&server).len(), 1, "{point}: once, not twice");
    }
}

#[test]
fn killed_while_transcribing_the_job_goes_on() {
    for point in ["job-claimed", "transcript-before-commit"] {
        let site = Installation::new();
        let mut doomed = site.serve_with(&[("CHARTSCRIBE_CRASH_AT", point)]);
        // At the first point the server may end before it can answer; the key makes it one.
        doomed.try_upload("ada", &short(), &FIELDS, Some("key-1"));
        doomed.wait_for_end();
        let server = site.serve();
        let again = server.try_upload("ada", &short(), &FIELDS, Some("key-1")).expect("an answer");
        let report = again.body["report"].as_str().expect("a report").to_string();
        let draft = server.wait_for_draft("ada", &report);
        assert!(draft["text"].as_str().expect("text").to_lowercase().contains("potassium"));
        assert_eq!(draft["job"]["attempts"], 2, "{point}: the attempt that died was counted");
        assert_eq!(draft["versions"].as_array().expect("versions").len(), 1, "{point}");
    }
}

#[test]
fn a_speech_engine_that_aborts_ends_neither_the_server_nor_the_dictation() {
    let site = Installation::new();
    let mark = site.path().join("abort-once");
    std::fs::write(&mark, "").expect("a mark for the engine");
    let mark_text = mark.display().to_string();
    let server = site.serve_with(&[("CHARTSCRIBE_SPEECH_ABORT_ONCE", &mark_text)]);
    let report = uploaded(&server, "ada", "short.flac", &FIELDS);
    let draft = server.wait_for_draft("ada", &report);
    assert!(!mark.exists(), "the engine aborted in the middle of the dictation");
    assert!(draft["text"].as_str().expect("text").to_lowercase().contains("potassium"));
    assert_eq!(draft["job"]["attempts"], 2, "the same server tried again");
    assert_eq!(reports(&server), [report]);
}

#[test]
fn killed_while_saving_and_signing_what_was_acknowledged_is_there() {
    let site = Installation::demonstration();
    site.done(&["user", "password", "ines.hartwell", "--password-stdin"], PASSWORD);
    let mut server = site.serve();
    let fields = [("mrn", "DEMO-1002"), ("work_type", "PR")];
    let report = uploaded(&server, "ines.hartwell", "short.flac", &fields);
    server.wait_for_draft("ines.hartwell", &report);
    let path = |act: &str| format!("/api/reports/{report}/{act}");
    assert_eq!(server.act("mara.quill", &path("claim")).status, 204);
    server.kill();

    let save = json!({"base": 1, "text": "Saved once."});
    let mut doomed = site.serve_with(&[("CHARTSCRIBE_CRASH_AT", "save-before-commit")]);
    assert!(doomed.try_post("mara.quill", &path("versions"), save.clone()).is_none());
    doomed.wait_for_end();
    let mut doomed = site.serve_with(&[("CHARTSCRIBE_CRASH_AT", "save-committed")]);
    let open = doomed.get("mara.quill", &format!("/api/reports/{report}")).body;
    assert_eq!(open["version"], 1, "what was not committed is not half there");
    assert!(doomed.try_post("mara.quill", &path("versions"), save.clone()).is_none());
    doomed.wait_for_end();

    let mut server = site.serve();
    let again = server.post("mara.quill", &path("versions"), save);
    assert_eq!(again.body["version"], 2, "the repeated save is that save: {again:?}");
    server.settle_flags("mara.quill", &report);
    let submitted = server.post("mara.quill", &path("submit"), json!({"version": 2}));
    assert_eq!(submitted.status, 204, "{submitted:?}");
    let open = server.get("ines.hartwell", &format!("/api/reports/{report}")).body;
    server.kill();

    let sign = json!({"version": 2, "digest": open["digest"], "password": PASSWORD});
    for (point, completion) in [("sign-before-commit", "DO"), ("sign-committed", "LA")] {
        let mut doomed = site.serve_with(&[("CHARTSCRIBE_CRASH_AT", point)]);
        let cookie = doomed.cookie("ines.hartwell");
        assert!(doomed.try_post(&cookie, &path("sign"), sign.clone()).is_none());
        doomed.wait_for_end();
        let server = site.serve();
        let open = server.get("ines.hartwell", &format!("/api/reports/{report}")).body;
        assert_eq!(open["completion"], completion, "{point}");
        let signatures = open["signatures"].as_array().expect("signatures").len();
        assert_eq!(signatures, usize::from(completion == "LA"), "{point}");
    }
}

/// A small generator (Marsaglia's xorshift, 2003), so that a failing run can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

#[test]
fn killed_at_random_moments_nothing_acknowledged_is_lost() {
    let seed = std::env::var("CHARTSCRIBE_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed: u64 = seed.unwrap_or_else(|| u64::from(std::process::id()) | 1);
    println!("seed {seed}: repeat with CHARTSCRIBE_TEST_SEED");
    let mut dice = Dice(seed);
    let site = Installation::new();
    let mut acknowledged: Vec<(String, String)> = Vec::new();
    for round in 0..8 {
        let mut server = site.serve();
        let pid = server.id().to_string();
        let wait = Duration::from_millis(dice.below(400));
        let killer = std::thread::spawn(move || {
            std::thread::sleep(wait);
            let _ = std::process::Command::new("kill").args(["-9", &pid]).status();
        });
        for n in 0..3 {
            let key = format!("round-{round}-{n}");
            // Other bytes behind the audio make each its own recording.
            let audio = crate::support::wav(1.0 + round as f32 / 10.0 + n as f32 / 100.0);
            match server.try_upload("ada", &audio, &FIELDS, Some(&key)) {
                Some(answer) if answer.status == 201 => {
                    let report = answer.body["report"].as_str().expect("a report");
                    acknowledged.push((key, report.to_string()));
                }
                Some(answer) => panic!("seed {seed}: {answer:?}"),
                None => break,
            }
        }
        killer.join().expect("joined");
        server.kill();
        let server = site.serve();
        let there = reports(&server);
        let mut once = there.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), there.len(), "seed {seed}: no report twice");
        for (key, report) in &acknowledged {
            assert!(there.contains(report), "seed {seed}: {key} was acknowledged and is gone");
        }
    }
    assert!(!acknowledged.is_empty(), "seed {seed}: every round was killed before any answer");
}
