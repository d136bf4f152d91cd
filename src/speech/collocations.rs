//! Collocations of the field that may have been said where a word is in doubt: "status pose" for
//! status post. Each of their words may be listed and likely; together they are not.
//!
//! Not for: whether one was said (`verify` asks the audio).
//!
//! Invariant: only words in doubt go; no direction goes, no word becomes its opposite, no number is
//! touched, and forms of one word stay as heard, as do words that are a collocation themselves.

use super::alike::letters;
use super::offer::{self, bare};
use super::words::{self, Spoken};
use crate::vocab::candidates::{self, Candidate, SPAN_WORDS_MAX};
use crate::vocab::guarded::is_guarded;
use crate::vocab::kin::kin;
use crate::vocab::lexicon::Lexicon;
use crate::vocab::look_alikes::are_rivals;
use crate::vocab::readings::differ_in_ending;
use std::ops::Range;

/// Collocations for one span of words, and those that are looked at for them.
const SPAN_COLLOCATIONS: usize = 3;
const CLOSEST: usize = 8;
/// Words that say where, or which of two. Others than these are guarded (`vocab::guarded`).
const DIRECTIONS: [&str; 20] = [
    "anterior",
    "posterior",
    "medial",
    "lateral",
    "superior",
    "inferior",
    "proximal",
    "distal",
    "dorsal",
    "ventral",
    "plantar",
    "palmar",
    "volar",
    "radial",
    "ulnar",
    "internal",
    "external",
    "systolic",
    "diastolic",
    "central",
];

/// Words that are often said together, in the place of some that were heard.
pub struct Collocation {
    pub words: Range<usize>,
    pub text: String,
    /// As that of a term (`vocab::candidates`).
    pub score: f32,
}

/// The collocations that score at least so much where a word is in doubt.
pub fn found(lexicon: &Lexicon, words: &[Spoken], least: f32) -> Vec<Collocation> {
    let is_doubted: Vec<bool> = words.iter().map(|word| offer::is_doubted(lexicon, word)).collect();
    let heard = Heard { lexicon, words, is_doubted };
    let longest = |first: usize| words.len().min(first + SPAN_WORDS_MAX);
    let from = |first: usize| (first + 1..=longest(first)).map(move |end| first..end);
    let spans = (0..words.len()).flat_map(from);
    let spans = spans.filter(|span| heard.may_be_wrong(span));
    spans.flat_map(|span| heard.collocations(span, least)).collect()
}

struct Heard<'a> {
    lexicon: &'a Lexicon,
    words: &'a [Spoken],
    is_doubted: Vec<bool>,
}

impl Heard<'_> {
    /// Whether one of these words is in doubt and nothing parts them.
    fn may_be_wrong(&self, span: &Range<usize>) -> bool {
        let is_parted = |word: &Spoken| !words::and_marks(&word.text).1.is_empty();
        self.is_doubted[span.clone()].contains(&true)
            && !self.words[span.start..span.end - 1].iter().any(is_parted)
    }

    /// Those of a span; none where it is one itself, or another form of one.
    fn collocations(&self, span: Range<usize>, least: f32) -> Vec<Collocation> {
        let all = Lexicon::collocations();
        let plain: Vec<&str> =
            self.words[span.clone()].iter().map(|word| bare(&word.text)).collect();
        let text = plain.join(" ");
        if self.lexicon.find(&text).is_some() || all.find(&text).is_some() {
            return vec![];
        }
        let heard: Vec<String> = plain.iter().map(|word| letters(word)).collect();
        let of = |near: &Candidate| {
            let text = all.term(near.id).text.to_owned();
            Collocation { words: span.clone(), text, score: near.score }
        };
        let near = candidates::for_span(&all, &plain, CLOSEST);
        let mut near: Vec<Collocation> = near.iter().map(of).collect();
        if near.iter().any(|near| are_forms(&heard, &parts(&near.text))) {
            return vec![];
        }
        near.retain(|near| {
            let said = parts(&near.text);
            near.score >= least && self.keeps_sure(&span, &heard, &said) && may_be(&heard, &said)
        });
        near.truncate(SPAN_COLLOCATIONS);
        near
    }

    /// Whether only words in doubt go.
    fn keeps_sure(&self, span: &Range<usize>, heard: &[String], said: &[String]) -> bool {
        let mut words = self.is_doubted[span.clone()].iter().zip(heard);
        words.all(|(is_doubted, word)| *is_doubted || said.contains(word))
    }
}

fn parts(text: &str) -> Vec<String> {
    text.split([' ', '-']).map(letters).collect()
}

/// Whether the change is one of sound, and none of where, which or the opposite, nor of how a
/// number is written.
fn may_be(heard: &[String], said: &[String]) -> bool {
    let within = |one: &[String], other: &[String]| one.iter().all(|word| other.contains(word));
    let is_rival = |one: &String| said.iter().any(|other| are_rivals(one, other));
    let mut directions = heard.iter().filter(|word| DIRECTIONS.contains(&word.as_str()));
    let mut numbers = said.iter().filter(|word| is_guarded(word));
    !within(heard, said)
        && !within(said, heard)
        && heard.concat() != said.concat()
        && directions.all(|word| said.contains(word))
        && numbers.all(|word| heard.contains(word))
        && !heard.iter().any(is_rival)
}

/// Whether each word of the one is that of the other, or a form or a part of it.
fn are_forms(heard: &[String], said: &[String]) -> bool {
    let is_form = |one: &String, other: &String| {
        one == other || differ_in_ending(one, other) || kin(one, other) > 0.0
    };
    heard.len() == said.len() && heard.iter().zip(said).all(|(one, other)| is_form(one, other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collocations(text: &str, doubted: &[&str]) -> Vec<String> {
        let sure = |word: &str| if doubted.contains(&word) { 0.3 } else { 0.9 };
        let words: Vec<Spoken> = text.split(' ').map(|word| Spoken::of(word, sure(word))).collect();
        found(&Lexicon::built_in(), &words, 0.7).into_iter().map(|near| near.text).collect()
    }

    #[test]
    fn a_collocation_is_found_where_a_word_of_it_is_in_doubt() {
        let text = "this is status pose closed reduction";
        assert!(collocations(text, &["pose"]).contains(&"status post".to_owned()));
        assert_eq!(collocations(text, &[]), [""; 0]);
        let text = "gallstones, haptic ulcer disease";
        assert!(collocations(text, &["haptic"]).contains(&"peptic ulcer disease".to_owned()));
    }

    #[test]
    fn what_is_one_already_stays_and_so_do_sure_words_directions_opposites_and_forms() {
        let all: [&str; 0] = [];
        for text in [
            "status post",
            "anterior border",
            "hyperactive bowel sounds",
            "lower quadrants",
            "oral mucosal",
            "left axillary",
        ] {
            let words: Vec<&str> = text.split(' ').collect();
            assert_eq!(collocations(text, &words), all, "{text}");
        }
        assert_eq!(collocations("status pose", &["status"]), all);
        let apart = collocations("outpatient follow up", &["outpatient", "follow", "up"]);
        assert!(!apart.contains(&"outpatient followup".to_owned()), "only written otherwise");
        assert_eq!(collocations("status, pose", &["pose"]), all);
        assert_eq!(collocations("in 6 weeks", &["6", "weeks"]), all, "a number as it is written");
    }
}
