//! `chartscribe restore`: a data folder from a backup, into an empty place, checked whole.
//!
//! Not for: a place that has a data folder; nothing is ever written over.

use super::out;
use super::place::{PlaceArgs, open, operator, place};
use crate::domain::audit::Act;
use crate::store::{heads, restore};
use crate::workflow::upkeep::write_down;
use anyhow::Context;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: PlaceArgs,
    /// Folder of backups.
    #[arg(value_name = "DIR")]
    target: PathBuf,
    /// Which snapshot; the newest where none is named.
    #[arg(long, value_name = "NAME")]
    snapshot: Option<String>,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let settings = args.place.settings()?;
    let place = place(&settings);
    let done = restore::restore(&place, &args.target, args.snapshot.as_deref())
        .with_context(|| format!("nothing was restored to {}", place.data.display()))?;
    let site = open(settings)?;
    // The chain goes another way on from here; the old heads stay as evidence.
    let aside = heads::put_aside(&site.settings.audit_heads, site.clock.now())?;
    let details = [("snapshot", done.snapshot.clone()), ("made-at", done.made_at.0.to_string())];
    write_down(&site, &operator(), Act::Restore, "done", &details)?;
    out::line(&done.snapshot)?;
    let whole = done.whole;
    eprintln!(
        "restored and read whole: {} versions of reports, {} recordings, {} rows of the audit",
        whole.versions, whole.recordings, whole.audit_rows
    );
    if whole.missing > 0 {
        eprintln!("{} recordings were not there when the backup was made", whole.missing);
    }
    if let Some(aside) = aside {
        eprintln!("the heads of the audit before are in {}", aside.display());
    }
    Ok(ExitCode::SUCCESS)
}
