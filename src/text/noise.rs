//! Noise: hesitations, fillers, stuttered function words, and what the engine makes up in silence.
//!
//! Not for: words that carry anything; "er" is only a hesitation where it is not ER.
//!
//! Invariant: everything taken out is in the findings.

use super::token::{Case, Findings, Kind, Token, reads};
use crate::domain::flag::FlagKind;
use crate::vocab::commands::{self, Action, Command};

/// Function words that are said twice by mistake (X03); numbers, letters and "that that" are not.
const STUTTERED: &[&str] = &[
    "the", "was", "is", "and", "of", "to", "in", "with", "for", "are", "were", "on", "at", "from",
    "by", "she", "he", "they", "we", "an", "this", "there", "it", "will", "be", "as", "or",
];
/// A pause that bounds a filler, in milliseconds.
const PAUSE_MS: u32 = 250;

/// Takes the noise out.
pub fn apply(tokens: Vec<Token>, findings: &mut Findings) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(command) = noise_at(&tokens, at, &out) {
            at = take_out(&tokens, at, command, &mut out, findings);
            continue;
        }
        if is_stutter(&out, token) {
            findings.remove(token, "X03");
            at += 1;
            continue;
        }
        out.push(token.clone());
        at += 1;
    }
    out
}

fn noise_at(tokens: &[Token], at: usize, out: &[Token]) -> Option<&'static Command> {
    let token = tokens.get(at).filter(|token| token.kind == Kind::Word)?;
    if token.text.len() > 12 {
        return None;
    }
    let lower = token.text.to_ascii_lowercase();
    commands::beginning_with(&lower).iter().find(|command| {
        let length = command.words.len();
        let here = length == 1 || reads(tokens, at, &command.words);
        here && match command.action {
            Action::Noise => is_hesitation(tokens, at, &token.text),
            Action::Filler => is_filler(tokens, at, length, out),
            Action::Boilerplate => is_boilerplate(tokens, at, out),
            _ => false,
        }
    })
}

/// "er" and "mm" by themselves; ER, "e r", "5 mm" and "Ah" in a name are none.
fn is_hesitation(tokens: &[Token], at: usize, text: &str) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    let upper = text.len() > 1 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    let measured =
        text.eq_ignore_ascii_case("mm") && before.is_some_and(super::commands::is_number);
    let department = text.eq_ignore_ascii_case("er")
        && before.is_some_and(|word| word.is_any(&["the", "in", "our", "to", "via", "from"]))
        && !tokens.get(at + 1).is_some_and(|next| next.is_mark(","));
    let care = [
        "visit",
        "visits",
        "physician",
        "doctor",
        "department",
        "course",
        "nurse",
        "staff",
        "note",
        "room",
        "team",
        "with",
        "for",
        "by",
    ];
    let named = text.eq_ignore_ascii_case("er")
        && tokens.get(at + 1).is_some_and(|next| next.is_any(&care));
    !upper && !measured && !department && !named
}

/// "you know" is noise only between pauses or marks; "hold on metoprolol" is an order.
fn is_filler(tokens: &[Token], at: usize, length: usize, out: &[Token]) -> bool {
    let paused = |token: &Token| token.pause_ms.is_some_and(|pause| pause >= PAUSE_MS);
    let marked_before = out.last().is_none_or(|token| token.kind == Kind::Mark);
    let before = marked_before && !out.is_empty() || tokens.get(at).is_some_and(paused);
    let next = tokens.get(at + length);
    let after = next.is_some_and(|token| token.kind == Kind::Mark || paused(token));
    (before || out.is_empty()) && after
}

/// The engine's inventions stand as sentences of their own.
fn is_boilerplate(tokens: &[Token], at: usize, out: &[Token]) -> bool {
    let begins = out.last().is_none_or(Token::ends_sentence)
        || tokens.get(at).is_some_and(Token::begins_line);
    let said = tokens.get(at).is_some_and(|token| token.case == Case::Placed);
    begins && (said || at == 0)
}

/// Takes out the phrase and the engine's marks that it alone had.
fn take_out(
    tokens: &[Token],
    at: usize,
    command: &Command,
    out: &mut Vec<Token>,
    findings: &mut Findings,
) -> usize {
    let mut end = at + command.words.len();
    if command.action == Action::Boilerplate {
        while tokens.get(end).is_some_and(|token| !token.ends_sentence() && !token.begins_line()) {
            end += 1;
        }
        end = (end + 1).min(tokens.len());
        let from = tokens.get(at).map_or(0, |token| token.source.start);
        let to = tokens.get(end - 1).map_or(from, |token| token.source.end);
        let note = "The engine wrote words here that it seems to have made up; they are left out.";
        findings.flag(FlagKind::Hallucination, note, from..to);
    }
    let taken = tokens.get(at..end).unwrap_or_default();
    for token in taken {
        findings.remove(token, command.id);
    }
    let comma = |token: &Token| token.by_engine && token.is_mark(",");
    let mut closed = false;
    while tokens.get(end).is_some_and(comma) {
        end += 1;
        closed = true;
    }
    let parenthetical = out.last().is_some_and(comma);
    if parenthetical && (closed || tokens.get(end).is_some_and(Token::ends_sentence)) {
        out.pop();
    }
    // A hesitation that is a sentence of its own takes its full stop along.
    let alone = out.last().is_none_or(Token::ends_sentence);
    if alone && command.action != Action::Boilerplate {
        while tokens.get(end).is_some_and(|token| token.by_engine && token.ends_sentence()) {
            end += 1;
        }
    }
    end
}

fn is_stutter(out: &[Token], token: &Token) -> bool {
    out.last().is_some_and(|last| {
        last.kind == Kind::Word
            && !token.begins_line()
            && last.text.eq_ignore_ascii_case(&token.text)
            && token.is_any(STUTTERED)
    })
}
