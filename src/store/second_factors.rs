//! Second factors, recovery codes and password resets.
//!
//! Not for: making or checking codes (`workflow/second_factor.rs`, `workflow/credentials.rs`).
//!
//! Invariant: recovery and reset codes are kept only as digests; each works once.

use super::db::{Tx, params};
use super::error::StoreError;
use crate::domain::digest::Digest;
use crate::domain::ids::PersonId;
use crate::domain::time::Timestamp;
use zeroize::Zeroizing;

pub struct SecondFactor {
    pub secret: Zeroizing<Vec<u8>>,
    /// The RFC 6238 time step of the newest accepted code.
    pub used_step: i64,
    pub confirmed: bool,
}

pub fn of_person(tx: &Tx, person: PersonId) -> Result<Option<SecondFactor>, StoreError> {
    tx.one(
        "select secret, used_step, confirmed_at is not null from second_factor
            where person_id = ?1",
        params![person],
        |row| {
            Ok(SecondFactor {
                secret: Zeroizing::new(row.blob(0)?),
                used_step: row.int(1)?,
                confirmed: row.flag(2)?,
            })
        },
    )
}

/// Begins an enrolment; an unconfirmed one is replaced.
pub fn begin(tx: &Tx, person: PersonId, secret: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "insert into second_factor (person_id, secret, used_step) values (?1, ?2, 0)
            on conflict (person_id) do update set secret = ?2, used_step = 0
            where confirmed_at is null",
        params![person, secret],
    )?;
    Ok(())
}

pub fn confirm(tx: &Tx, person: PersonId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "update second_factor set confirmed_at = ?2 where person_id = ?1",
        params![person, now],
    )?;
    Ok(())
}

/// Marks a time step as used; `false` when it, or a later one, was used before.
pub fn use_step(tx: &Tx, person: PersonId, step: i64) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "update second_factor set used_step = ?2 where person_id = ?1 and used_step < ?2",
        params![person, step],
    )?;
    Ok(rows == 1)
}

/// Removes the factor and its recovery codes.
pub fn remove(tx: &Tx, person: PersonId) -> Result<(), StoreError> {
    tx.execute("delete from recovery_code where person_id = ?1", params![person])?;
    tx.execute("delete from second_factor where person_id = ?1", params![person])?;
    Ok(())
}

pub fn replace_recovery_codes(
    tx: &Tx,
    person: PersonId,
    codes: &[Digest],
) -> Result<(), StoreError> {
    tx.execute("delete from recovery_code where person_id = ?1", params![person])?;
    for code in codes {
        tx.execute(
            "insert into recovery_code (person_id, code_digest) values (?1, ?2)",
            params![person, *code],
        )?;
    }
    Ok(())
}

/// Uses up a recovery code; `false` when there is no such unused one.
pub fn use_recovery_code(
    tx: &Tx,
    person: PersonId,
    code: Digest,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "update recovery_code set used_at = ?3
            where person_id = ?1 and code_digest = ?2 and used_at is null",
        params![person, code, now],
    )?;
    Ok(rows == 1)
}

pub fn set_reset(
    tx: &Tx,
    person: PersonId,
    code: Digest,
    expires_at: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into password_reset (person_id, code_digest, expires_at) values (?1, ?2, ?3)
            on conflict (person_id) do update set code_digest = ?2, expires_at = ?3",
        params![person, code, expires_at],
    )?;
    Ok(())
}

/// Uses up a reset code; `false` when it is not this person's or has expired.
pub fn use_reset(
    tx: &Tx,
    person: PersonId,
    code: Digest,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "delete from password_reset
            where person_id = ?1 and code_digest = ?2 and expires_at > ?3",
        params![person, code, now],
    )?;
    Ok(rows == 1)
}
