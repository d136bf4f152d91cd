//! Which submissions QA looks at, beside those with something open, and what is counted of each.
//!
//! Not for: the review itself (`quality.rs`).
//!
//! Invariant: what was drawn follows from the report and its version alone, so that it can be
//! checked later and nobody can draw again; each submission is written down with what was drawn,
//! whether it was sampled or not.

use super::error::WorkflowError;
use super::people::named;
use super::site::{Acting, Site, perform};
use crate::domain::audit::Act;
use crate::domain::dictation::Priority;
use crate::domain::digest::Digest;
use crate::domain::flag::FlagKind;
use crate::domain::ids::{PersonId, ReportId};
use crate::domain::report::Report;
use crate::domain::work_type::WorkTypeCode;
use crate::store::db::Tx;
use crate::store::quality::{self, Drawn, NewSubmission, Rule, RuleKind};
use crate::store::{dictations, flags, people, played, reports};
use crate::text::count::{Counted, count};

/// Hundredths of a percent in the whole.
const WHOLE: u32 = 10_000;
const ALL: u32 = 100;

/// A rule with the name of what it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedRule {
    pub kind: RuleKind,
    /// User name or code of a work type, as it is set; empty for the others.
    pub of: String,
    /// Display name of the person or name of the work type; empty for the others.
    pub name: String,
    pub value: u32,
}

/// How much of all work QA looks at where a site has not said otherwise: "then 5 % random"
/// (domain specification 3.2).
pub const SITE_PERCENT: u32 = 5;

/// Gives a new site the rule it begins with; it can be changed and removed like any other.
///
/// # Errors
/// [`WorkflowError::Invalid`] for more than 100.
pub fn begin(site: &Site, who: &Acting, percent: u32) -> Result<(), WorkflowError> {
    set(site, who, RuleKind::Site, "", Some(percent))
}

/// The rules as they are.
///
/// # Errors
/// [`WorkflowError::Forbidden`] for those who do not set them.
pub fn rules(site: &Site, who: &Acting) -> Result<Vec<NamedRule>, WorkflowError> {
    super::permission::check(who, Act::SetSampling)?;
    site.store.read(|tx| {
        let mut found = Vec::new();
        for rule in quality::rules(tx)? {
            found.push(name_rule(site, tx, rule)?);
        }
        Ok(found)
    })
}

fn name_rule(site: &Site, tx: &Tx, rule: Rule) -> Result<NamedRule, WorkflowError> {
    let Rule { kind, of, value } = rule;
    let (of, name) = match kind {
        RuleKind::Editor | RuleKind::Author => {
            let person = match of.parse::<uuid::Uuid>() {
                Ok(id) => people::by_id(tx, PersonId(id))?,
                Err(_) => None,
            };
            let person = person.ok_or(WorkflowError::NotFound { what: "person" })?;
            (person.username.to_string(), person.display_name)
        }
        RuleKind::WorkType => {
            let known = WorkTypeCode::parse(&of).and_then(|code| site.work_types.get(&code));
            let name = known.map_or_else(|| of.clone(), |work_type| work_type.name.clone());
            (of, name)
        }
        RuleKind::Site | RuleKind::Stat | RuleKind::NewEditor => (of, String::new()),
    };
    Ok(NamedRule { kind, of, name, value })
}

/// Sets a rule, or removes it where `value` is none.
///
/// # Errors
/// [`WorkflowError::Invalid`] for more than 100; [`WorkflowError::NotFound`] for a person or work
/// type nobody knows.
pub fn set(
    site: &Site,
    who: &Acting,
    kind: RuleKind,
    of: &str,
    value: Option<u32>,
) -> Result<(), WorkflowError> {
    if value.is_some_and(|value| value > ALL) {
        return Err(WorkflowError::invalid("value", "a percentage is at most 100"));
    }
    perform(site, who, Act::SetSampling, |tx, record| {
        record.detail("kind", kind.code());
        let of = match kind {
            RuleKind::Editor | RuleKind::Author => {
                let person = named(tx, of)?;
                record.subject("person", person.id);
                person.id.to_string()
            }
            RuleKind::WorkType => {
                let code =
                    WorkTypeCode::parse(of).filter(|code| site.work_types.get(code).is_some());
                let code = code.ok_or(WorkflowError::NotFound { what: "work type" })?;
                record.detail("work_type", &code);
                code.to_string()
            }
            RuleKind::Site | RuleKind::Stat | RuleKind::NewEditor if of.is_empty() => String::new(),
            RuleKind::Site | RuleKind::Stat | RuleKind::NewEditor => {
                return Err(WorkflowError::invalid(
                    "of",
                    "this rule is about nobody in particular",
                ));
            }
        };
        match value {
            Some(value) => {
                record.detail("value", value);
                Ok(quality::put_rule(tx, &Rule { kind, of, value }, site.clock.now())?)
            }
            None => Ok(quality::remove_rule(tx, kind, &of)?),
        }
    })
}

/// Draws for a submission: the highest percentage of the rules that apply.
pub(super) fn draw(
    tx: &Tx,
    report: &Report,
    version: u32,
    editor: PersonId,
) -> Result<Drawn, WorkflowError> {
    let mut percent = 0;
    let mut by = "";
    for rule in quality::rules(tx)? {
        let applies = match rule.kind {
            RuleKind::Site => true,
            RuleKind::Stat => report.priority == Priority::Stat,
            RuleKind::NewEditor => quality::passes_in_a_row(tx, editor, rule.value)? < rule.value,
            RuleKind::Editor => rule.of == editor.to_string(),
            RuleKind::Author => rule.of == report.author.to_string(),
            RuleKind::WorkType => rule.of == report.work_type.as_str(),
        };
        let value = if rule.kind == RuleKind::NewEditor { ALL } else { rule.value };
        if applies && value > percent {
            percent = value;
            by = rule.kind.code();
        }
    }
    let drawn = lot(report.id, version);
    Ok(Drawn { percent, drawn, rule: by, sampled: drawn < percent * (WHOLE / ALL) })
}

/// A number below [`WHOLE`] that is the same each time it is asked for.
fn lot(report: ReportId, version: u32) -> u32 {
    let digest = Digest::of(format!("sample {report} {version}").as_bytes());
    let [a, b, c, d, ..] = digest.0;
    u32::from_be_bytes([a, b, c, d]) % WHOLE
}

/// Writes a submission down, with what was drawn and what is counted of the text.
pub(super) fn write_down(
    site: &Site,
    tx: &Tx,
    report: &Report,
    version: u32,
    editor: PersonId,
    drawn: Drawn,
) -> Result<(), WorkflowError> {
    let audio_ms = match report.dictation {
        Some(id) => dictations::by_id(tx, id)?.map_or(0, |dictation| dictation.audio.duration_ms),
        None => 0,
    };
    let new = NewSubmission {
        report: report.id,
        version,
        editor,
        at: site.clock.now(),
        drawn,
        stage: report.stage,
        counted: counted(tx, report, version)?,
        audio_ms,
    };
    Ok(quality::insert_submission(tx, &new)?)
}

/// Counts a version, without what templates and normals put in and still stands.
fn counted(tx: &Tx, report: &Report, version: u32) -> Result<Counted, WorkflowError> {
    let Some(text) = reports::version(tx, report.id, version)? else {
        return Ok(Counted::default());
    };
    let mut passages = template_passages(tx, report.id)?;
    passages.sort_by_key(|passage| std::cmp::Reverse(passage.len()));
    Ok(count(text.text.reveal(), &passages))
}

/// Passages of templates in a report: those that the machine put into its first draft, and those
/// of normals that a person put in.
pub(super) fn template_passages(tx: &Tx, id: ReportId) -> Result<Vec<String>, WorkflowError> {
    let mut passages = played::passages(tx, id)?;
    let Some(draft) = reports::version(tx, id, 1)? else { return Ok(passages) };
    for flag in flags::of_report(tx, id)? {
        let machine = flag.raised_by.is_none() && flag.flag.kind == FlagKind::Template;
        if let Some(span) = flag.flag.text.filter(|_| machine) {
            let length = span.end.saturating_sub(span.start) as usize;
            let letters = draft.text.reveal().chars();
            passages.push(letters.skip(span.start as usize).take(length).collect());
        }
    }
    Ok(passages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_even_and_always_the_same() {
        let ids = (0..5000_u128).map(|n| ReportId(uuid::Uuid::from_u128(n)));
        let below = ids.filter(|id| lot(*id, 1) < 1000).count();
        assert!((400..600).contains(&below), "about a tenth: {below} of 5000");
        let id = ReportId(uuid::Uuid::from_u128(7));
        assert_eq!(lot(id, 3), lot(id, 3));
        assert_ne!(lot(id, 3), lot(id, 4));
    }
}
