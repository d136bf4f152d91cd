//! Tokens become words, each with what the model thought of it.
//!
//! Not for: choosing tokens (`decode`), word times (`times`) or judging the words (`guard`).
//!
//! Invariant: words are in order and none is empty; each token is of at most one word.

use super::decode::Choice;
use std::ops::Range;

/// A word of one hearing, punctuation attached as the engine wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spoken {
    pub text: String,
    /// Its place among the choices.
    pub tokens: Range<usize>,
    /// Sum over its tokens, in nats.
    pub log_probability: f32,
    /// The geometric mean of its tokens' probabilities, 0 to 1: a drug name of five tokens and a
    /// word of one stay on one scale, which their product would not.
    pub mean: f32,
    /// The same as the model has it, which may be surer than base.
    pub own_mean: f32,
    /// The probability of its least likely token, as the model has it.
    pub own_least: f32,
    /// At another pace something else was heard here.
    pub is_disputed: bool,
}

/// A word or several, and the marks at their end.
pub fn and_marks(text: &str) -> (&str, &str) {
    text.split_at(text.trim_end_matches([',', '.', ';', ':', '?', '!']).len())
}

#[cfg(test)]
impl Spoken {
    /// A word of one token.
    pub fn of(text: &str, probability: f32) -> Self {
        let log_probability = probability.ln();
        Self {
            text: text.into(),
            tokens: 0..1,
            log_probability,
            mean: probability,
            own_mean: probability,
            own_least: probability,
            is_disputed: false,
        }
    }
}

/// Words as the engine writes sounds that are not speech: `[BLANK_AUDIO]`, `(coughs)`, `*music*`.
const NOT_SPEECH: [(char, char); 4] = [('[', ']'), ('(', ')'), ('*', '*'), ('♪', '♪')];

/// Joins tokens into words; a leading space begins one, and so does a value that was run together
/// with a word ("lorazepam.5", "3-0-vicryl").
pub fn from_choices(choices: &[Choice], pieces: &[Vec<u8>]) -> Vec<Spoken> {
    let bytes = |choice: &Choice| pieces.get(choice.token as usize).map_or(&[][..], Vec::as_slice);
    let mut words: Vec<Spoken> = vec![];
    let mut from = 0;
    while from < choices.len() {
        let mut joined = bytes(&choices[from]).to_vec();
        let mut end = from + 1;
        while let Some(next) = choices.get(end) {
            let after = choices.get(end + 1).map_or(&[][..], bytes);
            if begins_word(&joined, &[bytes(next), after].concat()) {
                break;
            }
            joined.extend(bytes(next));
            end += 1;
        }
        push(&mut words, &joined, from..end, &choices[from..end]);
        from = end;
    }
    words
}

fn push(words: &mut Vec<Spoken>, joined: &[u8], tokens: Range<usize>, group: &[Choice]) {
    let text = String::from_utf8_lossy(joined).trim().to_owned();
    if text.is_empty() {
        return;
    }
    let mean_of = |sum: f32| (sum / group.len() as f32).exp().clamp(0.0, 1.0);
    let log_probability = group.iter().map(|choice| choice.log_probability).sum();
    let own_mean = mean_of(group.iter().map(|choice| choice.own).sum());
    let own_least = group.iter().map(|choice| choice.own).fold(0.0, f32::min).exp();
    let mean = mean_of(log_probability);
    match words.last_mut() {
        Some(previous) if is_closing_mark(&text) => {
            previous.text.push_str(&text);
            previous.tokens.end = tokens.end;
        }
        _ => {
            let is_disputed = false;
            words.push(Spoken {
                text,
                tokens,
                log_probability,
                mean,
                own_mean,
                own_least,
                is_disputed,
            });
        }
    }
}

/// Letters before a decimal or after a hyphen that are a word of their own.
const RUN_TOGETHER_MIN: usize = 4;

/// Whether a new word begins with these bytes, of the next token and the one after it.
fn begins_word(before: &[u8], next: &[u8]) -> bool {
    let letters = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let ends_in_digit = before.last().is_some_and(u8::is_ascii_digit);
    match next {
        [b' ', ..] => true,
        [b'.', digit, ..] if digit.is_ascii_digit() => letters >= RUN_TOGETHER_MIN,
        [b'-', word @ ..] => {
            let length = word.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            ends_in_digit && before.contains(&b'-') && length >= RUN_TOGETHER_MIN
        }
        _ => false,
    }
}

/// Takes out what the engine wrote for sounds that are not speech.
pub fn without_sounds(words: Vec<Spoken>) -> Vec<Spoken> {
    let mut kept = Vec::with_capacity(words.len());
    let mut open: Option<(char, Vec<Spoken>)> = None;
    for word in words {
        let (mut held, close) = match open.take() {
            Some((close, held)) => (held, close),
            None => match opens_sound(&word.text) {
                Some(close) => (vec![], close),
                None => {
                    kept.push(word);
                    continue;
                }
            },
        };
        let closed = word.text.trim_end_matches(['.', ',', '!', '?']).ends_with(close)
            && (word.text.chars().count() > 1 || !held.is_empty());
        held.push(word);
        if !closed {
            open = Some((close, held));
        }
    }
    // What was never closed was no annotation.
    kept.extend(open.into_iter().flat_map(|(_, held)| held));
    kept
}

fn opens_sound(text: &str) -> Option<char> {
    let first = text.chars().next()?;
    NOT_SPEECH.iter().find(|(open, _)| *open == first).map(|(_, close)| *close)
}

/// Whether the text is only marks that belong to the word before.
fn is_closing_mark(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '…' | '\'' | '"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each text is one token with the given probability.
    fn spoken(tokens: &[(&[u8], f32)]) -> Vec<Spoken> {
        let pieces: Vec<Vec<u8>> = tokens.iter().map(|(bytes, _)| bytes.to_vec()).collect();
        let choices: Vec<Choice> = tokens
            .iter()
            .zip(0..)
            .map(|((_, probability), token)| {
                let log_probability = probability.ln();
                Choice { token, log_probability, own: log_probability }
            })
            .collect();
        from_choices(&choices, &pieces)
    }

    fn texts(words: &[Spoken]) -> Vec<&str> {
        words.iter().map(|word| word.text.as_str()).collect()
    }

    fn plain(text: &str) -> Vec<Spoken> {
        let words: Vec<String> = text.split(' ').map(|word| format!(" {word}")).collect();
        let tokens: Vec<(&[u8], f32)> = words.iter().map(|word| (word.as_bytes(), 0.9)).collect();
        spoken(&tokens)
    }

    #[test]
    fn a_value_run_together_with_a_word_is_parted() {
        let texts = |tokens: &[&[u8]]| -> Vec<String> {
            let sure: Vec<(&[u8], f32)> = tokens.iter().map(|bytes| (*bytes, 0.9)).collect();
            spoken(&sure).into_iter().map(|word| word.text).collect()
        };
        assert_eq!(texts(&[b" Lor", b"azepam", b".", b"5", b" mg"]), ["Lorazepam", ".5", "mg"]);
        assert_eq!(texts(&[b" 3", b"-", b"0", b"-", b"vickrel"]), ["3-0", "-vickrel"]);
        assert_eq!(texts(&[b" a", b" 40", b"-", b"pack"]), ["a", "40-pack"]);
        assert_eq!(texts(&[b" p", b".", b"m", b"."]), ["p.m."]);
    }

    #[test]
    fn tokens_without_a_leading_space_continue_the_word() {
        let words =
            spoken(&[(b" met", 0.5), (b"op", 0.5), (b"rolol", 0.5), (b".", 0.5), (b" Next", 1.0)]);
        assert_eq!(texts(&words), ["metoprolol.", "Next"]);
        assert_eq!((words[0].tokens.clone(), words[1].tokens.clone()), (0..4, 4..5));
        assert!((words[0].mean - 0.5).abs() < 1e-6);
        assert!((words[0].own_least - 0.5).abs() < 1e-6);
    }

    #[test]
    fn a_character_split_over_two_tokens_is_whole_again() {
        assert_eq!(texts(&spoken(&[(b" caf", 1.0), (&[0xC3], 1.0), (&[0xA9], 1.0)])), ["café"]);
    }

    #[test]
    fn a_mark_that_stands_alone_joins_the_word_before_and_says_nothing_of_it() {
        let words = spoken(&[(b" pain", 1.0), (b" ,", 0.1), (b" left", 1.0)]);
        assert_eq!(texts(&words), ["pain,", "left"]);
        assert!(words[0].own_least > 0.999);
        assert_eq!(texts(&plain("two + edema")), ["two", "+", "edema"]);
    }

    #[test]
    fn sounds_are_taken_out_and_words_in_brackets_that_never_close_stay() {
        assert_eq!(texts(&without_sounds(plain("[BLANK_AUDIO]"))), Vec::<&str>::new());
        assert_eq!(texts(&without_sounds(plain("pain (coughs loudly). left"))), ["pain", "left"]);
        assert_eq!(texts(&without_sounds(plain("pain (left side"))), ["pain", "(left", "side"]);
    }
}
