//! Evidence: which piece of a draft stands for which stretch of the recording, and why it is
//! written as it is.
//!
//! Not for: what was heard as such (`transcript.rs`) or the text's later versions (`report.rs`).
//!
//! Invariant: evidence belongs to one text and never changes; timed pieces are in the order of
//! that text and do not overlap. A link says of a later version only what is true of it: each of
//! its pieces stands in the version letter by letter as it was drafted.

use super::phi::Phi;
use super::time::{AudioSpan, TextSpan};
use std::collections::HashSet;

/// A piece of the draft and where it was said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timed {
    pub text: TextSpan,
    pub audio: AudioSpan,
    /// The engine's belief in the least certain word it stands for, 0 to 1.
    pub confidence: f32,
}

/// Something that is written otherwise than it was heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Altered {
    pub text: TextSpan,
    pub audio: Option<AudioSpan>,
    pub heard: Phi<String>,
    /// Empty where heard words are not in the text.
    pub written: Phi<String>,
    /// Code of the rule.
    pub rule: String,
    /// How sure the rule was, 0 to 1, where it says so.
    pub score: Option<f32>,
}

/// Terms that were weighed for a place and are not there, the likeliest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    pub text: TextSpan,
    pub alternatives: Vec<Phi<String>>,
}

/// Words of the author to the people who make the report.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoken {
    /// Code of the kind.
    pub kind: String,
    pub text: Phi<String>,
    pub audio: Option<AudioSpan>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    pub timed: Vec<Timed>,
    pub altered: Vec<Altered>,
    pub choices: Vec<Choice>,
    pub spoken: Vec<Spoken>,
}

impl Evidence {
    /// Adds the evidence of a text and a recording that follow this one's, `by_text` characters
    /// and `by_ms` milliseconds after its beginning.
    pub fn append(&mut self, other: Evidence, by_text: u32, by_ms: u32) {
        let text =
            |span: TextSpan| TextSpan { start: span.start + by_text, end: span.end + by_text };
        let audio = |span: AudioSpan| AudioSpan {
            start_ms: span.start_ms.saturating_add(by_ms),
            end_ms: span.end_ms.saturating_add(by_ms),
        };
        let Evidence { timed, altered, choices, spoken } = other;
        let timed = timed.into_iter();
        self.timed.extend(timed.map(|one| Timed {
            text: text(one.text),
            audio: audio(one.audio),
            ..one
        }));
        self.altered.extend(altered.into_iter().map(|one| Altered {
            text: text(one.text),
            audio: one.audio.map(audio),
            ..one
        }));
        self.choices.extend(choices.into_iter().map(|one| Choice { text: text(one.text), ..one }));
        let spoken = spoken.into_iter();
        self.spoken.extend(spoken.map(|one| Spoken { audio: one.audio.map(audio), ..one }));
    }
}

/// A stretch of a version that stands as it was drafted, in Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Its place in the version.
    pub text: u32,
    /// Its place in the draft.
    pub draft: u32,
    pub length: u32,
}

/// The most pieces of a link: a report of the greatest length, each of its words moved.
pub const PIECES_MAX: usize = 40_000;

/// Whether the link says only what is true: its pieces are in order, and each is the same
/// characters in the version as in the draft. A copy of a piece may stand twice.
pub fn holds(pieces: &[Piece], version: &str, draft: &str) -> bool {
    let (version, draft) = (Places::of(version), Places::of(draft));
    let mut from = 0_u32;
    for piece in pieces {
        let written = version.stretch(piece.text, piece.length);
        let drafted = draft.stretch(piece.draft, piece.length);
        let same = written.is_some() && written == drafted;
        if piece.text < from || piece.length == 0 || !same {
            return false;
        }
        from = piece.text + piece.length;
    }
    true
}

/// The whole draft as it stands.
pub fn whole(draft: &str) -> Vec<Piece> {
    let length = u32::try_from(draft.chars().count()).unwrap_or(u32::MAX);
    if length == 0 { Vec::new() } else { vec![Piece { text: 0, draft: 0, length }] }
}

/// Finds characters of a text by their number.
struct Places<'a> {
    text: &'a str,
    /// Byte of every character, and the end.
    bytes: Vec<usize>,
}

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Self {
        let bytes = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect();
        Self { text, bytes }
    }

    fn stretch(&self, start: u32, length: u32) -> Option<&'a str> {
        let end = self.bytes.get(start.checked_add(length)? as usize)?;
        self.text.get(*self.bytes.get(start as usize)?..*end)
    }
}

/// The different words of a text: letters with what joins them, at most `most`.
pub fn distinct_words(text: &str, most: usize) -> Vec<&str> {
    let parts = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '-' | '’')));
    let mut seen = HashSet::new();
    let words = parts.map(|word| word.trim_matches(['\'', '-', '’']));
    words.filter(|word| !word.is_empty() && seen.insert(*word)).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(text: u32, draft: u32, length: u32) -> Piece {
        Piece { text, draft, length }
    }

    #[test]
    fn a_link_holds_only_where_the_letters_are_the_same() {
        let draft = "Straße 5 µg daily.";
        assert!(holds(&whole(draft), draft, draft));
        assert!(holds(&[], "Other.", draft));
        let moved = "daily. Straße 5 mg";
        assert!(holds(&[piece(0, 12, 6), piece(7, 0, 9)], moved, draft));
        assert!(!holds(&[piece(7, 0, 10)], moved, draft), "µ is not m");
        assert!(!holds(&[piece(7, 0, 9), piece(0, 12, 6)], moved, draft), "not in order");
        assert!(!holds(&[piece(0, 12, 7)], moved, draft), "past the draft's end");
        assert!(!holds(&[piece(0, 12, 0)], moved, draft), "empty");
        assert!(!holds(&[piece(u32::MAX, 1, 2)], moved, draft));
        assert!(holds(&[piece(0, 0, 7), piece(7, 0, 7)], "Straße Straße ", draft), "twice");
    }

    #[test]
    fn words_are_counted_once() {
        let text = "The patient's anti-Xa, the 'patient's' level: 0.5.";
        assert_eq!(
            distinct_words(text, 9),
            ["The", "patient's", "anti-Xa", "the", "level", "0", "5"]
        );
        assert_eq!(distinct_words(text, 2).len(), 2);
    }
}
