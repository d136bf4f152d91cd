//! Samples to words: the seam behind which a recogniser works, and the loop over a recording.
//!
//! Not for: decoding audio (`audio`), turning words into a draft (`text`), or retrying a failed
//! dictation (`jobs`).
//!
//! Invariant: the transcript's words are in order and within the recording, and a stretch that
//! was not recognised is named by a `Doubt`, never silently left out.

mod adapter;
mod alike;
pub mod catalogue;
pub mod child;
mod collocations;
mod combining;
mod confidence;
pub mod convert;
mod ct2;
mod decode;
mod dictated;
pub mod engine;
mod fetch;
mod ggml;
mod guard;
mod hyphened;
pub mod install;
pub mod installed;
mod inventions;
mod joined;
mod known;
mod listen;
pub mod live;
mod made;
mod mel;
mod offer;
mod paces;
mod package;

mod protocol;
mod quantise;
mod reconsider;
mod respell;
mod revise;
mod spare;
mod times;
mod trie;
mod verify;
mod vocabulary;
mod whisper;
mod words;

use crate::audio::{AudioError, Chunk};
use crate::domain::pace::Pace;
use crate::domain::punctuation::Mode;
use crate::domain::time::AudioSpan;
use crate::domain::transcript::{Doubt, DoubtKind, Reconsidered, Transcript, Word};
pub use known::Hints;
use std::path::PathBuf;
use std::sync::Arc;

/// What the caller wants of a recording.
#[derive(Clone, Default)]
pub struct Request {
    /// The engine's bare output: no vocabulary bias.
    pub plain: bool,
    /// Who sets the marks. Where the author speaks them the recogniser is told so, and then it
    /// writes none of its own.
    pub mode: Mode,
    /// What is known of the dictation.
    pub hints: Arc<Hints>,
    pub hearing: Hearing,
    /// How long a pause ends a phrase, where it is heard while somebody speaks.
    pub pace: Pace,
    /// What was said just before the chunk, where it is heard while somebody speaks.
    pub before: String,
}

/// How thoroughly a chunk is heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hearing {
    /// A chunk of a recording, with all that can be done for it.
    #[default]
    Recording,
    /// A phrase that somebody has just said and waits for.
    Phrase,
    /// What is being said at this moment; its words are soon replaced and have no times.
    Glance,
}

impl Request {
    fn manner(&self) -> Manner {
        Manner { plain: self.plain, mode: self.mode, hearing: self.hearing }
    }
}

/// How a chunk is to be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Manner {
    plain: bool,
    mode: Mode,
    hearing: Hearing,
}

/// The caller's side of long work: asked whether to stop, told how far it is.
pub trait Watch: Sync {
    /// Read at least every 100 ms while a chunk is being recognised.
    fn stopped(&self) -> bool;

    /// How far the work is, 0 to 1.
    fn progress(&self, fraction: f32);
}

/// What was heard in one chunk, with times from the start of the recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    pub words: Vec<Word>,
    pub doubts: Vec<Doubt>,
    /// Word numbers count from the first word of the chunk.
    pub reconsidered: Vec<Reconsidered>,
}

impl Heard {
    /// The same behind so many words.
    fn behind(mut self, words: usize) -> Self {
        let before = u32::try_from(words).unwrap_or(u32::MAX);
        for place in &mut self.reconsidered {
            place.words = place.words.start + before..place.words.end + before;
        }
        self
    }

    /// The same with its times told by another clock.
    fn at_times(mut self, time_ms: &dyn Fn(u32) -> u32) -> Self {
        for word in &mut self.words {
            (word.start_ms, word.end_ms) = (time_ms(word.start_ms), time_ms(word.end_ms));
        }
        for doubt in &mut self.doubts {
            let span = &mut doubt.span;
            (span.start_ms, span.end_ms) = (time_ms(span.start_ms), time_ms(span.end_ms));
        }
        self
    }

    /// This and what was heard after it.
    fn and_then(mut self, next: Self) -> Self {
        let next = next.behind(self.words.len());
        self.words.extend(next.words);
        self.doubts.extend(next.doubts);
        self.reconsidered.extend(next.reconsidered);
        self
    }
}

/// Something that turns a chunk of samples into words.
pub trait Recognizer: Send + Sync {
    /// Transcribes one chunk; blocks until it is done, stopped or failed.
    ///
    /// # Errors
    /// `Stopped` when the watch said so, `EngineDied` when the same call is worth another try.
    fn recognize(
        &self,
        chunk: &Chunk,
        request: &Request,
        watch: &dyn Watch,
    ) -> Result<Heard, SpeechError>;

    /// The model's name in `models/manifest.toml`.
    fn model(&self) -> String;
}

#[derive(Debug, thiserror::Error)]
pub enum SpeechError {
    #[error("transcription was stopped")]
    Stopped,
    /// The engine's process ended; the next call starts a new one.
    #[error("the speech engine ended unexpectedly ({status})")]
    EngineDied { status: String },
    /// The model is missing or is not what was installed; trying again does not help.
    #[error("cannot use the speech model {}: {reason}", path.display())]
    Model { path: PathBuf, reason: String },
    #[error("the speech engine broke its protocol: {reason}")]
    Protocol { reason: String },
    #[error("the speech engine could not process the audio: {reason}")]
    Failed { reason: String },
    #[error("cannot start the speech engine {}", program.display())]
    Start { program: PathBuf, source: std::io::Error },
    #[error("cannot read the recording")]
    Audio { source: AudioError },
}

/// Recognises a recording chunk by chunk, in order, and puts the transcript together.
///
/// A chunk without speech is not recognised: there whisper invents words.
/// `audio_ms` is the length of the recording; progress is reported over it.
///
/// # Errors
/// Those of the recogniser, and `Audio` when the recording cannot be decoded further.
pub fn transcribe(
    recognizer: &dyn Recognizer,
    chunks: impl Iterator<Item = Result<Chunk, AudioError>>,
    audio_ms: u32,
    request: &Request,
    watch: &dyn Watch,
) -> Result<Transcript, SpeechError> {
    let model = recognizer.model();
    let mut transcript =
        Transcript { words: vec![], doubts: vec![], reconsidered: vec![], audio_ms, model };
    for chunk in chunks {
        if watch.stopped() {
            return Err(SpeechError::Stopped);
        }
        let chunk = chunk.map_err(|source| SpeechError::Audio { source })?;
        if !chunk.has_speech {
            transcript.doubts.extend(chunk.may_hold_speech().then(|| missed(&chunk)));
            continue;
        }
        let part = Part { whole: watch, from_ms: chunk.start_ms, to_ms: chunk.end_ms(), audio_ms };
        let heard = recognizer.recognize(&chunk, request, &part)?;
        part.progress(1.0);
        append(&mut transcript, heard);
    }
    watch.progress(1.0);
    assert!(transcript.is_well_timed(), "word times must be monotone and within the recording");
    Ok(transcript)
}

/// A sound that may be a faint voice: a person listens to it.
fn missed(chunk: &Chunk) -> Doubt {
    let span = AudioSpan { start_ms: chunk.start_ms, end_ms: chunk.end_ms() };
    Doubt { kind: DoubtKind::SpeechWithoutWords, span }
}

/// Adds what was heard, holding the times to the order and length of the recording.
fn append(transcript: &mut Transcript, heard: Heard) {
    let mut earliest = transcript.words.last().map_or(0, |word| word.start_ms);
    let heard = heard.behind(transcript.words.len());
    transcript.reconsidered.extend(heard.reconsidered);
    for mut word in heard.words {
        word.start_ms = word.start_ms.clamp(earliest, transcript.audio_ms.max(earliest));
        word.end_ms = word.end_ms.clamp(word.start_ms, transcript.audio_ms.max(word.start_ms));
        earliest = word.start_ms;
        transcript.words.push(word);
    }
    transcript.doubts.extend(heard.doubts);
}

/// Progress within one chunk, told as progress over the recording.
struct Part<'a> {
    whole: &'a dyn Watch,
    from_ms: u32,
    to_ms: u32,
    audio_ms: u32,
}

impl Watch for Part<'_> {
    fn stopped(&self) -> bool {
        self.whole.stopped()
    }

    fn progress(&self, fraction: f32) {
        let span = self.to_ms.saturating_sub(self.from_ms) as f32;
        let at = self.from_ms as f32 + span * fraction.clamp(0.0, 1.0);
        self.whole.progress((at / self.audio_ms.max(1) as f32).clamp(0.0, 1.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    /// Hears one word per chunk, reaching past the chunk on purpose.
    struct OneWord;

    impl Recognizer for OneWord {
        fn recognize(
            &self,
            chunk: &Chunk,
            _request: &Request,
            watch: &dyn Watch,
        ) -> Result<Heard, SpeechError> {
            watch.progress(0.5);
            let start_ms = chunk.start_ms;
            let word =
                Word { text: "word".into(), start_ms, end_ms: start_ms + 9_999, confidence: 1.0 };
            Ok(Heard { words: vec![word], doubts: vec![], reconsidered: vec![] })
        }

        fn model(&self) -> String {
            "fake".into()
        }
    }

    struct Seen {
        stop_after: usize,
        fractions: Mutex<Vec<f32>>,
    }

    impl Seen {
        fn stopping_after(stop_after: usize) -> Self {
            Self { stop_after, fractions: Mutex::new(vec![]) }
        }
    }

    impl Watch for Seen {
        fn stopped(&self) -> bool {
            self.fractions.lock().expect("no test panics inside").len() >= self.stop_after
        }

        fn progress(&self, fraction: f32) {
            self.fractions.lock().expect("no test panics inside").push(fraction);
        }
    }

    fn chunk(start_ms: u32) -> Result<Chunk, AudioError> {
        let (samples, voice) = (vec![0.0; 16_000], vec![255; 100]);
        Ok(Chunk { start_ms, samples, energy_db: -20.0, has_speech: true, voice })
    }

    #[test]
    fn words_stay_within_the_recording_and_progress_runs_over_it() {
        let watch = Seen::stopping_after(usize::MAX);
        let chunks = vec![chunk(0), chunk(1000)].into_iter();
        let request = Request { plain: true, ..Request::default() };
        let transcript =
            transcribe(&OneWord, chunks, 2000, &request, &watch).expect("the fake never fails");
        assert!(transcript.is_well_timed());
        assert_eq!(transcript.text(), "word word");
        assert_eq!(transcript.words[1].end_ms, 2000);
        let fractions = watch.fractions.into_inner().expect("no test panics inside");
        assert_eq!(fractions, [0.25, 0.5, 0.75, 1.0, 1.0]);
    }

    #[test]
    fn what_was_weighed_in_the_second_part_stays_with_its_words() {
        let part = |text: &str, start_ms| Heard {
            words: vec![Word {
                text: text.into(),
                start_ms,
                end_ms: start_ms + 500,
                confidence: 1.0,
            }],
            doubts: vec![],
            reconsidered: vec![Reconsidered {
                words: 0..1,
                heard: Some(format!("{text} first")),
                score: 0.5,
                alternatives: vec![],
                otherwise: None,
            }],
        };
        let both = part("one", 0).and_then(part("two", 1000));
        for place in &both.reconsidered {
            let word = &both.words[place.words.start as usize].text;
            assert_eq!(place.heard.as_deref(), Some(format!("{word} first").as_str()));
        }
        assert_eq!(both.reconsidered.len(), 2);
    }

    #[test]
    fn a_stop_between_chunks_is_honoured() {
        let watch = Seen::stopping_after(1);
        let chunks = vec![chunk(0), chunk(1000)].into_iter();
        let result = transcribe(
            &OneWord,
            chunks,
            2000,
            &Request { plain: true, ..Request::default() },
            &watch,
        );
        assert!(matches!(result, Err(SpeechError::Stopped)));
    }
}
