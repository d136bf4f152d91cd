//! "BU-N22", "PCO 268", "HBA1C9.1%", "MS042mg", "E400i U", "T922", "t-10": names of letters and
//! figures, with a value run into them or a hyphen between the letters.
//!
//! Not for: words run into decimals and times (`glued`), how a medicine is given (`tails`).
//!
//! Invariant: letters and digits stay in their order, but a zero that stands for the letter O;
//! where a figure may belong to the name or to the value, a person is told.

use crate::domain::flag::FlagKind;
use crate::text::token::{Case, Findings, Gap, Kind, Token, words_of};
use crate::text::units;
use crate::vocab::number_words;

/// Labels that are said letter by letter and have a value behind them, as they are written.
const LABELS: [&str; 19] = [
    "BUN", "AST", "ALT", "ALP", "TSH", "INR", "PSA", "WBC", "RBC", "BNP", "ESR", "CRP", "LDL",
    "HDL", "MCV", "PTT", "GFR", "BMI", "GCS",
];
const RULE: &str = "run-together";

/// What is written in the place of some tokens.
struct Parts {
    tokens: usize,
    words: Vec<String>,
    doubt: Option<(FlagKind, &'static str)>,
}

/// Parts them.
pub fn apply(tokens: Vec<Token>, findings: &mut Findings) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let free = token.case != Case::Held && may_be_run_together(token);
        let Some(parts) = free.then(|| parted(&tokens, at, &out)).flatten() else {
            out.push(token.clone());
            at += 1;
            continue;
        };
        let whole = &tokens[at..at + parts.tokens];
        for (place, word) in parts.words.iter().enumerate() {
            let is_figure = word.starts_with(|first: char| first.is_ascii_digit());
            let kind = if is_figure { Kind::Figure } else { Kind::Word };
            let mut token = Token::joined(whole, word.as_str(), kind, RULE);
            token.by_engine = false;
            if place > 0 {
                token.gap = Gap::Space;
                token.pause_ms = None;
                token.case = Case::Free;
            }
            out.push(token);
        }
        if let Some((kind, note)) = parts.doubt {
            findings.flag(kind, note, words_of(whole));
        }
        at += parts.tokens;
    }
    out
}

/// Whether it has a figure or a hyphen in it, or is a name that a figure may follow.
fn may_be_run_together(token: &Token) -> bool {
    const NAMES: [&str; 7] = ["ms", "mg", "mgso", "t", "pco", "po", "paco"];
    match token.kind {
        Kind::Figure => true,
        Kind::Word => {
            token.text.bytes().any(|byte| byte.is_ascii_digit() || byte == b'-')
                || token.text.len() < 5 && token.is_any(&NAMES)
        }
        Kind::Mark | Kind::Heading | Kind::ItemNumber | Kind::Blank => false,
    }
}

fn parted(tokens: &[Token], at: usize, before: &[Token]) -> Option<Parts> {
    let text = tokens[at].text.to_ascii_uppercase();
    let next = tokens.get(at + 1).filter(|next| !next.begins_line());
    sulfate(&text, next)
        .or_else(|| international(&text, tokens.get(at + 1..).unwrap_or_default()))
        .or_else(|| gas(&text, next))
        .or_else(|| labelled(&text))
        .or_else(|| glycated(&text))
        .or_else(|| translocation(&text, next, before))
        .or_else(|| vertebra(&text, &tokens[at].text))
        .or_else(|| oxygen(&text))
        .or_else(|| with_command(&tokens[at].text, next))
        .or_else(|| year(&text, before))
}

fn one(words: &[&str]) -> Option<Parts> {
    let words = words.iter().map(|word| (*word).to_owned()).collect();
    Some(Parts { tokens: 1, words, doubt: None })
}

fn is_number(text: &str) -> bool {
    let decimal = text.trim_end_matches('%');
    !decimal.is_empty()
        && decimal.len() < 8
        && decimal.parse::<f32>().is_ok()
        && decimal.starts_with(|c: char| c.is_ascii_digit())
}

/// "MS042mg", "ms 042 milligrams", "MG SO4 2G": the 4 belongs to the name.
fn sulfate(text: &str, next: Option<&Token>) -> Option<Parts> {
    const NOTE: &str = "A sulfate and its dose were heard as one figure; is the dose right?";
    let doubt = Some((FlagKind::DrugDose, NOTE));
    let plain = text.replace('-', "");
    let (name, rest) = match plain.strip_prefix("MGS") {
        Some(rest) => ("MGSO4", rest),
        None => ("MSO4", plain.strip_prefix("MS")?),
    };
    let dose = |rest: &str| {
        let dose = rest.strip_prefix("04").or_else(|| rest.strip_prefix("O4"))?;
        let figure = dose.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = &dose[figure.len()..];
        let units = ["", "MG", "G"].contains(&unit);
        (units && is_number(figure) && !figure.starts_with('0'))
            .then(|| (figure.to_owned(), unit.to_ascii_lowercase()))
    };
    let found = |(figure, unit): (String, String), tokens| {
        let words = [name.to_owned(), figure, unit];
        let words = words.into_iter().filter(|word| !word.is_empty()).collect();
        Parts { tokens, words, doubt }
    };
    if let Some(dose) = dose(rest) {
        return Some(found(dose, 1));
    }
    let next = next?;
    if rest.is_empty() && name == "MSO4" {
        return dose(&next.text.to_ascii_uppercase()).map(|dose| found(dose, 2));
    }
    let four = matches!(rest, "O" | "0") && next.is_any(&["for", "four", "4"]);
    four.then(|| Parts { tokens: 2, words: vec![name.to_owned()], doubt })
}

/// "E400i U", "1000i you", "D1000i, you": a vitamin and its international units. The engine sets a
/// comma inside where it hears the vitamin and a person.
fn international(text: &str, rest: &[Token]) -> Option<Parts> {
    let commas = usize::from(rest.first().is_some_and(|mark| mark.by_engine && mark.is_mark(",")));
    let is_unit = |next: &Token| !next.begins_line() && next.is_any(&["u", "you", "use"]);
    let whole = text.strip_suffix('I').filter(|_| rest.get(commas).is_some_and(is_unit))?;
    let letters = whole.len() - whole.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let (vitamin, amount) = whole.split_at(letters);
    if letters > 1 || letters < commas || !is_number(amount) {
        return None;
    }
    let words = [vitamin, amount, "IU"].into_iter().filter(|word| !word.is_empty());
    let words = words.map(str::to_owned).collect();
    Some(Parts { tokens: 2 + commas, words, doubt: None })
}

/// "PCO 268", "PC0255", "P0254", "PCO2-42": the 2 belongs to the name.
fn gas(text: &str, next: Option<&Token>) -> Option<Parts> {
    const NAMES: [(&str, &str); 3] = [("PACO", "PaCO2"), ("PCO", "pCO2"), ("PO", "pO2")];
    let digits = text.find(|c: char| c.is_ascii_digit() && c != '0').unwrap_or(text.len());
    let (name, value) = text.split_at(digits);
    let name = name.replace('0', "O").replace('-', "");
    let (_, written) = NAMES.iter().find(|(known, _)| *known == name)?;
    let of_two = |value: &str| {
        let value = value.strip_prefix('2')?.trim_start_matches('-').to_owned();
        let is_value = (2..=3).contains(&value.len()) && is_number(&value);
        is_value.then_some(value)
    };
    if let Some(value) = of_two(value) {
        return one(&[written, &value]);
    }
    let value = next.filter(|_| value.is_empty()).and_then(|next| of_two(&next.text))?;
    Some(Parts { tokens: 2, words: vec![(*written).to_owned(), value], doubt: None })
}

/// "BU-N22", "AL-T-51", "bun34".
fn labelled(text: &str) -> Option<Parts> {
    let end = text.find(|c: char| c.is_ascii_digit())?;
    let (label, value) = text.split_at(end);
    let plain: String = label.chars().filter(char::is_ascii_alphabetic).collect();
    let label = LABELS.iter().find(|known| **known == plain)?;
    is_number(value).then(|| one(&[label, value])).flatten()
}

/// "HBA1C9.1%", "A1C7.2".
fn glycated(text: &str) -> Option<Parts> {
    let (name, value) = text.split_once("1C")?;
    let written = match name {
        "HBA" => "HbA1c",
        "A" => "A1c",
        _ => return None,
    };
    is_number(value).then(|| one(&[written, value])).flatten()
}

/// "translocation T922", "translocation t 922" is t(9;22), where the figures can be read in one
/// way only.
fn translocation(text: &str, next: Option<&Token>, before: &[Token]) -> Option<Parts> {
    const CHROMOSOMES: u32 = 22;
    let apart = next.filter(|next| text == "T" && next.kind == Kind::Figure);
    let figures = match apart {
        Some(next) => next.text.as_str(),
        None => text.strip_prefix('T')?,
    };
    let named = before.last().is_some_and(|token| token.is("translocation"));
    if !named || figures.len() > 4 || !figures.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let chromosome = |text: &str| {
        let known = text.parse().is_ok_and(|n: u32| (1..=CHROMOSOMES).contains(&n));
        known && !text.starts_with('0')
    };
    let mut ways = (1..figures.len())
        .map(|at| figures.split_at(at))
        .filter(|(first, second)| chromosome(first) && chromosome(second) && first != second);
    let (first, second) = ways.next()?;
    let words = vec![format!("t({first};{second})")];
    let tokens = 1 + usize::from(apart.is_some());
    ways.next().is_none().then_some(Parts { tokens, words, doubt: None })
}

/// "t-10", "l-2": a vertebra in small letters, as letters are said.
fn vertebra(upper: &str, heard: &str) -> Option<Parts> {
    let (letter, number) = heard.split_once('-')?;
    let last = match letter {
        "c" => 8,
        "t" => 12,
        "l" | "s" => 5,
        _ => return None,
    };
    let level = number.parse().is_ok_and(|n: u32| (1..=last).contains(&n));
    level.then(|| one(&[&upper.replace('-', "")])).flatten()
}

/// "0-2-SAT".
fn oxygen(text: &str) -> Option<Parts> {
    let plain = text.replace('-', "");
    let sat = plain.strip_prefix("02").or_else(|| plain.strip_prefix("O2"))?;
    matches!(sat, "SAT" | "SATS").then(|| one(&["O2", &sat.to_ascii_lowercase()])).flatten()
}

/// "well-period.", "pro-four units": a hyphen between a word and a command or a number.
fn with_command(text: &str, next: Option<&Token>) -> Option<Parts> {
    let (word, last) = text.rsplit_once('-')?;
    let plain = word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let of_time = ["time", "mid", "multi", "long", "short", "trial", "same"];
    let of_time = of_time.iter().any(|known| word.eq_ignore_ascii_case(known));
    let ends = last.eq_ignore_ascii_case("period") && !of_time;
    let counts = number_words::value(&last.to_ascii_lowercase()).is_some()
        && number_words::value(&word.to_ascii_lowercase()).is_none()
        && next.is_some_and(|next| units::of_medicine(&next.text).is_some());
    (plain && (ends || counts)).then(|| one(&[word, last])).flatten()
}

/// "January 1, 2020-6", "6/9/2020-25": a year said in two parts.
fn year(text: &str, before: &[Token]) -> Option<Parts> {
    const NOTE: &str = "The year was heard in two parts; is it right?";
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let (first, ones) = text.rsplit_once('-')?;
    let date = first.strip_suffix("2020")?;
    let slashed = date.ends_with('/') && date.matches('/').count() == 2;
    let dated = before.iter().rev().take(4).any(|token| token.is_any(&MONTHS));
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !(slashed || dated && date.is_empty()) || !digits(ones, 2) {
        return None;
    }
    let years: u32 = ones.parse().ok()?;
    let year = if years < 10 { 20 + years } else { years };
    let words = vec![format!("{date}20{year:02}")];
    Some(Parts { tokens: 1, words, doubt: Some((FlagKind::Number, NOTE)) })
}
