//! The particulars of a recording that is handed in: who dictated, about whom, what kind of report.
//!
//! Not for: storing them (`receive.rs`).
//!
//! Invariant: a `Particulars` names an active author, a known work type, and no encounter of
//! another patient. An unknown record number is kept as given, without a patient.

use super::error::WorkflowError;
use super::intake::parse_mrn;
use super::receive::Reception;
use super::site::{Acting, Site};
use crate::domain::dictation::Priority;
use crate::domain::ids::{EncounterId, PatientId, PersonId};
use crate::domain::patient::Mrn;
use crate::domain::person::{Role, Username};
use crate::domain::time::Timestamp;
use crate::domain::work_type::WorkTypeCode;
use crate::store::db::Tx;
use crate::store::{patients, people};

/// The work type of a recording that came without one.
const DEFAULT_WORK_TYPE: &str = "OT";
/// How far in the future a recorder's clock may be.
const CLOCK_AHEAD_MS: i64 = 24 * 3_600_000;

/// The fields of a [`Reception`], checked.
pub(super) struct Particulars {
    pub author: PersonId,
    pub mrn: Option<Mrn>,
    pub patient: Option<PatientId>,
    pub encounter: Option<EncounterId>,
    pub work_type: WorkTypeCode,
    pub priority: Priority,
    pub dictated_at: Timestamp,
}

impl Particulars {
    pub fn read(site: &Site, who: &Acting, reception: &Reception) -> Result<Self, WorkflowError> {
        let work_type = read_work_type(site, reception.work_type.as_deref())?;
        let priority = read_priority(reception.priority.as_deref())?;
        let dictated_at = read_dictated_at(site, reception.dictated_at.as_deref())?;
        let mrn = given(&reception.mrn).map(parse_mrn).transpose()?;
        site.store.read(|tx| {
            let author = read_author(tx, who, given(&reception.author))?;
            let patient = match &mrn {
                Some(mrn) => patients::by_mrn(tx, mrn)?.map(|patient| patient.id),
                None => None,
            };
            let encounter = read_encounter(tx, given(&reception.encounter), patient)?;
            let (encounter, patient) = match encounter {
                Some((encounter, owner)) => (Some(encounter), Some(owner)),
                None => (None, patient),
            };
            Ok(Self {
                author,
                mrn: mrn.clone(),
                patient,
                encounter,
                work_type: work_type.clone(),
                priority,
                dictated_at,
            })
        })
    }
}

/// A field that says something.
pub(super) fn given(field: &Option<String>) -> Option<&str> {
    field.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

pub(super) fn read_work_type(
    site: &Site,
    given: Option<&str>,
) -> Result<WorkTypeCode, WorkflowError> {
    let text = given.filter(|text| !text.trim().is_empty()).unwrap_or(DEFAULT_WORK_TYPE);
    WorkTypeCode::parse(text)
        .filter(|code| site.work_types.get(code).is_some())
        .ok_or_else(|| WorkflowError::invalid("work_type", "there is no such work type"))
}

pub(super) fn read_priority(given: Option<&str>) -> Result<Priority, WorkflowError> {
    let Some(text) = given.filter(|text| !text.trim().is_empty()) else {
        return Ok(Priority::Routine);
    };
    Priority::from_code(&text.trim().to_ascii_lowercase())
        .ok_or_else(|| WorkflowError::invalid("priority", "the priority is stat or routine"))
}

fn read_dictated_at(site: &Site, given: Option<&str>) -> Result<Timestamp, WorkflowError> {
    let now = site.clock.now();
    let Some(text) = given.filter(|text| !text.trim().is_empty()) else { return Ok(now) };
    let wrong = || {
        WorkflowError::invalid(
            "dictated_at",
            "the time of dictation is an RFC 3339 time that is not in the future",
        )
    };
    let time: jiff::Timestamp = text.trim().parse().map_err(|_| wrong())?;
    let time = Timestamp(time.as_millisecond());
    if time.since(now) > CLOCK_AHEAD_MS { Err(wrong()) } else { Ok(time) }
}

pub(super) fn read_author(
    tx: &Tx,
    who: &Acting,
    given: Option<&str>,
) -> Result<PersonId, WorkflowError> {
    let unknown = || WorkflowError::invalid("author", "there is no author of this user name");
    let person = match given {
        Some(name) => {
            let name = Username::parse(name).ok_or_else(unknown)?;
            people::by_username(tx, &name)?.ok_or_else(unknown)?
        }
        None => who.person.clone().ok_or_else(|| {
            WorkflowError::invalid("author", "say who dictated: the author is missing")
        })?,
    };
    if person.has(Role::Author) && person.active { Ok(person.id) } else { Err(unknown()) }
}

/// The encounter and its patient. It must belong to the patient who was named.
pub(super) fn read_encounter(
    tx: &Tx,
    given: Option<&str>,
    patient: Option<PatientId>,
) -> Result<Option<(EncounterId, PatientId)>, WorkflowError> {
    let Some(number) = given else { return Ok(None) };
    let encounter = patients::encounter_by_number(tx, number)?.ok_or_else(|| {
        WorkflowError::invalid("encounter", "there is no encounter of this visit number")
    })?;
    if patient.is_some_and(|patient| patient != encounter.patient) {
        return Err(WorkflowError::invalid(
            "encounter",
            "this encounter belongs to another patient than the medical record number",
        ));
    }
    Ok(Some((encounter.id, encounter.patient)))
}
