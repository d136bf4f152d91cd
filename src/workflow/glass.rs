//! Breaking the glass, and its review.
//!
//! Not for: what an open glass lets a person see (`sight.rs`).
//!
//! Invariant: the glass opens only what a label sealed, for one person, one patient and one
//! hour, and every breaking waits for the privacy officer's review (45 CFR 164.312(a)(2)(ii)).

use super::error::WorkflowError;
use super::sight::{Eyes, person_of};
use super::site::{Acting, Record, Site, look, new_uuid, perform};
use crate::domain::audit::Act;
use crate::domain::glass::{BrokenGlass, GLASS_MS, GlassReason, GlassReview, REVIEW_WORKING_DAYS};
use crate::domain::ids::{GlassId, PatientId, ReportId};
use crate::domain::patient::Patient;
use crate::domain::person::Person;
use crate::domain::phi::Phi;
use crate::domain::time::Timestamp;
use crate::store::db::Tx;
use crate::store::{glass, patients, people, reports};

/// The longest explanation or finding, in bytes.
const NOTE_MAX: usize = 2000;
/// An explanation of fewer characters explains nothing.
const NOTE_MIN: usize = 10;

/// Opens a sealed patient's chart to the person for an hour.
///
/// # Errors
/// [`WorkflowError::Invalid`] without an explanation; [`WorkflowError::Conflict`] when nothing is
/// sealed.
pub fn break_glass(
    site: &Site,
    who: &Acting,
    patient: PatientId,
    reason: GlassReason,
    note: &str,
) -> Result<Timestamp, WorkflowError> {
    let note = checked(note)?;
    let now = site.clock.now();
    perform(site, who, Act::BreakGlass, |tx, record| {
        let eyes = Eyes::of(site, tx, who, Act::BreakGlass)?;
        let missing = WorkflowError::NotFound { what: "patient" };
        let known = patients::by_id(tx, patient)?.ok_or(missing)?;
        let sealed_report = reports::labelled_of(tx, patient)?;
        if known.labels.is_empty() && !sealed_report {
            return Err(WorkflowError::conflict("nothing in this chart is sealed"));
        }
        let broken = BrokenGlass {
            id: GlassId(new_uuid()),
            person: eyes.person.id,
            patient,
            reason,
            note,
            broken_at: now,
            until: now.plus_ms(GLASS_MS),
            review_due_at: after_working_days(now, REVIEW_WORKING_DAYS),
            review: None,
        };
        record.subject("patient", patient);
        record.subject("glass", broken.id);
        record.detail("reason", reason.code());
        glass::insert(tx, &broken)?;
        Ok(broken.until)
    })
}

/// The patient of a report, for a page that offers to break the glass on a sealed one.
pub fn patient_of(
    site: &Site,
    who: &Acting,
    report: ReportId,
) -> Result<Option<PatientId>, WorkflowError> {
    super::permission::check(who, Act::BreakGlass)?;
    site.store.read(|tx| Ok(reports::by_id(tx, report)?.and_then(|report| report.patient)))
}

/// The most closed reviews that are read at once; older ones are in the audit.
pub const REVIEWED_MAX: usize = 500;

/// A breaking of glass, with the names the reviewer needs.
#[derive(Clone, Debug)]
pub struct Breaking {
    pub glass: BrokenGlass,
    pub person: Person,
    pub patient: Patient,
    /// Who reviewed it, if somebody did.
    pub reviewer: Option<Person>,
}

/// What the privacy officer has to look at.
pub fn waiting(site: &Site, who: &Acting) -> Result<Vec<Breaking>, WorkflowError> {
    look(site, who, Act::ReviewGlass, |tx, record| with_names(tx, record, glass::unreviewed(tx)?))
}

/// Closed reviews, the newest first, at most [`REVIEWED_MAX`].
pub fn reviewed(site: &Site, who: &Acting) -> Result<Vec<Breaking>, WorkflowError> {
    look(site, who, Act::ReviewGlass, |tx, record| {
        with_names(tx, record, glass::reviewed(tx, REVIEWED_MAX)?)
    })
}

fn with_names(
    tx: &Tx,
    record: &mut Record,
    broken: Vec<BrokenGlass>,
) -> Result<Vec<Breaking>, WorkflowError> {
    let missing = |what| WorkflowError::NotFound { what };
    let mut found = Vec::new();
    for glass in broken {
        record.subject("glass", glass.id);
        let reviewer = match &glass.review {
            Some(review) => Some(people::by_id(tx, review.by)?.ok_or(missing("person"))?),
            None => None,
        };
        found.push(Breaking {
            person: people::by_id(tx, glass.person)?.ok_or(missing("person"))?,
            patient: patients::by_id(tx, glass.patient)?.ok_or(missing("patient"))?,
            reviewer,
            glass,
        });
    }
    Ok(found)
}

/// Writes what the review found.
///
/// # Errors
/// [`WorkflowError::Conflict`] when it was reviewed already, or by the one who broke it.
pub fn review(site: &Site, who: &Acting, id: GlassId, finding: &str) -> Result<(), WorkflowError> {
    let finding = checked(finding)?;
    perform(site, who, Act::ReviewGlass, |tx, record| {
        let by = person_of(who, Act::ReviewGlass)?.id;
        let broken = glass::by_id(tx, id)?;
        let broken = broken.ok_or(WorkflowError::NotFound { what: "broken glass" })?;
        if broken.person == by {
            return Err(WorkflowError::conflict("nobody reviews what they did themselves"));
        }
        record.subject("glass", id);
        let review = GlassReview { by, at: site.clock.now(), finding };
        if glass::review(tx, id, &review)? {
            Ok(())
        } else {
            Err(WorkflowError::conflict("it was reviewed already"))
        }
    })
}

fn checked(note: &str) -> Result<Phi<String>, WorkflowError> {
    let note = note.trim();
    if note.chars().count() < NOTE_MIN || note.len() > NOTE_MAX {
        let message = format!("say why, in {NOTE_MIN} characters or more");
        return Err(WorkflowError::invalid("note", message));
    }
    Ok(Phi::text(note))
}

/// The same time of day so many working days later, Saturdays and Sundays not counted (UTC).
fn after_working_days(from: Timestamp, days: u32) -> Timestamp {
    const DAY_MS: i64 = 24 * 3_600_000;
    let mut at = from;
    let mut left = days;
    while left > 0 {
        at = at.plus_ms(DAY_MS);
        // 1970-01-01 was a Thursday; 2 and 3 days later is the weekend.
        let weekday = at.0.div_euclid(DAY_MS).rem_euclid(7);
        if weekday != 2 && weekday != 3 {
            left -= 1;
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_is_due_after_working_days_only() {
        let at = |text: &str| {
            let instant: jiff::Timestamp = text.parse().expect("RFC 3339");
            Timestamp(instant.as_millisecond())
        };
        let cases = [
            ("2026-03-02T09:00:00Z", "2026-03-05T09:00:00Z"), // Monday to Thursday
            ("2026-03-05T09:00:00Z", "2026-03-10T09:00:00Z"), // Thursday to Tuesday
            ("2026-03-07T09:00:00Z", "2026-03-11T09:00:00Z"), // Saturday to Wednesday
        ];
        for (from, due) in cases {
            assert_eq!(after_working_days(at(from), 3), at(due), "{from}");
        }
    }
}
