//! Where a command finds the site: the options that say so, and opening it.
//!
//! Not for: what a command does there.
//!
//! Invariant: a command that opens the data folder acts as a named operator in the audit.

use crate::config::{File, Settings};
use crate::store::Place;
use crate::store::db::Store;
use crate::vocab::work_types::WorkTypes;
use crate::workflow::site::{Acting, Clock, Site};
use anyhow::Context;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct PlaceArgs {
    /// Settings file (TOML); options win over it.
    #[arg(long, env = "CHARTSCRIBE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder with the database and the audio.
    #[arg(long, env = "CHARTSCRIBE_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// The key that opens the data folder; never inside it.
    #[arg(long, env = "CHARTSCRIBE_KEY_FILE", value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl PlaceArgs {
    /// The settings file's values with the options in their place.
    pub fn file(&self) -> anyhow::Result<File> {
        let mut file = match &self.config {
            Some(path) => File::read(path)?,
            None => File::default(),
        };
        file.data = self.data.clone().or(file.data);
        file.key_file = self.key_file.clone().or(file.key_file);
        Ok(file)
    }

    pub fn settings(&self) -> anyhow::Result<Settings> {
        Ok(Settings::from_file(self.file()?)?)
    }

    /// Opens the site, beside a running server or without one.
    pub fn open(&self) -> anyhow::Result<Site> {
        open(self.settings()?)
    }
}

pub fn place(settings: &Settings) -> Place {
    Place { data: settings.data.clone(), key_file: settings.key_file.clone() }
}

pub fn open(settings: Settings) -> anyhow::Result<Site> {
    let place = place(&settings);
    let store = Store::open(&place).with_context(|| {
        format!(
            "cannot open the data folder {} (`chartscribe init` makes one)",
            place.data.display()
        )
    })?;
    let work_types = WorkTypes::built_in();
    Ok(Site { store, clock: Clock::system(), settings, work_types })
}

/// The operator is whoever is logged in at the machine.
pub fn operator() -> Acting {
    let names = ["SUDO_USER", "USER", "LOGNAME"];
    let named = names.iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    Acting::operator(named.unwrap_or_else(|| "unnamed".into()))
}
