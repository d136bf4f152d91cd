//! Second factors, scopes, labels, broken glass, delegates and cosigners on a real store.

use crate::support::{PASSWORD, TestSite, operator, reception, wav};
use chartscribe::domain::digest::Digest;
use chartscribe::domain::glass::GlassReason;
use chartscribe::domain::ids::{PatientId, ReportId};
use chartscribe::domain::label::Label;
use chartscribe::domain::person::Role;
use chartscribe::domain::report::{Completion, Stage};
use chartscribe::domain::scope::Scope;
use chartscribe::domain::time::Timestamp;
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::filter::Filter;
use chartscribe::workflow::labels::{self, Labelled};
use chartscribe::workflow::receive::Reception;
use chartscribe::workflow::worklist::worklist;
use chartscribe::workflow::{
    chart, glass, people, reading, review, second_factor, sign_in, signing, standing,
};
use secrecy::{ExposeSecret, SecretString};

fn password() -> SecretString {
    SecretString::from(PASSWORD)
}

fn submitted(test: &TestSite, text: &str) -> ReportId {
    let id = test.drafted(text);
    let tess = test.who("tess");
    review::claim(&test.site, &tess, id).expect("taken");
    review::submit(&test.site, &tess, id, 1, false).expect("submitted");
    id
}

fn seen(test: &TestSite, who: &str, id: ReportId) -> (u32, Digest) {
    let open = reading::open(&test.site, &test.who(who), id).expect("seen");
    (open.report.version, open.digest)
}

fn signed(test: &TestSite, text: &str) -> (ReportId, PatientId) {
    let id = submitted(test, text);
    let (version, digest) = seen(test, "ada", id);
    signing::sign(&test.site, &test.who("ada"), id, version, digest, &password()).expect("signed");
    let open = reading::open(&test.site, &test.who("ada"), id).expect("open");
    (id, open.report.patient.expect("known"))
}

/// The present code of an authenticator app that was given the enrolment's address.
fn code_at(url: &str, ms: i64) -> String {
    let app = totp_rs::Totp::from_url(url).expect("an otpauth address");
    app.generate(u64::try_from(ms / 1000).expect("after 1970")).to_string()
}

#[test]
fn a_second_factor_is_asked_for_once_confirmed_and_a_code_works_once() {
    let test = TestSite::new();
    let ada = test.who("ada");
    let sign_in =
        |code: Option<&str>| sign_in::sign_in(&test.site, "ada", &password(), code, "desk");
    let url = second_factor::begin(&test.site, &ada).expect("begun").url;
    sign_in(None).map(|_| ()).expect("an unconfirmed factor asks for nothing");
    let now = || test.time.load(std::sync::atomic::Ordering::SeqCst);
    let code = code_at(url.expose_secret(), now());
    assert!(second_factor::confirm(&test.site, &ada, "000000").is_err(), "a wrong code");
    let recovery = second_factor::confirm(&test.site, &ada, &code).expect("confirmed");
    assert_eq!(recovery.len(), 10);

    assert!(matches!(sign_in(None), Err(WorkflowError::SecondFactorNeeded)));
    assert!(matches!(sign_in(Some("123456")), Err(WorkflowError::SecondFactorNeeded)));
    assert!(sign_in(Some(&code)).is_err(), "the confirming code was used");
    test.pass_ms(30_000);
    let next = code_at(url.expose_secret(), now());
    sign_in(Some(&next)).map(|_| ()).expect("the next code");
    assert!(sign_in(Some(&next)).is_err(), "and no code twice");

    let spare = recovery[0].expose_secret().to_uppercase();
    sign_in(Some(&spare)).map(|_| ()).expect("a recovery code, however typed");
    assert!(sign_in(Some(&spare)).is_err(), "once");

    assert!(second_factor::begin(&test.site, &ada).is_err(), "not replaced silently");
    second_factor::remove(&test.site, &ada, &password()).expect("removed with the password");
    sign_in(None).map(|_| ()).expect("not asked for any more");
}

#[test]
fn wrong_codes_count_as_failures() {
    let test = TestSite::new();
    let ada = test.who("ada");
    let url = second_factor::begin(&test.site, &ada).expect("begun").url;
    let now = test.time.load(std::sync::atomic::Ordering::SeqCst);
    second_factor::confirm(&test.site, &ada, &code_at(url.expose_secret(), now)).expect("done");
    for _ in 0..5 {
        let wrong = sign_in::sign_in(&test.site, "ada", &password(), Some("999999"), "desk");
        assert!(matches!(wrong, Err(WorkflowError::SecondFactorNeeded)));
    }
    let paused = sign_in::sign_in(&test.site, "ada", &password(), Some("999999"), "desk");
    assert!(matches!(paused, Err(WorkflowError::TryLater { .. })));
}

#[test]
fn a_token_does_what_its_scope_says_and_its_person_may() {
    let test = TestSite::new();
    let by = |scopes: &[Scope], name: &str| {
        let token = people::issue_token(&test.site, &operator(), name, "t", scopes);
        sign_in::by_token(&test.site, token.expect("issued").expose_secret()).expect("known")
    };
    let dictate = by(&[Scope::Dictate], "ada");
    let received = test.receive(&dictate, reception(), &wav(1.0)).expect("may hand in");
    assert!(worklist(&test.site, &dictate, &Filter::default()).is_err(), "but not read lists");
    let read = by(&[Scope::Read], "ada");
    worklist(&test.site, &read, &Filter::default()).expect("may read");
    assert!(test.receive(&read, reception(), &wav(2.0)).is_err(), "but not hand in");
    let all = by(Scope::ALL, "ada");
    test.transcribe("One.", vec![]);
    let digest = Digest::of(b"One.");
    let sign = signing::sign(&test.site, &all, received.report, 1, digest, &password());
    assert!(matches!(sign, Err(WorkflowError::Forbidden { .. })), "no token signs");
    assert!(by(Scope::ALL, "admin").person.is_some());
    let admin = by(Scope::ALL, "admin");
    assert!(worklist(&test.site, &admin, &Filter::default()).is_err(), "no more than the person");
}

#[test]
fn a_revoked_token_never_works_again() {
    let test = TestSite::new();
    let token = people::issue_token(&test.site, &operator(), "ada", "t", &[Scope::Read]);
    let token = token.expect("issued");
    let line = people::tokens(&test.site, &operator(), "ada").expect("listed").remove(0);
    people::revoke_token(&test.site, &operator(), line.id).expect("revoked");
    assert!(sign_in::by_token(&test.site, token.expose_secret()).is_err());
    assert!(people::revoke_token(&test.site, &operator(), line.id).is_err(), "once");
}

#[test]
fn a_label_keeps_a_draft_from_the_uncleared_and_from_their_list() {
    let test = TestSite::new();
    // Psychiatric consultations carry their label from the work type.
    let sealed = Reception { work_type: Some("PC".into()), ..reception() };
    let id = test.receive(&test.who("ada"), sealed, &wav(1.0)).expect("received").report;
    test.transcribe("One.", vec![]);
    let tess = test.who("tess");
    let opened = reading::open(&test.site, &tess, id);
    assert!(matches!(opened, Err(WorkflowError::Sealed)), "{opened:?}");
    assert!(worklist(&test.site, &tess, &Filter::default()).expect("a list").items.is_empty());
    let rosa = worklist(&test.site, &test.who("rosa"), &Filter::default()).expect("a list");
    assert!(rosa.items[0].row.sealed && rosa.items[0].row.patient_name.is_none(), "a masked row");
    reading::open(&test.site, &test.who("ada"), id).expect("the author's own");

    let paul = test.who("paul");
    standing::set_clearance(&test.site, &paul, "tess", Label::Psychiatric, true).expect("given");
    reading::open(&test.site, &tess, id).expect("cleared");
    standing::set_clearance(&test.site, &paul, "tess", Label::Psychiatric, false).expect("taken");
    assert!(reading::open(&test.site, &tess, id).is_err());
}

#[test]
fn a_patients_label_seals_the_chart_and_masks_the_name() {
    let test = TestSite::new();
    let (id, patient) = signed(&test, "One.");
    let ben = test.who("ben");
    reading::open(&test.site, &ben, id).expect("a filed report of a colleague");
    labels::add(&test.site, &test.who("rosa"), Labelled::Patient(patient), Label::Vip)
        .expect("labelled");
    assert!(matches!(reading::open(&test.site, &ben, id), Err(WorkflowError::Sealed)));
    let charted = chart::chart(&test.site, &ben, patient);
    assert!(matches!(charted, Err(WorkflowError::Sealed)));
    let found = chart::search_patients(&test.site, &ben, "Testcase").expect("found");
    let masked: Vec<_> = found.iter().filter(|found| found.sealed).collect();
    assert_eq!(masked.len(), 1);
    assert_eq!(masked[0].patient.family_name.reveal(), "Restricted");
    let lowered = labels::lower(
        &test.site,
        &test.who("rosa"),
        Labelled::Patient(patient),
        Label::Vip,
        "set-in-error",
    );
    assert!(matches!(lowered, Err(WorkflowError::Forbidden { .. })), "only the privacy officer");
    let what = Labelled::Patient(patient);
    labels::lower(&test.site, &test.who("paul"), what, Label::Vip, "set-in-error")
        .expect("lowered");
    reading::open(&test.site, &ben, id).expect("open again");
}

#[test]
fn broken_glass_opens_one_chart_for_an_hour_and_waits_for_review() {
    let test = TestSite::new();
    let (id, patient) = signed(&test, "One.");
    let (ben, paul) = (test.who("ben"), test.who("paul"));
    let what = Labelled::Patient(patient);
    labels::add(&test.site, &paul, what, Label::Vip).expect("labelled");
    let short = glass::break_glass(&test.site, &ben, patient, GlassReason::Emergency, "now");
    assert!(matches!(short, Err(WorkflowError::Invalid { .. })), "a reason says why");
    let why = "unconscious in the emergency department";
    let until =
        glass::break_glass(&test.site, &ben, patient, GlassReason::Emergency, why).expect("broken");
    let open = reading::open(&test.site, &ben, id).expect("open");
    assert_eq!(open.glass_until, Some(until));
    chart::chart(&test.site, &ben, patient).expect("the chart too");
    assert!(reading::open(&test.site, &test.who("rosa"), id).is_err(), "for ben only");

    let waiting = glass::waiting(&test.site, &paul).expect("waiting");
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].person.username.as_str(), "ben");
    let broken = waiting[0].glass.id;
    glass::review(&test.site, &paul, broken, "treated there that night").expect("reviewed");
    assert!(glass::review(&test.site, &paul, broken, "treated there that night").is_err());
    assert!(glass::waiting(&test.site, &paul).expect("none").is_empty());
    let closed = glass::reviewed(&test.site, &paul).expect("closed");
    let review = closed[0].glass.review.as_ref().expect("a finding");
    assert_eq!(review.finding.reveal(), "treated there that night");
    assert_eq!(closed[0].reviewer.as_ref().map(|by| by.id), paul.person_id());
    assert!(glass::reviewed(&test.site, &test.who("ben")).is_err());

    test.pass_ms(60 * 60_000);
    assert!(matches!(reading::open(&test.site, &ben, id), Err(WorkflowError::Sealed)), "an hour");
    let acts = test.acts();
    assert!(
        acts.contains(&"break-glass done".into()) && acts.contains(&"review-glass done".into())
    );
    let tess = test.who("tess");
    let typist = glass::break_glass(&test.site, &tess, patient, GlassReason::Other, why);
    assert!(matches!(typist, Err(WorkflowError::Forbidden { .. })));
}

#[test]
fn a_delegate_corrects_for_a_time_and_never_signs() {
    let test = TestSite::new();
    let id = submitted(&test, "One.");
    let (ada, ben) = (test.who("ada"), test.who("ben"));
    assert!(reading::open(&test.site, &ben, id).is_err(), "not ben's");
    let now = Timestamp(crate::support::START);
    let until = now.plus_ms(24 * 3_600_000);
    let own = standing::name_delegate(&test.site, &ben, "ada", "ben", now, until);
    assert!(matches!(own, Err(WorkflowError::Forbidden { .. })), "nobody takes it for themselves");
    standing::name_delegate(&test.site, &ada, "ada", "ben", now, until).expect("named");
    review::save(&test.site, &ben, id, 1, "One, corrected.".into()).expect("corrects");
    let (version, digest) = seen(&test, "ben", id);
    let signed = signing::sign(&test.site, &ben, id, version, digest, &password());
    assert!(matches!(signed, Err(WorkflowError::Forbidden { .. })), "{signed:?}");
    let list = worklist(&test.site, &ben, &Filter::default()).expect("a list");
    assert_eq!(list.items.len(), 1, "it is on the delegate's list");
    test.pass_ms(25 * 3_600_000);
    assert!(reading::open(&test.site, &ben, id).is_err(), "the absence is over");
}

#[test]
fn a_delegation_is_seen_by_both_sides_and_ended_by_the_author_or_the_site() {
    let test = TestSite::new();
    let (ada, ben) = (test.who("ada"), test.who("ben"));
    let id = submitted(&test, "One.");
    let now = test.site.clock.now();
    let until = now.plus_ms(24 * 3_600_000);
    let name = || standing::name_delegate(&test.site, &ada, "ada", "ben", now, until);
    let seen_by = |name: &str| {
        let found = standing::delegations(&test.site, &test.who(name)).expect("allowed");
        found.into_iter().map(|one| one.delegate.username.to_string()).collect::<Vec<_>>()
    };
    name().expect("named");
    test.add_person("cleo", &[Role::Author]);
    for name in ["ada", "ben", "rosa", "admin"] {
        assert_eq!(seen_by(name), ["ben"], "{name}");
    }
    assert!(seen_by("cleo").is_empty(), "nobody else's");
    for name in ["ben", "cleo"] {
        let ended = standing::end_delegation(&test.site, &test.who(name), "ada", "ben");
        assert!(matches!(ended, Err(WorkflowError::Forbidden { .. })), "{name}: {ended:?}");
    }
    for name in ["ada", "rosa", "admin"] {
        reading::open(&test.site, &ben, id).expect("stands in");
        standing::end_delegation(&test.site, &test.who(name), "ada", "ben").expect("ended");
        assert!(reading::open(&test.site, &ben, id).is_err(), "at once, by {name}");
        let again = standing::end_delegation(&test.site, &ada, "ada", "ben");
        assert!(matches!(again, Err(WorkflowError::NotFound { .. })), "{again:?}");
        standing::name_delegate(&test.site, &ada, "ada", "ben", now, until).expect("named");
    }
    test.pass_ms(25 * 3_600_000);
    assert!(seen_by("ada").is_empty(), "over");
}

#[test]
fn a_resident_s_report_is_filed_only_with_the_cosigners_signature() {
    let test = TestSite::new();
    let rosa = test.who("rosa");
    assert!(standing::set_cosigner(&test.site, &rosa, "ada", Some("ada")).is_err());
    standing::set_cosigner(&test.site, &rosa, "ada", Some("ben")).expect("set");
    let id = submitted(&test, "One.");
    let (version, digest) = seen(&test, "ada", id);
    let (ada, ben) = (test.who("ada"), test.who("ben"));
    signing::sign(&test.site, &ada, id, version, digest, &password()).expect("first");
    let open = reading::open(&test.site, &ada, id).expect("open");
    assert_eq!(open.report.completion, Completion::PreAuthenticated);
    assert_eq!(open.report.stage, Stage::WithCosigner);
    assert!(open.filed_at.is_none(), "not filed on one signature");
    assert!(review::save(&test.site, &ada, id, version, "Two.".into()).is_err());
    let own = signing::cosign(&test.site, &ada, id, version, digest, &password());
    assert!(matches!(own, Err(WorkflowError::Forbidden { .. })), "nobody cosigns their own");
    assert_eq!(worklist(&test.site, &ben, &Filter::default()).expect("a list").total, 1);
    signing::cosign(&test.site, &ben, id, version, digest, &password()).expect("second");
    let open = reading::open(&test.site, &ada, id).expect("open");
    assert_eq!(open.report.completion, Completion::LegallyAuthenticated);
    assert!(open.filed_at.is_some());
    let meanings: Vec<&str> = open.signatures.iter().map(|s| s.meaning.code()).collect();
    assert_eq!(meanings, ["author", "cosigner"]);
}

#[test]
fn a_cosigner_may_send_the_report_back_instead() {
    let test = TestSite::new();
    standing::set_cosigner(&test.site, &test.who("rosa"), "ada", Some("ben")).expect("set");
    let id = submitted(&test, "One.");
    let (version, digest) = seen(&test, "ada", id);
    signing::sign(&test.site, &test.who("ada"), id, version, digest, &password()).expect("first");
    review::return_report(&test.site, &test.who("ben"), id, "Which side?").expect("returned");
    let open = reading::open(&test.site, &test.who("ada"), id).expect("open");
    assert_eq!(open.report.completion, Completion::InProgress);
    assert_eq!(open.report.stage, Stage::Drafted);
}
