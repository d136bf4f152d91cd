//! Marks at one place: the dictated one wins, and none is doubled.
//!
//! Not for: writing dictated marks (`commands::written`).
//!
//! Invariant: a mark that stands alone is never touched.

use super::token::{Gap, Kind, Token};

/// Settles each run of marks between two words.
pub fn apply(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut run: Vec<Token> = Vec::new();
    for token in tokens {
        if token.kind == Kind::Mark && (run.is_empty() || !token.begins_line()) {
            run.push(token);
            continue;
        }
        settle(&mut run, &mut out);
        if token.kind == Kind::Mark { run.push(token) } else { out.push(token) }
    }
    settle(&mut run, &mut out);
    out
}

/// Leaves out a full stop after an abbreviation that ends in one.
pub fn after_abbreviations(tokens: &mut Vec<Token>) {
    let mut ends_in_stop = false;
    tokens.retain(|token| {
        let doubled = ends_in_stop && token.is_mark(".") && token.gap == Gap::None;
        ends_in_stop =
            token.kind != Kind::ItemNumber && token.kind != Kind::Mark && token.text.ends_with('.');
        !doubled
    });
}

fn settle(run: &mut Vec<Token>, out: &mut Vec<Token>) {
    if run.len() > 1 {
        let dictated = run.iter().any(|token| is_stop(token) && !token.by_engine);
        if dictated {
            run.retain(|token| !(token.by_engine && is_stop(token)));
        }
        quote_last(run);
        keep_last_stop(run);
    } else if let [token] = run.as_slice()
        && is_stop(token)
        && token.gap == Gap::None
        && out.is_empty()
    {
        // What it ended was taken out.
        run.clear();
    }
    out.append(run);
}

fn is_stop(token: &Token) -> bool {
    token.kind == Kind::Mark && matches!(token.text.as_str(), "." | "," | ";" | ":" | "?" | "!")
}

/// A full stop or comma goes inside a dictated closing quote.
fn quote_last(run: &mut [Token]) {
    for at in 1..run.len() {
        let closes = run
            .get(at - 1)
            .is_some_and(|token| token.is_mark("\"") && token.gap == Gap::None && !token.by_engine);
        let goes_inside = run.get(at).is_some_and(|token| {
            (token.is_mark(".") || token.is_mark(",")) && token.gap == Gap::None
        });
        if closes && goes_inside {
            run.swap(at - 1, at);
        }
    }
}

/// Of two stops side by side the later stays, where the author dictated one.
fn keep_last_stop(run: &mut Vec<Token>) {
    let mut at = 1;
    while at < run.len() {
        let pair = run.get(at - 1..=at).unwrap_or_default();
        let same = pair.first().map(|token| &token.text) == pair.last().map(|token| &token.text);
        let apart =
            pair.first().map(|token| &token.source) != pair.last().map(|token| &token.source);
        let dictated = pair.iter().any(|token| !token.by_engine);
        let doubled = pair.iter().all(is_stop) && (dictated || same && apart);
        if doubled {
            run.remove(at - 1);
        } else {
            at += 1;
        }
    }
}
