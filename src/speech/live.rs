//! Hearing while somebody speaks: final words at pauses, and a glance at what is being said.
//!
//! Not for: where the sound comes from or who reads the words (`jobs/live.rs`).
//!
//! Invariant: final words are never changed, only followed by more; they are in order and within
//! the sound heard so far. The phrase is heard as a chunk of a recording is, by the same engine,
//! after the words that were said before it.

use super::{Hearing, Hints, Recognizer, Request, SpeechError, Watch};
use crate::audio::phrases::{Open, PAUSE_MS, Phrases};
use crate::audio::{AudioError, Chunk};
use crate::domain::punctuation::Mode;
use crate::domain::transcript::{Transcript, Word};
use std::sync::Arc;

/// So much silence makes it worth hearing the phrase in full before it is certain that it is
/// over; while that goes on, the rest of the pause passes.
const EARLY_MS: u32 = 200;
/// A glance is worth it after so much more was said.
const GLANCE_EVERY_MS: u32 = 600;
/// In silence no glance begins: the phrase may be over in a moment.
const GLANCE_SILENT_MS: u32 = 100;
/// Words before a phrase that it is heard with.
const BEFORE_WORDS: usize = 24;

/// What to do next for the sound that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing before more sound comes.
    Wait,
    /// Hear what is being said.
    Glance,
    /// Hear the phrase in full: it is over, or likely to be.
    Phrase,
}

/// What came of hearing a phrase in full.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It was over: its words are final.
    Final,
    /// The speaker went on; these are words for the moment.
    WentOn(String),
}

/// One speaker's sound and what was heard of it.
pub struct Ear {
    phrases: Phrases,
    hints: Arc<Hints>,
    mode: Mode,
    words: Vec<Word>,
    /// The phrase that was heard in full ahead of time: where its voice ended, and its words.
    early: Option<(usize, Vec<Word>)>,
    glanced_ms: u32,
}

impl Ear {
    /// Goes on after these final words; the sound begins at this place of the recording.
    pub fn new(request: &Request, words: Vec<Word>, from_ms: u32) -> Self {
        let (hints, mode) = (Arc::clone(&request.hints), request.mode);
        Self { phrases: Phrases::new(from_ms), hints, mode, words, early: None, glanced_ms: 0 }
    }

    pub fn push(&mut self, samples: &[f32]) {
        self.phrases.push(samples);
    }

    /// Nothing more will come.
    pub fn finish(&mut self) {
        self.phrases.finish();
    }

    /// The final words so far.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// Up to where everything said is among the final words, milliseconds.
    pub fn through_ms(&self) -> u32 {
        self.phrases.through_ms()
    }

    /// What the sound so far calls for.
    pub fn next(&self) -> Next {
        let Some(Open { length_ms, silent_ms, is_over }) = self.phrases.open() else {
            return Next::Wait;
        };
        let is_heard = self.early.as_ref().is_some_and(|(at, _)| *at == self.phrases.voiced_to());
        if is_over || (silent_ms >= EARLY_MS && !is_heard) {
            return Next::Phrase;
        }
        let more = length_ms.saturating_sub(self.glanced_ms);
        let speaks = silent_ms <= GLANCE_SILENT_MS;
        if more >= GLANCE_EVERY_MS && speaks { Next::Glance } else { Next::Wait }
    }

    /// Hears what is being said.
    ///
    /// # Errors
    /// Those of the recogniser.
    pub fn glance(
        &mut self,
        recognizer: &dyn Recognizer,
        watch: &dyn Watch,
    ) -> Result<String, SpeechError> {
        let Some(chunk) = self.phrases.so_far() else { return Ok(String::new()) };
        self.glanced_ms = chunk.end_ms() - chunk.start_ms;
        self.early = None;
        let words = self.hear(recognizer, &chunk, Hearing::Glance, watch)?;
        Ok(joined(&words))
    }

    /// Hears the open phrase in full. `more` brings the sound that came meanwhile.
    ///
    /// # Errors
    /// Those of the recogniser.
    pub fn phrase(
        &mut self,
        recognizer: &dyn Recognizer,
        watch: &dyn Watch,
        more: &mut dyn FnMut(&mut Phrases),
    ) -> Result<Fate, SpeechError> {
        if self.phrases.open().is_some_and(|open| !open.is_over) {
            let Some(chunk) = self.phrases.so_far() else { return Ok(Fate::Final) };
            let at = self.phrases.voiced_to();
            let words = self.hear(recognizer, &chunk, Hearing::Phrase, watch)?;
            let shown = joined(&words);
            self.early = Some((at, words));
            more(&mut self.phrases);
            if self.phrases.open().is_none_or(|open| open.silent_ms < PAUSE_MS) {
                return Ok(Fate::WentOn(shown));
            }
        }
        let is_paused = self.phrases.open().is_some_and(|open| open.silent_ms >= PAUSE_MS);
        let voiced_to = self.phrases.voiced_to();
        let Some(chunk) = self.phrases.take() else { return Ok(Fate::Final) };
        let words = match self.early.take() {
            Some((at, words)) if is_paused && at == voiced_to => words,
            _ => self.hear(recognizer, &chunk, Hearing::Phrase, watch)?,
        };
        self.glanced_ms = 0;
        self.append(words, chunk.end_ms());
        Ok(Fate::Final)
    }

    fn hear(
        &self,
        recognizer: &dyn Recognizer,
        chunk: &Chunk,
        hearing: Hearing,
        watch: &dyn Watch,
    ) -> Result<Vec<Word>, SpeechError> {
        let said = &self.words[self.words.len().saturating_sub(BEFORE_WORDS)..];
        let hints = Arc::clone(&self.hints);
        let request =
            Request { plain: false, mode: self.mode, hints, hearing, before: joined(said) };
        Ok(recognizer.recognize(chunk, &request, watch)?.words)
    }

    fn append(&mut self, words: Vec<Word>, end_ms: u32) {
        let mut earliest = self.words.last().map_or(0, |word| word.start_ms);
        for mut word in words {
            word.start_ms = word.start_ms.clamp(earliest, end_ms.max(earliest));
            word.end_ms = word.end_ms.clamp(word.start_ms, end_ms.max(word.start_ms));
            earliest = word.start_ms;
            self.words.push(word);
        }
    }
}

fn joined(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Loads the model by hearing a second of silence.
///
/// # Errors
/// Those of the recogniser.
pub fn warm_up(recognizer: &dyn Recognizer, watch: &dyn Watch) -> Result<(), SpeechError> {
    let samples = vec![0.0; crate::audio::SAMPLE_RATE as usize];
    let silence =
        Chunk { start_ms: 0, samples, energy_db: -120.0, has_speech: false, voice: vec![] };
    let request = Request { plain: true, hearing: Hearing::Glance, ..Request::default() };
    recognizer.recognize(&silence, &request, watch).map(drop)
}

/// Hears a whole recording as if somebody spoke it now, for measuring: the words are those that
/// they would have seen become final.
///
/// # Errors
/// As [`super::transcribe`].
pub fn rehearse(
    recognizer: &dyn Recognizer,
    samples: impl Iterator<Item = Result<Vec<f32>, AudioError>>,
    audio_ms: u32,
    request: &Request,
    watch: &dyn Watch,
) -> Result<Transcript, SpeechError> {
    let mut ear = Ear::new(request, vec![], 0);
    for block in samples {
        let block = block.map_err(|source| SpeechError::Audio { source })?;
        for piece in block.chunks(STEP) {
            ear.push(piece);
            while ear.phrases.open().is_some_and(|open| open.is_over) {
                ear.phrase(recognizer, watch, &mut |_| ())?;
            }
        }
    }
    ear.finish();
    if ear.phrases.open().is_some() {
        let chunk = ear.phrases.take();
        if let Some(chunk) = chunk {
            let words = ear.hear(recognizer, &chunk, Hearing::Phrase, watch)?;
            ear.append(words, chunk.end_ms());
        }
    }
    let mut words = ear.words;
    for word in &mut words {
        word.start_ms = word.start_ms.min(audio_ms);
        word.end_ms = word.end_ms.min(audio_ms);
    }
    let model = recognizer.model();
    Ok(Transcript { words, doubts: vec![], reconsidered: vec![], audio_ms, model })
}

/// Samples that come at once: 100 ms.
const STEP: usize = crate::audio::SAMPLE_RATE as usize / 10;
