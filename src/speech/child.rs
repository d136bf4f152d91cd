//! The recogniser that the program uses: whisper in a supervised child process of this binary.
//!
//! Not for: what the child does (`engine`) or how the two speak (`protocol`).
//!
//! Invariant: a failed assertion in the C library ends the child and nothing else; the next call
//! starts a new one. A stop is answered within 200 ms, by killing the child if need be. The
//! child ends when the program does, however that ends, because its input closes then.

use super::installed::InstalledModel;
use super::protocol::{self, FromEngine, SAMPLES_MAX};
use super::{Heard, Hints, Recognizer, Request, SpeechError, Watch};
use crate::audio::Chunk;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The hidden subcommand that runs the engine.
pub const SUBCOMMAND: &str = "speech-child";
/// How often the watch is asked.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// After a stop the child has this long to answer before it is killed.
const STOP_GRACE: Duration = Duration::from_millis(120);
/// A child whose input was closed has this long to leave before it is killed.
const LEAVE_GRACE: Duration = Duration::from_millis(1500);
/// Verifying and loading a model of a gigabyte takes seconds; this is a hang.
const LOAD_MAX: Duration = Duration::from_secs(120);
/// A chunk of 28 s takes the largest model on one slow core minutes; this is a hang.
const CHUNK_TIME_MAX: Duration = Duration::from_secs(15 * 60);
/// How long a child is kept without work, unless the settings say otherwise.
pub const IDLE_RELEASE: Duration = Duration::from_secs(10 * 60);
/// ggml gains nothing beyond this many threads on a model of this size.
const THREADS_MAX: usize = 8;
/// Lines of the child's standard error that are logged, per child.
const LOG_LINES_MAX: usize = 40;
const LOG_LINE_BYTES_MAX: u64 = 300;

#[derive(Clone, Debug)]
pub struct ChildSettings {
    /// This binary.
    pub program: PathBuf,
    pub model: InstalledModel,
    /// Threads of the engine; held to the cores of the machine, because whisper's threads spin.
    pub threads: usize,
    /// More threads for the encoder, while cores are idle.
    pub spare_threads: usize,
    /// The child and its model are released after so long without work.
    pub idle_release: Duration,
    /// The system runs everything else first, above all an engine that somebody waits for.
    pub gives_way: bool,
}

/// As many threads as the machine has cores, up to what ggml can use.
pub fn default_threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX)
}

/// Recognises in one child process; calls from several threads take turns.
pub struct ChildRecognizer {
    shared: Arc<Shared>,
    releaser: Option<JoinHandle<()>>,
}

struct Shared {
    settings: ChildSettings,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// A call holds the turn; `engine` is with it.
    busy: bool,
    engine: Option<Engine>,
    idle_since: Instant,
    closing: bool,
}

impl ChildRecognizer {
    /// Starts no child yet: the first call does.
    ///
    /// # Panics
    /// When the machine gives no thread to watch idle time.
    pub fn new(mut settings: ChildSettings) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        settings.threads = settings.threads.clamp(1, cores);
        let state = State { busy: false, engine: None, idle_since: Instant::now(), closing: false };
        let shared =
            Arc::new(Shared { settings, state: Mutex::new(state), changed: Condvar::new() });
        let watched = Arc::clone(&shared);
        let releaser = thread::Builder::new()
            .name("speech-idle".into())
            .spawn(move || release_when_idle(&watched))
            .expect("the machine gives a thread");
        Self { shared, releaser: Some(releaser) }
    }

    /// The process that runs the engine now, if one does.
    pub fn child_id(&self) -> Option<u32> {
        self.shared.lock().engine.as_ref().map(|engine| engine.child.id())
    }
}

impl Drop for ChildRecognizer {
    fn drop(&mut self) {
        self.shared.lock().closing = true;
        self.shared.changed.notify_all();
        if let Some(releaser) = self.releaser.take()
            && releaser.join().is_err()
        {
            tracing::error!("the thread that watches the speech engine's idle time panicked");
        }
    }
}

impl Recognizer for ChildRecognizer {
    fn recognize(
        &self,
        chunk: &Chunk,
        request: &Request,
        watch: &dyn Watch,
    ) -> Result<Heard, SpeechError> {
        assert!(chunk.samples.len() <= SAMPLES_MAX, "a chunk fits whisper's window");
        let mut turn = self.shared.take_turn(watch)?;
        let mut engine = match turn.engine.take() {
            Some(engine) => engine,
            None => Engine::start(&self.shared.settings)?,
        };
        let result = engine.recognize(chunk, request, watch, &self.shared.settings);
        // After any other error the child is in an unknown state: dropping it ends it.
        let is_usable = match &result {
            Ok(_) | Err(SpeechError::Failed { .. } | SpeechError::Stopped) => engine.idle,
            Err(_) => false,
        };
        if is_usable {
            turn.engine = Some(engine);
        }
        result
    }

    fn model(&self) -> String {
        self.shared.settings.model.name.clone()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the turn, unless the watch says stop first.
    fn take_turn(&self, watch: &dyn Watch) -> Result<Turn<'_>, SpeechError> {
        let mut state = self.lock();
        loop {
            if watch.stopped() {
                return Err(SpeechError::Stopped);
            }
            if !state.busy {
                state.busy = true;
                return Ok(Turn { engine: state.engine.take(), shared: self });
            }
            let waited = self.changed.wait_timeout(state, ASK_EVERY);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The right to use the child; given back when dropped, also by a panic.
struct Turn<'a> {
    engine: Option<Engine>,
    shared: &'a Shared,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.busy = false;
        state.engine = self.engine.take();
        state.idle_since = Instant::now();
        self.shared.changed.notify_all();
    }
}

/// Ends a child that had no work for the set time, and at the end of the recogniser.
fn release_when_idle(shared: &Shared) {
    let mut state = shared.lock();
    while !state.closing {
        let left = shared.settings.idle_release.saturating_sub(state.idle_since.elapsed());
        if state.busy || state.engine.is_none() {
            state = shared.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        } else if left.is_zero() {
            let engine = state.engine.take();
            drop(state);
            drop(engine);
            tracing::info!("released the idle speech engine");
            state = shared.lock();
        } else {
            let waited = shared.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
    let engine = state.engine.take();
    drop(state);
    drop(engine);
}

/// A running child.
struct Engine {
    child: Child,
    /// `None` once it was closed to end the child.
    input: Option<ChildStdin>,
    answers: Receiver<io::Result<FromEngine>>,
    threads: Vec<JoinHandle<()>>,
    /// The hints that it knows.
    hints: Arc<Hints>,
    /// It has loaded its model.
    ready: bool,
    /// It has answered everything it was asked.
    idle: bool,
}

impl Engine {
    fn start(settings: &ChildSettings) -> Result<Self, SpeechError> {
        let ChildSettings { program, model, threads, spare_threads, idle_release: _, gives_way } =
            settings;
        let start_error = |source| SpeechError::Start { program: program.clone(), source };
        let mut child = Command::new(program)
            .arg(SUBCOMMAND)
            .arg("--model")
            .arg(&model.path)
            .arg("--threads")
            .arg(threads.to_string())
            .arg("--spare-threads")
            .arg(spare_threads.to_string())
            .arg("--certainty")
            .arg(model.certainty.to_string())
            .args(gives_way.then_some("--gives-way"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(start_error)?;
        let input = child.stdin.take();
        let (sender, answers) = sync_channel(1);
        let mut threads = vec![];
        if let Some(output) = child.stdout.take() {
            threads.push(thread::spawn(move || read_answers(output, &sender)));
        }
        if let Some(errors) = child.stderr.take() {
            threads.push(thread::spawn(move || log_errors(errors)));
        }
        tracing::info!(model = %model.name, child = child.id(), "started the speech engine");
        let hints = Arc::default();
        Ok(Self { child, input, answers, threads, hints, ready: false, idle: true })
    }

    fn recognize(
        &mut self,
        chunk: &Chunk,
        request: &Request,
        watch: &dyn Watch,
        settings: &ChildSettings,
    ) -> Result<Heard, SpeechError> {
        if !self.ready {
            match self.answer(watch, LOAD_MAX)? {
                FromEngine::Ready => self.ready = true,
                FromEngine::Unusable(reason) => {
                    return Err(SpeechError::Model { path: settings.model.path.clone(), reason });
                }
                _ => return Err(unexpected()),
            }
        }
        self.idle = false;
        if self.send(chunk, request).is_err() {
            return Err(self.died());
        }
        let answer = self.answer(watch, CHUNK_TIME_MAX)?;
        self.idle = true;
        match answer {
            FromEngine::Heard(heard) => Ok(heard),
            FromEngine::Failed(reason) => Err(SpeechError::Failed { reason }),
            FromEngine::Stopped | FromEngine::Ready | FromEngine::Unusable(_) => Err(unexpected()),
        }
    }

    /// Sends the chunk, after the hints where they are not those of the chunk before.
    fn send(&mut self, chunk: &Chunk, request: &Request) -> io::Result<()> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        if !request.plain && !Arc::ptr_eq(&self.hints, &request.hints) {
            protocol::send_hints(input, &request.hints)?;
            self.hints = Arc::clone(&request.hints);
        }
        protocol::send_chunk(input, request, chunk)
    }

    /// Waits for the next answer, asking the watch meanwhile.
    fn answer(&mut self, watch: &dyn Watch, at_most: Duration) -> Result<FromEngine, SpeechError> {
        let began = Instant::now();
        loop {
            match self.answers.recv_timeout(ASK_EVERY) {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => return Err(SpeechError::Protocol { reason: error.to_string() }),
                Err(RecvTimeoutError::Disconnected) => return Err(self.died()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if watch.stopped() {
                return Err(self.stop());
            }
            if began.elapsed() > at_most {
                self.kill();
                let status = format!("it gave no answer for {} s", at_most.as_secs());
                return Err(SpeechError::EngineDied { status });
            }
        }
    }

    /// Asks the child to give up its chunk; kills it if it does not answer in time. A child that
    /// is still loading has no chunk and goes on.
    fn stop(&mut self) -> SpeechError {
        if self.idle {
            return SpeechError::Stopped;
        }
        let asked = self.input.as_mut().map(protocol::send_stop);
        self.idle = matches!(asked, Some(Ok(())))
            && matches!(self.answers.recv_timeout(STOP_GRACE), Ok(Ok(_)));
        if !self.idle {
            self.kill();
        }
        SpeechError::Stopped
    }

    fn died(&mut self) -> SpeechError {
        self.input = None;
        let status = self.leave();
        tracing::warn!(child = self.child.id(), %status, "the speech engine ended unexpectedly");
        SpeechError::EngineDied { status }
    }

    fn kill(&mut self) {
        if let Err(error) = self.child.kill() {
            tracing::error!(child = self.child.id(), %error, "cannot kill the speech engine");
        }
    }

    /// Waits a little for the child to leave, then kills it; returns how it ended.
    fn leave(&mut self) -> String {
        let began = Instant::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return status.to_string(),
                Ok(None) if began.elapsed() < LEAVE_GRACE => thread::sleep(ASK_EVERY / 5),
                Ok(None) | Err(_) => break,
            }
        }
        self.kill();
        self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.input = None;
        self.leave();
        // A reader may be waiting to hand over an answer that nobody will take.
        while self.answers.recv().is_ok() {}
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread that reads from the speech engine panicked");
            }
        }
    }
}

fn unexpected() -> SpeechError {
    SpeechError::Protocol { reason: "an answer to nothing that was asked".into() }
}

/// Hands answers over until the child ends.
fn read_answers(output: ChildStdout, answers: &SyncSender<io::Result<FromEngine>>) {
    let mut output = BufReader::new(output);
    while let Some(answer) = protocol::receive_answer(&mut output).transpose() {
        let failed = answer.is_err();
        if answers.send(answer).is_err() || failed {
            return;
        }
    }
}

/// Logs what the C library says when it gives up; it knows nothing of what was dictated.
fn log_errors(errors: impl Read) {
    let mut errors = BufReader::new(errors);
    let mut lines = 0;
    let mut line = vec![];
    loop {
        line.clear();
        match errors.by_ref().take(LOG_LINE_BYTES_MAX).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => lines += 1,
        }
        if lines <= LOG_LINES_MAX {
            let line = String::from_utf8_lossy(&line);
            tracing::warn!(line = line.trim_end(), "the speech engine said on standard error");
        }
    }
}
