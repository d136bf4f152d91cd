//! Reads WAV: walks the RIFF chunks, repairs what writers get wrong, and gives hound a plain
//! header followed by the samples.
//!
//! Not for: compressed WAV (A-law, ADPCM, GSM), which is refused by name.
//!
//! Invariant: every whole sample frame between the start of the data and the end of the file
//! that can belong to the recording is read; a length in the header is only believed when the
//! bytes are there.

use super::reader::BLOCK_FRAMES;
use super::{AudioError, Source};
use std::io::{self, BufReader, Chain, Cursor, Read, SeekFrom, Take};

/// Chunks before the data, at most: a file with more is not a recording.
const MAX_CHUNKS: usize = 1000;

/// Bytes of the fmt chunk that carry meaning: WAVEFORMATEXTENSIBLE (Microsoft, mmreg.h).
const FMT_BYTES: usize = 40;

/// Bytes read from the source at once.
const BUFFER_BYTES: usize = 64 * 1024;

const CODEC_PCM: u16 = 0x0001;
const CODEC_FLOAT: u16 = 0x0003;
const CODEC_EXTENSIBLE: u16 = 0xfffe;

/// What a fmt chunk says, as far as it is used.
#[derive(Clone, Copy)]
struct Fmt {
    float: bool,
    channels: u16,
    rate: u32,
    /// Bytes that one sample takes; valid bits are the upper ones (mmreg.h,
    /// WAVEFORMATEXTENSIBLE), so a container is read whole.
    sample_bytes: u16,
}

/// Where the samples are.
struct Data {
    start: u64,
    length: u64,
    truncated: bool,
}

type Body<'s> = BufReader<Chain<Cursor<Vec<u8>>, Take<Box<dyn Source + 's>>>>;

pub struct WavReader<'s> {
    samples: hound::WavReader<Body<'s>>,
    fmt: Fmt,
    pub truncated: bool,
    pub frames: u64,
}

impl<'s> WavReader<'s> {
    /// # Errors
    /// `HeaderOnly`, `NoSamples`, `Unsupported`, `Corrupt` or `Read`.
    pub fn open(mut source: Box<dyn Source + 's>) -> Result<Self, AudioError> {
        let (fmt, data) = walk(source.as_mut())?;
        let frame_bytes = u64::from(fmt.sample_bytes) * u64::from(fmt.channels);
        let header = plain_header(fmt, data.length)?;
        source.seek(SeekFrom::Start(data.start)).map_err(read_failed)?;
        let body = Cursor::new(header).chain(source.take(data.length));
        let samples = hound::WavReader::new(BufReader::with_capacity(BUFFER_BYTES, body))
            .map_err(hound_failed)?;
        Ok(Self { samples, fmt, truncated: data.truncated, frames: data.length / frame_bytes })
    }

    pub fn channels(&self) -> u16 {
        self.fmt.channels
    }

    pub fn rate(&self) -> u32 {
        self.fmt.rate
    }

    /// Puts the next block of interleaved samples into `block`; false at the end.
    ///
    /// # Errors
    /// `Read`, or `NotFinite` for a float sample that is not a number.
    pub fn next(&mut self, block: &mut Vec<f32>) -> Result<bool, AudioError> {
        block.clear();
        let count = BLOCK_FRAMES * usize::from(self.fmt.channels);
        if self.fmt.float {
            for sample in self.samples.samples::<f32>().take(count) {
                let sample = sample.map_err(hound_failed)?;
                if !sample.is_finite() {
                    return Err(AudioError::NotFinite);
                }
                block.push(sample);
            }
        } else {
            let bits = 8 * u32::from(self.fmt.sample_bytes);
            let scale = 1.0 / (1_u64 << (bits - 1)) as f32;
            for sample in self.samples.samples::<i32>().take(count) {
                block.push(sample.map_err(hound_failed)? as f32 * scale);
            }
        }
        Ok(!block.is_empty())
    }
}

/// Finds the format and the samples.
fn walk(source: &mut dyn Source) -> Result<(Fmt, Data), AudioError> {
    let file_end = source.seek(SeekFrom::End(0)).map_err(read_failed)?;
    let mut at: u64 = 12; // after "RIFF", the size and "WAVE"
    let mut fmt = None;
    let mut long_length = None;
    for _ in 0..MAX_CHUNKS {
        let Some((id, size)) = chunk_header(source, at, file_end)? else {
            return Err(AudioError::HeaderOnly);
        };
        let body = at + 8;
        match &id {
            b"fmt " if body + 16 > file_end => return Err(AudioError::HeaderOnly),
            b"fmt " => fmt = Some(parse_fmt(&read_at(source, body, size, FMT_BYTES)?)?),
            // RF64 keeps the length of the data here (EBU Tech 3306, section 4).
            b"ds64" => long_length = le_u64(&read_at(source, body, size, 16)?, 8),
            b"data" => {
                let fmt = fmt.ok_or(AudioError::Corrupt { what: "no format before the data" })?;
                let declared = match long_length {
                    Some(length) if size == u32::MAX => length,
                    _ => u64::from(size),
                };
                let data = place_data(source, fmt, body, declared, file_end)?;
                return Ok((fmt, data));
            }
            _ => {}
        }
        at = next_chunk(source, body, size, file_end)?;
    }
    Err(AudioError::Corrupt { what: "too many chunks before the data" })
}

/// The place after a chunk: chunks are padded to even length, but some writers forget it.
fn next_chunk(
    source: &mut dyn Source,
    body: u64,
    size: u32,
    file_end: u64,
) -> Result<u64, AudioError> {
    let end = body + u64::from(size);
    if size.is_multiple_of(2) {
        return Ok(end);
    }
    let unpadded = chunk_header(source, end, file_end)?;
    let padded = chunk_header(source, end + 1, file_end)?;
    let plausible = |header: Option<([u8; 4], u32)>| header.is_some_and(|(id, _)| is_id(id));
    Ok(if plausible(unpadded) && !plausible(padded) { end } else { end + 1 })
}

fn chunk_header(
    source: &mut dyn Source,
    at: u64,
    file_end: u64,
) -> Result<Option<([u8; 4], u32)>, AudioError> {
    if at.saturating_add(8) > file_end {
        return Ok(None);
    }
    let mut header = [0; 8];
    source.seek(SeekFrom::Start(at)).map_err(read_failed)?;
    source.read_exact(&mut header).map_err(read_failed)?;
    let [a, b, c, d, e, f, g, h] = header;
    Ok(Some(([a, b, c, d], u32::from_le_bytes([e, f, g, h]))))
}

fn is_id(id: [u8; 4]) -> bool {
    id.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ')
}

/// Up to `most` bytes of a chunk's body; fewer when the file ends.
fn read_at(
    source: &mut dyn Source,
    at: u64,
    size: u32,
    most: usize,
) -> Result<Vec<u8>, AudioError> {
    source.seek(SeekFrom::Start(at)).map_err(read_failed)?;
    let mut bytes = Vec::new();
    source.take(u64::from(size).min(most as u64)).read_to_end(&mut bytes).map_err(read_failed)?;
    Ok(bytes)
}

fn parse_fmt(bytes: &[u8]) -> Result<Fmt, AudioError> {
    let short = AudioError::Corrupt { what: "its format chunk is too short" };
    let (Some(mut codec), Some(channels), Some(rate), Some(align), Some(bits)) = (
        le_u16(bytes, 0),
        le_u16(bytes, 2),
        le_u32(bytes, 4),
        le_u16(bytes, 12),
        le_u16(bytes, 14),
    ) else {
        return Err(short);
    };
    if codec == CODEC_EXTENSIBLE {
        // The first two bytes of the sub-format's GUID are the codec (mmreg.h).
        codec = le_u16(bytes, 24).ok_or(short)?;
    }
    if channels == 0 {
        return Err(AudioError::Corrupt { what: "it has no channels" });
    }
    let float = match codec {
        CODEC_PCM => false,
        CODEC_FLOAT => true,
        other => return Err(AudioError::Unsupported { what: codec_name(other) }),
    };
    let sample_bytes = match align / channels {
        0 => bits.div_ceil(8),
        whole => whole,
    };
    match (float, sample_bytes) {
        (false, 1..=4) | (true, 4) => Ok(Fmt { float, channels, rate, sample_bytes }),
        (false, _) => {
            Err(AudioError::Unsupported { what: format!("PCM of {sample_bytes} bytes a sample") })
        }
        (true, _) => {
            Err(AudioError::Unsupported { what: format!("float of {sample_bytes} bytes a sample") })
        }
    }
}

/// Names of the codecs that recorders and telephone systems write (mmreg.h).
fn codec_name(codec: u16) -> String {
    let name = match codec {
        0x0002 => "Microsoft ADPCM",
        0x0006 => "A-law",
        0x0007 => "µ-law",
        0x0011 => "IMA ADPCM",
        0x0031 => "GSM 6.10",
        0x0055 => "MP3 inside WAV",
        other => return format!("the WAV codec {other:#06x}"),
    };
    format!("{name} in a WAV file")
}

fn place_data(
    source: &mut dyn Source,
    fmt: Fmt,
    start: u64,
    declared: u64,
    file_end: u64,
) -> Result<Data, AudioError> {
    let available = file_end - start;
    let (length, truncated) = if is_streamed(declared) {
        (available, false)
    } else if declared == 0 {
        if available == 0 || is_chunk_chain(source, start, file_end)? {
            return Err(AudioError::NoSamples);
        }
        // The writer died before it came back to fill in the length.
        (available, true)
    } else {
        (declared.min(available), declared > available)
    };
    let frame_bytes = u64::from(fmt.sample_bytes) * u64::from(fmt.channels);
    let length = length - length % frame_bytes;
    match length {
        0 if available == 0 => Err(AudioError::HeaderOnly),
        0 => Err(AudioError::NoSamples),
        _ => Ok(Data { start, length, truncated }),
    }
}

/// Lengths that writers to a pipe put for "not known": all ones (ffmpeg), 2 GiB less 4 KiB
/// (SoX, `wav.c`), and arecord's values just below and at 2 GiB (alsa-utils, `aplay.c`).
fn is_streamed(declared: u64) -> bool {
    declared == u64::from(u32::MAX) || (0x7fff_f000..=0x8000_0000).contains(&declared)
}

/// Whether the rest of the file is well-formed chunks up to its very end, not samples.
fn is_chunk_chain(source: &mut dyn Source, mut at: u64, file_end: u64) -> Result<bool, AudioError> {
    for _ in 0..MAX_CHUNKS {
        if at >= file_end {
            return Ok(true);
        }
        match chunk_header(source, at, file_end)? {
            Some((id, size)) if is_id(id) => at += 8 + u64::from(size) + u64::from(size % 2),
            _ => return Ok(false),
        }
        if at > file_end + 1 {
            return Ok(false);
        }
    }
    Ok(false)
}

/// The 44 bytes that hound reads in place of the file's own header.
fn plain_header(fmt: Fmt, data_length: u64) -> Result<Vec<u8>, AudioError> {
    const AFTER_SIZE: u32 = 36;
    let length = u32::try_from(data_length)
        .ok()
        .filter(|length| *length <= u32::MAX - AFTER_SIZE)
        .ok_or_else(|| AudioError::Unsupported { what: "a WAV file over 4 GiB".to_owned() })?;
    let align = fmt
        .channels
        .checked_mul(fmt.sample_bytes)
        .ok_or(AudioError::Corrupt { what: "it has too many channels" })?;
    let byte_rate = fmt
        .rate
        .checked_mul(u32::from(align))
        .ok_or(AudioError::Corrupt { what: "its sample rate is impossible" })?;
    let codec = if fmt.float { CODEC_FLOAT } else { CODEC_PCM };
    let mut header = Vec::with_capacity(44);
    header.extend(b"RIFF");
    header.extend((length + AFTER_SIZE).to_le_bytes());
    header.extend(b"WAVEfmt ");
    header.extend(16_u32.to_le_bytes());
    header.extend(codec.to_le_bytes());
    header.extend(fmt.channels.to_le_bytes());
    header.extend(fmt.rate.to_le_bytes());
    header.extend(byte_rate.to_le_bytes());
    header.extend(align.to_le_bytes());
    header.extend((8 * fmt.sample_bytes).to_le_bytes());
    header.extend(b"data");
    header.extend(length.to_le_bytes());
    Ok(header)
}

fn le_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn le_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn le_u64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
}

fn read_failed(source: io::Error) -> AudioError {
    AudioError::Read { source }
}

fn hound_failed(error: hound::Error) -> AudioError {
    match error {
        hound::Error::IoError(source) => AudioError::Read { source },
        hound::Error::FormatError(what) => AudioError::Corrupt { what },
        hound::Error::TooWide
        | hound::Error::UnfinishedSample
        | hound::Error::Unsupported
        | hound::Error::InvalidSampleFormat => AudioError::Corrupt { what: "its sample format" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::wav16;
    use crate::audio::{Inspection, Limits, inspect};

    const SECOND: u32 = 16_000;

    fn inspected(bytes: Vec<u8>) -> Result<Inspection, AudioError> {
        inspect(&mut Cursor::new(bytes), &Limits { max_duration_ms: 60_000 })
    }

    /// One second of 16-bit mono; its data length field is at 40.
    fn second() -> Vec<u8> {
        wav16(&vec![0.1; SECOND as usize], SECOND, 1)
    }

    fn with_length(mut bytes: Vec<u8>, length: u32) -> Vec<u8> {
        bytes[40..44].copy_from_slice(&length.to_le_bytes());
        bytes
    }

    fn taken(bytes: Vec<u8>) -> (u32, bool) {
        let inspection = inspected(bytes).expect("this recording is taken");
        (inspection.duration_ms, inspection.truncated)
    }

    #[test]
    fn a_cut_off_recording_is_taken_as_far_as_it_goes() {
        let mut bytes = second();
        bytes.truncate(44 + 16_001);
        assert_eq!(taken(bytes), (500, true));
        assert_eq!(taken(with_length(second(), 64_000)), (1000, true));
    }

    #[test]
    fn a_length_that_was_never_filled_in_loses_nothing() {
        assert_eq!(taken(with_length(second(), 0)), (1000, true));
        for streamed in [u32::MAX, 0x7fff_f000, 0x7fff_ff00, 0x8000_0000] {
            assert_eq!(taken(with_length(second(), streamed)), (1000, false), "{streamed:x}");
        }
    }

    #[test]
    fn a_recording_without_samples_is_refused() {
        let empty = wav16(&[], SECOND, 1);
        assert!(matches!(inspected(empty.clone()), Err(AudioError::NoSamples)));
        let tagged = [&empty[..], b"LIST\x04\0\0\0INFO"].concat();
        assert!(matches!(inspected(tagged), Err(AudioError::NoSamples)));
        for length in [4, 12, 20, 36, 43] {
            let header = second()[..length].to_vec();
            assert!(matches!(inspected(header), Err(AudioError::HeaderOnly)), "{length}");
        }
        let promised = second()[..44].to_vec();
        assert!(matches!(inspected(promised), Err(AudioError::HeaderOnly)));
    }

    #[test]
    fn chunks_around_the_data_are_passed_over_whether_padded_or_not() {
        let bytes = second();
        let around = |before: &[u8], after: &[u8]| {
            taken([&bytes[..36], before, &bytes[36..], after].concat())
        };
        assert_eq!(around(b"bext\x04\0\0\0abcd", b""), (1000, false));
        assert_eq!(around(b"junk\x03\0\0\0abc\0", b""), (1000, false));
        assert_eq!(around(b"junk\x03\0\0\0abc", b""), (1000, false));
        assert_eq!(around(b"", b"LIST\x04\0\0\0INFO"), (1000, false));
    }

    #[test]
    fn rf64_gives_its_length_in_a_chunk_of_its_own() {
        let bytes = with_length(second(), u32::MAX);
        let mut sizes = b"ds64\x1c\0\0\0".to_vec();
        sizes.extend(0_u64.to_le_bytes());
        sizes.extend(32_000_u64.to_le_bytes());
        sizes.extend([0; 12]);
        let rf64 = [b"RF64\xff\xff\xff\xffWAVE", &sizes[..], &bytes[12..], b"LIST\0\0\0\0"];
        assert_eq!(taken(rf64.concat()), (1000, false));
    }

    #[test]
    fn a_codec_that_is_not_read_is_named() {
        let mut bytes = second();
        bytes[20..22].copy_from_slice(&7_u16.to_le_bytes());
        let refused = inspected(bytes).map(|_| ()).expect_err("µ-law is not read");
        assert!(refused.to_string().contains("µ-law in a WAV file is not supported"), "{refused}");
        let mut bytes = second();
        bytes[22..24].copy_from_slice(&0_u16.to_le_bytes());
        assert!(matches!(inspected(bytes), Err(AudioError::Corrupt { .. })));
    }

    #[test]
    fn extensible_headers_are_understood() {
        // hound writes WAVEFORMATEXTENSIBLE for more than 16 bits.
        let bytes = crate::audio::testing::wav(&vec![0.5; 16_000], SECOND, 1, 24);
        assert_eq!(&bytes[20..22], &CODEC_EXTENSIBLE.to_le_bytes());
        let inspection = inspected(bytes).expect("24 bits are read");
        assert!((inspection.peak - 0.5).abs() < 1e-6);
    }

    #[test]
    fn no_header_however_mangled_makes_it_panic() {
        let bytes = second();
        for at in 0..44 {
            for value in [0, 1, 0x7f, 0xff] {
                let mut mangled = bytes[..200].to_vec();
                mangled[at] = value;
                let _ = inspected(mangled);
            }
        }
    }
}
