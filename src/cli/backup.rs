//! `chartscribe backup`: a snapshot of the data folder, encrypted as it is, while it is in use.
//!
//! Not for: the key file. It opens the backup too, and is kept apart from it.

use super::out;
use super::place::{PlaceArgs, operator};
use crate::domain::audit::Act;
use crate::store::backup;
use crate::workflow::upkeep::write_down;
use anyhow::Context;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: PlaceArgs,
    /// Folder of backups: a new one, an empty one, or the one of last time.
    #[arg(value_name = "DIR")]
    target: PathBuf,
    /// Remove older snapshots of the database, but so many; the recordings stay.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let site = args.place.open()?;
    let who = operator();
    write_down(&site, &who, Act::BackUp, "begun", &[])?;
    let done = backup::backup(&site.store, &args.target, site.clock.now())
        .with_context(|| format!("no backup was written to {}", args.target.display()))?;
    let details = [
        ("snapshot", done.snapshot.clone()),
        ("recordings", done.recordings.to_string()),
        ("audit-rows", done.audit_rows.to_string()),
    ];
    write_down(&site, &who, Act::BackUp, "done", &details)?;
    out::line(&done.snapshot)?;
    eprintln!("{} recordings, {} of them new", done.recordings, done.new);
    if done.missing > 0 {
        eprintln!("{} recordings that the database names are not there", done.missing);
    }
    if let Some(keep) = args.keep {
        let removed = backup::keep_newest(&args.target, keep as usize)?;
        eprintln!("removed {removed} older snapshots");
    }
    eprintln!("The backup opens with key file {}", site.settings.key_file.display());
    eprintln!("Keep a copy of that elsewhere: chartscribe key recovery");
    Ok(ExitCode::SUCCESS)
}
