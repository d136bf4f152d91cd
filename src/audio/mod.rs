//! Bytes to samples: what a recording is, whether it can be taken, its 16 kHz mono samples, and
//! the stretches of them that hold speech.
//!
//! Not for: recognising words (`speech`), capturing from a microphone (`mic`) or keeping audio
//! (`store`).
//!
//! Invariant: a recording of any length is read in constant memory, and a place in the samples
//! is the same place in the recording to within one sample of 16 kHz.

mod chunks;
mod decode;
mod flac;
mod halves;
pub mod header;
mod inspect;
mod labels;
mod levels;
mod loudness;
mod mix;
pub mod pace;
pub mod phrases;
mod plan;
mod quality;
mod reader;
pub mod resample;
mod silero;
mod sniff;
#[cfg(test)]
pub(crate) mod sounds;
#[cfg(test)]
pub(crate) mod testing;
mod wav;

use std::io::{self, Read, Seek};

/// Samples a second handed to recognition (the rate Whisper was trained on).
pub const SAMPLE_RATE: u32 = 16_000;

/// The longest chunk. Whisper hears 30 s at once; 2 s are left for its own padding
/// (OpenAI Whisper, `audio.py`, `CHUNK_LENGTH`).
pub const MAX_CHUNK_MS: u32 = 28_000;

/// Milliseconds that one figure of `Chunk::voice` is about.
pub const VOICE_STEP_MS: u32 = 10;
const VOICE_STEP_SAMPLES: usize = (SAMPLE_RATE / 1000 * VOICE_STEP_MS) as usize;

/// Sound must last this long to be worth a person's ear; the shortest word takes about 150 ms, a
/// key that is pressed about as long.
const WORD_MS: u32 = 500;

/// The least of `Chunk::voice` that a person should listen to. Whispers in the telephone's band
/// that the network missed reached 19 to 75; hiss 13, bells 16, breathing 22, music 40 and a
/// keyboard 56 (1,200 s of sounds, 2026-11-22). Breath is not worth an ear, a whisper is.
const FAINT_VOICE: u8 = 30;

/// The bytes of a recording, wherever they are kept.
pub trait Source: Read + Seek + Send {}

impl<T: Read + Seek + Send + ?Sized> Source for T {}

/// The container, known by content and never by a file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Wav,
    Flac,
}

/// What a recording may be at most. Its bytes are limited where they are received.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub max_duration_ms: u32,
}

/// How the channels become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mix {
    /// This channel alone, counted from 0.
    Channel(u16),
    /// The mean of all channels.
    Average,
}

/// What one reading of the whole recording found.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    pub format: Format,
    /// Samples a second in the recording.
    pub sample_rate: u32,
    pub channels: u16,
    /// Length of what can be read, rounded up to a millisecond.
    pub duration_ms: u32,
    pub mix: Mix,
    /// The recording ends before its header says, or parts of it cannot be read.
    pub truncated: bool,
    /// Nothing in it is louder than a quiet room's noise.
    pub silent: bool,
    /// Share of the samples at full scale, 0 to 1; over 0.01 is audible.
    pub clipped_fraction: f32,
    /// Largest magnitude, 1 is full scale.
    pub peak: f32,
    /// Mean of the samples, 1 is full scale.
    pub dc_offset: f32,
    /// Level of the quiet frames (10th percentile of 20 ms frames), dB of full scale.
    pub noise_floor_db: f32,
    /// Level of the loud frames (95th percentile of 20 ms frames), dB of full scale.
    pub speech_level_db: f32,
}

/// Why a recording cannot be taken, or not read to its end.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    #[error("the file is empty; record again or send the original file")]
    Empty,
    #[error("the file is not audio, whatever its name says; send a WAV or FLAC recording")]
    NotAudio,
    #[error("the recording has a header but no audio after it; send the original file again")]
    HeaderOnly,
    #[error("the recording holds no samples; record again")]
    NoSamples,
    #[error("the recording is {ms} ms long and at most {max_ms} ms are taken; split it")]
    TooLong { ms: u64, max_ms: u32 },
    #[error("the recording holds values that are not numbers; export it again as 16-bit WAV")]
    NotFinite,
    #[error("{what} is not supported; convert the recording to 16-bit WAV or FLAC")]
    Unsupported { what: String },
    #[error("the recording is damaged ({what}); send the original file again")]
    Corrupt { what: &'static str },
    #[error("could not read the recording")]
    Read {
        #[source]
        source: io::Error,
    },
}

/// Reads the whole recording once and says what it is.
///
/// A recording that ends too early is accepted as far as it goes and marked `truncated`.
///
/// # Errors
/// Every refusal of `AudioError`: empty, no audio, header only, no samples, too long, values
/// that are not finite, or a codec that is not supported; `Read` when the source fails.
pub fn inspect(source: &mut dyn Source, limits: &Limits) -> Result<Inspection, AudioError> {
    inspect::inspect(source, limits)
}

/// Opens the recording for reading as 16 kHz mono, mixed as `inspect` proposed.
///
/// # Errors
/// As `inspect`; the recording's length is not limited here.
pub fn decode(source: Box<dyn Source>, mix: Mix) -> Result<Samples, AudioError> {
    decode::open(source, mix)
}

/// The recording as blocks of 16 kHz mono samples, 1 is full scale.
pub struct Samples {
    blocks: Box<dyn Iterator<Item = Result<Vec<f32>, AudioError>> + Send>,
}

impl Samples {
    /// Samples already in memory, for audio that did not come from a recording.
    pub fn from_vec(samples: Vec<f32>) -> Self {
        Self { blocks: Box::new(std::iter::once(Ok(samples))) }
    }
}

impl Iterator for Samples {
    type Item = Result<Vec<f32>, AudioError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.blocks.next()
    }
}

/// The loudest sample of every `step_ms`, 0 to 255 in decibels, for a picture of the recording.
///
/// # Errors
/// As `decode`.
pub fn loudness(samples: Samples, step_ms: u32) -> Result<Vec<u8>, AudioError> {
    loudness::loudness(samples, step_ms)
}

/// A stretch of the recording to be recognised in one go, at most `MAX_CHUNK_MS` long.
#[derive(Clone, PartialEq)]
pub struct Chunk {
    /// Place of the first sample, milliseconds from the start of the recording. Exact.
    pub start_ms: u32,
    /// 16 kHz mono, 1 is full scale.
    pub samples: Vec<f32>,
    /// Level of the frames that are voice or stand out from the background, dB of full scale.
    pub energy_db: f32,
    /// False for sound in which no voice was found; it is not to be recognised.
    pub has_speech: bool,
    /// Likelihood of a voice in each 10 ms from the start, 255 is certain.
    pub voice: Vec<u8>,
}

impl Chunk {
    /// End of the last sample, milliseconds from the start of the recording, rounded up.
    pub fn end_ms(&self) -> u32 {
        let samples_per_ms = (SAMPLE_RATE / 1000) as usize;
        let length_ms = self.samples.len().div_ceil(samples_per_ms);
        self.start_ms.saturating_add(u32::try_from(length_ms).unwrap_or(u32::MAX))
    }

    /// How long a voice is heard between two times of the recording, milliseconds.
    pub fn voiced_ms(&self, from_ms: u32, to_ms: u32) -> u32 {
        let at = |ms: u32| (ms.saturating_sub(self.start_ms) / VOICE_STEP_MS) as usize;
        let end = at(to_ms.saturating_add(VOICE_STEP_MS - 1)).min(self.voice.len());
        let heard = self.voice.get(at(from_ms)..end).unwrap_or_default();
        let least = (labels::VOICE_BEGINS * 255.0) as u8;
        heard.iter().filter(|voice| **voice >= least).count() as u32 * VOICE_STEP_MS
    }

    /// Share of the chunk in which a voice is heard, 0 to 1.
    pub fn voiced_share(&self) -> f32 {
        let length_ms = (self.end_ms() - self.start_ms).max(1);
        self.voiced_ms(self.start_ms, self.end_ms()) as f32 / length_ms as f32
    }

    /// Whether sound that is not to be recognised might be speech all the same, as a whisper over
    /// the telephone is: someone must be told that it was left out.
    pub fn may_hold_speech(&self) -> bool {
        let likeliest = self.voice.iter().max().copied().unwrap_or(0);
        let length_ms = self.end_ms() - self.start_ms;
        !self.has_speech && length_ms >= WORD_MS && likeliest >= FAINT_VOICE
    }

    /// Level between two times of the recording, dB of full scale, without offset and rumble;
    /// `levels::LOWEST_DB` when nothing of the chunk is there.
    pub fn level_db(&self, from_ms: u32, to_ms: u32) -> f32 {
        let per_ms = (SAMPLE_RATE / 1000) as usize;
        let at = |ms: u32| ms.saturating_sub(self.start_ms) as usize * per_ms;
        let end = at(to_ms).min(self.samples.len());
        self.samples.get(at(from_ms)..end).map_or(levels::LOWEST_DB, levels::level_db)
    }

    /// Level that a tenth of the chunk stays below, dB of full scale: its background.
    pub fn background_db(&self) -> f32 {
        let frames = self.samples.chunks(2 * levels::FRAME_SAMPLES).map(levels::level_db);
        let mut levels: Vec<f32> = frames.collect();
        levels.sort_by(f32::total_cmp);
        levels.get(levels.len() / 10).copied().unwrap_or(levels::LOWEST_DB)
    }
}

/// Cuts the samples into chunks at pauses; stretches that are quiet are left out.
pub fn chunks(samples: Samples) -> Chunks {
    Chunks { chunker: chunks::Chunker::new(samples) }
}

/// The chunks of a recording in order of time; they never overlap.
pub struct Chunks {
    chunker: chunks::Chunker,
}

impl Iterator for Chunks {
    type Item = Result<Chunk, AudioError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.chunker.next_chunk().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_ends_where_its_last_sample_ends() {
        let chunk = |start_ms, samples| Chunk {
            start_ms,
            samples: vec![0.0; samples],
            energy_db: -30.0,
            has_speech: true,
            voice: vec![],
        };
        assert_eq!(chunk(500, 16_000).end_ms(), 1500);
        assert_eq!(chunk(0, 1).end_ms(), 1);
        assert_eq!(chunk(0, 16).end_ms(), 1);
        assert_eq!(chunk(0, 17).end_ms(), 2);
    }

    #[test]
    fn a_chunk_says_how_loud_and_how_voiced_its_parts_are() {
        let samples = [testing::silence(1.0), testing::noise(1.0, 0.1, 1)].concat();
        let voice = [vec![0; 100], vec![200; 100]].concat();
        let chunk = Chunk { start_ms: 500, samples, energy_db: -20.0, has_speech: true, voice };
        assert_eq!(chunk.level_db(500, 1500), levels::LOWEST_DB);
        assert!((chunk.level_db(1500, 2500) + 20.0).abs() < 1.0);
        assert_eq!(chunk.level_db(9000, 9100), levels::LOWEST_DB);
        assert_eq!(chunk.level_db(1700, 1600), levels::LOWEST_DB);
        assert_eq!(chunk.voiced_ms(500, 1500), 0);
        assert_eq!(chunk.voiced_ms(1400, 1605), 110);
        assert_eq!(chunk.voiced_ms(0, 60_000), 1000);
        assert_eq!(chunk.voiced_ms(60_000, 0), 0);
        assert!((chunk.voiced_share() - 0.5).abs() < 0.01);
        assert_eq!(chunk.background_db(), levels::LOWEST_DB);
    }

    #[test]
    fn long_sound_with_a_trace_of_a_voice_may_hold_speech() {
        let sound = |count: usize, voice: u8, has_speech| {
            let samples = vec![0.0; count * levels::FRAME_SAMPLES];
            Chunk { start_ms: 0, samples, energy_db: -20.0, has_speech, voice: vec![voice; count] }
        };
        assert!(sound(100, 30, false).may_hold_speech());
        assert!(!sound(100, 5, false).may_hold_speech());
        assert!(!sound(20, 30, false).may_hold_speech());
        assert!(!sound(100, 30, true).may_hold_speech());
    }
}
