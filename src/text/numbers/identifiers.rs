//! R-NUM-7: numbers that name something: record, account and telephone numbers.
//!
//! Not for: numbers that count or measure.
//!
//! Invariant: the figures run together in the order in which they were said, none added.

use super::grammar;
use super::view::{Match, View};
use super::words::Lex;
use crate::domain::flag::FlagKind;

/// What a "number" is the number of.
const NUMBERED: &[&str] = &[
    "record",
    "account",
    "phone",
    "telephone",
    "fax",
    "accession",
    "security",
    "license",
    "policy",
    "pager",
    "serial",
    "lot",
    "job",
    "confirmation",
    "claim",
    "contact",
    "cell",
    "mobile",
    "order",
    "chart",
    "hospital",
    "encounter",
    "visit",
    "dea",
    "npi",
    "model",
];

const NAMED: &[&str] = &[
    "mrn",
    "ssn",
    "npi",
    "phone",
    "telephone",
    "fax",
    "pager",
    "extension",
    "accession",
    "zip",
    "code",
    "mr#",
    "beeper",
];

/// Single figures in a row, from which on they can only be a string of figures.
const ROW_MIN: usize = 3;

pub fn identifier(v: &View<'_>, at: usize) -> Option<Match> {
    if !v.is_number(at) && !v.is(at, &["double", "triple"]) || !v.is_free_before(at) {
        return None;
    }
    if is_named(v, at) {
        let (text, end) = grammar::figure_string(v, at)?;
        if super::quantity::closes_up(v, end) {
            return None;
        }
        return Some(Match::one(at, end, text, "R-NUM-7"));
    }
    unnamed(v, at)
}

fn is_named(v: &View<'_>, at: usize) -> bool {
    let mut place = at;
    for _ in 0..3 {
        let Some(before) = place.checked_sub(1) else {
            return false;
        };
        if v.is(before, &["is", "was", ":", "#", "at", "of"]) {
            place = before;
            continue;
        }
        if v.low(before) == "number" {
            return v.was(before, 1, NUMBERED);
        }
        return v.is(before, NAMED) && (v.low(before) != "code" || v.was(before, 1, &["zip"]));
    }
    false
}

/// Figures one by one that nothing explains are put together, with a doubt.
fn unnamed(v: &View<'_>, at: usize) -> Option<Match> {
    let single = |place: usize| matches!(v.lex(place), Some(Lex::Digit(_) | Lex::Oh));
    if !(at..at + ROW_MIN).all(single) || v.near_before(at, 6, &["para", "tpal", "gravida"]) {
        return None;
    }
    let mut end = at;
    while single(end) && end < at + 20 {
        end += 1;
    }
    if v.begins_sentence(at) && end - at < 7 {
        return None;
    }
    if v.is(end, &["point", "over", "hundred", "thousand"]) || v.lex(end).is_some() {
        return None;
    }
    let text: String = (at..end)
        .map(|place| match v.lex(place) {
            Some(Lex::Digit(n)) => char::from(b'0' + n),
            _ => '0',
        })
        .collect();
    let mut found = Match::one(at, end, text, "R-NUM-7");
    found.doubt(FlagKind::Number, at..end, "A row of single figures; it is not clear what it is.");
    Some(found)
}
