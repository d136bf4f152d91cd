//! Sends a recording to the server it was made for.
//!
//! Not for: any other connection. There is no proxy, no redirect and no second address.
//!
//! Invariant: one recording carries one key through all attempts, so it becomes one dictation;
//! a token and a recording leave this machine only over TLS.

use crate::domain::phi::Phi;
use secrecy::{ExposeSecret, SecretString};
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use ureq::http::{Response, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig};
use ureq::{Agent, Body, SendBody};
use uuid::Uuid;

/// Attempts before the recording is left in its folder.
const MAX_ATTEMPTS: u32 = 6;

/// Wait before the second attempt; it doubles up to `LONGEST_WAIT`.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// How often a wait looks whether it should stop.
const WAIT_STEP: Duration = Duration::from_millis(50);

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The server answers when the recording is on its disk and committed.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// The longest answer that is read.
const MAX_ANSWER_BYTES: u64 = 64 * 1024;

/// The longest part of a server's message that is shown.
const MAX_MESSAGE_CHARS: usize = 300;

/// Where to send, and as whom.
pub struct Server {
    url: Uri,
    token: SecretString,
    agent: Agent,
}

/// What is known of the dictation; the server checks it.
pub struct Details {
    pub author: Option<String>,
    pub mrn: Option<Phi<String>>,
    pub encounter: Option<Phi<String>>,
    pub work_type: Option<String>,
    pub priority: Option<String>,
    /// RFC 3339.
    pub dictated_at: Option<String>,
}

/// The server's acknowledgement: from here on it keeps the recording.
#[derive(Debug, PartialEq, Eq)]
pub struct Receipt {
    pub dictation: Option<String>,
    /// It had the recording from an earlier attempt.
    pub repeated: bool,
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
    #[error("could not read {}", path.display())]
    ReadRecording {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the server refused the recording ({status}): {message}")]
    Refused { status: u16, message: String },
    #[error("the server failed {attempts} times, last with {status}: {message}")]
    ServerFailed { attempts: u32, status: u16, message: String },
    #[error("the server could not be reached in {attempts} attempts")]
    Unreachable {
        attempts: u32,
        #[source]
        source: Box<ureq::Error>,
    },
    #[error("could not send the recording")]
    Send {
        #[source]
        source: Box<ureq::Error>,
    },
    #[error("the upload was stopped")]
    Stopped,
}

/// How one attempt failed.
enum Failure {
    /// The same attempt may succeed later.
    Passing(UploadError),
    Final(UploadError),
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
        let url = dictations_url(address)?;
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
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .user_agent(concat!("chartscribe-recorder/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { url, token, agent: config.new_agent() })
    }

    /// Sends the recording, again and again while the server cannot be reached.
    ///
    /// `key` stays the same for one recording for ever. `waiting` is told before each wait;
    /// `stopped` is asked at least every 100 ms of a wait.
    ///
    /// # Errors
    /// `Refused` for what another attempt cannot mend, `Unreachable` or `ServerFailed` after
    /// the last attempt, `Stopped`, or `ReadRecording`.
    pub fn send(
        &self,
        recording: &Path,
        key: &str,
        details: &Details,
        waiting: &dyn Fn(&UploadError, Duration),
        stopped: &dyn Fn() -> bool,
    ) -> Result<Receipt, UploadError> {
        let mut wait = FIRST_WAIT;
        let mut attempt = 1;
        loop {
            let error = match self.attempt(recording, key, details, attempt) {
                Ok(receipt) => return Ok(receipt),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Passing(error)) => error,
            };
            if attempt == MAX_ATTEMPTS {
                return Err(error);
            }
            waiting(&error, wait);
            if !pause(wait, stopped) {
                return Err(UploadError::Stopped);
            }
            wait = (wait * 2).min(LONGEST_WAIT);
            attempt += 1;
        }
    }

    fn attempt(
        &self,
        recording: &Path,
        key: &str,
        details: &Details,
        attempts: u32,
    ) -> Result<Receipt, Failure> {
        let read_failed = |source| {
            Failure::Final(UploadError::ReadRecording { path: recording.to_owned(), source })
        };
        let file = File::open(recording).map_err(read_failed)?;
        let length = file.metadata().map_err(read_failed)?.len();
        let boundary = Uuid::new_v4().simple().to_string();
        let (head, tail) = form_around_audio(&boundary, details);
        let whole = head.len() as u64 + length + tail.len() as u64;
        let body = Cursor::new(head).chain(file.take(length)).chain(Cursor::new(tail));
        let answer = self
            .agent
            .post(&self.url)
            .header("authorization", format!("Bearer {}", self.token.expose_secret()))
            .header("idempotency-key", key)
            .header("content-type", format!("multipart/form-data; boundary={boundary}"))
            .header("content-length", whole.to_string())
            // A refusal then comes before the recording is sent, not in the middle of it.
            .header("expect", "100-continue")
            .send(SendBody::from_owned_reader(body))
            .map_err(|error| classify(error, attempts))?;
        read_answer(answer, attempts)
    }
}

/// Waits; false when it should stop.
fn pause(wait: Duration, stopped: &dyn Fn() -> bool) -> bool {
    let started = Instant::now();
    while started.elapsed() < wait {
        if stopped() {
            return false;
        }
        thread::sleep(WAIT_STEP.min(wait));
    }
    !stopped()
}

fn dictations_url(address: &str) -> Result<Uri, UploadError> {
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
    let url = format!("{scheme}://{authority}{path}/api/dictations");
    url.parse().map_err(|_| wrong("it cannot be read"))
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

/// The bytes before and after the audio in the form (RFC 7578).
fn form_around_audio(boundary: &str, details: &Details) -> (Vec<u8>, Vec<u8>) {
    let Details { author, mrn, encounter, work_type, priority, dictated_at } = details;
    let mut head = String::new();
    for (name, value) in [
        ("author", author.as_deref()),
        ("mrn", mrn.as_ref().map(|mrn| mrn.reveal().as_str())),
        ("encounter", encounter.as_ref().map(|encounter| encounter.reveal().as_str())),
        ("work_type", work_type.as_deref()),
        ("priority", priority.as_deref()),
        ("dictated_at", dictated_at.as_deref()),
        ("origin", Some("microphone")),
    ] {
        if let Some(value) = value {
            head.push_str(&format!(
                "--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n\
                 {value}\r\n"
            ));
        }
    }
    head.push_str(&format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"audio\"; \
         filename=\"recording.wav\"\r\ncontent-type: audio/wav\r\n\r\n"
    ));
    (head.into_bytes(), format!("\r\n--{boundary}--\r\n").into_bytes())
}

fn classify(error: ureq::Error, attempts: u32) -> Failure {
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
    if passing {
        Failure::Passing(UploadError::Unreachable { attempts, source })
    } else {
        Failure::Final(UploadError::Send { source })
    }
}

fn read_answer(mut answer: Response<Body>, attempts: u32) -> Result<Receipt, Failure> {
    let status = answer.status().as_u16();
    let read = answer.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_string();
    match status {
        // The acknowledgement itself is the status; a body cut short does not undo it.
        200..=299 => Ok(read_receipt(&read.unwrap_or_default())),
        429 | 500 | 502..=504 => {
            let message = message_for_people(&read.unwrap_or_default());
            Err(Failure::Passing(UploadError::ServerFailed { attempts, status, message }))
        }
        _ => {
            let message = message_for_people(&read.unwrap_or_default());
            Err(Failure::Final(UploadError::Refused { status, message }))
        }
    }
}

fn read_receipt(body: &str) -> Receipt {
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let dictation = json.get("dictation").and_then(|id| id.as_str()).map(one_line);
    let repeated = json.get("repeated").and_then(|value| value.as_bool()).unwrap_or(false);
    Receipt { dictation, repeated }
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
        match dictations_url(address) {
            Ok(url) => url.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_recording_leaves_this_machine_only_over_tls() {
        let api = "https://chart.example/api/dictations";
        assert_eq!(url("https://chart.example"), api);
        assert_eq!(url("https://chart.example/"), api);
        assert_eq!(url("http://127.0.0.1:8080"), "http://127.0.0.1:8080/api/dictations");
        assert_eq!(url("http://[::1]:80/scribe/"), "http://[::1]:80/scribe/api/dictations");
        assert_eq!(url("http://localhost"), "http://localhost/api/dictations");
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

    #[test]
    fn a_receipt_is_read_as_far_as_it_goes() {
        let receipt = read_receipt(r#"{"dictation":"0193","repeated":true,"flags":[]}"#);
        assert_eq!(receipt, Receipt { dictation: Some("0193".to_owned()), repeated: true });
        assert_eq!(read_receipt("<ok>"), Receipt { dictation: None, repeated: false });
    }

    #[test]
    fn a_wait_ends_when_it_is_told_to_stop() {
        assert!(!pause(Duration::from_secs(3600), &|| true));
        assert!(pause(Duration::ZERO, &|| false));
    }
}
