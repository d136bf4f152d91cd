//! Names with capitals of their own: brands, eponyms, organisms, places.
//!
//! Not for: capitals at the start of a sentence (`capitals`).
//!
//! Invariant: a word of ordinary English never becomes a name by itself.

use super::token::{Case, Gap, Kind, Token};
use crate::vocab::lexicon::{Layer, Lexicon, Term, TermId};
use crate::vocab::term::Subject;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Names that the lexicon has not, as the house style writes them (domain specification 2).
const OWN: &[&str] = &[
    "New York Heart Association",
    "American Society of Anesthesiologists",
    "African American",
    "Native American",
    "Asian American",
    "Pacific Islander",
    "Caucasian",
    "Hispanic",
    "Latino",
    "Latina",
    "English",
    "Spanish",
    "French-speaking",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "January",
    "February",
    "April",
    "June",
    "July",
    "September",
    "October",
    "November",
    "December",
    "Medicare",
    "Medicaid",
    "Trendelenburg",
    "reverse Trendelenburg",
    "Glasgow Coma Scale",
    "Salter-Harris",
    "Le Fort",
    "Down syndrome",
    "Breslow",
    "Fuhrman",
    "Gleason",
    "Mallampati",
    "Apgar",
    "Apgars",
    "Clark level",
    "BI-RADS",
    "MoCA",
    "I",
    "I'm",
    "I've",
    "I'd",
    "I'll",
];

/// Terms with capitals that the house style writes small.
const NEVER: &[&str] = &["STAT", "BPM"];
/// Short abbreviations that are nothing else, heard in small letters.
const SHORT: &[&str] = &[
    "CT", "MRI", "MRA", "CTA", "EKG", "ECG", "EEG", "EMG", "ICU", "CCU", "GI", "GU", "UTI", "DVT",
    "HIV", "CBC", "BMP", "CMP", "CHF", "CAD", "TIA", "CVA", "EGD", "ERCP", "GERD",
];

/// The most words of a name.
const WORDS_MAX: usize = 5;
/// Words of English up to this level are never names by themselves.
const ENGLISH_LEVEL_MAX: u8 = 55;

/// A name as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// How many tokens it is heard as.
    pub words: usize,
    pub text: String,
    pub rule: &'static str,
}

/// Whether the house style has it as a name of one word.
pub fn is_own(word: &str) -> bool {
    OWN.contains(&word)
}

/// The names of a lexicon, by their first word.
pub struct Names {
    built_in: &'static ByFirst,
    added: ByFirst,
}

type ByFirst = HashMap<String, Vec<(Vec<String>, String)>>;

impl Names {
    pub fn of(lexicon: &Lexicon) -> Self {
        static BUILT_IN: OnceLock<ByFirst> = OnceLock::new();
        let built_in = BUILT_IN.get_or_init(|| {
            let lexicon = Lexicon::built_in();
            let mut names = ByFirst::new();
            for name in OWN.iter().chain(SHORT) {
                insert(&mut names, name);
            }
            for id in lexicon.ids() {
                insert_term(&mut names, &lexicon, &lexicon.term(id));
            }
            sort(names)
        });
        let mut added = ByFirst::new();
        let count = Lexicon::built_in().len();
        for id in (count..lexicon.len()).map(|place| TermId(place as u32)) {
            insert_term(&mut added, lexicon, &lexicon.term(id));
        }
        Self { built_in, added: sort(added) }
    }

    /// The longest name that these tokens begin with.
    pub fn longest(&self, tokens: &[Token]) -> Option<Spelling> {
        let first = tokens.first().filter(|token| may_begin(token))?;
        let lower = first.text.to_ascii_lowercase();
        let (stem, tail) = match lower.strip_suffix("'s") {
            Some(stem) => (stem, "'s"),
            None => (lower.as_str(), ""),
        };
        let known = [self.added.get(stem), Some(self.built_in).and_then(|names| names.get(stem))];
        for (words, text) in known.into_iter().flatten().flatten() {
            if words.len() > 1 && tail.is_empty() && follows(tokens, words) {
                return changed(tokens, words.len(), text.clone());
            }
            if words.len() == 1 {
                return changed(tokens, 1, format!("{text}{tail}"));
            }
        }
        None
    }
}

/// The name, unless it is written so already. One of several words that stands as it should may
/// owe that to a habit of the engine.
fn changed(tokens: &[Token], words: usize, text: String) -> Option<Spelling> {
    let heard = tokens.get(..words).unwrap_or_default();
    let same = heard.iter().map(|token| token.text.as_str()).eq(text.split(' '));
    // Capitals that the engine or the author gave are left alone, but for a single first one.
    let capitals = heard.iter().any(|token| token.text.chars().skip(1).any(char::is_uppercase));
    let placed = words > 1 && heard.iter().any(|token| token.case == Case::Placed);
    ((!same || placed) && !capitals).then_some(Spelling { words, text, rule: "R-CAP" })
}

fn may_begin(token: &Token) -> bool {
    token.kind == Kind::Word && matches!(token.case, Case::Free | Case::Placed)
}

fn follows(tokens: &[Token], words: &[String]) -> bool {
    let Some(found) = tokens.get(..words.len()) else { return false };
    found.iter().zip(words).skip(1).all(|(token, word)| {
        may_begin(token) && token.gap == Gap::Space && token.text.eq_ignore_ascii_case(word)
    })
}

fn insert_term(names: &mut ByFirst, lexicon: &Lexicon, term: &Term<'_>) {
    let capital = term.text.chars().any(char::is_uppercase);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '\'');
    if !capital || !term.text.chars().all(plain) || term.text.len() > 60 {
        return;
    }
    let single = !term.text.contains([' ', '-']);
    let english = lexicon.english_level(term.text).is_some_and(|level| level <= ENGLISH_LEVEL_MAX);
    let added = term.layer != Layer::BuiltIn;
    let abbreviation = term.subjects.has(Subject::Abbreviation);
    let english = english || single && lexicon.english_level(term.text).is_some() && abbreviation;
    let short = single && term.text.len() < 4 || NEVER.contains(&term.text);
    // Titles of code lists begin with a capital that is none of the word's own.
    let doubtful = single && (term.ordinary || term.ambiguous || english || short) && !added;
    if !doubtful {
        insert(names, term.text);
    }
}

fn insert(names: &mut ByFirst, text: &str) {
    let words: Vec<String> = text.to_lowercase().split([' ', '-']).map(str::to_owned).collect();
    if words.len() > WORDS_MAX {
        return;
    }
    if let Some(first) = words.first() {
        names.entry(first.clone()).or_default().push((words, text.to_owned()));
    }
}

/// The longest first.
fn sort(mut names: ByFirst) -> ByFirst {
    for same in names.values_mut() {
        same.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.1.cmp(&b.1)));
    }
    names
}
