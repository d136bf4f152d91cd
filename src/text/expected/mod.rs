//! What a frame expects: where the words around a place leave room for one name only - a scale
//! before "22 out of 30", a suture behind "3-0" - and what was heard there sounds like it.
//!
//! Not for: terms in free text (`speech` offers those and asks the audio); words and figures run
//! together (`habits`).
//!
//! Invariant: nothing changes without both the frame and the sound; a number, a side, a medicine
//! or a negation is never changed without a flag; each edit keeps the heard words as its source.

mod behind;
mod homophones;
mod labs;
mod letters;
mod medicine;
mod names;
mod neighbours;
mod triggers;

use super::request::Request;
use super::token::{Case, Findings, Gap, Kind, Token, text_of, words_of};
use crate::domain::flag::FlagKind;
use crate::vocab::candidates::{self, Candidate, Ways};
use crate::vocab::readings;
use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::OnceLock;

/// The rule's name on a change.
const RULE: &str = "expected";
/// A name that sounds less like what was heard than this is flagged, however narrow the frame.
const SURE_SOUND: f32 = 0.65;

/// What is written in the place of some tokens.
struct Edit {
    tokens: Range<usize>,
    words: Vec<String>,
    doubt: Option<(FlagKind, String)>,
}

type Rule = fn(&Scene<'_>, usize) -> Option<Edit>;

/// In this order; the first that has an answer at a place has it.
const RULES: [Rule; 7] = [
    letters::expected,
    neighbours::expected,
    homophones::expected,
    names::expected,
    behind::expected,
    medicine::expected,
    labs::expected,
];

/// Writes what the frames expect.
pub fn apply(tokens: Vec<Token>, request: &Request<'_>, findings: &mut Findings) -> Vec<Token> {
    let mut edits: Vec<Edit> = Vec::new();
    let scene = Scene { tokens: &tokens, request, searches: RefCell::default() };
    for at in 0..tokens.len() {
        if !triggers::is_trigger(&tokens, at) {
            continue;
        }
        let done = edits.last().map_or(0, |last| last.tokens.end);
        let found = RULES.iter().find_map(|rule| rule(&scene, at));
        edits.extend(found.filter(|edit| edit.tokens.start >= done));
    }
    if edits.is_empty() { tokens } else { carried_out(&tokens, edits, findings) }
}

fn carried_out(tokens: &[Token], edits: Vec<Edit>, findings: &mut Findings) -> Vec<Token> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut done = 0;
    for edit in edits {
        let parts = tokens.get(edit.tokens.clone()).unwrap_or_default();
        out.extend(tokens.get(done..edit.tokens.start).unwrap_or_default().iter().cloned());
        for (place, word) in edit.words.iter().enumerate() {
            let mut token = Token::joined(parts, word.as_str(), kind_of(word), RULE);
            token.case = Case::Free;
            token.by_engine = false;
            if place > 0 {
                token.gap = Gap::Space;
                token.pause_ms = None;
            }
            out.push(token);
        }
        if let Some((kind, note)) = edit.doubt {
            findings.flag(kind, note, words_of(parts));
        }
        done = edit.tokens.end;
    }
    out.extend(tokens.get(done..).unwrap_or_default().iter().cloned());
    out
}

fn kind_of(word: &str) -> Kind {
    let is_figure = word.starts_with(|first: char| first.is_ascii_digit());
    if is_figure { Kind::Figure } else { Kind::Word }
}

/// What the rules see.
struct Scene<'a> {
    tokens: &'a [Token],
    request: &'a Request<'a>,
    /// What the lexicon was searched for (`medicine`), and what was found.
    searches: RefCell<HashMap<String, Rc<[Candidate]>>>,
}

impl Scene<'_> {
    fn is(&self, at: usize, words: &[&str]) -> bool {
        self.tokens.get(at).is_some_and(|token| token.is_any(words))
    }

    /// Whether the token before `at` is one of these words.
    fn was(&self, at: usize, words: &[&str]) -> bool {
        at.checked_sub(1).is_some_and(|before| self.is(before, words))
    }

    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }

    fn low(&self, at: usize) -> String {
        self.text(at).to_ascii_lowercase()
    }

    fn is_number(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(super::commands::is_number)
    }

    fn is_figure(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.kind == Kind::Figure)
    }

    /// A whole number below 100, in a figure or one word.
    fn small(&self, at: usize) -> Option<u32> {
        self.is_number(at).then(|| super::commands::small_number(self.text(at))).flatten()
    }

    /// Whether a sentence begins with the token at `at`.
    fn begins(&self, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.tokens.get(before));
        let ended = |token: &Token| token.ends_sentence() || token.is_any(&["period", "paragraph"]);
        before.is_none_or(ended) || self.tokens.get(at).is_some_and(Token::begins_line)
    }

    /// Whether a clause, spoken or written, ends before `at`.
    fn ends(&self, at: usize) -> bool {
        self.tokens.get(at).is_none_or(|token| {
            token.kind == Kind::Mark
                || token.begins_line()
                || token.is_any(&["period", "comma", "semicolon", "new", "and", "with", "but"])
        })
    }

    /// Words, and no wish of the author about them, on one line.
    fn is_free(&self, tokens: &Range<usize>) -> bool {
        let Some(found) = self.tokens.get(tokens.clone()) else { return false };
        let plain = |token: &Token| {
            matches!(token.kind, Kind::Word | Kind::Figure) && token.case != Case::Held
        };
        !found.is_empty()
            && found.iter().all(plain)
            && found.iter().skip(1).all(|token| !token.begins_line())
    }

    /// Whether a word is in no list, nor made of one that is.
    fn is_strange(&self, at: usize) -> bool {
        !readings::is_word(self.request.lexicon, self.text(at))
    }

    /// Whether a word is in no list as it stands, though it may be made of some.
    fn is_unlisted(&self, at: usize) -> bool {
        !readings::known(self.request.lexicon, self.text(at))
    }

    /// How much these tokens sound like a name, up to 1.
    fn likeness(&self, tokens: &Range<usize>, name: &str) -> f32 {
        candidates::likeness(&self.words(tokens), name)
    }

    fn words(&self, tokens: &Range<usize>) -> Vec<&str> {
        let found = self.tokens.get(tokens.clone()).unwrap_or_default();
        found.iter().map(|token| token.text.as_str()).collect()
    }

    /// The stretch of at most `most` words that ends before `end` and sounds most like one of the
    /// names, at least `least` so. None where a name stands there already in one piece.
    fn before(&self, end: usize, most: usize, names: &Names, least: f32) -> Option<Alike> {
        let spans = (1..=most).filter_map(|length| Some(end.checked_sub(length)?..end));
        self.nearest(spans, names, least)
    }

    /// The same for what begins at `from`.
    fn behind(&self, from: usize, most: usize, names: &Names, least: f32) -> Option<Alike> {
        self.nearest((1..=most).map(|length| from..from + length), names, least)
    }

    fn nearest(
        &self,
        spans: impl Iterator<Item = Range<usize>>,
        names: &Names,
        least: f32,
    ) -> Option<Alike> {
        let mut best: Option<Alike> = None;
        for span in spans {
            if !self.is_free(&span) || span.len() > 1 && self.holds_name(&span, names) {
                break;
            }
            match names.standing(self.tokens.get(span.clone()).unwrap_or_default()) {
                Some(written) if span.len() > written.split(' ').count() => {
                    return Some(Alike { tokens: span, written, sound: 1.0 });
                }
                Some(_) => return None,
                None => {}
            }
            let sounds = names.ways().likeness(&self.words(&span), least);
            for ((_, written), sound) in names.names.iter().zip(sounds) {
                let ahead = best.as_ref().is_none_or(|best| sound > best.sound + 0.01);
                if sound >= least && ahead {
                    best = Some(Alike { tokens: span.clone(), written, sound });
                }
            }
        }
        best
    }

    /// Whether one of the words is a name as it stands: its neighbours ("hemoglobin in 6 hours")
    /// are no part of it.
    fn holds_name(&self, span: &Range<usize>, names: &Names) -> bool {
        let tokens = self.tokens.get(span.clone()).unwrap_or_default();
        tokens.iter().any(|token| names.standing(std::slice::from_ref(token)).is_some())
    }

    /// The edit that puts a name in the place of what sounds like it.
    fn written(&self, alike: Alike, doubt: Option<FlagKind>) -> Edit {
        let heard = text_of(self.tokens.get(alike.tokens.clone()).unwrap_or_default());
        let unsure = (alike.sound < SURE_SOUND).then_some(FlagKind::UnknownTerm);
        let note = || misheard(&heard, alike.written);
        Edit {
            words: alike.written.split(' ').map(str::to_owned).collect(),
            doubt: doubt.or(unsure).map(|kind| (kind, note())),
            tokens: alike.tokens,
        }
    }
}

/// Names that a frame leaves room for.
struct Names {
    /// How each sounds, and how it is written.
    names: &'static [(&'static str, &'static str)],
    ways: OnceLock<Ways>,
}

impl Names {
    const fn new(names: &'static [(&'static str, &'static str)]) -> Self {
        Self { names, ways: OnceLock::new() }
    }

    fn ways(&self) -> &Ways {
        self.ways.get_or_init(|| Ways::of(self.names.iter().map(|(sounds, _)| *sounds)))
    }

    /// The name that these words sound most like, at least `least` so.
    fn nearest(&self, words: &[&str], least: f32) -> Option<&'static str> {
        let sounds = self.ways().likeness(words, least).into_iter().zip(self.names);
        let near = sounds.filter(|(sound, _)| *sound >= least);
        near.max_by(|(one, _), (other, _)| one.total_cmp(other)).map(|(_, (_, written))| *written)
    }

    /// The one that stands in the text already, letter by letter.
    fn standing(&self, tokens: &[Token]) -> Option<&'static str> {
        let letters = |text: &'static str| text.bytes().filter(u8::is_ascii_alphanumeric);
        let said = || tokens.iter().flat_map(|token| token.text.chars());
        let is = |name: &'static str| {
            let said = said().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
            said.eq(letters(name).map(|byte| char::from(byte.to_ascii_lowercase())))
        };
        self.names.iter().map(|(_, written)| *written).find(|written| is(written))
    }
}

/// A stretch that sounds like a name.
struct Alike {
    tokens: Range<usize>,
    written: &'static str,
    sound: f32,
}

fn misheard(heard: &str, written: &str) -> String {
    format!("\"{heard}\" was heard; \"{written}\" sounds like it and is what is said here.")
}

fn letters_of(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// An edit without a doubt.
fn plain(tokens: Range<usize>, words: &[&str]) -> Edit {
    Edit { tokens, words: words.iter().map(|word| (*word).to_owned()).collect(), doubt: None }
}

/// An edit that a person looks at.
fn doubted(scene: &Scene<'_>, tokens: Range<usize>, words: &[&str], kind: FlagKind) -> Edit {
    let heard = text_of(scene.tokens.get(tokens.clone()).unwrap_or_default());
    let doubt = Some((kind, misheard(&heard, &words.join(" "))));
    Edit { doubt, ..plain(tokens, words) }
}

#[cfg(test)]
mod tests;
