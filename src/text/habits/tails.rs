//! "IVQ4HPRN", "I vq 12 hours", "IVB ID", "sub QTID": how a medicine is given, spelled letter by
//! letter and run together or cut in the wrong places.
//!
//! Not for: what the abbreviations mean (`text::abbreviations`).
//!
//! Invariant: only behind a dose, and only where all letters of the pieces are used up by
//! abbreviations; the letters stay in their order.

use crate::domain::flag::FlagKind;
use crate::text::token::{Case, Findings, Gap, Kind, Token, words_of};
use crate::text::units::{self, Counted};

/// Abbreviations as letters, and as the stages behind this one read them.
const ABBREVIATIONS: [(&str, &[&str]); 20] = [
    ("subq", &["sub", "q"]),
    ("bid", &["BID"]),
    ("tid", &["TID"]),
    ("qid", &["QID"]),
    ("qhs", &["QHS"]),
    ("qod", &["QOD"]),
    ("prn", &["PRN"]),
    ("qam", &["QAM"]),
    ("qpm", &["QPM"]),
    ("qd", &["QD"]),
    ("iv", &["IV"]),
    ("im", &["IM"]),
    ("po", &["PO"]),
    ("p0", &["PO"]),
    ("sl", &["SL"]),
    ("pr", &["PR"]),
    ("ac", &["AC"]),
    ("pc", &["PC"]),
    ("q", &["q"]),
    ("h", &["h"]),
];
/// Pieces that are read together, and the longest of them.
const PIECES_MAX: usize = 5;
const PIECE_MAX: usize = 12;
/// Hours between doses that are given so.
const HOURS: [&str; 8] = ["2", "3", "4", "6", "8", "12", "24", "48"];
const RULE: &str = "run-together";

/// Parts and joins the pieces.
pub fn apply(tokens: Vec<Token>, findings: &mut Findings) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    let mut behind_dose = false;
    while let Some(token) = tokens.get(at) {
        let pieces = if behind_dose { tail(&tokens, at) } else { None };
        let Some((end, words)) = pieces else {
            let comma = token.is_mark(",") && token.by_engine;
            behind_dose = ends_dose(token) || behind_dose && (comma || is_said(token));
            out.push(token.clone());
            at += 1;
            continue;
        };
        push(&tokens[at..end], &words, &mut out, findings);
        at = end;
    }
    out
}

fn ends_dose(token: &Token) -> bool {
    let unit = token.text.trim_start_matches(|c: char| c.is_ascii_digit() || ".,".contains(c));
    matches!(units::of_medicine(unit), Some(Counted::Amount(_)))
}

/// An abbreviation or a number that stands well by itself.
fn is_said(token: &Token) -> bool {
    let low = token.text.to_ascii_lowercase().replace('.', "");
    ABBREVIATIONS.iter().any(|(letters, _)| *letters == low) || token.is("sub")
}

/// The longest run of pieces from `at` that abbreviations use up, where it is not written well.
fn tail(tokens: &[Token], at: usize) -> Option<(usize, Vec<String>)> {
    let mut letters = String::new();
    let mut best = None;
    for end in at + 1..=(at + PIECES_MAX).min(tokens.len()) {
        let token = &tokens[end - 1];
        if end > at + 1 && token.by_engine && token.is_mark(",") {
            continue;
        }
        let piece = token.text.to_ascii_lowercase();
        let plain: String = piece.chars().filter(|c| !matches!(c, '.' | '-')).collect();
        let is_piece = matches!(token.kind, Kind::Word | Kind::Figure)
            && token.case != Case::Held
            && !plain.is_empty()
            && plain.len() <= PIECE_MAX
            && plain.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && (end == at + 1 || !token.begins_line());
        if !is_piece {
            break;
        }
        letters.push_str(&plain);
        if let Some(words) = spelled(&letters).filter(|words| words.len() < 8) {
            best = Some((end, words));
        }
    }
    let (end, words) = best?;
    let pieces = &tokens[at..end];
    let said = || pieces.iter().filter(|token| token.kind != Kind::Mark);
    let single = said().all(|token| token.text.len() == 1);
    let same = said().count() == words.len()
        && said().zip(&words).all(|(token, word)| is_same(token, word));
    (!same && !single).then_some((end, words))
}

fn is_same(token: &Token, word: &str) -> bool {
    token.text.replace('.', "").eq_ignore_ascii_case(word)
}

/// The abbreviations that use up all the letters, if there are two or a piece was cut.
fn spelled(letters: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = letters;
    while !rest.is_empty() {
        if words.last().is_some_and(|word| word == "q") {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (hours, after) = rest.split_at(digits);
            if digits > 0 {
                let (hours, is_eight) = every(hours, after)?;
                words.push(hours.to_owned());
                if is_eight {
                    words.push("h".to_owned());
                }
                rest = after;
                continue;
            }
        }
        let (known, written) = ABBREVIATIONS.iter().find(|(known, _)| rest.starts_with(known))?;
        let is_hour = words.last().is_some_and(|word| word.bytes().all(|b| b.is_ascii_digit()));
        if *known == "h" && !is_hour {
            return None;
        }
        words.extend(written.iter().map(|word| (*word).to_owned()));
        rest = &rest[known.len()..];
    }
    Some(words)
}

/// The hours of "q 4"; of "q 4 8", where the letter h was heard as eight, too.
fn every<'a>(digits: &'a str, after: &str) -> Option<(&'a str, bool)> {
    let hours = digits.strip_suffix('8').filter(|hours| HOURS.contains(hours));
    let ends = !after.starts_with('h');
    match hours {
        Some(hours) if ends => Some((hours, true)),
        _ => HOURS.contains(&digits).then_some((digits, false)),
    }
}

fn push(pieces: &[Token], words: &[String], out: &mut Vec<Token>, findings: &mut Findings) {
    let has_eight =
        words.windows(2).any(|pair| HOURS.contains(&pair[0].as_str()) && pair[1] == "h")
            && !pieces.iter().any(|piece| piece.text.to_ascii_lowercase().contains('h'));
    if has_eight {
        let note = "The hours between doses were heard with an eight; \"h\" was written for it.";
        findings.flag(FlagKind::Number, note, words_of(pieces));
    }
    for (place, word) in words.iter().enumerate() {
        let is_figure = word.starts_with(|first: char| first.is_ascii_digit());
        let kind = if is_figure { Kind::Figure } else { Kind::Word };
        let mut token = Token::joined(pieces, word.as_str(), kind, RULE);
        token.by_engine = false;
        token.case = Case::Free;
        if place > 0 {
            token.gap = Gap::Space;
            token.pause_ms = None;
        }
        out.push(token);
    }
}
