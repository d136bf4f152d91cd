//! Tokens: the pieces that the stages work on, each with the heard words it stands for.
//!
//! Not for: reading them from words (`entry`) or writing them out (`writer`).
//!
//! Invariant: a token's text has no white space around it; `source` never goes beyond the words
//! of the transcript; sources of following tokens never go back, except for moved marks.

use super::InstructionKind;
use crate::domain::flag::FlagKind;
use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Word,
    /// Begins with a digit (after a sign): written so by the engine, or settled by the grammar.
    Figure,
    /// Punctuation, one mark a token.
    Mark,
    /// A section's heading, upper case, without its colon.
    Heading,
    /// "1." or "-" at the start of a line.
    ItemNumber,
    /// Underscores that stand for what is missing.
    Blank,
}

/// What stands before a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    None,
    Space,
    Line,
    Paragraph,
}

/// Capitals that the author asked for; they win over every rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// The rules decide.
    Free,
    /// First letter capital.
    Capital,
    /// All capitals.
    Upper,
    /// All small.
    Lower,
    /// The engine wrote a capital because a sentence began for it; the rules decide.
    Placed,
    /// As it stands: no stage may change its text.
    Held,
}

/// A piece of the text to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// As it will be written, without white space around it.
    pub text: String,
    pub kind: Kind,
    pub gap: Gap,
    /// The heard words it stands for, as places in `Transcript::words`.
    pub source: Range<u32>,
    /// The rule that changed it last, such as "R-NUM-1" or "P01"; `None` where it is as heard.
    pub rule: Option<&'static str>,
    /// Silence before its first heard word, where times are known.
    pub pause_ms: Option<u32>,
    /// Of a mark: whether the recogniser wrote it; `false` where the author dictated it.
    pub by_engine: bool,
    /// The engine's belief in its least certain word, 0 to 1.
    pub confidence: f32,
    pub case: Case,
    /// How sure the stage was that changed it, 0 to 1, where it says so.
    pub score: Option<f32>,
}

impl Token {
    /// A token of one heard word, a space before it.
    pub fn new(text: impl Into<String>, kind: Kind, source: Range<u32>) -> Self {
        Self {
            text: text.into(),
            kind,
            gap: Gap::Space,
            source,
            rule: None,
            pause_ms: None,
            by_engine: false,
            confidence: 1.0,
            case: Case::Free,
            score: None,
        }
    }

    /// One token in the place of several that follow each other. Without any, an empty word.
    pub fn joined(
        parts: &[Token],
        text: impl Into<String>,
        kind: Kind,
        rule: &'static str,
    ) -> Self {
        let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
            return Self::new(text, kind, 0..0);
        };
        let start = parts.iter().map(|part| part.source.start).min().unwrap_or(first.source.start);
        let end = parts.iter().map(|part| part.source.end).max().unwrap_or(last.source.end);
        let confidence = parts.iter().fold(1.0_f32, |least, part| least.min(part.confidence));
        let case = parts.iter().map(|part| part.case).find(|case| *case != Case::Free);
        Self {
            text: text.into(),
            kind,
            gap: first.gap,
            source: start..end,
            rule: Some(rule),
            pause_ms: first.pause_ms,
            by_engine: parts.iter().all(|part| part.by_engine),
            confidence,
            case: case.unwrap_or(Case::Free),
            score: None,
        }
    }

    /// The same token with another text, because of `rule`. Nothing happens where the text is
    /// the same already.
    pub fn rewrite(&mut self, text: impl Into<String>, rule: &'static str) {
        let text = text.into();
        if self.text != text {
            self.text = text;
            self.rule = Some(rule);
        }
    }

    /// Whether it is this word, in whatever capitals. `word` is lower case.
    pub fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it is one of these words, in whatever capitals.
    pub fn is_any(&self, words: &[&str]) -> bool {
        self.kind == Kind::Word && words.iter().any(|word| self.text.eq_ignore_ascii_case(word))
    }

    pub fn is_mark(&self, mark: &str) -> bool {
        self.kind == Kind::Mark && self.text == mark
    }

    /// Whether a sentence ends with this token.
    pub fn ends_sentence(&self) -> bool {
        self.kind == Kind::Mark && matches!(self.text.as_str(), "." | "?" | "!")
    }

    /// Whether it begins a line or a paragraph.
    pub fn begins_line(&self) -> bool {
        self.gap >= Gap::Line
    }

    /// Whether it is one letter, such as a letter of an abbreviation that was spelled out.
    pub fn letter(&self) -> Option<char> {
        let mut chars = self.text.chars();
        match (self.kind, chars.next(), chars.next()) {
            (Kind::Word, Some(letter), None) if letter.is_alphabetic() => Some(letter),
            _ => None,
        }
    }
}

/// The tokens' text with their spaces, on one line.
pub fn text_of(tokens: &[Token]) -> String {
    let mut text = String::new();
    for token in tokens {
        if !text.is_empty() && token.gap != Gap::None {
            text.push(' ');
        }
        text.push_str(&token.text);
    }
    text
}

/// The heard words of tokens that follow each other.
pub fn words_of(tokens: &[Token]) -> Range<u32> {
    let start = tokens.iter().map(|token| token.source.start).min().unwrap_or(0);
    let end = tokens.iter().map(|token| token.source.end).max().unwrap_or(start);
    start..end
}

/// Whether the tokens from `at` on are these words, whatever their capitals and with no mark
/// between them.
pub fn reads(tokens: &[Token], at: usize, words: &[&str]) -> bool {
    tokens.get(at..at.saturating_add(words.len())).is_some_and(|found| {
        found.iter().zip(words).all(|(token, word)| token.is(word))
            && found.iter().skip(1).all(|token| !token.begins_line())
    })
}

/// A doubt or a message of a stage, with the heard words it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub kind: FlagKind,
    /// For the person who settles it. May quote the dictation.
    pub note: String,
    pub words: Range<u32>,
}

/// Heard words that are not in the text, and the rule that took them out.
#[derive(Clone, Debug, PartialEq)]
pub struct Removed {
    pub words: Range<u32>,
    pub rule: &'static str,
    /// What stands for them, where that is no token: a line break.
    pub written: &'static str,
}

/// What the stages found beside the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    pub flags: Vec<Found>,
    pub removed: Vec<Removed>,
    pub instructions: Vec<Said>,
}

/// What the author said to the people who make the report.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub kind: InstructionKind,
    pub text: String,
    pub words: Range<u32>,
}

impl Findings {
    pub fn flag(&mut self, kind: FlagKind, note: impl Into<String>, words: Range<u32>) {
        let found = Found { kind, note: note.into(), words };
        if self.flags.last() != Some(&found) {
            self.flags.push(found);
        }
    }

    /// Notes that a token leaves the text.
    pub fn remove(&mut self, token: &Token, rule: &'static str) {
        match self.removed.last_mut() {
            Some(last) if last.rule == rule && last.words.end >= token.source.start => {
                last.words.start = last.words.start.min(token.source.start);
                last.words.end = last.words.end.max(token.source.end);
            }
            _ => self.removed.push(Removed { words: token.source.clone(), rule, written: "" }),
        }
    }
}
