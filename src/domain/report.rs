//! The Report: the document, its versions, and the states it goes through.
//!
//! Not for: who may cause a change of state (`workflow/permission.rs`).
//!
//! Invariant: text changes only by a new Version; after `Authenticated` there is no new Version.
//! Completion follows HL7 table 0271, availability HL7 table 0273; they move independently.

use super::digest::Digest;
use super::ids::{DictationId, EncounterId, PatientId, PersonId, ReportId};
use super::label::Labels;
use super::named::named;
use super::phi::Phi;
use super::time::Timestamp;
use super::work_type::WorkTypeCode;

named! {
    /// HL7 v2.5.1 table 0271, document completion status.
    pub enum Completion {
        Dictated = "DI",
        InProgress = "IP",
        /// A blank or flag is open.
        Incomplete = "IN",
        /// HL7 calls it "documented".
        AwaitingSignature = "DO",
        /// Signed once where a second signature is required.
        PreAuthenticated = "PA",
        Authenticated = "AU",
        LegallyAuthenticated = "LA",
    }
}

named! {
    /// HL7 v2.5.1 table 0273, document availability status.
    pub enum Availability {
        Unavailable = "UN",
        Available = "AV",
        Obsolete = "OB",
        /// Withdrawn before it was ever available: it goes on in another report.
        Cancelled = "CA",
    }
}

named! {
    /// Whose work a report is while it is not yet signed.
    pub enum Stage {
        /// The machine's.
        Transcribing = "transcribing",
        /// The pool's: a draft that nobody has taken.
        Drafted = "drafted",
        /// One transcriptionist's.
        Editing = "editing",
        /// QA's.
        InQa = "in-qa",
        /// The author's, to answer or to sign.
        WithAuthor = "with-author",
        /// The second signer's, where a second signature is required.
        WithCosigner = "with-cosigner",
        /// Nobody's any more.
        Done = "done",
    }
}

/// Completions in which the text may change.
pub const EDITABLE: &[Completion] =
    &[Completion::InProgress, Completion::Incomplete, Completion::AwaitingSignature];

/// Completions of a report that its author has signed.
pub const SIGNED: &[Completion] = &[Completion::Authenticated, Completion::LegallyAuthenticated];

named! {
    /// What happens to a report's completion.
    pub enum Event {
        /// The engine, or a person without it, begins on the recording.
        Begin = "begin",
        /// The text is handed on with nothing open.
        SubmitClear = "submit-clear",
        /// The text is handed on with a blank or flag open.
        SubmitOpen = "submit-open",
        /// The last open blank or flag of an incomplete report is settled.
        SettleLast = "settle-last",
        /// The author sends it back to be worked on.
        Return = "return",
        /// A blank or flag is raised on, or an edit made to, a report that awaits its signature.
        Reopen = "reopen",
        /// The first of two required signatures.
        SignFirst = "sign-first",
        /// The author's signature, or the second of two.
        Sign = "sign",
        /// All required signatures are there.
        CompleteSignatures = "complete-signatures",
    }
}

/// A change of state that the rules do not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a report in state {from} cannot take the step {step}")]
pub struct IllegalTransition {
    pub from: &'static str,
    pub step: &'static str,
}

impl Completion {
    /// The state after `event`.
    ///
    /// # Errors
    /// [`IllegalTransition`] when the event has no place in this state.
    pub fn after(self, event: Event) -> Result<Self, IllegalTransition> {
        use Completion::*;
        use Event::*;
        let next = match (self, event) {
            (Dictated, Begin) => Some(InProgress),
            (InProgress, SubmitClear) => Some(AwaitingSignature),
            (InProgress, SubmitOpen) => Some(Incomplete),
            (Incomplete, SubmitClear | SettleLast) => Some(AwaitingSignature),
            (Incomplete, SubmitOpen) => Some(Incomplete),
            (Incomplete, Return) => Some(InProgress),
            (AwaitingSignature, Return) => Some(InProgress),
            (AwaitingSignature, Reopen) => Some(Incomplete),
            (AwaitingSignature, SignFirst) => Some(PreAuthenticated),
            (PreAuthenticated, Return) => Some(InProgress),
            (AwaitingSignature | PreAuthenticated, Sign) => Some(Authenticated),
            (Authenticated, CompleteSignatures) => Some(LegallyAuthenticated),
            (
                Dictated,
                SubmitClear | SubmitOpen | SettleLast | Return | Reopen | SignFirst | Sign
                | CompleteSignatures,
            ) => None,
            (
                InProgress,
                Begin | SettleLast | Return | Reopen | SignFirst | Sign | CompleteSignatures,
            ) => None,
            (Incomplete, Begin | Reopen | SignFirst | Sign | CompleteSignatures) => None,
            (
                AwaitingSignature,
                Begin | SubmitClear | SubmitOpen | SettleLast | CompleteSignatures,
            ) => None,
            (
                PreAuthenticated,
                Begin | SubmitClear | SubmitOpen | SettleLast | Reopen | SignFirst
                | CompleteSignatures,
            ) => None,
            (
                Authenticated,
                Begin | SubmitClear | SubmitOpen | SettleLast | Return | Reopen | SignFirst | Sign,
            ) => None,
            (
                LegallyAuthenticated,
                Begin | SubmitClear | SubmitOpen | SettleLast | Return | Reopen | SignFirst | Sign
                | CompleteSignatures,
            ) => None,
        };
        next.ok_or(IllegalTransition { from: self.code(), step: event.code() })
    }

    pub fn is_signed(self) -> bool {
        SIGNED.contains(&self)
    }

    pub fn is_editable(self) -> bool {
        EDITABLE.contains(&self)
    }
}

named! {
    /// What a report is to its parent (HL7 events T02, T06, T10).
    pub enum Relation {
        Original = "original",
        Addendum = "addendum",
        Replacement = "replacement",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    pub id: ReportId,
    /// `None` for a report that was typed, such as an addendum.
    pub dictation: Option<DictationId>,
    pub relation: Relation,
    pub parent: Option<ReportId>,
    pub author: PersonId,
    pub patient: Option<PatientId>,
    pub encounter: Option<EncounterId>,
    pub work_type: WorkTypeCode,
    pub priority: super::dictation::Priority,
    pub completion: Completion,
    pub availability: Availability,
    pub stage: Stage,
    /// Who has taken the work of the present stage.
    pub assignee: Option<PersonId>,
    /// Number of the newest version; 0 before there is one.
    pub version: u32,
    pub created_at: Timestamp,
    /// When the report is due to be available for signing.
    pub due_at: Timestamp,
    /// Its own labels and those of its patient.
    pub labels: Labels,
}

impl Report {
    /// Whether it is neither signed nor withdrawn.
    pub fn is_open(&self) -> bool {
        !self.completion.is_signed() && self.availability != Availability::Cancelled
    }
}

named! {
    pub enum VersionMaker {
        Machine = "machine",
        Person = "person",
    }
}

/// The longest report text, in bytes: about four hours of speech.
pub const REPORT_TEXT_MAX: usize = 1_000_000;

/// One state of a report's text, kept for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    pub report: ReportId,
    /// 1 for the first.
    pub number: u32,
    pub text: Phi<String>,
    /// SHA-256 of the text's UTF-8 bytes.
    pub digest: Digest,
    pub maker: VersionMaker,
    pub by: Option<PersonId>,
    pub at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_transition_table_is_as_agreed() {
        let mut table = String::new();
        for from in Completion::ALL {
            for event in Event::ALL {
                if let Ok(to) = from.after(*event) {
                    table += &format!("{} {} {}\n", from.code(), event.code(), to.code());
                }
            }
        }
        insta::assert_snapshot!(table, @r"
        DI begin IP
        IP submit-clear DO
        IP submit-open IN
        IN submit-clear DO
        IN submit-open IN
        IN settle-last DO
        IN return IP
        DO return IP
        DO reopen IN
        DO sign-first PA
        DO sign AU
        PA return IP
        PA sign AU
        AU complete-signatures LA
        ");
    }

    #[test]
    fn nothing_leaves_a_fully_signed_state() {
        for event in Event::ALL {
            assert!(Completion::LegallyAuthenticated.after(*event).is_err(), "{event:?}");
        }
        for state in SIGNED {
            assert!(!state.is_editable());
        }
    }
}
