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
use crate::domain::audit::Act;

/// The desks that ask something of the person.
pub const DESKS: &[Desk] = &[Desk::ToSign, Desk::ToAnswer, Desk::ToCosign, Desk::Mine];

/// How many reports wait on each of [`DESKS`].
///
/// # Errors
/// [`WorkflowError::Forbidden`] for those who have no worklist.
pub fn notices(site: &Site, who: &Acting) -> Result<Vec<(Desk, usize)>, WorkflowError> {
    super::permission::check(who, Act::ViewWorklist)?;
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
