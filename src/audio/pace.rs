//! A chunk as it sounds when its samples are played faster: shorter and higher.
//!
//! Not for: which pace is the best (`speech::paces`), or playing to a person.
//!
//! Invariant: every instant of the one is an instant of the other, so that times can be told back.

use super::resample::Resample;
use super::{Chunk, SAMPLE_RATE, VOICE_STEP_SAMPLES};

/// A chunk at a pace.
pub struct Paced {
    /// It begins where the chunk begins.
    pub chunk: Chunk,
    /// As samples of so many a second it was played.
    rate: u32,
}

impl Chunk {
    /// The chunk, its samples played as if there were so many a second: with 17,600 Hz it lasts
    /// ten elevenths as long and is a tenth higher.
    pub fn at_pace(&self, rate: u32) -> Paced {
        if rate == SAMPLE_RATE {
            return Paced { chunk: self.clone(), rate };
        }
        let mut samples = vec![];
        let mut resample = Resample::new(rate);
        resample.push(&self.samples, &mut samples);
        resample.finish(&mut samples);
        let steps = if self.voice.is_empty() { 0 } else { samples.len() / VOICE_STEP_SAMPLES };
        let last = self.voice.len().saturating_sub(1);
        let voice = |step: usize| self.voice[last.min(scaled(step, rate))];
        let voice = (0..steps).map(voice).collect();
        Paced { chunk: Chunk { samples, voice, ..*self }, rate }
    }
}

impl Paced {
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// The time in the recording of a time in this chunk, both in milliseconds from the
    /// recording's start.
    pub fn time_ms(&self, time_ms: u32) -> u32 {
        let since = time_ms.saturating_sub(self.chunk.start_ms);
        self.chunk.start_ms.saturating_add(scaled(since as usize, self.rate) as u32)
    }
}

/// So many steps of the faster chunk in steps of the other.
fn scaled(steps: usize, rate: u32) -> usize {
    (steps as u64 * u64::from(rate) / u64::from(SAMPLE_RATE)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 10 s with a voice of 200 Hz from second 4 to second 6.
    fn chunk() -> Chunk {
        let rate = SAMPLE_RATE as usize;
        let is_voiced = |second: f32| (4.0..6.0).contains(&second);
        let tone = |at: usize| {
            let second = at as f32 / rate as f32;
            let level = if is_voiced(second) { 0.3 } else { 0.0 };
            level * (second * 200.0 * std::f32::consts::TAU).sin()
        };
        let samples = (0..10 * rate).map(tone).collect();
        let voice = (0..1000).map(|at| 255 * u8::from(is_voiced(at as f32 / 100.0))).collect();
        Chunk { start_ms: 5000, samples, energy_db: -20.0, has_speech: true, voice }
    }

    fn rises(samples: &[f32]) -> usize {
        samples.windows(2).filter(|pair| pair[0] < -0.01 && pair[1] >= -0.01).count()
    }

    #[test]
    fn a_faster_chunk_is_shorter_and_says_the_same_at_the_same_instants() {
        let whole = chunk();
        let faster = whole.at_pace(17_600);
        let ended = faster.chunk.end_ms();
        assert!((14_090..=14_091).contains(&ended), "{ended}");
        assert_eq!(faster.time_ms(5000), 5000);
        assert!(whole.end_ms() - faster.time_ms(ended) <= 2, "{}", faster.time_ms(ended));
        // As many waves in less time: higher.
        assert_eq!(rises(&faster.chunk.samples), rises(&whole.samples));
        let voiced = faster.chunk.voice.iter().position(|&voice| voice > 0).expect("a voice");
        let began = faster.time_ms(5000 + 10 * voiced as u32);
        assert!((8990..=9020).contains(&began), "{began}");
    }

    #[test]
    fn at_its_own_pace_it_is_the_chunk() {
        let whole = chunk();
        let same = whole.at_pace(SAMPLE_RATE);
        assert_eq!((&same.chunk.samples, &same.chunk.voice), (&whole.samples, &whole.voice));
        assert_eq!(same.time_ms(7777), 7777);
    }
}
