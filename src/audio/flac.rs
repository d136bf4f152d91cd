//! Reads FLAC through symphonia.
//!
//! Not for: FLAC inside Ogg or MPEG-4.
//!
//! Invariant: a packet that is lost or damaged becomes silence of its own length, so later
//! words keep their times.

use super::{AudioError, Source};
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Mutex;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::default::codecs::FlacDecoder;
use symphonia::default::formats::FlacReader as Demuxer;

/// Lost packets are filled with at most this much silence at once; a longer jump is a
/// time stamp gone wrong.
const MAX_GAP_SECONDS: u64 = 10;

/// Gives symphonia the `Sync` that it asks for; the lock is never taken.
struct Shared<'s> {
    source: Mutex<Box<dyn Source + 's>>,
    length: u64,
}

impl Shared<'_> {
    fn source(&mut self) -> &mut dyn Source {
        let inner = self.source.get_mut();
        inner.unwrap_or_else(std::sync::PoisonError::into_inner).as_mut()
    }
}

impl Read for Shared<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.source().read(buffer)
    }
}

impl Seek for Shared<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.source().seek(to)
    }
}

impl MediaSource for Shared<'_> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

pub struct FlacReader<'s> {
    demuxer: Demuxer<'s>,
    decoder: FlacDecoder,
    rate: u32,
    channels: u16,
    /// Frames that the header promises; none for a streamed file.
    pub declared: Option<u64>,
    position: u64,
    /// Time stamp of the first packet: a cut-out stream does not start at 0.
    first: Option<u64>,
    damaged: bool,
    ended: bool,
}

impl<'s> FlacReader<'s> {
    /// # Errors
    /// `HeaderOnly`, `Corrupt`, `Unsupported` or `Read`.
    pub fn open(mut source: Box<dyn Source + 's>) -> Result<Self, AudioError> {
        let failed = |source| AudioError::Read { source };
        let length = source.seek(SeekFrom::End(0)).map_err(failed)?;
        source.seek(SeekFrom::Start(0)).map_err(failed)?;
        let shared = Shared { source: Mutex::new(source), length };
        let stream = MediaSourceStream::new(Box::new(shared), Default::default());
        let demuxer = Demuxer::try_new(stream, FormatOptions::default()).map_err(open_failed)?;
        let missing = AudioError::Corrupt { what: "it does not describe its audio" };
        let Some(track) = demuxer.default_track(TrackType::Audio) else { return Err(missing) };
        let declared = track.num_frames.filter(|frames| *frames > 0);
        let Some(parameters) = track.codec_params.as_ref().and_then(|codec| codec.audio()) else {
            return Err(missing);
        };
        let (Some(rate), Some(channels)) = (parameters.sample_rate, parameters.channels.as_ref())
        else {
            return Err(missing);
        };
        let channels = u16::try_from(channels.count()).unwrap_or(u16::MAX);
        let decoder = FlacDecoder::try_new(parameters, &AudioDecoderOptions::default())
            .map_err(open_failed)?;
        Ok(Self {
            demuxer,
            decoder,
            rate,
            channels,
            declared,
            position: 0,
            first: None,
            damaged: false,
            ended: false,
        })
    }

    pub fn channels(&self) -> u16 {
        self.channels
    }

    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Whether anything was lost so far; final once `next` has returned false.
    pub fn truncated(&self) -> bool {
        let short = self.ended && self.declared.is_some_and(|frames| self.position < frames);
        self.damaged || short
    }

    /// Puts the next block of interleaved samples into `block`; false at the end.
    ///
    /// # Errors
    /// `Read` when the source fails. Damage is not an error: see `truncated`.
    pub fn next(&mut self, block: &mut Vec<f32>) -> Result<bool, AudioError> {
        block.clear();
        while block.is_empty() {
            let packet = match self.demuxer.next_packet() {
                Ok(Some(packet)) => packet,
                Ok(None) => return Ok(self.end()),
                Err(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Ok(self.end());
                }
                Err(Error::IoError(source)) => return Err(AudioError::Read { source }),
                Err(_) => {
                    self.damaged = true;
                    return Ok(self.end());
                }
            };
            let frames = packet.dur.get();
            self.fill_gap(packet.pts.get(), block);
            match self.decoder.decode(&packet) {
                Ok(audio) => {
                    let start = block.len();
                    block.resize(start + audio.samples_interleaved(), 0.0);
                    self.position += audio.frames() as u64;
                    audio.copy_to_slice_interleaved(&mut block[start..]);
                }
                Err(_) => {
                    self.damaged = true;
                    self.silence(frames, block);
                }
            }
        }
        Ok(true)
    }

    fn end(&mut self) -> bool {
        self.ended = true;
        false
    }

    /// Silence for packets that were skipped because they could not be read.
    fn fill_gap(&mut self, time_stamp: i64, block: &mut Vec<f32>) {
        let Ok(time_stamp) = u64::try_from(time_stamp) else { return };
        let first = *self.first.get_or_insert(time_stamp);
        let expected = time_stamp.saturating_sub(first);
        if expected > self.position {
            self.damaged = true;
            let gap = (expected - self.position).min(MAX_GAP_SECONDS * u64::from(self.rate));
            self.silence(gap, block);
        }
    }

    fn silence(&mut self, frames: u64, block: &mut Vec<f32>) {
        let most = MAX_GAP_SECONDS * u64::from(self.rate);
        let frames = frames.min(most);
        let samples = frames as usize * usize::from(self.channels);
        block.resize(block.len() + samples, 0.0);
        self.position += frames;
    }
}

fn open_failed(error: Error) -> AudioError {
    match error {
        Error::IoError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            AudioError::HeaderOnly
        }
        Error::IoError(source) => AudioError::Read { source },
        Error::DecodeError(what) => AudioError::Corrupt { what },
        Error::Unsupported(what) => AudioError::Unsupported { what: what.to_owned() },
        Error::LimitError(what) => AudioError::Corrupt { what },
        _ => AudioError::Corrupt { what: "it cannot be opened" },
    }
}
