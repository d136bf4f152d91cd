//! R-OB: gravida and para.
//!
//! Not for: gestational age and stations, which are quantities; Apgars (`scores`).
//!
//! Invariant: the four figures of a TPAL stay four, with hyphens between.

use super::grammar;
use super::value::from_roman;
use super::view::{Match, View};
use super::words::Lex;

/// "g two p one" is G2P1.
pub fn letters(v: &View<'_>, at: usize) -> Option<Match> {
    if v.letter(at) != Some('g') || v.glued(at) {
        return None;
    }
    let (gravida, end) = count(v, at + 1)?;
    let end = if v.is(end, &[","]) { end + 1 } else { end };
    if v.letter(end) != Some('p') {
        return None;
    }
    let (para, mut end) = para(v, end + 1)?;
    let mut text = format!("G{gravida}P{para}");
    if v.letter(end) == Some('a')
        && let Some((lost, next)) = count(v, end + 1)
        && !crate::text::units::heard(v, next).is_some_and(|unit| unit.singular)
    {
        text.push_str(&format!("A{lost}"));
        end = next;
    }
    (!super::quantity::closes_up(v, end)).then(|| Match::one(at, end, text, "R-OB"))
}

fn count(v: &View<'_>, at: usize) -> Option<(u64, usize)> {
    if let Some(Lex::Oh) = v.lex(at) {
        return Some((0, at + 1));
    }
    if let Some(value) = from_roman(v.raw(at)) {
        return Some((value, at + 1));
    }
    grammar::two_digits(v, at).filter(|(n, _)| *n < 30)
}

/// One figure, or the four of a TPAL.
fn para(v: &View<'_>, at: usize) -> Option<(String, usize)> {
    let mut counts = Vec::new();
    let mut end = at;
    while counts.len() < 4 {
        let next = if !counts.is_empty() && v.is(end, &["-", ","]) { end + 1 } else { end };
        let Some((n, after)) = count(v, next).filter(|(n, _)| *n < 20) else {
            break;
        };
        counts.push(n.to_string());
        end = after;
    }
    if let Some(four) = v.digits(at).filter(|d| d.width == 4) {
        let text: Vec<String> = format!("{:04}", four.whole).chars().map(String::from).collect();
        return Some((text.join("-"), at + 1));
    }
    if counts.len() == 4 {
        return Some((counts.join("-"), end));
    }
    count(v, at).map(|(n, end)| (n.to_string(), end))
}

/// "gravida two para one" is "gravida 2, para 1".
pub fn obstetric(v: &View<'_>, at: usize) -> Option<Match> {
    if v.is(at, &["tpal", "para"]) {
        let (text, end) = para(v, at + 1)?;
        let mut found = Match::new(end);
        found.keep(v, at..at + 1);
        found.push(at + 1..end, text, "R-OB");
        return Some(found);
    }
    if !v.is(at, &["gravida"]) {
        return None;
    }
    let (gravida, mut end) = count(v, at + 1)?;
    let mut found = Match::new(end);
    found.keep(v, at..at + 1);
    found.push(at + 1..end, gravida.to_string(), "R-OB");
    for word in ["para", "abortus", "ab"] {
        let comma = usize::from(v.is(end, &[","]));
        let word_at = end + comma;
        if v.low(word_at) != word {
            continue;
        }
        let counted = if word == "para" {
            para(v, word_at + 1)
        } else {
            count(v, word_at + 1).map(|(n, end)| (n.to_string(), end))
        };
        let Some((text, next)) = counted else {
            continue;
        };
        found.push_mark(word_at - 1..word_at, ",", "R-OB");
        found.push(word_at..word_at + 1, v.raw(word_at), "");
        found.push(word_at + 1..next, text, "R-OB");
        end = next;
    }
    found.end = end;
    Some(found)
}
