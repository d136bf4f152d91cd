//! The daily check of the stored recordings and texts, slow enough that nobody notices it.
//!
//! Not for: what a check is (`workflow/recordings.rs`), or the audit's chain (`daily.rs`).
//!
//! Invariant: it reads a quarter of the time at most, stops within a piece of a recording, and
//! says each finding in the log, every day that it stays.

use crate::causes::chain;
use crate::workflow::error::WorkflowError;
use crate::workflow::recordings;
use crate::workflow::site::Site;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tracing::error;

/// How often it is asked whether a check is due.
const LOOK: Duration = Duration::from_secs(600);
/// Rest after a piece, in times of what its reading took (judgment).
const REST: u32 = 3;

/// The thread that checks. Dropping it stops and joins it.
pub struct Recheck {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Recheck {
    pub fn start(site: Arc<Site>) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name("recheck".into()).spawn(move || {
            let rest = |time| stopped.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
            loop {
                let more = look(&site, &mut |took| rest(took * REST));
                if !rest(if more { Duration::ZERO } else { LOOK }) {
                    return;
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Recheck {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            error!("the thread of the recordings' check ended by a panic");
        }
    }
}

/// Does one round, and says what went wrong; whether there may be more to do at once.
fn look(site: &Site, go_on: &mut dyn FnMut(Duration) -> bool) -> bool {
    match round(site, go_on).and_then(|checked| Ok((checked, versions(site, go_on)?))) {
        Ok((checked, more)) => checked > 0 || more,
        Err(error) => {
            error!("the recordings and texts could not be checked: {}", chain(&error));
            false
        }
    }
}

/// Checks some texts if that is due; whether there is more to do at once.
///
/// # Errors
/// When the database fails; what a check finds is in the log and the audit.
pub fn versions(
    site: &Site,
    go_on: &mut dyn FnMut(Duration) -> bool,
) -> Result<bool, WorkflowError> {
    let began = Instant::now();
    let (wrong, more) = recordings::check_versions(site)?;
    for (report, number) in wrong {
        error!(report.id = %report, number, "version {number} of report {report} is damaged");
    }
    Ok(more && go_on(began.elapsed()))
}

/// Checks some recordings that are due, and answers how many. `go_on` is told after each piece
/// how long its reading took, and answers whether to go on.
///
/// # Errors
/// When the database fails; what a check finds is in the log, the metrics and the audit.
pub fn round(site: &Site, go_on: &mut dyn FnMut(Duration) -> bool) -> Result<usize, WorkflowError> {
    let mut checked = Vec::new();
    for audio in recordings::due(site)? {
        let Some(one) = recordings::check(site, audio, go_on) else { break };
        if let Some(finding) = one.finding {
            let finding = finding.code();
            error!(finding, "a stored recording is {finding}; the audit names its dictation");
        }
        checked.push(one);
    }
    recordings::note(site, &checked)?;
    Ok(checked.len())
}
