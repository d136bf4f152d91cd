//! The whole road over HTTP with the real program and the real model: a spoken recording becomes
//! a signed report in the chart.

use crate::program::{Installation, PASSWORD, Server, recording};
use serde_json::json;

/// The report of an accepted upload.
pub fn uploaded(server: &Server, who: &str, file: &str, fields: &[(&str, &str)]) -> String {
    let audio = std::fs::read(recording(file)).expect("a committed recording");
    let answer = server.try_upload(who, &audio, fields, None).expect("an answer");
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body["report"].as_str().expect("a report").to_string()
}

/// Words of the recording that the model may be trusted to hear.
pub fn assert_heard(text: &str, expected: &[&str]) {
    let lower = text.to_lowercase();
    for words in expected {
        assert!(lower.contains(words), "“{words}” in: {text}");
    }
}

#[test]
pub fn a_spoken_recording_becomes_a_signed_report_in_the_chart() {
    let site = Installation::demonstration();
    site.done(&["user", "password", "ines.hartwell", "--password-stdin"], PASSWORD);
    let server = site.serve();
    let (author, typist) = ("ines.hartwell", "mara.quill");
    let fields = [("mrn", "DEMO-1002"), ("work_type", "PR"), ("priority", "stat")];
    let report = uploaded(&server, author, "medium.flac", &fields);
    let draft = server.wait_for_draft(author, &report);
    let text = draft["text"].as_str().expect("text");
    assert_heard(text, &["type 2 diabetes", "fever", "metformin", "6 weeks"]);
    assert_eq!(draft["versions"][0]["maker"], "machine");

    let path = |act: &str| format!("/api/reports/{report}/{act}");
    assert_eq!(server.act(typist, &path("claim")).status, 204);
    let corrected = format!("{text}\n\nReviewed by the typist.");
    let saved = server.post(typist, &path("versions"), json!({"base": 1, "text": corrected}));
    assert_eq!(saved.body["version"], 2, "{saved:?}");
    server.settle_flags(typist, &report);
    let submitted = server.post(typist, &path("submit"), json!({"version": 2}));
    assert_eq!(submitted.status, 204, "{submitted:?}");

    let seen = server.get(author, &format!("/api/reports/{report}")).body;
    assert_eq!(seen["completion"], "DO");
    let sign = json!({"version": 2, "digest": seen["digest"], "password": PASSWORD});
    let signed = server.post(&server.cookie(author), &path("sign"), sign);
    assert_eq!(signed.status, 204, "{signed:?}");

    let filed = server.get(author, &format!("/api/reports/{report}")).body;
    assert_eq!((&filed["completion"], &filed["availability"]), (&json!("LA"), &json!("AV")));
    assert_heard(filed["text"].as_str().expect("text"), &["metformin", "reviewed by the typist"]);
    let patient = filed["patient"]["id"].as_str().expect("a patient");
    let chart = server.get(author, &format!("/api/patients/{patient}/chart")).body;
    assert_eq!(chart["documents"][0]["report"], json!(report), "{chart}");
}

#[test]
fn the_demonstration_dictation_is_transcribed_when_the_service_starts() {
    let site = Installation::demonstration();
    let server = site.serve();
    let list = server.get("mara.quill", "/api/worklist").body;
    let report = list["rows"][0]["report"].as_str().expect("the sample waits").to_string();
    let draft = server.wait_for_draft("mara.quill", &report);
    let text = draft["text"].as_str().expect("text");
    assert_heard(
        text,
        &["atrial fibrillation", "148/86", "apixaban 5 mg", "lisinopril to 20 mg daily"],
    );
    assert_eq!(draft["stage"], "drafted");
}

#[test]
fn a_recording_imported_beside_a_running_server_is_transcribed_by_it() {
    let site = Installation::new();
    let server = site.serve();
    let path = recording("short.flac").display().to_string();
    let said = site.done(&["import", &path, "--author", "ada"], "");
    assert!(said.contains("1 taken, 0 received before, 0 failed"), "{said}");
    let list = server.get("tess", "/api/worklist").body;
    let report = list["rows"][0]["report"].as_str().expect("in the list").to_string();
    let draft = server.wait_for_draft("tess", &report);
    assert_heard(draft["text"].as_str().expect("text"), &["potassium on friday"]);
    let kinds: Vec<&str> = draft["flags"]
        .as_array()
        .expect("flags")
        .iter()
        .filter_map(|f| f["kind"].as_str())
        .collect();
    assert_eq!(kinds, ["DEMOGRAPHIC"], "no patient was named");
}

#[test]
fn a_running_transcription_is_stopped_within_a_second_and_can_be_tried_again() {
    let site = Installation::demonstration();
    let server = site.serve();
    // The demonstration's minute of speech is under way; it is the one that is stopped.
    let list = server.get("mara.quill", "/api/worklist").body;
    let dictation = list["rows"][0]["dictation"].as_str().expect("the sample").to_string();
    let state = |server: &Server| {
        let answer = server.get("ines.hartwell", &format!("/api/dictations/{dictation}"));
        answer.body["job"]["state"].as_str().unwrap_or_default().to_string()
    };
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while state(&server) != "running" {
        assert!(std::time::Instant::now() < deadline, "{}", state(&server));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let asked = std::time::Instant::now();
    let stopped = server.act("ines.hartwell", &format!("/api/dictations/{dictation}/stop"));
    assert_eq!(stopped.status, 204, "{stopped:?}");
    while state(&server) == "running" {
        assert!(asked.elapsed().as_millis() < 3000, "still running; the bound is three times 1 s");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert_eq!(state(&server), "stopped");
    let retried = server.act("ines.hartwell", &format!("/api/dictations/{dictation}/retry"));
    assert_eq!(retried.status, 204, "{retried:?}");
    let report = list["rows"][0]["report"].as_str().expect("a report").to_string();
    server.wait_for_draft("mara.quill", &report);
}
