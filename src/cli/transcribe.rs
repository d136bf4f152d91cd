//! `chartscribe transcribe`: recordings to text, without a server or a data folder.
//!
//! Not for: filing anything, or how recognition works (`speech`).
//!
//! Invariant: one result for each file, in the order given; a file that fails prints none.

use super::models_folder::ModelsFolder;
use super::transcript_format::{self, Done};
use crate::audio::{self, Inspection, Limits};
use crate::domain::punctuation::Mode;
use crate::domain::work_type::WorkTypeCode;
use crate::speech::child::{self, ChildRecognizer, ChildSettings};
use crate::speech::{Request, SpeechError, Watch, transcribe};
use crate::text::pipeline;
use crate::text::request::Request as TextRequest;
use crate::vocab::lexicon::Lexicon;
use anyhow::Context;
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

/// The server takes two hours; the command line takes what it is given, up to a day.
const DURATION_MAX_MS: u32 = 24 * 3600 * 1000;
/// A file is tried again when the engine died on it.
const TRIES: u32 = 2;
const PROGRESS_STEPS: u64 = 1000;

#[derive(clap::Args)]
pub struct Args {
    /// WAV or FLAC recordings
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Speech model [default: the catalogue's]
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Work type of the dictation, such as HP
    #[arg(long, value_name = "CODE", value_parser = work_type)]
    work_type: Option<WorkTypeCode>,
    /// Who sets the marks: spoken, auto or mixed
    #[arg(long, value_name = "M", value_parser = super::format::mode, default_value = "mixed")]
    mode: Mode,
    /// The engine's bare output: no bias, vocabulary or formatting
    #[arg(long)]
    plain: bool,
    /// Threads of the engine, at most the machine's cores [default: all cores, up to 8]
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    #[command(flatten)]
    folder: ModelsFolder,
}

/// What is printed for a file.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    /// One JSON document a line
    Json,
    Srt,
    Vtt,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Args { files, model, format, work_type, mode, plain, threads, folder } = args;
    let settings = ChildSettings {
        program: std::env::current_exe().context("cannot find this program's file")?,
        model: folder.find(model.as_deref())?,
        threads: threads.unwrap_or_else(child::default_threads),
        spare_threads: 0,
        idle_release: child::IDLE_RELEASE,
        gives_way: false,
    };
    let recognizer = ChildRecognizer::new(settings);
    let request = Request { plain, mode, ..Request::default() };
    let lexicon = Lexicon::built_in();
    let style = TextRequest {
        mode,
        work_type: work_type.as_ref().map(WorkTypeCode::as_str),
        ..TextRequest::new(&lexicon)
    };
    let style = (!plain).then_some(&style);
    let mut code = ExitCode::SUCCESS;
    for (index, path) in files.iter().enumerate() {
        match one(&recognizer, path, &request) {
            Ok(done) => print(&done, style, format, index).context("cannot write the result")?,
            Err(error) => {
                eprintln!("chartscribe: {}: {error:#}", path.display());
                code = ExitCode::FAILURE;
            }
        }
    }
    Ok(code)
}

fn one(recognizer: &ChildRecognizer, path: &Path, request: &Request) -> anyhow::Result<Done> {
    let began = Instant::now();
    let mut file = File::open(path).context("cannot open the file")?;
    let limits = Limits { max_duration_ms: DURATION_MAX_MS };
    let inspection = audio::inspect(&mut file, &limits)?;
    let mut tries = 0;
    let transcript = loop {
        tries += 1;
        match attempt(recognizer, path, &inspection, request) {
            Err(SpeechError::EngineDied { .. }) if tries < TRIES => {}
            other => break other?,
        }
    };
    let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Done { transcript, inspection, name, elapsed_ms })
}

fn attempt(
    recognizer: &ChildRecognizer,
    path: &Path,
    inspection: &Inspection,
    request: &Request,
) -> Result<crate::domain::transcript::Transcript, SpeechError> {
    let audio_error = |source| SpeechError::Audio { source };
    let file =
        File::open(path).map_err(|source| audio_error(audio::AudioError::Read { source }))?;
    let samples = audio::decode(Box::new(file), inspection.mix).map_err(audio_error)?;
    let bar = Bar::new(path);
    let chunks = audio::chunks(samples);
    let result = transcribe(recognizer, chunks, inspection.duration_ms, request, &bar);
    bar.0.finish_and_clear();
    result
}

/// Text and JSON hold the draft, or with `--plain` the words as the engine gave them; subtitles
/// are always of what was said.
fn print(
    done: &Done,
    style: Option<&TextRequest<'_>>,
    format: Format,
    index: usize,
) -> io::Result<()> {
    let drafted = || style.map(|style| pipeline::write(&done.transcript, style));
    let text = match format {
        Format::Text => match drafted() {
            Some((draft, _)) => format!("{}\n", draft.text),
            None => format!("{}\n", done.transcript.text()),
        },
        Format::Json => format!("{}\n", transcript_format::json(done, drafted().as_ref())),
        Format::Srt => transcript_format::srt(&done.transcript),
        Format::Vtt => transcript_format::vtt(&done.transcript),
    };
    let mut out = io::stdout().lock();
    // Subtitles of several files are parted by an empty line; text and JSON have one line each.
    if index > 0 && matches!(format, Format::Srt | Format::Vtt) {
        writeln!(out)?;
    }
    out.write_all(text.as_bytes())?;
    out.flush()
}

pub fn work_type(text: &str) -> Result<WorkTypeCode, String> {
    WorkTypeCode::parse(text).ok_or_else(|| "a work type is two letters or digits".into())
}

/// Progress on standard error; nothing where that is no terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new(path: &Path) -> Self {
        let bar = ProgressBar::new(PROGRESS_STEPS);
        let template = "{msg} {wide_bar} {percent}% {elapsed}";
        bar.set_style(ProgressStyle::with_template(template).expect("the template is well-formed"));
        bar.set_message(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        Self(bar)
    }
}

impl Watch for Bar {
    /// The terminal's interrupt ends the program, and the engine with it.
    fn stopped(&self) -> bool {
        false
    }

    fn progress(&self, fraction: f32) {
        self.0.set_position((fraction * PROGRESS_STEPS as f32) as u64);
    }
}
