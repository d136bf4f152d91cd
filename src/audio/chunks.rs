//! Cuts the stream of samples into the planned chunks.
//!
//! Not for: deciding where; `levels` and `plan` do.
//!
//! Invariant: a chunk's samples are the recording's own, unchanged, from its exact place; no
//! more than a chunk, a pause, the background's look-ahead and one block are in memory.

use super::levels::{FRAME_SAMPLES, Levels};
use super::plan::{Planner, Span};
use super::{AudioError, Chunk, SAMPLE_RATE, Samples};

pub struct Chunker {
    /// None once it has ended or failed.
    samples: Option<Samples>,
    levels: Levels,
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
            levels: Levels::new(),
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
        while let Some(frame) = self.levels.pop() {
            if let Some(span) = self.planner.push(frame) {
                return Some(span);
            }
        }
        match self.samples {
            Some(_) => None,
            None => {
                self.finished = true;
                self.planner.finish()
            }
        }
    }

    fn read_block(&mut self) -> Result<(), AudioError> {
        let Some(samples) = &mut self.samples else { return Ok(()) };
        match samples.next() {
            Some(Ok(block)) => {
                self.forget(self.planner.needed_from() * FRAME_SAMPLES);
                self.levels.push(&block);
                self.kept.extend(block);
            }
            Some(Err(error)) => {
                self.samples = None;
                self.finished = true;
                self.levels = Levels::new();
                self.planner = Planner::default();
                return Err(error);
            }
            None => {
                self.samples = None;
                self.levels.finish();
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
            energy_db: span.energy_db,
            has_speech: span.has_speech,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::{hum, noise, silence, speech_like};
    use crate::audio::{MAX_CHUNK_MS, chunks};
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
    fn speech_in_noise_is_found_at_its_place_and_only_there() {
        let speech = speech_like(4.0, 0.1, 3);
        let spoken = [silence(20.0), speech, silence(20.0)].concat();
        let found = cut(add(&spoken, &noise(44.0, 0.003, 4)));
        assert_eq!(found.len(), 1);
        assert!(found[0].has_speech);
        assert!((19_700..=20_000).contains(&found[0].start_ms), "{}", found[0].start_ms);
        assert!((24_000..=24_300).contains(&found[0].end_ms()), "{}", found[0].end_ms());
    }

    #[test]
    fn a_reader_that_fails_ends_the_chunks_with_its_error() {
        let blocks = [Ok(speech_like(60.0, 0.1, 5)), Err(AudioError::NotFinite)];
        let samples = Samples { blocks: Box::new(blocks.into_iter()) };
        let found: Vec<_> = chunks(samples).collect();
        assert!(found.len() >= 2);
        assert!(matches!(found.last(), Some(Err(AudioError::NotFinite))));
    }

    #[test]
    fn memory_stays_bounded_over_two_hours() {
        let minute = [speech_like(40.0, 0.1, 6), noise(20.0, 0.001, 7)].concat();
        let blocks = (0..120).flat_map(move |_| {
            let blocks: Vec<_> = minute.chunks(8192).map(|block| Ok(block.to_vec())).collect();
            blocks
        });
        let mut chunker = Chunker::new(Samples { blocks: Box::new(blocks) });
        let mut most = 0;
        while let Some(chunk) = chunker.next_chunk().expect("no reader fails") {
            most = most.max(chunker.kept.capacity());
            assert!(chunk.has_speech);
        }
        assert!(most < 100 * SAMPLE_RATE as usize, "{most} samples were held");
    }

    fn add(one: &[f32], other: &[f32]) -> Vec<f32> {
        one.iter().zip(other).map(|(one, other)| one + other).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn every_speech_sample_is_in_exactly_one_chunk(
            parts in proptest::collection::vec((0.3_f32..40.0, 0.05_f32..6.0), 1..5),
            seed in 1_u32..1000,
        ) {
            let mut samples = noise(1.0, 0.0005, seed);
            let mut spoken: Vec<(usize, usize)> = Vec::new();
            for (speech, pause) in parts {
                let start = samples.len();
                samples.extend(speech_like(speech, 0.1, seed));
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
                prop_assert!(covered[start..end].iter().all(|covered| *covered));
            }
        }
    }
}
