//! The store of the bench: patients with filed reports, a backlog, people with sessions, and the
//! audit rows that all of it would have left.
//!
//! Invariant: everything is written by the store's own functions, many rows a transaction.

use chartscribe::domain::audit::{Act, Actor, AuditEvent, Door, Outcome};
use chartscribe::domain::dictation::{Audio, AudioFormat, Dictation, Origin, Priority};
use chartscribe::domain::digest::Digest;
use chartscribe::domain::flag::{FlagKind, QaFlag, ReportFlag};
use chartscribe::domain::ids::{
    DictationId, FlagId, JobId, PatientId, PersonId, ReportId, SessionId, SignatureId,
};
use chartscribe::domain::label::Labels;
use chartscribe::domain::patient::{Mrn, Patient, Sex};
use chartscribe::domain::person::{Person, Role, Username};
use chartscribe::domain::phi::Phi;
use chartscribe::domain::report::{
    Availability, Completion, Relation, Report, Stage, Version, VersionMaker,
};
use chartscribe::domain::signature::{Meaning, Signature};
use chartscribe::domain::time::Timestamp;
use chartscribe::domain::work_type::WorkTypeCode;
use chartscribe::store::db::{Store, Tx};
use chartscribe::store::error::StoreError;
use chartscribe::store::jobs::JobState;
use chartscribe::store::{
    audit, chart, dictations, flags, jobs, patients, people, reports, sessions,
};
use uuid::Uuid;

pub const REPORTS: usize = 200_000;
/// Reports that are not signed yet: two days' work of a large hospital.
const WAITING: usize = 2_000;
const PATIENTS: usize = 20_000;
pub const PEOPLE: usize = 100;
const BATCH: usize = 5_000;
const DAY_MS: i64 = 24 * 3_600_000;

const TEXT: &str = "HISTORY OF PRESENT ILLNESS\nThe patient is seen for follow-up of \
    hypertension and type 2 diabetes. There is no chest pain and no shortness of breath. \
    Metformin is continued at 1,000 mg twice a day.\n\nASSESSMENT AND PLAN\n1. Hypertension, \
    controlled.\n2. Type 2 diabetes. Repeat the laboratory tests in six weeks.\n";

/// Fills an empty store; its people sign in with [`sign_in`].
pub fn fill(store: &Store, now: Timestamp) -> Result<(), StoreError> {
    let staff: Vec<Person> = (0..PEOPLE).map(person).collect();
    let patients: Vec<PatientId> = (0..PATIENTS).map(|_| PatientId(Uuid::now_v7())).collect();
    store.write(|tx| staff.iter().try_for_each(|one| people::insert(tx, one, "none", now)))?;
    for (batch, ids) in patients.chunks(BATCH).enumerate() {
        store.write(|tx| {
            let numbered = ids.iter().zip(batch * BATCH..);
            numbered.into_iter().try_for_each(|(id, n)| patients::insert(tx, &patient(*id, n), now))
        })?;
    }
    for batch in 0..REPORTS / BATCH {
        store.write(|tx| -> Result<(), StoreError> {
            for n in batch * BATCH..(batch + 1) * BATCH {
                let made = Made { staff: &staff, patient: patients[n % PATIENTS], n, now };
                made.insert(tx, store.audit_key())?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// The token of a session for each of the people, as if they had just signed in.
pub fn sign_in(store: &Store, now: Timestamp) -> Result<Vec<String>, StoreError> {
    store.write(|tx| {
        let mut tokens = Vec::new();
        for person in people::all(tx)? {
            let token = Uuid::new_v4().simple().to_string();
            let digest = Digest::of(token.as_bytes());
            sessions::insert(tx, SessionId(Uuid::now_v7()), digest, person.id, now)?;
            tokens.push(token);
        }
        Ok(tokens)
    })
}

/// Of ten people four write, four type, one reviews and one keeps records.
fn person(n: usize) -> Person {
    let role = match n % 10 {
        0..4 => Role::Author,
        4..8 => Role::Transcriptionist,
        8 => Role::Reviewer,
        _ => Role::RecordsSpecialist,
    };
    Person {
        id: PersonId(Uuid::now_v7()),
        username: Username::parse(&format!("person{n}")).expect("a user name"),
        display_name: format!("Person {n}"),
        credential: String::new(),
        roles: vec![role],
        department: None,
        active: true,
    }
}

fn patient(id: PatientId, n: usize) -> Patient {
    Patient {
        id,
        mrn: Mrn::parse(&format!("BENCH-{n}")).expect("a record number"),
        family_name: Phi::new(format!("Family{}", n % 5000)),
        given_name: Phi::new(format!("Given{}", n % 700)),
        birth_date: Phi::text("1960-05-04"),
        sex: Sex::Unknown,
        labels: Labels::none(),
    }
}

/// One dictation and its report.
struct Made<'a> {
    staff: &'a [Person],
    patient: PatientId,
    n: usize,
    now: Timestamp,
}

impl Made<'_> {
    fn insert(&self, tx: &Tx, key: &[u8; 32]) -> Result<(), StoreError> {
        let dictation = self.dictation();
        let report = self.report(&dictation);
        dictations::insert(tx, &dictation, Some(dictation.author))?;
        reports::insert(tx, &report)?;
        let job = JobId(Uuid::now_v7());
        jobs::insert(tx, job, dictation.id, dictation.priority, 3, dictation.received_at)?;
        jobs::finish(tx, job, JobState::Succeeded, None, dictation.received_at)?;
        self.log(tx, key, Act::ReceiveDictation, &report)?;
        for number in 1..=2 {
            reports::insert_version(tx, &self.version(&report, number))?;
        }
        if report.stage == Stage::Done {
            chart::insert_signature(tx, &self.signature(&report))?;
            chart::file(tx, report.id, self.patient, None, dictation.received_at)?;
        } else if self.n.is_multiple_of(7) {
            flags::insert(tx, report.id, &self.flag())?;
        }
        self.log(tx, key, Act::SignReport, &report)
    }

    fn author(&self) -> &Person {
        let authors: Vec<&Person> = self.staff.iter().filter(|p| p.has(Role::Author)).collect();
        authors[self.n % authors.len()]
    }

    fn dictation(&self) -> Dictation {
        // Three years of work, the newest last.
        let age_ms = (REPORTS - self.n) as i64 * (3 * 365 * DAY_MS / REPORTS as i64);
        let at = self.now.plus_ms(-age_ms);
        Dictation {
            id: DictationId(Uuid::now_v7()),
            author: self.author().id,
            audio: Audio {
                digest: Digest::of(&self.n.to_be_bytes()),
                format: AudioFormat::Flac,
                bytes: 1_000_000,
                duration_ms: 90_000,
            },
            origin: Origin::Upload,
            priority: if self.n.is_multiple_of(20) { Priority::Stat } else { Priority::Routine },
            work_type: WorkTypeCode::parse("PN").expect("a work type"),
            given_mrn: None,
            patient: Some(self.patient),
            encounter: None,
            dictated_at: at,
            received_at: at,
            labels: Labels::none(),
        }
    }

    fn report(&self, dictation: &Dictation) -> Report {
        let waits = self.n >= REPORTS - WAITING;
        let (completion, stage) = match self.n % 4 {
            _ if !waits => (Completion::LegallyAuthenticated, Stage::Done),
            0 | 1 => (Completion::InProgress, Stage::Drafted),
            2 => (Completion::Incomplete, Stage::InQa),
            _ => (Completion::AwaitingSignature, Stage::WithAuthor),
        };
        let filed = Availability::Available;
        Report {
            id: ReportId(Uuid::now_v7()),
            dictation: Some(dictation.id),
            relation: Relation::Original,
            parent: None,
            author: dictation.author,
            patient: dictation.patient,
            encounter: None,
            work_type: dictation.work_type.clone(),
            priority: dictation.priority,
            completion,
            availability: if waits { Availability::Unavailable } else { filed },
            stage,
            assignee: None,
            version: 0,
            created_at: dictation.received_at,
            due_at: dictation.received_at.plus_ms(DAY_MS),
            labels: Labels::none(),
        }
    }

    fn version(&self, report: &Report, number: u32) -> Version {
        let text = format!("{TEXT}{TEXT}Report {}, version {number}.\n", self.n);
        let by_machine = number == 1;
        Version {
            report: report.id,
            number,
            digest: Digest::of(text.as_bytes()),
            text: Phi::new(text),
            maker: if by_machine { VersionMaker::Machine } else { VersionMaker::Person },
            by: (!by_machine).then_some(report.author),
            at: report.created_at,
        }
    }

    fn signature(&self, report: &Report) -> Signature {
        Signature {
            id: SignatureId(Uuid::now_v7()),
            report: report.id,
            version: 2,
            signer: report.author,
            meaning: Meaning::Author,
            printed_name: self.author().signature_name(),
            at: report.created_at,
            utc_offset_minutes: 0,
            digest: self.version(report, 2).digest,
        }
    }

    fn flag(&self) -> ReportFlag {
        let flag =
            QaFlag { kind: FlagKind::Number, note: Phi::text("a dose"), audio: None, text: None };
        let id = FlagId(Uuid::now_v7());
        ReportFlag { id, flag, raised_by: None, raised_at: self.now, settled: None }
    }

    fn log(&self, tx: &Tx, key: &[u8; 32], act: Act, report: &Report) -> Result<(), StoreError> {
        let via = Door::Session(SessionId(Uuid::now_v7()));
        let event = AuditEvent {
            at: report.created_at,
            actor: Actor::Person { id: report.author, via },
            act,
            outcome: Outcome::Done,
            subjects: vec![format!("report:{}", report.id)],
            detail: vec![],
        };
        audit::append(tx, key, &event).map(drop)
    }
}
