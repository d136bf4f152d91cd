//! Self-corrections: both readings stay, the second is proposed, a person decides.
//!
//! Not for: "scratch that", which deletes (`commands`).
//!
//! Invariant: never settles a correction of a drug, dose, number, side or negation.

use super::commands::is_number;
use super::request::Request;
use super::token::{Findings, Kind, Token, reads, text_of, words_of};
use super::units::{self, Counted};
use crate::domain::flag::FlagKind;
use crate::vocab::commands::{self, Action, Command};

/// How many tokens on each side of the phrase are held against each other.
const REACH: usize = 6;

/// What is waited for.
const TIMES: [&str; 8] = ["week", "weeks", "day", "days", "hours", "minutes", "months", "seconds"];

/// What a word says that may have been corrected.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Number,
    Side,
    Drug,
    Negation,
    Unit,
}

/// Flags the self-corrections in the text.
pub fn check(tokens: &[Token], request: &Request<'_>, findings: &mut Findings) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let found = (token.kind == Kind::Word).then(|| phrase(tokens, at)).flatten();
        match found {
            Some(command) => {
                let end = at + command.words.len();
                if is_correction(tokens, at, end, command, request) {
                    flag(tokens, at, end, findings);
                    // "no, make that" is one correction.
                    at = end + 2;
                } else {
                    at += 1;
                }
            }
            None => at += 1,
        }
    }
}

fn phrase(tokens: &[Token], at: usize) -> Option<&'static Command> {
    let lower = tokens.get(at).filter(|token| token.text.len() < 12)?.text.to_ascii_lowercase();
    commands::beginning_with(&lower).iter().find(|command| {
        command.action == Action::Correction
            && (command.words.len() == 1 || reads(tokens, at, &command.words))
    })
}

fn is_correction(
    tokens: &[Token],
    at: usize,
    end: usize,
    command: &Command,
    request: &Request<'_>,
) -> bool {
    let before = tokens.get(at.saturating_sub(REACH)..at).unwrap_or_default();
    let after = tokens.get(end..(end + REACH).min(tokens.len())).unwrap_or_default();
    let next_is = |words: &[&str]| after.first().is_some_and(|next| next.is_any(words));
    // "wait 2 weeks" is what somebody is told to do.
    let waits = tokens.get(end + 1).is_some_and(|unit| unit.is_any(&TIMES));
    if command.words.as_slice() == ["wait"] && waits {
        return false;
    }
    // "A correction factor of 45" corrects nothing.
    let insulin = ["factor", "factors", "insulin", "scale", "dose", "doses", "bolus", "surgery"];
    if command.words.as_slice() == ["correction"] && next_is(&insulin) {
        return false;
    }
    let noun = match command.words.as_slice() {
        ["correction"] => {
            next_is(&["of", "with", "was", "is", "for", "by"])
                || before.last().is_some_and(|word| {
                    word.kind == Kind::Word
                        && !is_number(word)
                        && slot(word, request).is_none()
                        && at > 0
                        && !tokens.get(end).is_some_and(|next| next.kind == Kind::Mark)
                })
        }
        ["rather"] => {
            next_is(&["than", "large", "small", "well", "severe", "quickly", "high", "low"])
        }
        _ => false,
    };
    if command.words.as_slice() == ["no"] {
        return is_taken_back(before, after, request);
    }
    let of = next_is(&["of"]);
    if before.is_empty() || of || noun && !restates(before, after, request) {
        return false;
    }
    if command.output == "sure" && command.words.len() > 1 {
        return !after.is_empty();
    }
    restates(before, after, request)
}

/// Whether a bare "no" takes back what stood before it: only where the next thing said is of the
/// same kind and no negation ("20, no, make that 25"), because "no chest pain, no fever" is the
/// most usual sentence of all.
fn is_taken_back(before: &[Token], after: &[Token], request: &Request<'_>) -> bool {
    const BETWEEN: [&str; 11] =
        ["make", "that", "it's", "its", "i", "mean", "sorry", "the", "on", "at", "is"];
    let next = after.iter().find(|token| token.kind != Kind::Mark && !token.is_any(&BETWEEN));
    let Some(next) = next else { return false };
    let kind = slot(next, request);
    let same = |token: &Token| {
        slot(token, request) == kind && !token.text.eq_ignore_ascii_case(&next.text)
    };
    matches!(kind, Some(Slot::Number | Slot::Side | Slot::Drug)) && before.iter().any(same)
}

/// Whether both sides say something of the same kind.
fn restates(before: &[Token], after: &[Token], request: &Request<'_>) -> bool {
    let slots = |tokens: &[Token]| -> Vec<(Slot, String)> {
        let found = tokens
            .iter()
            .filter_map(|token| Some((slot(token, request)?, token.text.to_lowercase())));
        found.collect()
    };
    // Only what comes directly after the phrase restates; a sentence end ends it.
    let near = after.iter().position(|token| token.ends_sentence()).unwrap_or(after.len()).min(4);
    let (said, restated) = (slots(before), slots(after.get(..near).unwrap_or_default()));
    restated.iter().any(|(kind, text)| {
        *kind != Slot::Unit && said.iter().any(|(other, first)| other == kind && first != text)
    })
}

fn slot(token: &Token, request: &Request<'_>) -> Option<Slot> {
    if is_number(token) {
        return Some(Slot::Number);
    }
    if token.is_any(&["left", "right", "bilateral"]) {
        return Some(Slot::Side);
    }
    if token.is_any(&[
        "denies", "without", "negative", "positive", "has", "absent", "present", "reports",
        "admits", "no", "not",
    ]) {
        return Some(Slot::Negation);
    }
    if matches!(units::of_medicine(&token.text), Some(Counted::Amount(_))) {
        return Some(Slot::Unit);
    }
    let long = token.kind == Kind::Word && token.text.len() > 4;
    let id = long.then(|| request.lexicon.find(&token.text)).flatten()?;
    request.lexicon.term(id).subjects.is_drug().then_some(Slot::Drug)
}

fn flag(tokens: &[Token], at: usize, end: usize, findings: &mut Findings) {
    let from = at.saturating_sub(4);
    let to = (end + 4).min(tokens.len());
    let first = text_of(tokens.get(from..at).unwrap_or_default());
    let mut second = text_of(tokens.get(end..to).unwrap_or_default());
    second = second.trim_start_matches([',', ' ']).to_owned();
    let note = format!(
        "The author corrects himself or herself: first \"{first}\", then \"{second}\". \
         The second is proposed; both were kept."
    );
    findings.flag(
        FlagKind::SelfCorrection,
        note,
        words_of(tokens.get(from..to).unwrap_or_default()),
    );
}
