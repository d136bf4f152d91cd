//! A person's own settings of their pages, such as keys.
//!
//! Not for: the site's settings (`config.rs`), or what a value means: that is the page's business.
//!
//! Invariant: a person reads and writes their own only; a value is JSON of a bounded length.

use super::error::WorkflowError;
use super::sight::person_of;
use super::site::{Acting, Site, perform};
use crate::domain::audit::Act;
use crate::store::settings;

/// The longest value, in bytes.
pub const SETTING_MAX: usize = 16_384;

/// The most settings of one person.
const SETTINGS_MAX: u32 = 40;

/// The longest name, in bytes.
const NAME_MAX: usize = 40;

/// The value as JSON text, if there is one.
///
/// # Errors
/// [`WorkflowError::NotSignedIn`] when no person asks.
pub fn get(site: &Site, who: &Acting, name: &str) -> Result<Option<String>, WorkflowError> {
    let person = who.person_id().ok_or(WorkflowError::NotSignedIn)?;
    check_name(name)?;
    site.store.read(|tx| Ok(settings::get(tx, person, name)?))
}

/// Keeps a value, which is JSON text.
pub fn put(site: &Site, who: &Acting, name: &str, value: &str) -> Result<(), WorkflowError> {
    check_name(name)?;
    if value.len() > SETTING_MAX {
        let message = format!("a setting has at most {SETTING_MAX} bytes");
        return Err(WorkflowError::invalid("value", message));
    }
    perform(site, who, Act::ChangeSetting, |tx, record| {
        let person = person_of(who, Act::ChangeSetting)?.id;
        if settings::others(tx, person, name)? >= SETTINGS_MAX {
            return Err(WorkflowError::conflict("there are too many settings already"));
        }
        record.subject("person", person);
        Ok(settings::put(tx, person, name, value, site.clock.now())?)
    })
}

fn check_name(name: &str) -> Result<(), WorkflowError> {
    let known = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if known && !name.is_empty() && name.len() <= NAME_MAX {
        return Ok(());
    }
    Err(WorkflowError::NotFound { what: "setting" })
}
