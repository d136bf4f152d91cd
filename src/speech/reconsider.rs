//! The text of a chunk as it stands, with the memory of what was heard first.
//!
//! Not for: deciding on changes (`revise`, `verify`).
//!
//! Invariant: every change keeps the words that stood there; a term that was put in is not changed
//! again but in how it is written.

use super::alike::letters;
use super::decode::Token;
use super::hyphened::in_line;
use super::listen::Text;
use super::revise::{Pair, guarded};
use super::verify::{self, Verified};
use super::words::{self, Spoken};
use crate::domain::transcript::Reconsidered;
use crate::vocab::correct;
use std::ops::Range;

/// The most alternatives that are kept for a place.
const ALTERNATIVES_MAX: usize = 5;
/// The gain, in nats, that makes a score of one half.
const EVEN: f32 = 4.0;

/// A word of the text and where it comes from.
#[derive(Clone)]
struct Origin {
    /// What was heard first here; on the first word of a change only.
    heard: Option<String>,
    /// The word is of the change that began before it.
    goes_on: bool,
    score: f32,
    alternatives: Vec<String>,
    /// What another hearing had here, with another number, negation or side.
    otherwise: Option<String>,
}

const AS_HEARD: Origin =
    Origin { heard: None, goes_on: false, score: 0.0, alternatives: vec![], otherwise: None };

impl Origin {
    fn is_told(&self) -> bool {
        self.heard.is_some() || !self.alternatives.is_empty() || self.otherwise.is_some()
    }
}

pub struct Settled {
    pub text: Text,
    origins: Vec<Origin>,
}

impl Settled {
    pub fn of(text: Text) -> Self {
        let origins = vec![AS_HEARD; text.words.len()];
        Self { text, origins }
    }

    /// Takes the pairs that were decided so, and keeps the others as alternatives.
    pub fn revise(&mut self, pairs: &[Pair], second: &Text) {
        for pair in pairs.iter().rev() {
            let words = &second.words[pair.second.clone()];
            if pair.taken {
                let score = words.iter().map(|word| word.own_mean).fold(1.0, f32::min);
                let tokens = second.tokens[pair.second.clone()].to_vec();
                self.replace(pair.first.clone(), words.to_vec(), tokens, score);
            } else if !words.is_empty() && !pair.first.is_empty() {
                self.note(pair.first.start, &joined(words));
            }
        }
        self.take_torn_articles();
    }

    /// Keeps in mind where another hearing had a number, a negation or a side otherwise, had one
    /// more, or had none. Only for one that had no terms before its eyes: with them numbers are
    /// dropped and added. The pairs are not taken yet.
    pub fn note_otherwise(&mut self, pairs: &[Pair], other: &Text) {
        for pair in pairs {
            let here = &self.text.words[pair.first.clone()];
            let there = &other.words[pair.second.clone()];
            if guarded(here) == guarded(there) {
                continue;
            }
            let (at, heard) = match (here, self.text.words.get(pair.first.start)) {
                // What stands nowhere here belongs to the next word, or at the end to the last.
                ([], Some(next)) => (pair.first.start, format!("{} {}", joined(there), next.text)),
                ([], None) => {
                    let Some(last) = self.text.words.last() else { return };
                    (self.text.words.len() - 1, format!("{} {}", last.text, joined(there)))
                }
                _ => (pair.first.start, joined(there)),
            };
            self.note(at, &heard);
            let (plain, _) = words::and_marks(&heard);
            self.origins[at].otherwise.get_or_insert(plain.to_owned());
        }
    }

    /// Puts the verified terms in, and keeps the others as alternatives; `tokens` are the model's.
    pub fn verify(&mut self, tokens: &dyn Fn(&str) -> Vec<Token>, verified: &[Verified]) {
        for found in verified.iter().filter(|found| !found.taken) {
            self.note(found.words.start, &found.term);
        }
        for found in verified.iter().rev().filter(|found| found.taken) {
            let range = found.words.clone();
            let begins = verify::begins_sentence(&self.text.words, range.start);
            let old = &self.text.words[range.clone()];
            let last = &old[old.len() - 1];
            let (_, mark) = words::and_marks(&last.text);
            let text = format!("{}{mark}", correct::written(&found.term, begins));
            let score = 1.0 / (1.0 + (-(found.gain - EVEN) / EVEN).exp());
            // A word each: the text layer reads headings and names word by word.
            let (words, tokens) =
                text.split(' ').map(|word| verified_word(tokens, word, score)).unzip();
            self.replace(range, words, tokens, score);
        }
        self.take_torn_articles();
    }

    /// Which words are not as they were heard first.
    pub fn is_changed(&self) -> Vec<bool> {
        self.origins.iter().map(|origin| origin.heard.is_some() || origin.goes_on).collect()
    }

    /// The changes and what else was weighed, for the transcript.
    pub fn reconsidered(&self) -> Vec<Reconsidered> {
        let mut found: Vec<Reconsidered> = vec![];
        for (at, origin) in (0..).zip(&self.origins) {
            if origin.goes_on
                && let Some(last) = found.last_mut()
            {
                last.words.end = at + 1;
            } else if origin.is_told() {
                found.push(Reconsidered {
                    words: at..at + 1,
                    heard: origin.heard.clone(),
                    score: origin.score,
                    alternatives: origin.alternatives.clone(),
                    otherwise: origin.otherwise.clone(),
                });
            }
        }
        found
    }

    /// Makes one word of this one and the next, neither of which is changed.
    pub fn unite(&mut self, at: usize) {
        let next = self.text.words.remove(at + 1);
        let word = &mut self.text.words[at];
        word.text.push_str(&next.text);
        word.tokens.end = next.tokens.end;
        word.log_probability += next.log_probability;
        word.mean = word.mean.min(next.mean);
        word.own_mean = word.own_mean.min(next.own_mean);
        word.own_least = word.own_least.min(next.own_least);
        word.is_disputed |= next.is_disputed;
        let tokens = self.text.tokens.remove(at + 1);
        self.text.tokens[at].extend(tokens);
        let next = self.origins.remove(at + 1);
        let origin = &mut self.origins[at];
        origin.alternatives.extend(next.alternatives);
        origin.otherwise = origin.otherwise.take().or(next.otherwise);
    }

    /// Takes the "a" before a change into it where it is the beginning of what is written there
    /// ("takes a pixaban"): it was heard as an article.
    fn take_torn_articles(&mut self) {
        for at in (1..self.text.words.len()).rev() {
            if self.is_torn(at) {
                let word = self.text.words[at].clone();
                let tokens = self.text.tokens[at].clone();
                let score = self.origins[at].score;
                self.replace(at - 1..at + 1, vec![word], vec![tokens], score);
            }
        }
    }

    /// Whether the article before a changed word and what was heard are that word, letter by
    /// letter.
    fn is_torn(&self, at: usize) -> bool {
        let before = &self.origins[at - 1];
        let article = self.text.words[at - 1].text.as_str();
        let Some(heard) = self.origins[at].heard.as_deref() else { return false };
        let first = heard.split(' ').next().unwrap_or_default();
        before.heard.is_none()
            && !before.goes_on
            && matches!(article, "a" | "an")
            && letters(&self.text.words[at].text) == format!("{article}{}", letters(first))
    }

    fn replace(
        &mut self,
        range: Range<usize>,
        words: Vec<Spoken>,
        tokens: Vec<Vec<Token>>,
        score: f32,
    ) {
        let mut heard = vec![];
        let mut alternatives = vec![];
        let mut otherwise = None;
        for (word, origin) in
            self.text.words[range.clone()].iter().zip(&self.origins[range.clone()])
        {
            match &origin.heard {
                Some(first) => heard.push(first.clone()),
                None if origin.goes_on => {}
                None => heard.push(word.text.clone()),
            }
            alternatives.extend(origin.alternatives.iter().cloned());
            otherwise = otherwise.or_else(|| origin.otherwise.clone());
        }
        let mut origins = vec![Origin { goes_on: true, ..AS_HEARD }; words.len()];
        if let Some(first) = origins.first_mut() {
            let heard = Some(in_line(&heard));
            *first = Origin { heard, goes_on: false, score, alternatives, otherwise };
        }
        self.origins.splice(range.clone(), origins);
        self.text.words.splice(range.clone(), words);
        self.text.tokens.splice(range, tokens);
    }

    /// Keeps an alternative, without its marks: it is offered to stand between those of the text.
    fn note(&mut self, at: usize, alternative: &str) {
        let plain = |text| words::and_marks(text).0;
        let alternative = plain(alternative);
        let stands = plain(&self.text.words[at].text).eq_ignore_ascii_case(alternative);
        let known = &mut self.origins[at].alternatives;
        let is_known = known.iter().any(|known| known == alternative);
        if !stands && !is_known && !alternative.is_empty() && known.len() < ALTERNATIVES_MAX {
            known.push(alternative.to_owned());
        }
    }
}

fn joined(words: &[Spoken]) -> String {
    in_line(&words.iter().map(|word| word.text.clone()).collect::<Vec<_>>())
}

/// A word of a verified term, and its tokens.
fn verified_word(
    tokens: &dyn Fn(&str) -> Vec<Token>,
    text: &str,
    score: f32,
) -> (Spoken, Vec<Token>) {
    let tokens = tokens(&format!(" {text}"));
    let word = Spoken {
        text: text.to_owned(),
        tokens: 0..tokens.len(),
        log_probability: score.max(f32::MIN_POSITIVE).ln(),
        mean: score,
        own_mean: score,
        own_least: score,
        is_disputed: false,
    };
    (word, tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Text {
        let words: Vec<Spoken> = text.split(' ').map(|word| Spoken::of(word, 0.8)).collect();
        Text { tokens: vec![vec![1]; words.len()], words }
    }

    fn written(settled: &Settled) -> String {
        joined(&settled.text.words)
    }

    #[test]
    fn an_article_that_is_the_beginning_of_the_term_goes_with_it() {
        let mut settled = Settled::of(text("takes a pixaban and a lisinoprel"));
        let pairs = [
            Pair { first: 2..3, second: 1..2, taken: true },
            Pair { first: 5..6, second: 4..5, taken: true },
        ];
        settled.revise(&pairs, &text("takes apixaban and a lisinopril"));
        assert_eq!(written(&settled), "takes apixaban and a lisinopril");
        assert_eq!(settled.reconsidered()[0].heard.as_deref(), Some("a pixaban"));
    }

    #[test]
    fn a_number_a_negation_or_a_side_that_was_heard_otherwise_is_told_at_its_word() {
        let otherwise = |heard: &str, again: &str, first: Range<usize>, second: Range<usize>| {
            let mut settled = Settled::of(text(heard));
            settled.note_otherwise(&[Pair { first, second, taken: false }], &text(again));
            assert_eq!(written(&settled), heard);
            let found = settled.reconsidered().into_iter().next()?;
            Some((found.words.start, found.otherwise?))
        };
        let told = |at, other: &str| Some((at, other.to_owned()));
        let cases = [
            ("there is pain", "there is no pain", 2..2, 2..3, told(2, "no pain")),
            ("there is no pain", "there is pain", 2..3, 2..2, told(2, "")),
            ("take 15 mg", "take 50, mg", 1..2, 1..2, told(1, "50")),
            ("the luff foot", "the left foot", 1..2, 1..2, told(1, "left")),
            ("take two", "take 2", 1..2, 1..2, None),
            ("a graph now", "a graft now", 1..2, 1..2, None),
            ("there is pain", "there is also pain", 2..2, 2..3, None),
            ("pain on the", "pain on the left", 3..3, 3..4, told(2, "the left")),
        ];
        for (heard, again, first, second, expected) in cases {
            assert_eq!(otherwise(heard, again, first, second), expected, "{heard}");
        }
    }

    #[test]
    fn a_hearing_with_terms_before_its_eyes_does_not_speak_of_numbers() {
        let mut settled = Settled::of(text("take bee tulf daily"));
        let pairs = [Pair { first: 1..3, second: 1..2, taken: false }];
        settled.revise(&pairs, &text("take B12 daily"));
        let found = settled.reconsidered();
        assert_eq!(found[0].alternatives, ["B12"]);
        assert_eq!(found[0].otherwise, None);
    }

    #[test]
    fn what_was_heard_otherwise_goes_with_a_change_of_the_word() {
        let mut settled = Settled::of(text("the luff ovary"));
        let pairs = [Pair { first: 1..2, second: 1..2, taken: false }];
        settled.note_otherwise(&pairs, &text("the left ovary"));
        let taken = [Pair { first: 1..3, second: 1..3, taken: true }];
        settled.revise(&taken, &text("the lift ovary"));
        let found = settled.reconsidered();
        assert_eq!((found[0].words.clone(), found[0].otherwise.as_deref()), (1..3, Some("left")));
    }

    #[test]
    fn each_word_of_a_verified_term_is_a_word() {
        let mut settled = Settled::of(text("colon Pass medical history, colon none"));
        let term = "past medical history".to_owned();
        let verified = [Verified { words: 1..4, term, gain: 9.0, taken: true }];
        settled.verify(&|text| vec![0; text.len()], &verified);
        let texts: Vec<&str> = settled.text.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["colon", "past", "medical", "history,", "colon", "none"]);
        assert_eq!(settled.text.tokens[3], vec![0; " history,".len()]);
        let found = settled.reconsidered();
        assert_eq!((found.len(), found[0].words.clone()), (1, 1..4));
        assert_eq!(found[0].heard.as_deref(), Some("Pass medical history,"));
    }

    #[test]
    fn a_change_remembers_what_was_heard_and_the_rest_stays_as_alternative() {
        let mut settled = Settled::of(text("on levator acetam for Caesars"));
        let pairs = [
            Pair { first: 1..3, second: 1..2, taken: true },
            Pair { first: 4..5, second: 3..4, taken: false },
        ];
        settled.revise(&pairs, &text("on levetiracetam for seizures."));
        assert_eq!(written(&settled), "on levetiracetam for Caesars");
        let found = settled.reconsidered();
        assert_eq!(found[0].heard.as_deref(), Some("levator acetam"));
        assert_eq!((found[0].words.clone(), found[1].words.clone()), (1..2, 3..4));
        assert_eq!(
            (found[1].heard.clone(), found[1].alternatives.clone()),
            (None, vec!["seizures".into()])
        );
        assert_eq!(settled.is_changed(), [false, true, false, false]);
    }
}
