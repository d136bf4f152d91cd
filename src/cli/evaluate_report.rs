//! The figures of an evaluation as a table for people, and as JSON for machines.
//!
//! Not for: making the figures (`evaluate::score`).
//!
//! Invariant: both say the same; the JSON has the same keys always, and `null` where a figure
//! would be divided by nothing. Shares are 0 to 1 in JSON and in percent in the table.

use super::evaluate_safety::{self, WireSafety};
use crate::evaluate::calibration::{BINS, Calibration};
use crate::evaluate::safety::Safety;
use crate::evaluate::score::{FalseAlteration, Figures, Group, Pass, Report};
use serde::Serialize;
use std::fmt::Write;
use std::time::Duration;

/// How many false alterations the JSON lists.
const LISTED_MAX: usize = 1_000;
const PLACES: f64 = 10_000.0;

/// Everything that was measured.
pub struct Measured {
    pub model: String,
    pub threads: usize,
    /// Recordings that could not be used.
    pub failed: usize,
    /// What loading the model took; in no other figure.
    pub load: Duration,
    /// The most memory of the engine's process and of this one, where the system says it.
    pub engine_kib: Option<u64>,
    pub program_kib: Option<u64>,
    pub report: Report,
    /// Where the manifest has critical slots and drafts were made.
    pub safety: Option<Safety>,
}

const HEADER: [&str; 15] = [
    "pass",
    "set",
    "voice",
    "words",
    "errors",
    "sub",
    "del",
    "ins",
    "terms",
    "recall",
    "precision",
    "mended",
    "false",
    "calibration",
    "x time",
];
/// The first columns are text.
const TEXT_COLUMNS: usize = 3;

/// The figures for a person.
pub fn table(measured: &Measured) -> String {
    let Measured { model, threads, failed, load, engine_kib, program_kib, report, safety } =
        measured;
    let mut text = String::new();
    let threads = if *threads == 1 { "1 thread".into() } else { format!("{threads} threads") };
    if let Some((_, whole)) = report.figures.first() {
        let minutes = whole.audio_ms as f64 / 60_000.0;
        let count = whole.recordings;
        line(&mut text, &format!("{model}, {threads}: {count} recordings, {minutes:.1} min"));
    }
    if *failed > 0 {
        line(&mut text, &format!("recordings that failed and are in no figure: {failed}"));
    }
    line(&mut text, "");
    let mut rows = vec![HEADER.map(str::to_owned)];
    rows.extend(report.figures.iter().map(|(group, figures)| cells(group, figures)));
    lay_out(&mut text, &rows, TEXT_COLUMNS);
    alterations(&mut text, report);
    for (group, figures) in &report.figures {
        if is_whole(group) && figures.calibration.words() > 0 {
            calibration(&mut text, group.pass, &figures.calibration);
        }
    }
    if let Some(safety) = safety {
        evaluate_safety::table(&mut text, safety);
    }
    let mib = |kib: &Option<u64>| kib.map_or("unknown".into(), |kib| format!("{} MiB", kib >> 10));
    let (engine, program) = (mib(engine_kib), mib(program_kib));
    let load = load.as_secs_f64();
    line(&mut text, &format!("\npeak memory: engine {engine}, program {program}"));
    line(&mut text, &format!("model loaded in {load:.1} s, which is in no other figure"));
    text
}

pub(super) fn line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes all");
}

fn is_whole(group: &Group) -> bool {
    group.set.is_none() && group.voice.is_none()
}

fn cells(group: &Group, figures: &Figures) -> [String; HEADER.len()] {
    let Group { pass, set, voice } = group;
    let errors = figures.errors;
    let altered = |count: u64| match pass {
        Pass::Plain => String::new(),
        Pass::Vocabulary | Pass::Draft => count.to_string(),
    };
    let calibration = match pass {
        Pass::Draft => String::new(),
        Pass::Plain | Pass::Vocabulary => {
            let error = figures.calibration.expected_error();
            error.map_or("-".into(), |error| format!("{error:.3}"))
        }
    };
    [
        pass.name().into(),
        set.clone().unwrap_or_else(|| "all".into()),
        voice.clone().unwrap_or_else(|| "all".into()),
        figures.words.to_string(),
        percent(figures.word_error()),
        errors.substitutions.to_string(),
        errors.deletions.to_string(),
        errors.insertions.to_string(),
        figures.terms.said.to_string(),
        percent(figures.recall()),
        percent(figures.precision()),
        altered(figures.alterations.mended),
        altered(figures.alterations.false_ones),
        calibration,
        figures.real_time_factor().map_or("-".into(), |factor| format!("{factor:.3}")),
    ]
}

pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or("-".into(), |share| format!("{:.2} %", 100.0 * share))
}

/// Columns as wide as their widest cell; the first `lefts` stand to the left.
pub(super) fn lay_out<const COLUMNS: usize>(
    text: &mut String,
    rows: &[[String; COLUMNS]],
    lefts: usize,
) {
    let mut widths = [0; COLUMNS];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    for row in rows {
        let mut shown = String::new();
        for (place, (cell, width)) in row.iter().zip(widths).enumerate() {
            let cell = if place < lefts {
                format!("{cell:<width$}  ")
            } else {
                format!("{cell:>width$}  ")
            };
            shown.push_str(&cell);
        }
        line(text, shown.trim_end());
    }
}

fn alterations(text: &mut String, report: &Report) {
    for (group, figures) in &report.figures {
        if !is_whole(group) || group.pass == Pass::Plain {
            continue;
        }
        let per_thousand = figures.false_alterations_per_thousand().unwrap_or(0.0);
        let drugs = figures.alterations.drug_for_drug;
        let pass = group.pass.name();
        let summary = format!("\n{pass}: {per_thousand:.2} false alterations in 1,000 words");
        line(text, &format!("{summary}, {drugs} of them a drug for another drug"));
    }
}

fn calibration(text: &mut String, pass: Pass, calibration: &Calibration) {
    line(text, &format!("\n{}: confidence and accuracy of heard words", pass.name()));
    let mut rows = vec![["confidence", "words", "mean", "right"].map(str::to_owned)];
    for (place, bin) in calibration.bins.iter().enumerate() {
        let (from, to) = bounds(place);
        let empty = bin.words == 0;
        let shown = |share: f64| if empty { "-".into() } else { format!("{share:.3}") };
        rows.push([
            format!("{from:.1} to {to:.1}"),
            bin.words.to_string(),
            shown(bin.confidence()),
            shown(bin.accuracy()),
        ]);
    }
    lay_out(text, &rows, 1);
}

fn bounds(place: usize) -> (f64, f64) {
    (place as f64 / BINS as f64, (place + 1) as f64 / BINS as f64)
}

#[derive(Serialize)]
struct WireReport<'a> {
    model: &'a str,
    threads: usize,
    failed: usize,
    load_s: f64,
    engine_kib: Option<u64>,
    program_kib: Option<u64>,
    figures: Vec<WireFigures<'a>>,
    false_alterations: Vec<WireAlteration<'a>>,
    safety: Option<WireSafety<'a>>,
}

/// `set` and `voice` are null for all of them.
#[derive(Serialize)]
struct WireFigures<'a> {
    pass: &'static str,
    set: Option<&'a str>,
    voice: Option<&'a str>,
    recordings: u64,
    audio_s: f64,
    elapsed_s: f64,
    real_time_factor: Option<f64>,
    words: u64,
    substitutions: u64,
    deletions: u64,
    insertions: u64,
    word_error: Option<f64>,
    terms_said: u64,
    terms_found: u64,
    terms_written: u64,
    terms_written_rightly: u64,
    recall: Option<f64>,
    precision: Option<f64>,
    mended: u64,
    false_alterations: u64,
    false_alterations_per_thousand: Option<f64>,
    drug_for_drug: u64,
    calibration_error: Option<f64>,
    calibration: Vec<WireBin>,
}

/// A bin that has words.
#[derive(Serialize)]
struct WireBin {
    from: f64,
    to: f64,
    words: u64,
    confidence: f64,
    accuracy: f64,
}

#[derive(Serialize)]
struct WireAlteration<'a> {
    file: &'a str,
    pass: &'static str,
    said: &'a str,
    now: Option<&'a str>,
    drug_for_drug: bool,
}

/// The figures for a machine, in one line.
pub fn json(measured: &Measured) -> String {
    let Measured { model, threads, failed, load, engine_kib, program_kib, report, safety } =
        measured;
    let wire = WireReport {
        model,
        threads: *threads,
        failed: *failed,
        load_s: rounded(load.as_secs_f64()),
        engine_kib: *engine_kib,
        program_kib: *program_kib,
        figures: report.figures.iter().map(|(group, figures)| wire(group, figures)).collect(),
        false_alterations: report
            .false_alterations
            .iter()
            .take(LISTED_MAX)
            .map(wire_alteration)
            .collect(),
        safety: safety.as_ref().map(evaluate_safety::wire),
    };
    let mut text = serde_json::to_string(&wire).expect("text and numbers are printable as JSON");
    text.push('\n');
    text
}

fn wire<'a>(group: &'a Group, figures: &Figures) -> WireFigures<'a> {
    let Figures { recordings, audio_ms, elapsed, words, errors, terms, alterations, calibration } =
        figures;
    WireFigures {
        pass: group.pass.name(),
        set: group.set.as_deref(),
        voice: group.voice.as_deref(),
        recordings: *recordings,
        audio_s: rounded(*audio_ms as f64 / 1000.0),
        elapsed_s: rounded(elapsed.as_secs_f64()),
        real_time_factor: figures.real_time_factor().map(rounded),
        words: *words,
        substitutions: errors.substitutions,
        deletions: errors.deletions,
        insertions: errors.insertions,
        word_error: figures.word_error().map(rounded),
        terms_said: terms.said,
        terms_found: terms.found,
        terms_written: terms.written,
        terms_written_rightly: terms.written_rightly,
        recall: figures.recall().map(rounded),
        precision: figures.precision().map(rounded),
        mended: alterations.mended,
        false_alterations: alterations.false_ones,
        false_alterations_per_thousand: figures.false_alterations_per_thousand().map(rounded),
        drug_for_drug: alterations.drug_for_drug,
        calibration_error: calibration.expected_error().map(rounded),
        calibration: wire_bins(calibration),
    }
}

fn wire_bins(calibration: &Calibration) -> Vec<WireBin> {
    let mut bins = Vec::new();
    for (place, bin) in calibration.bins.iter().enumerate() {
        if bin.words == 0 {
            continue;
        }
        let (from, to) = bounds(place);
        let (confidence, accuracy) = (rounded(bin.confidence()), rounded(bin.accuracy()));
        bins.push(WireBin { from, to, words: bin.words, confidence, accuracy });
    }
    bins
}

fn wire_alteration(one: &FalseAlteration) -> WireAlteration<'_> {
    let FalseAlteration { file, pass, said, now, is_drug_for_drug } = one;
    WireAlteration {
        file,
        pass: pass.name(),
        said,
        now: now.as_deref(),
        drug_for_drug: *is_drug_for_drug,
    }
}

pub(super) fn rounded(value: f64) -> f64 {
    (value * PLACES).round() / PLACES
}

#[cfg(test)]
#[path = "evaluate_report_tests.rs"]
mod tests;
