//! Who writes the punctuation of a dictation.
//!
//! Not for: how marks are heard (`speech`) or written (`text`).
//!
//! Invariant: that of `named`.

use super::named::named;

named! {
    /// The default is `Mixed` (domain specification 1.2).
    #[derive(Default)]
    pub enum Mode {
        /// The author dictates every mark; those of the engine are dropped.
        Spoken = "spoken",
        /// The engine does; words such as "period" are words.
        Auto = "auto",
        /// Both; a dictated mark wins over the engine's at the same place.
        #[default]
        Mixed = "mixed",
    }
}
