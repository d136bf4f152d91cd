//! The built-in chart: finding a patient, seeing what is filed, printing it.
//!
//! Not for: filing, which is part of signing (`signing.rs`).
//!
//! Invariant: every look is audited with the patient and the documents shown.

use super::error::WorkflowError;
use super::reading::{OpenReport, open_as};
use super::site::{Acting, Site, perform};
use crate::domain::audit::Act;
use crate::domain::ids::{PatientId, ReportId};
use crate::domain::patient::{Encounter, Patient};
use crate::store::chart::ChartDocument;
use crate::store::{chart, patients};

/// The longest search, in characters.
const QUERY_MAX: usize = 100;

#[derive(Clone, Debug)]
pub struct Chart {
    pub patient: Patient,
    /// Newest first.
    pub encounters: Vec<Encounter>,
    /// Newest first.
    pub documents: Vec<ChartDocument>,
}

/// Patients whose record number or name begins with the query.
pub fn search_patients(
    site: &Site,
    who: &Acting,
    query: &str,
) -> Result<Vec<Patient>, WorkflowError> {
    let query = query.trim();
    if query.is_empty() || query.chars().count() > QUERY_MAX {
        return Err(WorkflowError::invalid(
            "query",
            "search for a medical record number, or the beginning of a name",
        ));
    }
    perform(site, who, Act::SearchPatients, |tx, record| {
        let found = patients::search(tx, query)?;
        for patient in &found {
            record.subject("patient", patient.id);
        }
        Ok(found)
    })
}

/// A patient's chart.
pub fn chart(site: &Site, who: &Acting, id: PatientId) -> Result<Chart, WorkflowError> {
    perform(site, who, Act::ViewChart, |tx, record| {
        let patient =
            patients::by_id(tx, id)?.ok_or(WorkflowError::NotFound { what: "patient" })?;
        let documents = chart::documents(tx, id)?;
        record.subject("patient", id);
        for document in &documents {
            record.subject("report", document.report);
        }
        Ok(Chart { patient, encounters: patients::encounters_of(tx, id)?, documents })
    })
}

/// A report for the printer.
pub fn print(site: &Site, who: &Acting, id: ReportId) -> Result<OpenReport, WorkflowError> {
    open_as(site, who, id, Act::PrintReport)
}
