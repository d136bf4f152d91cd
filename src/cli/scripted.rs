//! `chartscribe scripted`: takes a recording in with a transcript that a test has written.
//!
//! Not for: real sites; it is in builds with the feature `faults` alone, and hidden there.
//!
//! Invariant: only the recogniser is replaced; receiving, drafting and storing are the real acts.

use super::out;
use super::place::{PlaceArgs, operator};
use crate::domain::dictation::Origin;
use crate::domain::time::AudioSpan;
use crate::domain::transcript::{Doubt, DoubtKind, Reconsidered, Transcript, Word};
use crate::workflow::receive::{self, Reception};
use crate::workflow::{drafting, transcription};
use anyhow::Context;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How long the one job is held, in ms.
const LEASE_MS: i64 = 60_000;

const WORKER: &str = "scripted";

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: PlaceArgs,
    /// The recording.
    audio: PathBuf,
    /// What was heard: a JSON list of [word, start in ms, end in ms, confidence].
    #[arg(long)]
    words: PathBuf,
    /// What was weighed: a JSON list of [first word, word after the last, heard first, score,
    /// [other terms]].
    #[arg(long)]
    weighed: Option<PathBuf>,
    /// What is not to be trusted: a JSON list of [kind, start in ms, end in ms].
    #[arg(long)]
    doubts: Option<PathBuf>,
    #[arg(long)]
    author: String,
    #[arg(long)]
    mrn: String,
    #[arg(long)]
    work_type: String,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let site = args.place.open()?;
    let who = operator();
    let rows = std::fs::read(&args.words).context("the words cannot be read")?;
    let rows: Vec<(String, u32, u32, f32)> =
        serde_json::from_slice(&rows).context("the words are not understood")?;
    let weighed = match &args.weighed {
        Some(path) => weighed(path)?,
        None => Vec::new(),
    };
    let doubts = match &args.doubts {
        Some(path) => doubts(path)?,
        None => Vec::new(),
    };
    let mut upload = receive::begin_upload(&site, &who)?;
    upload.write_all(&std::fs::read(&args.audio).context("the recording cannot be read")?)?;
    let reception = Reception {
        author: Some(args.author),
        mrn: Some(args.mrn),
        encounter: None,
        work_type: Some(args.work_type),
        // First in the queue, so that the job that is claimed is this one.
        priority: Some("stat".into()),
        ..Reception::of(Origin::Import)
    };
    let received = receive::receive(&site, &who, reception, upload)?;
    let claimed = transcription::claim(&site, WORKER, LEASE_MS)?.context("no job is due")?;
    anyhow::ensure!(claimed.dictation.id == received.dictation, "another job was claimed");
    let word = |(text, start_ms, end_ms, confidence)| Word { text, start_ms, end_ms, confidence };
    let transcript = Transcript {
        words: rows.into_iter().map(word).collect(),
        doubts,
        reconsidered: weighed,
        audio_ms: claimed.dictation.audio.duration_ms,
        model: WORKER.into(),
    };
    let (draft, flags) = drafting::draft(&site, &claimed.dictation, &transcript)?;
    transcription::complete(&site, &claimed.job, WORKER, &transcript, draft, flags)?;
    out::line(received.report)?;
    Ok(ExitCode::SUCCESS)
}

fn weighed(path: &Path) -> anyhow::Result<Vec<Reconsidered>> {
    type Row = (u32, u32, Option<String>, f32, Vec<String>);
    let rows = std::fs::read(path).context("what was weighed cannot be read")?;
    let rows: Vec<Row> =
        serde_json::from_slice(&rows).context("what was weighed is not understood")?;
    let place = |(start, end, heard, score, alternatives)| Reconsidered {
        words: start..end,
        heard,
        score,
        alternatives,
        otherwise: None,
    };
    Ok(rows.into_iter().map(place).collect())
}

fn doubts(path: &Path) -> anyhow::Result<Vec<Doubt>> {
    let rows = std::fs::read(path).context("the doubts cannot be read")?;
    let rows: Vec<(String, u32, u32)> =
        serde_json::from_slice(&rows).context("the doubts are not understood")?;
    let mut doubts = Vec::new();
    for (code, start_ms, end_ms) in rows {
        let kind = DoubtKind::from_code(&code).context("no such kind of doubt")?;
        doubts.push(Doubt { kind, span: AudioSpan { start_ms, end_ms } });
    }
    Ok(doubts)
}
