//! How many threads encode while somebody waits: one more only where it helps.
//!
//! Not for: decoding, whose steps are too small to be shared.
//!
//! Invariant: never more threads than both kinds together; a machine that does something else as
//! well is left alone for a while. The engine's threads spin while they wait for each other, and
//! with fewer idle cores than threads it becomes many times slower (`config.rs` has the figures).

/// Sharing has to take at most this part of the time without it.
const WORTH: f32 = 0.9;
/// After it was not worth it, so many encodings are done without.
const LEAVE_FOR: u32 = 20;

pub struct Spare {
    own: i32,
    shared: i32,
    /// The least seconds for a position with the own threads alone.
    own_cost: Option<f32>,
    /// Encodings to be done without sharing.
    left: u32,
}

impl Spare {
    /// `own` threads always, `more` where cores are idle.
    pub fn new(own: i32, more: i32) -> Self {
        Self { own, shared: own + more, own_cost: None, left: 0 }
    }

    /// Threads for the next encoding. Its first is done with the own ones, to compare with.
    pub fn threads(&self) -> i32 {
        if self.own_cost.is_none() || self.left > 0 { self.own } else { self.shared }
    }

    /// Says that an encoding took so many seconds for each of its positions.
    pub fn took(&mut self, threads: i32, cost: f32) {
        let own_cost = self.own_cost.unwrap_or(cost);
        if threads == self.own {
            self.own_cost = Some(own_cost.min(cost));
            self.left = self.left.saturating_sub(1);
        } else if cost > WORTH * own_cost {
            self.left = LEAVE_FOR;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_shared_after_a_first_encoding_and_as_long_as_it_helps() {
        let mut spare = Spare::new(1, 1);
        assert_eq!(spare.threads(), 1);
        spare.took(1, 1.0);
        for _ in 0..5 {
            assert_eq!(spare.threads(), 2);
            spare.took(2, 0.6);
        }
        spare.took(2, 3.0);
        for _ in 0..LEAVE_FOR {
            assert_eq!(spare.threads(), 1, "the other core is busy");
            spare.took(1, 1.1);
        }
        assert_eq!(spare.threads(), 2, "it is tried again");
    }

    #[test]
    fn without_spare_threads_nothing_changes() {
        let mut spare = Spare::new(2, 0);
        for cost in [1.0, 9.0, 0.1] {
            assert_eq!(spare.threads(), 2);
            spare.took(2, cost);
        }
    }
}
