//! Blanks that their author or QA answers by speaking: recorded, heard, offered, and kept.

use crate::support::{TestSite, reception, wav};
use crate::web_support::App;
use chartscribe::domain::flag::FlagKind;
use chartscribe::domain::ids::{FlagId, ReportId, TakeId};
use chartscribe::domain::take::{ANSWER_MS_MAX, Answering};
use chartscribe::domain::time::Timestamp;
use chartscribe::jobs::left_alone;
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::takes::{self, Opening};
use chartscribe::workflow::{answering, drafting, reading, review, standing, transcription};
use serde_json::json;
use std::io::Read;

/// A report with a blank that waits for ada's answer.
fn asked(test: &TestSite) -> (ReportId, FlagId) {
    let id = test.drafted("Start ____ daily.");
    let tess = test.who("tess");
    review::claim(&test.site, &tess, id).expect("taken");
    let flag = review::raise_flag(&test.site, &tess, id, FlagKind::AuthorBlank, "Which?", None);
    review::submit(&test.site, &tess, id, 1, false).expect("to QA, for the blank");
    let quinn = test.who("quinn");
    review::claim(&test.site, &quinn, id).expect("taken");
    review::pass_qa(&test.site, &quinn, id, 1).expect("passed on, open");
    (id, flag.expect("raised"))
}

fn spoken(test: &TestSite, who: &str, about: Answering, key: &str) -> TakeId {
    spoken_for(test, who, about, key, 1.0)
}

/// Recordings of another length are other recordings.
fn spoken_for(test: &TestSite, who: &str, about: Answering, key: &str, seconds: f32) -> TakeId {
    let opening = Opening { answers: Some(about), key: key.into(), ..Opening::default() };
    let who = test.who(who);
    let take = takes::open(&test.site, &who, opening).expect("begun").id;
    let samples = wav(seconds).split_off(44);
    takes::append(&test.site, &who, take, 0, &[samples]).expect("kept");
    take
}

/// The machine hears the next recording in the queue as these words.
fn hear(test: &TestSite, words: &str) {
    use chartscribe::domain::transcript::{Transcript, Word};
    let assignment = transcription::claim(&test.site, "test worker", 60_000).expect("the queue");
    let assignment = assignment.expect("a job is due");
    let audio_ms = assignment.dictation.audio.duration_ms;
    let mut transcript = Transcript::nothing(audio_ms);
    transcript.words = (0..)
        .zip(words.split(' '))
        .map(|(n, text)| Word {
            text: text.into(),
            start_ms: n * 100,
            end_ms: n * 100 + 90,
            confidence: 0.9,
        })
        .collect();
    let (draft, flags) =
        drafting::draft(&test.site, &assignment.dictation, &transcript).expect("a draft");
    let job = &assignment.job;
    transcription::complete(&test.site, job, "test worker", &transcript, draft, flags)
        .expect("completed");
}

#[test]
fn an_answer_is_heard_and_offered_and_changes_nothing_by_itself() {
    let test = TestSite::new();
    let (id, flag) = asked(&test);
    let ada = test.who("ada");
    let before = reading::open(&test.site, &ada, id).expect("open");
    let take = spoken(&test, "ada", Answering { report: id, flag: Some(flag) }, "k");
    let received = takes::finish(&test.site, &ada, take, 1).expect("finished");
    assert_eq!(received.report, id, "no report of its own");
    let again = takes::finish(&test.site, &ada, take, 1).expect("once");
    assert!(again.repeated && again.dictation == received.dictation);
    assert!(takes::mine(&test.site, &ada).expect("listed").is_empty());
    hear(&test, "lisinopril twenty milligrams.");
    let answers = answering::of_report(&test.site, &ada, id).expect("listed");
    let answer = &answers[0].answer;
    assert_eq!(answer.heard.as_ref().expect("heard").reveal(), "Lisinopril 20 mg");
    assert_eq!((answer.flag, answers.len()), (Some(flag), 1));
    let after = reading::open(&test.site, &ada, id).expect("open");
    assert_eq!((after.text, after.report.version), (before.text, before.report.version));
    assert_eq!(after.flags, before.flags, "the author takes it or leaves it");
    let mut bytes = Vec::new();
    let audio = transcription::audio(&test.site, &ada, received.dictation).expect("listened");
    let (_, mut reader) = audio;
    reader.read_to_end(&mut bytes).expect("whole");
    assert_eq!(bytes.len(), wav(1.0).len(), "its recording stays with the report");

    let words = "Start lisinopril 20 mg daily.";
    review::save(&test.site, &ada, id, 1, words.into()).expect("saved");
    let take = Some(("lisinopril 20 mg", 2));
    answering::settle(&test.site, &ada, id, received.dictation, take).expect("taken");
    let twice = answering::settle(&test.site, &ada, id, received.dictation, None);
    assert!(matches!(twice, Err(WorkflowError::Conflict { .. })));
    let rows: Vec<String> = test.acts();
    assert!(rows.contains(&"answer-blank done".to_owned()), "{rows:?}");
}

#[test]
fn only_the_author_or_who_stands_in_answers_and_only_while_it_is_asked() {
    let test = TestSite::new();
    let (id, flag) = asked(&test);
    let open = |who: &str, about: Answering| {
        let opening = Opening { answers: Some(about), key: "k".into(), ..Opening::default() };
        takes::open(&test.site, &test.who(who), opening)
    };
    let about = Answering { report: id, flag: Some(flag) };
    for stranger in ["ben", "tess", "quinn", "rosa", "paul", "admin"] {
        let refused = open(stranger, about);
        assert!(matches!(refused, Err(WorkflowError::Forbidden { .. })), "{stranger}: {refused:?}");
        let listed = answering::of_report(&test.site, &test.who(stranger), id);
        assert!(listed.is_err() || stranger == "rosa", "{stranger}");
    }
    let missing = open("ada", Answering { report: id, flag: Some(FlagId(uuid::Uuid::nil())) });
    assert!(matches!(missing, Err(WorkflowError::NotFound { .. })), "{missing:?}");
    let drafted = test.receive(&test.who("ada"), reception(), &wav(2.0)).expect("received").report;
    test.transcribe("One.", vec![]);
    let early = open("ada", Answering { report: drafted, flag: None });
    assert!(matches!(early, Err(WorkflowError::Conflict { .. })), "{early:?}");
    let until = Timestamp(test.site.clock.now().0 + 3_600_000);
    let now = test.site.clock.now();
    standing::name_delegate(&test.site, &test.who("ada"), "ada", "ben", now, until).expect("named");
    let take = open("ben", about).expect("who stands in");
    assert_eq!(take.author, test.who("ada").person_id().expect("a person"));
}

#[test]
fn qa_answers_what_it_holds_and_dictates_nothing_else() {
    let test = TestSite::new();
    let id = test.drafted("Start ____ daily.");
    let tess = test.who("tess");
    review::claim(&test.site, &tess, id).expect("taken");
    let flag = review::raise_flag(&test.site, &tess, id, FlagKind::Inaudible, "Which?", None);
    let about = Answering { report: id, flag: Some(flag.expect("raised")) };
    review::submit(&test.site, &tess, id, 1, false).expect("to QA, for the blank");
    let quinn = test.who("quinn");
    let open = |opening| takes::open(&test.site, &quinn, opening);
    let early = open(Opening { answers: Some(about), key: "k".into(), ..Opening::default() });
    assert!(matches!(early, Err(WorkflowError::Conflict { .. })), "not in hand: {early:?}");
    review::claim(&test.site, &quinn, id).expect("taken");
    let take = spoken(&test, "quinn", about, "k");
    let received = takes::finish(&test.site, &quinn, take, 1).expect("finished");
    hear(&test, "lisinopril twenty milligrams.");
    let answers = answering::of_report(&test.site, &quinn, id).expect("listed");
    assert_eq!(answers[0].answer.by, quinn.person_id().expect("a person"));
    assert_eq!(answers[0].answer.heard.as_ref().expect("heard").reveal(), "Lisinopril 20 mg");
    review::save(&test.site, &quinn, id, 1, "Start lisinopril 20 mg daily.".into()).expect("saved");
    let taken = Some(("lisinopril 20 mg", 2));
    answering::settle(&test.site, &quinn, id, received.dictation, taken).expect("taken");

    let thrown = spoken(&test, "quinn", about, "l");
    takes::discard(&test.site, &quinn, thrown).expect("their own");
    spoken_for(&test, "quinn", about, "m", 1.5);
    test.pass_ms(2 * 3_600_000);
    left_alone::tick(&test.site).expect("looked");
    let answers = answering::of_report(&test.site, &quinn, id).expect("listed");
    assert!(answers.iter().all(|one| one.answer.by == quinn.person_id().expect("a person")));
    assert_eq!(answers.len(), 2);

    let author = Some("ada".to_owned());
    let other = open(Opening { author, key: "n".into(), ..Opening::default() });
    assert!(matches!(other, Err(WorkflowError::Forbidden { .. })), "{other:?}");
    let upload = test.receive(&quinn, reception(), &wav(1.0));
    assert!(matches!(upload, Err(WorkflowError::Forbidden { .. })));
}

#[test]
fn an_answer_has_an_end_and_one_that_is_left_alone_is_kept() {
    let test = TestSite::new();
    let (id, flag) = asked(&test);
    let ada = test.who("ada");
    let take = spoken(&test, "ada", Answering { report: id, flag: Some(flag) }, "k");
    let block = vec![1_u8; 64_000];
    let most = u64::from(ANSWER_MS_MAX.min(60_000)) / 2_000;
    let mut refused = None;
    for number in 1..=most {
        refused = takes::append(&test.site, &ada, take, number, &[&block]).err();
    }
    assert!(matches!(refused, Some(WorkflowError::TooLarge { .. })), "{refused:?}");
    test.pass_ms(2 * 3_600_000);
    left_alone::tick(&test.site).expect("looked");
    let answers = answering::of_report(&test.site, &ada, id).expect("listed");
    assert_eq!(answers.len(), 1, "what was said is not lost");
    assert_eq!(answers[0].answer.by, ada.person_id().expect("a person"));
    assert!(reading::open(&test.site, &ada, id).expect("open").flags[0].is_open());
}

#[test]
fn answers_speak_over_http() {
    let app = App::new();
    let (id, flag) = asked(&app.test);
    let ada = app.cookie("ada");
    let take = spoken(&app.test, "ada", Answering { report: id, flag: Some(flag) }, "k");
    let finished = app.post(&ada, &format!("/api/recordings/{take}/finish"), json!({"blocks": 1}));
    assert_eq!(finished.status, 201, "{}", finished.text());
    let dictation = finished.json()["dictation"].as_str().expect("an id").to_owned();
    let path = format!("/api/reports/{id}/answers");
    let listed = app.get(&ada, &path).json();
    assert_eq!(listed["answers"][0]["heard"], json!(null));
    assert_eq!(listed["answers"][0]["failed"], json!(false));
    hear(&app.test, "lisinopril.");
    let listed = app.get(&ada, &path).json();
    assert_eq!(listed["answers"][0]["heard"], "Lisinopril");
    assert_eq!(listed["answers"][0]["flag"], json!(flag.to_string()));
    let half = app.post(&ada, &format!("{path}/{dictation}"), json!({"words": "x"}));
    assert_eq!(half.status, 422, "{}", half.text());
    let left = app.post(&ada, &format!("{path}/{dictation}"), json!({}));
    assert_eq!(left.status, 204, "{}", left.text());
    assert_eq!(app.get(&ada, &path).json()["answers"][0]["state"], "left");
}
