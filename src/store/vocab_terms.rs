//! Terms that were added to the lexicon, by layer.
//!
//! Not for: the built-in terms, which are part of the program (`vocab`).
//!
//! Invariant: a layer of one owner has a term once, whatever its capitals; each says who added
//! it and when.

use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::time::Timestamp;
use crate::vocab::lexicon::{AddedTerm, Layer};
use crate::vocab::term::{Subject, key};

/// Whose layer it is: the owner is empty for the site, else the name of a department or the id
/// of a person or a patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerOf {
    pub layer: Layer,
    pub owner: String,
}

/// A stored term with who added it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredTerm {
    pub term: AddedTerm,
    /// `person:ID` or `operator:ACCOUNT`.
    pub added_by: String,
    pub added_at: Timestamp,
}

const COLUMNS: &str = "select layer, term, subject, said, added_by, added_at from vocab_term";

/// Adds a term, or changes the one with the same key. Returns whether anything changed.
pub fn put(
    tx: &Tx,
    of: &LayerOf,
    term: &AddedTerm,
    added_by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = tx.execute(
        "insert into vocab_term (layer, owner, key, term, subject, said, added_by, added_at)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            on conflict (layer, owner, key) do update set term = excluded.term,
                subject = excluded.subject, said = excluded.said, added_by = excluded.added_by,
                added_at = excluded.added_at
            where term is not excluded.term or subject is not excluded.subject
                or said is not excluded.said",
        params![
            of.layer.code(),
            of.owner.as_str(),
            key(&term.term),
            term.term.as_str(),
            term.subject.code(),
            term.said.clone(),
            added_by,
            now
        ],
    )?;
    Ok(changed > 0)
}

/// Takes a term out of a layer. Returns whether it was there.
pub fn remove(tx: &Tx, of: &LayerOf, term: &str) -> Result<bool, StoreError> {
    let removed = tx.execute(
        "delete from vocab_term where layer = ?1 and owner = ?2 and key = ?3",
        params![of.layer.code(), of.owner.as_str(), key(term)],
    )?;
    Ok(removed > 0)
}

/// One layer's terms, by key.
pub fn of_layer(tx: &Tx, of: &LayerOf) -> Result<Vec<StoredTerm>, StoreError> {
    tx.all(
        &format!("{COLUMNS} where layer = ?1 and owner = ?2 order by key"),
        params![of.layer.code(), of.owner.as_str()],
        read,
    )
}

/// The terms of a layer whose keys begin with these small letters, the first of them.
pub fn beginning(
    tx: &Tx,
    of: &LayerOf,
    letters: &str,
    most: u32,
) -> Result<Vec<AddedTerm>, StoreError> {
    // No character of a key comes after U+10FFFF.
    let sql = format!(
        "{COLUMNS} where layer = ?1 and owner = ?2 and key >= ?3 and key < ?3 || char(1114111)
            order by key limit ?4"
    );
    let rows = tx.all(&sql, params![of.layer.code(), of.owner.as_str(), letters, most], read)?;
    Ok(rows.into_iter().map(|stored| stored.term).collect())
}

/// Whether a layer has a term of this key, or one that begins with this word.
pub fn has_word(tx: &Tx, of: &LayerOf, key: &str) -> Result<bool, StoreError> {
    let found = tx.one(
        "select 1 from vocab_term where layer = ?1 and owner = ?2
            and (key = ?3 or key >= ?3 || ' ' and key < ?3 || '!') limit 1",
        params![of.layer.code(), of.owner.as_str(), key],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

fn read(row: &Row) -> Result<StoredTerm, StoreError> {
    let layer = Layer::from_code(&row.text(0)?).ok_or(StoreError::corrupt("vocab_term.layer"))?;
    let subject =
        Subject::from_code(&row.text(2)?).ok_or(StoreError::corrupt("vocab_term.subject"))?;
    Ok(StoredTerm {
        term: AddedTerm { term: row.text(1)?, subject, layer, said: row.opt_text(3)? },
        added_by: row.text(4)?,
        added_at: row.time(5)?,
    })
}
