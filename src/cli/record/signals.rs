//! Signals that end a recording in an orderly way.
//!
//! Not for: what an orderly end is.
//!
//! Invariant: no signal that can be caught loses a sample.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use tokio::signal::unix::{SignalKind, signal};

/// A flag that Ctrl-C, a closed terminal and a polite kill raise.
pub fn stop() -> anyhow::Result<Arc<AtomicBool>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let guard = runtime.enter();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    drop(guard);
    let stop = Arc::new(AtomicBool::new(false));
    let raised = stop.clone();
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    _ = hangup.recv() => {}
                }
                raised.store(true, Ordering::Release);
            }
        });
    })?;
    Ok(stop)
}
