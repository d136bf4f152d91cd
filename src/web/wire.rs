//! What the JSON API takes and answers, but for reports and charts (`wire_report.rs`).
//!
//! Not for: what the words mean (`domain`), or which of them a person may see (`workflow`).
//!
//! Invariant: unknown fields of a request are refused; times are RFC 3339 in UTC, lengths and
//! places in audio are milliseconds. A change here shows in the snapshot of the OpenAPI document.

use crate::domain::person::Person;
use crate::domain::time::Timestamp;
use crate::domain::transcript::Transcript;
use crate::store::jobs::Job;
use crate::workflow::receive::Received;
use crate::workflow::transcription::DictationStatus;
use crate::workflow::worklist::WorklistItem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Every refusal and failure.
#[derive(Serialize, ToSchema)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

impl ErrorBody {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { error: ErrorDetail { code, message, field: None, current: None } }
    }
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
    /// Of the second factor, or a recovery code, where the person has one.
    pub code: Option<String>,
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
    /// `upload` or `microphone`; `upload` where it is missing.
    pub origin: Option<String>,
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

impl From<&Received> for ReceivedView {
    fn from(received: &Received) -> Self {
        Self {
            dictation: received.dictation.to_string(),
            report: received.report.to_string(),
            duration_ms: received.duration_ms,
            repeated: received.repeated,
            flags: received.flags.iter().map(|kind| kind.code()).collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct JobBody {
    /// `queued`, `running`, `succeeded`, `dead` or `stopped`.
    pub state: &'static str,
    pub attempts: u32,
    /// 0 to 1.
    pub progress: f64,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

impl From<&Job> for JobBody {
    fn from(job: &Job) -> Self {
        Self {
            state: job.state.code(),
            attempts: job.attempts,
            progress: job.progress,
            error: job.last_error.clone(),
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
    /// `upload`, `import` or `microphone`.
    pub origin: &'static str,
    pub dictated_at: String,
    pub received_at: String,
    pub completion: &'static str,
    pub stage: &'static str,
    pub job: Option<JobBody>,
}

impl From<&DictationStatus> for DictationView {
    fn from(status: &DictationStatus) -> Self {
        let dictation = &status.dictation;
        Self {
            dictation: dictation.id.to_string(),
            report: status.report.to_string(),
            work_type: dictation.work_type.to_string(),
            priority: dictation.priority.code(),
            duration_ms: dictation.audio.duration_ms,
            origin: dictation.origin.code(),
            dictated_at: rfc3339(dictation.dictated_at),
            received_at: rfc3339(dictation.received_at),
            completion: status.completion.code(),
            stage: status.stage.code(),
            job: status.job.as_ref().map(JobBody::from),
        }
    }
}

/// What the engine heard, before anything was written from it.
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

impl From<&Transcript> for TranscriptView {
    fn from(transcript: &Transcript) -> Self {
        let word = |word: &crate::domain::transcript::Word| WordView {
            text: word.text.clone(),
            start_ms: word.start_ms,
            end_ms: word.end_ms,
            confidence: word.confidence,
        };
        Self {
            text: transcript.text(),
            words: transcript.words.iter().map(word).collect(),
            audio_ms: transcript.audio_ms,
            model: transcript.model.clone(),
        }
    }
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
    /// The names are left out because of a label.
    pub sealed: bool,
    pub job: Option<JobBody>,
}

impl From<&WorklistItem> for RowView {
    fn from(item: &WorklistItem) -> Self {
        let row = &item.row;
        let report = &row.report;
        Self {
            report: report.id.to_string(),
            dictation: report.dictation.map(|id| id.to_string()),
            patient_name: row.patient_name.as_ref().map(|name| name.reveal().clone()),
            mrn: row.mrn.as_ref().map(|mrn| mrn.reveal().clone()),
            work_type: report.work_type.to_string(),
            work_type_name: item.work_type_name.clone(),
            author_name: row.author_name.clone(),
            priority: report.priority.code(),
            completion: report.completion.code(),
            stage: report.stage.code(),
            assignee_name: row.assignee_name.clone(),
            created_at: rfc3339(report.created_at),
            due_at: rfc3339(report.due_at),
            duration_ms: row.duration_ms,
            open_flags: row.open_flags,
            sealed: row.sealed,
            job: item.job.as_ref().map(JobBody::from),
        }
    }
}

/// An instant in UTC.
pub fn rfc3339(at: Timestamp) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.0);
    instant.unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}
