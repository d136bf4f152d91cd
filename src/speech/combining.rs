//! Compounds that are heard as two adjectives: "temporal mandibular" for temporomandibular.
//!
//! Not for: whether the compound was said (`verify` asks the audio), or a term in pieces whose
//! letters stay (`joined`).
//!
//! Invariant: the compound is a listed word, and says of the body what the two adjectives say.

use super::alike::letters;
use super::words::Spoken;
use crate::vocab::lexicon::Lexicon;

/// Endings of adjectives and what stands in their place in a compound: anterolateral,
/// temporomandibular, lumbosacral, thoracolumbar.
const COMBINING: [(&str, &str); 4] = [("erior", "ero"), ("al", "o"), ("ar", "o"), ("ic", "o")];
/// A shorter adjective is rather a word of its own.
const SECOND_MIN: usize = 5;

/// The compound of two words, if a list has it.
pub fn compound(lexicon: &Lexicon, first: &Spoken, second: &Spoken) -> Option<String> {
    let is_plain = first.text.chars().all(char::is_alphabetic);
    let (first, second) = (letters(&first.text), letters(&second.text));
    if !is_plain || second.chars().count() < SECOND_MIN {
        return None;
    }
    let combined = |(ending, instead): &(&str, &str)| {
        let whole = format!("{}{instead}{second}", first.strip_suffix(ending)?);
        let term = lexicon.term(lexicon.find(&whole)?).text;
        term.chars().all(char::is_alphabetic).then(|| term.to_owned())
    };
    COMBINING.iter().find_map(combined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compound_of(first: &str, second: &str) -> Option<String> {
        let [first, second] = [first, second].map(|word| Spoken::of(word, 0.9));
        compound(&Lexicon::built_in(), &first, &second)
    }

    #[test]
    fn two_adjectives_are_the_compound_that_a_list_has() {
        for (first, second, compound) in [
            ("temporal", "mandibular", "temporomandibular"),
            ("anterior", "lateral,", "anterolateral"),
            ("lumbar", "sacral", "lumbosacral"),
            ("Thoracic", "lumbar.", "thoracolumbar"),
        ] {
            assert_eq!(compound_of(first, second).as_deref(), Some(compound));
        }
    }

    #[test]
    fn other_pairs_are_none() {
        for (first, second) in [
            ("renal", "artery"),
            ("temporal,", "mandibular"),
            ("normal", "sinus"),
            ("oral", "dose"),
        ] {
            assert_eq!(compound_of(first, second), None, "{first} {second}");
        }
    }
}
