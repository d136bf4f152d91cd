//! What the editor needs beside a text: where each word was said, what was changed, how loud the
//! recording is.
//!
//! Not for: the text itself (`reading.rs`, `review.rs`) or making the draft (`drafting.rs`).
//!
//! Invariant: times are the transcript's own. A link that is not true of its version is not kept;
//! the text is kept all the same, for no link is worth a word.

use super::error::WorkflowError;
use super::sight::visible;
use super::site::{Acting, Site, look};
use super::transcription;
use crate::audio;
use crate::domain::audit::Act;
use crate::domain::evidence::{self, Altered, Choice, Evidence, Piece, Spoken, Timed};
use crate::domain::ids::{DictationId, ReportId};
use crate::domain::phi::Phi;
use crate::domain::report::Report;
use crate::domain::time::TextSpan;
use crate::domain::transcript::{Doubt, Transcript};
use crate::store::db::Tx;
use crate::store::joins::{self, Join};
use crate::store::{self, dictations, reports};
use crate::text::{Draft, SourceMark, writer};

/// What stands between the drafts of joined reports, and at least between their texts.
pub(super) const JOINT: &str = "\n\n";

/// Milliseconds that one level of a waveform is about: an hour is 36,000 bytes.
pub const LEVEL_MS: u32 = 100;

/// The evidence of a report, and how its newest version hangs together with it.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The text that the evidence is about.
    pub draft: Phi<String>,
    pub evidence: Evidence,
    /// Stretches of the recording whose words are not to be trusted, or are missing.
    pub doubts: Vec<Doubt>,
    /// Number of the newest version; 0 before there is one.
    pub version: u32,
    /// Which pieces of the newest version stand as drafted, where that is known.
    pub pieces: Option<Vec<Piece>>,
}

/// What stands behind a report's text.
///
/// # Errors
/// [`WorkflowError::NotFound`] while nothing was heard.
pub fn of_report(site: &Site, who: &Acting, id: ReportId) -> Result<Linked, WorkflowError> {
    look(site, who, Act::ViewTranscript, |tx, record| {
        let (report, _) = visible(site, tx, who, Act::ViewTranscript, id)?;
        record.subject("report", id);
        let missing = WorkflowError::NotFound { what: "transcript" };
        let Some(dictation) = report.dictation else { return Err(missing) };
        let transcript = dictations::transcript(tx, dictation)?.ok_or(missing)?;
        let pieces = pieces(tx, &report)?;
        let (draft, evidence) = ground(tx, &report)?;
        let draft = Phi::new(draft);
        let doubts = transcript.doubts;
        Ok(Linked { draft, evidence, doubts, version: report.version, pieces })
    })
}

/// Keeps with a new version which pieces of it stand as drafted; whether that was done.
pub(super) fn keep_link(
    tx: &Tx,
    report: &Report,
    text: &str,
    pieces: &[Piece],
) -> Result<bool, WorkflowError> {
    let has_ground = report.dictation.is_some() || !joins::of_report(tx, report.id)?.is_empty();
    let draft = if has_ground { Some(ground_text(tx, report)?) } else { None };
    let true_of_it = draft.is_some_and(|draft| evidence::holds(pieces, text, &draft));
    if true_of_it {
        store::evidence::insert_link(tx, report.id, report.version, pieces)?;
    }
    Ok(true_of_it)
}

/// How loud the recording is, 0 to 255 for each [`LEVEL_MS`]; made once and kept.
pub fn waveform(site: &Site, who: &Acting, id: DictationId) -> Result<Vec<u8>, WorkflowError> {
    let (_, reader) = transcription::audio(site, who, id)?;
    let kept: Result<_, WorkflowError> = site.store.read(|tx| Ok(store::evidence::levels(tx, id)?));
    if let Some(levels) = kept? {
        return Ok(levels);
    }
    let levels = levels_of(site, Box::new(reader))?;
    site.store.write(|tx| -> Result<_, WorkflowError> {
        Ok(store::evidence::keep_levels(tx, id, &levels)?)
    })?;
    Ok(levels)
}

fn levels_of(site: &Site, mut source: Box<dyn audio::Source>) -> Result<Vec<u8>, WorkflowError> {
    let unusable = |source| WorkflowError::Unusable { source };
    let limits = audio::Limits { max_duration_ms: site.settings.limits.max_audio_ms };
    let inspection = audio::inspect(&mut *source, &limits).map_err(unusable)?;
    let samples = audio::decode(source, inspection.mix).map_err(unusable)?;
    audio::loudness(samples, LEVEL_MS).map_err(unusable)
}

/// What a report's text is compared with: the machine's draft and its evidence, or what was
/// heard; then the same of each report that was joined to it.
pub(super) fn ground(tx: &Tx, report: &Report) -> Result<(String, Evidence), WorkflowError> {
    let joined = joins::of_report(tx, report.id)?;
    let (mut text, mut evidence) = match store::evidence::of_report(tx, report.id)? {
        Some(evidence) => (first_text(tx, report)?, evidence),
        None => own_transcript(tx, report, &joined)?.map(|h| as_heard(&h)).unwrap_or_default(),
    };
    for join in joined.iter().filter(|join| join.with_draft) {
        let missing = WorkflowError::NotFound { what: "joined report" };
        let other = reports::by_id(tx, join.joined)?.ok_or(missing)?;
        let (more, its) = ground(tx, &other)?;
        text += JOINT;
        let at = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        evidence.append(its, at, join.offset_ms.unwrap_or(0));
        text += &more;
    }
    Ok((text, evidence))
}

/// The text of [`ground`] alone, without reading all that stands behind it.
fn ground_text(tx: &Tx, report: &Report) -> Result<String, WorkflowError> {
    let joined = joins::of_report(tx, report.id)?;
    let mut text = if store::evidence::has(tx, report.id)? {
        first_text(tx, report)?
    } else {
        own_transcript(tx, report, &joined)?.map(|heard| heard.text()).unwrap_or_default()
    };
    for join in joined.iter().filter(|join| join.with_draft) {
        let missing = WorkflowError::NotFound { what: "joined report" };
        let other = reports::by_id(tx, join.joined)?.ok_or(missing)?;
        text += JOINT;
        text += &ground_text(tx, &other)?;
    }
    Ok(text)
}

/// Which pieces of the newest version stand as drafted, where that is known.
pub(super) fn pieces(tx: &Tx, report: &Report) -> Result<Option<Vec<Piece>>, WorkflowError> {
    if report.version == 1 && store::evidence::has(tx, report.id)? {
        return Ok(Some(evidence::whole(&first_text(tx, report)?)));
    }
    Ok(store::evidence::link(tx, report.id, report.version)?)
}

fn first_text(tx: &Tx, report: &Report) -> Result<String, WorkflowError> {
    let first = reports::version(tx, report.id, 1)?;
    Ok(first.map(|version| version.text.into_revealed()).unwrap_or_default())
}

/// What was heard of the recording that the report had before anything was joined to it.
fn own_transcript(
    tx: &Tx,
    report: &Report,
    joined: &[Join],
) -> Result<Option<Transcript>, WorkflowError> {
    let own = joined.first().map_or(report.dictation, |first| first.dictation_before);
    match own {
        Some(dictation) => Ok(dictations::transcript(tx, dictation)?),
        None => Ok(None),
    }
}

/// Where no evidence was kept with a draft, the heard words stand for one.
fn as_heard(transcript: &Transcript) -> (String, Evidence) {
    let mut timed = Vec::with_capacity(transcript.words.len());
    let mut start = 0_u32;
    for word in &transcript.words {
        let end = start + word.text.chars().count() as u32;
        let audio = crate::domain::time::AudioSpan { start_ms: word.start_ms, end_ms: word.end_ms };
        timed.push(Timed { text: TextSpan { start, end }, audio, confidence: word.confidence });
        start = end + 1;
    }
    (transcript.text(), Evidence { timed, ..Evidence::default() })
}

/// What is kept with a draft, so that its reader finds every word in the recording.
pub(super) fn of_draft(draft: &Draft, transcript: &Transcript) -> Evidence {
    let confidence = |mark: &SourceMark| {
        let words = transcript.words.get(mark.words.start as usize..mark.words.end as usize);
        words.unwrap_or_default().iter().map(|word| word.confidence).fold(1.0, f32::min)
    };
    let timed = draft.marks.iter().filter_map(|mark| {
        Some(Timed { text: mark.text, audio: mark.audio?, confidence: confidence(mark) })
    });
    let altered = draft.changes.iter().map(|change| Altered {
        text: change.text,
        audio: change.audio,
        heard: Phi::text(change.heard.clone()),
        written: Phi::text(change.written.clone()),
        rule: change.rule.to_owned(),
        score: change.score,
    });
    let weighed = transcript.reconsidered.iter().filter_map(|place| {
        let text = writer::place_of(&draft.marks, &place.words)?;
        let terms = place.alternatives.iter().cloned();
        let alternatives: Vec<_> = place.heard.iter().cloned().chain(terms).collect();
        let alternatives: Vec<_> = alternatives.into_iter().map(Phi::text).collect();
        (!alternatives.is_empty()).then_some(Choice { text, alternatives })
    });
    let spoken = draft.instructions.iter().map(|said| Spoken {
        kind: said.kind.code().to_owned(),
        text: Phi::text(said.text.clone()),
        audio: said.audio,
    });
    Evidence {
        timed: timed.collect(),
        altered: altered.collect(),
        choices: weighed.collect(),
        spoken: spoken.collect(),
    }
}
