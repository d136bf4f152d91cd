//! `chartscribe init`: makes the data folder and its key.
//!
//! Not for: people or demonstration data (`user`, `demo`).

use super::place::{PlaceArgs, place};
use crate::store::db::Store;
use anyhow::Context;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: PlaceArgs,
    /// Do nothing when the data folder exists already.
    #[arg(long)]
    if_missing: bool,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let place = place(&args.place.settings()?);
    if args.if_missing && place.is_created() {
        return Ok(ExitCode::SUCCESS);
    }
    Store::create(&place)
        .with_context(|| format!("cannot make the data folder {}", place.data.display()))?;
    eprintln!("made the data folder {}", place.data.display());
    eprintln!("and its key {}", place.key_file.display());
    eprintln!("Keep a copy of the key in a safe place: without it nothing can be read again.");
    Ok(ExitCode::SUCCESS)
}
