//! R-SPINE and other letters with a figure: L4-L5, C5-6, T11, V1, S1, O2, B12.
//!
//! Not for: names that need more than one letter (`names`), leads in lists (`classes`).
//!
//! Invariant: a letter and a number are closed up only where the number is small and counts
//! nothing: "vitamin C 500 mg" keeps its space.

use super::grammar;
use super::quantity::closes_up;
use super::view::{Match, View};
use super::words::Lex;
use crate::text::units;

pub fn spine(v: &View<'_>, at: usize) -> Option<Match> {
    if v.glued(at) && !v.is_free_before(at) {
        return None;
    }
    segment(v, at).or_else(|| closed_up(v, at))
}

/// The last vertebra of each part of the spine.
fn last_of(letter: char) -> Option<u64> {
    match letter {
        'c' => Some(7),
        't' => Some(12),
        'l' => Some(5),
        's' => Some(5),
        _ => None,
    }
}

fn level(v: &View<'_>, at: usize) -> Option<(char, u64, usize)> {
    let letter = v.letter(at)?;
    let last = last_of(letter)?;
    let (n, end) = number(v, at + 1)?;
    (n >= 1 && n <= last + 1).then_some((letter, n, end))
}

/// A vertebra's number: one word, so that "five six" is two of them.
fn number(v: &View<'_>, at: usize) -> Option<(u64, usize)> {
    match v.lex(at) {
        Some(Lex::Digit(n) | Lex::Teen(n)) => Some((u64::from(n), at + 1)),
        Some(_) => None,
        None => match v.digits(at) {
            Some(run) if run.width == 4 && run.decimals == 0 => Some((run.whole, at + 1)),
            _ => grammar::two_digits(v, at)
                .filter(|_| v.digits(at).is_some_and(|digits| digits.width <= 2)),
        },
    }
}

/// A segment: both letters said, or the second not.
fn segment(v: &View<'_>, at: usize) -> Option<Match> {
    let letter = v.letter(at)?;
    let last = last_of(letter)?;
    let (first, end) = number(v, at + 1)?;
    if let Some((upper, lower)) = run_together(v, at + 1, first, last) {
        let free = !closes_up(v, end);
        let text = format!("{}{upper}-{lower}", letter.to_ascii_uppercase());
        return free.then(|| Match::one(at, end, text, "R-SPINE"));
    }
    if first == 0 || first > last + 1 {
        return None;
    }
    let hyphen = v.is(end, &["-"]) && v.glued(end) && v.glued(end + 1);
    let slash = v.is(end, &["/"]);
    let next = if hyphen || slash { end + 1 } else { end };
    if let Some((second_letter, second, second_end)) = level(v, next) {
        let below = second_letter == letter && second > first
            || is_junction(letter, first, second_letter, second);
        if !below || closes_up(v, second_end) || second > last_of(second_letter)? + 1 {
            return None;
        }
        let text = format!(
            "{}{first}-{}{second}",
            letter.to_ascii_uppercase(),
            second_letter.to_ascii_uppercase()
        );
        return Some(Match::one(at, second_end, text, "R-SPINE"));
    }
    let (second, second_end) = number(v, next)?;
    let free = !closes_up(v, second_end) && units::heard(v, second_end).is_none();
    let follows = second == first + 1 && second <= last + 1;
    (follows && free).then(|| {
        let text = format!("{}{first}-{second}", letter.to_ascii_uppercase());
        Match::one(at, second_end, text, "R-SPINE")
    })
}

/// "C56", as recognisers write C5-6: no vertebra has such a number.
fn run_together(v: &View<'_>, at: usize, n: u64, last: u64) -> Option<(u64, u64)> {
    let four = v.digits(at).is_some_and(|d| d.width == 4) && n / 100 >= 10;
    if four && n % 100 == n / 100 + 1 && n % 100 <= last {
        return Some((n / 100, n % 100));
    }
    let (upper, lower) = (n / 10, n % 10);
    let two = v.digits(at).is_some_and(|d| d.width == 2) && n > last.max(12);
    (two && lower == upper + 1 && upper <= last).then_some((upper, lower))
}

fn is_junction(letter: char, first: u64, second_letter: char, second: u64) -> bool {
    let next = match letter {
        'c' => 't',
        't' => 'l',
        'l' => 's',
        _ => return false,
    };
    last_of(letter).is_some_and(|last| first + 1 >= last) && second_letter == next && second == 1
}

/// Letters that are closed up with a number after them.
const CLOSED: [char; 11] = ['c', 't', 'l', 's', 'v', 'b', 'o', 'h', 'p', 'k', 'd'];

/// Words before a letter that is a name of its own: "vitamin C", "hepatitis B".
const NAMED_LETTER: [&str; 8] =
    ["vitamin", "vitamins", "hepatitis", "hep", "group", "plan", "influenza", "part"];

fn closed_up(v: &View<'_>, at: usize) -> Option<Match> {
    let letter = v.letter(at).filter(|letter| CLOSED.contains(letter))?;
    let (n, end) = number(v, at + 1)?;
    if letter == 'd' && matches!(n, 5 | 10) && v.letter(end) == Some('w') {
        return Some(Match::one(at, end + 1, format!("D{n}W"), "R-CAP"));
    }
    if letter == 'v'
        && v.low(end) == "-"
        && v.letter(end + 1) == Some('v')
        && let Some((last, behind)) = number(v, end + 2)
    {
        return Some(Match::one(at, behind, format!("V{n}-V{last}"), "R-EKG"));
    }
    if closes_up(v, end) || units::heard(v, end).is_some() || v.is(end, &["point", "hundred"]) {
        return None;
    }
    let vitamin = v.was(at, 1, &["vitamin", "vitamins"]) && matches!(letter, 'b' | 'd' | 'k');
    if v.was(at, 1, &NAMED_LETTER) && !(vitamin && matches!(n, 1 | 2 | 3 | 6 | 12)) {
        return None;
    }
    let fits = match letter {
        'b' => matches!(n, 1 | 2 | 3 | 6 | 7 | 12),
        'o' => n == 2,
        'h' => n == 1 || n == 2,
        'p' => n == 1 || n == 2,
        'k' | 'd' => v.glued(at + 1) || vitamin || letter == 'd' && matches!(n, 5 | 10),
        'v' => (1..=9).contains(&n),
        's' => (1..=5).contains(&n),
        _ => last_of(letter).is_some_and(|last| (1..=last + 1).contains(&n)),
    };
    if matches!(v.lex(end), Some(Lex::Hundred | Lex::Thousand | Lex::Million)) {
        return None;
    }
    let free = v.was(at, 1, &["free", "total"]) && letter == 't' && matches!(n, 3 | 4);
    let vitamin = vitamin || free || letter == 'b' && n == 12;
    let more = v.lex(end).is_some_and(|lex| !matches!(lex, Lex::Part(_)));
    if !fits || more && !v.glued(at + 1) && letter != 'o' && !vitamin {
        return None;
    }
    if letter == 'h' && v.letter(end) == Some('n') {
        let (second, last) = number(v, end + 1)?;
        let text = format!("H{n}N{second}");
        return (!closes_up(v, last)).then(|| Match::one(at, last, text, "R-GEN"));
    }
    let rule = match letter {
        'v' => "R-EKG",
        'o' | 'b' | 'h' | 'k' | 'd' => "R-LAB",
        _ => "R-SPINE",
    };
    Some(Match::one(at, end, format!("{}{n}", letter.to_ascii_uppercase()), rule))
}
