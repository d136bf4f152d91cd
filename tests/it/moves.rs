//! Reports that are moved, typed or split, copies of them, and pools.

use crate::support::{PASSWORD, TestSite, reception, wav};
use crate::web_support::App;
use chartscribe::domain::digest::Digest;
use chartscribe::domain::flag::FlagKind;
use chartscribe::domain::ids::ReportId;
use chartscribe::domain::label::Label;
use chartscribe::domain::report::{Completion, Stage};
use chartscribe::store::parts::PoolKind;
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::filter::Filter;
use chartscribe::workflow::labels::{self, Labelled};
use chartscribe::workflow::moving::{self, Move};
use chartscribe::workflow::reading::{self, OpenReport};
use chartscribe::workflow::receive::Reception;
use chartscribe::workflow::search::{Search, search};
use chartscribe::workflow::worklist::worklist;
use chartscribe::workflow::{copies, departments, pools, review, signing, transcription};
use secrecy::SecretString;
use serde_json::json;

fn open(test: &TestSite, who: &str, id: ReportId) -> OpenReport {
    reading::open(&test.site, &test.who(who), id).expect("open")
}

fn taken(test: &TestSite, text: &str) -> ReportId {
    let id = test.drafted(text);
    review::claim(&test.site, &test.who("tess"), id).expect("taken");
    id
}

fn signed(test: &TestSite, text: &str) -> ReportId {
    let id = taken(test, text);
    review::submit(&test.site, &test.who("tess"), id, 1, false).expect("submitted");
    let password = SecretString::from(PASSWORD);
    let digest = Digest::of(text.as_bytes());
    signing::sign(&test.site, &test.who("ada"), id, 1, digest, &password).expect("signed");
    id
}

#[test]
fn a_report_moves_to_another_author_work_type_and_priority_and_the_dictation_stays() {
    let test = TestSite::new();
    let id = taken(&test, "One.");
    let before = open(&test, "tess", id);
    let to = |author: &str, work_type: &str, priority: &str| {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Move { author: given(author), work_type: given(work_type), priority: given(priority) }
    };
    let tess = test.who("tess");
    let mov = |to: &Move| moving::move_report(&test.site, &tess, id, to);
    mov(&to("ben", "OP", "stat")).expect("moved");
    let after = open(&test, "tess", id);
    assert_eq!(after.author.username.as_str(), "ben");
    assert_eq!(after.report.work_type.as_str(), "OP");
    assert!(after.report.due_at < before.report.due_at, "STAT is due sooner");
    let (was, is) = (before.dictation.expect("dictated"), after.dictation.expect("dictated"));
    assert_eq!((was.author, was.work_type), (is.author, is.work_type), "as it was received");
    let by_ben = Search { author: Some("ben".into()), ..Search::for_text("one") };
    let found = search(&test.site, &test.who("rosa"), &by_ben).expect("searched");
    assert_eq!(found.items.len(), 1, "and is found there");
    for wrong in [to("tess", "", ""), to("", "ZZ", ""), to("", "", "soon")] {
        assert!(matches!(mov(&wrong), Err(WorkflowError::Invalid { .. })));
    }
    let toby = moving::move_report(&test.site, &test.who("toby"), id, &to("ada", "", ""));
    assert!(matches!(toby, Err(WorkflowError::Forbidden { .. })), "not in his hands");
    let rosa = test.who("rosa");
    moving::move_report(&test.site, &rosa, id, &to("ada", "", "routine")).expect("records staff");
    review::submit(&test.site, &tess, id, 1, false).expect("submitted");
    let digest = Digest::of(b"One.");
    let password = SecretString::from(PASSWORD);
    signing::sign(&test.site, &test.who("ada"), id, 1, digest, &password).expect("signed");
    let late = moving::move_report(&test.site, &rosa, id, &to("ben", "", ""));
    assert!(late.is_err(), "what is signed stays");
}

#[test]
fn a_report_is_typed_without_a_recording() {
    let test = TestSite::new();
    let about = Reception { mrn: None, encounter: None, ..reception() };
    let id = moving::begin_report(&test.site, &test.who("tess"), &about).expect("begun");
    let typed = open(&test, "tess", id);
    assert_eq!((typed.report.stage, typed.report.dictation), (Stage::Editing, None));
    assert_eq!(typed.flags[0].flag.kind, FlagKind::Demographic, "whom is it about?");
    let tess = test.who("tess");
    review::save(&test.site, &tess, id, 1, "Typed.".into()).expect("saved");
    review::assign_patient(&test.site, &tess, id, "MRN-1", None).expect("assigned");
    review::submit(&test.site, &tess, id, 2, false).expect("submitted");
    let (ada, password) = (test.who("ada"), SecretString::from(PASSWORD));
    let digest = Digest::of(b"Typed.");
    signing::sign(&test.site, &ada, id, 2, digest, &password).expect("signed");

    let own = moving::begin_report(&test.site, &ada, &reception()).expect("an author's own");
    let own = open(&test, "ada", own).report;
    assert_eq!((own.stage, own.completion), (Stage::WithAuthor, Completion::AwaitingSignature));
    let other = Reception { author: Some("ben".into()), ..reception() };
    let refused = moving::begin_report(&test.site, &ada, &other);
    assert!(matches!(refused, Err(WorkflowError::Forbidden { .. })));
    assert!(moving::begin_report(&test.site, &test.who("rosa"), &reception()).is_err());
}

#[test]
fn a_recording_of_two_patients_becomes_two_reports_and_no_word_is_lost() {
    let test = TestSite::new();
    let id = taken(&test, "First patient well.\n\nSecond patient ill.");
    let tess = test.who("tess");
    labels::add(&test.site, &tess, Labelled::Report(id), Label::Minor).expect("labelled");
    let split = |version, at| moving::split(&test.site, &tess, id, version, at);
    assert!(matches!(split(2, 21), Err(WorkflowError::Stale { current: 1 })));
    assert!(split(1, 0).is_err() && split(1, 500).is_err());
    let new = split(1, 21).expect("split");
    let (first, second) = (open(&test, "tess", id), open(&test, "tess", new));
    assert_eq!(first.text.reveal(), "First patient well.");
    assert_eq!(second.text.reveal(), "Second patient ill.");
    assert_eq!((first.report.version, second.report.version), (2, 1));
    assert!(first.patient.is_some() && second.patient.is_none());
    assert_eq!(second.report.labels, first.report.labels, "and no label");
    assert!(second.flags.iter().any(|flag| flag.flag.kind == FlagKind::Demographic));
    let whole = first.dictation.expect("dictated");
    let part = second.dictation.expect("dictated");
    assert_eq!(whole.audio, part.audio);
    transcription::audio(&test.site, &tess, part.id).expect("listened");
    let heard = |id| transcription::transcript(&test.site, &tess, id).expect("heard").text();
    assert_eq!(heard(whole.id), heard(part.id));
    let again = test.receive(&test.who("ada"), reception(), &wav(1.0)).expect("received");
    assert_eq!(again.dictation, whole.id, "the recording sent again is the whole one");
    review::assign_patient(&test.site, &tess, new, "MRN-2", None).expect("assigned");
    review::submit(&test.site, &tess, new, 1, false).expect("each goes its own way");
    test.site.store.check().expect("a whole database");
}

#[test]
fn copies_are_listed_once_the_report_is_signed_and_noted_as_sent() {
    let test = TestSite::new();
    let two = [("Dr. Smith".into(), "Fax 12".into()), ("Clinic".into(), String::new())];
    let draft = taken(&test, "Draft.");
    copies::set(&test.site, &test.who("tess"), draft, &two).expect("named");
    let rosa = test.who("rosa");
    let waiting = || copies::to_send(&test.site, &rosa).expect("listed");
    assert!(waiting().is_empty(), "not before it is signed");
    assert!(copies::sent(&test.site, &rosa, draft, 1).is_err());
    review::submit(&test.site, &test.who("tess"), draft, 1, false).expect("submitted");
    let (ada, password) = (test.who("ada"), SecretString::from(PASSWORD));
    let digest = Digest::of(b"Draft.");
    signing::sign(&test.site, &ada, draft, 1, digest, &password).expect("signed");
    let names: Vec<String> = waiting().iter().map(|one| one.copy.recipient.clone()).collect();
    assert_eq!(names, ["Dr. Smith", "Clinic"]);
    copies::sent(&test.site, &rosa, draft, 1).expect("sent");
    assert!(copies::sent(&test.site, &rosa, draft, 1).is_err(), "once");
    assert!(copies::set(&test.site, &ada, draft, &two).is_err(), "records staff add later ones");
    copies::set(&test.site, &rosa, draft, &[("Other".into(), String::new())]).expect("added");
    let kept = copies::of_report(&test.site, &ada, draft).expect("listed");
    let kept: Vec<(&str, bool)> =
        kept.iter().map(|copy| (copy.recipient.as_str(), copy.sent.is_some())).collect();
    assert_eq!(kept, [("Dr. Smith", true), ("Other", false)], "what was sent stays");
    labels::add(&test.site, &ada, Labelled::Report(draft), Label::Hiv).expect("labelled");
    assert!(waiting().is_empty(), "a sealed report is not on the list");
    assert!(copies::to_send(&test.site, &ada).is_err());
    let empty = [(String::new(), String::new())];
    assert!(copies::set(&test.site, &test.who("rosa"), draft, &empty).is_err());
}

#[test]
fn a_pool_is_what_its_people_see_and_take() {
    let test = TestSite::new();
    let quinn = test.who("quinn");
    let set = |who: &str, kind, value: &str, there| {
        pools::set(&test.site, &quinn, who, kind, value, there)
    };
    let of_ada = test.drafted("Of ada.");
    let of_ben =
        Reception { author: Some("ben".into()), work_type: Some("OP".into()), ..reception() };
    let of_ben = test.receive(&test.who("rosa"), of_ben, &wav(2.0)).expect("received").report;
    test.transcribe("Of ben.", vec![]);
    let seen = |who: &str| {
        let list = worklist(&test.site, &test.who(who), &Filter::default()).expect("a list");
        list.items.iter().map(|item| item.row.report.id).collect::<Vec<_>>()
    };
    assert_eq!(seen("tess"), [of_ada, of_ben], "without a line, everything");
    set("tess", PoolKind::WorkType, "OP", true).expect("set");
    assert_eq!(seen("tess"), [of_ben]);
    let refused = review::claim(&test.site, &test.who("tess"), of_ada);
    assert!(matches!(refused, Err(WorkflowError::Forbidden { .. })), "nor taken by its id");
    let found = search(&test.site, &test.who("tess"), &Search::for_text("ada")).expect("searched");
    assert!(found.items.is_empty(), "nor found");
    set("tess", PoolKind::WorkType, "OP", false).expect("removed");
    set("tess", PoolKind::Department, "Surgery", true).expect("set");
    assert!(seen("tess").is_empty(), "a department without authors");
    let belongs =
        |who: &str, name: Option<&str>| departments::set(&test.site, &test.who("admin"), who, name);
    belongs("ada", Some("surgery")).expect("set");
    assert_eq!(seen("tess"), [of_ada]);
    assert_eq!(seen("toby"), [of_ada, of_ben], "others are not narrowed");
    review::claim(&test.site, &test.who("tess"), of_ada).expect("taken");
    belongs("ada", None).expect("removed");
    assert_eq!(seen("tess"), [of_ada], "what is in hand stays in sight");
    assert!(set("tess", PoolKind::WorkType, "ZZ", true).is_err());
    assert!(set("nobody", PoolKind::Department, "X", true).is_err());
    assert!(belongs("nobody", Some("X")).is_err());
    assert!(set("tess", PoolKind::Department, "", true).is_err());
    let lines = pools::lines(&test.site, &test.who("admin")).expect("listed");
    assert_eq!(lines.len(), 1);
}

#[test]
fn moves_speak_over_http() {
    let app = App::new();
    let tess = app.cookie("tess");
    let begun = app.post(&tess, "/api/reports", json!({"author": "ada", "work_type": "HP"}));
    assert_eq!(begun.status, 201, "{}", begun.text());
    let path = format!("/api/reports/{}", begun.json()["report"].as_str().expect("an id"));
    let text = json!({"base": 1, "text": "One.\n\nTwo."});
    app.post(&tess, &format!("{path}/versions"), text);
    let split = app.post(&tess, &format!("{path}/split"), json!({"version": 2, "at": 6}));
    assert_eq!(split.status, 201, "{}", split.text());
    let moved = app.post(&tess, &format!("{path}/move"), json!({"author": "ben"}));
    assert_eq!(moved.status, 204);
    let body = json!({"copies": [{"recipient": "Dr. Smith", "address": "Fax"}]});
    assert_eq!(app.post(&tess, &format!("{path}/copies"), body).status, 204);
    let kept = app.get(&tess, &format!("{path}/copies")).json();
    assert_eq!(kept["copies"][0]["recipient"], "Dr. Smith");
    let rosa = app.cookie("rosa");
    let printed = app.get(&rosa, &format!("{}/print", path.replace("/api", ""))).text();
    assert!(printed.contains("cc: Dr. Smith"), "{printed}");
    assert_eq!(app.get(&rosa, "/api/copies").json()["copies"], json!([]));
    assert_eq!(app.get(&rosa, "/copies").status, 200);
    let line = json!({"username": "tess", "kind": "work-type", "value": "HP", "there": true});
    assert_eq!(app.post(&app.cookie("admin"), "/api/pools", line).status, 204);
    let lines = app.get(&app.cookie("quinn"), "/api/pools").json();
    assert_eq!(lines["lines"][0]["value"], "HP");
    let id = signed(&app.test, "Signed.");
    let sent = app.post(&rosa, &format!("/api/reports/{id}/copies/1/sent"), json!({}));
    assert_eq!(sent.refusal().0, 409, "no such copy");
}
