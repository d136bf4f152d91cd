//! Departments: which there are, and to which a person belongs.
//!
//! Not for: what a department settles (`house_style.rs`), which words it adds
//! (`vocabulary.rs`), or who works for it (`pools.rs`).
//!
//! Invariant: one department has one spelling, whatever the capitals it is named with.

use super::error::WorkflowError;
use super::people::named;
use super::site::{Acting, Site, perform};
use crate::domain::audit::Act;
use crate::domain::person::{DEPARTMENT_MAX, Department};
use crate::store::db::Tx;
use crate::store::departments;
use crate::store::vocab_terms::LayerOf;
use crate::vocab::lexicon::Layer;

/// All that there are, for those who give them.
///
/// # Errors
/// [`WorkflowError::Forbidden`] for anybody else.
pub fn list(site: &Site, who: &Acting) -> Result<Vec<Department>, WorkflowError> {
    super::permission::check(who, Act::ChangePerson)?;
    site.store.read(|tx| Ok(departments::all(tx)?))
}

/// Says to which department a person belongs; to none where it is missing.
///
/// # Errors
/// [`WorkflowError::NotFound`] for a person nobody knows, [`WorkflowError::Invalid`] for a name
/// that is none.
pub fn set(
    site: &Site,
    who: &Acting,
    username: &str,
    name: Option<&str>,
) -> Result<(), WorkflowError> {
    perform(site, who, Act::ChangePerson, |tx, record| {
        let person = named(tx, username)?;
        record.subject("person", person.id);
        let name = name.map(|name| written(tx, name)).transpose()?;
        record.detail("department", name.as_ref().map_or("", Department::as_str));
        Ok(departments::put(tx, person.id, name.as_ref())?)
    })
}

/// A department as the site writes it: as it is known already, else as it is named here.
///
/// # Errors
/// [`WorkflowError::Invalid`] for a name that is none.
pub(super) fn written(tx: &Tx, name: &str) -> Result<Department, WorkflowError> {
    let name = Department::parse(name).ok_or_else(|| {
        let message = format!("a department has 1 to {DEPARTMENT_MAX} characters");
        WorkflowError::invalid("department", message)
    })?;
    Ok(departments::known(tx, &name)?.unwrap_or(name))
}

/// A layer, of a department under the name that the site writes it with.
pub(super) fn layer_as_written(tx: &Tx, of: &LayerOf) -> Result<LayerOf, WorkflowError> {
    let owner = match of.layer {
        Layer::Department => written(tx, &of.owner)?.to_string(),
        _ => of.owner.clone(),
    };
    Ok(LayerOf { layer: of.layer, owner })
}
