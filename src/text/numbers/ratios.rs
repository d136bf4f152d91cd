//! Ratios: titers, dilutions, specific gravity, and vision said as "twenty forty".
//!
//! Not for: ranges and quotients of two amounts (`ranges`).
//!
//! Invariant: both numbers of a ratio were said, but for the 1 of a specific gravity.

use super::amounts;
use super::quantity;
use super::ranges::ACUITY;
use super::value::Commas;
use super::view::{Match, View};
use super::words::Lex;

const DILUTED: &[&str] = &[
    "titer",
    "titers",
    "dilution",
    "dilutions",
    "diluted",
    "epinephrine",
    "epi",
    "ana",
    "rpr",
    "vdrl",
    "ratio",
    "adrenaline",
    "i:e",
    "antibody",
];

/// R-RATIO: "1:160", "1:100,000", and "20/20" of vision.
pub fn ratio(v: &View<'_>, at: usize) -> Option<Match> {
    acuity(v, at).or_else(|| gravity(v, at)).or_else(|| dilution(v, at))
}

fn dilution(v: &View<'_>, at: usize) -> Option<Match> {
    let one = matches!(v.lex(at), Some(Lex::Digit(1)))
        || v.digits(at).is_some_and(|d| d.whole == 1 && d.decimals == 0);
    let colon = v.low(at + 1) == ":" && v.is_number(at + 2);
    let joined = ["to", ":", "in", "-"];
    if !one || !v.is_free_before(at) || !v.is(at + 1, &joined) {
        return None;
    }
    if !colon && !v.near_before(at, 6, DILUTED) && !v.is(at + 3, &["dilution"]) {
        return None;
    }
    let below = amounts::amount(v, at + 2)?;
    if !below.number.is_whole() || below.number.whole < 2 || below.unit.is_some() {
        return None;
    }
    if quantity::closes_up(v, below.end) {
        return None;
    }
    let text = format!("1:{}", below.number.figures(Commas::Five));
    Some(Match::one(at, below.end, text, "R-RATIO"))
}

/// "vision twenty twenty", "acuity twenty forty".
fn acuity(v: &View<'_>, at: usize) -> Option<Match> {
    let near = v.near_before(at, 20, ACUITY);
    let run = v.digits(at).filter(|d| d.width == 4 && d.decimals == 0 && d.whole / 100 == 20);
    if let Some(run) = run.filter(|_| near && v.near_after(at + 1, 4, &["eye", "eyes"])) {
        let text = format!("20/{}", run.whole % 100);
        return (run.whole % 100 >= 10).then(|| Match::one(at, at + 1, text, "R-RATIO"));
    }
    let twenty = matches!(v.lex(at), Some(Lex::Tens(20)));
    if !twenty || !near || v.was(at, 1, &["in", "since", "of", "until", "from", "year"]) {
        return None;
    }
    let ((first, second), end) = super::grammar::pair(v, at)?;
    (first == 20).then(|| Match::one(at, end, format!("20/{second}"), "R-RATIO"))
}

/// R-LAB: a specific gravity is always 1.0xx.
fn gravity(v: &View<'_>, at: usize) -> Option<Match> {
    if !v.is_number(at) || !v.near_before(at, 4, &["gravity"]) {
        return None;
    }
    if let Some(((10, rest), end)) = super::grammar::pair(v, at) {
        return Some(Match::one(at, end, format!("1.{rest:03}"), "R-LAB"));
    }
    let apart = |place: usize, whole: fn(u64) -> bool| {
        v.digits(place).is_some_and(|d| d.width == 2 && whole(d.whole))
    };
    if apart(at, |n| n == 10) && apart(at + 1, |n| n < 50) && !v.glued(at + 1) {
        let rest = v.digits(at + 1).map_or(0, |d| d.whole);
        return Some(Match::one(at, at + 2, format!("1.{rest:03}"), "R-LAB"));
    }
    let (number, end) = super::grammar::cardinal(v, at)?;
    let thousandths = number.is_whole() && (1000..1100).contains(&number.whole);
    thousandths.then(|| Match::one(at, end, format!("1.{:03}", number.whole - 1000), "R-LAB"))
}
