//! Guards: whether a phrase is a command here, or words of the report.
//!
//! Not for: what a command does (`pass`).
//!
//! Invariant: doubt keeps the words. The lists are those of the domain specification, 1.3 and the
//! column `guard` of its command table, widened by the same kinds of words.

use super::around::Around;
use super::colon::{VERBS, colon};
use super::period::{NOUN_GOES_ON, period};
use crate::text::request::Mode;
use crate::text::token::{Kind, Token};
use crate::vocab::commands::{Action, Command};
use crate::vocab::number_words::{ONES, TENS};
use crate::vocab::sections;

/// What a phrase is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Command,
    Words,
    /// Words, and a person should look.
    Doubt,
}

use Verdict::{Command as Yes, Doubt, Words as No};

/// Decides by the command's id.
pub fn verdict(
    command: &Command,
    around: &Around<'_>,
    mode: Mode,
    work_type: Option<&str>,
) -> Verdict {
    let (before, after) =
        (|words: &[&str]| around.before_is(words), |words: &[&str]| around.after_is(words));
    let phrase = command.words.as_slice();
    let verdict = match (command.id, phrase) {
        ("P01", ["period"]) => period(around),
        ("P02", _) => words_if(before(&["numeric", "a", "the"])),
        ("P03", _) => colon(around, work_type),
        ("P05" | "P06", _) => words_if(before(&["a", "the", "big"])),
        ("P08", _) => words_if(before(DASH_BEFORE) || number_ends_with_yard(around)),
        ("P09", ["diagonal"]) => command_if(between_numbers(around)),
        ("P09", _) => words_if(before(&["a", "the", "knife", "this"]) || after(WOUND_AFTER)),
        ("P10", ["in", ..]) => command_if(around.follows(&["close", "end", "right"], 40)),
        ("P10" | "P12", [_]) if command.action == Action::Paired => paired(command, around),
        ("P18", _) => words_if(before(&["an", "the"])),
        ("P20", ["and", _]) => command_if(beside_letters(around)),
        ("P27", ["star"]) => command_if(before_ends_in_digit(around)),
        ("P27", _) | ("P31", _) => words_if(
            before(&["a", "an", "the", "to", "i", "we", "would"]) || after(&["the", "that"]),
        ),
        ("P28", _) => words_if(after(&["out", "off", "in"]) || before(&["the", "a"])),
        ("P21" | "P22" | "P23" | "P24" | "P25" | "P26", _) => words_if(before(&["a", "the"])),
        ("N03", ["digit"]) => command_if(before_number(around) && around.bounded_before()),
        ("N03" | "N04", _) => command_if(before_number(around)),
        ("B01", ["paragraph"]) => paragraph(around),
        ("B01", _) => words_if(before(&["the", "this", "a"])),
        ("B02", ["line", "break"]) => words_if(before(DETERMINERS) || after(&["in", "of"])),
        ("B02", _) => new_line(around),
        ("B03", ["heading"]) => {
            command_if(around.begins_sentence() && names_section(around, work_type))
        }
        ("B03", _) => words_if(before(&["the", "this", "a"])),
        ("B05", _) => words_if(before(&["a", "the", "this", "on", "each"])),
        ("B06", ["tab"]) => No,
        ("B07", _) => command_if(around.bounded_before() && around.bounded_after()),
        ("K01", _) => cap(around),
        ("K05", ["lower", _] | ["no", "cap"]) => words_if(after(CASE_AFTER)),
        ("K07", ["no", "space"]) => no_space(around),
        ("E01", ["scratch", _]) => words_if(before(&["not", "to"])),
        ("E01", _) => delete_that(around),
        ("I08", _) => words_if(before(&["point"]) || after(&["stare", "check", "space"])),
        ("I12" | "K02" | "K04" | "K06" | "N12", _) => Yes,
        _ => Yes,
    };
    in_mode(verdict, command, around, mode)
}

/// Where the engine punctuates, the name of a mark is a word, unless it stands by itself.
fn in_mode(verdict: Verdict, command: &Command, around: &Around<'_>, mode: Mode) -> Verdict {
    let alone = around.bounded_before() && around.bounded_after();
    match (mode, command.action, command.words.len()) {
        (Mode::Auto, Action::Mark, 1) if verdict == Yes && !alone => No,
        _ => verdict,
    }
}

pub(super) fn words_if(is_word: bool) -> Verdict {
    if is_word { No } else { Yes }
}

pub(super) fn command_if(is_command: bool) -> Verdict {
    if is_command { Yes } else { No }
}

pub const DETERMINERS: &[&str] = &[
    "the", "a", "an", "this", "that", "these", "each", "any", "every", "another", "one", "his",
    "her", "their", "its", "my", "our", "which", "what", "same", "some", "no",
];

const DASH_BEFORE: &[&str] = &["a", "the", "made", "yard", "100-yard", "mad", "quick"];
const WOUND_AFTER: &[&str] = &["wound", "wounds", "injury", "injuries", "mark", "marks"];

fn number_ends_with_yard(around: &Around<'_>) -> bool {
    around.before(0).is_some_and(|token| token.text.ends_with("-yard"))
}

/// "quote" and "paren" alone: only as one of two.
fn paired(command: &Command, around: &Around<'_>) -> Verdict {
    if around.before_is(&[
        "the",
        "a",
        "an",
        "direct",
        "this",
        "that",
        "to",
        "can",
        "insurance",
        "i",
        "we",
    ]) {
        return No;
    }
    let open = open_count(command, around) % 2 == 1;
    let ends: &[&str] = if command.output == "quote" {
        &["quote", "unquote", "quotation"]
    } else {
        &["paren", "parenthesis", "parentheses"]
    };
    if open || around.follows(ends, 40) { Yes } else { Doubt }
}

fn open_count(command: &Command, around: &Around<'_>) -> usize {
    let marks: &[&str] = if command.output == "quote" { &["\""] } else { &["(", ")"] };
    let written = around.out.iter().rev().take(60).filter(|token| token.kind == Kind::Mark);
    written.filter(|token| marks.contains(&token.text.as_str())).count()
}

fn paragraph(around: &Around<'_>) -> Verdict {
    if around.before(0).is_some_and(|token| {
        token.is_any(DETERMINERS) || token.is_any(&["last", "first", "second"])
    }) {
        return No;
    }
    let bounded = around.begins_sentence()
        || around.broken
        || around.bounded_before() && around.bounded_after();
    if bounded { Yes } else { Doubt }
}

const LINE_BEFORE: &[&str] = &[
    "a",
    "the",
    "this",
    "that",
    "another",
    "central",
    "arterial",
    "picc",
    "peripheral",
    "iv",
    "venous",
    "femoral",
    "jugular",
    "subclavian",
    "his",
    "her",
    "for",
    "with",
    "of",
    "via",
    "through",
    "need",
    "needs",
    "needed",
    "require",
    "requires",
    "required",
    "placed",
    "place",
    "insert",
    "inserted",
    "suture",
    "any",
    "no",
    "dialysis",
    "hemodialysis",
    "each",
    "both",
    "joint",
    "mid",
    "midline",
    "first",
    "second",
    "third",
];
const LINE_AFTER: &[&str] = &[
    "was",
    "is",
    "were",
    "insertion",
    "placement",
    "infection",
    "infections",
    "sepsis",
    "removal",
    "of",
    "placed",
    "site",
    "had",
    "has",
];

fn new_line(around: &Around<'_>) -> Verdict {
    let (before, after) = (around.before_is(LINE_BEFORE), around.after_is(LINE_AFTER));
    if before || after && !around.bounded_after() {
        // "next line was": a break may still be meant where a sentence ended before it.
        return if before || !around.begins_sentence() || around.out.is_empty() {
            No
        } else {
            Doubt
        };
    }
    Yes
}

const CAP_BEFORE: &[&str] = &[
    "end",
    "needle",
    "tube",
    "polio",
    "knee",
    "this",
    "that",
    "bottle",
    "screw",
    "cradle",
    "feeding",
    "port",
    "plastic",
    "cervical",
    "one",
    "venture",
    "slipped",
    "human",
    "fibrous",
    "skull",
    "acetabular",
    "her",
    "his",
    "apical",
    "metal",
    "with",
    "white",
    "safety",
];
const CAP_AFTER: &[&str] = &[
    "was",
    "is",
    "were",
    "refill",
    "removal",
    "daily",
    "femoral",
    "epiphysis",
    "expenditures",
    "of",
    "and",
    "twice",
    "every",
    "by",
    "po",
    "placement",
    "in",
    "on",
    "p",
    "at",
    "has",
];

fn cap(around: &Around<'_>) -> Verdict {
    let counted = around.before(0).is_some_and(is_number);
    let owned = around.before_is(DETERMINERS) || around.before_is(&["of"]);
    let noun = owned && (around.after_is(NOUN_GOES_ON) || around.after_is(VERBS));
    if around.before_is(CAP_BEFORE) || around.after_is(CAP_AFTER) || counted || noun {
        return No;
    }
    command_if(around.after(0).is_some())
}

const CASE_AFTER: &[&str] = &["load", "is", "was", "number", "of", "rate", "in"];

const SPACE_AFTER: &[&str] =
    &["between", "occupying", "for", "in", "left", "available", "infection", "narrowing", "at"];

fn no_space(around: &Around<'_>) -> Verdict {
    let verbs = ["is", "was", "has", "had", "with", "there", "shows", "showed", "are"];
    words_if(around.after_is(SPACE_AFTER) || around.before_is(&verbs) || around.after(0).is_none())
}

fn delete_that(around: &Around<'_>) -> Verdict {
    if around.before_is(&["heel", "foot", "toe", "bird"]) {
        return No;
    }
    if around.before_is(&[
        "to", "please", "not", "will", "would", "should", "could", "did", "and", "we", "i", "she",
        "he", "they",
    ]) {
        return Doubt;
    }
    let noun = [
        "appointment",
        "appointments",
        "order",
        "orders",
        "medication",
        "procedure",
        "surgery",
        "visit",
        "was",
        "is",
        "prescription",
        "request",
        "nerve",
    ];
    if around.after_is(&noun) { Doubt } else { Yes }
}

fn names_section(around: &Around<'_>, work_type: Option<&str>) -> bool {
    let mut phrase = String::new();
    for ahead in 0..sections::words_max() {
        let Some(token) = around.after(ahead) else { break };
        phrase.push_str(&token.text);
        if sections::find(work_type, &phrase).is_some() {
            return true;
        }
    }
    false
}

fn before_number(around: &Around<'_>) -> bool {
    around.after(0).is_some_and(is_number)
}

fn between_numbers(around: &Around<'_>) -> bool {
    around.before(0).is_some_and(is_number) && before_number(around)
}

fn before_ends_in_digit(around: &Around<'_>) -> bool {
    let digit = |token: &Token| token.text.ends_with(|last: char| last.is_ascii_digit());
    around.before(0).is_some_and(|token| digit(token) || is_number(token)) && before_number(around)
}

fn beside_letters(around: &Around<'_>) -> bool {
    let short = |token: &Token| {
        token.letter().is_some()
            || token.text.len() <= 3 && token.text.bytes().all(|b| b.is_ascii_uppercase())
    };
    around.before(0).is_some_and(short) && around.after(0).is_some_and(short)
}

/// Words of numbers beside those of `vocab::number_words`.
const NUMBER_WORDS: [&str; 3] = ["oh", "hundred", "thousand"];

/// A figure or a word for a number.
pub fn is_number(token: &Token) -> bool {
    // No number begins with another letter than these; most words are told by that.
    let begins = |letter: &u8| b"efhnostzEFHNOSTZ".contains(letter);
    if token.kind != Kind::Word || !token.text.as_bytes().first().is_some_and(begins) {
        return token.kind == Kind::Figure;
    }
    let first = token.text.split('-').next().unwrap_or_default();
    let mut words = NUMBER_WORDS.iter().chain(&ONES).chain(&TENS);
    words.any(|word| first.eq_ignore_ascii_case(word))
}
