//! At which tokens a rule may begin, so that the others cost one look-up each.
//!
//! Not for: the frames themselves.
//!
//! Invariant: every word that a rule of this module asks for at its own place is here.

use super::neighbours;
use crate::text::commands;
use crate::text::token::{Kind, Token};
use std::collections::HashSet;
use std::sync::OnceLock;

/// The longest word that is looked up.
const WORD_MAX: usize = 16;

const WORDS: [&str; 55] = [
    // letters
    "i",
    "d",
    "t",
    // homophones
    "wait",
    "weights",
    "way",
    "weighed",
    "you're",
    "your",
    "youre",
    "scene",
    "sailing",
    "selling",
    "data",
    "day",
    "non",
    "sign",
    "coma",
    "to",
    "too",
    "for",
    "and",
    "in",
    "write",
    "rite",
    "wright",
    "show",
    "her",
    "hair",
    "million",
    "deny",
    "ad",
    "add",
    "adeno",
    // names
    "scale",
    "score",
    "interval",
    "diabetes",
    "diabetic",
    "association",
    "class",
    "kidney",
    "nerve",
    "nerves",
    // behind, labs
    "percent",
    "factor",
    "per",
    "point",
    "hemoglobin",
    "myoglobin",
    "globin",
    "haemoglobin",
    // what may stand for "paren" is told by the word before it
    "open",
    "close",
    "closed",
];
/// The word before one that may stand for "paren".
const BRACKETS: [&str; 5] = ["open", "close", "closed", "left", "right"];

pub fn is_trigger(tokens: &[Token], at: usize) -> bool {
    let Some(token) = tokens.get(at) else { return false };
    match token.kind {
        Kind::Figure => return true,
        Kind::Word => {}
        Kind::Mark => return token.text.len() == 1 && token.text == "%",
        Kind::Heading | Kind::ItemNumber | Kind::Blank => return false,
    }
    let bracketed = at.checked_sub(1).and_then(|before| tokens.get(before));
    if bracketed.is_some_and(|before| before.is_any(&BRACKETS)) {
        return true;
    }
    token.text.len() <= WORD_MAX && (is_known(&token.text) || has_digit(&token.text))
        || commands::is_number(token)
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_known(text: &str) -> bool {
    static KNOWN: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| WORDS.into_iter().chain(neighbours::heard()).collect());
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return known.contains(text.to_ascii_lowercase().as_str());
    }
    known.contains(text)
}
