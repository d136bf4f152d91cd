//! What the templates of print and chart are filled with: words and local times for people.
//!
//! Not for: the API (`wire.rs`), whose codes and UTC times are for programs.
//!
//! Invariant: values only; escaping is the template engine's.

use super::wire::rfc3339;
use super::wire_report::work_type_name;
use crate::domain::label::{Label, Labels};
use crate::domain::patient::{EncounterKind, Patient, Sex};
use crate::domain::report::{Completion, Relation};
use crate::domain::signature::{Meaning, Signature};
use crate::domain::time::Timestamp;
use crate::store::chart::ChartDocument;
use crate::store::parts::Copy;
use crate::vocab::work_types::WorkTypes;
use crate::workflow::chart::Chart;
use crate::workflow::reading::OpenReport;
use crate::workflow::site::Site;
use jiff::tz::TimeZone;
use serde::Serialize;

/// An instant in the site's time zone, with the zone's short name.
pub fn local(at: Timestamp) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let zoned = instant.to_zoned(TimeZone::system());
    zoned.strftime("%-d %b %Y, %H:%M %Z").to_string()
}

/// An instant in the zone offset that was noted beside it.
fn at_offset(at: Timestamp, minutes: i32) -> String {
    let instant = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let offset = jiff::tz::Offset::from_seconds(minutes.saturating_mul(60));
    let zone = offset.unwrap_or(jiff::tz::Offset::UTC).to_time_zone();
    instant.to_zoned(zone).strftime("%-d %b %Y, %H:%M UTC%:z").to_string()
}

fn sex_word(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "Female",
        Sex::Male => "Male",
        Sex::Other => "Other",
        Sex::Unknown => "Unknown",
    }
}

pub fn completion_word(completion: Completion) -> &'static str {
    match completion {
        Completion::Dictated => "Dictated",
        Completion::InProgress => "In progress",
        Completion::Incomplete => "Incomplete",
        Completion::AwaitingSignature => "Awaiting signature",
        Completion::PreAuthenticated => "First signature given",
        Completion::Authenticated => "Signed",
        Completion::LegallyAuthenticated => "Signed, complete",
    }
}

fn relation_word(relation: Relation) -> &'static str {
    match relation {
        Relation::Original => "",
        Relation::Addendum => "Addendum",
        Relation::Replacement => "Replacement",
    }
}

fn label_word(label: Label) -> &'static str {
    match label {
        Label::Psychiatric => "Psychiatric",
        Label::SubstanceUse => "Substance use",
        Label::Hiv => "HIV",
        Label::SexualDomesticViolence => "Violence",
        Label::Genetic => "Genetic",
        Label::Reproductive => "Reproductive",
        Label::Vip => "VIP or employee",
        Label::Minor => "Minor",
        Label::Restricted => "Restricted",
    }
}

fn label_words(labels: &Labels) -> Vec<&'static str> {
    labels.iter().map(label_word).collect()
}

/// Until when broken glass keeps a page open: for the reader, and for the script that closes it.
#[derive(Serialize)]
struct GlassWords {
    until: String,
    instant: String,
}

fn glass_words(until: Timestamp) -> GlassWords {
    let instant = jiff::Timestamp::from_millisecond(until.0);
    let zoned = instant.unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(TimeZone::system());
    GlassWords { until: zoned.strftime("%H:%M").to_string(), instant: rfc3339(until) }
}

#[derive(Serialize)]
struct PatientWords {
    id: String,
    labels: Vec<&'static str>,
    family_name: String,
    given_name: String,
    mrn: String,
    birth_date: String,
    sex: &'static str,
}

impl From<&Patient> for PatientWords {
    fn from(patient: &Patient) -> Self {
        Self {
            id: patient.id.to_string(),
            labels: label_words(&patient.labels),
            family_name: patient.family_name.reveal().clone(),
            given_name: patient.given_name.reveal().clone(),
            mrn: patient.mrn.reveal().to_string(),
            birth_date: patient.birth_date.reveal().clone(),
            sex: sex_word(patient.sex),
        }
    }
}

#[derive(Serialize)]
pub struct PrintPage {
    id: String,
    work_type_name: String,
    relation: &'static str,
    signed: bool,
    patient: Option<PatientWords>,
    labels: Vec<&'static str>,
    glass: Option<GlassWords>,
    encounter: Option<String>,
    author: String,
    dictated_at: Option<String>,
    created_at: String,
    version: u32,
    completion: &'static str,
    text: String,
    signatures: Vec<SignatureWords>,
    addenda: usize,
    /// Who gets a copy.
    copies: Vec<String>,
}

#[derive(Serialize)]
struct SignatureWords {
    printed_name: String,
    meaning: &'static str,
    at: String,
    version: u32,
    digest: String,
}

impl From<&Signature> for SignatureWords {
    fn from(signature: &Signature) -> Self {
        Self {
            printed_name: signature.printed_name.clone(),
            meaning: match signature.meaning {
                Meaning::Author => "author",
                Meaning::Cosigner => "cosigner",
            },
            at: at_offset(signature.at, signature.utc_offset_minutes),
            version: signature.version,
            digest: signature.digest.to_string(),
        }
    }
}

impl PrintPage {
    pub fn new(open: &OpenReport, copies: &[Copy], site: &Site) -> Self {
        let report = &open.report;
        let encounter = open.encounter.as_ref();
        Self {
            id: report.id.to_string(),
            work_type_name: work_type_name(&site.work_types, &report.work_type),
            relation: relation_word(report.relation),
            signed: report.completion.is_signed(),
            patient: open.patient.as_ref().map(PatientWords::from),
            labels: label_words(&report.labels),
            glass: open.glass_until.map(glass_words),
            encounter: encounter
                .map(|visit| format!("{}, {}", visit.number.reveal(), visit.location)),
            author: open.author.signature_name(),
            dictated_at: open.dictation.as_ref().map(|dictation| local(dictation.dictated_at)),
            created_at: local(report.created_at),
            version: report.version,
            completion: completion_word(report.completion),
            text: open.text.reveal().clone(),
            signatures: open.signatures.iter().map(SignatureWords::from).collect(),
            addenda: open.addenda.len(),
            copies: copies.iter().map(|copy| copy.recipient.clone()).collect(),
        }
    }
}

#[derive(Serialize)]
pub struct ChartPage {
    patient: PatientWords,
    glass: Option<GlassWords>,
    documents: Vec<DocumentWords>,
    /// Documents that a label keeps from the reader.
    withheld: u32,
    encounters: Vec<EncounterWords>,
}

#[derive(Serialize)]
struct DocumentWords {
    report: String,
    work_type_name: String,
    relation: &'static str,
    completion: &'static str,
    author_name: String,
    filed_at: String,
    versions: Vec<u32>,
    /// Reports that add to this one, oldest first.
    addenda: Vec<DocumentWords>,
}

#[derive(Serialize)]
struct EncounterWords {
    number: String,
    kind: &'static str,
    location: String,
    began: String,
    ended: String,
}

impl ChartPage {
    pub fn new(chart: &Chart, work_types: &WorkTypes) -> Self {
        let documents = &chart.documents;
        let is_top = |document: &&ChartDocument| {
            !documents.iter().any(|other| Some(other.report) == document.parent)
        };
        let tops = documents.iter().filter(is_top);
        Self {
            patient: PatientWords::from(&chart.patient),
            glass: chart.glass_until.map(glass_words),
            withheld: chart.withheld,
            documents: tops.map(|top| document(top, documents, work_types)).collect(),
            encounters: chart.encounters.iter().map(encounter).collect(),
        }
    }
}

/// A document with the addenda filed under it. An addendum has one parent and is younger than
/// it, so this ends.
fn document(filed: &ChartDocument, all: &[ChartDocument], work_types: &WorkTypes) -> DocumentWords {
    let mut addenda: Vec<DocumentWords> = Vec::new();
    // The chart is newest first; addenda are read in the order they were written.
    for other in all.iter().rev() {
        if other.parent == Some(filed.report) && other.report != filed.report {
            addenda.push(document(other, all, work_types));
        }
    }
    DocumentWords {
        report: filed.report.to_string(),
        work_type_name: work_type_name(work_types, &filed.work_type),
        relation: relation_word(filed.relation),
        completion: completion_word(filed.completion),
        author_name: filed.author_name.clone(),
        filed_at: local(filed.filed_at),
        versions: (1..=filed.version).rev().collect(),
        addenda,
    }
}

fn encounter(visit: &crate::domain::patient::Encounter) -> EncounterWords {
    EncounterWords {
        number: visit.number.reveal().clone(),
        kind: match visit.kind {
            EncounterKind::Inpatient => "Inpatient",
            EncounterKind::Outpatient => "Outpatient",
            EncounterKind::Emergency => "Emergency",
        },
        location: visit.location.clone(),
        began: local(visit.began_at),
        ended: visit.ended_at.map(local).unwrap_or_default(),
    }
}
