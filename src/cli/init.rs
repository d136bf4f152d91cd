//! `chartscribe init`: makes the data folder and its key.
//!
//! Not for: people or demonstration data (`user`, `demo`).

use super::place::{PlaceArgs, operator, place};
use crate::store::db::Store;
use crate::vocab::work_types::WorkTypes;
use crate::workflow::sampling;
use crate::workflow::site::{Clock, Site};
use anyhow::Context;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: PlaceArgs,
    /// Do nothing when the data folder exists already.
    #[arg(long)]
    if_missing: bool,
    /// How much of all work QA looks at, until a reviewer says otherwise
    #[arg(long, value_name = "PERCENT", default_value_t = sampling::SITE_PERCENT)]
    qa_percent: u32,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let settings = args.place.settings()?;
    let place = place(&settings);
    if args.if_missing && place.is_created() {
        return Ok(ExitCode::SUCCESS);
    }
    let store = Store::create(&place)
        .with_context(|| format!("cannot make the data folder {}", place.data.display()))?;
    let site = Site { store, clock: Clock::system(), settings, work_types: WorkTypes::built_in() };
    sampling::begin(&site, &operator(), args.qa_percent)
        .context("cannot write what a new site begins with")?;
    eprintln!("made the data folder {}", place.data.display());
    eprintln!("and its key {}", place.key_file.display());
    eprintln!("Keep a copy of the key in a safe place: without it nothing can be read again.");
    Ok(ExitCode::SUCCESS)
}
