//! Silero's voice activity network: how likely each window of 32 ms holds a voice.
//!
//! Not for: deciding where speech begins and ends (`labels`).
//!
//! Invariant: each window's figure depends on the samples up to its end alone, never on how they
//! came in blocks.
//!
//! The network is that of Silero VAD 6.2.3 (MIT, `silero/LICENSE`); `silero/convert.py` makes the
//! weights. Its shape is that of `silero_vad/tinygrad_model.py` there.

use super::SAMPLE_RATE;
use half::f16;
use rustfft::{Fft, FftPlanner, num_complex::Complex32};
use std::collections::VecDeque;
use std::f32::consts::TAU;
use std::sync::{Arc, LazyLock};

/// Samples that one figure is about: 32 ms.
pub const WINDOW: usize = SAMPLE_RATE as usize * 32 / 1000;

/// Samples before the window that the network sees too, and as many mirrored after it.
const CONTEXT: usize = 64;
const TRANSFORM: usize = 256;
const HOP: usize = 128;
const BINS: usize = TRANSFORM / 2 + 1;
/// Columns of the spectrum, and what the strides of the convolutions leave of them.
const COLUMNS: usize = (CONTEXT + WINDOW + CONTEXT - TRANSFORM) / HOP + 1;
const WIDE: usize = 128;
const NARROW: usize = 64;
const GATES: usize = 4 * WIDE;

static NETWORK: LazyLock<Network> = LazyLock::new(Network::read);

/// A matrix with the outputs of one input side by side, so that adding them up is one sweep.
type Matrix<const OUT: usize> = Vec<[f32; OUT]>;

struct Network {
    spread: Convolution<WIDE>,
    halve: Convolution<NARROW>,
    quarter: Convolution<NARROW>,
    gather: Convolution<WIDE>,
    input_gates: Matrix<GATES>,
    state_gates: Matrix<GATES>,
    gate_bias: [f32; GATES],
    answer: [f32; WIDE],
    answer_bias: f32,
}

struct Convolution<const OUT: usize> {
    taps: Vec<Matrix<OUT>>,
    bias: [f32; OUT],
}

impl Network {
    fn read() -> Self {
        let mut weights = Weights(include_bytes!("silero/weights.bin"));
        let network = Self {
            spread: weights.convolution(3, BINS),
            halve: weights.convolution(3, WIDE),
            quarter: weights.convolution(2, NARROW),
            gather: weights.convolution(1, NARROW),
            input_gates: weights.matrix(WIDE),
            state_gates: weights.matrix(WIDE),
            gate_bias: weights.row(),
            answer: weights.row(),
            answer_bias: weights.row::<1>()[0],
        };
        assert!(weights.0.is_empty(), "the weights must be of this network");
        network
    }
}

/// The weights not yet read, half precision, little-endian.
struct Weights(&'static [u8]);

impl Weights {
    fn row<const OUT: usize>(&mut self) -> [f32; OUT] {
        std::array::from_fn(|_| {
            let (bytes, rest) = self.0.split_first_chunk().expect("the weights are complete");
            self.0 = rest;
            f16::from_le_bytes(*bytes).to_f32()
        })
    }

    fn matrix<const OUT: usize>(&mut self, inputs: usize) -> Matrix<OUT> {
        (0..inputs).map(|_| self.row()).collect()
    }

    fn convolution<const OUT: usize>(&mut self, taps: usize, inputs: usize) -> Convolution<OUT> {
        let taps = (0..taps).map(|_| self.matrix(inputs)).collect();
        Convolution { taps, bias: self.row() }
    }
}

/// Adds the outputs of `inputs` to `sums`.
fn add_product<const OUT: usize>(sums: &mut [f32; OUT], matrix: &Matrix<OUT>, inputs: &[f32]) {
    for (weights, input) in matrix.iter().zip(inputs) {
        if *input == 0.0 {
            continue; // about half of what a rectifier lets through
        }
        for (sum, weight) in sums.iter_mut().zip(weights) {
            *sum += weight * input;
        }
    }
}

impl<const OUT: usize> Convolution<OUT> {
    /// One rectified output column; tap 0 meets the column `first`, which may not be there.
    fn column<const IN: usize>(&self, columns: &[[f32; IN]], first: isize) -> [f32; OUT] {
        let mut sums = self.bias;
        for (tap, place) in self.taps.iter().zip(first..) {
            if let Some(column) = usize::try_from(place).ok().and_then(|at| columns.get(at)) {
                add_product(&mut sums, tap, column);
            }
        }
        sums.map(|sum| sum.max(0.0))
    }
}

/// Listens to a stream of samples.
pub struct Voice {
    transform: Arc<dyn Fft<f32>>,
    scratch: Vec<Complex32>,
    taper: Vec<f32>,
    /// The context and the window that is being filled.
    heard: Vec<f32>,
    hidden: [f32; WIDE],
    cell: [f32; WIDE],
    figures: VecDeque<f32>,
}

impl Voice {
    pub fn new() -> Self {
        let transform = FftPlanner::new().plan_fft_forward(TRANSFORM);
        let taper = |at| 0.5 - 0.5 * (TAU * at as f32 / TRANSFORM as f32).cos();
        Self {
            scratch: vec![Complex32::default(); transform.get_inplace_scratch_len()],
            transform,
            taper: (0..TRANSFORM).map(taper).collect(),
            heard: vec![0.0; CONTEXT],
            hidden: [0.0; WIDE],
            cell: [0.0; WIDE],
            figures: VecDeque::new(),
        }
    }

    pub fn push(&mut self, samples: &[f32]) {
        for sample in samples {
            self.heard.push(*sample);
            if self.heard.len() == CONTEXT + WINDOW {
                self.judge();
            }
        }
    }

    /// Judges what is left of the last window, as if silence followed.
    pub fn finish(&mut self) {
        if self.heard.len() > CONTEXT {
            self.heard.resize(CONTEXT + WINDOW, 0.0);
            self.judge();
        }
    }

    /// The next window's likelihood of a voice, 0 to 1, in order of time.
    pub fn pop(&mut self) -> Option<f32> {
        self.figures.pop_front()
    }

    fn judge(&mut self) {
        let network = &*NETWORK;
        let spectrum = self.spectrum();
        let wide: [_; COLUMNS] =
            std::array::from_fn(|at| network.spread.column(&spectrum, at as isize - 1));
        let half: [_; COLUMNS / 2] =
            std::array::from_fn(|at| network.halve.column(&wide, 2 * at as isize - 1));
        let quarter = network.quarter.column(&half, 0);
        let features = network.gather.column(&[quarter], 0);
        self.remember(network, &features);
        let mut answer = network.answer_bias;
        for (weight, hidden) in network.answer.iter().zip(self.hidden) {
            answer += weight * hidden.max(0.0);
        }
        self.figures.push_back(sigmoid(answer));
        self.heard.drain(..WINDOW);
    }

    /// Magnitudes of the short-time spectrum of context, window and the mirrored end.
    fn spectrum(&mut self) -> [[f32; BINS]; COLUMNS] {
        let end = self.heard.len();
        let mirrored: Vec<f32> = (2..CONTEXT + 2).map(|back| self.heard[end - back]).collect();
        let mut columns = [[0.0; BINS]; COLUMNS];
        let mut buffer = [Complex32::default(); TRANSFORM];
        for (number, column) in columns.iter_mut().enumerate() {
            let samples = self.heard.iter().chain(&mirrored).skip(number * HOP);
            for ((place, sample), taper) in buffer.iter_mut().zip(samples).zip(&self.taper) {
                *place = Complex32::new(sample * taper, 0.0);
            }
            self.transform.process_with_scratch(&mut buffer, &mut self.scratch);
            for (bin, value) in column.iter_mut().zip(&buffer) {
                *bin = value.norm();
            }
        }
        columns
    }

    /// One step of the long short-term memory; its gates are input, forget, cell and output.
    fn remember(&mut self, network: &Network, features: &[f32; WIDE]) {
        let mut gates = network.gate_bias;
        add_product(&mut gates, &network.input_gates, features);
        add_product(&mut gates, &network.state_gates, &self.hidden);
        for at in 0..WIDE {
            let [input, forget, cell, output] = [0, 1, 2, 3].map(|gate| gates[gate * WIDE + at]);
            self.cell[at] = sigmoid(forget) * self.cell[at] + sigmoid(input) * cell.tanh();
            self.hidden[at] = sigmoid(output) * self.cell[at].tanh();
        }
    }
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::{noise, silence, speech_like};

    fn figures(samples: &[f32], block: usize) -> Vec<f32> {
        let mut voice = Voice::new();
        for block in samples.chunks(block) {
            voice.push(block);
        }
        voice.finish();
        std::iter::from_fn(|| voice.pop()).collect()
    }

    #[test]
    fn every_window_has_one_figure_and_blocks_do_not_matter() {
        let samples = [silence(0.5), speech_like(1.01, 0.1, 1), noise(0.3, 0.01, 2)].concat();
        let whole = figures(&samples, samples.len());
        assert_eq!(whole.len(), samples.len().div_ceil(WINDOW));
        assert_eq!(whole, figures(&samples, 997));
        assert!(figures(&[], 1).is_empty());
    }

    #[test]
    fn noise_and_silence_are_no_voice() {
        for samples in [silence(5.0), noise(5.0, 0.03, 3)] {
            assert!(figures(&samples, 4096).iter().all(|figure| *figure < 0.2));
        }
    }
}
