//! Capitals: sentences begin with one, names and brands have theirs, and what the author asked
//! for wins.
//!
//! Not for: abbreviations that were spelled out (`abbreviations`).
//!
//! Invariant: a capital that the engine wrote inside a sentence stays; one that it wrote because
//! a sentence began stays only where a sentence begins.

use super::proper::{self, Names, Spelling};
use super::request::Request;
use super::token::{Case, Gap, Kind, Token};

/// As `titles` and the engine write them; MS without a stop is no title.
pub(super) const TITLES: &[&str] = &["Dr.", "Mr.", "Mrs.", "Ms.", "Prof."];

/// The longest title as it is said.
const TITLE_MAX: usize = 6;
/// Words of English up to this level are no names (names begin at 60 in the list).
const ORDINARY_LEVEL_MAX: u8 = 55;

/// Sets the capitals.
pub fn apply(tokens: &mut Vec<Token>, request: &Request<'_>) {
    titles(tokens, request);
    names(tokens, request);
    let mut begins = true;
    let mut titled = false;
    for at in 0..tokens.len() {
        let after_heading = follows_label(tokens, at);
        let Some(token) = tokens.get_mut(at) else { break };
        begins |= token.begins_line() || after_heading;
        match token.kind {
            Kind::Mark => {
                begins |= token.ends_sentence() || token.text == "\u{c}";
                titled &= token.gap == Gap::None && token.text == "-";
            }
            Kind::ItemNumber => begins = true,
            Kind::Heading => {}
            Kind::Figure | Kind::Blank => {
                settle(token, false, titled, request);
                begins = false;
                titled = false;
            }
            Kind::Word => {
                settle(token, begins, titled, request);
                titled = TITLES.contains(&token.text.as_str());
                begins = false;
            }
        }
    }
}

/// Words of a label inside a section: "Neck:", "Past psychiatric history:".
const LABEL_WORDS_MAX: usize = 3;

/// Whether the colon before `at` ends a heading, or a short label that begins a sentence.
fn follows_label(tokens: &[Token], at: usize) -> bool {
    let Some(before) = tokens.get(..at) else { return false };
    let [label @ .., colon] = before else { return false };
    if !colon.is_mark(":") {
        return false;
    }
    let words = label.iter().rev().take_while(|token| is_label_word(token));
    let length = words.take(LABEL_WORDS_MAX + 1).count();
    let from = label.len() - length;
    let begins = label.get(from).is_some_and(Token::begins_line)
        || from.checked_sub(1).is_none_or(|last| label[last].ends_sentence());
    let is_label = (1..=LABEL_WORDS_MAX).contains(&length) && begins;
    is_label || label.last().is_some_and(|token| token.kind == Kind::Heading)
}

/// Words that a label is made of: no verb that tells of the patient, nothing that leads to a list.
fn is_label_word(token: &Token) -> bool {
    const OTHERS: [&str; 22] = [
        "follows",
        "following",
        "include",
        "includes",
        "including",
        "are",
        "is",
        "was",
        "were",
        "as",
        "reports",
        "denies",
        "states",
        "stated",
        "said",
        "he",
        "she",
        "it",
        "they",
        "this",
        "that",
        "dear",
    ];
    token.kind == Kind::Word && token.case != Case::Held && !token.is_any(&OTHERS)
}

fn settle(token: &mut Token, begins: bool, titled: bool, request: &Request<'_>) {
    if !begins && matches!(token.text.as_str(), "X-ray" | "X-rays") && token.case != Case::Held {
        token.rewrite(token.text.to_lowercase(), "R-CAP");
    }
    match token.case {
        Case::Held => {}
        Case::Capital => token.rewrite(capitalised(&token.text), "K01"),
        Case::Upper => token.rewrite(token.text.to_uppercase(), "K03"),
        // A sentence begins with a capital all the same.
        Case::Lower if begins => token.rewrite(capitalised(&token.text.to_lowercase()), "K05"),
        Case::Lower => token.rewrite(token.text.to_lowercase(), "K05"),
        Case::Placed | Case::Free if begins || titled => {
            if may_change(&token.text) {
                token.rewrite(capitalised(&token.text), "R-CAP");
            }
        }
        Case::Placed => {
            let first = token.text.starts_with(char::is_uppercase);
            if first && is_ordinary(&token.text, request) {
                token.rewrite(token.text.to_lowercase(), "R-CAP");
            }
        }
        Case::Free => {}
    }
}

/// pH, mRNA, aVF and b.i.d. keep their first letter; so does what begins with no letter.
fn may_change(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(char::is_lowercase)
        && !letters.clone().any(char::is_uppercase)
        && !(text.contains('.') && text.len() > 2)
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// A word that has no capital of its own.
pub(super) fn is_ordinary(text: &str, request: &Request<'_>) -> bool {
    if proper::is_own(text) || text.starts_with("I'") {
        return false;
    }
    let known = request.lexicon.find(text).map(|id| request.lexicon.term(id).text);
    if let Some(known) = known
        && !known.chars().next().is_some_and(char::is_lowercase)
    {
        return request.lexicon.english_level(text).is_some_and(|level| level <= 20);
    }
    known.is_some()
        || request.lexicon.english_level(text).is_some_and(|level| level <= ORDINARY_LEVEL_MAX)
}

/// "doctor jones" is "Dr. Jones"; "the doctor said" is not.
fn titles(tokens: &mut [Token], request: &Request<'_>) {
    for at in 0..tokens.len() {
        let Some((token, rest)) = tokens.get(at..).and_then(<[Token]>::split_first) else { break };
        if token.kind != Kind::Word || token.case == Case::Held || token.text.len() > TITLE_MAX {
            continue;
        }
        let title = match token.text.to_ascii_lowercase().as_str() {
            "doctor" | "dr" => "Dr.",
            "mister" | "mr" => "Mr.",
            "missus" | "misses" | "mrs" => "Mrs.",
            "ms" => "Ms.",
            _ => continue,
        };
        let strict = token.is("ms") || token.is("misses");
        let owned = at > 0 && tokens.get(at - 1).is_some_and(|before| before.is_any(OWNERS));
        let named = rest.first().is_some_and(|next| is_name(next, strict, request));
        if named
            && !owned
            && let Some(token) = tokens.get_mut(at)
        {
            token.rewrite(title, "R-CAP");
        }
    }
}

const OWNERS: &[&str] =
    &["the", "a", "her", "his", "their", "my", "your", "another", "no", "any", "this", "family"];
const NO_NAMES: &[&str] = &[
    "was",
    "is",
    "has",
    "had",
    "said",
    "will",
    "on",
    "in",
    "at",
    "for",
    "to",
    "and",
    "or",
    "of",
    "who",
    "with",
    "visit",
    "visits",
    "appointment",
    "appointments",
    "dictating",
    "please",
    "about",
    "if",
    "when",
    "here",
    "today",
    "would",
    "recommended",
    "office",
    "told",
    "does",
    "did",
    "should",
];

/// A word after a title that may be a name. An abbreviation that is also a word or a diagnosis
/// ("MS") asks for a capital.
fn is_name(token: &Token, strict: bool, request: &Request<'_>) -> bool {
    if token.kind != Kind::Word || token.is_any(NO_NAMES) || token.gap != Gap::Space {
        return false;
    }
    let capital = token.text.chars().next().is_some_and(char::is_uppercase);
    let unusual = || request.lexicon.english_level(&token.text).is_none_or(|level| level >= 60);
    capital
        || !strict && token.text.len() > 1
        || unusual() && request.lexicon.find(&token.text).is_none()
}

/// Gives names of the lexicon their capitals and hyphens.
fn names(tokens: &mut Vec<Token>, request: &Request<'_>) {
    let names = Names::of(request.lexicon);
    let mut at = 0;
    while at < tokens.len() {
        let spelled = |token: Option<&Token>| token.is_some_and(|token| token.letter().is_some());
        let letter = spelled(tokens.get(at))
            && (spelled(tokens.get(at + 1)) || at > 0 && spelled(tokens.get(at - 1)));
        let rest = tokens.get(at..).filter(|_| !letter);
        let found = rest.and_then(|rest| names.longest(rest));
        let Some(Spelling { words, text, rule }) = found else {
            at += 1;
            continue;
        };
        let parts: Vec<&str> = text.split(' ').collect();
        let phrase = tokens.get_mut(at..at + words).unwrap_or_default();
        if parts.len() == words {
            for (token, part) in phrase.iter_mut().zip(parts) {
                token.rewrite(part, rule);
                if token.case == Case::Placed {
                    token.case = Case::Free;
                }
            }
            at += words;
        } else {
            let first = phrase.first().cloned();
            let mut joined = Token::joined(phrase, text, Kind::Word, rule);
            joined.gap = first.map_or(Gap::Space, |first| first.gap);
            tokens.splice(at..at + words, [joined]);
            at += 1;
        }
    }
}
