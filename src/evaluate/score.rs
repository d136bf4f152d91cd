//! Counting: what each pass got right and wrong, over all recordings and by set and voice.
//!
//! Not for: recognising (`passes`), or printing (`cli`).
//!
//! Terms are counted as the words of the manifest's `terms`, each by itself: a term is *said* as
//! often as the reference has it and *found* as often as the heard text has it too, at most that
//! often. *Written* counts all terms of the manifest in all heard texts, so that a term put where
//! nobody said it lowers the precision.
//!
//! A false alteration is a word of the reference that the plain pass had right and a later pass
//! has not.
//!
//! Invariant: the figures of a group are the sums of those of its recordings.

use super::align::{self, Errors, Step};
use super::calibration::Calibration;
use super::manifest::Row;
use super::normalise::{self, Token};
use crate::domain::transcript::{Transcript, Word};
use crate::vocab::lexicon::Lexicon;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

/// A text that was made of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Pass {
    /// The engine's bare words.
    Plain,
    /// With the vocabulary.
    Vocabulary,
    /// Formatted.
    Draft,
}

impl Pass {
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Vocabulary => "vocabulary",
            Self::Draft => "draft",
        }
    }
}

/// What a pass made of a recording.
pub enum Text<'a> {
    Heard(&'a Transcript),
    Written(&'a str),
}

/// A recording that went through the passes, the plain one first.
pub struct Recording<'a> {
    pub row: &'a Row,
    pub audio_ms: u32,
    pub passes: Vec<(Pass, Text<'a>, Duration)>,
}

/// A part of the recordings; none stands for all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    pub pass: Pass,
    pub set: Option<String>,
    pub voice: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    pub said: u64,
    pub found: u64,
    pub written: u64,
    /// Of the written, those that were said.
    pub written_rightly: u64,
}

/// Words that a pass changed against the plain one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Alterations {
    /// Wrong in plain, right now.
    pub mended: u64,
    /// Right in plain, wrong now.
    pub false_ones: u64,
    /// Of the false ones, a drug that another drug took the place of.
    pub drug_for_drug: u64,
}

/// The figures of a pass over a group of recordings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    pub recordings: u64,
    pub audio_ms: u64,
    pub elapsed: Duration,
    /// Words of the references.
    pub words: u64,
    pub errors: Errors,
    pub terms: Terms,
    pub alterations: Alterations,
    /// Empty for drafts, whose words have no confidence.
    pub calibration: Calibration,
}

impl Figures {
    /// Errors for each word said; none where nothing was said.
    pub fn word_error(&self) -> Option<f64> {
        share(self.errors.total(), self.words)
    }

    pub fn recall(&self) -> Option<f64> {
        share(self.terms.found, self.terms.said)
    }

    pub fn precision(&self) -> Option<f64> {
        share(self.terms.written_rightly, self.terms.written)
    }

    pub fn false_alterations_per_thousand(&self) -> Option<f64> {
        share(self.alterations.false_ones, self.words).map(|share| 1000.0 * share)
    }

    /// Seconds of work for a second of audio.
    pub fn real_time_factor(&self) -> Option<f64> {
        let seconds = self.audio_ms as f64 / 1000.0;
        (self.audio_ms > 0).then(|| self.elapsed.as_secs_f64() / seconds)
    }

    fn add(&mut self, other: &Self) {
        let Self { recordings, audio_ms, elapsed, words, errors, terms, alterations, calibration } =
            other;
        self.recordings += recordings;
        self.audio_ms += audio_ms;
        self.elapsed += *elapsed;
        self.words += words;
        self.errors.add(*errors);
        self.terms.said += terms.said;
        self.terms.found += terms.found;
        self.terms.written += terms.written;
        self.terms.written_rightly += terms.written_rightly;
        self.alterations.mended += alterations.mended;
        self.alterations.false_ones += alterations.false_ones;
        self.alterations.drug_for_drug += alterations.drug_for_drug;
        self.calibration.add(calibration);
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A false alteration.
#[derive(Clone, PartialEq)]
pub struct FalseAlteration {
    pub file: String,
    pub pass: Pass,
    /// The word said, normalised.
    pub said: String,
    /// What stands for it now; none where it is gone.
    pub now: Option<String>,
    pub is_drug_for_drug: bool,
}

/// All figures of an evaluation.
#[derive(Default)]
pub struct Report {
    /// The whole first, then sets, voices, and voices in sets, for each pass.
    pub figures: Vec<(Group, Figures)>,
    pub false_alterations: Vec<FalseAlteration>,
}

/// Counts recordings. The lexicon says which words are drugs.
pub fn score(recordings: &[Recording<'_>], lexicon: &Lexicon) -> Report {
    let all_terms: HashSet<String> =
        recordings.iter().flat_map(|recording| terms_of(recording.row)).collect();
    let mut groups: BTreeMap<Group, Figures> = BTreeMap::new();
    let mut report = Report::default();
    for recording in recordings {
        let said = normalise::text(&recording.row.reference);
        let mut plain: Option<Compared> = None;
        for (pass, text, elapsed) in &recording.passes {
            let compared = Compared::new(&said, text);
            let mut figures = Figures {
                recordings: 1,
                audio_ms: recording.audio_ms.into(),
                elapsed: *elapsed,
                words: said.len() as u64,
                errors: Errors::of(&compared.steps),
                terms: count_terms(recording.row, &said, &compared.heard, &all_terms),
                alterations: Alterations::default(),
                calibration: compared.calibration(text),
            };
            if let Some(plain) = &plain {
                let found = false_alterations(recording.row, *pass, &said, plain, &compared);
                let found: Vec<_> = found.into_iter().map(|one| judged(one, lexicon)).collect();
                figures.alterations = compared.alterations(plain, &found);
                report.false_alterations.extend(found);
            }
            for group in groups_of(recording.row, *pass) {
                groups.entry(group).or_default().add(&figures);
            }
            if *pass == Pass::Plain {
                plain = Some(compared);
            }
        }
    }
    report.figures = groups.into_iter().collect();
    report
}

fn groups_of(row: &Row, pass: Pass) -> Vec<Group> {
    let group = |set: &Option<String>, voice: &Option<String>| Group {
        pass,
        set: set.clone(),
        voice: voice.clone(),
    };
    let mut groups = vec![
        group(&None, &None),
        group(&row.set, &None),
        group(&None, &row.voice),
        group(&row.set, &row.voice),
    ];
    groups.sort();
    groups.dedup();
    groups
}

/// What a pass heard, held against what was said.
struct Compared {
    heard: Vec<Token>,
    steps: Vec<Step>,
    /// For each word said, what stands in its place.
    now: Vec<Now>,
}

#[derive(Clone, Copy, PartialEq)]
enum Now {
    Right,
    Other(usize),
    Gone,
}

impl Compared {
    fn new(said: &[Token], text: &Text<'_>) -> Self {
        let heard = match text {
            Text::Heard(transcript) => {
                normalise::words(transcript.words.iter().map(|word| word.text.as_str()))
            }
            Text::Written(text) => normalise::text(text),
        };
        let steps = align::align(&texts(said), &texts(&heard));
        let mut now = vec![Now::Gone; said.len()];
        for step in &steps {
            match *step {
                Step::Same { reference, .. } => now[reference] = Now::Right,
                Step::Substituted { reference, heard } => now[reference] = Now::Other(heard),
                Step::Deleted { .. } | Step::Inserted { .. } => {}
            }
        }
        Self { heard, steps, now }
    }

    /// Counts each heard word that the normaliser leaves anything of; it is right when all of
    /// that was said.
    fn calibration(&self, text: &Text<'_>) -> Calibration {
        let mut calibration = Calibration::default();
        let Text::Heard(Transcript { words, .. }) = text else { return calibration };
        let mut is_same = vec![false; self.heard.len()];
        for step in &self.steps {
            if let Step::Same { heard, .. } = step {
                is_same[*heard] = true;
            }
        }
        let mut right: Vec<Option<bool>> = vec![None; words.len()];
        for (token, same) in self.heard.iter().zip(is_same) {
            for word in right.iter_mut().take(token.words.end).skip(token.words.start) {
                *word = Some(word.unwrap_or(true) && same);
            }
        }
        for (Word { confidence, .. }, right) in words.iter().zip(right) {
            if let Some(is_right) = right {
                calibration.count(*confidence, is_right);
            }
        }
        calibration
    }

    fn alterations(&self, plain: &Self, false_ones: &[FalseAlteration]) -> Alterations {
        let both = self.now.iter().zip(&plain.now);
        let mended = both.filter(|(now, before)| **now == Now::Right && **before != Now::Right);
        let drugs = false_ones.iter().filter(|one| one.is_drug_for_drug);
        Alterations {
            mended: mended.count() as u64,
            false_ones: false_ones.len() as u64,
            drug_for_drug: drugs.count() as u64,
        }
    }
}

fn texts(tokens: &[Token]) -> Vec<&str> {
    tokens.iter().map(|token| token.text.as_str()).collect()
}

fn false_alterations(
    row: &Row,
    pass: Pass,
    said: &[Token],
    plain: &Compared,
    compared: &Compared,
) -> Vec<FalseAlteration> {
    let mut found = Vec::new();
    for ((token, before), now) in said.iter().zip(&plain.now).zip(&compared.now) {
        let now = match (before, now) {
            (Now::Right, Now::Other(place)) => Some(compared.heard[*place].text.clone()),
            (Now::Right, Now::Gone) => None,
            _ => continue,
        };
        let (file, said) = (row.file.clone(), token.text.clone());
        found.push(FalseAlteration { file, pass, said, now, is_drug_for_drug: false });
    }
    found
}

fn judged(one: FalseAlteration, lexicon: &Lexicon) -> FalseAlteration {
    let is_drug =
        |word: &str| lexicon.find(word).is_some_and(|id| lexicon.term(id).subjects.is_drug());
    let is_drug_for_drug = is_drug(&one.said) && one.now.as_deref().is_some_and(is_drug);
    FalseAlteration { is_drug_for_drug, ..one }
}

/// The normalised terms of a row, each once. One that the normaliser parts is never found, as in
/// a text of single words.
fn terms_of(row: &Row) -> HashSet<String> {
    row.terms.iter().map(|term| normalise::joined(&normalise::text(term))).collect()
}

fn count_terms(row: &Row, said: &[Token], heard: &[Token], all: &HashSet<String>) -> Terms {
    let (said, heard) = (counts(said), counts(heard));
    let of = |counts: &HashMap<&str, u64>, term: &str| counts.get(term).copied().unwrap_or(0);
    let mut terms = Terms::default();
    for term in terms_of(row) {
        terms.said += of(&said, &term);
        terms.found += of(&said, &term).min(of(&heard, &term));
    }
    for (word, count) in &heard {
        if all.contains(*word) {
            terms.written += count;
            terms.written_rightly += count.min(&of(&said, word));
        }
    }
    terms
}

fn counts(tokens: &[Token]) -> HashMap<&str, u64> {
    let mut counts = HashMap::new();
    for token in tokens {
        *counts.entry(token.text.as_str()).or_insert(0) += 1;
    }
    counts
}

#[cfg(test)]
#[path = "score_tests.rs"]
mod tests;
