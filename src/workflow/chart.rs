//! The built-in chart: finding a patient, seeing what is filed, printing it.
//!
//! Not for: filing, which is part of signing (`signing.rs`).
//!
//! Invariant: every look is audited with the patient and the documents shown; a sealed patient's
//! name and documents are kept from whoever has no clearance and has not broken the glass.

use super::error::WorkflowError;
use super::reading::{OpenReport, open_as};
use super::sight::{Eyes, Sight};
use super::site::{Acting, Site, look};
use crate::domain::audit::Act;
use crate::domain::ids::{PatientId, ReportId};
use crate::domain::patient::{Encounter, Patient, Sex};
use crate::domain::phi::Phi;
use crate::domain::time::Timestamp;
use crate::store::chart::ChartDocument;
use crate::store::parts::{self, Copy};
use crate::store::{chart, patients, reports};

/// The longest search, in characters.
const QUERY_MAX: usize = 100;

#[derive(Clone, Debug)]
pub struct Chart {
    pub patient: Patient,
    /// Newest first.
    pub encounters: Vec<Encounter>,
    /// Newest first.
    pub documents: Vec<ChartDocument>,
    /// Documents that a label keeps from the reader.
    pub withheld: u32,
    /// Until when broken glass keeps this chart open to the reader.
    pub glass_until: Option<Timestamp>,
}

/// A patient in the answer to a search. A sealed one has no name in it.
#[derive(Clone, Debug)]
pub struct FoundPatient {
    pub patient: Patient,
    pub sealed: bool,
}

/// Patients whose record number or name begins with the query.
pub fn search_patients(
    site: &Site,
    who: &Acting,
    query: &str,
) -> Result<Vec<FoundPatient>, WorkflowError> {
    let query = query.trim();
    if query.is_empty() || query.chars().count() > QUERY_MAX {
        return Err(WorkflowError::invalid(
            "query",
            "search for a medical record number, or the beginning of a name",
        ));
    }
    look(site, who, Act::SearchPatients, |tx, record| {
        let eyes = Eyes::of(site, tx, who, Act::SearchPatients)?;
        let mut found = Vec::new();
        for mut patient in patients::search(tx, query)? {
            record.subject("patient", patient.id);
            let sealed = eyes.is_sealed(patient.id, &patient.labels);
            if sealed {
                mask(&mut patient);
            }
            found.push(FoundPatient { patient, sealed });
        }
        Ok(found)
    })
}

/// A patient's chart.
pub fn chart(site: &Site, who: &Acting, id: PatientId) -> Result<Chart, WorkflowError> {
    look(site, who, Act::ViewChart, |tx, record| {
        let patient =
            patients::by_id(tx, id)?.ok_or(WorkflowError::NotFound { what: "patient" })?;
        record.subject("patient", id);
        let eyes = Eyes::of(site, tx, who, Act::ViewChart)?;
        if eyes.is_sealed(id, &patient.labels) {
            return Err(WorkflowError::Sealed);
        }
        let mut documents = chart::documents(tx, id)?;
        let filed = documents.len();
        let mut seen = Vec::new();
        for document in &documents {
            if let Some(report) = reports::by_id(tx, document.report)?
                && eyes.sight(&report) == Sight::Seen
            {
                seen.push(document.report);
            }
        }
        documents.retain(|document| seen.contains(&document.report));
        let withheld = u32::try_from(filed - documents.len()).unwrap_or(u32::MAX);
        for document in &documents {
            record.subject("report", document.report);
        }
        Ok(Chart {
            patient,
            encounters: patients::encounters_of(tx, id)?,
            documents,
            withheld,
            glass_until: eyes.glass_until(id),
        })
    })
}

/// Takes everything out of a sealed patient but what is needed to break the glass.
pub(super) fn mask(patient: &mut Patient) {
    patient.family_name = Phi::text("Restricted");
    patient.given_name = Phi::text("");
    patient.birth_date = Phi::text("");
    patient.sex = Sex::Unknown;
}

/// A report for the printer.
pub fn print(
    site: &Site,
    who: &Acting,
    id: ReportId,
) -> Result<(OpenReport, Vec<Copy>), WorkflowError> {
    let open = open_as(site, who, id, Act::PrintReport)?;
    let copies = site.store.read(|tx| parts::copies(tx, id))?;
    Ok((open, copies))
}
