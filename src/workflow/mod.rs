//! Acts: one act of one person or machine is one function, one transaction, one audit row.
//!
//! Not for: HTTP, pages, queues or SQL. Callers above bring an `Acting`, layers below keep and
//! compute.
//!
//! Invariant: whether somebody may do something is decided here and nowhere else, and every
//! change to a report is made here.

pub mod answering;
pub mod audit;
pub mod changes;
pub mod chart;
pub mod checks;
pub mod copies;
pub mod credentials;
pub mod departments;
pub mod drafting;
pub mod error;
pub mod evidence;
pub mod filter;
pub mod glass;
pub mod guide;
pub mod house_style;
pub mod intake;
pub mod joining;
mod joint_audio;
pub mod labels;
pub mod life;
pub mod lines;
pub mod listening;
pub mod moving;
pub mod notices;
mod particulars;
pub mod people;
pub mod permission;
pub mod played;
pub mod pools;
pub mod quality;
pub mod queue;
pub mod reading;
pub mod receive;
pub mod recordings;
pub mod review;
pub mod sampling;
pub mod search;
pub mod second_factor;
pub mod settings;
mod shown;
pub mod sight;
pub mod sign_in;
pub mod signing;
pub mod site;
pub mod standing;
pub mod take_about;
pub mod takeover;
pub mod takes;
pub mod transcription;
pub mod upkeep;
pub mod views;
pub mod vocabulary;
pub mod wording;
pub mod worklist;
