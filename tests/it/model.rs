//! Installing speech models: sources that break off, lie, or hold something else.

use super::speech::program;
use chartscribe::config::{File, Settings};
use chartscribe::domain::digest::Digest;
use chartscribe::speech::catalogue::{Catalogue, Entry};
use chartscribe::speech::install::{InstallError, Order, Progress, install};
use chartscribe::speech::installed;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::thread;
use tempfile::TempDir;

const F16: u32 = 1;
const Q8_0: u32 = 2007;
const Q5_0: u32 = 2008;

/// A well-formed ggml file of a model with 2 and 3 layers and 50 tokens, and one matrix.
fn ggml(ftype: u32) -> Vec<u8> {
    let hyper = [50, 1500, 64, 1, 2, 448, 64, 1, 3, 80, ftype];
    let mut bytes = 0x6767_6d6c_u32.to_le_bytes().to_vec();
    let mut numbers = |numbers: &[u32]| {
        numbers.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    };
    numbers(&hyper);
    numbers(&[1, 1, 0, 0]);
    let (kind, size) = if ftype == F16 { (1, 2 * 64 * 640) } else { (8, 34 * 2 * 640) };
    numbers(&[2, 8, kind, 64, 640]);
    bytes.extend(b"x.weight");
    bytes.extend(vec![0; size]);
    bytes
}

fn entry(url: &str) -> Entry {
    let text = format!(
        "default = 'toy'\n[[model]]\nname = 'toy'\nfile = 'ggml-toy.bin'\nabout = ''\n\
         licence = 'MIT'\nlanguages = 'English'\nspeed = 'fast'\nmegabytes = 1\n\
         layers = [2, 3]\nvocabulary = 50\n\
         [[model.source]]\nkind = 'file'\npath = 'incoming/ggml-toy.bin'\n\
         [[model.source]]\nkind = 'url'\nurl = '{url}'\n"
    );
    let catalogue: Catalogue = toml::from_str(&text).expect("the catalogue is well-formed");
    catalogue.models.into_iter().next().expect("it has one model")
}

/// A person who says nothing and trusts or does not.
struct Person {
    trusts: bool,
}

impl Progress for Person {
    fn say(&self, _what: &str) {}

    fn at(&self, _bytes: u64, _total: Option<u64>) {}

    fn trusts(&self, _digest: &Digest) -> bool {
        self.trusts
    }
}

const DOUBTER: Person = Person { trusts: false };

/// A web server on loopback that gives a file and closes the connection after `at_most` bytes of
/// body. It notes the `Range` of each request.
struct Server {
    url: String,
    ranges: Arc<Mutex<Vec<Option<u64>>>>,
}

impl Server {
    fn start(file: Vec<u8>, at_most: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let url = format!("http://{}/toy.bin", listener.local_addr().expect("it is bound"));
        let ranges = Arc::new(Mutex::new(vec![]));
        let noted = Arc::clone(&ranges);
        // Ends with the test process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let begin = read_range(&stream);
                noted.lock().expect("no thread panics with it").push(begin);
                answer(stream, &file, begin, at_most);
            }
        });
        Self { url, ranges }
    }

    fn ranges(&self) -> Vec<Option<u64>> {
        self.ranges.lock().expect("no thread panics with it").clone()
    }
}

fn read_range(stream: &TcpStream) -> Option<u64> {
    let mut range = None;
    for line in BufReader::new(stream).lines() {
        let line = line.expect("the client sends its whole head").to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("range: bytes=") {
            range = value.trim_end_matches('-').parse().ok();
        }
    }
    range
}

fn answer(mut stream: TcpStream, file: &[u8], begin: Option<u64>, at_most: usize) {
    let at = begin.unwrap_or(0) as usize;
    let rest = &file[at.min(file.len())..];
    let status = match begin {
        Some(_) if rest.is_empty() => "416 Range Not Satisfiable".to_owned(),
        Some(_) => format!(
            "206 Partial Content\r\nContent-Range: bytes {at}-{}/{}",
            file.len() - 1,
            file.len()
        ),
        None => "200 OK".to_owned(),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nETag: \"one\"\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        rest.len()
    );
    let body = &rest[..rest.len().min(at_most)];
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).ok();
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn left_over(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_download_that_is_cut_goes_on_where_it_stopped() {
    let file = ggml(Q8_0);
    let server = Server::start(file.clone(), 30_000);
    let (folder, entry) = (folder(), entry(&server.url));
    let sha256 = Some(Digest::of(&file));
    let order = Order { entry: &entry, folder: folder.path(), from: None, adapter: None, sha256 };
    let model = install(&order, &DOUBTER).expect("the pieces make the file");
    assert_eq!(fs::read(&model.path).expect("it is there"), file);
    assert_eq!(server.ranges(), [None, Some(30_000)]);
    installed::verify(&model.path).expect("its digest is recorded");
    let names = ["ggml-toy.bin", "ggml-toy.bin.sha256", "install.lock"];
    assert_eq!(left_over(folder.path()), names);
}

#[test]
fn a_file_with_the_wrong_digest_is_refused_and_the_old_model_stays() {
    let server = Server::start(ggml(Q8_0), usize::MAX);
    let (folder, entry) = (folder(), entry(&server.url));
    let old = folder.path().join("ggml-toy.bin");
    fs::write(&old, "the old model").expect("a file is written");
    let sha256 = Some(Digest::of(b"another file"));
    let order = Order { entry: &entry, folder: folder.path(), from: None, adapter: None, sha256 };
    let error = install(&order, &DOUBTER).expect_err("the digest is wrong");
    assert!(matches!(&error, InstallError::NoSource { tried, .. } if tried.contains("digest")));
    assert_eq!(fs::read(&old).expect("it is there"), b"the old model");
    assert_eq!(left_over(folder.path()), ["ggml-toy.bin", "install.lock"]);
}

#[test]
fn without_a_known_digest_a_person_must_agree_and_the_download_is_kept_for_that() {
    let file = ggml(Q8_0);
    let server = Server::start(file.clone(), usize::MAX);
    let (folder, entry) = (folder(), entry(&server.url));
    let mut order =
        Order { entry: &entry, folder: folder.path(), from: None, adapter: None, sha256: None };
    let error = install(&order, &DOUBTER).expect_err("nobody vouched for it");
    let InstallError::Untrusted { found } = error else { panic!("{error:?}") };
    assert_eq!(found, Digest::of(&file));
    assert_eq!(installed::find(folder.path(), &entry), None);
    order.sha256 = Some(found);
    install(&order, &DOUBTER).expect("the digest is given now");
    assert_eq!(server.ranges(), [None, Some(file.len() as u64)], "it was not fetched twice");
    order.sha256 = None;
    install(&order, &Person { trusts: true }).expect("a person agreed");
}

#[test]
fn a_model_in_f16_is_quantised_when_it_is_installed() {
    let (folder, entry) = (folder(), entry("http://127.0.0.1:1/"));
    let from = folder.path().join("brought.bin");
    fs::write(&from, ggml(F16)).expect("a file is written");
    let from = Some(from.as_path());
    let order = Order { entry: &entry, folder: folder.path(), from, adapter: None, sha256: None };
    let model = install(&order, &Person { trusts: true }).expect("it is the right model");
    assert_eq!(fs::read(&model.path).expect("it is there"), ggml(Q8_0));
}

#[test]
fn a_foreign_or_damaged_file_is_refused_with_its_reason() {
    let (folder, entry) = (folder(), entry("http://127.0.0.1:1/"));
    let mut cut = ggml(Q8_0);
    cut.truncate(cut.len() - 1);
    let mut other = ggml(Q8_0);
    other[4..8].copy_from_slice(&51_u32.to_le_bytes());
    let cases = [
        (b"Dear colleague, thank you for seeing".to_vec(), "not a Whisper model in ggml form"),
        (vec![], "cut off"),
        (cut, "cut off"),
        (other, "another model"),
        (ggml(Q5_0), "quantised as type 2008"),
    ];
    for (bytes, reason) in cases {
        let from = folder.path().join("brought.bin");
        fs::write(&from, &bytes).expect("a file is written");
        let from = Some(from.as_path());
        let order =
            Order { entry: &entry, folder: folder.path(), from, adapter: None, sha256: None };
        let error = install(&order, &Person { trusts: true }).expect_err(reason);
        let text = chartscribe::causes::chain(&error);
        assert!(text.contains(reason), "{text}");
    }
    assert_eq!(installed::find(folder.path(), &entry), None);
}

#[test]
fn a_file_brought_into_the_folder_is_found_there() {
    let (folder, entry) = (folder(), entry("http://127.0.0.1:1/"));
    let incoming = folder.path().join("incoming");
    fs::create_dir(&incoming).expect("a folder is made");
    fs::write(incoming.join("ggml-toy.bin"), ggml(Q8_0)).expect("a file is written");
    let sha256 = Some(Digest::of(&ggml(Q8_0)));
    let order = Order { entry: &entry, folder: folder.path(), from: None, adapter: None, sha256 };
    install(&order, &DOUBTER).expect("the file is there");
}

#[test]
fn when_nothing_is_reachable_the_message_says_what_was_tried_and_what_to_do() {
    let (folder, entry) = (folder(), entry("http://127.0.0.1:1/toy.bin"));
    let order =
        Order { entry: &entry, folder: folder.path(), from: None, adapter: None, sha256: None };
    let error = install(&order, &DOUBTER).expect_err("nothing listens there").to_string();
    assert!(error.contains("cannot reach http://127.0.0.1:1/toy.bin"), "{error}");
    assert!(error.contains("--from FILE"), "{error}");
}

fn chartscribe(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program())
        .arg("model")
        .args(arguments)
        .arg("--models")
        .arg(folder)
        .output()
        .expect("the program runs")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_command_refuses_what_nobody_vouched_for_when_no_person_is_there_to_ask() {
    let folder = folder();
    let foreign = folder.path().join("letter.bin");
    fs::write(&foreign, "Dear colleague").expect("a file is written");
    let from = foreign.to_string_lossy();
    let output = chartscribe(folder.path(), &["install", "base", "--from", &from]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("not a Whisper model"), "{}", stderr(&output));
    let output = chartscribe(folder.path(), &["install", "huge"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("large-v3-turbo"), "{}", stderr(&output));
}

#[test]
fn the_service_and_the_commands_have_one_default_model() {
    let file = File { data: Some("site".into()), models: Some("models".into()), ..File::default() };
    let settings = Settings::from_file(file).expect("the defaults are valid");
    assert_eq!(settings.model, Catalogue::embedded().default);
}

#[test]
fn the_command_lists_finds_and_verifies() {
    let folder = folder();
    let listed = chartscribe(folder.path(), &["list"]);
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(text.lines().any(|line| line.starts_with("base ")), "{text}");
    assert_eq!(chartscribe(folder.path(), &["path", "base"]).status.code(), Some(1));
    let path = folder.path().join("ggml-base-q8_0.bin");
    fs::write(&path, "weights").expect("a file is written");
    let record = installed::record_line(&path, &Digest::of(b"weights"));
    fs::write(installed::record_path(&path), record).expect("a file is written");
    let found = chartscribe(folder.path(), &["path", "base"]);
    assert_eq!(String::from_utf8_lossy(&found.stdout).trim(), path.to_string_lossy());
    assert_eq!(chartscribe(folder.path(), &["verify"]).status.code(), Some(0));
    fs::write(&path, "weightz").expect("a file is written");
    let output = chartscribe(folder.path(), &["verify", "base"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("install it again"), "{}", stderr(&output));
}

#[test]
fn an_adapter_is_taken_by_its_model_alone_and_only_when_somebody_vouches_for_it() {
    let (folder, catalogue) = (folder(), Catalogue::embedded());
    let entry = |name| catalogue.find(name).expect("it is in the catalogue");
    let order = |name, adapter| Order {
        entry: entry(name),
        folder: folder.path(),
        from: None,
        adapter,
        sha256: None,
    };
    let file = folder.path().join("ours.safetensors");
    fs::write(&file, "a file that nobody vouched for").expect("a file is written");
    let error = install(&order("base", Some(&file)), &DOUBTER).expect_err("base is base");
    assert!(matches!(error, InstallError::TakesNoAdapter { .. }), "{error}");
    let error = install(&order("base-medical", Some(&file)), &DOUBTER).expect_err("no trust");
    assert!(matches!(error, InstallError::Untrusted { .. }), "{error}");
    let trusted = Person { trusts: true };
    let error = install(&order("base-medical", Some(&file)), &trusted).expect_err("no adapter");
    assert!(matches!(error, InstallError::Adapter { .. }), "{error}");
    assert_eq!(left_over(folder.path()), ["install.lock", "ours.safetensors"]);
}
