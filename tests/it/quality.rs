//! QA: what is sampled, how it is scored and answered; batches of signatures; what is counted;
//! the life of a report.

use crate::support::{PASSWORD, TestSite, operator, reception, wav};
use crate::web_support::App;
use chartscribe::domain::audit::Act;
use chartscribe::domain::digest::Digest;
use chartscribe::domain::flag::{FlagKind, QaFlag};
use chartscribe::domain::ids::{DictationId, ReportId, ReviewId};
use chartscribe::domain::label::Label;
use chartscribe::domain::phi::Phi;
use chartscribe::domain::quality::ErrorCategory;
use chartscribe::domain::report::Stage;
use chartscribe::domain::time::{AudioSpan, TextSpan, Timestamp};
use chartscribe::store::quality::RuleKind;
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::labels::{self, Labelled};
use chartscribe::workflow::quality::{self, NewError, Period, Scored};
use chartscribe::workflow::signing::{self, Seen};
use chartscribe::workflow::{
    glass, life, lines, notices, played, reading, review, sampling, standing, transcription,
};
use secrecy::SecretString;
use serde_json::json;

fn password() -> SecretString {
    SecretString::from(PASSWORD)
}

fn stage(test: &TestSite, id: ReportId) -> Stage {
    reading::open(&test.site, &test.who("rosa"), id).expect("open").report.stage
}

/// A report of ada's of this length, with the draft, taken by tess.
fn taken(test: &TestSite, text: &str, seconds: f32) -> ReportId {
    let received = test.receive(&test.who("ada"), reception(), &wav(seconds)).expect("received");
    test.transcribe(text, vec![]);
    review::claim(&test.site, &test.who("tess"), received.report).expect("taken");
    received.report
}

fn submitted(test: &TestSite, text: &str, seconds: f32, to_qa: bool) -> ReportId {
    let id = taken(test, text, seconds);
    review::submit(&test.site, &test.who("tess"), id, 1, to_qa).expect("submitted");
    id
}

fn error(category: ErrorCategory) -> NewError {
    NewError {
        category,
        repeated: false,
        dictated: "left knee".into(),
        transcribed: "right knee".into(),
        note: String::new(),
    }
}

fn all_time() -> Period {
    Period { from: Timestamp(0), until: Timestamp(i64::MAX) }
}

fn scores(test: &TestSite, who: &str) -> Vec<Scored> {
    quality::scores(&test.site, &test.who(who), None, &all_time()).expect("scores")
}

#[test]
fn the_highest_rule_that_applies_decides_what_qa_samples() {
    let test = TestSite::new();
    let quinn = test.who("quinn");
    let set = |kind, of: &str, value| sampling::set(&test.site, &quinn, kind, of, value);
    let first = submitted(&test, "One.", 1.0, false);
    assert_eq!(stage(&test, first), Stage::WithAuthor, "without a rule nothing is sampled");
    set(RuleKind::Site, "", Some(0)).expect("set");
    set(RuleKind::Editor, "toby", Some(100)).expect("set");
    let other = submitted(&test, "Two.", 2.0, false);
    assert_eq!(stage(&test, other), Stage::WithAuthor, "another editor's rule");
    for (n, (kind, of)) in [
        (RuleKind::Editor, "tess"),
        (RuleKind::Author, "ada"),
        (RuleKind::WorkType, "HP"),
        (RuleKind::Site, ""),
        (RuleKind::NewEditor, ""),
    ]
    .into_iter()
    .enumerate()
    {
        set(kind, of, Some(100)).expect("set");
        let id = submitted(&test, "Three.", 3.0 + n as f32, false);
        assert_eq!(stage(&test, id), Stage::InQa, "{kind:?}");
        let row = test.audit().into_iter().rev().find(|row| row.act == "submit-report");
        assert!(row.expect("a row").detail.contains("\"sampled\":\"true\""));
        set(kind, of, None).expect("removed");
    }
    assert!(set(RuleKind::Site, "", Some(101)).is_err());
    assert!(set(RuleKind::Editor, "nobody", Some(5)).is_err());
    assert!(set(RuleKind::WorkType, "ZZ", Some(5)).is_err());
    assert!(set(RuleKind::Stat, "ada", Some(5)).is_err(), "STAT is about nobody");
    let known = sampling::rules(&test.site, &test.who("admin")).expect("the administrator too");
    let named: Vec<(&str, u32)> = known.iter().map(|rule| (rule.of.as_str(), rule.value)).collect();
    assert_eq!(named, [("toby", 100)]);
}

/// The recording sounds in quinn's page from one millisecond to another.
fn hear(test: &TestSite, dictation: DictationId, start_ms: u32, end_ms: u32) {
    let span = AudioSpan { start_ms, end_ms };
    played::note(&test.site, &test.who("quinn"), dictation, &[span]).expect("told");
}

#[test]
fn passages_that_were_put_in_are_not_counted_while_they_stand() {
    let test = TestSite::new();
    let id = test.drafted("Chest: as heard.");
    let tess = test.who("tess");
    review::claim(&test.site, &tess, id).expect("taken");
    let normal = "Lungs clear to auscultation.".to_owned();
    let text = format!("Chest: as heard. {normal} Own words.");
    let save = |base, text: &str, passages: &[String]| {
        review::save_linked(&test.site, &tess, id, base, text.into(), None, passages)
    };
    save(1, &text, &[normal.clone(), "never in the text".into()]).expect("saved");
    let version = save(2, &format!("{text} More."), &[]).expect("saved").version;
    review::submit(&test.site, &tess, id, version, false).expect("submitted");
    let work = lines::lines(&test.site, &tess, &all_time()).expect("counted");
    assert_eq!(work[0].template, 28);
    assert_eq!(work[0].characters, "Chest: as heard. Own words. More.".len() as u64);
    let many = vec![normal; review::PASSAGES_MAX + 1];
    assert!(matches!(save(3, &text, &many), Err(WorkflowError::Invalid { .. })));
}

#[test]
fn a_new_site_looks_at_five_percent_and_may_say_otherwise() {
    let test = TestSite::new();
    let rule = || {
        let rules = sampling::rules(&test.site, &test.who("quinn")).expect("listed");
        rules.iter().map(|rule| (rule.kind, rule.value)).collect::<Vec<_>>()
    };
    assert!(rule().is_empty());
    sampling::begin(&test.site, &operator(), sampling::SITE_PERCENT).expect("begun");
    assert_eq!(rule(), [(RuleKind::Site, 5)]);
    sampling::set(&test.site, &test.who("quinn"), RuleKind::Site, "", Some(0)).expect("set");
    assert_eq!(rule(), [(RuleKind::Site, 0)]);
}

#[test]
fn a_review_is_scored_by_whoever_listened_and_is_not_the_editor() {
    let test = TestSite::new();
    let id = submitted(&test, "Right knee swollen.", 1.0, true);
    let quinn = test.who("quinn");
    let errors = || vec![error(ErrorCategory::Side), error(ErrorCategory::Grammar)];
    let score = || quality::score_report(&test.site, &quinn, id, errors(), "Mind the side.");
    assert!(score().is_err(), "not in their hands yet");
    review::claim(&test.site, &quinn, id).expect("taken");
    let open = reading::open(&test.site, &quinn, id).expect("open");
    assert!(open.may.contains(&Act::ScoreReport));
    assert!(matches!(score(), Err(WorkflowError::Conflict { .. })), "reading alone is no review");
    let dictation = open.report.dictation.expect("dictated");
    transcription::audio(&test.site, &quinn, dictation).expect("fetched ahead");
    assert!(matches!(score(), Err(WorkflowError::Conflict { .. })), "and nothing sounded");
    hear(&test, dictation, 0, 400);
    hear(&test, dictation, 100, 400);
    assert!(matches!(score(), Err(WorkflowError::Conflict { .. })), "less than half of it");
    hear(&test, dictation, 900, 5_000);
    let given = score().expect("scored");
    assert_eq!((given.points, given.passed), (96, false));
    assert!(score().is_err(), "once");
    let open = reading::open(&test.site, &quinn, id).expect("open");
    assert!(!open.may.contains(&Act::ScoreReport), "and not offered again");
    review::pass_qa(&test.site, &quinn, id, 1).expect("passed on");

    let own = scores(&test, "tess");
    assert_eq!(own[0].review.score.points, 96);
    assert_eq!(own[0].review.errors[0].dictated.reveal(), "left knee");
    assert!(scores(&test, "toby").is_empty(), "nobody else's");
    let others = quality::scores(&test.site, &test.who("toby"), Some("tess"), &all_time());
    assert!(matches!(others, Err(WorkflowError::Forbidden { .. })));
    assert_eq!(scores(&test, "quinn").len(), 1, "reviewers see all");

    let review = own[0].review.id;
    let answer = |who: &str| {
        quality::answer(&test.site, &test.who(who), review, "He said right; listen at 0:01.")
    };
    assert!(answer("toby").is_err());
    answer("tess").expect("answered");
    assert!(answer("tess").is_err(), "once");
    let heard = scores(&test, "quinn")[0].review.answer.clone().expect("both opinions are kept");
    assert_eq!(heard.0.reveal(), "He said right; listen at 0:01.");
}

#[test]
fn the_same_error_costs_once_and_a_label_hides_what_a_score_quotes() {
    let test = TestSite::new();
    let id = submitted(&test, "One.", 1.0, true);
    let quinn = test.who("quinn");
    review::claim(&test.site, &quinn, id).expect("taken");
    let dictation = reading::open(&test.site, &quinn, id).expect("open").report.dictation;
    hear(&test, dictation.expect("dictated"), 0, 1_000);
    let again = NewError { repeated: true, ..error(ErrorCategory::Misspelling) };
    let errors = vec![error(ErrorCategory::Misspelling), again.clone(), again];
    let score = quality::score_report(&test.site, &quinn, id, errors, "").expect("scored");
    assert_eq!((score.points, score.passed), (99, true));
    labels::add(&test.site, &test.who("paul"), Labelled::Report(id), Label::Vip).expect("labelled");
    let own = scores(&test, "tess");
    assert!(own[0].sealed && own[0].review.errors[0].dictated.reveal().is_empty());
    assert_eq!(own[0].review.score.points, 99, "the number stays");
    let paul = test.who("paul");
    standing::set_clearance(&test.site, &paul, "tess", Label::Vip, true).expect("cleared");
    assert!(!scores(&test, "tess")[0].sealed);
    let nothing = ReviewId(uuid::Uuid::nil());
    assert!(quality::answer(&test.site, &test.who("tess"), nothing, "x").is_err());
}

#[test]
fn an_editor_is_new_until_enough_passes_in_a_row() {
    let test = TestSite::new();
    let quinn = test.who("quinn");
    sampling::set(&test.site, &quinn, RuleKind::NewEditor, "", Some(2)).expect("set");
    for n in 0..2 {
        let id = submitted(&test, "One.", 1.0 + n as f32, false);
        assert_eq!(stage(&test, id), Stage::InQa, "pass {n} is still missing");
        review::claim(&test.site, &quinn, id).expect("taken");
        let dictation = reading::open(&test.site, &quinn, id).expect("open").report.dictation;
        hear(&test, dictation.expect("dictated"), 0, 1_000 * (n + 1));
        quality::score_report(&test.site, &quinn, id, vec![], "").expect("scored");
        test.pass_ms(1000);
    }
    let known = submitted(&test, "Three.", 5.0, false);
    assert_eq!(stage(&test, known), Stage::WithAuthor);
}

#[test]
fn a_batch_signs_what_was_opened_in_the_session_and_nothing_else() {
    let test = TestSite::new();
    let ids: Vec<ReportId> =
        (0..3).map(|n| submitted(&test, "Signed text.", 1.0 + n as f32, false)).collect();
    let ada = test.who("ada");
    let digest = Digest::of(b"Signed text.");
    let seen = |report, digest| Seen { report, version: 1, digest };
    reading::open(&test.site, &ada, ids[0]).expect("opened");
    reading::open(&test.site, &ada, ids[2]).expect("opened");
    reading::open(&test.site, &test.who("ada"), ids[1]).expect("opened, but in another session");
    let batch = [seen(ids[0], digest), seen(ids[1], digest), seen(ids[2], Digest::of(b"Other."))];
    let wrong = SecretString::from("not the password");
    let refused = signing::sign_each(&test.site, &ada, &batch, &wrong);
    assert!(matches!(refused, Err(WorkflowError::SignInFailed)));
    assert_eq!(stage(&test, ids[0]), Stage::WithAuthor, "nothing is signed without the password");
    let results = signing::sign_each(&test.site, &ada, &batch, &password()).expect("tried");
    assert!(results[0].1.is_ok());
    assert!(matches!(results[1].1, Err(WorkflowError::Conflict { .. })), "not in this session");
    assert!(matches!(results[2].1, Err(WorkflowError::Stale { .. })), "another text");
    assert_eq!(stage(&test, ids[0]), Stage::Done);
    assert_eq!(
        (stage(&test, ids[1]), stage(&test, ids[2])),
        (Stage::WithAuthor, Stage::WithAuthor)
    );
    assert!(signing::sign_each(&test.site, &ada, &[], &password()).is_err());
}

#[test]
fn a_batch_gives_the_second_signature_where_one_is_awaited() {
    let test = TestSite::new();
    standing::set_cosigner(&test.site, &test.who("rosa"), "ada", Some("ben")).expect("set");
    let id = submitted(&test, "Twice.", 1.0, false);
    let seen = [Seen { report: id, version: 1, digest: Digest::of(b"Twice.") }];
    let (ada, ben) = (test.who("ada"), test.who("ben"));
    for who in [&ada, &ben] {
        reading::open(&test.site, who, id).expect("opened");
        let results = signing::sign_each(&test.site, who, &seen, &password()).expect("tried");
        assert!(results[0].1.is_ok(), "{:?}", results[0].1);
    }
    assert_eq!(stage(&test, id), Stage::Done);
}

#[test]
fn notices_count_what_waits_for_the_author() {
    let test = TestSite::new();
    submitted(&test, "One.", 1.0, false);
    let counted = |who: &str| notices::notices(&test.site, &test.who(who)).expect("counted");
    let numbers =
        |who: &str| counted(who).desks.iter().map(|(_, count)| *count).collect::<Vec<_>>();
    assert_eq!(numbers("ada"), [1, 0, 0, 0]);
    assert_eq!(numbers("ben"), [0, 0, 0, 0]);
    taken(&test, "Two.", 2.0);
    assert_eq!(numbers("tess"), [0, 0, 0, 1]);
    assert!(counted("admin").desks.is_empty(), "who has no worklist has no desk");
}

#[test]
fn lines_are_counted_per_person_without_template_text_and_each_report_once() {
    let test = TestSite::new();
    let note = Phi::text("confirm");
    let span = TextSpan { start: 7, end: 23 };
    let flag = QaFlag { kind: FlagKind::Template, note, audio: None, text: Some(span) };
    let received = test.receive(&test.who("ada"), reception(), &wav(30.0)).expect("received");
    test.transcribe("Chest: Lungs are clear. No fever.", vec![flag]);
    let (tess, quinn) = (test.who("tess"), test.who("quinn"));
    review::claim(&test.site, &tess, received.report).expect("taken");
    review::submit(&test.site, &tess, received.report, 1, false).expect("to QA, a flag is open");
    review::claim(&test.site, &quinn, received.report).expect("taken");
    review::return_report(&test.site, &quinn, received.report, "again").expect("returned");
    review::claim(&test.site, &tess, received.report).expect("taken");
    review::submit(&test.site, &tess, received.report, 1, false).expect("again");
    let work = lines::lines(&test.site, &test.who("admin"), &all_time()).expect("counted");
    assert_eq!(work.len(), 1);
    let one = &work[0];
    assert_eq!((one.reports, one.characters, one.visible, one.template), (1, 16, 14, 16));
    assert_eq!(one.audio_ms, 30_000);
    let before = Period { from: Timestamp(0), until: test.site.clock.now() };
    let none = lines::lines(&test.site, &tess, &before).expect("counted");
    assert!(none.is_empty(), "the end of a time is not in it");
    let toby = lines::lines(&test.site, &test.who("toby"), &all_time()).expect("counted");
    assert!(toby.is_empty(), "editors see their own");
    assert!(lines::lines(&test.site, &test.who("ada"), &all_time()).is_err());
}

#[test]
fn a_life_tells_everything_and_looks_only_to_those_who_read_the_audit() {
    let test = TestSite::new();
    let id = submitted(&test, "One.", 1.0, false);
    let ada = test.who("ada");
    reading::open(&test.site, &ada, id).expect("opened");
    let digest = Digest::of(b"One.");
    signing::sign(&test.site, &ada, id, 1, digest, &password()).expect("signed");
    let acts = |who: &str| {
        let life = life::life(&test.site, &test.who(who), id).expect("a life");
        life.events.iter().map(|event| event.act.code()).collect::<Vec<_>>()
    };
    let done = [
        "receive-dictation",
        "begin-transcription",
        "complete-transcription",
        "claim-report",
        "submit-report",
        "sign-report",
    ];
    let told = acts("ada");
    for act in done {
        assert!(told.contains(&act), "{act} in {told:?}");
    }
    assert!(!told.contains(&"view-report"), "looks are not for everybody");
    assert!(acts("paul").contains(&"view-report") && acts("alma").contains(&"view-report"));
    let tess = life::life(&test.site, &test.who("tess"), id);
    assert!(matches!(tess, Err(WorkflowError::Forbidden { .. })), "not hers to see any more");
    assert!(life::life(&test.site, &test.who("admin"), id).is_err());
    let life = life::life(&test.site, &test.who("paul"), id).expect("a life");
    assert!(life.events.iter().any(|event| event.by == "ada Testperson"));
    let at: Vec<Timestamp> = life.events.iter().map(|event| event.at).collect();
    assert!(at.is_sorted());
    let list = glass::waiting(&test.site, &test.who("paul")).expect("no glass");
    assert!(list.is_empty(), "a life breaks nothing open");
}

#[test]
fn quality_speaks_over_http() {
    let app = App::new();
    let id = submitted(&app.test, "One line.", 1.0, false);
    let ada = app.cookie("ada");
    let notices = app.get(&ada, "/api/notices").json();
    assert_eq!(notices["counts"]["to-sign"], json!(1));
    let open = app.get(&ada, &format!("/api/reports/{id}")).json();
    let body = json!({"password": PASSWORD, "reports": [
        {"report": id.to_string(), "version": 1, "digest": open["digest"]}]});
    let signed = app.post(&ada, "/api/signing", body).json();
    assert_eq!(signed["results"][0]["code"], "done", "{signed}");
    let span = "from=2000-01-01T00:00:00Z&until=2100-01-01T00:00:00Z";
    let tess = app.cookie("tess");
    let file = app.get(&tess, &format!("/api/lines/export?{span}"));
    assert_eq!(file.text().lines().nth(1), Some("\"tess Testperson\",1,0.14,9,8,0,0.02"));
    assert_eq!(app.get(&tess, &format!("/api/lines?{span}")).json()["people"][0]["reports"], 1);
    assert_eq!(app.get(&tess, &format!("/api/qa/scores?{span}")).json()["scores"], json!([]));
    let rule = json!({"kind": "site", "value": 10});
    assert_eq!(app.post(&tess, "/api/qa/sampling", rule.clone()).refusal().0, 403);
    let quinn = app.cookie("quinn");
    assert_eq!(app.post(&quinn, "/api/qa/sampling", rule).status, 204);
    assert_eq!(app.get(&quinn, "/api/qa/sampling").json()["rules"][0]["value"], 10);
    let page = app.get(&app.cookie("paul"), &format!("/reports/{id}/life"));
    assert!(page.text().contains("Signed") && page.text().contains("Viewed"), "{}", page.text());
    for (who, path) in [("ada", "/sign"), ("tess", "/quality"), ("admin", "/quality")] {
        assert_eq!(app.get(&app.cookie(who), path).status, 200, "{who} {path}");
    }
}
