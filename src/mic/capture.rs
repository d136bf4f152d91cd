//! From the sound system's callback into a lock-free ring.
//!
//! Not for: writing files or measuring levels; the thread at the other end of the ring does.
//!
//! Invariant: the callback copies samples, adds to counters and does nothing else: it never
//! waits, allocates or locks. A sample that finds the ring full is counted as lost.

use super::MicError;
use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{
    ErrorKind, FromSample, Sample, SampleFormat, SizedSample, StreamConfig, SupportedStreamConfig,
    SupportedStreamConfigRange,
};
use rtrb::{Consumer, Producer, RingBuffer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// The sound server keeps 4 MiB for a recorder that does not read (PulseAudio's longest buffer):
/// 65 s of one channel of 16 bit at this rate, and 10 s of what it gives by itself, two channels
/// of 32 bit at 48 kHz. What its resampler folds back lies above the 8 kHz that are kept.
const SPARING_RATE: u32 = 32_000;

/// The ring holds this much: all that a sound server held back comes at once.
const RING_SECONDS: usize = 70;

/// How long a device may take to start.
const OPEN_TIMEOUT: Duration = Duration::from_secs(10);

/// What the callbacks tell the rest of the program.
#[derive(Default)]
pub struct Signals {
    /// Samples that found the ring full.
    pub lost: AtomicU64,
    /// Times the sound system itself dropped audio.
    pub overruns: AtomicU64,
    /// The device is gone; nothing more will come.
    pub gone: AtomicBool,
}

/// How the sound is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taking {
    /// As the device gives it by itself.
    AsGiven,
    /// At `SPARING_RATE` where that is offered, for a recording that is kept at a lower rate.
    Sparing,
}

/// A running microphone. Dropping it stops the callbacks.
pub struct Capture {
    _stream: cpal::Stream,
    pub signals: Arc<Signals>,
    /// Samples a second.
    pub rate: u32,
    pub device: String,
}

/// Starts the microphone; its channels are averaged to one.
///
/// # Errors
/// `OpenDevice` or `UnsupportedSamples`.
pub fn start(device: &cpal::Device, taking: Taking) -> Result<(Capture, Consumer<f32>), MicError> {
    let name = device.to_string();
    let open_failed = |source| MicError::OpenDevice { device: name.clone(), source };
    let supported = match (taking, device.supported_input_configs()) {
        (Taking::Sparing, Ok(offered)) => sparing(offered),
        _ => None,
    };
    let supported = match supported {
        Some(config) => config,
        None => device.default_input_config().map_err(open_failed)?,
    };
    let config = supported.config();
    let rate = config.sample_rate;
    let (ring, samples) = RingBuffer::new(rate as usize * RING_SECONDS);
    let signals = Arc::new(Signals::default());
    let feed = Feed { ring, channels: usize::from(config.channels), signals: signals.clone() };
    let stream = match supported.sample_format() {
        SampleFormat::I8 => open::<i8>(device, config, feed),
        SampleFormat::I16 => open::<i16>(device, config, feed),
        SampleFormat::I24 => open::<cpal::I24>(device, config, feed),
        SampleFormat::I32 => open::<i32>(device, config, feed),
        SampleFormat::U8 => open::<u8>(device, config, feed),
        SampleFormat::U16 => open::<u16>(device, config, feed),
        SampleFormat::U32 => open::<u32>(device, config, feed),
        SampleFormat::F32 => open::<f32>(device, config, feed),
        SampleFormat::F64 => open::<f64>(device, config, feed),
        format => return Err(MicError::UnsupportedSamples { device: name, format }),
    };
    let stream = stream.map_err(open_failed)?;
    stream.play().map_err(open_failed)?;
    Ok((Capture { _stream: stream, signals, rate, device: name }, samples))
}

/// The way of taking sound that a sound server can hold back for longest, where it is offered.
fn sparing(
    mut offered: impl Iterator<Item = SupportedStreamConfigRange>,
) -> Option<SupportedStreamConfig> {
    offered.find_map(|range| {
        let is_small = range.channels() == 1 && range.sample_format() == SampleFormat::I16;
        is_small.then(|| range.try_with_sample_rate(SPARING_RATE)).flatten()
    })
}

fn open<T>(
    device: &cpal::Device,
    config: StreamConfig,
    mut feed: Feed,
) -> Result<cpal::Stream, cpal::Error>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let signals = feed.signals.clone();
    device.build_input_stream(
        config,
        move |samples: &[T], _: &cpal::InputCallbackInfo| feed.take(samples),
        move |error| note(&signals, error.kind()),
        Some(OPEN_TIMEOUT),
    )
}

/// Sorts what the sound system reports into what ends a recording and what does not.
fn note(signals: &Signals, kind: ErrorKind) {
    match kind {
        ErrorKind::Xrun => {
            signals.overruns.fetch_add(1, Ordering::Relaxed);
        }
        // The stream goes on: rerouted, or without real-time priority.
        ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied => {}
        _ => signals.gone.store(true, Ordering::Release),
    }
}

/// The callback's end of the ring.
struct Feed {
    ring: Producer<f32>,
    channels: usize,
    signals: Arc<Signals>,
}

impl Feed {
    fn take<T>(&mut self, samples: &[T])
    where
        T: Sample,
        f32: FromSample<T>,
    {
        let share = 1.0 / self.channels as f32;
        let mut lost = 0;
        for frame in samples.chunks_exact(self.channels) {
            let mut sum = 0.0;
            for sample in frame {
                sum += f32::from_sample(*sample);
            }
            if self.ring.push(sum * share).is_err() {
                lost += 1;
            }
        }
        if lost > 0 {
            self.signals.lost.fetch_add(lost, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(capacity: usize, channels: usize) -> (Feed, Consumer<f32>) {
        let (ring, samples) = RingBuffer::new(capacity);
        (Feed { ring, channels, signals: Arc::default() }, samples)
    }

    #[test]
    fn channels_become_their_mean() {
        let (mut feed, mut samples) = feed(8, 2);
        feed.take(&[0.5_f32, -0.1, 1.0, 1.0]);
        feed.take(&[i16::MIN, 0]);
        assert_eq!(samples.pop(), Ok(0.2));
        assert_eq!(samples.pop(), Ok(1.0));
        assert_eq!(samples.pop(), Ok(-0.5));
    }

    #[test]
    fn samples_that_find_the_ring_full_are_counted_and_the_earlier_ones_kept() {
        let (mut feed, mut samples) = feed(3, 1);
        feed.take(&[0.1_f32, 0.2, 0.3, 0.4, 0.5]);
        assert_eq!(feed.signals.lost.load(Ordering::Relaxed), 2);
        assert_eq!(samples.pop(), Ok(0.1));
        feed.take(&[0.6_f32]);
        assert_eq!(feed.signals.lost.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn only_a_lost_device_ends_a_recording() {
        let signals = Signals::default();
        for harmless in [ErrorKind::Xrun, ErrorKind::DeviceChanged, ErrorKind::RealtimeDenied] {
            note(&signals, harmless);
        }
        assert!(!signals.gone.load(Ordering::Acquire));
        assert_eq!(signals.overruns.load(Ordering::Relaxed), 1);
        note(&signals, ErrorKind::DeviceNotAvailable);
        assert!(signals.gone.load(Ordering::Acquire));
    }
}
