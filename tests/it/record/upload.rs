//! `chartscribe record --server`, against a server of the test's own on a free port.

use super::{RATE, Recorder, Sound, read_wav};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;

/// One upload as the server saw it.
struct Upload {
    head: String,
    body: Vec<u8>,
}

impl Upload {
    fn header(&self, name: &str) -> Option<&str> {
        let line =
            self.head.lines().find_map(|line| line.split_once(": ").filter(|(n, _)| *n == name));
        line.map(|(_, value)| value)
    }

    /// The named part of the form.
    fn part(&self, name: &str) -> Option<Vec<u8>> {
        let kind = self.header("content-type")?;
        let boundary = format!("\r\n--{}", kind.split_once("boundary=")?.1);
        let body = [b"\r\n", &self.body[..]].concat();
        let places: Vec<usize> = find_all(&body, boundary.as_bytes());
        for pair in places.windows(2) {
            let part = &body[pair[0] + boundary.len()..pair[1]];
            let split = *find_all(part, b"\r\n\r\n").first()?;
            let head = String::from_utf8_lossy(&part[..split]);
            if head.contains(&format!("name=\"{name}\"")) {
                return Some(part[split + 4..].to_vec());
            }
        }
        None
    }
}

fn find_all(bytes: &[u8], wanted: &[u8]) -> Vec<usize> {
    let mut places = Vec::new();
    for (at, window) in bytes.windows(wanted.len()).enumerate() {
        if window == wanted {
            places.push(at);
        }
    }
    places
}

fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).expect("a whole head");
        head.push(byte[0]);
    }
    String::from_utf8(head).expect("a head is text").to_lowercase()
}

/// Takes one request and gives the answer.
fn serve(listener: &TcpListener, answer: &str) -> Upload {
    let (mut stream, _) = listener.accept().expect("a connection");
    let head = read_head(&mut stream);
    let mut upload = Upload { head, body: Vec::new() };
    if upload.header("expect").is_some() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").expect("the client listens");
    }
    let length = upload.header("content-length").expect("a length").parse().expect("a number");
    upload.body.resize(length, 0);
    stream.read_exact(&mut upload.body).expect("a whole body");
    stream.write_all(answer.as_bytes()).expect("the client listens");
    upload
}

fn json_answer(status: &str, json: &str) -> String {
    let length = json.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{json}"
    )
}

fn local_server() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    (listener, url)
}

/// A waiting recording of a tenth of a second.
fn waiting_recording(folder: &Path) -> PathBuf {
    let path = folder.join("recording-0193a4b2-0000-7000-8000-000000000001.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(&path, spec).expect("a new file");
    for at in 0..4800_i32 {
        wav.write_sample((at % 100) as i16).expect("there is room");
    }
    wav.finalize().expect("there is room");
    path
}

#[test]
fn a_recording_goes_to_the_server_once_although_the_line_broke() {
    let sound = Sound::start();
    let (listener, url) = local_server();
    let server = thread::spawn(move || {
        let (mut broken, _) = listener.accept().expect("a connection");
        let first = read_head(&mut broken);
        drop(broken);
        let answer = json_answer("201 Created", r#"{"dictation":"d-1","repeated":false}"#);
        (first, serve(&listener, &answer))
    });
    let recorder = sound.record(&[
        "record",
        "--seconds",
        "1",
        "--server",
        &url,
        "--author",
        "drhart",
        "--mrn",
        "DEMO-7",
        "--encounter",
        "V-9",
        "--work-type",
        "PN",
        "--priority",
        "stat",
    ]);
    let (code, stdout, messages) = recorder.end();
    let (first, upload) = server.join().expect("the server does not panic");
    assert_eq!((code, stdout.trim()), (Some(0), "d-1"), "{messages}");
    let key = upload.header("idempotency-key").expect("a key");
    assert!(first.contains(&format!("idempotency-key: {key}\r\n")), "{first}");
    assert!(upload.head.starts_with("post /api/dictations http/1.1"), "{}", upload.head);
    assert_eq!(upload.header("authorization"), Some("bearer token-of-the-test"));
    for (name, value) in [
        ("author", "drhart"),
        ("mrn", "DEMO-7"),
        ("encounter", "V-9"),
        ("work_type", "PN"),
        ("priority", "stat"),
        ("origin", "microphone"),
    ] {
        assert_eq!(upload.part(name).as_deref(), Some(value.as_bytes()), "{name}");
    }
    let dictated = upload.part("dictated_at").expect("a time");
    assert!(dictated.ends_with(b"Z"));
    let audio = sound.path("uploaded.wav");
    std::fs::write(&audio, upload.part("audio").expect("the recording")).expect("there is room");
    assert_eq!(read_wav(&audio).len(), RATE as usize);
    let spool = std::fs::read_dir(sound.path("spool")).expect("the folder is there");
    assert_eq!(spool.count(), 0, "an acknowledged recording is not kept");
    assert!(!messages.contains("DEMO-7") && !messages.contains("token-of-the-test"));
}

#[test]
fn a_refusal_is_shown_and_the_recording_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = waiting_recording(folder.path());
    let (listener, url) = local_server();
    let server = thread::spawn(move || {
        let refusal = r#"{"error":{"code":"unknown","message":"No such work type."}}"#;
        serve(&listener, &json_answer("422 Unprocessable Content", refusal))
    });
    let name = path.to_str().expect("ASCII");
    let recorder = Recorder::start(folder.path(), &["record", "--send", name, "--server", &url]);
    let (code, stdout, messages) = recorder.end();
    let upload = server.join().expect("the server does not panic");
    assert_eq!((code, stdout.as_str()), (Some(1), ""));
    assert!(messages.contains("refused the recording (422): No such work type."), "{messages}");
    assert!(messages.contains(name) && path.exists());
    let key = upload.header("idempotency-key");
    assert_eq!(key, Some("0193a4b2-0000-7000-8000-000000000001"), "a waiting file keeps its key");
    assert_eq!(upload.part("audio"), std::fs::read(&path).ok());
}

#[test]
fn an_interrupt_ends_the_waiting_for_a_server_that_is_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = waiting_recording(folder.path());
    let (listener, url) = local_server();
    drop(listener);
    let name = path.to_str().expect("ASCII");
    let recorder = Recorder::start(folder.path(), &["record", "--send", name, "--server", &url]);
    recorder.wait_for("Not sent yet");
    recorder.interrupt();
    let (code, _, messages) = recorder.end();
    assert_eq!(code, Some(1), "{messages}");
    assert!(messages.contains("kept") && messages.contains(name), "{messages}");
    assert!(path.exists());
}

#[test]
fn nothing_is_sent_unencrypted_to_another_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = waiting_recording(folder.path());
    let name = path.to_str().expect("ASCII");
    let arguments = ["record", "--send", name, "--server", "http://chart.example"];
    let (code, _, messages) = Recorder::start(folder.path(), &arguments).end();
    assert_eq!(code, Some(1));
    assert!(messages.contains("use https for chart.example"), "{messages}");
}
