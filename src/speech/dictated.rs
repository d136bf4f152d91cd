//! Speech in which the marks are dictated: whether a hearing shows it, and how the recogniser is
//! told, so that it writes the words of the commands and no marks of its own.
//!
//! Not for: carrying the commands out (`text::commands`).
//!
//! Invariant: the prompt holds commands and words of no weight, nothing of medicine that could
//! come out of it as if it had been said.

use super::decode::{Model, Token};
use super::offer::bare;
use super::trie::Trie;
use super::words::Spoken;
use crate::vocab::commands::{self, Action, Command};

/// The text that "stood before": Whisper goes on in its manner, in small letters, without marks.
/// Chosen among six on recordings of own sentences with spoken marks.
const MANNER: &str = " comma period colon semicolon open paren close paren hyphen slash open quote \
    close quote new paragraph next number scratch that all caps on all caps off cap plan colon \
    she is well comma no change period";

/// Commands that are heard as other words ("open barren", "close parent").
const MISHEARD: [&str; 6] =
    ["open paren", "close paren", "open quote", "close quote", "new paragraph", "all caps"];

/// A hearing told of the commands may be so many words, or this share, longer or shorter.
const WORDS_APART: usize = 3;
const SHARE_APART: usize = 5;

/// The prompt that tells the recogniser that marks are spoken.
pub fn prompt(model: &dyn Model) -> Vec<Token> {
    model.tokens(MANNER)
}

/// The commands to favour.
pub fn favoured(model: &dyn Model) -> Trie {
    Trie::new(MISHEARD.iter().map(|phrase| model.tokens(&format!(" {phrase}"))))
}

/// Whether marks are dictated: more of them are spoken than sentences end without.
pub fn dictates(words: &[Spoken]) -> bool {
    let plain: Vec<String> = words.iter().map(|word| bare(&word.text).to_lowercase()).collect();
    let (mut marks, mut ends, mut at) = (0, 0, 0);
    while at < plain.len() {
        match command(&plain[at..]) {
            Some(command) => {
                marks += usize::from(is_spoken_mark(command));
                at += command.words.len();
            }
            None => {
                ends += usize::from(ends_sentence(&words[at].text));
                at += 1;
            }
        }
    }
    marks > ends
}

/// The longest command that these words begin with, of those that are marks or layout.
fn command(words: &[String]) -> Option<&'static Command> {
    let said = |command: &&Command| {
        let same = command.words.iter().zip(words).all(|(one, other)| one == other);
        same && command.words.len() <= words.len()
            && (is_spoken_mark(command) || is_layout(command))
    };
    commands::beginning_with(words.first()?).iter().find(said)
}

/// "Colon" and "star" are words as well, "comma" and "period" seldom.
fn is_spoken_mark(command: &Command) -> bool {
    command.action == Action::Mark
        && (command.words.len() > 1 || matches!(command.output, "." | "," | ";"))
}

fn is_layout(command: &Command) -> bool {
    matches!(command.action, Action::Paragraph | Action::Line | Action::NextItem)
}

/// A word of three letters with a full stop may be an abbreviation.
fn ends_sentence(word: &str) -> bool {
    word.ends_with(['.', '?', '!']) && bare(word).len() > 3
}

/// Whether a hearing told of the commands is one of the same speech: neither cut nor repeated.
pub fn is_alike(first: &[Spoken], told: &[Spoken]) -> bool {
    let apart = first.len().abs_diff(told.len());
    apart <= WORDS_APART.max(first.len() / SHARE_APART)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(text: &str) -> Vec<Spoken> {
        text.split(' ').map(|word| Spoken::of(word, 0.9)).collect()
    }

    #[test]
    fn commands_and_final_periods_show_dictated_marks() {
        for text in [
            "The lungs are clear comma and the heart is regular period.",
            "seen in clinic Period",
            "Call with questions, period, new line. Thank you, period.",
            "open paren left close paren",
        ] {
            assert!(dictates(&spoken(text)), "{text}");
        }
    }

    #[test]
    fn ordinary_phrases_do_not() {
        for text in [
            "History of colon cancer. Treated over a long period. Doing well.",
            "Chest pain. New paragraph. No dyspnea.",
            "Her last period was two weeks ago. No pain.",
            "The lungs are clear.",
        ] {
            assert!(!dictates(&spoken(text)), "{text}");
        }
    }

    #[test]
    fn a_hearing_that_repeats_itself_is_not_taken() {
        let first = spoken("the findings are as follows colon mild edema period");
        let twice = [first.clone(), first.clone()].concat();
        assert!(is_alike(&first, &first));
        assert!(!is_alike(&first, &twice));
    }
}
