//! Units of measure: how they are heard and how they are written after a figure.
//!
//! Not for: the figure itself (`numbers`), or whether a dose is plausible (`safety`).
//!
//! Invariant: metric units are written short, without stop or plural (R-UNIT-1); mcg, mL, units
//! and international units are never written otherwise (R-UNIT-2); units that are not metric
//! stay words (R-UNIT-3).

use super::numbers::atoms::Sort;
use super::numbers::view::View;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Of a medicine: mg, mcg, g, mEq, units.
    Dose,
    Volume,
    Length,
    /// Any other that is written short.
    Metric,
    Percent,
    /// With its scale: closed up.
    Temperature,
    /// Days, weeks, years: hyphenated before a noun.
    Time,
    /// Tablets, puffs, drops.
    Form,
    /// Feet, pounds: words, hyphenated before a noun.
    Customary,
    /// Words that only make the number a figure: degrees, breaths per minute.
    Word,
}

/// A unit of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// As it stands after a figure; empty where it stays the word that was said.
    pub short: &'static str,
    pub one: &'static str,
    pub many: &'static str,
    pub class: Class,
}

/// A unit that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    pub unit: Unit,
    /// As it stands after a figure.
    pub written: String,
    /// As it stands after a number in words.
    pub in_words: String,
    pub end: usize,
    /// A singular was said or written in full: "week", "centimeter".
    pub singular: bool,
    /// It is divided by another: "mg/dL".
    pub per: bool,
}

impl Heard {
    /// Whether the amount is one of a medicine: "mg" and "mcg/kg/min", not "mg/dL".
    pub fn is_dose(&self) -> bool {
        let concentration =
            ["/dL", "/L", "/mL", "/mcL"].iter().any(|per| self.written.contains(per));
        self.unit.class == Class::Dose && !concentration
    }
}

const fn unit(short: &'static str, one: &'static str, many: &'static str, class: Class) -> Unit {
    Unit { short, one, many, class }
}

/// The unit that begins here, with everything it is divided by.
pub fn heard(v: &View<'_>, at: usize) -> Option<Heard> {
    let (unit, mut end, singular) = base(v, at)?;
    let mut written =
        if unit.short.is_empty() { spoken(v, at, end) } else { unit.short.to_string() };
    let words = if unit.short.is_empty() { written.clone() } else { String::new() };
    let mut in_words = words;
    let mut per = false;
    let divides = matches!(unit.class, Class::Dose | Class::Volume | Class::Length | Class::Metric);
    while divides && v.is(end, &["per", "/"]) {
        let Some((below, next)) = denominator(v, end + 1) else {
            break;
        };
        if !per {
            in_words = unit.many.to_string();
        }
        written = format!("{written}/{}", below.short);
        in_words = format!("{in_words} per {}", below.one);
        per = true;
        end = next;
    }
    Some(Heard { unit, written, in_words, end, singular, per })
}

impl Heard {
    /// The unit after a number in words.
    pub fn after_words(&self, is_one: bool) -> String {
        if !self.in_words.is_empty() {
            return self.in_words.clone();
        }
        if is_one || self.singular { self.unit.one.to_string() } else { self.unit.many.to_string() }
    }
}

fn spoken(v: &View<'_>, from: usize, end: usize) -> String {
    let mut text = String::new();
    for at in from..end {
        if !text.is_empty() && !v.glued(at) {
            text.push(' ');
        }
        text.push_str(v.raw(at));
    }
    text
}

fn base(v: &View<'_>, at: usize) -> Option<(Unit, usize, bool)> {
    if let Some((unit, end)) = spelled(v, at) {
        return Some((unit, end, false));
    }
    let low = v.low(at);
    if low.is_empty() || v.is_number(at) {
        return None;
    }
    if let Some((unit, end)) = several(v, at) {
        return Some((unit, end, low == unit.one.split(' ').next().unwrap_or_default()));
    }
    if v.sort(at) == Sort::Letter && !stands_for_unit(v, at) {
        return None;
    }
    let unit = metric(low).or_else(|| dose(low)).or_else(|| word(low))?;
    Some((unit, at + 1, low == unit.one))
}

/// A single letter is a unit only after figures that the recogniser wrote: "20 U", "2 L".
fn stands_for_unit(v: &View<'_>, at: usize) -> bool {
    let after_figures = at > 0 && v.digits(at - 1).is_some();
    let capital = v.raw(at).starts_with(|c: char| c.is_uppercase());
    match v.low(at) {
        "u" => true,
        "l" => after_figures && (capital || v.glued(at)) && !v.is_number(at + 1),
        "g" | "m" => after_figures && !capital && !v.is_number(at + 1),
        _ => false,
    }
}

/// Units spelled as letters: "m g", "c c's", "m m h g".
fn spelled(v: &View<'_>, at: usize) -> Option<(Unit, usize)> {
    const SPELLED: [(&[&str], &str); 18] = [
        (&["m", "m", "h", "g"], "mmhg"),
        (&["m", "c", "g"], "mcg"),
        (&["m", "e", "q"], "meq"),
        (&["m", "m", "o", "l"], "mmol"),
        (&["m", "g"], "mg"),
        (&["m", "l"], "ml"),
        (&["m", "m"], "mm"),
        (&["m", "s"], "ms"),
        (&["c", "m"], "cm"),
        (&["k", "g"], "kg"),
        (&["d", "l"], "dl"),
        (&["n", "g"], "ng"),
        (&["c", "c"], "cc"),
        (&["c", "c's"], "cc"),
        (&["c", "cs"], "cc"),
        (&["i", "u"], "iu"),
        (&["µ", "g"], "mcg"),
        (&["u", "g"], "mcg"),
    ];
    if v.low(at).chars().count() != 1 {
        return None;
    }
    let (letters, low) = SPELLED.iter().find(|(letters, _)| v.reads(at, letters))?;
    // "m m" may be two ends of a sentence; glue within one token is settled already.
    Some((metric(low).or_else(|| dose(low))?, at + letters.len()))
}

/// "degrees Fahrenheit", "°C", "degrees".
fn degrees(v: &View<'_>, at: usize) -> Option<(Unit, usize)> {
    let bare = v.is(at, &["f"]) && at > 0 && v.digits(at - 1).is_some();
    if bare && v.near_before(at, 6, &["temperature", "temp", "fever", "tmax", "febrile"]) {
        return Some((
            unit("°F", "degree Fahrenheit", "degrees Fahrenheit", Class::Temperature),
            at + 1,
        ));
    }
    if !v.is(at, &["degrees", "degree", "°"]) {
        return None;
    }
    let (short, one, many) = match v.low(at + 1) {
        "fahrenheit" | "f" => ("°F", "degree Fahrenheit", "degrees Fahrenheit"),
        "celsius" | "centigrade" | "c" => ("°C", "degree Celsius", "degrees Celsius"),
        _ if v.low(at) == "°" => {
            return Some((unit("degrees", "degree", "degrees", Class::Metric), at + 1));
        }
        _ => return None,
    };
    Some((unit(short, one, many, Class::Temperature), at + 2))
}

/// Units of several words.
fn several(v: &View<'_>, at: usize) -> Option<(Unit, usize)> {
    if let Some(found) = degrees(v, at) {
        return Some(found);
    }
    let reads = |words: &[&str]| v.reads(at, words);
    if v.is(at, &["millimeters", "millimeter", "mm"]) {
        let mercury = v.reads(at + 1, &["of", "mercury"]);
        if mercury {
            return Some((MMHG, at + 3));
        }
        if v.low(at) == "mm" && v.is(at + 1, &["hg"]) {
            return Some((MMHG, at + 2));
        }
    }
    if v.is(at, &["centimeters", "centimeter", "cm"]) && v.reads(at + 1, &["of", "water"]) {
        return Some((
            unit("cmH2O", "centimeter of water", "centimeters of water", Class::Metric),
            at + 3,
        ));
    }
    if v.is(at, &["international"]) && v.is(at + 1, &["unit", "units"]) {
        return Some((INTERNATIONAL, at + 2));
    }
    if v.is(at, &["milli", "micro", "deci"]) && v.is_word(at + 1) {
        let joined = format!("{}{}", v.low(at), v.low(at + 1));
        let unit = metric(&joined).or_else(|| dose(&joined))?;
        return Some((unit, at + 2));
    }
    if reads(&["per", "cent"]) {
        return Some((PERCENT, at + 2));
    }
    if v.is(at, &["beats", "beat"]) && (reads_per_minute(v, at + 1)) {
        let short = if v.request.profile.beats_per_minute_short { "bpm" } else { "" };
        return Some((unit(short, "beat per minute", "beats per minute", Class::Word), at + 3));
    }
    if v.is(at, &["square", "cubic"]) && v.is_word(at + 1) {
        let (one, many, short) = match (v.low(at), v.low(at + 1)) {
            ("square", "meter" | "meters") => ("square meter", "square meters", "m2"),
            ("square", "centimeter" | "centimeters") => {
                ("square centimeter", "square centimeters", "cm2")
            }
            ("cubic", "centimeter" | "centimeters") => ("milliliter", "milliliters", "mL"),
            _ => return None,
        };
        return Some((unit(short, one, many, Class::Metric), at + 2));
    }
    None
}

fn reads_per_minute(v: &View<'_>, at: usize) -> bool {
    v.is(at, &["per", "/", "a"]) && v.is(at + 1, &["minute", "min"])
}

/// What the amount of a medicine is counted in: the unit as it is written, "mg" for
/// "milligrams", or the word itself of a form such as "tablets".
pub fn of_medicine(word: &str) -> Option<Counted> {
    let low = word.to_ascii_lowercase();
    if let Some(unit) = dose(&low) {
        return Some(Counted::Amount(unit.short));
    }
    let volume = || metric(&low).filter(|unit| unit.short == "mL");
    let form = || self::word(&low).filter(|unit| unit.class == Class::Form);
    volume().map(|unit| Counted::Amount(unit.short)).or_else(|| form().map(|_| Counted::Form))
}

/// What a medicine is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// A unit, as it is written after a figure.
    Amount(&'static str),
    /// Tablets, puffs, drops.
    Form,
}

const MMHG: Unit = unit("mmHg", "millimeter of mercury", "millimeters of mercury", Class::Metric);
const INTERNATIONAL: Unit =
    unit("international units", "international unit", "international units", Class::Dose);
const SQUARE_METER: Unit = unit("m2", "square meter", "square meters", Class::Metric);
const PERCENT: Unit = unit("%", "percent", "percent", Class::Percent);

fn dose(low: &str) -> Option<Unit> {
    Some(match low {
        "mg" | "mgs" | "milligram" | "milligrams" => {
            unit("mg", "milligram", "milligrams", Class::Dose)
        }
        "mcg" | "mcgs" | "ug" | "mics" | "mikes" | "microgram" | "micrograms" => {
            unit("mcg", "microgram", "micrograms", Class::Dose)
        }
        "g" | "gm" | "gms" | "gram" | "grams" => unit("g", "gram", "grams", Class::Dose),
        "meq" | "meqs" | "milliequivalent" | "milliequivalents" => {
            unit("mEq", "milliequivalent", "milliequivalents", Class::Dose)
        }
        "unit" => unit("unit", "unit", "units", Class::Dose),
        "u" | "units" => unit("units", "unit", "units", Class::Dose),
        "iu" | "ius" => INTERNATIONAL,
        "ng" | "nanogram" | "nanograms" => unit("ng", "nanogram", "nanograms", Class::Dose),
        "mmol" | "millimole" | "millimoles" => unit("mmol", "millimole", "millimoles", Class::Dose),
        _ => return None,
    })
}

fn metric(low: &str) -> Option<Unit> {
    use Class::{Length, Metric, Volume};
    Some(match low {
        "ml" | "mls" | "cc" | "ccs" | "cc's" | "milliliter" | "milliliters" | "millilitre"
        | "millilitres" => unit("mL", "milliliter", "milliliters", Volume),
        "l" | "liter" | "liters" | "litre" | "litres" => unit("L", "liter", "liters", Volume),
        "dl" | "deciliter" | "deciliters" => unit("dL", "deciliter", "deciliters", Volume),
        "mcl" | "microliter" | "microliters" => unit("mcL", "microliter", "microliters", Volume),
        "cm" | "cms" | "centimeter" | "centimeters" | "centimetre" | "centimetres" => {
            unit("cm", "centimeter", "centimeters", Length)
        }
        "mm" | "mms" | "millimeter" | "millimeters" | "millimetre" | "millimetres" => {
            unit("mm", "millimeter", "millimeters", Length)
        }
        "m" | "meter" | "meters" | "metre" | "metres" => unit("m", "meter", "meters", Length),
        "km" | "kilometer" | "kilometers" => unit("km", "kilometer", "kilometers", Length),
        "micrometer" | "micrometers" => unit("micrometers", "micrometer", "micrometers", Length),
        "kg" | "kgs" | "kilogram" | "kilograms" | "kilo" | "kilos" => {
            unit("kg", "kilogram", "kilograms", Metric)
        }
        "pg" | "picogram" | "picograms" => unit("pg", "picogram", "picograms", Metric),
        "mmhg" => MMHG,
        "cmh2o" => unit("cmH2O", "centimeter of water", "centimeters of water", Metric),
        "ms" | "msec" | "millisecond" | "milliseconds" => {
            unit("ms", "millisecond", "milliseconds", Metric)
        }
        "hz" | "hertz" => unit("Hz", "hertz", "hertz", Metric),
        "khz" | "kilohertz" => unit("kHz", "kilohertz", "kilohertz", Metric),
        "mhz" | "megahertz" => unit("MHz", "megahertz", "megahertz", Metric),
        "gy" | "gray" => unit("Gy", "gray", "gray", Metric),
        "cgy" | "centigray" => unit("cGy", "centigray", "centigray", Metric),
        "kv" | "kilovolts" => unit("kV", "kilovolt", "kilovolts", Metric),
        "mv" | "millivolt" | "millivolts" => unit("mV", "millivolt", "millivolts", Metric),
        "mosm" | "milliosmole" | "milliosmoles" => {
            unit("mOsm", "milliosmole", "milliosmoles", Metric)
        }
        "nmol" | "nanomole" | "nanomoles" => unit("nmol", "nanomole", "nanomoles", Metric),
        "mci" | "millicurie" | "millicuries" => unit("mCi", "millicurie", "millicuries", Metric),
        "bpm" => unit("bpm", "beat per minute", "beats per minute", Metric),
        "percent" | "%" => PERCENT,
        _ => return None,
    })
}

/// Whether a word counts time: "days", "hour".
pub fn is_time(text: &str) -> bool {
    word(&text.to_ascii_lowercase()).is_some_and(|unit| unit.class == Class::Time)
}

fn word(low: &str) -> Option<Unit> {
    use Class::{Customary, Form, Time, Word};
    const WORDS: [(&str, &str, Class); 44] = [
        ("day", "days", Time),
        ("week", "weeks", Time),
        ("month", "months", Time),
        ("year", "years", Time),
        ("hour", "hours", Time),
        ("minute", "minutes", Time),
        ("tablet", "tablets", Form),
        ("capsule", "capsules", Form),
        ("puff", "puffs", Form),
        ("drop", "drops", Form),
        ("spray", "sprays", Form),
        ("tab", "tabs", Form),
        ("patch", "patches", Form),
        ("pill", "pills", Form),
        ("caplet", "caplets", Form),
        ("lozenge", "lozenges", Form),
        ("teaspoon", "teaspoons", Form),
        ("tablespoon", "tablespoons", Form),
        ("teaspoonful", "teaspoonfuls", Form),
        ("tablespoonful", "tablespoonfuls", Form),
        ("suppository", "suppositories", Form),
        ("vial", "vials", Form),
        ("ampule", "ampules", Form),
        ("packet", "packets", Form),
        ("inhalation", "inhalations", Form),
        ("application", "applications", Form),
        ("foot", "feet", Customary),
        ("inch", "inches", Customary),
        ("pound", "pounds", Customary),
        ("ounce", "ounces", Customary),
        ("mile", "miles", Customary),
        ("yard", "yards", Customary),
        ("block", "blocks", Word),
        ("pack", "packs", Word),
        ("degree", "degrees", Word),
        ("breaths", "breaths", Word),
        ("beats", "beats", Word),
        ("times", "times", Word),
        ("seconds", "seconds", Word),
        ("diopter", "diopters", Word),
        ("lb", "lbs", Word),
        ("joule", "joules", Word),
        ("calorie", "calories", Word),
        ("percentile", "percentiles", Word),
    ];
    let (one, many, class) =
        WORDS.iter().find(|(one, many, _)| *one == low || *many == low).copied()?;
    Some(unit("", one, many, class))
}

fn denominator(v: &View<'_>, at: usize) -> Option<(Unit, usize)> {
    let low = v.low(at);
    let time = match low {
        "minute" | "min" => Some(unit("min", "minute", "minutes", Class::Time)),
        "hour" | "hr" | "h" => Some(unit("h", "hour", "hours", Class::Time)),
        "day" => Some(unit("day", "day", "days", Class::Time)),
        "second" | "sec" | "s" => Some(unit("s", "second", "seconds", Class::Time)),
        "dose" => Some(unit("dose", "dose", "doses", Class::Word)),
        "l" => Some(unit("L", "liter", "liters", Class::Volume)),
        "m" if v.is(at + 1, &["2", "²"]) && v.glued(at + 1) => {
            return Some((SQUARE_METER, at + 2));
        }
        "meter" | "meters" if v.is(at + 1, &["squared"]) => return Some((SQUARE_METER, at + 2)),
        "g" => Some(unit("g", "gram", "grams", Class::Dose)),
        _ => None,
    };
    if let Some(unit) = time {
        return Some((unit, at + 1));
    }
    if let Some((unit, end)) = spelled(v, at).or_else(|| several(v, at)) {
        return Some((unit, end));
    }
    let unit = metric(low).or_else(|| dose(low))?;
    matches!(unit.class, Class::Volume | Class::Metric | Class::Dose | Class::Length)
        .then_some((unit, at + 1))
}
