//! Scores with a form of their own: Gleason sums, Apgars, "times three", spoken numerals.
//!
//! Not for: "five out of five", which is a quotient (`ranges`).
//!
//! Invariant: sums are written as said; none is worked out.

use super::grammar;
use super::value::{How, in_words, roman};
use super::view::{Match, View};
use super::words::Lex;

pub fn score(v: &View<'_>, at: usize) -> Option<Match> {
    if v.is_number(at) {
        return gleason(v, at).or_else(|| minutes(v, at));
    }
    times(v, at).or_else(|| numeral(v, at)).or_else(|| genotype(v, at))
}

/// "gleason three plus four equals seven" is "Gleason 3+4=7".
fn gleason(v: &View<'_>, at: usize) -> Option<Match> {
    if !v.near_before(at, 8, &["gleason"]) || !v.is_free_before(at) {
        return None;
    }
    let (first, end) = grammar::cardinal(v, at).filter(|(n, _)| n.is_small())?;
    if !v.is(end, &["plus", "+"]) {
        return None;
    }
    let (second, mut end) = grammar::cardinal(v, end + 1).filter(|(n, _)| n.is_small())?;
    let mut text = format!("{}+{}", first.whole, second.whole);
    if v.is(end, &["equals", "=", "equal", "is"])
        && let Some((sum, next)) = grammar::cardinal(v, end + 1)
        && sum.is_whole()
        && sum.whole <= 10
    {
        text.push_str(&format!("={}", sum.whole));
        end = next;
    }
    Some(Match::one(at, end, text, "R-SCALE"))
}

/// The minutes of Apgars are words, so that they are not read as scores.
fn minutes(v: &View<'_>, at: usize) -> Option<Match> {
    if !v.near_before(at, 14, &["apgar", "apgars"]) || !v.near_before(at, 5, &["at"]) {
        return None;
    }
    let mut place = at;
    let mut numbers = Vec::new();
    while numbers.len() < 4 {
        let (number, end) = grammar::cardinal(v, place).filter(|(n, _)| n.is_whole())?;
        numbers.push((place, end, number));
        place = end;
        if v.is(place, &["minute", "minutes"]) {
            break;
        }
        while v.is(place, &["and", ","]) {
            place += 1;
        }
    }
    if !v.is(place, &["minute", "minutes"]) {
        return None;
    }
    let mut found = Match::new(place);
    let mut done = at;
    for (from, end, number) in numbers {
        found.keep(v, done..from);
        if number.how == How::Figures {
            found.push(from..end, in_words(number.whole)?, "R-OB");
        } else {
            found.keep(v, from..end);
        }
        done = end;
    }
    found.keep(v, place..place + 1);
    found.end = place + 1;
    Some(found)
}

/// R-DIM: "oriented times three" is "oriented x3".
fn times(v: &View<'_>, at: usize) -> Option<Match> {
    let sign = v.is(at, &["x"]) && !v.glued(at);
    if !sign && !v.is(at, &["times"]) || at == 0 || v.is_number(at - 1) {
        return None;
    }
    let (number, end) = grammar::cardinal(v, at + 1).filter(|(n, _)| n.is_whole())?;
    if number.whole == 0 || number.whole > 99 || super::quantity::closes_up(v, end) {
        return None;
    }
    let goes_on = ["and", "with", "without", "in", "but", "today", "were", "was", "which", "on"];
    let oriented = v.was(at, 1, &["oriented"]);
    let done = v.ends(end) || oriented || v.is(end, &goes_on) || sign && v.glued(at + 1);
    done.then(|| Match::one(at, end, format!("x{}", number.whole), "R-DIM"))
}

/// Commands N03 and N04: "numeral nine", "roman numeral four".
fn numeral(v: &View<'_>, at: usize) -> Option<Match> {
    let by_roman = v.is(at, &["roman"]);
    let from = match (by_roman, v.is(at + 1, &["numeral", "numerals"])) {
        (true, true) => at + 2,
        (true, false) => at + 1,
        (false, _) if v.is(at, &["numeral", "numeric"]) => at + 1,
        _ => return None,
    };
    let written = |text: &str| !text.is_empty() && text.bytes().all(|byte| b"IVX".contains(&byte));
    if by_roman && from == at + 2 && written(v.raw(from)) {
        return Some(Match::one(at, from + 1, v.raw(from), "N04"));
    }
    let (number, end) = grammar::cardinal(v, from).filter(|(n, _)| n.is_whole())?;
    if by_roman {
        return Some(Match::one(at, end, roman(number.whole)?, "N04"));
    }
    Some(Match::one(at, end, number.figures(super::value::Commas::Five), "N03"))
}

/// "genotype one a" is "genotype 1a".
fn genotype(v: &View<'_>, at: usize) -> Option<Match> {
    if !v.is(at, &["genotype", "subtype"]) {
        return None;
    }
    let (number, end) = grammar::cardinal(v, at + 1).filter(|(n, _)| n.is_small())?;
    let letter = v.letter(end).filter(|c| matches!(c, 'a'..='e'))?;
    let one_word = v.lex(at + 1) != Some(Lex::Oh);
    let mut found = Match::new(end + 1);
    found.keep(v, at..at + 1);
    found.push(at + 1..end + 1, format!("{}{letter}", number.whole), "R-GEN");
    one_word.then_some(found)
}
