//! What the JSON API takes and answers about reports and charts.
//!
//! Not for: what the words mean (`domain`), or which of them a person may see (`workflow`).
//!
//! Invariant: as in `wire.rs`.

use super::wire::{JobBody, PersonView, Secret, rfc3339};
use super::wire_editor::PieceRow;
use super::wire_joins::JoinedView;
use crate::domain::flag::ReportFlag;
use crate::domain::patient::{Encounter, Patient};
use crate::domain::report::Version;
use crate::domain::signature::Signature;
use crate::domain::work_type::WorkTypeCode;
use crate::store::chart::ChartDocument;
use crate::store::reports::VersionLine;
use crate::vocab::work_types::WorkTypes;
use crate::workflow::chart::{Chart, FoundPatient};
use crate::workflow::reading::OpenReport;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new version of a report's text.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SaveRequest {
    /// Number of the version that the text was made from.
    pub base: u32,
    pub text: String,
    /// Pieces of the text that stand as drafted: place in the text, place in the draft, length.
    #[schema(value_type = Option<Vec<Vec<u32>>>)]
    pub pieces: Option<Vec<PieceRow>>,
    /// Passages of normals that were put in since the last save; they are not counted as typed.
    #[serde(default)]
    pub inserted: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SavedView {
    pub version: u32,
    /// Whether the pieces were kept; those that are not true of the text are not.
    pub linked: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagRequest {
    /// Code of the kind, such as `INAUDIBLE`.
    pub kind: String,
    pub note: String,
    /// Place in the recording; with `end_ms` or not at all.
    pub start_ms: Option<u32>,
    pub end_ms: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub struct FlagRaisedView {
    pub flag: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleRequest {
    /// `resolved` or `waived`.
    pub state: String,
    pub note: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignRequest {
    pub mrn: String,
    /// Visit number.
    pub encounter: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitRequest {
    /// Number of the version that was seen.
    pub version: u32,
    /// To QA even where nothing is open.
    #[serde(default)]
    pub to_qa: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PassQaRequest {
    /// Number of the version that was seen.
    pub version: u32,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnRequest {
    pub note: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignRequest {
    /// Number of the version that was seen.
    pub version: u32,
    /// SHA-256 of the text that was seen, in hexadecimal.
    pub digest: String,
    #[schema(value_type = String, format = Password)]
    pub password: Secret,
}

#[derive(Serialize, ToSchema)]
pub struct AddendumView {
    pub report: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientSearchRequest {
    /// A record number, or the beginning of a name.
    pub query: String,
}

#[derive(Serialize, ToSchema)]
pub struct PatientsView {
    pub patients: Vec<PatientView>,
}

#[derive(Serialize, ToSchema)]
pub struct PatientView {
    pub id: String,
    pub mrn: String,
    pub family_name: String,
    pub given_name: String,
    /// `YYYY-MM-DD`.
    pub birth_date: String,
    /// HL7 table 0001.
    pub sex: &'static str,
    pub labels: Vec<&'static str>,
    /// The name is left out because of a label; in need the glass can be broken.
    pub sealed: bool,
}

impl From<&FoundPatient> for PatientView {
    fn from(found: &FoundPatient) -> Self {
        Self { sealed: found.sealed, ..Self::from(&found.patient) }
    }
}

impl From<&Patient> for PatientView {
    fn from(patient: &Patient) -> Self {
        Self {
            id: patient.id.to_string(),
            mrn: patient.mrn.reveal().to_string(),
            family_name: patient.family_name.reveal().clone(),
            given_name: patient.given_name.reveal().clone(),
            birth_date: patient.birth_date.reveal().clone(),
            sex: patient.sex.code(),
            labels: patient.labels.iter().map(|label| label.code()).collect(),
            sealed: false,
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct EncounterView {
    pub number: String,
    /// HL7 table 0004.
    pub kind: &'static str,
    pub location: String,
    pub began_at: String,
    pub ended_at: Option<String>,
}

impl From<&Encounter> for EncounterView {
    fn from(encounter: &Encounter) -> Self {
        Self {
            number: encounter.number.reveal().clone(),
            kind: encounter.kind.code(),
            location: encounter.location.clone(),
            began_at: rfc3339(encounter.began_at),
            ended_at: encounter.ended_at.map(rfc3339),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct SignatureView {
    pub printed_name: String,
    /// `author` or `cosigner`.
    pub meaning: &'static str,
    pub at: String,
    /// Minutes east of UTC at the site when signed.
    pub utc_offset_minutes: i32,
    pub version: u32,
    /// SHA-256 of the text that was signed.
    pub digest: String,
}

impl From<&Signature> for SignatureView {
    fn from(signature: &Signature) -> Self {
        Self {
            printed_name: signature.printed_name.clone(),
            meaning: signature.meaning.code(),
            at: rfc3339(signature.at),
            utc_offset_minutes: signature.utc_offset_minutes,
            version: signature.version,
            digest: signature.digest.to_string(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct FlagView {
    pub id: String,
    pub kind: &'static str,
    pub note: String,
    pub start_ms: Option<u32>,
    pub end_ms: Option<u32>,
    /// `open`, `resolved` or `waived`.
    pub state: &'static str,
    pub raised_at: String,
    pub by_machine: bool,
    pub settled: Option<SettledView>,
}

#[derive(Serialize, ToSchema)]
pub struct SettledView {
    pub state: &'static str,
    pub at: String,
    pub note: String,
}

impl From<&ReportFlag> for FlagView {
    fn from(raised: &ReportFlag) -> Self {
        Self {
            id: raised.id.to_string(),
            kind: raised.flag.kind.code(),
            note: raised.flag.note.reveal().clone(),
            start_ms: raised.flag.audio.map(|span| span.start_ms),
            end_ms: raised.flag.audio.map(|span| span.end_ms),
            state: raised.state().code(),
            raised_at: rfc3339(raised.raised_at),
            by_machine: raised.raised_by.is_none(),
            settled: raised.settled.as_ref().map(|settled| SettledView {
                state: settled.state.code(),
                at: rfc3339(settled.at),
                note: settled.note.reveal().clone(),
            }),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct VersionLineView {
    pub number: u32,
    /// `machine` or `person`.
    pub maker: &'static str,
    pub by_name: Option<String>,
    pub at: String,
    pub digest: String,
}

#[derive(Serialize, ToSchema)]
pub struct VersionsView {
    /// Newest first.
    pub versions: Vec<VersionLineView>,
}

impl From<&OpenReport> for VersionsView {
    fn from(open: &OpenReport) -> Self {
        Self { versions: version_lines(open) }
    }
}

#[derive(Serialize, ToSchema)]
pub struct VersionView {
    pub number: u32,
    pub maker: &'static str,
    pub at: String,
    pub digest: String,
    pub text: String,
}

impl From<&Version> for VersionView {
    fn from(version: &Version) -> Self {
        Self {
            number: version.number,
            maker: version.maker.code(),
            at: rfc3339(version.at),
            digest: version.digest.to_string(),
            text: version.text.reveal().clone(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct AudioView {
    pub duration_ms: u32,
    pub media_type: &'static str,
    /// `upload`, `import` or `microphone`.
    pub origin: &'static str,
}

#[derive(Serialize, ToSchema)]
pub struct ReportView {
    pub id: String,
    pub dictation: Option<String>,
    pub relation: &'static str,
    pub parent: Option<String>,
    pub completion: &'static str,
    pub availability: &'static str,
    pub stage: &'static str,
    pub priority: &'static str,
    pub work_type: String,
    pub work_type_name: String,
    pub created_at: String,
    pub due_at: String,
    pub dictated_at: Option<String>,
    /// Number of the newest version; 0 before there is one.
    pub version: u32,
    /// SHA-256 of the text.
    pub digest: String,
    pub text: String,
    pub patient: Option<PatientView>,
    /// The record number that came with the recording.
    pub given_mrn: Option<String>,
    pub encounter: Option<EncounterView>,
    pub author: PersonView,
    pub assignee: Option<PersonView>,
    /// Who asks for the report, where it is in the asker's own hands.
    pub asked_by: Option<PersonView>,
    pub flags: Vec<FlagView>,
    pub versions: Vec<VersionLineView>,
    pub audio: Option<AudioView>,
    pub job: Option<JobBody>,
    pub signatures: Vec<SignatureView>,
    pub addenda: Vec<String>,
    /// What was joined to this report, in the order it was appended.
    pub joined: Vec<JoinedView>,
    /// The report that this one goes on in.
    pub joined_into: Option<String>,
    pub labels: Vec<&'static str>,
    /// Until when broken glass keeps the patient's chart open to the asker.
    pub glass_until: Option<String>,
    /// Codes of the acts that the asker may do on this report now.
    pub may: Vec<&'static str>,
}

impl ReportView {
    pub fn new(open: &OpenReport, work_types: &WorkTypes) -> Self {
        let report = &open.report;
        let dictation = open.dictation.as_ref();
        Self {
            id: report.id.to_string(),
            dictation: report.dictation.map(|id| id.to_string()),
            relation: report.relation.code(),
            parent: report.parent.map(|id| id.to_string()),
            completion: report.completion.code(),
            availability: report.availability.code(),
            stage: report.stage.code(),
            priority: report.priority.code(),
            work_type: report.work_type.to_string(),
            work_type_name: work_type_name(work_types, &report.work_type),
            created_at: rfc3339(report.created_at),
            due_at: rfc3339(report.due_at),
            dictated_at: dictation.map(|dictation| rfc3339(dictation.dictated_at)),
            version: report.version,
            digest: open.digest.to_string(),
            text: open.text.reveal().clone(),
            patient: open.patient.as_ref().map(PatientView::from),
            given_mrn: dictation
                .and_then(|dictation| dictation.given_mrn.as_ref())
                .map(|mrn| mrn.reveal().to_string()),
            encounter: open.encounter.as_ref().map(EncounterView::from),
            author: PersonView::from(&open.author),
            assignee: open.assignee.as_ref().map(PersonView::from),
            asked_by: open.asked_by.as_ref().map(PersonView::from),
            flags: open.flags.iter().map(FlagView::from).collect(),
            versions: version_lines(open),
            audio: dictation.map(|dictation| AudioView {
                duration_ms: dictation.audio.duration_ms,
                media_type: dictation.audio.format.media_type(),
                origin: dictation.origin.code(),
            }),
            job: open.job.as_ref().map(JobBody::from),
            signatures: open.signatures.iter().map(SignatureView::from).collect(),
            addenda: open.addenda.iter().map(|id| id.to_string()).collect(),
            joined: open.joined.iter().map(JoinedView::from).collect(),
            joined_into: open.joined_into.map(|id| id.to_string()),
            labels: report.labels.iter().map(|label| label.code()).collect(),
            glass_until: open.glass_until.map(rfc3339),
            may: open.may.iter().map(|act| act.code()).collect(),
        }
    }
}

fn version_lines(open: &OpenReport) -> Vec<VersionLineView> {
    let view = |line: &VersionLine| VersionLineView {
        number: line.number,
        maker: line.maker.code(),
        by_name: line.by_name.clone(),
        at: rfc3339(line.at),
        digest: line.digest.to_string(),
    };
    open.versions.iter().map(view).collect()
}

/// The name that people know a work type by; its code where the list no longer has it.
pub fn work_type_name(work_types: &WorkTypes, code: &WorkTypeCode) -> String {
    let known = work_types.get(code);
    known.map_or_else(|| code.to_string(), |work_type| work_type.name.clone())
}

#[derive(Serialize, ToSchema)]
pub struct ChartView {
    pub patient: PatientView,
    /// Newest first.
    pub encounters: Vec<EncounterView>,
    /// Newest first.
    pub documents: Vec<DocumentView>,
    /// Documents that a label keeps from the asker.
    pub withheld: u32,
    /// Until when broken glass keeps this chart open to the asker.
    pub glass_until: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct DocumentView {
    pub report: String,
    /// `original`, `addendum` or `replacement`.
    pub relation: &'static str,
    pub parent: Option<String>,
    pub work_type: String,
    pub work_type_name: String,
    pub author_name: String,
    /// HL7 table 0271.
    pub completion: &'static str,
    /// HL7 table 0273.
    pub availability: &'static str,
    /// Number of the newest version; all from 1 on can be read.
    pub version: u32,
    pub dictated_at: Option<String>,
    pub filed_at: String,
}

impl DocumentView {
    pub fn new(document: &ChartDocument, work_types: &WorkTypes) -> Self {
        Self {
            report: document.report.to_string(),
            relation: document.relation.code(),
            parent: document.parent.map(|id| id.to_string()),
            work_type: document.work_type.to_string(),
            work_type_name: work_type_name(work_types, &document.work_type),
            author_name: document.author_name.clone(),
            completion: document.completion.code(),
            availability: document.availability.code(),
            version: document.version,
            dictated_at: document.dictated_at.map(rfc3339),
            filed_at: rfc3339(document.filed_at),
        }
    }
}

impl ChartView {
    pub fn new(chart: &Chart, work_types: &WorkTypes) -> Self {
        let document = |document: &ChartDocument| DocumentView::new(document, work_types);
        Self {
            patient: PatientView::from(&chart.patient),
            encounters: chart.encounters.iter().map(EncounterView::from).collect(),
            documents: chart.documents.iter().map(document).collect(),
            withheld: chart.withheld,
            glass_until: chart.glass_until.map(rfc3339),
        }
    }
}
