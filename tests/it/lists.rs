//! The lists: what is on whose desk, what a search finds and what it keeps to itself, and work
//! that is handed out.

use crate::support::{PASSWORD, TestSite, reception, wav};
use crate::web_support::App;
use chartscribe::domain::digest::Digest;
use chartscribe::domain::flag::{FlagKind, QaFlag};
use chartscribe::domain::ids::ReportId;
use chartscribe::domain::label::Label;
use chartscribe::domain::person::{Role, Username};
use chartscribe::domain::phi::Phi;
use chartscribe::domain::report::Stage;
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::filter::{Desk, Filter, Flagged};
use chartscribe::workflow::labels::{self, Labelled};
use chartscribe::workflow::queue::{self, Bulk};
use chartscribe::workflow::receive::Reception;
use chartscribe::workflow::search::{Among, Search, search};
use chartscribe::workflow::worklist::worklist;
use chartscribe::workflow::{reading, review, signing, standing, views};
use secrecy::SecretString;
use serde_json::json;

fn found(test: &TestSite, who: &str, asked: &Search) -> Vec<ReportId> {
    let found = search(&test.site, &test.who(who), asked).expect("searched");
    found.items.iter().map(|item| item.row.report.id).collect()
}

fn listed(test: &TestSite, who: &str, filter: &Filter) -> Vec<ReportId> {
    let list = worklist(&test.site, &test.who(who), filter).expect("a list");
    list.items.iter().map(|item| item.row.report.id).collect()
}

fn count(test: &TestSite, who: &str, desk: Desk) -> usize {
    let list = worklist(&test.site, &test.who(who), &Filter::default()).expect("a list");
    list.counts.iter().find(|(known, _)| *known == desk).map_or(0, |(_, count)| *count)
}

/// A report of ada's, drafted, taken and handed on by tess.
fn with_author(test: &TestSite, text: &str) -> ReportId {
    let id = test.drafted(text);
    let tess = test.who("tess");
    review::claim(&test.site, &tess, id).expect("taken");
    review::submit(&test.site, &tess, id, 1, false).expect("submitted");
    id
}

fn signed(test: &TestSite, text: &str) -> ReportId {
    let id = with_author(test, text);
    let digest = Digest::of(text.as_bytes());
    let password = SecretString::from(PASSWORD);
    signing::sign(&test.site, &test.who("ada"), id, 1, digest, &password).expect("signed");
    id
}

/// A drafted report about MRN-2, by ben, of the work type.
fn of_ben(test: &TestSite, text: &str, seconds: f32) -> ReportId {
    let reception = Reception {
        author: Some("ben".into()),
        mrn: Some("MRN-2".into()),
        encounter: None,
        work_type: Some("OP".into()),
        ..reception()
    };
    let received = test.receive(&test.who("rosa"), reception, &wav(seconds)).expect("received");
    test.transcribe(text, vec![]);
    received.report
}

#[test]
fn a_search_finds_words_phrases_patients_authors_and_work_types() {
    let test = TestSite::new();
    let cough = test.drafted("Dry cough since Monday. No fever.");
    let knee = of_ben(&test, "Knee swollen, no cough.", 2.0);
    let text = |text: &str| Search::for_text(text);
    let with = |change: fn(&mut Search)| {
        let mut asked = Search::for_text("");
        change(&mut asked);
        asked
    };
    let both = |ids: Vec<ReportId>| ids.len() == 2 && ids.contains(&cough) && ids.contains(&knee);
    assert!(both(found(&test, "rosa", &text("cough"))));
    assert_eq!(found(&test, "rosa", &text("COUGH monday")), [cough]);
    assert_eq!(found(&test, "rosa", &text("\"no cough\"")), [knee]);
    assert_eq!(found(&test, "rosa", &text("\"cough no\"")), []);
    assert_eq!(found(&test, "rosa", &with(|s| s.patient = "testc, jon".into())), [knee]);
    assert_eq!(found(&test, "rosa", &with(|s| s.patient = "MRN-1".into())), [cough]);
    assert_eq!(found(&test, "rosa", &with(|s| s.patient = "Nobody".into())), []);
    assert_eq!(found(&test, "rosa", &with(|s| s.author = Some("ben".into()))), [knee]);
    assert!(both(found(&test, "rosa", &with(|_| {}))), "nothing asked is everything");
    for hostile in ["\"", "a OR b)", "NEAR(x", "body:cough", "' -- \u{0}", "*"] {
        found(&test, "rosa", &text(hostile));
    }
    let error = search(&test.site, &test.who("rosa"), &text(&"x".repeat(600)));
    assert!(matches!(error, Err(WorkflowError::Invalid { field: "text", .. })));
}

#[test]
fn a_search_follows_the_text_the_patient_and_the_end_of_the_work() {
    let test = TestSite::new();
    let id = test.drafted("Bronchitis.");
    let tess = test.who("tess");
    review::claim(&test.site, &tess, id).expect("taken");
    review::save(&test.site, &tess, id, 1, "Pneumonia.".into()).expect("saved");
    assert_eq!(found(&test, "tess", &Search::for_text("bronchitis")), []);
    assert_eq!(found(&test, "tess", &Search::for_text("pneumonia")), [id]);
    review::assign_patient(&test.site, &tess, id, "MRN-2", None).expect("assigned");
    let jon = |among| Search { patient: "MRN-2".into(), among, ..Search::for_text("pneumonia") };
    assert_eq!(found(&test, "tess", &jon(Among::Waiting)), [id]);
    review::submit(&test.site, &tess, id, 2, false).expect("submitted");
    let (ada, digest) = (test.who("ada"), Digest::of(b"Pneumonia."));
    signing::sign(&test.site, &ada, id, 2, digest, &SecretString::from(PASSWORD)).expect("signed");
    assert_eq!(found(&test, "ben", &jon(Among::Waiting)), []);
    assert_eq!(found(&test, "ben", &jon(Among::Done)), [id], "authors see what is filed");
    assert_eq!(found(&test, "tess", &jon(Among::All)), [], "editors do not");
}

#[test]
fn a_search_by_time_looks_at_when_reports_were_received() {
    let test = TestSite::new();
    let old = signed(&test, "Old note.");
    let between = test.site.clock.now().plus_ms(1000);
    test.pass_ms(60_000);
    let new = of_ben(&test, "New note.", 2.0);
    let before = Search { until: Some(between), ..Search::for_text("") };
    let after = Search { from: Some(between), ..Search::for_text("note") };
    assert_eq!(found(&test, "rosa", &before), [old]);
    assert_eq!(found(&test, "rosa", &after), [new]);
}

#[test]
fn a_search_tells_nothing_of_what_a_label_or_a_role_keeps_away() {
    let test = TestSite::new();
    let open = signed(&test, "Ordinary visit.");
    let waiting = of_ben(&test, "Secretword in the draft.", 2.0);
    let paul = test.who("paul");
    labels::add(&test.site, &paul, Labelled::Report(waiting), Label::Hiv).expect("labelled");
    labels::add(&test.site, &paul, Labelled::Report(open), Label::Psychiatric).expect("labelled");
    for who in ["tess", "rosa", "quinn"] {
        for asked in ["Secretword", "Ordinary", ""] {
            let answer = search(&test.site, &test.who(who), &Search::for_text(asked));
            let answer = answer.expect("searched");
            assert!(answer.items.is_empty() && !answer.more, "{who} {asked}");
        }
    }
    let row = test.audit().pop().expect("a row");
    assert_eq!((row.act.as_str(), row.subjects.as_str()), ("search-reports", ""));
    assert!(!row.detail.contains("Ordinary"), "the audit has no words of a search");
    let jon = Search { patient: "Testcase, Jon".into(), ..Search::for_text("") };
    assert_eq!(found(&test, "rosa", &jon), [], "not even by the patient");
    standing::set_clearance(&test.site, &paul, "rosa", Label::Hiv, true).expect("cleared");
    assert_eq!(found(&test, "rosa", &Search::for_text("secretword")), [waiting]);
    assert_eq!(count(&test, "tess", Desk::Pool), 0, "and no count has it");
    assert!(search(&test.site, &test.who("admin"), &Search::for_text("x")).is_err());
}

#[test]
fn every_role_has_its_desks() {
    let test = TestSite::new();
    let sign = with_author(&test, "To sign.");
    let answer = test.receive(&test.who("ada"), reception(), &wav(4.0)).expect("received").report;
    test.transcribe("To answer.", vec![]);
    let tess = test.who("tess");
    review::claim(&test.site, &tess, answer).expect("taken");
    review::submit(&test.site, &tess, answer, 1, false).expect("submitted");
    review::raise_flag(&test.site, &test.who("ada"), answer, FlagKind::Number, "hm", None)
        .expect("raised");
    let qa = of_ben(&test, "For QA.", 3.0);
    let pool = of_ben(&test, "Draft.", 5.0);
    review::claim(&test.site, &tess, qa).expect("taken");
    assert_eq!(count(&test, "tess", Desk::Mine), 1);
    review::submit(&test.site, &tess, qa, 1, true).expect("submitted");
    assert_eq!((count(&test, "tess", Desk::Pool), count(&test, "tess", Desk::Mine)), (1, 0));
    assert_eq!((count(&test, "ada", Desk::ToSign), count(&test, "ada", Desk::ToAnswer)), (1, 1));
    assert_eq!((count(&test, "quinn", Desk::Pool), count(&test, "ben", Desk::ToSign)), (1, 0));
    let on = |desk| Filter { desk: Some(desk), ..Filter::default() };
    assert_eq!(listed(&test, "ada", &on(Desk::ToSign)), [sign]);
    assert_eq!(listed(&test, "ada", &on(Desk::ToAnswer)), [answer]);
    assert_eq!(listed(&test, "tess", &on(Desk::Pool)), [pool]);
    test.pass_ms(10 * 24 * 3_600_000);
    assert_eq!(count(&test, "rosa", Desk::Late), 4);
}

#[test]
fn a_list_is_narrowed_by_author_work_type_and_flags() {
    let test = TestSite::new();
    let mine = test.drafted("One.");
    let his = of_ben(&test, "Two.", 2.0);
    let third = test.receive(&test.who("ada"), reception(), &wav(4.0)).expect("received").report;
    let note = Phi::text("a dose");
    let flag = QaFlag { kind: FlagKind::Number, note, audio: None, text: None };
    test.transcribe("Three.", vec![flag]);
    let all = Filter::default;
    let by = Filter { author: Username::parse("ben"), ..all() };
    assert_eq!(listed(&test, "tess", &by), [his]);
    let typed = Filter::parse([("work_type", "HP")]).expect("a filter");
    assert_eq!(listed(&test, "tess", &typed), [mine, third]);
    let flagged = Filter { flag: Some(Flagged::Any), ..all() };
    assert_eq!(listed(&test, "tess", &flagged), [third]);
    let other = Filter { flag: Some(Flagged::Kind(FlagKind::Inaudible)), ..all() };
    assert_eq!(listed(&test, "tess", &other), []);
    let nobody = Filter { author: Username::parse("nobody"), ..all() };
    assert!(worklist(&test.site, &test.who("tess"), &nobody).is_err());
}

#[test]
fn the_next_report_is_the_most_urgent_one_and_never_ones_own_to_review() {
    let test = TestSite::new();
    let first = test.drafted("One.");
    let stat = Reception { priority: Some("stat".into()), ..reception() };
    let urgent = test.receive(&test.who("ada"), stat, &wav(5.0)).expect("received").report;
    test.transcribe("Two.", vec![]);
    let next = |who: &str| queue::claim_next(&test.site, &test.who(who), &Filter::default());
    assert_eq!(next("tess").expect("asked"), Some(urgent));
    assert_eq!(next("toby").expect("asked"), Some(first));
    assert_eq!(next("toby").expect("asked"), None);
    test.add_person("both", &[Role::Transcriptionist, Role::Reviewer]);
    let third = of_ben(&test, "Three.", 2.0);
    let both = test.who("both");
    assert_eq!(next("both").expect("asked"), Some(third));
    review::save(&test.site, &both, third, 1, "Three!".into()).expect("saved");
    review::submit(&test.site, &both, third, 2, true).expect("to QA");
    assert_eq!(next("both").expect("asked"), None, "their own text");
    assert_eq!(next("quinn").expect("asked"), Some(third));
    assert!(matches!(next("ada"), Err(WorkflowError::Forbidden { .. })));
}

#[test]
fn work_is_handed_only_to_those_whose_it_can_be() {
    let test = TestSite::new();
    let id = test.drafted("One.");
    let give = |to: Option<&str>| queue::reassign(&test.site, &test.who("rosa"), id, to);
    let stage = || {
        let open = reading::open(&test.site, &test.who("rosa"), id).expect("open");
        (open.report.stage, open.assignee.map(|person| person.username.to_string()))
    };
    give(Some("tess")).expect("a draft to an editor");
    assert_eq!(stage(), (Stage::Editing, Some("tess".into())));
    give(Some("toby")).expect("from one to another");
    let save = review::save(&test.site, &test.who("tess"), id, 1, "Late.".into());
    assert!(save.is_err(), "it is not hers any more");
    for nobody in ["quinn", "ada", "rosa", "nobody"] {
        assert!(give(Some(nobody)).is_err(), "{nobody} edits nothing");
    }
    give(None).expect("back to the pool");
    assert_eq!(stage(), (Stage::Drafted, None));
    let paul = test.who("paul");
    labels::add(&test.site, &test.who("ada"), Labelled::Report(id), Label::Vip).expect("labelled");
    assert!(matches!(give(Some("tess")), Err(WorkflowError::Sealed)), "sealed from the giver");
    standing::set_clearance(&test.site, &paul, "rosa", Label::Vip, true).expect("cleared");
    assert!(matches!(give(Some("tess")), Err(WorkflowError::Conflict { .. })), "and the taker");
    standing::set_clearance(&test.site, &paul, "tess", Label::Vip, true).expect("cleared");
    give(Some("tess")).expect("cleared both");
}

#[test]
fn many_are_done_one_by_one_and_say_which_were_not() {
    let test = TestSite::new();
    let ids = test.backlog(3, "Draft.");
    review::claim(&test.site, &test.who("toby"), ids[1]).expect("taken");
    let tess = test.who("tess");
    let results = queue::each(&test.site, &tess, &Bulk::Claim, &ids).expect("tried");
    let done: Vec<bool> = results.iter().map(|(_, result)| result.is_ok()).collect();
    assert_eq!(done, [true, false, true]);
    let taken = test.acts().iter().filter(|act| *act == "claim-report done").count();
    assert_eq!(taken, 3, "each has its row");
    let given = queue::each(&test.site, &tess, &Bulk::Release, &[ids[0]]).expect("tried");
    assert!(given[0].1.is_ok());
    let far = vec![ids[0]; 101];
    assert!(queue::each(&test.site, &tess, &Bulk::Claim, &far).is_err());
}

#[test]
fn a_view_is_its_owners_and_kept_under_its_name() {
    let test = TestSite::new();
    let (tess, toby) = (test.who("tess"), test.who("toby"));
    let stat = Filter::parse([("priority", "stat"), ("desk", "pool")]).expect("a filter");
    views::save(&test.site, &tess, " Urgent ", &stat).expect("kept");
    views::save(&test.site, &tess, "Urgent", &Filter::default()).expect("replaced");
    views::save(&test.site, &tess, "All", &stat).expect("kept");
    let kept = views::list(&test.site, &tess).expect("listed");
    let names: Vec<&str> = kept.iter().map(|view| view.name.as_str()).collect();
    assert_eq!(names, ["All", "Urgent"]);
    assert_eq!((&kept[0].filter, &kept[1].filter), (&stat, &Filter::default()));
    assert_eq!(views::list(&test.site, &toby).expect("listed"), []);
    assert!(views::remove(&test.site, &toby, "All").is_err());
    views::remove(&test.site, &tess, "All").expect("removed");
    assert_eq!(views::list(&test.site, &tess).expect("listed").len(), 1);
    assert!(views::save(&test.site, &tess, "", &stat).is_err());
}

#[test]
fn the_lists_speak_over_http() {
    let app = App::new();
    let id = app.test.drafted("Dry cough.").to_string();
    let tess = app.cookie("tess");
    let answer = app.post(&tess, "/api/worklist/search", json!({"text": "cough"})).json();
    assert_eq!(answer["rows"][0]["report"], json!(id));
    assert_eq!(app.post(&tess, "/api/worklist/search", json!({"flag": "x"})).refusal().0, 422);
    let list = app.get(&tess, "/api/worklist?desk=pool&author=ada&work_type=HP").json();
    assert_eq!((&list["total"], &list["counts"]["pool"]), (&json!(1), &json!(1)));
    let view = json!({"name": "Ada", "filter": {"author": "ada", "mine": true}});
    assert_eq!(app.post(&tess, "/api/views", view.clone()).status, 204);
    assert_eq!(app.get(&tess, "/api/views").json()["views"], json!([view]));
    let next = app.post(&tess, "/api/worklist/next", json!({"author": "ada"})).json();
    assert_eq!(next["report"], json!(id));
    let body = json!({"act": "reassign", "reports": [id], "to": "toby"});
    let done = app.post(&app.cookie("rosa"), "/api/worklist/bulk", body.clone()).json();
    assert_eq!(done["results"][0]["code"], "done");
    let refused = app.post(&tess, "/api/worklist/bulk", body).json();
    assert_eq!(refused["results"][0]["code"], "forbidden");
    assert_eq!(app.get(&tess, "/api/worklist/colleagues").refusal().0, 403);
}
