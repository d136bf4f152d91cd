//! Acts on a real store: receiving, review, signing, and who may do what.

use crate::support::{PASSWORD, TestSite, reception, wav};
use chartscribe::domain::audit::Act;
use chartscribe::domain::dictation::Priority;
use chartscribe::domain::digest::Digest;
use chartscribe::domain::flag::{FlagKind, FlagState, QaFlag};
use chartscribe::domain::ids::ReportId;
use chartscribe::domain::label::{Label, Labels};
use chartscribe::domain::person::Role;
use chartscribe::domain::phi::Phi;
use chartscribe::domain::report::{Completion, Stage};
use chartscribe::store::error::StoreError;
use chartscribe::store::{audit, reports};
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::filter::Filter;
use chartscribe::workflow::receive::Reception;
use chartscribe::workflow::worklist::{WORKLIST_MAX, worklist};
use chartscribe::workflow::{chart, reading, review, signing, transcription};
use secrecy::SecretString;

fn password() -> SecretString {
    SecretString::from(PASSWORD)
}

fn state(test: &TestSite, id: ReportId) -> (Completion, Stage) {
    let open = reading::open(&test.site, &test.who("rosa"), id).expect("records see all");
    (open.report.completion, open.report.stage)
}

/// The report's newest version and digest as its author sees them.
fn seen(test: &TestSite, id: ReportId) -> (u32, Digest) {
    let open = reading::open(&test.site, &test.who("ada"), id).expect("the author sees it");
    (open.report.version, open.digest)
}

/// A drafted report taken by tess and handed on without a change.
fn submitted(test: &TestSite, text: &str) -> ReportId {
    let id = test.drafted(text);
    let tess = test.who("tess");
    review::claim(&test.site, &tess, id).expect("taken");
    review::submit(&test.site, &tess, id, 1, false).expect("submitted");
    id
}

fn signed(test: &TestSite, text: &str) -> ReportId {
    let id = submitted(test, text);
    let (version, digest) = seen(test, id);
    signing::sign(&test.site, &test.who("ada"), id, version, digest, &password()).expect("signed");
    id
}

#[test]
fn a_dictation_goes_the_whole_road_to_the_chart() {
    let test = TestSite::new();
    let id = test.drafted("No fever.");
    assert_eq!(state(&test, id), (Completion::InProgress, Stage::Drafted));
    let tess = test.who("tess");
    review::claim(&test.site, &tess, id).expect("taken");
    let version = review::save(&test.site, &tess, id, 1, "No fever today.".into()).expect("saved");
    assert_eq!(version, 2);
    review::submit(&test.site, &tess, id, 2, false).expect("submitted");
    assert_eq!(state(&test, id), (Completion::AwaitingSignature, Stage::WithAuthor));
    let (version, digest) = seen(&test, id);
    let ada = test.who("ada");
    signing::sign(&test.site, &ada, id, version, digest, &password()).expect("signed");
    assert_eq!(state(&test, id), (Completion::LegallyAuthenticated, Stage::Done));

    let open = reading::open(&test.site, &ada, id).expect("still readable");
    let patient = open.patient.expect("a known patient");
    let filed = chart::chart(&test.site, &ada, patient.id).expect("the chart");
    assert_eq!(filed.documents.len(), 1);
    assert_eq!(filed.documents[0].report, id);
    assert_eq!(open.text.reveal(), "No fever today.");
    assert_eq!(open.signatures[0].digest, Digest::of(b"No fever today."));
    assert_eq!(open.signatures[0].printed_name, "ada Testperson, MD");
    let acts = test.acts();
    for act in ["receive-dictation", "complete-transcription", "save-version", "sign-report"] {
        assert!(acts.contains(&format!("{act} done")), "{act} is audited");
    }
    let key = test.site.store.audit_key();
    assert_eq!(test.site.store.read(|tx| audit::verify(tx, key)).expect("readable"), None);
}

#[test]
fn an_upload_repeated_under_its_key_is_one_dictation() {
    let test = TestSite::new();
    let ada = test.who("ada");
    let keyed = |key: &str| Reception { idempotency_key: Some(key.into()), ..reception() };
    let first = test.receive(&ada, keyed("k1"), &wav(1.0)).expect("received");
    let again = test.receive(&ada, keyed("k1"), &wav(1.0)).expect("received");
    assert!(!first.repeated && again.repeated);
    assert_eq!(first.dictation, again.dictation);
    let other = test.receive(&ada, keyed("k1"), &wav(2.0));
    assert!(matches!(other, Err(WorkflowError::Conflict { .. })), "another recording, same key");
}

#[test]
fn the_same_recording_without_a_key_is_the_same_dictation_for_thirty_days() {
    let test = TestSite::new();
    let ada = test.who("ada");
    let first = test.receive(&ada, reception(), &wav(1.0)).expect("received");
    let again = test.receive(&ada, reception(), &wav(1.0)).expect("received");
    assert_eq!((again.dictation, again.repeated), (first.dictation, true));
    let other = Reception { mrn: Some("MRN-2".into()), encounter: None, ..reception() };
    let refused = test.receive(&ada, other.clone(), &wav(1.0));
    assert!(
        matches!(refused, Err(WorkflowError::Conflict { .. })),
        "another patient is not silent"
    );
    test.pass_ms(31 * 24 * 3_600_000);
    let later = test.receive(&ada, other, &wav(1.0)).expect("received");
    assert!(!later.repeated);
}

#[test]
fn what_is_refused_leaves_no_row_and_no_file() {
    let test = TestSite::new();
    let ada = test.who("ada");
    let refused: [(&str, Reception, Vec<u8>); 8] = [
        ("unknown author", Reception { author: Some("zoe".into()), ..reception() }, wav(1.0)),
        ("no author", Reception { author: Some("tess".into()), ..reception() }, wav(1.0)),
        ("work type", Reception { work_type: Some("ZZ".into()), ..reception() }, wav(1.0)),
        ("encounter", Reception { encounter: Some("V-9".into()), ..reception() }, wav(1.0)),
        ("other's", Reception { encounter: Some("V-2".into()), ..reception() }, wav(1.0)),
        ("text", reception(), b"this is no recording at all".to_vec()),
        ("empty", reception(), vec![]),
        ("too long", reception(), wav(61.0)),
    ];
    for (case, reception, audio) in refused {
        assert!(test.receive(&ada, reception, &audio).is_err(), "{case}");
    }
    let large = vec![0; 2_000_001];
    let error = test.receive(&ada, reception(), &large).expect_err("too large");
    assert!(matches!(error, WorkflowError::TooLarge { .. }), "{error:?}");
    assert!(worklist(&test.site, &ada, &Filter::default()).expect("a list").items.is_empty());
    let audio = test.site.settings.data.join("audio");
    let files: Vec<_> = files_below(&audio).into_iter().filter(|f| !f.ends_with("lock")).collect();
    assert!(files.is_empty(), "{files:?}");
}

fn files_below(folder: &std::path::Path) -> Vec<String> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("listed") {
        let path = entry.expect("listed").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path.display().to_string());
        }
    }
    files
}

#[test]
fn an_unknown_patient_is_accepted_flagged_and_cannot_be_signed() {
    let test = TestSite::new();
    let unknown = Reception { mrn: Some("MRN-404".into()), encounter: None, ..reception() };
    let received = test.receive(&test.who("ada"), unknown, &wav(1.0)).expect("accepted");
    assert_eq!(received.flags, [FlagKind::Demographic]);
    test.transcribe("No fever.", vec![]);
    let (tess, id) = (test.who("tess"), received.report);
    review::claim(&test.site, &tess, id).expect("taken");
    let open = reading::open(&test.site, &tess, id).expect("open");
    let flag = open.flags[0].id;
    let settled = review::settle_flag(&test.site, &tess, id, flag, FlagState::Waived, "looks fine");
    assert!(matches!(settled, Err(WorkflowError::Conflict { .. })), "a patient is needed first");
    review::submit(&test.site, &tess, id, 1, false).expect("submitted");
    assert_eq!(state(&test, id), (Completion::Incomplete, Stage::InQa));
    let quinn = test.who("quinn");
    review::claim(&test.site, &quinn, id).expect("taken by QA");
    review::assign_patient(&test.site, &quinn, id, "MRN-2", Some("V-2")).expect("assigned");
    review::pass_qa(&test.site, &quinn, id, 1).expect("passed");
    assert_eq!(state(&test, id), (Completion::AwaitingSignature, Stage::WithAuthor));
}

#[test]
fn a_file_named_otherwise_than_it_is_and_one_cut_short_are_flagged() {
    let test = TestSite::new();
    let ada = test.who("ada");
    let misnamed = Reception { file_name: Some("note.mp3".into()), ..reception() };
    let received = test.receive(&ada, misnamed, &wav(1.0)).expect("accepted");
    assert_eq!(received.flags, [FlagKind::Format]);
    let mut cut = wav(2.0);
    cut.truncate(cut.len() / 2);
    let received = test.receive(&ada, reception(), &cut).expect("accepted");
    assert_eq!(received.flags, [FlagKind::Truncated]);
}

#[test]
fn a_save_from_an_old_version_is_refused_and_overwrites_nothing() {
    let test = TestSite::new();
    let id = test.drafted("One.");
    let tess = test.who("tess");
    review::claim(&test.site, &tess, id).expect("taken");
    assert_eq!(review::save(&test.site, &tess, id, 1, "Two.".into()).expect("saved"), 2);
    let stale = review::save(&test.site, &tess, id, 1, "Other two.".into());
    assert!(matches!(stale, Err(WorkflowError::Stale { current: 2 })), "{stale:?}");
    assert_eq!(
        review::save(&test.site, &tess, id, 1, "Two.".into()).expect("the same text"),
        2,
        "a repeated save of the newest text is answered, not refused"
    );
    let first = reading::version(&test.site, &tess, id, 1).expect("kept");
    assert_eq!(first.text.reveal(), "One.");
}

#[test]
fn only_the_holder_saves_and_nobody_takes_what_is_taken() {
    let test = TestSite::new();
    let id = test.drafted("One.");
    let (tess, toby) = (test.who("tess"), test.who("toby"));
    let unclaimed = review::save(&test.site, &tess, id, 1, "Two.".into());
    assert!(matches!(unclaimed, Err(WorkflowError::Conflict { .. })));
    review::claim(&test.site, &tess, id).expect("taken");
    assert!(review::claim(&test.site, &toby, id).is_err());
    assert!(review::save(&test.site, &toby, id, 1, "Two.".into()).is_err());
    review::release(&test.site, &tess, id).expect("released");
    review::claim(&test.site, &toby, id).expect("free again");
}

#[test]
fn nobody_reviews_their_own_work() {
    let test = TestSite::new();
    test.add_person("both", &[Role::Transcriptionist, Role::Reviewer]);
    let id = test.drafted("One.");
    let both = test.who("both");
    review::claim(&test.site, &both, id).expect("taken");
    review::save(&test.site, &both, id, 1, "Two.".into()).expect("saved");
    review::submit(&test.site, &both, id, 2, true).expect("to QA");
    let own = review::claim(&test.site, &both, id);
    assert!(matches!(own, Err(WorkflowError::Conflict { .. })), "{own:?}");
    review::claim(&test.site, &test.who("quinn"), id).expect("another may");
}

#[test]
fn a_report_with_an_open_flag_or_blank_is_not_signed() {
    let test = TestSite::new();
    let id = submitted(&test, "Take 5 mg.");
    let ada = test.who("ada");
    review::save(&test.site, &ada, id, 1, "Take ____ mg.".into()).expect("the author may edit");
    assert_eq!(state(&test, id).0, Completion::Incomplete, "a blank reopens it");
    let (version, digest) = seen(&test, id);
    let blank = signing::sign(&test.site, &ada, id, version, digest, &password());
    assert!(matches!(blank, Err(WorkflowError::Conflict { .. })), "{blank:?}");
    review::save(&test.site, &ada, id, 2, "Take 10 mg.".into()).expect("filled in");
    assert_eq!(state(&test, id).0, Completion::AwaitingSignature);
    let flag = review::raise_flag(&test.site, &ada, id, FlagKind::DrugDose, "really 10?", None)
        .expect("raised");
    let (version, digest) = seen(&test, id);
    assert!(signing::sign(&test.site, &ada, id, version, digest, &password()).is_err());
    review::settle_flag(&test.site, &ada, id, flag, FlagState::Resolved, "yes").expect("settled");
    signing::sign(&test.site, &ada, id, version, digest, &password()).expect("now it is");
}

#[test]
fn signing_a_stale_version_or_another_text_is_refused() {
    let test = TestSite::new();
    let id = submitted(&test, "One.");
    let ada = test.who("ada");
    let (version, digest) = seen(&test, id);
    review::save(&test.site, &ada, id, 1, "Two.".into()).expect("saved");
    let stale = signing::sign(&test.site, &ada, id, version, digest, &password());
    assert!(matches!(stale, Err(WorkflowError::Stale { current: 2 })), "{stale:?}");
    let other = signing::sign(&test.site, &ada, id, 2, digest, &password());
    assert!(matches!(other, Err(WorkflowError::Stale { .. })), "the digest is of the old text");
}

#[test]
fn signing_needs_the_password_and_the_author() {
    let test = TestSite::new();
    let id = submitted(&test, "One.");
    let (version, digest) = seen(&test, id);
    let wrong = SecretString::from("not the password at all");
    let error = signing::sign(&test.site, &test.who("ada"), id, version, digest, &wrong);
    assert!(matches!(error, Err(WorkflowError::SignInFailed)), "{error:?}");
    assert!(test.acts().contains(&"sign-report refused".into()));
    for other in ["ben", "tess", "quinn", "admin"] {
        let who = test.who(other);
        let result = signing::sign(&test.site, &who, id, version, digest, &password());
        assert!(matches!(result, Err(WorkflowError::Forbidden { .. })), "{other}: {result:?}");
    }
}

#[test]
fn a_signed_report_takes_no_edit_flag_or_second_signature() {
    let test = TestSite::new();
    let id = signed(&test, "One.");
    let ada = test.who("ada");
    let (version, digest) = seen(&test, id);
    assert!(review::save(&test.site, &ada, id, version, "Two.".into()).is_err());
    assert!(review::raise_flag(&test.site, &ada, id, FlagKind::Number, "hm", None).is_err());
    assert!(signing::sign(&test.site, &ada, id, version, digest, &password()).is_err());
    assert!(review::return_report(&test.site, &ada, id, "again").is_err());
}

#[test]
fn an_addendum_is_a_report_of_its_own_under_its_parent() {
    let test = TestSite::new();
    let parent = signed(&test, "One.");
    let ada = test.who("ada");
    assert!(signing::begin_addendum(&test.site, &test.who("ben"), parent).is_err());
    let id = signing::begin_addendum(&test.site, &ada, parent).expect("begun");
    let empty = reading::open(&test.site, &ada, id).expect("open");
    let unsigned = signing::sign(&test.site, &ada, id, 1, empty.digest, &password());
    assert!(matches!(unsigned, Err(WorkflowError::Invalid { .. })), "an empty one is not signed");
    review::save(&test.site, &ada, id, 1, "Potassium was 4.1.".into()).expect("written");
    let (version, digest) = seen(&test, id);
    signing::sign(&test.site, &ada, id, version, digest, &password()).expect("signed");
    let open = reading::open(&test.site, &ada, parent).expect("open");
    assert_eq!(open.addenda, [id]);
    let patient = open.patient.expect("known").id;
    let documents = chart::chart(&test.site, &ada, patient).expect("chart").documents;
    assert_eq!(documents.len(), 2);
}

#[test]
fn a_returned_report_goes_back_to_the_pool_with_an_open_instruction() {
    let test = TestSite::new();
    let id = submitted(&test, "One.");
    let ada = test.who("ada");
    review::return_report(&test.site, &ada, id, "The dose is missing.").expect("returned");
    assert_eq!(state(&test, id), (Completion::InProgress, Stage::Drafted));
    let tess = test.who("tess");
    review::claim(&test.site, &tess, id).expect("taken again");
    review::submit(&test.site, &tess, id, 1, false).expect("submitted");
    assert_eq!(state(&test, id).1, Stage::InQa, "the open instruction sends it to QA");
}

#[test]
fn each_role_sees_its_own_reports_only() {
    let test = TestSite::new();
    let pooled = test.drafted("Pooled.");
    let sees = |who: &str, id| reading::open(&test.site, &test.who(who), id).is_ok();
    assert!(sees("ada", pooled) && sees("tess", pooled) && sees("rosa", pooled));
    for blind in ["ben", "quinn", "paul", "alma", "admin"] {
        assert!(!sees(blind, pooled), "{blind}");
    }
    review::claim(&test.site, &test.who("tess"), pooled).expect("taken");
    assert!(sees("tess", pooled) && !sees("toby", pooled));
    review::submit(&test.site, &test.who("tess"), pooled, 1, true).expect("to QA");
    assert!(sees("quinn", pooled) && !sees("tess", pooled));
    let denied = test.audit().iter().filter(|row| row.outcome == "refused").count();
    assert!(denied >= 6, "every denial is audited: {denied}");
}

#[test]
fn a_page_offers_only_what_would_succeed() {
    let test = TestSite::new();
    let id = test.drafted("One.");
    let may = |who: &str| reading::open(&test.site, &test.who(who), id).expect("open").may;
    assert!(may("tess").contains(&Act::ClaimReport));
    assert!(!may("tess").contains(&Act::SaveVersion));
    review::claim(&test.site, &test.who("tess"), id).expect("taken");
    assert!(may("tess").contains(&Act::SaveVersion) && may("tess").contains(&Act::SubmitReport));
    assert!(!may("ada").contains(&Act::SignReport));
    review::submit(&test.site, &test.who("tess"), id, 1, false).expect("submitted");
    assert!(may("ada").contains(&Act::SignReport));
}

#[test]
fn a_machine_never_overwrites_what_a_person_typed() {
    let test = TestSite::new();
    let received = test.received();
    let tess = test.who("tess");
    transcription::stop(&test.site, &tess, received.dictation).expect("stopped while queued");
    review::claim(&test.site, &tess, received.report).expect("typed by hand");
    review::save(&test.site, &tess, received.report, 0, "Typed.".into()).expect("saved");
    let retried = transcription::retry(&test.site, &tess, received.dictation);
    assert!(matches!(retried, Err(WorkflowError::Conflict { .. })), "{retried:?}");
}

#[test]
fn a_lost_lease_writes_nothing() {
    let test = TestSite::new();
    let received = test.received();
    let first = transcription::claim(&test.site, "one", 1000).expect("ok").expect("due");
    test.pass_ms(2000);
    let second = transcription::claim(&test.site, "two", 1000).expect("ok").expect("expired");
    assert_eq!((first.job.attempts, second.job.attempts), (1, 2));
    let beat = transcription::heartbeat(&test.site, first.job.id, "one", 0.5, 1000).expect("ok");
    assert_eq!(beat, None, "the first worker learns that it lost the job");
    let outcome = transcription::fail(
        &test.site,
        &first.job,
        "one",
        transcription::Failure::Final,
        "too late",
    );
    assert!(outcome.is_err());
    let status =
        transcription::status(&test.site, &test.who("ada"), received.dictation).expect("status");
    assert_eq!(status.job.expect("a job").attempts, 2);
}

#[test]
fn work_that_ends_the_process_each_time_becomes_a_dead_letter() {
    let test = TestSite::new();
    let received = test.received();
    for _ in 0..test.site.settings.transcription_attempts {
        transcription::claim(&test.site, "doomed", 1000).expect("ok").expect("due");
        test.pass_ms(2000);
    }
    assert!(transcription::claim(&test.site, "next", 1000).expect("ok").is_none());
    transcription::bury_exhausted(&test.site).expect("buried");
    let ada = test.who("ada");
    let status = transcription::status(&test.site, &ada, received.dictation).expect("status");
    let job = status.job.expect("a job");
    assert_eq!(job.state.code(), "dead");
    assert!(job.last_error.is_some_and(|reason| reason.contains("every attempt")));
    transcription::retry(&test.site, &ada, received.dictation).expect("a person tries again");
    test.transcribe("At last.", vec![]);
}

#[test]
fn stat_is_claimed_before_older_routine_work() {
    let test = TestSite::new();
    let ada = test.who("ada");
    test.receive(&ada, reception(), &wav(1.0)).expect("routine");
    test.pass_ms(1000);
    let stat = Reception { priority: Some("STAT".into()), ..reception() };
    let stat = test.receive(&ada, stat, &wav(2.0)).expect("stat");
    let first = transcription::claim(&test.site, "w", 1000).expect("ok").expect("due");
    assert_eq!(first.dictation.id, stat.dictation);
    let list = worklist(&test.site, &ada, &Filter::default()).expect("a list");
    assert_eq!(list.items[0].row.report.id, stat.report, "and shown first");
}

#[test]
fn a_worklist_says_how_many_wait_beyond_the_rows_it_shows() {
    let test = TestSite::new();
    let tess = test.who("tess");
    let mut backlog = test.backlog(818, "One.");
    let labelled = backlog.split_off(811);
    test.site
        .store
        .write(|tx| -> Result<(), StoreError> {
            let vip = Labels::none().with(Label::Vip);
            labelled.iter().try_for_each(|id| reports::set_labels(tx, *id, &vip))
        })
        .expect("labelled");
    review::claim(&test.site, &test.who("toby"), backlog[3]).expect("another's now");
    let list = worklist(&test.site, &tess, &Filter::default()).expect("a list");
    // 811 and the one they are copies of, without the one that another has; 7 are sealed.
    assert_eq!((list.items.len(), list.total), (WORKLIST_MAX, 811));
    let shown = list.items.iter().map(|item| item.row.report.due_at);
    assert!(shown.is_sorted(), "the most urgent are shown");
    let stat = Filter { priority: Some(Priority::Stat), ..Filter::default() };
    assert_eq!(worklist(&test.site, &tess, &stat).expect("a list").total, 0);
}

#[test]
fn machine_flags_route_the_report_to_qa() {
    let test = TestSite::new();
    let received = test.received();
    let flag =
        QaFlag { kind: FlagKind::Hallucination, note: Phi::text("loop"), audio: None, text: None };
    test.transcribe("One.", vec![flag]);
    let tess = test.who("tess");
    review::claim(&test.site, &tess, received.report).expect("taken");
    review::submit(&test.site, &tess, received.report, 1, false).expect("submitted");
    assert_eq!(state(&test, received.report), (Completion::Incomplete, Stage::InQa));
}

#[test]
fn a_changed_audit_row_is_found() {
    let test = TestSite::new();
    let key = test.site.store.audit_key();
    let verify = |key: &[u8; 32]| test.site.store.read(|tx| audit::verify(tx, key)).expect("read");
    assert_eq!(verify(key), None);
    let other = [7; 32];
    assert_eq!(verify(&other), Some(1), "the chain holds under its own key only");
}
