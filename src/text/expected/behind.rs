//! What follows a figure: sutures, units, pack-years, effacement, factor V Leiden.
//!
//! Not for: names before a value (`names`).
//!
//! Invariant: a unit is only put in the place of a word that no list has, or where the frame
//! leaves no other reading, and is then flagged.

use super::{Edit, Name, Scene};
use crate::domain::flag::FlagKind;

/// The likeness that is asked for (see `names`).
const NARROW: f32 = 0.45;
const WIDE: f32 = 0.7;

const MATERIALS: [Name; 14] = [
    ("vicryl", "Vicryl"),
    ("monocryl", "Monocryl"),
    ("prolene", "Prolene"),
    ("ethibond", "Ethibond"),
    ("ethilon", "Ethilon"),
    ("nylon", "nylon"),
    ("silk", "silk"),
    ("chromic", "chromic"),
    ("stratafix", "Stratafix"),
    ("mersilene", "Mersilene"),
    ("polysorb", "Polysorb"),
    ("biosyn", "Biosyn"),
    ("maxon", "Maxon"),
    ("surgipro", "Surgipro"),
];
const EFFACED: [Name; 1] = [("effaced", "effaced")];
const PACK_YEAR: [Name; 1] = [("pack year", "pack year")];
const LEIDEN: [Name; 1] = [("leiden", "Leiden")];
const LITERS: [Name; 1] = [("liters", "liters")];
const PER: [Name; 5] = [
    ("deciliter", "deciliter"),
    ("milliliter", "milliliter"),
    ("kilogram", "kilogram"),
    ("minute", "minute"),
    ("hour", "hour"),
];
const DOSED: [Name; 3] = [
    ("micrograms", "micrograms"),
    ("milligrams", "milligrams"),
    ("milliequivalents", "milliequivalents"),
];

pub fn expected(s: &Scene<'_>, at: usize) -> Option<Edit> {
    suture(s, at)
        .or_else(|| four_on_nylon(s, at))
        .or_else(|| effaced(s, at))
        .or_else(|| pack_years(s, at))
        .or_else(|| leiden(s, at))
        .or_else(|| per(s, at))
        .or_else(|| liters(s, at))
        .or_else(|| unit(s, at))
}

/// A size of a suture: "3-0".
fn is_size(text: &str) -> bool {
    let size = text.strip_suffix("-0").or_else(|| text.strip_suffix("-O"));
    size.and_then(|size| size.parse::<u8>().ok()).is_some_and(|size| (1..=12).contains(&size))
}

/// "3-0-vickrel", "3-0 vickrel".
fn suture(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let text = s.text(at);
    if is_size(text) {
        let glued = s.text(at + 1).starts_with('-');
        let found = s.behind(at + 1, 1, &MATERIALS, WIDE)?;
        return (glued || s.is_strange(at + 1)).then(|| s.written(found, None));
    }
    let (size, material) = text.rsplit_once('-').filter(|(size, _)| is_size(size))?;
    let sound = |name: &str| crate::vocab::candidates::likeness(&[material], name);
    let best = MATERIALS.iter().max_by(|a, b| sound(a.0).total_cmp(&sound(b.0)))?;
    (sound(best.0) >= WIDE).then(|| super::plain(at..at + 1, &[size, best.1]))
}

/// "four on nylon" is 4-0 nylon, and so is "40 nylon".
fn four_on_nylon(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let size = s.small(at).filter(|size| (1..=120).contains(size))?;
    let tens = size % 10 == 0 && s.is_figure(at) && !s.is(at + 2, &["sutures", "suture", "ties"]);
    if tens && size <= 60 && MATERIALS.iter().any(|(name, _)| s.is(at + 1, &[name])) {
        let written = format!("{}-0", size / 10);
        return Some(super::doubted(s, at..at + 1, &[&written], FlagKind::Number));
    }
    let is_material = size <= 12
        && (MATERIALS.iter().any(|(name, _)| s.is(at + 2, &[name]))
            || s.is(at + 2, &["pds", "gut"]));
    let is_zero = s.is(at + 1, &["on", "own", "oat", "owe", "or"]);
    let written = format!("{size}-0");
    (is_material && is_zero).then(|| super::doubted(s, at..at + 2, &[&written], FlagKind::Number))
}

/// "80% of faced".
fn effaced(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let is_percent = s.text(at).ends_with('%') || s.is(at, &["percent"]);
    let found = is_percent.then(|| s.behind(at + 1, 2, &EFFACED, WIDE)).flatten()?;
    Some(s.written(found, None))
}

/// "a 40-packier smoking history".
fn pack_years(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let is_history = |end: usize| {
        s.is(end, &["smoking", "smoker", "history", "tobacco"])
            || s.is(end, &["of"]) && s.is(end + 1, &["smoking", "tobacco"])
    };
    if let Some((count, packs)) = s.text(at).split_once('-')
        && count.parse::<u16>().is_ok()
        && !packs.contains('-')
        && is_history(at + 1)
    {
        let like = crate::vocab::candidates::likeness(&[packs], "pack year");
        let words = [count, "pack", "year"];
        return (like >= WIDE).then(|| super::plain(at..at + 1, &words));
    }
    let counted = s.is_number(at).then(|| s.behind(at + 1, 2, &PACK_YEAR, WIDE)).flatten();
    let found = counted.filter(|found| is_history(found.tokens.end))?;
    Some(s.written(found, None))
}

/// "factor 5-Laden".
fn leiden(s: &Scene<'_>, at: usize) -> Option<Edit> {
    if !s.is(at, &["factor"]) {
        return None;
    }
    if let Some((five, name)) = s.text(at + 1).split_once('-')
        && matches!(five, "5" | "V" | "v")
    {
        let like = crate::vocab::candidates::likeness(&[name], "leiden");
        return (like >= WIDE).then(|| super::plain(at + 1..at + 2, &["V", "Leiden"]));
    }
    let is_five = s.small(at + 1) == Some(5) || s.is(at + 1, &["v"]);
    let found = is_five.then(|| s.behind(at + 2, 1, &LEIDEN, WIDE)).flatten()?;
    Some(s.written(found, None))
}

/// "412 milligrams per desolator".
fn per(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const UNITS: [&str; 10] = [
        "mg",
        "mcg",
        "g",
        "milligrams",
        "micrograms",
        "grams",
        "units",
        "mL",
        "milliliters",
        "milliequivalents",
    ];
    let least = if s.is_unlisted(at + 1) { NARROW } else { WIDE };
    let is_per = s.is(at, &["per"]) && s.was(at, &UNITS);
    let plural = s.text(at + 1).ends_with('s') || s.is(at + 1, &["min"]);
    let found = is_per.then(|| s.behind(at + 1, 1, &PER, least)).flatten();
    let found = found.filter(|_| !plural)?;
    Some(s.written(found, Some(FlagKind::UnknownTerm)))
}

/// "96% on three leaders".
fn liters(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let reach = at.saturating_sub(8)..at;
    let oxygen = |place: usize| {
        s.text(place).ends_with('%') || s.is(place, &["sat", "oxygen", "o2", "saturation"])
    };
    let is_flow = s.small(at).is_some() && s.was(at, &["on", "at", "of", "to"]);
    let is_unit = s.is(at + 1, &["leaders", "leader", "litres", "litters", "letters"]);
    let fluid = ["ascites", "fluid", "urine", "saline", "blood", "oxygen", "crystalloid"];
    let drained = s.small(at).is_some() && s.is(at + 2, &["of"]) && s.is(at + 3, &fluid);
    let found = (is_unit && (drained || is_flow && reach.into_iter().any(oxygen)))
        .then(|| s.behind(at + 1, 1, &LITERS, NARROW))
        .flatten()?;
    Some(s.written(found, Some(FlagKind::UnknownTerm)))
}

/// "50 microgene daily": a word of no list between an amount and how often.
fn unit(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const LEAST: f32 = 0.35;
    const STEM: usize = 3;
    let heard = s.low(at + 1);
    let is_unit = s.is_figure(at) && heard.len() > 2 * STEM && s.is_unlisted(at + 1);
    if !is_unit || !super::medicine::is_taken(s, at + 2) {
        return None;
    }
    let found = s.behind(at + 1, 1, &DOSED, LEAST)?;
    let begins_alike = heard.get(..STEM) == found.written.get(..STEM);
    begins_alike.then(|| s.written(found, Some(FlagKind::DrugDose)))
}
