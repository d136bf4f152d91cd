//! Says for each 10 ms frame how loud it is and whether it stands out from its background.
//!
//! Not for: telling speech from other sound that comes and goes (`silero`).
//!
//! Invariant: frames are numbered from the first sample without a gap, and each is judged
//! against the seconds on both its sides, so the judgement does not depend on block sizes.

use super::SAMPLE_RATE;
use std::collections::VecDeque;

/// Samples in a frame: 10 ms.
pub const FRAME_SAMPLES: usize = SAMPLE_RATE as usize / 100;

/// Frames in a second.
pub const FRAMES_PER_SECOND: usize = 100;

/// The background of a frame is looked for this far on either side: long enough to hold pauses
/// of a fast speaker, short enough to follow a change of room.
const BACKGROUND_FRAMES: usize = 10 * FRAMES_PER_SECOND;

/// Share of the frames around that are background. Fast read speech pauses, or closes its
/// stops, for over a tenth of the time.
const BACKGROUND_SHARE: f32 = 0.10;

/// A stretch begins where a frame is this far above its background. Ten minutes of white and of
/// brown noise stay 3 dB below it.
const BEGIN_DB: f32 = 7.0;

/// It goes on while frames stay this far above.
const CONTINUE_DB: f32 = 4.0;

/// Nothing below this level is speech, dB of full scale: soft speech into a badly set 16-bit
/// recorder is about 15 dB louder.
const GATE_DB: f32 = -70.0;

/// Cut-off of the high-pass that takes offset, rumble and most of the mains hum out, Hz.
const HIGH_PASS_HZ: f32 = 120.0;

/// Level of digital silence, dB of full scale.
pub const LOWEST_DB: f32 = -120.0;
const HIGHEST_DB: f32 = 8.0;
const BINS_PER_DB: f32 = 2.0;
const BINS: usize = ((HIGHEST_DB - LOWEST_DB) * BINS_PER_DB) as usize;

/// A judged frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    /// Level of this frame and its two neighbours, dB of full scale.
    pub db: f32,
    pub active: bool,
}

pub struct Levels {
    filter: HighPass,
    partial: Vec<f32>,
    /// Powers of the last two frames, waiting for their neighbour.
    powers: VecDeque<f32>,
    /// Levels from the start of the background of the next frame to be judged.
    window: VecDeque<f32>,
    /// Place in `window` of the next frame to be judged.
    next: usize,
    histogram: Vec<u32>,
    active: bool,
    judged: VecDeque<Frame>,
}

impl Levels {
    pub fn new() -> Self {
        Self {
            filter: HighPass::new(),
            partial: Vec::with_capacity(FRAME_SAMPLES),
            powers: VecDeque::new(),
            window: VecDeque::new(),
            next: 0,
            histogram: vec![0; BINS],
            active: false,
            judged: VecDeque::new(),
        }
    }

    pub fn push(&mut self, samples: &[f32]) {
        for sample in samples {
            let filtered = self.filter.step(*sample);
            self.partial.push(filtered);
            if self.partial.len() == FRAME_SAMPLES {
                self.close_frame();
            }
        }
    }

    /// Judges what is left; the last frame may be shorter than the others.
    pub fn finish(&mut self) {
        if !self.partial.is_empty() {
            self.close_frame();
        }
        if let Some(last) = self.powers.back().copied() {
            self.add_power(last);
        }
        while self.next < self.window.len() {
            self.judge();
        }
    }

    /// The next judged frame in order of time.
    pub fn pop(&mut self) -> Option<Frame> {
        self.judged.pop_front()
    }

    fn close_frame(&mut self) {
        let squares: f32 = self.partial.iter().map(|sample| sample * sample).sum();
        let power = squares / self.partial.len() as f32;
        self.partial.clear();
        if self.powers.is_empty() {
            self.powers.push_back(power); // the first frame stands in for its left neighbour
        }
        self.add_power(power);
    }

    /// Closes the level of the frame before the one whose power this is.
    fn add_power(&mut self, power: f32) {
        self.powers.push_back(power);
        if self.powers.len() < 3 {
            return;
        }
        let mean = self.powers.iter().sum::<f32>() / 3.0;
        self.powers.pop_front();
        let db = decibels(mean);
        self.window.push_back(db);
        self.histogram[bin(db)] += 1;
        if self.window.len() > self.next + BACKGROUND_FRAMES {
            self.judge();
        }
    }

    fn judge(&mut self) {
        let db = self.window[self.next];
        let margin = if self.active { CONTINUE_DB } else { BEGIN_DB };
        self.active = db >= GATE_DB && db >= self.background() + margin;
        self.judged.push_back(Frame { db, active: self.active });
        self.next += 1;
        if self.next > BACKGROUND_FRAMES {
            if let Some(oldest) = self.window.pop_front() {
                self.histogram[bin(oldest)] -= 1;
            }
            self.next -= 1;
        }
    }

    fn background(&self) -> f32 {
        let wanted = (self.window.len() as f32 * BACKGROUND_SHARE).ceil() as u32;
        let mut seen = 0;
        for (index, count) in self.histogram.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return LOWEST_DB + index as f32 / BINS_PER_DB;
            }
        }
        HIGHEST_DB
    }
}

fn bin(db: f32) -> usize {
    (((db - LOWEST_DB) * BINS_PER_DB) as usize).min(BINS - 1)
}

/// Level of these samples as a whole, dB of full scale.
pub fn level_db(samples: &[f32]) -> f32 {
    let mut filter = HighPass::new();
    let filtered = samples.iter().map(|sample| filter.step(*sample));
    let squares: f32 = filtered.map(|sample| sample * sample).sum();
    decibels(squares / samples.len().max(1) as f32)
}

fn decibels(power: f32) -> f32 {
    (10.0 * power.max(1e-30).log10()).clamp(LOWEST_DB, HIGHEST_DB)
}

/// A first-order high-pass (bilinear transform).
struct HighPass {
    gain: f32,
    feedback: f32,
    last_in: f32,
    last_out: f32,
    started: bool,
}

impl HighPass {
    fn new() -> Self {
        let warped = (std::f32::consts::PI * HIGH_PASS_HZ / SAMPLE_RATE as f32).tan();
        Self {
            gain: 1.0 / (1.0 + warped),
            feedback: (1.0 - warped) / (1.0 + warped),
            last_in: 0.0,
            last_out: 0.0,
            started: false,
        }
    }

    fn step(&mut self, input: f32) -> f32 {
        if !self.started {
            self.started = true;
            self.last_in = input; // an offset must not look like a step at the start
        }
        self.last_out = self.gain * (input - self.last_in) + self.feedback * self.last_out;
        self.last_in = input;
        self.last_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::{hum, noise, silence};

    fn judged(samples: &[f32], block: usize) -> Vec<Frame> {
        let mut levels = Levels::new();
        for block in samples.chunks(block) {
            levels.push(block);
        }
        levels.finish();
        std::iter::from_fn(|| levels.pop()).collect()
    }

    #[test]
    fn every_sample_is_in_a_frame_and_blocks_do_not_matter() {
        let samples = [noise(15.3, 0.001, 1), noise(0.7, 0.2, 2), noise(20.005, 0.001, 3)].concat();
        let frames = judged(&samples, 997);
        assert_eq!(frames.len(), samples.len().div_ceil(FRAME_SAMPLES));
        assert_eq!(frames, judged(&samples, 50_000));
        assert!(judged(&[], 1).is_empty());
    }

    #[test]
    fn steady_sound_never_stands_out() {
        for (name, samples) in [
            ("digital silence", silence(30.0)),
            ("white noise", noise(60.0, 0.05, 4)),
            ("faint noise", noise(60.0, 0.0005, 5)),
            ("50 Hz hum", hum(30.0, 50.0, 0.1)),
            ("60 Hz hum", hum(30.0, 60.0, 0.1)),
            ("an offset", vec![0.25; 480_000]),
        ] {
            let active = judged(&samples, 4096).iter().filter(|frame| frame.active).count();
            assert_eq!(active, 0, "{name}");
        }
    }

    #[test]
    fn a_burst_stands_out_where_it_is() {
        let samples = [noise(5.0, 0.002, 6), noise(0.5, 0.1, 7), noise(5.0, 0.002, 8)].concat();
        let frames = judged(&samples, 4096);
        let first = frames.iter().position(|frame| frame.active);
        let last = frames.iter().rposition(|frame| frame.active);
        assert!(matches!(first, Some(499..=500)), "{first:?}");
        assert!(matches!(last, Some(549..=552)), "{last:?}");
        assert!(frames[501..549].iter().all(|frame| frame.active));
    }
}
