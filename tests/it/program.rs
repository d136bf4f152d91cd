//! The real program as its users run it: a data folder, a server of its own on a free port, and
//! an HTTP client for it.
//!
//! Not for: acts without a server (`support.rs`).

use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const PASSWORD: &str = "a password for tests only";

/// How long a server may take to answer for the first time.
const START_MAX: Duration = Duration::from_secs(30);
/// How long a transcription may take; the machine may be busy with other tests.
const TRANSCRIPTION_MAX: Duration = Duration::from_secs(240);
const POLL: Duration = Duration::from_millis(100);

/// Held by one installation at a time: whisper's threads spin, and two engines on few cores
/// take ten times as long as one after the other.
static ENGINE: Mutex<()> = Mutex::new(());

/// A data folder with people and patients, kept over restarts of its server.
pub struct Installation {
    _alone: MutexGuard<'static, ()>,
    folder: TempDir,
    tokens: HashMap<String, String>,
}

/// A running server. Dropping it kills it.
pub struct Server {
    child: Child,
    /// Every line of standard error so far.
    log: Arc<Mutex<String>>,
    pub address: String,
    tokens: HashMap<String, String>,
}

/// What a request was answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

/// Folder of the installed models: the one `make test` fills, or the one named.
pub fn models() -> PathBuf {
    let named = std::env::var_os("CHARTSCRIBE_MODELS").map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("models"))
}

/// A committed recording and the words spoken in it.
pub fn recording(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

impl Installation {
    /// An empty data folder.
    fn empty() -> Self {
        let _alone = ENGINE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let new = Self { _alone, folder, tokens: HashMap::new() };
        // No report goes to QA by lot, so that a test knows where each one goes.
        new.done(&["init", "--qa-percent", "0"], "");
        new
    }

    pub fn new() -> Self {
        let mut new = Self::empty();
        for (username, role) in
            [("ada", "author"), ("tess", "transcriptionist"), ("quinn", "reviewer")]
        {
            let display_name = format!("--display-name={username} Testperson");
            new.done(
                &["user", "add", username, "--roles", role, &display_name, "--password-stdin"],
                PASSWORD,
            );
            let token = new.done(&["user", "token", username, "--scopes", "read,edit"], "");
            new.tokens.insert(username.into(), token.trim().into());
        }
        new
    }

    /// The demonstration's patients beside the people of the tests.
    pub fn demonstration() -> Self {
        let mut new = Self::empty();
        new.done(&["demo", "load"], "");
        for username in ["ines.hartwell", "mara.quill", "owen.pagett"] {
            let token = new.done(&["user", "token", username, "--scopes", "read,edit"], "");
            new.tokens.insert(username.into(), token.trim().into());
        }
        new
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chartscribe"));
        command
            .args(args)
            .env("CHARTSCRIBE_DATA", self.folder.path().join("data"))
            .env("CHARTSCRIBE_KEY_FILE", self.folder.path().join("site.key"))
            .env("CHARTSCRIBE_MODELS", models())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, args: &[&str], input: &str) -> Output {
        let mut child = self.command(args).spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A command that fails early may close its end; its status says why.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().expect("the program ends")
    }

    /// Runs a command that must succeed, and answers its standard output.
    pub fn done(&self, args: &[&str], input: &str) -> String {
        let output = self.run(args, input);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {} {errors}", output.status);
        String::from_utf8(output.stdout).expect("text")
    }

    pub fn serve(&self) -> Server {
        self.serve_with(&[])
    }

    /// Starts the server with more environment, such as a named crash point.
    pub fn serve_with(&self, environment: &[(&str, &str)]) -> Server {
        self.serve_as(&["--listen", "127.0.0.1:0"], environment)
    }

    /// Starts the server with options of its own.
    pub fn serve_as(&self, options: &[&str], environment: &[(&str, &str)]) -> Server {
        let mut command = self.command(&[&["serve", "--threads", "1"], options].concat());
        command.envs(environment.iter().copied()).stdout(Stdio::null());
        let mut child = command.spawn().expect("the server starts");
        let log = Arc::new(Mutex::new(String::new()));
        let address = address_of(&mut child, log.clone());
        Server { child, log, address, tokens: self.tokens.clone() }
    }
}

/// Reads standard error to its end on a thread of its own, so that the server never waits for
/// its log to be read, and answers the address when it is said.
fn address_of(child: &mut Child, log: Arc<Mutex<String>>) -> String {
    let stderr = child.stderr.take().expect("a pipe");
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            if let Some((_, address)) = line.split_once("listening on ") {
                let end = address.find('"').unwrap_or(address.len());
                let _ = sender.send(address[..end].trim().to_string());
            }
            *log.lock().unwrap_or_else(PoisonError::into_inner) += &(line + "\n");
        }
    });
    receiver.recv_timeout(START_MAX).expect("the server says where it listens")
}

impl Server {
    /// Ends the program as a power failure would.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// What the server wrote to standard error so far.
    pub fn log(&self) -> String {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks the server to stop, waits until it has, and answers its exit code.
    pub fn stop(&mut self) -> Option<i32> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(asked.is_ok_and(|status| status.success()), "a signal to a child of ours");
        self.wait_for_end();
        self.child.try_wait().expect("a child of ours").and_then(|status| status.code())
    }

    #[cfg(feature = "faults")]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the program to end by itself, as it does at a named crash point.
    pub fn wait_for_end(&mut self) {
        let deadline = Instant::now() + TRANSCRIPTION_MAX;
        while self.child.try_wait().expect("a child of ours").is_none() {
            assert!(Instant::now() < deadline, "the server went on living");
            std::thread::sleep(POLL);
        }
    }

    pub fn get(&self, who: &str, path: &str) -> Answer {
        self.try_request(who, "GET", path, None).expect("an answer")
    }

    pub fn post(&self, who: &str, path: &str, body: Value) -> Answer {
        self.try_post(who, path, body).expect("an answer")
    }

    /// As [`Server::post`]; `None` when the server ended instead of answering.
    pub fn try_post(&self, who: &str, path: &str, body: Value) -> Option<Answer> {
        let bytes = body.to_string().into_bytes();
        self.try_request(who, "POST", path, Some(("application/json", bytes)))
    }

    /// Posts bytes as they are; `None` when the server ended instead of answering.
    pub fn try_bytes(&self, who: &str, path: &str, bytes: Vec<u8>) -> Option<Answer> {
        self.try_request(who, "POST", path, Some(("application/octet-stream", bytes)))
    }

    /// Begins a recording under a key and answers its id.
    pub fn begin_recording(&self, who: &str, key: &str, about: Value) -> String {
        let body = about.to_string().into_bytes();
        let path = "/api/recordings";
        let answer = self.send(who, "POST", path, Some(("application/json", body)), Some(key));
        let answer = answer.expect("an answer");
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body["recording"].as_str().expect("an id").to_string()
    }

    /// A text field that was posted without a body.
    pub fn act(&self, who: &str, path: &str) -> Answer {
        self.try_request(who, "POST", path, Some(("application/json", vec![]))).expect("an answer")
    }

    /// Settles every open flag of a report, as somebody who listened to each.
    pub fn settle_flags(&self, who: &str, report: &str) {
        let body = self.get(who, &format!("/api/reports/{report}")).body;
        for flag in body["flags"].as_array().expect("a list of flags") {
            if flag["state"] == "open" {
                let id = flag["id"].as_str().expect("an id");
                let path = format!("/api/reports/{report}/flags/{id}/settle");
                let note = serde_json::json!({"state": "resolved", "note": "as dictated"});
                let settled = self.post(who, &path, note);
                assert_eq!(settled.status, 204, "{settled:?}");
            }
        }
    }

    /// Hands in a recording with its particulars and an upload key.
    pub fn try_upload(
        &self,
        who: &str,
        audio: &[u8],
        fields: &[(&str, &str)],
        key: Option<&str>,
    ) -> Option<Answer> {
        let boundary = "tests-boundary-7f3a";
        let mut body = Vec::new();
        for (name, value) in fields {
            body.extend_from_slice(
                format!(
                    "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n\
                     {value}\r\n"
                )
                .as_bytes(),
            );
        }
        body.extend_from_slice(
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"audio\"; \
                 filename=\"note.flac\"\r\nContent-Type: audio/flac\r\n\r\n"
            )
            .as_bytes(),
        );
        body.extend_from_slice(audio);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.send(who, "POST", "/api/dictations", Some((&kind, body)), key)
    }

    fn try_request(
        &self,
        who: &str,
        method: &str,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
    ) -> Option<Answer> {
        self.send(who, method, path, body, None)
    }

    fn send(
        &self,
        who: &str,
        method: &str,
        path: &str,
        body: Option<(&str, Vec<u8>)>,
        key: Option<&str>,
    ) -> Option<Answer> {
        let agent = ureq::Agent::new_with_config(
            ureq::Agent::config_builder().http_status_as_error(false).build(),
        );
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.address));
        if let Some(token) = self.tokens.get(who) {
            request = request.header("Authorization", format!("Bearer {token}"));
        } else if who.contains('=') {
            request = request.header("Cookie", who);
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        let (kind, body) = body.unwrap_or_default();
        if !kind.is_empty() {
            request = request.header("Content-Type", kind);
        }
        let response = agent.run(request.body(body).expect("a request")).ok()?;
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        response.into_body().into_reader().read_to_end(&mut bytes).ok()?;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Some(Answer { status, body })
    }

    /// Signs in as a person does and answers the session's cookie, which stands where a name
    /// stands in the other functions: no token signs a report.
    pub fn cookie(&self, username: &str) -> String {
        let body = json!({"username": username, "password": PASSWORD}).to_string();
        let request = ureq::http::Request::post(format!("{}/api/session", self.address))
            .header("Content-Type", "application/json")
            .body(body)
            .expect("a request");
        let response = ureq::Agent::new_with_defaults().run(request).expect("signed in");
        let cookie = response.headers().get("set-cookie").and_then(|value| value.to_str().ok());
        let pair = cookie.and_then(|cookie| cookie.split(';').next());
        pair.expect("a cookie").to_string()
    }

    /// Waits until the report is drafted, and answers it.
    pub fn wait_for_draft(&self, who: &str, report: &str) -> Value {
        let deadline = Instant::now() + TRANSCRIPTION_MAX;
        loop {
            let answer = self.get(who, &format!("/api/reports/{report}"));
            assert_eq!(answer.status, 200, "{answer:?}");
            if answer.body["stage"] != json!("transcribing") {
                return answer.body;
            }
            assert!(Instant::now() < deadline, "no draft in time: {}", answer.body["job"]);
            std::thread::sleep(POLL);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
