//! One recording: start, pause, stop; a thread of its own writes it.
//!
//! Not for: keys, meters on a screen or the server.
//!
//! Invariant: however a recording ends, what was captured before is in its file, whole and
//! readable.

use super::MicError;
use super::capture::{self, Capture, Signals};
use super::level::{Level, Meter};
use super::wav_file::{BYTES_PER_SAMPLE, WavFile};
use rtrb::Consumer;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The longest recording: what a server accepts by default.
pub const MAX_SECONDS: u32 = 2 * 60 * 60;

/// The largest file: a little under what a server accepts by default (500 MB).
const MAX_BYTES: u64 = 480_000_000;

/// How often the writer looks into the ring, and so how late a pause or stop takes effect.
const POLL: Duration = Duration::from_millis(10);

/// How much of the recording a crash may lose.
const SAVE_EVERY: Duration = Duration::from_secs(1);

/// A microphone that gives nothing for so long is gone, whether or not it says so.
const SILENT_DEVICE: Duration = Duration::from_secs(5);

/// Levels are read over a twentieth of a second.
const LEVELS_PER_SECOND: u32 = 20;

/// How a recording came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Stopped by a person or a signal.
    Stopped,
    /// The wanted length is reached.
    Complete,
    /// The microphone was unplugged or fell silent.
    DeviceGone,
}

/// What is so at this moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Status {
    pub recorded_ms: u64,
    pub level: Level,
    pub paused: bool,
    /// Audio lost because this program was too slow.
    pub lost_ms: u64,
    /// Times the sound system lost audio before this program had it.
    pub overruns: u64,
    pub ended: bool,
}

/// Shared between the writer and whoever watches.
#[derive(Default)]
struct Control {
    stop: AtomicBool,
    paused: AtomicBool,
    recorded: AtomicU64,
    peak: AtomicU32,
    rms: AtomicU32,
    clipped: AtomicU32,
    ended: AtomicBool,
}

/// A recording that runs. Dropping it stops it and keeps the file.
pub struct Recording {
    capture: Option<Capture>,
    signals: Arc<Signals>,
    control: Arc<Control>,
    writer: Option<JoinHandle<Result<Ending, MicError>>>,
    rate: u32,
}

/// Starts recording from the device into a new file.
///
/// # Errors
/// Those of opening the device and creating the file.
pub fn start(
    device: &cpal::Device,
    path: &Path,
    seconds: Option<u32>,
) -> Result<Recording, MicError> {
    let (capture, samples) = capture::start(device)?;
    let rate = capture.rate;
    let wav = WavFile::create(path, rate)?;
    let signals = capture.signals.clone();
    let control = Arc::new(Control::default());
    let job = Writer {
        samples,
        signals: signals.clone(),
        control: control.clone(),
        wav,
        rate,
        wanted: most_samples(rate, seconds),
        meter: Meter::default(),
    };
    let writer = thread::Builder::new()
        .name("recording".to_owned())
        .spawn(move || job.run())
        .map_err(|source| MicError::StartWriter { source })?;
    Ok(Recording { capture: Some(capture), signals, control, writer: Some(writer), rate })
}

/// The wanted length in samples, within the maxima.
fn most_samples(rate: u32, seconds: Option<u32>) -> u64 {
    let seconds = seconds.unwrap_or(MAX_SECONDS).min(MAX_SECONDS);
    (u64::from(seconds) * u64::from(rate)).min(MAX_BYTES / BYTES_PER_SAMPLE)
}

impl Recording {
    /// Samples a second of the file.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    pub fn pause(&self, paused: bool) {
        self.control.paused.store(paused, Ordering::Release);
    }

    pub fn status(&self) -> Status {
        let control = &self.control;
        let lost = self.signals.lost.load(Ordering::Relaxed);
        Status {
            recorded_ms: control.recorded.load(Ordering::Relaxed) * 1000 / u64::from(self.rate),
            level: Level {
                peak: f32::from_bits(control.peak.load(Ordering::Relaxed)),
                rms: f32::from_bits(control.rms.load(Ordering::Relaxed)),
                clipped: control.clipped.load(Ordering::Relaxed),
            },
            paused: control.paused.load(Ordering::Acquire),
            lost_ms: (lost * 1000).div_ceil(u64::from(self.rate)),
            overruns: self.signals.overruns.load(Ordering::Relaxed),
            ended: control.ended.load(Ordering::Acquire),
        }
    }

    /// Ends the recording, with everything captured so far in its file.
    ///
    /// # Errors
    /// `WriteFile` when something could not be written.
    pub fn stop(mut self) -> Result<(Ending, Status), MicError> {
        let ending = self.end();
        let status = self.status();
        ending.map(|ending| (ending, status))
    }

    fn end(&mut self) -> Result<Ending, MicError> {
        self.capture = None; // no callback from here on: the ring now holds all there is
        self.control.stop.store(true, Ordering::Release);
        match self.writer.take() {
            Some(writer) => writer.join().expect("the writer does not panic"),
            None => Ok(Ending::Stopped),
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if self.writer.is_some() {
            // Nobody is left to tell; the file holds what could be written.
            let _ = self.end();
        }
    }
}

/// The thread between the ring and the file.
struct Writer {
    samples: Consumer<f32>,
    signals: Arc<Signals>,
    control: Arc<Control>,
    wav: WavFile,
    rate: u32,
    /// Samples after which the recording is complete.
    wanted: u64,
    meter: Meter,
}

impl Writer {
    fn run(mut self) -> Result<Ending, MicError> {
        let control = self.control.clone();
        let ending = self.write_until_the_end();
        let finished = self.wav.finish();
        control.ended.store(true, Ordering::Release);
        let ending = ending?;
        finished?;
        Ok(ending)
    }

    fn write_until_the_end(&mut self) -> Result<Ending, MicError> {
        let mut saved = Instant::now();
        let mut heard = Instant::now();
        loop {
            // Read before the ring is emptied: what came before the flag is then in the file.
            let stop = self.control.stop.load(Ordering::Acquire);
            let gone = self.signals.gone.load(Ordering::Acquire);
            if self.empty_the_ring()? {
                heard = Instant::now();
            }
            if self.control.recorded.load(Ordering::Relaxed) >= self.wanted {
                return Ok(Ending::Complete);
            }
            if stop {
                return Ok(Ending::Stopped);
            }
            if gone || heard.elapsed() > SILENT_DEVICE {
                return Ok(Ending::DeviceGone);
            }
            if saved.elapsed() >= SAVE_EVERY {
                self.wav.save()?;
                saved = Instant::now();
            }
            thread::sleep(POLL);
        }
    }

    /// Writes what is in the ring, or drops it while paused; false when there was nothing.
    fn empty_the_ring(&mut self) -> Result<bool, MicError> {
        let paused = self.control.paused.load(Ordering::Acquire);
        let waiting = self.samples.slots();
        let mut recorded = self.control.recorded.load(Ordering::Relaxed);
        for _ in 0..waiting {
            let Ok(sample) = self.samples.pop() else { break };
            self.measure(sample);
            if !paused && recorded < self.wanted {
                self.wav.write(sample)?;
                recorded += 1;
            }
        }
        self.control.recorded.store(recorded, Ordering::Relaxed);
        Ok(waiting > 0)
    }

    fn measure(&mut self, sample: f32) {
        self.meter.add(sample);
        if self.meter.samples() >= self.rate / LEVELS_PER_SECOND {
            let level = self.meter.take();
            self.control.peak.store(level.peak.to_bits(), Ordering::Relaxed);
            self.control.rms.store(level.rms.to_bits(), Ordering::Relaxed);
            self.control.clipped.store(level.clipped, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rtrb::{Producer, RingBuffer};

    const RATE: u32 = 8000;

    struct Rig {
        ring: Producer<f32>,
        recording: Recording,
        path: std::path::PathBuf,
        _folder: tempfile::TempDir,
    }

    /// A recording fed by the test in place of a microphone.
    fn rig(seconds: Option<u32>) -> Rig {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.wav");
        let (ring, samples) = RingBuffer::new(100_000);
        let signals = Arc::new(Signals::default());
        let control = Arc::new(Control::default());
        let job = Writer {
            samples,
            signals: signals.clone(),
            control: control.clone(),
            wav: WavFile::create(&path, RATE).expect("a new file"),
            rate: RATE,
            wanted: most_samples(RATE, seconds),
            meter: Meter::default(),
        };
        let writer = Some(thread::spawn(move || job.run()));
        let recording = Recording { capture: None, signals, control, writer, rate: RATE };
        Rig { ring, recording, path, _folder: folder }
    }

    impl Rig {
        fn feed(&mut self, count: usize, value: f32) {
            for _ in 0..count {
                self.ring.push(value).expect("the ring has room");
            }
        }

        /// Waits until the writer has taken everything.
        fn settle(&self) {
            while self.ring.slots() < 100_000 {
                thread::yield_now();
            }
        }

        fn samples(&self) -> Vec<i16> {
            let mut reader = hound::WavReader::open(&self.path).expect("a whole header");
            reader.samples::<i16>().map(|sample| sample.expect("a whole sample")).collect()
        }
    }

    #[test]
    fn everything_captured_before_the_stop_is_in_the_file() {
        let mut rig = rig(None);
        rig.feed(20_000, 0.5);
        let recording = std::mem::replace(&mut rig.recording, idle());
        let (ending, status) = recording.stop().expect("there is room");
        assert_eq!((ending, status.recorded_ms), (Ending::Stopped, 2500));
        assert_eq!(rig.samples().len(), 20_000);
        assert!((status.level.rms - 0.5).abs() < 1e-3 && !status.level.is_clipping());
    }

    #[test]
    fn a_wanted_length_is_met_to_the_sample() {
        let mut rig = rig(Some(1));
        rig.feed(20_000, 0.5);
        let recording = std::mem::replace(&mut rig.recording, idle());
        while !recording.status().ended {
            thread::yield_now();
        }
        assert_eq!(recording.stop().expect("there is room").0, Ending::Complete);
        assert_eq!(rig.samples().len(), RATE as usize);
    }

    #[test]
    fn a_pause_leaves_out_what_is_said_in_it() {
        let mut rig = rig(None);
        rig.feed(1000, 0.1);
        rig.settle();
        rig.recording.pause(true);
        rig.feed(1000, 0.9);
        rig.settle();
        assert!(rig.recording.status().paused);
        rig.recording.pause(false);
        rig.feed(500, 0.2);
        let recording = std::mem::replace(&mut rig.recording, idle());
        recording.stop().expect("there is room");
        let samples = rig.samples();
        assert_eq!(samples.len(), 1500);
        assert!(samples.iter().all(|sample| *sample < 10_000));
    }

    #[test]
    fn a_lost_device_keeps_what_was_recorded() {
        let mut rig = rig(None);
        rig.feed(4000, 0.5);
        rig.recording.signals.gone.store(true, Ordering::Release);
        let recording = std::mem::replace(&mut rig.recording, idle());
        while !recording.status().ended {
            thread::yield_now();
        }
        let (ending, status) = recording.stop().expect("there is room");
        assert_eq!((ending, status.recorded_ms), (Ending::DeviceGone, 500));
        assert_eq!(rig.samples().len(), 4000);
    }

    #[test]
    fn lengths_have_a_maximum() {
        assert_eq!(most_samples(16_000, Some(3)), 48_000);
        assert_eq!(most_samples(16_000, None), 16_000 * u64::from(MAX_SECONDS));
        assert_eq!(most_samples(48_000, None) * BYTES_PER_SAMPLE, MAX_BYTES);
    }

    /// A recording without a writer, to leave in a rig.
    fn idle() -> Recording {
        Recording {
            capture: None,
            signals: Arc::default(),
            control: Arc::default(),
            writer: None,
            rate: RATE,
        }
    }
}
