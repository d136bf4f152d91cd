//! How well recordings with known texts are recognised and written: error rates, terms, false
//! alterations, calibration, time and memory.
//!
//! Not for: deciding anything in the program by these figures, or printing them (`cli`).
//!
//! Invariant: one stated normaliser (`normalise`) for all texts, and every figure of a pass is
//! over the same recordings, so passes can be compared. Nothing here logs a text.

pub mod align;
pub mod calibration;
pub mod manifest;
pub mod memory;
pub mod normalise;
mod numbers;
pub mod passes;
pub mod patient;
pub mod safety;
pub mod score;
pub mod table;
