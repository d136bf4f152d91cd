//! The machine's work, done where no person waits: a queue of jobs and the worker that runs them.
//!
//! Not for: people's work (the worklist), or deciding what a result means (`workflow`).
//!
//! Invariant: a job is done by the holder of its lease; work that ends the process, is stopped
//! or fails leaves the job in a state from which it goes on or a person sees why it does not.

pub mod daily;
pub mod left_alone;
pub mod live;
pub mod recheck;
pub mod sweep;
pub mod transcribe;
pub mod worker;
