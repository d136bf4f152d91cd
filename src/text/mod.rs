//! From what was heard to what is written: the Transcript becomes a Draft.
//!
//! Not for: recognition (`speech`) or editing (`workflow`).
//!
//! Invariant: cannot fail and cannot wait; whatever is in doubt is a flag beside the draft, and
//! no word is in the draft that was not heard.

pub mod draft;
pub mod abbreviations;
pub mod numbers;
pub mod request;
pub mod token;
pub mod units;

/// A report's first text, made by the machine.
#[derive(Clone, PartialEq)]
pub struct Draft {
    pub text: String,
}
