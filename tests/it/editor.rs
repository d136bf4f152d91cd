//! What the editor asks for: evidence behind a draft, links of later versions, waveform, settings.

use crate::support::{TestSite, reception, wav};
use crate::web_support::App;
use axum::http::{Method, StatusCode};
use chartscribe::domain::ids::ReportId;
use chartscribe::domain::transcript::{Reconsidered, Transcript, Word};
use chartscribe::workflow::{drafting, review, transcription};
use serde_json::{Value, json};

/// A report drafted by the real pipeline from these words, half a second each.
fn drafted(test: &TestSite, words: &[(&str, f32)]) -> ReportId {
    let weighed = Reconsidered {
        words: 1..2,
        heard: Some("metropolol".into()),
        score: 0.8,
        alternatives: vec!["metolazone".into()],
        otherwise: None,
    };
    drafted_with(test, words, weighed)
}

fn drafted_with(test: &TestSite, words: &[(&str, f32)], place: Reconsidered) -> ReportId {
    let received = test.receive(&test.who("ada"), reception(), &wav(20.0)).expect("received");
    let assignment = transcription::claim(&test.site, "test worker", 60_000)
        .expect("the queue works")
        .expect("a job is due");
    let word = |(index, (text, confidence)): (u32, &(&str, f32))| Word {
        text: (*text).into(),
        start_ms: index * 500,
        end_ms: index * 500 + 400,
        confidence: *confidence,
    };
    let transcript = Transcript {
        words: (0..).zip(words).map(word).collect(),
        doubts: vec![],
        reconsidered: vec![place],
        audio_ms: assignment.dictation.audio.duration_ms,
        model: "test".into(),
    };
    let (draft, flags) =
        drafting::draft(&test.site, &assignment.dictation, &transcript).expect("a draft");
    transcription::complete(&test.site, &assignment.job, "test worker", &transcript, draft, flags)
        .expect("completed");
    received.report
}

const DICTATED: &[(&str, f32)] = &[
    ("Continue", 0.9),
    ("metoprolol", 0.4),
    ("fifty", 0.8),
    ("milligrams", 0.7),
    ("daily.", 0.95),
];

fn open(app: &App) -> (String, String, ReportId) {
    let report = drafted(&app.test, DICTATED);
    let tess = app.cookie("tess");
    let path = format!("/api/reports/{report}");
    assert_eq!(app.call(&tess, Method::POST, &format!("{path}/claim"), None).status, 204);
    (tess, path, report)
}

#[test]
fn every_drafted_word_has_its_time_confidence_and_reason() {
    let app = App::new();
    let (tess, path, _) = open(&app);
    let seen = app.get(&tess, &format!("{path}/evidence")).json();
    assert_eq!(seen["draft"], "Continue metoprolol 50 mg daily.");
    assert_eq!(seen["version"], 1);
    assert_eq!(seen["pieces"], json!([[0, 0, 32]]), "the draft as it stands");
    let timed = seen["timed"].as_array().expect("rows");
    assert_eq!(timed[1], json!([9, 19, 500, 900, 400]));
    let figure: Vec<&Value> = timed.iter().filter(|row| row[0] == 20).collect();
    assert_eq!(figure[0].as_array().expect("a row")[2], 1000, "fifty milligrams: {figure:?}");
    let changes = seen["changes"].as_array().expect("changes");
    let lexicon = changes.iter().find(|change| change["rule"] == "LEXICON").expect("the change");
    assert_eq!((&lexicon["heard"], &lexicon["start"]), (&json!("metropolol"), &json!(9)));
    let choice = &seen["choices"][0];
    assert_eq!(choice["alternatives"], json!(["metropolol", "metolazone"]));
    assert_eq!((&choice["start"], &choice["end"]), (&json!(9), &json!(19)));
}

#[test]
fn a_saved_version_keeps_its_link_and_one_that_is_not_true_is_left_out() {
    let app = App::new();
    let (tess, path, _) = open(&app);
    let save = |base: u32, text: &str, pieces: Value| {
        let body = json!({ "base": base, "text": text, "pieces": pieces });
        let answer = app.post(&tess, &format!("{path}/versions"), body);
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        answer.json()["linked"].as_bool().expect("whether")
    };
    let text = "Please continue metoprolol 50 mg daily.";
    assert!(save(1, text, json!([[8, 1, 31]])));
    let seen = app.get(&tess, &format!("{path}/evidence")).json();
    assert_eq!((&seen["version"], &seen["pieces"]), (&json!(2), &json!([[8, 1, 31]])));
    assert!(!save(2, "Stop metoprolol.", json!([[0, 0, 8]])), "other letters");
    let seen = app.get(&tess, &format!("{path}/evidence")).json();
    assert_eq!(seen["pieces"], Value::Null);
    assert!(!save(3, "Stop it.", Value::Null));
    let many: Vec<[u32; 3]> = (0..40_001).map(|at| [at, at, 1]).collect();
    let body = json!({ "base": 4, "text": "x", "pieces": many });
    let answer = app.post(&tess, &format!("{path}/versions"), body);
    assert_eq!(answer.refusal(), (422, "invalid".into()));
}

#[test]
fn without_kept_evidence_the_heard_words_stand_in() {
    let app = App::new();
    let test = &app.test;
    let received = test.received();
    test.transcribe("Heard.", vec![]);
    let tess = test.who("tess");
    review::claim(&test.site, &tess, received.report).expect("taken");
    let none = chartscribe::domain::evidence::Evidence::default();
    let path = format!("/api/reports/{}/evidence", received.report);
    let cookie = app.cookie("tess");
    let seen = app.get(&cookie, &path).json();
    assert_eq!(seen["timed"].as_array().map(Vec::len), Some(none.timed.len()));
    assert_eq!(seen["draft"], "Heard.");
}

#[test]
fn what_another_hearing_had_otherwise_is_a_flag_at_its_place_in_the_audio() {
    let note_of = |otherwise: &str| {
        let app = App::new();
        let alternatives = vec![otherwise.to_owned()];
        let otherwise = Some(otherwise.to_owned());
        let place = Reconsidered { words: 2..3, heard: None, score: 0.0, alternatives, otherwise };
        let report = drafted_with(&app.test, DICTATED, place);
        let seen = app.get(&app.cookie("rosa"), &format!("/api/reports/{report}")).json();
        let flags = seen["flags"].as_array().expect("flags").clone();
        let flag = flags.into_iter().find(|flag| flag["kind"] == "HEARD-OTHERWISE");
        let flag = flag.expect("the flag");
        assert_eq!((&flag["start_ms"], &flag["end_ms"]), (&json!(1000), &json!(1400)));
        flag["note"].as_str().expect("a note").to_owned()
    };
    let told = note_of("fifteen");
    assert!(told.contains("\"fifty\"") && told.contains("\"fifteen\""), "{told}");
    let told = note_of("");
    assert!(told.contains("\"fifty\" was heard once"), "{told}");
}

#[test]
fn a_waveform_is_the_same_the_second_time() {
    let app = App::new();
    let received = app.test.received();
    let path = format!("/api/dictations/{}/waveform", received.dictation);
    let ada = app.cookie("ada");
    let first = app.get(&ada, &path);
    assert_eq!(first.header("content-type"), "application/octet-stream");
    assert_eq!(first.body.len(), 10, "a second in steps of 100 ms");
    assert!(first.body.contains(&214), "bursts of a tone: {:?}", first.body);
    assert_eq!(app.get(&ada, &path).body, first.body);
    assert_eq!(app.get(&app.cookie("rosa"), &path).status, StatusCode::FORBIDDEN);
}

#[test]
fn a_setting_is_one_s_own_and_bounded() {
    let app = App::new();
    let (tess, toby) = (app.cookie("tess"), app.cookie("toby"));
    let path = "/api/me/settings/keys";
    assert_eq!(app.get(&tess, path).json(), Value::Null);
    let keys = json!({ "play": ["F5", "Pedal-2"] });
    let kept = app.call(&tess, Method::PUT, path, Some(keys.clone()));
    assert_eq!(kept.status, StatusCode::NO_CONTENT);
    assert_eq!(app.get(&tess, path).json(), keys);
    assert_eq!(app.get(&toby, path).json(), Value::Null, "another's are another's");
    let long = app.call(&tess, Method::PUT, path, Some(json!("x".repeat(16_384))));
    assert_eq!(long.refusal(), (422, "invalid".into()));
    let name = app.call(&tess, Method::PUT, "/api/me/settings/Keys", Some(json!(1)));
    assert_eq!(name.refusal(), (404, "not-found".into()));
    for number in 0..45_u8 {
        let name = format!("/api/me/settings/s{}", "x".repeat(number.into()));
        app.call(&tess, Method::PUT, &name, Some(json!(number)));
    }
    let last = app.call(&tess, Method::PUT, "/api/me/settings/last", Some(json!(1)));
    assert_eq!(last.refusal().0, 409);
    assert_eq!(app.get(&tess, path).json(), keys);
}

fn ask(app: &App, cookie: &str, path: &str) -> crate::web_support::Answer {
    app.call(cookie, Method::POST, &format!("{path}/takeover"), None)
}

#[test]
fn a_report_changes_hands_by_a_word_or_after_a_silence() {
    let app = App::new();
    let (tess, path, _) = open(&app);
    let toby = app.cookie("toby");
    let held = || app.get(&tess, &path).json();
    assert_eq!(ask(&app, &tess, &path).refusal().0, 409, "one's own");
    assert_eq!(ask(&app, &app.cookie("quinn"), &path).refusal().0, 403, "not at this stage");
    let asked = ask(&app, &toby, &path).json();
    assert_eq!((&asked["taken"], &asked["wait_ms"]), (&json!(false), &json!(120_000)));
    assert_eq!(held()["asked_by"]["username"], "toby");
    assert_eq!(app.get(&toby, &path).refusal().0, 403, "asking shows nothing");
    let answer = format!("{path}/takeover/answer");
    assert_eq!(app.post(&toby, &answer, json!({ "give": true })).refusal().0, 403);
    assert_eq!(app.post(&tess, &answer, json!({ "give": false })).status, 204);
    assert_eq!(held()["asked_by"], Value::Null);
    assert_eq!(app.post(&tess, &answer, json!({ "give": true })).refusal().0, 409);

    ask(&app, &toby, &path);
    app.test.pass_ms(119_000);
    let body = json!({ "base": 1, "text": "Still here." });
    assert_eq!(app.post(&tess, &format!("{path}/versions"), body).status, 201);
    app.test.pass_ms(2_000);
    let asked = ask(&app, &toby, &path).json();
    assert_eq!((&asked["taken"], &asked["wait_ms"]), (&json!(false), &json!(118_000)));
    app.test.pass_ms(118_000);
    assert_eq!(ask(&app, &toby, &path).json()["taken"], true);
    assert_eq!(app.get(&toby, &path).json()["text"], "Still here.");
    let body = json!({ "base": 2, "text": "Too late." });
    let late = app.post(&tess, &format!("{path}/versions"), body);
    assert_eq!(late.refusal().0, 403, "{}", late.text());
}

#[test]
fn a_report_handed_on_is_no_longer_asked_for() {
    let app = App::new();
    let (tess, path, _) = open(&app);
    let toby = app.cookie("toby");
    ask(&app, &toby, &path);
    assert_eq!(app.call(&tess, Method::POST, &format!("{path}/release"), None).status, 204);
    assert_eq!(app.call(&toby, Method::POST, &format!("{path}/claim"), None).status, 204);
    assert_eq!(app.get(&toby, &path).json()["asked_by"], Value::Null);
}

#[test]
fn terms_go_on_from_letters_with_the_patient_s_own_medicines_first() {
    let app = App::new();
    let (tess, path, _) = open(&app);
    let terms = |letters: &str, section: &str| {
        let body = json!({ "letters": letters, "section": section });
        let answer = app.post(&tess, &format!("{path}/terms"), body).json();
        serde_json::from_value::<Vec<String>>(answer["terms"].clone()).expect("terms")
    };
    assert_eq!(terms("met", "PLAN").first().map(String::as_str), Some("metoprolol"));
    assert!(terms("me", "PLAN").is_empty());
    let body = json!({ "letters": "met", "section": null });
    let stranger = app.post(&app.cookie("toby"), &format!("{path}/terms"), body);
    assert_eq!(stranger.refusal().0, 403);
}

#[test]
fn words_that_no_list_knows_are_named() {
    let app = App::new();
    let (tess, path, _) = open(&app);
    let words = ["The", "metoprolol", "hepatosplenomegaly", "metropolool", "40", "Cccp", "wensday"];
    let answer = app.post(&tess, &format!("{path}/spelling"), json!({ "words": words }));
    assert_eq!(answer.json()["unknown"], json!(["metropolool", "Cccp", "wensday"]));
    let many = vec!["a"; 10_001];
    let answer = app.post(&tess, &format!("{path}/spelling"), json!({ "words": many }));
    assert_eq!(answer.refusal().0, 422);
}

#[test]
fn the_guide_names_sections_and_instructions() {
    let app = App::new();
    let (tess, path, _) = open(&app);
    let rosa = app.cookie("rosa");
    let instruct = |cookie: &str, text: &str| {
        let body = json!({ "about": "author", "text": text });
        app.post(cookie, &format!("{path}/instructions"), body).status
    };
    assert_eq!(instruct(&tess, "Mine."), StatusCode::FORBIDDEN);
    assert_eq!(instruct(&rosa, "Doses in full."), StatusCode::NO_CONTENT);
    let guide = app.get(&tess, &format!("{path}/guide")).json();
    assert_eq!(guide["instructions"][0]["text"], "Doses in full.");
    let sections = guide["sections"].as_array().expect("sections");
    assert!(sections.iter().any(|section| section["required"] == true), "{sections:?}");
    assert_eq!(instruct(&rosa, " "), StatusCode::NO_CONTENT);
    let guide = app.get(&tess, &format!("{path}/guide")).json();
    assert_eq!(guide["instructions"], json!([]));
}
