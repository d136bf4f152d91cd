//! Cuts the stream of samples into the planned chunks.
//!
//! Not for: deciding where; `labels` and `plan` do.
//!
//! Invariant: a chunk's samples are the recording's own, unchanged, from its exact place; no
//! more than a chunk, a pause, the background's look-ahead and one block are in memory.

use super::labels::{Labelled, Labels};
use super::levels::FRAME_SAMPLES;
use super::plan::{Planner, Span};
use super::{AudioError, Chunk, SAMPLE_RATE, Samples};

pub struct Chunker {
    /// None once it has ended or failed.
    samples: Option<Samples>,
    labels: Labels,
    planner: Planner,
    finished: bool,
    /// Samples from `kept_from` on.
    kept: Vec<f32>,
    kept_from: usize,
}

impl Chunker {
    pub fn new(samples: Samples) -> Self {
        Self {
            samples: Some(samples),
            labels: Labels::new(),
            planner: Planner::default(),
            finished: false,
            kept: Vec::new(),
            kept_from: 0,
        }
    }

    /// The next chunk, or none at the end.
    ///
    /// # Errors
    /// What reading the samples gave; nothing comes after it.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, AudioError> {
        loop {
            if let Some(span) = self.next_span() {
                return Ok(Some(self.cut_out(span)));
            }
            if self.finished {
                return Ok(None);
            }
            self.read_block()?;
        }
    }

    /// The next span that the frames judged so far complete.
    fn next_span(&mut self) -> Option<Span> {
        while let Some(frame) = self.labels.pop() {
            if let Some(span) = self.planner.push(frame) {
                return Some(span);
            }
        }
        match self.samples {
            Some(_) => None,
            None => {
                let last = self.planner.finish();
                self.finished = last.is_none();
                last
            }
        }
    }

    fn read_block(&mut self) -> Result<(), AudioError> {
        let Some(samples) = &mut self.samples else { return Ok(()) };
        match samples.next() {
            Some(Ok(block)) => {
                self.forget(self.planner.needed_from() * FRAME_SAMPLES);
                self.labels.push(&block);
                self.kept.extend(block);
            }
            Some(Err(error)) => {
                self.samples = None;
                self.finished = true;
                self.labels = Labels::new();
                self.planner = Planner::default();
                return Err(error);
            }
            None => {
                self.samples = None;
                self.labels.finish();
            }
        }
        Ok(())
    }

    fn forget(&mut self, before: usize) {
        let count = before.saturating_sub(self.kept_from).min(self.kept.len());
        self.kept.drain(..count);
        self.kept_from += count;
    }

    fn cut_out(&self, span: Span) -> Chunk {
        const FRAME_MS: usize = FRAME_SAMPLES * 1000 / SAMPLE_RATE as usize;
        let start = span.start * FRAME_SAMPLES - self.kept_from;
        let end = (span.end * FRAME_SAMPLES - self.kept_from).min(self.kept.len());
        Chunk {
            start_ms: u32::try_from(span.start * FRAME_MS).unwrap_or(u32::MAX),
            samples: self.kept[start..end].to_vec(),
            energy_db: mean_level(&span.frames),
            has_speech: span.has_speech,
            voice: span.frames.iter().map(|frame| (frame.voice * 255.0).round() as u8).collect(),
        }
    }
}

/// Level of the frames that are not still, dB of full scale.
fn mean_level(frames: &[Labelled]) -> f32 {
    let (mut power, mut count) = (0.0, 0.0_f32);
    for frame in frames.iter().filter(|frame| !frame.still) {
        power += 10_f32.powf(frame.db / 10.0);
        count += 1.0;
    }
    10.0 * (power / count.max(1.0)).max(1e-12).log10()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::levels::level_db;
    use crate::audio::testing::{hum, noise, silence, spoken};
    use crate::audio::{MAX_CHUNK_MS, chunks, sounds};
    use proptest::prelude::*;

    fn cut(samples: Vec<f32>) -> Vec<Chunk> {
        chunks(Samples::from_vec(samples)).map(|chunk| chunk.expect("no reader fails")).collect()
    }

    #[test]
    fn steady_sound_gives_no_chunk_with_speech() {
        for (name, samples) in [
            ("nothing", Vec::new()),
            ("digital silence", silence(90.0)),
            ("white noise", noise(90.0, 0.03, 1)),
            ("hum and hiss", add(&hum(90.0, 60.0, 0.05), &noise(90.0, 0.003, 2))),
            ("mains hum with harmonics", add(&hum(60.0, 50.0, 0.1), &hum(60.0, 150.0, 0.03))),
        ] {
            assert!(cut(samples).iter().all(|chunk| !chunk.has_speech), "{name}");
        }
    }

    #[test]
    fn sounds_without_words_give_no_chunk_with_speech() {
        for (name, sound) in sounds::KINDS {
            let voiced = cut(sound(30.0, 3)).iter().filter(|chunk| chunk.has_speech).count();
            assert_eq!(voiced, 0, "{name}");
        }
    }

    #[test]
    fn speech_in_noise_is_found_at_its_place_and_only_there() {
        let spoken = [silence(20.0), spoken(), silence(20.0)].concat();
        let hiss = noise(spoken.len() as f32 / 16_000.0, 0.003, 4);
        let found = cut(add(&spoken, &hiss));
        assert_eq!(found.len(), 1);
        assert!(found[0].has_speech && found[0].voiced_share() > 0.6);
        // The voice is in the sample from 0.27 to 7.42 s.
        let ends = (found[0].start_ms, found[0].end_ms());
        assert!((19_970..=20_170).contains(&ends.0), "{ends:?}");
        assert!((27_520..=27_820).contains(&ends.1), "{ends:?}");
    }

    #[test]
    fn a_reader_that_fails_ends_the_chunks_with_its_error() {
        let speech = std::iter::repeat_n(spoken(), 8).collect::<Vec<_>>().concat();
        let blocks = [Ok(speech), Err(AudioError::NotFinite)];
        let samples = Samples { blocks: Box::new(blocks.into_iter()) };
        let found: Vec<_> = chunks(samples).collect();
        assert!(found.len() >= 2);
        assert!(matches!(found.last(), Some(Err(AudioError::NotFinite))));
    }

    #[test]
    fn memory_stays_bounded_over_twenty_minutes() {
        for (name, minute) in [
            ("speech", [spoken(), spoken(), noise(20.0, 0.001, 7)].concat()),
            ("music", sounds::music(60.0, 3)),
            ("nothing", noise(60.0, 0.001, 8)),
        ] {
            let blocks = (0..20).flat_map(move |_| {
                let blocks: Vec<_> = minute.chunks(8192).map(|block| Ok(block.to_vec())).collect();
                blocks
            });
            let mut chunker = Chunker::new(Samples { blocks: Box::new(blocks) });
            let mut most = 0;
            while chunker.next_chunk().expect("no reader fails").is_some() {
                most = most.max(chunker.kept.capacity());
            }
            assert!(most < 100 * SAMPLE_RATE as usize, "{name}: {most} samples were held");
        }
    }

    fn add(one: &[f32], other: &[f32]) -> Vec<f32> {
        one.iter().zip(other).map(|(one, other)| one + other).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn every_speech_sample_is_in_exactly_one_chunk(
            parts in proptest::collection::vec((0_usize..80, 5_usize..80, 0.05_f32..6.0), 1..5),
            seed in 1_u32..1000,
        ) {
            const TENTH: usize = SAMPLE_RATE as usize / 10;
            let voice = std::iter::repeat_n(spoken(), 3).collect::<Vec<_>>().concat();
            let mut samples = noise(1.0, 0.0005, seed);
            let mut spoken: Vec<(usize, usize)> = Vec::new();
            for (from, length, pause) in parts {
                let start = samples.len();
                let length = length * if from % 5 == 0 { 2 } else { 1 };
                samples.extend(voice.iter().skip(from * TENTH).take(length * TENTH));
                spoken.push((start, samples.len()));
                samples.extend(noise(pause, 0.0005, seed + 1));
            }
            let found = cut(samples.clone());
            let mut place = 0;
            let mut covered = vec![false; samples.len()];
            for chunk in &found {
                let start = chunk.start_ms as usize * SAMPLE_RATE as usize / 1000;
                let end = start + chunk.samples.len();
                prop_assert!(start >= place, "chunks overlap or go back");
                prop_assert!(chunk.end_ms() - chunk.start_ms <= MAX_CHUNK_MS);
                prop_assert_eq!(&chunk.samples[..], &samples[start..end]);
                place = end;
                covered[start..end].fill(true);
            }
            for (start, end) in spoken {
                for at in (start..end).step_by(FRAME_SAMPLES) {
                    let loud = level_db(&samples[at..at + FRAME_SAMPLES]) > -45.0;
                    prop_assert!(covered[at] || !loud, "speech at {} is in no chunk", at);
                }
            }
        }
    }
}
