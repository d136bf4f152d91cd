//! Chooses token after token: what was heard, how sure the model was, and what else it may have
//! been when terms are offered.
//!
//! Not for: the model's own arithmetic (`whisper`), words (`words`), or which terms to offer
//! (`offer`).
//!
//! Invariant: log-probabilities are the model's own, before any bias; a decoding ends within
//! `TOKENS_MAX` tokens; no timestamp and no special token is in it.

use super::respell::{self, Begun, Respelled, Resumed};
use super::trie::Trie;
use std::sync::atomic::{AtomicBool, Ordering};

/// The number of a piece of the model's vocabulary.
pub type Token = i32;

/// The most tokens of one chunk. 28 s of the fastest dictation are 170.
const TOKENS_MAX: usize = 220;
/// A short chunk has fewer: twice as many as can be spoken, and some for its edges. Whisper going
/// round in a loop costs a speaker's time.
const TOKENS_EDGES: f32 = 16.0;
const TOKENS_PER_SECOND: f32 = 14.0;
/// The most tokens of a prompt: half of Whisper's text context, less the one that begins it
/// (openai/whisper, `decoding.py`).
pub const PROMPT_MAX: usize = 223;
/// A bias counts only for a token that is so near to the best without it, in nats: it decides
/// between what may have been said and never writes what was not.
const REACH: f32 = 9.0;

/// What stands behind a decoding; whisper.cpp in the program.
pub trait Model {
    /// The logits of the token after `tokens`, of which `past` stand before these and were
    /// handed in before.
    ///
    /// # Errors
    /// whisper.cpp's own code.
    fn next(&mut self, tokens: &[Token], past: usize) -> Result<&[f32], ModelError>;

    /// The bytes of every text token in the order of their numbers. The number after the last
    /// ends a text; the numbers after that are special and are never chosen.
    fn pieces(&self) -> &[Vec<u8>];

    /// How many times as sure it is of what it writes as base is: what is decided about its words
    /// was measured with base.
    fn certainty(&self) -> f32;

    /// The tokens that ask for English text without timestamps.
    fn begin(&self) -> Vec<Token>;

    /// The same, asking for timestamps, the first of which is given: 0 s.
    fn begin_timed(&self) -> Vec<Token>;

    /// The number of the timestamp 0 s; each one after it is 20 ms later.
    fn first_time(&self) -> Token;

    /// The token that stands before a prompt.
    fn before(&self) -> Token;

    /// The tokens of a text, as the model's own tokenizer splits it.
    fn tokens(&self, text: &str) -> Vec<Token>;
}

/// whisper.cpp gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("whisper.cpp failed with code {code}")]
pub struct ModelError {
    pub code: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("stopped")]
    Stopped,
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// A chosen token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    pub token: Token,
    /// Its natural log-probability among text tokens, without bias, were the model as sure as base.
    pub log_probability: f32,
    /// The same as the model has it.
    pub own: f32,
}

/// Terms that are made likelier, and by how much.
pub struct Bias<'a> {
    pub terms: &'a Trie,
    /// Nats for a token that begins a term.
    pub begin: f32,
    /// Nats for a token that goes on with one.
    pub go_on: f32,
    /// Words that are asked for in place of those that no list has.
    pub respelled: Option<Respelled<'a>>,
}

/// The most tokens of a chunk of so many seconds.
pub fn tokens_max(seconds: f32) -> usize {
    ((TOKENS_EDGES + TOKENS_PER_SECOND * seconds) as usize).min(TOKENS_MAX)
}

/// Decodes what the model heard, always taking the likeliest token, up to `most` of them.
///
/// # Errors
/// `Stopped` soon after `stop` is set.
pub fn greedy(
    model: &mut dyn Model,
    prompt: &[Token],
    bias: Option<&Bias<'_>>,
    most: usize,
    stop: &AtomicBool,
) -> Result<Vec<Choice>, DecodeError> {
    let end = model.pieces().len();
    let blank = model.pieces().iter().position(|piece| piece == b" ");
    let mut feed = begin(model, prompt);
    let mut past = 0;
    let mut chosen: Vec<Choice> = vec![];
    let mut word = Begun::default();
    while chosen.len() < most {
        if stop.load(Ordering::Relaxed) {
            return Err(DecodeError::Stopped);
        }
        let mut logits = text_logits(model, &feed, past)?;
        past += feed.len();
        if chosen.is_empty() {
            // Something was spoken: openai/whisper's `suppress_blank`.
            logits[end] = f32::NEG_INFINITY;
            if let Some(blank) = blank {
                logits[blank] = f32::NEG_INFINITY;
            }
        }
        let token = best(&logits, &chosen, bias);
        let ends = model.pieces().get(token).is_none_or(|piece| respell::ends_word(piece));
        if let (true, Some(respelled)) = (ends, bias.and_then(|bias| bias.respelled.as_ref())) {
            if let Some(resumed) = word.settle(model, respelled, &mut chosen, stop)? {
                Resumed { feed, past } = resumed;
                continue;
            }
            word = Begun::at(chosen.len(), past, &logits);
        }
        if token == end {
            break;
        }
        chosen.push(Step::of(model.certainty(), &logits).choice(token));
        feed = vec![token as Token];
    }
    Ok(chosen)
}

/// What may come next, as the model sees it.
pub struct Step<'a> {
    /// Were the model as sure as base.
    logits: &'a [f32],
    /// The logarithm of the sum of their exponentials.
    all: f32,
    certainty: f32,
    /// The same of the model's own logits.
    own_all: f32,
}

impl<'a> Step<'a> {
    pub fn of(certainty: f32, logits: &'a [f32]) -> Self {
        let all = log_sum(logits);
        let own_all = if certainty == 1.0 { all } else { log_sum_surer(logits, certainty) };
        Self { logits, all, certainty, own_all }
    }

    pub fn log_probability(&self, token: usize) -> f32 {
        self.logits[token] - self.all
    }

    /// A token with what the model thinks of it.
    pub fn choice(&self, token: usize) -> Choice {
        Choice {
            token: token as Token,
            log_probability: self.log_probability(token),
            own: self.certainty * self.logits[token] - self.own_all,
        }
    }
}

/// The logits of every text token and of the end, were the model as sure as base.
///
/// # Errors
/// whisper.cpp's own.
pub fn text_logits(
    model: &mut dyn Model,
    tokens: &[Token],
    past: usize,
) -> Result<Vec<f32>, ModelError> {
    let (end, certainty) = (model.pieces().len(), model.certainty());
    Ok(model.next(tokens, past)?[..=end].iter().map(|logit| logit / certainty).collect())
}

/// What is handed in before the first choice.
pub fn begin(model: &dyn Model, prompt: &[Token]) -> Vec<Token> {
    let mut feed = vec![];
    if !prompt.is_empty() {
        feed.push(model.before());
        feed.extend(&prompt[prompt.len().saturating_sub(PROMPT_MAX)..]);
    }
    feed.extend(model.begin());
    feed
}

/// The likeliest token, after the bias.
fn best(logits: &[f32], chosen: &[Choice], bias: Option<&Bias<'_>>) -> usize {
    let plain = arg_max(logits);
    let Some(bias) = bias else { return plain };
    let tokens: Vec<Token> = chosen.iter().map(|choice| choice.token).collect();
    let least = logits[plain] - REACH;
    let mut best = (plain, logits[plain]);
    let mut raise = |token: Token, by: f32| {
        let Some(&logit) = logits.get(token as usize) else { return };
        if logit >= least && logit + by > best.1 {
            best = (token as usize, logit + by);
        }
    };
    for token in bias.terms.begins() {
        raise(token, bias.begin);
    }
    for token in bias.terms.follows(&tokens) {
        raise(token, bias.go_on);
    }
    best.0
}

fn arg_max(logits: &[f32]) -> usize {
    let mut best = 0;
    for (place, &logit) in logits.iter().enumerate() {
        if logit > logits[best] {
            best = place;
        }
    }
    best
}

/// The logarithm of the sum of the exponentials.
pub fn log_sum(logits: &[f32]) -> f32 {
    log_sum_surer(logits, 1.0)
}

/// The same of logits that are so many times these.
fn log_sum_surer(logits: &[f32], times: f32) -> f32 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f32 = logits.iter().map(|logit| (times * (logit - most)).exp()).sum();
    times * most + sum.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_surer_model_has_itself_is_found_again_from_its_softened_logits() {
        let (own, certainty) = ([9.0_f32, 7.5, -2.0, 0.5], 1.8);
        let softened = own.map(|logit| logit / certainty);
        for (token, logit) in own.iter().enumerate() {
            let choice = Step::of(certainty, &softened).choice(token);
            assert!((choice.own - (logit - log_sum(&own))).abs() < 1e-4);
            assert_eq!(choice.log_probability, softened[token] - log_sum(&softened));
        }
        let most = Step::of(certainty, &softened).choice(0);
        assert!(most.log_probability < most.own);
    }
}
