//! The critical slots of an evaluation, as a table for people and as JSON for machines.
//!
//! Not for: judging them (`evaluate::safety`).
//!
//! Invariant: lines of the manifest are named by their number, never by their text.

use super::evaluate_report::{lay_out, line, percent, rounded};
use crate::evaluate::safety::{Safety, Tally};
use serde::Serialize;

const HEADER: [&str; 8] =
    ["critical slots", "lines", "right", "flagged", "silent", "safe", "exact", "flags/100 words"];
/// The most lines that are named.
const NAMED_MAX: usize = 50;

pub fn table(text: &mut String, safety: &Safety) {
    line(text, "");
    let mut rows = vec![HEADER.map(str::to_owned), cells("all", &safety.all)];
    rows.extend(safety.sets.iter().map(|(set, tally)| cells(set, tally)));
    lay_out(text, &rows, 1);
    for (kind, (wrong, all)) in &safety.slots {
        line(text, &format!("{kind}: {wrong} of {all} wrong"));
    }
    let silent: Vec<String> =
        safety.silent_lines.iter().take(NAMED_MAX).map(usize::to_string).collect();
    if !silent.is_empty() {
        line(text, &format!("wrong and silent, lines of the manifest: {}", silent.join(", ")));
    }
}

fn cells(set: &str, tally: &Tally) -> [String; HEADER.len()] {
    let flags = tally.flags_per_hundred();
    [
        set.into(),
        tally.lines.to_string(),
        tally.right.to_string(),
        tally.flagged.to_string(),
        tally.silent.to_string(),
        percent(tally.safe()),
        tally.exact.to_string(),
        flags.map_or("-".into(), |flags| format!("{flags:.2}")),
    ]
}

#[derive(Serialize)]
pub struct WireSafety<'a> {
    all: WireTally<'a>,
    sets: Vec<WireTally<'a>>,
    slots: Vec<WireSlots>,
    silent_lines: &'a [usize],
}

/// `set` is null for all of them.
#[derive(Serialize)]
struct WireTally<'a> {
    set: Option<&'a str>,
    lines: u64,
    right: u64,
    flagged: u64,
    silent: u64,
    safe: Option<f64>,
    exact: u64,
    words: u64,
    flags: u64,
}

#[derive(Serialize)]
struct WireSlots {
    kind: &'static str,
    slots: u64,
    wrong: u64,
}

pub fn wire(safety: &Safety) -> WireSafety<'_> {
    let slots = safety.slots.iter();
    WireSafety {
        all: tally(None, &safety.all),
        sets: safety.sets.iter().map(|(set, one)| tally(Some(set), one)).collect(),
        slots: slots
            .map(|(kind, (wrong, all))| WireSlots { kind, slots: *all, wrong: *wrong })
            .collect(),
        silent_lines: &safety.silent_lines,
    }
}

fn tally<'a>(set: Option<&'a str>, tally: &Tally) -> WireTally<'a> {
    let Tally { lines, right, flagged, silent, exact, flags, words } = tally;
    WireTally {
        set,
        lines: *lines,
        right: *right,
        flagged: *flagged,
        silent: *silent,
        safe: tally.safe().map(rounded),
        exact: *exact,
        words: *words,
        flags: *flags,
    }
}
