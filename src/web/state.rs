//! What every handler shares.
//!
//! Not for: anything of one request or one person.
//!
//! Invariant: a call of `workflow` runs on a thread that may block, never on the runtime's own.

use super::error::ApiError;
use super::events::Changes;
use super::health::Machine;
use super::metrics::Metrics;
use super::pages::Templates;
use super::traffic::Traffic;
use crate::jobs::live::Ears;
use crate::workflow::error::WorkflowError;
use crate::workflow::site::Site;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// Tells the worker of this process that there is new work, so that it need not wait for its
/// next look at the queue.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Calls of `workflow` that run at the same time. SQLite has one writer and a few readers; more
/// threads would only wait there.
const BLOCKING_CALLS: usize = 16;

/// How long a request waits for its turn before it is told that the server is busy.
const BUSY_AFTER: Duration = Duration::from_secs(10);

#[derive(Clone)]
pub struct AppState {
    pub site: Arc<Site>,
    pub templates: Arc<Templates>,
    pub changes: Changes,
    pub wake: Wake,
    /// Turns true when the server is to stop.
    pub stop: watch::Receiver<bool>,
    pub machine: Machine,
    pub ears: Arc<Ears>,
    pub metrics: Metrics,
    pub traffic: Traffic,
    turns: Arc<Semaphore>,
}

impl AppState {
    pub fn new(
        site: Arc<Site>,
        wake: Wake,
        stop: watch::Receiver<bool>,
        machine: Machine,
        ears: Arc<Ears>,
    ) -> Self {
        Self {
            site,
            templates: Arc::new(Templates::embedded()),
            changes: Changes::new(),
            wake,
            stop,
            machine,
            ears,
            metrics: Metrics::new(),
            traffic: Traffic::default(),
            turns: Arc::new(Semaphore::new(BLOCKING_CALLS)),
        }
    }

    /// Runs a blocking call of `workflow`.
    ///
    /// # Errors
    /// What the call answers; [`ApiError::Busy`] when no turn came within [`BUSY_AFTER`];
    /// [`ApiError::Broken`] when it panicked.
    pub async fn db<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Site) -> Result<T, WorkflowError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let turn = tokio::time::timeout(BUSY_AFTER, self.turns.clone().acquire_owned()).await;
        let turn = turn.map_err(|_| ApiError::Busy)?.map_err(|_| ApiError::Busy)?;
        let site = Arc::clone(&self.site);
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            call(&site)
        });
        Ok(work.await.map_err(|source| ApiError::Broken { source })??)
    }
}
