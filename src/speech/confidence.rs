//! How likely a word is right, from what the model thought of it.
//!
//! Not for: choosing words; it speaks of words that are settled.
//!
//! Invariant: 0 to 1; a likelier word never has less confidence for it.

use super::offer::bare;
use super::words::Spoken;
use crate::vocab::lexicon::Lexicon;
use crate::vocab::readings;

/// Weights of the logistic: constant, the logarithms of the mean and the least probability of
/// the word's tokens, a word that is in no list, a word that was changed, and one that was heard
/// otherwise at another pace. Fitted on synthetic speech of medical notes (see
/// `src/ARCHITECTURE.md`).
const CONSTANT: f32 = 3.2;
const MEAN: f32 = 1.5;
const LEAST: f32 = 0.5;
const NON_WORD: f32 = -2.0;
const CHANGED: f32 = -0.5;
const DISPUTED: f32 = -2.5;

/// The calibrated confidence. Without a lexicon nothing is known of the words themselves.
pub fn calibrated(word: &Spoken, lexicon: Option<&Lexicon>, is_changed: bool) -> f32 {
    let log = |probability: f32| probability.clamp(1e-6, 1.0).ln();
    let known = lexicon.is_none_or(|lexicon| readings::is_listed(lexicon, bare(&word.text)));
    let mut sum = CONSTANT + MEAN * log(word.own_mean) + LEAST * log(word.own_least);
    sum += if known { 0.0 } else { NON_WORD };
    sum += if is_changed { CHANGED } else { 0.0 };
    sum += if word.is_disputed { DISPUTED } else { 0.0 };
    1.0 / (1.0 + (-sum).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_was_heard_otherwise_at_another_pace_has_less_confidence() {
        let sure = Spoken::of("pain", 0.99);
        let disputed = Spoken { is_disputed: true, ..sure.clone() };
        let of = |word: &Spoken| calibrated(word, None, false);
        assert!(of(&sure) > 0.9);
        assert!((0.3..0.7).contains(&of(&disputed)), "{}", of(&disputed));
    }

    #[test]
    fn a_likelier_word_has_more_confidence_and_a_non_word_less() {
        let lexicon = Lexicon::built_in();
        let of =
            |text, probability| calibrated(&Spoken::of(text, probability), Some(&lexicon), false);
        assert!(of("pain", 0.99) > of("pain", 0.5));
        assert!(of("pain", 0.5) > of("floomatrex", 0.5));
    }
}
