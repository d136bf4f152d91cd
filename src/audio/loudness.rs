//! How loud a recording is, for a picture of it.
//!
//! Not for: telling speech from noise (`levels.rs`, `labels.rs`).
//!
//! Invariant: one byte for each stretch of the recording, in constant memory besides.

use super::{AudioError, SAMPLE_RATE, Samples};

/// Level that is drawn as nothing, dB of full scale: quieter than a quiet room (judgment).
const FLOOR_DB: f32 = -54.0;

/// The loudest sample of every `step_ms`, 0 at the floor and 255 at full scale, in decibels.
pub fn loudness(samples: Samples, step_ms: u32) -> Result<Vec<u8>, AudioError> {
    assert!(step_ms > 0, "a stretch has a length");
    let step = (SAMPLE_RATE / 1000 * step_ms) as usize;
    let (mut levels, mut peak, mut count) = (Vec::new(), 0.0_f32, 0);
    for block in samples {
        for sample in block? {
            peak = peak.max(sample.abs());
            count += 1;
            if count == step {
                levels.push(level(peak));
                (peak, count) = (0.0, 0);
            }
        }
    }
    if count > 0 {
        levels.push(level(peak));
    }
    Ok(levels)
}

fn level(peak: f32) -> u8 {
    let db = 20.0 * peak.max(f32::MIN_POSITIVE).log10();
    let share = ((db - FLOOR_DB) / -FLOOR_DB).clamp(0.0, 1.0);
    (share * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stretch_has_its_loudest_sample() {
        let mut samples = vec![0.0; 1600];
        samples.extend([0.0, -1.0, 0.5]);
        samples.resize(3200, 0.0);
        samples.push(0.001);
        let levels = loudness(Samples::from_vec(samples), 100).expect("levels");
        assert_eq!(levels, [0, 255, 0]);
        assert_eq!(level(0.1), 161, "20 of 54 dB below full scale");
    }
}
