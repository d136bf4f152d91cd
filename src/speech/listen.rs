//! One chunk from samples to words: heard, heard again with the terms that may have been said,
//! verified, placed in time.
//!
//! Not for: the process it runs in (`engine`), or single steps (the modules it calls).
//!
//! Invariant: words that cannot have been spoken never leave here; a doubt goes in their place.
//! The plain path is the first hearing alone.

use super::confidence;
use super::decode::{self, Bias, Choice, DecodeError, Model, Token};
use super::dictated;
use super::guard;
use super::hyphened;
use super::joined;
use super::known::Known;
use super::offer;
use super::protocol::Asked;
use super::respell::Respelled;
use super::revise::{self, Knowledge};
use super::times::{self, Sought};
use super::verify::{self, Place, Verified};
use super::whisper::{Whisper, Window};
use super::words::{self, Spoken};
use super::{Heard, Hearing, reconsider};
use crate::audio::{Chunk, SAMPLE_RATE};
use crate::domain::punctuation::Mode;
use crate::domain::time::AudioSpan;
use crate::domain::transcript::{Doubt, DoubtKind, Reconsidered, Word};
use crate::vocab::lexicon::Lexicon;
use std::sync::atomic::AtomicBool;

/// Nats for a token that begins an offered term and for one that goes on with it. The first is
/// the weak point of a long name, but a strong push there starts words that cannot be taken back.
const BEGIN: f32 = 1.0;
const GO_ON: f32 = 4.0;

/// The most tokens of what was said before: with the offered terms they fit the prompt.
const BEFORE_TOKENS: usize = 60;

/// A voice so near to a word may be its own.
const REACH_MS: u32 = 250;

/// A shorter chunk in which nothing but odd words is heard is left out whole.
const HALVED_MIN_MS: u32 = 6000;

/// A chunk may be so much longer than it was when it was glanced at, in samples: that is silence
/// at its end, which is heard as the silence is that the engine puts there itself.
const LONGER_MAX: usize = SAMPLE_RATE as usize / 10;

/// What was heard first of the chunk that the engine has encoded.
pub struct Glanced {
    start_ms: u32,
    samples: Vec<f32>,
    before: Vec<Token>,
    text: Text,
}

impl Glanced {
    /// Whether the chunk is the same but for a little silence.
    fn is_of(&self, chunk: &Chunk, before: &[Token]) -> bool {
        let more = chunk.samples.len().checked_sub(self.samples.len());
        self.start_ms == chunk.start_ms
            && more.is_some_and(|more| more <= LONGER_MAX)
            && chunk.samples.starts_with(&self.samples)
            && self.before == before
    }
}

/// A text with its tokens, word by word.
#[derive(Clone, Default)]
pub struct Text {
    pub words: Vec<Spoken>,
    pub tokens: Vec<Vec<Token>>,
}

/// Hears a chunk. With nothing known it is the engine's bare output.
///
/// # Errors
/// `Stopped` soon after `stop` is set; whisper.cpp's own failures.
pub fn listen(
    whisper: &mut Whisper,
    glanced: &mut Option<Glanced>,
    known: Option<Known<'_>>,
    asked: &Asked,
    stop: &AtomicBool,
) -> Result<Heard, DecodeError> {
    let chunk = &asked.chunk;
    let before = before(whisper, &asked.before);
    let at_hand = glanced.take().filter(|glanced| glanced.is_of(chunk, &before));
    if asked.manner.hearing == Hearing::Glance {
        let (heard, now) = glance(whisper, chunk, before, stop)?;
        *glanced = now;
        return Ok(heard);
    }
    let mode = known.map(|known| known.mode);
    let span = AudioSpan { start_ms: chunk.start_ms, end_ms: chunk.end_ms() };
    let only_doubt = |kind| Heard { doubts: vec![Doubt { kind, span }], ..Heard::default() };
    let said = before.as_slice();
    let tries: &[(Window, &[Token])] = match asked.manner.hearing {
        Hearing::Recording => &[(Window::Fitted, said), (Window::Whole, &[])],
        // Somebody waits: the whole window takes two seconds.
        _ if said.is_empty() => &[(Window::Fitted, &[]), (Window::Wide, &[])],
        _ => &[(Window::Fitted, said), (Window::Fitted, &[]), (Window::Wide, &[])],
    };
    let first = match at_hand {
        Some(glanced) => heard_so(whisper, mode, glanced.text, seconds(chunk), stop)?,
        None => first_hearing(whisper, mode, chunk, tries, stop)?,
    };
    let Some(first) = first else {
        let parts = match asked.manner.hearing {
            Hearing::Recording => in_halves(whisper, known, asked, stop)?,
            Hearing::Phrase | Hearing::Glance => None,
        };
        return Ok(parts.unwrap_or_else(|| only_doubt(DoubtKind::InventedWords)));
    };
    if first.words.is_empty() {
        return Ok(only_doubt(DoubtKind::SpeechWithoutWords));
    }
    let lexicon = known.map(|known| known.lexicon);
    let settled = match known {
        Some(known) => settled(whisper, &known, &before, first, seconds(chunk), stop)?,
        None => reconsider::Settled::of(first),
    };
    let words = placed(whisper, &settled, chunk, lexicon, stop)?;
    let heard = Heard { words, doubts: vec![], reconsidered: settled.reconsidered() };
    // A phrase was cut out around its voice, which the network notices late: its first word, placed
    // before that, is none that was invented.
    Ok(match asked.manner.hearing {
        Hearing::Recording => without_inventions(heard, chunk),
        Hearing::Phrase | Hearing::Glance => heard,
    })
}

/// What is heard of each half by itself, where no try gave words that may have been spoken: a loop
/// begins at one place, and a half without that place is not lost with it.
fn in_halves(
    whisper: &mut Whisper,
    known: Option<Known<'_>>,
    asked: &Asked,
    stop: &AtomicBool,
) -> Result<Option<Heard>, DecodeError> {
    let Some(halves) = asked.chunk.halves(HALVED_MIN_MS) else { return Ok(None) };
    let mut whole = Heard::default();
    for chunk in halves {
        let asked = Asked { manner: asked.manner, before: String::new(), chunk };
        whole = whole.and_then(listen(whisper, &mut None, known, &asked, stop)?);
    }
    Ok(Some(whole))
}

/// The text with the terms that were said in it, where the audio speaks for them.
fn settled(
    whisper: &mut Whisper,
    known: &Known<'_>,
    before: &[Token],
    first: Text,
    seconds: f32,
    stop: &AtomicBool,
) -> Result<reconsider::Settled, DecodeError> {
    let first = hyphened::parted(known.lexicon, whisper.pieces(), first);
    let mut settled = reconsider::Settled::of(first);
    hear_again(whisper, known, before, &mut settled, seconds, stop)?;
    let whole = joined::found(known.lexicon, &settled.text.words);
    settled.verify(whisper, &whole);
    hyphened::rejoin(&|text| whisper.tokens(text), &mut settled);
    Ok(settled)
}

/// The tokens of what was said before the chunk.
fn before(model: &dyn Model, text: &str) -> Vec<Token> {
    if text.is_empty() {
        return vec![];
    }
    let mut tokens = model.tokens(&format!(" {text}"));
    tokens.drain(..tokens.len().saturating_sub(BEFORE_TOKENS));
    tokens
}

/// The likeliest words and nothing more: none where they are odd. With them what is worth keeping
/// until the chunk is asked for in full.
fn glance(
    whisper: &mut Whisper,
    chunk: &Chunk,
    before: Vec<Token>,
    stop: &AtomicBool,
) -> Result<(Heard, Option<Glanced>), DecodeError> {
    whisper.hear(&chunk.samples, Window::Fitted)?;
    let text = decoded(whisper, &before, None, seconds(chunk), stop)?;
    if text.words.is_empty() || guard::oddity(&text.words, seconds(chunk)).is_some() {
        return Ok((Heard::default(), None));
    }
    let word = |word: &Spoken| Word {
        text: word.text.clone(),
        start_ms: chunk.start_ms,
        end_ms: chunk.end_ms(),
        confidence: word.own_mean,
    };
    let words = text.words.iter().map(word).collect();
    let (start_ms, samples) = (chunk.start_ms, chunk.samples.clone());
    let glanced = Glanced { start_ms, samples, before, text };
    Ok((Heard { words, ..Heard::default() }, Some(glanced)))
}

fn seconds(chunk: &Chunk) -> f32 {
    (chunk.end_ms() - chunk.start_ms) as f32 / 1000.0
}

/// Takes out words that stand where no voice is; a doubt tells where they stood.
fn without_inventions(heard: Heard, chunk: &Chunk) -> Heard {
    let is_voiced = |word: &Word| {
        let (from, to) = (word.start_ms.saturating_sub(REACH_MS), word.end_ms + REACH_MS);
        chunk.voice.is_empty() || chunk.voiced_ms(from, to) > 0
    };
    if heard.words.iter().all(is_voiced) {
        return heard;
    }
    let Heard { words, mut doubts, reconsidered } = heard;
    let mut kept = vec![];
    // Where each word will stand among those that stay.
    let mut places = vec![];
    for word in words {
        places.push(kept.len() as u32);
        if is_voiced(&word) {
            kept.push(word);
            continue;
        }
        let span = AudioSpan { start_ms: word.start_ms, end_ms: word.end_ms };
        match doubts.last_mut() {
            Some(last) if last.span.end_ms + REACH_MS >= span.start_ms => {
                last.span.end_ms = span.end_ms
            }
            _ => doubts.push(Doubt { kind: DoubtKind::InventedWords, span }),
        }
    }
    places.push(kept.len() as u32);
    let moved = reconsidered.into_iter().filter_map(|place| {
        let at = |word: u32| places.get(word as usize).copied();
        let words = at(place.words.start)?..at(place.words.end)?;
        (!words.is_empty()).then_some(Reconsidered { words, ..place })
    });
    Heard { words: kept, doubts, reconsidered: moved.collect() }
}

/// The words of the likeliest decoding, and where they are odd or missing, those of the next try:
/// one that does not know what was said before, or that looks further than the chunk. `None` when
/// all are odd.
fn first_hearing(
    whisper: &mut Whisper,
    mode: Option<Mode>,
    chunk: &Chunk,
    tries: &[(Window, &[Token])],
    stop: &AtomicBool,
) -> Result<Option<Text>, DecodeError> {
    let mut heard_in = None;
    for (left, &(window, before)) in (0..tries.len()).rev().zip(tries) {
        if heard_in.replace(window) != Some(window) {
            whisper.hear(&chunk.samples, window)?;
        }
        let text = decoded(whisper, before, None, seconds(chunk), stop)?;
        let heard = heard_so(whisper, mode, text, seconds(chunk), stop)?;
        if heard.as_ref().is_some_and(|text| !text.words.is_empty() || left == 0) {
            return Ok(heard);
        }
    }
    Ok(None)
}

/// The words of a decoding, told of commands where the author speaks the marks; `None` where they
/// are odd.
fn heard_so(
    whisper: &mut Whisper,
    mode: Option<Mode>,
    text: Text,
    seconds: f32,
    stop: &AtomicBool,
) -> Result<Option<Text>, DecodeError> {
    let is_odd = |text: &Text| guard::oddity(&text.words, seconds).is_some();
    if speaks_marks(mode, &text) {
        let told = told_of_commands(whisper, seconds, stop)?;
        let is_same = is_odd(&text) || dictated::is_alike(&text.words, &told.words);
        if is_same && !is_odd(&told) && speaks_marks(mode, &told) {
            return Ok(Some(told));
        }
    }
    Ok((!is_odd(&text)).then_some(text))
}

/// Whether the marks are the author's in this mode and, where both may set them, in this text.
fn speaks_marks(mode: Option<Mode>, text: &Text) -> bool {
    match mode {
        Some(Mode::Spoken) => !text.words.is_empty(),
        Some(Mode::Mixed) => dictated::dictates(&text.words),
        Some(Mode::Auto) | None => false,
    }
}

/// What is heard when the recogniser knows that marks are spoken.
fn told_of_commands(
    whisper: &mut Whisper,
    seconds: f32,
    stop: &AtomicBool,
) -> Result<Text, DecodeError> {
    let prompt = dictated::prompt(whisper);
    let commands = dictated::favoured(whisper);
    let bias = Bias { terms: &commands, begin: BEGIN, go_on: GO_ON, respelled: None };
    decoded(whisper, &prompt, Some(&bias), seconds, stop)
}

/// The likeliest words of a chunk of so many seconds.
fn decoded(
    whisper: &mut Whisper,
    prompt: &[Token],
    bias: Option<&Bias<'_>>,
    seconds: f32,
    stop: &AtomicBool,
) -> Result<Text, DecodeError> {
    let choices = decode::greedy(whisper, prompt, bias, decode::tokens_max(seconds), stop)?;
    Ok(text(whisper, &choices))
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
    known: &Known<'_>,
    before: &[Token],
    settled: &mut reconsider::Settled,
    seconds: f32,
    stop: &AtomicBool,
) -> Result<(), DecodeError> {
    let terms = offer::terms(known, &settled.text.words);
    // Whisper heeds what stands last most: what was said before joins the sentence.
    let prompt = [offer::prompt(whisper, &terms).as_slice(), before].concat();
    if !terms.is_empty() {
        let trie = offer::trie(whisper, &terms);
        let words = settled.text.words.iter().map(|word| offer::bare(&word.text));
        let respelled = Respelled::of(known.lexicon, words);
        let bias = Bias { terms: &trie, begin: BEGIN, go_on: GO_ON, respelled };
        let second = decoded(whisper, &prompt, Some(&bias), seconds, stop)?;
        let second = hyphened::parted(known.lexicon, whisper.pieces(), second);
        let knowledge = Knowledge { lexicon: known.lexicon, offered: &terms };
        let pairs = revise::differences(&settled.text.words, &second.words, &knowledge);
        settled.revise(&pairs, &second);
    }
    let verified = try_terms(whisper, known, &prompt, settled, stop)?;
    settled.verify(whisper, &verified);
    Ok(())
}

fn try_terms(
    whisper: &mut Whisper,
    known: &Known<'_>,
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
    verify::verify(whisper, known, &place, stop)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_where_no_voice_is_are_taken_out_and_told() {
        let word = |text: &str, start_ms| Word {
            text: text.into(),
            start_ms,
            end_ms: start_ms + 300,
            confidence: 0.9,
        };
        let place = |start, end| Reconsidered {
            words: start..end,
            heard: None,
            score: 0.0,
            alternatives: vec!["other".into()],
        };
        let heard = Heard {
            words: vec![
                word("No", 0),
                word("Thank", 5000),
                word("you.", 5300),
                word("fever.", 9000),
            ],
            doubts: vec![],
            reconsidered: vec![place(1, 2), place(3, 4)],
        };
        let voiced = |from: usize, to: usize| (from..to).map(|_| 255_u8).collect::<Vec<_>>();
        let voice = [voiced(0, 50), vec![0; 850], voiced(0, 60)].concat();
        let samples = vec![0.0; 16_000 * 10];
        let chunk = Chunk { start_ms: 0, samples, energy_db: -20.0, has_speech: true, voice };
        let kept = without_inventions(heard, &chunk);
        let texts: Vec<&str> = kept.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["No", "fever."]);
        let span = AudioSpan { start_ms: 5000, end_ms: 5600 };
        assert_eq!(kept.doubts, [Doubt { kind: DoubtKind::InventedWords, span }]);
        assert_eq!(kept.reconsidered, [place(1, 2)]);
    }
}
