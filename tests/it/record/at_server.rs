//! `chartscribe record --server` driven by a script on standard input: what the tests of it share,
//! and its refusals.

use super::{PATIENCE, Recorder, Sound, lines, program, wait_until};
use crate::program::{Installation, Server};
use chartscribe::mic::about::About;
use chartscribe::store::spool::{self, SpoolKey, SpoolWriter};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// The recorder and whoever commands it. Killed when dropped.
pub struct Script {
    pub child: Child,
    input: Option<ChildStdin>,
    /// Sentences for people.
    messages: Receiver<String>,
    /// Lines for programs.
    answers: Receiver<String>,
    heard: Vec<String>,
}

impl Script {
    /// Starts the recorder against a server, with a token of the author ada.
    pub fn start(sound: &Sound, address: &str, token: &Path, more: &[&str]) -> Self {
        let mut command = program(sound.folder.path());
        command.args(["record", "--server", address, "--token-file"]).arg(token).args(more);
        Self::of(command)
    }

    pub fn of(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let messages = lines(child.stderr.take().expect("it is piped"));
        let answers = lines(child.stdout.take().expect("it is piped"));
        let input = child.stdin.take();
        Self { child, input, messages, answers, heard: Vec::new() }
    }

    pub fn say(&mut self, command: &str) {
        let input = self.input.as_mut().expect("the input is open");
        writeln!(input, "{command}").expect("the program reads");
    }

    pub fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.messages.recv_timeout(left) {
                Ok(line) => self.heard.push(line),
                Err(error) => panic!("no {text:?} ({error}) among {:#?}", self.heard),
            }
            if self.heard.last().is_some_and(|line| line.contains(text)) {
                return;
            }
        }
    }

    /// The next line for programs of this kind.
    pub fn answer(&mut self, kind: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.answers.recv_timeout(left) {
                Ok(line) => {
                    if let Some(rest) = line.strip_prefix(kind) {
                        return rest.trim().to_owned();
                    }
                }
                Err(error) => panic!("no {kind} ({error}) after {:#?}", self.heard),
            }
        }
    }

    pub fn status(&mut self) -> Value {
        self.say("status");
        serde_json::from_str(&self.answer("status")).expect("JSON")
    }

    /// Records until there are so many seconds on this disk.
    pub fn until_seconds(&mut self, seconds: f64) {
        let deadline = Instant::now() + PATIENCE + Duration::from_secs_f64(seconds);
        while self.samples() < (seconds * 16_000.0) as u64 {
            assert!(Instant::now() < deadline, "no sound comes: {:#?}", self.heard);
            std::thread::sleep(super::LOOK);
        }
    }

    /// Samples of 16 kHz on this disk.
    pub fn samples(&mut self) -> u64 {
        self.status()["samples"].as_u64().expect("a number")
    }

    /// Pauses; answers how many samples there are, all of what the microphone gave.
    pub fn pause(&mut self) -> u64 {
        self.say("pause");
        self.wait_for("Now paused");
        self.samples()
    }

    /// Sends, and answers the dictation.
    pub fn send(&mut self) -> String {
        self.say("send");
        self.answer("dictation")
    }

    pub fn quit(mut self) -> (Option<i32>, String) {
        self.say("quit");
        self.input = None;
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                break status;
            }
            assert!(Instant::now() < deadline, "the program does not end");
            std::thread::sleep(super::LOOK);
        };
        self.heard.extend(self.messages.iter());
        (status.code(), self.heard.join("\n"))
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).expect("it runs");
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A token of ada's that may dictate.
pub fn token(site: &Installation) -> PathBuf {
    let path = site.path().join("token");
    let token = site.done(&["user", "token", "ada", "--scopes", "dictate"], "");
    std::fs::write(&path, token).expect("there is room");
    path
}

/// A file with a token of the demonstration's author.
pub fn demonstration_token(site: &Installation) -> PathBuf {
    let token = site.path().join("token");
    let made = site.done(&["user", "token", "ines.hartwell", "--scopes", "dictate"], "");
    std::fs::write(&token, made).expect("there is room");
    token
}

/// A server that shows no text, so that the faults are about the sound alone.
pub fn quiet_server(site: &Installation, listen: &str) -> Server {
    let settings = site.path().join("settings.toml");
    std::fs::write(&settings, "live_texts = 0\n").expect("there is room");
    site.serve_as(&["--listen", listen, "--config", &settings.display().to_string()], &[])
}

/// A site with a server, a microphone, and a token for who dictates.
pub struct Workplace {
    pub server: Server,
    pub sound: Sound,
    token: PathBuf,
    pub site: Installation,
}

impl Workplace {
    pub fn open() -> Self {
        let site = Installation::new();
        let (token, sound) = (token(&site), Sound::start());
        let server = quiet_server(&site, "127.0.0.1:0");
        Self { server, sound, token, site }
    }

    /// A recorder that has just been started.
    pub fn desk(&self, more: &[&str]) -> Script {
        self.desk_at(&self.server.address, more)
    }

    /// The same, that reaches the server by another address.
    pub fn desk_at(&self, address: &str, more: &[&str]) -> Script {
        Script::start(&self.sound, address, &self.token, more)
    }

    /// A recorder that has recorded for so many seconds and goes on.
    pub fn recording(&self, seconds: f64) -> Script {
        let mut desk = self.desk(&[]);
        desk.wait_for("Connected");
        desk.say("record");
        desk.until_seconds(seconds);
        desk
    }

    /// Pauses, sends, and has every sample in one report.
    pub fn ends_whole(&self, mut desk: Script) {
        let samples = desk.pause();
        let dictation = desk.send();
        assert_whole(&self.sound, &self.server, &dictation, samples);
        assert_eq!(desk.quit().0, Some(0));
    }
}

/// One report of exactly so many samples, and nothing left in the spool.
pub fn assert_whole(sound: &Sound, server: &Server, dictation: &str, samples: u64) {
    let kept = server.get("ada", &format!("/api/dictations/{dictation}")).body;
    assert_eq!(kept["duration_ms"], samples.div_ceil(16), "{samples} samples: {kept}");
    assert_eq!(kept["origin"], "microphone");
    let list = server.get("ada", "/api/worklist").body;
    assert_eq!(list["rows"].as_array().map(Vec::len), Some(1), "the report is there once");
    assert_eq!(spooled(sound), 0, "the sent recording is gone");
}

/// Files in the spool.
pub fn spooled(sound: &Sound) -> usize {
    std::fs::read_dir(sound.path("spool")).expect("the folder is there").count()
}

#[test]
fn nothing_is_sent_unencrypted_to_another_machine_and_no_token_is_no_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| Recorder::start(folder.path(), arguments).end();
    let (code, _, messages) = run(&["record", "--server", "http://chart.example"]);
    assert_eq!(code, Some(1));
    assert!(messages.contains("use https for chart.example"), "{messages}");
    let arguments =
        ["record", "--server", "http://127.0.0.1:1", "--token-file", "/nonexistent/token"];
    let (code, _, messages) = run(&arguments);
    assert_eq!(code, Some(1));
    assert!(messages.contains("could not read the token"), "{messages}");
}

#[test]
fn a_refusal_is_told_and_what_was_said_stays_sealed_until_it_can_be_sent() {
    let place = Workplace::open();
    let mut desk = place.desk(&["--work-type", "NOSUCH"]);
    desk.wait_for("Connected");
    desk.say("record");
    desk.wait_for("there is no such work type");
    desk.until_seconds(0.5);
    let samples = desk.pause();
    desk.say("worktype PN");
    let dictation = desk.send();
    assert_whole(&place.sound, &place.server, &dictation, samples);
    assert_eq!(desk.quit().0, Some(0));
}

#[test]
fn what_is_discarded_is_gone_here_and_at_the_server() {
    let place = Workplace::open();
    let mut desk = place.recording(0.5);
    desk.say("discard");
    desk.wait_for("Discarded. Nothing was kept.");
    assert_eq!(
        place.server.get("ada", "/api/recordings").body["recordings"],
        serde_json::json!([])
    );
    assert_eq!(spooled(&place.sound), 0);
    let (code, messages) = desk.quit();
    assert_eq!(code, Some(0), "{messages}");
    assert_eq!(place.server.get("ada", "/api/worklist").body["rows"], serde_json::json!([]));
}

#[test]
fn silence_and_sound_that_is_cut_off_are_said_while_there_is_time() {
    let place = Workplace::open();
    let mut desk = place.recording(0.0);
    desk.wait_for("No sound");
    place.sound.play(&vec![1.0; super::RATE as usize / 2]);
    desk.wait_for("Too loud");
    desk.say("discard");
    desk.wait_for("Discarded. Nothing was kept.");
    assert_eq!(desk.quit().0, Some(0));
}

#[test]
fn what_a_recording_is_about_may_change_while_it_goes_on_and_nothing_goes_to_the_wrong_patient() {
    let site = Installation::demonstration();
    let server = quiet_server(&site, "127.0.0.1:0");
    let token = demonstration_token(&site);
    let sound = Sound::start();
    let first = ["--work-type", "PN", "--mrn", "DEMO-1001"];
    let mut desk = Script::start(&sound, &server.address, &token, &first);
    desk.wait_for("Is this the patient?");
    desk.say("confirm");
    desk.say("record");
    let open = || server.get("ines.hartwell", "/api/recordings").body["recordings"][0].clone();
    wait_until("the server has sound", || open()["samples"].as_u64() > Some(0));
    desk.say("stat");
    desk.say("worktype HP");
    wait_until("the server knows", || open()["priority"] == "stat" && open()["work_type"] == "HP");
    desk.say("patient DEMO-1002");
    desk.wait_for("Is this the patient? Testcase, Beatrice");
    let asked = desk.samples();
    desk.until_seconds(asked as f64 / 16_000.0 + 1.0);
    let held = desk.status()["acknowledged"].as_u64().expect("a number");
    assert!(held <= asked, "{held} of {asked}: nothing is sent before they are confirmed");
    desk.say("confirm");
    let samples = desk.pause();
    let captured = desk.status()["captured"].as_u64().expect("a number");
    assert_eq!(samples, captured.div_ceil(2), "nothing is lost by a change");
    let dictation = desk.send();
    let kept = server.get("ines.hartwell", &format!("/api/dictations/{dictation}")).body;
    assert_eq!(
        (&kept["duration_ms"], &kept["priority"]),
        (&json!(samples.div_ceil(16)), &json!("stat"))
    );
    let report = kept["report"].as_str().expect("a report");
    let report = server.get("ines.hartwell", &format!("/api/reports/{report}")).body;
    assert_eq!(
        (&report["patient"]["mrn"], &report["work_type"]),
        (&json!("DEMO-1002"), &json!("HP"))
    );
    assert_eq!(spooled(&sound), 0);
    assert_eq!(desk.quit().0, Some(0));
}

/// Sound of the backlog, in blocks of 200 ms: ten minutes.
const BACKLOG: u64 = 10 * 60 * 5;
/// An hour is to go up in two minutes on an ordinary build; a test build has three times as long.
const BACKLOG_MAX: Duration = Duration::from_secs(3 * 20);

#[test]
fn a_backlog_goes_up_many_times_faster_than_it_was_spoken_and_whole() {
    let place = Workplace::open();
    let folder = place.sound.path("spool");
    spool::make_folder(&folder).expect("a private folder");
    let key = SpoolKey::open(&place.sound.path("recorder.key"), &folder).expect("a key");
    let about = About { work_type: Some("PN".into()), ..About::default() };
    let mut writer =
        SpoolWriter::create(&folder, &key, Uuid::now_v7(), &about.to_bytes()).expect("made");
    let block = |number: u64| -> Vec<u8> {
        let sample = |n: u64| ((n * (number * 2 + 11)) % 8000) as i16;
        (0..3200).flat_map(|n| sample(n).to_le_bytes()).collect()
    };
    for number in 0..BACKLOG {
        writer.block(&block(number)).expect("there is room");
    }
    writer.end().expect("there is room");
    drop(writer);
    let began = Instant::now();
    let mut desk = place.desk(&[]);
    let dictation = desk.answer("dictation");
    assert!(began.elapsed() < BACKLOG_MAX, "{:?}", began.elapsed());
    assert_whole(&place.sound, &place.server, &dictation, BACKLOG * 3200);
    assert_eq!(desk.quit().0, Some(0));
    let bytes = place.server.try_bytes("ada", "/api/recordings/none/blocks?from=0", vec![]);
    assert_eq!(bytes.expect("an answer").status, 404);
}
