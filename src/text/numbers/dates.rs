//! R-DATE: dates, years and decades.
//!
//! Not for: times of day (`times`) and ages (`quantity`).
//!
//! Invariant: a day, a month and a year are written as said; a year of two figures stays so and
//! is doubted.

use super::grammar;
use super::quantity::closes_up;
use super::view::{Match, View};
use super::words::Lex;
use crate::domain::flag::FlagKind;
use crate::text::units;

const MONTHS: [(&str, &str); 12] = [
    ("january", "January"),
    ("february", "February"),
    ("march", "March"),
    ("april", "April"),
    ("may", "May"),
    ("june", "June"),
    ("july", "July"),
    ("august", "August"),
    ("september", "September"),
    ("october", "October"),
    ("november", "November"),
    ("december", "December"),
];

pub fn date(v: &View<'_>, at: usize) -> Option<Match> {
    if v.is_word(at) {
        return month(v, at);
    }
    if !v.is_number(at) || !v.is_free_before(at) {
        return None;
    }
    numeric(v, at).or_else(|| run_together(v, at)).or_else(|| decade(v, at)).or_else(|| year(v, at))
}

/// "march third twenty twenty four", "June 2022", "July 14th".
fn month(v: &View<'_>, at: usize) -> Option<Match> {
    let low = v.low(at);
    let (_, name) = MONTHS.iter().find(|(month, _)| *month == low)?;
    let doubtful = matches!(low, "may" | "march" | "august");
    let mut found = Match::new(at + 1);
    found.push(at..at + 1, *name, "R-DATE-1");
    let of = if v.is(at + 1, &["of"]) { 1 } else { 0 };
    if let Some((year, end)) = grammar::year(v, at + 1 + of) {
        found.keep(v, at + 1..at + 1 + of);
        found.push(at + 1 + of..end, year.to_string(), "R-DATE-1");
        found.end = end;
        return (!closes_up(v, end)).then_some(found);
    }
    let the = if v.is(at + 1, &["the"]) { 1 } else { 0 };
    let Some((day, end)) = day(v, at + 1 + the) else {
        let named = !doubtful || v.was(at, 1, &["of", "in", "last", "next", "since", "until"]);
        return (named && v.raw(at) != *name).then_some(found);
    };
    let by_ordinal = grammar::ordinal(v, at + 1 + the).is_some();
    let comma = usize::from(v.is(end, &[","]));
    let year = year_of(v, end + comma).filter(|(_, end)| !closes_up(v, *end));
    let alone =
        v.ends(end) || v.is(end, &["through", "to", "and", "or", "at", "with", "for", "by"]);
    if low == "may" && !by_ordinal && year.is_none() && !(alone && v.raw(at) == "May") {
        return None;
    }
    if units::heard(v, end).is_some() || closes_up(v, end) {
        return None;
    }
    found.push(at + 1..end, day.to_string(), "R-DATE-1");
    found.end = end;
    if let Some((year, year_end)) = year {
        found.push_mark(end + comma - 1..end + comma, ",", "R-DATE-1");
        found.push(end + comma..year_end, year.to_string(), "R-DATE-1");
        found.end = year_end;
    } else {
        until(v, &mut found);
    }
    Some(found)
}

/// A year, also where it was heard as two figures: "March 3, 20 26".
fn year_of(v: &View<'_>, at: usize) -> Option<(u64, usize)> {
    grammar::year(v, at).or_else(|| {
        let (first, second) = (v.digits(at)?, v.digits(at + 1)?);
        let apart = first.width == 2 && second.width == 2 && !v.glued(at + 1);
        let century = first.decimals == 0 && matches!(first.whole, 19 | 20);
        (apart && century && second.decimals == 0)
            .then_some((first.whole * 100 + second.whole, at + 2))
    })
}

/// "through fifth" after "march third".
fn until(v: &View<'_>, found: &mut Match) {
    let at = found.end;
    if !v.is(at, &["through", "to"]) {
        return;
    }
    if let Some((day, end)) = grammar::ordinal(v, at + 1).filter(|(day, _)| *day <= 31) {
        found.keep(v, at..at + 1);
        found.push(at + 1..end, day.to_string(), "R-DATE-1");
        found.end = end;
    }
}

fn day(v: &View<'_>, at: usize) -> Option<(u64, usize)> {
    let fits = |(day, _): &(u64, usize)| (1..=31).contains(day);
    grammar::ordinal(v, at).or_else(|| grammar::two_digits(v, at)).filter(fits)
}

/// One part of a numeric date: "oh three", "14", "3".
fn part(v: &View<'_>, at: usize) -> Option<(u64, usize)> {
    if matches!(v.lex(at), Some(Lex::Oh | Lex::Digit(0)))
        && let Some(Lex::Digit(n)) = v.lex(at + 1)
    {
        return Some((u64::from(n), at + 2));
    }
    grammar::two_digits(v, at)
}

/// "oh three slash fourteen slash twenty twenty five", "3/14/25".
fn numeric(v: &View<'_>, at: usize) -> Option<Match> {
    let slash = |place: usize| v.is(place, &["/", "slash"]);
    let (month, end) = part(v, at)?;
    let day_at = slash(end).then_some(end + 1)?;
    let (day, end) = part(v, day_at)?;
    let year_at = slash(end).then_some(end + 1)?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let full = grammar::year(v, year_at);
    let (year, end) = match full {
        Some((year, end)) => (year.to_string(), end),
        None => part(v, year_at).map(|(year, end)| (format!("{year:02}"), end))?,
    };
    if closes_up(v, end) {
        return None;
    }
    let mut found = Match::one(at, end, format!("{month:02}/{day:02}/{year}"), "R-DATE-1");
    if full.is_none() {
        found.doubt(FlagKind::Number, at..end, "The year has two figures only.");
    }
    Some(found)
}

/// "date of birth three fourteen nineteen sixty".
fn run_together(v: &View<'_>, at: usize) -> Option<Match> {
    if !v.near_before(at, 5, &["date", "dob", "born"]) || v.digits(at).is_some() {
        return None;
    }
    let (month, day_at) = part(v, at)?;
    let (day, year_at) = part(v, day_at)?;
    let (year, end) = grammar::year(v, year_at)?;
    ((1..=12).contains(&month) && (1..=31).contains(&day))
        .then(|| Match::one(at, end, format!("{month:02}/{day:02}/{year}"), "R-DATE-1"))
}

/// "nineteen nineties", "in his fifties", "in the one forties".
fn decade(v: &View<'_>, at: usize) -> Option<Match> {
    let decade = |place: usize| match v.lex(place) {
        Some(Lex::Decade(n @ 20..=90)) => Some(u64::from(n)),
        _ => None,
    };
    let (value, end) = if let Some(tens) = decade(at) {
        let told =
            ["his", "her", "their", "mid", "early", "late", "the", "low", "high", "upper", "-"];
        if !v.was(at, 1, &told) || v.begins_sentence(at) {
            return None;
        }
        (tens, at + 1)
    } else if let (Some(Lex::Digit(hundreds @ 1..=9)), Some(tens)) = (v.lex(at), decade(at + 1)) {
        (u64::from(hundreds) * 100 + tens, at + 2)
    } else {
        let (century, next) = grammar::two_digits(v, at).filter(|(n, _)| (18..=20).contains(n))?;
        (century * 100 + decade(next)?, next + 1)
    };
    Some(Match::one(at, end, format!("{value}s"), "R-DATE-1"))
}

const BEFORE_YEAR: &[&str] = &[
    "in", "since", "of", "from", "until", "by", "year", "during", "before", "after", "around",
    "circa", "to", "through", "and", "late", "early", "mid", "spring", "about",
];

/// A year that is no part of a date: "in twenty nineteen", "nineteen ninety eight".
fn year(v: &View<'_>, at: usize) -> Option<Match> {
    let ((first, second), end) = grammar::pair(v, at)?;
    let year = first * 100 + second;
    let told = v.was(at, 1, BEFORE_YEAR) || first == 19;
    let other = units::heard(v, end).is_some() || v.near_before(at, 4, &["gravity", "acuity"]);
    (told && !other && (1900..2100).contains(&year) && (first == 19 || first == 20))
        .then(|| Match::one(at, end, year.to_string(), "R-DATE-1"))
}
