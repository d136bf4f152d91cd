//! Brings mono audio of any rate to 16 kHz with rubato's windowed sinc.
//!
//! Not for: anything but the one output rate.
//!
//! Invariant: the filter's delay is taken out, so sample n of the output is the instant
//! n / 16,000 s of the input; the output is as long as the input to within one sample.

use super::SAMPLE_RATE;
use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{
    Async, FixedAsync, Indexing, Resampler, SincInterpolationParameters, SincInterpolationType,
    WindowFunction,
};

/// Input frames handed to rubato at once.
const CHUNK_FRAMES: usize = 1024;

/// Length of the filter in samples of the lower of the two rates. With the squared
/// Blackman-Harris window this passes 7 kHz of 48 kHz input and keeps aliases over 100 dB down
/// (measured by the tests of this module).
const FILTER_LENGTH: u32 = 192;

/// Positions between two input samples that are tabulated, at least: a finer table brings the
/// filter's centre closer to a sample.
const MIN_PHASES: u32 = 256;

/// Rates that would need more phases to meet every output sample exactly (they have no large
/// common divisor with 16 kHz) interpolate between `MIN_PHASES` instead.
const MAX_PHASES: u32 = 1280;

pub struct Resample {
    inner: Async<f32>,
    pending: Vec<f32>,
    /// Output samples of the filter's delay that are still to be dropped.
    delay: usize,
    rate: u32,
    taken: u64,
    given: u64,
}

impl Resample {
    /// `rate` is the input's, at least 1 Hz.
    pub fn new(rate: u32) -> Self {
        let needed = SAMPLE_RATE / common_divisor(rate, SAMPLE_RATE);
        let (phases, interpolation) = if needed <= MAX_PHASES {
            (needed * MIN_PHASES.div_ceil(needed), SincInterpolationType::Nearest)
        } else {
            (MIN_PHASES, SincInterpolationType::Cubic)
        };
        let taps = u64::from(FILTER_LENGTH) * u64::from(rate.max(SAMPLE_RATE));
        // rubato rounds up to a multiple of 8 itself; the delay needs the true length.
        let taps = taps.div_ceil(u64::from(SAMPLE_RATE)).next_multiple_of(8) as usize;
        let parameters = SincInterpolationParameters::new(taps, WindowFunction::BlackmanHarris2)
            .oversampling_factor(phases as usize)
            .interpolation(interpolation);
        let ratio = f64::from(SAMPLE_RATE) / f64::from(rate);
        let inner = Async::new_sinc(ratio, 1.0, &parameters, CHUNK_FRAMES, 1, FixedAsync::Input)
            .expect("the ratio is positive and the chunk is not empty");
        let delay = leading_samples(taps, phases, ratio);
        Self { inner, pending: Vec::new(), delay, rate, taken: 0, given: 0 }
    }

    /// Takes input and appends what output it yields.
    pub fn push(&mut self, input: &[f32], output: &mut Vec<f32>) {
        self.taken += input.len() as u64;
        self.pending.extend_from_slice(input);
        let mut at = 0;
        while self.pending.len() - at >= CHUNK_FRAMES {
            let chunk: Vec<f32> = self.pending[at..at + CHUNK_FRAMES].to_vec();
            self.process(&chunk, output);
            at += CHUNK_FRAMES;
        }
        self.pending.drain(..at);
    }

    /// Appends what is still inside the filter. Nothing may be pushed afterwards.
    pub fn finish(&mut self, output: &mut Vec<f32>) {
        let wanted = output_length(self.taken, self.rate);
        let mut chunk = std::mem::take(&mut self.pending);
        while self.given < wanted {
            chunk.resize(CHUNK_FRAMES, 0.0);
            self.process(&chunk, output);
            chunk.clear();
        }
        let surplus = (self.given - wanted) as usize;
        output.truncate(output.len().saturating_sub(surplus));
        self.given = wanted;
    }

    fn process(&mut self, chunk: &[f32], output: &mut Vec<f32>) {
        let input = InterleavedSlice::new(chunk, 1, chunk.len())
            .expect("one channel of as many frames as samples");
        let indexing = Indexing::new().partial_len(chunk.len());
        let made = self
            .inner
            .process(&input, Some(&indexing))
            .expect("a whole chunk of one channel was given")
            .take_data();
        let dropped = self.delay.min(made.len());
        self.delay -= dropped;
        output.extend_from_slice(&made[dropped..]);
        self.given += (made.len() - dropped) as u64;
    }
}

/// Samples at 16 kHz of `frames` at `rate`, to the nearest.
pub fn output_length(frames: u64, rate: u32) -> u64 {
    let rate = u64::from(rate);
    (frames * u64::from(SAMPLE_RATE) + rate / 2) / rate
}

/// Output samples before the one that stands at the first input sample.
///
/// By rubato 5.0.1's `asynchro_sinc.rs` and `sinc.rs`, output k (from 0) stands at input
/// (k + 1) / ratio - taps / 2 + 1 / phases. Its `output_delay` leaves the 1s out and is up to
/// two samples too long.
fn leading_samples(taps: usize, phases: u32, ratio: f64) -> usize {
    let place = (taps as f64 / 2.0 - 1.0 / f64::from(phases)) * ratio - 1.0;
    place.round() as usize
}

fn common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::sine;
    use proptest::prelude::*;

    fn resampled(input: &[f32], rate: u32, block: usize) -> Vec<f32> {
        let mut resample = Resample::new(rate);
        let mut output = Vec::new();
        for block in input.chunks(block) {
            resample.push(block, &mut output);
        }
        resample.finish(&mut output);
        output
    }

    /// Amplitude and phase (radians) of `hertz` in the middle of the signal, by projection.
    fn tone(signal: &[f32], hertz: f64) -> (f64, f64) {
        let middle = signal.len() / 4..signal.len() * 3 / 4;
        let (mut real, mut imaginary) = (0.0, 0.0);
        let mut weight = 0.0;
        for at in middle.clone() {
            let share = (at - middle.start) as f64 / middle.len() as f64;
            let window = 0.5 - 0.5 * (std::f64::consts::TAU * share).cos();
            let angle = std::f64::consts::TAU * hertz * at as f64 / f64::from(SAMPLE_RATE);
            real += window * angle.sin() * f64::from(signal[at]);
            imaginary += window * angle.cos() * f64::from(signal[at]);
            weight += window;
        }
        (2.0 * real.hypot(imaginary) / weight, imaginary.atan2(real))
    }

    fn db(ratio: f64) -> f64 {
        20.0 * ratio.max(1e-12).log10()
    }

    const RATES: [u32; 9] = [8000, 11_025, 12_345, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000];

    #[test]
    fn speech_tones_survive_within_a_tenth_of_a_decibel_at_their_time() {
        for rate in RATES {
            for hertz in [100.0, 1000.0, 3000.0] {
                let output = resampled(&sine(rate as usize, rate, hertz, 0.5), rate, 1000);
                let (amplitude, phase) = tone(&output, f64::from(hertz));
                let change = db(amplitude / 0.5);
                assert!(change.abs() < 0.1, "{hertz} Hz from {rate} Hz changed by {change} dB");
                let shift = phase / std::f64::consts::TAU / f64::from(hertz);
                let samples = shift * f64::from(SAMPLE_RATE);
                assert!(samples.abs() < 0.51, "{hertz} Hz from {rate} Hz moved by {samples}");
            }
        }
    }

    #[test]
    fn the_upper_speech_band_survives_from_high_rates() {
        for rate in [44_100, 48_000, 96_000] {
            let output = resampled(&sine(rate as usize, rate, 7000.0, 0.5), rate, 1000);
            let change = db(tone(&output, 7000.0).0 / 0.5);
            assert!(change.abs() < 0.5, "from {rate} Hz: {change} dB");
        }
    }

    #[test]
    fn what_16_khz_cannot_hold_is_gone() {
        for rate in [22_050, 32_000, 44_100, 48_000, 96_000] {
            for hertz in [8500.0, 9000.0, 10_500.0, 12_000.0, 15_000.0] {
                if hertz * 2.0 > rate as f32 {
                    continue;
                }
                let output = resampled(&sine(rate as usize, rate, hertz, 0.5), rate, 1000);
                let middle = &output[output.len() / 4..output.len() * 3 / 4];
                let squares: f64 = middle.iter().map(|s| f64::from(*s).powi(2)).sum();
                let left = db((2.0 * squares / middle.len() as f64).sqrt() / 0.5);
                assert!(left < -60.0, "{hertz} Hz from {rate} Hz is at {left} dB");
            }
        }
    }

    #[test]
    fn a_click_keeps_its_place() {
        for rate in RATES {
            let mut input = vec![0.0; rate as usize];
            input[rate as usize / 2] = 1.0;
            let output = resampled(&input, rate, 777);
            let mut loudest = 0;
            for (at, sample) in output.iter().enumerate() {
                if sample.abs() > output[loudest].abs() {
                    loudest = at;
                }
            }
            assert!(loudest.abs_diff(8000) <= 1, "from {rate} Hz: at {loudest}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn the_length_is_right_and_blocks_do_not_matter(
            rate in 4000_u32..96_000,
            frames in 0_usize..40_000,
            block in 1_usize..5000,
        ) {
            let input = sine(frames, rate, 440.0, 0.5);
            let output = resampled(&input, rate, block);
            let exact = frames as f64 * f64::from(SAMPLE_RATE) / f64::from(rate);
            prop_assert!((output.len() as f64 - exact).abs() <= 1.0);
            prop_assert_eq!(output, resampled(&input, rate, 100_000));
        }
    }
}
