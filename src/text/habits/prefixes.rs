//! "Post-operative", "non-smoker": the field's dictionaries write such prefixes without a hyphen
//! (AHDI Book of Style, prefixes).
//!
//! Not for: hyphens of measures and names.
//!
//! Invariant: only where the word without the hyphen is one of the language.

use crate::text::request::Request;
use crate::text::token::{Kind, Token};

const PREFIXES: &[&str] = &[
    "non", "post", "pre", "anti", "intra", "inter", "sub", "supra", "infra", "peri", "multi",
    "hyper", "hypo", "extra", "semi", "trans", "retro",
];
/// Words of English up to this level of the list are words (SCOWL sizes).
const ENGLISH_LEVEL_MAX: u8 = 70;

/// Joins them.
pub fn apply(tokens: &mut [Token], request: &Request<'_>) {
    for token in tokens.iter_mut().filter(|token| token.kind == Kind::Word) {
        let Some((prefix, stem)) = token.text.split_once('-') else { continue };
        let known = PREFIXES.iter().any(|known| prefix.eq_ignore_ascii_case(known));
        if !known || stem.len() < 3 || !stem.chars().all(|c| c.is_ascii_lowercase()) {
            continue;
        }
        let joined = format!("{prefix}{stem}");
        let lower = joined.to_lowercase();
        let level = request.lexicon.english_level(&lower);
        if level.is_some_and(|level| level <= ENGLISH_LEVEL_MAX)
            || request.lexicon.find(&lower).is_some()
        {
            token.rewrite(joined, "prefix");
        }
    }
}
