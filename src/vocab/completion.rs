//! Terms that go on from the letters somebody has typed.
//!
//! Not for: what was said (`candidates.rs`) or whether a word is right (`readings.rs`).
//!
//! Invariant: a term is offered only if it begins with the letters; the order depends on nothing
//! but the arguments.

use super::lexicon::{Lexicon, Term};
use super::term::{Subject, key};
use std::collections::HashSet;

/// Fewer letters begin too many terms to choose from.
pub const LETTERS_MIN: usize = 3;

/// What a section's heading says of its terms: a part of the heading, and the subjects.
const SUBJECTS: &[(&str, &[Subject])] = &[
    ("MEDICATION", &[Subject::Generic, Subject::Brand]),
    ("ALLERG", &[Subject::Generic, Subject::Brand, Subject::DrugClass]),
    ("PLAN", &[Subject::Generic, Subject::Brand, Subject::Procedure, Subject::Imaging]),
    ("LAB", &[Subject::Lab, Subject::Organism]),
    ("DATA", &[Subject::Lab, Subject::Imaging]),
    ("STUDIES", &[Subject::Imaging, Subject::Lab]),
    ("PROCEDURE", &[Subject::Procedure, Subject::Device]),
    ("OPERATION", &[Subject::Procedure, Subject::Device]),
    ("TECHNIQUE", &[Subject::Procedure, Subject::Device, Subject::Imaging]),
    ("EXAM", &[Subject::Anatomy, Subject::Finding]),
    ("FINDINGS", &[Subject::Anatomy, Subject::Finding]),
    ("IMPRESSION", &[Subject::Finding]),
    ("ASSESSMENT", &[Subject::Finding]),
    ("DIAGNOS", &[Subject::Finding]),
    ("HISTORY", &[Subject::Finding, Subject::Procedure]),
];

/// Steps of `Term::common` that a term gains for its section, and for its patient (judgment: the
/// patient's own medicine comes before any other, a term of the section before a commoner one).
const OF_SECTION: u32 = 5;
const OF_PATIENT: u32 = 20;

/// The terms that begin with these letters, the likeliest first. `patient` holds keys of terms
/// from the patient's own record.
pub fn completions(
    lexicon: &Lexicon,
    letters: &str,
    section: Option<&str>,
    patient: &HashSet<String>,
    most: usize,
) -> Vec<String> {
    let beginning = key(letters);
    if beginning.chars().count() < LETTERS_MIN {
        return Vec::new();
    }
    let wanted = subjects_of(section.unwrap_or_default());
    let mut found: Vec<(u32, &str)> = Vec::new();
    for id in lexicon.starting_with(&beginning) {
        let term = lexicon.term(id);
        if !term.part && term.text.chars().count() > letters.trim().chars().count() {
            found.push((weight(&term, &wanted, patient), term.text));
        }
    }
    found.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.len().cmp(&b.1.len())).then(a.1.cmp(b.1)));
    found.dedup_by(|later, first| later.1 == first.1);
    found.into_iter().take(most).map(|(_, text)| text.to_owned()).collect()
}

fn weight(term: &Term<'_>, wanted: &[Subject], patient: &HashSet<String>) -> u32 {
    let in_section = wanted.iter().any(|subject| term.subjects.has(*subject));
    let of_patient = patient.contains(&key(term.text));
    u32::from(term.common)
        + if in_section { OF_SECTION } else { 0 }
        + if of_patient { OF_PATIENT } else { 0 }
}

fn subjects_of(section: &str) -> Vec<Subject> {
    let section = section.to_uppercase();
    let named = SUBJECTS.iter().filter(|(part, _)| section.contains(part));
    named.flat_map(|(_, subjects)| subjects.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(letters: &str, section: Option<&str>, patient: &[&str]) -> Vec<String> {
        let patient = patient.iter().map(|term| key(term)).collect();
        completions(&Lexicon::built_in(), letters, section, &patient, 8)
    }

    #[test]
    fn every_term_goes_on_from_the_letters() {
        let terms = first("metop", None, &[]);
        assert!(terms.contains(&"metoprolol".to_owned()), "{terms:?}");
        assert!(terms.iter().all(|term| key(term).starts_with("metop")), "{terms:?}");
        assert!(first("me", None, &[]).is_empty(), "too few letters");
        assert!(first("metoprololx", None, &[]).is_empty());
    }

    #[test]
    fn the_section_and_the_patient_come_first() {
        let drugs = first("cef", Some("CURRENT MEDICATIONS"), &[]);
        let lexicon = Lexicon::built_in();
        let is_drug = |term: &String| {
            lexicon.find(term).is_some_and(|id| lexicon.term(id).subjects.is_drug())
        };
        assert!(drugs.iter().all(is_drug), "{drugs:?}");
        let own = first("met", Some("PLAN"), &["methimazole"]);
        assert_eq!(own.first().map(String::as_str), Some("methimazole"), "{own:?}");
    }
}
