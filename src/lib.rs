//! Chartscribe: dictated audio becomes a filed clinical report, on one machine, offline.
//!
//! The layers are listed in `src/ARCHITECTURE.md`; a module uses only those above it there.
#![deny(unsafe_code)]

pub mod audio;
pub mod causes;
pub mod cli;
pub mod config;
pub mod domain;
pub mod evaluate;
pub mod fault;
pub mod file_lock;
pub mod jobs;
#[cfg(feature = "microphone")]
pub mod mic;
pub mod speech;
pub mod store;
pub mod telemetry;
pub mod text;
pub mod vocab;
pub mod web;
pub mod workflow;
