//! Departments: given to people, and what a department settles reaches what its authors dictate,
//! by every door.

use crate::program::{self, Installation};
use crate::speech::sample;
use crate::support::{TestSite, reception};
use crate::web_support::App;
use axum::http::{Method, StatusCode};
use chartscribe::audio::Chunk;
use chartscribe::domain::ids::ReportId;
use chartscribe::domain::punctuation::Mode;
use chartscribe::domain::transcript::Word;
use chartscribe::jobs::worker::Workers;
use chartscribe::speech::{Heard, Recognizer, Request, SpeechError, Watch};
use chartscribe::store::house_style::StoredStyle;
use chartscribe::store::reports;
use chartscribe::store::vocab_terms::LayerOf;
use chartscribe::vocab::lexicon::Layer;
use chartscribe::vocab::lists::{Format, read};
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::house_style::{self, NormalToKeep, NormalsOf, Style};
use chartscribe::workflow::takes::{self, Opening};
use chartscribe::workflow::{departments, listening, review, vocabulary, wording};
use serde_json::json;
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What waits longer than this is stuck.
const PATIENCE: Duration = Duration::from_secs(20);

/// A word that no list has.
const TERM: &str = "Quillonase";

fn surgery() -> LayerOf {
    LayerOf { layer: Layer::Department, owner: "Surgery".into() }
}

fn of_person(test: &TestSite, username: &str) -> LayerOf {
    let owner = test.who(username).person_id().expect("a person").to_string();
    LayerOf { layer: Layer::Author, owner }
}

fn belongs(test: &TestSite, username: &str, name: Option<&str>) {
    departments::set(&test.site, &test.who("admin"), username, name).expect("set");
}

fn settle(test: &TestSite, who: &str, of: &LayerOf, mode: Option<Mode>, switches: &str) {
    let switches = serde_json::from_str(switches).expect("an object");
    let style = StoredStyle { mode, pace: None, switches };
    house_style::settle(&test.site, &test.who(who), of, &style).expect("allowed");
}

fn style_of(test: &TestSite, username: &str) -> Style {
    let id = test.who(username).person_id().expect("a person");
    house_style::of_author(&test.site, id).expect("readable")
}

fn normal(of: LayerOf, name: &str) -> NormalToKeep {
    NormalToKeep {
        id: None,
        of,
        name: name.into(),
        shortcut: Some("wnd".into()),
        text: "The wound on the [side] is clean.".into(),
    }
}

fn keep(test: &TestSite, who: &str, of: LayerOf, name: &str) -> Result<(), WorkflowError> {
    house_style::keep_normal(&test.site, &test.who(who), &normal(of, name)).map(drop)
}

fn add_term(test: &TestSite) {
    let terms = read(&format!("{TERM}\n"), Format::Plain).terms;
    vocabulary::import(&test.site, &test.who("admin"), &surgery(), &terms).expect("imported");
}

/// A department with a term, a normal and spoken marks; ada belongs to it and ben does not.
fn with_surgery(test: &TestSite) {
    belongs(test, "ada", Some("Surgery"));
    add_term(test);
    settle(test, "admin", &surgery(), Some(Mode::Spoken), "{}");
    keep(test, "admin", surgery(), "Wound").expect("kept");
}

#[test]
fn site_department_and_author_settle_each_what_the_nearer_leaves_open() {
    let test = TestSite::new();
    belongs(&test, "ada", Some("Surgery"));
    let site = LayerOf { layer: Layer::Site, owner: String::new() };
    let site_wide =
        r#"{"latin_stops": false, "range_hyphen": false, "beats_per_minute_short": false}"#;
    settle(&test, "admin", &site, Some(Mode::Auto), site_wide);
    let of_surgery = r#"{"latin_stops": true, "range_hyphen": true}"#;
    settle(&test, "admin", &surgery(), Some(Mode::Spoken), of_surgery);
    settle(&test, "ada", &of_person(&test, "ada"), None, r#"{"range_hyphen": false}"#);
    let ada = style_of(&test, "ada");
    assert_eq!(ada.mode, Mode::Spoken, "the department's");
    assert!(ada.profile.latin_stops, "the department's");
    assert!(!ada.profile.range_hyphen, "the author's");
    assert!(!ada.profile.beats_per_minute_short, "the site's");
    let ben = style_of(&test, "ben");
    assert_eq!((ben.mode, ben.profile.latin_stops), (Mode::Auto, false), "another department's");
    belongs(&test, "ada", None);
    assert_eq!(style_of(&test, "ada").mode, Mode::Auto, "she has left it");
}

#[test]
fn normals_come_nearest_first_and_a_name_or_shortcut_is_once_a_layer() {
    let test = TestSite::new();
    with_surgery(&test);
    belongs(&test, "toby", Some("Surgery"));
    keep(&test, "ada", of_person(&test, "ada"), "My wound").expect("another layer");
    let again = keep(&test, "admin", surgery(), "wound");
    assert!(matches!(again, Err(WorkflowError::Conflict { .. })), "{again:?}");
    let names =
        |style: Style| style.normals.into_iter().map(|normal| normal.name).collect::<Vec<_>>();
    assert_eq!(names(style_of(&test, "ada")), ["My wound", "Wound"]);
    assert!(style_of(&test, "ben").normals.is_empty());
    let report = test.drafted("No fever.");
    let used = |who: &str, wanted: &NormalsOf| {
        let found = house_style::normals(&test.site, &test.who(who), wanted).expect("allowed");
        found.into_iter().map(|normal| normal.name).collect::<Vec<_>>()
    };
    let of_report = NormalsOf { report: Some(report), department: None };
    assert_eq!(used("tess", &of_report), ["My wound", "Wound"], "of the report's author");
    assert_eq!(used("toby", &NormalsOf::default()), ["Wound"], "of their own department");
    assert!(used("tess", &NormalsOf::default()).is_empty());
    let named = NormalsOf { report: None, department: Some("SURGERY".into()) };
    assert_eq!(used("admin", &named), ["Wound"]);
}

#[test]
fn whoever_types_keeps_normals_of_their_own_and_no_style_or_other_s() {
    let test = TestSite::new();
    belongs(&test, "tess", Some("Surgery"));
    for who in ["tess", "quinn"] {
        let own = of_person(&test, who);
        keep(&test, who, own.clone(), "Wound").expect("their own");
        let used = house_style::normals(&test.site, &test.who(who), &NormalsOf::default());
        assert_eq!(used.expect("allowed").len(), 1);
        let style = house_style::settle(&test.site, &test.who(who), &own, &StoredStyle::default());
        assert!(matches!(style, Err(WorkflowError::Forbidden { .. })), "{who} dictates nothing");
        for other in [surgery(), of_person(&test, "ada")] {
            let refused = keep(&test, who, other, "Wound");
            assert!(matches!(refused, Err(WorkflowError::Forbidden { .. })), "{who}");
        }
    }
    let rosa = keep(&test, "rosa", of_person(&test, "rosa"), "Wound");
    assert!(matches!(rosa, Err(WorkflowError::Forbidden { .. })), "changes no report");
}

#[test]
fn a_department_is_written_one_way_and_given_by_the_administrator_alone() {
    let test = TestSite::new();
    belongs(&test, "ada", Some("Surgery"));
    belongs(&test, "ben", Some(" surgery "));
    let ben = test.who("ben").person.expect("a person");
    assert_eq!(ben.department.map(|name| name.to_string()).as_deref(), Some("Surgery"));
    for who in ["ada", "tess", "quinn", "rosa", "paul"] {
        let refused = departments::set(&test.site, &test.who(who), who, Some("Surgery"));
        assert!(matches!(refused, Err(WorkflowError::Forbidden { .. })), "{who}");
    }
    let set = |name: &str| departments::set(&test.site, &test.who("admin"), "ada", Some(name));
    for refused in ["", "  ", "a\nb", &"x".repeat(61)] {
        let result = set(refused);
        assert!(matches!(result, Err(WorkflowError::Invalid { .. })), "{refused:?}: {result:?}");
    }
    let names = departments::list(&test.site, &test.who("admin")).expect("listed");
    assert_eq!(names.iter().map(|name| name.as_str()).collect::<Vec<_>>(), ["Surgery"]);
    let rows = test.audit();
    let given = rows.iter().filter(|row| row.act == "change-person" && row.outcome == "done");
    assert_eq!(given.count(), 2);
}

/// Tells what it was asked with, and hears one sentence.
struct Asked {
    told: Mutex<Sender<Request>>,
    words: &'static [&'static str],
}

impl Recognizer for Asked {
    fn recognize(
        &self,
        chunk: &Chunk,
        request: &Request,
        _watch: &dyn Watch,
    ) -> Result<Heard, SpeechError> {
        let told = self.told.lock().expect("no test panics inside");
        told.send(request.clone()).map_err(|_| SpeechError::Stopped)?;
        let word = |(n, text): (u32, &&str)| {
            let start_ms = chunk.start_ms + n * 100;
            Word { text: (*text).into(), start_ms, end_ms: start_ms + 90, confidence: 0.9 }
        };
        let words = (0..).zip(self.words).map(word).collect();
        Ok(Heard { words, doubts: vec![], reconsidered: vec![] })
    }

    fn model(&self) -> String {
        "asked".into()
    }
}

/// What the recogniser was asked with for a dictation by this author, and the draft.
fn transcribed(test: &TestSite, author: &str, words: &'static [&'static str]) -> (Request, String) {
    let audio = std::fs::read(sample("short.flac")).expect("the sample is there");
    let about =
        chartscribe::workflow::receive::Reception { author: Some(author.into()), ..reception() };
    let id = test.receive(&test.who("rosa"), about, &audio).expect("received").report;
    let (told, asked) = mpsc::channel();
    let recognizer = Asked { told: Mutex::new(told), words };
    let workers = Workers::start(&test.site, vec![Arc::new(recognizer)]).expect("started");
    let request = asked.recv_timeout(PATIENCE).expect("it is asked");
    let text = until_drafted(test, id);
    drop(workers);
    (request, text)
}

fn until_drafted(test: &TestSite, id: ReportId) -> String {
    let until = Instant::now() + PATIENCE;
    loop {
        let drafted = test.site.store.read(|tx| reports::version(tx, id, 1)).expect("readable");
        if let Some(version) = drafted {
            return version.text.reveal().clone();
        }
        assert!(Instant::now() < until, "report {id} is not drafted");
        std::thread::yield_now();
    }
}

fn hints(request: &Request) -> Vec<&str> {
    request.hints.terms.iter().map(|hint| hint.term.as_str()).collect()
}

#[test]
fn the_recogniser_and_the_draft_know_the_department_of_the_author() {
    const SAID: &[&str] = &["Insert", "my", "normal", "wound", "period"];
    let test = TestSite::new();
    with_surgery(&test);
    let (request, text) = transcribed(&test, "ada", SAID);
    assert_eq!((hints(&request), request.mode), (vec![TERM], Mode::Spoken));
    assert!(text.starts_with("The wound on the ____ is clean"), "{text}");
    let (request, text) = transcribed(&test, "ben", SAID);
    assert!(hints(&request).is_empty());
    assert_ne!(request.mode, Mode::Spoken);
    assert!(!text.contains("is clean"), "{text}");
}

#[test]
fn the_text_while_somebody_speaks_and_the_terms_to_type_know_it_too() {
    let test = TestSite::new();
    with_surgery(&test);
    for (who, terms, mode) in [("ada", vec![TERM], Mode::Spoken), ("ben", vec![], Mode::Mixed)] {
        let opening = Opening { key: who.into(), ..Opening::default() };
        let take = takes::open(&test.site, &test.who(who), opening).expect("begun").id;
        let listening = listening::begin(&test.site, take).expect("known");
        assert_eq!((hints(&listening.request), listening.request.mode), (terms, mode), "{who}");
    }
    let report = test.drafted("No fever.");
    let tess = test.who("tess");
    review::claim(&test.site, &tess, report).expect("taken");
    let offered = wording::complete(&test.site, &tess, report, "quillo", None).expect("asked");
    assert_eq!(offered, [TERM]);
    let words = vec![TERM.to_owned(), "Quillonose".to_owned()];
    let unknown = wording::unknown(&test.site, &tess, report, words).expect("asked");
    assert_eq!(unknown, ["Quillonose"]);
    belongs(&test, "ada", None);
    let offered = wording::complete(&test.site, &tess, report, "quillo", None).expect("asked");
    assert!(offered.is_empty(), "{offered:?}");
}

#[test]
fn departments_speak_over_http() {
    let app = App::new();
    let (admin, ada) = (app.cookie("admin"), app.cookie("ada"));
    let give = |who: &str, name| {
        let body = json!({ "username": who, "department": name });
        app.post(&admin, "/api/people/department", body).status
    };
    assert_eq!(give("ada", Some("Heart & lungs")), StatusCode::NO_CONTENT);
    assert_eq!(give("nobody", Some("Surgery")), StatusCode::NOT_FOUND);
    let seen = app.get(&admin, "/api/people").json();
    assert_eq!(seen["departments"], json!(["Heart & lungs"]));
    let row =
        seen["people"].as_array().expect("people").iter().find(|one| one["username"] == "ada");
    assert_eq!(row.expect("ada")["department"], "Heart & lungs");
    assert_eq!(app.get(&ada, "/api/people").status, StatusCode::FORBIDDEN);

    let style = "/api/house-style/department?department=Heart%20%26%20lungs";
    let body = json!({ "mode": "auto", "switches": {} });
    let put =
        |cookie: &str, path: &str| app.call(cookie, Method::PUT, path, Some(body.clone())).status;
    assert_eq!(put(&admin, style), StatusCode::NO_CONTENT);
    assert_eq!(put(&ada, style), StatusCode::FORBIDDEN);
    assert_eq!(put(&admin, "/api/house-style/department"), StatusCode::NOT_FOUND, "which one");
    assert_eq!(put(&admin, "/api/house-style/site?department=x"), StatusCode::NOT_FOUND);
    assert_eq!(app.get(&admin, style).json()["mode"], "auto");

    let kept = json!({ "scope": "department", "department": "Heart & lungs",
        "name": "Lungs", "shortcut": "lng", "text": "Lungs are clear." });
    assert_eq!(app.post(&admin, "/api/normals", kept.clone()).status, StatusCode::OK);
    assert_eq!(app.post(&ada, "/api/normals", kept).status, StatusCode::FORBIDDEN);
    let seen = app.get(&ada, "/api/normals").json();
    assert_eq!(
        (&seen[0]["scope"], &seen[0]["department"]),
        (&json!("department"), &json!("Heart & lungs"))
    );
}

#[test]
fn departments_are_given_at_the_machine() {
    let site = Installation::new();
    let add = ["user", "add", "ivy", "--roles", "author", "--department", "Surgery"];
    site.done(&[&add[..], &["--password-stdin"]].concat(), program::PASSWORD);
    site.done(&["user", "department", "ada", "SURGERY"], "");
    let list = site.path().join("list.txt");
    std::fs::write(&list, format!("{TERM}\n")).expect("written");
    let list = list.to_str().expect("a path");
    let layer = ["vocab", "import", "--layer", "department", "--owner", "surgery", "--yes", list];
    site.done(&layer, "");
    let exported = ["vocab", "export", "--layer", "department", "--owner", "Surgery"];
    assert!(site.done(&exported, "").contains(TERM));
    let departments = || {
        let listed = site.done(&["user", "list"], "");
        let of = |line: &str| Some(line.split('\t').nth(4)?.to_owned());
        listed.lines().filter_map(of).collect::<Vec<_>>()
    };
    assert_eq!(departments(), ["Surgery", "Surgery", "", ""], "ada, ivy, quinn, tess");
    site.done(&["user", "department", "ada"], "");
    assert_eq!(departments(), ["", "Surgery", "", ""]);
}
