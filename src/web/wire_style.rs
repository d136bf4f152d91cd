//! What the JSON API takes and answers about the house style and normals.
//!
//! Not for: what they mean (`text`), or who may change them (`workflow`).
//!
//! Invariant: as in `wire.rs`.

use crate::store::house_style::StoredNormal;
use crate::vocab::lexicon::Layer;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What one layer settles of how reports are written.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseStyleBody {
    /// `spoken`, `auto` or `mixed`; nothing where the layer below decides.
    pub mode: Option<String>,
    /// How fast the author dictates: `slow`, `usual` or `fast`; nothing where the layer below
    /// decides.
    pub pace: Option<String>,
    /// Switches of the contested rules by their names; those left out are the layer's below.
    #[schema(value_type = Object)]
    pub switches: Map<String, Value>,
}

/// The switches that there are, with their defaults.
#[derive(Serialize, ToSchema)]
pub struct HouseStyleView {
    #[serde(flatten)]
    pub settled: HouseStyleBody,
    #[schema(value_type = Object)]
    pub defaults: Map<String, Value>,
}

/// A text kept under a spoken name. `[side]` in it is a blank to fill, `[side=left]` a value to
/// confirm.
#[derive(Serialize, ToSchema)]
pub struct NormalView {
    pub id: String,
    /// `person`, `department` or `site`.
    pub scope: &'static str,
    /// Of a department: its name.
    pub department: Option<String>,
    pub name: String,
    pub shortcut: Option<String>,
    pub text: String,
}

impl From<StoredNormal> for NormalView {
    fn from(normal: StoredNormal) -> Self {
        let StoredNormal { id, of, name, shortcut, text } = normal;
        let (scope, department) = match of.layer {
            Layer::Author => ("person", None),
            Layer::Department => ("department", Some(of.owner)),
            Layer::Site | Layer::BuiltIn | Layer::Patient => ("site", None),
        };
        Self { id: id.to_string(), scope, department, name, shortcut, text }
    }
}

/// A normal to keep.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NormalBody {
    /// Of the one that is changed; nothing for a new one.
    pub id: Option<String>,
    /// `person`, `department` or `site`.
    pub scope: String,
    /// Of a department: its name.
    pub department: Option<String>,
    pub name: String,
    pub shortcut: Option<String>,
    pub text: String,
}

#[derive(Serialize, ToSchema)]
pub struct NormalKeptView {
    pub id: String,
}
