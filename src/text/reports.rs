//! Five whole reports of our own as the default model hears them: the words of
//! `tests/data/reports/NAME.heard.tsv` and the draft made of them, kept as goldens.
//!
//! Not for: whether the draft is right (`tests/it/format.rs` has the reports as spoken), or
//! whether the recordings are still heard so (`tests/it/transcribe.rs`).
//!
//! Invariant: a change of the stages that touches one of these drafts shows in its golden.

use super::pipeline::write;
use super::request::Request;
use crate::domain::transcript::{Transcript, Word};
use crate::vocab::lexicon::Lexicon;

const REPORTS: [(&str, &str, &str, &str); 5] = [
    (
        "discharge-summary",
        "DS",
        include_str!("../../tests/data/reports/discharge-summary.heard.tsv"),
        include_str!("../../tests/data/reports/discharge-summary.draft.txt"),
    ),
    (
        "history-and-physical",
        "HP",
        include_str!("../../tests/data/reports/history-and-physical.heard.tsv"),
        include_str!("../../tests/data/reports/history-and-physical.draft.txt"),
    ),
    (
        "operative-report",
        "OP",
        include_str!("../../tests/data/reports/operative-report.heard.tsv"),
        include_str!("../../tests/data/reports/operative-report.draft.txt"),
    ),
    (
        "progress-note",
        "PN",
        include_str!("../../tests/data/reports/progress-note.heard.tsv"),
        include_str!("../../tests/data/reports/progress-note.draft.txt"),
    ),
    (
        "radiology-report",
        "DI",
        include_str!("../../tests/data/reports/radiology-report.heard.tsv"),
        include_str!("../../tests/data/reports/radiology-report.draft.txt"),
    ),
];

fn word(row: &str) -> Option<Word> {
    let mut cells = row.split('\t');
    Some(Word {
        start_ms: cells.next()?.parse().ok()?,
        end_ms: cells.next()?.parse().ok()?,
        confidence: cells.next()?.parse().ok()?,
        text: cells.next()?.to_owned(),
    })
}

fn transcript(table: &str) -> Transcript {
    let words: Vec<Word> = table.lines().skip(1).filter_map(word).collect();
    let audio_ms = words.last().map_or(0, |word| word.end_ms);
    Transcript {
        words,
        doubts: vec![],
        reconsidered: vec![],
        audio_ms,
        model: "base-medical".into(),
    }
}

#[test]
fn drafts_of_whole_reports_as_they_are_heard_stay_as_they_are() {
    let lexicon = Lexicon::built_in();
    let mut changed = Vec::new();
    for (name, work_type, heard, golden) in REPORTS {
        let transcript = transcript(heard);
        assert!(transcript.words.len() > 100, "{name}");
        let request = Request { work_type: Some(work_type), ..Request::new(&lexicon) };
        let (draft, _) = write(&transcript, &request);
        if draft.text.trim_end() != golden.trim_end() {
            changed.push(format!("{name}:\n{}", draft.text));
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n\n"));
}
