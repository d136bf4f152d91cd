//! `chartscribe speech-child`: the speech engine's own process. Hidden; the program starts it.
//!
//! Not for: use by hand.
//!
//! Invariant: standard output carries frames and nothing else.

use crate::speech::engine::{self, Setup};
use anyhow::Context;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[arg(long)]
    model: PathBuf,
    #[arg(long)]
    threads: usize,
    /// More threads for the encoder, while cores are idle
    #[arg(long, default_value_t = 0)]
    spare_threads: usize,
    /// How many times as sure the model is of its words as base
    #[arg(long, default_value_t = 1.0)]
    certainty: f32,
    /// Everything else on the machine runs first
    #[arg(long)]
    gives_way: bool,
}

/// Steps that the engine gives way by, of the 19 that `nice` has: half of them leave it a tenth of
/// a processor that somebody else wants all of (sched(7), weights of CFS and EEVDF).
const NICE: i32 = 10;

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Args { model, threads, spare_threads, certainty, gives_way } = args;
    if gives_way && let Err(error) = rustix::process::nice(NICE) {
        eprintln!("the engine does not give way: {error}");
    }
    let setup = Setup { model, threads, spare_threads, certainty };
    engine::serve(&setup, std::io::stdin(), std::io::stdout()).context("cannot answer the program")
}
