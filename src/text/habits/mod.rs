//! What a recogniser writes by habit and nobody said: capitals of a title on a short utterance,
//! stops between a name and its value, words and figures run together.
//!
//! Not for: words that were misheard (`speech`, `vocab::correct`); what the author dictated.
//!
//! Invariant: no letter or digit comes or goes but a leading zero and the letters that make "q6h"
//! and "BID" readable; an own mark of the author stays.

mod glued;
mod prefixes;
mod stops;
mod tails;
#[cfg(test)]
mod tests;
mod titles;
mod values;

use super::request::Request;
use super::token::{Findings, Token};

/// Undoes the habits.
pub fn apply(tokens: Vec<Token>, request: &Request<'_>, findings: &mut Findings) -> Vec<Token> {
    let tokens = values::apply(tokens, findings);
    let tokens = glued::apply(tokens, request);
    let tokens = tails::apply(tokens, findings);
    let mut tokens = stops::apply(tokens, request);
    prefixes::apply(&mut tokens, request);
    titles::apply(&mut tokens, request);
    tokens
}
