//! A laboratory value and no known name before it: "tropin in point 04", "creatining 1.0".
//!
//! Not for: medicines (`medicine`), labels of letters (`habits::values`). Times ("in 6 hours")
//! are no values.
//!
//! Invariant: a name is only put in the place of words that are none, or of several that are no
//! term together, and is flagged.

use super::super::units;
use super::{Edit, Names, Scene};
use crate::domain::flag::FlagKind;

/// The likeness that is asked for, and for words of the language (see `names`).
const SOUND: f32 = 0.7;
const SOUND_OF_VALID: f32 = 0.85;
const WORDS_MAX: usize = 3;

static NAMES: Names = Names::new(&[
    ("creatinine", "creatinine"),
    ("troponin", "troponin"),
    ("potassium", "potassium"),
    ("sodium", "sodium"),
    ("chloride", "chloride"),
    ("bicarbonate", "bicarbonate"),
    ("magnesium", "magnesium"),
    ("phosphorus", "phosphorus"),
    ("calcium", "calcium"),
    ("glucose", "glucose"),
    ("hemoglobin", "hemoglobin"),
    ("hematocrit", "hematocrit"),
    ("platelets", "platelets"),
    ("bilirubin", "bilirubin"),
    ("albumin", "albumin"),
    ("lipase", "lipase"),
    ("amylase", "amylase"),
    ("lactate", "lactate"),
    ("ferritin", "ferritin"),
    ("procalcitonin", "procalcitonin"),
    ("triglycerides", "triglycerides"),
    ("respirations", "respirations"),
]);

pub fn expected(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let valued = s.is_number(at) || s.is(at, &["point"]) && s.is_number(at + 1);
    let linked = usize::from(s.was(at, &["is", "was", "of", "at"]));
    let end = at.checked_sub(linked).filter(|end| *end > 0)?;
    let of_time = units::is_time(s.text(at + 1));
    if !valued
        || of_time
        || s.is_number(end - 1)
        || s.is(end - 1, &["the", "a", "and", "with", "to", "for"])
    {
        return None;
    }
    let found = s.before(end, WORDS_MAX, &NAMES, SOUND)?;
    let words = found.tokens.clone();
    let strange = words.clone().any(|place| s.is_strange(place));
    let known = |place: usize| s.request.lexicon.find(s.text(place)).is_some();
    let torn = words.len() > 1 && found.sound >= SOUND_OF_VALID && !words.clone().all(known);
    (strange || torn).then(|| s.written(found, Some(FlagKind::UnknownTerm)))
}
