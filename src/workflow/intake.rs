//! Patients and encounters, entered by hand or by the demonstration.
//!
//! Not for: messages from a hospital system, which will come by `interop`.
//!
//! Invariant: a record number or visit number that is known already is refused, not changed.

use super::error::WorkflowError;
use super::site::{Acting, Site, new_uuid, perform};
use crate::domain::audit::Act;
use crate::domain::ids::{EncounterId, PatientId};
use crate::domain::patient::{ENCOUNTER_NUMBER_MAX, Encounter, EncounterKind, Mrn, Patient, Sex};
use crate::domain::phi::Phi;
use crate::domain::time::Timestamp;
use crate::store::error::StoreError;
use crate::store::patients;

/// The longest family or given name, in characters.
const NAME_MAX: usize = 100;
/// The longest name of a ward or clinic, in characters.
const LOCATION_MAX: usize = 100;

pub struct NewPatient {
    pub mrn: String,
    pub family_name: String,
    pub given_name: String,
    /// `YYYY-MM-DD`.
    pub birth_date: String,
    pub sex: Sex,
}

pub struct NewEncounter {
    pub mrn: String,
    pub number: String,
    pub kind: EncounterKind,
    pub location: String,
    pub began_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// # Errors
/// [`WorkflowError::Invalid`] names the field; [`WorkflowError::Conflict`] when the record number
/// is known.
pub fn add_patient(site: &Site, who: &Acting, new: NewPatient) -> Result<PatientId, WorkflowError> {
    let birth_date = new.birth_date.trim();
    if birth_date.parse::<jiff::civil::Date>().is_err() || birth_date.len() != 10 {
        return Err(WorkflowError::invalid("birth_date", "a date of birth is YYYY-MM-DD"));
    }
    let patient = Patient {
        id: PatientId(new_uuid()),
        mrn: parse_mrn(&new.mrn)?,
        family_name: Phi::new(bounded("family_name", &new.family_name, NAME_MAX)?),
        given_name: Phi::new(bounded("given_name", &new.given_name, NAME_MAX)?),
        birth_date: Phi::text(birth_date),
        sex: new.sex,
        labels: crate::domain::label::Labels::none(),
    };
    perform(site, who, Act::AddPatient, |tx, record| {
        record.subject("patient", patient.id);
        known_already(patients::insert(tx, &patient, site.clock.now()), "the record number")
    })?;
    Ok(patient.id)
}

/// # Errors
/// As [`add_patient`], and [`WorkflowError::NotFound`] when the patient is not known.
pub fn add_encounter(
    site: &Site,
    who: &Acting,
    new: NewEncounter,
) -> Result<EncounterId, WorkflowError> {
    let mrn = parse_mrn(&new.mrn)?;
    let number = bounded("number", &new.number, ENCOUNTER_NUMBER_MAX)?;
    let location = bounded("location", &new.location, LOCATION_MAX)?;
    if new.ended_at.is_some_and(|end| end < new.began_at) {
        return Err(WorkflowError::invalid("ended", "an encounter ends after it begins"));
    }
    perform(site, who, Act::AddEncounter, |tx, record| {
        let patient = patients::by_mrn(tx, &mrn)?;
        let patient = patient.ok_or(WorkflowError::NotFound { what: "patient" })?.id;
        let id = EncounterId(new_uuid());
        record.subject("patient", patient);
        record.subject("encounter", id);
        let encounter = Encounter {
            id,
            patient,
            number: Phi::new(number),
            kind: new.kind,
            location,
            began_at: new.began_at,
            ended_at: new.ended_at,
        };
        known_already(patients::insert_encounter(tx, &encounter), "the visit number")?;
        Ok(id)
    })
}

pub(super) fn parse_mrn(text: &str) -> Result<Mrn, WorkflowError> {
    Mrn::parse(text).ok_or_else(|| {
        WorkflowError::invalid(
            "mrn",
            "a medical record number has 1 to 32 letters, digits or hyphens",
        )
    })
}

fn bounded(field: &'static str, text: &str, max: usize) -> Result<String, WorkflowError> {
    let text = text.trim();
    let fits = (1..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits {
        return Ok(text.to_string());
    }
    Err(WorkflowError::invalid(field, format!("this has 1 to {max} characters")))
}

fn known_already(result: Result<(), StoreError>, what: &str) -> Result<(), WorkflowError> {
    match result {
        Err(StoreError::Constraint { .. }) => {
            Err(WorkflowError::conflict(format!("{what} is known already")))
        }
        other => Ok(other?),
    }
}
