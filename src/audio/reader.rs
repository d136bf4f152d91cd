//! One way to read frames from any format.
//!
//! Not for: mixing, resampling or judging what is read.
//!
//! Invariant: a block holds whole frames of finite samples, each at most `MAX_MAGNITUDE`.

use super::flac::FlacReader;
use super::sniff::sniff;
use super::wav::WavReader;
use super::{AudioError, Format, Source};

/// Frames in a block of WAV; FLAC's blocks are its packets, at most 65,535 frames.
pub const BLOCK_FRAMES: usize = 8192;

/// Samples a second that are read: from narrow telephone to studio recordings.
const RATES: std::ops::RangeInclusive<u32> = 4_000..=192_000;

/// Channels that are read; more is a studio's multitrack, not a dictation.
const MAX_CHANNELS: u16 = 8;

/// Float recordings may pass full scale; beyond twice it they are cut off here.
const MAX_MAGNITUDE: f32 = 2.0;

pub enum Reader<'s> {
    Wav(WavReader<'s>),
    Flac(Box<FlacReader<'s>>),
}

impl<'s> Reader<'s> {
    /// # Errors
    /// Every refusal that needs no sample: see `AudioError`.
    pub fn open(mut source: Box<dyn Source + 's>) -> Result<Self, AudioError> {
        let reader = match sniff(source.as_mut())? {
            Format::Wav => Self::Wav(WavReader::open(source)?),
            Format::Flac => Self::Flac(Box::new(FlacReader::open(source)?)),
        };
        if !RATES.contains(&reader.rate()) {
            let what = format!("a sample rate of {} Hz", reader.rate());
            return Err(AudioError::Unsupported { what });
        }
        if !(1..=MAX_CHANNELS).contains(&reader.channels()) {
            let what = format!("a recording with {} channels", reader.channels());
            return Err(AudioError::Unsupported { what });
        }
        Ok(reader)
    }

    pub fn format(&self) -> Format {
        match self {
            Self::Wav(_) => Format::Wav,
            Self::Flac(_) => Format::Flac,
        }
    }

    pub fn rate(&self) -> u32 {
        match self {
            Self::Wav(wav) => wav.rate(),
            Self::Flac(flac) => flac.rate(),
        }
    }

    pub fn channels(&self) -> u16 {
        match self {
            Self::Wav(wav) => wav.channels(),
            Self::Flac(flac) => flac.channels(),
        }
    }

    /// Frames that the recording says it has, where it says so.
    pub fn expected_frames(&self) -> Option<u64> {
        match self {
            Self::Wav(wav) => Some(wav.frames),
            Self::Flac(flac) => flac.declared,
        }
    }

    /// Whether anything is missing; final once `next` has returned false.
    pub fn truncated(&self) -> bool {
        match self {
            Self::Wav(wav) => wav.truncated,
            Self::Flac(flac) => flac.truncated(),
        }
    }

    /// Puts the next block of interleaved samples into `block`; false at the end.
    ///
    /// # Errors
    /// `Read` or `NotFinite`.
    pub fn next(&mut self, block: &mut Vec<f32>) -> Result<bool, AudioError> {
        let more = match self {
            Self::Wav(wav) => wav.next(block)?,
            Self::Flac(flac) => flac.next(block)?,
        };
        for sample in block.iter_mut() {
            *sample = sample.clamp(-MAX_MAGNITUDE, MAX_MAGNITUDE);
        }
        Ok(more)
    }
}
