//! What has happened since: the acts of every process on this data folder, by id only.
//!
//! Not for: the audit's readers (`ViewAudit`); nobody is named here and nothing is shown.
//!
//! Invariant: a change is told after its transaction has committed, in the order of the audit.

use super::error::WorkflowError;
use super::site::Site;
use crate::domain::audit::{AUDIT_LOOKS, Act, Outcome, PATIENT_LOOKS};
use crate::store::{audit, jobs};

/// The most acts of one look; the next look goes on from there.
const LOOK_MAX: u32 = 500;

/// Whether the act changes nothing that a page shows.
fn is_look(act: Act) -> bool {
    const OTHERS: &[Act] = &[
        Act::SignIn,
        Act::SignOut,
        Act::ViewDelegations,
        Act::ViewVocabulary,
        Act::ViewHouseStyle,
        Act::ChangeSetting,
        Act::SaveView,
        Act::ViewLines,
        Act::ViewChecks,
        Act::ViewLife,
    ];
    OTHERS.contains(&act) || PATIENT_LOOKS.contains(&act) || AUDIT_LOOKS.contains(&act)
}

/// One act, and the report or dictation it was done to.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub act: Act,
    pub report: Option<String>,
    pub dictation: Option<String>,
}

/// How far a running transcription is.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub dictation: String,
    pub state: &'static str,
    /// 0 to 1.
    pub fraction: f64,
}

/// What one look found.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Where the next look begins.
    pub next: u64,
    pub changes: Vec<Change>,
    pub running: Vec<Progress>,
}

/// Where the audit ends now: the place to look from.
pub fn now(site: &Site) -> Result<u64, WorkflowError> {
    site.store.read(|tx| Ok(audit::last(tx)?))
}

/// What happened after `from`, and what runs.
pub fn look(site: &Site, from: u64) -> Result<Look, WorkflowError> {
    site.store.read(|tx| {
        let rows = audit::after(tx, from, LOOK_MAX)?;
        let running = jobs::active(tx)?.into_iter().map(|job| Progress {
            dictation: job.dictation.to_string(),
            state: job.state.code(),
            fraction: job.progress,
        });
        Ok(Look {
            next: rows.last().map_or(from, |row| row.seq),
            changes: rows.iter().filter_map(change).collect(),
            running: running.collect(),
        })
    })
}

fn change(row: &audit::AuditRow) -> Option<Change> {
    let act = Act::from_code(&row.act)?;
    if row.outcome != Outcome::Done.code() || is_look(act) {
        return None;
    }
    let subject = |kind: &str| {
        let found = row.subjects.split(' ').find_map(|subject| subject.strip_prefix(kind));
        found.map(str::to_string)
    };
    Some(Change { act, report: subject("report:"), dictation: subject("dictation:") })
}
