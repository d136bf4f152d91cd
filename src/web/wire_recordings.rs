//! What the JSON API takes and answers about recordings under way.
//!
//! Not for: complete recordings (`wire.rs`).
//!
//! Invariant: as `wire.rs`; places in a recording under way are samples of 16 kHz.

use super::error::ApiError;
use super::extract::id;
use super::wire_report::{EncounterView, PatientView};
use crate::domain::take::{Answering, Stretch, Take};
use crate::jobs::live::LiveText;
use crate::workflow::takes::{Identified, Kept};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifyRequest {
    pub mrn: String,
}

/// The patient to confirm before anything is recorded.
#[derive(Serialize, ToSchema)]
pub struct IdentifiedView {
    pub patient: PatientView,
    /// Newest first.
    pub encounters: Vec<EncounterView>,
}

impl From<&Identified> for IdentifiedView {
    fn from(identified: &Identified) -> Self {
        Self {
            patient: PatientView::from(&identified.found),
            encounters: identified.encounters.iter().map(EncounterView::from).collect(),
        }
    }
}

/// A recording that is begun.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginRecordingRequest {
    /// User name of the author; may be left out by an author.
    pub author: Option<String>,
    pub mrn: Option<String>,
    /// Visit number.
    pub encounter: Option<String>,
    /// Code of the work type.
    pub work_type: Option<String>,
    /// `stat` or `routine`.
    pub priority: Option<String>,
    /// A blank that is answered: nothing else is said then, and no report is begun.
    pub answers: Option<AnswersBody>,
    /// RFC 3339; now, where it is missing. A program that recorded without a network says when.
    pub dictated_at: Option<String>,
    /// A recording of one's own that was over before all of it was sent: this one takes the rest,
    /// and is about the same.
    pub after: Option<String>,
}

/// A blank of a report.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswersBody {
    pub report: String,
    /// The flag of the blank.
    pub flag: Option<String>,
}

impl AnswersBody {
    pub fn read(self) -> Result<Answering, ApiError> {
        let flag = self.flag.map(|flag| id(&flag, "flag")).transpose()?;
        Ok(Answering { report: id(&self.report, "report")?, flag })
    }
}

/// A recording under way.
#[derive(Serialize, ToSchema)]
pub struct RecordingView {
    pub recording: String,
    /// `open`, `finished` or `discarded`.
    pub state: &'static str,
    /// The number of the block that is wanted next.
    pub next: u64,
    /// Samples on disk.
    pub samples: u64,
    pub opened_at: String,
    pub work_type: String,
    pub priority: &'static str,
    /// The order of its stretches: first sample, sample after the last or null.
    pub edits: Vec<(u64, Option<u64>)>,
    /// What became of it.
    pub dictation: Option<String>,
    /// Its text is shown, or could be, while somebody speaks.
    pub live: bool,
}

impl RecordingView {
    pub fn new(take: &Take, live: bool) -> Self {
        Self {
            recording: take.id.to_string(),
            state: take.state.code(),
            next: take.next,
            samples: take.samples,
            opened_at: super::wire::rfc3339(take.opened_at),
            work_type: take.work_type.to_string(),
            priority: take.priority.code(),
            edits: take.edits.stretches().iter().map(|s| (s.from, s.to)).collect(),
            dictation: take.dictation.map(|id| id.to_string()),
            live,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct RecordingsView {
    /// Newest first.
    pub recordings: Vec<RecordingView>,
    /// Recordings that could have their text shown beside those that have.
    pub live_free: usize,
}

/// The acknowledgement of a block, with the text so far where there is one.
#[derive(Serialize, ToSchema)]
pub struct KeptView {
    /// The number of the block that is wanted next.
    pub next: u64,
    /// Samples on disk.
    pub samples: u64,
    pub text: Option<LiveView>,
}

impl KeptView {
    pub fn new(kept: Kept, text: Option<LiveView>) -> Self {
        Self { next: kept.next, samples: kept.samples, text }
    }
}

/// What was heard so far.
#[derive(Serialize, ToSchema)]
pub struct LiveView {
    /// The draft of all that is final.
    pub text: String,
    /// What is being said.
    pub partial: String,
    /// Up to where everything said is in `text`, in ms.
    pub through_ms: u32,
    /// Up to where it was listened, in ms.
    pub heard_ms: u32,
}

impl From<&LiveText> for LiveView {
    fn from(live: &LiveText) -> Self {
        let LiveText { text, partial, through_ms, heard_ms } = live.clone();
        Self { text, partial, through_ms, heard_ms }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ArrangeRequest {
    /// First sample, sample after the last; null for the one place where recording goes on.
    pub edits: Vec<(u64, Option<u64>)>,
}

impl ArrangeRequest {
    pub fn stretches(self) -> Vec<Stretch> {
        self.edits.into_iter().map(|(from, to)| Stretch { from, to }).collect()
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectRequest {
    /// The text as it was shown.
    pub shown: String,
    /// What the author made of it.
    pub corrected: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishRequest {
    /// How many blocks were sent in all.
    pub blocks: u64,
}

/// What a recording under way is about: what is left out stays, what is empty is no longer said.
/// With another patient the encounter goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AboutRequest {
    /// Medical record number; the patient was confirmed by name and date of birth.
    pub mrn: Option<String>,
    /// Visit number.
    pub encounter: Option<String>,
    pub work_type: Option<String>,
    /// `routine` or `stat`.
    pub priority: Option<String>,
}

/// Several blocks from this number on.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct BlocksValues {
    /// The number of the first.
    pub from: u64,
}

/// A piece of the recording from this place on, in the order in which it is heard.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PieceValues {
    pub from_ms: Option<u32>,
}

/// What the server says on the channel of a recording.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Said<'a> {
    /// Everything before this block is on disk.
    Kept {
        next: u64,
        samples: u64,
    },
    Text(LiveView),
    /// Whether the text is shown from now on.
    Live {
        on: bool,
    },
    /// Nothing more is taken on this channel.
    Refused {
        code: &'a str,
        message: &'a str,
    },
}
