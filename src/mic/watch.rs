//! Looks after the server while nobody waits for it: whether it can be reached, how many more
//! recordings could have their text shown, and whose a record number is.
//!
//! Not for: recordings (`delivery.rs`).
//!
//! Invariant: whoever asks for a patient is answered once, as soon as the server can be reached.

use super::about::Named;
use super::upload::{Server, UploadError};
use crate::causes::chain;
use crate::domain::phi::Phi;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How often the server is looked at.
const EVERY: Duration = Duration::from_secs(4);
/// How soon a question is seen.
const LOOK: Duration = Duration::from_millis(50);

/// Whose a record number is.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Named(Named),
    Unknown,
    Refused(String),
}

#[derive(Default)]
struct State {
    question: Option<Phi<String>>,
    answer: Option<Answer>,
    /// Why the server cannot be used; `None` before the first look, too.
    away: Option<String>,
    live_free: Option<usize>,
}

/// Dropping it ends the looking.
pub struct Watch {
    state: Arc<Mutex<State>>,
    stop: Arc<AtomicBool>,
}

impl Watch {
    pub fn start(server: Arc<Server>) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let stop = Arc::new(AtomicBool::new(false));
        let (shared, stopped) = (state.clone(), stop.clone());
        thread::spawn(move || {
            let mut looked: Option<Instant> = None;
            while !stopped.load(Ordering::Acquire) {
                let question = lock(&shared).question.clone();
                if let Some(mrn) = &question {
                    answer(&shared, mrn, server.identify(mrn));
                }
                if looked.is_none_or(|at| at.elapsed() >= EVERY) {
                    let found = server.live_free();
                    let mut state = lock(&shared);
                    state.away = found.as_ref().err().map(|error| chain(error));
                    state.live_free = found.ok();
                    looked = Some(Instant::now());
                }
                thread::sleep(LOOK);
            }
        });
        Self { state, stop }
    }

    pub fn ask(&self, mrn: Option<Phi<String>>) {
        let mut state = lock(&self.state);
        state.question = mrn;
        state.answer = None;
    }

    pub fn take_answer(&self) -> Option<Answer> {
        lock(&self.state).answer.take()
    }

    pub fn away(&self) -> Option<String> {
        lock(&self.state).away.clone()
    }

    /// Recordings that could have their text shown beside those that have.
    pub fn live_free(&self) -> Option<usize> {
        lock(&self.state).live_free
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes the answer, unless another question was asked meanwhile.
fn answer(shared: &Mutex<State>, mrn: &Phi<String>, found: Result<Option<Named>, UploadError>) {
    let mut state = lock(shared);
    if state.question.as_ref() != Some(mrn) {
        return;
    }
    state.answer = match found {
        Ok(Some(named)) => Some(Answer::Named(named)),
        Ok(None) => Some(Answer::Unknown),
        Err(error) if error.is_passing() => {
            state.away = Some(chain(&error));
            drop(state);
            // Asked again, but not all the time.
            thread::sleep(Duration::from_millis(500));
            return;
        }
        Err(error) => Some(Answer::Refused(chain(&error))),
    };
    state.question = None;
}
