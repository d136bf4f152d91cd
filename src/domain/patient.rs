//! Patients and their encounters, as the built-in chart knows them.
//!
//! Not for: finding or merging patients; the store searches, `workflow` decides.
//!
//! Invariant: everything that names a patient is `Phi`.

use super::ids::{EncounterId, PatientId};
use super::label::Labels;
use super::named::named;
use super::phi::Phi;
use super::time::Timestamp;

/// The longest medical record number that is accepted; HL7 v2.5.1 CX.1 allows 15, sites use more.
pub const MRN_MAX: usize = 32;

/// A medical record number: 1 to 32 letters, digits or hyphens, upper case.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Mrn(String);

impl Mrn {
    pub fn parse(text: &str) -> Option<Self> {
        let mrn = text.trim().to_ascii_uppercase();
        let fits = !mrn.is_empty() && mrn.len() <= MRN_MAX;
        (fits && mrn.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')).then_some(Self(mrn))
    }

    /// The number itself. It identifies a patient: only the store, pages and interfaces read it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Mrn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mrn({} characters)", self.0.len())
    }
}

named! {
    /// Administrative sex, HL7 v2.5.1 table 0001.
    pub enum Sex {
        Female = "F",
        Male = "M",
        Other = "O",
        Unknown = "U",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Patient {
    pub id: PatientId,
    pub mrn: Mrn,
    pub family_name: Phi<String>,
    pub given_name: Phi<String>,
    /// `YYYY-MM-DD`.
    pub birth_date: Phi<String>,
    pub sex: Sex,
    pub labels: Labels,
}

named! {
    /// HL7 v2.5.1 table 0004, as far as it is used.
    pub enum EncounterKind {
        Inpatient = "I",
        Outpatient = "O",
        Emergency = "E",
    }
}

/// The longest encounter (visit) number that is accepted.
pub const ENCOUNTER_NUMBER_MAX: usize = 32;

#[derive(Clone, Debug, PartialEq)]
pub struct Encounter {
    pub id: EncounterId,
    pub patient: PatientId,
    /// The visit number the site uses, HL7 PV1-19.
    pub number: Phi<String>,
    pub kind: EncounterKind,
    pub location: String,
    pub began_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_numbers_are_folded_and_checked_and_never_shown() {
        let mrn = Mrn::parse(" ab-123 ").expect("letters, digits and a hyphen");
        assert_eq!(mrn.reveal(), "AB-123");
        assert_eq!(format!("{mrn:?}"), "Mrn(6 characters)");
        for refused in ["", "12 3", "12;drop", &"1".repeat(33)] {
            assert!(Mrn::parse(refused).is_none(), "{refused}");
        }
    }
}
