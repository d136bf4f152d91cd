//! Every cell of the permission table, by trying: each act in each role, and each label before
//! each role that reads reports. What is expected is a committed table, not the program's own.

use crate::support::{PASSWORD, START, TestSite, reception, wav};
use chartscribe::domain::digest::Digest;
use chartscribe::domain::flag::{FlagKind, FlagState};
use chartscribe::domain::glass::GlassReason;
use chartscribe::domain::ids::{
    DictationId, FlagId, GlassId, PatientId, ReportId, ReviewId, TakeId, TokenId,
};
use chartscribe::domain::label::Label;
use chartscribe::domain::patient::{EncounterKind, Sex};
use chartscribe::domain::person::Role;
use chartscribe::domain::report::Stage;
use chartscribe::domain::scope::Scope;
use chartscribe::domain::time::Timestamp;
use chartscribe::store::parts::PoolKind;
use chartscribe::store::quality::RuleKind;
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::filter::Filter;
use chartscribe::workflow::intake::{self, NewEncounter, NewPatient};
use chartscribe::workflow::labels::{self, Labelled};
use chartscribe::workflow::moving::Move;
use chartscribe::workflow::people::{self, NewPerson};
use chartscribe::workflow::quality::Period;
use chartscribe::workflow::search::Search;
use chartscribe::workflow::site::Acting;
use chartscribe::workflow::takes::{self, Opening};
use chartscribe::workflow::worklist::worklist;
use chartscribe::workflow::{
    answering, audit, chart, checks, copies, credentials, glass, joining, life, lines, moving,
    pools, quality, queue, reading, review, sampling, search, second_factor, sign_in, signing,
    standing, take_about, transcription, views,
};
use secrecy::SecretString;

/// `act`, then the roles that have it, tab and comma separated.
const EXPECTED: &str = include_str!("../data/permissions.tsv");

type Try = fn(&Trial, &Acting) -> Result<(), WorkflowError>;

/// What the acts are tried on: a report that the role in question may see.
struct Trial {
    test: TestSite,
    report: ReportId,
    dictation: DictationId,
    patient: PatientId,
}

fn password() -> SecretString {
    SecretString::from(PASSWORD)
}

fn no_id() -> uuid::Uuid {
    uuid::Uuid::nil()
}

fn period() -> Period {
    Period { from: Timestamp(0), until: Timestamp(START) }
}

/// Every act of a person, as its page or command calls it.
const ACTS: &[(&str, Try)] = &[
    ("sign-out", |t, who| sign_in::sign_out(&t.test.site, who)),
    ("sign-out-everywhere", |t, who| sign_in::sign_out_everywhere(&t.test.site, who)),
    ("change-password", |t, who| {
        credentials::change_password(&t.test.site, who, &password(), &password())
    }),
    ("enrol-second-factor", |t, who| second_factor::begin(&t.test.site, who).map(drop)),
    ("remove-second-factor", |t, who| second_factor::remove(&t.test.site, who, &password())),
    ("reset-password", |t, who| credentials::begin_reset(&t.test.site, who, "ben").map(drop)),
    ("add-person", |t, who| {
        let new = NewPerson {
            username: "newcomer".into(),
            display_name: "Newcomer".into(),
            credential: String::new(),
            roles: vec![Role::Author],
            department: None,
            password: password(),
        };
        people::add(&t.test.site, who, new).map(drop)
    }),
    ("change-person", |t, who| people::set_active(&t.test.site, who, "ben", true)),
    ("issue-token", |t, who| {
        people::issue_token(&t.test.site, who, "ben", "t", &[Scope::Read]).map(drop)
    }),
    ("revoke-token", |t, who| people::revoke_token(&t.test.site, who, TokenId(no_id()))),
    ("grant-clearance", |t, who| {
        standing::set_clearance(&t.test.site, who, "ben", Label::Vip, false)
    }),
    ("name-delegate", |t, who| {
        let own = who.person.as_ref().map_or("ada", |person| person.username.as_str());
        let until = Timestamp(START + 1000);
        standing::name_delegate(&t.test.site, who, own, "ben", Timestamp(START), until)
    }),
    ("view-delegations", |t, who| standing::delegations(&t.test.site, who).map(drop)),
    ("end-delegation", |t, who| {
        let own = who.person.as_ref().map_or("ada", |person| person.username.as_str());
        standing::end_delegation(&t.test.site, who, own, "ben")
    }),
    ("set-cosigner", |t, who| standing::set_cosigner(&t.test.site, who, "ben", None)),
    ("add-patient", |t, who| {
        let new = NewPatient {
            mrn: "MRN-9".into(),
            family_name: "Testcase".into(),
            given_name: "Nine".into(),
            birth_date: "1999-09-09".into(),
            sex: Sex::Other,
        };
        intake::add_patient(&t.test.site, who, new).map(drop)
    }),
    ("add-encounter", |t, who| {
        let new = NewEncounter {
            mrn: "MRN-1".into(),
            number: "V-9".into(),
            kind: EncounterKind::Inpatient,
            location: "Ward".into(),
            began_at: Timestamp(START),
            ended_at: None,
        };
        intake::add_encounter(&t.test.site, who, new).map(drop)
    }),
    ("receive-dictation", |t, who| t.test.receive(who, reception(), &wav(1.5)).map(drop)),
    ("identify-patient", |t, who| takes::identify(&t.test.site, who, "MRN-1").map(drop)),
    ("begin-recording", |t, who| {
        let (author, key) = (Some("ada".into()), "trial".into());
        let opening = Opening { author, key, ..Opening::default() };
        takes::open(&t.test.site, who, opening).map(drop)
    }),
    ("finish-recording", |t, who| takes::finish(&t.test.site, who, TakeId(no_id()), 0).map(drop)),
    ("change-recording", |t, who| {
        let (id, about) = (TakeId(no_id()), take_about::About::default());
        take_about::change(&t.test.site, who, id, about).map(drop)
    }),
    ("discard-recording", |t, who| takes::discard(&t.test.site, who, TakeId(no_id()))),
    ("stop-transcription", |t, who| transcription::stop(&t.test.site, who, t.dictation)),
    ("retry-transcription", |t, who| transcription::retry(&t.test.site, who, t.dictation)),
    ("view-worklist", |t, who| worklist(&t.test.site, who, &Filter::default()).map(drop)),
    ("search-reports", |t, who| {
        search::search(&t.test.site, who, &Search::for_text("One")).map(drop)
    }),
    ("save-view", |t, who| views::save(&t.test.site, who, "mine", &Filter::default())),
    ("reassign-report", |t, who| queue::reassign(&t.test.site, who, t.report, None)),
    ("view-report", |t, who| reading::open(&t.test.site, who, t.report).map(drop)),
    ("view-transcript", |t, who| {
        transcription::transcript(&t.test.site, who, t.dictation).map(drop)
    }),
    ("view-version", |t, who| reading::version(&t.test.site, who, t.report, 1).map(drop)),
    ("listen-audio", |t, who| transcription::audio(&t.test.site, who, t.dictation).map(drop)),
    ("claim-report", |t, who| review::claim(&t.test.site, who, t.report)),
    ("release-report", |t, who| review::release(&t.test.site, who, t.report)),
    ("save-version", |t, who| {
        review::save(&t.test.site, who, t.report, 1, "Two.".into()).map(drop)
    }),
    ("raise-flag", |t, who| {
        review::raise_flag(&t.test.site, who, t.report, FlagKind::Number, "hm", None).map(drop)
    }),
    ("settle-flag", |t, who| {
        let flag = FlagId(no_id());
        review::settle_flag(&t.test.site, who, t.report, flag, FlagState::Resolved, "yes")
    }),
    ("assign-patient", |t, who| review::assign_patient(&t.test.site, who, t.report, "MRN-1", None)),
    ("move-report", |t, who| moving::move_report(&t.test.site, who, t.report, &Move::default())),
    ("begin-report", |t, who| moving::begin_report(&t.test.site, who, &reception()).map(drop)),
    ("split-report", |t, who| moving::split(&t.test.site, who, t.report, 1, 2).map(drop)),
    ("join-reports", |t, who| {
        joining::join(&t.test.site, who, (t.report, 1), (t.report, 1)).map(drop)
    }),
    ("undo-join", |t, who| joining::undo(&t.test.site, who, t.report, t.report)),
    ("answer-blank", |t, who| answering::settle(&t.test.site, who, t.report, t.dictation, None)),
    ("set-copies", |t, who| copies::set(&t.test.site, who, t.report, &[])),
    ("view-copies", |t, who| copies::of_report(&t.test.site, who, t.report).map(drop)),
    ("send-copy", |t, who| copies::to_send(&t.test.site, who).map(drop)),
    ("set-pools", |t, who| {
        pools::set(&t.test.site, who, "ben", PoolKind::Department, "Surgery", true)
    }),
    ("submit-report", |t, who| review::submit(&t.test.site, who, t.report, 1, false)),
    ("set-sampling", |t, who| sampling::set(&t.test.site, who, RuleKind::Site, "", Some(0))),
    ("score-report", |t, who| {
        quality::score_report(&t.test.site, who, t.report, vec![], "").map(drop)
    }),
    ("view-scores", |t, who| quality::scores(&t.test.site, who, None, &period()).map(drop)),
    ("answer-score", |t, who| quality::answer(&t.test.site, who, ReviewId(no_id()), "no")),
    ("view-lines", |t, who| lines::lines(&t.test.site, who, &period()).map(drop)),
    ("view-life", |t, who| life::life(&t.test.site, who, t.report).map(drop)),
    ("pass-qa", |t, who| review::pass_qa(&t.test.site, who, t.report, 1)),
    ("return-report", |t, who| review::return_report(&t.test.site, who, t.report, "again")),
    ("sign-report", |t, who| {
        signing::sign(&t.test.site, who, t.report, 1, Digest::of(b"One."), &password())
    }),
    ("begin-addendum", |t, who| signing::begin_addendum(&t.test.site, who, t.report).map(drop)),
    ("add-label", |t, who| {
        labels::add(&t.test.site, who, Labelled::Report(t.report), Label::Minor)
    }),
    ("lower-label", |t, who| {
        let what = Labelled::Report(t.report);
        labels::lower(&t.test.site, who, what, Label::Minor, "set-in-error")
    }),
    ("break-glass", |t, who| {
        let why = "found without consciousness";
        glass::break_glass(&t.test.site, who, t.patient, GlassReason::Emergency, why).map(drop)
    }),
    ("review-glass", |t, who| {
        glass::review(&t.test.site, who, GlassId(no_id()), "nothing unusual found")
    }),
    ("search-patients", |t, who| chart::search_patients(&t.test.site, who, "Testcase").map(drop)),
    ("view-chart", |t, who| chart::chart(&t.test.site, who, t.patient).map(drop)),
    ("print-report", |t, who| chart::print(&t.test.site, who, t.report).map(drop)),
    ("view-audit", |t, who| audit::search(&t.test.site, who, &audit::Query::default()).map(drop)),
    ("verify-audit", |t, who| audit::verify(&t.test.site, who).map(drop)),
    ("view-checks", |t, who| checks::state(&t.test.site, who).map(drop)),
    ("export-audit", |t, who| audit::begin_export(&t.test.site, who, None, None).map(drop)),
];

/// The person of the tests who has the role.
fn username(role: Role) -> &'static str {
    match role {
        Role::Author => "ada",
        Role::Transcriptionist => "tess",
        Role::Reviewer => "quinn",
        Role::RecordsSpecialist => "rosa",
        Role::PrivacyOfficer => "paul",
        Role::Auditor => "alma",
        Role::Administrator => "admin",
    }
}

/// A report by ada at the stage where the role meets it, if it ever does.
fn trial(role: Role) -> Trial {
    let test = TestSite::new();
    let received = test.received();
    test.transcribe("One.", vec![]);
    if role == Role::Reviewer {
        let toby = test.who("toby");
        review::claim(&test.site, &toby, received.report).expect("taken");
        review::submit(&test.site, &toby, received.report, 1, true).expect("to QA");
    }
    let open = reading::open(&test.site, &test.who("ada"), received.report).expect("open");
    let patient = open.report.patient.expect("known");
    Trial { test, report: received.report, dictation: received.dictation, patient }
}

fn expected(act: &str) -> Vec<Role> {
    let line = EXPECTED.lines().find_map(|line| line.strip_prefix(&format!("{act}\t")));
    let roles = line.unwrap_or_else(|| panic!("{act} is not in tests/data/permissions.tsv"));
    roles.split(',').filter_map(Role::from_code).collect()
}

#[test]
fn every_act_is_allowed_to_exactly_the_roles_of_the_table() {
    for role in Role::ALL {
        let trial = trial(*role);
        for (act, attempt) in ACTS {
            let who = trial.test.who(username(*role));
            let result = attempt(&trial, &who);
            let denied = matches!(result, Err(WorkflowError::Forbidden { .. }));
            let allowed = expected(act).contains(role);
            assert_eq!(!denied, allowed, "{act} as {}: {result:?}", role.code());
        }
    }
}

#[test]
fn the_table_and_the_tries_name_the_same_acts() {
    let named: Vec<&str> =
        EXPECTED.lines().skip(1).filter_map(|line| line.split('\t').next()).collect();
    let tried: Vec<&str> = ACTS.iter().map(|(act, _)| *act).collect();
    // Cosigning, the vocabulary and what the editor keeps have tests of their own.
    let apart = [
        "cosign-report",
        "view-vocabulary",
        "change-vocabulary",
        "change-setting",
        "change-instruction",
        "ask-takeover",
        "answer-takeover",
    ];
    let missing: Vec<&&str> =
        named.iter().filter(|act| !tried.contains(act) && !apart.contains(act)).collect();
    assert!(missing.is_empty(), "{missing:?} are in the table and not tried");
}

/// Whether the role, without and with a clearance, sees a report of the label at its stage.
fn sees(role: Role, label: Label, cleared: bool) -> bool {
    let trial = trial(role);
    let paul = trial.test.who("paul");
    labels::add(&trial.test.site, &paul, Labelled::Report(trial.report), label).expect("labelled");
    if cleared {
        standing::set_clearance(&trial.test.site, &paul, username(role), label, true)
            .expect("cleared");
    }
    let who = trial.test.who(username(role));
    match reading::open(&trial.test.site, &who, trial.report) {
        Ok(open) => {
            assert_ne!(open.report.stage, Stage::Done);
            true
        }
        Err(WorkflowError::Sealed) => false,
        Err(other) => panic!("{} before {}: {other:?}", role.code(), label.code()),
    }
}

#[test]
fn every_label_seals_a_report_from_the_uncleared_and_only_from_them() {
    for role in [Role::Transcriptionist, Role::Reviewer, Role::RecordsSpecialist] {
        for label in Label::ALL {
            let ordinary = *label == Label::Minor;
            assert_eq!(sees(role, *label, false), ordinary, "{role:?} uncleared, {label:?}");
            assert!(sees(role, *label, true), "{role:?} cleared, {label:?}");
        }
    }
    for label in Label::ALL {
        assert!(sees(Role::Author, *label, false), "an author's own work, {label:?}");
    }
}
