//! Upkeep of the data folder by the operator: its keys, backups and restores, as audit rows.
//!
//! Not for: the work itself, which is `store`'s and outside any transaction.
//!
//! Invariant: an upkeep is written down when it begins, where the folder can be written then,
//! and when it is done; one that begins and does not end shows.

use super::error::WorkflowError;
use super::site::{Acting, Site, perform};
use crate::domain::audit::Act;

/// Writes down a step of an upkeep, with codes that say more.
///
/// # Errors
/// [`WorkflowError::Forbidden`] for everybody but the operator.
pub fn write_down(
    site: &Site,
    who: &Acting,
    act: Act,
    step: &'static str,
    details: &[(&'static str, String)],
) -> Result<(), WorkflowError> {
    perform(site, who, act, |_, record| {
        record.detail("step", step);
        for (name, value) in details {
            record.detail(name, value);
        }
        Ok(())
    })
}
