//! Lines and minutes per person and period, from what was counted when reports were handed on.
//!
//! Not for: how characters are counted (`text/count.rs`).
//!
//! Invariant: numbers and names of staff only; editors see their own, those who plan the work
//! everybody's.

use super::error::WorkflowError;
use super::quality::Period;
use super::sight::person_of;
use super::site::{Acting, Site, look};
use crate::domain::audit::Act;
use crate::domain::person::Role;
use crate::store::quality::{self, Work};

/// The work of a time, by editor.
pub fn lines(site: &Site, who: &Acting, period: &Period) -> Result<Vec<Work>, WorkflowError> {
    look(site, who, Act::ViewLines, |tx, record| {
        let person = person_of(who, Act::ViewLines)?;
        let planners = [Role::Reviewer, Role::RecordsSpecialist, Role::Administrator];
        let everybody = planners.iter().any(|role| person.has(*role));
        let own = (!everybody).then_some(person.id);
        let work = quality::work(tx, own, period.from, period.until)?;
        for one in &work {
            record.subject("person", one.person);
        }
        Ok(work)
    })
}
