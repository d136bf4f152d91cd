//! A dose and no medicine before it: "print this on 40 mg daily", "Septra axon 1 g IV".
//!
//! Not for: whether a dose is usual for its medicine (`safety`), or putting one in by its sound
//! (`expected::medicine`).
//!
//! Invariant: raises flags only; looks at one sentence and at the medicines named before it.

#[cfg(test)]
mod tests;
pub mod words;

use super::commands::is_number;
use super::request::Request;
use super::safety::generic;
use super::token::{Findings, Gap, Kind, Token, text_of, words_of};
use super::units::{self, Counted};
use crate::domain::flag::FlagKind;
use crate::vocab::doses;
use crate::vocab::lexicon::{Lexicon, Term};
use crate::vocab::term::Subject;
use words::{FORMS, NO_NAME, REFERENTS, SALTS, TIMES};

/// How far back a sentence is looked at, in tokens.
const REACH: usize = 30;

/// How far back a medicine may be named that a later sentence tells of.
const NAMED_REACH: usize = 120;

/// Flags the doses that no medicine is known for.
pub fn check(tokens: &[Token], request: &Request<'_>, findings: &mut Findings) {
    let mut begins = 0;
    for at in 0..tokens.len() {
        let Some(token) = tokens.get(at) else { break };
        if token.begins_line() || at > 0 && tokens[at - 1].ends_sentence() {
            begins = at;
        }
        if token.kind != Kind::Figure || !is_dose(tokens, at) {
            continue;
        }
        let place = |from: usize| words_of(tokens.get(from..at + 2).unwrap_or_default());
        if at > begins && is_second_number(tokens, at) {
            let note = "A number stands right before this dose; what is it of?";
            findings.flag(FlagKind::DrugDose, note, place(at - 1));
        } else if let Some(from) = unnamed(tokens, begins, at, request.lexicon) {
            let name = text_of(tokens.get(from..at).unwrap_or_default());
            let dose = text_of(tokens.get(at..at + 2).unwrap_or_default());
            let note = format!("\"{name}\" stands before {dose} and is no known medicine.");
            findings.flag(FlagKind::DrugDose, note, place(from));
        }
    }
}

/// "On a 7 5 mg b.i.d.": the first number counts nothing.
fn is_second_number(tokens: &[Token], dose: usize) -> bool {
    let counted = |token: &Token| {
        matches!(units::of_medicine(&token.text), Some(Counted::Form)) || token.is("each")
    };
    let counts = tokens.get(dose + 2..(dose + 6).min(tokens.len())).unwrap_or_default();
    let before = tokens.get(dose - 1..=dose).unwrap_or_default();
    let [first, dose] = before else { return false };
    is_number(first) && dose.gap == Gap::Space && !counts.iter().any(counted)
}

/// Whether the figure is of a medicine by its unit: grams only where it says how they are given.
fn is_dose(tokens: &[Token], at: usize) -> bool {
    let Some(unit) = tokens.get(at + 1).filter(|unit| unit.kind == Kind::Word) else {
        return false;
    };
    let (first, per) = unit.text.split_once('/').unwrap_or((unit.text.as_str(), ""));
    let concentration = matches!(per, "dL" | "L" | "mL" | "mcL");
    let given = (2..5).any(|ahead| tokens.get(at + ahead).is_some_and(is_given));
    match units::of_medicine(first) {
        Some(Counted::Amount("mg" | "mcg" | "mEq")) => !concentration,
        Some(Counted::Amount("g" | "units" | "unit")) => !concentration && given,
        _ => false,
    }
}

fn is_given(token: &Token) -> bool {
    token.is_any(&[
        "IV",
        "IM",
        "p.o.",
        "daily",
        "every",
        "twice",
        "b.i.d.",
        "t.i.d.",
        "q.i.d.",
        "p.r.n.",
        "weekly",
        "nightly",
        "bedtime",
        "subcutaneously",
        "orally",
        "meal",
        "meals",
        "breakfast",
    ]) || token.text.starts_with("q.")
}

/// Where the words begin that stand before the dose at `dose` in a medicine's place; none where a
/// medicine is known.
fn unnamed(tokens: &[Token], begins: usize, dose: usize, lexicon: &Lexicon) -> Option<usize> {
    let sentence_begins = begins;
    let begins = begins.max(dose.saturating_sub(REACH));
    if follows(tokens, dose, lexicon) {
        return None;
    }
    let run = run_before(tokens, begins, dose);
    let names = (run..dose).rev().find_map(|at| Some(at + medicine(tokens, at, lexicon)?));
    let behind = names.unwrap_or(run);
    let strange = (behind..dose).any(|at| !is_form(&tokens[at], lexicon));
    if names.is_some() {
        return strange.then_some(run);
    }
    if run < dose && strange {
        return (!is_measured(&tokens[run..dose], lexicon)).then_some(run);
    }
    let sentence = tokens.get(begins..dose).unwrap_or_default();
    let told = sentence.iter().any(|token| token.is_any(REFERENTS) || token.kind == Kind::Blank)
        || is_measured(sentence, lexicon)
        || (begins..dose).any(|at| medicine(tokens, at, lexicon).is_some());
    let before = sentence_begins.saturating_sub(NAMED_REACH)..sentence_begins;
    let named = || before.clone().any(|at| medicine(tokens, at, lexicon).is_some());
    (!told && !sentence.is_empty() && !named()).then_some(begins)
}

/// The words right before a dose, back to a mark, a number or a word that is none of a name.
fn run_before(tokens: &[Token], begins: usize, dose: usize) -> usize {
    let mut run = dose;
    while run > begins {
        let Some(token) = tokens.get(run - 1) else { break };
        let is_name = token.kind == Kind::Word
            && !token.is_any(NO_NAME)
            && !token.is_any(TIMES)
            && units::of_medicine(&token.text).is_none()
            && !is_number(token);
        if !is_name {
            break;
        }
        run -= 1;
    }
    run
}

/// "40 mg of prednisone", "2 mg IV morphine".
fn follows(tokens: &[Token], dose: usize, lexicon: &Lexicon) -> bool {
    let passes = |token: &Token| token.is_any(NO_NAME) || is_given(token);
    let mut at = dose + 2;
    while tokens.get(at).is_some_and(passes) && at < dose + 6 {
        at += 1;
    }
    (dose + 2..=at).any(|at| medicine(tokens, at, lexicon).is_some())
}

/// How many tokens the usual medicine or class that begins here has.
fn medicine(tokens: &[Token], at: usize, lexicon: &Lexicon) -> Option<usize> {
    let first = tokens.get(at).filter(|token| token.kind == Kind::Word && token.text.len() > 2)?;
    let is_usual = |name: &str| {
        let term = lexicon.find(name).map(|id| lexicon.term(id));
        term.is_some_and(|term| is_medicine(&term, name, lexicon))
    };
    let next = tokens.get(at + 1).filter(|next| next.kind == Kind::Word);
    if let Some(next) = next
        && is_usual(&format!("{} {}", first.text, next.text))
    {
        return Some(2);
    }
    // "MSO4" was written out and is one token still.
    let name = first.text.split_once(' ').map_or(first.text.as_str(), |(name, _)| name);
    (is_usual(&first.text) || is_usual(name)).then_some(1)
}

fn is_medicine(term: &Term<'_>, name: &str, lexicon: &Lexicon) -> bool {
    if term.subjects.has(Subject::DrugClass) && !term.part {
        return true;
    }
    let dosed = || generic(name, lexicon).is_some_and(|name| doses::dosing(&name).is_some());
    term.subjects.is_drug() && !term.part && (term.is_used() || dosed())
}

/// Whether a word may stand between a medicine and its dose: a salt, a form, a route.
fn is_form(token: &Token, lexicon: &Lexicon) -> bool {
    let salt = || {
        let term = lexicon.find(&token.text).map(|id| lexicon.term(id));
        term.is_some_and(|term| {
            term.subjects.has(Subject::Generic) || term.subjects.has(Subject::DrugClass)
        })
    };
    token.is_any(NO_NAME)
        || token.is_any(FORMS)
        || token.is_any(SALTS)
        || units::of_medicine(&token.text).is_some()
        || salt()
}

/// Whether the words name what a laboratory measures.
fn is_measured(tokens: &[Token], lexicon: &Lexicon) -> bool {
    tokens.iter().filter(|token| token.kind == Kind::Word && token.text.len() > 2).any(|token| {
        let term = lexicon.find(&token.text).map(|id| lexicon.term(id));
        term.is_some_and(|term| term.subjects.has(Subject::Lab))
            || token.is_any(&["level", "levels", "excretion", "clearance", "urine", "serum"])
    })
}
