//! Reading numbers: words, figures and mixtures of both to their values.
//!
//! Not for: writing them, or what they count; the frames do that.
//!
//! Invariant: figures that the recogniser wrote never join with what stands before them: "two
//! 50 mg tablets" is not 250. Words that are no whole number stay unread.

use super::atoms::Digits;
use super::context;
use super::value::{How, Number};
use super::view::View;
use super::words::Lex;

/// A number and the place after it.
pub type Read<T> = Option<(T, usize)>;

/// Words that are counted, so that a digit before them is not the end of a longer number:
/// "one hundred two times a day".
const COUNTED: &[&str] = &[
    "times", "tablets", "tablet", "capsules", "capsule", "puffs", "pills", "tabs", "caps", "tab",
    "drops", "sprays",
];

/// Words before "point" where it is not a decimal point.
const NO_DECIMAL_AFTER: &[&str] = &[
    "this", "that", "the", "which", "what", "some", "any", "starting", "end", "vantage",
    "pressure", "focal", "entry", "trigger",
];

/// A whole or decimal number: "one twenty", "ninety two hundred", "four point one", "250,000",
/// "50 thousand", "point five".
pub fn cardinal(v: &View<'_>, at: usize) -> Read<Number> {
    if let Some(digits) = v.digits(at) {
        return figures(v, at, digits);
    }
    if is_point(v, at) && !v.was(at, 1, NO_DECIMAL_AFTER) {
        return decimals(v, at + 1, Number::whole(0, How::Words));
    }
    let (mut number, end) = match v.lex(at) {
        Some(Lex::Oh) if is_point(v, at + 1) => (Number::whole(0, How::Words), at + 1),
        Some(_) => whole_words(v, at)?,
        None if v.is(at, &["a"]) && is_scale(v, at + 1) => scaled(v, at + 1, 1, How::Words)?,
        None => return None,
    };
    if is_point(v, end)
        && let Some((decimal, end)) = decimals(v, end + 1, number)
    {
        number = decimal;
        return Some(named_scale(v, number, end));
    }
    Some((number, end))
}

fn is_point(v: &View<'_>, at: usize) -> bool {
    v.is(at, &["point", "decimal"])
}

fn is_scale(v: &View<'_>, at: usize) -> bool {
    matches!(v.lex(at), Some(Lex::Hundred | Lex::Thousand | Lex::Million | Lex::Billion))
}

/// A glued hyphen between two number words is passed: "twenty-two".
fn hop(v: &View<'_>, at: usize) -> usize {
    let is_hyphen = v.low(at) == "-" && v.glued(at) && v.glued(at + 1);
    if is_hyphen && v.lex(at + 1).is_some() { at + 1 } else { at }
}

fn figures(v: &View<'_>, at: usize, digits: Digits) -> Read<Number> {
    if digits.width > 15 {
        return None;
    }
    let number = Number {
        whole: digits.whole,
        decimals: digits.decimals,
        fraction: digits.fraction,
        how: How::Figures,
        scale: None,
    };
    if digits.decimals == 0
        && is_point(v, at + 1)
        && let Some((decimal, end)) = decimals(v, at + 2, number)
    {
        return Some(named_scale(v, decimal, end));
    }
    if digits.decimals == 0 && digits.whole > 0 && digits.whole < 1000 && is_scale(v, at + 1) {
        return scaled(v, at + 1, digits.whole, How::Figures);
    }
    Some(named_scale(v, number, at + 1))
}

/// "2.5 million" keeps its word.
fn named_scale(v: &View<'_>, mut number: Number, end: usize) -> (Number, usize) {
    number.scale = match v.lex(end) {
        _ if number.decimals == 0 => None,
        Some(Lex::Thousand) => Some("thousand"),
        Some(Lex::Million) => Some("million"),
        Some(Lex::Billion) => Some("billion"),
        _ => None,
    };
    let end = if number.scale.is_some() { end + 1 } else { end };
    (number, end)
}

fn whole_words(v: &View<'_>, at: usize) -> Read<Number> {
    let (value, how, end) = below_thousand(v, at)?;
    let scale = hop(v, end);
    if matches!(v.lex(scale), Some(Lex::Thousand | Lex::Million | Lex::Billion)) && value > 0 {
        return scaled(v, scale, value, how);
    }
    Some((Number::whole(value, how), end))
}

/// `count` hundreds, thousands, millions, and what comes after them.
fn scaled(v: &View<'_>, at: usize, count: u64, how: How) -> Read<Number> {
    let size = match v.lex(at)? {
        Lex::Hundred => 100,
        Lex::Thousand => 1000,
        Lex::Million => 1_000_000,
        Lex::Billion => 1_000_000_000,
        _ => return None,
    };
    if size == 100 {
        let (rest, end) = after_hundred(v, at + 1);
        let value = count * 100 + rest;
        let scale = hop(v, end);
        if matches!(v.lex(scale), Some(Lex::Thousand | Lex::Million)) {
            return scaled(v, scale, value, how);
        }
        return Some((Number::whole(value, how), end));
    }
    let mut value = count.checked_mul(size)?;
    let mut end = at + 1;
    let mut least = size;
    while least > 1 {
        let Some((rest, size, next)) = smaller(v, end, least) else {
            break;
        };
        value += rest * size;
        end = next;
        least = size;
    }
    Some((Number::whole(value, how), end))
}

/// The next lower part of a number: "two hundred thousand" after millions, "nineteen" after
/// thousands.
fn smaller(v: &View<'_>, at: usize, below: u64) -> Option<(u64, u64, usize)> {
    let from = if v.is(at, &["and"]) { at + 1 } else { at };
    if let Some(digits) = v.digits(from) {
        let fits = digits.width == 3 && digits.decimals == 0 && !v.glued(from) && from == at;
        return (fits && below == 1000).then_some((digits.whole, 1, from + 1));
    }
    let (value, _, end) = below_thousand(v, from)?;
    let is_single = end == from + 1 && value < 10;
    let scale = hop(v, end);
    let (size, end) = match v.lex(scale) {
        Some(Lex::Thousand) => (1000, scale + 1),
        Some(Lex::Million) => (1_000_000, scale + 1),
        Some(Lex::Billion | Lex::Hundred) => return None,
        _ => (1, end),
    };
    let counted = is_single && (v.is(end, COUNTED) || is_part(v, end));
    (size < below && value > 0 && !counted).then_some((value, size, end))
}

fn is_part(v: &View<'_>, at: usize) -> bool {
    matches!(v.lex(at), Some(Lex::Part(_) | Lex::Ordinal(3..=20)))
}

/// 0 to 999, and the idioms: "one twenty", "one oh two", "twelve hundred", "ninety two hundred".
fn below_thousand(v: &View<'_>, at: usize) -> Option<(u64, How, usize)> {
    if let Some(Lex::Digit(digit)) = v.lex(at) {
        let digit = u64::from(digit);
        let next = hop(v, at + 1);
        return match v.lex(next) {
            Some(Lex::Hundred) if digit > 0 => {
                let (rest, end) = after_hundred(v, next + 1);
                Some((digit * 100 + rest, How::Words, end))
            }
            Some(Lex::Teen(_) | Lex::Tens(_)) if digit > 0 && next == at + 1 => {
                let (rest, end) = two_digits(v, next)?;
                Some((digit * 100 + rest, How::Idiom, end))
            }
            Some(Lex::Oh) if digit > 0 && next == at + 1 => match v.lex(next + 1) {
                Some(Lex::Digit(one)) if one > 0 && !is_run(v, next + 2) => {
                    Some((digit * 100 + u64::from(one), How::Idiom, next + 2))
                }
                _ => Some((digit, How::Words, at + 1)),
            },
            _ => Some((digit, How::Words, at + 1)),
        };
    }
    let (value, end) = two_digits(v, at)?;
    let next = hop(v, end);
    if v.lex(next) == Some(Lex::Hundred) {
        let (rest, end) = after_hundred(v, next + 1);
        return Some((value * 100 + rest, How::Words, end));
    }
    Some((value, How::Words, end))
}

/// Whether a single figure stands here, as within a string of figures.
fn is_run(v: &View<'_>, at: usize) -> bool {
    matches!(v.lex(at), Some(Lex::Digit(_) | Lex::Oh))
}

fn after_hundred(v: &View<'_>, at: usize) -> (u64, usize) {
    let with_and = v.is(at, &["and"]);
    let from = hop(v, if with_and { at + 1 } else { at });
    let Some((value, end)) = two_digits(v, from) else {
        return (0, at);
    };
    let is_single = value < 10;
    let next = hop(v, end);
    let larger =
        v.lex(next) == Some(Lex::Hundred) || with_and && v.near_before(at, 4, &["between"]);
    let counted = is_single && (v.is(end, COUNTED) || is_part(v, end));
    let idiom = is_single && matches!(v.lex(end), Some(Lex::Teen(_) | Lex::Tens(_)));
    if value == 0 || larger || counted || idiom { (0, at) } else { (value, end) }
}

/// A number below 100 in words, or in figures of one or two places.
pub fn two_digits(v: &View<'_>, at: usize) -> Read<u64> {
    if let Some(digits) = v.digits(at) {
        return (digits.decimals == 0 && digits.width <= 2 && digits.width > 0)
            .then_some((digits.whole, at + 1));
    }
    match v.lex(at)? {
        Lex::Digit(n) | Lex::Teen(n) => Some((u64::from(n), at + 1)),
        Lex::Tens(n) => {
            let next = hop(v, at + 1);
            match v.lex(next) {
                Some(Lex::Digit(one)) if one > 0 && !is_part(v, next + 1) => {
                    Some((u64::from(n + one), next + 1))
                }
                _ => Some((u64::from(n), at + 1)),
            }
        }
        _ => None,
    }
}

/// The most figures after a decimal point.
const DECIMALS_MAX: u8 = 9;

fn decimals(v: &View<'_>, at: usize, mut number: Number) -> Read<Number> {
    let mut end = at;
    while number.decimals < DECIMALS_MAX {
        let value = match (v.lex(end), v.digits(end)) {
            (Some(Lex::Oh), _) => 0,
            (Some(Lex::Digit(digit)), _) => {
                let next = v.lex(end + 1);
                let begins_another = matches!(next, Some(Lex::Teen(_) | Lex::Tens(_)));
                let is_larger = matches!(next, Some(Lex::Hundred | Lex::Thousand | Lex::Million));
                if end > at && (begins_another || is_larger) {
                    break;
                }
                u64::from(digit)
            }
            (Some(Lex::Teen(_) | Lex::Tens(_)), _) if number.fraction == 0 => {
                let (value, next) = two_digits(v, end)?;
                number.fraction = number.fraction * 100 + value;
                number.decimals += 2;
                return Some((number, next));
            }
            (_, Some(digits))
                if end == at && digits.decimals == 0 && !digits.comma && digits.width <= 6 =>
            {
                number.fraction = digits.whole;
                number.decimals = digits.width;
                return Some((number, end + 1));
            }
            _ => break,
        };
        number.fraction = number.fraction * 10 + value;
        number.decimals += 1;
        end += 1;
    }
    // The last figure is the next number's where a point follows it: "four point one two point
    // five".
    if end > at + 1 && is_point(v, end) {
        number.fraction /= 10;
        number.decimals -= 1;
        end -= 1;
    }
    (end > at).then_some((number, end))
}

/// Two pairs of figures: "twenty twenty four", "fourteen thirty", "ten oh five".
pub fn pair(v: &View<'_>, at: usize) -> Read<(u64, u64)> {
    if !matches!(v.lex(at), Some(Lex::Teen(_) | Lex::Tens(_))) {
        return None;
    }
    let (first, next) = two_digits(v, at)?;
    match v.lex(next)? {
        Lex::Oh => match v.lex(next + 1) {
            Some(Lex::Digit(one)) => Some(((first, u64::from(one)), next + 2)),
            _ => None,
        },
        Lex::Teen(_) | Lex::Tens(_) => {
            let (second, end) = two_digits(v, next)?;
            Some(((first, second), end))
        }
        _ => None,
    }
}

/// A year: "twenty twenty four", "two thousand nineteen", "nineteen hundred", "2024".
pub fn year(v: &View<'_>, at: usize) -> Read<u64> {
    let plausible = |year: u64| (1850..2150).contains(&year);
    if let Some(digits) = v.digits(at) {
        let fits = digits.width == 4 && digits.decimals == 0 && !digits.comma;
        return (fits && plausible(digits.whole)).then_some((digits.whole, at + 1));
    }
    if let Some(((first, second), end)) = pair(v, at) {
        let year = first * 100 + second;
        return plausible(year).then_some((year, end));
    }
    let (number, end) = cardinal(v, at)?;
    let fits = number.is_whole() && number.how == How::Words && end > at + 1;
    (fits && plausible(number.whole)).then_some((number.whole, end))
}

/// An ordinal: "third", "twenty first", "3rd".
pub fn ordinal(v: &View<'_>, at: usize) -> Read<u64> {
    if let Some(digits) = v.digits(at) {
        let suffixed = v.is(at + 1, &["st", "nd", "rd", "th"]) && v.glued(at + 1);
        return (suffixed && digits.decimals == 0).then_some((digits.whole, at + 2));
    }
    match v.lex(at)? {
        Lex::Ordinal(n) => Some((u64::from(n), at + 1)),
        Lex::Tens(tens) => {
            let next = hop(v, at + 1);
            match v.lex(next) {
                Some(Lex::Ordinal(one @ 1..=9)) => {
                    Some((u64::from(tens) + u64::from(one), next + 1))
                }
                _ => None,
            }
        }
        Lex::Digit(hundreds @ 1..=9) if v.lex(at + 1) == Some(Lex::Hundred) => {
            let next = if v.is(at + 2, &["and"]) { at + 3 } else { at + 2 };
            let (rest, end) = ordinal(v, next).filter(|(rest, _)| *rest < 100)?;
            Some((u64::from(hundreds) * 100 + rest, end))
        }
        _ => None,
    }
}

/// A fraction below one: "one half", "two thirds", "3/4", "½"; numerator and denominator.
pub fn fraction(v: &View<'_>, at: usize) -> Read<(u64, u64)> {
    let usual = |(part, _): &((u64, u64), usize)| matches!(part.1, 2..=4 | 8 | 16);
    any_fraction(v, at)
        .filter(|found| v.lex(at).is_some() || v.lex(at + 1).is_some() || usual(found))
}

fn any_fraction(v: &View<'_>, at: usize) -> Read<(u64, u64)> {
    if let Some(part) = vulgar(v.low(at)) {
        return Some((part, at + 1));
    }
    if let Some(top) = v.digits(at) {
        if let Some(part) = figure_of_parts(v, at, top.whole).filter(|_| top.decimals == 0) {
            return Some((part, at + 2));
        }
        let bottom = v.digits(at + 2)?;
        let closed = v.low(at + 1) == "/" && v.glued(at + 1) && v.glued(at + 2);
        let plain = top.decimals == 0 && bottom.decimals == 0 && !v.is(at + 3, &["/"]);
        let fits = top.whole > 0 && top.whole < bottom.whole && bottom.whole <= 16;
        return (closed && plain && fits).then_some(((top.whole, bottom.whole), at + 3));
    }
    let Some(Lex::Digit(top @ 1..=9)) = v.lex(at) else {
        return None;
    };
    let next = hop(v, at + 1);
    let bottom = match v.lex(next)? {
        Lex::Part(n) => n,
        Lex::Ordinal(n @ 3..=10) if top == 1 => n,
        _ => return None,
    };
    (u16::from(top) < bottom).then_some(((u64::from(top), u64::from(bottom)), next + 1))
}

/// "2 sevenths", "1 third of": the recogniser wrote the first word as a figure.
fn figure_of_parts(v: &View<'_>, at: usize, top: u64) -> Option<(u64, u64)> {
    let bottom = match v.lex(at + 1)? {
        Lex::Part(n) if !v.glued(at + 1) => n,
        Lex::Ordinal(n @ 3..=10) if top == 1 && v.is(at + 2, &["of"]) => n,
        _ => return None,
    };
    (top > 0 && top < u64::from(bottom)).then_some((top, u64::from(bottom)))
}

fn vulgar(mark: &str) -> Option<(u64, u64)> {
    Some(match mark {
        "½" => (1, 2),
        "⅓" => (1, 3),
        "⅔" => (2, 3),
        "¼" => (1, 4),
        "¾" => (3, 4),
        "⅛" => (1, 8),
        _ => return None,
    })
}

/// A whole number and a fraction: "two and a half", "one and one half", "1 1/2", "1½".
pub fn mixed(v: &View<'_>, at: usize) -> Read<(u64, (u64, u64))> {
    if let Some(digits) = v.digits(at) {
        if digits.decimals > 0 || digits.width > 3 {
            return None;
        }
        let by_sign = vulgar(v.low(at + 1)).is_some();
        let usual = |(_, bottom): &(u64, u64)| matches!(bottom, 2..=4 | 7 | 8 | 16);
        let scored = || context::before(v, at) == Some(context::Before::Score);
        if by_sign || v.digits(at + 1).is_some() && !v.glued(at + 1) && !scored() {
            let part = any_fraction(v, at + 1).filter(|(part, _)| by_sign || usual(part));
            return part.map(|(part, end)| ((digits.whole, part), end));
        }
        let hyphened = v.low(at + 1) == "-" && v.glued(at + 1) && v.glued(at + 2);
        if hyphened && digits.whole < 10 && !scored() {
            let halves = |(part, _): &((u64, u64), usize)| matches!(part.1, 2 | 4 | 8);
            let part = fraction(v, at + 2).filter(halves);
            return part.map(|(part, end)| ((digits.whole, part), end));
        }
    }
    let (whole, end) = cardinal(v, at)?;
    if let Some(part) = vulgar(v.low(end)).filter(|_| whole.is_whole()) {
        return Some(((whole.whole, part), end + 1));
    }
    if !whole.is_whole() || !v.is(end, &["and"]) {
        return None;
    }
    let from = end + 1;
    if v.is(from, &["a"]) && matches!(v.lex(from + 1), Some(Lex::Part(2 | 4))) {
        let bottom = if v.lex(from + 1) == Some(Lex::Part(2)) { 2 } else { 4 };
        return Some(((whole.whole, (1, bottom)), from + 2));
    }
    let (part, end) = fraction(v, from)?;
    Some(((whole.whole, part), end))
}

/// Figures said one by one or in groups, as in a record number: "one two three", "five five
/// five double four", "twelve thirty four". Also how many words they were.
pub fn figure_string(v: &View<'_>, at: usize) -> Read<String> {
    let mut text = String::new();
    let mut end = at;
    while text.len() < FIGURE_STRING_MAX {
        let next = if v.low(end) == "-" && end > at { end + 1 } else { end };
        if let Some(times) = repeated(v.low(next)) {
            let Some(figure) = single(v, next + 1) else {
                break;
            };
            for _ in 0..times {
                text.push_str(&figure);
            }
            end = next + 2;
        } else if let Some(figure) = single(v, next) {
            if next > end && v.digits(next).is_some() {
                text.push('-');
            }
            text.push_str(&figure);
            end = next + 1;
        } else if matches!(v.lex(next), Some(Lex::Teen(_) | Lex::Tens(_))) {
            let Some((value, after)) = two_digits(v, next) else {
                break;
            };
            text.push_str(&value.to_string());
            end = after;
        } else if v.lex(next) == Some(Lex::Hundred) && !text.is_empty() && next == end {
            text.push_str("00");
            end += 1;
        } else {
            break;
        }
    }
    (!text.is_empty()).then_some((text, end))
}

/// The longest string of figures, in bytes.
const FIGURE_STRING_MAX: usize = 64;

fn repeated(word: &str) -> Option<usize> {
    match word {
        "double" => Some(2),
        "triple" => Some(3),
        _ => None,
    }
}

fn single(v: &View<'_>, at: usize) -> Option<String> {
    if let Some(digits) = v.digits(at) {
        let plain = digits.decimals == 0 && !digits.comma;
        return plain.then(|| v.raw(at).to_string());
    }
    match v.lex(at)? {
        Lex::Digit(n) => Some(n.to_string()),
        Lex::Oh => Some("0".to_string()),
        _ => None,
    }
}
