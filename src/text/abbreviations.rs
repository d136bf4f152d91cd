//! Stage E: abbreviations. Latin dose abbreviations, the do-not-use list, letters that were
//! spelled one by one.
//!
//! Not for: doubts about ambiguous ones (`safety` raises them on the finished tokens).
//!
//! Invariant: only what has one meaning is expanded or replaced (R-DNU, R-ISMP); MS, HS, D/C,
//! OD and their like stay as they are.

use super::numbers::quantity;
use super::numbers::view::{Match, View};
use super::numbers::words::Lex;
use super::units;
use crate::vocab::term::{Subject, key};

/// Latin abbreviations of doses: heard letters, with stops, without (profile).
const LATIN: [(&str, &str, &str); 10] = [
    ("bid", "b.i.d.", "BID"),
    ("tid", "t.i.d.", "TID"),
    ("qid", "q.i.d.", "QID"),
    ("prn", "p.r.n.", "PRN"),
    ("po", "p.o.", "PO"),
    ("npo", "n.p.o.", "NPO"),
    ("qam", "q.a.m.", "QAM"),
    ("qpm", "q.p.m.", "QPM"),
    ("ac", "a.c.", "AC"),
    ("pc", "p.c.", "PC"),
];

/// What the Joint Commission and ISMP want written out.
const REPLACED: [(&str, &str, &str); 10] = [
    ("qd", "daily", "R-DNU"),
    ("qod", "every other day", "R-DNU"),
    ("qhs", "at bedtime", "R-ISMP"),
    ("subq", "subcutaneously", "R-ISMP"),
    ("subcu", "subcutaneously", "R-ISMP"),
    ("subcut", "subcutaneously", "R-ISMP"),
    ("sq", "subcutaneously", "R-ISMP"),
    ("sc", "subcutaneously", "R-ISMP"),
    ("mso4", "morphine sulfate", "R-DNU"),
    ("mgso4", "magnesium sulfate", "R-DNU"),
];

/// Words near which "bid" or "a.c." is a frequency.
const DOSE_WORDS: &[&str] = &[
    "mg",
    "mcg",
    "g",
    "ml",
    "units",
    "meq",
    "tablet",
    "tablets",
    "capsule",
    "capsules",
    "po",
    "iv",
    "milligrams",
    "milligram",
    "micrograms",
    "grams",
    "daily",
    "bid",
    "tid",
    "qid",
    "puffs",
    "drops",
    "im",
    "subcutaneously",
    "mouth",
    "milliliters",
    "orally",
    "dose",
    "cap",
    "tab",
    "tabs",
    "caps",
    "puff",
    "q",
];

pub fn dosing(v: &View<'_>, at: usize) -> Option<Match> {
    if v.glued(at) && !v.is_free_before(at) {
        return None;
    }
    symbol(v, at).or_else(|| every(v, at)).or_else(|| sub_q(v, at)).or_else(|| latin(v, at))
}

/// R-ISMP: "<" and ">" are words.
fn symbol(v: &View<'_>, at: usize) -> Option<Match> {
    let words = match v.low(at) {
        "<" if v.low(at + 1) == "=" => ("less than or equal to", at + 2),
        ">" if v.low(at + 1) == "=" => ("greater than or equal to", at + 2),
        "<" => ("less than", at + 1),
        ">" => ("greater than", at + 1),
        "≤" => ("less than or equal to", at + 1),
        "≥" => ("greater than or equal to", at + 1),
        _ => return None,
    };
    let (text, end) = words;
    let mut found = Match::one(at, end, text, "R-ISMP");
    if v.glued(end) {
        found.push(end..end + 1, v.raw(end), "");
        found.end = end + 1;
    }
    Some(found)
}

/// "q four h" is "q.4 h."; "q six hours" is "every 6 hours"; "q d" is "daily".
pub fn every(v: &View<'_>, at: usize) -> Option<Match> {
    let q = v.low(at) == "q";
    if !q {
        return None;
    }
    let (text, rule, end) = match (v.low(at + 1), v.low(at + 2)) {
        ("d" | "daily" | "day", _) => ("daily", "R-DNU", at + 2),
        ("o", "d") => ("every other day", "R-DNU", at + 3),
        ("od", _) => ("every other day", "R-DNU", at + 2),
        ("other", "day") => ("every other day", "R-DNU", at + 3),
        ("h", "s") => ("at bedtime", "R-ISMP", at + 3),
        ("hs", _) => ("at bedtime", "R-ISMP", at + 2),
        ("a", "m") => (stops(v, "q.a.m.", "QAM"), "R-DOSE-2", at + 3),
        ("p", "m") => (stops(v, "q.p.m.", "QPM"), "R-DOSE-2", at + 3),
        ("am", _) => (stops(v, "q.a.m.", "QAM"), "R-DOSE-2", at + 2),
        ("pm", _) => (stops(v, "q.p.m.", "QPM"), "R-DOSE-2", at + 2),
        ("weekly", _) => ("weekly", "R-DOSE-2", at + 2),
        (
            "week" | "month" | "hour" | "shift" | "morning" | "evening" | "night" | "minute"
            | "afternoon" | "bedtime",
            _,
        ) => ("every", "R-DOSE-2", at + 1),
        _ => return every_number(v, at),
    };
    Some(without_second_stop(v, Match::one(at, end, text, rule)))
}

fn stops(v: &View<'_>, with: &'static str, without: &'static str) -> &'static str {
    if v.request.profile.latin_stops { with } else { without }
}

fn every_number(v: &View<'_>, at: usize) -> Option<Match> {
    let first = quantity::amount(v, at + 1)?;
    if !first.number.is_whole() || first.plus || first.lone {
        return None;
    }
    let mut text = first.number.whole.to_string();
    let mut end = first.number_end;
    let mut unit = first.unit;
    if unit.is_none() && v.is(end, &["to", "-"]) {
        let second = quantity::amount(v, end + 1).filter(|second| second.number.is_whole())?;
        text = format!("{text}-{}", second.number.whole);
        end = second.number_end;
        unit = second.unit;
    }
    if v.is(end, &["h", "hr", "hrs"]) {
        let mut found = Match::new(end + 1);
        if v.request.profile.latin_stops {
            found.push(at..end, format!("q.{text}"), "R-DOSE-2");
            found.push(end..end + 1, "h.", "R-DOSE-2");
        } else {
            found.push(at..end + 1, format!("q{text}h"), "R-DOSE-2");
        }
        return Some(without_second_stop(v, found));
    }
    let unit = unit.filter(|unit| unit.unit.class == units::Class::Time)?;
    let mut found = Match::new(unit.end);
    found.push(at..at + 1, "every", "R-DOSE-2");
    found.push(at + 1..end, text, "R-DOSE-2");
    found.keep(v, end..unit.end);
    Some(found)
}

/// "sub q" is "subcutaneously".
fn sub_q(v: &View<'_>, at: usize) -> Option<Match> {
    if !v.is(at, &["sub"]) {
        return None;
    }
    let end = match v.low(at + 1) {
        "q" | "cu" | "cut" => at + 2,
        "-" if v.is(at + 2, &["q", "cu", "cut"]) => at + 3,
        _ => return None,
    };
    Some(Match::one(at, end, subcutaneous(v, end), "R-ISMP"))
}

fn subcutaneous(v: &View<'_>, end: usize) -> &'static str {
    const NOUNS: [&str; 18] = [
        "tissue",
        "tissues",
        "fat",
        "injection",
        "injections",
        "emphysema",
        "nodule",
        "nodules",
        "layer",
        "space",
        "air",
        "hematoma",
        "heparin",
        "insulin",
        "tunnel",
        "pocket",
        "edema",
        "mass",
    ];
    if v.is(end, &NOUNS) { "subcutaneous" } else { "subcutaneously" }
}

/// The letters of a dose abbreviation, spelled apart or written together.
fn latin(v: &View<'_>, at: usize) -> Option<Match> {
    let (letters, end) = together(v, at)?;
    if let Some((_, written, rule)) = REPLACED.iter().find(|(low, ..)| *low == letters) {
        if matches!(letters.as_str(), "sc" | "sq") && !near_dose(v, at) {
            return None;
        }
        let written = if letters.starts_with("su") || letters.len() == 2 && *rule == "R-ISMP" {
            subcutaneous(v, end)
        } else {
            written
        };
        return Some(without_second_stop(v, Match::one(at, end, written, rule)));
    }
    let (_, with, without) = LATIN.iter().find(|(low, ..)| *low == letters)?;
    let sure = match letters.as_str() {
        "ac" | "pc" => {
            near_dose(v, at) && !v.is(end, &["joint", "separation", "ratio", "ventilation"])
        }
        "po" => !v.is_number(end) || units::heard(v, end + 1).is_some() || near_dose(v, at),
        "bid" => {
            let counted = at > 0 && v.is_number(at - 1);
            end > at + 1 || v.raw(at) != "bid" || counted || near_dose(v, at)
        }
        _ => true,
    };
    if !sure {
        return None;
    }
    let text = if v.request.profile.latin_stops { *with } else { *without };
    Some(without_second_stop(v, Match::one(at, end, text, "R-DOSE-2")))
}

fn near_dose(v: &View<'_>, at: usize) -> bool {
    v.near_before(at, 6, DOSE_WORDS) || v.near_after(at + 1, 4, &["h", "prn", "bedtime"])
}

/// The abbreviation of a dose that begins here, its letters together, and the place behind it.
fn together(v: &View<'_>, at: usize) -> Option<(String, usize)> {
    let known = |letters: &str| {
        LATIN.iter().any(|(low, ..)| *low == letters)
            || REPLACED.iter().any(|(low, ..)| *low == letters)
    };
    if !v.is_letter(at) {
        let low = v.low(at);
        if matches!(low, "mso" | "mgso") && v.low(at + 1) == "4" {
            return Some((format!("{low}4"), at + 2));
        }
        let plausible = (2..=6).contains(&low.len()) && v.is_word(at) && known(low);
        return (plausible && !quantity::closes_up(v, at + 1)).then(|| (low.to_string(), at + 1));
    }
    let mut letters = String::new();
    let mut best = None;
    for end in at..at + 3 {
        if !v.is_letter(end) || end > at && v.glued(end) {
            break;
        }
        letters.push_str(v.low(end));
        if letters.len() > 1 && known(&letters) {
            best = Some((letters.clone(), end + 1));
        }
    }
    best
}

/// A written "b.i.d." brings its own stop: where the sentence goes on, the one that the
/// recogniser put behind it goes.
pub fn without_second_stop(v: &View<'_>, mut found: Match) -> Match {
    let end = found.end;
    let dotted = found.pieces.last().is_some_and(|piece| piece.text.ends_with('.'));
    let goes_on = v.raw(end + 1).starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit());
    // A stop that the author dictated ends the sentence, whatever follows.
    let engines = v.atoms.get(end).and_then(|atom| v.tokens.get(atom.token));
    let engines = engines.is_some_and(|token| token.by_engine);
    if dotted && engines && v.low(end) == "." && v.glued(end) && goes_on && !v.glued(end + 1) {
        if let Some(piece) = found.pieces.last_mut() {
            piece.atoms.end = end + 1;
        }
        found.end = end + 1;
    }
    found
}

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
const RECASED: [(&str, &str); 18] = [
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

/// The most letters of an abbreviation.
const LETTERS_MAX: usize = 8;

/// Letters that were spelled one by one become the abbreviation that the lexicon has, or a word
/// of capitals.
fn spelled(v: &View<'_>, at: usize) -> Option<Match> {
    if !v.is_letter(at) {
        return None;
    }
    let mut end = at;
    while end < at + LETTERS_MAX && v.is_letter(end) && (end == at || !v.glued(end)) {
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
