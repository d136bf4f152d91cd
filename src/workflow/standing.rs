//! Clearances, delegates and cosigners.
//!
//! Not for: what follows from them (`sight.rs`, `signing.rs`).
//!
//! Invariant: a delegate stands in for a time and never signs; nobody is their own delegate or
//! cosigner.

use super::error::WorkflowError;
use super::people::named;
use super::sight::person_of;
use super::site::{Acting, Site, look, perform};
use crate::domain::audit::Act;
use crate::domain::label::Label;
use crate::domain::person::{Person, Role};
use crate::domain::time::Timestamp;
use crate::store::{people, standing};

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
        record.detail("from", from.0);
        record.detail("until", until.0);
        Ok(standing::set_delegate(tx, author.id, delegate.id, from, until)?)
    })
}

/// Who stands in for whom, with their names.
#[derive(Clone, Debug)]
pub struct Delegation {
    pub author: Person,
    pub delegate: Person,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// Delegations that run or are to come: an author's own, on either side; all for records staff
/// and the administrator.
pub fn delegations(site: &Site, who: &Acting) -> Result<Vec<Delegation>, WorkflowError> {
    look(site, who, Act::ViewDelegations, |tx, _| {
        let asks = person_of(who, Act::ViewDelegations)?;
        let missing = || WorkflowError::NotFound { what: "person" };
        let mut found = Vec::new();
        for one in standing::delegations(tx, site.clock.now())? {
            if keeps_everybodys(asks) || asks.id == one.author || asks.id == one.delegate {
                found.push(Delegation {
                    author: people::by_id(tx, one.author)?.ok_or_else(missing)?,
                    delegate: people::by_id(tx, one.delegate)?.ok_or_else(missing)?,
                    from: one.from,
                    until: one.until,
                });
            }
        }
        Ok(found)
    })
}

/// Ends a delegation before its time. An author ends their own, records staff and the
/// administrator anybody's.
///
/// # Errors
/// [`WorkflowError::NotFound`] when there is none that runs or is to come.
pub fn end_delegation(
    site: &Site,
    who: &Acting,
    author: &str,
    delegate: &str,
) -> Result<(), WorkflowError> {
    perform(site, who, Act::EndDelegation, |tx, record| {
        let author = named(tx, author)?;
        let delegate = named(tx, delegate)?;
        let asks = person_of(who, Act::EndDelegation)?;
        if asks.id != author.id && !keeps_everybodys(asks) {
            return Err(WorkflowError::Forbidden { act: Act::EndDelegation });
        }
        record.subject("person", author.id);
        record.subject("person", delegate.id);
        if standing::end_delegation(tx, author.id, delegate.id, site.clock.now())? {
            Ok(())
        } else {
            Err(WorkflowError::NotFound { what: "delegation" })
        }
    })
}

fn keeps_everybodys(person: &Person) -> bool {
    person.has(Role::RecordsSpecialist) || person.has(Role::Administrator)
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
