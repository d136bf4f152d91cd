//! What the JSON API takes and answers about moved, typed and split reports, copies and pools.
//!
//! Not for: what the words mean (`workflow`).
//!
//! Invariant: as in `wire.rs`.

use super::wire::rfc3339;
use crate::domain::dictation::Origin;
use crate::domain::person::Person;
use crate::store::parts::{Copy, PoolLine};
use crate::workflow::copies::ToSend;
use crate::workflow::receive::Reception;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a report belongs; what is missing stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveRequest {
    /// User name.
    pub author: Option<String>,
    pub work_type: Option<String>,
    /// `stat` or `routine`.
    pub priority: Option<String>,
}

/// A report that is typed, without a recording.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BeginRequest {
    /// User name of the author; may be left out by an author.
    pub author: Option<String>,
    pub mrn: Option<String>,
    /// Visit number.
    pub encounter: Option<String>,
    /// Code of the work type.
    pub work_type: Option<String>,
    /// `stat` or `routine`.
    pub priority: Option<String>,
}

impl BeginRequest {
    pub fn read(self) -> Reception {
        let Self { author, mrn, encounter, work_type, priority } = self;
        let about = Reception::of(Origin::Upload);
        Reception { author, mrn, encounter, work_type, priority, ..about }
    }
}

#[derive(Serialize, ToSchema)]
pub struct BegunView {
    pub report: String,
}

/// Where to split a report.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitRequest {
    /// Number of the version that `at` counts in.
    pub version: u32,
    /// Unicode scalar values before the second part.
    pub at: usize,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CopiesRequest {
    /// At most 20; in the place of those that were not sent yet.
    pub copies: Vec<RecipientBody>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecipientBody {
    pub recipient: String,
    #[serde(default)]
    pub address: String,
}

#[derive(Serialize, ToSchema)]
pub struct CopiesView {
    pub copies: Vec<CopyView>,
}

#[derive(Serialize, ToSchema)]
pub struct CopyView {
    pub number: u32,
    pub recipient: String,
    pub address: String,
    pub sent_at: Option<String>,
}

impl From<&Copy> for CopyView {
    fn from(copy: &Copy) -> Self {
        Self {
            number: copy.number,
            recipient: copy.recipient.clone(),
            address: copy.address.clone(),
            sent_at: copy.sent.map(|(at, _)| rfc3339(at)),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ToSendView {
    /// The longest filed first; at most 500.
    pub copies: Vec<ToSendRow>,
}

#[derive(Serialize, ToSchema)]
pub struct ToSendRow {
    pub report: String,
    pub number: u32,
    pub recipient: String,
    pub address: String,
    pub work_type_name: String,
    pub author_name: String,
}

impl From<&ToSend> for ToSendRow {
    fn from(one: &ToSend) -> Self {
        Self {
            report: one.copy.report.to_string(),
            number: one.copy.number,
            recipient: one.copy.recipient.clone(),
            address: one.copy.address.clone(),
            work_type_name: one.work_type_name.clone(),
            author_name: one.author_name.clone(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct PoolsView {
    pub lines: Vec<PoolLineView>,
}

#[derive(Serialize, ToSchema)]
pub struct PoolLineView {
    pub username: String,
    pub display_name: String,
    /// `work-type` or `department`.
    pub kind: &'static str,
    pub value: String,
}

impl From<&(Person, PoolLine)> for PoolLineView {
    fn from((person, line): &(Person, PoolLine)) -> Self {
        Self {
            username: person.username.to_string(),
            display_name: person.display_name.clone(),
            kind: line.kind.code(),
            value: line.value.clone(),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolRequest {
    pub username: String,
    /// `work-type`: works on these reports; `department`: works for its authors.
    pub kind: String,
    /// Code of a work type, or name of a department.
    pub value: String,
    /// Whether the line is to be there.
    pub there: bool,
}
