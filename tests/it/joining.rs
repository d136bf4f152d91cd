//! Two recordings of one report: joined without loss, found again in both, and taken back.

use crate::support::{PASSWORD, TestSite, reception, wav};
use crate::web_support::App;
use chartscribe::domain::audit::Act;
use chartscribe::domain::dictation::Priority;
use chartscribe::domain::digest::Digest;
use chartscribe::domain::evidence;
use chartscribe::domain::flag::{FlagKind, FlagState, QaFlag};
use chartscribe::domain::ids::ReportId;
use chartscribe::domain::label::Label;
use chartscribe::domain::phi::Phi;
use chartscribe::domain::report::{Availability, Stage};
use chartscribe::domain::time::AudioSpan;
use chartscribe::domain::transcript::{Transcript, Word};
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::labels::{self, Labelled};
use chartscribe::workflow::quality::Period;
use chartscribe::workflow::reading::{self, OpenReport};
use chartscribe::workflow::receive::Reception;
use chartscribe::workflow::search::{Search, search};
use chartscribe::workflow::{
    copies, drafting, evidence as links, joining, lines, moving, review, signing, transcription,
};
use secrecy::SecretString;
use serde_json::json;
use std::io::Read;

/// A report of so many seconds in tess's hands, each word half a second, drafted as it is heard.
fn dictated(test: &TestSite, seconds: f32, words: &str, about: Reception) -> ReportId {
    let received = test.receive(&test.who("ada"), about, &wav(seconds)).expect("received");
    let assignment = transcription::claim(&test.site, "test worker", 60_000).expect("the queue");
    let assignment = assignment.expect("a job is due");
    let heard = (0..).zip(words.split(' ')).map(|(n, text)| Word {
        text: text.into(),
        start_ms: n * 500,
        end_ms: n * 500 + 400,
        confidence: 0.9,
    });
    let audio_ms = assignment.dictation.audio.duration_ms;
    let mut transcript = Transcript::nothing(audio_ms);
    transcript.words = heard.collect();
    transcript.model = "test".into();
    let (draft, _) =
        drafting::draft(&test.site, &assignment.dictation, &transcript).expect("a draft");
    let span = AudioSpan { start_ms: 500, end_ms: 900 };
    let found = QaFlag {
        kind: FlagKind::Number,
        note: Phi::text("Which one?"),
        audio: Some(span),
        text: None,
    };
    let job = &assignment.job;
    transcription::complete(&test.site, job, "test worker", &transcript, draft, vec![found])
        .expect("completed");
    review::claim(&test.site, &test.who("tess"), received.report).expect("taken");
    received.report
}

fn open(test: &TestSite, who: &str, id: ReportId) -> OpenReport {
    reading::open(&test.site, &test.who(who), id).expect("open")
}

fn two(test: &TestSite) -> (ReportId, ReportId) {
    let first = dictated(test, 4.0, "The chest is clear.", reception());
    let second = dictated(test, 3.0, "The heart is regular.", reception());
    (first, second)
}

/// The words of the report that are where they were said, as (word, ms in the recording).
fn timed(test: &TestSite, id: ReportId) -> Vec<(String, u32)> {
    let linked = links::of_report(&test.site, &test.who("tess"), id).expect("linked");
    let text = open(test, "tess", id).text.into_revealed();
    let pieces = linked.pieces.expect("a link was kept");
    assert!(evidence::holds(&pieces, &text, linked.draft.reveal()));
    let text: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    for one in &linked.evidence.timed {
        let inside = |piece: &&evidence::Piece| {
            (piece.draft..piece.draft + piece.length).contains(&one.text.start)
        };
        if let Some(piece) = pieces.iter().find(inside) {
            let at = (one.text.start - piece.draft + piece.text) as usize;
            let length = (one.text.end - one.text.start) as usize;
            found.push((text[at..at + length].iter().collect(), one.audio.start_ms));
        }
    }
    found
}

#[test]
fn joined_reports_are_one_text_one_recording_and_every_word_is_found_in_it() {
    let test = TestSite::new();
    let (first, second) = two(&test);
    let tess = test.who("tess");
    review::save(&test.site, &tess, second, 1, "The heart is very regular.".into()).expect("saved");
    review::save_linked(
        &test.site,
        &tess,
        second,
        2,
        "The heart is quite regular.".into(),
        Some(&[
            evidence::Piece { text: 0, draft: 0, length: 13 },
            evidence::Piece { text: 19, draft: 13, length: 8 },
        ]),
        &[],
    )
    .expect("saved with its link");
    let before = open(&test, "tess", first);
    assert!(before.may.contains(&Act::JoinReports) && !before.may.contains(&Act::UndoJoin));
    let version = joining::join(&test.site, &tess, (first, 1), (second, 3)).expect("joined");
    assert_eq!(version, 2);
    let joint = open(&test, "tess", first);
    assert_eq!(joint.text.reveal(), "The chest is clear.\n\nThe heart is quite regular.");
    assert_eq!(joint.dictation.as_ref().expect("heard").audio.duration_ms, 7000);
    let words = timed(&test, first);
    let said = |word: &str| -> Vec<u32> {
        words.iter().filter(|(found, _)| found == word).map(|(_, ms)| *ms).collect()
    };
    assert_eq!(said("chest"), [500]);
    assert_eq!(said("heart"), [4500], "after the four seconds of the first");
    let regular = words.iter().find(|(word, _)| word.starts_with("regular")).expect("linked");
    assert_eq!(regular.1, 5500);
    let flags: Vec<u32> =
        joint.flags.iter().filter_map(|f| f.flag.audio).map(|span| span.start_ms).collect();
    assert_eq!(flags, [500, 4500], "flags stand where they were heard");
    test.site.store.check().expect("a whole database");
    let acts = test.audit();
    let row = acts.iter().find(|row| row.act == "join-reports").expect("a row");
    assert!(row.subjects.contains(&first.to_string()), "{}", row.subjects);
    assert!(row.subjects.contains(&second.to_string()), "{}", row.subjects);
}

#[test]
fn the_joint_recording_is_both_and_each_is_kept() {
    let test = TestSite::new();
    let (first, second) = two(&test);
    let tess = test.who("tess");
    let parts = [first, second].map(|id| open(&test, "tess", id).dictation.expect("dictated"));
    joining::join(&test.site, &tess, (first, 1), (second, 1)).expect("joined");
    let joint = open(&test, "tess", first).dictation.expect("heard");
    let bytes = |id| {
        let (_, mut reader) = transcription::audio(&test.site, &tess, id).expect("listened");
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).expect("whole");
        bytes
    };
    let [one, two] = [wav(4.0), wav(3.0)];
    assert_eq!(bytes(joint.id)[44..], [&one[44..], &two[44..]].concat());
    assert_eq!(bytes(parts[0].id), one, "the first is still the report's");
    let rosa = test.who("rosa");
    let second_now = reading::open(&test.site, &rosa, second).expect("still there");
    assert_eq!(second_now.dictation.expect("its own").id, parts[1].id);
    let again = test.receive(&test.who("ada"), reception(), &one).expect("received");
    assert_eq!((again.repeated, again.report), (true, first), "sent again, it is known");
    let heard = transcription::transcript(&test.site, &tess, joint.id).expect("heard");
    assert!(heard.is_well_timed());
    assert_eq!(heard.text(), "The chest is clear. The heart is regular.");
}

#[test]
fn the_appended_report_is_withdrawn_and_counts_nowhere_again() {
    let test = TestSite::new();
    let stat = Reception { priority: Some("stat".into()), ..reception() };
    let first = dictated(&test, 4.0, "The chest is clear.", reception());
    let second = dictated(&test, 3.0, "The heart is regular.", stat);
    let tess = test.who("tess");
    labels::add(&test.site, &tess, Labelled::Report(second), Label::Minor).expect("labelled");
    let copy = [("Dr. Smith".into(), String::new())];
    copies::set(&test.site, &tess, second, &copy).expect("named");
    let due = open(&test, "tess", second).report.due_at;
    joining::join(&test.site, &tess, (first, 1), (second, 1)).expect("joined");
    let joint = open(&test, "tess", first).report;
    assert_eq!((joint.priority, joint.due_at), (Priority::Stat, due), "as soon as the sooner");
    assert!(joint.labels.iter().any(|label| label == Label::Minor), "no label is lost");
    assert_eq!(copies::of_report(&test.site, &tess, first).expect("listed").len(), 1);
    let gone = open(&test, "ada", second);
    assert_eq!(gone.report.availability, Availability::Cancelled);
    assert_eq!((gone.report.stage, gone.joined_into), (Stage::Done, Some(first)));
    assert_eq!(gone.text.reveal(), "The heart is regular.", "and keeps its text");
    let rosa = test.who("rosa");
    assert!(moving::move_report(&test.site, &rosa, second, &moving::Move::default()).is_err());
    assert!(review::assign_patient(&test.site, &rosa, second, "MRN-2", None).is_err());
    for who in ["ada", "rosa", "tess"] {
        let found =
            search(&test.site, &test.who(who), &Search::for_text("regular")).expect("found");
        let ids: Vec<_> = found.items.iter().map(|item| item.row.report.id).collect();
        assert_eq!(ids, [first], "{who} finds the words once");
    }
    for flag in open(&test, "tess", first).flags {
        review::settle_flag(&test.site, &tess, first, flag.id, FlagState::Resolved, "heard")
            .expect("settled");
    }
    review::submit(&test.site, &tess, first, 2, false).expect("submitted");
    let all = Period {
        from: chartscribe::domain::time::Timestamp(0),
        until: chartscribe::domain::time::Timestamp(i64::MAX),
    };
    let work = lines::lines(&test.site, &tess, &all).expect("counted");
    assert_eq!((work[0].reports, work[0].audio_ms), (1, 7000), "one report, both minutes");
    let ada = test.who("ada");
    let text = open(&test, "ada", first).text.into_revealed();
    let password = SecretString::from(PASSWORD);
    signing::sign(&test.site, &ada, first, 2, Digest::of(text.as_bytes()), &password)
        .expect("signed");
}

#[test]
fn a_join_is_taken_back_until_more_was_saved() {
    let test = TestSite::new();
    let (first, second) = two(&test);
    let tess = test.who("tess");
    let own = open(&test, "tess", first).report.dictation;
    joining::join(&test.site, &tess, (first, 1), (second, 1)).expect("joined");
    assert!(open(&test, "tess", first).may.contains(&Act::UndoJoin));
    joining::undo(&test.site, &tess, first, second).expect("undone");
    let (one, other) = (open(&test, "tess", first), open(&test, "tess", second));
    assert_eq!(one.text.reveal(), "The chest is clear.");
    assert_eq!((one.report.version, one.report.dictation), (3, own), "a version more, none less");
    assert_eq!(one.flags.iter().filter(|flag| flag.is_open()).count(), 1);
    assert_eq!((other.report.stage, other.report.version), (Stage::Editing, 1));
    assert!(other.flags.iter().all(|flag| flag.is_open()) && other.joined_into.is_none());
    assert!(timed(&test, first).iter().any(|(word, ms)| word == "chest" && *ms == 500));
    assert!(timed(&test, second).iter().any(|(word, ms)| word == "heart" && *ms == 500));
    assert!(joining::undo(&test.site, &tess, first, second).is_err(), "once");

    joining::join(&test.site, &tess, (first, 3), (second, 1)).expect("joined again");
    let third = dictated(&test, 2.0, "Well perfused.", reception());
    joining::join(&test.site, &tess, (first, 4), (third, 1)).expect("and a third");
    assert!(joining::undo(&test.site, &tess, first, second).is_err(), "only the newest");
    let words = timed(&test, first);
    let perfused = words.iter().find(|(word, _)| word.starts_with("perfused")).expect("linked");
    assert_eq!(perfused.1, 7500);
    review::save(&test.site, &tess, first, 5, "Changed.".into()).expect("saved");
    let late = joining::undo(&test.site, &tess, first, third);
    assert!(matches!(late, Err(WorkflowError::Conflict { .. })), "{late:?}");
}

#[test]
fn what_does_not_belong_together_is_not_joined() {
    let test = TestSite::new();
    let first = dictated(&test, 4.0, "The chest is clear.", reception());
    let tess = test.who("tess");
    let join = |other| joining::join(&test.site, &tess, (first, 1), (other, 1));
    assert!(join(first).is_err(), "not to itself");
    let another = Reception { mrn: Some("MRN-2".into()), encounter: None, ..reception() };
    let another = dictated(&test, 3.0, "The heart is regular.", another);
    assert!(matches!(join(another), Err(WorkflowError::Conflict { .. })), "another patient");
    let author = Reception { author: Some("ben".into()), ..reception() };
    let author = dictated(&test, 2.5, "The heart is regular.", author);
    assert!(matches!(join(author), Err(WorkflowError::Conflict { .. })), "another author");
    let released = dictated(&test, 2.0, "The heart is regular.", reception());
    review::release(&test.site, &tess, released).expect("given back");
    assert!(join(released).is_err(), "not in one's hands");
    let offered = joining::candidates(&test.site, &tess, first).expect("listed");
    let offered: Vec<_> = offered.iter().map(|one| (one.item.row.report.id, one.in_pool)).collect();
    assert_eq!(offered, [(released, true)]);
    let stale = joining::join(&test.site, &tess, (first, 1), (released, 7));
    assert!(stale.is_err());
    let ada = joining::join(&test.site, &test.who("ada"), (first, 1), (released, 1));
    assert!(matches!(ada, Err(WorkflowError::Forbidden { .. })), "{ada:?}");
    let long = dictated(&test, 57.0, "The heart is regular.", reception());
    let long = join(long);
    assert!(matches!(long, Err(WorkflowError::Conflict { .. })), "longer than one may be");
}

#[test]
fn a_split_is_undone_by_joining_and_the_recording_stays_one() {
    let test = TestSite::new();
    let first = dictated(&test, 4.0, "The chest is clear. new paragraph The heart.", reception());
    let tess = test.who("tess");
    let whole = open(&test, "tess", first);
    let at = whole.text.reveal().find("\n\n").expect("two paragraphs");
    let part = moving::split(&test.site, &tess, first, 1, at).expect("split");
    joining::join(&test.site, &tess, (first, 2), (part, 1)).expect("joined");
    let joint = open(&test, "tess", first);
    assert_eq!(joint.text, whole.text);
    assert_eq!(joint.report.dictation, whole.report.dictation, "not the same sound twice");
    let doubts = joint.flags.iter().filter(|f| f.flag.kind == FlagKind::Demographic).count();
    assert_eq!(doubts, 0, "the first says whom it is about");
    let linked = links::of_report(&test.site, &tess, first).expect("linked");
    assert_eq!(linked.draft, whole.text, "and is compared with the one draft");
    let typed = moving::begin_report(&test.site, &tess, &reception()).expect("typed");
    review::save(&test.site, &tess, typed, 1, "Typed.".into()).expect("saved");
    joining::join(&test.site, &tess, (typed, 2), (first, 3)).expect("a typed one takes it along");
    let linked = links::of_report(&test.site, &tess, typed).expect("it is heard with a recording");
    assert!(linked.draft.reveal().contains("chest") && !linked.evidence.timed.is_empty());
    assert_eq!(open(&test, "tess", typed).dictation.expect("heard").audio.duration_ms, 4000);
}

#[test]
fn joins_speak_over_http() {
    let app = App::new();
    let (first, second) = two(&app.test);
    let tess = app.cookie("tess");
    let path = format!("/api/reports/{first}");
    let offered = app.get(&tess, &format!("{path}/joinable")).json();
    assert_eq!(offered["reports"][0]["report"], json!(second.to_string()));
    assert_eq!(offered["reports"][0]["opening"], "The heart is regular.");
    let body = json!({"version": 1, "report": second.to_string(), "report_version": 1});
    let joined = app.post(&tess, &format!("{path}/join"), body);
    assert_eq!((joined.status.as_u16(), &joined.json()["version"]), (201, &json!(2)));
    let seen = app.get(&tess, &path).json();
    assert_eq!(seen["joined"][0]["offset_ms"], 4000);
    let undone = app.post(&tess, &format!("{path}/joined/{second}/undo"), json!({}));
    assert_eq!(undone.status, 204, "{}", undone.text());
    assert_eq!(app.get(&tess, &path).json()["joined"], json!([]));
}
