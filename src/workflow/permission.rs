//! Which role may do which act, with which labels, through a token of which scope.
//!
//! Not for: which report an allowed act may touch (`sight.rs`).
//!
//! Invariant: an act that no row names is allowed to nobody; the administrator, who runs the
//! machine, has no act that shows a patient's words; a scope only narrows what a role allows.

use super::error::WorkflowError;
use super::site::Acting;
use crate::domain::audit::{AUDIT_LOOKS, Act, Actor, PATIENT_LOOKS};
use crate::domain::label::Label;
use crate::domain::person::Role;
use crate::domain::scope::Scope;

use Role::{
    Administrator, Auditor, Author, PrivacyOfficer, RecordsSpecialist, Reviewer, Transcriptionist,
};

/// Acts of people, with the roles that have them.
const BY_ROLE: &[(Act, &[Role])] = &[
    (Act::SignOut, Role::ALL),
    (Act::SignOutEverywhere, Role::ALL),
    (Act::ChangePassword, Role::ALL),
    (Act::EnrolSecondFactor, Role::ALL),
    (Act::RemoveSecondFactor, Role::ALL),
    (Act::ResetPassword, &[Administrator]),
    (Act::GrantClearance, &[PrivacyOfficer]),
    (Act::NameDelegate, &[Author, RecordsSpecialist]),
    (Act::ViewDelegations, &[Author, RecordsSpecialist, Administrator]),
    (Act::EndDelegation, &[Author, RecordsSpecialist, Administrator]),
    (Act::SetCosigner, &[RecordsSpecialist]),
    (Act::AddPerson, &[Administrator]),
    (Act::ChangePerson, &[Administrator]),
    (Act::IssueToken, &[Administrator]),
    (Act::RevokeToken, &[Administrator]),
    (Act::AddPatient, &[RecordsSpecialist]),
    (Act::AddEncounter, &[RecordsSpecialist]),
    (Act::ReceiveDictation, &[Author, Transcriptionist, RecordsSpecialist]),
    (Act::IdentifyPatient, &[Author, Transcriptionist, RecordsSpecialist]),
    (Act::BeginRecording, &[Author, Transcriptionist, RecordsSpecialist]),
    (Act::ChangeRecording, &[Author, Transcriptionist, RecordsSpecialist]),
    (Act::FinishRecording, &[Author, Transcriptionist, RecordsSpecialist]),
    (Act::DiscardRecording, &[Author, Transcriptionist, RecordsSpecialist]),
    (Act::StopTranscription, &[Author, Transcriptionist, Reviewer, RecordsSpecialist]),
    (Act::RetryTranscription, &[Author, Transcriptionist, Reviewer, RecordsSpecialist]),
    (Act::ViewWorklist, &[Author, Transcriptionist, Reviewer, RecordsSpecialist]),
    (Act::SearchReports, &[Author, Transcriptionist, Reviewer, RecordsSpecialist]),
    (Act::SaveView, &[Author, Transcriptionist, Reviewer, RecordsSpecialist]),
    (Act::ViewReport, &[Author, Transcriptionist, Reviewer, RecordsSpecialist]),
    (Act::ViewTranscript, &[Author, Transcriptionist, Reviewer]),
    (Act::ViewVersion, &[Author, Transcriptionist, Reviewer, RecordsSpecialist]),
    (Act::ListenAudio, &[Author, Transcriptionist, Reviewer]),
    (Act::ClaimReport, &[Transcriptionist, Reviewer]),
    (Act::ReleaseReport, &[Transcriptionist, Reviewer]),
    (Act::ReassignReport, &[Reviewer, RecordsSpecialist]),
    (Act::SaveVersion, &[Author, Transcriptionist, Reviewer]),
    (Act::RaiseFlag, &[Author, Transcriptionist, Reviewer]),
    (Act::SettleFlag, &[Author, Transcriptionist, Reviewer]),
    (Act::AssignPatient, &[Author, Transcriptionist, Reviewer, RecordsSpecialist]),
    (Act::MoveReport, &[Transcriptionist, Reviewer, RecordsSpecialist]),
    (Act::BeginReport, &[Author, Transcriptionist]),
    (Act::SplitReport, &[Transcriptionist, Reviewer]),
    (Act::JoinReports, &[Transcriptionist, Reviewer]),
    (Act::UndoJoin, &[Transcriptionist, Reviewer]),
    (Act::AnswerBlank, &[Author, Reviewer]),
    (Act::SetCopies, &[Author, Transcriptionist, Reviewer, RecordsSpecialist]),
    (Act::ViewCopies, &[Author, Transcriptionist, Reviewer, RecordsSpecialist]),
    (Act::SendCopy, &[RecordsSpecialist]),
    (Act::SetPools, &[Reviewer, Administrator]),
    (Act::SubmitReport, &[Transcriptionist]),
    (Act::SetSampling, &[Reviewer, Administrator]),
    (Act::ScoreReport, &[Reviewer]),
    (Act::ViewScores, &[Transcriptionist, Reviewer]),
    (Act::AnswerScore, &[Transcriptionist]),
    (Act::ViewLines, &[Transcriptionist, Reviewer, RecordsSpecialist, Administrator]),
    (
        Act::ViewLife,
        &[Author, Transcriptionist, Reviewer, RecordsSpecialist, PrivacyOfficer, Auditor],
    ),
    (Act::PassQa, &[Reviewer]),
    (Act::ReturnReport, &[Author, Reviewer]),
    (Act::SignReport, &[Author]),
    (Act::CosignReport, &[Author]),
    (Act::BeginAddendum, &[Author]),
    (Act::AddLabel, &[Author, Transcriptionist, Reviewer, RecordsSpecialist, PrivacyOfficer]),
    (Act::LowerLabel, &[PrivacyOfficer]),
    (Act::BreakGlass, &[Author, RecordsSpecialist]),
    (Act::ReviewGlass, &[PrivacyOfficer]),
    (Act::SearchPatients, &[Author, RecordsSpecialist]),
    (Act::ViewChart, &[Author, RecordsSpecialist]),
    (Act::PrintReport, &[Author, RecordsSpecialist]),
    (Act::ViewAudit, &[PrivacyOfficer, Auditor]),
    (Act::VerifyAudit, &[PrivacyOfficer, Auditor]),
    (Act::ExportAudit, &[PrivacyOfficer, Auditor]),
    (Act::ViewChecks, &[PrivacyOfficer, Auditor, Administrator]),
    (Act::ViewVocabulary, &[Author, Administrator]),
    (Act::ChangeVocabulary, &[Author, Administrator]),
    (Act::ViewHouseStyle, &[Author, Transcriptionist, Reviewer, Administrator]),
    (Act::ChangeHouseStyle, &[Author, Transcriptionist, Reviewer, Administrator]),
    (Act::ChangeSetting, Role::ALL),
    (Act::ChangeInstruction, &[Reviewer, RecordsSpecialist]),
    (Act::AskTakeover, &[Transcriptionist, Reviewer]),
    (Act::AnswerTakeover, &[Transcriptionist, Reviewer]),
];

/// Acts of somebody at the machine's own command line, who holds the data folder and its key.
const BY_OPERATOR: &[Act] = &[
    Act::AddPerson,
    Act::ChangePerson,
    Act::IssueToken,
    Act::RevokeToken,
    Act::ResetPassword,
    Act::GrantClearance,
    Act::SetCosigner,
    Act::AddPatient,
    Act::AddEncounter,
    Act::ReceiveDictation,
    // What a new site begins with.
    Act::SetSampling,
    Act::LoadDemonstration,
    Act::ViewAudit,
    Act::VerifyAudit,
    Act::ExportAudit,
    Act::RotateKey,
    Act::PrintRecoveryForm,
    Act::RestoreKey,
    Act::BackUp,
    Act::Restore,
    Act::ViewVocabulary,
    Act::ChangeVocabulary,
];

/// How a role stands to a label on a record that is not its own work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LabelAccess {
    /// Ordinary work of the role.
    Open,
    /// Needs the person's clearance for the label, or broken glass.
    Cleared,
}

/// Labels that are ordinary work for some roles; for the others, and all other labels, a
/// clearance is needed (domain specification 3.9).
const OPEN_LABELS: &[(Label, &[Role])] =
    &[(Label::Minor, &[Author, Transcriptionist, Reviewer, RecordsSpecialist])];

/// Acts that a token of each scope may be used for, within its person's roles.
const BY_SCOPE: &[(Scope, &[Act])] = &[
    (
        Scope::Dictate,
        &[
            Act::ReceiveDictation,
            Act::IdentifyPatient,
            Act::BeginRecording,
            Act::ChangeRecording,
            Act::FinishRecording,
            Act::DiscardRecording,
            Act::ViewReport,
        ],
    ),
    (Scope::Read, PATIENT_LOOKS),
    (
        Scope::Edit,
        &[
            Act::ReceiveDictation,
            Act::IdentifyPatient,
            Act::BeginRecording,
            Act::ChangeRecording,
            Act::FinishRecording,
            Act::DiscardRecording,
            Act::StopTranscription,
            Act::RetryTranscription,
            Act::ViewReport,
            Act::ClaimReport,
            Act::ReleaseReport,
            Act::SaveVersion,
            Act::RaiseFlag,
            Act::SettleFlag,
            Act::AssignPatient,
            Act::SubmitReport,
            Act::PassQa,
            Act::ReturnReport,
            Act::AddLabel,
        ],
    ),
    (Scope::Audit, AUDIT_LOOKS),
];

const BY_MACHINE: &[Act] = &[
    // Of recordings that their author left without finishing them.
    Act::ReceiveDictation,
    Act::FinishRecording,
    Act::DiscardRecording,
    Act::BeginTranscription,
    Act::CompleteTranscription,
    Act::FailTranscription,
    Act::VerifyAudit,
    Act::CheckRecording,
    Act::CheckVersion,
];

/// Whether a person in this role may do the act at all.
pub fn role_may(role: Role, act: Act) -> bool {
    BY_ROLE.iter().any(|(named, roles)| *named == act && roles.contains(&role))
}

/// How the role stands to the label.
pub fn label_access(role: Role, label: Label) -> LabelAccess {
    let open = OPEN_LABELS.iter().any(|(named, roles)| *named == label && roles.contains(&role));
    if open { LabelAccess::Open } else { LabelAccess::Cleared }
}

/// Whether a token of these scopes may be used for the act.
pub fn scopes_cover(scopes: &[Scope], act: Act) -> bool {
    BY_SCOPE.iter().any(|(scope, acts)| scopes.contains(scope) && acts.contains(&act))
}

/// # Errors
/// [`WorkflowError::Forbidden`] when no role of the person, or not this kind of actor, has the
/// act.
pub fn check(who: &Acting, act: Act) -> Result<(), WorkflowError> {
    let allowed = match (&who.actor, &who.person) {
        (Actor::Person { .. }, Some(person)) => {
            let by_role = person.roles.iter().any(|role| role_may(*role, act));
            let in_scope = who.scopes.as_ref().is_none_or(|scopes| scopes_cover(scopes, act));
            person.active && by_role && in_scope
        }
        (Actor::Operator { .. }, _) => BY_OPERATOR.contains(&act),
        (Actor::Machine { .. }, _) => BY_MACHINE.contains(&act),
        (Actor::Person { .. }, None) | (Actor::Unknown, _) => false,
    };
    if allowed { Ok(()) } else { Err(WorkflowError::Forbidden { act }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_table_is_as_agreed() {
        let mut table = String::new();
        for act in Act::ALL {
            let roles: Vec<&str> = Role::ALL
                .iter()
                .filter(|role| role_may(**role, *act))
                .map(|role| role.code())
                .collect();
            if !roles.is_empty() {
                table += &format!("{}: {}\n", act.code(), roles.join(" "));
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn the_administrator_has_no_act_that_shows_a_patient() {
        for act in PATIENT_LOOKS {
            assert!(!role_may(Administrator, *act), "{}", act.code());
        }
    }

    #[test]
    fn the_unknown_and_the_machine_have_no_act_of_a_person() {
        let unknown = Acting { actor: Actor::Unknown, person: None, scopes: None };
        for (act, _) in BY_ROLE {
            assert!(check(&unknown, *act).is_err());
            let own = BY_MACHINE.contains(act);
            assert!(own || check(&Acting::machine(), *act).is_err());
        }
    }
}
