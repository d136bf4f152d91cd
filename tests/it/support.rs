//! A site for tests: real store, real workflow, a clock that is set by hand, and recordings made
//! of tones.
//!
//! Not for: HTTP or the whole program; their tests bring their own.

use chartscribe::config::{File, Settings};
use chartscribe::domain::dictation::Origin;
use chartscribe::domain::flag::QaFlag;
use chartscribe::domain::ids::ReportId;
use chartscribe::domain::patient::{EncounterKind, Sex};
use chartscribe::domain::person::{Role, Username};
use chartscribe::domain::report::{Report, Version};
use chartscribe::domain::time::Timestamp;
use chartscribe::domain::transcript::{Transcript, Word};
use chartscribe::store::audit::{self, AuditRow};
use chartscribe::store::db::Store;
use chartscribe::store::error::StoreError;
use chartscribe::store::{Place, people as people_rows, reports};
use chartscribe::text::Draft;
use chartscribe::vocab::work_types::WorkTypes;
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::intake::{self, NewEncounter, NewPatient};
use chartscribe::workflow::people::{self, NewPerson};
use chartscribe::workflow::receive::{self, Received, Reception};
use chartscribe::workflow::sign_in::{self, Use};
use chartscribe::workflow::site::{Acting, Clock, Site};
use chartscribe::workflow::transcription;
use secrecy::{ExposeSecret, SecretString};
use std::io::{Cursor, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;

pub const PASSWORD: &str = "a password for tests only";
/// 2026-03-02T09:00:00Z, a Monday.
pub const START: i64 = 1_772_442_000_000;

pub struct TestSite {
    pub site: Arc<Site>,
    pub time: Arc<AtomicI64>,
    _folder: TempDir,
}

impl TestSite {
    /// A site with a person of each role (two authors, two transcriptionists), and two patients.
    pub fn new() -> Self {
        let empty = Self::empty();
        empty.add_people();
        empty.add_patients();
        empty
    }

    pub fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = settings(&folder);
        let place = Place { data: settings.data.clone(), key_file: settings.key_file.clone() };
        let store = Store::create(&place).expect("a new data folder");
        let time = Arc::new(AtomicI64::new(START));
        let hand = time.clone();
        let clock = Clock::new(move || Timestamp(hand.load(Ordering::SeqCst)));
        let site = Site { store, clock, settings, work_types: WorkTypes::built_in() };
        Self { site: Arc::new(site), time, _folder: folder }
    }

    fn add_people(&self) {
        let people = [
            ("ada", Role::Author),
            ("ben", Role::Author),
            ("tess", Role::Transcriptionist),
            ("toby", Role::Transcriptionist),
            ("quinn", Role::Reviewer),
            ("rosa", Role::RecordsSpecialist),
            ("paul", Role::PrivacyOfficer),
            ("alma", Role::Auditor),
            ("admin", Role::Administrator),
        ];
        for (username, role) in people {
            self.add_person(username, &[role]);
        }
    }

    pub fn add_person(&self, username: &str, roles: &[Role]) {
        let new = NewPerson {
            username: username.into(),
            display_name: format!("{username} Testperson"),
            credential: "MD".into(),
            roles: roles.to_vec(),
            department: None,
            password: SecretString::from(PASSWORD),
        };
        people::add(&self.site, &operator(), new).expect("a new person");
    }

    fn add_patients(&self) {
        for (mrn, given, visit) in [("MRN-1", "Iris", "V-1"), ("MRN-2", "Jon", "V-2")] {
            let patient = NewPatient {
                mrn: mrn.into(),
                family_name: "Testcase".into(),
                given_name: given.into(),
                birth_date: "1960-05-04".into(),
                sex: Sex::Unknown,
            };
            intake::add_patient(&self.site, &operator(), patient).expect("a new patient");
            let encounter = NewEncounter {
                mrn: mrn.into(),
                number: visit.into(),
                kind: EncounterKind::Outpatient,
                location: "Clinic".into(),
                began_at: Timestamp(START),
                ended_at: None,
            };
            intake::add_encounter(&self.site, &operator(), encounter).expect("a new encounter");
        }
    }

    /// The person, signed in.
    pub fn who(&self, username: &str) -> Acting {
        let name = Username::parse(username).expect("a user name");
        let person = self
            .site
            .store
            .read(|tx| people_rows::by_username(tx, &name))
            .expect("readable")
            .expect("a person of this name");
        let session = chartscribe::domain::ids::SessionId(uuid::Uuid::now_v7());
        let via = chartscribe::domain::audit::Door::Session(session);
        let actor = chartscribe::domain::audit::Actor::Person { id: person.id, via };
        Acting { actor, person: Some(person), scopes: None }
    }

    /// A session by password, as the page starts it.
    pub fn sign_in(&self, username: &str) -> (String, Acting) {
        let password = SecretString::from(PASSWORD);
        let signed = sign_in::sign_in(&self.site, username, &password, None, "test");
        let signed = signed.expect("signed in");
        let token = signed.token.expose_secret().to_string();
        let acting = sign_in::by_session(&self.site, &token, Use::Person).expect("a session");
        (token, acting)
    }

    pub fn pass_ms(&self, ms: i64) {
        self.time.fetch_add(ms, Ordering::SeqCst);
    }

    pub fn receive(
        &self,
        who: &Acting,
        reception: Reception,
        audio: &[u8],
    ) -> Result<Received, WorkflowError> {
        let mut upload = receive::begin_upload(&self.site, who)?;
        // A recording over the limit is refused by `receive`, as in every caller.
        let _ = upload.write_all(audio);
        receive::receive(&self.site, who, reception, upload)
    }

    /// A dictation by ada about patient MRN-1, received and not yet transcribed.
    pub fn received(&self) -> Received {
        self.receive(&self.who("ada"), reception(), &wav(1.0)).expect("received")
    }

    /// The machine's part with invented words: the report is drafted.
    pub fn transcribe(&self, text: &str, flags: Vec<QaFlag>) {
        let assignment = transcription::claim(&self.site, "test worker", 60_000)
            .expect("the queue works")
            .expect("a job is due");
        let audio_ms = assignment.dictation.audio.duration_ms;
        let word = Word { text: text.into(), start_ms: 0, end_ms: audio_ms, confidence: 0.9 };
        let transcript = Transcript {
            words: vec![word],
            doubts: vec![],
            reconsidered: vec![],
            audio_ms,
            model: "test".into(),
        };
        let draft = Draft { text: text.into(), ..Draft::default() };
        let job = &assignment.job;
        transcription::complete(&self.site, job, "test worker", &transcript, draft, flags)
            .expect("completed");
    }

    /// A report drafted as `text`, in nobody's hands.
    pub fn drafted(&self, text: &str) -> ReportId {
        let received = self.received();
        self.transcribe(text, vec![]);
        received.report
    }

    /// Copies of a new draft, each due a second after the one before, in nobody's hands.
    pub fn backlog(&self, count: usize, text: &str) -> Vec<ReportId> {
        let first = self.drafted(text);
        let made = self.site.store.write(|tx| -> Result<_, StoreError> {
            let first = reports::by_id(tx, first)?.expect("just drafted");
            let mut ids = Vec::new();
            for second in 1..=count as i64 {
                let id = ReportId(uuid::Uuid::now_v7());
                let due_at = first.due_at.plus_ms(second * 1000);
                let copy = Report { id, dictation: None, version: 0, due_at, ..first.clone() };
                reports::insert(tx, &copy)?;
                let version = reports::version(tx, first.id, 1)?.expect("drafted");
                reports::insert_version(tx, &Version { report: id, ..version })?;
                ids.push(id);
            }
            Ok(ids)
        });
        made.expect("written")
    }

    pub fn audit(&self) -> Vec<AuditRow> {
        self.site.store.read(|tx| audit::after(tx, 0, 10_000)).expect("readable")
    }

    /// Acts of the audit with their outcomes, newest last.
    pub fn acts(&self) -> Vec<String> {
        self.audit().iter().map(|row| format!("{} {}", row.act, row.outcome)).collect()
    }
}

pub fn settings(folder: &TempDir) -> Settings {
    let file = File {
        data: Some(folder.path().join("data")),
        key_file: Some(folder.path().join("site.key")),
        models: Some(folder.path().join("models")),
        max_upload_megabytes: Some(2),
        max_audio_minutes: Some(1),
        ..File::default()
    };
    Settings::from_file(file).expect("valid settings")
}

pub fn operator() -> Acting {
    Acting::operator("tests")
}

pub fn reception() -> Reception {
    Reception {
        author: Some("ada".into()),
        mrn: Some("MRN-1".into()),
        encounter: Some("V-1".into()),
        work_type: Some("HP".into()),
        priority: None,
        dictated_at: None,
        file_name: Some("note.wav".into()),
        idempotency_key: None,
        origin: Origin::Upload,
        unfinished: false,
    }
}

/// A mono 16-bit WAV of a 440 Hz tone that comes and goes like syllables.
pub fn wav(seconds: f32) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).expect("a WAV in memory");
    for n in 0..(seconds * 16_000.0) as u32 {
        let t = n as f32 / 16_000.0;
        let syllable = (t * std::f32::consts::TAU * 3.0).sin().max(0.0);
        let tone = (t * std::f32::consts::TAU * 440.0).sin();
        writer.write_sample((tone * syllable * 12_000.0) as i16).expect("written");
    }
    writer.finalize().expect("finished");
    bytes.into_inner()
}
