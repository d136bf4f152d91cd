//! Names before a value of their own shape: scales, scores, classes, stages, karyotypes.
//!
//! Not for: what follows a figure (`behind`), medicines (`medicine`).
//!
//! Invariant: `at` is the first token after the name.

use super::{Alike, Edit, Names, Scene};
use crate::domain::flag::FlagKind;

/// The likeness that a frame asks for: narrow where nothing else has its shape. Chosen on the
/// recordings of `tests/data/critical-slots.tsv` and on ordinary words, which stay below 0.3.
const NARROW: f32 = 0.45;
const USUAL: f32 = 0.58;
const WIDE: f32 = 0.72;

static OF_THIRTY: Names = Names::new(&[("moca", "MoCA"), ("M M S E", "MMSE")]);
static SCALES: Names =
    Names::new(&[("glasgow coma", "Glasgow Coma"), ("braden", "Braden"), ("norton", "Norton")]);
static GLEASON: Names = Names::new(&[("gleason", "Gleason")]);
static INTERVALS: Names = Names::new(&[("p r", "PR"), ("q t", "QT"), ("q t c", "QTc")]);
static TYPES: Names = Names::new(&[("type two", "type 2"), ("type one", "type 1")]);
static CLASSES: Names = Names::new(&[("A S A", "ASA"), ("N Y H A", "NYHA"), ("killip", "Killip")]);
static AIRWAY: Names = Names::new(&[("mallampati", "Mallampati")]);
static ASSOCIATION: Names = Names::new(&[("new york heart", "New York Heart")]);
static CHRONIC: Names = Names::new(&[("chronic", "chronic")]);
static CRANIAL: Names = Names::new(&[("cranial", "cranial")]);
static TRISOMY: Names = Names::new(&[("trisomy", "trisomy")]);
static KARYOTYPE: Names = Names::new(&[("karyotype", "karyotype")]);
static GRAVIDA: Names = Names::new(&[("gravida", "gravida")]);
static PARA: Names = Names::new(&[("para", "para")]);
static APGARS: Names = Names::new(&[("apgars", "Apgars")]);

pub fn expected(s: &Scene<'_>, at: usize) -> Option<Edit> {
    scale(s, at)
        .or_else(|| gleason(s, at))
        .or_else(|| interval(s, at))
        .or_else(|| diabetes(s, at))
        .or_else(|| class(s, at))
        .or_else(|| kidneys(s, at))
        .or_else(|| strange(s, at))
        .or_else(|| karyotype(s, at))
        .or_else(|| pregnancies(s, at))
        .or_else(|| apgars(s, at))
        .or_else(|| minutes(s, at))
}

/// "mocha 22 out of 30"; "let's go call my scale 15".
fn scale(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let is_thirty = |place: usize| s.is(place, &["thirty"]) || s.text(place) == "30";
    let of_thirty = s.text(at).ends_with("/30")
        || s.is_number(at) && s.is(at + 1, &["over"]) && is_thirty(at + 2)
        || s.is_number(at) && s.is(at + 1, &["out"]) && s.is(at + 2, &["of"]) && is_thirty(at + 3);
    if of_thirty {
        let found = s.before(at, 2, &OF_THIRTY, USUAL)?;
        return Some(s.written(found, None));
    }
    let counted = s.is_number(at + 1) || s.is(at + 1, &["of"]) && s.is_number(at + 2);
    let is_scale = s.is(at, &["scale", "score"]) && counted;
    let found = is_scale.then(|| s.before(at, 4, &SCALES, USUAL)).flatten()?;
    Some(s.written(found, None))
}

/// "Glee's in 3+4=7": only a Gleason sum has this shape.
fn gleason(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let text = s.text(at);
    let written = text.len() <= 7 && text.split_once('+').is_some_and(|(a, b)| grades(a, b));
    let small = |place: usize| s.small(place).is_some_and(|n| (1..=5).contains(&n));
    let spoken = small(at) && s.is(at + 1, &["plus"]) && small(at + 2);
    if !written && !spoken {
        return None;
    }
    let skipped = usize::from(s.was(at, &["score", "grade", "sum"]));
    let found = s.before(at - skipped.min(at), 3, &GLEASON, WIDE)?;
    Some(s.written(found, None))
}

fn grades(first: &str, rest: &str) -> bool {
    let is_grade = |text: &str| matches!(text, "1" | "2" | "3" | "4" | "5");
    let second = rest.split('=').next().unwrap_or_default();
    is_grade(first) && is_grade(second)
}

/// "he are interval 200 milliseconds".
fn interval(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let is_interval = s.is(at, &["interval"]) && (s.is_number(at + 1) || s.is_number(at + 2));
    let letters = at > 1 && s.text(at - 1).len() == 1 && s.text(at - 2).len() == 1;
    let known = at > 0 && ["pr", "qt", "qtc", "rr", "qrs", "p-r"].contains(&s.low(at - 1).as_str());
    if !is_interval || letters || known {
        return None;
    }
    let found = s.before(at, 2, &INTERVALS, USUAL)?;
    Some(s.written(found, None))
}

/// "tattoo diabetes".
fn diabetes(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let before = at.checked_sub(1)?;
    let typed = s.was(at, &["type"]) || s.was(before, &["type"]);
    if !s.is(at, &["diabetes", "diabetic"]) || typed || s.is_number(before) {
        return None;
    }
    let found = s.before(at, 2, &TYPES, NARROW)?;
    Some(s.written(found, Some(FlagKind::Number)))
}

/// "8s class 3"; "new your cart association".
fn class(s: &Scene<'_>, at: usize) -> Option<Edit> {
    if s.is(at, &["association"]) && s.is(at + 1, &["class", "functional"]) {
        let found = s.before(at, 4, &ASSOCIATION, USUAL)?;
        return Some(s.written(found, None));
    }
    let ranked = s.is(at, &["class"]) && s.is_number(at + 1);
    if let Some(found) = ranked.then(|| s.before(at, 2, &AIRWAY, USUAL)).flatten() {
        return Some(s.written(found, None));
    }
    let before = at.checked_sub(1).filter(|_| ranked)?;
    if !s.text(before).contains(|c: char| c.is_ascii_digit()) && !s.is_strange(before) {
        return None;
    }
    let found = s.before(at, 2, &CLASSES, NARROW)?;
    Some(s.written(found, None))
}

/// "grama kidney disease stage 3": only the chronic one has stages.
fn kidneys(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const LEAST: f32 = 0.28;
    const ENGLISH_LEVEL_MAX: u8 = 50;
    let staged = s.is(at, &["kidney"])
        && s.is(at + 1, &["disease"])
        && s.is(at + 2, &["stage"])
        && s.is_number(at + 3);
    let before = at.checked_sub(1).filter(|_| staged)?;
    let level = s.request.lexicon.english_level(&s.low(before));
    let is_rare = level.is_none_or(|level| level > ENGLISH_LEVEL_MAX);
    let found = is_rare.then(|| s.before(at, 1, &CHRONIC, LEAST)).flatten()?;
    Some(s.written(found, None))
}

/// A word of no list that is one sound from the name its neighbour calls for.
fn strange(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const NUMBERED: [u32; 5] = [8, 13, 16, 18, 21];
    let names = if s.is(at, &["nerve", "nerves"]) {
        &CRANIAL
    } else if s.small(at).is_some_and(|n| NUMBERED.contains(&n)) {
        &TRISOMY
    } else {
        return None;
    };
    let found = s.before(at, 1, names, WIDE)?;
    let strange = s.is_unlisted(found.tokens.start) || s.is(found.tokens.start, &["trisome"]);
    strange.then(|| s.written(found, None))
}

/// "carrier I 46 x y".
fn karyotype(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let sexes = |text: &str| matches!(text, "xx" | "xy" | "x");
    let low = s.low(at);
    let written = low.strip_prefix("46,").is_some_and(sexes);
    let spoken = low == "46" && (sexes(&s.low(at + 1)) || s.is(at + 1, &["x"]));
    let found = (written || spoken).then(|| s.before(at, 3, &KARYOTYPE, NARROW)).flatten()?;
    Some(s.written(found, None))
}

/// "grab it at 2 pair of 1": both names are looked for, so that one alone changes nothing.
fn pregnancies(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const LEAST: f32 = 0.6;
    s.small(at)?;
    // The number after "gravida", where "para" and its number follow.
    let first = s.before(at, 3, &GRAVIDA, LEAST);
    if let Some(gravida) = first {
        let para = s.is(at + 1, &["para"]) || s.behind(at + 1, 2, &PARA, WIDE).is_some();
        return para.then(|| s.written(gravida, None));
    }
    let para = s.before(at, 2, &PARA, WIDE)?;
    let count = para.tokens.start.checked_sub(1).filter(|place| s.small(*place).is_some())?;
    let is_gravida = s.was(count, &["gravida", "gravid"]);
    let gravida = is_gravida || s.before(count, 3, &GRAVIDA, LEAST).is_some();
    gravida.then(|| s.written(para, None))
}

/// "gars five and eight at one and five minutes".
fn apgars(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let scores = s.small(at).is_some() && s.is(at + 1, &["and"]) && s.small(at + 2).is_some();
    let minutes = s.is(at + 3, &["at"])
        && s.small(at + 4) == Some(1)
        && (s.is(at + 5, &["minute"]) || s.small(at + 6) == Some(5));
    let linked = usize::from(s.was(at, &["were", "was", "are", "of"]));
    let end = at.checked_sub(linked).filter(|_| scores && minutes)?;
    let found = s.before(end, 2, &APGARS, NARROW)?;
    let Alike { tokens, .. } = &found;
    let known = s.is(tokens.start, &["apgar", "apgars", "scores", "were"]);
    (!known).then(|| s.written(found, None))
}

/// "Apgars 8 and 9 at 1 in 5 minutes".
fn minutes(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const REACH: usize = 12;
    let between = s.is(at, &["in"]) && s.small(at + 1).is_some() && s.is(at + 2, &["minutes"]);
    let first = between && at > 0 && s.small(at - 1) == Some(1);
    let scored = (1..REACH)
        .filter_map(|back| at.checked_sub(back))
        .any(|place| s.is(place, &["apgar", "apgars"]));
    (first && scored).then(|| super::plain(at..at + 1, &["and"]))
}
