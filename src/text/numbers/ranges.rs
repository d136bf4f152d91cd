//! Two or more numbers that belong together: blood pressures, scores, products, ranges.
//!
//! Not for: dates, times and ratios, which have their own frames and come before.
//!
//! Invariant: "over", "by" and "to" are joined to numbers only where both sides are numbers and
//! the words around allow it; otherwise they stay words.

use super::amounts::{self, Amount};
use super::context::{self, Before};
use super::quantity;
use super::value::Commas;
use super::view::{Match, View};
use super::words::Lex;
use crate::domain::flag::FlagKind;
use crate::text::units::{self, Class};

pub fn compound(v: &View<'_>, first: &Amount) -> Option<Match> {
    quotient(v, first).or_else(|| product(v, first)).or_else(|| range(v, first))
}

/// R-VIT, R-SCALE: "120/80", "5/5", "7/10", "20/40".
fn quotient(v: &View<'_>, first: &Amount) -> Option<Match> {
    if first.unit.is_some() || first.lone || first.part.is_some() {
        return fraction_score(v, first);
    }
    let minus = v.is(first.end, &["minus"]);
    let link = first.end + usize::from(minus);
    let of = v.reads(link, &["out", "of"]);
    let slash = v.is(link, &["/"]);
    if !of && !slash && !v.is(link, &["over"]) {
        return None;
    }
    let second_at = link + if of { 2 } else { 1 };
    if !v.is_number(second_at) {
        return None;
    }
    let mut second = amounts::amount(v, second_at)?;
    let strengths = is_pair_of_strengths(v, first, &second);
    if !(second.number.is_whole() || strengths)
        || second.part.is_some()
        || second.number.scale.is_some()
    {
        return None;
    }
    split_row(v, &mut second);
    let graded = (first.plus || minus) && second.number.whole == 5;
    let (high, low) = (first.number.as_f64(), second.number.as_f64());
    let pressure = is_pressure(high, low) && first.number.is_whole();
    let told = slash || graded || strengths || reads_as_quotient(v, first, &second, of, pressure);
    if !told || minus && !graded {
        return None;
    }
    if slash && v.is(second.number_end, &["/"]) || quantity::closes_up(v, second.end) {
        return None;
    }
    let text = format!(
        "{}{}/{}{}",
        first.number.figures(Commas::Never),
        match (first.plus, minus) {
            (true, _) => "+",
            (_, true) => "-",
            _ => "",
        },
        second.number.figures(Commas::Never),
        if second.plus { "+" } else { "" },
    );
    let rule = if pressure && !of { "R-VIT" } else { "R-SCALE" };
    let mut found = Match::one(first.from, second.number_end, text, rule);
    if let Some(unit) = &second.unit
        && (unit.unit.short == "mmHg" || slash)
    {
        found.keep_unit(second.number_end..second.end, unit);
        found.end = second.end;
    }
    implausible_pressure(v, first, &second, &mut found);
    Some(found)
}

/// "budesonide formoterol 160 over 4.5": the strengths of a medicine of two.
fn is_pair_of_strengths(v: &View<'_>, first: &Amount, second: &Amount) -> bool {
    let over = v.is(first.end, &["over"]) && second.unit.is_none();
    over && quantity::follows_drug(v, first.from)
}

/// "1/2" was read as a fraction; within a score it is one.
fn fraction_score(v: &View<'_>, first: &Amount) -> Option<Match> {
    let scored = context::before(v, first.from) == Some(Before::Score);
    if !first.lone || !scored || v.digits(first.from).is_none() {
        return None;
    }
    let mut found = Match::new(first.end);
    found.keep(v, first.from..first.end);
    Some(found)
}

impl Match {
    fn keep_unit(&mut self, atoms: std::ops::Range<usize>, unit: &units::Heard) {
        self.push(atoms, unit.written.as_str(), "R-UNIT-1");
    }
}

/// Readings in a row: in "over eighty one thirty over seventy" the one belongs to the next.
fn split_row(v: &View<'_>, second: &mut Amount) {
    let last = second.number_end.wrapping_sub(1);
    let ends_in_digit = matches!(v.lex(last), Some(Lex::Digit(1..=9)));
    let goes_on = matches!(v.lex(second.number_end), Some(Lex::Teen(_) | Lex::Tens(_)));
    if !ends_in_digit || !goes_on || second.unit.is_some() || last <= second.from {
        return;
    }
    let Some(next) = amounts::amount(v, last) else {
        return;
    };
    if v.is(next.end, &["over", "/"]) && !second.number.whole.is_multiple_of(10) {
        second.number.whole -= second.number.whole % 10;
        second.number_end = last;
        second.end = last;
    }
}

/// Systolic over diastolic, in mmHg, as far as the living have them.
fn is_pressure(high: f64, low: f64) -> bool {
    (40.0..=320.0).contains(&high) && (10.0..=220.0).contains(&low) && high > low
}

pub(super) const ACUITY: &[&str] = &[
    "acuity",
    "vision",
    "visual",
    "snellen",
    "od",
    "os",
    "ou",
    "eye",
    "eyes",
    "correctable",
    "corrected",
    "uncorrected",
];

const SCORED: &[&str] = &[
    "strength",
    "pain",
    "murmur",
    "power",
    "motor",
    "score",
    "scores",
    "scored",
    "scale",
    "moca",
    "mmse",
    "mini",
    "reflexes",
    "pulses",
    "grade",
    "graded",
    "rated",
    "rates",
    "rating",
    "severity",
    "intensity",
    "apgar",
    "apgars",
    "gcs",
    "coma",
    "gleason",
    "phq",
    "muscle",
    "flexors",
    "extensors",
    "quadriceps",
    "hamstrings",
    "biceps",
    "triceps",
    "deltoid",
    "grip",
    "extremities",
    "systolic",
];

/// How far a score may stand from its name: "strength is 5/5 on the right and 4/5 ...".
const SCORE_REACH: usize = 20;

fn reads_as_quotient(
    v: &View<'_>,
    first: &Amount,
    second: &Amount,
    of: bool,
    pressure: bool,
) -> bool {
    let (high, low) = (first.number.as_f64(), second.number.as_f64());
    let measured = second.unit.as_ref().is_some_and(|unit| {
        !matches!(unit.unit.short, "mmHg") && !matches!(unit.unit.class, Class::Percent)
    });
    if measured || second.unit.as_ref().is_some_and(|unit| unit.unit.class == Class::Percent) {
        return false;
    }
    let scored =
        v.near_before(first.from, SCORE_REACH, SCORED) || v.near_after(second.end, 3, SCORED);
    if of {
        let total = [4.0, 5.0, 6.0, 10.0, 15.0, 27.0, 30.0, 100.0].contains(&low);
        let counted =
            v.is_word(second.end) && !v.is(second.end, AFTER_SCORE) && !v.ends(second.end);
        return high <= low && (scored || total && !counted && low >= 10.0);
    }
    if pressure || scored && high <= low {
        return true;
    }
    let acuity = (high - 20.0).abs() < 0.1 && low >= 10.0;
    let vital = v.near_before(first.from, 8, &["pressure", "pressures", "bp", "reading"]);
    acuity || vital || v.near_before(first.from, 8, ACUITY)
}

/// Words after a score that is complete: "a 2 out of 10 at rest".
const AFTER_SCORE: &[&str] = &[
    "in",
    "on",
    "at",
    "and",
    "with",
    "today",
    "now",
    "but",
    "when",
    "while",
    "after",
    "before",
    "is",
    "was",
    "for",
    "to",
    "or",
    "currently",
    "throughout",
    "bilaterally",
    "by",
    "without",
    "during",
    "that",
    "which",
    "pain",
    "in",
    "severity",
    "intensity",
    "as",
    "right",
    "left",
    "despite",
    "scale",
    "since",
    "from",
    "upon",
    "where",
    "then",
    "this",
    "she",
    "he",
    "the",
    "worse",
    "better",
    "over",
];

fn implausible_pressure(v: &View<'_>, first: &Amount, second: &Amount, found: &mut Match) {
    let vital = v.near_before(first.from, 5, &["pressure", "pressures", "bp"]);
    let (high, low) = (first.number.as_f64(), second.number.as_f64());
    if vital && !is_pressure(high, low) {
        found.doubt(
            FlagKind::Number,
            first.from..second.end,
            "This is no blood pressure; listen to it.",
        );
    }
}

/// R-DIM: "3 x 4 cm".
fn product(v: &View<'_>, first: &Amount) -> Option<Match> {
    let mut amounts = vec![first.clone()];
    let mut sign = false;
    while amounts.len() < PRODUCT_MAX {
        let end = amounts.last().map_or(first.end, |last| last.end);
        if !v.is(end, &["by", "x", "*"]) {
            break;
        }
        let Some(next) = amounts::amount(v, end + 1).filter(|next| !next.lone) else {
            break;
        };
        if !v.is_number(end + 1) && !v.is(end + 1, &["point"]) {
            break;
        }
        sign |= !v.is(end, &["by"]);
        amounts.push(next);
    }
    let last = amounts.last()?;
    let length = |amount: &Amount| {
        amount.unit.as_ref().is_some_and(|unit| {
            unit.unit.class == Class::Length || matches!(unit.unit.one, "inch" | "foot")
        })
    };
    let sized = length(last) || sign || v.is(last.end, &["gauze", "gauzes", "pad", "pads"]);
    if amounts.len() < 2 || !sized || amounts.iter().any(|amount| amount.plus) {
        return None;
    }
    if quantity::closes_up(v, last.end) {
        return None;
    }
    let mut found = Match::new(last.end);
    for (place, amount) in amounts.iter().enumerate() {
        if place > 0 {
            found.push(amount.from - 1..amount.from, "x", "R-DIM");
        }
        quantity::write_figure(v, amount, &mut found);
    }
    Some(found)
}

/// The most numbers of a product.
const PRODUCT_MAX: usize = 4;

/// R-RNG: "2-3 times", "3.5 to 4.5", "55% to 60%".
fn range(v: &View<'_>, first: &Amount) -> Option<Match> {
    let hyphen = v.low(first.end) == "-" && v.glued(first.end) && v.glued(first.end + 1);
    let and = v.low(first.end) == "and" && v.was(first.from, 1, &["between"]);
    let to = v.is(first.end, &["to"]);
    let other = v.is(first.end, &["or", "through", "versus"]);
    if !hyphen && !and && !to && !other || first.lone {
        return None;
    }
    let second_at = first.end + 1;
    if !v.is_number(second_at) && !v.is(second_at, &["point"]) {
        return None;
    }
    let mut first = first.clone();
    let second = amounts::amount(v, second_at).filter(|second| !second.lone)?;
    let of = v.reads(second.end, &["out", "of"]);
    if to && (of || v.is(second.end, &["over", "/"])) && first.unit.is_none() {
        let scored = quotient(v, &second)?;
        let mut found = Match::new(scored.end);
        quantity::write_figure(v, &first, &mut found);
        found.keep(v, second_at - 1..second_at);
        found.pieces.extend(scored.pieces);
        found.doubts = scored.doubts;
        return Some(found);
    }
    if of || quantity::closes_up(v, second.end) || v.is(second.end, &["over", "/", ":"]) {
        return None;
    }
    if hyphen && (first.unit.is_some() || !ascends(&first, &second)) {
        return None;
    }
    borrow(&mut first, &second);
    let words = quantity::in_words_here(v, &first) && second.number.is_whole();
    let figures = quantity::needs_figure(v, &first) || quantity::needs_figure(v, &second);
    if !figures && !words {
        return None;
    }
    let closed = (hyphen || to) && is_closed(v, &first, &second);
    let large = first.number.whole >= 1000 || second.number.whole >= 1000;
    if hyphen && !closed && (large || context::is_change(v, first.from)) {
        return None;
    }
    let mut found = Match::new(second.end);
    if words && second.part.is_none() && !second.plus {
        write_words(v, &first, &second, &mut found);
    } else if closed {
        write_closed(v, &first, &second, &mut found);
    } else {
        quantity::write_figure(v, &first, &mut found);
        if hyphen {
            found.push(second_at - 1..second_at, "to", "R-RNG");
        } else {
            found.keep(v, second_at - 1..second_at);
        }
        quantity::write_figure(v, &second, &mut found);
    }
    Some(found)
}

/// What is said once for both: a percent sign, a plus.
fn borrow(first: &mut Amount, second: &Amount) {
    let percent = second.unit.as_ref().filter(|unit| unit.unit.class == Class::Percent);
    if first.unit.is_none()
        && first.part.is_none()
        && let Some(unit) = percent
    {
        first.unit = Some(unit.clone());
    }
}

fn ascends(first: &Amount, second: &Amount) -> bool {
    first.number.as_f64() < second.number.as_f64()
}

/// The five conditions of R-RNG.
fn is_closed(v: &View<'_>, first: &Amount, second: &Amount) -> bool {
    let plain = |amount: &Amount| {
        let symbol = amount.unit.as_ref().is_some_and(|unit| unit.unit.class == Class::Percent);
        amount.number.is_whole()
            && amount.part.is_none()
            && amount.number.whole < 1000
            && !amount.plus
            && amount.sign.is_empty()
            && !symbol
    };
    v.request.profile.range_hyphen
        && plain(first)
        && plain(second)
        && first.unit.is_none()
        && ascends(first, second)
        && !v.near_before(first.from, 1, &["from", "between", "/"])
        && !context::is_change(v, first.from)
        && !v.near_before(first.from, 3, &["from"])
        && !v.is(second.number_end, &["degrees", "degree", "°"])
}

fn write_closed(v: &View<'_>, first: &Amount, second: &Amount, found: &mut Match) {
    let text = quantity::figure(v, first).0;
    let mut whole = second.clone();
    whole.from = first.from;
    let before = found.pieces.len();
    quantity::write_figure(v, &whole, found);
    if let Some(piece) = found.pieces.get_mut(before) {
        piece.text = format!("{text}-{}", piece.text);
        piece.rule = "R-RNG";
    }
}

fn write_words(v: &View<'_>, first: &Amount, second: &Amount, found: &mut Match) {
    quantity::write_words(v, first, found);
    found.push(second.from - 1..second.from, "to", "R-RNG");
    quantity::write_words(v, second, found);
}
