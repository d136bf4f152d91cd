//! Takes that their speaker left without finishing them become dictations by themselves.
//!
//! Not for: how that is done (`workflow/takes.rs`).
//!
//! Invariant: what was recorded is never lost, and never waits for the person to come back.

use crate::causes::chain;
use crate::workflow::error::WorkflowError;
use crate::workflow::site::Site;
use crate::workflow::takes;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::Duration;
use tracing::{error, info};

/// How often it is looked for such takes.
const LOOK: Duration = Duration::from_secs(15);

/// The thread that looks. Dropping it stops and joins it.
pub struct LeftAlone {
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl LeftAlone {
    pub fn start(site: Arc<Site>) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::Builder::new().name("left-alone".into()).spawn(move || {
            loop {
                if let Err(error) = tick(&site) {
                    error!("recordings that were left could not be taken in: {}", chain(&error));
                }
                if stopped.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for LeftAlone {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            error!("the thread that looks after left recordings ended by a panic");
        }
    }
}

/// Takes in every take that was left; answers how many. One that fails keeps no other out.
///
/// # Errors
/// When the store cannot be read; a take that cannot be taken in is in the log.
pub fn tick(site: &Site) -> Result<usize, WorkflowError> {
    let mut count = 0;
    for take in takes::left_alone(site)? {
        let id = take.id;
        match takes::finish_left_alone(site, &take) {
            Ok(Some(received)) => {
                info!(dictation.id = %received.dictation, "recording {id} was left; taken in");
                count += 1;
            }
            Ok(None) => info!("recording {id} was left empty; removed"),
            Err(error) => error!("recording {id} was left and stays: {}", chain(&error)),
        }
    }
    Ok(count)
}
