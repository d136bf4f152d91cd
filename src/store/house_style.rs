//! The house style of a site and of its authors, and the normals they keep.
//!
//! Not for: what a switch means (`text`), or who may change what (`workflow`).
//!
//! Invariant: a layer of one owner has one style, and a name or a shortcut once.

use super::db::{Row, Tx, params};
use super::error::StoreError;
use super::vocab_terms::LayerOf;
use crate::domain::ids::NormalId;
use crate::domain::pace::Pace;
use crate::domain::punctuation::Mode;
use crate::domain::time::Timestamp;
use crate::vocab::lexicon::Layer;
use serde_json::{Map, Value};

/// What one layer settles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredStyle {
    pub mode: Option<Mode>,
    pub pace: Option<Pace>,
    /// Switches by their names; those that it does not name are left to the layer below.
    pub switches: Map<String, Value>,
}

/// A text kept under a spoken name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredNormal {
    pub id: NormalId,
    pub of: LayerOf,
    pub name: String,
    pub shortcut: Option<String>,
    pub text: String,
}

/// Sets what a layer settles.
pub fn put_style(
    tx: &Tx,
    of: &LayerOf,
    style: &StoredStyle,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into house_style (layer, owner, mode, profile, changed_by, changed_at, pace)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            on conflict (layer, owner) do update set mode = excluded.mode, pace = excluded.pace,
                profile = excluded.profile, changed_by = excluded.changed_by,
                changed_at = excluded.changed_at",
        params![
            of.layer.code(),
            of.owner.as_str(),
            style.mode.map(Mode::code),
            Value::Object(style.switches.clone()).to_string(),
            by,
            now,
            style.pace.map(Pace::code)
        ],
    )?;
    Ok(())
}

/// What a layer settles, if anything.
pub fn style(tx: &Tx, of: &LayerOf) -> Result<Option<StoredStyle>, StoreError> {
    tx.one(
        "select mode, profile, pace from house_style where layer = ?1 and owner = ?2",
        params![of.layer.code(), of.owner.as_str()],
        |row| {
            let mode = row
                .opt_text(0)?
                .map(|code| Mode::from_code(&code).ok_or(StoreError::corrupt("house_style.mode")));
            let switches = serde_json::from_str(&row.text(1)?)
                .map_err(|_| StoreError::corrupt("house_style.profile"))?;
            let pace = row
                .opt_text(2)?
                .map(|code| Pace::from_code(&code).ok_or(StoreError::corrupt("house_style.pace")));
            Ok(StoredStyle { mode: mode.transpose()?, pace: pace.transpose()?, switches })
        },
    )
}

/// Adds a normal, or changes the one with this id.
///
/// # Errors
/// A name or shortcut that the layer has already breaks a unique index.
pub fn put_normal(
    tx: &Tx,
    normal: &StoredNormal,
    key: &str,
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into normal
            (id, layer, owner, name, key, shortcut, text, changed_by, changed_at)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            on conflict (id) do update set name = excluded.name, key = excluded.key,
                shortcut = excluded.shortcut, text = excluded.text,
                changed_by = excluded.changed_by, changed_at = excluded.changed_at",
        params![
            normal.id,
            normal.of.layer.code(),
            normal.of.owner.as_str(),
            normal.name.as_str(),
            key,
            normal.shortcut.clone(),
            normal.text.as_str(),
            by,
            now
        ],
    )?;
    Ok(())
}

const NORMAL: &str = "select id, layer, owner, name, shortcut, text from normal";

/// One normal.
pub fn normal(tx: &Tx, id: NormalId) -> Result<Option<StoredNormal>, StoreError> {
    tx.one(&format!("{NORMAL} where id = ?1"), params![id], read)
}

/// Takes a normal away. Returns whether it was there.
pub fn remove_normal(tx: &Tx, id: NormalId) -> Result<bool, StoreError> {
    Ok(tx.execute("delete from normal where id = ?1", params![id])? > 0)
}

/// One layer's normals, by name.
pub fn normals(tx: &Tx, of: &LayerOf) -> Result<Vec<StoredNormal>, StoreError> {
    tx.all(
        &format!("{NORMAL} where layer = ?1 and owner = ?2 order by key"),
        params![of.layer.code(), of.owner.as_str()],
        read,
    )
}

/// Whether another normal of the layer has this key or shortcut.
pub fn is_taken(tx: &Tx, normal: &StoredNormal, key: &str) -> Result<bool, StoreError> {
    let found = tx.one(
        "select 1 from normal where layer = ?1 and owner = ?2 and id is not ?3
            and (key = ?4 or shortcut is not null and shortcut is ?5)",
        params![
            normal.of.layer.code(),
            normal.of.owner.as_str(),
            normal.id,
            key,
            normal.shortcut.clone()
        ],
        |row| row.int(0),
    )?;
    Ok(found.is_some())
}

fn read(row: &Row) -> Result<StoredNormal, StoreError> {
    let layer = Layer::from_code(&row.text(1)?).ok_or(StoreError::corrupt("normal.layer"))?;
    Ok(StoredNormal {
        id: row.id(0)?,
        of: LayerOf { layer, owner: row.text(2)? },
        name: row.text(3)?,
        shortcut: row.opt_text(4)?,
        text: row.text(5)?,
    })
}
