//! The audit as its readers use it: search, access report, export, and the check that shows what
//! was changed, taken out, cut off or put back.
//!
//! Not for: which act writes which row (`workflow.rs`).

use crate::support::{TestSite, operator, reception, wav};
use chartscribe::domain::audit::Act;
use chartscribe::domain::time::Timestamp;
use chartscribe::jobs::daily;
use chartscribe::store::audit as rows;
use chartscribe::store::error::{Rule, StoreError};
use chartscribe::workflow::audit::{self, Query};
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::filter::Filter;
use chartscribe::workflow::site::Acting;
use chartscribe::workflow::worklist::worklist;
use chartscribe::workflow::{chart, reading, review, transcription};
use std::fs;

const DAY_MS: i64 = 24 * 3_600_000;

/// Ada's report about MRN-1, looked at by tess and rosa; one about MRN-2 by nobody.
fn looked_at() -> TestSite {
    let test = TestSite::new();
    let id = test.drafted("No fever.");
    review::claim(&test.site, &test.who("tess"), id).expect("taken");
    reading::open(&test.site, &test.who("tess"), id).expect("seen");
    test.pass_ms(DAY_MS);
    let open = reading::open(&test.site, &test.who("rosa"), id).expect("seen");
    let patient = open.patient.expect("known").id;
    chart::chart(&test.site, &test.who("rosa"), patient).expect("the chart");
    test
}

#[test]
fn a_search_finds_by_patient_person_act_and_time_and_is_itself_in_the_audit() {
    let test = looked_at();
    let paul = test.who("paul");
    let found = |query: Query| -> Vec<(String, String)> {
        let entries = audit::search(&test.site, &paul, &query).expect("allowed");
        let name = |entry: &audit::Entry| match &entry.person {
            Some(person) => person.username.as_str().to_owned(),
            None => String::new(),
        };
        entries.iter().map(|entry| (name(entry), entry.row.act.clone())).collect()
    };
    let about_iris = Query { mrn: Some("MRN-1".into()), ..Query::default() };
    let acts = found(about_iris.clone());
    assert!(acts.contains(&("tess".into(), "view-report".into())), "{acts:?}");
    assert!(acts.contains(&("rosa".into(), "view-chart".into())), "{acts:?}");
    assert!(acts.contains(&("ada".into(), "receive-dictation".into())), "{acts:?}");
    let about_jon = found(Query { mrn: Some("MRN-2".into()), ..Query::default() });
    assert!(about_jon.iter().all(|(who, _)| who.is_empty() || who == "paul"), "{about_jon:?}");

    let by_tess = found(Query { username: Some("tess".into()), ..Query::default() });
    assert_eq!(by_tess.len(), 2, "{by_tess:?}");
    let views = Query { act: Some(Act::ViewReport), ..about_iris.clone() };
    assert_eq!(found(views).len(), 2);
    let start = test.site.clock.now().plus_ms(-DAY_MS / 2);
    let later = found(Query { from: Some(start), ..about_iris.clone() });
    assert!(!later.is_empty() && later.iter().all(|(who, _)| who != "tess"), "{later:?}");
    let earlier = found(Query { until: Some(start), ..about_iris });
    assert!(earlier.iter().all(|(who, _)| who != "rosa"), "{earlier:?}");
    assert!(test.acts().contains(&"view-audit done".to_owned()));
}

#[test]
fn a_search_goes_on_before_the_last_row_it_answered() {
    let test = looked_at();
    let paul = test.who("paul");
    let all = audit::search(&test.site, &paul, &Query::default()).expect("allowed");
    let middle = all[all.len() / 2].row.seq;
    let next = Query { before: Some(middle), ..Query::default() };
    let rest = audit::search(&test.site, &paul, &next).expect("allowed");
    assert_eq!(rest.first().map(|entry| entry.row.seq), Some(middle - 1));
    assert_eq!(rest.last().map(|entry| entry.row.seq), Some(1));
}

#[test]
fn a_worklist_seen_again_is_named_by_what_changed_and_found_by_what_it_showed() {
    let test = TestSite::new();
    let reports = test.backlog(40, "No fever.");
    let toby = test.who("toby");
    let look = || worklist(&test.site, &toby, &Filter::default()).expect("a list");
    let rows = || {
        let mut rows = test.audit();
        rows.retain(|row| row.act == "view-worklist");
        rows
    };
    look();
    review::claim(&test.site, &test.who("tess"), reports[7]).expect("out of his list");
    look();
    let (whole, again) = (rows()[0].clone(), rows()[1].clone());
    assert_eq!(whole.subjects.split(' ').count(), 41);
    assert_eq!(again.subjects, "", "nothing new");
    let detail: serde_json::Value = serde_json::from_str(&again.detail).expect("JSON");
    assert_eq!(detail["as_in_row"], whole.seq.to_string());
    assert_eq!(detail["without"], format!("report:{}", reports[7]));
    assert_eq!(detail["shown"], "40");
    test.pass_ms(10 * 60_000);
    look();
    assert_eq!(rows()[2].subjects.split(' ').count(), 40, "named whole after ten minutes");

    // The report that he saw once is about Jon now.
    review::assign_patient(&test.site, &test.who("tess"), reports[7], "MRN-2", None).expect("set");
    let about =
        Query { mrn: Some("MRN-2".into()), act: Some(Act::ViewWorklist), ..Query::default() };
    let found = audit::search(&test.site, &test.who("paul"), &about).expect("allowed");
    let found: Vec<u64> = found.iter().map(|entry| entry.row.seq).collect();
    assert_eq!(found, [whole.seq], "the row that showed it, not the one without it");
    let about =
        Query { mrn: Some("MRN-1".into()), act: Some(Act::ViewWorklist), ..Query::default() };
    let found = audit::search(&test.site, &test.who("paul"), &about).expect("allowed");
    assert!(found.iter().any(|entry| entry.row.seq == again.seq), "shown by its reference");
}

#[test]
fn one_listening_is_one_row_and_no_listening_is_without() {
    let test = TestSite::new();
    let received = test.received();
    test.transcribe("No fever.", vec![]);
    let rows = || test.acts().iter().filter(|row| **row == "listen-audio done").count();
    let listen = |who: &Acting| {
        transcription::audio(&test.site, who, received.dictation).expect("a recording");
    };
    let (ada, tess) = (test.who("ada"), test.who("tess"));
    for _ in 0..5 {
        listen(&ada);
        test.pass_ms(60_000);
    }
    assert_eq!(rows(), 1, "pieces of one listening");
    listen(&tess);
    assert_eq!(rows(), 2, "another person");
    listen(&test.who("ada"));
    assert_eq!(rows(), 3, "another session of the same person");
    test.pass_ms(5 * 60_000);
    listen(&ada);
    assert_eq!(rows(), 4, "ten minutes after its row");
    let other = test.receive(&ada, reception(), &wav(2.0)).expect("received").dictation;
    transcription::audio(&test.site, &ada, other).expect("a recording");
    assert_eq!(rows(), 5, "another recording");
    let denied = transcription::audio(&test.site, &test.who("paul"), received.dictation);
    assert!(denied.is_err());
    assert!(test.acts().contains(&"listen-audio refused".to_owned()));
}

#[test]
fn an_access_report_names_everybody_who_had_to_do_with_the_patient() {
    let test = looked_at();
    let report =
        audit::access_report(&test.site, &test.who("paul"), "MRN-1", None, None).expect("allowed");
    assert_eq!(report.patient.given_name.reveal(), "Iris");
    assert!(!report.cut);
    let at: Vec<i64> = report.entries.iter().map(|entry| entry.row.at.0).collect();
    assert!(at.is_sorted(), "oldest first");
    let mut names: Vec<String> = report
        .entries
        .iter()
        .filter_map(|entry| entry.person.as_ref())
        .map(|person| person.username.as_str().to_owned())
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names, ["ada", "paul", "rosa", "tess"]);
    let nobody = audit::access_report(&test.site, &test.who("paul"), "MRN-9", None, None);
    assert!(matches!(nobody, Err(WorkflowError::NotFound { what: "patient" })));
}

#[test]
fn only_privacy_officer_auditor_and_operator_read_the_audit_and_others_are_written_down() {
    let test = TestSite::new();
    for name in ["ada", "tess", "quinn", "rosa", "admin"] {
        let who = test.who(name);
        let denied = audit::search(&test.site, &who, &Query::default());
        assert!(matches!(denied, Err(WorkflowError::Forbidden { .. })), "{name}");
        let denied = audit::verify(&test.site, &who);
        assert!(matches!(denied, Err(WorkflowError::Forbidden { .. })), "{name}");
        let exported = audit::begin_export(&test.site, &who, None, None).map(drop);
        assert!(matches!(exported, Err(WorkflowError::Forbidden { .. })), "{name}");
    }
    for act in ["view-audit", "verify-audit", "export-audit"] {
        let refused = test.acts().iter().filter(|row| **row == format!("{act} refused")).count();
        assert_eq!(refused, 5, "{act}");
    }
    for who in [test.who("paul"), test.who("alma"), operator()] {
        audit::search(&test.site, &who, &Query::default()).expect("allowed");
        assert!(audit::verify(&test.site, &who).expect("allowed").holds());
    }
}

fn export(
    test: &TestSite,
    from: Option<Timestamp>,
    sink: impl FnMut(&rows::AuditRow) -> Result<(), WorkflowError>,
) -> u64 {
    let export = audit::begin_export(&test.site, &test.who("alma"), from, None).expect("allowed");
    export.pour(&test.site, sink).expect("readable")
}

#[test]
fn an_export_is_every_row_of_its_time() {
    let test = looked_at();
    let mut seqs = Vec::new();
    let sink = |row: &rows::AuditRow| -> Result<(), WorkflowError> {
        seqs.push(row.seq);
        Ok(())
    };
    let count = export(&test, None, sink);
    assert_eq!(seqs, (1..=count).collect::<Vec<u64>>());
    let from = Some(test.site.clock.now());
    let mut later = 0;
    let sink = |_: &rows::AuditRow| -> Result<(), WorkflowError> {
        later += 1;
        Ok(())
    };
    let rest = export(&test, from, sink);
    assert!(rest == later && rest > 0 && rest < count, "{rest} of {count}");
}

#[test]
fn no_statement_of_ours_changes_or_removes_a_row() {
    let test = looked_at();
    for sql in ["update audit set outcome = 'done'", "delete from audit where seq = 1"] {
        let refused = test.site.store.write(|tx| tx.execute(sql, &[]));
        let trigger = StoreError::Constraint {
            kind: Rule::Trigger,
            name: "the audit is only added to".into(),
        };
        assert_eq!(format!("{refused:?}"), format!("{:?}", Err::<usize, _>(trigger)));
    }
}

/// Somebody with the key who takes the triggers away first.
fn tampered(test: &TestSite, sql: &str) {
    let done: Result<_, StoreError> = test.site.store.write(|tx| {
        tx.execute("drop trigger audit_is_kept", &[])?;
        tx.execute("drop trigger audit_is_final", &[])?;
        tx.execute(sql, &[])
    });
    done.expect("tampered with");
}

#[test]
fn a_changed_removed_or_moved_row_is_named() {
    let changes = [
        ("update audit set detail = '{}', at = at + 1 where seq = 5", 5),
        ("delete from audit where seq = 5", 5),
        ("update audit set seq = 1000 where seq = 5", 5),
        ("update audit set actor = 'machine' where seq = 7", 7),
    ];
    for (sql, seq) in changes {
        let test = looked_at();
        tampered(&test, sql);
        let verified = audit::verify(&test.site, &operator()).expect("readable");
        assert_eq!(verified.checked.broken, Some(seq), "{sql}");
        assert!(verified.head.is_none(), "a broken chain gets no head");
    }
}

#[test]
fn a_tail_that_was_cut_off_shows_by_the_heads_that_were_written_down() {
    let test = looked_at();
    let verified = audit::verify(&test.site, &operator()).expect("readable");
    let head = verified.head.expect("a head");
    tampered(&test, &format!("delete from audit where seq > {}", head.seq - 3));
    let verified = audit::verify(&test.site, &operator()).expect("readable");
    assert_eq!(verified.checked.broken, None, "the rest is a sound chain");
    assert_eq!(verified.checked.lost, std::slice::from_ref(&head));
    assert!(!verified.holds());

    // Rows that grow over the cut have other seals.
    for _ in 0..5 {
        audit::search(&test.site, &operator(), &Query::default()).expect("allowed");
    }
    let verified = audit::verify(&test.site, &operator()).expect("readable");
    assert_eq!(verified.checked.lost, [head]);
}

#[test]
fn a_changed_file_of_heads_is_refused() {
    let test = looked_at();
    audit::verify(&test.site, &operator()).expect("readable");
    let path = &test.site.settings.audit_heads;
    let text = fs::read_to_string(path).expect("the heads");
    fs::write(path, text.replacen("2026", "2025", 1)).expect("changed");
    let refused = audit::verify(&test.site, &operator());
    assert!(matches!(refused, Err(WorkflowError::Store(StoreError::Corrupt { .. }))));
}

#[test]
fn the_machine_writes_one_head_a_day() {
    let test = looked_at();
    assert!(daily::tick(&test.site).expect("checked"));
    assert!(!daily::tick(&test.site).expect("nothing to do"));
    test.pass_ms(DAY_MS);
    assert!(daily::tick(&test.site).expect("checked"));
    let text = fs::read_to_string(&test.site.settings.audit_heads).expect("the heads");
    assert_eq!(text.lines().count(), 2);
    let daily = test.acts().iter().filter(|row| **row == "verify-audit done").count();
    assert_eq!(daily, 2);
}
