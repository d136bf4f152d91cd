//! The machine hears a take while it goes on: what it needs to know, and what it writes down.
//!
//! Not for: the take's sender (`takes.rs`), or when what is heard (`jobs/live.rs`).
//!
//! Invariant: reads the take's own author and patient only; what is written down are words, and
//! they are only followed by more. Part of transcribing, which is audited as that.

use super::drafting::Writer;
use super::error::WorkflowError;
use super::site::Site;
use super::vocabulary;
use crate::domain::ids::TakeId;
use crate::domain::take::{Take, to_ms};
use crate::domain::transcript::{Transcript, Word};
use crate::speech::Request;
use crate::store::takes;
use std::sync::Arc;

/// What hearing a take begins with.
pub struct Listening {
    take: TakeId,
    /// The words that are final already, and the sample they reach to.
    pub words: Vec<Word>,
    pub through: u64,
    /// What the recogniser is told of the author and the patient.
    pub request: Request,
    writer: Writer,
}

/// # Errors
/// [`WorkflowError::NotFound`] when there is no such take.
pub fn begin(site: &Site, id: TakeId) -> Result<Listening, WorkflowError> {
    let (take, words, through) = site.store.read(|tx| -> Result<_, WorkflowError> {
        let take = takes::by_id(tx, id)?.ok_or(WorkflowError::NotFound { what: "recording" })?;
        let (words, through) = takes::heard(tx, id)?;
        Ok((take, words, through))
    })?;
    let hints = vocabulary::hints(site, take.author, take.patient, &take.work_type)?;
    let writer = Writer::of_take(site, &take)?;
    let (mode, pace) = (writer.mode(), writer.pace());
    let request = Request { mode, pace, hints: Arc::new(hints), ..Request::default() };
    Ok(Listening { take: id, words, through, request, writer })
}

/// Samples of the take from a place on, as they are stored.
pub fn samples(site: &Site, id: TakeId, from: u64, count: u64) -> Result<Vec<u8>, WorkflowError> {
    site.store.read(|tx| Ok(takes::samples(tx, id, from, count)?))
}

/// Writes final words down, with the sample they reach to.
pub fn note(site: &Site, id: TakeId, words: &[Word], through: u64) -> Result<(), WorkflowError> {
    site.store.write(|tx| Ok(takes::set_heard(tx, id, words, through)?))
}

/// The draft of the words, in the order in which the take's stretches are heard by now.
pub fn written(
    site: &Site,
    listening: &Listening,
    words: &[Word],
) -> Result<String, WorkflowError> {
    let take = site.store.read(|tx| -> Result<Option<Take>, WorkflowError> {
        Ok(takes::by_id(tx, listening.take)?)
    })?;
    let take = take.ok_or(WorkflowError::NotFound { what: "recording" })?;
    let words = take.edits.arrange(words, take.samples);
    let last = words.last().map_or(0, |word| word.end_ms);
    let audio_ms = to_ms(take.samples).max(last);
    let transcript =
        Transcript { words, doubts: vec![], reconsidered: vec![], audio_ms, model: String::new() };
    Ok(listening.writer.write(&transcript).0.text)
}
