//! A bounded pool of connections that are lent out one at a time.
//!
//! Not for: knowing what a connection is; `db.rs` opens and mends them.
//!
//! Invariant: at most `limit` items exist, and each is in the pool or in one `Lease`.

use std::ops::Deref;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub(super) struct Pool<T: Mend> {
    limit: usize,
    shelf: Mutex<Shelf<T>>,
    returned: Condvar,
}

struct Shelf<T> {
    idle: Vec<T>,
    lent: usize,
}

/// What the pool does to an item that comes back, also when its borrower panicked.
pub(super) trait Mend {
    /// Makes the item as new; `false` when it is beyond that and must be thrown away.
    fn mend(&mut self) -> bool;
}

/// Why no item was lent.
pub(super) enum Refusal<E> {
    TimedOut,
    Open(E),
}

impl<T: Mend> Pool<T> {
    pub(super) fn new(limit: usize, idle: Vec<T>) -> Self {
        assert!(limit > 0 && idle.len() <= limit, "a pool holds at most its limit");
        let shelf = Mutex::new(Shelf { idle, lent: 0 });
        Self { limit, shelf, returned: Condvar::new() }
    }

    /// Lends an idle item, or opens one, or waits at most `patience` for one to come back.
    pub(super) fn lend<E>(
        &self,
        patience: Duration,
        open: impl FnOnce() -> Result<T, E>,
    ) -> Result<Lease<'_, T>, Refusal<E>> {
        let deadline = Instant::now() + patience;
        let mut shelf = self.lock();
        loop {
            if let Some(item) = shelf.idle.pop() {
                shelf.lent += 1;
                return Ok(Lease { pool: self, item: Some(item) });
            }
            if shelf.lent < self.limit {
                shelf.lent += 1;
                break;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Refusal::TimedOut);
            }
            shelf =
                self.returned.wait_timeout(shelf, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(shelf);
        let mut lease = Lease { pool: self, item: None };
        lease.item = Some(open().map_err(Refusal::Open)?);
        Ok(lease)
    }

    /// A panic while the lock is held cannot leave the shelf half-changed, so poison is ignored.
    fn lock(&self) -> MutexGuard<'_, Shelf<T>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A borrowed item; dropping it mends and returns it.
pub(super) struct Lease<'a, T: Mend> {
    pool: &'a Pool<T>,
    /// Absent only when opening failed, and while dropping.
    item: Option<T>,
}

impl<T: Mend> Deref for Lease<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.item.as_ref().expect("a lease that was handed out holds an item")
    }
}

impl<T: Mend> Drop for Lease<'_, T> {
    fn drop(&mut self) {
        let mut item = self.item.take();
        if item.as_mut().is_some_and(|item| !item.mend()) {
            item = None;
        }
        let mut shelf = self.pool.lock();
        shelf.lent -= 1;
        shelf.idle.extend(item);
        drop(shelf);
        self.pool.returned.notify_one();
    }
}
