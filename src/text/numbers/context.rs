//! The words that tell what a number is: vitals, laboratory values, scores, labels.
//!
//! Not for: reading the number.
//!
//! Invariant: looks back within the sentence only, over a few connecting words, so it costs the
//! same everywhere.

use super::view::View;

/// What the words before a number make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// A measured value: figures, trailing zeros stay.
    Value,
    /// A score or a scale.
    Score,
    /// A label with a number: "day 3", "type 2", "phase 2".
    Label,
}

/// How far a value may stand from its name, in words and marks between them.
const REACH: usize = 6;

/// Words and marks between a name and its value.
const BETWEEN: &[&str] = &[
    "is", "was", "of", "are", "were", "at", "to", "in", "a", "an", "the", "than", "about",
    "approximately", "around", "over", "under", "greater", "less", "above", "below", "down", "up",
    "from", "between", "and", "low", "high", "count", "level", "levels", "rate", "today", "now",
    "currently", "only", "stable", "elevated", "ranged", "ranging", "value", "values", "score",
    "total", "by", ":", "=", ",", "(", "equals", "equal", "came", "back", "measured", "remains",
    "remained", "rose", "fell", "dropped", "increased", "decreased", "improved", "has", "been",
    "just", "out", "foot", "feet", "pounds", "ounces",
];

const VALUES: &[&str] = &[
    "pressure", "pulse", "pulses", "respirations", "respiration", "respiratory", "heart", "temperature", "temp",
    "saturation", "saturations", "sat", "sats", "weight", "height", "bmi", "sodium", "potassium",
    "chloride", "bicarbonate", "bicarb", "carbon", "creatinine", "bun", "glucose", "calcium",
    "magnesium", "phosphorus", "phosphate", "hemoglobin", "hematocrit", "platelet", "platelets",
    "white", "wbc", "wbcs", "rbc", "rbcs", "neutrophils", "neutrophil", "lymphocytes", "monocytes",
    "eosinophils", "basophils", "bands", "blasts", "inr", "pt", "ptt", "aptt", "tsh", "t4", "t3",
    "a1c", "hba1c", "ph", "pco2", "po2", "paco2", "pao2", "hco3", "co2", "o2", "fio2", "spo2",
    "troponin", "bnp", "lactate", "lipase", "amylase", "ast", "alt", "bilirubin", "alkaline",
    "albumin", "protein", "ferritin", "iron", "psa", "cea", "afp", "ldl", "hdl", "cholesterol",
    "triglycerides", "esr", "crp", "gap", "osmolality", "gravity", "trough", "peak", "digoxin",
    "fev1", "fvc", "ejection", "fraction", "gradient", "velocity", "qtc", "qt", "qrs", "pr",
    "interval", "hcg", "cd4", "egfr", "gfr", "ammonia", "cortisol", "testosterone", "vitals",
    "gestational", "cervix", "dilated", "effaced", "station", "fundal", "flow", "peep", "tidal",
    "residual", "index", "measures", "measuring", "measured", "mcv", "rdw", "ck", "ldh", "uric",
    "folate",
];

const SCORES: &[&str] = &[
    "strength", "pain", "reflexes", "reflex", "edema", "score", "scores", "scored", "scale",
    "apgar", "apgars", "gcs", "coma", "gleason", "moca", "mmse", "phq", "gad", "meld", "wells",
    "chads", "cha2ds2", "vasc", "nihss", "stroke", "curb", "braden", "ecog", "karnofsky", "murmur",
    "power", "motor", "rads", "fuhrman", "grade", "bishop", "aldrete", "rass", "ciwa", "cows",
    "mmrc", "rating", "rated", "rates", "fagerstrom", "berg",
];

/// Words whose number is a label.
const LABELS: &[&str] = &[
    "day", "week", "month", "year", "type", "stage", "grade", "class", "phase", "step", "cycle",
    "dose", "visit", "room", "bed", "series", "image", "images", "page", "level", "category", "zone",
    "segment", "group", "figure", "table", "item", "version", "number", "specimen",
    "sample", "slide", "cassette", "block", "size", "trial", "trauma", "session",
    "unit", "floor", "suite", "pod", "tier", "stent", "chapter", "question",
    "option", "schedule", "genotype", "serotype", "trisomy", "chromosome", "exon", "codon",
    "postoperative", "pod", "toe", "finger", "rib", "axis", "criterion",
    "criteria", "angle", "gauge", "french",
];

/// What stands before the number at `at`.
pub fn before(v: &View<'_>, at: usize) -> Option<Before> {
    let owners = &["the", "her", "his", "my", "our", "their"];
    if v.was(at, 1, &["number"]) && v.was(at, 2, owners) {
        return None;
    }
    if v.was(at, 1, LABELS) && !v.was(at, 2, &["a", "per", "each", "every", "one"]) {
        return Some(Before::Label);
    }
    for back in 1..=REACH {
        let place = at.checked_sub(back)?;
        if v.ends_sentence(place) {
            return None;
        }
        if v.is(place, SCORES) {
            return Some(Before::Score);
        }
        if v.is(place, VALUES) {
            return Some(Before::Value);
        }
        let passes = v.is(place, BETWEEN) || v.is_number(place) || v.is(place, &["/", "-", "%"]);
        if !passes {
            return None;
        }
    }
    None
}

/// Verbs that make "ten to twenty" a change and not a range.
const CHANGES: &[&str] = &[
    "increase", "increased", "increasing", "decrease", "decreased", "decreasing", "reduce",
    "reduced", "titrate", "titrated", "change", "changed", "raise", "raised", "lower", "lowered",
    "switch", "switched", "advance", "advanced", "taper", "tapered", "went", "improved", "dropped",
    "rose", "fell", "adjusted", "adjust", "uptitrate", "uptitrated", "converted", "declined",
    "progressed",
];

/// Whether "to" leads from an old value to a new one.
pub fn is_change(v: &View<'_>, at: usize) -> bool {
    v.near_before(at, 12, CHANGES)
}
