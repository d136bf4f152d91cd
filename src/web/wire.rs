//! What the JSON API takes and answers.
//!
//! Not for: what the words mean (`domain`), or which of them a person may see (`workflow`).
//!
//! Invariant: unknown fields of a request are refused; times are RFC 3339 in UTC, lengths and
//! places in audio are milliseconds. A change here shows in the snapshot of the OpenAPI document.

use crate::domain::ids::PersonId;
use crate::domain::patient::{Encounter, Patient};
use crate::domain::person::Person;
use crate::domain::report::{Report, Version};
use crate::domain::signature::Signature;
use crate::domain::time::Timestamp;
use crate::vocab::work_types::WorkTypes;
use crate::workflow::review::OpenReport;
use crate::workflow::transcription::JobView;
use crate::workflow::worklist::WorklistRow;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Every refusal and failure.
#[derive(Serialize, ToSchema)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

#[derive(Serialize, ToSchema)]
pub struct ErrorDetail {
    /// A stable word for programs.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
    /// The field of the request that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// With code `stale`: the number of the newest version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<u32>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    pub username: String,
    #[schema(value_type = String, format = Password)]
    pub password: Secret,
}

/// A password on its way in: no `Debug`, and wiped from memory when it is dropped.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn into_secret(self) -> secrecy::SecretString {
        secrecy::SecretString::from(self.0)
    }
}

#[derive(Serialize, ToSchema)]
pub struct Session {
    pub person: SessionPerson,
}

#[derive(Serialize, ToSchema)]
pub struct SessionPerson {
    pub username: String,
    pub display_name: String,
    pub credential: String,
    pub roles: Vec<&'static str>,
}

impl From<&Person> for SessionPerson {
    fn from(person: &Person) -> Self {
        Self {
            username: person.username.to_string(),
            display_name: person.display_name.clone(),
            credential: person.credential.clone(),
            roles: person.roles.iter().map(|role| role.code()).collect(),
        }
    }
}

/// A person as colleagues see them.
#[derive(Serialize, ToSchema)]
pub struct PersonView {
    pub username: String,
    pub display_name: String,
    pub credential: String,
}

impl From<&Person> for PersonView {
    fn from(person: &Person) -> Self {
        Self {
            username: person.username.to_string(),
            display_name: person.display_name.clone(),
            credential: person.credential.clone(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct AuthorsView {
    pub authors: Vec<PersonView>,
}

#[derive(Serialize, ToSchema)]
pub struct WorkTypesView {
    pub work_types: Vec<WorkTypeView>,
}

#[derive(Serialize, ToSchema)]
pub struct WorkTypeView {
    pub code: String,
    pub name: String,
    pub stat_minutes: u32,
    pub routine_minutes: u32,
}

/// The form of an upload, `multipart/form-data`. Fields may come in any order.
#[derive(ToSchema)]
#[allow(dead_code, reason = "read part by part; the type is the OpenAPI document's")]
pub struct DictationForm {
    /// The recording: WAV or FLAC.
    #[schema(value_type = String, format = Binary)]
    pub audio: Vec<u8>,
    /// User name of the author; may be left out by an author who sends their own dictation.
    pub author: Option<String>,
    /// Medical record number of the patient.
    pub mrn: Option<String>,
    /// Visit number.
    pub encounter: Option<String>,
    /// Code of the work type.
    pub work_type: Option<String>,
    /// `stat` or `routine`.
    pub priority: Option<String>,
    /// RFC 3339.
    pub dictated_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ReceivedView {
    pub dictation: String,
    pub report: String,
    pub duration_ms: u32,
    /// The same upload was received before; this is that dictation.
    pub repeated: bool,
    /// Kinds of the flags that were raised on receipt.
    pub flags: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
pub struct JobBody {
    /// `queued`, `running`, `succeeded`, `dead` or `stopped`.
    pub state: &'static str,
    pub attempts: u32,
    /// 0 to 1.
    pub progress: f32,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

impl From<&JobView> for JobBody {
    fn from(job: &JobView) -> Self {
        Self {
            state: job.state.code(),
            attempts: job.attempts,
            progress: job.progress,
            error: job.error.clone(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct DictationView {
    pub dictation: String,
    pub report: String,
    pub work_type: String,
    pub priority: &'static str,
    pub duration_ms: u32,
    pub dictated_at: String,
    pub received_at: String,
    pub completion: &'static str,
    pub stage: &'static str,
    pub job: Option<JobBody>,
}

#[derive(Serialize, ToSchema)]
pub struct TranscriptView {
    pub text: String,
    pub words: Vec<WordView>,
    pub audio_ms: u32,
    pub model: String,
}

#[derive(Serialize, ToSchema)]
pub struct WordView {
    pub text: String,
    pub start_ms: u32,
    pub end_ms: u32,
    pub confidence: f32,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WorklistQuery {
    /// Code of a stage, such as `drafted`.
    pub stage: Option<String>,
    /// Only what is in the asker's own hands or of their own authorship.
    #[serde(default)]
    #[param(required = false)]
    pub mine: bool,
    /// `stat` or `routine`.
    pub priority: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct WorklistView {
    /// STAT first, then least time left.
    pub rows: Vec<RowView>,
}

#[derive(Serialize, ToSchema)]
pub struct RowView {
    pub report: String,
    pub dictation: Option<String>,
    pub patient_name: Option<String>,
    pub mrn: Option<String>,
    pub work_type: String,
    pub work_type_name: String,
    pub author_name: String,
    pub priority: &'static str,
    /// HL7 table 0271.
    pub completion: &'static str,
    pub stage: &'static str,
    pub assignee_name: Option<String>,
    pub created_at: String,
    pub due_at: String,
    pub duration_ms: Option<u32>,
    pub open_flags: u32,
    pub job: Option<JobBody>,
}

impl RowView {
    pub fn new(row: &WorklistRow, work_types: &WorkTypes) -> Self {
        let report = &row.row.report;
        Self {
            report: report.id.to_string(),
            dictation: report.dictation.map(|id| id.to_string()),
            patient_name: row.row.patient_name.as_ref().map(|name| name.reveal().clone()),
            mrn: row.row.mrn.as_ref().map(|mrn| mrn.reveal().clone()),
            work_type: report.work_type.to_string(),
            work_type_name: work_type_name(work_types, report),
            author_name: row.row.author_name.clone(),
            priority: report.priority.code(),
            completion: report.completion.code(),
            stage: report.stage.code(),
            assignee_name: row.row.assignee_name.clone(),
            created_at: rfc3339(report.created_at),
            due_at: rfc3339(report.due_at),
            duration_ms: row.row.duration_ms,
            open_flags: row.row.open_flags,
            job: row.job.as_ref().map(JobBody::from),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct PatientView {
    pub id: String,
    pub mrn: String,
    pub family_name: String,
    pub given_name: String,
    /// `YYYY-MM-DD`.
    pub birth_date: String,
    /// HL7 table 0001.
    pub sex: &'static str,
}

impl From<&Patient> for PatientView {
    fn from(patient: &Patient) -> Self {
        Self {
            id: patient.id.to_string(),
            mrn: patient.mrn.reveal().to_string(),
            family_name: patient.family_name.reveal().clone(),
            given_name: patient.given_name.reveal().clone(),
            birth_date: patient.birth_date.reveal().clone(),
            sex: patient.sex.code(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct EncounterView {
    pub number: String,
    /// HL7 table 0004.
    pub kind: &'static str,
    pub location: String,
    pub began_at: String,
    pub ended_at: Option<String>,
}

impl From<&Encounter> for EncounterView {
    fn from(encounter: &Encounter) -> Self {
        Self {
            number: encounter.number.reveal().clone(),
            kind: encounter.kind.code(),
            location: encounter.location.clone(),
            began_at: rfc3339(encounter.began_at),
            ended_at: encounter.ended_at.map(rfc3339),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct SignatureView {
    pub printed_name: String,
    /// `author` or `cosigner`.
    pub meaning: &'static str,
    pub at: String,
    /// Minutes east of UTC at the site when signed.
    pub utc_offset_minutes: i32,
    pub version: u32,
    /// SHA-256 of the text that was signed.
    pub digest: String,
}

impl From<&Signature> for SignatureView {
    fn from(signature: &Signature) -> Self {
        Self {
            printed_name: signature.printed_name.clone(),
            meaning: signature.meaning.code(),
            at: rfc3339(signature.at),
            utc_offset_minutes: signature.utc_offset_minutes,
            version: signature.version,
            digest: signature.digest.to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct FlagView {
    pub id: String,
    pub kind: &'static str,
    pub note: String,
    pub start_ms: Option<u32>,
    pub end_ms: Option<u32>,
    /// `open`, `resolved` or `waived`.
    pub state: &'static str,
    pub raised_at: String,
    pub by_machine: bool,
    pub settled: Option<SettledView>,
}

#[derive(Serialize, ToSchema)]
pub struct SettledView {
    pub state: &'static str,
    pub at: String,
    pub note: String,
}

impl From<&crate::domain::flag::ReportFlag> for FlagView {
    fn from(raised: &crate::domain::flag::ReportFlag) -> Self {
        Self {
            id: raised.id.to_string(),
            kind: raised.flag.kind.code(),
            note: raised.flag.note.reveal().clone(),
            start_ms: raised.flag.audio.map(|span| span.start_ms),
            end_ms: raised.flag.audio.map(|span| span.end_ms),
            state: raised.state().code(),
            raised_at: rfc3339(raised.raised_at),
            by_machine: raised.raised_by.is_none(),
            settled: raised.settled.as_ref().map(|settled| SettledView {
                state: settled.state.code(),
                at: rfc3339(settled.at),
                note: settled.note.reveal().clone(),
            }),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct VersionLineView {
    pub number: u32,
    /// `machine` or `person`.
    pub maker: &'static str,
    pub by_name: Option<String>,
    pub at: String,
    pub digest: String,
}

#[derive(Serialize, ToSchema)]
pub struct VersionsView {
    pub versions: Vec<VersionLineView>,
}

#[derive(Serialize, ToSchema)]
pub struct VersionView {
    pub number: u32,
    pub maker: &'static str,
    pub at: String,
    pub digest: String,
    pub text: String,
}

impl From<&Version> for VersionView {
    fn from(version: &Version) -> Self {
        Self {
            number: version.number,
            maker: version.maker.code(),
            at: rfc3339(version.at),
            digest: version.digest.to_string(),
            text: version.text.reveal().clone(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct AudioView {
    pub duration_ms: u32,
    pub media_type: &'static str,
}

#[derive(Serialize, ToSchema)]
pub struct ReportView {
    pub id: String,
    pub dictation: Option<String>,
    pub relation: &'static str,
    pub parent: Option<String>,
    pub completion: &'static str,
    pub availability: &'static str,
    pub stage: &'static str,
    pub priority: &'static str,
    pub work_type: String,
    pub work_type_name: String,
    pub created_at: String,
    pub due_at: String,
    pub dictated_at: Option<String>,
    /// Number of the newest version; 0 before there is one.
    pub version: u32,
    /// SHA-256 of the text.
    pub digest: String,
    pub text: String,
    pub patient: Option<PatientView>,
    /// The record number that came with the recording.
    pub given_mrn: Option<String>,
    pub encounter: Option<EncounterView>,
    pub author: PersonView,
    pub assignee: Option<PersonView>,
    pub flags: Vec<FlagView>,
    pub versions: Vec<VersionLineView>,
    pub audio: Option<AudioView>,
    pub job: Option<JobBody>,
    pub signatures: Vec<SignatureView>,
    pub addenda: Vec<String>,
    /// Codes of the acts that the asker may do on this report now.
    pub may: Vec<&'static str>,
}

impl ReportView {
    pub fn new(open: &OpenReport, work_types: &WorkTypes) -> Self {
        let report = &open.report;
        let dictation = open.dictation.as_ref();
        Self {
            id: report.id.to_string(),
            dictation: report.dictation.map(|id| id.to_string()),
            relation: report.relation.code(),
            parent: report.parent.map(|id| id.to_string()),
            completion: report.completion.code(),
            availability: report.availability.code(),
            stage: report.stage.code(),
            priority: report.priority.code(),
            work_type: report.work_type.to_string(),
            work_type_name: work_type_name(work_types, report),
            created_at: rfc3339(report.created_at),
            due_at: rfc3339(report.due_at),
            dictated_at: dictation.map(|dictation| rfc3339(dictation.dictated_at)),
            version: report.version,
            digest: open.digest.to_string(),
            text: open.text.reveal().clone(),
            patient: open.patient.as_ref().map(PatientView::from),
            given_mrn: dictation
                .and_then(|dictation| dictation.given_mrn.as_ref())
                .map(|mrn| mrn.reveal().to_string()),
            encounter: open.encounter.as_ref().map(EncounterView::from),
            author: PersonView::from(&open.author),
            assignee: open.assignee.as_ref().map(PersonView::from),
            flags: open.flags.iter().map(FlagView::from).collect(),
            versions: version_lines(open),
            audio: dictation.map(|dictation| AudioView {
                duration_ms: dictation.audio.duration_ms,
                media_type: dictation.audio.format.media_type(),
            }),
            job: open.job.as_ref().map(JobBody::from),
            signatures: open.signatures.iter().map(SignatureView::from).collect(),
            addenda: open.addenda.iter().map(|id| id.to_string()).collect(),
            may: open.may.iter().map(|act| act.code()).collect(),
        }
    }
}

pub fn version_lines(open: &OpenReport) -> Vec<VersionLineView> {
    let view = |line: &crate::store::reports::VersionLine| VersionLineView {
        number: line.number,
        maker: line.maker.code(),
        by_name: line.by_name.clone(),
        at: rfc3339(line.at),
        digest: line.digest.to_string(),
    };
    open.versions.iter().map(view).collect()
}
