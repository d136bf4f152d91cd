//! whisper.cpp: one loaded model that decodes one chunk at a time.
//!
//! Not for: which process it runs in (`child`, `engine`) or judging its words (`guard`).
//!
//! Invariant: the only file that names whisper-rs and the only one with `unsafe`. Nothing of the
//! engine's own output reaches the standard streams.
#![allow(unsafe_code)]

use super::words::Piece;
use std::ffi::c_void;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters};
use whisper_rs::{WhisperError, WhisperState};

/// Encoder positions for the whole window of 30 s.
const WINDOW_POSITIONS: f32 = 1500.0;
const WINDOW_SECONDS: f32 = 30.0;
/// Added to the chunk's own positions; less leads to loops (whisper.cpp issues 1117 and 1855).
const MARGIN_POSITIONS: f32 = 128.0;
/// Shorter audio is padded with silence: whisper.cpp ignores less than 100 ms without a word.
const SAMPLES_MIN: usize = 16_000;
/// Step of the temperature when a decoding fails its checks (openai/whisper, `transcribe.py`).
const TEMPERATURE_STEP: f32 = 0.2;
/// whisper.cpp counts time in hundredths of a second.
const MS_PER_TICK: i64 = 10;

/// How much work a chunk is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// The encoder looks only at the chunk's own length; one greedy pass.
    Fitted,
    /// The encoder looks at the whole window, and a decoding that fails whisper's own checks
    /// (entropy, log-probability) is done again at a higher temperature.
    Full,
}

#[derive(Debug, thiserror::Error)]
pub enum WhisperFailure {
    #[error("stopped")]
    Stopped,
    #[error("whisper.cpp failed with {code}")]
    Engine { code: String },
}

/// A loaded model with its one decoding state.
pub struct Whisper {
    state: WhisperState,
    threads: i32,
}

impl Whisper {
    /// Loads a checked model file.
    ///
    /// # Errors
    /// The reason why whisper.cpp did not take it.
    pub fn load(path: &Path, threads: usize) -> Result<Self, String> {
        whisper_rs::install_logging_hooks();
        let mut parameters = WhisperContextParameters::new();
        parameters.flash_attn(false).use_gpu(false);
        let context = WhisperContext::new_with_params(path, parameters)
            .map_err(|error| format!("whisper.cpp refused it ({error})"))?;
        let state = context
            .create_state()
            .map_err(|error| format!("whisper.cpp has no memory for it ({error})"))?;
        Ok(Self { state, threads: i32::try_from(threads).unwrap_or(1).max(1) })
    }

    /// Decodes up to 30 s of 16 kHz samples into text tokens.
    ///
    /// # Errors
    /// `Stopped` soon after `stop` is set; `Engine` with whisper.cpp's own code.
    pub fn decode(
        &mut self,
        samples: &[f32],
        effort: Effort,
        stop: &AtomicBool,
    ) -> Result<Vec<Piece>, WhisperFailure> {
        let mut padded = samples.to_vec();
        padded.resize(samples.len().max(SAMPLES_MIN), 0.0);
        let mut parameters = self.parameters(padded.len(), effort);
        // SAFETY: `stop` is borrowed for the whole of this function, and the callback is called
        // only within `full`, which returns before it ends.
        unsafe {
            parameters.set_abort_callback(Some(should_abort));
            parameters
                .set_abort_callback_user_data(std::ptr::from_ref(stop).cast_mut().cast::<c_void>());
        }
        let result = self.state.full(parameters, &padded);
        if stop.load(Ordering::Relaxed) {
            return Err(WhisperFailure::Stopped);
        }
        result.map_err(|error| WhisperFailure::Engine { code: error.to_string() })?;
        self.pieces().map_err(|error| WhisperFailure::Engine { code: error.to_string() })
    }

    /// Greedy, without memory of the chunk before. The language is English by whisper.cpp's own
    /// default; whisper-rs's setter would leak a string at each call.
    fn parameters<'a>(&self, samples: usize, effort: Effort) -> FullParams<'a, 'a> {
        let mut parameters = FullParams::new(SamplingStrategy::Greedy { best_of: 1 });
        parameters.set_n_threads(self.threads);
        parameters.set_no_context(true);
        parameters.set_suppress_blank(true);
        parameters.set_token_timestamps(true);
        parameters.set_print_special(false);
        parameters.set_print_progress(false);
        parameters.set_print_realtime(false);
        parameters.set_print_timestamps(false);
        match effort {
            Effort::Fitted => {
                parameters.set_audio_ctx(fitted_positions(samples));
                parameters.set_temperature_inc(0.0);
            }
            Effort::Full => parameters.set_temperature_inc(TEMPERATURE_STEP),
        }
        parameters
    }

    /// The text tokens of all segments, special tokens left out.
    fn pieces(&self) -> Result<Vec<Piece>, WhisperError> {
        let mut pieces = vec![];
        for segment in self.state.as_iter() {
            for index in 0..segment.n_tokens() {
                let Some(token) = segment.get_token(index) else { continue };
                let data = token.token_data();
                let bytes = token.to_bytes()?;
                if is_special(bytes) {
                    continue;
                }
                pieces.push(Piece {
                    bytes: bytes.to_vec(),
                    start_ms: to_ms(data.t0),
                    end_ms: to_ms(data.t1),
                    probability: data.p,
                });
            }
        }
        Ok(pieces)
    }
}

/// The encoder positions that a chunk of so many samples needs.
fn fitted_positions(samples: usize) -> i32 {
    let seconds = samples as f32 / crate::audio::SAMPLE_RATE as f32;
    let positions = seconds / WINDOW_SECONDS * WINDOW_POSITIONS + MARGIN_POSITIONS;
    positions.min(WINDOW_POSITIONS) as i32
}

/// whisper.cpp names its own tokens so: `[_BEG_]`, `[_TT_42]`.
fn is_special(bytes: &[u8]) -> bool {
    bytes.starts_with(b"[_") && bytes.ends_with(b"]")
}

fn to_ms(ticks: i64) -> u32 {
    u32::try_from(ticks.max(0).saturating_mul(MS_PER_TICK)).unwrap_or(u32::MAX)
}

/// Reads the stop flag. Never allocates and never panics, so C may call it.
///
/// whisper-rs 0.16.0's own `set_abort_callback_safe` hands C a pointer of the wrong type; this
/// can go when it is sound.
unsafe extern "C" fn should_abort(flag: *mut c_void) -> bool {
    // SAFETY: `decode` passes a flag that outlives the call.
    unsafe { (*flag.cast::<AtomicBool>()).load(Ordering::Relaxed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoder_looks_at_the_chunk_and_a_margin_and_never_past_the_window() {
        assert_eq!(fitted_positions(10 * 16_000), 628);
        assert_eq!(fitted_positions(28 * 16_000), 1500);
        assert_eq!(fitted_positions(40 * 16_000), 1500);
    }

    #[test]
    fn special_tokens_are_told_from_words_in_brackets() {
        assert!(is_special(b"[_TT_42]"));
        assert!(!is_special(b" [BLANK_AUDIO]"));
    }
}
