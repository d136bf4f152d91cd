//! What people who type for an author, or a work type, are to know.
//!
//! Not for: what an author says in one dictation (`evidence.rs`).
//!
//! Invariant: an author and a work type have one instruction each, or none.

use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::ids::PersonId;
use crate::domain::named::named;
use crate::domain::time::Timestamp;

named! {
    /// What an instruction is about.
    pub enum About {
        Author = "author",
        WorkType = "work-type",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    pub about: About,
    pub text: String,
    pub by_name: String,
    pub at: Timestamp,
}

/// The instructions that bear on a report of this author and work type.
pub fn bearing(tx: &Tx, author: PersonId, work_type: &str) -> Result<Vec<Instruction>, StoreError> {
    tx.all(
        "select i.about, i.body, p.display_name, i.changed_at from instruction i
            join person p on p.id = i.changed_by
            where (i.about = 'author' and i.owner = ?1)
                or (i.about = 'work-type' and i.owner = ?2)
            order by i.about desc",
        params![author, work_type],
        read,
    )
}

/// Writes an instruction; an empty one takes it away.
pub fn put(
    tx: &Tx,
    about: About,
    owner: &str,
    text: &str,
    by: PersonId,
    now: Timestamp,
) -> Result<(), StoreError> {
    if text.is_empty() {
        let sql = "delete from instruction where about = ?1 and owner = ?2";
        tx.execute(sql, params![about.code(), owner])?;
        return Ok(());
    }
    tx.execute(
        "insert into instruction (about, owner, body, changed_by, changed_at)
            values (?1, ?2, ?3, ?4, ?5)
            on conflict (about, owner) do update set body = excluded.body,
                changed_by = excluded.changed_by, changed_at = excluded.changed_at",
        params![about.code(), owner, text, by, now],
    )?;
    Ok(())
}

fn read(row: &Row) -> Result<Instruction, StoreError> {
    Ok(Instruction {
        about: row.code(0, About::from_code)?,
        text: row.text(1)?,
        by_name: row.text(2)?,
        at: row.time(3)?,
    })
}
