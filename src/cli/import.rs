//! `chartscribe import`: takes recordings from files and folders into the site.
//!
//! Not for: transcribing without a site (`transcribe`).
//!
//! Invariant: a file is counted as taken only after its transaction is durable; the files
//! themselves are left where they are.

use super::out;
use super::place::{PlaceArgs, operator};
use crate::causes::chain;
use crate::domain::dictation::Origin;
use crate::workflow::receive::{self, Received, Reception};
use crate::workflow::site::{Acting, Site};
use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// File names in a folder that are taken for recordings; a file that is named is always tried.
const EXTENSIONS: &[&str] = &["wav", "wave", "flac"];
/// How deep folders are followed.
const MAX_DEPTH: u32 = 16;
const BLOCK: usize = 1 << 16;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: PlaceArgs,
    /// Recordings, and folders to look through for them.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// User name of the author who dictated them.
    #[arg(long)]
    author: String,
    /// Medical record number of the patient.
    #[arg(long)]
    mrn: Option<String>,
    /// Visit number.
    #[arg(long)]
    encounter: Option<String>,
    /// Work type code, such as HP.
    #[arg(long)]
    work_type: Option<String>,
    /// stat or routine.
    #[arg(long)]
    priority: Option<String>,
    /// Time of dictation, RFC 3339; now where it is missing.
    #[arg(long)]
    dictated_at: Option<String>,
}

#[derive(Default)]
struct Tally {
    taken: u32,
    repeated: u32,
    failed: u32,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let site = args.place.open()?;
    let who = operator();
    let mut tally = Tally::default();
    let mut files = Vec::new();
    for path in &args.paths {
        if let Err(error) = collect(path, MAX_DEPTH, true, &mut files) {
            eprintln!("{}: {error:#}", path.display());
            tally.failed += 1;
        }
    }
    let bar = ProgressBar::new(files.len() as u64);
    let style = "{bar:30} {pos} of {len} {wide_msg}";
    bar.set_style(ProgressStyle::with_template(style).expect("a constant template"));
    for path in &files {
        match take_in(&site, &who, &args, path) {
            Ok(received) if received.repeated => tally.repeated += 1,
            Ok(received) => {
                tally.taken += 1;
                for flag in &received.flags {
                    bar.suspend(|| eprintln!("{}: flagged {}", path.display(), flag.code()));
                }
            }
            Err(error) => {
                tally.failed += 1;
                bar.suspend(|| eprintln!("{}: {error:#}", path.display()));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let Tally { taken, repeated, failed } = tally;
    out::line(format_args!("{taken} taken, {repeated} received before, {failed} failed"))?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Adds the recordings at `path`, in the order of their names.
fn collect(path: &Path, depth: u32, named: bool, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let kind = std::fs::metadata(path).context("cannot be read")?.file_type();
    if kind.is_dir() {
        anyhow::ensure!(depth > 0, "folders are nested too deeply");
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(path).context("cannot be listed")? {
            entries.push(entry.context("cannot be listed")?.path());
        }
        entries.sort();
        for entry in entries {
            collect(&entry, depth - 1, false, files)?;
        }
        return Ok(());
    }
    let extension = path.extension().map(|e| e.to_string_lossy().to_ascii_lowercase());
    if named || extension.is_some_and(|e| EXTENSIONS.contains(&e.as_str())) {
        files.push(path.to_path_buf());
    }
    Ok(())
}

fn take_in(site: &Site, who: &Acting, args: &Args, path: &Path) -> anyhow::Result<Received> {
    let mut upload = receive::begin_upload(site, who)?;
    let mut file = BufReader::new(File::open(path).context("cannot be opened")?);
    let mut block = vec![0; BLOCK];
    loop {
        let read = file.read(&mut block).context("cannot be read")?;
        if read == 0 {
            break;
        }
        if let Err(error) = upload.write_all(&block[..read]) {
            // Too large is said by `receive`, with the limit.
            anyhow::ensure!(upload.is_too_large(), "cannot be stored: {}", chain(&error));
            break;
        }
    }
    let reception = Reception {
        author: Some(args.author.clone()),
        mrn: args.mrn.clone(),
        encounter: args.encounter.clone(),
        work_type: args.work_type.clone(),
        priority: args.priority.clone(),
        dictated_at: args.dictated_at.clone(),
        file_name: path.file_name().map(|name| name.to_string_lossy().into_owned()),
        ..Reception::of(Origin::Import)
    };
    Ok(receive::receive(site, who, reception, upload)?)
}
