//! The views that a person keeps of the worklist: a filter under a name.
//!
//! Not for: what a filter means (`filter.rs`).
//!
//! Invariant: a view is its owner's alone and says nothing about a patient.

use super::error::WorkflowError;
use super::filter::Filter;
use super::sight::person_of;
use super::site::{Acting, Site, perform};
use crate::domain::audit::Act;
use crate::store::error::StoreError;
use crate::store::views;

/// The most views of one person.
pub const VIEWS_MAX: usize = 30;
/// The longest name of a view, in characters.
pub const NAME_MAX: usize = 60;

/// A kept filter.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    pub name: String,
    pub filter: Filter,
}

/// The person's own views, by name.
///
/// # Errors
/// [`WorkflowError::Forbidden`] for those who have no worklist.
pub fn list(site: &Site, who: &Acting) -> Result<Vec<View>, WorkflowError> {
    super::permission::check(who, Act::SaveView)?;
    let person = person_of(who, Act::SaveView)?;
    let kept = site.store.read(|tx| views::of(tx, person.id))?;
    let mut found = Vec::new();
    for (name, text) in kept {
        found.push(View { name, filter: read(&text)? });
    }
    Ok(found)
}

/// Keeps a view, in the place of one of the same name.
pub fn save(site: &Site, who: &Acting, name: &str, filter: &Filter) -> Result<(), WorkflowError> {
    let name = checked(name)?;
    let text = write(filter);
    perform(site, who, Act::SaveView, |tx, _| {
        let person = person_of(who, Act::SaveView)?;
        let kept = views::of(tx, person.id)?;
        if kept.len() >= VIEWS_MAX && !kept.iter().any(|(known, _)| known == name) {
            let message = format!("there are {VIEWS_MAX} views already; remove one first");
            return Err(WorkflowError::conflict(message));
        }
        Ok(views::put(tx, person.id, name, &text)?)
    })
}

/// Removes a view.
///
/// # Errors
/// [`WorkflowError::NotFound`] when there is none of this name.
pub fn remove(site: &Site, who: &Acting, name: &str) -> Result<(), WorkflowError> {
    perform(site, who, Act::SaveView, |tx, record| {
        record.detail("removed", true);
        let person = person_of(who, Act::SaveView)?;
        if views::remove(tx, person.id, name.trim())? {
            Ok(())
        } else {
            Err(WorkflowError::NotFound { what: "view" })
        }
    })
}

fn checked(name: &str) -> Result<&str, WorkflowError> {
    let name = name.trim();
    let length = name.chars().count();
    if (1..=NAME_MAX).contains(&length) && !name.chars().any(char::is_control) {
        return Ok(name);
    }
    Err(WorkflowError::invalid("name", format!("a name has 1 to {NAME_MAX} characters")))
}

fn write(filter: &Filter) -> String {
    let codes = filter.codes();
    serde_json::to_string(&codes).expect("strings are always JSON")
}

fn read(text: &str) -> Result<Filter, WorkflowError> {
    let corrupt = || StoreError::Corrupt { what: "the filter of a view".into() };
    let codes: Vec<(String, String)> = serde_json::from_str(text).map_err(|_| corrupt())?;
    let codes = codes.iter().map(|(name, code)| (name.as_str(), code.as_str()));
    Filter::parse(codes).map_err(|_| corrupt().into())
}
