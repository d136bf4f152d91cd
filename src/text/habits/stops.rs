//! "Heparin, 5,000 units": a stop between a medicine and its dose, or a label and its value.
//!
//! Not for: marks that the author dictated.
//!
//! Invariant: a full stop goes only between a medicine and a dose; a dose is never parted from
//! what stood beside it before.

use crate::text::commands::is_number;
use crate::text::request::Request;
use crate::text::token::{Gap, Kind, Token};
use crate::text::units::{self, Counted};
use crate::vocab::lexicon::Term;
use crate::vocab::term::Subject;

/// The most words of a name.
const WORDS_MAX: usize = 3;

/// Takes these stops out.
pub fn apply(tokens: Vec<Token>, request: &Request<'_>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let rest = tokens.get(at + 1..).unwrap_or_default();
        if !is_needless(token, &out, rest, request) {
            out.push(token.clone());
        }
    }
    out
}

fn is_needless(stop: &Token, before: &[Token], after: &[Token], request: &Request<'_>) -> bool {
    let is_engines = stop.by_engine && stop.gap == Gap::None;
    if !is_engines || !(stop.is_mark(",") || stop.is_mark(".")) {
        return false;
    }
    let [value, rest @ ..] = after else { return false };
    if stop.is_mark(",") && before.last().is_some_and(ends_dose) && is_route(value) {
        return true;
    }
    if !is_number(value) || value.begins_line() {
        return false;
    }
    let is_dose = rest.first().is_some_and(is_unit) || unit_in(value).is_some();
    let is_drug = |term: &Term<'_>| term.subjects.is_drug();
    let is_measure = |term: &Term<'_>| term.subjects.has(Subject::Lab);
    if is_dose && ends_with(before, request, is_drug) {
        return true;
    }
    stop.is_mark(",") && ends_with(before, request, is_measure)
}

/// "20 mg, IV" is one dose.
fn ends_dose(token: &Token) -> bool {
    let unit = match token.kind {
        Kind::Word => units::of_medicine(&token.text),
        Kind::Figure => unit_in(token),
        _ => None,
    };
    matches!(unit, Some(Counted::Amount(_)))
}

fn is_route(token: &Token) -> bool {
    const ROUTES: [&str; 14] = [
        "IV", "IM", "PO", "p.o", "p.o.", "SL", "BID", "TID", "QID", "QD", "QHS", "b.i.d", "t.i.d",
        "q.i.d",
    ];
    token.is_any(&ROUTES) && !token.begins_line()
}

fn is_unit(token: &Token) -> bool {
    token.kind == Kind::Word && units::of_medicine(&token.text).is_some()
}

/// The unit of "75mg".
fn unit_in(value: &Token) -> Option<Counted> {
    units::of_medicine(value.text.trim_start_matches(|c: char| !c.is_alphabetic()))
}

/// Whether the last words are a term of this kind that is no ordinary word.
fn ends_with(before: &[Token], request: &Request<'_>, kind: impl Fn(&Term<'_>) -> bool) -> bool {
    (1..=WORDS_MAX.min(before.len())).any(|length| {
        let words = &before[before.len() - length..];
        if words.iter().any(|token| token.kind != Kind::Word) {
            return false;
        }
        let name: Vec<&str> = words.iter().map(|token| token.text.as_str()).collect();
        request.lexicon.find(&name.join(" ")).is_some_and(|id| {
            let term = request.lexicon.term(id);
            !term.ordinary && kind(&term)
        })
    })
}
