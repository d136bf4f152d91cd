//! Audit events: who did what to what, when, and with what result.
//!
//! Not for: the chain that protects them (`store/audit.rs`) or deciding whether an act is allowed.
//!
//! Invariant: an event carries ids and codes only, no name and no word of a report
//! (45 CFR 164.312(b)).

use super::ids::{JobId, PersonId, SessionId, TokenId};
use super::named::named;
use super::time::Timestamp;

/// Who acts: a person by some door, or the machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Actor {
    Person {
        id: PersonId,
        via: Door,
    },
    /// Somebody who runs commands on the machine itself, by the account name given there.
    Operator {
        account: String,
    },
    Machine {
        job: Option<JobId>,
    },
    /// Nobody known: a failed sign-in.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Door {
    Session(SessionId),
    Token(TokenId),
}

named! {
    pub enum Act {
        SignIn = "sign-in",
        SignOut = "sign-out",
        SignOutEverywhere = "sign-out-everywhere",
        ChangePassword = "change-password",
        ResetPassword = "reset-password",
        EnrolSecondFactor = "enrol-second-factor",
        RemoveSecondFactor = "remove-second-factor",
        AddPerson = "add-person",
        ChangePerson = "change-person",
        IssueToken = "issue-token",
        RevokeToken = "revoke-token",
        GrantClearance = "grant-clearance",
        NameDelegate = "name-delegate",
        ViewDelegations = "view-delegations",
        EndDelegation = "end-delegation",
        SetCosigner = "set-cosigner",
        AddPatient = "add-patient",
        AddEncounter = "add-encounter",
        ReceiveDictation = "receive-dictation",
        RefuseDictation = "refuse-dictation",
        IdentifyPatient = "identify-patient",
        BeginRecording = "begin-recording",
        ChangeRecording = "change-recording",
        FinishRecording = "finish-recording",
        DiscardRecording = "discard-recording",
        StopTranscription = "stop-transcription",
        RetryTranscription = "retry-transcription",
        BeginTranscription = "begin-transcription",
        CompleteTranscription = "complete-transcription",
        FailTranscription = "fail-transcription",
        ViewWorklist = "view-worklist",
        SearchReports = "search-reports",
        SaveView = "save-view",
        ViewReport = "view-report",
        ViewTranscript = "view-transcript",
        ViewVersion = "view-version",
        ListenAudio = "listen-audio",
        ClaimReport = "claim-report",
        ReleaseReport = "release-report",
        ReassignReport = "reassign-report",
        SaveVersion = "save-version",
        RaiseFlag = "raise-flag",
        SettleFlag = "settle-flag",
        AssignPatient = "assign-patient",
        MoveReport = "move-report",
        BeginReport = "begin-report",
        SplitReport = "split-report",
        JoinReports = "join-reports",
        UndoJoin = "undo-join",
        AnswerBlank = "answer-blank",
        SetCopies = "set-copies",
        ViewCopies = "view-copies",
        SendCopy = "send-copy",
        SetPools = "set-pools",
        SubmitReport = "submit-report",
        SetSampling = "set-sampling",
        ScoreReport = "score-report",
        ViewScores = "view-scores",
        AnswerScore = "answer-score",
        ViewLines = "view-lines",
        ViewLife = "view-life",
        PassQa = "pass-qa",
        ReturnReport = "return-report",
        SignReport = "sign-report",
        CosignReport = "cosign-report",
        BeginAddendum = "begin-addendum",
        AddLabel = "add-label",
        LowerLabel = "lower-label",
        BreakGlass = "break-glass",
        ReviewGlass = "review-glass",
        SearchPatients = "search-patients",
        ViewChart = "view-chart",
        PrintReport = "print-report",
        ViewAudit = "view-audit",
        VerifyAudit = "verify-audit",
        ExportAudit = "export-audit",
        RotateKey = "rotate-key",
        PrintRecoveryForm = "print-recovery-form",
        RestoreKey = "restore-key",
        BackUp = "back-up",
        Restore = "restore",
        ViewVocabulary = "view-vocabulary",
        ChangeVocabulary = "change-vocabulary",
        ViewHouseStyle = "view-house-style",
        ChangeHouseStyle = "change-house-style",
        ChangeSetting = "change-setting",
        ChangeInstruction = "change-instruction",
        AskTakeover = "ask-takeover",
        AnswerTakeover = "answer-takeover",
        CheckRecording = "check-recording",
        CheckVersion = "check-version",
        ViewChecks = "view-checks",
        InstallModel = "install-model",
        LoadDemonstration = "load-demonstration",
    }
}

/// Acts that show a patient's data and change nothing.
pub const PATIENT_LOOKS: &[Act] = &[
    Act::IdentifyPatient,
    Act::ViewWorklist,
    Act::SearchReports,
    Act::ViewReport,
    Act::ViewTranscript,
    Act::ViewVersion,
    Act::ListenAudio,
    Act::SearchPatients,
    Act::ViewChart,
    Act::PrintReport,
    Act::ViewScores,
    Act::ViewCopies,
];

/// Acts that show or check the audit.
pub const AUDIT_LOOKS: &[Act] = &[Act::ViewAudit, Act::VerifyAudit, Act::ExportAudit];

named! {
    pub enum Outcome {
        Done = "done",
        Refused = "refused",
        Failed = "failed",
    }
}

/// One row of the audit, before the store gives it its number and seal.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEvent {
    pub at: Timestamp,
    pub actor: Actor,
    pub act: Act,
    pub outcome: Outcome,
    /// `kind:id` of what was acted on, such as `report:018f…`; several for a list.
    pub subjects: Vec<String>,
    /// Codes that say more: a version number, a reason code. Never PHI.
    pub detail: Vec<(&'static str, String)>,
}
