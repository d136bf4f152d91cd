//! `chartscribe evaluate`: error rates of the recogniser and of drafts on a folder of recordings
//! whose texts are known.
//!
//! Not for: counting (`evaluate::score`), or laying the figures out (`evaluate_report`).
//!
//! Invariant: the figures go to standard output and everything else to standard error; a
//! recording that fails is named, is in no figure, and makes the exit code 1.

use super::evaluate_report::{self, Measured};
use super::models_folder::ModelsFolder;
use crate::domain::transcript::Transcript;
use crate::evaluate::manifest::{self, Row};
use crate::evaluate::passes::{self, Heard, Written};
use crate::evaluate::patient::{self, PatientTerm};
use crate::evaluate::safety::{self, Drafted};
use crate::evaluate::score::{self, Pass, Recording, Text};
use crate::evaluate::{memory, table::TABLE_BYTES_MAX};
use crate::speech::child::{self, ChildRecognizer, ChildSettings};
use crate::speech::{Hearing, Watch};
use crate::vocab::lexicon::Lexicon;
use anyhow::{Context, bail, ensure};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// Table of recordings: tabs between cells, no quoting, a header with file, reference, terms
    /// and, where known, set, voice and slots; files are relative to it
    manifest: PathBuf,
    /// Speech model [default: the catalogue's]
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Threads of the engine, at most the machine's cores [default: all cores, up to 8]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Only the engine's bare output
    #[arg(long, conflicts_with = "context")]
    plain: bool,
    /// In place of the vocabulary's pass, the words that would have become final while the
    /// recording was spoken
    #[arg(long, conflicts_with = "plain")]
    live: bool,
    /// Table of what is known of each recording's patient: file and any of drugs, problems,
    /// allergies and names, with semicolons between terms
    #[arg(long, value_name = "FILE")]
    context: Option<PathBuf>,
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write each file's text before formatting here, for another scorer: file, tab, text
    #[arg(long, value_name = "FILE")]
    hyp: Option<PathBuf>,
    #[command(flatten)]
    folder: ModelsFolder,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
}

/// What was made of a recording.
struct Outcome<'a> {
    row: &'a Row,
    plain: Heard,
    /// None with `--plain`.
    full: Option<(Heard, Written)>,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Args { manifest, model, threads, plain, live, context, format, hyp, folder } = args;
    let rows = rows(&manifest)?;
    let known = context.as_deref().map(|path| known(path, &rows)).transpose()?.unwrap_or_default();
    let cores = child::default_threads();
    let threads = threads.unwrap_or(cores).clamp(1, cores.max(1));
    let settings = ChildSettings {
        program: std::env::current_exe().context("cannot find this program's file")?,
        model: folder.find(model.as_deref())?,
        threads,
        spare_threads: 0,
        idle_release: child::IDLE_RELEASE,
        gives_way: false,
    };
    let model = settings.model.name.clone();
    let mut hyp = hyp.as_deref().map(Hypotheses::create).transpose()?;
    let recognizer = ChildRecognizer::new(settings);
    let load = passes::warm_up(&recognizer, &Unwatched)?;
    let road = match (plain, live) {
        (true, _) => None,
        (false, false) => Some(Hearing::Recording),
        (false, true) => Some(Hearing::Phrase),
    };
    let bar = bar(rows.len());
    let base = manifest.parent().unwrap_or(Path::new(""));
    let (mut outcomes, mut failed, mut engine_kib) = (Vec::new(), 0, None);
    for row in &rows {
        let terms = known.get(&row.file).map_or(&[][..], Vec::as_slice);
        match outcome(&recognizer, base, row, road, terms) {
            Ok(outcome) => {
                hyp.as_mut().map(|hyp| hyp.add(&outcome)).transpose()?;
                outcomes.push(outcome);
            }
            Err(error) => {
                bar.suspend(|| eprintln!("chartscribe: {error:#}"));
                failed += 1;
            }
        }
        engine_kib = engine_kib.max(recognizer.child_id().and_then(memory::peak_kib));
        bar.inc(1);
    }
    bar.finish_and_clear();
    // Before the counting, whose tables are no memory of the recognition.
    let program_kib = memory::peak_kib(std::process::id());
    ensure!(!outcomes.is_empty(), "no recording could be used");
    let recordings: Vec<Recording<'_>> = outcomes.iter().map(Outcome::recording).collect();
    let report = score::score(&recordings, &Lexicon::built_in());
    let drafts: Vec<Drafted<'_>> = outcomes.iter().filter_map(Outcome::drafted).collect();
    let safety = safety::judge(&drafts);
    let measured =
        Measured { model, threads, failed, load, engine_kib, program_kib, report, safety };
    let text = match format {
        Format::Table => evaluate_report::table(&measured),
        Format::Json => evaluate_report::json(&measured),
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("cannot write the result")?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The manifest's rows, all of whose files are there.
fn rows(path: &Path) -> anyhow::Result<Vec<Row>> {
    let named = || path.display().to_string();
    let rows = manifest::read(&text_of(path)?).with_context(named)?;
    let base = path.parent().unwrap_or(Path::new(""));
    let is_missing = |row: &&Row| !base.join(&row.file).is_file();
    let missing: Vec<String> = rows
        .iter()
        .filter(is_missing)
        .map(|row| format!("\n  line {}: there is no file {}", row.line, row.file))
        .collect();
    ensure!(missing.is_empty(), "{}: recordings are missing{}", named(), missing.concat());
    Ok(rows)
}

/// What is known of the patients, by file.
fn known(path: &Path, rows: &[Row]) -> anyhow::Result<HashMap<String, Vec<PatientTerm>>> {
    let known = patient::read(&text_of(path)?).with_context(|| path.display().to_string())?;
    let count = rows.iter().filter(|row| known.contains_key(&row.file)).count();
    ensure!(count > 0, "{}: none of its files is in the manifest", path.display());
    eprintln!("context is known for {count} of {} recordings", rows.len());
    Ok(known)
}

fn text_of(path: &Path) -> anyhow::Result<String> {
    let cannot = || format!("cannot read {}", path.display());
    let file = File::open(path).with_context(cannot)?;
    let mut text = String::new();
    file.take(TABLE_BYTES_MAX + 1).read_to_string(&mut text).with_context(cannot)?;
    if text.len() as u64 > TABLE_BYTES_MAX {
        bail!("{} is larger than {} MB", path.display(), TABLE_BYTES_MAX >> 20);
    }
    Ok(text)
}

/// Sends a recording through the passes.
fn outcome<'a>(
    recognizer: &ChildRecognizer,
    base: &Path,
    row: &'a Row,
    road: Option<Hearing>,
    terms: &[PatientTerm],
) -> anyhow::Result<Outcome<'a>> {
    let path = base.join(&row.file);
    let hear = |plain, hearing| {
        let request = passes::request(plain, terms, hearing);
        passes::hear(recognizer, &path, &request, &Unwatched)
    };
    let plain = hear(true, Hearing::Recording)?;
    let full = road.map(|hearing| hear(false, hearing)).transpose()?;
    let full = full.map(|heard| {
        let written = passes::write(&heard.transcript, &Lexicon::built_in());
        (heard, written)
    });
    Ok(Outcome { row, plain, full })
}

impl Outcome<'_> {
    /// The text after the vocabulary, or with `--plain` without it.
    fn transcript(&self) -> &Transcript {
        let heard = self.full.as_ref().map_or(&self.plain, |(heard, _)| heard);
        &heard.transcript
    }

    fn drafted(&self) -> Option<Drafted<'_>> {
        let (_, written) = self.full.as_ref()?;
        Some(Drafted { row: self.row, text: &written.text, flags: written.flags })
    }

    fn recording(&self) -> Recording<'_> {
        let Self { row, plain, full } = self;
        let mut passes = vec![(Pass::Plain, Text::Heard(&plain.transcript), plain.elapsed)];
        if let Some((heard, written)) = full {
            passes.push((Pass::Vocabulary, Text::Heard(&heard.transcript), heard.elapsed));
            let elapsed = heard.elapsed + written.elapsed;
            passes.push((Pass::Draft, Text::Written(&written.text), elapsed));
        }
        Recording { row, audio_ms: plain.transcript.audio_ms, passes }
    }
}

/// The file of `--hyp`.
struct Hypotheses {
    path: PathBuf,
    file: File,
}

impl Hypotheses {
    fn create(path: &Path) -> anyhow::Result<Self> {
        let cannot = || format!("cannot write {}", path.display());
        Ok(Self { path: path.into(), file: File::create(path).with_context(cannot)? })
    }

    fn add(&mut self, outcome: &Outcome<'_>) -> anyhow::Result<()> {
        let text = outcome.transcript().text();
        let words: Vec<&str> = text.split_whitespace().collect();
        writeln!(self.file, "{}\t{}", outcome.row.file, words.join(" "))
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Recordings done, on standard error; nothing where that is no terminal.
fn bar(recordings: usize) -> ProgressBar {
    let bar = ProgressBar::new(recordings as u64);
    let style = ProgressStyle::with_template("{pos} of {len} recordings {wide_bar} {eta}");
    bar.set_style(style.expect("the template is well-formed"));
    bar
}

/// The terminal's interrupt ends the program, and the engine with it.
struct Unwatched;

impl Watch for Unwatched {
    fn stopped(&self) -> bool {
        false
    }

    fn progress(&self, _fraction: f32) {}
}
