//! The daily checks over HTTP, and what the JSON API says of them.
//!
//! Not for: checking the audit's chain at once (`api_audit.rs`).
//!
//! Invariant: as in `wire.rs`; what is told of a patient is decided by `workflow`.

use super::error::ApiError;
use super::session::SignedIn;
use super::state::AppState;
use super::wire::rfc3339;
use super::wire_report::PatientView;
use crate::workflow::checks::{self, ChainCheck, Checks, Failed, FailedText, Whose};
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

const TAG: &str = "Audit";

#[derive(Serialize, ToSchema)]
pub struct ChecksView {
    /// The newest check of the audit's chain; null before the first.
    pub chain: Option<ChainCheckView>,
    pub recordings: RecordingChecksView,
    pub texts: TextChecksView,
    /// A check is older than two days.
    pub late: bool,
}

#[derive(Serialize, ToSchema)]
pub struct ChainCheckView {
    pub at: String,
    pub rows: u64,
    pub holds: bool,
    /// The first row that does not hold.
    pub broken: Option<u64>,
    /// Rows written down as heads that are gone or others.
    pub lost: u64,
}

#[derive(Serialize, ToSchema)]
pub struct TextChecksView {
    /// When the newest whole check ended; null before the first.
    pub checked_at: Option<String>,
    /// Versions that it read.
    pub versions: u64,
    /// At most 200.
    pub failed: Vec<FailedTextView>,
}

/// A version of a report that is not as it was saved.
#[derive(Serialize, ToSchema)]
pub struct FailedTextView {
    pub report: String,
    pub version: u32,
    pub found_at: String,
    /// Null for those who do not read the audit, as the rest.
    pub author_name: Option<String>,
    pub work_type_name: Option<String>,
    pub patient: Option<PatientView>,
}

impl From<&FailedText> for FailedTextView {
    fn from(failed: &FailedText) -> Self {
        let named = failed.named.as_ref();
        Self {
            report: failed.report.to_string(),
            version: failed.version,
            found_at: rfc3339(failed.found_at),
            author_name: named.map(|named| named.author.clone()),
            work_type_name: named.map(|named| named.work_type.clone()),
            patient: named.and_then(|named| named.patient.as_ref()).map(PatientView::from),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct RecordingChecksView {
    pub checked: u64,
    /// Recordings that no check has come to yet.
    pub waiting: u64,
    pub oldest: Option<String>,
    pub newest: Option<String>,
    /// At most 200.
    pub failed: Vec<FailedView>,
}

/// A recording that is not as it was received.
#[derive(Serialize, ToSchema)]
pub struct FailedView {
    /// Its file in the data folder.
    pub file: String,
    /// `missing`, `damaged` or `illegible`.
    pub finding: &'static str,
    pub checked_at: String,
    pub of: Vec<WhoseView>,
}

#[derive(Serialize, ToSchema)]
pub struct WhoseView {
    pub dictation: String,
    pub report: Option<String>,
    pub received_at: String,
    /// Null for those who do not read the audit, as the rest.
    pub author_name: Option<String>,
    pub work_type_name: Option<String>,
    pub patient: Option<PatientView>,
}

impl From<&Checks> for ChecksView {
    fn from(state: &Checks) -> Self {
        let Checks { chain, recordings, failed, texts, failed_texts, late } = state;
        Self {
            chain: chain.as_ref().map(ChainCheckView::from),
            recordings: RecordingChecksView {
                checked: recordings.checked,
                waiting: recordings.waiting,
                oldest: recordings.oldest.map(rfc3339),
                newest: recordings.newest.map(rfc3339),
                failed: failed.iter().map(FailedView::from).collect(),
            },
            texts: TextChecksView {
                checked_at: texts.map(|(at, _)| rfc3339(at)),
                versions: texts.map_or(0, |(_, read)| read),
                failed: failed_texts.iter().map(FailedTextView::from).collect(),
            },
            late: *late,
        }
    }
}

impl From<&ChainCheck> for ChainCheckView {
    fn from(chain: &ChainCheck) -> Self {
        let ChainCheck { at, rows, holds, broken, lost } = chain;
        Self { at: rfc3339(*at), rows: *rows, holds: *holds, broken: *broken, lost: *lost }
    }
}

impl From<&Failed> for FailedView {
    fn from(failed: &Failed) -> Self {
        Self {
            file: failed.file.clone(),
            finding: failed.finding.code(),
            checked_at: rfc3339(failed.checked_at),
            of: failed.of.iter().map(WhoseView::from).collect(),
        }
    }
}

impl From<&Whose> for WhoseView {
    fn from(whose: &Whose) -> Self {
        let named = whose.named.as_ref();
        Self {
            dictation: whose.dictation.to_string(),
            report: whose.report.map(|id| id.to_string()),
            received_at: rfc3339(whose.received_at),
            author_name: named.map(|named| named.author.clone()),
            work_type_name: named.map(|named| named.work_type.clone()),
            patient: named.and_then(|named| named.patient.as_ref()).map(PatientView::from),
        }
    }
}

/// When the daily checks ran, and what they found.
#[utoipa::path(get, path = "/api/checks", tag = TAG,
    responses((status = OK, body = ChecksView)))]
pub async fn state(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<ChecksView>, ApiError> {
    let found = state.db(move |site| checks::state(site, &who)).await?;
    Ok(Json(ChecksView::from(&found)))
}

/// Reads the recordings that failed once more.
#[utoipa::path(post, path = "/api/checks/again", tag = TAG,
    responses((status = OK, body = ChecksView)))]
pub async fn again(
    State(state): State<AppState>,
    SignedIn(who): SignedIn,
) -> Result<Json<ChecksView>, ApiError> {
    let found = state.db(move |site| checks::again(site, &who)).await?;
    Ok(Json(ChecksView::from(&found)))
}
