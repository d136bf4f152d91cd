//! Settings: read from the command line, the environment and an optional file, checked once.
//!
//! Not for: secrets. Keys live in the key file, passwords in the store as hashes.
//!
//! Invariant: a `Settings` that exists has been checked; nothing below reads the environment.

use crate::text::request::Mode;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// Two hours, domain specification 5.3.
const MAX_AUDIO_MINUTES: u32 = 120;
/// 500 MB, domain specification 5.3.
const MAX_UPLOAD_MEGABYTES: u64 = 500;
/// Idle limits of a session: of editors, and of those who sign (domain specification 3.11).
const SESSION_IDLE_MINUTES: u32 = 10;
const SIGNER_IDLE_MINUTES: u32 = 5;
const SESSION_ABSOLUTE_HOURS: u32 = 12;
/// Attempts at one transcription before a person must look at it.
const MAX_ATTEMPTS: u32 = 3;
/// Whisper's base model gains little from a thread beyond the fourth (judgment), so a machine with
/// more of them hears a second recording instead.
const THREADS_OF_ONE: u32 = 4;
/// A recording that nobody adds to for so long becomes a dictation by itself: a visit may
/// interrupt a dictation, a shift may not (judgment).
const RECORDING_IDLE_MINUTES: u32 = 60;
const CONFIG_FILE_MAX: u64 = 64 * 1024;

#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder with the database and the audio.
    pub data: PathBuf,
    /// The key that unlocks it; kept elsewhere.
    pub key_file: PathBuf,
    /// Where the audit's heads are written down; not in `data`, so that they outlive it.
    pub audit_heads: PathBuf,
    pub models: PathBuf,
    /// Name in `models/manifest.toml`.
    pub model: String,
    pub listen: SocketAddr,
    /// Set when TLS is ended by a reverse proxy on this machine's behalf.
    pub behind_proxy: bool,
    pub tls: Tls,
    /// Threads of the recognisers together; never more than the machine has cores.
    pub threads: u32,
    /// Recordings that are transcribed at the same time; they share the threads.
    pub transcribers: u32,
    pub limits: Limits,
    pub session_idle_minutes: u32,
    pub signer_idle_minutes: u32,
    pub session_absolute_hours: u32,
    pub transcription_attempts: u32,
    /// Minutes without work after which the recogniser's memory is given back.
    pub engine_idle_minutes: u32,
    /// Minutes after which a recording under way that nobody adds to becomes a dictation.
    pub recording_idle_minutes: u32,
    /// Recordings under way that have their text shown at the same time; 0 shows none.
    pub live_texts: u32,
    /// Who writes the punctuation of a dictation, where an author has no setting of their own.
    pub punctuation: Mode,
}

/// How connections to the server are protected.
#[derive(Clone, Debug, PartialEq)]
pub enum Tls {
    /// On a loopback address, and behind a proxy that does it.
    Off,
    /// The site's own certificate and key, PEM.
    Given { certificate: PathBuf, key: PathBuf },
    /// One that is made for these names at the first start, and kept in this folder.
    Made { folder: PathBuf, names: Vec<String> },
}

#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub max_audio_ms: u32,
    pub max_upload_bytes: u64,
}

/// The optional settings file; every key is optional and an unknown key is an error.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct File {
    pub data: Option<PathBuf>,
    pub key_file: Option<PathBuf>,
    pub audit_heads: Option<PathBuf>,
    pub models: Option<PathBuf>,
    pub model: Option<String>,
    pub listen: Option<SocketAddr>,
    pub behind_proxy: Option<bool>,
    pub tls: Option<bool>,
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    pub tls_names: Option<Vec<String>>,
    pub threads: Option<u32>,
    pub transcribers: Option<u32>,
    pub max_audio_minutes: Option<u32>,
    pub max_upload_megabytes: Option<u64>,
    pub session_idle_minutes: Option<u32>,
    pub signer_idle_minutes: Option<u32>,
    pub session_absolute_hours: Option<u32>,
    pub transcription_attempts: Option<u32>,
    pub engine_idle_minutes: Option<u32>,
    pub recording_idle_minutes: Option<u32>,
    pub live_texts: Option<u32>,
    /// `spoken`, `auto` or `mixed`.
    pub punctuation: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the settings file {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the settings file {} is larger than {CONFIG_FILE_MAX} bytes", path.display())]
    TooLarge { path: PathBuf },
    #[error("the settings file {} is not understood", path.display())]
    Parse { path: PathBuf, source: Box<toml::de::Error> },
    #[error("the setting {name} must be {rule}")]
    OutOfRange { name: &'static str, rule: &'static str },
    #[error("tls_cert and tls_key come together: give both, or neither")]
    HalfCertificate,
    #[error("no home folder is known; give --data, --key-file and --models")]
    NoHome,
}

impl File {
    /// # Errors
    /// [`ConfigError`] when the file cannot be read or holds an unknown key.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let failed = |source| ConfigError::Read { path: path.into(), source };
        let size = std::fs::metadata(path).map_err(failed)?.len();
        if size > CONFIG_FILE_MAX {
            return Err(ConfigError::TooLarge { path: path.into() });
        }
        let text = std::fs::read_to_string(path).map_err(failed)?;
        toml::from_str(&text)
            .map_err(|source| ConfigError::Parse { path: path.into(), source: Box::new(source) })
    }
}

fn punctuation(code: Option<&str>) -> Result<Mode, ConfigError> {
    let rule = "spoken, auto or mixed";
    code.map_or(Some(Mode::default()), Mode::from_code)
        .ok_or(ConfigError::OutOfRange { name: "punctuation", rule })
}

impl Settings {
    /// Settings from a file's values and the defaults.
    ///
    /// # Errors
    /// [`ConfigError`] when a value is out of its range or no home folder is known.
    pub fn from_file(file: File) -> Result<Self, ConfigError> {
        let data = file.data.clone().map_or_else(default_data, Ok)?;
        let key_file = file.key_file.clone().map_or_else(|| default_key_file(&data), Ok)?;
        let listen = file.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8490)));
        let behind_proxy = file.behind_proxy.unwrap_or(false);
        let tls = tls(&file, &data, listen, behind_proxy)?;
        let threads = file.threads.unwrap_or_else(service_threads);
        let settings = Self {
            key_file,
            audit_heads: file.audit_heads.unwrap_or_else(|| beside(&data, "audit-heads")),
            models: file.models.map_or_else(default_models, Ok)?,
            model: file.model.unwrap_or_else(|| "base-medical".into()),
            listen,
            behind_proxy,
            tls,
            threads,
            transcribers: file.transcribers.unwrap_or((threads / THREADS_OF_ONE).max(1)),
            limits: Limits {
                max_audio_ms: file
                    .max_audio_minutes
                    .unwrap_or(MAX_AUDIO_MINUTES)
                    .saturating_mul(60_000),
                max_upload_bytes: file
                    .max_upload_megabytes
                    .unwrap_or(MAX_UPLOAD_MEGABYTES)
                    .saturating_mul(1_000_000),
            },
            session_idle_minutes: file.session_idle_minutes.unwrap_or(SESSION_IDLE_MINUTES),
            signer_idle_minutes: file.signer_idle_minutes.unwrap_or(SIGNER_IDLE_MINUTES),
            session_absolute_hours: file.session_absolute_hours.unwrap_or(SESSION_ABSOLUTE_HOURS),
            transcription_attempts: file.transcription_attempts.unwrap_or(MAX_ATTEMPTS),
            engine_idle_minutes: file.engine_idle_minutes.unwrap_or(10),
            recording_idle_minutes: file.recording_idle_minutes.unwrap_or(RECORDING_IDLE_MINUTES),
            live_texts: file.live_texts.unwrap_or_else(live_texts),
            punctuation: punctuation(file.punctuation.as_deref())?,
            data,
        };
        settings.check()?;
        Ok(settings)
    }

    /// Whether browsers reach the server by HTTPS, by its own TLS or a proxy's.
    pub fn is_https(&self) -> bool {
        self.behind_proxy || self.tls != Tls::Off
    }

    fn check(&self) -> Result<(), ConfigError> {
        let rules = [
            ("threads", (1..=cores()).contains(&self.threads), "1 to the machine's cores"),
            ("transcribers", (1..=self.threads).contains(&self.transcribers), "1 to threads"),
            ("max_audio_minutes", self.limits.max_audio_ms > 0, "at least 1"),
            ("max_upload_megabytes", self.limits.max_upload_bytes > 0, "at least 1"),
            (
                "session_idle_minutes",
                (1..=24 * 60).contains(&self.session_idle_minutes),
                "1 to 1440",
            ),
            ("signer_idle_minutes", (1..=24 * 60).contains(&self.signer_idle_minutes), "1 to 1440"),
            (
                "session_absolute_hours",
                (1..=7 * 24).contains(&self.session_absolute_hours),
                "1 to 168",
            ),
            ("transcription_attempts", (1..=10).contains(&self.transcription_attempts), "1 to 10"),
            ("engine_idle_minutes", self.engine_idle_minutes > 0, "at least 1"),
            (
                "recording_idle_minutes",
                (1..=24 * 60).contains(&self.recording_idle_minutes),
                "1 to 1440",
            ),
            ("live_texts", self.live_texts <= cores(), "at most the machine's cores"),
        ];
        for (name, holds, rule) in rules {
            if !holds {
                return Err(ConfigError::OutOfRange { name, rule });
            }
        }
        Ok(())
    }
}

/// TLS wherever other machines can reach the server, unless a proxy ends it before.
fn tls(
    file: &File,
    data: &Path,
    listen: SocketAddr,
    behind_proxy: bool,
) -> Result<Tls, ConfigError> {
    let reachable = !listen.ip().is_loopback() && !behind_proxy;
    match (&file.tls_cert, &file.tls_key) {
        (Some(_), None) | (None, Some(_)) => Err(ConfigError::HalfCertificate),
        (Some(certificate), Some(key)) if file.tls != Some(false) => {
            Ok(Tls::Given { certificate: certificate.clone(), key: key.clone() })
        }
        _ if file.tls == Some(true) || (reachable && file.tls.is_none()) => {
            let names = tls_names(file, listen);
            Ok(Tls::Made { folder: beside(data, "tls"), names })
        }
        _ => Ok(Tls::Off),
    }
}

/// The names that a certificate is made for: those given, else this machine's own.
fn tls_names(file: &File, listen: SocketAddr) -> Vec<String> {
    let given = file.tls_names.clone().unwrap_or_default();
    let own = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let mut names = if given.is_empty() { vec![own.trim().to_owned()] } else { given };
    if !listen.ip().is_unspecified() {
        names.push(listen.ip().to_string());
    }
    names.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
    names.retain(|name| !name.is_empty());
    names.sort();
    names.dedup();
    names
}

/// One processor is left to the pages: the engine's threads spin, and with as many of them as
/// processors anything else that runs makes recognition many times slower (measured: 60 s of
/// audio in 23 s with one thread, 155 s with two, on two busy cores, 2026-11-21).
fn service_threads() -> u32 {
    cores().saturating_sub(1).max(1)
}

/// A text that is shown while somebody speaks takes most of a processor; half of them are left to
/// the rest of the work.
fn live_texts() -> u32 {
    (cores() / 2).max(1)
}

/// Processors that this process may use.
pub fn cores() -> u32 {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get());
    u32::try_from(cores).unwrap_or(1)
}

fn home(variable: &str, under_home: &str) -> Result<PathBuf, ConfigError> {
    if let Some(folder) = std::env::var_os(variable).filter(|value| !value.is_empty()) {
        return Ok(PathBuf::from(folder));
    }
    let home = std::env::var_os("HOME").filter(|value| !value.is_empty());
    home.map(|home| PathBuf::from(home).join(under_home)).ok_or(ConfigError::NoHome)
}

fn default_data() -> Result<PathBuf, ConfigError> {
    Ok(home("XDG_DATA_HOME", ".local/share")?.join("chartscribe/site"))
}

pub fn default_models() -> Result<PathBuf, ConfigError> {
    Ok(home("XDG_DATA_HOME", ".local/share")?.join("chartscribe/models"))
}

/// A path next to the data folder, named after it.
fn beside(data: &Path, ending: &str) -> PathBuf {
    std::path::absolute(data).unwrap_or_else(|_| data.into()).with_added_extension(ending)
}

/// The key of a data folder, in the person's settings folder and so outside the data folder,
/// under a name that tells two data folders apart.
fn default_key_file(data: &Path) -> Result<PathBuf, ConfigError> {
    let absolute = std::path::absolute(data).unwrap_or_else(|_| data.into());
    let digest = crate::domain::digest::Digest::of(absolute.as_os_str().as_encoded_bytes());
    let name = format!("{}.key", &digest.to_string()[..12]);
    Ok(home("XDG_CONFIG_HOME", ".config")?.join("chartscribe").join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_in_the_file_is_refused() {
        assert!(toml::from_str::<File>("listne = \"127.0.0.1:1\"").is_err());
        assert!(toml::from_str::<File>("listen = \"127.0.0.1:1\"").is_ok());
    }

    #[test]
    fn every_key_of_the_file_is_in_the_table_of_the_readme() {
        let source = include_str!("config.rs");
        let from = source.find("pub struct File {").expect("this file");
        let fields = source[from..].lines().skip(1).take_while(|line| !line.starts_with('}'));
        let keys = fields.filter_map(|line| line.trim().strip_prefix("pub ")?.split(':').next());
        let readme = include_str!("../README.md");
        let table: Vec<&str> = readme.lines().filter(|line| line.starts_with("| `")).collect();
        let missing: Vec<&str> =
            keys.filter(|key| !table.iter().any(|row| row.contains(&format!("`{key}`")))).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn a_setting_out_of_range_is_named() {
        let file = File { threads: Some(10_000), data: Some("d".into()), ..File::default() };
        let error = Settings::from_file(file).expect_err("no machine has so many cores");
        assert!(error.to_string().contains("threads"), "{error}");
    }

    #[test]
    fn an_address_that_others_reach_has_tls_or_a_proxy_or_is_refused() {
        let tls = |listen: &str, change: fn(&mut File)| {
            let listen = Some(listen.parse().expect("an address"));
            let mut file = File { data: Some("/srv/site".into()), listen, ..File::default() };
            change(&mut file);
            Settings::from_file(file).map(|settings| (settings.is_https(), settings.tls))
        };
        assert_eq!(tls("127.0.0.1:1", |_| ()).expect("plain"), (false, Tls::Off));
        assert_eq!(tls("[::1]:1", |_| ()).expect("plain"), (false, Tls::Off));
        let (https, made) = tls("0.0.0.0:1", |_| ()).expect("made");
        assert!(
            https
                && matches!(made, Tls::Made { folder, .. } if folder == Path::new("/srv/site.tls"))
        );
        let proxied = tls("0.0.0.0:1", |file| file.behind_proxy = Some(true));
        assert_eq!(proxied.expect("proxied"), (true, Tls::Off));
        // Which the server then refuses to listen with.
        let exposed = tls("0.0.0.0:1", |file| file.tls = Some(false));
        assert_eq!(exposed.expect("off"), (false, Tls::Off));
        let half = tls("127.0.0.1:1", |file| file.tls_cert = Some("c".into()));
        assert!(matches!(half, Err(ConfigError::HalfCertificate)));
    }

    #[test]
    fn the_key_of_a_data_folder_lies_outside_it() {
        let file = File { data: Some("/srv/site".into()), ..File::default() };
        let settings = Settings::from_file(file).expect("defaults");
        assert!(!settings.key_file.starts_with("/srv/site"));
    }
}
