//! whisper.cpp: one loaded model that hears a chunk once and is then asked for one token after
//! the other.
//!
//! Not for: choosing tokens (`decode`), which process it runs in (`child`, `engine`) or judging
//! its words (`guard`).
//!
//! Invariant: the only file that names whisper-rs and the only one with `unsafe`. Nothing of the
//! engine's own output reaches the standard streams.
//!
//! whisper.cpp's own loop (`whisper_full`) is used for nothing but the mel spectrogram: it would
//! encode a chunk again for every decoding, and gives no way to score words that it did not
//! choose. One encoding here serves every question about the chunk.
#![allow(unsafe_code)]

use super::decode::{Model, ModelError, Token};
use super::spare::Spare;
use std::ffi::{CStr, CString, c_void};
use std::path::PathBuf;
use std::ptr::NonNull;
use std::time::Instant;
use whisper_rs::whisper_rs_sys as sys;

/// Encoder positions for the whole window of 30 s.
const WINDOW_POSITIONS: usize = 1500;
const WINDOW_SAMPLES: usize = 30 * crate::audio::SAMPLE_RATE as usize;
/// Added to the chunk's own positions; less leads to loops (whisper.cpp issues 1117 and 1855).
const MARGIN_POSITIONS: usize = 128;
/// Added to that for a second look: 8 s.
const WIDE_POSITIONS: usize = 400;
/// ggml's fast matrix product takes only whole blocks of 16 of the attended positions; with any
/// other number attention takes three times as long.
const POSITIONS_STEP: usize = 16;
/// Shorter audio is padded with silence: whisper.cpp ignores less than 100 ms without a word.
const SAMPLES_MIN: usize = crate::audio::SAMPLE_RATE as usize;
/// The most tokens of one text that is handed in; a prompt holds 223.
const TOKENS_MAX: usize = 448;

/// How much of the window the encoder looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The chunk's own length and a margin.
    Fitted,
    /// With some seconds of silence after it, where that led to a loop.
    Wide,
    /// All of it, silence after the chunk included.
    Whole,
}

/// What to load, and how it is to work.
#[derive(Clone, Debug)]
pub struct Setup {
    /// A checked model file.
    pub model: PathBuf,
    pub threads: usize,
    /// More threads for the encoder, where cores are idle.
    pub spare_threads: usize,
    /// See `Model::certainty`.
    pub certainty: f32,
}

/// A loaded model with its one state.
pub struct Whisper {
    // Freed before the context it belongs to: fields drop in order.
    state: State,
    context: Context,
    threads: i32,
    spare: Spare,
    certainty: f32,
    pieces: Vec<Vec<u8>>,
    logits: Vec<f32>,
}

struct Context(NonNull<sys::whisper_context>);

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the pointer came from whisper.cpp and is freed once, here.
        unsafe { sys::whisper_free(self.0.as_ptr()) }
    }
}

struct State(NonNull<sys::whisper_state>);

impl Drop for State {
    fn drop(&mut self) {
        // SAFETY: the pointer came from whisper.cpp and is freed once, here.
        unsafe { sys::whisper_free_state(self.0.as_ptr()) }
    }
}

// SAFETY: whisper.cpp ties neither a context nor a state to the thread that made it; `Whisper`
// owns both alone and changes them through `&mut` only.
unsafe impl Send for Whisper {}

impl Whisper {
    /// Loads a checked model file.
    ///
    /// # Errors
    /// The reason why whisper.cpp did not take it.
    pub fn load(setup: &Setup) -> Result<Self, String> {
        whisper_rs::install_logging_hooks();
        let path = setup.model.to_str().and_then(|path| CString::new(path).ok());
        let path = path.ok_or("its path is not text that whisper.cpp can read")?;
        // SAFETY: the path is a C string that outlives the call; the results are checked.
        let (context, state) = unsafe {
            let mut parameters = sys::whisper_context_default_params();
            parameters.use_gpu = false;
            parameters.flash_attn = false;
            let context =
                sys::whisper_init_from_file_with_params_no_state(path.as_ptr(), parameters);
            let context = NonNull::new(context).map(Context).ok_or("whisper.cpp refused it")?;
            let state = sys::whisper_init_state(context.0.as_ptr());
            let state = NonNull::new(state).map(State);
            (context, state.ok_or("whisper.cpp has no memory for it")?)
        };
        let pieces = pieces(&context);
        let threads = i32::try_from(setup.threads).unwrap_or(1).max(1);
        let spare = Spare::new(threads, i32::try_from(setup.spare_threads).unwrap_or(0));
        let certainty = setup.certainty;
        Ok(Self { state, context, threads, spare, certainty, pieces, logits: vec![] })
    }

    /// Encodes up to 30 s of 16 kHz samples; what is asked afterwards is about them.
    ///
    /// # Errors
    /// whisper.cpp's own code.
    pub fn hear(&mut self, samples: &[f32], window: Window) -> Result<(), ModelError> {
        let mut padded = samples.to_vec();
        padded.resize(samples.len().clamp(SAMPLES_MIN, WINDOW_SAMPLES), 0.0);
        let count = i32::try_from(padded.len()).unwrap_or(i32::MAX);
        let (context, state) = (self.context.0.as_ptr(), self.state.0.as_ptr());
        let positions = positions(padded.len(), window);
        let (threads, began) = (self.spare.threads(), Instant::now());
        // SAFETY: the samples outlive the calls, both pointers are live, and the callback needs
        // no data. `whisper_full` computes the mel spectrogram, takes over how far the encoder
        // looks (there is no other way to set it), and stops before encoding.
        let code = unsafe {
            let strategy = sys::whisper_sampling_strategy_WHISPER_SAMPLING_GREEDY;
            let mut parameters = sys::whisper_full_default_params(strategy);
            parameters.n_threads = threads;
            parameters.print_progress = false;
            parameters.no_context = true;
            parameters.audio_ctx = positions;
            parameters.encoder_begin_callback = Some(stop_before_encoding);
            sys::whisper_full_with_state(context, state, parameters, padded.as_ptr(), count);
            sys::whisper_encode_with_state(context, state, 0, threads)
        };
        self.spare.took(threads, began.elapsed().as_secs_f32() / positions as f32);
        if code == 0 { Ok(()) } else { Err(ModelError { code }) }
    }
}

impl Model for Whisper {
    fn next(&mut self, tokens: &[Token], past: usize) -> Result<&[f32], ModelError> {
        assert!(!tokens.is_empty() && past + tokens.len() <= TOKENS_MAX, "a context of 448 tokens");
        let count = tokens.len() as i32;
        // SAFETY: the tokens outlive the call and both pointers are live. whisper.cpp lays out
        // one row of `n_vocab` logits for each token it was given and fills in the last.
        unsafe {
            let (context, state) = (self.context.0.as_ptr(), self.state.0.as_ptr());
            let past = past as i32;
            let tokens = tokens.as_ptr();
            let code =
                sys::whisper_decode_with_state(context, state, tokens, count, past, self.threads);
            if code != 0 {
                return Err(ModelError { code });
            }
            let width = sys::whisper_n_vocab(context) as usize;
            let last = sys::whisper_get_logits_from_state(state).add((count as usize - 1) * width);
            self.logits.clear();
            self.logits.extend_from_slice(std::slice::from_raw_parts(last, width));
        }
        Ok(&self.logits)
    }

    fn pieces(&self) -> &[Vec<u8>] {
        &self.pieces
    }

    fn certainty(&self) -> f32 {
        self.certainty
    }

    fn begin(&self) -> Vec<Token> {
        let context = self.context.0.as_ptr();
        // SAFETY: the context is live; these only read it.
        unsafe {
            let start = sys::whisper_token_sot(context);
            let without_times = sys::whisper_token_not(context);
            if sys::whisper_is_multilingual(context) == 0 {
                return vec![start, without_times];
            }
            let english = sys::whisper_token_lang(context, 0);
            vec![start, english, sys::whisper_token_transcribe(context), without_times]
        }
    }

    fn begin_timed(&self) -> Vec<Token> {
        let mut begin = self.begin();
        begin.pop();
        begin.push(self.first_time());
        begin
    }

    fn first_time(&self) -> Token {
        // SAFETY: the context is live; this only reads it.
        unsafe { sys::whisper_token_beg(self.context.0.as_ptr()) }
    }

    fn before(&self) -> Token {
        // SAFETY: the context is live; this only reads it.
        unsafe { sys::whisper_token_prev(self.context.0.as_ptr()) }
    }

    fn tokens(&self, text: &str) -> Vec<Token> {
        let Ok(text) = CString::new(text) else { return vec![] };
        let mut tokens = vec![0; TOKENS_MAX];
        // SAFETY: the text and the room for tokens outlive the call, and the room is as large
        // as is said. A negative answer means that it did not fit.
        let count = unsafe {
            let room = TOKENS_MAX as i32;
            let context = self.context.0.as_ptr();
            sys::whisper_tokenize(context, text.as_ptr(), tokens.as_mut_ptr(), room)
        };
        tokens.truncate(usize::try_from(count).unwrap_or(0));
        tokens
    }
}

/// The bytes of every text token, in the order of their numbers; the token after them ends a
/// text.
fn pieces(context: &Context) -> Vec<Vec<u8>> {
    let context = context.0.as_ptr();
    // SAFETY: the context is live, the tokens are its own, and each piece is a C string that
    // lives as long as the context.
    unsafe {
        (0..sys::whisper_token_eot(context))
            .map(|token| {
                CStr::from_ptr(sys::whisper_token_to_str(context, token)).to_bytes().into()
            })
            .collect()
    }
}

/// The encoder positions that so many samples need.
fn positions(samples: usize, window: Window) -> i32 {
    let whole = WINDOW_POSITIONS / POSITIONS_STEP * POSITIONS_STEP;
    let fitted = samples * WINDOW_POSITIONS / WINDOW_SAMPLES + MARGIN_POSITIONS;
    let positions = match window {
        Window::Fitted => fitted.next_multiple_of(POSITIONS_STEP).min(whole),
        Window::Wide => (fitted + WIDE_POSITIONS).next_multiple_of(POSITIONS_STEP).min(whole),
        Window::Whole => whole,
    };
    positions as i32
}

unsafe extern "C" fn stop_before_encoding(
    _: *mut sys::whisper_context,
    _: *mut sys::whisper_state,
    _: *mut c_void,
) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoder_looks_at_the_chunk_and_a_margin_in_whole_blocks_within_the_window() {
        assert_eq!(positions(10 * 16_000, Window::Fitted), 640);
        assert_eq!(positions(28 * 16_000, Window::Fitted), 1488);
        assert_eq!(positions(2 * 16_000, Window::Wide), 640);
        assert_eq!(positions(28 * 16_000, Window::Wide), 1488);
        assert_eq!(positions(10 * 16_000, Window::Whole), 1488);
    }
}
