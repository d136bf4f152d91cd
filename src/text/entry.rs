//! Words to tokens: each heard word is parted from the marks the engine put on it.
//!
//! Not for: deciding what a word means; numbers and written forms stay as they are.
//!
//! Invariant: nothing is lost but white space and the slant of quotes; a text that is already
//! written gives tokens that are written the same way.

use super::request::Mode;
use super::token::{Case, Gap, Kind, Token};
use crate::domain::transcript::{Transcript, Word};

/// Marks that are parted from the end of a word.
const TRAILING: &[char] = &['.', ',', ';', ':', '?', '!', ')', ']', '"'];
/// Marks that are parted from the start of a word.
const LEADING: &[char] = &['(', '[', '"'];

/// Words whose full stop belongs to them.
const WITH_STOP: &[&str] = &["dr", "mr", "mrs", "ms", "jr", "sr", "st", "vs", "prof", "etc"];

/// What was heard, as the pipeline takes it in.
pub struct Heard {
    pub words: Vec<Word>,
    /// What stood before each word of a written text; a space for recognised words.
    pub gaps: Vec<Gap>,
    /// Whether the words have times.
    pub timed: bool,
}

impl Heard {
    pub fn of_transcript(transcript: &Transcript) -> Self {
        let words = transcript.words.clone();
        let gaps = vec![Gap::Space; words.len()];
        Self { timed: words.iter().any(|word| word.end_ms > 0), words, gaps }
    }

    /// The words of a text: one utterance or a written report.
    pub fn of_text(text: &str) -> Self {
        let (mut words, mut gaps) = (Vec::new(), Vec::new());
        let mut rest = text;
        let mut gap = Gap::Space;
        while let Some(first) = rest.chars().next() {
            let length = if matches!(first, '\t' | '\u{c}') {
                first.len_utf8()
            } else {
                rest.find(char::is_whitespace).unwrap_or(rest.len())
            };
            if length == 0 {
                gap = match (first, gap) {
                    ('\n', Gap::Line | Gap::Paragraph) => Gap::Paragraph,
                    ('\n', _) => Gap::Line,
                    (_, gap) => gap,
                };
                rest = &rest[first.len_utf8()..];
                continue;
            }
            let (word, after) = rest.split_at(length);
            words.push(Word { text: word.to_owned(), start_ms: 0, end_ms: 0, confidence: 1.0 });
            gaps.push(gap);
            gap = if matches!(first, '\t' | '\u{c}') { Gap::None } else { Gap::Space };
            rest = after;
        }
        Self { words, gaps, timed: false }
    }
}

/// The tokens of what was heard. In spoken mode the engine's own marks are left out if `drop`.
pub fn tokens(heard: &Heard) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(heard.words.len() * 5 / 4 + 1);
    let mut previous_end = None;
    let mut sentence_begins = true;
    for ((word, gap), place) in heard.words.iter().zip(&heard.gaps).zip(0_u32..) {
        let first = tokens.len();
        split(&word.text, place, &mut tokens);
        let pause =
            previous_end.filter(|_| heard.timed).map(|end: u32| word.start_ms.saturating_sub(end));
        previous_end = Some(word.end_ms);
        sentence_begins |= *gap >= Gap::Line;
        for (index, token) in tokens.iter_mut().enumerate().skip(first) {
            token.confidence = word.confidence;
            if index == first {
                token.gap = *gap;
                token.pause_ms = pause;
            }
            match token.kind {
                Kind::Mark => sentence_begins |= token.ends_sentence() || token.text == ":",
                _ => {
                    if sentence_begins && is_capitalised(&token.text) {
                        token.case = Case::Placed;
                    }
                    sentence_begins = false;
                }
            }
        }
        settle_stop(&mut tokens, first);
        number_of_item(&mut tokens, first);
    }
    tokens
}

/// Takes the engine's own marks out, as spoken mode has it. A text without times and without any
/// dictated mark is taken for a written one, whose marks are its author's.
pub fn without_marks(tokens: &mut Vec<Token>, mode: Mode, heard: &Heard, dictates: bool) {
    if mode == Mode::Spoken && (heard.timed || dictates) {
        let stops = [".", ",", ";", ":", "?", "!"];
        tokens.retain(|token| !(token.by_engine && stops.contains(&token.text.as_str())));
    }
}

fn split(word: &str, place: u32, tokens: &mut Vec<Token>) {
    let word = straight(word);
    let mut core: &str = &word;
    let mut glued = false;
    let mut push = |text: &str, kind: Kind| {
        let mut token = Token::new(text, kind, place..place + 1);
        token.by_engine = kind == Kind::Mark;
        if glued {
            token.gap = Gap::None;
        }
        glued = true;
        tokens.push(token);
    };
    while core.len() > 1 && core.starts_with(LEADING) && !closes_itself(core) {
        push(&core[..1], Kind::Mark);
        core = &core[1..];
    }
    let mut marks: Vec<&str> = Vec::new();
    while let Some(mark) = trailing_mark(core) {
        let end = core.len() - mark.len();
        marks.push(&core[end..]);
        core = &core[..end];
    }
    if !core.is_empty() {
        push(core, kind_of(core));
    }
    for mark in marks.iter().rev() {
        push(mark, Kind::Mark);
    }
}

/// Straight quotes in place of slanted ones; nothing else changes.
fn straight(word: &str) -> std::borrow::Cow<'_, str> {
    if word.is_ascii() {
        return word.into();
    }
    let plain = word
        .replace(['\u{2018}', '\u{2019}'], "'")
        .replace(['\u{201c}', '\u{201d}'], "\"")
        .replace('\u{2026}', "...");
    plain.into()
}

/// "(s)" or "[x]" alone keep their brackets apart; "(a)b" keeps its own together.
fn closes_itself(core: &str) -> bool {
    let close = if core.starts_with('(') { ')' } else { ']' };
    !core.starts_with('"')
        && core.find(close).is_some_and(|at| core[at + 1..].chars().any(char::is_alphanumeric))
}

/// The mark at the end that is no part of the word.
fn trailing_mark(core: &str) -> Option<&'static str> {
    if core.ends_with("...") {
        return Some("...");
    }
    let last = core.chars().last().filter(|last| TRAILING.contains(last))?;
    let before = &core[..core.len() - 1];
    let belongs = match last {
        ')' => {
            before.matches('(').count() > before.matches(')').count() && !before.starts_with('(')
        }
        ']' => {
            before.matches('[').count() > before.matches(']').count() && !before.starts_with('[')
        }
        '.' => keeps_stop(before),
        _ => false,
    };
    if belongs {
        return None;
    }
    const MARKS: [&str; 9] = [".", ",", ";", ":", "?", "!", ")", "]", "\""];
    MARKS.into_iter().find(|mark| core.ends_with(mark))
}

/// Whether the full stop after this belongs to it: "b.i.d", "a.m", "Dr".
pub fn keeps_stop(word: &str) -> bool {
    let word = word.trim_start_matches(LEADING);
    let initials = word.contains('.')
        && word.split('.').all(|part| {
            (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic())
        });
    initials || WITH_STOP.iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn kind_of(core: &str) -> Kind {
    if core.bytes().all(|byte| byte == b'_') && core.len() > 2 {
        return Kind::Blank;
    }
    if matches!(core, "-" | "--" | "\u{2013}" | "\u{2014}" | "\t" | "\u{c}") {
        return Kind::Mark;
    }
    let unsigned = core.trim_start_matches(['-', '+', '#', '.', '$', '<', '>', '~']);
    if unsigned.starts_with(|first: char| first.is_ascii_digit()) {
        return Kind::Figure;
    }
    if core.chars().any(char::is_alphanumeric) { Kind::Word } else { Kind::Mark }
}

/// "q.4 h." keeps the full stop of its "h".
fn settle_stop(tokens: &mut Vec<Token>, first: usize) {
    let [before, hour, stop] = &tokens[first.saturating_sub(1)..] else { return };
    let after_q =
        before.text.strip_prefix("q.").is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()));
    if after_q && hour.text == "h" && stop.text == "." {
        tokens.pop();
        if let Some(hour) = tokens.last_mut() {
            hour.text.push('.');
        }
    }
}

/// "1." or "-" at the start of a line numbers an item.
fn number_of_item(tokens: &mut Vec<Token>, first: usize) {
    let begins = tokens.get(first).is_some_and(|token| token.begins_line() || first == 0);
    if !begins {
        return;
    }
    match &mut tokens[first..] {
        [number, stop] if is_count(&number.text) && stop.text == "." => {
            number.text.push('.');
            number.kind = Kind::ItemNumber;
            tokens.pop();
        }
        [dash] if dash.text == "-" && dash.begins_line() => dash.kind = Kind::ItemNumber,
        _ => {}
    }
}

fn is_count(text: &str) -> bool {
    (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A first letter that is a capital, and small ones after it.
pub(super) fn is_capitalised(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(char::is_uppercase) && !letters.any(char::is_uppercase)
}
