//! The daily check: once a day (UTC) the audit's chain is checked and its head written down.
//!
//! Not for: transcription (`worker.rs`).
//!
//! Invariant: a check that finds something is an error in the log, every time the server looks;
//! the head is in the log too, so that a log kept on another machine is one more witness.

use crate::causes::chain;
use crate::workflow::audit;
use crate::workflow::error::WorkflowError;
use crate::workflow::site::{Acting, Site};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;
use tracing::{error, info};

/// How often it is asked whether a day has passed.
const LOOK: Duration = Duration::from_secs(600);

/// The thread that looks. Dropping it stops and joins it.
pub struct Daily {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Daily {
    pub fn start(site: Arc<Site>) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name("daily".into()).spawn(move || {
            while look(&site) && stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {}
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Daily {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            error!("the thread of the daily check ended by a panic");
        }
    }
}

/// Looks, and says what went wrong; always to go on.
fn look(site: &Site) -> bool {
    if let Err(error) = tick(site) {
        error!("the audit could not be checked: {}", chain(&error));
    }
    true
}

/// Checks the audit if a day has passed; says whether it did.
///
/// # Errors
/// When the store or the file of heads fails; what the check finds is in the log.
pub fn tick(site: &Site) -> Result<bool, WorkflowError> {
    if !audit::is_due(site)? {
        return Ok(false);
    }
    let verified = audit::verify(site, &Acting::machine())?;
    let rows = verified.checked.rows;
    match &verified.head {
        Some(head) => {
            let seal = hex::encode(&head.seal);
            info!(rows, head = head.seq, %seal, "the audit holds up to row {}", head.seq);
        }
        None => {
            let broken = verified.checked.broken;
            let lost = verified.checked.lost.len();
            error!(rows, ?broken, lost, "the audit does not hold; run `chartscribe audit verify`");
        }
    }
    Ok(true)
}
