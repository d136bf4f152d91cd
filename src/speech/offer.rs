//! Which places of a first hearing are in doubt, and which terms may have been said there.
//!
//! Not for: hearing again (`decode`), or deciding between the hearings (`revise`, `verify`).
//!
//! Invariant: the same words and lexicon give the same terms in the same order.

use super::decode::{Model, PROMPT_MAX, Token};
use super::known::Known;
use super::trie::Trie;
use super::words::Spoken;
use crate::vocab::candidates::{Candidate, SPAN_WORDS_MAX};
use crate::vocab::correct;
use crate::vocab::lexicon::Lexicon;
use crate::vocab::readings;
use std::collections::HashSet;
use std::ops::Range;

/// A word below this confidence is in doubt, and so is one that is not in any list.
const SURE: f32 = 0.6;
/// A place is looked at in windows of so many words, each overlapping the one before.
const WINDOW: usize = 6;
const OVERLAP: usize = 2;
/// Terms for one window.
const WINDOW_TERMS: usize = 10;
/// Terms of the person, the department or the patient that sound at least so much like any words
/// of the chunk are offered wherever they are.
const NEAR_SOUND: f32 = 0.62;
const NEAR_TERMS_MAX: usize = 20;
/// Terms in the prompt, and terms that are favoured while decoding. More of either were no
/// better (see `src/ARCHITECTURE.md`).
const PROMPT_TERMS: usize = 25;
const TERMS_MAX: usize = 60;
/// Tokens of the prompt; the rest of Whisper's context is for the words themselves.
const PROMPT_TOKENS: usize = 200;
const _: () = assert!(PROMPT_TOKENS <= PROMPT_MAX);

/// The terms to offer, the likeliest first, each as the field writes it: those that were heard at
/// other paces, and those that sound like what is in doubt.
pub fn terms(known: &Known<'_>, words: &[Spoken], heard: Vec<String>) -> Vec<String> {
    let plain: Vec<&str> = words.iter().map(|word| bare(&word.text)).collect();
    let passage = known.passage(&plain);
    let doubted = places(known.lexicon, words).into_iter().flat_map(windows);
    let mut found: Vec<Candidate> =
        doubted.flat_map(|window| passage.bias_terms(window, WINDOW_TERMS)).collect();
    // Terms that somebody added, or that are known of the patient, are looked for everywhere.
    let added = passage.added_terms(NEAR_TERMS_MAX).into_iter();
    found.extend(added.filter(|candidate| candidate.sound >= NEAR_SOUND));
    let text = |candidate: &Candidate| known.lexicon.term(candidate.id).text.to_owned();
    let mut found: Vec<(f32, String)> =
        found.iter().map(|candidate| (candidate.score, text(candidate))).collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let mut seen = HashSet::new();
    let found = found.into_iter().map(|(_, term)| term);
    let mut terms: Vec<String> = heard.into_iter().chain(found).collect();
    terms.retain(|term| seen.insert(term.to_lowercase()));
    terms.truncate(TERMS_MAX);
    terms
}

/// Runs of doubted words with one word on each side.
pub fn places(lexicon: &Lexicon, words: &[Spoken]) -> Vec<Range<usize>> {
    let doubted: Vec<bool> = words.iter().map(|word| is_doubted(lexicon, word)).collect();
    let mut places: Vec<Range<usize>> = vec![];
    for (at, _) in doubted.iter().enumerate().filter(|(_, doubted)| **doubted) {
        let place = at.saturating_sub(1)..(at + 2).min(words.len());
        match places.last_mut() {
            Some(last) if last.end >= place.start => last.end = place.end,
            _ => places.push(place),
        }
    }
    places
}

pub fn is_doubted(lexicon: &Lexicon, word: &Spoken) -> bool {
    word.mean < SURE || word.is_disputed || !readings::is_word(lexicon, bare(&word.text))
}

/// A place in windows that retrieval can take.
pub fn windows(place: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    const _: () = assert!(WINDOW > SPAN_WORDS_MAX);
    let ends = place.end;
    let mut from = Some(place.start);
    std::iter::from_fn(move || {
        let start = from?;
        let end = (start + WINDOW).min(ends);
        from = (end < ends).then_some(end - OVERLAP);
        Some(start..end)
    })
}

/// The word without the marks around it.
pub fn bare(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric())
}

/// The prompt that offers the terms. Whisper heeds what stands last most, so the likeliest do.
pub fn prompt(model: &dyn Model, terms: &[String]) -> Vec<Token> {
    if terms.is_empty() {
        return vec![];
    }
    let mut offered: Vec<&str> = terms.iter().take(PROMPT_TERMS).map(String::as_str).collect();
    offered.reverse();
    let mut tokens = model.tokens(&format!(" {}.", offered.join(", ")));
    tokens.drain(..tokens.len().saturating_sub(PROMPT_TOKENS));
    tokens
}

/// The terms as tokens, in the middle and at the beginning of a sentence.
pub fn trie(model: &dyn Model, terms: &[String]) -> Trie {
    let spellings = terms.iter().flat_map(|term| {
        [
            format!(" {}", correct::written(term, false)),
            format!(" {}", correct::written(term, true)),
        ]
    });
    Trie::new(spellings.map(|text| model.tokens(&text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Spoken> {
        text.split(' ').map(|text| Spoken::of(text, 0.95)).collect()
    }

    #[test]
    fn words_that_are_in_no_list_are_in_doubt_with_their_neighbours() {
        let lexicon = Lexicon::built_in();
        let heard = words("She takes zyla came for pain and floomatrex daily");
        assert_eq!(places(&lexicon, &heard), [1..4, 6..9]);
        assert!(places(&lexicon, &words("She takes aspirin daily")).is_empty());
    }

    #[test]
    fn long_places_are_seen_in_overlapping_windows() {
        assert!(windows(0..4).eq(std::iter::once(0..4)));
        assert!(windows(2..12).eq([2..8, 6..12]));
    }

    #[test]
    fn the_term_that_was_misheard_is_offered() {
        let lexicon = Lexicon::built_in();
        let known = Known::of(&lexicon);
        let offered = terms(&known, &words("Start levator acetam today"), vec![]);
        assert!(offered.iter().any(|term| term == "levetiracetam"), "{offered:?}");
    }
}
