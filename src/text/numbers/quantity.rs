//! One number and its unit: whether it is written in figures or in words, with which commas and
//! zeros, and how its unit stands beside it.
//!
//! Not for: two numbers that belong together (`ranges`).
//!
//! Invariant: the value is never changed; a number that is already as it should be comes out as
//! it went in.

use super::amounts::{Amount, amount};
use super::atoms::Sort;
use super::context;
use super::ranges;
use super::value::{Commas, How, IN_WORDS_MAX, in_words, ordinal_in_words};
use super::view::{Match, View};
use super::words::Lex;
use crate::domain::flag::FlagKind;
use crate::text::units::{self, Class, Heard};

/// Words before which a singular unit is no adjective: "two week ago" is a slip of the tongue.
const NO_NOUN: &[&str] = &[
    "ago",
    "later",
    "of",
    "in",
    "and",
    "or",
    "to",
    "from",
    "per",
    "a",
    "an",
    "the",
    "after",
    "before",
    "prior",
    "is",
    "was",
    "with",
    "on",
    "at",
    "by",
    "for",
    "until",
    "since",
    "every",
    "when",
    "then",
    "but",
    "if",
    "as",
    "apart",
    "postoperatively",
    "postop",
    "out",
    "over",
    "x",
    "daily",
    "twice",
    "weekly",
    "times",
    "without",
    "he",
    "she",
    "i",
    "we",
    "they",
    "are",
    "were",
    "has",
    "had",
    "because",
    "while",
    "that",
    "which",
    "so",
    "than",
    "each",
    "not",
    "no",
    "will",
    "into",
    "orally",
    "intravenously",
    "subcutaneously",
    "through",
    "subsequently",
];

/// The frame of a number that stands alone or leads a range, a product, a quotient.
pub fn quantity(v: &View<'_>, at: usize) -> Option<Match> {
    if !could_begin(v, at) || !v.is_free_before(at) {
        return None;
    }
    if v.raw(at).starts_with('0') && v.digits(at).is_some_and(|d| d.width > 1 && d.decimals == 0) {
        return Some(kept(v, at, at + 1));
    }
    let amount = amount(v, at)?;
    if is_list_number(v, &amount) {
        return Some(kept(v, at, amount.end));
    }
    ranges::compound(v, &amount).or_else(|| single(v, &amount))
}

fn could_begin(v: &View<'_>, at: usize) -> bool {
    match v.sort(at) {
        Sort::Number(_) | Sort::Digits(_) => true,
        Sort::Word => v.is(at, &["point", "decimal"]),
        Sort::Letter => v.low(at) == "a",
        Sort::Mark => v.is(at, &["½", "¼", "¾", "⅓", "⅔", "⅛"]),
        Sort::Wall => false,
    }
}

/// "1." at the beginning of a line is the number of an item.
fn is_list_number(v: &View<'_>, amount: &Amount) -> bool {
    let begins = amount.from == 0 || v.sort(amount.from - 1) == Sort::Wall;
    begins
        && amount.number.how == How::Figures
        && v.is(amount.number_end, &[".", ")"])
        && v.glued(amount.number_end)
        && v.sort(amount.number_end + 1) != Sort::Wall
        && amount.number.is_whole()
        && amount.number.whole < 100
}

fn kept(v: &View<'_>, from: usize, end: usize) -> Match {
    let mut found = Match::new(end);
    found.keep(v, from..end);
    found
}

/// `minus two`, `plus one`.
pub fn signed(v: &View<'_>, at: usize) -> Option<Match> {
    let minus = v.is(at, &["minus", "-"]);
    if !minus && !v.is(at, &["plus", "+"]) || at > 0 && v.is_number(at - 1) {
        return None;
    }
    let by_mark = v.is_mark(at);
    if by_mark && (!v.glued(at + 1) || v.glued(at)) || !v.is_number(at + 1) {
        return None;
    }
    let mut amount = amount(v, at + 1)?;
    if amount.lone || v.is(amount.end, &["/", "over"]) {
        return None;
    }
    let graded = &["edema", "pitting", "reflexes", "reflex", "pulses", "pulse", "dtrs", "jerks"];
    if !minus && (v.near_before(at, 6, graded) || v.near_after(amount.end, 2, graded)) {
        amount.plus = true;
    } else if minus {
        amount.sign = "-";
    } else if v.is(amount.end, &["station", "diopters", "diopter", "sphere"]) || by_mark {
        amount.sign = "+";
    } else {
        return None;
    }
    amount.from = at;
    let mut found = Match::new(amount.end);
    write_figure(v, &amount, &mut found);
    Some(found)
}

/// A number by itself.
fn single(v: &View<'_>, amount: &Amount) -> Option<Match> {
    let end = adjective(v, amount).map_or(amount.end, |(_, end)| end);
    if closes_up(v, end) {
        return None;
    }
    let mut amount = amount.clone();
    if amount.number.decimals > 0 && is_dose(v, &amount) {
        amount.number = amount.number.without_trailing_zeros();
    }
    let amount = &amount;
    let mut found = Match::new(amount.end);
    if amount.lone {
        return lone_fraction(v, amount);
    }
    if in_words_here(v, amount) {
        write_words(v, amount, &mut found);
    } else if needs_figure(v, amount) {
        write_figure(v, amount, &mut found);
    } else if amount.number.how == How::Figures {
        found = Match::one(amount.from, amount.end, in_words(amount.number.whole)?, "R-NUM-3");
    } else {
        found.keep(v, amount.from..amount.end);
    }
    doubts(v, amount, &mut found);
    Some(found)
}

/// Whether something is closed up to the right: "3-0", "7/10", "2D".
pub fn closes_up(v: &View<'_>, end: usize) -> bool {
    if !v.glued(end) {
        return false;
    }
    if !v.is_mark(end) {
        return true;
    }
    let joins = v.is(end, &["-", "/", ":", ".", ",", ";", "=", "'", "#", "@", "*", "_"]);
    joins && v.glued(end + 1) && !v.is_mark(end + 1)
}

fn lone_fraction(v: &View<'_>, amount: &Amount) -> Option<Match> {
    let (top, bottom) = amount.part?;
    let by_figures = !matches!(v.sort(amount.from), Sort::Number(_));
    let counted = v.is(amount.end, &["of", "normal"]) || units::heard(v, amount.end).is_some();
    let scored = context::before(v, amount.from) == Some(context::Before::Score);
    if by_figures && (!counted || scored) {
        return Some(kept(v, amount.from, amount.end));
    }
    let text = if by_figures {
        let part = match (bottom, top) {
            (2, _) => "half".to_string(),
            (_, 1) => ordinal_in_words(bottom)?,
            _ => format!("{}s", ordinal_in_words(bottom)?),
        };
        format!("{}-{part}", in_words(top)?)
    } else {
        format!("{}-{}", v.low(amount.from), v.low(amount.end - 1))
    };
    Some(Match::one(amount.from, amount.end, text, "R-FRAC"))
}

/// R-NUM-1, R-NUM-2: whether figures are due.
pub fn needs_figure(v: &View<'_>, amount: &Amount) -> bool {
    !amount.number.is_small()
        || amount.part.is_some()
        || amount.unit.is_some()
        || amount.plus
        || !amount.sign.is_empty()
        || v.is(amount.end, &["station", "gauge", "french", "o'clock"])
        || context::before(v, amount.from).is_some()
        || is_bare_dose(v, amount)
        || is_of_label(v, amount)
        || amount.number.how == How::Figures && stands_in_row(v, amount)
}

/// "day 3 of 7": figures on both sides of a label's number.
fn is_of_label(v: &View<'_>, amount: &Amount) -> bool {
    let labelled = |first: usize| {
        v.is_number(first) && context::before(v, first) == Some(context::Before::Label)
    };
    v.was(amount.from, 1, &["of"]) && amount.from.checked_sub(2).is_some_and(labelled)
}

/// A figure beside another number stays one: "twenty 7" is not twenty-seven.
fn stands_in_row(v: &View<'_>, amount: &Amount) -> bool {
    let after = amount.from > 0 && v.is_number(amount.from - 1) && !v.glued(amount.from);
    after || v.is_number(amount.end) && !v.glued(amount.end) && !amount_unit(v, amount.end)
}

/// "coumadin five": a dose without its unit.
fn is_bare_dose(v: &View<'_>, amount: &Amount) -> bool {
    let frequency =
        ["daily", "twice", "b.i.d.", "t.i.d.", "q.i.d.", "p.o.", "at", "every", "nightly"];
    (v.ends(amount.end) || frequency.contains(&v.raw(amount.end))) && follows_drug(v, amount.from)
}

/// R-NUM-4: whether the number begins a sentence and can be in words.
pub fn in_words_here(v: &View<'_>, amount: &Amount) -> bool {
    let number = &amount.number;
    if !number.is_whole() || number.whole > IN_WORDS_MAX || amount.part.is_some() || amount.plus {
        return false;
    }
    if !amount.sign.is_empty() || !v.begins_sentence(amount.from) {
        return false;
    }
    let is_year = number.how == How::Figures && (1850..2150).contains(&number.whole);
    if is_year && amount.unit.is_none() || is_military(v, amount) || is_row(v, amount) {
        return false;
    }
    // Items are no sentences: "2. 6 mm nodule".
    let measured = amount.unit.as_ref().is_some_and(|unit| !unit.unit.short.is_empty());
    if measured && v.follows_item(amount.from) {
        return false;
    }
    if !v.follows_heading(amount.from) {
        return true;
    }
    let of_time = amount.unit.as_ref().is_none_or(|unit| unit.unit.class == Class::Time);
    of_time && !v.ends(amount.end)
}

/// "1800 hours".
fn is_military(v: &View<'_>, amount: &Amount) -> bool {
    let four = v.digits(amount.from).is_some_and(|d| d.width == 4 && d.whole < 2400 && !d.comma);
    four && v.is(amount.number_end, &["hours"])
}

/// Two numbers side by side: nobody knows what they are, so both stay figures.
fn is_row(v: &View<'_>, amount: &Amount) -> bool {
    let next = matches!(v.lex(amount.end), Some(Lex::Teen(_) | Lex::Tens(_)))
        || v.digits(amount.end).is_some();
    next && amount.unit.is_none() && !amount_unit(v, amount.end)
}

/// Whether the amount is a dose: no trailing zeros, a comma from 1,000 on.
pub fn is_dose(v: &View<'_>, amount: &Amount) -> bool {
    let Some(unit) = &amount.unit else {
        return follows_drug(v, amount.from);
    };
    if v.near_before(amount.from, 4, &["weighs", "weight", "weighing", "weighed"]) {
        return false;
    }
    match unit.unit.class {
        Class::Dose => unit.is_dose(),
        Class::Form => true,
        Class::Volume => {
            let fluid =
                ["bolus", "saline", "ringer", "ringer's", "ringers", "dextrose", "lactated"];
            !unit.per && (follows_drug(v, amount.from) || v.near_after(amount.end, 4, &fluid))
        }
        _ => false,
    }
}

/// Whether a medicine is named right before.
pub fn follows_drug(v: &View<'_>, at: usize) -> bool {
    let laboratory =
        matches!(context::before(v, at), Some(context::Before::Value | context::Before::Label));
    let is_drug = |place: usize| {
        let lexicon = v.request.lexicon;
        v.is_word(place)
            && lexicon.find(v.low(place)).is_some_and(|id| {
                let term = lexicon.term(id);
                term.subjects.is_drug() && !term.ordinary
            })
    };
    !laboratory && (1..=2).any(|back| at.checked_sub(back).is_some_and(is_drug))
}

/// The figure as the rules want it, without its unit.
pub fn figure(v: &View<'_>, amount: &Amount) -> (String, &'static str) {
    let mut number = amount.number;
    let mut rule = if number.is_small() { "R-NUM-2" } else { "R-NUM-1" };
    let matters = number.decimals > 0 || number.whole >= 1000;
    let dose = matters && is_dose(v, amount);
    if number.decimals > 0 {
        rule = "R-DEC-1";
        if dose {
            number = number.without_trailing_zeros();
            rule = "R-DEC-2";
        }
    }
    let four = dose && v.request.profile.dose_thousands_comma;
    let commas = if four { Commas::Four } else { Commas::Five };
    let mut text = String::from(amount.sign);
    if let Some((top, bottom)) = amount.part {
        rule = "R-FRAC";
        text.push_str(&format!("{} {top}/{bottom}", number.figures(commas)));
    } else {
        text.push_str(&number.figures(commas));
    }
    if amount.plus {
        text.push('+');
        rule = "R-SCALE";
    }
    (text, rule)
}

/// The amount in figures, with its unit.
pub fn write_figure(v: &View<'_>, amount: &Amount, found: &mut Match) {
    let (text, rule) = figure(v, amount);
    let number = amount.from..amount.number_end;
    let Some(unit) = &amount.unit else {
        found.push(number, text, rule);
        return;
    };
    let unit_at = amount.number_end..amount.end;
    if unit.unit.class == Class::Percent {
        found.push(number.start..amount.end, format!("{text}%"), "R-PCT");
    } else if unit.unit.class == Class::Temperature {
        found.push(number.start..amount.end, format!("{text}{}", unit.written), "R-TEMP");
    } else if unit.unit.short.is_empty() {
        match adjective(v, amount) {
            Some((written, end)) => {
                found.push(number.start..end, format!("{text}-{written}"), "R-UNIT-5");
                found.end = end;
            }
            None => {
                found.push(number, text, rule);
                found.keep(v, unit_at);
            }
        }
    } else if v.request.profile.metric_adjective_hyphen && is_metric_adjective(v, amount, unit) {
        found.push(number.start..amount.end, format!("{text}-{}", unit.written), "R-UNIT-5");
    } else {
        found.push(number, text, rule);
        found.push(unit_at, unit.written.as_str(), unit_rule(unit));
    }
}

fn unit_rule(unit: &Heard) -> &'static str {
    match unit.unit.short {
        "bpm" => "R-UNIT-4",
        "units" | "international units" | "mcg" | "mL" => "R-UNIT-2",
        _ => "R-UNIT-1",
    }
}

fn is_metric_adjective(v: &View<'_>, amount: &Amount, unit: &Heard) -> bool {
    let metric = matches!(unit.unit.class, Class::Length | Class::Metric);
    metric && !unit.per && is_noun(v, amount.end)
}

fn is_noun(v: &View<'_>, at: usize) -> bool {
    v.is_word(at) && !v.is(at, NO_NOUN)
}

/// R-UNIT-5, R-AGE: "2-week", "65-year-old", "40-pack-year"; the unit and the place after it.
fn adjective(v: &View<'_>, amount: &Amount) -> Option<(String, usize)> {
    let unit = amount.unit.as_ref()?;
    let low = v.low(amount.end - 1).to_string();
    let hyphen = |at: usize| if v.low(at) == "-" { at + 1 } else { at };
    let old = hyphen(amount.end);
    let singular = low == unit.unit.one;
    if unit.unit.class == Class::Time && v.is(old, &["old", "olds"]) && singular {
        return Some((format!("{low}-{}", v.low(old)), old + 1));
    }
    if low == "pack" && v.is(hyphen(amount.end), &["year", "years"]) {
        let end = hyphen(amount.end) + 1;
        return (v.low(end - 1) == "year" && is_noun(v, end))
            .then(|| ("pack-year".to_string(), end));
    }
    let class = matches!(unit.unit.class, Class::Time | Class::Customary);
    let already = v.low(amount.number_end) == "-";
    let article = v.was(amount.from, 1, &["a", "an", "this", "his", "her", "the", "another"]);
    let many = amount.number.whole != 1 || amount.part.is_some();
    let inches = unit.unit.class == Class::Customary && v.is_number(amount.end);
    (class && singular && !inches && (already || is_noun(v, amount.end) && (many || article)))
        .then_some((low, amount.end))
}

/// The amount in words, with its unit in words: R-NUM-4.
pub fn write_words(v: &View<'_>, amount: &Amount, found: &mut Match) {
    let words = in_words(amount.number.whole).unwrap_or_default();
    let number = amount.from..amount.number_end;
    let Some(unit) = &amount.unit else {
        found.push(number, words, "R-NUM-4");
        return;
    };
    if let Some((written, end)) = adjective(v, amount) {
        found.push(number.start..end, format!("{words}-{written}"), "R-NUM-4");
        found.end = end;
        return;
    }
    found.push(number, words, "R-NUM-4");
    let text = unit.after_words(amount.number.whole == 1);
    found.push(amount.number_end..amount.end, text, "R-NUM-4");
}

fn doubts(v: &View<'_>, amount: &Amount, found: &mut Match) {
    let atoms = amount.from..amount.end;
    let dose = amount.unit.as_ref().is_some_and(Heard::is_dose);
    let form = units::heard(v, amount.end).is_some_and(|next| next.unit.class == Class::Form);
    if dose && form && amount.number.how == How::Idiom {
        let rest = amount.number.whole % 100;
        let count = amount.number.whole / 100;
        let note = format!(
            "This can be {} or {count} of {rest}; listen to it.",
            amount.number.figures(Commas::Five)
        );
        found.doubt(FlagKind::DrugDose, atoms.clone(), note);
    }
    let next_is_number = matches!(
        v.lex(found.end),
        Some(Lex::Digit(_) | Lex::Teen(_) | Lex::Tens(_) | Lex::Hundred | Lex::Thousand)
    ) || v.digits(found.end).is_some();
    if next_is_number && amount.unit.is_none() && !v.glued(found.end) {
        let measured = amount_unit(v, found.end);
        if !measured {
            found.doubt(
                FlagKind::Number,
                amount.from..found.end + 1,
                "Two numbers follow each other; it is not clear what they are.",
            );
        }
    }
}

fn amount_unit(v: &View<'_>, at: usize) -> bool {
    amount(v, at).is_some_and(|next| next.unit.is_some() || next.number_end == at)
}
