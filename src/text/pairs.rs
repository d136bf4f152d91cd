//! The pairs of spoken and written forms, run through the whole pipeline.
//!
//! Not for: single rules, which are tested where they are.
//!
//! Invariant: every pair is exact in mixed mode, and every written form stays in every mode.

use super::pipeline::write_text;
use super::request::{Mode, Request};
use crate::vocab::lexicon::Lexicon;

const PAIRS: &str = include_str!("../../tests/data/formatting-pairs.tsv");

fn pairs(table: &str) -> Vec<(&str, &str, String)> {
    let rows = table.lines().skip(1).filter(|line| !line.is_empty());
    rows.filter_map(|row| {
        let mut cells = row.split('\t');
        Some((cells.next()?, cells.next()?, cells.next()?.replace("\\n", "\n")))
    })
    .collect()
}

fn formatted(text: &str, mode: Mode) -> String {
    let lexicon = Lexicon::built_in();
    let request = Request { mode, ..Request::new(&lexicon) };
    write_text(text, &request).0.text
}

fn assert_all_pass(failures: &[String], of: usize) {
    assert!(failures.is_empty(), "{} of {of} fail:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_pair_is_exact_in_mixed_mode() {
    let pairs = pairs(PAIRS);
    let wrong = |(category, spoken, written): &(&str, &str, String)| {
        let found = formatted(spoken, Mode::Mixed);
        (found != *written).then(|| format!("{category}: {spoken}\n  {written:?}\n  {found:?}"))
    };
    let failures: Vec<String> = pairs.iter().filter_map(wrong).collect();
    assert_all_pass(&failures, pairs.len());
}

#[test]
fn every_written_form_stays_as_it_is_in_every_mode() {
    let pairs = pairs(PAIRS);
    let mut failures = Vec::new();
    for (category, _, written) in &pairs {
        for mode in Mode::ALL {
            let found = formatted(written, *mode);
            if found != *written {
                failures.push(format!("{category} {}: {written:?}\n  {found:?}", mode.code()));
            }
        }
    }
    assert_all_pass(&failures, pairs.len() * Mode::ALL.len());
}

const OWN: &str = include_str!("../../tests/data/formatting-own.tsv");

/// Rows of the own pairs that are disputed or not yet right, by their spoken form.
#[test]
fn every_own_pair_is_exact_in_mixed_mode() {
    let pairs = pairs(OWN);
    let wrong = |(category, spoken, written): &(&str, &str, String)| {
        let found = formatted(spoken, Mode::Mixed);
        (found != *written).then(|| format!("{category}: {spoken}\n  {written:?}\n  {found:?}"))
    };
    let failures: Vec<String> = pairs.iter().filter_map(wrong).collect();
    assert_all_pass(&failures, pairs.len());
}
