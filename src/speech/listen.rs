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
use super::inventions::without_inventions;
use super::joined;
use super::known::Known;
use super::offer;
use super::paces::{self, Hearings};
use super::protocol::Asked;
use super::respell::Respelled;
use super::revise::{self, Knowledge};
use super::times::{self, Sought};
use super::verify::{self, Place, Verified};
use super::whisper::{Whisper, Window};
use super::words::{self, Spoken};
use super::{Heard, Hearing, reconsider};
use crate::audio::pace::Paced;
use crate::audio::{Chunk, SAMPLE_RATE};
use crate::domain::punctuation::Mode;
use crate::domain::time::AudioSpan;
use crate::domain::transcript::{Doubt, DoubtKind, Word};
use crate::vocab::lexicon::Lexicon;
use std::sync::atomic::AtomicBool;

/// Nats for a token that begins an offered term and for one that goes on with it. The first is
/// the weak point of a long name, but a strong push there starts words that cannot be taken back.
const BEGIN: f32 = 1.0;
const GO_ON: f32 = 4.0;

/// The most tokens of what was said before: with the offered terms they fit the prompt.
const BEFORE_TOKENS: usize = 60;

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
    if asked.manner.hearing == Hearing::Recording {
        return recording(whisper, known, &before, asked, stop);
    }
    // Somebody waits: the whole window takes two seconds.
    let said = before.as_slice();
    let tries: &[(Window, &[Token])] = match said {
        [] => &[(Window::Fitted, &[]), (Window::Wide, &[])],
        _ => &[(Window::Fitted, said), (Window::Fitted, &[]), (Window::Wide, &[])],
    };
    let first = match at_hand {
        Some(glanced) => heard_so(whisper, known, glanced.text, seconds(chunk), stop)?,
        None => first_hearing(whisper, known, chunk, tries, stop)?,
    };
    // A phrase was cut out around its voice, which the network notices late: its first word, placed
    // before that, is none that was invented.
    match first {
        Some(first) => written(whisper, known, &before, chunk, Hearings::of(first, vec![]), stop),
        None => Ok(only_doubt(chunk, DoubtKind::InventedWords)),
    }
}

/// Hears a chunk of a recording, for which there is time: at several paces, then over the whole
/// window, then in halves.
fn recording(
    whisper: &mut Whisper,
    known: Option<Known<'_>>,
    before: &[Token],
    asked: &Asked,
    stop: &AtomicBool,
) -> Result<Heard, DecodeError> {
    let chunk = &asked.chunk;
    if let Some((paced, hearings)) = at_paces(whisper, known, before, chunk, stop)? {
        let heard = written(whisper, known, before, &paced.chunk, hearings, stop)?;
        let heard = without_inventions(heard, &paced.chunk);
        return Ok(heard.at_times(&|time_ms| paced.time_ms(time_ms)));
    }
    if let Some(first) = first_hearing(whisper, known, chunk, &[(Window::Whole, &[])], stop)? {
        let heard = written(whisper, known, before, chunk, Hearings::of(first, vec![]), stop)?;
        return Ok(without_inventions(heard, chunk));
    }
    let parts = in_halves(whisper, known, asked, stop)?;
    Ok(parts.unwrap_or_else(|| only_doubt(chunk, DoubtKind::InventedWords)))
}

/// The chunk at the pace at which it is heard best, and what was heard at each; `None` where that
/// is odd or nothing everywhere.
fn at_paces(
    whisper: &mut Whisper,
    known: Option<Known<'_>>,
    before: &[Token],
    chunk: &Chunk,
    stop: &AtomicBool,
) -> Result<Option<(Paced, Hearings)>, DecodeError> {
    let mut heard = vec![];
    for rate in paces::RATES {
        let paced = chunk.at_pace(rate);
        let tries = [(Window::Fitted, before)];
        let text = first_hearing(whisper, known, &paced.chunk, &tries, stop)?;
        heard.extend(text.filter(|text| !text.words.is_empty()).map(|text| (paced, text)));
    }
    // A sentence was said twice if more than one hearing has it so.
    let says_twice = |text: &Text| guard::says_twice(&text.words);
    if heard.len() == 1 || !heard.iter().all(|(_, text)| says_twice(text)) {
        heard.retain(|(_, text)| !says_twice(text));
    }
    let texts: Vec<&[Spoken]> = heard.iter().map(|(_, text)| text.words.as_slice()).collect();
    let Some(best) = paces::best(&texts) else { return Ok(None) };
    let (paced, best) = heard.swap_remove(best);
    if paces::RATES.last() != Some(&paced.rate()) {
        // The engine holds the last.
        whisper.hear(&paced.chunk.samples, Window::Fitted)?;
    }
    Ok(Some((paced, Hearings::of(best, heard.into_iter().map(|(_, text)| text).collect()))))
}

/// The words of the best hearing, mended and placed.
fn written(
    whisper: &mut Whisper,
    known: Option<Known<'_>>,
    before: &[Token],
    chunk: &Chunk,
    hearings: Hearings,
    stop: &AtomicBool,
) -> Result<Heard, DecodeError> {
    if hearings.best.words.is_empty() {
        return Ok(only_doubt(chunk, DoubtKind::SpeechWithoutWords));
    }
    let settled = match known {
        Some(known) => settled(whisper, &known, before, hearings, seconds(chunk), stop)?,
        None => reconsider::Settled::of(hearings.best),
    };
    let words = placed(whisper, &settled, chunk, known.map(|known| known.lexicon), stop)?;
    Ok(Heard { words, doubts: vec![], reconsidered: settled.reconsidered() })
}

/// Nothing but a doubt that covers the chunk.
fn only_doubt(chunk: &Chunk, kind: DoubtKind) -> Heard {
    let span = AudioSpan { start_ms: chunk.start_ms, end_ms: chunk.end_ms() };
    Heard { doubts: vec![Doubt { kind, span }], ..Heard::default() }
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
    hearings: Hearings,
    seconds: f32,
    stop: &AtomicBool,
) -> Result<reconsider::Settled, DecodeError> {
    let hearings = hearings.each(|text| hyphened::parted(known.lexicon, whisper.pieces(), text));
    let mut settled = reconsider::Settled::of(hearings.best.clone());
    let free = Knowledge { lexicon: known.lexicon, offered: &[] };
    for other in &hearings.others {
        let pairs = revise::differences(&settled.text.words, &other.words, &free);
        settled.note_otherwise(&pairs, other);
        settled.revise(&pairs, other);
    }
    let terms = offer::terms(known, &settled.text.words, hearings.other_terms(known.lexicon));
    hear_again(whisper, known, &terms, before, &mut settled, seconds, stop)?;
    let whole = joined::found(known.lexicon, &settled.text.words);
    settled.verify(&|text| whisper.tokens(text), &whole);
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

/// The words of the likeliest decoding, and where they are odd or missing, those of the next try:
/// one that does not know what was said before, or that looks further than the chunk. `None` when
/// all are odd.
fn first_hearing(
    whisper: &mut Whisper,
    known: Option<Known<'_>>,
    chunk: &Chunk,
    tries: &[(Window, &[Token])],
    stop: &AtomicBool,
) -> Result<Option<Text>, DecodeError> {
    let (mut heard_in, mut twice) = (None, None);
    for (left, &(window, before)) in (0..tries.len()).rev().zip(tries) {
        if heard_in.replace(window) != Some(window) {
            whisper.hear(&chunk.samples, window)?;
        }
        let text = decoded(whisper, before, None, seconds(chunk), stop)?;
        let heard = heard_so(whisper, known, text, seconds(chunk), stop)?;
        match heard {
            // Another try tells whether it was said so.
            Some(text) if guard::says_twice(&text.words) => twice = Some(text),
            Some(text) if !text.words.is_empty() => return Ok(Some(text)),
            heard if left == 0 => return Ok(twice.or(heard)),
            _ => {}
        }
    }
    Ok(twice)
}

/// The words of a decoding, told of commands where the author speaks the marks; `None` where they
/// are odd.
fn heard_so(
    whisper: &mut Whisper,
    known: Option<Known<'_>>,
    text: Text,
    seconds: f32,
    stop: &AtomicBool,
) -> Result<Option<Text>, DecodeError> {
    let is_odd = |text: &Text| guard::oddity(&text.words, seconds).is_some();
    if speaks_marks(known, &text) {
        let told = told_of_commands(whisper, seconds, stop)?;
        let is_same = is_odd(&text) || dictated::is_alike(&text.words, &told.words);
        if is_same && !is_odd(&told) && speaks_marks(known, &told) {
            return Ok(Some(told));
        }
    }
    Ok((!is_odd(&text)).then_some(text))
}

/// Whether the marks are the author's in this mode and, where both may set them, in this text.
fn speaks_marks(known: Option<Known<'_>>, text: &Text) -> bool {
    match known.map(|known| known.mode) {
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
    terms: &[String],
    before: &[Token],
    settled: &mut reconsider::Settled,
    seconds: f32,
    stop: &AtomicBool,
) -> Result<(), DecodeError> {
    // Whisper heeds what stands last most: what was said before joins the sentence.
    let prompt = [offer::prompt(whisper, terms).as_slice(), before].concat();
    if !terms.is_empty() {
        let trie = offer::trie(whisper, terms);
        let words = settled.text.words.iter().map(|word| offer::bare(&word.text));
        let respelled = Respelled::of(known.lexicon, words);
        let bias = Bias { terms: &trie, begin: BEGIN, go_on: GO_ON, respelled };
        let second = decoded(whisper, &prompt, Some(&bias), seconds, stop)?;
        let second = hyphened::parted(known.lexicon, whisper.pieces(), second);
        let knowledge = Knowledge { lexicon: known.lexicon, offered: terms };
        let first = &settled.text.words;
        let pairs = revise::differences(first, &second.words, &knowledge);
        settled.revise(&pairs, &second);
    }
    let verified = try_terms(whisper, known, &prompt, settled, stop)?;
    settled.verify(&|text| whisper.tokens(text), &verified);
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
