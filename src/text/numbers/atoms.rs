//! Atoms: what the frames read. A token such as "120/80" or "65-year-old" is taken apart into
//! words, figures and marks, so that each shape of the same thing reads alike.
//!
//! Not for: deciding anything; atoms that no frame takes leave their token as it was.
//!
//! Invariant: the atoms of a token, put together, are the text of the token. A `Wall` has no
//! text; no frame reaches across it.

use super::words::{Lex, lex};
use crate::text::token::{Case, Gap, Kind, Token};
use std::borrow::Cow;
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sort {
    Word,
    /// A word of one letter.
    Letter,
    /// A word of the number grammar.
    Number(Lex),
    /// Figures, with their commas and decimals.
    Digits(Digits),
    Mark,
    /// Beginning of a line, a heading, a blank: nothing is read across it.
    Wall,
}

/// What written figures say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digits {
    pub whole: u64,
    /// Figures before the decimal point as written; 0 in ".5".
    pub width: u8,
    /// Figures after the decimal point.
    pub decimals: u8,
    pub fraction: u64,
    pub comma: bool,
}

#[derive(Clone, Debug)]
pub struct Atom<'a> {
    /// As written.
    pub raw: &'a str,
    /// Lower case, without the stops of "b.i.d.".
    pub low: Cow<'a, str>,
    pub sort: Sort,
    pub token: usize,
    /// Bytes of the token's text.
    pub at: Range<usize>,
    /// Nothing stands between it and the atom before.
    pub glued: bool,
}

/// Figures that a `u64` surely holds.
const FIGURES_MAX: usize = 18;

pub fn atoms(tokens: &[Token]) -> Vec<Atom<'_>> {
    let mut atoms = Vec::with_capacity(tokens.len() + tokens.len() / 4);
    for (place, token) in tokens.iter().enumerate() {
        let wall = match token.kind {
            Kind::Heading | Kind::ItemNumber | Kind::Blank => true,
            Kind::Word | Kind::Figure | Kind::Mark => token.case == Case::Held,
        };
        if wall || token.gap >= Gap::Line {
            atoms.push(wall_of(place));
        }
        if wall {
            continue;
        }
        let glued = token.gap == Gap::None && place > 0;
        let plain = !token.text.is_empty() && token.text.bytes().all(|b| b.is_ascii_lowercase());
        if plain {
            let whole = 0..token.text.len();
            let low = Cow::Borrowed(token.text.as_str());
            atoms.push(Atom {
                raw: &token.text,
                sort: sort_of(&low),
                low,
                token: place,
                at: whole,
                glued,
            });
        } else {
            split(&token.text, place, glued, &mut atoms);
        }
    }
    atoms
}

fn wall_of(token: usize) -> Atom<'static> {
    Atom { raw: "", low: Cow::Borrowed(""), sort: Sort::Wall, token, at: 0..0, glued: false }
}

fn sort_of(low: &str) -> Sort {
    match lex(low) {
        Some(lex) => Sort::Number(lex),
        None if low.len() == 1 => Sort::Letter,
        None => Sort::Word,
    }
}

fn split<'a>(text: &'a str, token: usize, glued: bool, atoms: &mut Vec<Atom<'a>>) {
    let mut start = 0;
    let mut first = true;
    while let Some(next) = text.get(start..).and_then(|rest| rest.chars().next()) {
        let rest = &text[start..];
        let (length, sort) = if next.is_ascii_digit() || begins_decimal(text, start) {
            let (length, digits) = figures(rest);
            (length, Sort::Digits(digits))
        } else if next.is_alphabetic() && !matches!(next, 'µ' | 'μ' | 'º' | 'ª') {
            (word_length(rest), Sort::Word)
        } else {
            (next.len_utf8(), Sort::Mark)
        };
        let raw = &rest[..length];
        let low = match sort {
            Sort::Word => lowered(raw),
            _ => Cow::Borrowed(plain_mark(raw)),
        };
        let sort = if sort == Sort::Word { sort_of(&low) } else { sort };
        let at = start..start + length;
        atoms.push(Atom { raw, low, sort, token, at, glued: glued || !first });
        first = false;
        start += length;
    }
}

/// ".5": a stop before a figure, at the beginning or after something that is no figure.
fn begins_decimal(text: &str, start: usize) -> bool {
    let rest = &text.as_bytes()[start..];
    let before = start.checked_sub(1).and_then(|place| text.as_bytes().get(place));
    rest.first() == Some(&b'.')
        && rest.get(1).is_some_and(u8::is_ascii_digit)
        && before.is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'.')
}

fn figures(text: &str) -> (usize, Digits) {
    let bytes = text.as_bytes();
    let run = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let width = run(0);
    let mut end = width;
    let mut whole = number(&text[..width.min(FIGURES_MAX)]);
    let mut comma = false;
    let grouped = (1..=3).contains(&width) && !text.starts_with('0');
    while grouped
        && end < 20
        && bytes.get(end) == Some(&b',')
        && run(end + 1) == 3
        && whole < 1_000_000_000_000
    {
        whole = whole * 1000 + number(&text[end + 1..end + 4]);
        comma = true;
        end += 4;
    }
    let mut digits = Digits { whole, width: width.min(200) as u8, decimals: 0, fraction: 0, comma };
    let after = if bytes.get(end) == Some(&b'.') { run(end + 1) } else { 0 };
    if (1..=FIGURES_MAX).contains(&after) {
        digits.decimals = after as u8;
        digits.fraction = number(&text[end + 1..end + 1 + after]);
        end += 1 + after;
    }
    (end.max(1), digits)
}

fn number(figures: &str) -> u64 {
    figures.parse().unwrap_or(0)
}

/// A word: letters, apostrophes between them, and the stops of single letters ("b.i.d.").
fn word_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    let mut run = 0;
    let mut end = 0;
    while let Some((place, c)) = chars.next() {
        if c.is_alphabetic() && !matches!(c, 'µ' | 'μ' | 'º' | 'ª') {
            run += 1;
        } else if matches!(c, '\'' | '\u{2019}')
            && chars.peek().is_some_and(|(_, next)| next.is_alphabetic())
        {
            run = 2;
        } else if c == '.' && run == 1 {
            run = 0;
        } else {
            break;
        }
        end = place + c.len_utf8();
    }
    end
}

fn lowered(raw: &str) -> Cow<'_, str> {
    if raw.bytes().all(|b| b.is_ascii_lowercase()) {
        return Cow::Borrowed(raw);
    }
    let mut low = String::with_capacity(raw.len());
    for c in raw.chars().filter(|c| *c != '.') {
        if c == '\u{2019}' {
            low.push('\'');
        } else {
            low.extend(c.to_lowercase());
        }
    }
    Cow::Owned(low)
}

/// Marks that mean the same, by one of them.
fn plain_mark(raw: &str) -> &str {
    match raw {
        "–" | "—" | "‑" | "−" | "‐" => "-",
        "×" => "x",
        "⁄" => "/",
        "μ" => "µ",
        "º" => "°",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        let token = [Token::new(text, Kind::Word, 0..1)];
        atoms(&token).iter().map(|atom| atom.raw.to_string()).collect()
    }

    #[test]
    fn written_forms_are_taken_apart() {
        for (text, expected) in [
            ("120/80", vec!["120", "/", "80"]),
            ("5mg", vec!["5", "mg"]),
            ("65-year-old", vec!["65", "-", "year", "-", "old"]),
            ("98.6°F", vec!["98.6", "°", "F"]),
            ("b.i.d.", vec!["b.i.d."]),
            ("q.4", vec!["q.", "4"]),
            (".5", vec![".5"]),
            ("250,000", vec!["250,000"]),
            ("46,XY", vec!["46", ",", "XY"]),
            ("3.4.5", vec!["3.4", ".", "5"]),
            ("patient's", vec!["patient's"]),
            ("5µg", vec!["5", "µ", "g"]),
        ] {
            assert_eq!(cut(text), expected, "{text}");
        }
    }

    #[test]
    fn atoms_put_together_are_the_token() {
        for text in ["1,5", "1,000,5", "...", "…", "½", "Ünï.c-ode's", "9.9.9.", "'s", "1.", "-"]
        {
            assert_eq!(cut(text).concat(), text, "{text}");
        }
    }
}
