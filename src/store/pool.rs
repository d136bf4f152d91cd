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

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    struct Item {
        sound: bool,
    }

    impl Mend for Item {
        fn mend(&mut self) -> bool {
            self.sound
        }
    }

    fn lend(pool: &Pool<Item>, sound: bool) -> Option<Lease<'_, Item>> {
        pool.lend(Duration::ZERO, || Ok::<_, ()>(Item { sound })).ok()
    }

    #[test]
    fn no_more_than_the_limit_is_lent_and_what_comes_back_is_lent_again() {
        let pool = Pool::new(2, Vec::new());
        let first = lend(&pool, true);
        let second = lend(&pool, true);
        assert!(first.is_some() && second.is_some());
        assert!(lend(&pool, true).is_none(), "a third is refused when nobody waits");
        drop(first);
        assert!(lend(&pool, false).is_some_and(|item| item.sound), "the returned one");
    }

    #[test]
    fn an_item_beyond_mending_makes_room_for_a_new_one() {
        let pool = Pool::new(1, Vec::new());
        drop(lend(&pool, false));
        assert!(lend(&pool, true).is_some_and(|item| item.sound));
    }

    #[test]
    fn a_failure_to_open_does_not_use_up_the_pool() {
        let pool = Pool::<Item>::new(1, Vec::new());
        let failed = pool.lend(Duration::ZERO, || Err("no")).map(|_| ());
        assert!(matches!(failed, Err(Refusal::Open("no"))));
        assert!(lend(&pool, true).is_some());
    }

    #[test]
    fn whoever_waits_gets_what_comes_back() {
        let pool = Pool::new(1, vec![Item { sound: true }]);
        std::thread::scope(|scope| {
            let lease = lend(&pool, true);
            let waiting =
                scope.spawn(|| pool.lend(PATIENCE, || Ok::<_, ()>(Item { sound: true })).is_ok());
            drop(lease);
            assert!(waiting.join().expect("no panic"));
        });
    }
}
