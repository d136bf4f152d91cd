//! A Dictation: one recording by one author, as it was received.
//!
//! Not for: the report that comes of it (`report.rs`) or the audio itself (`store/blob.rs`).
//!
//! Invariant: what was received is never changed; a correction of its patient, author or work
//! type is made on the report, with its own audit row.

use super::digest::Digest;
use super::ids::{DictationId, EncounterId, PatientId, PersonId};
use super::label::Labels;
use super::named::named;
use super::patient::Mrn;
use super::time::Timestamp;
use super::work_type::WorkTypeCode;

named! {
    /// How soon the report is needed; HL7 v2.5.1 table 0027 has more, dictation has these.
    pub enum Priority {
        Stat = "stat",
        Routine = "routine",
    }
}

named! {
    /// The door the recording came in by.
    pub enum Origin {
        /// A file through the page or the API.
        Upload = "upload",
        /// A file through `chartscribe import`.
        Import = "import",
        /// `chartscribe record`.
        Microphone = "microphone",
    }
}

named! {
    /// What the bytes are, found from the bytes.
    pub enum AudioFormat {
        Wav = "wav",
        Flac = "flac",
    }
}

named! {
    /// What a check of a stored recording found.
    pub enum AudioFinding {
        /// Its file is not there.
        Missing = "missing",
        /// It is not what was received.
        Damaged = "damaged",
        /// The disk does not give it.
        Illegible = "illegible",
    }
}

impl AudioFormat {
    pub fn media_type(self) -> &'static str {
        match self {
            AudioFormat::Wav => "audio/wav",
            AudioFormat::Flac => "audio/flac",
        }
    }
}

/// The stored recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Audio {
    /// SHA-256 of the bytes as they were received.
    pub digest: Digest,
    pub format: AudioFormat,
    pub bytes: u64,
    pub duration_ms: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Dictation {
    pub id: DictationId,
    pub author: PersonId,
    pub audio: Audio,
    pub origin: Origin,
    pub priority: Priority,
    pub work_type: WorkTypeCode,
    /// The record number as it was given, whether or not it is known here.
    pub given_mrn: Option<Mrn>,
    pub patient: Option<PatientId>,
    pub encounter: Option<EncounterId>,
    pub dictated_at: Timestamp,
    pub received_at: Timestamp,
    pub labels: Labels,
}
