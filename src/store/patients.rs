//! Patients and encounters.
//!
//! Not for: what is filed to a patient's chart (`chart.rs`).
//!
//! Invariant: a record number and a visit number each belong to one patient.

use super::columns;
use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::ids::{EncounterId, PatientId};
use crate::domain::label::Labels;
use crate::domain::patient::{Encounter, EncounterKind, Mrn, Patient, Sex};
use crate::domain::phi::Phi;
use crate::domain::time::Timestamp;

/// The most patients one search answers.
pub const SEARCH_MAX: u32 = 50;

const PATIENT: &str =
    "select id, mrn, family_name, given_name, birth_date, sex, labels from patient";
const ENCOUNTER: &str =
    "select id, patient_id, number, kind, location, began_at, ended_at from encounter";

/// # Errors
/// [`StoreError::Constraint`] when the record number is known already.
pub fn insert(tx: &Tx, patient: &Patient, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "insert into patient (id, mrn, family_name, given_name, birth_date, sex, labels,
            created_at) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            patient.id,
            patient.mrn.reveal(),
            patient.family_name.reveal().as_str(),
            patient.given_name.reveal().as_str(),
            patient.birth_date.reveal().as_str(),
            patient.sex.code(),
            columns::labels_text(&patient.labels),
            now
        ],
    )?;
    Ok(())
}

pub fn by_id(tx: &Tx, id: PatientId) -> Result<Option<Patient>, StoreError> {
    tx.one(&format!("{PATIENT} where id = ?1"), params![id], read_patient)
}

pub fn by_mrn(tx: &Tx, mrn: &Mrn) -> Result<Option<Patient>, StoreError> {
    tx.one(&format!("{PATIENT} where mrn = ?1"), params![mrn.reveal()], read_patient)
}

/// Patients whose record number, family or given name begins with the words of the query.
pub fn search(tx: &Tx, query: &str) -> Result<Vec<Patient>, StoreError> {
    let words: Vec<String> = query.split([' ', ',']).filter(|w| !w.is_empty()).map(like).collect();
    let first = words.first().cloned().unwrap_or_default();
    let second = words.get(1).cloned().unwrap_or_else(|| "%".into());
    tx.all(
        &format!(
            "{PATIENT} where mrn = upper(?1)
                or (family_name like ?2 escape '\\' and given_name like ?3 escape '\\')
                or (given_name like ?2 escape '\\' and family_name like ?3 escape '\\')
            order by family_name collate nocase, given_name collate nocase, mrn limit ?4"
        ),
        params![query.trim(), first, second, SEARCH_MAX],
        read_patient,
    )
}

/// A `like` pattern for words that begin so; the query's own wildcards are only letters.
fn like(word: &str) -> String {
    let mut pattern = String::new();
    for letter in word.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

pub fn set_labels(tx: &Tx, id: PatientId, labels: &Labels) -> Result<(), StoreError> {
    tx.execute(
        "update patient set labels = ?2 where id = ?1",
        params![id, columns::labels_text(labels)],
    )?;
    Ok(())
}

/// # Errors
/// [`StoreError::Constraint`] when the visit number is known already.
pub fn insert_encounter(tx: &Tx, encounter: &Encounter) -> Result<(), StoreError> {
    tx.execute(
        "insert into encounter (id, patient_id, number, kind, location, began_at, ended_at)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            encounter.id,
            encounter.patient,
            encounter.number.reveal().as_str(),
            encounter.kind.code(),
            encounter.location.as_str(),
            encounter.began_at,
            encounter.ended_at
        ],
    )?;
    Ok(())
}

pub fn encounter(tx: &Tx, id: EncounterId) -> Result<Option<Encounter>, StoreError> {
    tx.one(&format!("{ENCOUNTER} where id = ?1"), params![id], read_encounter)
}

pub fn encounter_by_number(tx: &Tx, number: &str) -> Result<Option<Encounter>, StoreError> {
    tx.one(&format!("{ENCOUNTER} where number = ?1"), params![number], read_encounter)
}

/// A patient's encounters, newest first.
pub fn encounters_of(tx: &Tx, patient: PatientId) -> Result<Vec<Encounter>, StoreError> {
    tx.all(
        &format!("{ENCOUNTER} where patient_id = ?1 order by began_at desc"),
        params![patient],
        read_encounter,
    )
}

fn read_patient(row: &Row) -> Result<Patient, StoreError> {
    Ok(Patient {
        id: row.id(0)?,
        mrn: columns::mrn(&row.text(1)?)?,
        family_name: Phi::new(row.text(2)?),
        given_name: Phi::new(row.text(3)?),
        birth_date: Phi::new(row.text(4)?),
        sex: row.code(5, Sex::from_code)?,
        labels: columns::labels(&row.text(6)?)?,
    })
}

fn read_encounter(row: &Row) -> Result<Encounter, StoreError> {
    Ok(Encounter {
        id: row.id(0)?,
        patient: row.id(1)?,
        number: Phi::new(row.text(2)?),
        kind: row.code(3, EncounterKind::from_code)?,
        location: row.text(4)?,
        began_at: row.time(5)?,
        ended_at: row.opt_time(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_in_a_search_are_letters() {
        assert_eq!(like("O'Ne%l_"), "O'Ne\\%l\\_%");
    }
}
