//! R-TNM: "t two n one m zero" is T2N1M0, closed up.
//!
//! Not for: stages (`classes`).
//!
//! Invariant: a T without an N is left alone, for T2 is a vertebra and a sequence too.

use super::grammar;
use super::view::{Match, View};
use super::words::Lex;

pub fn tnm(v: &View<'_>, at: usize) -> Option<Match> {
    if v.glued(at)
        || !matches!(v.low(at), "t" | "p" | "c" | "y" | "r" | "pt" | "ct" | "yp" | "ypt" | "rt")
    {
        return None;
    }
    let mut text = String::new();
    let end = part(v, at, 't', &mut text)?;
    let n_end = part(v, end, 'n', &mut text)?;
    let m_end = part(v, n_end, 'm', &mut text).unwrap_or(n_end);
    let free = v.is_free_after(m_end) && !super::quantity::closes_up(v, m_end);
    free.then(|| Match::one(at, m_end, text, "R-TNM"))
}

/// One letter with its prefixes, value and sub-letter; the place behind it.
fn part(v: &View<'_>, at: usize, letter: char, text: &mut String) -> Option<usize> {
    let mut place = at;
    if v.is(place, &[",", "-"]) && !text.is_empty() {
        place += 1;
    }
    let mut prefix = String::new();
    loop {
        let low = v.low(place);
        if low.ends_with(letter) && low.len() <= 3 && low[..low.len() - 1].bytes().all(is_prefix) {
            prefix.push_str(&low[..low.len() - 1]);
            place += 1;
            break;
        }
        let single = low.len() == 1 && low.bytes().all(is_prefix);
        if !single || prefix.len() > 2 {
            return None;
        }
        prefix.push_str(low);
        place += 1;
    }
    text.push_str(&prefix);
    text.push(letter.to_ascii_uppercase());
    let end = value(v, place, letter, text)?;
    Some(end)
}

fn is_prefix(byte: u8) -> bool {
    matches!(byte, b'c' | b'p' | b'y' | b'r' | b'a')
}

fn value(v: &View<'_>, at: usize, letter: char, text: &mut String) -> Option<usize> {
    let mut end = at + 1;
    match v.lex(at) {
        Some(Lex::Oh) => text.push('0'),
        Some(Lex::Digit(n)) if n <= 4 => text.push(char::from(b'0' + n)),
        _ if v.low(at) == "x" => text.push('X'),
        _ if letter == 't' && v.low(at) == "is" => text.push_str("is"),
        _ => {
            let (n, after) = grammar::two_digits(v, at).filter(|(n, _)| *n <= 4)?;
            text.push(char::from(b'0' + n as u8));
            end = after;
        }
    }
    if let Some(sub) = v.letter(end).filter(|c| matches!(c, 'a'..='d')) {
        let next_part = v.is(end + 1, &["n", "m", "t"]);
        let is_prefix = matches!(sub, 'c') && next_part && letter != 't';
        if !is_prefix && (v.glued(end) || next_part || v.ends(end + 1) || sub != 'a') {
            text.push(sub);
            end += 1;
        }
    }
    if letter == 'n' && v.is(end, &["mi"]) {
        text.push_str("mi");
        end += 1;
    }
    Some(end)
}
