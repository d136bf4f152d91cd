//! `chartscribe format`: dictated words on standard input, the written text on standard output.
//!
//! Not for: recognition; `chartscribe transcribe` does both.
//!
//! Invariant: with `--lines` each line of input gives one line of output, in order.

use super::draft_format;
use crate::domain::work_type::WorkTypeCode;
use crate::text::pipeline::write_text;
use crate::text::request::{Mode, Normal, Request};
use crate::vocab::lexicon::Lexicon;
use anyhow::{Context, bail};
use std::fs;
use std::io::{self, BufRead, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The longest text or line, in bytes: more than a day of dictation.
const INPUT_MAX: u64 = 16 * 1024 * 1024;
/// The longest file of normals, in bytes.
const NORMALS_MAX: u64 = 4 * 1024 * 1024;

#[derive(clap::Args)]
pub struct Args {
    /// Work type of the dictation, such as HP
    #[arg(long, value_name = "CODE", value_parser = super::transcribe::work_type)]
    work_type: Option<WorkTypeCode>,
    /// Who writes the punctuation: spoken, auto or mixed
    #[arg(long, value_name = "M", value_parser = mode, default_value = "mixed")]
    mode: Mode,
    /// Normals: a name, a tab and the text on each line, line breaks as \n
    #[arg(long, value_name = "FILE")]
    normals: Option<PathBuf>,
    /// Each line is an utterance of its own; line breaks are shown as \n
    #[arg(long)]
    lines: bool,
    /// JSON with changes and flags
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Args { work_type, mode, normals, lines, json } = args;
    let normals = normals.as_deref().map_or_else(|| Ok(Vec::new()), read_normals)?;
    let lexicon = Lexicon::built_in();
    let request = Request {
        mode,
        work_type: work_type.as_ref().map(WorkTypeCode::as_str),
        normals: &normals,
        ..Request::new(&lexicon)
    };
    if lines {
        each_line(&request, json)?;
    } else {
        let mut text = String::new();
        let read = io::stdin().lock().take(INPUT_MAX + 1).read_to_string(&mut text);
        if read.context("cannot read the text")? as u64 > INPUT_MAX {
            bail!("the text is longer than {INPUT_MAX} bytes");
        }
        let written = formatted(&text, &request, json);
        let mut out = io::stdout().lock();
        writeln!(out, "{written}").context("cannot write the text")?;
    }
    Ok(ExitCode::SUCCESS)
}

fn each_line(request: &Request<'_>, json: bool) -> anyhow::Result<()> {
    let mut input = io::stdin().lock();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut line = String::new();
    loop {
        line.clear();
        let read = (&mut input).take(INPUT_MAX).read_line(&mut line);
        if read.context("cannot read a line")? == 0 {
            break;
        }
        let utterance = line.trim_end_matches(['\n', '\r']).replace("\\n", "\n");
        let written = formatted(&utterance, request, json);
        let written = if json { written } else { written.replace('\n', "\\n") };
        writeln!(out, "{written}").context("cannot write a line")?;
    }
    out.flush().context("cannot write the text")
}

fn formatted(text: &str, request: &Request<'_>, json: bool) -> String {
    let (draft, flags) = write_text(text, request);
    if json { draft_format::json(&draft, &flags) } else { draft.text }
}

fn read_normals(path: &Path) -> anyhow::Result<Vec<Normal>> {
    let size = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    if size > NORMALS_MAX {
        bail!("{} is longer than {NORMALS_MAX} bytes", path.display());
    }
    let table =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut normals = Vec::new();
    for (line, place) in table.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
        let Some((name, text)) = line.split_once('\t') else {
            bail!("line {place} of {} has no tab between name and text", path.display());
        };
        let (name, text) = (name.trim().to_owned(), text.replace("\\n", "\n"));
        normals.push(Normal { name, text });
    }
    Ok(normals)
}

pub(super) fn mode(text: &str) -> Result<Mode, String> {
    Mode::from_code(text).ok_or_else(|| "a mode is spoken, auto or mixed".into())
}
