//! What a recording under way is about, said anew while it goes on: patient, encounter, work type
//! and priority.
//!
//! Not for: beginning it (`takes.rs`), or a report that is there already (`moving.rs`).
//!
//! Invariant: it is changed by its sender, while it is open, and by one act that names the
//! patient before and after; the author stays. Whoever changes the patient has confirmed them.

use super::error::WorkflowError;
use super::particulars::Particulars;
use super::permission;
use super::receive::Reception;
use super::site::{Acting, Site, perform};
use super::takes::{own_open, reception_of};
use crate::domain::audit::Act;
use crate::domain::ids::TakeId;
use crate::domain::take::Take;
use crate::store::takes;

/// What is said of the take; what is missing stays, and what is empty is no longer said. The
/// encounter of another patient does not stay.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub mrn: Option<String>,
    /// The visit number.
    pub encounter: Option<String>,
    pub work_type: Option<String>,
    pub priority: Option<String>,
}

/// Says anew what a take is about. The same again changes nothing and is no act.
///
/// # Errors
/// [`WorkflowError::Conflict`] when the take is over or answers a blank;
/// [`WorkflowError::Invalid`] names a field that is wrong.
pub fn change(site: &Site, who: &Acting, id: TakeId, about: About) -> Result<Take, WorkflowError> {
    permission::check(who, Act::ChangeRecording)
        .or_else(|_| perform(site, who, Act::ChangeRecording, |_, _| Ok(())))?;
    let take = site.store.read(|tx| own_open(tx, who, id))?;
    let known = reception_of(site, &take)?;
    let same_patient = about.mrn.is_none();
    let reception = Reception {
        mrn: about.mrn.or(known.mrn),
        encounter: about.encounter.or(known.encounter.filter(|_| same_patient)),
        work_type: about.work_type.or(known.work_type),
        priority: about.priority.or(known.priority),
        ..known
    };
    let particulars = Particulars::read(site, who, &reception)?;
    let about_it = |take: Take| Take {
        work_type: particulars.work_type.clone(),
        priority: particulars.priority,
        given_mrn: particulars.mrn.clone(),
        patient: particulars.patient,
        encounter: particulars.encounter,
        ..take
    };
    if changed(&take, &about_it(take.clone())).is_empty() {
        return Ok(take);
    }
    perform(site, who, Act::ChangeRecording, |tx, record| {
        record.subject("take", id);
        let take = own_open(tx, who, id)?;
        if take.answers.is_some() {
            let message = "this recording answers a blank and is about what its report is about";
            return Err(WorkflowError::conflict(message));
        }
        let now = about_it(take.clone());
        let other = now.patient.filter(|_| now.patient != take.patient);
        for patient in take.patient.into_iter().chain(other) {
            record.subject("patient", patient);
        }
        record.detail("changed", changed(&take, &now).join(" "));
        takes::set_about(tx, &now)?;
        Ok(now)
    })
}

/// The names of what differs.
fn changed(before: &Take, now: &Take) -> Vec<&'static str> {
    let patient = (&before.given_mrn, before.patient) != (&now.given_mrn, now.patient);
    let differs = [
        ("patient", patient),
        ("encounter", before.encounter != now.encounter),
        ("work-type", before.work_type != now.work_type),
        ("priority", before.priority != now.priority),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
