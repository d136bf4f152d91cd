//! Names made of letters and figures: CD4, pCO2, HER2/neu, BRCA1, 46,XY, t(9;22), COVID-19.
//!
//! Not for: abbreviations of letters alone (`text::abbreviations`).
//!
//! Invariant: a name is in the tables here, or has the shape of a karyotype, a translocation or
//! a mutation behind its gene.

use super::grammar;
use super::quantity::closes_up;
use super::view::{Match, View};
use super::words::Lex;
use crate::text::units;

/// Letters, the figures behind them, and how both are written. An empty figure stands for any.
const LETTERED: [(&str, &str, &str); 41] = [
    ("cd", "", "CD"),
    ("pco", "2", "pCO2"),
    ("paco", "2", "PaCO2"),
    ("po", "2", "pO2"),
    ("pao", "2", "PaO2"),
    ("co", "2", "CO2"),
    ("etco", "2", "EtCO2"),
    ("fio", "2", "FiO2"),
    ("spo", "2", "SpO2"),
    ("sao", "2", "SaO2"),
    ("svo", "2", "SvO2"),
    ("hco", "3", "HCO3"),
    ("fev", "1", "FEV1"),
    ("brca", "1", "BRCA1"),
    ("brca", "2", "BRCA2"),
    ("jak", "2", "JAK2"),
    ("her", "2", "HER2"),
    ("npm", "1", "NPM1"),
    ("flt", "3", "FLT3"),
    ("idh", "1", "IDH1"),
    ("idh", "2", "IDH2"),
    ("nf", "1", "NF1"),
    ("nf", "2", "NF2"),
    ("pdl", "1", "PD-L1"),
    ("ki", "67", "Ki-67"),
    ("ca", "125", "CA-125"),
    ("covid", "19", "COVID-19"),
    ("cin", "", "CIN-"),
    ("vin", "", "VIN-"),
    ("vain", "", "VAIN-"),
    ("ain", "", "AIN-"),
    ("hlab", "27", "HLA-B27"),
    ("hlab", "51", "HLA-B51"),
    ("mso", "4", "morphine sulfate"),
    ("mgso", "4", "magnesium sulfate"),
    ("adamts", "13", "ADAMTS13"),
    ("gpd", "6", "G6PD"),
    ("glp", "1", "GLP-1"),
    ("phq", "9", "PHQ-9"),
    ("phq", "2", "PHQ-2"),
    ("gad", "7", "GAD-7"),
];

/// Phrases and how they are written; a space stands between their words, or a hyphen.
const PHRASES: [(&[&str], &str, &str); 29] = [
    (&["new", "york", "heart", "association"], "New York Heart Association", "R-CAP"),
    (&["glasgow", "coma", "scale"], "Glasgow Coma Scale", "R-CAP"),
    (&["glasgow", "coma", "score"], "Glasgow Coma Score", "R-CAP"),
    (&["salter", "harris"], "Salter-Harris", "R-CAP"),
    (&["gold", "stage"], "GOLD stage", "R-CAP"),
    (&["le", "fort"], "Le Fort", "R-CAP"),
    (&["lefort"], "Le Fort", "R-CAP"),
    (&["by", "rads"], "BI-RADS", "R-CAP"),
    (&["bi", "rads"], "BI-RADS", "R-CAP"),
    (&["b", "i", "rads"], "BI-RADS", "R-CAP"),
    (&["birads"], "BI-RADS", "R-CAP"),
    (&["pi", "rads"], "PI-RADS", "R-CAP"),
    (&["ti", "rads"], "TI-RADS", "R-CAP"),
    (&["li", "rads"], "LI-RADS", "R-CAP"),
    (&["lung", "rads"], "Lung-RADS", "R-CAP"),
    (&["her", "two", "neu"], "HER2/neu", "R-GEN"),
    (&["her", "2", "neu"], "HER2/neu", "R-GEN"),
    (&["her", "two", "/", "neu"], "HER2/neu", "R-GEN"),
    (&["her", "2", "/", "neu"], "HER2/neu", "R-GEN"),
    (&["h", "e", "r", "two", "neu"], "HER2/neu", "R-GEN"),
    (&["a", "one", "c"], "A1c", "R-LAB"),
    (&["a", "1", "c"], "A1c", "R-LAB"),
    (&["h", "b", "a", "one", "c"], "HbA1c", "R-LAB"),
    (&["h", "b", "a", "1", "c"], "HbA1c", "R-LAB"),
    (&["hba", "1", "c"], "HbA1c", "R-LAB"),
    (&["p", "fifty", "three"], "p53", "R-GEN"),
    (&["s", "one", "hundred"], "S100", "R-GEN"),
    (&["moca"], "MoCA", "R-CAP"),
    (&["h", "h", "s", "v"], "HHSV", "R-CAP"),
];

pub fn figured(v: &View<'_>, at: usize) -> Option<Match> {
    if v.glued(at) && !v.is_free_before(at) {
        return None;
    }
    if v.is_number(at) && v.lex(at) != Some(Lex::Oh) {
        return karyotype(v, at);
    }
    phrase(v, at)
        .or_else(|| translocation(v, at))
        .or_else(|| mutation(v, at))
        .or_else(|| cancer_antigen(v, at))
        .or_else(|| lettered(v, at))
}

fn phrase(v: &View<'_>, at: usize) -> Option<Match> {
    let first = v.low(at);
    let (words, written, rule) = PHRASES
        .iter()
        .filter(|(words, ..)| words.first() == Some(&first))
        .find(|(words, ..)| v.reads(at, words) || reads_hyphened(v, at, words).is_some())?;
    let end = if v.reads(at, words) { at + words.len() } else { reads_hyphened(v, at, words)? };
    if closes_up(v, end) {
        return None;
    }
    let mut found = Match::new(end);
    if written.split(' ').count() == end - at {
        for (place, word) in (at..end).zip(written.split(' ')) {
            found.push(place..place + 1, word, rule);
        }
    } else {
        found.push(at..end, *written, rule);
    }
    Some(found)
}

/// The words with hyphens between them: "bi-rads".
fn reads_hyphened(v: &View<'_>, at: usize, words: &[&str]) -> Option<usize> {
    let mut place = at;
    for (index, word) in words.iter().enumerate() {
        if index > 0 && v.low(place) == "-" {
            place += 1;
        }
        if v.low(place) != *word {
            return None;
        }
        place += 1;
    }
    Some(place)
}

/// The longest letters before a figure.
const LETTERS_MAX: usize = 6;

fn lettered(v: &View<'_>, at: usize) -> Option<Match> {
    if !v.is_word(at) && v.lex(at) != Some(Lex::Oh) {
        return None;
    }
    let mut letters = String::new();
    let mut end = at;
    while end < at + LETTERS_MAX && (v.is_letter(end) || end == at) {
        letters.push_str(v.low(end));
        end += 1;
        let number_at = if v.low(end) == "-" && v.glued(end) { end + 1 } else { end };
        if letters.len() < 2 || !v.is_number(number_at) || v.is_letter(number_at) {
            continue;
        }
        let Some((number, after)) = grammar::cardinal(v, number_at).filter(|(n, _)| n.is_whole())
        else {
            continue;
        };
        let figures = number.whole.to_string();
        let known = LETTERED.iter().find(|(known, figure, _)| {
            *known == letters && (figure.is_empty() || *figure == figures)
        });
        if let Some((known, figure, written)) = known {
            if !fits(v, known, number.whole, after) {
                continue;
            }
            let text = if figure.is_empty() {
                format!("{written}{figures}")
            } else {
                (*written).to_string()
            };
            let rule = if known.ends_with("so") { "R-DNU" } else { "R-GEN" };
            return Some(Match::one(at, after, text, rule));
        }
        return short_number(v, at, &letters, number_at);
    }
    None
}

/// "s p o two ninety four": the two belongs to the name, what follows to the value.
fn short_number(v: &View<'_>, at: usize, letters: &str, number_at: usize) -> Option<Match> {
    let Some(Lex::Digit(n)) = v.lex(number_at) else {
        return None;
    };
    let figures = n.to_string();
    let (known, _, written) =
        LETTERED.iter().find(|(known, figure, _)| *known == letters && *figure == figures)?;
    let goes_on = v.lex(number_at + 1).is_some() || v.is(number_at + 1, &["of", "is"]);
    (goes_on && fits(v, known, u64::from(n), number_at + 1))
        .then(|| Match::one(at, number_at + 1, *written, "R-GEN"))
}

fn fits(v: &View<'_>, letters: &str, n: u64, after: usize) -> bool {
    if closes_up(v, after) {
        return false;
    }
    let counted = units::heard(v, after).is_some();
    match letters {
        "her" => v.is(after, &["positive", "negative", "status", "amplified", "neu", "receptor"]),
        "cd" => n < 400,
        "po" | "co" => !counted,
        "cin" | "vin" | "ain" | "vain" => (1..=3).contains(&n),
        _ => true,
    }
}

/// "forty six x y" is 46,XY.
fn karyotype(v: &View<'_>, at: usize) -> Option<Match> {
    let (number, mut place) = grammar::cardinal(v, at).filter(|(n, _)| n.is_whole())?;
    if !(44..=49).contains(&number.whole) {
        return None;
    }
    if v.is(place, &[","]) {
        place += 1;
    }
    let mut letters = String::new();
    while letters.len() < 5 && v.low(place).bytes().all(|b| matches!(b, b'x' | b'y')) {
        if v.low(place).is_empty() || v.is_mark(place) {
            break;
        }
        letters.push_str(v.low(place));
        place += 1;
    }
    let told = letters.len() >= 2 || letters == "x" && v.near_before(at, 4, &["karyotype"]);
    (told && !closes_up(v, place)).then(|| {
        Match::one(at, place, format!("{},{}", number.whole, letters.to_uppercase()), "R-GEN")
    })
}

/// "translocation t nine twenty two" is t(9;22); "del five q" is del(5q).
fn translocation(v: &View<'_>, at: usize) -> Option<Match> {
    if v.is(at, &["del"]) {
        let (n, end) = grammar::two_digits(v, at + 1).filter(|(n, _)| (1..=22).contains(n))?;
        let arm = v.letter(end).filter(|c| matches!(c, 'p' | 'q'))?;
        return Some(Match::one(at, end + 1, format!("del({n}{arm})"), "R-GEN"));
    }
    if v.letter(at) != Some('t') || !v.near_before(at, 2, &["translocation"]) {
        return None;
    }
    let (first, end) = grammar::two_digits(v, at + 1).filter(|(n, _)| (1..=22).contains(n))?;
    let second_at = if v.is(end, &[";", ",", "-", "and"]) { end + 1 } else { end };
    let (second, end) = grammar::two_digits(v, second_at).filter(|(n, _)| (1..=22).contains(n))?;
    (!closes_up(v, end)).then(|| Match::one(at, end, format!("t({first};{second})"), "R-GEN"))
}

const GENES: [(&str, &str); 5] =
    [("kras", "KRAS"), ("nras", "NRAS"), ("braf", "BRAF"), ("egfr", "EGFR"), ("jak2", "JAK2")];

/// "k ras g twelve d" is KRAS G12D; "b raf v six hundred e" is BRAF V600E.
fn mutation(v: &View<'_>, at: usize) -> Option<Match> {
    let (gene, place) = gene(v, at)?;
    let mut found = Match::new(place);
    found.push(at..place, gene, "R-GEN");
    if let Some(from) = v.letter(place)
        && let Some((codon, end)) = grammar::cardinal(v, place + 1).filter(|(n, _)| n.is_whole())
        && let Some(to) = v.letter(end)
    {
        let text = format!("{}{}{}", from, codon.whole, to).to_uppercase();
        found.push(place..end + 1, text, "R-GEN");
        found.end = end + 1;
    }
    Some(found)
}

/// A gene and the place behind it: "kras", "k ras", "k r a s".
fn gene(v: &View<'_>, at: usize) -> Option<(&'static str, usize)> {
    let mut letters = String::new();
    for end in at..at + 4 {
        if letters.len() > 1 && !v.is_letter(end) && !matches!(v.low(end), "raf" | "ras") {
            break;
        }
        letters.push_str(v.low(end));
        if let Some((_, gene)) = GENES.iter().find(|(low, _)| *low == letters) {
            return Some((gene, end + 1));
        }
        let partial = v.is_letter(end) && letters.len() == end + 1 - at;
        if !partial {
            break;
        }
    }
    None
}

/// "c a nineteen nine" is CA 19-9.
fn cancer_antigen(v: &View<'_>, at: usize) -> Option<Match> {
    let number_at = match v.low(at) {
        "ca" => at + 1,
        "c" if v.low(at + 1) == "a" => at + 2,
        _ => return None,
    };
    let (first, end) = grammar::two_digits(v, number_at)?;
    let second_at = if v.is(end, &["-"]) { end + 1 } else { end };
    let (second, end) = grammar::two_digits(v, second_at)?;
    let known = matches!((first, second), (19, 9) | (15, 3) | (27, 29));
    (known && !closes_up(v, end))
        .then(|| Match::one(at, end, format!("CA {first}-{second}"), "R-GEN"))
}
