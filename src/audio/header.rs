//! The 44 bytes before the samples of a 16-bit mono WAV of 16 kHz.
//!
//! Not for: reading WAV files (`wav.rs`).
//!
//! Invariant: header and samples together are a file that every reader of WAV takes.

use super::SAMPLE_RATE;

/// Bytes of a sample.
const SAMPLE_BYTES: u32 = 2;
/// Bytes of the header after its first size field (Microsoft, "Multimedia Programming Interface
/// and Data Specifications 1.0", 1991).
const AFTER_SIZE: u32 = 36;

/// The header of so many samples; more than 2^31 - 19 do not fit a WAV.
pub fn wav_header(samples: u32) -> [u8; 44] {
    let bytes = samples.saturating_mul(SAMPLE_BYTES).min(u32::MAX - AFTER_SIZE);
    let mut header = [0; 44];
    let mut put = |at: usize, part: &[u8]| header[at..at + part.len()].copy_from_slice(part);
    put(0, b"RIFF");
    put(4, &(bytes + AFTER_SIZE).to_le_bytes());
    put(8, b"WAVEfmt ");
    put(16, &16_u32.to_le_bytes());
    put(20, &1_u16.to_le_bytes());
    put(22, &1_u16.to_le_bytes());
    put(24, &SAMPLE_RATE.to_le_bytes());
    put(28, &(SAMPLE_RATE * SAMPLE_BYTES).to_le_bytes());
    put(32, &2_u16.to_le_bytes());
    put(34, &16_u16.to_le_bytes());
    put(36, b"data");
    put(40, &bytes.to_le_bytes());
    header
}

/// Samples of 16 bit, little-endian, as the recogniser takes them.
pub fn from_pcm(bytes: &[u8]) -> Vec<f32> {
    let (samples, _) = bytes.as_chunks::<2>();
    samples.iter().map(|&sample| f32::from(i16::from_le_bytes(sample)) / 32_768.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_of_wav_finds_the_samples() {
        let samples: [i16; 3] = [0, -32_768, 16_384];
        let pcm: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let file = [wav_header(3).as_slice(), &pcm].concat();
        let mut reader = hound::WavReader::new(file.as_slice()).expect("a WAV");
        assert_eq!((reader.spec().sample_rate, reader.spec().channels), (16_000, 1));
        let read: Vec<i16> = reader.samples().map(|sample| sample.expect("whole")).collect();
        assert_eq!(read, samples);
        assert_eq!(from_pcm(&pcm), [0.0, -1.0, 0.5]);
    }
}
