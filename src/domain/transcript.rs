//! The Transcript: what the recogniser heard, word by word, with its place in the audio.
//!
//! Not for: the written report (`report.rs`) or how recognition works (`speech`).
//!
//! Invariant: a Transcript is evidence and is never edited. Word times are monotone and lie
//! within the audio.

use super::named::named;
use super::time::AudioSpan;
use std::fmt;
use std::ops::Range;

/// One heard word, punctuation attached as the engine wrote it, no surrounding white space.
#[derive(Clone, PartialEq)]
pub struct Word {
    pub text: String,
    /// Milliseconds from the first sample of the recording.
    pub start_ms: u32,
    pub end_ms: u32,
    /// The engine's own belief in the word, 0 to 1.
    pub confidence: f32,
}

/// A stretch of the recording whose words are not to be trusted, or are missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    pub kind: DoubtKind,
    pub span: AudioSpan,
}

named! {
    pub enum DoubtKind {
        /// There is speech energy in the span but the engine gave no words.
        SpeechWithoutWords = "speech-without-words",
        /// The engine gave words that repeat or cannot fit the span; they were kept out.
        InventedWords = "invented-words",
        /// The engine could not process the span after its retries.
        NotRecognised = "not-recognised",
    }
}

/// A stretch of words in which the recogniser weighed terms of the lexicon against what it had
/// heard first.
#[derive(Clone, PartialEq)]
pub struct Reconsidered {
    /// The words of the transcript that stand there now.
    pub words: Range<u32>,
    /// What was heard first, where the words were changed.
    pub heard: Option<String>,
    /// How strongly the audio speaks for the words that stand there against the others, 0 to 1.
    pub score: f32,
    /// What was heard again or weighed there and does not stand there, the likeliest first.
    pub alternatives: Vec<String>,
    /// What another hearing had there, where the two differ in a number, a negation or a side;
    /// empty where it had nothing.
    pub otherwise: Option<String>,
}

#[derive(Clone, PartialEq)]
pub struct Transcript {
    pub words: Vec<Word>,
    pub doubts: Vec<Doubt>,
    /// In the order of the words; never overlapping.
    pub reconsidered: Vec<Reconsidered>,
    pub audio_ms: u32,
    /// Name of the model that heard it, as in `models/manifest.toml`.
    pub model: String,
}

impl Transcript {
    /// Of a recording that was not transcribed.
    pub fn nothing(audio_ms: u32) -> Self {
        let (words, doubts, reconsidered) = (vec![], vec![], vec![]);
        Self { words, doubts, reconsidered, audio_ms, model: String::new() }
    }

    /// What was heard of two recordings, one behind the other, `audio_ms` long together. The
    /// second begins where the first ends.
    pub fn followed_by(mut self, second: &Transcript, audio_ms: u32) -> Self {
        let by = audio_ms.saturating_sub(second.audio_ms);
        let before = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        for word in &mut self.words {
            word.start_ms = word.start_ms.min(by);
            word.end_ms = word.end_ms.min(by);
        }
        self.words.extend(second.words.iter().map(|word| Word {
            start_ms: word.start_ms + by,
            end_ms: word.end_ms + by,
            ..word.clone()
        }));
        self.doubts.extend(second.doubts.iter().map(|doubt| Doubt {
            kind: doubt.kind,
            span: AudioSpan { start_ms: doubt.span.start_ms + by, end_ms: doubt.span.end_ms + by },
        }));
        self.reconsidered.extend(second.reconsidered.iter().map(|one| Reconsidered {
            words: one.words.start + before..one.words.end + before,
            ..one.clone()
        }));
        if self.model.is_empty() {
            self.model.clone_from(&second.model);
        }
        self.audio_ms = audio_ms;
        self
    }

    /// The heard words joined by single spaces.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for word in &self.words {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&word.text);
        }
        text
    }

    /// Whether times are monotone and within the audio, as the invariant demands.
    pub fn is_well_timed(&self) -> bool {
        let mut previous = 0;
        for word in &self.words {
            if word.start_ms < previous || word.end_ms < word.start_ms {
                return false;
            }
            if word.end_ms > self.audio_ms {
                return false;
            }
            previous = word.start_ms;
        }
        true
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Word({} bytes, {}..{} ms)", self.text.len(), self.start_ms, self.end_ms)
    }
}

impl fmt::Debug for Reconsidered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reconsidered({:?}, {} alternatives)", self.words, self.alternatives.len())
    }
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transcript({} words, {} ms)", self.words.len(), self.audio_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(start_ms: u32, end_ms: u32) -> Word {
        Word { text: "word".into(), start_ms, end_ms, confidence: 0.9 }
    }

    fn timed(words: Vec<Word>) -> bool {
        Transcript {
            words,
            doubts: vec![],
            reconsidered: vec![],
            audio_ms: 1000,
            model: "base".into(),
        }
        .is_well_timed()
    }

    #[test]
    fn words_must_be_in_order_and_within_the_audio() {
        assert!(timed(vec![]));
        assert!(timed(vec![word(0, 400), word(400, 1000)]));
        assert!(!timed(vec![word(400, 500), word(300, 600)]));
        assert!(!timed(vec![word(500, 400)]));
        assert!(!timed(vec![word(500, 1001)]));
    }

    #[test]
    fn debug_output_holds_no_dictated_word() {
        let transcript = Transcript {
            words: vec![Word { text: "warfarin".into(), start_ms: 0, end_ms: 9, confidence: 1.0 }],
            doubts: vec![],
            reconsidered: vec![],
            audio_ms: 10,
            model: "base".into(),
        };
        let shown = format!("{transcript:?} {:?}", transcript.words);
        assert!(!shown.contains("warfarin"), "{shown}");
    }
}
