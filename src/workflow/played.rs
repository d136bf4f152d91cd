//! What of a recording sounded in somebody's page.
//!
//! Not for: who fetched the recording, which has its audit row (`transcription::audio`): a
//! player fetches ahead of what is heard.
//!
//! Invariant: only stretches within the recording are written down, and only for somebody who
//! listens to it. They have no audit row of their own; the listening has.

use super::error::WorkflowError;
use super::sight::person_of;
use super::site::{Acting, Site};
use super::transcription;
use crate::domain::audit::Act;
use crate::domain::ids::DictationId;
use crate::domain::time::AudioSpan;
use crate::store::played;

/// The most stretches that are told at once.
pub const SPANS_MAX: usize = 200;

/// Writes down what sounded; stretches in milliseconds of the recording.
///
/// # Errors
/// [`WorkflowError::Invalid`] for too many, or one that ends before it begins.
pub fn note(
    site: &Site,
    who: &Acting,
    id: DictationId,
    spans: &[AudioSpan],
) -> Result<(), WorkflowError> {
    let sound = spans.iter().all(|span| span.start_ms < span.end_ms);
    if spans.len() > SPANS_MAX || !sound {
        let message = format!("at most {SPANS_MAX} stretches, each ending after it begins");
        return Err(WorkflowError::invalid("spans", message));
    }
    let audio = transcription::listens(site, who, id)?;
    let within = spans.iter().filter(|span| span.start_ms < audio.duration_ms);
    let within: Vec<AudioSpan> = within
        .map(|span| AudioSpan { end_ms: span.end_ms.min(audio.duration_ms), ..*span })
        .collect();
    let person = person_of(who, Act::ListenAudio)?.id;
    site.store.write(|tx| Ok(played::insert(tx, id, person, site.clock.now(), &within)?))
}
