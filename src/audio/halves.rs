//! A chunk cut in two where it is quietest, for an engine that cannot hear it whole.
//!
//! Not for: cutting a recording into chunks (`plan`).
//!
//! Invariant: both halves together are the chunk, sample by sample.

use super::{Chunk, VOICE_STEP_MS, VOICE_STEP_SAMPLES};

/// The cut lies in the middle half: a half shorter than a quarter would gain nothing.
const MARGIN: usize = 4;
/// How long it is quiet around the cut, in steps of `VOICE_STEP_MS`: a short pause between words.
const QUIET_STEPS: usize = 16;

impl Chunk {
    /// The two halves; `None` where the chunk is shorter than this, in milliseconds.
    pub fn halves(&self, least_ms: u32) -> Option<[Chunk; 2]> {
        let steps = self.samples.len() / VOICE_STEP_SAMPLES;
        if self.end_ms() - self.start_ms < least_ms || steps < MARGIN * QUIET_STEPS {
            return None;
        }
        let power = |step: usize| -> f32 {
            let around = step - QUIET_STEPS / 2..step + QUIET_STEPS / 2;
            self.samples[around.start * VOICE_STEP_SAMPLES..around.end * VOICE_STEP_SAMPLES]
                .iter()
                .map(|s| s * s)
                .sum()
        };
        let middle = steps / MARGIN..steps - steps / MARGIN;
        let cut = middle.min_by(|&a, &b| power(a).total_cmp(&power(b)))?;
        let (one, other) = self.samples.split_at(cut * VOICE_STEP_SAMPLES);
        let (voice, voice_after) = self.voice.split_at(cut.min(self.voice.len()));
        let half = |start_ms, samples: &[f32], voice: &[u8]| Chunk {
            start_ms,
            samples: samples.to_vec(),
            voice: voice.to_vec(),
            ..*self
        };
        let middle_ms = self.start_ms + cut as u32 * VOICE_STEP_MS;
        Some([half(self.start_ms, one, voice), half(middle_ms, other, voice_after)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::SAMPLE_RATE;

    fn chunk(seconds: usize, quiet_ms: std::ops::Range<usize>) -> Chunk {
        let rate = SAMPLE_RATE as usize;
        let is_quiet = |at: usize| quiet_ms.contains(&(at * 1000 / rate));
        let level = |at| if is_quiet(at) { 0.001 } else { 0.3 * (at as f32 * 0.1).sin() };
        let samples = (0..seconds * rate).map(level).collect();
        let voice = (0..seconds * 100).map(|at| (at % 251) as u8).collect();
        Chunk { start_ms: 5000, samples, energy_db: -20.0, has_speech: true, voice }
    }

    #[test]
    fn a_chunk_is_cut_in_its_pause_and_nothing_is_lost() {
        let whole = chunk(12, 7000..7200);
        let [one, other] = whole.halves(8000).expect("long enough");
        assert!((12_080..=12_120).contains(&other.start_ms), "{}", other.start_ms);
        assert_eq!((one.start_ms, one.end_ms()), (5000, other.start_ms));
        assert_eq!([one.samples, other.samples].concat(), whole.samples);
        assert_eq!([one.voice, other.voice].concat(), whole.voice);
    }

    #[test]
    fn a_pause_near_an_edge_is_none_to_cut_in_and_a_short_chunk_stays_whole() {
        let [one, _] = chunk(12, 500..900).halves(8000).expect("long enough");
        assert!((8000..=14_000).contains(&one.end_ms()), "{}", one.end_ms());
        assert!(chunk(7, 3000..3200).halves(8000).is_none());
    }
}
