//! Headings: the words that open a section become its heading, upper case, with a colon.
//!
//! Not for: the names of sections (`vocab::sections`), or the items under a heading (`lists`).
//!
//! Invariant: a heading begins the text or follows a blank line; words inside a sentence never
//! become one.

use super::commands::is_number;
use super::request::Request;
use super::token::{Case, Gap, Kind, Token, reads};
use crate::vocab::sections::{self, Section};

/// A pause that sets a heading off from what follows it, in milliseconds (command B03: 400; a
/// heading without its colon needs the longer pause of a paragraph).
const HEADING_PAUSE_MS: u32 = 600;
/// The pause that ends the words of "next heading ...", in milliseconds (command B03).
const COMMANDED_PAUSE_MS: u32 = 400;

/// Finds the headings.
pub fn apply(tokens: Vec<Token>, request: &Request<'_>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let alone = are_told_alone(&tokens, request);
    let mut at = 0;
    while at < tokens.len() {
        match heading_at(&tokens, at, &out, alone, request) {
            Some(found) => at = write(&tokens, at, &found, &mut out),
            None => {
                out.extend(tokens.get(at).cloned());
                at += 1;
            }
        }
    }
    out
}

/// A heading in the tokens: its text, how many words it has, and whether a mark ends it.
struct Found {
    text: String,
    words: usize,
    marked: bool,
}

/// Of how many different names, at least, sentences of their own are headings: one may be text.
const ALONE_MIN: usize = 2;
/// The same where the work type is not known.
const ALONE_MIN_OF_ANY: usize = 3;

/// Whether the headings of this text are told as sentences of their own, as an engine writes them
/// that hears no colon: "Chief complaint. Abdominal pain. Allergies. None."
fn are_told_alone(tokens: &[Token], request: &Request<'_>) -> bool {
    let mut headings: Vec<&str> = Vec::new();
    let mut begins = true;
    for (at, token) in tokens.iter().enumerate() {
        let section = if begins { alone(tokens, at, request) } else { None };
        if let Some((section, _)) = section.filter(|(section, _)| !headings.contains(section)) {
            headings.push(section);
        }
        begins = token.ends_sentence() || tokens.get(at + 1).is_some_and(Token::begins_line);
    }
    let least = if request.work_type.is_some() { ALONE_MIN } else { ALONE_MIN_OF_ANY };
    headings.len() >= least
}

/// The section that a sentence names and nothing else, and its words; something must follow.
fn alone(tokens: &[Token], at: usize, request: &Request<'_>) -> Option<(&'static str, usize)> {
    let length = phrase_length(tokens, at, false);
    let stop = tokens.get(at + length).filter(|stop| stop.by_engine && stop.is_mark("."))?;
    let follows = tokens.get(at + length + 1).is_some_and(|next| next.kind != Kind::Mark);
    let section = exactly(tokens.get(at..at + length)?, request)?;
    let own = request.work_type.is_none_or(|own| section.work_type == own);
    (own && follows && stop.gap == Gap::None).then_some((section.heading, length))
}

fn heading_at(
    tokens: &[Token],
    at: usize,
    out: &[Token],
    told_alone: bool,
    request: &Request<'_>,
) -> Option<Found> {
    let first = tokens.get(at).filter(|token| token.kind == Kind::Word)?;
    let commanded = first.rule == Some("B03");
    let begins = out.last().is_none_or(Token::ends_sentence) || first.begins_line() || commanded;
    if !begins || first.case == Case::Held {
        return None;
    }
    let length = phrase_length(tokens, at, commanded);
    let phrase = tokens.get(at..at + length)?;
    let end = tokens.get(at + length);
    if end.is_some_and(|mark| mark.is_mark(":")) {
        let text = named(phrase, request).map(|section| section.heading.to_owned());
        let text = text.or_else(|| commanded.then(|| joined(phrase).to_uppercase()))?;
        return Some(Found { text, words: length, marked: true });
    }
    if commanded {
        return Some(commanded_heading(tokens, at, length, request));
    }
    if let Some((heading, words)) = told_alone.then(|| alone(tokens, at, request)).flatten() {
        return Some(Found { text: heading.to_owned(), words, marked: true });
    }
    let set_off = end.is_some_and(|next| next.pause_ms.is_some_and(|ms| ms >= HEADING_PAUSE_MS))
        || end.is_some_and(|mark| mark.by_engine && mark.is_mark(".") && mark.gap == Gap::None)
            && first.begins_line()
            && tokens.iter().any(|token| token.pause_ms.is_some());
    let set_off = set_off || opens_list(tokens, at + length);
    let exact = set_off.then(|| exactly(phrase, request)).flatten()?;
    let marked = end.is_some_and(|mark| mark.by_engine && mark.kind == Kind::Mark);
    Some(Found { text: exact.heading.to_owned(), words: length, marked })
}

/// "Assessment. Number one, ...": the engine's full stop and then the first item.
fn opens_list(tokens: &[Token], end: usize) -> bool {
    let stop = tokens.get(end).is_some_and(|mark| mark.by_engine && mark.is_mark("."));
    let first = tokens.get(end + 1).is_some_and(|token| token.text == "#1")
        || reads(tokens, end + 1, &["number", "one"])
        || tokens.get(end + 1).is_some_and(|token| token.is("number"))
            && tokens.get(end + 2).is_some_and(|token| token.text == "1");
    stop && first
}

/// The words up to a mark, a break or a pause, at most as many as a heading has.
fn phrase_length(tokens: &[Token], at: usize, commanded: bool) -> usize {
    let most = sections::words_max() + 2;
    let rest = tokens.get(at..).unwrap_or_default();
    let pause = if commanded { COMMANDED_PAUSE_MS } else { HEADING_PAUSE_MS };
    let ends = |token: &Token| {
        token.kind == Kind::Mark && !matches!(token.text.as_str(), "-" | "/" | "&")
            || token.begins_line()
            || token.pause_ms.is_some_and(|ms| ms >= pause)
    };
    1 + rest.iter().skip(1).take(most).take_while(|token| !ends(token)).count()
}

fn joined(phrase: &[Token]) -> String {
    let mut text = String::new();
    for token in phrase {
        if !text.is_empty() && token.gap != Gap::None {
            text.push(' ');
        }
        text.push_str(&token.text);
    }
    text
}

fn exactly(phrase: &[Token], request: &Request<'_>) -> Option<&'static Section> {
    if phrase.len() > sections::words_max() {
        return None;
    }
    sections::find(request.work_type, &joined(phrase))
}

/// By its own name or alias, else by likeness.
fn named(phrase: &[Token], request: &Request<'_>) -> Option<&'static Section> {
    exactly(phrase, request).or_else(|| {
        let plain = phrase.iter().all(|token| token.kind == Kind::Word && !is_number(token));
        let likely = plain && phrase.len() <= sections::words_max();
        likely.then(|| sections::nearest(request.work_type, &joined(phrase))).flatten()
    })
}

/// "next heading plan ...": the longest name, else all words up to the pause.
fn commanded_heading(tokens: &[Token], at: usize, length: usize, request: &Request<'_>) -> Found {
    let all = tokens.get(at..at + length).unwrap_or_default();
    let marked = |words: usize| {
        tokens.get(at + words).is_some_and(|mark| mark.kind == Kind::Mark && mark.by_engine)
    };
    for words in (1..=length).rev() {
        let phrase = all.get(..words).unwrap_or_default();
        if let Some(section) = exactly(phrase, request) {
            return Found { text: section.heading.to_owned(), words, marked: marked(words) };
        }
    }
    let words = length.min(UNKNOWN_WORDS_MAX);
    let text = joined(all.get(..words).unwrap_or_default()).to_uppercase();
    Found { text, words, marked: marked(words) }
}

/// A heading that no table knows has at most so many words.
const UNKNOWN_WORDS_MAX: usize = 4;

fn write(tokens: &[Token], at: usize, found: &Found, out: &mut Vec<Token>) -> usize {
    let end = at + found.words;
    let phrase = tokens.get(at..end).unwrap_or_default();
    let same = joined(phrase) == found.text;
    let mut heading = Token::joined(phrase, found.text.clone(), Kind::Heading, "B04");
    if same {
        heading.rule = None;
    }
    heading.gap = if out.is_empty() { heading.gap } else { Gap::Paragraph };
    heading.case = Case::Held;
    let source = heading.source.clone();
    out.push(heading);
    let mark = tokens.get(end).filter(|_| found.marked);
    let mut colon = mark.cloned().unwrap_or_else(|| Token::new(":", Kind::Mark, source));
    if !colon.is_mark(":") {
        colon.rewrite(":", "B04");
    }
    colon.gap = Gap::None;
    out.push(colon);
    end + usize::from(found.marked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::entry::{Heard, tokens};
    use crate::vocab::lexicon::Lexicon;

    fn headed(text: &str, work_type: Option<&str>) -> String {
        let lexicon = Lexicon::built_in();
        let request = Request { work_type, ..Request::new(&lexicon) };
        let tokens = apply(tokens(&Heard::of_text(text)), &request);
        let headings = tokens.iter().filter(|token| token.kind == Kind::Heading);
        headings.map(|token| token.text.as_str()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn a_heading_is_found_at_a_beginning_and_nowhere_else() {
        assert_eq!(
            headed("HPI: Cough. Impression: Pneumonia.", Some("HP")),
            "HISTORY OF PRESENT ILLNESS|ASSESSMENT"
        );
        assert_eq!(headed("Her past medical history: gout.", None), "");
        assert_eq!(headed("The plan is as follows: rest.", None), "");
    }

    #[test]
    fn names_that_are_sentences_of_their_own_are_headings_where_there_are_several() {
        let note = "Chief complaint. Abdominal pain. Allergies. None. Medications. Aspirin.";
        let all = "CHIEF COMPLAINT|ALLERGIES|MEDICATIONS";
        assert_eq!(headed(note, Some("ED")), all);
        assert_eq!(headed(note, None), all);
        assert_eq!(headed("Allergies. None. She is stable.", Some("ED")), "");
        assert_eq!(headed("Medications, allergies, and past medical history.", Some("HP")), "");
    }

    #[test]
    fn a_name_without_a_colon_is_text() {
        assert_eq!(headed("Impression. Pneumonia.", None), "");
    }
}
