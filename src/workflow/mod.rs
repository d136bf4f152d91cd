//! Acts: one act of one person or machine is one function, one transaction, one audit row.
//!
//! Not for: HTTP, pages, queues or SQL. Callers above bring an `Acting`, layers below keep and
//! compute.
//!
//! Invariant: whether somebody may do something is decided here and nowhere else, and every
//! change to a report is made here.

pub mod audit;
pub mod changes;
pub mod chart;
pub mod credentials;
pub mod drafting;
pub mod error;
pub mod glass;
pub mod intake;
pub mod labels;
pub mod listening;
mod particulars;
pub mod people;
pub mod permission;
pub mod reading;
pub mod receive;
pub mod recordings;
pub mod review;
pub mod second_factor;
mod shown;
pub mod sight;
pub mod sign_in;
pub mod signing;
pub mod site;
pub mod standing;
pub mod takes;
pub mod transcription;
pub mod upkeep;
pub mod vocabulary;
pub mod worklist;
