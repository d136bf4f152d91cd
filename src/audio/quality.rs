//! Measures one channel: level, peak, clipping, offset, noise.
//!
//! Not for: deciding what a bad value means for the dictation; `workflow` does that.
//!
//! Invariant: constant memory, whatever the length.

/// Length of a measured frame, milliseconds: short enough to fall into the gaps of speech.
const FRAME_MS: u32 = 20;

/// A sample this close to full scale is counted as clipped; 8-bit recordings reach 0.992.
const CLIPPED_FROM: f32 = 0.99;

/// The histogram's lowest level, dB of full scale: below the noise of 16-bit audio.
const LOWEST_DB: i32 = -120;

/// One bin a decibel from `LOWEST_DB` to +6 dB, the largest level a reader lets through.
const BINS: usize = 127;

pub struct ChannelQuality {
    frame_samples: u32,
    samples: u64,
    sum: f64,
    squares: f64,
    pub peak: f32,
    clipped: u64,
    lowest: f32,
    highest: f32,
    frame: Frame,
    histogram: [u32; BINS],
}

#[derive(Default)]
struct Frame {
    samples: u32,
    sum: f64,
    squares: f64,
}

impl ChannelQuality {
    pub fn new(rate: u32) -> Self {
        Self {
            frame_samples: rate * FRAME_MS / 1000,
            samples: 0,
            sum: 0.0,
            squares: 0.0,
            peak: 0.0,
            clipped: 0,
            lowest: f32::INFINITY,
            highest: f32::NEG_INFINITY,
            frame: Frame::default(),
            histogram: [0; BINS],
        }
    }

    pub fn add(&mut self, sample: f32) {
        let value = f64::from(sample);
        self.samples += 1;
        self.sum += value;
        self.squares += value * value;
        self.peak = self.peak.max(sample.abs());
        self.lowest = self.lowest.min(sample);
        self.highest = self.highest.max(sample);
        self.clipped += u64::from(sample.abs() >= CLIPPED_FROM);
        self.frame.samples += 1;
        self.frame.sum += value;
        self.frame.squares += value * value;
        if self.frame.samples == self.frame_samples {
            self.close_frame();
        }
    }

    /// Counts the last, partial frame when there is no whole one.
    pub fn finish(&mut self) {
        if self.samples > 0 && self.samples < u64::from(self.frame_samples) {
            self.close_frame();
        }
    }

    fn close_frame(&mut self) {
        let count = f64::from(self.frame.samples);
        let mean = self.frame.sum / count;
        let level = decibels(self.frame.squares / count - mean * mean);
        let bin = (level.round() as i32 - LOWEST_DB).clamp(0, BINS as i32 - 1);
        self.histogram[bin as usize] += 1;
        self.frame = Frame::default();
    }

    /// Level of everything but the offset, dB of full scale.
    pub fn level_db(&self) -> f64 {
        decibels(self.variance())
    }

    /// Mean of the squares without the offset.
    pub fn variance(&self) -> f64 {
        let count = self.samples.max(1) as f64;
        (self.squares / count - self.dc_offset() * self.dc_offset()).max(0.0)
    }

    pub fn dc_offset(&self) -> f64 {
        self.sum / self.samples.max(1) as f64
    }

    pub fn clipped_fraction(&self) -> f32 {
        (self.clipped as f64 / self.samples.max(1) as f64) as f32
    }

    /// Half the distance from the lowest to the highest sample: the peak without the offset.
    pub fn swing(&self) -> f32 {
        if self.samples == 0 { 0.0 } else { (self.highest - self.lowest) / 2.0 }
    }

    /// The level that `share` (0 to 1) of the frames do not exceed, dB of full scale.
    pub fn frame_level_db(&self, share: f64) -> f32 {
        let total: u64 = self.histogram.iter().map(|count| u64::from(*count)).sum();
        let wanted = (total as f64 * share).ceil().max(1.0) as u64;
        let mut seen = 0;
        for (bin, count) in self.histogram.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= wanted {
                return (LOWEST_DB + bin as i32) as f32;
            }
        }
        LOWEST_DB as f32
    }
}

fn decibels(power: f64) -> f64 {
    (10.0 * power.max(1e-30).log10()).max(f64::from(LOWEST_DB))
}
