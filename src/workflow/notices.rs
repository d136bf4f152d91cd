//! What waits for somebody, as numbers in the frame of every page.
//!
//! Not for: the list itself (`worklist.rs`).
//!
//! Invariant: counts only, of reports that the person may see.

use super::error::WorkflowError;
use super::filter::Desk;
use super::sight::Eyes;
use super::site::{Acting, Site};
use super::worklist::waiting_for;
use super::{checks, permission};
use crate::domain::audit::Act;

/// The desks that ask something of the person.
pub const DESKS: &[Desk] = &[Desk::ToSign, Desk::ToAnswer, Desk::ToCosign, Desk::Mine];

/// What waits for a person.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    /// How many reports wait on each of [`DESKS`]; none for those who have no worklist.
    pub desks: Vec<(Desk, usize)>,
    /// How many things the daily checks found, for those who see them.
    pub findings: Option<usize>,
}

/// # Errors
/// [`WorkflowError::Forbidden`] for those whom neither is for.
pub fn notices(site: &Site, who: &Acting) -> Result<Notices, WorkflowError> {
    let works = permission::check(who, Act::ViewWorklist);
    let findings = match permission::check(who, Act::ViewChecks) {
        Ok(()) => Some(checks::count(site, who)?),
        Err(_) => None,
    };
    let desks = match works {
        Ok(()) => desks(site, who)?,
        Err(_) if findings.is_some() => Vec::new(),
        Err(denied) => return Err(denied),
    };
    Ok(Notices { desks, findings })
}

fn desks(site: &Site, who: &Acting) -> Result<Vec<(Desk, usize)>, WorkflowError> {
    let now = site.clock.now();
    site.store.read(|tx| {
        let eyes = Eyes::of(site, tx, who, Act::ViewWorklist)?;
        let waiting = waiting_for(tx, &eyes)?;
        let count = |desk: &Desk| {
            let on = |one: &&super::worklist::Waiting| desk.holds(&one.report, &eyes, now);
            (*desk, waiting.iter().filter(on).count())
        };
        Ok(DESKS.iter().map(count).collect())
    })
}
