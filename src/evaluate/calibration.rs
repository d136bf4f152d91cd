//! Whether the engine's confidence is what it says: of words at 0.8, are four in five right?
//!
//! Not for: making confidences (`speech`).
//!
//! Invariant: every counted word is in one bin.

pub const BINS: usize = 10;

/// Words whose confidence lies in one tenth of 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    pub words: u64,
    pub right: u64,
    pub confidence_sum: f64,
}

impl Bin {
    /// The mean confidence of its words, 0 to 1; 0 without words.
    pub fn confidence(&self) -> f64 {
        self.confidence_sum / self.words.max(1) as f64
    }

    /// The share of its words that are right, 0 to 1; 0 without words.
    pub fn accuracy(&self) -> f64 {
        self.right as f64 / self.words.max(1) as f64
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Calibration {
    pub bins: [Bin; BINS],
}

impl Calibration {
    /// Counts a word. A confidence outside 0 to 1, or none, counts in the nearest bin.
    pub fn count(&mut self, confidence: f32, is_right: bool) {
        let confidence = f64::from(confidence).clamp(0.0, 1.0);
        let confidence = if confidence.is_nan() { 0.0 } else { confidence };
        let bin = &mut self.bins[((confidence * BINS as f64) as usize).min(BINS - 1)];
        bin.words += 1;
        bin.right += u64::from(is_right);
        bin.confidence_sum += confidence;
    }

    pub fn add(&mut self, other: &Self) {
        for (bin, more) in self.bins.iter_mut().zip(&other.bins) {
            bin.words += more.words;
            bin.right += more.right;
            bin.confidence_sum += more.confidence_sum;
        }
    }

    pub fn words(&self) -> u64 {
        self.bins.iter().map(|bin| bin.words).sum()
    }

    /// The expected calibration error (Naeini and others, 2015): the distance of confidence and
    /// accuracy in a bin, weighed by its words. None without words.
    pub fn expected_error(&self) -> Option<f64> {
        let words = self.words();
        let distance = |bin: &Bin| bin.words as f64 * (bin.accuracy() - bin.confidence()).abs();
        (words > 0).then(|| self.bins.iter().map(distance).sum::<f64>() / words as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_the_weighed_distance_of_confidence_and_accuracy() {
        let mut calibration = Calibration::default();
        assert_eq!(calibration.expected_error(), None);
        for is_right in [true, true, true, false] {
            calibration.count(0.95, is_right);
        }
        for confidence in [0.05, f32::NAN] {
            calibration.count(confidence, false);
        }
        calibration.count(7.0, true);
        assert_eq!(calibration.words(), 7);
        assert_eq!(calibration.bins[9].words, 5);
        // (5 x |0.8 - 0.96| + 2 x |0 - 0.025|) / 7
        let error = calibration.expected_error().unwrap_or_default();
        assert!((error - 0.85 / 7.0).abs() < 1e-6, "{error}");
    }
}
