//! Help with words while a report is typed: terms that go on from a few letters, and words that
//! no list knows.
//!
//! Not for: what was heard (`speech`, `text`).
//!
//! Invariant: it helps whoever has the report in their hands and saw it when they took it, so
//! that no look of its own is written for every few letters.

use super::error::WorkflowError;
use super::sight::{Eyes, Sight, changeable};
use super::site::{Acting, Site, look};
use super::vocabulary::{Layers, named};
use crate::domain::audit::Act;
use crate::domain::evidence::distinct_words;
use crate::domain::ids::{PatientId, ReportId};
use crate::domain::report::Report;
use crate::store::db::Tx;
use crate::store::vocab_terms::{self, LayerOf};
use crate::store::{chart, reports};
use crate::vocab::completion::{LETTERS_MIN, completions};
use crate::vocab::lexicon::{AddedTerm, Lexicon};
use crate::vocab::readings;
use crate::vocab::term::{TERM_BYTES_MAX, key};
use std::collections::HashSet;

/// The most terms that are offered.
const OFFERED_MAX: usize = 12;

/// The most words of one question about spelling: those of a report of an hour.
pub const WORDS_MAX: usize = 10_000;

/// The longest word that is looked up, in bytes.
const WORD_BYTES_MAX: usize = 100;

/// The newest filed reports of the patient whose medicines are offered first.
const EARLIER_MAX: usize = 5;

/// The most words that are read of one of them.
const EARLIER_WORDS_MAX: usize = 4_000;

/// Terms that begin with these letters, those of the patient and of the section first.
pub fn complete(
    site: &Site,
    who: &Acting,
    id: ReportId,
    letters: &str,
    section: Option<&str>,
) -> Result<Vec<String>, WorkflowError> {
    let letters = letters.trim();
    if letters.len() > TERM_BYTES_MAX {
        return Err(WorkflowError::invalid("letters", "no term is as long as this"));
    }
    if letters.chars().count() < LETTERS_MIN {
        return Ok(Vec::new());
    }
    look(site, who, Act::SaveVersion, |tx, record| {
        record.is_written_already();
        let report = changeable(site, tx, who, Act::SaveVersion, id)?;
        let mut added: Vec<AddedTerm> = Vec::new();
        for of in layers(tx, &report)? {
            added.extend(vocab_terms::beginning(tx, &of, &key(letters), OFFERED_MAX as u32)?);
        }
        let lexicon = Lexicon::with(added);
        let own = match report.patient {
            Some(patient) => medicines(site, tx, who, &lexicon, patient, &report)?,
            None => HashSet::new(),
        };
        Ok(completions(&lexicon, letters, section, &own, OFFERED_MAX))
    })
}

/// Those of the words that neither English nor any layer of the lexicon knows.
pub fn unknown(
    site: &Site,
    who: &Acting,
    id: ReportId,
    words: Vec<String>,
) -> Result<Vec<String>, WorkflowError> {
    if words.len() > WORDS_MAX || words.iter().any(|word| word.len() > WORD_BYTES_MAX) {
        return Err(WorkflowError::invalid("words", "too many words, or too long a word"));
    }
    look(site, who, Act::SaveVersion, |tx, record| {
        record.is_written_already();
        let report = changeable(site, tx, who, Act::SaveVersion, id)?;
        let (lexicon, layers) = (Lexicon::built_in(), layers(tx, &report)?);
        let mut unknown = Vec::new();
        for word in words {
            if readings::is_word(&lexicon, &word) {
                continue;
            }
            let mut known = false;
            for of in &layers {
                known = known || vocab_terms::has_word(tx, of, &key(&word))?;
            }
            if !known {
                unknown.push(word);
            }
        }
        Ok(unknown)
    })
}

fn layers(tx: &Tx, report: &Report) -> Result<Vec<LayerOf>, WorkflowError> {
    Ok(named(&Layers::of_author(tx, report.author, report.patient)?))
}

/// Keys of the medicines in this report and in the patient's newest filed ones that the person
/// may see.
fn medicines(
    site: &Site,
    tx: &Tx,
    who: &Acting,
    lexicon: &Lexicon,
    patient: PatientId,
    report: &Report,
) -> Result<HashSet<String>, WorkflowError> {
    let eyes = Eyes::of(site, tx, who, Act::SaveVersion)?;
    let mut seen = vec![report.clone()];
    for document in chart::documents(tx, patient)?.into_iter().take(EARLIER_MAX) {
        let earlier = reports::by_id(tx, document.report)?;
        seen.extend(earlier.filter(|earlier| eyes.sight(earlier) == Sight::Seen));
    }
    let mut keys = HashSet::new();
    for report in seen {
        let Some(version) = reports::version(tx, report.id, report.version)? else { continue };
        for word in distinct_words(version.text.reveal(), EARLIER_WORDS_MAX) {
            let term = lexicon.find(word).map(|id| lexicon.term(id));
            if term.is_some_and(|term| term.subjects.is_drug()) {
                keys.insert(key(word));
            }
        }
    }
    Ok(keys)
}
