//! `chartscribe record --server`: opens the desk, and gives it a screen or a script.
//!
//! Not for: either of them (`terminal.rs`, `script.rs`).
//!
//! Invariant: the address and the token are checked before anybody speaks.

use super::{Args, script, signals, terminal};
use crate::cli::out;
use crate::domain::phi::Phi;
use crate::mic::about::About;
use crate::mic::desk::Desk;
use crate::mic::upload::Server;
use crate::mic::{devices, place};
use crate::store::spool::{self, SpoolKey};
use anyhow::Context;
use secrecy::SecretString;
use std::io::IsTerminal;
use std::process::ExitCode;

pub fn list_devices() -> anyhow::Result<ExitCode> {
    for device in devices::list()? {
        let mark = if device.default { "*" } else { " " };
        out::line(format_args!("{mark} {}\t{}", device.id, device.description))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub fn run(args: &Args, address: &str) -> anyhow::Result<ExitCode> {
    let server = connect(args, address)?;
    let shown = server.address().to_owned();
    let folder = place::spool()?;
    spool::make_folder(&folder)?;
    let key = SpoolKey::open(&place::key_file()?, &folder)?;
    let stop = signals::stop()?;
    let usual = About {
        mrn: args.mrn.clone().map(Phi::new),
        encounter: args.encounter.clone().map(Phi::new),
        author: args.author.clone(),
        work_type: args.work_type.clone(),
        stat: args.priority.as_deref() == Some("stat"),
        ..About::default()
    };
    let mut desk = Desk::open(server, folder, key, args.device.clone(), usual)?;
    let seen = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if seen {
        terminal::run(&mut desk, &shown, &stop)?;
    } else {
        script::run(&mut desk, &stop)?;
    }
    desk.close();
    for notice in desk.take_notices() {
        eprintln!("{notice}");
    }
    Ok(match desk.left() {
        0 => ExitCode::SUCCESS,
        left => {
            eprintln!(
                "Recordings kept here, encrypted: {left}. Start the recorder again to send them."
            );
            ExitCode::FAILURE
        }
    })
}

/// Checks the server's address and the token before anything is recorded.
fn connect(args: &Args, address: &str) -> anyhow::Result<Server> {
    let token = match &args.token_file {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("could not read the token from {}", path.display()))?,
        None => std::env::var("CHARTSCRIBE_TOKEN")
            .context("no token: give --token-file, or set CHARTSCRIBE_TOKEN")?,
    };
    let token = SecretString::from(token.trim());
    Ok(Server::new(address, token, args.ca_file.as_deref())?)
}
