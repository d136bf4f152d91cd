//! R-ORD: first to ninth in words, 10th and up in figures.
//!
//! Not for: days of months, which are dates.
//!
//! Invariant: "twenty second" is a duration where something follows that lasts.

use super::grammar;
use super::quantity::closes_up;
use super::value::{ordinal_figures, ordinal_in_words};
use super::view::{Match, View};

/// What lasts seconds: "a twenty second pause".
const LASTS: &[&str] = &[
    "pause",
    "pauses",
    "delay",
    "interval",
    "episode",
    "episodes",
    "run",
    "burst",
    "hold",
    "apnea",
    "apneic",
    "seizure",
    "spell",
    "asystole",
    "asystolic",
    "test",
    "intervals",
    "rest",
];

/// Before "the ninth" of a month that is not named.
const WEEKDAYS: &[&str] =
    &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

pub fn ordinal(v: &View<'_>, at: usize) -> Option<Match> {
    if !v.is_number(at) || !v.is_free_before(at) {
        return None;
    }
    let (n, end) = grammar::ordinal(v, at)?;
    if closes_up(v, end) || n == 0 {
        return None;
    }
    if n % 10 == 2 && v.low(end - 1) == "second" && v.is(end, LASTS) {
        return Some(Match::one(at, end, format!("{}-second", n - 2), "R-UNIT-5"));
    }
    if v.was(at, 1, &["the"]) && v.was(at, 2, WEEKDAYS) && n < 32 {
        return Some(Match::one(at, end, ordinal_figures(n), "R-ORD"));
    }
    let text = if n < 10 || n < 100 && v.begins_sentence(at) {
        if v.digits(at).is_none() && n < 10 {
            return None;
        }
        ordinal_in_words(n)?
    } else {
        ordinal_figures(n)
    };
    Some(Match::one(at, end, text, "R-ORD"))
}
