//! Amounts: a number with its fraction, its plus and its unit, before anything is decided.
//!
//! Not for: writing them (`quantity`).
//!
//! Invariant: an amount is what was said; nothing is rounded or completed.

use super::grammar;
use super::value::{How, Number};
use super::view::View;
use crate::text::units::{self, Class, Heard};

/// A number with what belongs to it.
#[derive(Clone, Debug)]
pub struct Amount {
    pub from: usize,
    /// After the number.
    pub number_end: usize,
    /// After the unit.
    pub end: usize,
    pub number: Number,
    /// "and a half".
    pub part: Option<(u64, u64)>,
    /// A fraction alone: "one half".
    pub lone: bool,
    /// "-" or "+", written before.
    pub sign: &'static str,
    /// "+" written after: "2+".
    pub plus: bool,
    pub unit: Option<Heard>,
}

/// The amount that begins here.
pub fn amount(v: &View<'_>, at: usize) -> Option<Amount> {
    let (number, part, lone, number_end) = if let Some(((whole, part), end)) = grammar::mixed(v, at)
    {
        (Number::whole(whole, how(v, at)), Some(part), false, end)
    } else if let Some((part, end)) = grammar::fraction(v, at) {
        (Number::whole(0, how(v, at)), Some(part), true, end)
    } else if let Some((number, end)) = dose_pair(v, at) {
        (number, None, false, end)
    } else {
        let (number, end) = grammar::cardinal(v, at)?;
        (number, None, false, end)
    };
    let plus = !lone && is_plus_after(v, number_end);
    let number_end = if plus { number_end + 1 } else { number_end };
    let hyphened = v.low(number_end) == "-" && v.glued(number_end) && v.glued(number_end + 1);
    let unit_at = if hyphened { number_end + 1 } else { number_end };
    let mut unit = if lone { None } else { units::heard(v, unit_at) };
    // "5 m" glued to more letters is no unit.
    if unit.as_ref().is_some_and(|unit| v.glued(unit.end) && !v.is_mark(unit.end)) {
        unit = None;
    }
    let end = unit.as_ref().map_or(number_end, |unit| unit.end);
    Some(Amount { from: at, number_end, end, number, part, lone, sign: "", plus, unit })
}

/// "twelve fifty milligrams" is 1,250: hundreds without the word, before the unit of a dose.
fn dose_pair(v: &View<'_>, at: usize) -> Option<(Number, usize)> {
    let ((first, second), end) = grammar::pair(v, at)?;
    let dose = units::heard(v, end).is_some_and(|unit| unit.unit.class == Class::Dose);
    (dose && (11..20).contains(&first) && second > 9)
        .then(|| (Number::whole(first * 100 + second, How::Idiom), end))
}

fn how(v: &View<'_>, at: usize) -> How {
    if v.digits(at).is_some() { How::Figures } else { How::Words }
}

/// "two plus", "2+", where no sum follows.
fn is_plus_after(v: &View<'_>, at: usize) -> bool {
    if v.low(at) == "+" {
        return !v.is_number(at + 1);
    }
    v.low(at) == "plus" && !v.is_number(at + 1) && !v.is(at + 1, &["or", "a", "the"])
}
