//! What stands around a phrase that may be a command.
//!
//! Not for: the guards themselves (`guards`).
//!
//! Invariant: a word counts as beside the phrase only if no mark and no break is between.

use crate::text::token::{Kind, Token};

/// A pause that bounds a phrase, in milliseconds. A product default: pauses inside a phrase are
/// mostly below 300 ms.
const PAUSE_MS: u32 = 300;

/// A phrase in its place.
pub struct Around<'a> {
    /// What is written so far.
    pub out: &'a [Token],
    /// The heard tokens, the phrase among them.
    pub input: &'a [Token],
    /// Where the phrase is in `input`.
    pub at: usize,
    pub length: usize,
    /// Whether a break was dictated just before.
    pub broken: bool,
}

impl<'a> Around<'a> {
    /// The word that is `back` words before the phrase; 0 is the one beside it.
    pub fn before(&self, back: usize) -> Option<&'a Token> {
        if self.broken {
            return None;
        }
        let mut beside = self.out.iter().rev();
        for index in 0..=back {
            let token = beside.next().filter(|token| token.kind != Kind::Mark)?;
            if index == back {
                return Some(token);
            }
            if token.begins_line() {
                return None;
            }
        }
        None
    }

    /// The word that is `ahead` words after the phrase; 0 is the one beside it.
    pub fn after(&self, ahead: usize) -> Option<&'a Token> {
        let rest = self.input.get(self.at + self.length..)?;
        let words = rest.get(..=ahead)?;
        words
            .iter()
            .all(|token| token.kind != Kind::Mark && !token.begins_line())
            .then(|| words.last())
            .flatten()
    }

    pub fn before_is(&self, words: &[&str]) -> bool {
        self.before(0).is_some_and(|token| token.is_any(words))
    }

    pub fn after_is(&self, words: &[&str]) -> bool {
        self.after(0).is_some_and(|token| token.is_any(words))
    }

    /// Whether something ends before the phrase: text, sentence, clause, line, or a pause.
    pub fn bounded_before(&self) -> bool {
        self.broken
            || self.out.last().is_none_or(|token| token.kind == Kind::Mark)
            || self.input.get(self.at).is_some_and(begins)
    }

    /// Whether something ends with the phrase.
    pub fn bounded_after(&self) -> bool {
        self.input
            .get(self.at + self.length)
            .is_none_or(|token| token.kind == Kind::Mark || begins(token))
    }

    /// Whether the phrase begins a sentence or a line.
    pub fn begins_sentence(&self) -> bool {
        self.broken
            || self.out.last().is_none_or(Token::ends_sentence)
            || self.input.get(self.at).is_some_and(Token::begins_line)
    }

    /// The tokens written since the last sentence end, colon or break.
    pub fn sentence(&self) -> &'a [Token] {
        if self.broken {
            return &[];
        }
        let mut start = self.out.len();
        while let Some(token) = start.checked_sub(1).and_then(|last| self.out.get(last)) {
            if token.ends_sentence() || token.is_mark(":") {
                break;
            }
            start -= 1;
            if token.begins_line() || self.out.len() - start > SENTENCE_MAX {
                break;
            }
        }
        &self.out[start..]
    }

    /// Whether one of these words comes within the next `far` tokens.
    pub fn follows(&self, words: &[&str], far: usize) -> bool {
        let rest = self.input.get(self.at + self.length..).unwrap_or_default();
        rest.iter().take(far).any(|token| token.is_any(words))
    }
}

/// Sentences are looked at no farther back than this many tokens, to stay linear.
const SENTENCE_MAX: usize = 60;

fn begins(token: &Token) -> bool {
    token.begins_line() || token.pause_ms.is_some_and(|pause| pause >= PAUSE_MS)
}
