//! Work types: the kinds of report, with the codes neighbours know them by and their deadlines.
//!
//! Not for: the list itself (`vocab/worktypes.tsv`, read by `vocab::work_types`).
//!
//! Invariant: a code names one work type for ever.

use std::fmt;

/// A site-wide code such as `HP` or `OP`: 2 upper-case letters or digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WorkTypeCode(String);

impl WorkTypeCode {
    pub fn parse(text: &str) -> Option<Self> {
        let code = text.trim().to_ascii_uppercase();
        (code.len() == 2 && code.chars().all(|c| c.is_ascii_alphanumeric())).then_some(Self(code))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkTypeCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct WorkType {
    pub code: WorkTypeCode,
    pub name: String,
    /// HL7 table 0270, TXA-2; empty where the parent report's code is sent (an addendum).
    pub hl7_code: String,
    /// LOINC document code.
    pub loinc: String,
    /// Turnaround targets, in minutes from receipt to availability for signing.
    pub stat_minutes: u32,
    pub routine_minutes: u32,
}
