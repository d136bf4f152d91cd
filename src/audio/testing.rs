//! Signals and recordings for tests, made by rule so that nothing recorded is needed.
//!
//! Not for: anything outside tests.
//!
//! Invariant: the same arguments give the same samples.

use super::SAMPLE_RATE;
use std::f32::consts::TAU;
use std::io::Cursor;

fn count(seconds: f32) -> usize {
    (seconds * SAMPLE_RATE as f32).round() as usize
}

pub fn silence(seconds: f32) -> Vec<f32> {
    vec![0.0; count(seconds)]
}

/// White noise with this root mean square, from a linear congruential generator (Knuth's MMIX).
pub fn noise(seconds: f32, rms: f32, seed: u32) -> Vec<f32> {
    let mut state = u64::from(seed);
    let scale = rms * 3_f32.sqrt();
    let mut sample = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 40) as f32 / (1 << 23) as f32 - 1.0) * scale
    };
    (0..count(seconds)).map(|_| sample()).collect()
}

pub fn hum(seconds: f32, hertz: f32, amplitude: f32) -> Vec<f32> {
    sine(count(seconds), SAMPLE_RATE, hertz, amplitude)
}

pub fn sine(count: usize, rate: u32, hertz: f32, amplitude: f32) -> Vec<f32> {
    let step = std::f64::consts::TAU * f64::from(hertz) / f64::from(rate);
    (0..count).map(|at| (at as f64 * step).sin() as f32 * amplitude).collect()
}

/// A voice's outline: harmonics of 140 Hz in syllables of 4 a second, with closures between.
pub fn speech_like(seconds: f32, amplitude: f32, seed: u32) -> Vec<f32> {
    let breath = noise(seconds, amplitude * 0.01, seed);
    let mut samples = Vec::with_capacity(breath.len());
    for (at, breath) in breath.iter().enumerate() {
        let time = at as f32 / SAMPLE_RATE as f32;
        let opening = (TAU * 4.0 * time - 0.4).sin().max(0.0).max(0.02);
        let mut voice = 0.0;
        for harmonic in 1..=12 {
            voice += (TAU * 140.0 * harmonic as f32 * time).sin() / harmonic as f32;
        }
        samples.push(amplitude * opening * voice * 0.5 + breath);
    }
    samples
}

/// A synthetic voice that reads a sentence: `tests/data/short.flac` (see `speak.py` there).
pub fn spoken() -> Vec<f32> {
    let flac = include_bytes!("../../tests/data/short.flac");
    let samples = super::decode(Box::new(Cursor::new(flac)), super::Mix::Channel(0));
    let blocks = samples.expect("the sample is sound").map(|block| block.expect("it is sound"));
    blocks.flatten().collect()
}

/// A 16-bit WAV of interleaved samples, through hound.
pub fn wav16(samples: &[f32], rate: u32, channels: u16) -> Vec<u8> {
    wav(samples, rate, channels, 16)
}

/// A PCM WAV of `bits` 8, 16, 24 or 32.
pub fn wav(samples: &[f32], rate: u32, channels: u16, bits: u16) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels,
        sample_rate: rate,
        bits_per_sample: bits,
        sample_format: hound::SampleFormat::Int,
    };
    let scale = ((1_i64 << (bits - 1)) - 1) as f64;
    written(spec, samples, |writer, sample| {
        writer.write_sample((f64::from(sample) * scale).round() as i32)
    })
}

/// A 32-bit float WAV.
pub fn wav_float(samples: &[f32], rate: u32, channels: u16) -> Vec<u8> {
    let spec = hound::WavSpec {
        channels,
        sample_rate: rate,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    written(spec, samples, |writer, sample| writer.write_sample(sample))
}

type Writer<'b> = hound::WavWriter<&'b mut Cursor<Vec<u8>>>;

fn written(
    spec: hound::WavSpec,
    samples: &[f32],
    write: impl Fn(&mut Writer<'_>, f32) -> hound::Result<()>,
) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, spec).expect("memory can be written");
    for sample in samples {
        write(&mut writer, *sample).expect("memory can be written");
    }
    writer.finalize().expect("memory can be written");
    bytes.into_inner()
}

/// Samples in a block of `flac`.
pub const FLAC_BLOCK: usize = 4096;

/// A 16-bit FLAC whose frames hold their samples verbatim (RFC 9639, sections 8.2, 9.1, 9.2.4).
pub fn flac(samples: &[f32], rate: u32, channels: u16) -> Vec<u8> {
    let frames = samples.len() / usize::from(channels);
    let mut bytes = b"fLaC\x80\0\0\x22".to_vec();
    bytes.extend((FLAC_BLOCK as u16).to_be_bytes());
    bytes.extend((FLAC_BLOCK as u16).to_be_bytes());
    bytes.extend([0; 6]); // smallest and largest frame: not known
    let packed =
        (u64::from(rate) << 44) | (u64::from(channels - 1) << 41) | (15_u64 << 36) | frames as u64;
    bytes.extend(packed.to_be_bytes());
    bytes.extend([0; 16]); // digest: not known
    for (number, block) in samples.chunks(FLAC_BLOCK * usize::from(channels)).enumerate() {
        bytes.extend(flac_frame(number, block, channels));
    }
    bytes
}

fn flac_frame(number: usize, block: &[f32], channels: u16) -> Vec<u8> {
    let width = usize::from(channels);
    let mut frame = vec![0xff, 0xf8, 0x70, ((channels - 1) << 4) as u8 | 0x08];
    frame.extend(coded_number(number));
    frame.extend(((block.len() / width - 1) as u16).to_be_bytes());
    frame.push(crc(&frame, 8, 0x07) as u8);
    for channel in 0..width {
        frame.push(0x02); // verbatim subframe
        for sample in block.iter().skip(channel).step_by(width) {
            frame.extend(((sample * 32_767.0).round() as i16).to_be_bytes());
        }
    }
    frame.extend((crc(&frame, 16, 0x8005) as u16).to_be_bytes());
    frame
}

/// The frame number, coded as UTF-8 codes a character.
fn coded_number(number: usize) -> Vec<u8> {
    let character = char::from_u32(number as u32).expect("a short test recording");
    character.to_string().into_bytes()
}

fn crc(bytes: &[u8], bits: u32, polynomial: u32) -> u32 {
    let mut value = 0;
    for byte in bytes {
        value ^= u32::from(*byte) << (bits - 8);
        for _ in 0..8 {
            let carry = value >> (bits - 1) & 1 == 1;
            value = value << 1 & ((1 << bits) - 1);
            if carry {
                value ^= polynomial;
            }
        }
    }
    value
}
