//! `chartscribe record`: dictates to a server, or into a file.
//!
//! Not for: capturing, keeping or sending (`mic`).
//!
//! Invariant: a recording that was made is in the sealed spool, or in a file whose name was shown,
//! until the server has acknowledged it or the person has discarded it.

#[cfg(feature = "microphone")]
mod at_server;
#[cfg(feature = "microphone")]
mod keys;
#[cfg(feature = "microphone")]
mod screen;
#[cfg(feature = "microphone")]
mod script;
#[cfg(feature = "microphone")]
mod signals;
#[cfg(feature = "microphone")]
mod terminal;
#[cfg(feature = "microphone")]
mod to_file;
#[cfg(feature = "microphone")]
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

/// Dictate from a microphone of this workstation.
///
/// With --server the program shows the patient, the level and the text on the terminal; its last
/// line names the keys. Where standard input is no terminal it takes one command a line: patient
/// MRN, confirm, deny, stat, routine, worktype CODE, device NAME, record, pause, send, discard,
/// open N (a recording that waits), status, quit. Standard output then has the lines "text",
/// "status" and "dictation".
#[derive(clap::Args)]
#[command(group = clap::ArgGroup::new("target").required(true)
    .args(["output", "server", "list_devices"]))]
pub struct Args {
    /// List the microphones and end
    #[arg(long)]
    list_devices: bool,
    /// The microphone: its name from --list-devices, or a part of its description
    #[arg(long, value_name = "NAME")]
    device: Option<String>,
    /// Stop by itself after so many seconds of recording
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=7200),
        conflicts_with = "server")]
    seconds: Option<u32>,
    /// Record into this WAV file
    #[arg(long, value_name = "FILE.wav")]
    output: Option<PathBuf>,
    /// Dictate to this server
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// File that holds the token for the server; without it, CHARTSCRIBE_TOKEN is read
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    token_file: Option<PathBuf>,
    /// Certificate (PEM) of the hospital that signed the server's, if no public one did
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    ca_file: Option<PathBuf>,
    /// User name of the author, if not the owner of the token
    #[arg(long, conflicts_with = "output")]
    author: Option<String>,
    /// Medical record number of the patient; it is asked whether that is the right one
    #[arg(long, conflicts_with = "output")]
    mrn: Option<String>,
    /// Visit number
    #[arg(long, conflicts_with = "output")]
    encounter: Option<String>,
    /// Code of the work type
    #[arg(long, value_name = "CODE", conflicts_with = "output")]
    work_type: Option<String>,
    /// How soon the report is needed
    #[arg(long, value_parser = ["stat", "routine"], conflicts_with = "output")]
    priority: Option<String>,
}

#[cfg(feature = "microphone")]
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match (&args.server, &args.output) {
        (Some(address), _) => at_server::run(&args, address),
        (None, Some(path)) => to_file::run(&args, path),
        (None, None) => at_server::list_devices(),
    }
}

#[cfg(not(feature = "microphone"))]
pub fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!(
        "this program was built without the recorder; \
         build it with: cargo build --release --features microphone"
    )
}
