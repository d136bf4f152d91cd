//! A dose and no medicine before it: "listen operil 20 mg daily", "plate lets 120,000".
//!
//! Not for: whether a dose is usual (`safety`), or medicines that the recogniser knew.
//!
//! Invariant: a medicine is only put in the place of words that are none, by a sound that no
//! other medicine has, and is always flagged; a dose that nothing is known before is flagged.

use super::{Edit, Scene, letters_of};
use crate::domain::flag::FlagKind;
use crate::text::safety::generic;
use crate::text::token::{Gap, Kind, Token, text_of};
use crate::text::units::{self, Counted};
use crate::text::unnamed::words::NO_NAME;
use crate::vocab::candidates::{self, Candidate};
use crate::vocab::doses::{self, Plausible};
use crate::vocab::term::Subject;
use std::ops::Range;
use std::rc::Rc;

/// Words before a dose that may be a medicine's name.
const WORDS_MAX: usize = 4;
/// Candidates that are held against each other.
const WEIGHED: usize = 8;
/// A medicine is put in from this likeness on; words of the language give way to it only above
/// the second. The least lead over every other one. Chosen on the recordings of
/// `tests/data/critical-slots.tsv`: at these no medicine was put in that had not been said.
const SOUND: f32 = 0.66;
const SOUND_OF_VALID: f32 = 0.76;
const AHEAD: f32 = 0.04;
/// How many different things one text may search the lexicon for; a search takes some
/// milliseconds. Doses behind that are flagged and nothing is put in.
const SEARCHES_MAX: usize = 400;
/// What a dose that is usual for a medicine adds to its likeness.
const DOSE_FITS: f32 = 0.06;

pub fn expected(s: &Scene<'_>, at: usize) -> Option<Edit> {
    torn(s, at).or_else(|| before_dose(s, at))
}

/// Whether what stands here says how or how often something is taken.
pub(super) fn is_taken(s: &Scene<'_>, at: usize) -> bool {
    const TAKEN: [&str; 24] = [
        "daily", "twice", "once", "three", "every", "q", "qd", "qhs", "bid", "tid", "qid", "b",
        "t", "p", "po", "iv", "im", "i", "at", "nightly", "weekly", "by", "orally", "prn",
    ];
    let low = s.low(at);
    let letters: String = low.chars().filter(|c| *c != '.').collect();
    s.is(at, &TAKEN)
        || ["bid", "tid", "qid", "po", "prn", "qhs"].contains(&letters.as_str())
        || low.starts_with('q') && low.chars().nth(1).is_some_and(|c| c.is_ascii_digit())
        || low.starts_with("ivq")
}

/// A dose: what it is of, in which unit, and the place behind it.
struct Dose {
    amount: f32,
    unit: &'static str,
    end: usize,
}

/// The units that a medicine is weighed in, and the percent of a solution.
fn unit_of(text: &str) -> Option<&'static str> {
    if text == "%" || text.eq_ignore_ascii_case("percent") {
        return Some("%");
    }
    match units::of_medicine(text) {
        Some(Counted::Amount("unit")) => Some("units"),
        Some(Counted::Amount(unit @ ("mg" | "mcg" | "g" | "mEq" | "units"))) => Some(unit),
        _ => None,
    }
}

fn dose(s: &Scene<'_>, at: usize) -> Option<Dose> {
    let text = s.text(at);
    let figures = text.trim_end_matches(|c: char| c.is_alphabetic() || c == '%');
    let glued = text.get(figures.len()..).filter(|unit| !unit.is_empty());
    let value = || figures.replace(',', "").parse::<f32>().ok().filter(|value| *value > 0.0);
    if let Some(unit) = glued {
        return Some(Dose { amount: value()?, unit: unit_of(unit)?, end: at + 1 });
    }
    let amount = value().or_else(|| s.small(at).map(|n| n as f32))?;
    Some(Dose { amount, unit: unit_of(s.text(at + 1))?, end: at + 2 })
}

/// Whether the amount is of a thing in something else: "412 mg/dL", "400 mg per deciliter".
fn is_concentration(s: &Scene<'_>, end: usize) -> bool {
    s.is(end, &["per"]) && !s.is(end + 1, &["hour", "minute", "kilogram", "day", "kg"])
        || s.text(end).starts_with('/')
}

fn before_dose(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let dose = dose(s, at)?;
    // An infusion runs "at" its rate.
    let runs = s.was(at, &["at"]) && s.is(dose.end, &["per"]);
    let end = at - usize::from(runs);
    let last = end.checked_sub(1)?;
    if s.is_number(last) || s.is(last, NO_NAME) || is_concentration(s, dose.end) {
        return None;
    }
    let words = words_before(s, end);
    if words.is_empty() {
        return None;
    }
    let named = names_medicine(s, &words);
    if named == Named::Beside {
        return None;
    }
    if dose.unit == "%" && !s.is(dose.end, &["with", "solution", "cream", "ointment", "was"]) {
        return None;
    }
    // Behind a medicine that is named, a second one would be invented: none is looked for.
    let may_sound = matches!(named, Named::Not | Named::Rare);
    let found = may_sound.then(|| sounding(s, &words, &dose)).flatten().filter(|(span, name)| {
        // What is left before a name that was put in would be a rest of it.
        !(words.start..span.start).any(|place| s.is_strange(place))
            && (named == Named::Not || span.len() > 1 && s.likeness(span, name) >= SOUND_OF_VALID)
    });
    if let Some((tokens, name)) = found {
        let heard = text_of(s.tokens.get(tokens.clone()).unwrap_or_default());
        let note = format!(
            "\"{heard}\" was heard before a dose; \"{name}\" is the medicine that sounds like it."
        );
        let words = name.split(' ').map(str::to_owned).collect();
        return Some(Edit { tokens, words, doubt: Some((FlagKind::DrugDose, note)) });
    }
    None
}

/// The words right before a dose, back to a number, a mark of the author or a word that is none
/// of a name.
fn words_before(s: &Scene<'_>, end: usize) -> Range<usize> {
    let mut start = end;
    while start > 0 && end - start < WORDS_MAX {
        let Some(token) = s.tokens.get(start - 1) else { break };
        let engines = token.kind == Kind::Mark && token.by_engine && token.gap == Gap::None;
        let soft = engines && matches!(token.text.as_str(), "," | "\"") && start < end;
        let word = token.kind == Kind::Word && !s.is_number(start - 1);
        let closed =
            start > 1 && s.is(start - 1, &["period", "colon", "comma", "paragraph", "line"]);
        if !(word || soft) || closed {
            break;
        }
        start -= 1;
        if s.tokens.get(start).is_some_and(Token::begins_line) {
            break;
        }
    }
    start..end
}

/// Where a known medicine stands in the words before a dose.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Not,
    /// With other words between it and the dose.
    Before,
    /// One that hardly anybody is seen to use: it may be a part of another.
    Rare,
    Beside,
}

fn names_medicine(s: &Scene<'_>, words: &Range<usize>) -> Named {
    let is_drug = |from: usize, to: usize| {
        let tokens = s.tokens.get(from..to).unwrap_or_default();
        let plain = tokens.iter().all(|token| token.kind == Kind::Word);
        plain && {
            let name = text_of(tokens);
            generic(&name, s.request.lexicon).is_some() || is_class(s, &name)
        }
    };
    let beside: Vec<usize> = words.clone().filter(|from| is_drug(*from, words.end)).collect();
    let is_usual = |from: &usize| {
        let name = text_of(s.tokens.get(*from..words.end).unwrap_or_default());
        let term = s.request.lexicon.find(&name).map(|id| s.request.lexicon.term(id));
        term.is_some_and(|term| term.is_used())
    };
    if beside.iter().any(is_usual) {
        return Named::Beside;
    }
    if !beside.is_empty() {
        return Named::Rare;
    }
    let before = words.clone().any(|from| (from + 1..words.end).any(|to| is_drug(from, to)));
    if before { Named::Before } else { Named::Not }
}

fn is_class(s: &Scene<'_>, name: &str) -> bool {
    let lexicon = s.request.lexicon;
    let term = lexicon.find(name).map(|id| lexicon.term(id));
    term.is_some_and(|term| term.subjects.has(Subject::DrugClass) && !term.part)
}

/// The medicine that the last words before the dose sound like, where one is clearly ahead.
fn sounding(s: &Scene<'_>, words: &Range<usize>, dose: &Dose) -> Option<(Range<usize>, String)> {
    let mut all: Vec<(f32, String, Range<usize>)> = Vec::new();
    for from in words.clone() {
        let is_word = s.tokens.get(from).is_some_and(|token| token.kind == Kind::Word);
        if !is_word || s.is(from, NO_NAME) && words.end - from > 2 {
            continue;
        }
        let span = from..words.end;
        let plain: Vec<&str> = span
            .clone()
            .filter(|place| s.tokens.get(*place).is_some_and(|token| token.kind == Kind::Word))
            .map(|place| s.text(place))
            .collect();
        let valid = span.len() == plain.len() && !span.clone().any(|place| s.is_strange(place));
        if valid && plain.len() == 1 {
            continue;
        }
        let least = if valid { SOUND_OF_VALID } else { SOUND };
        if !candidates::may_be_medicine(s.request.lexicon, &plain, least) {
            continue;
        }
        for candidate in search(s, &plain)?.iter() {
            let Some(name) = medicine(s, candidate) else { continue };
            let Some(fit) = fit(s, &name, dose) else { continue };
            let score = candidate.sound + fit;
            if candidate.sound >= least && score >= least {
                all.push((score, name, span.clone()));
            }
        }
    }
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let (score, name, span) = all.first()?.clone();
    let rival = all.iter().find(|(_, other, _)| letters_of(other) != letters_of(&name));
    rival.is_none_or(|(other, ..)| score - other >= AHEAD).then_some((span, name))
}

/// The terms that sound like these words, searched for once a text; none when the text has had
/// all its searches.
fn search(s: &Scene<'_>, words: &[&str]) -> Option<Rc<[Candidate]>> {
    let said = words.join(" ");
    if let Some(found) = s.searches.borrow().get(&said) {
        return Some(Rc::clone(found));
    }
    if s.searches.borrow().len() >= SEARCHES_MAX {
        return None;
    }
    let found: Rc<[Candidate]> = candidates::for_span(s.request.lexicon, words, WEIGHED).into();
    s.searches.borrow_mut().insert(said, Rc::clone(&found));
    Some(found)
}

fn medicine(s: &Scene<'_>, candidate: &Candidate) -> Option<String> {
    let term = s.request.lexicon.term(candidate.id);
    term.is_usual_medicine().then(|| term.text.to_owned())
}

/// What the dose says for a medicine; nothing speaks for one that is not given so.
fn fit(s: &Scene<'_>, name: &str, dose: &Dose) -> Option<f32> {
    let generic = generic(name, s.request.lexicon).unwrap_or_else(|| name.to_lowercase());
    match doses::plausible(&generic, dose.amount, dose.unit) {
        Plausible::Yes => Some(DOSE_FITS),
        Plausible::TooLow | Plausible::TooHigh => None,
        Plausible::Unknown => Some(0.0),
    }
}

/// "plate lets 120,000", "met formin 500": a name torn in two before its value at `at`.
fn torn(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const LETTERS_MIN: usize = 7;
    if !s.is_figure(at) {
        return None;
    }
    let linked = usize::from(s.was(at, &["of", "is", "was", "were", "are"]));
    let end = at.checked_sub(linked)?;
    let name = end.checked_sub(2)?..end;
    let words = s.tokens.get(name.clone())?;
    let [first, second] = words else { return None };
    let plain = first.kind == Kind::Word && second.kind == Kind::Word && s.is_free(&name);
    if !plain || first.text.len() < 2 || second.text.len() < 2 {
        return None;
    }
    let joined = format!("{}{}", first.text, second.text).to_lowercase();
    let lexicon = s.request.lexicon;
    if joined.len() < LETTERS_MIN || lexicon.find(&text_of(words)).is_some() {
        return None;
    }
    let term = lexicon.term(lexicon.find(&joined)?);
    let measured = term.subjects.has(Subject::Lab) || term.subjects.is_drug();
    (measured && !term.ordinary).then(|| super::plain(name, &[&joined]))
}
