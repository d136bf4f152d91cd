//! A microphone that is open: its level always, its sound into a sink while one is recording.
//!
//! Not for: keys, meters on a screen or the server.
//!
//! Invariant: however a recording ends, what was captured before is in its sink. The thread here
//! may wait for the disk; the callback at the other end of the ring never does.

use super::MicError;
use super::capture::{self, Capture, Signals, Taking};
use super::level::{Level, Meter};
use crate::causes::chain;
use rtrb::Consumer;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The longest recording: what a server accepts by default.
pub const MAX_SECONDS: u32 = 2 * 60 * 60;

const POLL: Duration = Duration::from_millis(10);

/// How much of the recording a crash may lose, beside what a sink gathers before it writes.
const SAVE_EVERY: Duration = Duration::from_secs(1);

/// A microphone that gives nothing for so long is gone, whether or not it says so.
const SILENT_DEVICE: Duration = Duration::from_secs(5);

/// A look that comes so late says that this program was stopped, not the microphone.
const STOPPED_FROM: Duration = Duration::from_secs(1);

/// Sound that is missing against the clock, from which on it is said; a device's buffers and its
/// own clock (0.1 %) explain less.
const MISSING_FROM: Duration = Duration::from_secs(1);

const LEVELS_PER_SECOND: u32 = 20;

/// What stays below this is silence, dB of full scale.
const SILENCE_DB: f32 = -60.0;

/// Where the sound of a recording goes.
pub trait Sink: Send + 'static {
    fn write(&mut self, samples: &[f32], rate: u32) -> Result<(), MicError>;
    /// Brings what was written to the disk.
    fn save(&mut self) -> Result<(), MicError>;
    /// The recording rests here: everything taken so far is on the disk afterwards.
    fn rest(&mut self) -> Result<(), MicError>;
    /// Writes down what the recording is about, between two samples of it.
    fn note(&mut self, about: &[u8]) -> Result<(), MicError>;
}

/// What the recording is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Doing {
    #[default]
    Resting,
    Recording,
    /// The wanted length is reached.
    Complete,
    DeviceGone,
    /// The sink failed; `Status::trouble` says why.
    Failed,
}

/// What is so at this moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    pub doing: Doing,
    /// Samples of the device that went to the sink.
    pub captured: u64,
    pub captured_ms: u64,
    pub level: Level,
    /// Since the level was above silence last, and since samples were cut off.
    pub quiet_ms: u64,
    pub clipped_ms: Option<u64>,
    /// Audio lost because this program was too slow.
    pub lost_ms: u64,
    /// Times the sound system lost audio before this program had it.
    pub overruns: u64,
    /// Sound that never came although the clock went on.
    pub missing_ms: u64,
    pub trouble: Option<String>,
}

enum Order<S> {
    Begin(S, u64),
    Rest,
    GoOn,
    Note(Vec<u8>),
    GiveBack,
}

/// An order, and where its answer goes when it is obeyed and the status says so.
type Asked<S> = (Order<S>, SyncSender<Option<S>>);

/// An open microphone. Dropping it ends a recording and keeps what was captured.
pub struct Recorder<S: Sink> {
    capture: Option<Capture>,
    orders: Option<mpsc::Sender<Asked<S>>>,
    status: Arc<Mutex<Status>>,
    thread: Option<JoinHandle<()>>,
    pub rate: u32,
    pub device: String,
}

impl<S: Sink> Recorder<S> {
    /// Opens the microphone; nothing is recorded yet.
    ///
    /// # Errors
    /// Those of opening the device; `StartWriter`.
    pub fn open(device: &cpal::Device, taking: Taking) -> Result<Self, MicError> {
        let (capture, samples) = capture::start(device, taking)?;
        let (rate, name) = (capture.rate, capture.device.clone());
        let signals = capture.signals.clone();
        Self::start(Some(capture), samples, signals, rate, name)
    }

    fn start(
        capture: Option<Capture>,
        samples: Consumer<f32>,
        signals: Arc<Signals>,
        rate: u32,
        device: String,
    ) -> Result<Self, MicError> {
        let (orders, obeyed) = mpsc::channel();
        let status = Arc::new(Mutex::new(Status::default()));
        let now = Instant::now();
        let work = Work {
            samples,
            signals,
            orders: obeyed,
            shared: status.clone(),
            status: Status::default(),
            sink: None,
            most: 0,
            rate,
            meter: Meter::default(),
            taken: Vec::new(),
            saved: now,
            heard: now,
            looked: now,
            loud: now,
            clipped: None,
            since: None,
        };
        let thread = thread::Builder::new()
            .name("recording".to_owned())
            .spawn(move || work.run())
            .map_err(|source| MicError::StartWriter { source })?;
        Ok(Self { capture, orders: Some(orders), status, thread: Some(thread), rate, device })
    }

    /// Records into the sink from now on, `most` samples of the device at most.
    pub fn begin(&self, sink: S, most: u64) {
        self.tell(Order::Begin(sink, most));
    }

    /// Records no more for now; what was captured before is on the disk soon after.
    pub fn rest(&self) {
        self.tell(Order::Rest);
    }

    /// Records on into the same sink.
    pub fn go_on(&self) {
        self.tell(Order::GoOn);
    }

    /// Writes down what the recording is about; it goes on meanwhile.
    pub fn note(&self, about: Vec<u8>) {
        self.tell(Order::Note(about));
    }

    /// Ends the recording and gives its sink back, with everything captured so far on the disk.
    pub fn give_back(&self) -> Option<S> {
        self.tell(Order::GiveBack)
    }

    pub fn status(&self) -> Status {
        lock(&self.status).clone()
    }

    /// Closes the microphone first, so that the ring holds all there is, then gives the sink back.
    pub fn end(mut self) -> (Option<S>, Status) {
        self.capture = None;
        (self.give_back(), self.status())
    }

    fn tell(&self, order: Order<S>) -> Option<S> {
        let (sender, answer) = mpsc::sync_channel(1);
        // The thread lives as long as this does.
        self.orders.as_ref()?.send((order, sender)).ok()?;
        answer.recv().ok().flatten()
    }
}

impl<S: Sink> Drop for Recorder<S> {
    fn drop(&mut self) {
        self.capture = None;
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the thread does not panic");
        }
    }
}

fn lock(status: &Mutex<Status>) -> MutexGuard<'_, Status> {
    status.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The thread between the ring and the sink.
struct Work<S: Sink> {
    samples: Consumer<f32>,
    signals: Arc<Signals>,
    orders: Receiver<Asked<S>>,
    shared: Arc<Mutex<Status>>,
    status: Status,
    sink: Option<S>,
    most: u64,
    rate: u32,
    meter: Meter,
    /// What was taken from the ring at this look.
    taken: Vec<f32>,
    saved: Instant,
    heard: Instant,
    looked: Instant,
    loud: Instant,
    clipped: Option<Instant>,
    /// When the first sound of this stretch of recording came, and how much was captured before.
    since: Option<(Instant, u64)>,
}

impl<S: Sink> Work<S> {
    fn run(mut self) {
        loop {
            // Read before the ring is emptied: what came before the flag is then in the sink.
            let gone = self.signals.gone.load(Ordering::Acquire);
            let order = self.orders.recv_timeout(POLL);
            if self.looked.elapsed() > STOPPED_FROM {
                self.heard = Instant::now();
            }
            self.looked = Instant::now();
            self.empty_the_ring();
            let answer = match order {
                Ok((order, asker)) => Some((self.obey(order), asker)),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return self.rest(Doing::Resting),
            };
            if gone || self.heard.elapsed() > SILENT_DEVICE {
                self.rest(Doing::DeviceGone);
            }
            if self.status.doing == Doing::Recording && self.saved.elapsed() >= SAVE_EVERY {
                self.try_with(S::save);
                self.saved = Instant::now();
            }
            self.publish();
            if let Some((answer, asker)) = answer {
                // Whoever asked waits for it.
                drop(asker.send(answer));
            }
        }
    }

    fn obey(&mut self, order: Order<S>) -> Option<S> {
        match order {
            Order::Begin(sink, most) => {
                self.sink = Some(sink);
                self.most = most;
                self.status.captured = 0;
                self.status.missing_ms = 0;
                self.go_on();
            }
            Order::Rest => self.rest(Doing::Resting),
            Order::GoOn => self.go_on(),
            Order::Note(about) => self.try_with(|sink| sink.note(&about)),
            Order::GiveBack => {
                self.rest(Doing::Resting);
                return self.sink.take();
            }
        }
        None
    }

    fn go_on(&mut self) {
        let may = !matches!(self.status.doing, Doing::Recording | Doing::DeviceGone);
        if self.sink.is_some() && may {
            self.status.doing = Doing::Recording;
            self.status.trouble = None;
            let now = Instant::now();
            (self.saved, self.loud) = (now, now);
            // A device that is still starting has not missed anything.
            self.since = None;
        }
    }

    /// Ends a stretch of recording; why it ended before stays the reason.
    fn rest(&mut self, why: Doing) {
        if self.status.doing == Doing::Recording {
            self.status.doing = why;
            self.status.missing_ms += self.missing_ms();
            self.since = None;
            self.try_with(S::rest);
        } else if self.status.doing == Doing::Resting || why == Doing::DeviceGone {
            self.status.doing = why;
        }
    }

    /// Milliseconds by which this stretch is shorter than the clock says, if that is much.
    fn missing_ms(&self) -> u64 {
        let Some((began, before)) = self.since else { return 0 };
        let captured = (self.status.captured - before) * 1000 / u64::from(self.rate);
        let passed = began.elapsed().as_millis() as u64;
        let missing = passed.saturating_sub(captured);
        let explained = MISSING_FROM.as_millis() as u64 + passed / 1000;
        if missing > explained { missing } else { 0 }
    }

    fn try_with(&mut self, what: impl FnOnce(&mut S) -> Result<(), MicError>) {
        let Some(sink) = &mut self.sink else { return };
        if let Err(error) = what(sink) {
            self.status.doing = Doing::Failed;
            self.status.trouble = Some(chain(&error));
            self.since = None;
        }
    }

    /// Measures what is in the ring, and writes it while recording.
    fn empty_the_ring(&mut self) {
        let waiting = self.samples.slots();
        if waiting == 0 {
            return;
        }
        self.heard = Instant::now();
        self.taken.clear();
        for _ in 0..waiting {
            let Ok(sample) = self.samples.pop() else { break };
            self.taken.push(sample);
            self.measure(sample);
        }
        if self.status.doing != Doing::Recording {
            return;
        }
        self.since.get_or_insert((Instant::now(), self.status.captured));
        let left = self.most.saturating_sub(self.status.captured) as usize;
        let taken = std::mem::take(&mut self.taken);
        let written = &taken[..taken.len().min(left)];
        let rate = self.rate;
        self.try_with(|sink| sink.write(written, rate));
        if self.status.doing == Doing::Recording {
            self.status.captured += written.len() as u64;
            if self.status.captured >= self.most {
                self.rest(Doing::Complete);
            }
        }
        self.taken = taken;
    }

    fn measure(&mut self, sample: f32) {
        self.meter.add(sample);
        if self.meter.samples() >= self.rate / LEVELS_PER_SECOND {
            let level = self.meter.take();
            if level.peak_db() > SILENCE_DB {
                self.loud = Instant::now();
            }
            if level.is_clipping() {
                self.clipped = Some(Instant::now());
            }
            self.status.level = level;
        }
    }

    fn publish(&mut self) {
        let ms = |since: Instant| since.elapsed().as_millis() as u64;
        let lost = self.signals.lost.load(Ordering::Relaxed);
        let status = &mut self.status;
        status.captured_ms = status.captured * 1000 / u64::from(self.rate);
        status.quiet_ms = ms(self.loud);
        status.clipped_ms = self.clipped.map(ms);
        status.lost_ms = (lost * 1000).div_ceil(u64::from(self.rate));
        status.overruns = self.signals.overruns.load(Ordering::Relaxed);
        let mut shown = status.clone();
        shown.missing_ms += self.missing_ms();
        *lock(&self.shared) = shown;
    }
}

#[cfg(test)]
mod tests;
