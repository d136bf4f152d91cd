//! How fast somebody dictates.
//!
//! Not for: finding the pauses (`audio/phrases.rs`).
//!
//! Invariant: that of `named`.

use super::named::named;

named! {
    /// Whoever thinks between words is not taken to have ended a phrase; whoever speaks in one
    /// breath is not left waiting for words.
    #[derive(Default)]
    pub enum Pace {
        Slow = "slow",
        #[default]
        Usual = "usual",
        Fast = "fast",
    }
}

impl Pace {
    /// A pause this long ends a phrase, in milliseconds: judgment. The middle one parts the
    /// phrases of read dictations and not their words; the others are twice as long, and what is
    /// still longer than the stop before a plosive.
    pub fn pause_ms(self) -> u32 {
        match self {
            Self::Slow => 832,
            Self::Usual => 416,
            Self::Fast => 288,
        }
    }
}
