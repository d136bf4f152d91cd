//! Stage D: the number grammar. Frames read what stands in the text - a vital, a dose, a date -
//! and write it as the house style wants it.
//!
//! Not for: units (`text::units`), abbreviations (`text::abbreviations`), doubts about doses
//! (`text::safety`).
//!
//! Invariant: every figure that is written has its heard words; a text that is as it should be
//! comes out as it went in. Frames are tried in order, the first match wins, and reading goes
//! on behind it, so the work is linear.

pub mod amounts;
pub mod atoms;
pub mod classes;
pub mod context;
pub mod dates;
pub mod devices;
pub mod grammar;
pub mod identifiers;
pub mod names;
pub mod obstetric;
pub mod ordinals;
pub mod quantity;
pub mod ranges;
pub mod ratios;
pub mod scores;
pub mod spine;
#[cfg(test)]
mod tests;
pub mod times;
pub mod tnm;
pub mod value;
pub mod view;
pub mod words;

use super::request::Request;
use super::token::{Findings, Gap, Token};
use atoms::Sort;
use std::ops::Range;
use view::{Frame, Match, View};

/// Names of letters and figures come first, so that the numbers behind them are read in the
/// light of "INR" and not of "i n r".
const NAMES: [Frame; 7] = [
    classes::leads,
    tnm::tnm,
    spine::spine,
    obstetric::letters,
    names::figured,
    super::abbreviations::dosing,
    super::letters::letters,
];

const NUMBERS: [Frame; 12] = [
    identifiers::identifier,
    ratios::ratio,
    dates::date,
    times::time,
    classes::class,
    obstetric::obstetric,
    scores::score,
    devices::device,
    super::abbreviations::every,
    ordinals::ordinal,
    quantity::signed,
    quantity::quantity,
];

/// Names that are made of letters and figures, and dose abbreviations.
pub fn names(tokens: Vec<Token>, request: &Request<'_>, findings: &mut Findings) -> Vec<Token> {
    rewrite(tokens, request, findings, &NAMES)
}

/// Everything that is a number.
pub fn numbers(tokens: Vec<Token>, request: &Request<'_>, findings: &mut Findings) -> Vec<Token> {
    rewrite(tokens, request, findings, &NUMBERS)
}

/// Stage D and E: names first, then numbers.
pub fn apply(tokens: Vec<Token>, request: &Request<'_>, findings: &mut Findings) -> Vec<Token> {
    let tokens = names(tokens, request, findings);
    numbers(tokens, request, findings)
}

fn rewrite(
    tokens: Vec<Token>,
    request: &Request<'_>,
    findings: &mut Findings,
    frames: &[Frame],
) -> Vec<Token> {
    let mut plan = Vec::new();
    {
        let atoms = atoms::atoms(&tokens);
        let view = View { atoms: &atoms, tokens: &tokens, request };
        let mut done = 0;
        let mut at = 0;
        while at < atoms.len() {
            let matched = match view.sort(at) {
                Sort::Wall => None,
                _ => frames.iter().find_map(|frame| frame(&view, at)),
            };
            let Some(mut found) = matched else {
                at += 1;
                continue;
            };
            found.end = found.end.clamp(at + 1, atoms.len());
            plan_untouched(&view, done..at, &mut plan);
            plan_match(&view, at, &found, &mut plan);
            for doubt in found.doubts {
                findings.flag(doubt.kind, doubt.note, words_of(&view, &doubt.atoms));
            }
            done = found.end;
            at = done;
        }
        if done == 0 {
            return tokens;
        }
        plan_untouched(&view, done..atoms.len(), &mut plan);
    }
    carried_out(tokens, plan)
}

/// What comes out: a token as it was, or a new one.
enum Planned {
    Kept(usize),
    New(Token),
}

fn carried_out(tokens: Vec<Token>, plan: Vec<Planned>) -> Vec<Token> {
    let mut old = tokens.into_iter().enumerate();
    let mut out = Vec::with_capacity(plan.len());
    for planned in plan {
        match planned {
            Planned::New(token) => out.push(token),
            Planned::Kept(place) => {
                out.extend(old.find(|(at, _)| *at == place).map(|(_, token)| token));
            }
        }
    }
    out
}

/// Tokens no frame took stay whole; of a token that was taken in part, the rest stays.
fn plan_untouched(view: &View<'_>, atoms: Range<usize>, plan: &mut Vec<Planned>) {
    let mut at = atoms.start;
    while at < atoms.end {
        let Some(atom) = view.atoms.get(at) else {
            return;
        };
        let Some(token) = view.tokens.get(atom.token) else {
            return;
        };
        let mut end = at + 1;
        while end < atoms.end && view.atoms.get(end).is_some_and(|a| a.token == atom.token) {
            end += 1;
        }
        let last = view.atoms.get(end - 1).unwrap_or(atom);
        let begins = at == 0
            || view.atoms.get(at - 1).is_none_or(|a| a.token != atom.token)
            || view.sort(at - 1) == Sort::Wall;
        let ends = view.atoms.get(end).is_none_or(|next| next.token != atom.token);
        if begins && ends {
            if !matches!(plan.last(), Some(Planned::Kept(last)) if *last == atom.token) {
                plan.push(Planned::Kept(atom.token));
            }
        } else if last.at.end > atom.at.start {
            let text = token.text.get(atom.at.start..last.at.end).unwrap_or_default();
            let mut part = Token::joined(std::slice::from_ref(token), text, token.kind, "");
            part.rule = token.rule;
            if !begins {
                part.gap = Gap::None;
            }
            plan.push(Planned::New(part));
        }
        at = end;
    }
}

fn plan_match(view: &View<'_>, from: usize, found: &Match, plan: &mut Vec<Planned>) {
    for (place, piece) in found.pieces.iter().enumerate() {
        let atoms = piece.atoms.start.max(from)..piece.atoms.end.min(found.end);
        let (Some(first), Some(last)) =
            (view.atoms.get(atoms.start), view.atoms.get(atoms.end.saturating_sub(1)))
        else {
            continue;
        };
        let Some(parts) = view.tokens.get(first.token..=last.token.max(first.token)) else {
            continue;
        };
        let mut token = Token::joined(parts, piece.text.as_str(), piece.kind, piece.rule);
        if piece.rule.is_empty() {
            token.rule = parts.first().and_then(|part| part.rule);
        }
        if let [only] = parts {
            token.by_engine = only.by_engine;
            token.score = only.score;
            if only.text == piece.text {
                token.rule = only.rule;
            }
        }
        if place > 0 {
            token.gap = if piece.closed { Gap::None } else { Gap::Space };
        } else if first.at.start > 0 {
            token.gap = if piece.closed || first.glued { Gap::None } else { Gap::Space };
        }
        plan.push(Planned::New(token));
    }
}

fn words_of(view: &View<'_>, atoms: &Range<usize>) -> Range<u32> {
    let token = |at: usize| view.atoms.get(at).and_then(|atom| view.tokens.get(atom.token));
    let start = token(atoms.start).map_or(0, |token| token.source.start);
    let end = token(atoms.end.saturating_sub(1)).map_or(start, |token| token.source.end);
    start..end.max(start)
}
