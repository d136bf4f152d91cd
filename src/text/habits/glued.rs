//! "Lorazepam.5 mg", "BMI31.4", "500mgb ID", "Q6hprn", "830am": words and figures run together.
//!
//! Not for: written forms that are so meant ("CD4", "B12", "L4-L5").
//!
//! Invariant: the letters and digits stay in their order; "you" is a unit only behind the number
//! of a medicine that is counted in units.

use crate::text::request::Request;
use crate::text::safety::generic;
use crate::text::token::{Case, Gap, Kind, Token};
use crate::vocab::doses;

/// Labels of vitals and laboratory values that are never written together with the value.
const LABELS: &[&str] = &[
    "BMI", "TSH", "QTC", "QRS", "INR", "WBC", "RBC", "BUN", "PSA", "GFR", "EGFR", "BNP", "ESR",
    "CRP", "LDL", "HDL", "MCV", "PTT", "GCS", "AST", "ALT", "ALP", "BP", "HR", "RR", "PH", "CK",
];
/// Words before a decimal that lost its zero and its space have so many letters at least.
const WORD_MIN: usize = 4;
const RULE: &str = "run-together";

/// Parts them.
pub fn apply(tokens: Vec<Token>, request: &Request<'_>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1);
        at += 1;
        if token.case == Case::Held || !matches!(token.kind, Kind::Word | Kind::Figure) {
            out.push(token.clone());
        } else if let Some(parts) =
            twice_daily(token, next).or_else(|| units_in_letters(token, next))
        {
            let last = tokens.get(at);
            push(&mut out, &[token, last.unwrap_or(token)], &parts);
            at += 1;
        } else if let Some(parts) = parted(token, request) {
            push(&mut out, &[token], &parts);
        } else if is_unit_you(token, next, &out, request) {
            push(&mut out, &[token], &["units".to_owned()]);
        } else if is_oxygen(token, next) {
            push(&mut out, &[token], &["O2".to_owned()]);
        } else {
            out.push(token.clone());
        }
    }
    out
}

/// The parts in the place of these tokens, with their source.
fn push(out: &mut Vec<Token>, whole: &[&Token], parts: &[String]) {
    let tokens: Vec<Token> = whole.iter().map(|token| (*token).clone()).collect();
    for (index, part) in parts.iter().enumerate() {
        let is_figure = part.starts_with(|first: char| first.is_ascii_digit());
        let kind = if is_figure { Kind::Figure } else { Kind::Word };
        let mut token = Token::joined(&tokens, part.clone(), kind, RULE);
        token.by_engine = false;
        if index > 0 {
            token.gap = Gap::Space;
            token.pause_ms = None;
        }
        out.push(token);
    }
}

fn parted(token: &Token, request: &Request<'_>) -> Option<Vec<String>> {
    let text = token.text.as_str();
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let is_term = || request.lexicon.find(text).is_some();
    decimal(text)
        .or_else(|| clock(text))
        .or_else(|| every_hours(text))
        .or_else(|| labelled(text).filter(|_| !is_term()))
}

/// "Lorazepam.5": the word and 0.5.
fn decimal(text: &str) -> Option<Vec<String>> {
    let (word, digits) = text.split_once('.')?;
    let is_word = word.len() >= WORD_MIN && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_decimal = (1..=3).contains(&digits.len()) && is_number(digits);
    (is_word && is_decimal).then(|| vec![word.to_owned(), format!("0.{digits}")])
}

/// "830am", "9.30pm".
fn clock(text: &str) -> Option<Vec<String>> {
    let lower = text.to_ascii_lowercase();
    let half = ["am", "pm"].into_iter().find(|half| lower.ends_with(half))?;
    let digits = lower.strip_suffix(half)?.replacen('.', "", 1);
    let digits = digits.as_str();
    if !is_number(digits) {
        return None;
    }
    let (hour, minute) = digits.split_at_checked(digits.len().checked_sub(2)?)?;
    let is_time = (1..=12).contains(&hour.parse::<u8>().ok()?) && minute.parse::<u8>().ok()? < 60;
    is_time.then(|| vec![format!("{hour}:{minute}"), half.to_owned()])
}

/// "Q6h", "Q6hprn".
fn every_hours(text: &str) -> Option<Vec<String>> {
    let lower = text.to_ascii_lowercase();
    let (hours, rest) = lower.strip_prefix('q')?.split_once('h')?;
    let is_hours = (1..=2).contains(&hours.len()) && is_number(hours);
    match rest {
        "prn" if is_hours => Some(vec!["q".into(), hours.into(), "hours".into(), "prn".into()]),
        _ => None,
    }
}

/// "BMI31.4".
fn labelled(text: &str) -> Option<Vec<String>> {
    let end = text.find(|c: char| c.is_ascii_digit())?;
    let (label, value) = text.split_at(end);
    let is_value = value.split('.').count() <= 2 && value.split('.').all(is_number);
    let is_label = LABELS.contains(&label.to_ascii_uppercase().as_str());
    let written = if label.eq_ignore_ascii_case("qtc") { "QTc" } else { label };
    (is_label && is_value).then(|| vec![written.to_owned(), value.to_owned()])
}

/// "500mgb ID", "mgb ID".
fn twice_daily(token: &Token, next: Option<&Token>) -> Option<Vec<String>> {
    let id = next.filter(|next| next.is_any(&["id", "i.d"]) && !next.begins_line())?;
    let lower = token.text.to_ascii_lowercase();
    let (amount, times) = lower.split_at_checked(lower.len().checked_sub(1)?)?;
    let unit = amount.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    let is_unit = matches!(unit, "mg" | "mcg" | "g" | "ml");
    let is_times = matches!(times, "b" | "t" | "q");
    (is_unit && is_times && !id.by_engine).then(|| {
        let figure = amount.strip_suffix(unit).unwrap_or_default();
        let unit = if unit == "ml" { "mL" } else { unit };
        let parts = [figure.to_owned(), unit.to_owned(), format!("{}ID", times.to_uppercase())];
        parts.into_iter().filter(|part| !part.is_empty()).collect()
    })
}

/// "400i U".
fn units_in_letters(token: &Token, next: Option<&Token>) -> Option<Vec<String>> {
    let is_unit = next.is_some_and(|next| next.is("u") && !next.begins_line());
    let figure = token.text.strip_suffix(['i', 'I']).filter(|figure| is_number(figure))?;
    is_unit.then(|| vec![figure.to_owned(), "IU".to_owned()])
}

/// "20 you at bedtime", after a medicine that is counted in units.
fn is_unit_you(
    token: &Token,
    next: Option<&Token>,
    before: &[Token],
    request: &Request<'_>,
) -> bool {
    const AFTER: [&str; 8] =
        ["at", "daily", "every", "before", "twice", "subcutaneously", "with", "in"];
    let goes_on = next.is_none_or(|next| next.kind == Kind::Mark || next.is_any(&AFTER));
    let [.., drug, amount] = before else { return false };
    let is_dose = amount.kind == Kind::Figure && drug.kind == Kind::Word;
    let in_units = || {
        let dosing = generic(&drug.text, request.lexicon).and_then(|name| doses::dosing(&name));
        dosing.is_some_and(|dosing| dosing.unit == "units")
    };
    token.is("you") && goes_on && is_dose && in_units()
}

/// "0.02 sat": O2.
fn is_oxygen(token: &Token, next: Option<&Token>) -> bool {
    matches!(token.text.as_str(), "0.02" | "02" | "0.2")
        && next.is_some_and(|next| next.is_any(&["sat", "sats", "saturation", "saturations"]))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
