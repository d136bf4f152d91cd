//! Where a workstation keeps its spool and the key to it.
//!
//! Not for: what is in them (`store/spool.rs`).
//!
//! Invariant: both are this user's alone, and the key does not lie beside what it opens.

use super::MicError;
use std::path::{Path, PathBuf};

/// The folder of waiting recordings: `CHARTSCRIBE_SPOOL`, else under `XDG_STATE_HOME`, else under
/// `HOME`.
///
/// # Errors
/// `NoSpoolFolder` when none of the three is set.
pub fn spool() -> Result<PathBuf, MicError> {
    named("CHARTSCRIBE_SPOOL", "XDG_STATE_HOME", ".local/state", "chartscribe/spool")
}

/// The key file: `CHARTSCRIBE_SPOOL_KEY`, else under `XDG_CONFIG_HOME`, else under `HOME`.
///
/// # Errors
/// `NoSpoolFolder` when none of the three is set.
pub fn key_file() -> Result<PathBuf, MicError> {
    named("CHARTSCRIBE_SPOOL_KEY", "XDG_CONFIG_HOME", ".config", "chartscribe/recorder.key")
}

fn named(own: &str, base: &str, at_home: &str, inside: &str) -> Result<PathBuf, MicError> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(path) = variable(own) {
        return Ok(PathBuf::from(path));
    }
    let base = variable(base)
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| Path::new(&home).join(at_home)))
        .ok_or(MicError::NoSpoolFolder)?;
    Ok(base.join(inside))
}
