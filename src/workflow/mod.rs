//! Acts: one act of one person or machine is one function, one transaction, one audit row.
//!
//! Not for: HTTP, pages, queues or SQL. Callers above bring an `Acting`, layers below keep and
//! compute.
//!
//! Invariant: whether somebody may do something is decided here and nowhere else, and every
//! change to a report is made here.

pub mod chart;
pub mod error;
pub mod intake;
mod particulars;
pub mod people;
pub mod permission;
pub mod reading;
pub mod receive;
pub mod review;
pub mod sight;
pub mod sign_in;
pub mod signing;
pub mod site;
pub mod transcription;
pub mod vocabulary;
pub mod worklist;
