//! The speech engine's own process: requests come on standard input, answers go to standard
//! output, and it ends when its input does.
//!
//! Not for: starting, restarting or stopping that process (`child`).
//!
//! Invariant: words that cannot have been spoken never leave here; a doubt goes in their place.

use super::decode::DecodeError;
use super::installed;
use super::known::{Hints, Known};
use super::listen;
use super::protocol::{self, Asked, FromEngine, ToEngine};
pub use super::whisper::Setup;
use super::whisper::Whisper;
use crate::causes;
use crate::vocab::lexicon::Lexicon;
use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// Requests that may wait; the program sends one at a time.
const WAITING_MAX: usize = 1;
/// After its input closed, the engine has this long to leave a decoding before it is ended.
const LEAVE_WITHIN: Duration = Duration::from_millis(800);

/// Serves requests with the model until the input ends.
///
/// # Errors
/// When an answer cannot be written; the program is gone then.
pub fn serve(
    setup: &Setup,
    input: impl Read + Send + 'static,
    mut output: impl Write,
) -> std::io::Result<ExitCode> {
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, requests) = sync_channel(WAITING_MAX);
    let reader_stop = Arc::clone(&stop);
    // Not joined: it is the thread that ends the process when the program is gone.
    thread::Builder::new()
        .name("speech-requests".into())
        .spawn(move || read_requests(input, &sender, &reader_stop))?;
    match load(setup) {
        Ok(whisper) => {
            protocol::send_answer(&mut output, &FromEngine::Ready)?;
            answer_requests(whisper, &requests, &stop, &mut output)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(reason) => {
            protocol::send_answer(&mut output, &FromEngine::Unusable(reason))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The digest is compared before every load, so a tampered or damaged model is never used.
fn load(setup: &Setup) -> Result<Whisper, String> {
    installed::verify(&setup.model).map_err(|error| causes::chain(&error))?;
    Whisper::load(setup)
}

/// Hands requests over and sets the stop flag; when the input ends, ends the process.
fn read_requests(mut input: impl Read, requests: &SyncSender<Work>, stop: &AtomicBool) {
    loop {
        match protocol::receive_request(&mut input) {
            Ok(Some(ToEngine::Stop)) => stop.store(true, Ordering::Relaxed),
            Ok(Some(ToEngine::Hints(hints))) => {
                if requests.send(Work::Hints(hints)).is_err() {
                    return;
                }
            }
            Ok(Some(ToEngine::Recognize(asked))) => {
                stop.store(false, Ordering::Relaxed);
                if requests.send(Work::Recognize(asked)).is_err() {
                    return;
                }
            }
            Ok(None) | Err(_) => break,
        }
    }
    stop.store(true, Ordering::Relaxed);
    thread::sleep(LEAVE_WITHIN);
    std::process::exit(0);
}

enum Work {
    /// What is known of the dictation that follows.
    Hints(Hints),
    Recognize(Asked),
}

fn answer_requests(
    mut whisper: Whisper,
    requests: &Receiver<Work>,
    stop: &AtomicBool,
    output: &mut impl Write,
) -> std::io::Result<()> {
    let mut lexicon = Lexicon::built_in();
    let mut work_type = None;
    let mut glanced = None;
    while let Ok(work) = requests.recv() {
        let asked = match work {
            Work::Hints(hints) => {
                lexicon = Lexicon::with(hints.terms);
                work_type = hints.work_type;
                continue;
            }
            Work::Recognize(asked) => asked,
        };
        #[cfg(feature = "faults")]
        abort_once();
        let manner = asked.manner;
        let work_type = work_type.as_deref();
        let known =
            (!manner.plain).then_some(Known { lexicon: &lexicon, work_type, mode: manner.mode });
        let answer = match listen::listen(&mut whisper, &mut glanced, known, &asked, stop) {
            Ok(heard) => FromEngine::Heard(heard),
            Err(DecodeError::Stopped) => FromEngine::Stopped,
            Err(DecodeError::Model(error)) => FromEngine::Failed(error.to_string()),
        };
        protocol::send_answer(output, &answer)?;
    }
    Ok(())
}

/// Environment variable of the fault tests: a file whose presence makes the engine abort in the
/// middle of a chunk, as a failed assertion in the C library does. The file is removed first, so
/// that the next try works.
#[cfg(feature = "faults")]
pub const ABORT_ONCE: &str = "CHARTSCRIBE_SPEECH_ABORT_ONCE";

#[cfg(feature = "faults")]
fn abort_once() {
    if let Some(path) = std::env::var_os(ABORT_ONCE)
        && std::fs::remove_file(path).is_ok()
    {
        std::process::abort();
    }
}
