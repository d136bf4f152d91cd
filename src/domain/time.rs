//! Instants and spans of audio as the domain counts them.
//!
//! Not for: calendars, time zones or reading a clock; pages and interfaces render with `jiff`.
//!
//! Invariant: an instant is milliseconds since 1970-01-01T00:00:00Z, a place in audio is
//! milliseconds since its first sample.

/// An instant, in milliseconds UTC since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    pub fn plus_ms(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// Milliseconds from `earlier` to this instant; negative when `earlier` is later.
    pub fn since(self, earlier: Timestamp) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A stretch of audio: milliseconds from its first sample, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AudioSpan {
    pub start_ms: u32,
    pub end_ms: u32,
}

/// A stretch of text: Unicode scalar values from its start, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextSpan {
    pub start: u32,
    pub end: u32,
}
