//! What the JSON API takes and answers about lists: filters, searches, views, work handed out.
//!
//! Not for: what the words mean (`workflow`).
//!
//! Invariant: as in `wire.rs`.

use super::error::ApiError;
use super::extract::code;
use super::wire::RowView;
use crate::domain::ids::ReportId;
use crate::domain::time::Timestamp;
use crate::domain::work_type::WorkTypeCode;
use crate::workflow::error::WorkflowError;
use crate::workflow::filter::{Desk, Filter, Flagged};
use crate::workflow::search::{Among, Search};
use crate::workflow::views::View;
use crate::workflow::worklist::Worklist;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What narrows a worklist; nothing in it is about a patient.
#[derive(Default, Serialize, Deserialize, ToSchema, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WorklistQuery {
    /// Code of a stage, such as `drafted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Code of a desk: `pool`, `mine`, `to-sign`, `to-answer`, `to-cosign`, `no-patient`, `stat`
    /// or `late`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desk: Option<String>,
    /// Only what is in the asker's own hands or of their own authorship.
    #[serde(default)]
    #[param(required = false)]
    #[schema(required = false)]
    pub mine: bool,
    /// `stat` or `routine`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_type: Option<String>,
    /// User name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Code of a kind of flag, or `any`: only reports with such an open flag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flag: Option<String>,
}

impl WorklistQuery {
    pub fn filter(&self) -> Result<Filter, WorkflowError> {
        let Self { stage, desk, mine, priority, work_type, author, flag } = self;
        let mine = if *mine { Some("true".to_owned()) } else { None };
        let given = [
            ("stage", stage),
            ("desk", desk),
            ("mine", &mine),
            ("priority", priority),
            ("work_type", work_type),
            ("author", author),
            ("flag", flag),
        ];
        Filter::parse(given.iter().filter_map(|(name, code)| Some((*name, code.as_deref()?))))
    }
}

impl From<&Filter> for WorklistQuery {
    fn from(filter: &Filter) -> Self {
        let mut query = Self::default();
        for (name, code) in filter.codes() {
            match name {
                "stage" => query.stage = Some(code),
                "desk" => query.desk = Some(code),
                "mine" => query.mine = true,
                "priority" => query.priority = Some(code),
                "work_type" => query.work_type = Some(code),
                "author" => query.author = Some(code),
                _ => query.flag = Some(code),
            }
        }
        query
    }
}

#[derive(Serialize, ToSchema)]
pub struct WorklistView {
    /// STAT first, then least time left; at most 500.
    pub rows: Vec<RowView>,
    /// Reports that wait and pass the filter, in `rows` or not.
    pub total: usize,
    /// Reports on each desk, whatever the filter.
    pub counts: BTreeMap<&'static str, usize>,
}

impl From<&Worklist> for WorklistView {
    fn from(list: &Worklist) -> Self {
        let count = |(desk, count): &(Desk, usize)| (desk.code(), *count);
        Self {
            rows: list.items.iter().map(RowView::from).collect(),
            total: list.total,
            counts: list.counts.iter().map(count).collect(),
        }
    }
}

/// A search; everything that is given must hold.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportSearchRequest {
    /// Words of the report, `"…"` around words that stand together.
    #[serde(default)]
    pub text: String,
    /// The beginning of a patient's name, or a record number.
    #[serde(default)]
    pub patient: String,
    /// User name.
    pub author: Option<String>,
    pub work_type: Option<String>,
    /// Code of a kind of flag, or `any`.
    pub flag: Option<String>,
    /// Received at or after, RFC 3339.
    pub from: Option<String>,
    /// Received before, RFC 3339.
    pub until: Option<String>,
    /// `waiting`, `done` or `all`, which it is where it is missing.
    pub among: Option<String>,
}

impl ReportSearchRequest {
    pub fn read(self) -> Result<Search, ApiError> {
        let Self { text, patient, author, work_type, flag, from, until, among } = self;
        let flag = flag.as_deref().map(Flagged::parse).transpose()?;
        let work_type = work_type.map(|text| code("work_type", &text, WorkTypeCode::parse));
        let among = match among {
            Some(text) => code("among", &text, Among::from_code)?,
            None => Among::All,
        };
        Ok(Search {
            text,
            patient,
            author,
            work_type: work_type.transpose()?,
            flag,
            from: from.map(|text| instant("from", &text)).transpose()?,
            until: until.map(|text| instant("until", &text)).transpose()?,
            among,
        })
    }
}

/// An instant of a request.
pub fn instant(field: &'static str, text: &str) -> Result<Timestamp, ApiError> {
    let parsed = text.trim().parse::<jiff::Timestamp>();
    parsed
        .map(|instant| Timestamp(instant.as_millisecond()))
        .map_err(|_| ApiError::malformed(field, format!("{field} is not a time (RFC 3339)")))
}

#[derive(Serialize, ToSchema)]
pub struct FoundView {
    /// What waits in the order of a worklist, then what is done, the newest first; at most 100.
    pub rows: Vec<RowView>,
    /// There are more, or may be.
    pub more: bool,
}

/// The next report, taken into the asker's hands.
#[derive(Serialize, ToSchema)]
pub struct NextView {
    /// None where nothing is there to be taken.
    pub report: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkRequest {
    /// `claim`, `release` or `reassign`.
    pub act: String,
    /// At most 100.
    #[schema(value_type = Vec<String>)]
    pub reports: Vec<String>,
    /// User name, with `reassign`; back to where it can be taken where it is missing.
    pub to: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct BulkView {
    pub results: Vec<BulkResult>,
}

#[derive(Serialize, ToSchema)]
pub struct BulkResult {
    pub report: String,
    /// `done`, or the code of the refusal.
    pub code: &'static str,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl BulkResult {
    pub fn new(report: ReportId, result: Result<(), WorkflowError>) -> Self {
        let report = report.to_string();
        match result {
            Ok(()) => Self { report, code: "done", message: None },
            Err(error) => {
                let error = ApiError::from(error);
                error.log();
                let body = error.body().error;
                Self { report, code: body.code, message: Some(body.message) }
            }
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ViewsView {
    pub views: Vec<ViewBody>,
}

/// A kept filter of the worklist.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewBody {
    pub name: String,
    pub filter: WorklistQuery,
}

impl From<&View> for ViewBody {
    fn from(view: &View) -> Self {
        Self { name: view.name.clone(), filter: WorklistQuery::from(&view.filter) }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewRemoval {
    pub name: String,
}

#[derive(Serialize, ToSchema)]
pub struct ColleaguesView {
    pub colleagues: Vec<ColleagueView>,
}

#[derive(Serialize, ToSchema)]
pub struct ColleagueView {
    pub username: String,
    pub display_name: String,
    /// Whether drafts may be handed to them.
    pub edits: bool,
    /// Whether reports in QA may.
    pub reviews: bool,
}
