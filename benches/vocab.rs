//! Seconds and hits of the lexicon: loading, candidates for one span, and, where files are
//! given, how often the right term is found and how often something right is replaced.
//!
//! ```text
//! cargo bench --bench vocab
//! cargo bench --bench vocab -- pairs FILE    lines of: term TAB heard words
//! cargo bench --bench vocab -- places FILE   the same, the term anywhere among the heard words
//! cargo bench --bench vocab -- text FILE     correct text, a sentence a line
//! ```
//!
//! Not for: asserting; `tests/it/vocab.rs` does.

use chartscribe::vocab::candidates::{for_place, for_span};
use chartscribe::vocab::context::Context;
use chartscribe::vocab::correct::{Correction, Passage, correct};
use chartscribe::vocab::lexicon::Lexicon;
use chartscribe::vocab::readings;
use chartscribe::vocab::term::key;
use std::time::{Duration, Instant};

const SPANS: [&str; 8] = [
    "phlegial",
    "levator acetam",
    "cold acolythiasis",
    "my review",
    "unloved of statin",
    "isophagog astraduodinaska",
    "and for renal shade",
    "the patient was seen today",
];
const ROUNDS: u32 = 50;
const RANKS: [usize; 4] = [1, 5, 10, 30];

fn main() {
    let begun = Instant::now();
    let lexicon = Lexicon::built_in();
    println!("load {:?}, {} terms, {} kB resident", begun.elapsed(), lexicon.len(), resident_kb());
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["pairs", file] => pairs(&lexicon, file),
        ["places", file] => places(&lexicon, file),
        ["text", file] => text(&lexicon, file),
        _ => spans(&lexicon),
    }
}

fn spans(lexicon: &Lexicon) {
    for span in SPANS {
        let words: Vec<&str> = span.split(' ').collect();
        let mut times: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let begun = Instant::now();
                std::hint::black_box(for_span(lexicon, &words, 30));
                begun.elapsed()
            })
            .collect();
        times.sort();
        println!("{span}: median {:?}, worst {:?}", times[times.len() / 2], times[times.len() - 1]);
    }
    println!("{} kB resident after", resident_kb());
}

/// Rows are counted by parity, so that those that were tuned on and the others are told apart.
fn pairs(lexicon: &Lexicon, file: &str) {
    let list = std::fs::read_to_string(file).expect("a readable file");
    let mut hits = [[0usize; 4]; 2];
    for (row, (term, heard)) in list.lines().filter_map(|line| line.split_once('\t')).enumerate() {
        let words: Vec<&str> = heard.split(' ').collect();
        let found = for_place(lexicon, &words, 30);
        let rank =
            found.iter().position(|candidate| key(lexicon.term(candidate.id).text) == key(term));
        let hits = &mut hits[row % 2];
        hits[3] += 1;
        for (hit, most) in hits.iter_mut().zip([1, 5, 30]) {
            *hit += usize::from(rank.is_some_and(|rank| rank < most));
        }
    }
    for (rows, [first, five, thirty, all]) in ["even", "odd"].into_iter().zip(hits) {
        let share = |hit: usize| 100.0 * hit as f64 / all.max(1) as f64;
        println!(
            "{rows} rows: {all}; first {:.1} %, among 5 {:.1} %, among 30 {:.1} %",
            share(first),
            share(five),
            share(thirty)
        );
    }
}

/// How often the term is among those that a second hearing would be biased to. A phrase that has
/// the term as one of its words counts.
fn places(lexicon: &Lexicon, file: &str) {
    let list = std::fs::read_to_string(file).expect("a readable file");
    let mut hits = [0usize; RANKS.len()];
    let (mut count, mut time) = (0usize, Duration::ZERO);
    for (term, heard) in list.lines().filter_map(|line| line.split_once('\t')) {
        let words: Vec<&str> = heard.split_whitespace().collect();
        let begun = Instant::now();
        let passage = Passage { lexicon, words: &words, work_type: None };
        let found = passage.bias_terms(0..words.len(), RANKS[RANKS.len() - 1]);
        time += begun.elapsed();
        count += 1;
        let rank = found.iter().position(|candidate| {
            let text = key(lexicon.term(candidate.id).text);
            text == key(term) || text.split(' ').any(|word| word == term)
        });
        for (hit, most) in hits.iter_mut().zip(RANKS) {
            *hit += usize::from(rank.is_some_and(|rank| rank < most));
        }
    }
    let mean = time / count.max(1) as u32;
    println!("{count} places, {mean:?} each on average");
    for (hit, most) in hits.into_iter().zip(RANKS) {
        println!("among {most}: {:.1} %", 100.0 * hit as f64 / count.max(1) as f64);
    }
}

fn text(lexicon: &Lexicon, file: &str) {
    let text = std::fs::read_to_string(file).expect("a readable file");
    let (mut count, mut replaced) = (0usize, 0usize);
    for line in text.lines() {
        let words: Vec<&str> = line
            .split_whitespace()
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
            .filter(|word| !word.is_empty())
            .collect();
        count += words.len();
        for first in 0..words.len() {
            for last in first + 1..=words.len().min(first + 3) {
                let span = &words[first..last];
                let context = Context {
                    before: &words[..first],
                    after: &words[last..],
                    begins_sentence: first == 0,
                    ..Context::default()
                };
                if readings::is_valid(lexicon, span) {
                    continue;
                }
                if let Correction::Replace(by) = correct(lexicon, span, &context) {
                    replaced += 1;
                    println!("{} -> {}", span.join(" "), by.text);
                }
            }
        }
    }
    let rate = 10_000.0 * replaced as f64 / count.max(1) as f64;
    println!("{count} words, {replaced} replaced, {rate:.2} in 10,000");
}

fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}
