//! What the tests of the stages share: a text as it is written with nothing set.
//!
//! Not for: the program; only tests see it.

use super::pipeline::write_text;
use super::request::Request;
use crate::vocab::lexicon::Lexicon;

pub fn written(text: &str) -> String {
    let lexicon = Lexicon::built_in();
    write_text(text, &Request::new(&lexicon)).0.text
}

/// The codes of the flags, in their order.
pub fn flags(text: &str) -> Vec<&'static str> {
    let lexicon = Lexicon::built_in();
    write_text(text, &Request::new(&lexicon)).1.iter().map(|flag| flag.kind.code()).collect()
}

/// Each heard text is written as the other says; all that are not are named at once.
pub fn check(cases: &[(&str, &str)]) {
    let wrong = cases.iter().filter(|(heard, expected)| written(heard) != *expected);
    let wrong: Vec<String> =
        wrong.map(|(heard, expected)| format!("{expected:?}\n{:?}", written(heard))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
