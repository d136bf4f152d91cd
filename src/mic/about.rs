//! What a recording at a workstation is about: patient, work type, priority, author.
//!
//! Not for: checking it; the server does.
//!
//! Invariant: it is written only into the sealed spool; nothing here prints a patient.

use crate::domain::phi::Phi;
use serde::{Deserialize, Serialize};

/// A patient as the server names them.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    pub mrn: Phi<String>,
    pub name: Phi<String>,
    /// `YYYY-MM-DD`.
    pub birth_date: Phi<String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    pub mrn: Option<Phi<String>>,
    /// Whom the server names for the record number; `None` while it was not asked.
    pub patient: Option<Named>,
    /// Whoever dictates said that this is the patient, or that the number is right.
    pub confirmed: bool,
    pub encounter: Option<Phi<String>>,
    pub author: Option<String>,
    pub work_type: Option<String>,
    pub stat: bool,
    /// When recording began, RFC 3339.
    pub begun_at: Option<String>,
}

/// As it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    mrn: Option<String>,
    patient: Option<[String; 3]>,
    confirmed: bool,
    encounter: Option<String>,
    author: Option<String>,
    work_type: Option<String>,
    stat: bool,
    begun_at: Option<String>,
}

impl About {
    /// Whether the patient may be taken for the right one: confirmed, or none was named.
    pub fn is_settled(&self) -> bool {
        self.mrn.is_none() || self.confirmed
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let text = |phi: &Phi<String>| phi.reveal().clone();
        let About { mrn, patient, confirmed, encounter, author, work_type, stat, begun_at } = self;
        let named = |named: &Named| [&named.mrn, &named.name, &named.birth_date].map(text);
        let written = Written {
            mrn: mrn.as_ref().map(text),
            patient: patient.as_ref().map(named),
            confirmed: *confirmed,
            encounter: encounter.as_ref().map(text),
            author: author.clone(),
            work_type: work_type.clone(),
            stat: *stat,
            begun_at: begun_at.clone(),
        };
        serde_json::to_vec(&written).expect("plain fields are always JSON")
    }

    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        let written: Written = serde_json::from_slice(bytes).ok()?;
        let Written { mrn, patient, confirmed, encounter, author, work_type, stat, begun_at } =
            written;
        let named = |facts: [String; 3]| {
            let [mrn, name, birth_date] = facts.map(Phi::new);
            Named { mrn, name, birth_date }
        };
        Some(Self {
            mrn: mrn.map(Phi::new),
            patient: patient.map(named),
            confirmed,
            encounter: encounter.map(Phi::new),
            author,
            work_type,
            stat,
            begun_at,
        })
    }

    /// As the server takes it.
    pub fn to_begin(&self) -> serde_json::Value {
        serde_json::json!({
            "author": self.author,
            "mrn": self.mrn.as_ref().map(Phi::reveal),
            "encounter": self.encounter.as_ref().map(Phi::reveal),
            "work_type": self.work_type,
            "priority": self.stat.then_some("stat"),
            "dictated_at": self.begun_at,
        })
    }

    /// What may change while the recording goes on, as the server takes it: empty is no more.
    pub fn to_change(&self) -> serde_json::Value {
        let said = |phi: &Option<Phi<String>>| phi.as_ref().map(Phi::reveal).cloned();
        serde_json::json!({
            "mrn": said(&self.mrn).unwrap_or_default(),
            "encounter": said(&self.encounter).unwrap_or_default(),
            "work_type": self.work_type.clone().unwrap_or_default(),
            "priority": if self.stat { "stat" } else { "routine" },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back_as_it_was_written_and_prints_no_patient() {
        let phi = |text: &str| Phi::new(text.to_owned());
        let patient =
            Named { mrn: phi("DEMO-7"), name: phi("Doe, Jane"), birth_date: phi("1960-05-04") };
        let about = About {
            mrn: Some(phi("demo-7")),
            patient: Some(patient),
            encounter: Some(phi("V-1")),
            stat: true,
            ..About::default()
        };
        assert!(About::of_bytes(&about.to_bytes()).is_some_and(|read| read == about));
        assert!(!about.is_settled() && About::default().is_settled());
        let printed = format!("{about:?}");
        for said in ["demo-7", "Doe", "1960", "V-1"] {
            assert!(!printed.contains(said), "{printed}");
        }
        assert_eq!(about.to_begin()["priority"], "stat");
    }
}
