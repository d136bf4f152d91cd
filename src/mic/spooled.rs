//! The sound of a recording on its way into the sealed spool: brought to 16 kHz, cut into blocks.
//!
//! Not for: the file itself (`store/spool.rs`), or sending it (`delivery.rs`).
//!
//! Invariant: every sample captured is in exactly one block, in order; what a full disk did not
//! take is kept and tried again first.

use super::MicError;
use super::recorder::Sink;
use crate::audio::SAMPLE_RATE;
use crate::audio::resample::Resample;
use crate::domain::take::SAMPLE_BYTES;
use crate::store::error::StoreError;
use crate::store::spool::SpoolWriter;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A block is 200 ms, as from the browser: text and acknowledgements keep up with the speaker.
const BLOCK: usize = SAMPLE_RATE as usize / 5;

pub struct Spooled {
    writer: SpoolWriter,
    /// Of the device's rate, while a stretch goes on.
    resample: Option<(u32, Resample)>,
    /// 16 kHz samples that are in no block yet.
    ready: Vec<f32>,
    /// Samples in blocks.
    count: Arc<AtomicU64>,
}

impl Spooled {
    /// `samples` are in the file already.
    pub fn new(writer: SpoolWriter, samples: u64) -> Self {
        let count = Arc::new(AtomicU64::new(samples));
        Self { writer, resample: None, ready: Vec::new(), count }
    }

    /// Samples that were written so far; counts on while this is being written to.
    pub fn count(&self) -> Arc<AtomicU64> {
        self.count.clone()
    }

    /// Ends the recording for good, with everything captured in it; nothing is written afterwards.
    pub fn end(&mut self) -> Result<(), MicError> {
        self.rest()?;
        self.writer.end().map_err(spool_failed)
    }

    fn write_blocks(&mut self, least: usize) -> Result<(), MicError> {
        while self.ready.len() >= least.max(1) {
            let length = self.ready.len().min(BLOCK);
            let mut bytes = Vec::with_capacity(length * SAMPLE_BYTES);
            for sample in &self.ready[..length] {
                let scaled = (sample * f32::from(i16::MAX)).round() as i16;
                bytes.extend_from_slice(&scaled.to_le_bytes());
            }
            self.writer.block(&bytes).map_err(spool_failed)?;
            self.ready.drain(..length);
            self.count.fetch_add(length as u64, Ordering::Release);
        }
        Ok(())
    }

    /// Takes what the filter still holds; the next stretch begins with a new one.
    fn end_stretch(&mut self) {
        if let Some((_, mut resample)) = self.resample.take() {
            resample.finish(&mut self.ready);
        }
    }
}

impl Sink for Spooled {
    fn write(&mut self, samples: &[f32], rate: u32) -> Result<(), MicError> {
        if self.resample.as_ref().is_some_and(|(known, _)| *known != rate) {
            self.end_stretch();
        }
        let (_, resample) = self.resample.get_or_insert_with(|| (rate, Resample::new(rate)));
        resample.push(samples, &mut self.ready);
        self.write_blocks(BLOCK)
    }

    fn save(&mut self) -> Result<(), MicError> {
        self.writer.sync().map_err(spool_failed)
    }

    fn rest(&mut self) -> Result<(), MicError> {
        self.end_stretch();
        self.write_blocks(1)?;
        self.save()
    }

    fn note(&mut self, about: &[u8]) -> Result<(), MicError> {
        self.writer.note(about).map_err(spool_failed)
    }
}

/// In the words of whoever sits at a workstation.
pub fn spool_failed(source: StoreError) -> MicError {
    match source {
        StoreError::Full => MicError::DiskFull,
        source => MicError::Spool { source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::resample::output_length;
    use crate::store::spool::{self, SpoolKey, SpoolReader};
    use uuid::Uuid;

    #[test]
    fn every_stretch_is_whole_whatever_its_rate_and_the_rest_between() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("spool");
        spool::make_folder(&place).expect("a private folder");
        let key = SpoolKey::open(&folder.path().join("key"), &place).expect("a key");
        let writer = SpoolWriter::create(&place, &key, Uuid::now_v7(), b"about").expect("made");
        let path = writer.path().to_owned();
        let mut spooled = Spooled::new(writer, 0);
        let mut expected = 0;
        for (frames, rate) in [(48_001, 48_000), (10_007, 44_100), (777, 16_000), (1, 96_000)] {
            let sound = vec![0.25; frames];
            for part in sound.chunks(479) {
                spooled.write(part, rate).expect("there is room");
            }
            spooled.rest().expect("there is room");
            expected += output_length(frames as u64, rate);
            assert_eq!(spooled.count().load(Ordering::Acquire), expected, "{frames} of {rate}");
        }
        spooled.end().expect("there is room");
        let mut reader = SpoolReader::open(&path, &key).expect("ours");
        assert_eq!((reader.bytes(), reader.ended()), (expected * 2, true));
        let first = reader.block(0).expect("readable").expect("there");
        assert_eq!(first.len(), BLOCK * SAMPLE_BYTES);
    }
}
