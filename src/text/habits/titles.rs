//! "White Count 9200": a short utterance is written like a title.
//!
//! Not for: which words keep a capital of their own (`capitals`, `proper`).
//!
//! Invariant: only where every longer word of the sentence has a capital and one of them is an
//! ordinary word, or where the words are a term that the field writes small.

use crate::text::capitals::{TITLES, is_ordinary};
use crate::text::commands::is_number;
use crate::text::entry::is_capitalised;
use crate::text::letters::stopped_capitals;
use crate::text::request::Request;
use crate::text::token::{Case, Kind, Token};

/// Words so short are small in a title.
const SMALL_WORD: usize = 3;

/// The most words of a term.
const TERM_WORDS_MAX: usize = 3;

/// Leaves the capitals of such a sentence, or such a term, to the rules.
pub fn apply(tokens: &mut [Token], request: &Request<'_>) {
    terms(tokens, request);
    let mut from = 0;
    while from < tokens.len() {
        let ends = |token: &Token| token.ends_sentence() || token.is_mark(":");
        let length =
            tokens[from..].iter().position(ends).map_or(tokens.len() - from, |end| end + 1);
        let sentence = &mut tokens[from..from + length];
        if is_title(sentence, request) && !is_person(sentence) {
            let mut named = false;
            for token in sentence {
                if !named && is_cased(token) {
                    token.case = Case::Placed;
                }
                // A name goes on after its title as long as capitals do.
                let goes_on = named && is_cased(token);
                named = goes_on || TITLES.contains(&token.text.as_str());
            }
        }
        from += length;
    }
}

/// "Potassium Chloride 20 milliequivalents".
fn terms(tokens: &mut [Token], request: &Request<'_>) {
    for from in 0..tokens.len() {
        if is_placed(tokens, from, request) {
            tokens[from].case = Case::Placed;
            continue;
        }
        let rest = &tokens[from..];
        let run = rest.iter().take(TERM_WORDS_MAX).take_while(|token| is_cased(token)).count();
        let term = (2..=run).rev().find(|length| {
            let words: Vec<&str> =
                rest[..*length].iter().map(|token| token.text.as_str()).collect();
            let found = request.lexicon.find(&words.join(" "));
            found.is_some_and(|id| request.lexicon.term(id).text.chars().all(|c| !c.is_uppercase()))
        });
        for token in &mut tokens[from..from + term.unwrap_or(0)] {
            token.case = Case::Placed;
        }
    }
}

/// "on Warfarin", "and Laminectomy", "Class 2", "Visual Acuity": a capital inside a sentence of a
/// word that is a term in small letters and nobody's name.
fn is_placed(tokens: &[Token], at: usize, request: &Request<'_>) -> bool {
    const RANKS: [&str; 5] = ["Class", "Stage", "Grade", "Type", "Level"];
    /// A shorter word may be a name.
    const TERM_MIN: usize = 8;
    let token = &tokens[at];
    let before = at.checked_sub(1).map(|before| &tokens[before]);
    let begins = before.is_none_or(|before| before.kind == Kind::Mark && !before.is_mark(","));
    if begins || token.begins_line() || !is_cased(token) {
        return false;
    }
    let titled = before.is_some_and(|before| {
        TITLES.iter().any(|title| title.trim_end_matches('.') == before.text.trim_end_matches('.'))
    });
    let next = tokens.get(at + 1);
    if RANKS.contains(&token.text.as_str()) {
        return next.is_some_and(is_number);
    }
    if token.text == "Acuity" {
        return before.is_some_and(|before| before.text == "Visual");
    }
    let lexicon = request.lexicon;
    let term = lexicon.find(&token.text).map(|id| lexicon.term(id));
    term.is_some_and(|term| {
        let small = term.text.chars().all(|c| !c.is_uppercase());
        let known = term.subjects.is_drug() || term.text.len() >= TERM_MIN;
        small && known && !term.ordinary && !term.ambiguous && !titled
    })
}

fn is_title(sentence: &[Token], request: &Request<'_>) -> bool {
    let is_longer = |token: &Token| token.kind == Kind::Word && token.text.len() > SMALL_WORD;
    let longer = || (0..sentence.len()).filter(|at| is_longer(&sentence[*at]));
    let begins_with_longer = sentence.first().is_some_and(|token| token.text.len() > SMALL_WORD);
    let capital = |at: usize| sentence[at].text.starts_with(|first: char| first.is_uppercase());
    longer().all(capital)
        && longer()
            .filter(|at| is_cased(&sentence[*at]))
            .skip(usize::from(begins_with_longer))
            .any(|at| is_ordinary(&sentence[at].text, request) && !is_name(sentence, at, request))
}

/// "Karen Moss", "C.T. Jones": behind initials, or behind a capital of a word in no list, an
/// ordinary word is somebody's name.
fn is_name(sentence: &[Token], at: usize, request: &Request<'_>) -> bool {
    at.checked_sub(1).map(|before| &sentence[before]).is_some_and(|before| {
        let text = before.text.as_str();
        let is_listed = is_ordinary(text, request) || request.lexicon.find(text).is_some();
        let is_initials = text.ends_with('.') && stopped_capitals(text) > 0;
        is_initials || is_cased(before) && !is_listed
    })
}

/// "Karen Moss, PA-C."
fn is_person(sentence: &[Token]) -> bool {
    const DEGREES: [&str; 12] =
        ["MD", "DO", "PA", "PA-C", "NP", "RN", "PhD", "CRNA", "FNP", "DPM", "DDS", "M.D"];
    let [given, family, comma, degree, ..] = sentence else { return false };
    let named = is_cased(given) && is_cased(family);
    named && comma.is_mark(",") && DEGREES.contains(&degree.text.as_str())
}

fn is_cased(token: &Token) -> bool {
    let is_free = matches!(token.case, Case::Free | Case::Placed);
    token.kind == Kind::Word && is_free && token.text.len() > 1 && is_capitalised(&token.text)
}
