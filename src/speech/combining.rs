//! Compounds that are heard as two words: "temporal mandibular" for temporomandibular, "super
//! temporal" for supratemporal.
//!
//! Not for: whether the compound was said (`verify` asks the audio), or a term in pieces whose
//! letters stay (`joined`).
//!
//! Invariant: the compound is a listed word, and says of the body what the two words say.

use super::alike::letters;
use super::words::Spoken;
use crate::vocab::lexicon::Lexicon;

/// Endings of adjectives and what stands in their place in a compound: anterolateral,
/// temporomandibular, lumbosacral, thoracolumbar.
const COMBINING: [(&str, &str); 4] = [("erior", "ero"), ("al", "o"), ("ar", "o"), ("ic", "o")];
/// A beginning that is heard as a word of its own, and what was said: supratemporal. Where it makes
/// a listed word as it was heard, that is another compound.
const BEGINNING: (&str, &str) = ("super", "supra");
/// A shorter adjective is rather a word of its own.
const SECOND_MIN: usize = 5;

/// The compound of two words, if a list has it.
pub fn compound(lexicon: &Lexicon, first: &Spoken, second: &Spoken) -> Option<String> {
    let is_plain = first.text.chars().all(char::is_alphabetic);
    let (first, second) = (letters(&first.text), letters(&second.text));
    if !is_plain || second.chars().count() < SECOND_MIN {
        return None;
    }
    let listed = |beginning: &str| {
        let term = lexicon.term(lexicon.find(&format!("{beginning}{second}"))?).text;
        term.chars().all(char::is_alphabetic).then(|| term.to_owned())
    };
    let combined = |(ending, instead): &(&str, &str)| {
        listed(&format!("{}{instead}", first.strip_suffix(ending)?))
    };
    let begun = || {
        let (heard, said) = BEGINNING;
        (first == heard && listed(heard).is_none()).then(|| listed(said)).flatten()
    };
    COMBINING.iter().find_map(combined).or_else(begun)
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
            ("super", "temporal", "supratemporal"),
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
            ("inter", "hepatic"),
            ("oral", "dose"),
        ] {
            assert_eq!(compound_of(first, second), None, "{first} {second}");
        }
    }
}
