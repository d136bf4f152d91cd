//! The preamble: who dictates, on whom, what kind of report. It is no report text; it is held
//! against what the job knows.
//!
//! Not for: asides later in the dictation (`asides`).
//!
//! Invariant: a preamble is only at the beginning, and only where it says so; a difference from
//! the job's header is a flag, never a change.

use super::InstructionKind;
use super::commands::{is_number, small_number};
use super::request::Request;
use super::token::{Findings, Kind, Said, Token, reads, text_of, words_of};
use crate::domain::flag::FlagKind;
use crate::vocab::{sections, work_types};

/// A preamble's sentence has at most so many words.
const WORDS_MAX: usize = 80;
const PAUSE_MS: u32 = 1000;

/// What opens a sentence about the patient or the stay.
const FIELDS: &[&[&str]] = &[
    &["patient", "name"],
    &["patient's", "name"],
    &["name", "of", "patient"],
    &["the", "patient's", "name"],
    &["medical", "record", "number"],
    &["m", "r", "n"],
    &["mrn"],
    &["account", "number"],
    &["date", "of", "birth"],
    &["date", "of", "admission"],
    &["date", "of", "discharge"],
    &["date", "of", "procedure"],
    &["date", "of", "service"],
    &["date", "of", "dictation"],
    &["patient", "is"],
    &["the", "patient", "is"],
    &["work", "type"],
];

/// How many tokens the preamble takes at the beginning of the dictation; what it says is checked.
pub fn take(tokens: &[Token], request: &Request<'_>, findings: &mut Findings) -> usize {
    let mut end = 0;
    while let Some(next) = sentence(tokens, end, end > 0) {
        end = next;
    }
    let said = tokens.get(..end).unwrap_or_default();
    if said.is_empty() {
        return 0;
    }
    for token in said {
        findings.remove(token, "I06");
    }
    let words = words_of(said);
    findings.instructions.push(Said { kind: InstructionKind::Header, text: text_of(said), words });
    check(said, request, findings);
    end
}

/// The end of the preamble's sentence that begins here.
fn sentence(tokens: &[Token], at: usize, opened: bool) -> Option<usize> {
    let end = extent(tokens, at)?;
    let said = tokens.get(at..end)?;
    let says = |word: &str| said.iter().any(|token| token.is(word));
    let doctor =
        |at: usize| tokens.get(at).is_some_and(|token| token.is_any(&["doctor", "dr", "dr."]));
    let introduces = reads(tokens, at, &["this", "is"]) && (says("dictating") || says("dictation"))
        || doctor(at) && says("dictating")
        || reads(tokens, at, &["dictated", "by"])
        || reads(tokens, at, &["this", "is"]) && doctor(at + 2) && said.len() < 8;
    let field = FIELDS.iter().find(|words| reads(tokens, at, words));
    let names = field
        .is_some_and(|words| words.first() == Some(&"patient") && words.last() == Some(&"name"));
    let about = field.is_some_and(|words| opened && words.last() != Some(&"is"));
    let own_heading = said.iter().any(|token| token.is_mark(":"))
        && field.is_some_and(|words| sections::find(None, &words.join(" ")).is_some());
    (introduces || (names || about) && !own_heading).then_some(end)
}

/// Where the sentence ends: a full stop, a break, a pause, or a heading.
fn extent(tokens: &[Token], at: usize) -> Option<usize> {
    let rest = tokens.get(at..)?;
    for (index, token) in rest.iter().enumerate().take(WORDS_MAX) {
        if token.ends_sentence() {
            return Some(at + index + 1);
        }
        let ends = token.begins_line() || token.pause_ms.is_some_and(|pause| pause >= PAUSE_MS);
        if index > 0 && (ends || opens_section(rest, index)) {
            return Some(at + index);
        }
    }
    (!rest.is_empty() && rest.len() <= WORDS_MAX).then_some(tokens.len())
}

fn opens_section(tokens: &[Token], at: usize) -> bool {
    let rest = tokens.get(at..).unwrap_or_default();
    let words =
        rest.iter().take(sections::words_max()).take_while(|t| t.kind == Kind::Word).count();
    words > 0
        && rest.get(words).is_some_and(|mark| mark.is_mark(":"))
        && rest.get(..words).is_some_and(|phrase| sections::find(None, &text_of(phrase)).is_some())
}

fn check(said: &[Token], request: &Request<'_>, findings: &mut Findings) {
    let header = &request.header;
    let words = words_of(said);
    let mut differ = |what: &str| {
        let note = format!("The author's preamble names another {what} than this dictation has.");
        findings.flag(FlagKind::Demographic, note, words.clone());
    };
    if let (Some(known), Some(spoken)) = (&header.mrn, digits_after(said, &["number", "mrn", "n"]))
        && digits(known) != spoken
    {
        differ("medical record number");
    }
    if let (Some(known), Some(spoken)) = (&header.patient, patient(said))
        && !shares_surname(known, &spoken)
    {
        differ("patient");
    }
    if let (Some(known), Some(spoken)) = (&header.author, author(said))
        && !shares_surname(known, &spoken)
    {
        differ("author");
    }
    let known = request.work_type;
    if let (Some(known), Some(spoken)) = (known, work_types::named_in(&text_of(said)))
        && known != spoken
    {
        differ("work type");
    }
}

/// The digits said after one of these words.
fn digits_after(said: &[Token], words: &[&str]) -> Option<String> {
    let from = said.iter().position(|token| token.is_any(&["record", "mrn", "r"]))?;
    let rest = said.get(from..)?;
    let start = rest.iter().position(|token| token.is_any(words))?;
    let mut number = String::new();
    for token in rest.get(start + 1..)? {
        let figures = digits(&token.text);
        if !figures.is_empty() {
            number.push_str(&figures);
        } else if is_number(token) {
            number.push_str(&small_number(&token.text).unwrap_or(0).to_string());
        } else if !token.is("is") && token.kind != Kind::Mark {
            break;
        }
    }
    (!number.is_empty()).then_some(number)
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The words after "patient name" or "patient", up to what is no name.
fn patient(said: &[Token]) -> Option<String> {
    let at = said.iter().position(|token| token.is_any(&["patient", "patient's"]))?;
    let rest = said.get(at + 1..)?;
    let skip = rest.iter().take_while(|token| token.is_any(&["name", "is", "named"])).count();
    name(rest.get(skip..)?)
}

fn author(said: &[Token]) -> Option<String> {
    let at = said.iter().position(|token| token.is_any(&["doctor", "dr", "dr."]))?;
    name(said.get(at + 1..)?)
}

fn name(tokens: &[Token]) -> Option<String> {
    const ENDS: &[&str] = &[
        "dictating",
        "medical",
        "record",
        "account",
        "date",
        "mrn",
        "m",
        "and",
        "who",
        "on",
        "for",
        "the",
        "a",
        "number",
        "birth",
        "with",
        "is",
    ];
    let words = tokens.iter().take(4);
    let words: Vec<&str> = words
        .take_while(|token| token.kind == Kind::Word && !token.is_any(ENDS))
        .map(|token| token.text.as_str())
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

/// Whether two names share a word of more than two letters.
fn shares_surname(known: &str, spoken: &str) -> bool {
    let words = |name: &str| -> Vec<String> {
        let parts = name.split(|c: char| !c.is_alphanumeric()).filter(|part| part.len() > 1);
        parts.map(str::to_lowercase).collect()
    };
    let known = words(known);
    words(spoken).iter().any(|word| known.contains(word))
}
