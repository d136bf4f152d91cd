//! Stage E: abbreviations. Latin dose abbreviations, the do-not-use list, letters that were
//! spelled one by one.
//!
//! Not for: doubts about ambiguous ones (`safety` raises them on the finished tokens).
//!
//! Invariant: only what has one meaning is expanded or replaced (R-DNU, R-ISMP); MS, HS, D/C,
//! OD and their like stay as they are.

use super::numbers::amounts;
use super::numbers::quantity;
use super::numbers::view::{Match, View};
use super::units;

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
    let first = amounts::amount(v, at + 1)?;
    if !first.number.is_whole() || first.plus || first.lone {
        return None;
    }
    let mut text = first.number.whole.to_string();
    let mut end = first.number_end;
    let mut unit = first.unit;
    if unit.is_none() && v.is(end, &["to", "-"]) {
        let second = amounts::amount(v, end + 1).filter(|second| second.number.is_whole())?;
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
pub fn together(v: &View<'_>, at: usize) -> Option<(String, usize)> {
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
