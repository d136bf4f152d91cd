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

const SHAPES: &str = include_str!("../../tests/data/formatting-shapes.tsv");

/// The pairs as an engine writes them that puts figures, or figures for some of the numbers.
fn shapes() -> impl Iterator<Item = [&'static str; 4]> {
    let rows = SHAPES.lines().skip(1).filter(|line| !line.is_empty());
    rows.filter_map(|row| {
        let mut cells = row.split('\t');
        Some([cells.next()?, cells.next()?, cells.next()?, cells.next()?])
    })
}

/// As an engine ends an utterance and begins it.
fn punctuated(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '?', '!']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

fn with_stop(written: &str) -> String {
    let ended = [".", "?", "!", ".\"", ".)"].iter().any(|end| written.ends_with(end));
    if ended { written.to_owned() } else { format!("{written}.") }
}

#[test]
fn words_figures_and_a_mixture_of_both_are_written_alike_with_marks_and_without() {
    let mut failures = Vec::new();
    let mut of = 0;
    for [category, figures, mixture, written] in shapes() {
        let written = written.replace("\\n", "\n");
        for (shape, expected) in [
            (figures.to_owned(), written.clone()),
            (mixture.to_owned(), written.clone()),
            (punctuated(figures), with_stop(&written)),
        ] {
            let found = formatted(&shape, Mode::Mixed);
            of += 1;
            if found != expected {
                failures.push(format!("{category}: {shape}\n  {expected:?}\n  {found:?}"));
            }
        }
    }
    assert!(of > 600, "the table has {of} shapes");
    assert_all_pass(&failures, of);
}
