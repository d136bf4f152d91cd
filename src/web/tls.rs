//! TLS: the site's own certificate, or one made at the first start.
//!
//! Not for: certificates of others; the program trusts nobody on this side.
//!
//! Invariant: TLS 1.2 and 1.3 only; a private key is readable by its owner alone. A certificate
//! that was made is used until it nears its end or the names change, and its fingerprint is said.

use crate::config::Tls;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How long a certificate of ours holds: below the 825 days that Apple's systems accept of one
/// that a person trusts by hand (support.apple.com, HT210176).
const DAYS: i32 = 820;
/// So many days before its end it is made anew, at the next start.
const DAYS_LEFT: i32 = 30;
/// Certificates and keys are a few kilobytes.
const MAX_FILE_BYTES: u64 = 1 << 20;
const OTHERS: u32 = 0o077;

const CERTIFICATE: &str = "certificate.pem";
const KEY: &str = "key.pem";
/// Says what the certificate was made for; written last.
const MADE: &str = "made.json";

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: std::io::Error },
    #[error("key {} has mode {mode:03o}; only its owner may read it: chmod 600", path.display())]
    Exposed { path: PathBuf, mode: u32 },
    #[error("{} is not what it should be: {what}", path.display())]
    Content { path: PathBuf, what: &'static str },
    #[error("{} and {} do not work together", certificate.display(), key.display())]
    Pair { certificate: PathBuf, key: PathBuf, source: rustls::Error },
    #[error("no certificate can be made for these names")]
    Make { source: rcgen::Error },
}

/// What the server shows, and the fingerprint by which a person knows it.
pub struct Identity {
    pub config: Arc<ServerConfig>,
    /// SHA-256 of the certificate, as browsers write it.
    pub fingerprint: String,
    pub certificate: PathBuf,
}

#[derive(PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    names: Vec<String>,
    until: jiff::civil::Date,
}

/// The certificate that the settings name or that was made, made now where there is none.
///
/// # Errors
/// [`TlsError`], before anything is served.
pub fn identity(tls: &Tls) -> Result<Option<Identity>, TlsError> {
    match tls {
        Tls::Off => Ok(None),
        Tls::Given { certificate, key } => load(certificate, key).map(Some),
        Tls::Made { folder, names } => {
            let today = jiff::Zoned::now().date();
            make_if_due(folder, names, today)?;
            load(&folder.join(CERTIFICATE), &folder.join(KEY)).map(Some)
        }
    }
}

fn load(certificate: &Path, key: &Path) -> Result<Identity, TlsError> {
    refuse_exposed(key)?;
    let content = |path: &Path, what| TlsError::Content { path: path.into(), what };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<_, _>>()
        .map_err(|_| content(certificate, "no certificates in PEM"))?;
    let first = chain.first().ok_or_else(|| content(certificate, "it holds no certificate"))?;
    let fingerprint = fingerprint(first);
    let private = PrivateKeyDer::from_pem_slice(&read(key)?)
        .map_err(|_| content(key, "no private key in PEM"))?;
    let failed =
        |source| TlsError::Pair { certificate: certificate.into(), key: key.into(), source };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(failed)?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(failed)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Identity { config: Arc::new(config), fingerprint, certificate: certificate.into() })
}

fn fingerprint(certificate: &CertificateDer) -> String {
    let digest = hex::encode_upper(Sha256::digest(certificate.as_ref()));
    let pairs: Vec<&str> = (0..digest.len()).step_by(2).map(|at| &digest[at..at + 2]).collect();
    pairs.join(":")
}

fn make_if_due(folder: &Path, names: &[String], today: jiff::civil::Date) -> Result<(), TlsError> {
    let made = fs::read_to_string(folder.join(MADE)).ok();
    let made: Option<Made> = made.and_then(|text| serde_json::from_str(&text).ok());
    let lasts = |made: &Made| days_between(today, made.until) > DAYS_LEFT;
    if made.is_some_and(|made| made.names == names && lasts(&made)) {
        return Ok(());
    }
    make(folder, names, today)
}

fn days_between(from: jiff::civil::Date, until: jiff::civil::Date) -> i32 {
    from.until(until).map(|span| span.get_days()).unwrap_or(0)
}

fn make(folder: &Path, names: &[String], today: jiff::civil::Date) -> Result<(), TlsError> {
    let failed = |source| TlsError::Make { source };
    let until = today.saturating_add(jiff::Span::new().days(DAYS));
    let mut params = CertificateParams::new(names.to_vec()).map_err(failed)?;
    params.distinguished_name.push(DnType::CommonName, "Chartscribe");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let part = |number: i8| u8::try_from(number).expect("months and days are positive");
    let midnight = |day: jiff::civil::Date| {
        rcgen::date_time_ymd(i32::from(day.year()), part(day.month()), part(day.day()))
    };
    // A day early, for workstations whose clocks are behind.
    params.not_before = midnight(today.saturating_sub(jiff::Span::new().days(1)));
    params.not_after = midnight(until);
    let pair = KeyPair::generate().map_err(failed)?;
    let certificate = params.self_signed(&pair).map_err(failed)?;
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|source| TlsError::Write { path: folder.into(), source })?;
    let key = zeroize::Zeroizing::new(pair.serialize_pem());
    write(&folder.join(KEY), key.as_bytes())?;
    write(&folder.join(CERTIFICATE), certificate.pem().as_bytes())?;
    let made = Made { names: names.to_vec(), until };
    let text = serde_json::to_string(&made).expect("names and a date") + "\n";
    write(&folder.join(MADE), text.as_bytes())
}

/// Writes a private file completely, in the place of one of that name.
fn write(path: &Path, content: &[u8]) -> Result<(), TlsError> {
    let failed = |source| TlsError::Write { path: path.into(), source };
    let part = path.with_added_extension("part");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&part).map_err(failed)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed)?;
    fs::rename(&part, path).map_err(failed)
}

fn read(path: &Path) -> Result<zeroize::Zeroizing<Vec<u8>>, TlsError> {
    let failed = |source| TlsError::Read { path: path.into(), source };
    let mut content = zeroize::Zeroizing::new(Vec::new());
    let file = File::open(path).map_err(failed)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(file, MAX_FILE_BYTES), &mut content)
        .map_err(failed)?;
    Ok(content)
}

fn refuse_exposed(key: &Path) -> Result<(), TlsError> {
    let found = fs::metadata(key).map_err(|source| TlsError::Read { path: key.into(), source })?;
    let mode = found.permissions().mode() & 0o777;
    match mode & OTHERS {
        0 => Ok(()),
        _ => Err(TlsError::Exposed { path: key.into(), mode }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn made_in(folder: &Path, names: &[&str], today: jiff::civil::Date) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        make_if_due(folder, &names, today).expect("made");
        load(&folder.join(CERTIFICATE), &folder.join(KEY)).expect("loads").fingerprint
    }

    #[test]
    fn a_certificate_is_kept_until_it_nears_its_end_or_the_names_change() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let first = made_in(folder.path(), &["ward", "127.0.0.1"], date(2026, 3, 2));
        assert_eq!(first.len(), 32 * 3 - 1);
        assert_eq!(first, made_in(folder.path(), &["ward", "127.0.0.1"], date(2028, 4, 29)));
        let later = made_in(folder.path(), &["ward", "127.0.0.1"], date(2028, 4, 30));
        assert_ne!(first, later);
        assert_ne!(later, made_in(folder.path(), &["ward2"], date(2028, 5, 2)));
    }

    #[test]
    fn a_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        made_in(folder.path(), &["ward"], date(2026, 3, 2));
        let key = folder.path().join(KEY);
        assert_eq!(fs::metadata(&key).expect("a key").permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("exposed");
        let refused = load(&folder.path().join(CERTIFICATE), &key).map(|_| ());
        assert!(matches!(refused, Err(TlsError::Exposed { mode: 0o640, .. })));
    }
}
