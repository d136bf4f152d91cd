//! The passes over a recording: plain, with the vocabulary, and written as a draft.
//!
//! Not for: counting (`score`).
//!
//! Invariant: time is that of the named pass alone, from opening the file to the last word; the
//! model is loaded before, by `warm_up`.

use super::patient::{Kind, PatientTerm};
use crate::audio::{self, AudioError, Chunk, Limits, SAMPLE_RATE};
use crate::domain::transcript::Transcript;
use crate::speech::{self, Hearing, Hints, Recognizer, Request, SpeechError, Watch};
use crate::text::{self, pipeline};
use crate::vocab::lexicon::{AddedTerm, Layer, Lexicon};
use crate::vocab::term::Subject;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The longest recording, as `chartscribe transcribe` has it: a day.
const DURATION_MAX_MS: u32 = 24 * 3600 * 1000;
/// A recording is tried again when the engine died on it.
const TRIES: u32 = 2;

#[derive(Debug, thiserror::Error)]
pub enum PassError {
    #[error("cannot open {}", path.display())]
    Open { path: PathBuf, source: std::io::Error },
    #[error("cannot use the audio of {}", path.display())]
    Audio { path: PathBuf, source: AudioError },
    #[error("cannot recognise {}", path.display())]
    Speech { path: PathBuf, source: SpeechError },
    #[error("cannot load the speech model")]
    Load { source: SpeechError },
}

/// A transcript and the time it took.
#[derive(Clone, PartialEq)]
pub struct Heard {
    pub transcript: Transcript,
    pub elapsed: Duration,
}

/// A draft's text, its flags, and the time that writing it took.
#[derive(Clone, PartialEq)]
pub struct Written {
    pub text: String,
    /// How many doubts a person is told of.
    pub flags: usize,
    pub elapsed: Duration,
}

/// What the recogniser is asked for in a pass: bare, or with the vocabulary and what is known of
/// the patient.
pub fn request(plain: bool, patient: &[PatientTerm], hearing: Hearing) -> Request {
    let hint = |term: &PatientTerm| AddedTerm {
        term: term.text.clone(),
        subject: match term.kind {
            Kind::Drug | Kind::Allergy => Subject::Generic,
            Kind::Problem => Subject::Finding,
            Kind::Name => Subject::Name,
        },
        layer: Layer::Patient,
        said: None,
    };
    let terms = patient.iter().map(hint).collect();
    let hints = Arc::new(Hints { terms, work_type: None });
    Request { plain, hints, hearing, ..Request::default() }
}

/// The draft of a transcript as the job of a dictation writes it.
pub fn write(transcript: &Transcript, lexicon: &Lexicon) -> Written {
    let began = Instant::now();
    let (draft, flags) = pipeline::write(transcript, &text::request::Request::new(lexicon));
    Written { text: draft.text, flags: flags.len(), elapsed: began.elapsed() }
}

/// Loads the model by recognising a second of silence, and says how long that took.
///
/// # Errors
/// When the engine does not start or the model cannot be used.
pub fn warm_up(recognizer: &dyn Recognizer, watch: &dyn Watch) -> Result<Duration, PassError> {
    let began = Instant::now();
    let silence = Chunk {
        start_ms: 0,
        samples: vec![0.0; SAMPLE_RATE as usize],
        energy_db: f32::NEG_INFINITY,
        has_speech: false,
        voice: vec![],
    };
    let heard = recognizer.recognize(&silence, &request(true, &[], Hearing::Recording), watch);
    heard.map_err(|source| PassError::Load { source })?;
    Ok(began.elapsed())
}

/// Recognises a recording.
///
/// # Errors
/// When it cannot be opened, decoded or recognised.
pub fn hear(
    recognizer: &dyn Recognizer,
    path: &Path,
    request: &Request,
    watch: &dyn Watch,
) -> Result<Heard, PassError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match attempt(recognizer, path, request, watch) {
            Err(PassError::Speech { source: SpeechError::EngineDied { .. }, .. })
                if tries < TRIES => {}
            other => return other,
        }
    }
}

fn attempt(
    recognizer: &dyn Recognizer,
    path: &Path,
    request: &Request,
    watch: &dyn Watch,
) -> Result<Heard, PassError> {
    let began = Instant::now();
    let open = || File::open(path).map_err(|source| PassError::Open { path: path.into(), source });
    let unusable = |source| PassError::Audio { path: path.into(), source };
    let limits = Limits { max_duration_ms: DURATION_MAX_MS };
    let inspection = audio::inspect(&mut open()?, &limits).map_err(unusable)?;
    let samples = audio::decode(Box::new(open()?), inspection.mix).map_err(unusable)?;
    let audio_ms = inspection.duration_ms;
    let transcript = match request.hearing {
        Hearing::Phrase => speech::live::rehearse(recognizer, samples, audio_ms, request, watch),
        Hearing::Recording | Hearing::Glance => {
            speech::transcribe(recognizer, audio::chunks(samples), audio_ms, request, watch)
        }
    };
    let transcript =
        transcript.map_err(|source| PassError::Speech { path: path.into(), source })?;
    Ok(Heard { transcript, elapsed: began.elapsed() })
}
