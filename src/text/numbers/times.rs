//! R-TIME: times of day and positions of the clock.
//!
//! Not for: durations (`quantity`).
//!
//! Invariant: an hour without "a.m.", "hours" or another word of time is no time.

use super::grammar;
use super::view::{Match, View};
use super::words::Lex;

pub fn time(v: &View<'_>, at: usize) -> Option<Match> {
    if !v.is_number(at) || !v.is_free_before(at) {
        return None;
    }
    military(v, at).or_else(|| clock(v, at)).or_else(|| half_day(v, at)).or_else(|| told(v, at))
}

/// "two o'clock".
fn clock(v: &View<'_>, at: usize) -> Option<Match> {
    let (hour, end) = hour(v, at)?;
    let apart = v.is(end, &["o"]) && v.is(end + 1, &["clock"]);
    if !apart && !v.is(end, &["o'clock"]) {
        return None;
    }
    let last = if apart { end + 2 } else { end + 1 };
    let mut found = Match::new(last);
    found.push(at..end, hour.to_string(), "R-TIME");
    found.push(end..last, "o'clock", "R-TIME");
    Some(found)
}

fn hour(v: &View<'_>, at: usize) -> Option<(u64, usize)> {
    match v.lex(at) {
        Some(Lex::Digit(n @ 1..=9)) => Some((u64::from(n), at + 1)),
        Some(Lex::Teen(n @ 10..=12)) => Some((u64::from(n), at + 1)),
        Some(_) => None,
        None => grammar::two_digits(v, at).filter(|(hour, _)| (1..=12).contains(hour)),
    }
}

fn minute(v: &View<'_>, at: usize) -> Option<(u64, usize)> {
    match v.lex(at) {
        Some(Lex::Oh | Lex::Digit(0)) => match v.lex(at + 1) {
            Some(Lex::Digit(one)) => Some((u64::from(one), at + 2)),
            Some(Lex::Oh) => Some((0, at + 2)),
            _ => None,
        },
        Some(Lex::Teen(_) | Lex::Tens(_)) => grammar::two_digits(v, at).filter(|(m, _)| *m < 60),
        _ => {
            let colon = usize::from(v.low(at) == ":");
            let two = v.digits(at + colon).is_some_and(|d| d.width == 2 && d.whole < 60);
            let minute = grammar::two_digits(v, at + colon).filter(|_| two);
            minute.filter(|_| v.digits(at).is_some() || colon == 1)
        }
    }
}

/// "eight thirty a m", "7 PM".
fn half_day(v: &View<'_>, at: usize) -> Option<Match> {
    if let Some(found) = run_together(v, at) {
        return Some(found);
    }
    let (hour, after_hour) = hour(v, at)?;
    let minute = minute(v, after_hour);
    let end = minute.map_or(after_hour, |(_, end)| end);
    let (written, last) = meridiem(v, end)?;
    let text = match minute {
        Some((minute, _)) => format!("{hour}:{minute:02}"),
        None => hour.to_string(),
    };
    let mut found = Match::new(last);
    found.push(at..end, text, "R-TIME");
    found.push(end..last, written, "R-TIME");
    Some(crate::text::abbreviations::without_second_stop(v, found))
}

/// "830 AM".
fn run_together(v: &View<'_>, at: usize) -> Option<Match> {
    let run = v.digits(at).filter(|d| (3..=4).contains(&d.width) && d.decimals == 0 && !d.comma)?;
    let (hour, minute) = (run.whole / 100, run.whole % 100);
    let (written, last) = meridiem(v, at + 1)?;
    if !(1..=12).contains(&hour) || minute > 59 {
        return None;
    }
    let mut found = Match::new(last);
    found.push(at..at + 1, format!("{hour}:{minute:02}"), "R-TIME");
    found.push(at + 1..last, written, "R-TIME");
    Some(crate::text::abbreviations::without_second_stop(v, found))
}

fn meridiem(v: &View<'_>, at: usize) -> Option<(&'static str, usize)> {
    for (first, joined, written) in [("a", "am", "a.m."), ("p", "pm", "p.m.")] {
        if v.low(at) == joined {
            return Some((written, at + 1));
        }
        if v.low(at) == first && v.low(at + 1) == "m" {
            return Some((written, at + 2));
        }
    }
    None
}

/// "fourteen thirty hours", "oh eight hundred hours".
fn military(v: &View<'_>, at: usize) -> Option<Match> {
    let zero = matches!(v.lex(at), Some(Lex::Oh | Lex::Digit(0)));
    let (hour, next) = if zero {
        match v.lex(at + 1) {
            Some(Lex::Digit(hour)) => (u64::from(hour), at + 2),
            Some(Lex::Oh) => (0, at + 2),
            _ => return None,
        }
    } else {
        match v.lex(at) {
            Some(Lex::Teen(_) | Lex::Tens(_)) => grammar::two_digits(v, at)?,
            None if v.digits(at).is_some_and(|hour| hour.width == 2) => grammar::two_digits(v, at)?,
            _ => return None,
        }
    };
    let (minute, end) = match v.lex(next) {
        Some(Lex::Hundred) => (0, next + 1),
        Some(Lex::Digit(_)) if !zero => return None,
        _ => minute(v, next)?,
    };
    let told = v.is(end, &["hours"]) || zero && v.was(at, 1, &["at"]);
    (told && hour < 24).then(|| Match::one(at, end, format!("{hour:02}{minute:02}"), "R-TIME"))
}

/// "at eight thirty this morning".
fn told(v: &View<'_>, at: usize) -> Option<Match> {
    let after = ["this", "today", "tonight", "yesterday", "tomorrow", "in"];
    if !v.was(at, 1, &["at", "around", "by", "about", "until", "since"]) || v.lex(at).is_none() {
        return None;
    }
    let (hour, next) = hour(v, at)?;
    let (minute, end) = minute(v, next)?;
    let day = v.is(end, &after) && (v.low(end) != "in" || v.low(end + 1) == "the");
    let part = ["morning", "afternoon", "evening", "today", "tonight", "yesterday", "tomorrow"];
    (day && v.near_after(end, 3, &part))
        .then(|| Match::one(at, end, format!("{hour}:{minute:02}"), "R-TIME"))
}
