//! One chunk from samples to words: heard, heard again with the terms that may have been said,
//! verified, placed in time.
//!
//! Not for: the process it runs in (`engine`), or single steps (the modules it calls).
//!
//! Invariant: words that cannot have been spoken never leave here; a doubt goes in their place.
//! The plain path is the first hearing alone.

use super::confidence;
use super::decode::{self, Bias, Choice, DecodeError, Model, Token};
use super::guard;
use super::offer;
use super::revise::{self, Knowledge};
use super::times::{self, Sought};
use super::verify::{self, Place, Verified};
use super::whisper::{Whisper, Window};
use super::words::{self, Spoken};
use super::{Heard, reconsider};
use crate::audio::Chunk;
use crate::domain::time::AudioSpan;
use crate::domain::transcript::{Doubt, DoubtKind, Word};
use crate::vocab::lexicon::Lexicon;
use std::sync::atomic::AtomicBool;

/// Nats for a token that begins an offered term and for one that goes on with it. The first is
/// the weak point of a long name, but a strong push there starts words that cannot be taken back.
const BEGIN: f32 = 1.0;
const GO_ON: f32 = 4.0;

/// A text with its tokens, word by word.
#[derive(Clone, Default)]
pub struct Text {
    pub words: Vec<Spoken>,
    pub tokens: Vec<Vec<Token>>,
}

/// Hears a chunk. Without a lexicon it is the engine's bare output.
///
/// # Errors
/// `Stopped` soon after `stop` is set; whisper.cpp's own failures.
pub fn listen(
    whisper: &mut Whisper,
    lexicon: Option<&Lexicon>,
    chunk: &Chunk,
    stop: &AtomicBool,
) -> Result<Heard, DecodeError> {
    let span = AudioSpan { start_ms: chunk.start_ms, end_ms: chunk.end_ms() };
    let only_doubt =
        |kind| Heard { words: vec![], doubts: vec![Doubt { kind, span }], reconsidered: vec![] };
    let seconds = (span.end_ms - span.start_ms) as f32 / 1000.0;
    let Some(first) = first_hearing(whisper, chunk, seconds, stop)? else {
        return Ok(only_doubt(DoubtKind::InventedWords));
    };
    if first.words.is_empty() {
        return Ok(only_doubt(DoubtKind::SpeechWithoutWords));
    }
    let mut settled = reconsider::Settled::of(first);
    if let Some(lexicon) = lexicon {
        hear_again(whisper, lexicon, &mut settled, stop)?;
    }
    let words = placed(whisper, &settled, chunk, lexicon, stop)?;
    Ok(Heard { words, doubts: vec![], reconsidered: settled.reconsidered() })
}

/// The words of the likeliest decoding, and where they are odd or missing, those of one that
/// looks at the whole window. `None` when both are odd.
fn first_hearing(
    whisper: &mut Whisper,
    chunk: &Chunk,
    seconds: f32,
    stop: &AtomicBool,
) -> Result<Option<Text>, DecodeError> {
    for window in [Window::Fitted, Window::Whole] {
        whisper.hear(&chunk.samples, window)?;
        let choices = decode::greedy(whisper, &[], None, stop)?;
        let text = text(whisper, &choices);
        let is_odd = guard::oddity(&text.words, seconds).is_some();
        if !is_odd && (!text.words.is_empty() || window == Window::Whole) {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

fn text(model: &dyn Model, choices: &[Choice]) -> Text {
    let words = words::without_sounds(words::from_choices(choices, model.pieces()));
    let tokens = words
        .iter()
        .map(|word| choices[word.tokens.clone()].iter().map(|choice| choice.token).collect());
    Text { tokens: tokens.collect(), words }
}

/// The second hearing with the likely terms, and the trial of terms where doubt is left.
fn hear_again(
    whisper: &mut Whisper,
    lexicon: &Lexicon,
    settled: &mut reconsider::Settled,
    stop: &AtomicBool,
) -> Result<(), DecodeError> {
    let terms = offer::terms(lexicon, &settled.text.words);
    if terms.is_empty() {
        return Ok(());
    }
    let prompt = offer::prompt(whisper, &terms);
    let trie = offer::trie(whisper, &terms);
    let bias = Bias { terms: &trie, begin: BEGIN, go_on: GO_ON };
    let choices = decode::greedy(whisper, &prompt, Some(&bias), stop)?;
    let second = text(whisper, &choices);
    let known = Knowledge { lexicon, offered: &terms };
    let pairs = revise::differences(&settled.text.words, &second.words, &known);
    settled.revise(&pairs, &second);
    let verified = try_terms(whisper, lexicon, &prompt, settled, stop)?;
    settled.verify(whisper, &verified);
    Ok(())
}

fn try_terms(
    whisper: &mut Whisper,
    lexicon: &Lexicon,
    prompt: &[Token],
    settled: &reconsider::Settled,
    stop: &AtomicBool,
) -> Result<Vec<Verified>, DecodeError> {
    let place = Place {
        before: decode::begin(whisper, prompt),
        words: &settled.text.words,
        tokens: &settled.text.tokens,
        settled: &settled.is_changed(),
    };
    verify::verify(whisper, lexicon, &place, stop)
}

fn placed(
    whisper: &mut Whisper,
    settled: &reconsider::Settled,
    chunk: &Chunk,
    lexicon: Option<&Lexicon>,
    stop: &AtomicBool,
) -> Result<Vec<Word>, DecodeError> {
    let reconsider::Settled { text, .. } = settled;
    let sought: Vec<Sought> = text
        .words
        .iter()
        .zip(&text.tokens)
        .map(|(word, tokens)| Sought {
            tokens: tokens.clone(),
            letters: word.text.chars().filter(|c| c.is_alphanumeric()).count(),
        })
        .collect();
    let places = times::place(whisper, &sought, &chunk.samples, stop)?;
    let changed = settled.is_changed();
    let word = |((word, place), changed): ((&Spoken, times::Place), &bool)| Word {
        text: word.text.clone(),
        start_ms: chunk.start_ms + place.start_ms,
        end_ms: chunk.start_ms + place.end_ms,
        confidence: confidence::calibrated(word, lexicon, *changed),
    };
    Ok(text.words.iter().zip(places).zip(&changed).map(word).collect())
}
