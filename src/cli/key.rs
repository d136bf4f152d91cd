//! `chartscribe key`: the key of a data folder. Its name, a new one, and its form on paper.
//!
//! Not for: how keys wrap one another (`store`).
//!
//! Invariant: no key is printed but by `recovery`, and none is ever written over.

use super::out;
use super::place::{PlaceArgs, open, operator, place};
use crate::config::Settings;
use crate::domain::audit::Act;
use crate::store::recovery::{self, Form};
use crate::store::reencrypt::reencrypt;
use crate::store::rotation::{self, Rotated};
use crate::workflow::upkeep::write_down;
use anyhow::{Context, bail};
use clap::Subcommand;
use std::io::{BufRead, IsTerminal, Read, Write};
use std::process::ExitCode;

/// The most that is read of a form being typed.
const TYPED_MAX: u64 = 64 << 10;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Print the name of the key that opens the data folder, after opening it.
    Show,
    /// Put a new key in the key file's place; running servers go on.
    Rotate {
        /// Encrypt everything anew under a new data key. The server must be stopped, and the
        /// disk needs room for the data folder once more.
        #[arg(long)]
        reencrypt: bool,
    },
    /// Print the key as a form for a safe, on standard output.
    Recovery,
    /// Type a recovery form in on standard input, and get the key file back.
    Restore,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let settings = args.place.settings()?;
    match args.what {
        What::Show => out::line(rotation::key_id(&place(&settings))?)?,
        What::Rotate { reencrypt: false } => rotate(settings)?,
        What::Rotate { reencrypt: true } => rotate_everything(settings)?,
        What::Recovery => print_form(settings)?,
        What::Restore => restore(settings)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn rotate(settings: Settings) -> anyhow::Result<()> {
    let place = place(&settings);
    begin(&settings, "wrap")?;
    let rotated = rotation::rotate(&place).context("the key was not changed")?;
    end(settings, &rotated)
}

fn rotate_everything(settings: Settings) -> anyhow::Result<()> {
    let place = place(&settings);
    begin(&settings, "reencrypt")?;
    let mut told = 0;
    let mut progress = |done: u64, all: u64| {
        let tenth = done * 10 / all.max(1);
        if tenth > told {
            told = tenth;
            eprintln!("{done} of {all} recordings");
        }
    };
    let done = reencrypt(&place, &mut progress)
        .context("not everything is encrypted anew; run it again, nothing is lost")?;
    eprintln!("encrypted the database and {} recordings anew", done.recordings);
    if done.missing > 0 {
        eprintln!("{} recordings that the database names were not there", done.missing);
    }
    end(settings, &done.rotated)
}

fn begin(settings: &Settings, how: &str) -> anyhow::Result<()> {
    let site = open(settings.clone())?;
    write_down(&site, &operator(), Act::RotateKey, "begun", &[("how", how.to_owned())])?;
    Ok(())
}

fn end(settings: Settings, rotated: &Rotated) -> anyhow::Result<()> {
    eprintln!("the key is now {}, in {}", rotated.key_id, settings.key_file.display());
    eprintln!("the one before is {}", rotated.retired.display());
    eprintln!("Backups made before today open with that one only: destroy it when they are gone.");
    eprintln!("Print a new recovery form: chartscribe key recovery");
    let site = open(settings)?;
    let key = ("key", rotated.key_id.clone());
    write_down(&site, &operator(), Act::RotateKey, "done", &[key])?;
    Ok(())
}

fn print_form(settings: Settings) -> anyhow::Result<()> {
    let place = place(&settings);
    let site = open(settings)?;
    write_down(&site, &operator(), Act::PrintRecoveryForm, "begun", &[])?;
    let (id, form) = recovery::form(&place)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "Chartscribe recovery form of key {id}\n")?;
    out.write_all(form.as_bytes())?;
    writeln!(
        out,
        "\nTo use it: chartscribe key restore, and type the lines. There is no I, L, O or U in \
         them.\nKeep this apart from the data folder and its backups: whoever has both can read \
         everything."
    )?;
    Ok(())
}

fn restore(settings: Settings) -> anyhow::Result<()> {
    let place = place(&settings);
    let typed = std::io::stdin();
    let asks = typed.is_terminal();
    let mut form = Form::default();
    if asks {
        eprintln!("Type the lines of the form, each with its number:");
    }
    for line in typed.lock().take(TYPED_MAX).lines() {
        let line = zeroize::Zeroizing::new(line.context("cannot read the form")?);
        match form.take(&line) {
            Ok(_) => {}
            Err(slip) if asks => eprintln!("{slip}; type it again"),
            Err(slip) => bail!("{slip}; nothing was written"),
        }
        if form.is_complete() {
            break;
        }
    }
    if !form.is_complete() {
        bail!("the form is not complete, missing: {}", form.missing().join(", "));
    }
    let id = recovery::put_back(&place, &form).context("no key file was written")?;
    eprintln!("wrote key {id} to {}", place.key_file.display());
    if place.is_created() {
        let site = open(settings)?;
        write_down(&site, &operator(), Act::RestoreKey, "done", &[("key", id)])?;
        eprintln!("it opens the data folder {}", place.data.display());
    }
    Ok(())
}
