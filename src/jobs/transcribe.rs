//! The transcription job: a stored recording becomes a transcript.
//!
//! Not for: leases and retries (`worker.rs`), or what is done with the transcript.
//!
//! Invariant: reads the recording and the model, writes nothing.

use crate::audio::{self, AudioError};
use crate::domain::transcript::Transcript;
use crate::speech::{Recognizer, Request, SpeechError, Watch};
use crate::store::error::StoreError;
use crate::workflow::error::WorkflowError;
use crate::workflow::house_style;
use crate::workflow::site::Site;
use crate::workflow::transcription::Assignment;
use crate::workflow::vocabulary;
use std::sync::Arc;

/// Why a transcription gave nothing; the words are for people and hold no PHI.
#[derive(Debug, thiserror::Error)]
pub enum JobFailure {
    #[error("stopped")]
    Stopped,
    /// Another try may go better.
    #[error("{reason}")]
    Passing { reason: String },
    /// Another try would end the same way.
    #[error("{reason}")]
    Final { reason: String },
}

/// Recognises the recording of a dictation. `between` is called before each chunk: the place for
/// work that does not wait.
///
/// # Errors
/// [`JobFailure`], sorted by whether trying again can help.
pub fn run(
    site: &Site,
    recognizer: &dyn Recognizer,
    assignment: &Assignment,
    watch: &dyn Watch,
    between: &dyn Fn(),
) -> Result<Transcript, JobFailure> {
    let digest = &assignment.dictation.audio.digest;
    let limits = audio::Limits { max_duration_ms: site.settings.limits.max_audio_ms };
    let mut source = site.store.blobs().open(digest).map_err(of_store)?;
    let inspection = audio::inspect(&mut source, &limits).map_err(of_audio)?;
    let source = site.store.blobs().open(digest).map_err(of_store)?;
    let samples = audio::decode(Box::new(source), inspection.mix).map_err(of_audio)?;
    let (author, patient) = (assignment.dictation.author, assignment.dictation.patient);
    let work_type = &assignment.dictation.work_type;
    let hints = vocabulary::hints(site, author, patient, work_type).map_err(of_workflow)?;
    let mode = house_style::of_author(site, author).map_err(of_workflow)?.mode;
    let request = Request { mode, hints: Arc::new(hints), ..Request::default() };
    let chunks = audio::chunks(samples).inspect(|_| between());
    crate::speech::transcribe(recognizer, chunks, inspection.duration_ms, &request, watch)
        .map_err(of_speech)
}

fn of_workflow(error: WorkflowError) -> JobFailure {
    JobFailure::Passing {
        reason: format!("the vocabulary or the house style cannot be read: {error}"),
    }
}

fn of_store(error: StoreError) -> JobFailure {
    let reason = format!("the recording cannot be read: {error}");
    match error {
        StoreError::Corrupt { .. } | StoreError::NoSuchBlob => JobFailure::Final { reason },
        _ => JobFailure::Passing { reason },
    }
}

fn of_audio(error: AudioError) -> JobFailure {
    JobFailure::Final { reason: format!("the recording cannot be decoded: {error}") }
}

fn of_speech(error: SpeechError) -> JobFailure {
    let reason = error.to_string();
    match error {
        SpeechError::Stopped => JobFailure::Stopped,
        SpeechError::Model { .. } | SpeechError::Audio { .. } => JobFailure::Final { reason },
        SpeechError::EngineDied { .. }
        | SpeechError::Protocol { .. }
        | SpeechError::Failed { .. }
        | SpeechError::Start { .. } => JobFailure::Passing { reason },
    }
}
