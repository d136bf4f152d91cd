//! How people have set up their pages.
//!
//! Not for: what a setting means; to the program it is a text of the page's own.
//!
//! Invariant: a setting is one person's and has one value.

use super::db::{Tx, params};
use super::error::StoreError;
use crate::domain::ids::PersonId;
use crate::domain::time::Timestamp;

pub fn get(tx: &Tx, person: PersonId, name: &str) -> Result<Option<String>, StoreError> {
    let sql = "select value from person_setting where person_id = ?1 and name = ?2";
    tx.one(sql, params![person, name], |row| row.text(0))
}

pub fn put(
    tx: &Tx,
    person: PersonId,
    name: &str,
    value: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into person_setting (person_id, name, value, changed_at) values (?1, ?2, ?3, ?4)
            on conflict (person_id, name) do update set value = excluded.value,
                changed_at = excluded.changed_at",
        params![person, name, value, now],
    )?;
    Ok(())
}

/// How many settings the person has besides this one.
pub fn others(tx: &Tx, person: PersonId, name: &str) -> Result<u32, StoreError> {
    let sql = "select count(*) from person_setting where person_id = ?1 and name <> ?2";
    let count = tx.one(sql, params![person, name], |row| row.number(0))?;
    Ok(count.unwrap_or(0))
}
