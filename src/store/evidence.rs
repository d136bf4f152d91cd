//! What the machine's draft stands for in the recording, and which later text stands as drafted.
//!
//! Not for: the transcript (`dictations.rs`) or the texts (`reports.rs`).
//!
//! Invariant: evidence is written once, with the draft; a link is written with its version.
//! Lists are compact JSON rows; reading what was written gives the same value.

use super::db::{Tx, params};
use super::error::StoreError;
use crate::domain::evidence::{Altered, Choice, Evidence, Piece, Spoken, Timed};
use crate::domain::ids::{DictationId, ReportId};
use crate::domain::phi::Phi;
use crate::domain::time::{AudioSpan, TextSpan};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Start and end in the text, start and end in the recording, confidence.
type TimedRow = (u32, u32, u32, u32, f32);
/// Start and end in the text, in the recording, heard, written, rule, score.
type AlteredRow = (u32, u32, Option<(u32, u32)>, String, String, String, Option<f32>);
type ChoiceRow = (u32, u32, Vec<String>);
type SpokenRow = (String, String, Option<(u32, u32)>);
type PieceRow = (u32, u32, u32);

pub fn insert(tx: &Tx, report: ReportId, evidence: &Evidence) -> Result<(), StoreError> {
    let Evidence { timed, altered, choices, spoken } = evidence;
    tx.execute(
        "insert into draft_evidence (report_id, timed, changes, choices, spoken)
            values (?1, ?2, ?3, ?4, ?5)",
        params![
            report,
            json(timed.iter().map(timed_row)),
            json(altered.iter().map(altered_row)),
            json(choices.iter().map(choice_row)),
            json(spoken.iter().map(spoken_row))
        ],
    )?;
    Ok(())
}

pub fn of_report(tx: &Tx, report: ReportId) -> Result<Option<Evidence>, StoreError> {
    tx.one(
        "select timed, changes, choices, spoken from draft_evidence where report_id = ?1",
        params![report],
        |row| {
            Ok(Evidence {
                timed: rows(&row.text(0)?, "draft_evidence.timed", timed)?,
                altered: rows(&row.text(1)?, "draft_evidence.changes", altered)?,
                choices: rows(&row.text(2)?, "draft_evidence.choices", choice)?,
                spoken: rows(&row.text(3)?, "draft_evidence.spoken", spoken)?,
            })
        },
    )
}

/// Whether the report's draft has evidence, without reading it.
pub fn has(tx: &Tx, report: ReportId) -> Result<bool, StoreError> {
    let sql = "select 1 from draft_evidence where report_id = ?1";
    Ok(tx.one(sql, params![report], |_| Ok(()))?.is_some())
}

pub fn insert_link(
    tx: &Tx,
    report: ReportId,
    number: u32,
    pieces: &[Piece],
) -> Result<(), StoreError> {
    let rows = json(pieces.iter().map(|piece| (piece.text, piece.draft, piece.length)));
    tx.execute(
        "insert into version_link (report_id, number, pieces) values (?1, ?2, ?3)",
        params![report, number, rows],
    )?;
    Ok(())
}

pub fn link(tx: &Tx, report: ReportId, number: u32) -> Result<Option<Vec<Piece>>, StoreError> {
    let piece = |(text, draft, length): PieceRow| Piece { text, draft, length };
    tx.one(
        "select pieces from version_link where report_id = ?1 and number = ?2",
        params![report, number],
        |row| rows(&row.text(0)?, "version_link.pieces", piece),
    )
}

pub fn levels(tx: &Tx, dictation: DictationId) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "select levels from waveform where dictation_id = ?1";
    tx.one(sql, params![dictation], |row| row.blob(0))
}

/// Keeps the levels of a recording; two who made them at once made the same.
pub fn keep_levels(tx: &Tx, dictation: DictationId, levels: &[u8]) -> Result<(), StoreError> {
    tx.execute(
        "insert into waveform (dictation_id, levels) values (?1, ?2)
            on conflict (dictation_id) do nothing",
        params![dictation, levels],
    )?;
    Ok(())
}

fn json<T: Serialize>(rows: impl Iterator<Item = T>) -> String {
    let rows: Vec<T> = rows.collect();
    serde_json::to_string(&rows).expect("strings and numbers are always JSON")
}

fn rows<R: DeserializeOwned, T>(
    text: &str,
    what: &'static str,
    read: impl Fn(R) -> T,
) -> Result<Vec<T>, StoreError> {
    let rows: Vec<R> = serde_json::from_str(text).map_err(|_| StoreError::corrupt(what))?;
    Ok(rows.into_iter().map(read).collect())
}

fn timed_row(timed: &Timed) -> TimedRow {
    let Timed { text, audio, confidence } = timed;
    (text.start, text.end, audio.start_ms, audio.end_ms, *confidence)
}

fn timed((start, end, start_ms, end_ms, confidence): TimedRow) -> Timed {
    let (text, audio) = (TextSpan { start, end }, AudioSpan { start_ms, end_ms });
    Timed { text, audio, confidence }
}

fn span_row(span: Option<AudioSpan>) -> Option<(u32, u32)> {
    span.map(|span| (span.start_ms, span.end_ms))
}

fn span(row: Option<(u32, u32)>) -> Option<AudioSpan> {
    row.map(|(start_ms, end_ms)| AudioSpan { start_ms, end_ms })
}

fn altered_row(altered: &Altered) -> AlteredRow {
    let Altered { text, audio, heard, written, rule, score } = altered;
    let (heard, written) = (heard.reveal().clone(), written.reveal().clone());
    (text.start, text.end, span_row(*audio), heard, written, rule.clone(), *score)
}

fn altered((start, end, audio, heard, written, rule, score): AlteredRow) -> Altered {
    let text = TextSpan { start, end };
    let (heard, written) = (Phi::text(heard), Phi::text(written));
    Altered { text, audio: span(audio), heard, written, rule, score }
}

fn choice_row(choice: &Choice) -> ChoiceRow {
    let terms = choice.alternatives.iter().map(|term| term.reveal().clone()).collect();
    (choice.text.start, choice.text.end, terms)
}

fn choice((start, end, terms): ChoiceRow) -> Choice {
    let alternatives = terms.into_iter().map(Phi::text).collect();
    Choice { text: TextSpan { start, end }, alternatives }
}

fn spoken_row(spoken: &Spoken) -> SpokenRow {
    let Spoken { kind, text, audio } = spoken;
    (kind.clone(), text.reveal().clone(), span_row(*audio))
}

fn spoken((kind, text, audio): SpokenRow) -> Spoken {
    Spoken { kind, text: Phi::text(text), audio: span(audio) }
}
