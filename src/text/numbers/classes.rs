//! R-ROM: stages, classes, grades, types, cranial nerves, factors, leads: which are Roman and
//! which Arabic.
//!
//! Not for: TNM (`tnm`) and scores (`scores`, `ranges`).
//!
//! Invariant: a Roman numeral becomes Arabic, or the other way round, only behind a word of the
//! table; its value stays.

use super::grammar;
use super::value::{from_roman, roman};
use super::view::{Match, View};
use super::words::Lex;
use crate::text::units;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Roman,
    Arabic,
    /// Arabic, but Roman stays where the recogniser wrote it.
    AsWritten,
}

/// One number behind a class word.
struct Item {
    value: u64,
    /// "A" of "IIIA".
    suffix: String,
    by_roman: bool,
    end: usize,
}

pub fn class(v: &View<'_>, at: usize) -> Option<Match> {
    if v.glued(at) && !v.is_free_before(at) && v.low(at) != "harris" {
        return None;
    }
    if let Some(found) = murmur(v, at) {
        return Some(found);
    }
    let (style, name_end) = style(v, at)?;
    let joined = v.is(name_end, &["-"]) && v.glued(name_end) && v.glued(name_end + 1);
    let led = joined || v.is(name_end, &["of", "type", "class"]);
    let from = if led && item(v, name_end, style).is_none() { name_end + 1 } else { name_end };
    let first = item(v, from, style)?;
    let mut found = Match::new(first.end);
    found.keep(v, at..from);
    let mut last = write(v, from, first, style, &mut found, false)?;
    while let Some((joint, closed)) = joint(v, last, style) {
        let Some(next) = item(v, joint, style) else {
            break;
        };
        if closed {
            found.push_closed(last..joint, if v.is(last, &["-"]) { "-" } else { "/" }, "R-SCALE");
        } else {
            found.keep(v, last..joint);
        }
        last = write(v, joint, next, style, &mut found, closed)?;
    }
    found.end = last;
    Some(merge_closed(found))
}

/// "II/VI systolic murmur", without its grade.
fn murmur(v: &View<'_>, at: usize) -> Option<Match> {
    let (first, second) = (from_roman(v.raw(at))?, from_roman(v.raw(at + 2))?);
    let told = v.low(at + 1) == "/" && v.near_after(at + 3, 4, &["murmur", "murmurs"]);
    (told && !super::quantity::closes_up(v, at + 3))
        .then(|| Match::one(at, at + 3, format!("{first}/{second}"), "R-ROM"))
}

/// Pieces that are closed up become one: "3", "/", "6" is "3/6".
fn merge_closed(found: Match) -> Match {
    let mut merged: Vec<super::view::Piece> = Vec::new();
    for piece in found.pieces {
        let joins = piece.closed && matches!(piece.rule, "R-SCALE" | "R-ROM");
        match merged.last_mut() {
            Some(last) if joins => {
                last.text.push_str(&piece.text);
                last.atoms.end = piece.atoms.end;
            }
            _ => merged.push(piece),
        }
    }
    Match { pieces: merged, ..found }
}

const ARABIC_STAGES: &[&str] = &[
    "gold",
    "copd",
    "kidney",
    "ckd",
    "renal",
    "pressure",
    "ulcer",
    "ulcers",
    "injury",
    "injuries",
    "decubitus",
    "sacral",
    "sacrum",
    "coccyx",
    "heel",
    "ischial",
    "hypertension",
    "sleep",
    "tanner",
    "parkinson's",
    "parkinson",
    "retinopathy",
    "rop",
    "wound",
];

/// How the numbers behind the word at `at` are written, and the place behind it.
fn style(v: &View<'_>, at: usize) -> Option<(Style, usize)> {
    let end = at + 1;
    let style = match v.low(at) {
        "stage" | "stages" if v.near(at, 6, ARABIC_STAGES) => Style::Arabic,
        "stage" | "stages" => Style::Roman,
        "class" | "classes" if v.is(at + 1, &["of"]) => return None,
        "class" | "classes" => Style::Roman,
        "grade" | "grades" => Style::Arabic,
        "type" | "types" if v.was(at, 1, &["mobitz", "bipolar", "harris"]) => Style::Roman,
        "type" | "types" if v.near(at, 4, &["diabetes", "diabetic", "diabetics", "dm"]) => {
            Style::Arabic
        }
        "type" | "types" => Style::AsWritten,
        "level" if v.was(at, 1, &["clark", "clark's", "clarks"]) => Style::Roman,
        "clark" | "clark's" | "mallampati" | "nyha" | "killip" | "mobitz" | "bipolar" => {
            Style::Roman
        }
        "asa" => Style::Roman,
        "factor" if v.was(at, 1, &["risk", "a", "the", "by"]) => return None,
        "factor" | "factors" => Style::Roman,
        "nerve" | "nerves" if v.was(at, 1, &["cranial"]) => Style::Roman,
        "cn" => Style::Roman,
        "axis" | "billroth" => Style::Roman,
        "fort" if v.was(at, 1, &["le"]) => Style::Roman,
        "lefort" => Style::Roman,
        "harris" if v.near_before(at, 2, &["salter"]) => Style::Roman,
        "salter-harris" => Style::Roman,
        "fuhrman" => Style::Arabic,
        _ => return None,
    };
    Some((style, end))
}

/// The largest number behind a class word.
const CLASS_MAX: u64 = 20;

fn item(v: &View<'_>, at: usize, style: Style) -> Option<Item> {
    let raw = v.raw(at);
    let (value, mut end, by_roman, mut suffix) = if let Some((value, suffix)) = roman_item(raw) {
        (value, at + 1, true, suffix)
    } else if style == Style::Roman && v.low(at) == "i" && !v.is_word(at + 1) {
        (1, at + 1, true, String::new())
    } else {
        let (number, end) = grammar::cardinal(v, at).filter(|(number, _)| number.is_whole())?;
        if v.is(at, &["a"]) {
            return None;
        }
        (number.whole, end, false, String::new())
    };
    if value > CLASS_MAX || units::heard(v, end).is_some() && !v.is(end, &["-"]) {
        return None;
    }
    let half = v.low(end) == "-" && v.glued(end) && v.lex(end + 1).is_some();
    if half && !by_roman {
        return None;
    }
    let glued = v.glued(end) && !v.is_mark(end);
    if let Some(letter) = v.letter(end).filter(|c| matches!(c, 'a'..='d'))
        && (glued || style != Style::AsWritten && is_suffix(v, end))
    {
        suffix = letter.to_string();
        end += 1;
        if let Some(digit) = v.digits(end).filter(|_| v.glued(end)) {
            suffix.push_str(&digit.whole.to_string());
            end += 1;
        }
    } else if glued {
        return None;
    }
    Some(Item { value, suffix, by_roman, end })
}

/// "a" after a stage is its letter only where a noun or an end follows it.
fn is_suffix(v: &View<'_>, at: usize) -> bool {
    let separate = !v.is(at + 1, &["week", "day", "month", "year", "few", "patient", "second"]);
    v.low(at) != "a" || separate && !v.is_number(at + 1)
}

/// "IIIA": the value and the letter.
fn roman_item(raw: &str) -> Option<(u64, String)> {
    if let Some(value) = from_roman(raw) {
        return Some((value, String::new()));
    }
    let letter = raw.chars().last().filter(|c| matches!(c, 'A'..='D' | 'a'..='d'))?;
    let value = from_roman(raw.get(..raw.len() - 1)?)?;
    Some((value, letter.to_string()))
}

/// What joins two numbers of a class, and whether it is written closed up.
fn joint(v: &View<'_>, at: usize, style: Style) -> Option<(usize, bool)> {
    let more = |place: usize, closed: bool| {
        (v.is_number(place) || from_roman(v.raw(place)).is_some()).then_some((place, closed))
    };
    match v.low(at) {
        "through" | "to" | "and" | "or" | "versus" => more(at + 1, false),
        "-" | "/" if v.glued(at) => more(at + 1, true),
        "over" if style == Style::Arabic => more(at + 1, true),
        "out" if style == Style::Arabic && v.low(at + 1) == "of" => more(at + 2, true),
        "," => {
            let and = usize::from(v.is(at + 1, &["and", "or"]));
            let next = more(at + 1 + and, false)?;
            let after = grammar::cardinal(v, next.0).map_or(next.0 + 1, |(_, end)| end);
            (units::heard(v, after).is_none()).then_some(next)
        }
        _ => None,
    }
}

fn write(
    v: &View<'_>,
    from: usize,
    item: Item,
    style: Style,
    found: &mut Match,
    closed: bool,
) -> Option<usize> {
    let as_roman = style == Style::Roman || style == Style::AsWritten && item.by_roman;
    let text = if as_roman && item.value > 0 {
        format!("{}{}", roman(item.value)?, item.suffix.to_uppercase())
    } else {
        format!("{}{}", item.value, item.suffix.to_lowercase())
    };
    let text = if v.was(from, 1, &["factor"]) && !item.suffix.is_empty() {
        format!("{}{}", roman(item.value)?, item.suffix)
    } else {
        text
    };
    if closed {
        found.push_closed(from..item.end, text, "R-ROM");
    } else {
        found.push(from..item.end, text, "R-ROM");
    }
    Some(item.end)
}

/// "in two three and a v f": numbers that an augmented lead follows are leads too.
pub fn leads(v: &View<'_>, at: usize) -> Option<Match> {
    if v.is(at, &["lead", "leads"]) {
        return listed(v, at);
    }
    if v.is(at, &["in"]) && v.near_after(at, 8, &["avf", "avl", "avr", "v"]) {
        let found = listed(v, at)?;
        let augmented = found.pieces.iter().any(|piece| piece.text.starts_with("aV"));
        return augmented.then_some(found);
    }
    let (lead, end) = lead(v, at).filter(|(lead, _)| lead.starts_with("aV"))?;
    let near = [
        "elevation",
        "elevations",
        "depression",
        "depressions",
        "inversion",
        "inversions",
        "wave",
        "waves",
        "ekg",
        "ecg",
        "segment",
        "leads",
        "lead",
        "inferior",
        "lateral",
    ];
    v.near_before(at, 16, &near).then(|| Match::one(at, end, lead, "R-EKG"))
}

/// R-EKG: "leads two three and a v f" is "leads II, III, and aVF".
fn listed(v: &View<'_>, at: usize) -> Option<Match> {
    let mut leads: Vec<(usize, usize, String)> = Vec::new();
    let mut place = at + 1;
    loop {
        let mut next = place;
        while v.is(next, &[",", "and", "&"]) {
            next += 1;
        }
        let Some((lead, end)) = lead(v, next) else {
            break;
        };
        leads.push((next, end, lead));
        place = end;
        if leads.len() == LEADS_MAX || v.is(place, &["through", "to", "-"]) {
            break;
        }
    }
    let last = leads.len().checked_sub(1)?;
    let mut found = Match::new(place);
    found.keep(v, at..at + 1);
    for (index, (from, end, lead)) in leads.into_iter().enumerate() {
        if index > 0 && last > 1 {
            found.push_mark(from - 1..from, ",", "R-EKG");
        }
        if index > 0 && index == last {
            found.push(from - 1..from, "and", "R-EKG");
        }
        found.push(from..end, lead, "R-EKG");
    }
    Some(found)
}

/// The leads of an electrocardiogram there can be.
const LEADS_MAX: usize = 18;

fn lead(v: &View<'_>, at: usize) -> Option<(String, usize)> {
    if v.is(at, &["avf", "avl", "avr"]) {
        let limb = v.low(at).chars().last()?.to_uppercase();
        return Some((format!("aV{limb}"), at + 1));
    }
    if v.reads(at, &["a", "v"]) && matches!(v.letter(at + 2), Some('f' | 'l' | 'r')) {
        let limb = v.low(at + 2).to_uppercase();
        return Some((format!("aV{limb}"), at + 3));
    }
    if v.low(at) == "v" {
        let (n, end) = grammar::two_digits(v, at + 1).filter(|(n, _)| (1..=9).contains(n))?;
        return Some((format!("V{n}"), end));
    }
    if let Some(value) = from_roman(v.raw(at)).filter(|n| *n <= 3) {
        return Some((roman(value)?, at + 1));
    }
    let (n, end) = match v.lex(at) {
        Some(Lex::Digit(n)) => (u64::from(n), at + 1),
        Some(_) => return None,
        None => grammar::two_digits(v, at)?,
    };
    let plain = (1..=3).contains(&n) && units::heard(v, end).is_none();
    plain.then(|| roman(n)).flatten().map(|text| (text, end))
}
