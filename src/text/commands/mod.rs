//! Spoken commands: recognised by their phrases, held back by their guards, carried out.
//!
//! Not for: headings, lists, asides and normals, which look at whole sentences.
//!
//! Invariant: a phrase that may be words of the report stays; a doubt is flagged.

mod around;
mod colon;
mod edits;
mod guards;
mod pass;
mod period;
mod written;

use crate::text::request::Request;
use crate::text::token::{Findings, Token};
use guards::is_number as number_token;

/// Whether a token is a figure or a word for a number.
pub fn is_number(token: &Token) -> bool {
    number_token(token)
}

/// The value of one number word below 100, or of a figure.
pub fn small_number(text: &str) -> Option<u32> {
    written::small_number(text)
}

/// What the pass over the commands gives.
pub struct Commanded {
    pub tokens: Vec<Token>,
    /// Whether the author dictated marks or breaks.
    pub dictates: bool,
}

/// Carries out the commands among the tokens.
pub fn apply(tokens: Vec<Token>, request: &Request<'_>, findings: &mut Findings) -> Commanded {
    pass::run(&tokens, request, findings)
}
