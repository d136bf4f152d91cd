//! What follows a figure: sutures, units, pack-years, effacement, factor V Leiden.
//!
//! Not for: names before a value (`names`).
//!
//! Invariant: a unit is only put in the place of a word that no list has, or where the frame
//! leaves no other reading; a name that sounds little like what was heard is flagged.

use super::{Edit, Names, Scene};
use crate::domain::flag::FlagKind;
use crate::text::units::{self, Counted};

/// The likeness that is asked for (see `names`).
const NARROW: f32 = 0.45;
const WIDE: f32 = 0.7;

static MATERIALS: Names = Names::new(&[
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
]);
static EFFACED: Names = Names::new(&[("effaced", "effaced")]);
static PACK_YEAR: Names = Names::new(&[("pack year", "pack year")]);
static LEIDEN: Names = Names::new(&[("leiden", "Leiden")]);
static LITERS: Names = Names::new(&[("liters", "liters")]);
static PER: Names = Names::new(&[
    ("deciliter", "deciliter"),
    ("milliliter", "milliliter"),
    ("kilogram", "kilogram"),
    ("minute", "minute"),
    ("hour", "hour"),
]);
static DOSED: Names = Names::new(&[
    ("micrograms", "micrograms"),
    ("milligrams", "milligrams"),
    ("milliequivalents", "milliequivalents"),
]);

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
    let best = MATERIALS.nearest(&[material], WIDE)?;
    Some(super::plain(at..at + 1, &[size, best]))
}

/// "four on nylon" is 4-0 nylon, and so is "40 nylon".
fn four_on_nylon(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let size = s.small(at).filter(|size| (1..=120).contains(size))?;
    let tens = size % 10 == 0 && s.is_figure(at) && !s.is(at + 2, &["sutures", "suture", "ties"]);
    if tens && size <= 60 && MATERIALS.names.iter().any(|(name, _)| s.is(at + 1, &[name])) {
        let written = format!("{}-0", size / 10);
        return Some(super::doubted(s, at..at + 1, &[&written], FlagKind::Number));
    }
    if size <= 12 && MATERIALS.names.iter().any(|(name, _)| s.is(at + 1, &[name])) {
        return unsaid_size(s, at);
    }
    let is_material = size <= 12
        && (MATERIALS.names.iter().any(|(name, _)| s.is(at + 2, &[name]))
            || s.is(at + 2, &["pds", "gut"]));
    let is_zero = s.is(at + 1, &["on", "own", "oat", "owe", "or"]);
    let written = format!("{size}-0");
    (is_material && is_zero).then(|| super::doubted(s, at..at + 2, &[&written], FlagKind::Number))
}

/// "closed with four Monocryl": a size without its zero, or a count of sutures.
fn unsaid_size(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const COUNTED: [&str; 8] =
        ["sutures", "suture", "ties", "tie", "stitches", "stitch", "throws", "interrupted"];
    let counted = (2..4).any(|ahead| s.is(at + ahead, &COUNTED));
    let sized = s.was(at, &["number", "-"]) || s.text(at.saturating_sub(1)) == "#";
    let note = "A suture's size was heard without its zero; is it the size?";
    let edit = super::plain(at..at + 1, &[s.text(at)]);
    (!counted && !sized).then(|| Edit { doubt: Some((FlagKind::Number, note.into())), ..edit })
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
        let words = [count, "pack", "year"];
        return PACK_YEAR.nearest(&[packs], WIDE).map(|_| super::plain(at..at + 1, &words));
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
        let leiden = LEIDEN.nearest(&[name], WIDE)?;
        return Some(super::plain(at + 1..at + 2, &["V", leiden]));
    }
    let is_five = s.small(at + 1) == Some(5) || s.is(at + 1, &["v"]);
    let found = is_five.then(|| s.behind(at + 2, 1, &LEIDEN, WIDE)).flatten()?;
    Some(s.written(found, None))
}

/// "412 milligrams per desolator".
fn per(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let before = at.checked_sub(1).filter(|_| s.is(at, &["per"]))?;
    let amount = matches!(units::of_medicine(s.text(before)), Some(Counted::Amount(_)));
    let plural = s.text(at + 1).ends_with('s') || s.is(at + 1, &["min"]);
    if !amount || plural {
        return None;
    }
    let least = if s.is_unlisted(at + 1) { NARROW } else { WIDE };
    let found = s.behind(at + 1, 1, &PER, least)?;
    Some(s.written(found, None))
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
    let taken = ["drained", "removed", "aspirated", "infused", "given", "evacuated"];
    let drained = s.small(at).is_some()
        && (s.is(at + 2, &["of"]) && s.is(at + 3, &fluid)
            || s.is(at + 2, &["was", "were"]) && s.is(at + 3, &taken));
    let found = (is_unit && (drained || is_flow && reach.into_iter().any(oxygen)))
        .then(|| s.behind(at + 1, 1, &LITERS, NARROW))
        .flatten()?;
    Some(s.written(found, None))
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
