//! Asides: what the author says to the typist leaves the text and becomes an instruction.
//!
//! Not for: the opening of a dictation (`preamble`), or the normals themselves (`normals`).
//!
//! Invariant: nothing is lost: what leaves the text is an instruction, and a flag where a person
//! must act. An aside that does not end in reach stays in the text, flagged.

use super::InstructionKind;
use super::normals;
use super::preamble;
use super::request::Request;
use super::token::{Case, Findings, Gap, Kind, Said, Token, reads, text_of, words_of};
use crate::domain::flag::{BLANK, FlagKind};
use crate::vocab::commands::{self, Action, Command};
use crate::vocab::sections;

/// An aside has at most so many words; more without an end are no aside.
const WORDS_MAX: usize = 60;
/// A pause that ends an aside, in milliseconds.
const PAUSE_MS: u32 = 1000;

/// Takes the asides out.
pub fn apply(tokens: Vec<Token>, request: &Request<'_>, findings: &mut Findings) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = preamble::take(&tokens, request, findings);
    let mut gap: Option<Gap> = None;
    while let Some(token) = tokens.get(at) {
        if let Some(command) = aside_at(&tokens, at, &out, request) {
            let own = token.gap;
            let asked = out.split_off(out.len() - asked(&out));
            let end = carry_out(&tokens, at, command, &mut out, request, findings);
            match end {
                Some(_) => asked.iter().for_each(|token| findings.remove(token, "I03")),
                None => out.extend(asked),
            }
            if let Some(end) = end {
                gap = Some(gap.map_or(own, |gap: Gap| gap.max(own)));
                at = end;
                continue;
            }
        }
        let mut token = token.clone();
        if let Some(gap) = gap.take().filter(|_| token.kind != Kind::Mark) {
            token.gap = token.gap.max(gap);
        }
        out.push(token);
        at += 1;
    }
    out
}

/// How many of the last tokens are "could you" before "please send a copy", which goes with it.
fn asked(out: &[Token]) -> usize {
    let [before @ .., asks, you] = out else { return 0 };
    let begins = before.last().is_none_or(Token::ends_sentence) || asks.begins_line();
    let is_request = asks.is_any(&["could", "can", "would", "will"]) && you.is("you");
    if begins && is_request { 2 } else { 0 }
}

fn aside_at(
    tokens: &[Token],
    at: usize,
    out: &[Token],
    request: &Request<'_>,
) -> Option<&'static Command> {
    let first = tokens.get(at).filter(|token| token.kind == Kind::Word)?;
    if first.text.len() > 20 || first.case == Case::Held {
        return None;
    }
    let lower = first.text.to_ascii_lowercase();
    let begins = out.last().is_none_or(|token| token.ends_sentence() || token.is_mark(":"))
        || first.begins_line()
        || first.pause_ms.is_some_and(|pause| pause >= PAUSE_MS);
    commands::beginning_with(&lower).iter().find(|command| {
        let length = command.words.len();
        (length == 1 || reads(tokens, at, &command.words))
            && is_aside(tokens, at, command, begins, out, request)
    })
}

/// The guards of the commands for whole sentences.
fn is_aside(
    tokens: &[Token],
    at: usize,
    command: &Command,
    begins: bool,
    out: &[Token],
    request: &Request<'_>,
) -> bool {
    let next = tokens.get(at + command.words.len());
    let ends = next.is_none_or(|next| next.kind == Kind::Mark || next.begins_line());
    let next_is = |words: &[&str]| next.is_some_and(|next| next.is_any(words));
    let before_is = |words: &[&str]| out.last().is_some_and(|before| before.is_any(words));
    match (command.action, command.words.as_slice()) {
        (Action::Note, ["operator" | "transcriptionist"]) => {
            begins && next_is(&["please", "can", "could", "note", "would", "insert", "i"])
                || begins && ends && next.is_some_and(|next| next.is_mark(","))
        }
        (Action::Note, [first, ..]) => begins || *first == "transcriptionist" || *first == "typist",
        (Action::Normal, [_]) => begins && normals::named(tokens, at + 1, request).is_some(),
        (Action::Normal, words) => {
            begins || normals::named(tokens, at + words.len(), request).is_some()
        }
        (Action::Copy, words) => is_copy(tokens, at, words, begins),
        (Action::Stat, ["stat", "please"]) => begins,
        (Action::Stat, ["stat", ..]) => begins && ends,
        (Action::Stat, _) => begins && (ends || next_is(&["please", "report", "dictation"])),
        (Action::End, ["that" | "that's", ..] | ["this", ..]) => ends,
        (Action::End, _) => !before_is(&["the", "at", "by", "an", "each"]) && (begins || ends),
        (Action::GoBack, _) => begins && section_after(tokens, at, command).is_some(),
        (Action::Hold, ["this", "is", "a", "test"]) => begins && ends,
        (Action::Hold, _) => begins || ends,
        (Action::Link, ["addendum", ..] | ["this", ..]) => begins && at == 0,
        (Action::Link, _) => begins && (ends || next_is(&["on", "for", "number", "of"])),
        _ => false,
    }
}

/// "cc Dr. Smith", "send a copy to ..."; never "250 cc" and never the heading "cc:".
fn is_copy(tokens: &[Token], at: usize, words: &[&str], begins: bool) -> bool {
    let to = tokens.get(at + words.len());
    let someone = to.is_some_and(|to| {
        to.kind == Kind::Word
            && (to.is_any(&[
                "doctor",
                "dr",
                "dr.",
                "mr",
                "mister",
                "ms",
                "mrs",
                "the",
                "his",
                "her",
                "primary",
                "referring",
                "all",
                "this",
                "that",
            ]) || to.text.chars().next().is_some_and(char::is_uppercase))
    });
    let asks = matches!(words, ["please" | "send" | "carbon", ..]);
    someone && (begins || asks)
}

/// The section that "go back to ..." names, and where its words end.
fn section_after(tokens: &[Token], at: usize, command: &Command) -> Option<(String, usize)> {
    let mut from = at + command.words.len();
    while tokens.get(from).is_some_and(|token| token.is_any(&["the", "my", "section"])) {
        from += 1;
    }
    let longest = sections::words_max();
    let name = |words: usize| {
        let phrase = tokens.get(from..from + words)?;
        let plain = phrase.iter().all(|token| token.kind != Kind::Mark);
        plain.then(|| sections::find(None, &text_of(phrase))).flatten()
    };
    let (section, words) =
        (1..=longest).rev().find_map(|words| name(words).map(|section| (section, words)))?;
    let mut end = from + words;
    let mut asked = command.words.contains(&"back")
        || command.words.contains(&"to")
        || command.words.contains(&"in");
    while let Some(token) = tokens.get(end) {
        let joins = token.is_any(&["and", "section", "please", "add", "that", "insert", "put"]);
        let mark = token.kind == Kind::Mark && matches!(token.text.as_str(), "," | ":" | ".");
        asked |= token.is("add") || token.is("insert");
        if !joins && !mark || token.is("that") && !asked {
            break;
        }
        end += 1;
    }
    asked.then(|| (section.heading.to_owned(), end))
}

fn carry_out(
    tokens: &[Token],
    at: usize,
    command: &Command,
    out: &mut Vec<Token>,
    request: &Request<'_>,
    findings: &mut Findings,
) -> Option<usize> {
    let begins = out.last().is_none_or(Token::ends_sentence);
    match command.action {
        Action::Normal => return normal(tokens, at, command, out, request, findings),
        Action::GoBack => return go_back(tokens, at, command, findings),
        Action::End => return Some(end_of_dictation(tokens, at, command, findings)),
        _ => {}
    }
    let Some(end) = extent(tokens, at) else {
        let note = "This may be a message to the typist, but its end was not found; it was kept.";
        findings.flag(FlagKind::AmbiguousCommand, note, words_of(&tokens[at..at + 1]));
        return None;
    };
    let said = tokens.get(at..end).unwrap_or_default();
    let (kind, note) = match command.action {
        Action::Copy => (InstructionKind::Copy, "The author asks for a copy"),
        Action::Stat => (InstructionKind::Stat, "The author calls this dictation urgent"),
        Action::Hold => {
            (InstructionKind::Hold, "The author may want this dictation cancelled; confirm")
        }
        Action::Link => (InstructionKind::Link, "The author refers to another dictation or report"),
        _ => (InstructionKind::Note, "The author says to the typist"),
    };
    take_out(said, command.id, kind, note, findings);
    // The mark that ends a sentence in which the aside was stays with that sentence.
    let last = said.last().filter(|last| !begins && last.ends_sentence());
    if let Some(mark) = last {
        while out.last().is_some_and(|token| token.by_engine && token.is_mark(",")) {
            out.pop();
        }
        out.push(mark.clone());
    }
    Some(end)
}

fn take_out(
    said: &[Token],
    rule: &'static str,
    kind: InstructionKind,
    note: &str,
    findings: &mut Findings,
) {
    let text = text_of(said);
    let words = words_of(said);
    for token in said {
        findings.remove(token, rule);
    }
    findings.flag(FlagKind::Instruction, format!("{note}: {text}"), words.clone());
    findings.instructions.push(Said { kind, text, words });
}

/// Where an aside ends: after its sentence, or before a break or a long pause.
fn extent(tokens: &[Token], at: usize) -> Option<usize> {
    let rest = tokens.get(at..)?;
    for (index, token) in rest.iter().enumerate().take(WORDS_MAX) {
        if token.ends_sentence() {
            return Some(at + index + 1);
        }
        let ends = token.begins_line() || token.pause_ms.is_some_and(|pause| pause >= PAUSE_MS);
        if index > 0 && ends {
            return Some(at + index);
        }
    }
    (rest.len() <= WORDS_MAX).then_some(tokens.len())
}

/// Everything after the end is no report; what is more than thanks is shown to a person.
fn end_of_dictation(
    tokens: &[Token],
    at: usize,
    command: &Command,
    findings: &mut Findings,
) -> usize {
    let after = at + command.words.len();
    for token in tokens.get(at..after).unwrap_or_default() {
        findings.remove(token, command.id);
    }
    let rest = tokens.get(after..).unwrap_or_default();
    let thanks = [
        "thank", "thanks", "you", "very", "much", "bye", "goodbye", "so", "have", "a", "good",
        "day", "night",
    ];
    let says = rest.iter().any(|token| token.kind != Kind::Mark && !token.is_any(&thanks));
    if says {
        let note = "Spoken after the end of the dictation, and not in the text";
        take_out(rest, command.id, InstructionKind::AfterEnd, note, findings);
    } else {
        for token in rest {
            findings.remove(token, command.id);
        }
    }
    tokens.len()
}

/// Text stays where it was said: moving it between sections is a person's decision.
fn go_back(
    tokens: &[Token],
    at: usize,
    command: &Command,
    findings: &mut Findings,
) -> Option<usize> {
    let (section, end) = section_after(tokens, at, command)?;
    let moved = extent(tokens, end).unwrap_or(end);
    let note = format!("The author asks to move this to {section}; it was left where it was said.");
    findings.flag(FlagKind::Instruction, note, words_of(tokens.get(at..moved)?));
    for token in tokens.get(at..end)? {
        findings.remove(token, command.id);
    }
    Some(end)
}

/// A normal that is known leaves its place for `normals::expand`; of one that is not, a blank.
fn normal(
    tokens: &[Token],
    at: usize,
    command: &Command,
    out: &mut Vec<Token>,
    request: &Request<'_>,
    findings: &mut Findings,
) -> Option<usize> {
    let from = at + command.words.len();
    let (name, mut end) = match normals::named(tokens, from, request) {
        Some((name, words)) => (Some(name), from + words),
        None => (None, extent(tokens, at)?),
    };
    if name.is_none() && tokens.get(end - 1).is_some_and(Token::ends_sentence) {
        end -= 1;
    }
    let said = tokens.get(at..end)?;
    let kind = Kind::Blank;
    let mut place = Token::joined(said, name.unwrap_or(BLANK), kind, "I02");
    place.case = Case::Held;
    if name.is_none() {
        let note = format!("No normal of this name is known: {}", text_of(said));
        findings.flag(FlagKind::AuthorBlank, note, place.source.clone());
    }
    out.push(place);
    Some(end)
}
