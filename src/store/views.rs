//! Views that people keep of their lists: filters under a name.
//!
//! Not for: what a filter means (`workflow/views.rs`).
//!
//! Invariant: a name is one view of one person.

use super::db::{Tx, params};
use super::error::StoreError;
use crate::domain::ids::PersonId;

/// A person's views by name, each with its filter as it was written.
pub fn of(tx: &Tx, person: PersonId) -> Result<Vec<(String, String)>, StoreError> {
    tx.all(
        "select name, filter from saved_view where person_id = ?1 order by name collate nocase",
        params![person],
        |row| Ok((row.text(0)?, row.text(1)?)),
    )
}

/// Keeps a view, in the place of one of the same name.
pub fn put(tx: &Tx, person: PersonId, name: &str, filter: &str) -> Result<(), StoreError> {
    tx.execute(
        "insert into saved_view (person_id, name, filter) values (?1, ?2, ?3)
            on conflict (person_id, name) do update set filter = ?3",
        params![person, name, filter],
    )?;
    Ok(())
}

/// Removes a view; `false` when there is none of that name.
pub fn remove(tx: &Tx, person: PersonId, name: &str) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "delete from saved_view where person_id = ?1 and name = ?2",
        params![person, name],
    )?;
    Ok(rows == 1)
}
