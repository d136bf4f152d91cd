//! The sweep: removes recordings that a crash left behind and nobody was told of.
//!
//! Not for: retention; a recording that a dictation names is never touched here.
//!
//! Invariant: only files older than a day that no row names are removed.

use crate::store::blob::Swept;
use crate::store::dictations;
use crate::workflow::error::WorkflowError;
use crate::workflow::site::Site;
use std::collections::HashSet;
use std::time::Duration;

/// Longer by far than any upload takes between its file and its row.
const LEFT_OVER_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Sweeps once; the server does so when it starts.
pub fn sweep(site: &Site) -> Result<Swept, WorkflowError> {
    let blobs = site.store.blobs();
    let digests =
        site.store.read(|tx| -> Result<_, WorkflowError> { Ok(dictations::audio_digests(tx)?) })?;
    let named: HashSet<_> = digests.iter().map(|digest| blobs.name(digest)).collect();
    Ok(blobs.sweep(|name| named.contains(name), LEFT_OVER_AFTER)?)
}
