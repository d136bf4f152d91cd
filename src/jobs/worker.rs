//! The workers: a thread for each recogniser claims a job, runs it under a lease, and writes how
//! it ended.
//!
//! Not for: the work itself (`transcribe.rs`).
//!
//! Invariant: `tick` does one job, and the STAT jobs that come while it is a routine one; while it
//! runs, the lease is renewed, and a request to stop reaches the work within half a second.

use super::transcribe::{self, JobFailure};
use crate::causes::chain;
use crate::domain::dictation::Priority;
use crate::speech::{Recognizer, Watch};
use crate::workflow::drafting;
use crate::workflow::error::WorkflowError;
use crate::workflow::site::Site;
use crate::workflow::transcription::{self, Assignment, Failure};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tracing::{error, info, warn};

/// How long a job is the worker's without a sign of life. A server that was killed has its job
/// resumed after this long at the latest.
pub const LEASE_MS: i64 = 10_000;
/// How often the lease is renewed, progress written and a request to stop looked for.
const HEARTBEAT: Duration = Duration::from_millis(400);
/// How often the queue is looked at when nobody wakes the worker: another process may have
/// added to it.
const POLL: Duration = Duration::from_millis(500);
/// The wait before the second attempt; it is four times as long before each further one.
const FIRST_WAIT_MS: i64 = 2_000;
const LONGEST_WAIT_MS: i64 = 300_000;

/// What a `tick` found to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ticked {
    Idle,
    Worked,
}

/// The running threads. Dropping it stops and joins them.
pub struct Workers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    stopping: AtomicBool,
    woken: Mutex<bool>,
    bell: Condvar,
}

impl Workers {
    /// Starts a thread for each recogniser: so many dictations are transcribed at once. A
    /// recogniser loads nothing before its first job.
    ///
    /// # Errors
    /// When the system gives no thread; those already started are stopped.
    pub fn start(site: &Arc<Site>, recognizers: Vec<Arc<dyn Recognizer>>) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            stopping: AtomicBool::new(false),
            woken: Mutex::new(false),
            bell: Condvar::new(),
        });
        let mut workers = Self { shared, threads: vec![] };
        for recognizer in recognizers {
            let (site, shared) = (Arc::clone(site), Arc::clone(&workers.shared));
            let thread = std::thread::Builder::new()
                .name("transcriber".into())
                .spawn(move || run(&site, recognizer.as_ref(), &shared))?;
            workers.threads.push(thread);
        }
        Ok(workers)
    }

    /// Says that the queue has grown.
    pub fn wake(&self) {
        *self.shared.woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.bell.notify_one();
    }

    /// Whether all threads are there.
    pub fn are_alive(&self) -> bool {
        self.threads.iter().all(|thread| !thread.is_finished())
    }

    /// Puts the jobs in hand back in the queue and ends the threads.
    fn stop(&mut self) {
        self.shared.stopping.store(true, Ordering::Relaxed);
        *self.shared.woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.shared.bell.notify_all();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                error!("a transcriber thread ended by a panic");
            }
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(site: &Site, recognizer: &dyn Recognizer, shared: &Shared) {
    let owner = uuid::Uuid::now_v7().to_string();
    while !shared.stopping.load(Ordering::Relaxed) {
        // A panic in a job fails that attempt: its lease passes and the attempt stays counted.
        let ticked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            tick(site, recognizer, &owner, &shared.stopping)
        }));
        match ticked {
            Ok(Ok(Ticked::Worked)) => continue,
            Ok(Ok(Ticked::Idle)) => {}
            Ok(Err(error)) => error!("the queue could not be served: {}", chain(&error)),
            Err(_) => error!("a transcription ended by a panic; it is tried again"),
        }
        wait(shared);
    }
}

fn wait(shared: &Shared) {
    let woken = shared.woken.lock().unwrap_or_else(PoisonError::into_inner);
    let waited = shared.bell.wait_timeout_while(woken, POLL, |woken| !*woken);
    *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
}

/// Claims and runs one job, if one is due.
///
/// # Errors
/// When the store fails; how the job itself ended is written down, not answered.
pub fn tick(
    site: &Site,
    recognizer: &dyn Recognizer,
    owner: &str,
    stopping: &AtomicBool,
) -> Result<Ticked, WorkflowError> {
    transcription::bury_exhausted(site)?;
    let Some(assignment) = transcription::claim(site, owner, LEASE_MS)? else {
        return Ok(Ticked::Idle);
    };
    let bench = Bench { site, recognizer, owner, stopping };
    bench.work(&assignment)?;
    Ok(Ticked::Worked)
}

/// What a piece of work is done with.
struct Bench<'a> {
    site: &'a Site,
    recognizer: &'a dyn Recognizer,
    owner: &'a str,
    stopping: &'a AtomicBool,
}

impl Bench<'_> {
    /// Runs an assignment to its end. Routine work is put aside between two chunks for as long as
    /// STAT work waits; its lease is kept meanwhile.
    fn work(&self, assignment: &Assignment) -> Result<(), WorkflowError> {
        let Self { site, recognizer, owner, stopping } = *self;
        let signals = Signals::new(stopping);
        let is_stat = assignment.dictation.priority == Priority::Stat;
        let between = || {
            while !is_stat && !signals.stopped() && self.stat_first() {}
        };
        let result = std::thread::scope(|scope| {
            let heart = scope.spawn(|| beat(site, assignment, owner, &signals));
            let result = transcribe::run(site, recognizer, assignment, &signals, &between);
            signals.done.store(true, Ordering::Relaxed);
            heart.thread().unpark();
            result
        });
        let id = assignment.dictation.id;
        match result {
            Ok(work) => {
                let (draft, flags) = drafting::draft(site, &assignment.dictation, &work)?;
                let job = &assignment.job;
                transcription::complete(site, job, owner, &work, draft, flags)?;
                info!(dictation.id = %id, audio_ms = work.audio_ms, "transcribed dictation {id}");
                Ok(())
            }
            Err(failure) => write_failure(site, assignment, owner, &signals, &failure),
        }
    }

    /// Does one STAT job that waits, if there is one. Its failure is no failure of the work that
    /// was put aside.
    fn stat_first(&self) -> bool {
        let stat = match transcription::claim_stat(self.site, self.owner, LEASE_MS) {
            Ok(stat) => stat,
            Err(error) => {
                error!("it could not be asked for urgent work: {}", chain(&error));
                None
            }
        };
        let Some(stat) = stat else { return false };
        if let Err(error) = self.work(&stat) {
            error!("urgent work could not be written down: {}", chain(&error));
        }
        true
    }
}
fn write_failure(
    site: &Site,
    assignment: &Assignment,
    owner: &str,
    signals: &Signals,
    failure: &JobFailure,
) -> Result<(), WorkflowError> {
    let job = &assignment.job;
    let id = assignment.dictation.id;
    let outcome = match failure {
        _ if signals.lost.load(Ordering::Relaxed) => {
            warn!(dictation.id = %id, "another worker took dictation {id} over");
            return Ok(());
        }
        JobFailure::Stopped if signals.asked.load(Ordering::Relaxed) => Failure::Stopped,
        JobFailure::Stopped => Failure::Interrupted,
        JobFailure::Final { .. } => Failure::Final,
        JobFailure::Passing { .. } => Failure::Retry { wait_ms: wait_ms(job.attempts) },
    };
    let reason = failure.to_string();
    warn!(dictation.id = %id, attempt = job.attempts, "dictation {id}: {reason}");
    transcription::fail(site, job, owner, outcome, &reason)
}

/// The wait after so many attempts.
fn wait_ms(attempts: u32) -> i64 {
    let doublings = 2 * attempts.saturating_sub(1).min(8);
    (FIRST_WAIT_MS << doublings).min(LONGEST_WAIT_MS)
}

/// What the worker and the work tell each other.
struct Signals<'a> {
    /// The program is ending.
    stopping: &'a AtomicBool,
    /// A person asked to stop.
    asked: AtomicBool,
    /// The lease went to another worker.
    lost: AtomicBool,
    done: AtomicBool,
    /// Progress as the bits of an `f32`.
    progress: AtomicU32,
}

impl<'a> Signals<'a> {
    fn new(stopping: &'a AtomicBool) -> Self {
        Self {
            stopping,
            asked: AtomicBool::new(false),
            lost: AtomicBool::new(false),
            done: AtomicBool::new(false),
            progress: AtomicU32::new(0),
        }
    }
}

impl Watch for Signals<'_> {
    fn stopped(&self) -> bool {
        [self.stopping, &self.asked, &self.lost].iter().any(|flag| flag.load(Ordering::Relaxed))
    }

    fn progress(&self, fraction: f32) {
        self.progress.store(fraction.to_bits(), Ordering::Relaxed);
    }
}

/// Renews the lease until the work is done. A store that fails for a moment is tried again: the
/// lease outlasts many beats.
fn beat(site: &Site, assignment: &Assignment, owner: &str, signals: &Signals) {
    while !signals.done.load(Ordering::Relaxed) {
        let progress = f64::from(f32::from_bits(signals.progress.load(Ordering::Relaxed)));
        match transcription::heartbeat(site, assignment.job.id, owner, progress, LEASE_MS) {
            Ok(Some(true)) => signals.asked.store(true, Ordering::Relaxed),
            Ok(Some(false)) => {}
            Ok(None) => signals.lost.store(true, Ordering::Relaxed),
            Err(error) => warn!("a lease could not be renewed: {}", chain(&error)),
        }
        std::thread::park_timeout(HEARTBEAT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_have_an_end() {
        let waits: Vec<i64> = (1..8).map(wait_ms).collect();
        assert_eq!(waits, [2000, 8000, 32000, 128000, 300000, 300000, 300000]);
    }
}
