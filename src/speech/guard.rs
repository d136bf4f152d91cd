//! Tells words that were invented from words that were heard.
//!
//! Not for: deciding what happens to them (`engine`).
//!
//! Invariant: pure; judges one chunk's words by themselves, never by what they say.

use super::words::Spoken;
use std::collections::HashSet;

/// A phrase of up to this many words that follows itself is looked for.
const PHRASE_WORDS_MAX: usize = 8;
/// So many times in a row makes a loop. A dictation says "no, no, no" but not four times.
const REPEATS_MIN: usize = 4;
/// A word of so many letters is not said three times in a row: Whisper does, where it has heard
/// the word just before and nothing comes after it.
const LONG_WORD_LETTERS: usize = 8;
const LONG_WORD_REPEATS: usize = 3;
/// A sentence of so many words is seldom said twice in one breath.
const SENTENCE_WORDS_MIN: usize = 6;
/// Nor is one faster than half as much again as fast dictation said twice.
const TWICE_PER_SECOND_MAX: f32 = 4.5;
/// Fast dictation is 3 words a second; 8 cannot be spoken.
const WORDS_PER_SECOND_MAX: f32 = 8.0;
/// The rate is not judged below this many words: in a short chunk the edges count too much.
const RATE_WORDS_MIN: usize = 10;
/// Stands for Whisper's compression ratio of 2.4 (openai/whisper, `transcribe.py`): the share of
/// three-word sequences that occur only once drops far below this in a loop of long phrases.
const DISTINCT_TRIGRAMS_MIN: f32 = 0.5;
const TRIGRAM_WORDS_MIN: usize = 30;

/// The longest word that is spoken in one; "20,000,000,…" without end is longer. The longest of
/// the lexicon have 40 letters.
const WORD_LETTERS_MAX: usize = 45;

/// Why the words of a chunk cannot have been spoken as they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    Loop,
    TooFast,
    Repetitive,
}

/// Judges the words of a chunk of so many seconds.
pub fn oddity(words: &[Spoken], seconds: f32) -> Option<Oddity> {
    let plain: Vec<String> = words.iter().map(|word| normal(&word.text)).collect();
    // Counted as written: a loop of "____" has no letters.
    let is_endless = |word: &Spoken| word.text.chars().count() > WORD_LETTERS_MAX;
    if words.iter().any(is_endless) || has_loop(&plain) {
        return Some(Oddity::Loop);
    }
    if says_twice(words) && plain.len() as f32 > TWICE_PER_SECOND_MAX * seconds {
        return Some(Oddity::Loop);
    }
    if plain.len() >= RATE_WORDS_MIN && plain.len() as f32 > WORDS_PER_SECOND_MAX * seconds {
        return Some(Oddity::TooFast);
    }
    if plain.len() >= TRIGRAM_WORDS_MIN && distinct_trigrams(&plain) < DISTINCT_TRIGRAMS_MIN {
        return Some(Oddity::Repetitive);
    }
    None
}

/// Whether the words end in a sentence that stands there twice. It may have been said so; more
/// often Whisper writes it again where nothing comes after it. Another hearing tells.
pub fn says_twice(words: &[Spoken]) -> bool {
    let plain: Vec<String> = words.iter().map(|word| normal(&word.text)).collect();
    let is_twice = |length: usize| {
        let (before, again) = plain.split_at(plain.len() - length);
        before.ends_with(again) && !is_number(again)
    };
    (SENTENCE_WORDS_MIN..=plain.len() / 2).any(is_twice)
}

fn normal(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn has_loop(words: &[String]) -> bool {
    let is_long = |word: &String| word.chars().count() >= LONG_WORD_LETTERS;
    let is_same = |run: &[String]| is_long(&run[0]) && run.iter().all(|word| *word == run[0]);
    if words.windows(LONG_WORD_REPEATS).any(|run| is_same(run) && !is_number(&run[..1])) {
        return true;
    }
    for length in 1..=PHRASE_WORDS_MAX {
        let span = length * REPEATS_MIN;
        let repeats = |at: &[String]| at.iter().zip(&at[length..]).all(|(a, b)| a == b);
        if words.windows(span).any(|window| repeats(window) && !is_number(&window[..length])) {
            return true;
        }
    }
    false
}

/// Digits are dictated one by one: "0 0 0 0" is a number, not a loop.
fn is_number(phrase: &[String]) -> bool {
    phrase.iter().all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_digit()))
}

fn distinct_trigrams(words: &[String]) -> f32 {
    let all = words.windows(3).count();
    let distinct: HashSet<&[String]> = words.windows(3).collect();
    distinct.len() as f32 / all.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str, seconds: f32) -> Option<Oddity> {
        let words: Vec<Spoken> =
            text.split_whitespace().map(|text| Spoken::of(text, 1.0)).collect();
        oddity(&words, seconds)
    }

    #[test]
    fn a_phrase_four_times_in_a_row_is_a_loop() {
        assert_eq!(judged("the liver. The liver, the liver the liver", 20.0), Some(Oddity::Loop));
        assert_eq!(judged("Thank you. Thank you. Thank you.", 20.0), None);
        let long = "and lymphadenectomy, lymphadenectomy. Lymphadenectomy";
        assert_eq!(judged(long, 20.0), Some(Oddity::Loop));
        assert_eq!(judged("no, no, no, potassium potassium", 20.0), None);
        assert_eq!(judged("is normal in size is normal in shape is normal in place", 20.0), None);
    }

    #[test]
    fn a_number_without_end_is_a_loop() {
        let number = format!("Lisinopril 20{} mg", ",000".repeat(40));
        assert_eq!(judged(&number, 5.0), Some(Oddity::Loop));
    }

    #[test]
    fn a_line_of_underscores_without_end_is_a_loop() {
        let line = format!("This may require {}", "_".repeat(400));
        assert_eq!(judged(&line, 20.0), Some(Oddity::Loop));
        assert_eq!(judged("She takes naproxen-esomeprazole, hydrochlorothiazide.", 5.0), None);
    }

    #[test]
    fn a_sentence_that_stands_there_again_at_the_end_is_said_twice() {
        let is_twice = |text: &str| {
            let words: Vec<Spoken> = text.split(' ').map(|text| Spoken::of(text, 1.0)).collect();
            says_twice(&words)
        };
        assert!(is_twice("She is to return in two weeks, she is to return in two weeks."));
        assert!(is_twice(
            "Well. The chest is clear to auscultation. the chest is clear to auscultation"
        ));
        assert!(!is_twice("No known drug allergies. No known drug allergies."), "short");
        assert!(!is_twice("the chest is clear to percussion the chest is clear to auscultation"));
        assert!(!is_twice("0 1 2 3 4 5 0 1 2 3 4 5"), "a number");
    }

    #[test]
    fn a_sentence_twice_in_the_time_of_one_is_a_loop() {
        let text = "Please enter the record number again. Please enter the record number again.";
        assert_eq!(judged(text, 2.4), Some(Oddity::Loop));
        assert_eq!(judged(text, 4.5), None);
    }

    #[test]
    fn dictated_digits_are_not_a_loop() {
        assert_eq!(judged("record number 0 0 0 0 7", 20.0), None);
    }

    #[test]
    fn more_words_than_can_be_spoken_are_odd() {
        let text = "one two three four five six seven eight nine ten eleven twelve";
        assert_eq!(judged(text, 1.0), Some(Oddity::TooFast));
        assert_eq!(judged(text, 4.0), None);
    }

    #[test]
    fn a_long_phrase_over_and_over_is_odd() {
        let phrase = "the patient was seen in clinic today with her daughter present and well ";
        assert_eq!(judged(&phrase.repeat(3), 20.0), Some(Oddity::Repetitive));
    }
}
