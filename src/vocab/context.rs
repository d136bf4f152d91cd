//! What stands around a span, and how it speaks for or against a term.
//!
//! Not for: sound and spelling (`candidates`).
//!
//! Invariant: context moves a score by less than the difference between a good and a poor
//! match, so it settles between terms that sound alike and invents none.

use super::doses::{self, Plausible};
use super::lexicon::{Layer, Lexicon, Term};
use super::term::{Subject, Subjects};

/// The place of a span in its dictation.
#[derive(Clone, Debug, Default)]
pub struct Context<'a> {
    /// Words before the span, the nearest last.
    pub before: &'a [&'a str],
    /// Words after the span, the nearest first.
    pub after: &'a [&'a str],
    /// The heading of the section, in any capitals.
    pub section: Option<&'a str>,
    /// The code of the work type, such as OP.
    pub work_type: Option<&'a str>,
    /// The recogniser's confidence in the least sure word of the span, 0 to 1.
    pub confidence: Option<f32>,
    /// The span begins a sentence, so a capital says nothing.
    pub begins_sentence: bool,
}

/// What each kind of evidence adds or takes at most.
const DOSE_BESIDE: f32 = 0.06;
const DOSE_FITS: f32 = 0.03;
const DOSE_DOES_NOT_FIT: f32 = 0.05;
const DRUG_WORD_BESIDE: f32 = 0.03;
const SECTION: f32 = 0.04;
const WORK_TYPE: f32 = 0.02;
const OF_THE_PATIENT: f32 = 0.08;

/// How many words after the span a dose may stand.
const DOSE_REACH: usize = 4;

const UNITS: [&str; 20] = [
    "mg",
    "mcg",
    "g",
    "gram",
    "grams",
    "milligram",
    "milligrams",
    "microgram",
    "micrograms",
    "mL",
    "ml",
    "milliliters",
    "units",
    "unit",
    "mEq",
    "milliequivalents",
    "percent",
    "%",
    "puffs",
    "tablets",
];
const FREQUENCIES: [&str; 20] = [
    "daily", "nightly", "weekly", "monthly", "b.i.d", "t.i.d", "q.i.d", "bid", "tid", "qid",
    "p.r.n", "prn", "q.h.s", "bedtime", "twice", "po", "p.o", "hs", "tablet", "orally",
];
const DRUG_WORDS: [&str; 24] = [
    "on",
    "taking",
    "takes",
    "take",
    "took",
    "prescribed",
    "prescription",
    "started",
    "start",
    "given",
    "continue",
    "continued",
    "received",
    "tried",
    "dose",
    "of",
    "with",
    "allergic",
    "using",
    "uses",
    "increase",
    "decrease",
    "stop",
    "stopped",
];

/// Sections by a word of their heading, with the subjects that belong there.
const SECTIONS: [(&str, &[Subject]); 12] = [
    ("medication", &[Subject::Generic, Subject::Brand, Subject::DrugClass]),
    ("allerg", &[Subject::Generic, Subject::Brand, Subject::DrugClass]),
    ("discharge med", &[Subject::Generic, Subject::Brand]),
    ("laborator", &[Subject::Lab, Subject::Organism]),
    ("physical exam", &[Subject::Anatomy, Subject::Finding]),
    ("imaging", &[Subject::Imaging, Subject::Anatomy, Subject::Finding]),
    ("findings", &[Subject::Imaging, Subject::Anatomy, Subject::Finding]),
    ("impression", &[Subject::Finding, Subject::Imaging]),
    ("diagnos", &[Subject::Finding]),
    ("assessment", &[Subject::Finding]),
    ("procedure", &[Subject::Procedure, Subject::Device, Subject::Anatomy]),
    ("surgical", &[Subject::Procedure]),
];

const WORK_TYPES: [(&str, &[Subject]); 5] = [
    ("OP", &[Subject::Procedure, Subject::Device, Subject::Anatomy]),
    ("BO", &[Subject::Procedure, Subject::Device, Subject::Anatomy]),
    ("RA", &[Subject::Imaging, Subject::Anatomy]),
    ("RAD", &[Subject::Imaging, Subject::Anatomy]),
    ("PATH", &[Subject::Finding, Subject::Anatomy]),
];

/// What the context adds to the score of a term, below 0 where it speaks against it.
pub fn bonus(lexicon: &Lexicon, term: &Term<'_>, context: &Context<'_>) -> f32 {
    let mut sum = 0.0;
    if dose_beside(context.after) {
        sum += if term.subjects.is_drug() { DOSE_BESIDE } else { -DOSE_BESIDE };
        sum += dose_fit(lexicon, term, context.after);
    }
    let drug_word = context.before.last().is_some_and(|word| is_one(word, &DRUG_WORDS));
    if drug_word && term.subjects.is_drug() {
        sum += DRUG_WORD_BESIDE;
    }
    if let Some(section) = context.section.map(str::to_lowercase) {
        let here = SECTIONS.iter().find(|(part, _)| section.contains(part));
        sum += here.map_or(0.0, |(_, subjects)| of(term.subjects, subjects) * SECTION);
    }
    if let Some(code) = context.work_type {
        let here = WORK_TYPES.iter().find(|(known, _)| *known == code);
        sum += here.map_or(0.0, |(_, subjects)| of(term.subjects, subjects) * WORK_TYPE);
    }
    if term.layer == Layer::Patient {
        let in_place = !term.subjects.is_drug() || is_beside_drug_words(context);
        sum += if in_place { OF_THE_PATIENT } else { OF_THE_PATIENT / 2.0 };
    }
    sum
}

/// Whether a dose or a frequency follows, or a word such as "takes" goes before.
pub fn is_beside_drug_words(context: &Context<'_>) -> bool {
    dose_beside(context.after)
        || context.before.last().is_some_and(|word| is_one(word, &DRUG_WORDS) && *word != "of")
}

/// Whether a dose or a frequency stands beside the span, as it does beside a medicine.
pub fn dose_beside(after: &[&str]) -> bool {
    after.iter().take(DOSE_REACH).any(|word| is_one(word, &UNITS) || is_one(word, &FREQUENCIES))
}

fn dose_fit(lexicon: &Lexicon, term: &Term<'_>, after: &[&str]) -> f32 {
    let Some((amount, unit)) = dose(after) else { return 0.0 };
    let generic = term.of.map_or(term.text, |id| lexicon.term(id).text);
    match doses::plausible(generic, amount, unit) {
        Plausible::Yes => DOSE_FITS,
        Plausible::TooLow | Plausible::TooHigh => -DOSE_DOES_NOT_FIT,
        Plausible::Unknown => 0.0,
    }
}

/// The first amount with a unit in reach.
fn dose<'a>(after: &[&'a str]) -> Option<(f32, &'a str)> {
    let reach = after.get(..after.len().min(DOSE_REACH))?;
    reach.windows(2).find_map(|pair| {
        let amount = pair[0].parse().ok()?;
        is_one(pair[1], &UNITS).then(|| (amount, bare(pair[1])))
    })
}

fn of(subjects: Subjects, belonging: &[Subject]) -> f32 {
    if belonging.iter().any(|subject| subjects.has(*subject)) { 1.0 } else { 0.0 }
}

fn is_one(word: &str, list: &[&str]) -> bool {
    list.iter().any(|known| known.eq_ignore_ascii_case(bare(word)))
}

fn bare(word: &str) -> &str {
    word.trim_matches([',', '.', ';', ':'])
}
