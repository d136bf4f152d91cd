//! A draft as JSON: its text, what was changed, and what a person must look at.
//!
//! Not for: the words as they were heard (`transcript_format`).
//!
//! Invariant: every key is always present; spans are characters of `text`, end exclusive.

use crate::domain::flag::QaFlag;
use crate::text::{Change, Draft, Instruction};
use serde::Serialize;

const PLACES: f64 = 1000.0;

#[derive(Serialize)]
struct WireDraft<'a> {
    text: &'a str,
    changes: Vec<WireChange<'a>>,
    flags: Vec<WireFlag<'a>>,
    sections: &'a [String],
    missing_sections: &'a [String],
    instructions: Vec<WireInstruction<'a>>,
}

/// Something that is written otherwise than it was heard.
#[derive(Serialize)]
pub struct WireChange<'a> {
    heard: &'a str,
    written: &'a str,
    rule: &'a str,
    score: Option<f64>,
    start_ms: Option<u32>,
    end_ms: Option<u32>,
    span: [u32; 2],
}

#[derive(Serialize)]
struct WireFlag<'a> {
    kind: &'static str,
    note: &'a str,
    start_ms: Option<u32>,
    span: Option<[u32; 2]>,
}

/// What the author said to the people who make the report.
#[derive(Serialize)]
pub struct WireInstruction<'a> {
    kind: &'static str,
    text: &'a str,
    start_ms: Option<u32>,
}

/// One line of JSON.
pub fn json(draft: &Draft, flags: &[QaFlag]) -> String {
    let wire = WireDraft {
        text: &draft.text,
        changes: changes(draft),
        flags: flags.iter().map(flag).collect(),
        sections: &draft.sections,
        missing_sections: &draft.missing_sections,
        instructions: instructions(draft),
    };
    serde_json::to_string(&wire).expect("text and numbers are printable as JSON")
}

pub fn changes(draft: &Draft) -> Vec<WireChange<'_>> {
    draft.changes.iter().map(change).collect()
}

fn change(change: &Change) -> WireChange<'_> {
    let Change { heard, written, rule, score, audio, text } = change;
    WireChange {
        heard,
        written,
        rule,
        score: score.map(|score| (f64::from(score) * PLACES).round() / PLACES),
        start_ms: audio.map(|audio| audio.start_ms),
        end_ms: audio.map(|audio| audio.end_ms),
        span: [text.start, text.end],
    }
}

fn flag(flag: &QaFlag) -> WireFlag<'_> {
    let QaFlag { kind, note, audio, text } = flag;
    WireFlag {
        kind: kind.code(),
        note: note.reveal(),
        start_ms: audio.map(|audio| audio.start_ms),
        span: text.map(|text| [text.start, text.end]),
    }
}

pub fn instructions(draft: &Draft) -> Vec<WireInstruction<'_>> {
    draft.instructions.iter().map(instruction).collect()
}

fn instruction(said: &Instruction) -> WireInstruction<'_> {
    let Instruction { kind, text, audio } = said;
    WireInstruction { kind: kind.code(), text, start_ms: audio.map(|audio| audio.start_ms) }
}
