//! Speaks with the server that a workstation's recordings are for.
//!
//! Not for: any other connection, and not for when what is sent (`delivery.rs`). There is no
//! proxy, no redirect and no second address.
//!
//! Invariant: a token, a patient's number and a recording leave this machine only over TLS; no
//! error names a patient.

use super::about::{About, Named};
use crate::domain::phi::Phi;
use crate::domain::take;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use ureq::http::{Response, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};
use ureq::{Agent, Body};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A server that says nothing for so long is away; recording goes on meanwhile.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// The server answers a finish when two hours of sound are on its disk, encrypted.
const FINISH_TIMEOUT: Duration = Duration::from_secs(120);

/// The longest answer that is read: the text of a long report twice.
const MAX_ANSWER_BYTES: u64 = 4 * 1024 * 1024;

/// The longest part of a server's message that is shown.
const MAX_MESSAGE_CHARS: usize = 300;

/// Which server, and as whom.
pub struct Server {
    base: String,
    token: SecretString,
    agent: Agent,
}

/// A recording at the server.
#[derive(Clone, Debug, Deserialize)]
pub struct Begun {
    pub recording: String,
    /// `open`, `finished` or `discarded`.
    pub state: String,
    /// The block that is wanted next.
    pub next: u64,
    /// Its text is shown while somebody speaks.
    pub live: bool,
    pub dictation: Option<String>,
}

/// The acknowledgement of a block.
#[derive(Deserialize)]
pub struct Kept {
    pub next: u64,
    pub text: Option<Heard>,
}

/// What the server heard so far.
#[derive(Clone, Default, PartialEq, Deserialize)]
pub struct Heard {
    pub text: String,
    pub partial: String,
    pub through_ms: u32,
    pub heard_ms: u32,
}

/// The recording is a dictation: from here on the server keeps it.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Receipt {
    pub dictation: String,
    pub duration_ms: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    #[error("the server's address is not one ({reason}); give it as https://host")]
    Address { reason: String },
    #[error("http is only for this machine itself; use https for {host}")]
    Insecure { host: String },
    #[error("the token is empty or has characters that a header cannot carry")]
    Token,
    #[error("could not read the certificate {}", path.display())]
    ReadCertificate {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} holds no certificate in PEM form", path.display())]
    NoCertificate { path: PathBuf },
    #[error("the server refused it ({status}): {message}")]
    Refused { status: u16, message: String },
    #[error("the server failed with {status}: {message}")]
    ServerFailed { status: u16, message: String },
    #[error("the server cannot be reached")]
    Unreachable {
        #[source]
        source: Box<ureq::Error>,
    },
    #[error("could not speak with the server")]
    Send {
        #[source]
        source: Box<ureq::Error>,
    },
    #[error("what answered is not a Chartscribe server of this version")]
    Answer,
}

impl UploadError {
    /// Whether the same request may succeed later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::ServerFailed { .. } | Self::Unreachable { .. })
    }

    /// Whether it clashes with what has happened meanwhile.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Refused { status: 409, .. })
    }

    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: 404, .. })
    }
}

impl Server {
    /// Checks the address; `certificate` is a PEM file to trust in place of the public ones.
    ///
    /// # Errors
    /// `Address`, `Insecure`, `Token`, `ReadCertificate` or `NoCertificate`.
    pub fn new(
        address: &str,
        token: SecretString,
        certificate: Option<&Path>,
    ) -> Result<Self, UploadError> {
        let base = base_of(address)?;
        let header = format!("Bearer {}", token.expose_secret());
        let sendable = ureq::http::HeaderValue::from_str(&header).is_ok();
        if token.expose_secret().is_empty() || !sendable {
            return Err(UploadError::Token);
        }
        let roots = match certificate {
            Some(path) => RootCerts::Specific(Arc::new(read_certificates(path)?)),
            None => RootCerts::WebPki,
        };
        let config = Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(ANSWER_TIMEOUT))
            .timeout_recv_body(Some(ANSWER_TIMEOUT))
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .user_agent(concat!("chartscribe-recorder/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { base, token, agent: config.new_agent() })
    }

    /// The address as it is shown.
    pub fn address(&self) -> &str {
        &self.base
    }

    /// The patient of a record number, for a person to confirm; `None` when it is not known.
    pub fn identify(&self, mrn: &Phi<String>) -> Result<Option<Named>, UploadError> {
        let body = serde_json::json!({ "mrn": mrn.reveal() });
        match self.post::<Identified>("/patient", None, Sent::Json(body)) {
            Ok(Identified { patient }) => Ok(Some(patient.named())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Recordings whose text could be shown beside those under way.
    pub fn live_free(&self) -> Result<usize, UploadError> {
        let request = self.agent.get(self.url("")).header("authorization", self.bearer());
        let answer = request.call().map_err(classify)?;
        Ok(read_answer::<Mine>(answer)?.live_free)
    }

    /// Begins the recording; the same key again is the same recording.
    pub fn begin(&self, key: &str, about: &About) -> Result<Begun, UploadError> {
        self.post("", Some(key), Sent::Json(about.to_begin()))
    }

    /// Sends a block. One that is there already is passed over, and what was heard is answered.
    pub fn append(&self, id: &str, number: u64, block: &[u8]) -> Result<Kept, UploadError> {
        self.post(&format!("/{id}/blocks/{number}"), None, Sent::Block(block))
    }

    /// Sends blocks that follow one another.
    pub fn append_several<B: AsRef<[u8]>>(
        &self,
        id: &str,
        from: u64,
        blocks: &[B],
    ) -> Result<Kept, UploadError> {
        let body = take::framed(blocks);
        self.post(&format!("/{id}/blocks?from={from}"), None, Sent::Block(&body))
    }

    /// Says anew what the recording is about; the same again changes nothing.
    pub fn change(&self, id: &str, about: &About) -> Result<(), UploadError> {
        let sent = Sent::Json(about.to_change());
        self.post::<Nothing>(&format!("/{id}/about"), None, sent).map(|_| ())
    }

    /// Makes the recording a dictation, once.
    pub fn finish(&self, id: &str, blocks: u64) -> Result<Receipt, UploadError> {
        let body = serde_json::json!({ "blocks": blocks });
        self.post(&format!("/{id}/finish"), None, Sent::Finish(body))
    }

    /// Throws the recording away.
    pub fn discard(&self, id: &str) -> Result<(), UploadError> {
        self.post::<Nothing>(&format!("/{id}/discard"), None, Sent::Block(&[])).map(|_| ())
    }

    fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        key: Option<&str>,
        sent: Sent<'_>,
    ) -> Result<T, UploadError> {
        let wait = if matches!(sent, Sent::Finish(_)) { FINISH_TIMEOUT } else { ANSWER_TIMEOUT };
        let request = self.agent.post(self.url(path)).config();
        let mut request = request.timeout_recv_response(Some(wait)).build();
        request = request.header("authorization", self.bearer());
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = match sent {
            Sent::Json(body) | Sent::Finish(body) => request.send_json(body),
            Sent::Block(bytes) => {
                request.header("content-type", "application/octet-stream").send(bytes)
            }
        };
        read_answer(answer.map_err(classify)?)
    }

    fn url(&self, path: &str) -> String {
        format!("{}/api/recordings{path}", self.base)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token.expose_secret())
    }
}

enum Sent<'a> {
    Json(serde_json::Value),
    Finish(serde_json::Value),
    Block(&'a [u8]),
}

#[derive(Deserialize)]
struct Identified {
    patient: Patient,
}

#[derive(Deserialize)]
struct Patient {
    mrn: String,
    family_name: String,
    given_name: String,
    birth_date: String,
    sealed: bool,
}

impl Patient {
    fn named(self) -> Named {
        let Self { mrn, family_name, given_name, birth_date, sealed } = self;
        let name = match sealed {
            true => "name kept away by a label".to_owned(),
            false => format!("{family_name}, {given_name}"),
        };
        let facts = [mrn, name, birth_date].map(|fact| Phi::new(one_line(&fact)));
        let [mrn, name, birth_date] = facts;
        Named { mrn, name, birth_date }
    }
}

#[derive(Deserialize)]
struct Mine {
    live_free: usize,
}

/// An answer of which the status is all.
struct Nothing;

impl<'de> Deserialize<'de> for Nothing {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(from).map(|_| Self)
    }
}

fn base_of(address: &str) -> Result<String, UploadError> {
    let wrong = |reason: &str| UploadError::Address { reason: reason.to_owned() };
    let base: Uri = address.parse().map_err(|_| wrong("it cannot be read"))?;
    let (Some(scheme), Some(authority)) = (base.scheme_str(), base.authority()) else {
        return Err(wrong("it has no scheme or host"));
    };
    if authority.as_str().contains('@') {
        return Err(wrong("it holds a user name"));
    }
    if base.query().is_some() {
        return Err(wrong("it holds a query"));
    }
    match scheme {
        "https" => {}
        "http" if is_loopback(authority.host()) => {}
        "http" => return Err(UploadError::Insecure { host: authority.host().to_owned() }),
        _ => return Err(wrong("its scheme is neither https nor http")),
    }
    let path = base.path().trim_end_matches('/');
    Ok(format!("{scheme}://{authority}{path}"))
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn read_certificates(path: &Path) -> Result<Vec<Certificate<'static>>, UploadError> {
    let pem = std::fs::read(path)
        .map_err(|source| UploadError::ReadCertificate { path: path.to_owned(), source })?;
    let mut certificates = Vec::new();
    for item in ureq::tls::parse_pem(&pem) {
        if let Ok(PemItem::Certificate(certificate)) = item {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(UploadError::NoCertificate { path: path.to_owned() });
    }
    Ok(certificates)
}

fn classify(error: ureq::Error) -> UploadError {
    let passing = match &error {
        // rustls reports a certificate it does not trust as invalid data.
        ureq::Error::Io(error) => error.kind() != io::ErrorKind::InvalidData,
        ureq::Error::Timeout(_)
        | ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::Protocol(_) => true,
        _ => false,
    };
    let source = Box::new(error);
    if passing { UploadError::Unreachable { source } } else { UploadError::Send { source } }
}

fn read_answer<T: DeserializeOwned>(mut answer: Response<Body>) -> Result<T, UploadError> {
    let status = answer.status().as_u16();
    let read = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_string();
    match status {
        200..=299 => {
            let body = read.map_err(classify)?;
            let body = if body.is_empty() { "null" } else { &body };
            serde_json::from_str(body).map_err(|_| UploadError::Answer)
        }
        429 | 500 | 502..=504 | 507 => {
            let message = message_for_people(&read.unwrap_or_default());
            Err(UploadError::ServerFailed { status, message })
        }
        _ => {
            let message = message_for_people(&read.unwrap_or_default());
            Err(UploadError::Refused { status, message })
        }
    }
}

/// The server's own sentence, or the start of whatever it sent.
fn message_for_people(body: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let sentence = json.pointer("/error/message").and_then(|message| message.as_str());
    let message = one_line(sentence.unwrap_or(body));
    if message.is_empty() { "it gave no reason".to_owned() } else { message }
}

fn one_line(text: &str) -> String {
    let printable = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    printable.take(MAX_MESSAGE_CHARS).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(address: &str) -> String {
        match base_of(address) {
            Ok(url) => url,
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_recording_leaves_this_machine_only_over_tls() {
        let api = "https://chart.example";
        assert_eq!(url("https://chart.example"), api);
        assert_eq!(url("https://chart.example/"), api);
        assert_eq!(url("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
        assert_eq!(url("http://[::1]:80/scribe/"), "http://[::1]:80/scribe");
        assert_eq!(url("http://localhost"), "http://localhost");
        for insecure in ["http://chart.example", "http://10.0.0.1", "http://127.0.0.1.example"] {
            assert!(url(insecure).contains("use https"), "{insecure}");
        }
        for wrong in ["chart.example", "ftp://127.0.0.1", "", "https://a@b", "https://b/?c=d"] {
            assert!(url(wrong).contains("the server's address"), "{wrong}");
        }
    }

    #[test]
    fn a_token_that_no_header_can_carry_is_refused() {
        for token in ["", "a\nb"] {
            let made = Server::new("https://chart.example", SecretString::from(token), None);
            assert!(matches!(made, Err(UploadError::Token)));
        }
    }

    #[test]
    fn the_servers_sentence_is_shown_and_nothing_else() {
        let body = r#"{"error":{"code":"unknown_author","message":"No such author."}}"#;
        assert_eq!(message_for_people(body), "No such author.");
        assert_eq!(
            message_for_people("<h1>\x1b[31mBad gateway</h1>\r\n"),
            "<h1> [31mBad gateway</h1>"
        );
        assert_eq!(message_for_people(""), "it gave no reason");
        assert_eq!(message_for_people(&"x".repeat(1000)).len(), MAX_MESSAGE_CHARS);
    }
}
