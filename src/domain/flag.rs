//! QaFlags: doubts that a person must settle before a report can be signed.
//!
//! Not for: raising them (`text`, `workflow`) or showing them (`web`).
//!
//! Invariant: a flag is settled once, by a named person, with a note; it is never deleted.

use super::ids::{FlagId, PersonId};
use super::named::named;
use super::phi::Phi;
use super::time::{AudioSpan, TextSpan, Timestamp};

named! {
    /// The types of domain specification 3.3, and those of intake (5.3).
    pub enum FlagKind {
        Inaudible = "INAUDIBLE",
        UnknownTerm = "UNKNOWN-TERM",
        DrugDose = "DRUG-DOSE",
        LookAlike = "LASA",
        Laterality = "LATERALITY",
        SexConflict = "SEX-CONFLICT",
        Number = "NUMBER",
        Demographic = "DEMOGRAPHIC",
        SectionMissing = "SECTION-MISSING",
        SelfCorrection = "SELF-CORRECTION",
        AmbiguousCommand = "AMBIGUOUS-COMMAND",
        AmbiguousAbbreviation = "AMBIGUOUS-ABBREV",
        Hallucination = "HALLUCINATION",
        OmissionSuspected = "OMISSION-SUSPECTED",
        Template = "TEMPLATE",
        AuthorBlank = "AUTHOR-BLANK",
        Instruction = "INSTRUCTION",
        /// The author corrected the text while speaking, and the whole recording says otherwise;
        /// or a number, a negation or a side was heard in two ways.
        HeardOtherwise = "HEARD-OTHERWISE",
        /// The recording ends before its header says it should.
        Truncated = "TRUNCATED",
        /// The recording's content is not what its name said.
        Format = "FORMAT",
    }
}

named! {
    pub enum FlagState {
        Open = "open",
        /// The doubt was answered.
        Resolved = "resolved",
        /// The doubt was set aside, with a reason.
        Waived = "waived",
    }
}

/// The longest note on a flag, in bytes.
pub const FLAG_NOTE_MAX: usize = 2000;

/// A flag as the text stages raise it, before it has an identity.
#[derive(Clone, Debug, PartialEq)]
pub struct QaFlag {
    pub kind: FlagKind,
    /// What is in doubt, for the person who settles it. May quote the dictation.
    pub note: Phi<String>,
    pub audio: Option<AudioSpan>,
    pub text: Option<TextSpan>,
}

/// A flag on a report.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportFlag {
    pub id: FlagId,
    pub flag: QaFlag,
    /// `None` when the machine raised it.
    pub raised_by: Option<PersonId>,
    pub raised_at: Timestamp,
    pub settled: Option<Settlement>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Settlement {
    /// `Resolved` or `Waived`.
    pub state: FlagState,
    pub by: PersonId,
    pub at: Timestamp,
    pub note: Phi<String>,
}

impl ReportFlag {
    pub fn state(&self) -> FlagState {
        match &self.settled {
            None => FlagState::Open,
            Some(settlement) => settlement.state,
        }
    }

    pub fn is_open(&self) -> bool {
        self.settled.is_none()
    }
}

/// A blank left for what could not be heard: four underscores or more (domain specification 3.3).
pub const BLANK: &str = "____";

/// Whether the text still holds a blank.
pub fn has_blank(text: &str) -> bool {
    text.contains(BLANK)
}
