//! Words that no machine changes: numbers, negations and sides.
//!
//! Not for: deciding what is done where such a word stands (`vocab::correct`, `speech::revise`).
//!
//! Invariant: every number word of `vocab::number_words` is guarded (domain specification 2:
//! a wrong number, side or negation harms, and sound alone never settles it).

use super::number_words::{self, ORDINALS};

/// Letters only: an apostrophe is dropped before the comparison.
const NEGATIONS: [&str; 27] = [
    "no", "not", "none", "never", "without", "denies", "denied", "negative", "nor", "neither",
    "cannot", "cant", "isnt", "arent", "wasnt", "werent", "dont", "doesnt", "didnt", "hasnt",
    "havent", "hadnt", "wont", "wouldnt", "couldnt", "shouldnt", "mustnt",
];
const SIDES: [&str; 5] = ["left", "right", "bilateral", "upper", "lower"];
/// Parts of numbers that are not counted by themselves.
const NUMBER_PARTS: [&str; 5] = ["hundred", "thousand", "million", "half", "point"];

/// Whether a word, in any case and with any marks around it, stays as it was heard. Figures are
/// for the caller to look for: a term may be heard as words and figures ("a big 75").
pub fn is_guarded(word: &str) -> bool {
    let letters = word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    let letters: String = letters.collect();
    let among = |words: &[&str]| words.contains(&letters.as_str());
    number_words::value(&letters).is_some()
        || among(&ORDINALS)
        || among(&NEGATIONS)
        || among(&SIDES)
        || among(&NUMBER_PARTS)
}

/// The numbers, negations and sides of a text in its order; a number is the same in letters and in
/// figures.
pub fn guarded_words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '-' | '/'));
    let plain = words.map(|word| {
        let kept = word.trim_matches(|c: char| !c.is_alphanumeric());
        kept.chars().filter(|c| c.is_alphanumeric() || *c == '.').collect::<String>()
    });
    let weighty =
        plain.filter(|word| word.contains(|c: char| c.is_ascii_digit()) || is_guarded(word));
    let figures = |word: String| {
        let word = word.to_lowercase();
        number_words::value(&word).map_or(word, |value| value.to_string())
    };
    weighty.map(figures).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_letters_and_figures_are_the_same() {
        assert_eq!(guarded_words("No pain, two to 3.5 days"), ["no", "2", "3.5"]);
        assert_eq!(guarded_words("the left-sided 2-3 mm"), ["left", "2", "3"]);
        assert_eq!(guarded_words("clear to auscultation"), [""; 0]);
    }

    #[test]
    fn numbers_negations_and_sides_are_guarded_however_they_are_written() {
        for word in ["Thirteen", "sixteen,", "ninety", "third", "isn't", "Didn\u{2019}t", "LEFT."] {
            assert!(is_guarded(word), "{word}");
        }
    }

    #[test]
    fn other_words_are_not() {
        for word in ["ten-fold", "rightful", "notable", "nothing", "aspirin", ""] {
            assert!(!is_guarded(word), "{word}");
        }
    }
}
