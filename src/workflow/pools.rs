//! Pools: on which work types and departments somebody works.
//!
//! Not for: what follows from it for a list (`sight.rs`), or who belongs to a department
//! (`departments.rs`).
//!
//! Invariant: a person without a line sees the whole pool; a line narrows what is not yet in
//! anybody's hands, and never what is in the person's own.

use super::departments::written;
use super::error::WorkflowError;
use super::people::named;
use super::site::{Acting, Site, perform};
use crate::domain::audit::Act;
use crate::domain::person::Person;
use crate::domain::work_type::WorkTypeCode;
use crate::store::db::Tx;
use crate::store::parts::{self, PoolKind, PoolLine};
use crate::store::people;

/// Every line, with its person.
///
/// # Errors
/// [`WorkflowError::Forbidden`] for those who do not set them.
pub fn lines(site: &Site, who: &Acting) -> Result<Vec<(Person, PoolLine)>, WorkflowError> {
    super::permission::check(who, Act::SetPools)?;
    site.store.read(|tx| {
        let mut found = Vec::new();
        for line in parts::pool_lines(tx)? {
            let person = people::by_id(tx, line.person)?;
            found.push((person.ok_or(WorkflowError::NotFound { what: "person" })?, line));
        }
        Ok(found)
    })
}

/// Adds or removes a line.
///
/// # Errors
/// [`WorkflowError::NotFound`] for a person or work type nobody knows, or a line that is not
/// there to be removed.
pub fn set(
    site: &Site,
    who: &Acting,
    username: &str,
    kind: PoolKind,
    value: &str,
    there: bool,
) -> Result<(), WorkflowError> {
    perform(site, who, Act::SetPools, |tx, record| {
        let value = checked(site, tx, kind, value)?;
        let person = named(tx, username)?;
        record.subject("person", person.id);
        record.detail("kind", kind.code());
        record.detail("there", there);
        let line = PoolLine { person: person.id, kind, value };
        if there {
            return Ok(parts::put_pool_line(tx, &line)?);
        }
        if parts::remove_pool_line(tx, &line)? {
            Ok(())
        } else {
            Err(WorkflowError::NotFound { what: "line" })
        }
    })
}

fn checked(site: &Site, tx: &Tx, kind: PoolKind, value: &str) -> Result<String, WorkflowError> {
    match kind {
        PoolKind::WorkType => {
            let code =
                WorkTypeCode::parse(value).filter(|code| site.work_types.get(code).is_some());
            Ok(code.ok_or(WorkflowError::NotFound { what: "work type" })?.to_string())
        }
        PoolKind::Department => Ok(written(tx, value)?.to_string()),
    }
}
