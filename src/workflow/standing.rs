//! Clearances, delegates and cosigners.
//!
//! Not for: what follows from them (`sight.rs`, `signing.rs`).
//!
//! Invariant: a delegate stands in for a time and never signs; nobody is their own delegate or
//! cosigner.

use super::error::WorkflowError;
use super::people::named;
use super::site::{Acting, Site, perform};
use crate::domain::audit::Act;
use crate::domain::label::Label;
use crate::domain::person::{Person, Role};
use crate::domain::time::Timestamp;
use crate::store::standing;

/// The longest absence with a delegate; a longer one is renewed.
const DELEGATION_MAX_MS: i64 = 90 * 24 * 3_600_000;

/// Gives or takes a person's clearance for a label.
pub fn set_clearance(
    site: &Site,
    who: &Acting,
    username: &str,
    label: Label,
    granted: bool,
) -> Result<(), WorkflowError> {
    perform(site, who, Act::GrantClearance, |tx, record| {
        let person = named(tx, username)?;
        record.subject("person", person.id);
        record.detail("label", label.code());
        record.detail("granted", granted);
        Ok(standing::set_clearance(tx, person.id, label, granted, site.clock.now())?)
    })
}

/// Names who stands in for an author. An author names their own delegate, records staff anybody's.
///
/// # Errors
/// [`WorkflowError::Invalid`] when the delegate is no author or the time is wrong.
pub fn name_delegate(
    site: &Site,
    who: &Acting,
    author: &str,
    delegate: &str,
    from: Timestamp,
    until: Timestamp,
) -> Result<(), WorkflowError> {
    if until <= from || until.since(from) > DELEGATION_MAX_MS {
        return Err(WorkflowError::invalid(
            "until",
            "a delegation ends after it begins, within 90 days",
        ));
    }
    perform(site, who, Act::NameDelegate, |tx, record| {
        let author = named(tx, author)?;
        let delegate = other_author(&author, named(tx, delegate)?, "delegate")?;
        let for_others = who.person.as_ref().is_some_and(|p| p.has(Role::RecordsSpecialist));
        if who.person_id() != Some(author.id) && !for_others {
            return Err(WorkflowError::Forbidden { act: Act::NameDelegate });
        }
        record.subject("person", author.id);
        record.subject("person", delegate.id);
        Ok(standing::set_delegate(tx, author.id, delegate.id, from, until)?)
    })
}

/// Says who cosigns an author's reports, or that nobody need.
///
/// # Errors
/// [`WorkflowError::Invalid`] when the cosigner is no author or the same person.
pub fn set_cosigner(
    site: &Site,
    who: &Acting,
    author: &str,
    cosigner: Option<&str>,
) -> Result<(), WorkflowError> {
    perform(site, who, Act::SetCosigner, |tx, record| {
        let author = named(tx, author)?;
        record.subject("person", author.id);
        let cosigner = match cosigner {
            Some(name) => Some(other_author(&author, named(tx, name)?, "cosigner")?.id),
            None => None,
        };
        if let Some(cosigner) = cosigner {
            record.subject("person", cosigner);
        }
        Ok(standing::set_cosigner(tx, author.id, cosigner)?)
    })
}

fn other_author(
    author: &Person,
    other: Person,
    field: &'static str,
) -> Result<Person, WorkflowError> {
    if other.id == author.id {
        return Err(WorkflowError::invalid(field, "this must be another person"));
    }
    if !other.has(Role::Author) || !other.active {
        return Err(WorkflowError::invalid(field, "this must be an active author"));
    }
    Ok(other)
}
