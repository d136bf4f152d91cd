//! The recording as a stream of 16 kHz mono blocks.
//!
//! Not for: refusing recordings; `inspect` has read them before.
//!
//! Invariant: at most one block of the recording is in memory.

use super::mix;
use super::reader::Reader;
use super::resample::Resample;
use super::{AudioError, Mix, SAMPLE_RATE, Samples, Source};

struct Decoder {
    reader: Reader<'static>,
    mix: Mix,
    /// None where the recording already has the wanted rate.
    resample: Option<Resample>,
    interleaved: Vec<f32>,
    ended: bool,
}

pub fn open(source: Box<dyn Source>, mix: Mix) -> Result<Samples, AudioError> {
    let reader = Reader::open(source)?;
    let resample = (reader.rate() != SAMPLE_RATE).then(|| Resample::new(reader.rate()));
    let decoder = Decoder { reader, mix, resample, interleaved: Vec::new(), ended: false };
    Ok(Samples { blocks: Box::new(decoder) })
}

impl Decoder {
    /// The next block that is not empty, or none at the end.
    fn next_block(&mut self) -> Result<Option<Vec<f32>>, AudioError> {
        let mut output = Vec::new();
        while output.is_empty() && !self.ended {
            let mut mono = Vec::new();
            if self.reader.next(&mut self.interleaved)? {
                mix::apply(self.mix, &self.interleaved, self.reader.channels(), &mut mono);
            } else {
                self.ended = true;
            }
            match &mut self.resample {
                None => output = mono,
                Some(resample) => {
                    resample.push(&mono, &mut output);
                    if self.ended {
                        resample.finish(&mut output);
                    }
                }
            }
        }
        Ok((!output.is_empty()).then_some(output))
    }
}

impl Iterator for Decoder {
    type Item = Result<Vec<f32>, AudioError>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.next_block().transpose();
        if matches!(block, Some(Err(_))) {
            self.ended = true;
            self.resample = None;
        }
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::{flac, sine, wav_float, wav16};
    use crate::audio::{Limits, decode, inspect};
    use std::io::Cursor;

    fn decoded(bytes: Vec<u8>) -> Vec<f32> {
        let limits = Limits { max_duration_ms: 60_000 };
        let inspection = inspect(&mut Cursor::new(bytes.clone()), &limits).expect("it is taken");
        let samples = decode(Box::new(Cursor::new(bytes)), inspection.mix).expect("it opens");
        samples.flat_map(|block| block.expect("memory can be read")).collect()
    }

    #[test]
    fn a_recording_at_16_khz_is_given_unchanged() {
        let tone = sine(16_000, 16_000, 300.0, 0.5);
        assert_eq!(decoded(wav_float(&tone, 16_000, 1)), tone);
        let read = decoded(flac(&tone, 16_000, 1));
        assert_eq!(read.len(), tone.len());
        assert!(read.iter().zip(&tone).all(|(read, tone)| (read - tone).abs() < 1e-4));
    }

    #[test]
    fn stereo_of_another_rate_comes_out_as_16_khz_mono() {
        let tone = sine(48_000, 48_000, 300.0, 0.5);
        let both: Vec<f32> = tone.iter().flat_map(|sample| [*sample, *sample]).collect();
        let expected = sine(16_000, 16_000, 300.0, 0.5);
        for bytes in [wav16(&both, 48_000, 2), flac(&both, 48_000, 2)] {
            let read = decoded(bytes);
            assert_eq!(read.len(), expected.len());
            for at in 1000..15_000 {
                assert!((read[at] - expected[at]).abs() < 0.01, "{at}");
            }
        }
    }

    #[test]
    fn a_shorter_recording_than_the_filter_is_read() {
        assert_eq!(decoded(wav16(&[0.5; 3], 48_000, 1)).len(), 1);
        assert_eq!(decoded(wav16(&[0.5; 1], 8000, 1)).len(), 2);
    }

    #[test]
    fn values_that_are_not_numbers_end_the_samples_with_an_error() {
        let bytes = wav_float(&[0.0, f32::NAN], 16_000, 1);
        let mut samples = decode(Box::new(Cursor::new(bytes)), Mix::Channel(0)).expect("it opens");
        assert!(matches!(samples.next(), Some(Err(AudioError::NotFinite))));
        assert!(samples.next().is_none());
    }
}
