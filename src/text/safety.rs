//! Stage G, the part about medicines and numbers: doses that cannot be, doses without a unit,
//! medicines that are taken for others, abbreviations with two meanings, values no one has.
//!
//! Not for: laterality, sex, negation and corrections (`consistency`, `corrections`).
//!
//! Invariant: raises flags only; no token is changed.

use super::request::Request;
use super::token::{Findings, Kind, Token};
use crate::domain::flag::FlagKind;
use crate::vocab::doses::{self, Plausible};
use crate::vocab::lexicon::{Layer, Lexicon};
use crate::vocab::look_alikes;
use std::collections::HashSet;

/// Abbreviations with several meanings (Joint Commission, ISMP): never expanded.
const AMBIGUOUS: &[(&str, &str)] = &[
    ("MS", "morphine sulfate, magnesium sulfate, multiple sclerosis or mitral stenosis"),
    ("HS", "half strength or at bedtime"),
    ("D/C", "discharge or discontinue"),
    ("DC", "discharge or discontinue"),
    ("OD", "right eye, once daily or overdose"),
    ("OS", "left eye or by mouth"),
    ("OU", "both eyes, or misheard"),
    ("AD", "right ear or right eye"),
    ("AS", "left ear, left eye or aortic stenosis"),
    ("AU", "both ears or both eyes"),
    ("BT", "bedtime or twice daily"),
    ("TIW", "three times a week or three times a day"),
    ("BIW", "twice a week or twice a day"),
    ("SSI", "sliding scale insulin or strong solution of iodine"),
    ("SSRI", "sliding scale regular insulin or an antidepressant"),
    ("HCT", "hydrocortisone, hydrochlorothiazide or hematocrit"),
    ("HCTZ", "hydrochlorothiazide or hydrocortisone"),
    ("MTX", "methotrexate or mitoxantrone"),
    ("AZT", "zidovudine or azathioprine"),
    ("CPZ", "prochlorperazine or chlorpromazine"),
    ("DTO", "diluted tincture of opium or deodorized tincture of opium"),
    ("PTU", "propylthiouracil or mercaptopurine"),
    ("TAC", "triamcinolone or tetracaine, adrenaline and cocaine"),
    ("TNK", "tenecteplase or alteplase"),
];

/// Abbreviations of the list that are common for something harmless as well.
const USUALLY_PLAIN: &[&str] = &["SSRI", "PTU", "TAC"];

pub fn check(tokens: &[Token], request: &Request<'_>, findings: &mut Findings) {
    let mut told = HashSet::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind != Kind::Word {
            continue;
        }
        ambiguous(tokens, at, findings);
        if token.text.len() < 4 {
            continue;
        }
        value(tokens, at, findings);
        if let Some(drug) = drug(tokens, at, request.lexicon) {
            let said = amount_behind(tokens, at + drug.length);
            if is_told_apart(tokens, &drug, said, request.lexicon) {
                told.insert(drug.name.to_lowercase());
            }
            look_alike(tokens, at, &drug, &mut told, findings);
            dose(tokens, at, &drug, said, findings);
        }
    }
}

fn words_of(tokens: &[Token]) -> std::ops::Range<u32> {
    let start = tokens.iter().map(|token| token.source.start).min().unwrap_or(0);
    let end = tokens.iter().map(|token| token.source.end).max().unwrap_or(start);
    start..end.max(start)
}

fn ambiguous(tokens: &[Token], at: usize, findings: &mut Findings) {
    let Some(token) = tokens.get(at) else { return };
    if !(2..=4).contains(&token.text.len()) || !token.text.starts_with(|c: char| c.is_uppercase()) {
        return;
    }
    let Some((_, meanings)) = AMBIGUOUS.iter().find(|(known, _)| *known == token.text) else {
        return;
    };
    let next = tokens.get(at + 1);
    let brand = token.text == "MS" && next.is_some_and(|next| next.is("contin"));
    let measured = token.text == "HCT"
        && next.is_some_and(|next| next.kind == Kind::Figure)
        && !tokens.get(at + 2).is_some_and(|unit| unit.is_any(&["mg", "milligrams"]));
    let shouted =
        tokens.get(at.wrapping_sub(1)).is_some_and(is_shouted) && next.is_some_and(is_shouted);
    if brand || measured || shouted || USUALLY_PLAIN.contains(&token.text.as_str()) {
        return;
    }
    let note = format!("\"{}\" has more than one meaning: {meanings}.", token.text);
    findings.flag(FlagKind::AmbiguousAbbreviation, note, token.source.clone());
}

/// A long word in capitals: the author wants them here.
fn is_shouted(token: &Token) -> bool {
    token.kind == Kind::Word && token.text.len() > 4 && token.text.chars().all(char::is_uppercase)
}

/// A medicine of the lexicon.
struct Drug {
    /// As the text has it.
    name: String,
    generic: String,
    /// Tokens of its name.
    length: usize,
}

/// First words of medicines that are none by themselves.
const LEADING: &[&str] = &[
    "potassium",
    "sodium",
    "calcium",
    "magnesium",
    "insulin",
    "vitamin",
    "folic",
    "ferrous",
    "isosorbide",
    "valproic",
    "ascorbic",
    "normal",
    "zinc",
    "lithium",
    "nicotine",
];

/// The medicine that begins here: of two words ("potassium chloride") or of one.
fn drug(tokens: &[Token], at: usize, lexicon: &Lexicon) -> Option<Drug> {
    let token = tokens.get(at)?;
    let first = generic(&token.text, lexicon);
    let may_lead = first.is_some() || token.is_any(LEADING);
    let second = tokens.get(at + 1).filter(|next| next.kind == Kind::Word && next.text.len() > 3);
    if let Some(next) = second.filter(|_| may_lead) {
        let name = format!("{} {}", token.text, next.text);
        if let Some(generic) = generic(&name, lexicon) {
            return Some(Drug { name, generic, length: 2 });
        }
    }
    let generic = first?;
    Some(Drug { name: token.text.clone(), generic, length: 1 })
}

pub(super) fn generic(name: &str, lexicon: &Lexicon) -> Option<String> {
    let term = lexicon.term(lexicon.find(name)?);
    if !term.subjects.is_drug() || term.part {
        return None;
    }
    let of = term.of.map(|id| lexicon.term(id).text);
    Some(of.unwrap_or(term.text).to_lowercase())
}

/// R-LASA: once in a document for each medicine.
fn look_alike(
    tokens: &[Token],
    at: usize,
    drug: &Drug,
    told: &mut HashSet<String>,
    findings: &mut Findings,
) {
    let name = drug.name.to_lowercase();
    let rivals = look_alikes::rivals(&name);
    if look_alikes::tall_man(&name).is_none() || !told.insert(name) {
        return;
    }
    let shown = look_alikes::tall_man(&drug.name).unwrap_or(&drug.name);
    let rivals: Vec<&str> =
        rivals.iter().map(|rival| look_alikes::tall_man(rival).unwrap_or(rival)).collect();
    let note = format!("{shown} is taken for {}.", rivals.join(", "));
    let words = words_of(tokens.get(at..at + drug.length).unwrap_or_default());
    findings.flag(FlagKind::LookAlike, note, words);
}

/// How far behind a medicine its dose may stand, in tokens.
const DOSE_REACH: usize = 5;

/// The figure behind a medicine that may be its dose: its place, and what it says.
fn amount_behind(tokens: &[Token], from: usize) -> Option<(usize, f32)> {
    for place in from..from + DOSE_REACH {
        let token = tokens.get(place)?;
        let stops = token.ends_sentence() || token.begins_line() || token.is_any(&["and", "with"]);
        if stops || token.is_mark(",") || token.is_mark(";") {
            return None;
        }
        if token.kind == Kind::Figure {
            return amount(&token.text).map(|amount| (place, amount));
        }
    }
    None
}

/// Whether the chart or the dose tells this medicine from all that are taken for it: it is on the
/// patient's list and they are not, or it is given so and none of them is.
fn is_told_apart(
    tokens: &[Token],
    drug: &Drug,
    said: Option<(usize, f32)>,
    lexicon: &Lexicon,
) -> bool {
    let rivals = look_alikes::rivals(&drug.name);
    let charted =
        |name: &str| lexicon.find(name).is_some_and(|id| lexicon.term(id).layer == Layer::Patient);
    if charted(&drug.name) && !rivals.iter().any(|rival| charted(rival)) {
        return true;
    }
    let Some((place, amount)) = said else { return false };
    let unit = tokens.get(place + 1).map_or("", |unit| unit.text.as_str());
    let fits = |generic: &str| doses::plausible(generic, amount, unit);
    let is_other = |rival: &String| {
        let generic = generic(rival, lexicon).unwrap_or_else(|| rival.clone());
        matches!(fits(&generic), Plausible::TooLow | Plausible::TooHigh)
    };
    fits(&drug.generic) == Plausible::Yes && rivals.iter().all(is_other)
}

fn dose(
    tokens: &[Token],
    at: usize,
    drug: &Drug,
    said: Option<(usize, f32)>,
    findings: &mut Findings,
) {
    let Some((place, amount)) = said else { return };
    let figure = tokens.get(place).map_or("", |figure| figure.text.as_str());
    let unit = tokens.get(place + 1).map_or("", |unit| unit.text.as_str());
    let words = words_of(tokens.get(at..=place).unwrap_or_default());
    match doses::plausible(&drug.generic, amount, unit) {
        Plausible::TooLow | Plausible::TooHigh => {
            let note = format!("{} {figure} {unit} is not a usual dose.", drug.name);
            findings.flag(FlagKind::DrugDose, note, words);
        }
        Plausible::Unknown
            if place == at + drug.length && lacks_unit(tokens, place) && !is_contrast(drug) =>
        {
            let note = format!("{} {figure} has no unit.", drug.name);
            findings.flag(FlagKind::DrugDose, note, words);
        }
        Plausible::Yes => often(tokens, place, drug, amount, findings),
        Plausible::Unknown => {}
    }
    route(tokens, at, place, drug, findings);
}

/// A medicine that is not given into a vein or a muscle, and is said to be: another may be meant.
fn route(tokens: &[Token], at: usize, place: usize, drug: &Drug, findings: &mut Findings) {
    let Some(dosing) = doses::dosing(&drug.generic) else { return };
    let injected = ["intra", "subcutaneous", "infiltration"];
    if dosing.routes.iter().any(|route| injected.iter().any(|way| route.starts_with(way))) {
        return;
    }
    let behind = tokens.get(place + 2..(place + 5).min(tokens.len())).unwrap_or_default();
    let mut said = behind.iter().take_while(|token| token.kind != Kind::Mark && !token.is("and"));
    if let Some(way) = said.find(|token| token.is_any(&["IV", "IM"])) {
        let note = format!("{} is not usually given {}.", drug.name, way.text);
        let words = words_of(tokens.get(at..place + 2).unwrap_or_default());
        findings.flag(FlagKind::DrugDose, note, words);
    }
}

/// "Omnipaque 350": the figure behind a contrast medium is its strength, a part of the name.
fn is_contrast(drug: &Drug) -> bool {
    const MEDIA: [&str; 6] =
        ["iohexol", "iopamidol", "iodixanol", "ioversol", "iopromide", "ioxilan"];
    MEDIA.contains(&drug.generic.as_str())
}

/// What a figure token says; of a range, its upper end.
fn amount(text: &str) -> Option<f32> {
    let last = text.rsplit('-').next()?;
    let plain: String = last.chars().filter(|c| *c != ',').collect();
    plain.parse().ok()
}

/// Words that can follow a dose without a unit: the dose is complete.
const FREQUENCIES: &[&str] = &[
    "daily", "b.i.d.", "t.i.d.", "q.i.d.", "p.o.", "p.r.n.", "twice", "nightly", "every", "at",
    "iv", "im", "weekly", "three", "once", "by", "BID", "TID", "QID", "PO", "in",
];

fn lacks_unit(tokens: &[Token], place: usize) -> bool {
    let figure = tokens.get(place).is_some_and(|token| {
        token.text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-'))
    });
    let Some(next) = tokens.get(place + 1) else {
        return figure;
    };
    let ends = next.kind == Kind::Mark && matches!(next.text.as_str(), "." | "," | ";");
    figure
        && (ends || next.begins_line() || next.is_any(FREQUENCIES) || next.text.starts_with("q."))
}

/// The dose of a day, where the frequency is told.
fn often(tokens: &[Token], place: usize, drug: &Drug, amount: f32, findings: &mut Findings) {
    let times = (2..6).find_map(|ahead| {
        let token = tokens.get(place + ahead)?;
        let word = token.text.as_str();
        match word {
            "b.i.d." | "BID" | "twice" => Some(2.0),
            "t.i.d." | "TID" => Some(3.0),
            "q.i.d." | "QID" => Some(4.0),
            _ => {
                let hours: f32 = word.strip_prefix("q.")?.parse().ok()?;
                (hours >= 1.0).then_some(24.0 / hours)
            }
        }
    });
    let (Some(times), Some(dosing)) = (times, doses::dosing(&drug.generic)) else {
        return;
    };
    let unit = tokens.get(place + 1).map_or("", |unit| unit.text.as_str());
    if unit == dosing.unit && amount * times > dosing.daily_high * 1.001 {
        let words = words_of(tokens.get(place..place + 2).unwrap_or_default());
        let note = format!(
            "{} {amount} {unit} so often is more than {} {unit} a day.",
            drug.name, dosing.daily_high
        );
        findings.flag(FlagKind::DrugDose, note, words);
    }
}

/// Values that the living have, with room: name, from, to.
const VALUES: &[(&str, f32, f32)] = &[
    ("platelets", 1000.0, 3_000_000.0),
    ("temperature", 25.0, 110.0),
    ("pulse", 15.0, 320.0),
    ("respirations", 2.0, 100.0),
    ("sodium", 95.0, 200.0),
    ("potassium", 1.2, 12.0),
    ("creatinine", 0.1, 30.0),
    ("hemoglobin", 2.0, 25.0),
    ("hematocrit", 6.0, 75.0),
    ("calcium", 3.0, 20.0),
    ("saturation", 20.0, 100.0),
];

/// A value that no one has, or that lacks its thousands (R-NUM-6): "platelets 250".
fn value(tokens: &[Token], at: usize, findings: &mut Findings) {
    let Some(token) = tokens.get(at) else { return };
    let name = if token.is("platelet") { "platelets" } else { token.text.as_str() };
    let known = VALUES.iter().find(|(known, ..)| name.eq_ignore_ascii_case(known));
    let Some((name, low, high)) = known else {
        return;
    };
    let mut place = at + 1;
    while tokens.get(place).is_some_and(|next| {
        next.is_any(&["is", "was", "of", "count", "are", "were", "at", "rate", "level"])
    }) {
        place += 1;
    }
    let Some(figure) = tokens.get(place).filter(|figure| figure.kind == Kind::Figure) else {
        return;
    };
    let Some(amount) =
        figure.text.trim_end_matches(['%', '°', 'F', 'C']).replace(',', "").parse().ok()
    else {
        return;
    };
    let amount: f32 = amount;
    let unit = tokens.get(place + 1).map_or("", |unit| unit.text.as_str());
    let shared = figure.text.ends_with('%') && !matches!(*name, "hematocrit" | "saturation");
    let scaled =
        shared || matches!(unit, "thousand" | "K" | "k" | "x" | "mg" | "mEq" | "g" | "percent");
    if !scaled && !(*low..=*high).contains(&amount) {
        let note = format!("{name} {} is out of what is possible; are words missing?", figure.text);
        findings.flag(FlagKind::Number, note, words_of(tokens.get(at..=place).unwrap_or_default()));
    }
}

#[cfg(test)]
mod tests {
    use crate::text::pipeline::write_text;
    use crate::text::request::Request;
    use crate::vocab::lexicon::Lexicon;

    fn flags(text: &str) -> Vec<&'static str> {
        let lexicon = Lexicon::built_in();
        let request = Request::new(&lexicon);
        write_text(text, &request).1.iter().map(|flag| flag.kind.code()).collect()
    }

    #[test]
    fn a_dose_that_cannot_be_or_has_no_unit_is_flagged() {
        for text in [
            "levothyroxine fifty milligrams daily",
            "apixaban 75 mg b.i.d.",
            "metoprolol twenty five twice a day",
            "apixaban 10 mg q.i.d.",
        ] {
            assert!(flags(text).contains(&"DRUG-DOSE"), "{text}");
        }
        for text in ["levothyroxine fifty micrograms daily", "apixaban 5 mg b.i.d."] {
            assert!(!flags(text).contains(&"DRUG-DOSE"), "{text}");
        }
    }

    #[test]
    fn what_has_two_meanings_is_flagged_and_stays() {
        for text in
            ["history of m s", "plan to d slash c the drain", "drops o d daily", "take at h s"]
        {
            assert!(flags(text).contains(&"AMBIGUOUS-ABBREV"), "{text}");
        }
        assert!(flags("trazodone fifty milligrams q h s").iter().all(|f| *f != "AMBIGUOUS-ABBREV"));
    }

    #[test]
    fn a_look_alike_is_flagged_once() {
        let found = flags("hydralazine ten milligrams daily period continue hydralazine period");
        assert_eq!(found.iter().filter(|code| **code == "LASA").count(), 1, "{found:?}");
    }

    #[test]
    fn a_count_without_its_thousands_is_flagged() {
        assert_eq!(flags("platelets two fifty"), ["NUMBER"]);
        assert!(flags("platelets two hundred fifty thousand").is_empty());
    }
}
