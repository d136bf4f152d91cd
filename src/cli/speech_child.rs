//! `chartscribe speech-child`: the speech engine's own process. Hidden; the program starts it.
//!
//! Not for: use by hand.
//!
//! Invariant: standard output carries frames and nothing else.

use crate::speech::engine;
use anyhow::Context;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[arg(long)]
    model: PathBuf,
    #[arg(long)]
    threads: usize,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Args { model, threads } = args;
    engine::serve(&model, threads, std::io::stdin(), std::io::stdout())
        .context("cannot answer the program")
}
