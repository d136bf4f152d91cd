//! What a person stands for beyond their roles: clearances for labels, delegates, cosigners.
//!
//! Not for: what follows from it (`workflow/sight.rs`, `workflow/signing.rs`).
//!
//! Invariant: nobody is their own delegate or cosigner; the tables refuse it.

use super::db::{Tx, params};
use super::error::StoreError;
use crate::domain::ids::PersonId;
use crate::domain::label::{Label, Labels};
use crate::domain::time::Timestamp;

pub fn clearances(tx: &Tx, person: PersonId) -> Result<Labels, StoreError> {
    let granted =
        tx.all("select label from clearance where person_id = ?1", params![person], |row| {
            row.code(0, Label::from_code)
        })?;
    Ok(granted.into_iter().fold(Labels::none(), Labels::with))
}

pub fn set_clearance(
    tx: &Tx,
    person: PersonId,
    label: Label,
    granted: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    if granted {
        tx.execute(
            "insert into clearance (person_id, label, granted_at) values (?1, ?2, ?3)
                on conflict (person_id, label) do nothing",
            params![person, label.code(), now],
        )?;
    } else {
        tx.execute(
            "delete from clearance where person_id = ?1 and label = ?2",
            params![person, label.code()],
        )?;
    }
    Ok(())
}

/// Names a delegate for a time, or changes the time of one.
pub fn set_delegate(
    tx: &Tx,
    author: PersonId,
    delegate: PersonId,
    from: Timestamp,
    until: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into delegate (author_id, delegate_id, from_at, until_at)
            values (?1, ?2, ?3, ?4)
            on conflict (author_id, delegate_id) do update set from_at = ?3, until_at = ?4",
        params![author, delegate, from, until],
    )?;
    Ok(())
}

/// Who stands in for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    pub author: PersonId,
    pub delegate: PersonId,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// Delegations that run or are to come, the one that ends first before the others.
pub fn delegations(tx: &Tx, now: Timestamp) -> Result<Vec<Delegation>, StoreError> {
    tx.all(
        "select author_id, delegate_id, from_at, until_at from delegate
            where until_at > ?1 order by until_at, author_id, delegate_id",
        params![now],
        |row| {
            Ok(Delegation {
                author: row.id(0)?,
                delegate: row.id(1)?,
                from: row.time(2)?,
                until: row.time(3)?,
            })
        },
    )
}

/// Takes a delegation away; `false` when there is none that runs or is to come.
pub fn end_delegation(
    tx: &Tx,
    author: PersonId,
    delegate: PersonId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "delete from delegate where author_id = ?1 and delegate_id = ?2 and until_at > ?3",
        params![author, delegate, now],
    )?;
    Ok(rows == 1)
}

/// Authors whom the person stands in for at this time.
pub fn stands_in_for(
    tx: &Tx,
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<PersonId>, StoreError> {
    tx.all(
        "select author_id from delegate
            where delegate_id = ?1 and from_at <= ?2 and until_at > ?2",
        params![person, now],
        |row| row.id(0),
    )
}

/// The cosigner of an author, or none.
pub fn cosigner(tx: &Tx, author: PersonId) -> Result<Option<PersonId>, StoreError> {
    tx.one("select cosigner_id from cosign_rule where author_id = ?1", params![author], |row| {
        row.id(0)
    })
}

pub fn set_cosigner(
    tx: &Tx,
    author: PersonId,
    cosigner: Option<PersonId>,
) -> Result<(), StoreError> {
    match cosigner {
        Some(cosigner) => tx.execute(
            "insert into cosign_rule (author_id, cosigner_id) values (?1, ?2)
                on conflict (author_id) do update set cosigner_id = ?2",
            params![author, cosigner],
        )?,
        None => tx.execute("delete from cosign_rule where author_id = ?1", params![author])?,
    };
    Ok(())
}
