//! How loud the microphone is just now.
//!
//! Not for: changing the level; that is the sound system's and the speaker's.
//!
//! Invariant: a clipped sample is seen by at least one reading.

/// A sample this close to full scale was cut off by the converter.
const CLIPPED_FROM: f32 = 0.99;

/// Clipped samples within one reading that deserve a warning: one alone may be a click.
pub const CLIPPING_SAMPLES: u32 = 3;

/// One reading over a stretch of samples.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Level {
    /// Largest magnitude, 1 is full scale.
    pub peak: f32,
    /// Root mean square, 1 is full scale.
    pub rms: f32,
    pub clipped: u32,
}

impl Level {
    pub fn peak_db(self) -> f32 {
        decibels(self.peak)
    }

    pub fn rms_db(self) -> f32 {
        decibels(self.rms)
    }

    pub fn is_clipping(self) -> bool {
        self.clipped >= CLIPPING_SAMPLES
    }
}

/// Gathers samples into readings.
#[derive(Default)]
pub struct Meter {
    peak: f32,
    squares: f64,
    samples: u32,
    clipped: u32,
}

impl Meter {
    pub fn add(&mut self, sample: f32) {
        let magnitude = sample.abs();
        self.peak = self.peak.max(magnitude);
        self.squares += f64::from(sample) * f64::from(sample);
        self.samples += 1;
        self.clipped += u32::from(magnitude >= CLIPPED_FROM);
    }

    pub fn samples(&self) -> u32 {
        self.samples
    }

    /// The reading since the last one.
    pub fn take(&mut self) -> Level {
        let gathered = std::mem::take(self);
        let mean = gathered.squares / f64::from(gathered.samples.max(1));
        Level { peak: gathered.peak, rms: mean.sqrt() as f32, clipped: gathered.clipped }
    }
}

/// Decibels of full scale, not below -120.
fn decibels(magnitude: f32) -> f32 {
    20.0 * magnitude.max(1e-6).log10()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_covers_the_samples_since_the_last_one() {
        let mut meter = Meter::default();
        for _ in 0..100 {
            meter.add(0.5);
            meter.add(-0.5);
        }
        let level = meter.take();
        assert_eq!((level.peak, level.rms, level.clipped), (0.5, 0.5, 0));
        assert!((level.peak_db() - -6.02).abs() < 0.01);
        assert_eq!(meter.take(), Level::default());
        assert_eq!(Level::default().rms_db(), -120.0);
    }

    #[test]
    fn clipping_is_more_than_a_click() {
        let mut meter = Meter::default();
        meter.add(1.0);
        meter.add(-1.0);
        assert!(!meter.take().is_clipping());
        for _ in 0..CLIPPING_SAMPLES {
            meter.add(-1.0);
        }
        assert!(meter.take().is_clipping());
    }
}
