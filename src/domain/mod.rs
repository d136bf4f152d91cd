//! What the words of dictation and records mean: ids, people, patients, dictations, transcripts,
//! reports, flags, signatures and audit events, and the rules that need nothing else.
//!
//! Not for: reading, writing, waiting or asking the time. Nothing here does IO, knows SQL or
//! HTTP, or reads a clock; every instant is an argument.
//!
//! Invariant: nothing here can fail for a reason outside its arguments.

pub mod audit;
pub mod dictation;
pub mod digest;
pub mod evidence;
pub mod flag;
pub mod glass;
pub mod ids;
pub mod label;
pub(crate) mod named;
pub mod pace;
pub mod patient;
pub mod person;
pub mod phi;
pub mod punctuation;
pub mod quality;
pub mod report;
pub mod scope;
pub mod signature;
pub mod take;
pub mod time;
pub mod transcript;
pub mod work_type;
