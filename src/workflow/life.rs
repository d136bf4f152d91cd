//! A report's whole life: what was done to it, when and by whom, and for those who read the audit
//! who looked at it.
//!
//! Not for: its text or its patient; no word of either is here.
//!
//! Invariant: what is told comes from the audit, the record that nobody can change; looks and
//! refusals are told only to those whose work is the audit.

use super::error::WorkflowError;
use super::permission;
use super::sight::visible;
use super::site::{Acting, Site, look};
use crate::domain::audit::{Act, Outcome, PATIENT_LOOKS};
use crate::domain::ids::{PersonId, ReportId};
use crate::domain::report::Report;
use crate::domain::time::Timestamp;
use crate::store::audit::{self, AuditRow};
use crate::store::db::Tx;
use crate::store::{flags, people, quality, reports};
use std::collections::HashMap;

/// The most events of one life; a report has some dozens.
const EVENTS_MAX: u32 = 5_000;

/// One thing that happened.
#[derive(Clone, Debug)]
pub struct Event {
    pub at: Timestamp,
    pub act: Act,
    pub refused: bool,
    /// Display name of the person, or what acted.
    pub by: String,
    /// Codes that say more, such as a version.
    pub detail: Vec<(String, String)>,
    /// Somebody looked, nothing changed.
    pub look: bool,
}

#[derive(Clone, Debug)]
pub struct Life {
    pub report: Report,
    pub author: String,
    pub work_type_name: String,
    /// Oldest first.
    pub events: Vec<Event>,
    /// Looks and refusals are among the events.
    pub with_looks: bool,
    pub flags: usize,
    pub open_flags: usize,
    /// Scores of its reviews, oldest first.
    pub scores: Vec<u32>,
}

/// Reads a report's life.
pub fn life(site: &Site, who: &Acting, id: ReportId) -> Result<Life, WorkflowError> {
    look(site, who, Act::ViewLife, |tx, record| {
        let with_looks = permission::check(who, Act::ViewAudit).is_ok();
        // Whoever reads the audit reads of every report, and nothing of its words.
        let report = if with_looks {
            reports::by_id(tx, id)?.ok_or(WorkflowError::NotFound { what: "report" })?
        } else {
            visible(site, tx, who, Act::ViewLife, id)?.0
        };
        record.subject("report", id);
        let mut names = HashMap::new();
        let mut events = Vec::new();
        for row in audit::of_report(tx, id, report.dictation, EVENTS_MAX)? {
            if let Some(event) = event(tx, &mut names, &row)?
                && (with_looks || (!event.look && !event.refused))
            {
                events.push(event);
            }
        }
        let flags = flags::of_report(tx, id)?;
        let author = people::by_id(tx, report.author)?;
        let work_type = site.work_types.get(&report.work_type);
        Ok(Life {
            author: author.map_or_else(String::new, |person| person.display_name),
            work_type_name: work_type.map_or_else(String::new, |known| known.name.clone()),
            events,
            with_looks,
            open_flags: flags.iter().filter(|flag| flag.is_open()).count(),
            flags: flags.len(),
            scores: quality::reviews_of(tx, id)?.iter().map(|one| one.score.points).collect(),
            report,
        })
    })
}

fn event(
    tx: &Tx,
    names: &mut HashMap<String, String>,
    row: &AuditRow,
) -> Result<Option<Event>, WorkflowError> {
    let Some(act) = Act::from_code(&row.act) else { return Ok(None) };
    let detail: HashMap<String, String> = serde_json::from_str(&row.detail).unwrap_or_default();
    let mut detail: Vec<(String, String)> = detail.into_iter().collect();
    detail.retain(|(name, _)| name != "digest");
    detail.sort();
    Ok(Some(Event {
        at: row.at,
        act,
        refused: row.outcome != Outcome::Done.code(),
        by: name_of(tx, names, &row.actor)?,
        detail,
        look: PATIENT_LOOKS.contains(&act) || act == Act::ViewLife,
    }))
}

/// `person:ID …` by the person's name; anything else by what it is.
fn name_of(
    tx: &Tx,
    names: &mut HashMap<String, String>,
    actor: &str,
) -> Result<String, WorkflowError> {
    let kind = actor.split([':', ' ']).next().unwrap_or_default();
    let Some(id) = actor.strip_prefix("person:").and_then(|rest| rest.split(' ').next()) else {
        return Ok(kind.to_owned());
    };
    if let Some(known) = names.get(id) {
        return Ok(known.clone());
    }
    let person = match id.parse() {
        Ok(id) => people::by_id(tx, PersonId(id))?,
        Err(_) => None,
    };
    let name = person.map_or_else(|| kind.to_owned(), |person| person.display_name);
    names.insert(id.to_owned(), name.clone());
    Ok(name)
}
