//! Stage E: letters that were spelled one by one, and abbreviations whose capitals are fixed.
//!
//! Not for: abbreviations of doses (`abbreviations`); letters with a figure (`numbers::names`).
//!
//! Invariant: letters are put together and given their capitals, never expanded.

use super::abbreviations::together;
use super::numbers::quantity;
use super::numbers::view::{Match, View};
use super::numbers::words::Lex;
use crate::vocab::term::{Subject, key};

/// Pairs of letters with an ampersand.
const AMPERSANDS: &[&str] = &["hh", "id", "dc", "ta", "cs", "op", "hp", "de", "ao", "io"];

/// Letters whose written form has small ones, or that the lexicon does not have.
const SPECIAL: [(&str, &str); 26] = [
    ("ph", "pH"),
    ("qtc", "QTc"),
    ("egfr", "eGFR"),
    ("aptt", "aPTT"),
    ("hba1c", "HbA1c"),
    ("iv", "IV"),
    ("im", "IM"),
    ("sl", "SL"),
    ("ng", "NG"),
    ("gt", "GT"),
    ("qt", "QT"),
    ("qrs", "QRS"),
    ("pr", "PR"),
    ("st", "ST"),
    ("ct", "CT"),
    ("ekg", "EKG"),
    ("ecg", "ECG"),
    ("mri", "MRI"),
    ("asa", "ASA"),
    ("gcs", "GCS"),
    ("md", "MD"),
    ("rn", "RN"),
    ("er", "ER"),
    ("tpa", "tPA"),
    ("kcl", "KCl"),
    ("nacl", "NaCl"),
];

/// Written words whose capitals are fixed: what was heard, what is written.
const RECASED: [(&str, &str); 23] = [
    ("a1c", "A1c"),
    ("hba1c", "HbA1c"),
    ("qtc", "QTc"),
    ("pco2", "pCO2"),
    ("po2", "pO2"),
    ("paco2", "PaCO2"),
    ("pao2", "PaO2"),
    ("spo2", "SpO2"),
    ("fio2", "FiO2"),
    ("co2", "CO2"),
    ("o2", "O2"),
    ("hco3", "HCO3"),
    ("covid", "COVID"),
    ("bmi", "BMI"),
    ("inr", "INR"),
    ("tsh", "TSH"),
    ("bnp", "BNP"),
    ("psa", "PSA"),
    ("ldl", "LDL"),
    ("hdl", "HDL"),
    ("wbc", "WBC"),
    ("mrn", "MRN"),
    ("ssn", "SSN"),
];

pub fn letters(v: &View<'_>, at: usize) -> Option<Match> {
    if v.glued(at) && !v.is_free_before(at) {
        return None;
    }
    named_letter(v, at)
        .or_else(|| modifier(v, at))
        .or_else(|| discharge(v, at))
        .or_else(|| ampersand(v, at))
        .or_else(|| recased(v, at))
        .or_else(|| dotted(v, at))
        .or_else(|| spelled(v, at))
}

/// "vitamin c" is "vitamin C"; "hepatitis b" is "hepatitis B".
fn named_letter(v: &View<'_>, at: usize) -> Option<Match> {
    let letter = v.letter(at).filter(char::is_ascii_lowercase)?;
    let named = match v.before(at, 1) {
        "vitamin" | "hepatitis" => true,
        "hep" | "group" | "influenza" => letter != 'a',
        _ => false,
    };
    let article = letter == 'a' && v.is(at + 1, &["week", "day", "month", "year", "few", "long"]);
    let alone = v.raw(at) == v.low(at) && !v.is_letter(at + 1) && !quantity::closes_up(v, at + 1);
    (named && alone && !article && letter != 'i')
        .then(|| Match::one(at, at + 1, letter.to_ascii_uppercase().to_string(), "R-CAP"))
}

/// "d slash c" is "D/C", and stays so: it has two meanings.
fn discharge(v: &View<'_>, at: usize) -> Option<Match> {
    let slashed =
        v.low(at) == "d" && v.is(at + 1, &["/", "slash"]) && v.letter(at + 2) == Some('c');
    (slashed && !quantity::closes_up(v, at + 3)).then(|| Match::one(at, at + 3, "D/C", "A04"))
}

/// "x ray" is "x-ray"; "t wave inversion" is "T-wave inversion"; "q waves" is "Q waves".
fn modifier(v: &View<'_>, at: usize) -> Option<Match> {
    let letter = v.letter(at)?;
    if letter == 'x' && v.is(at + 1, &["ray", "rays", "rayed"]) {
        return Some(Match::one(at, at + 2, format!("x-{}", v.low(at + 1)), "R-CAP"));
    }
    if !matches!(letter, 'p' | 'q' | 't' | 'r' | 's' | 'u') || !v.is(at + 1, &["wave", "waves"]) {
        return None;
    }
    let capital = letter.to_ascii_uppercase();
    let nouns = [
        "inversion",
        "inversions",
        "abnormality",
        "abnormalities",
        "change",
        "changes",
        "flattening",
        "progression",
        "axis",
        "morphology",
        "alternans",
        "peaking",
    ];
    if v.low(at + 1) == "wave" && v.is(at + 2, &nouns) {
        return Some(Match::one(at, at + 2, format!("{capital}-wave"), "R-EKG"));
    }
    let mut found = Match::one(at, at + 1, capital.to_string(), "R-EKG");
    found.end = at + 1;
    Some(found)
}

/// R-LAB: "i and d" is "I&D".
fn ampersand(v: &View<'_>, at: usize) -> Option<Match> {
    let (first, second) = (v.letter(at)?, v.letter(at + 2)?);
    let known = AMPERSANDS.contains(&format!("{first}{second}").as_str());
    let joined = v.is(at + 1, &["and", "&"]);
    let free =
        !v.is_letter(at + 3) && v.lex(at + 3).is_none_or(|lex| !matches!(lex, Lex::Digit(_)));
    (known && joined && free && !quantity::closes_up(v, at + 3)).then(|| {
        let text = format!("{first}&{second}").to_uppercase();
        Match::one(at, at + 3, text, "R-LAB")
    })
}

/// "A1C" is "A1c"; "PCO2" is "pCO2"; "PH 7.3" is "pH 7.3".
fn recased(v: &View<'_>, at: usize) -> Option<Match> {
    let low = v.low(at);
    if low == "ph" && v.raw(at) != "pH" {
        let measured = v.is_number(at + 1) || v.is(at + 1, &["of", "is", "was"]);
        return measured.then(|| Match::one(at, at + 1, "pH", "R-LAB"));
    }
    if !(1..=5).contains(&low.len()) || !low.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let figures = v.glued(at + 1) && v.digits(at + 1).is_some();
    let tail = figures && v.glued(at + 2) && v.is_word(at + 2);
    let end = at + 1 + usize::from(figures) + usize::from(tail);
    let mut whole = low.to_string();
    for place in at + 1..end {
        whole.push_str(v.low(place));
    }
    let (_, written) = RECASED.iter().find(|(heard, _)| *heard == whole)?;
    (!quantity::closes_up(v, end)).then(|| Match::one(at, end, *written, "R-LAB"))
}

/// A word of English above this level may be the name behind somebody's initials (Smith has 20).
const COMMON_LEVEL_MAX: u8 = 10;

/// "C.V.A." is "CVA": an abbreviation of capitals has no stops (AMA Manual of Style, 11th ed.,
/// 13.0). The last one stays where it ends a sentence as well. What the lexicon does not have is
/// left, as the initials of a name are.
fn dotted(v: &View<'_>, at: usize) -> Option<Match> {
    let raw = v.raw(at);
    if stopped_capitals(raw) < 2 {
        return None;
    }
    let next = v.raw(at + 1);
    let goes_on_capital = next.starts_with(char::is_uppercase);
    let level = v.request.lexicon.english_level(v.low(at + 1));
    let may_be_name = goes_on_capital && level.is_none_or(|level| level > COMMON_LEVEL_MAX);
    let is_titled =
        v.before(at, 1) == "." && v.is(at.saturating_sub(2), &["dr", "mr", "mrs", "ms"]);
    if may_be_name || is_titled {
        return None;
    }
    let mut found = Match::one(at, at + 1, known(v, at, at + 1)?, "R-CAP");
    if raw.ends_with('.') && (next.is_empty() || goes_on_capital) {
        found.push_mark(at..at + 1, ".", "R-CAP");
    }
    Some(found)
}

/// How many capitals with stops between them this is: 3 for "C.V.A." or "C.V.A"; none, 0.
pub(super) fn stopped_capitals(text: &str) -> usize {
    let letters = text.strip_suffix('.').unwrap_or(text).split('.');
    let is_capital = |part: &str| part.len() == 1 && part.bytes().all(|b| b.is_ascii_uppercase());
    if letters.clone().all(is_capital) { letters.count() } else { 0 }
}

/// The most letters of an abbreviation.
const LETTERS_MAX: usize = 8;

/// Letters that were spelled one by one become the abbreviation that the lexicon has, or a word
/// of capitals.
fn spelled(v: &View<'_>, at: usize) -> Option<Match> {
    if !v.is_letter(at) {
        return None;
    }
    let mut end = at;
    let single = |place: usize| v.is_letter(place) && !v.raw(place).ends_with('.');
    while end < at + LETTERS_MAX && single(end) && (end == at || !v.glued(end)) {
        end += 1;
    }
    let count = end - at;
    if count < 2 || closes(v, end) {
        return None;
    }
    // The last letter may belong to a number: "i v q four h", "t two n one".
    let article = v.low(at) == "a" && count > 2;
    if article
        && let Some(text) = known(v, at + 1, end)
        && is_imaging(v, &text, end)
    {
        let mut found = Match::new(end);
        found.keep(v, at..at + 1);
        found.push(at + 1..end, text, "R-CAP");
        return Some(found);
    }
    for shorter in (at + 2..=end).rev() {
        if !goes_on(v, shorter, end) {
            continue;
        }
        if let Some(text) = known(v, at, shorter) {
            return Some(Match::one(at, shorter, text, "R-CAP"));
        }
    }
    let begins_word = v.is(at, &["a"]);
    if begins_word && count < 4 || count == 2 && v.is(at + 1, &["a"]) {
        return None;
    }
    let text: String = (at..end).map(|place| v.low(place)).collect::<String>().to_uppercase();
    Some(Match::one(at, end, text, "R-CAP"))
}

/// Whether the letters that a known abbreviation leaves over can stand by themselves.
fn goes_on(v: &View<'_>, from: usize, end: usize) -> bool {
    match end - from {
        0 => true,
        1 => v.is(from, &["q", "x", "a"]) || v.is_number(end),
        _ => known(v, from, end).is_some() || together(v, from).is_some() || v.low(from) == "q",
    }
}

fn closes(v: &View<'_>, end: usize) -> bool {
    quantity::closes_up(v, end)
}

fn is_imaging(v: &View<'_>, text: &str, end: usize) -> bool {
    let after = ["scan", "of", "angiogram", "showed", "shows", "was", "abdomen", "head", "chest"];
    let depression = ["elevation", "segment", "depression"];
    text == "CT" && v.is(end, &after) || text == "ST" && v.is(end, &depression)
}

fn known(v: &View<'_>, from: usize, end: usize) -> Option<String> {
    let letters: String = (from..end).map(|place| v.low(place)).collect();
    if let Some((_, written)) = SPECIAL.iter().find(|(low, _)| *low == letters) {
        return Some((*written).to_string());
    }
    let lexicon = v.request.lexicon;
    let term = lexicon.term(lexicon.find(&letters)?);
    let subjects = [Subject::Abbreviation, Subject::Lab, Subject::Imaging, Subject::Device];
    let is_name = subjects.iter().any(|subject| term.subjects.has(*subject));
    let capital = term.text.chars().filter(|c| c.is_uppercase()).count() > 1;
    (is_name && capital && key(term.text) == letters && !term.text.contains('.'))
        .then(|| term.text.to_string())
}

#[cfg(test)]
mod tests {
    use crate::text::testing::check;

    #[test]
    fn abbreviations_of_capitals_have_no_stops_but_that_of_the_sentence() {
        check(&[
            ("GI, G.U., orthopedic, and skin.", "GI, GU, orthopedic, and skin."),
            (
                "History of C.V.A. He had a C.V.A. last year.",
                "History of CVA. He had a CVA last year.",
            ),
            ("The E.K.G. was normal. Seen in the I.C.U.", "The EKG was normal. Seen in the ICU."),
            (
                "Seen by P.T. Jones and Dr. I.V. Brown at 8 a.m. today, b.i.d. dosing.",
                "Seen by P.T. Jones and Dr. I.V. Brown at 8 a.m. today, b.i.d. dosing.",
            ),
        ]);
    }
}
