//! What the JSON API takes and answers about joined reports, spoken answers and what was played.
//!
//! Not for: what the words mean (`workflow`).
//!
//! Invariant: as in `wire.rs`.

use super::wire::{RowView, rfc3339};
use crate::domain::time::AudioSpan;
use crate::store::joins::Join;
use crate::workflow::answering::Answered;
use crate::workflow::joining::Candidate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which report is appended; both are named with the version that was seen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinRequest {
    pub version: u32,
    /// The report that is appended.
    pub report: String,
    pub report_version: u32,
}

#[derive(Serialize, ToSchema)]
pub struct JoinedVersionView {
    /// The version that the report has now.
    pub version: u32,
}

#[derive(Serialize, ToSchema)]
pub struct CandidatesView {
    /// Most urgent first; at most 50.
    pub reports: Vec<CandidateView>,
}

#[derive(Serialize, ToSchema)]
pub struct CandidateView {
    #[serde(flatten)]
    pub row: RowView,
    pub version: u32,
    /// The beginning of its text.
    pub opening: String,
    /// It has to be taken first.
    pub in_pool: bool,
}

impl From<&Candidate> for CandidateView {
    fn from(candidate: &Candidate) -> Self {
        Self {
            row: RowView::from(&candidate.item),
            version: candidate.item.row.report.version,
            opening: candidate.opening.reveal().clone(),
            in_pool: candidate.in_pool,
        }
    }
}

/// A report that was appended to this one.
#[derive(Serialize, ToSchema)]
pub struct JoinedView {
    pub report: String,
    /// The version that it made.
    pub version: u32,
    pub at: String,
    /// Where its recording begins in this one's; null where it brought none.
    pub offset_ms: Option<u32>,
}

impl From<&Join> for JoinedView {
    fn from(join: &Join) -> Self {
        Self {
            report: join.joined.to_string(),
            version: join.version,
            at: rfc3339(join.at),
            offset_ms: join.offset_ms,
        }
    }
}

/// Stretches of a recording that sounded.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlayedRequest {
    /// Start and end in milliseconds; at most 200.
    #[schema(value_type = Vec<Vec<u32>>)]
    pub spans: Vec<(u32, u32)>,
}

impl PlayedRequest {
    pub fn spans(self) -> Vec<AudioSpan> {
        let span = |(start_ms, end_ms)| AudioSpan { start_ms, end_ms };
        self.spans.into_iter().map(span).collect()
    }
}

#[derive(Serialize, ToSchema)]
pub struct AnswersView {
    /// Oldest first.
    pub answers: Vec<AnswerView>,
}

/// An answer to a blank that its author spoke.
#[derive(Serialize, ToSchema)]
pub struct AnswerView {
    /// Its recording.
    pub dictation: String,
    /// The flag of the blank.
    pub flag: Option<String>,
    pub by_name: String,
    pub at: String,
    pub duration_ms: u32,
    /// What was heard; null until then.
    pub heard: Option<String>,
    /// The words that were put into the report.
    pub taken: Option<String>,
    /// `offered`, `taken` or `left`.
    pub state: &'static str,
    /// It could not be transcribed; it can be listened to.
    pub failed: bool,
}

impl From<&Answered> for AnswerView {
    fn from(answered: &Answered) -> Self {
        let Answered { answer, by_name, failed } = answered;
        Self {
            dictation: answer.dictation.to_string(),
            flag: answer.flag.map(|flag| flag.to_string()),
            by_name: by_name.clone(),
            at: rfc3339(answer.at),
            duration_ms: answer.duration_ms,
            heard: answer.heard.as_ref().map(|heard| heard.reveal().clone()),
            taken: answer.taken.as_ref().map(|taken| taken.reveal().clone()),
            state: answer.state.code(),
            failed: *failed,
        }
    }
}

/// What became of an answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleAnswerRequest {
    /// The words as they were put into the report; without them the answer is left.
    pub words: Option<String>,
    /// Number of the version that they stand in.
    pub version: Option<u32>,
}
