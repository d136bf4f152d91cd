//! What a frame sees of the text, and what it answers.
//!
//! Not for: rules; a frame is a function `(&View, place) -> Option<Match>`.
//!
//! Invariant: reading outside the text or across a wall gives the empty word; nothing panics.

use super::atoms::{Atom, Digits, Sort};
use super::words::Lex;
use crate::domain::flag::FlagKind;
use crate::text::request::Request;
use crate::text::token::{Kind, Token};
use std::ops::Range;

pub struct View<'a> {
    pub atoms: &'a [Atom<'a>],
    pub tokens: &'a [Token],
    pub request: &'a Request<'a>,
}

/// What is written in the place of some atoms.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    pub text: String,
    pub kind: Kind,
    /// The atoms it stands for.
    pub atoms: Range<usize>,
    /// Whether it stands right after the piece before, without a space.
    pub closed: bool,
    pub rule: &'static str,
}

/// A doubt about some atoms.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubted {
    pub kind: FlagKind,
    pub note: String,
    pub atoms: Range<usize>,
}

/// A frame's answer: the atoms from the asked place up to `end` are the pieces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Match {
    pub end: usize,
    pub pieces: Vec<Piece>,
    pub doubts: Vec<Doubted>,
}

pub type Frame = fn(&View<'_>, usize) -> Option<Match>;

impl Match {
    pub fn new(end: usize) -> Self {
        Self { end, ..Self::default() }
    }

    /// One written piece for the atoms `from..end`.
    pub fn one(from: usize, end: usize, text: impl Into<String>, rule: &'static str) -> Self {
        let mut found = Self::new(end);
        found.push(from..end, text, rule);
        found
    }

    pub fn push(&mut self, atoms: Range<usize>, text: impl Into<String>, rule: &'static str) {
        let text = text.into();
        let kind = kind_of(&text);
        self.pieces.push(Piece { text, kind, atoms, closed: false, rule });
    }

    /// As `push`, right after the piece before.
    pub fn push_closed(
        &mut self,
        atoms: Range<usize>,
        text: impl Into<String>,
        rule: &'static str,
    ) {
        self.push(atoms, text, rule);
        if let Some(piece) = self.pieces.last_mut() {
            piece.closed = true;
        }
    }

    /// A mark that the rule asks for, closed up; it stands for the atoms it follows.
    pub fn push_mark(&mut self, atoms: Range<usize>, mark: &str, rule: &'static str) {
        self.push_closed(atoms, mark, rule);
        if let Some(piece) = self.pieces.last_mut() {
            piece.kind = Kind::Mark;
        }
    }

    /// Words and marks that stay as they are, one piece a token or part of one.
    pub fn keep(&mut self, view: &View<'_>, atoms: Range<usize>) {
        for place in atoms {
            let Some(atom) = view.atoms.get(place) else {
                return;
            };
            self.push(place..place + 1, atom.raw, "");
            if let Some(piece) = self.pieces.last_mut() {
                piece.closed = atom.glued;
                if atom.sort == Sort::Mark {
                    piece.kind = view.tokens.get(atom.token).map_or(Kind::Mark, |t| t.kind);
                }
            }
        }
    }

    pub fn doubt(&mut self, kind: FlagKind, atoms: Range<usize>, note: impl Into<String>) {
        self.doubts.push(Doubted { kind, note: note.into(), atoms });
    }
}

fn kind_of(text: &str) -> Kind {
    let bare = text.trim_start_matches(['-', '+', '#']);
    if bare.starts_with(|c: char| c.is_ascii_digit()) { Kind::Figure } else { Kind::Word }
}

impl View<'_> {
    /// The word or mark at a place, lower case; empty outside and at walls.
    pub fn low(&self, place: usize) -> &str {
        self.atoms.get(place).map_or("", |atom| atom.low.as_ref())
    }

    pub fn raw(&self, place: usize) -> &str {
        self.atoms.get(place).map_or("", |atom| atom.raw)
    }

    pub fn sort(&self, place: usize) -> Sort {
        self.atoms.get(place).map_or(Sort::Wall, |atom| atom.sort)
    }

    pub fn lex(&self, place: usize) -> Option<Lex> {
        match self.sort(place) {
            Sort::Number(lex) => Some(lex),
            _ => None,
        }
    }

    pub fn digits(&self, place: usize) -> Option<Digits> {
        match self.sort(place) {
            Sort::Digits(digits) => Some(digits),
            _ => None,
        }
    }

    /// The word `back` places before.
    pub fn before(&self, place: usize, back: usize) -> &str {
        place.checked_sub(back).map_or("", |place| self.low(place))
    }

    pub fn is(&self, place: usize, words: &[&str]) -> bool {
        let low = self.low(place);
        !low.is_empty() && words.contains(&low)
    }

    pub fn was(&self, place: usize, back: usize, words: &[&str]) -> bool {
        place.checked_sub(back).is_some_and(|place| self.is(place, words))
    }

    /// Whether these words stand here one after the other.
    pub fn reads(&self, place: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(offset, word)| self.low(place + offset) == *word)
    }

    pub fn is_mark(&self, place: usize) -> bool {
        self.sort(place) == Sort::Mark
    }

    pub fn is_word(&self, place: usize) -> bool {
        matches!(self.sort(place), Sort::Word | Sort::Letter)
    }

    pub fn is_letter(&self, place: usize) -> bool {
        self.letter(place).is_some()
    }

    /// The letter at a place, where a single one stands there; "o" is one too.
    pub fn letter(&self, place: usize) -> Option<char> {
        let low = self.low(place);
        let is_letter = matches!(self.sort(place), Sort::Letter | Sort::Number(Lex::Oh));
        (is_letter && low.len() == 1).then(|| low.chars().next()).flatten()
    }

    pub fn is_number(&self, place: usize) -> bool {
        matches!(self.sort(place), Sort::Number(_) | Sort::Digits(_))
    }

    pub fn glued(&self, place: usize) -> bool {
        self.atoms.get(place).is_some_and(|atom| atom.glued)
    }

    /// Whether nothing is closed up to the right end of what ends before `place`, but marks.
    pub fn is_free_after(&self, place: usize) -> bool {
        !self.glued(place) || self.is_mark(place)
    }

    /// Whether a number may begin here: nothing but an opening mark is closed up before it.
    pub fn is_free_before(&self, place: usize) -> bool {
        if !self.glued(place) || place == 0 {
            return true;
        }
        let opens = self.is(place - 1, &["(", "[", "\"", "'", ",", ";", ":"]);
        opens && (place == 1 || !self.glued(place - 1))
    }

    /// Whether the text, a clause or a sentence ends here.
    pub fn ends(&self, place: usize) -> bool {
        match self.sort(place) {
            Sort::Wall => true,
            Sort::Mark => self.is(place, &[".", ",", ";", ":", ")", "?", "!", "\""]),
            _ => false,
        }
    }

    pub fn ends_sentence(&self, place: usize) -> bool {
        match self.sort(place) {
            Sort::Wall => true,
            Sort::Mark => self.is(place, &[".", "?", "!"]),
            _ => false,
        }
    }

    /// Whether a sentence begins with the atom at `place`.
    pub fn begins_sentence(&self, place: usize) -> bool {
        let mut place = place;
        while place > 0 && self.is(place - 1, &["\"", "("]) {
            place -= 1;
        }
        place == 0 || self.ends_sentence(place - 1) || self.follows_heading(place)
    }

    /// Whether the atom at `place` is the first after a heading.
    pub fn follows_heading(&self, place: usize) -> bool {
        let Some(token) = self.atoms.get(place).map(|atom| atom.token) else {
            return false;
        };
        let before = |back: usize| token.checked_sub(back).and_then(|at| self.tokens.get(at));
        match before(1) {
            Some(last) if last.kind == Kind::Heading => true,
            Some(last) if last.is_mark(":") => before(2).is_some_and(|t| t.kind == Kind::Heading),
            _ => false,
        }
    }

    /// Whether the atom at `place` is the first of an item.
    pub fn follows_item(&self, place: usize) -> bool {
        let token = self.atoms.get(place).and_then(|atom| atom.token.checked_sub(1));
        let before = token.and_then(|at| self.tokens.get(at));
        before.is_some_and(|before| before.kind == Kind::ItemNumber)
    }

    /// Whether one of the words stands in the same sentence, at most `reach` atoms away.
    pub fn near(&self, place: usize, reach: usize, words: &[&str]) -> bool {
        self.near_before(place, reach, words) || self.near_after(place, reach, words)
    }

    pub fn near_before(&self, place: usize, reach: usize, words: &[&str]) -> bool {
        for back in 1..=reach {
            let Some(at) = place.checked_sub(back) else {
                return false;
            };
            if self.ends_sentence(at) && !self.glued(at + 1) {
                return false;
            }
            if self.is(at, words) {
                return true;
            }
        }
        false
    }

    pub fn near_after(&self, place: usize, reach: usize, words: &[&str]) -> bool {
        for at in place..place + reach {
            if self.ends_sentence(at) {
                return false;
            }
            if self.is(at, words) {
                return true;
            }
        }
        false
    }
}
