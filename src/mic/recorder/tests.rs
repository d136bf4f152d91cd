//! A recorder fed by the test in place of a microphone.

use super::*;
use rtrb::{Producer, RingBuffer};

const RATE: u32 = 8000;
const RING: usize = 100_000;

/// A sink in memory: samples, room for them, rests.
struct Memory {
    samples: Vec<f32>,
    room: usize,
    rests: usize,
    about: Vec<u8>,
}

impl Sink for Memory {
    fn write(&mut self, samples: &[f32], _rate: u32) -> Result<(), MicError> {
        if self.samples.len() + samples.len() > self.room {
            return Err(MicError::NoSpoolFolder);
        }
        self.samples.extend_from_slice(samples);
        Ok(())
    }

    fn save(&mut self) -> Result<(), MicError> {
        Ok(())
    }

    fn rest(&mut self) -> Result<(), MicError> {
        self.rests += 1;
        Ok(())
    }

    fn note(&mut self, about: &[u8]) -> Result<(), MicError> {
        self.about = about.to_vec();
        Ok(())
    }
}

struct Rig {
    ring: Producer<f32>,
    signals: Arc<Signals>,
    recorder: Recorder<Memory>,
}

/// A recorder fed by the test in place of a microphone.
fn rig(room: usize, most: u64) -> Rig {
    let (ring, samples) = RingBuffer::new(RING);
    let signals = Arc::new(Signals::default());
    let started = Recorder::start(None, samples, signals.clone(), RATE, "test".to_owned());
    let recorder = started.expect("a thread");
    recorder.begin(Memory { samples: vec![], room, rests: 0, about: vec![] }, most);
    Rig { ring, signals, recorder }
}

impl Rig {
    fn feed(&mut self, count: usize, value: f32) {
        for _ in 0..count {
            self.ring.push(value).expect("the ring has room");
        }
    }

    fn settle(&self) {
        while self.ring.slots() < RING {
            thread::yield_now();
        }
    }

    fn until(&self, doing: Doing) {
        while self.recorder.status().doing != doing {
            thread::yield_now();
        }
    }
}

#[test]
fn everything_captured_before_the_end_is_in_the_sink() {
    let mut rig = rig(RING, u64::MAX);
    rig.feed(20_000, 0.5);
    let (sink, status) = rig.recorder.end();
    let sink = sink.expect("it was given");
    assert_eq!((sink.samples.len(), sink.rests, status.captured), (20_000, 1, 20_000));
    assert!((status.level.rms - 0.5).abs() < 1e-3 && status.clipped_ms.is_none());
}

#[test]
fn a_wanted_length_is_met_to_the_sample() {
    let mut rig = rig(RING, u64::from(RATE));
    rig.feed(20_000, 0.5);
    rig.until(Doing::Complete);
    assert_eq!(rig.recorder.end().0.expect("given").samples.len(), RATE as usize);
}

#[test]
fn a_rest_leaves_out_what_is_said_in_it() {
    let mut rig = rig(RING, u64::MAX);
    rig.feed(1000, 0.1);
    rig.settle();
    rig.recorder.rest();
    rig.feed(1000, 0.9);
    rig.settle();
    rig.recorder.go_on();
    rig.feed(500, 0.2);
    let samples = rig.recorder.end().0.expect("given").samples;
    assert_eq!(samples.len(), 1500);
    assert!(samples.iter().all(|sample| *sample < 0.3));
}

#[test]
fn what_a_recording_is_about_is_written_down_while_it_goes_on() {
    let mut rig = rig(RING, u64::MAX);
    rig.feed(1000, 0.1);
    rig.recorder.note(b"another patient".to_vec());
    rig.feed(500, 0.2);
    let sink = rig.recorder.end().0.expect("given");
    assert_eq!((sink.samples.len(), sink.rests), (1500, 1));
    assert_eq!(sink.about, b"another patient");
}

#[test]
fn a_lost_device_keeps_what_was_recorded() {
    let mut rig = rig(RING, u64::MAX);
    rig.feed(4000, 0.5);
    rig.signals.gone.store(true, Ordering::Release);
    rig.until(Doing::DeviceGone);
    assert_eq!(rig.recorder.end().0.expect("given").samples.len(), 4000);
}

#[test]
fn a_sink_that_fails_stops_the_recording_and_says_why() {
    let mut rig = rig(1000, u64::MAX);
    rig.feed(900, 0.5);
    rig.settle();
    rig.feed(900, 0.5);
    rig.until(Doing::Failed);
    assert!(rig.recorder.status().trouble.is_some());
    let kept = rig.recorder.end().0.expect("given").samples.len();
    assert!((900..=1000).contains(&kept), "{kept}");
}
