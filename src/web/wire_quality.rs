//! What the JSON API takes and answers about QA, signatures given together, counts and the life
//! of a report.
//!
//! Not for: what the words mean (`workflow`).
//!
//! Invariant: as in `wire.rs`.

use super::error::ApiError;
use super::extract::{code, id};
use super::wire::{PersonView, Secret, rfc3339};
use super::wire_lists::instant;
use crate::domain::digest::Digest;
use crate::domain::quality::{ErrorCategory, Score};
use crate::store::quality::{QaError, Work};
use crate::text::count::lines;
use crate::workflow::life::{Event, Life};
use crate::workflow::quality::{NewError, Period, Scored};
use crate::workflow::sampling::NamedRule;
use crate::workflow::signing::Seen;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct SamplingView {
    pub rules: Vec<RuleView>,
}

#[derive(Serialize, ToSchema)]
pub struct RuleView {
    /// `site`, `stat`, `new-editor`, `editor`, `author` or `work-type`.
    pub kind: &'static str,
    /// User name or code of a work type; empty for the others.
    pub of: String,
    /// Display name of the person, name of the work type; empty for the others.
    pub name: String,
    /// Percent; with `new-editor`, passes in a row until an editor is no longer new.
    pub value: u32,
}

impl From<&NamedRule> for RuleView {
    fn from(rule: &NamedRule) -> Self {
        Self {
            kind: rule.kind.code(),
            of: rule.of.clone(),
            name: rule.name.clone(),
            value: rule.value,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleRequest {
    /// `site`, `stat`, `new-editor`, `editor`, `author` or `work-type`.
    pub kind: String,
    /// User name or code of a work type; empty for the others.
    #[serde(default)]
    pub of: String,
    /// 0 to 100; the rule is removed where it is missing.
    pub value: Option<u32>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScoreRequest {
    #[serde(default)]
    pub errors: Vec<ErrorRequest>,
    #[serde(default)]
    pub note: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ErrorRequest {
    /// Code of a category, such as `drug`.
    pub category: String,
    /// The same error as one before it, which alone is counted.
    #[serde(default)]
    pub repeated: bool,
    #[serde(default)]
    pub dictated: String,
    #[serde(default)]
    pub transcribed: String,
    #[serde(default)]
    pub note: String,
}

impl ErrorRequest {
    pub fn read(self) -> Result<NewError, ApiError> {
        let Self { category, repeated, dictated, transcribed, note } = self;
        let category = code("category", &category, ErrorCategory::from_code)?;
        Ok(NewError { category, repeated, dictated, transcribed, note })
    }
}

#[derive(Serialize, ToSchema)]
pub struct ScoreView {
    /// 0 to 100.
    pub score: u32,
    pub passed: bool,
}

impl From<Score> for ScoreView {
    fn from(score: Score) -> Self {
        Self { score: score.points, passed: score.passed }
    }
}

/// A time, and whose.
#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeriodQuery {
    /// RFC 3339.
    pub from: String,
    /// RFC 3339, exclusive.
    pub until: String,
}

impl PeriodQuery {
    pub fn read(&self) -> Result<Period, ApiError> {
        let period =
            Period { from: instant("from", &self.from)?, until: instant("until", &self.until)? };
        if period.until < period.from {
            return Err(ApiError::malformed("until", "a time ends after it begins"));
        }
        Ok(period)
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScoresQuery {
    /// RFC 3339.
    pub from: String,
    /// RFC 3339, exclusive.
    pub until: String,
    /// User name; a reviewer who leaves it out reads everybody's, others their own.
    pub editor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ScoresView {
    /// Newest first; at most 500.
    pub scores: Vec<ScoredView>,
}

#[derive(Serialize, ToSchema)]
pub struct ScoredView {
    pub id: String,
    pub report: String,
    pub version: u32,
    pub work_type_name: String,
    pub editor: PersonView,
    pub reviewer: PersonView,
    pub at: String,
    pub score: u32,
    pub passed: bool,
    pub note: String,
    pub errors: Vec<ErrorView>,
    pub answer: Option<String>,
    pub answered_at: Option<String>,
    /// The words are left out because of a label.
    pub sealed: bool,
}

impl From<&Scored> for ScoredView {
    fn from(scored: &Scored) -> Self {
        let review = &scored.review;
        let answer = review.answer.as_ref();
        Self {
            id: review.id.to_string(),
            report: review.report.to_string(),
            version: review.version,
            work_type_name: scored.work_type_name.clone(),
            editor: PersonView::from(&scored.editor),
            reviewer: PersonView::from(&scored.reviewer),
            at: rfc3339(review.at),
            score: review.score.points,
            passed: review.score.passed,
            note: review.note.reveal().clone(),
            errors: review.errors.iter().map(ErrorView::from).collect(),
            answer: answer.map(|(words, _)| words.reveal().clone()),
            answered_at: answer.map(|(_, at)| rfc3339(*at)),
            sealed: scored.sealed,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ErrorView {
    pub category: &'static str,
    /// `critical`, `non-critical` or `feedback`.
    pub class: &'static str,
    pub repeated: bool,
    pub dictated: String,
    pub transcribed: String,
    pub note: String,
}

impl From<&QaError> for ErrorView {
    fn from(error: &QaError) -> Self {
        Self {
            category: error.category.code(),
            class: error.category.class().code(),
            repeated: error.repeated,
            dictated: error.dictated.reveal().clone(),
            transcribed: error.transcribed.reveal().clone(),
            note: error.note.reveal().clone(),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerRequest {
    pub answer: String,
}

#[derive(Serialize, ToSchema)]
pub struct NoticesView {
    /// Reports that wait for the asker, by desk.
    pub counts: BTreeMap<&'static str, usize>,
    /// What the daily checks found, for those who see them.
    pub findings: Option<usize>,
}

/// Several signatures, given with one password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SigningRequest {
    /// At most 50, each opened in this session at this version.
    pub reports: Vec<SeenRequest>,
    #[schema(value_type = String, format = Password)]
    pub password: Secret,
}

/// A text as it was seen.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenRequest {
    pub report: String,
    pub version: u32,
    /// SHA-256 of the text, hexadecimal.
    pub digest: String,
}

impl SeenRequest {
    pub fn read(&self) -> Result<Seen, ApiError> {
        Ok(Seen {
            report: id(&self.report, "report")?,
            version: self.version,
            digest: code("digest", &self.digest, Digest::from_hex)?,
        })
    }
}

#[derive(Serialize, ToSchema)]
pub struct LinesView {
    pub people: Vec<WorkView>,
}

/// What one person handed on; a report counts once, as it was last handed on in the time.
#[derive(Serialize, ToSchema)]
pub struct WorkView {
    pub name: String,
    pub reports: u64,
    /// Characters with spaces by 65, text of templates left out.
    pub lines: f64,
    /// With spaces, each run once, text of templates left out.
    pub characters: u64,
    /// Without spaces, text of templates left out.
    pub visible: u64,
    /// Characters that came from templates.
    pub template: u64,
    pub audio_minutes: f64,
}

impl From<&Work> for WorkView {
    fn from(work: &Work) -> Self {
        Self {
            name: work.name.clone(),
            reports: work.reports,
            lines: lines(work.characters),
            characters: work.characters,
            visible: work.visible,
            template: work.template,
            audio_minutes: (work.audio_ms as f64 / 600.0).round() / 100.0,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct LifeView {
    pub report: String,
    /// Oldest first.
    pub events: Vec<EventView>,
    /// Looks and refusals are among the events.
    pub with_looks: bool,
}

#[derive(Serialize, ToSchema)]
pub struct EventView {
    pub at: String,
    /// Code of the act.
    pub act: &'static str,
    /// Display name of the person, or what acted.
    pub by: String,
    pub refused: bool,
    /// Somebody looked; nothing changed.
    pub look: bool,
    pub detail: BTreeMap<String, String>,
}

impl From<&Event> for EventView {
    fn from(event: &Event) -> Self {
        Self {
            at: rfc3339(event.at),
            act: event.act.code(),
            by: event.by.clone(),
            refused: event.refused,
            look: event.look,
            detail: event.detail.iter().cloned().collect(),
        }
    }
}

impl From<&Life> for LifeView {
    fn from(life: &Life) -> Self {
        Self {
            report: life.report.id.to_string(),
            events: life.events.iter().map(EventView::from).collect(),
            with_looks: life.with_looks,
        }
    }
}
