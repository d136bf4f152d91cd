//! Reads a recording once, refuses what cannot be taken and describes the rest.
//!
//! Not for: keeping anything of it.
//!
//! Invariant: what `inspect` accepts, `decode` reads to the same length.

use super::mix;
use super::quality::ChannelQuality;
use super::reader::Reader;
use super::{AudioError, Inspection, Limits, Mix, Source};

/// A recording that never swings further than this is silent: -60 dB of full scale, twice the
/// step of an 8-bit converter's noise after its usual gain.
const SILENT_SWING: f32 = 0.001;

/// Frames quieter than this share's level are background.
const NOISE_SHARE: f64 = 0.10;

/// Frames up to this share's level are speech at its usual strength.
const SPEECH_SHARE: f64 = 0.95;

pub fn inspect(source: &mut dyn Source, limits: &Limits) -> Result<Inspection, AudioError> {
    let mut reader = Reader::open(Box::new(source))?;
    let rate = reader.rate();
    if let Some(frames) = reader.expected_frames() {
        check_length(frames, rate, limits)?;
    }
    let mut channels: Vec<ChannelQuality> =
        (0..reader.channels()).map(|_| ChannelQuality::new(rate)).collect();
    let mut products = 0.0;
    let mut frames: u64 = 0;
    let mut block = Vec::new();
    while reader.next(&mut block)? {
        for frame in block.chunks_exact(channels.len()) {
            for (channel, sample) in channels.iter_mut().zip(frame) {
                channel.add(*sample);
            }
            if let [left, right, ..] = frame {
                products += f64::from(*left) * f64::from(*right);
            }
            frames += 1;
        }
        check_length(frames, rate, limits)?;
    }
    if frames == 0 {
        return Err(AudioError::NoSamples);
    }
    for channel in &mut channels {
        channel.finish();
    }
    let mix = mix::choose(&channels, correlation(&channels, products, frames));
    Ok(describe(&reader, &channels, mix, frames))
}

fn describe(reader: &Reader<'_>, channels: &[ChannelQuality], mix: Mix, frames: u64) -> Inspection {
    let heard = &channels[heard_channel(channels, mix)];
    let used = |channel: usize| match mix {
        Mix::Channel(only) => channel == usize::from(only),
        Mix::Average => true,
    };
    let mut peak: f32 = 0.0;
    let mut swing: f32 = 0.0;
    let mut clipped_fraction: f32 = 0.0;
    for (index, channel) in channels.iter().enumerate() {
        if used(index) {
            peak = peak.max(channel.peak);
            swing = swing.max(channel.swing());
            clipped_fraction = clipped_fraction.max(channel.clipped_fraction());
        }
    }
    Inspection {
        format: reader.format(),
        sample_rate: reader.rate(),
        channels: reader.channels(),
        duration_ms: u32::try_from(milliseconds(frames, reader.rate())).unwrap_or(u32::MAX),
        mix,
        truncated: reader.truncated(),
        silent: swing < SILENT_SWING,
        clipped_fraction,
        peak,
        dc_offset: heard.dc_offset() as f32,
        noise_floor_db: heard.frame_level_db(NOISE_SHARE),
        speech_level_db: heard.frame_level_db(SPEECH_SHARE),
    }
}

/// The channel that levels are read from: the one used, or the loudest of a mean.
fn heard_channel(channels: &[ChannelQuality], mix: Mix) -> usize {
    if let Mix::Channel(channel) = mix {
        return usize::from(channel);
    }
    let mut loudest = 0;
    for (index, channel) in channels.iter().enumerate() {
        if channel.variance() > channels[loudest].variance() {
            loudest = index;
        }
    }
    loudest
}

/// Pearson's correlation of the first two channels; 0 where one of them is constant.
fn correlation(channels: &[ChannelQuality], products: f64, frames: u64) -> f64 {
    let [left, right, ..] = channels else { return 0.0 };
    let spread = (left.variance() * right.variance()).sqrt();
    if spread == 0.0 {
        return 0.0;
    }
    (products / frames as f64 - left.dc_offset() * right.dc_offset()) / spread
}

fn check_length(frames: u64, rate: u32, limits: &Limits) -> Result<(), AudioError> {
    let ms = milliseconds(frames, rate);
    if ms > u64::from(limits.max_duration_ms) {
        return Err(AudioError::TooLong { ms, max_ms: limits.max_duration_ms });
    }
    Ok(())
}

fn milliseconds(frames: u64, rate: u32) -> u64 {
    frames.saturating_mul(1000).div_ceil(u64::from(rate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Format;
    use crate::audio::testing::{
        FLAC_BLOCK, flac, noise, sine, speech_like, wav, wav_float, wav16,
    };
    use std::io::{self, Cursor, Read, Seek, SeekFrom};

    const LIMITS: Limits = Limits { max_duration_ms: 10_000 };

    fn inspected(bytes: Vec<u8>) -> Inspection {
        inspect(&mut Cursor::new(bytes), &LIMITS).expect("this recording is taken")
    }

    fn refused(bytes: Vec<u8>) -> String {
        let result = inspect(&mut Cursor::new(bytes), &LIMITS);
        result.expect_err("this recording is refused").to_string()
    }

    fn stereo(left: &[f32], right: &[f32]) -> Vec<u8> {
        let mut interleaved = Vec::new();
        for (left, right) in left.iter().zip(right) {
            interleaved.extend([*left, *right]);
        }
        wav16(&interleaved, 16_000, 2)
    }

    #[test]
    fn what_cannot_be_taken_is_refused_with_what_to_do() {
        assert!(refused(Vec::new()).contains("empty"));
        assert!(refused(b"Patient: nobody".to_vec()).contains("not audio"));
        let long = refused(wav16(&vec![0.0; 16_000 * 11], 16_000, 1));
        assert!(long.contains("11000 ms") && long.contains("10000 ms"), "{long}");
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            assert!(refused(wav_float(&[0.0, bad, 0.0], 16_000, 1)).contains("not numbers"));
        }
        assert!(refused(wav16(&[0.0; 8], 2000, 1)).contains("2000 Hz"));
        assert!(refused(wav16(&[0.0; 18], 16_000, 9)).contains("9 channels"));
        assert!(refused(flac(&vec![0.0; 16_000 * 11], 16_000, 1)).contains("11000 ms"));
    }

    #[test]
    fn every_kind_of_sample_is_read_to_the_same_values() {
        let tone = sine(16_000, 16_000, 440.0, 0.5);
        for bits in [8, 16, 24, 32] {
            let inspection = inspected(wav(&tone, 16_000, 1, bits));
            assert_eq!((inspection.format, inspection.duration_ms), (Format::Wav, 1000));
            assert!((inspection.peak - 0.5).abs() < 0.01, "{bits} bits: {}", inspection.peak);
        }
        assert!((inspected(wav_float(&tone, 16_000, 1)).peak - 0.5).abs() < 1e-3);
        let inspection = inspected(flac(&tone, 16_000, 1));
        assert_eq!((inspection.format, inspection.duration_ms), (Format::Flac, 1000));
        assert!((inspection.peak - 0.5).abs() < 1e-3);
        assert!(!inspection.truncated);
    }

    #[test]
    fn a_flac_that_ends_early_is_taken_as_far_as_it_goes() {
        let mut bytes = flac(&noise(2.0, 0.1, 1), 16_000, 1);
        bytes.truncate(bytes.len() / 2);
        let inspection = inspected(bytes);
        assert!(inspection.truncated);
        let block_ms = FLAC_BLOCK as u32 / 16;
        assert!((1000 - block_ms..=1000).contains(&inspection.duration_ms));
        let header = flac(&[], 16_000, 1);
        assert!(!refused(header).is_empty());
    }

    #[test]
    fn a_flac_with_a_damaged_frame_keeps_its_length() {
        let mut bytes = flac(&noise(2.0, 0.1, 1), 16_000, 1);
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x55;
        let inspection = inspected(bytes);
        assert!(inspection.truncated);
        assert_eq!(inspection.duration_ms, 2000);
    }

    #[test]
    fn the_stereo_rule() {
        let voice = speech_like(1.0, 0.5, 1);
        let quiet: Vec<f32> = voice.iter().map(|sample| sample * 0.05).collect();
        let half: Vec<f32> = voice.iter().map(|sample| sample * 0.5).collect();
        let inverted: Vec<f32> = voice.iter().map(|sample| -sample).collect();
        let silent = vec![0.0; voice.len()];
        let offset = vec![0.4; voice.len()];
        for (left, right, mix) in [
            (&voice, &silent, Mix::Channel(0)),
            (&silent, &voice, Mix::Channel(1)),
            (&quiet, &voice, Mix::Channel(1)),
            (&offset, &voice, Mix::Channel(1)),
            (&half, &voice, Mix::Average),
            (&voice, &voice, Mix::Average),
            (&voice, &noise(1.0, 0.1, 2), Mix::Average),
            (&voice, &inverted, Mix::Channel(0)),
        ] {
            assert_eq!(inspected(stereo(left, right)).mix, mix);
        }
        assert_eq!(inspected(wav16(&[0.1, 0.2, 0.3], 16_000, 3)).mix, Mix::Average);
    }

    #[test]
    fn quality_is_measured() {
        let silent = inspected(wav16(&vec![0.0; 16_000], 16_000, 1));
        assert!(silent.silent && silent.peak == 0.0 && silent.noise_floor_db <= -120.0);
        let offset = inspected(wav16(&vec![0.3; 16_000], 16_000, 1));
        assert!(offset.silent && (offset.dc_offset - 0.3).abs() < 1e-3);
        let loud: Vec<f32> =
            sine(16_000, 16_000, 200.0, 3.0).iter().map(|s| s.clamp(-1.0, 1.0)).collect();
        assert!(inspected(wav16(&loud, 16_000, 1)).clipped_fraction > 0.5);
        let spoken = [noise(2.0, 0.001, 1), speech_like(2.0, 0.3, 2)].concat();
        let spoken = inspected(wav16(&spoken, 16_000, 1));
        assert!(!spoken.silent && spoken.clipped_fraction == 0.0);
        assert!((-62.0..-58.0).contains(&spoken.noise_floor_db), "{}", spoken.noise_floor_db);
        assert!(spoken.speech_level_db > -25.0, "{}", spoken.speech_level_db);
    }

    struct Failing(Cursor<Vec<u8>>);

    impl Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.position() > 20_000 {
                return Err(io::Error::other("the disk is gone"));
            }
            self.0.read(buffer)
        }
    }

    impl Seek for Failing {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.0.seek(to)
        }
    }

    #[test]
    fn a_source_that_fails_is_an_error_and_not_a_short_recording() {
        for bytes in [wav16(&vec![0.1; 160_000], 16_000, 1), flac(&vec![0.1; 160_000], 16_000, 1)] {
            let mut source = Failing(Cursor::new(bytes));
            assert!(matches!(inspect(&mut source, &LIMITS), Err(AudioError::Read { .. })));
        }
    }
}
