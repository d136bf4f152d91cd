//! The subcommands, one file each, and the one place that prints a failure's chain of causes.
//!
//! Not for: doing the work; each subcommand reads its arguments and calls a layer below.
//!
//! Invariant: results go to standard output, everything for a person's eyes to standard error;
//! exit codes are 0 for all done, 1 for some or all failed, 2 for wrong usage.

mod audit;
mod backup;
mod demo;
mod draft_format;
mod evaluate;
mod evaluate_report;
mod evaluate_safety;
mod format;
mod import;
mod init;
mod key;
mod model;
mod models_folder;
mod out;
mod place;
mod record;
mod restore;
#[cfg(feature = "faults")]
mod scripted;
mod serve;
mod speech_child;
mod transcribe;
mod transcript_format;
mod user;
mod vocab;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Offline medical dictation: from the microphone to a signed, filed report.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make the data folder and its key.
    Init(init::Args),
    /// Add and change people and their API tokens.
    User(user::Args),
    /// The key of the data folder: a new one, and its form on paper.
    Key(key::Args),
    /// Check the audit, and write its rows out.
    Audit(audit::Args),
    /// Back the data folder up, while it is in use.
    Backup(backup::Args),
    /// Make a data folder from a backup, in an empty place.
    Restore(restore::Args),
    /// Take recordings from files and folders into the site.
    Import(import::Args),
    /// Load the demonstration site.
    Demo(demo::Args),
    /// Serve the site: pages, API and transcription.
    Serve(serve::Args),
    /// Record a dictation at the workstation's microphone.
    Record(record::Args),
    /// List, install, verify and find speech models.
    Model(model::Args),
    /// Transcribe recordings without a server or a data folder.
    Transcribe(transcribe::Args),
    /// Write dictated words as a report: standard input to standard output.
    Format(format::Args),
    /// Measure error rates on recordings whose texts are known.
    Evaluate(evaluate::Args),
    /// Look words up, check a text, import and export terms.
    Vocab(vocab::Args),
    #[cfg(feature = "faults")]
    #[command(hide = true)]
    Scripted(scripted::Args),
    #[command(hide = true)]
    SpeechChild(speech_child::Args),
}

/// Runs the subcommand named on the command line.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match cli.command {
        Command::Init(args) => init::run(args),
        Command::User(args) => user::run(args),
        Command::Key(args) => key::run(args),
        Command::Audit(args) => audit::run(args),
        Command::Backup(args) => backup::run(args),
        Command::Restore(args) => restore::run(args),
        Command::Import(args) => import::run(args),
        Command::Demo(args) => demo::run(args),
        #[cfg(feature = "faults")]
        Command::Scripted(args) => scripted::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Record(args) => record::run(args),
        Command::Model(args) => model::run(args),
        Command::Transcribe(args) => transcribe::run(args),
        Command::Format(args) => format::run(args),
        Command::Evaluate(args) => evaluate::run(args),
        Command::Vocab(args) => vocab::run(args),
        Command::SpeechChild(args) => speech_child::run(args),
    };
    result.unwrap_or_else(|error| {
        if out::is_closed(&error) {
            return ExitCode::SUCCESS;
        }
        eprintln!("chartscribe: {error:#}");
        ExitCode::FAILURE
    })
}
