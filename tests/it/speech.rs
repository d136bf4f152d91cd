//! The speech engine's process with a real model: what it hears, and what happens when it dies.

use chartscribe::audio::{self, Chunk, Limits};
use chartscribe::domain::transcript::Transcript;
use chartscribe::speech::catalogue::Catalogue;
use chartscribe::speech::child::{ChildRecognizer, ChildSettings, IDLE_RELEASE};
use chartscribe::speech::installed::{self, InstalledModel};
use chartscribe::speech::{Recognizer, Request, SpeechError, Watch, transcribe};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// The model that `make test` installs.
const MODEL: &str = "tiny.en";

pub fn plain() -> Request {
    Request { plain: true, ..Request::default() }
}
/// No test waits longer than this for another process.
const PATIENCE: Duration = Duration::from_secs(120);

pub fn models_folder() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    std::env::var_os("CHARTSCRIBE_MODELS").map_or(beside, PathBuf::from)
}

/// The installed test model; its absence is a failure, never a reason to skip.
pub fn model() -> InstalledModel {
    installed_model(MODEL)
}

/// The model that a site has if it names none.
pub fn default_model() -> InstalledModel {
    installed_model(&Catalogue::embedded().default)
}

fn installed_model(name: &str) -> InstalledModel {
    let folder = models_folder();
    let catalogue = Catalogue::embedded();
    let entry = catalogue.find(name).expect("the model is in the catalogue");
    installed::find(&folder, entry).unwrap_or_else(|| {
        panic!(
            "the model is not in {0}; run `chartscribe model install {name} --models {0}`",
            folder.display()
        )
    })
}

pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_chartscribe"))
}

pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// One thread: whisper's threads spin, and tests run beside each other.
fn settings() -> ChildSettings {
    let idle_release = IDLE_RELEASE;
    let (program, model) = (program(), model());
    ChildSettings { program, model, threads: 1, spare_threads: 0, idle_release, gives_way: false }
}

fn chunks_of(name: &str) -> (audio::Chunks, u32) {
    let open = || File::open(sample(name)).expect("the sample is there");
    let limits = Limits { max_duration_ms: 600_000 };
    let inspection = audio::inspect(&mut open(), &limits).expect("the sample is sound");
    let samples = audio::decode(Box::new(open()), inspection.mix).expect("the sample is sound");
    (audio::chunks(samples), inspection.duration_ms)
}

fn first_chunk(name: &str) -> Chunk {
    chunks_of(name).0.next().expect("the sample has speech").expect("the sample is sound")
}

fn heard(recognizer: &dyn Recognizer, name: &str) -> Result<Transcript, SpeechError> {
    let (chunks, audio_ms) = chunks_of(name);
    transcribe(recognizer, chunks, audio_ms, &plain(), &Never)
}

/// Never stops.
struct Never;

impl Watch for Never {
    fn stopped(&self) -> bool {
        false
    }

    fn progress(&self, _fraction: f32) {}
}

/// Stops once the engine has its chunk: at the given question.
struct StopAt {
    question: u32,
    asked: AtomicU32,
    stopped: AtomicBool,
}

impl Watch for StopAt {
    fn stopped(&self) -> bool {
        if self.asked.fetch_add(1, Ordering::Relaxed) + 1 >= self.question {
            self.stopped.store(true, Ordering::Relaxed);
        }
        self.stopped.load(Ordering::Relaxed)
    }

    fn progress(&self, _fraction: f32) {}
}

#[test]
fn the_installed_test_model_is_byte_for_byte_the_one_in_the_catalogue() {
    let catalogue = Catalogue::embedded();
    let known = catalogue.find(MODEL).and_then(|entry| entry.installed.clone());
    let known = known.expect("the test model is converted from packages");
    let path = model().path;
    assert_eq!(installed::verify(&path).expect("the model is unchanged"), known.sha256);
    assert_eq!(fs::metadata(&path).expect("the model is there").len(), known.bytes);
}

#[test]
fn a_spoken_note_is_heard_with_times_and_confidence() {
    let recognizer = ChildRecognizer::new(settings());
    assert_eq!(recognizer.child_id(), None, "no child before the first need");
    let transcript = heard(&recognizer, "short.flac").expect("the note is recognised");
    let text = transcript.text();
    for expected in ["40 milligrams by mouth every morning", "repeat the potassium on Friday"] {
        assert!(text.contains(expected), "{text}");
    }
    assert!(transcript.is_well_timed());
    assert!(transcript.doubts.is_empty());
    assert_eq!(transcript.model, MODEL);
    let last = transcript.words.last().expect("there are words");
    assert!(last.end_ms > transcript.audio_ms / 2, "the last word is near the end");
    assert!(transcript.words.iter().all(|word| (0.0..=1.0).contains(&word.confidence)));
}

#[test]
fn a_recording_longer_than_one_chunk_is_heard_in_order() {
    let recognizer = ChildRecognizer::new(settings());
    let transcript = heard(&recognizer, "medium.flac").expect("the note is recognised");
    let text = transcript.text();
    let places = ["productive cough", "pneumonia", "94%", "six weeks"].map(|part| text.find(part));
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{text}");
    assert!(transcript.is_well_timed());
}

#[cfg(feature = "faults")]
#[test]
fn an_engine_that_aborts_in_a_chunk_takes_nothing_with_it_and_the_next_call_works() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let trigger = folder.path().join("abort");
    fs::write(&trigger, "").expect("the trigger is set");
    let script = folder.path().join("engine");
    let variable = chartscribe::speech::engine::ABORT_ONCE;
    let lines = format!(
        "#!/bin/sh\n{variable}='{}' exec '{}' \"$@\"\n",
        trigger.display(),
        program().display()
    );
    fs::write(&script, lines).expect("the script is written");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(&script, mode).expect("it is ours");
    let recognizer = ChildRecognizer::new(ChildSettings { program: script, ..settings() });
    let chunk = first_chunk("short.flac");
    let first = recognizer.recognize(&chunk, &plain(), &Never);
    assert!(matches!(first, Err(SpeechError::EngineDied { .. })), "{first:?}");
    assert_eq!(recognizer.child_id(), None);
    let second = recognizer.recognize(&chunk, &plain(), &Never).expect("a new engine works");
    assert!(!second.words.is_empty());
}

#[test]
fn an_engine_killed_between_chunks_is_replaced_after_one_failure() {
    let recognizer = ChildRecognizer::new(settings());
    let chunk = first_chunk("short.flac");
    recognizer.recognize(&chunk, &plain(), &Never).expect("the engine works");
    let child = recognizer.child_id().expect("the engine is kept");
    let killed = Command::new("kill").arg("-9").arg(child.to_string()).status();
    assert!(killed.expect("kill runs").success());
    let result = recognizer.recognize(&chunk, &plain(), &Never);
    assert!(matches!(result, Err(SpeechError::EngineDied { .. })), "{result:?}");
    recognizer.recognize(&chunk, &plain(), &Never).expect("a new engine works");
}

#[test]
fn a_stop_in_a_chunk_is_honoured_within_a_second_and_the_next_call_works() {
    let recognizer = ChildRecognizer::new(settings());
    let short = first_chunk("short.flac");
    recognizer.recognize(&short, &plain(), &Never).expect("the engine works");
    let watch = StopAt { question: 3, asked: AtomicU32::new(0), stopped: AtomicBool::new(false) };
    let long = first_chunk("medium.flac");
    let began = Instant::now();
    let result = recognizer.recognize(&long, &plain(), &watch);
    assert!(matches!(result, Err(SpeechError::Stopped)), "{result:?}");
    assert!(began.elapsed() < Duration::from_millis(2500), "{:?}", began.elapsed());
    let heard = recognizer.recognize(&short, &plain(), &Never).expect("the engine works again");
    assert!(!heard.words.is_empty());
}

#[test]
fn a_tampered_model_is_refused_before_it_is_loaded() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let InstalledModel { name, path, certainty } = model();
    let copy = folder.path().join(path.file_name().expect("a model has a name"));
    fs::copy(installed::record_path(&path), installed::record_path(&copy)).expect("copied");
    let mut bytes = fs::read(&path).expect("the model is readable");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&copy, bytes).expect("the copy is written");
    let model = InstalledModel { name, path: copy, certainty };
    let recognizer = ChildRecognizer::new(ChildSettings { model, ..settings() });
    let result = recognizer.recognize(&first_chunk("short.flac"), &plain(), &Never);
    match result {
        Err(SpeechError::Model { reason, .. }) => assert!(reason.contains("digest"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_idle_engine_is_released() {
    let idle_release = Duration::from_millis(1);
    let recognizer = ChildRecognizer::new(ChildSettings { idle_release, ..settings() });
    recognizer.recognize(&first_chunk("short.flac"), &plain(), &Never).expect("it works");
    let began = Instant::now();
    while recognizer.child_id().is_some() {
        assert!(began.elapsed() < PATIENCE, "the idle engine is still there");
        std::thread::yield_now();
    }
}

#[test]
fn the_engine_ends_when_the_program_is_gone() {
    let mut child = Command::new(program())
        .args(["speech-child", "--threads", "1", "--model"])
        .arg(model().path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut output = child.stdout.take().expect("it was piped");
    let mut ready = [0; 5];
    output.read_exact(&mut ready).expect("it says that it is ready");
    assert_eq!(ready, [1, 0, 0, 0, b'r']);
    drop(child.stdin.take());
    let mut rest = vec![];
    output.read_to_end(&mut rest).expect("its output ends");
    assert!(child.wait().expect("it can be waited for").success());
}
