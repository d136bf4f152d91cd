//! Named places where a test build dies or runs out of disk space on purpose.
//!
//! Not for: handling failures. Without the cargo feature `faults` everything here is empty.
//!
//! With it, two environment variables choose what happens:
//! - `CHARTSCRIBE_CRASH_AT=name[:n]`: the process kills itself (SIGKILL) as it passes
//!   `point(name)` for the n-th time, the first when `:n` is absent.
//! - `CHARTSCRIBE_FAIL_AT=name`: every `io(name)` answers that the disk is full.
//!
//! The names are kebab-case and say where, in the order in which a dictation passes them:
//! - `blob-write` (io): before a chunk of a recording is written.
//! - `blob-after-write`: the temporary file is complete and synced, it has no name yet.
//! - `blob-before-rename`, `blob-after-rename`: around its move to its final name.
//! - `spool-write` (io): before a frame of a workstation's recording is written.
//! - `db-commit` (io): before a write transaction commits.
//! - `db-before-commit`, `db-after-commit`: around that commit.
//! - `create-before-keyring`, `create-after-keyring`: around the step that makes a data folder.
//! - `migrate-before-commit`: migrations have run and are not committed.
//! - `rotate-…`, `reencrypt-…`: the steps of `store/rotation.rs` and `store/reencrypt.rs`.
//!
//! Invariant: a release build contains neither the variables' names nor a way to reach them.

#[cfg(not(feature = "faults"))]
mod planned {
    #[inline(always)]
    pub fn point(_name: &'static str) {}

    #[inline(always)]
    pub fn io(_name: &'static str) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(feature = "faults")]
mod planned {
    use std::env;
    use std::io;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    struct Crash {
        name: String,
        left: AtomicU32,
    }

    static CRASH: OnceLock<Option<Crash>> = OnceLock::new();
    static FAIL: OnceLock<Option<String>> = OnceLock::new();

    pub fn point(name: &'static str) {
        let crash = CRASH.get_or_init(|| parse(&env::var("CHARTSCRIBE_CRASH_AT").ok()?));
        let Some(crash) = crash.as_ref().filter(|crash| crash.name == name) else { return };
        if crash.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            die();
        }
    }

    pub fn io(name: &'static str) -> io::Result<()> {
        let fail = FAIL.get_or_init(|| env::var("CHARTSCRIBE_FAIL_AT").ok());
        match fail.as_deref() == Some(name) {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => Ok(()),
        }
    }

    fn parse(value: &str) -> Option<Crash> {
        let (name, nth) = value.split_once(':').unwrap_or((value, "1"));
        let left = nth.parse().expect("CHARTSCRIBE_CRASH_AT is name or name:n");
        Some(Crash { name: name.to_owned(), left: AtomicU32::new(left) })
    }

    /// As a power cut: no destructor runs, no buffer is flushed.
    fn die() -> ! {
        use rustix::process::{Signal, getpid, kill_process};
        kill_process(getpid(), Signal::KILL).expect("a process may kill itself");
        loop {
            std::thread::park();
        }
    }
}

/// A place where a planned crash can happen.
#[inline(always)]
pub fn point(name: &'static str) {
    planned::point(name);
}

/// A place where the disk can be full by plan.
///
/// # Errors
/// `StorageFull` when the plan names this place.
#[inline(always)]
pub fn io(name: &'static str) -> std::io::Result<()> {
    planned::io(name)
}
