//! The machine's work side by side: as many dictations at once as there are recognisers, and
//! STAT work between two chunks of a routine dictation.
//!
//! Not for: what is recognised (`speech.rs`); the recogniser here only says when it was asked.

use crate::speech::sample;
use crate::support::{TestSite, reception};
use chartscribe::audio::Chunk;
use chartscribe::domain::ids::ReportId;
use chartscribe::domain::transcript::Word;
use chartscribe::jobs::worker::Workers;
use chartscribe::speech::{Heard, Recognizer, Request, SpeechError, Watch};
use chartscribe::store::reports;
use chartscribe::workflow::receive::Reception;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// What waits longer than this is stuck.
const PATIENCE: Duration = Duration::from_secs(20);

/// Says when it is asked for a chunk, and answers when it is let.
struct Gated {
    asked: Mutex<Sender<(&'static str, u32)>>,
    let_go: Mutex<Receiver<()>>,
    name: &'static str,
}

/// The test's side of a gated recogniser.
struct Gate {
    let_go: Sender<()>,
}

fn gated(name: &'static str, asked: &Sender<(&'static str, u32)>) -> (Arc<dyn Recognizer>, Gate) {
    let (let_go, waits) = mpsc::channel();
    let recognizer = Gated { asked: Mutex::new(asked.clone()), let_go: Mutex::new(waits), name };
    (Arc::new(recognizer), Gate { let_go })
}

impl Recognizer for Gated {
    fn recognize(
        &self,
        chunk: &Chunk,
        _request: &Request,
        _watch: &dyn Watch,
    ) -> Result<Heard, SpeechError> {
        let length_ms = (chunk.samples.len() / 16) as u32;
        let asked = self.asked.lock().expect("no test panics inside");
        asked.send((self.name, length_ms)).expect("the test listens");
        drop(asked);
        let waits = self.let_go.lock().expect("no test panics inside");
        waits.recv_timeout(PATIENCE).map_err(|_| SpeechError::Stopped)?;
        let start_ms = chunk.start_ms;
        let word = Word { text: "word".into(), start_ms, end_ms: start_ms + 1, confidence: 1.0 };
        Ok(Heard { words: vec![word], doubts: vec![], reconsidered: vec![] })
    }

    fn model(&self) -> String {
        "gated".into()
    }
}

fn receive(test: &TestSite, file: &str, priority: &str, visit: (&str, &str)) -> ReportId {
    let audio = std::fs::read(sample(file)).expect("the sample is there");
    let (mrn, encounter) = visit;
    let about = Reception {
        priority: Some(priority.into()),
        mrn: Some(mrn.into()),
        encounter: Some(encounter.into()),
        ..reception()
    };
    test.receive(&test.who("ada"), about, &audio).expect("received").report
}

fn is_drafted(test: &TestSite, id: ReportId) -> bool {
    let report = test.site.store.read(|tx| reports::by_id(tx, id)).expect("readable");
    report.expect("there").version > 0
}

fn until_drafted(test: &TestSite, id: ReportId) {
    let until = Instant::now() + PATIENCE;
    while !is_drafted(test, id) {
        assert!(Instant::now() < until, "report {id} is not drafted");
        std::thread::yield_now();
    }
}

#[test]
fn as_many_dictations_are_transcribed_at_once_as_there_are_recognisers() {
    let test = TestSite::new();
    let one = receive(&test, "short.flac", "routine", ("MRN-1", "V-1"));
    let other = receive(&test, "medium.flac", "routine", ("MRN-2", "V-2"));
    let (asked, asks) = mpsc::channel();
    let (first, first_gate) = gated("first", &asked);
    let (second, second_gate) = gated("second", &asked);
    let workers = Workers::start(&test.site, vec![first, second]).expect("started");
    let (name, _) = asks.recv_timeout(PATIENCE).expect("one is asked");
    let (next, _) = asks.recv_timeout(PATIENCE).expect("the other is asked meanwhile");
    assert_ne!(name, next);
    for _ in 0..100 {
        first_gate.let_go.send(()).expect("it waits");
        second_gate.let_go.send(()).expect("it waits");
    }
    until_drafted(&test, one);
    until_drafted(&test, other);
    assert!(workers.are_alive());
}

#[test]
fn stat_work_is_done_between_two_chunks_of_a_routine_dictation() {
    let test = TestSite::new();
    let routine = receive(&test, "medium.flac", "routine", ("MRN-1", "V-1"));
    let (asked, asks) = mpsc::channel();
    let (recognizer, gate) = gated("only", &asked);
    let workers = Workers::start(&test.site, vec![recognizer]).expect("started");
    let (_, first_ms) = asks.recv_timeout(PATIENCE).expect("the routine one is begun");
    let stat = receive(&test, "short.flac", "stat", ("MRN-2", "V-2"));
    gate.let_go.send(()).expect("it waits");
    let (_, second_ms) = asks.recv_timeout(PATIENCE).expect("something follows");
    gate.let_go.send(()).expect("it waits");
    until_drafted(&test, stat);
    let (_, third_ms) = asks.recv_timeout(PATIENCE).expect("the routine one goes on");
    assert!(!is_drafted(&test, routine), "it was put aside");
    assert!(second_ms != first_ms && third_ms != second_ms, "{first_ms} {second_ms} {third_ms}");
    for _ in 0..100 {
        gate.let_go.send(()).expect("it waits");
    }
    until_drafted(&test, routine);
    drop(workers);
}
