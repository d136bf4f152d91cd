//! `chartscribe model`: list, install, verify and find speech models.
//!
//! Not for: how a model is fetched, checked or converted (`speech::install`).
//!
//! Invariant: a model whose digest nobody vouched for is installed only after a person at a
//! terminal said yes to the digest shown.

use super::models_folder::{ModelsFolder, entry};
use super::out;
use crate::domain::digest::Digest;
use crate::speech::catalogue::{Catalogue, Entry};
use crate::speech::install::{self, Order, Progress};
use crate::speech::installed;
use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    act: Act,
}

#[derive(clap::Subcommand)]
enum Act {
    /// List the models there are and those installed
    List {
        #[command(flatten)]
        folder: ModelsFolder,
    },
    /// Install a model: fetch, check, convert where needed, put in place
    Install {
        /// As `chartscribe model list` shows it
        name: String,
        /// Use this file: a ggml model, or a CTranslate2 model.bin beside its tokenizer.json
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        /// Merge this adapter instead of the program's own, into a model that has one
        #[arg(long, value_name = "FILE", conflicts_with = "from")]
        adapter: Option<PathBuf>,
        /// The SHA-256 that the fetched or given file must have
        #[arg(long, value_name = "HEX", value_parser = digest)]
        sha256: Option<Digest>,
        #[command(flatten)]
        folder: ModelsFolder,
    },
    /// Read installed models again and compare their digests
    Verify {
        /// Only this model
        name: Option<String>,
        #[command(flatten)]
        folder: ModelsFolder,
    },
    /// Print where an installed model is
    Path {
        name: Option<String>,
        #[command(flatten)]
        folder: ModelsFolder,
    },
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.act {
        Act::List { folder } => list(&folder.path()?),
        Act::Install { name, from, adapter, sha256, folder } => {
            let (from, adapter) = (from.as_deref(), adapter.as_deref());
            install(&name, from, adapter, sha256, &folder.path()?)
        }
        Act::Verify { name, folder } => verify(name.as_deref(), &folder.path()?),
        Act::Path { name, folder } => {
            out::line(folder.find(name.as_deref())?.path.display())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn list(folder: &Path) -> anyhow::Result<ExitCode> {
    let catalogue = Catalogue::embedded();
    let mut out = io::stdout().lock();
    for entry in &catalogue.models {
        let Entry { name, about, licence, languages, speed, megabytes, .. } = entry;
        let state = if installed::find(folder, entry).is_some() { "installed" } else { "-" };
        writeln!(
            out,
            "{name:<15} {state:<10} {megabytes:>4} MB  {:<9} {languages:<8} {licence:<4} {about}",
            speed.name()
        )
        .context("cannot write the list")?;
    }
    eprintln!("models folder: {}", folder.display());
    Ok(ExitCode::SUCCESS)
}

fn install(
    name: &str,
    from: Option<&Path>,
    adapter: Option<&Path>,
    sha256: Option<Digest>,
    folder: &Path,
) -> anyhow::Result<ExitCode> {
    let catalogue = Catalogue::embedded();
    let entry = entry(&catalogue, Some(name))?;
    let is_plain_order = from.is_none() && adapter.is_none() && sha256.is_none();
    if let Some(model) = installed::find(folder, entry).filter(|_| is_plain_order)
        && installed::verify(&model.path).is_ok()
    {
        eprintln!("{name} is installed: {}", model.path.display());
        return Ok(ExitCode::SUCCESS);
    }
    let bar = Bar::new();
    let order = Order { entry, folder, from, adapter, sha256 };
    let result = install::install(&order, &bar);
    bar.0.finish_and_clear();
    let model = result.with_context(|| format!("cannot install {name}"))?;
    eprintln!("installed {name}: {}", model.path.display());
    Ok(ExitCode::SUCCESS)
}

fn verify(name: Option<&str>, folder: &Path) -> anyhow::Result<ExitCode> {
    let catalogue = Catalogue::embedded();
    let mut code = ExitCode::SUCCESS;
    let mut found = 0;
    for entry in &catalogue.models {
        if name.is_some_and(|name| name != entry.name) {
            continue;
        }
        let Some(model) = installed::find(folder, entry) else { continue };
        found += 1;
        match installed::verify(&model.path) {
            Ok(digest) => {
                out::line(format_args!("{}: unchanged, SHA-256 {digest}", entry.name))?;
            }
            Err(error) => {
                eprintln!("chartscribe: {}: {:#}", entry.name, anyhow::Error::new(error));
                code = ExitCode::FAILURE;
            }
        }
    }
    if found == 0 {
        self::entry(&catalogue, name)?;
        eprintln!("chartscribe: no such model is installed in {}", folder.display());
        return Ok(ExitCode::FAILURE);
    }
    Ok(code)
}

fn digest(text: &str) -> Result<Digest, String> {
    Digest::from_hex(text).ok_or_else(|| "a SHA-256 is 64 hexadecimal digits".into())
}

/// Progress on standard error; lines where that is no terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        bar.set_style(spinner());
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }
}

fn spinner() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("the template is well-formed")
}

fn transfer() -> ProgressStyle {
    let template = "{msg}\n{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    ProgressStyle::with_template(template).expect("the template is well-formed")
}

impl Progress for Bar {
    fn say(&self, what: &str) {
        self.0.set_style(spinner());
        self.0.set_message(what.to_owned());
        if !io::stderr().is_terminal() {
            eprintln!("{what}");
        }
    }

    fn at(&self, bytes: u64, total: Option<u64>) {
        if let Some(total) = total
            && self.0.length() != Some(total)
        {
            self.0.set_length(total);
            self.0.set_style(transfer());
        }
        self.0.set_position(bytes);
    }

    fn trusts(&self, digest: &Digest) -> bool {
        if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return false;
        }
        self.0.suspend(|| {
            eprintln!("No digest is known for this file. Its own SHA-256 is");
            eprintln!("  {digest}");
            eprint!("Compare it with one that you trust. Install the file? [y/N] ");
            let mut answer = String::new();
            let read = io::stdin().lock().read_line(&mut answer);
            read.is_ok() && answer.trim().eq_ignore_ascii_case("y")
        })
    }
}
