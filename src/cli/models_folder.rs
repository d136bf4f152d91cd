//! The `--models` option and the choice of a model, for the subcommands that use one.
//!
//! Not for: installing models (`cli::model`).
//!
//! Invariant: the command line wins over the environment, which wins over the default.

use crate::config;
use crate::speech::catalogue::{Catalogue, Entry};
use crate::speech::installed::{self, InstalledModel};
use anyhow::{Context, bail};
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct ModelsFolder {
    /// Folder of the speech models [default: ~/.local/share/chartscribe/models]
    #[arg(long, value_name = "DIR", env = "CHARTSCRIBE_MODELS", hide_env_values = true)]
    models: Option<PathBuf>,
}

impl ModelsFolder {
    /// The folder given here, else the one of a settings file.
    pub fn or(self, from_file: Option<PathBuf>) -> Self {
        Self { models: self.models.or(from_file) }
    }

    pub fn path(&self) -> anyhow::Result<PathBuf> {
        match self.models.clone().filter(|path| !path.as_os_str().is_empty()) {
            Some(path) => Ok(path),
            None => Ok(config::default_models()?),
        }
    }

    /// The installed model of this name, or the default one.
    pub fn find(&self, name: Option<&str>) -> anyhow::Result<InstalledModel> {
        let catalogue = Catalogue::embedded();
        let entry = entry(&catalogue, name)?;
        let folder = self.path()?;
        let Some(model) = installed::find(&folder, entry) else {
            let name = &entry.name;
            bail!(
                "the speech model {name} is not in {}; run `chartscribe model install {name}`",
                folder.display()
            );
        };
        Ok(model)
    }
}

/// The catalogue's entry of this name, or the default one.
pub fn entry<'a>(catalogue: &'a Catalogue, name: Option<&str>) -> anyhow::Result<&'a Entry> {
    let name = name.unwrap_or(&catalogue.default);
    catalogue.find(name).with_context(|| {
        format!("there is no speech model {name}; there are {}", catalogue.names())
    })
}
