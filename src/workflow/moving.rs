//! Putting a report right that came under the wrong author, work type or priority, reports that
//! are typed without a recording, and recordings that hold more than one report.
//!
//! Not for: saying which patient a report is about (`review::assign_patient`).
//!
//! Invariant: the dictation stays as it was received; a report that anybody has signed is not
//! moved; both parts of a split text are versions, so that nothing of it is lost.

use super::error::WorkflowError;
use super::particulars::{Particulars, read_author, read_priority, read_work_type};
use super::reading::current_text;
use super::receive::Reception;
use super::sight::{changeable, person_of, visible};
use super::site::{Acting, Record, Site, new_uuid, perform};
use crate::domain::audit::Act;
use crate::domain::dictation::{Dictation, Priority};
use crate::domain::digest::Digest;
use crate::domain::flag::{FlagKind, QaFlag, ReportFlag};
use crate::domain::ids::{DictationId, FlagId, ReportId};
use crate::domain::person::Role;
use crate::domain::phi::Phi;
use crate::domain::report::{
    Availability, Completion, Relation, Report, Stage, Version, VersionMaker,
};
use crate::domain::time::Timestamp;
use crate::domain::work_type::WorkTypeCode;
use crate::store::db::Tx;
use crate::store::{dictations, flags, parts, reports};

/// Where a report belongs; what is missing stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Move {
    /// User name.
    pub author: Option<String>,
    pub work_type: Option<String>,
    pub priority: Option<String>,
}

/// Moves a report to another author, work type or priority; it is due by its new work type.
///
/// # Errors
/// [`WorkflowError::Conflict`] for a report that is signed, or an addendum's author.
pub fn move_report(
    site: &Site,
    who: &Acting,
    id: ReportId,
    to: &Move,
) -> Result<(), WorkflowError> {
    perform(site, who, Act::MoveReport, |tx, record| {
        let mut report = movable(site, tx, who, id)?;
        record.subject("report", id);
        if let Some(author) = &to.author {
            if report.relation != Relation::Original {
                return Err(WorkflowError::conflict("an addendum stays with its report's author"));
            }
            report.author = read_author(tx, who, Some(author))?;
            record.subject("person", report.author);
            record.detail("moved", "author");
        }
        if let Some(code) = &to.work_type {
            report.work_type = read_work_type(site, Some(code))?;
            record.detail("work_type", &report.work_type);
            if let Some(own) = reports::own_labels(tx, id)? {
                let labels = own.and(&site.work_types.labels(&report.work_type));
                reports::set_labels(tx, id, &labels)?;
            }
        }
        if let Some(priority) = &to.priority {
            report.priority = read_priority(Some(priority))?;
            record.detail("priority", report.priority.code());
        }
        report.due_at = due_at(site, &report.work_type, report.priority, report.created_at);
        Ok(reports::update(tx, &report)?)
    })
}

/// A report in the person's hands, or for records staff any that nobody has signed.
fn movable(site: &Site, tx: &Tx, who: &Acting, id: ReportId) -> Result<Report, WorkflowError> {
    let (report, eyes) = visible(site, tx, who, Act::MoveReport, id)?;
    let unsigned = report.completion.is_editable() || report.completion == Completion::Dictated;
    if eyes.person.has(Role::RecordsSpecialist) && unsigned && report.is_open() {
        return Ok(report);
    }
    changeable(site, tx, who, Act::MoveReport, id)
}

/// When a report of the work type that was received at a time is due.
fn due_at(
    site: &Site,
    work_type: &WorkTypeCode,
    priority: Priority,
    received_at: Timestamp,
) -> Timestamp {
    let known = site.work_types.get(work_type);
    let minutes = known.map_or(0, |known| match priority {
        Priority::Stat => known.stat_minutes,
        Priority::Routine => known.routine_minutes,
    });
    received_at.plus_ms(i64::from(minutes) * 60_000)
}

/// Begins a report that is typed, without a recording: in the hands of the typist, or of the
/// author who types it.
///
/// # Errors
/// [`WorkflowError::Forbidden`] for an author who would begin another's.
pub fn begin_report(
    site: &Site,
    who: &Acting,
    about: &Reception,
) -> Result<ReportId, WorkflowError> {
    super::permission::check(who, Act::BeginReport)?;
    let particulars = Particulars::read(site, who, about)?;
    let now = site.clock.now();
    perform(site, who, Act::BeginReport, |tx, record| {
        let person = person_of(who, Act::BeginReport)?;
        let types = person.has(Role::Transcriptionist);
        if !types && particulars.author != person.id {
            return Err(WorkflowError::Forbidden { act: Act::BeginReport });
        }
        let report = Report {
            id: ReportId(new_uuid()),
            dictation: None,
            relation: Relation::Original,
            parent: None,
            author: particulars.author,
            patient: particulars.patient,
            encounter: particulars.encounter,
            work_type: particulars.work_type.clone(),
            priority: particulars.priority,
            completion: if types { Completion::InProgress } else { Completion::AwaitingSignature },
            availability: Availability::Unavailable,
            stage: if types { Stage::Editing } else { Stage::WithAuthor },
            assignee: types.then_some(person.id),
            version: 0,
            created_at: now,
            due_at: due_at(site, &particulars.work_type, particulars.priority, now),
            labels: site.work_types.labels(&particulars.work_type),
        };
        reports::insert(tx, &report)?;
        insert_text(tx, who, report.id, 1, String::new(), now)?;
        if report.patient.is_none() {
            raise_unknown_patient(tx, &report, now)?;
        }
        record.subject("report", report.id);
        Ok(report.id)
    })
}

fn insert_text(
    tx: &Tx,
    who: &Acting,
    report: ReportId,
    number: u32,
    text: String,
    now: Timestamp,
) -> Result<(), WorkflowError> {
    let version = Version {
        report,
        number,
        digest: Digest::of(text.as_bytes()),
        text: Phi::new(text),
        maker: VersionMaker::Person,
        by: who.person_id(),
        at: now,
    };
    Ok(reports::insert_version(tx, &version)?)
}

fn raise_unknown_patient(tx: &Tx, report: &Report, now: Timestamp) -> Result<(), WorkflowError> {
    let note = Phi::text("Say which patient this report is about.");
    let flag = ReportFlag {
        id: FlagId(new_uuid()),
        flag: QaFlag { kind: FlagKind::Demographic, note, audio: None, text: None },
        raised_by: None,
        raised_at: now,
        settled: None,
    };
    Ok(flags::insert(tx, report.id, &flag)?)
}

/// Splits a report whose recording holds more than one: the text from a place on becomes a report
/// of its own, with the same recording, the same author and no patient yet. `at` counts Unicode
/// scalar values of version `version`.
///
/// # Errors
/// [`WorkflowError::Stale`] for an older version; [`WorkflowError::Invalid`] where one of the
/// parts would be empty.
pub fn split(
    site: &Site,
    who: &Acting,
    id: ReportId,
    version: u32,
    at: usize,
) -> Result<ReportId, WorkflowError> {
    let now = site.clock.now();
    perform(site, who, Act::SplitReport, |tx, record| {
        let mut report = changeable(site, tx, who, Act::SplitReport, id)?;
        if report.version != version {
            return Err(WorkflowError::Stale { current: report.version });
        }
        let (first, second) = halves(&current_text(tx, &report)?, at)?;
        let dictation = match report.dictation {
            Some(whole) => Some(same_recording(tx, who, whole)?),
            None => None,
        };
        let labels = reports::own_labels(tx, id)?.unwrap_or_default();
        let new = Report {
            id: ReportId(new_uuid()),
            dictation,
            patient: None,
            encounter: None,
            version: 0,
            labels,
            ..report.clone()
        };
        reports::insert(tx, &new)?;
        insert_text(tx, who, new.id, 1, second, now)?;
        raise_unknown_patient(tx, &new, now)?;
        insert_text(tx, who, id, version + 1, first, now)?;
        report.version = version + 1;
        reports::update(tx, &report)?;
        name_split(record, id, new.id);
        Ok(new.id)
    })
}

fn name_split(record: &mut Record, from: ReportId, new: ReportId) {
    record.subject("report", from);
    record.subject("report", new);
}

fn halves(text: &str, at: usize) -> Result<(String, String), WorkflowError> {
    let place = text.char_indices().nth(at).map_or(text.len(), |(byte, _)| byte);
    let (first, second) = text.split_at(place);
    let (first, second) = (first.trim_end(), second.trim_start());
    if first.trim().is_empty() || second.is_empty() {
        return Err(WorkflowError::invalid("at", "both parts have to have words"));
    }
    Ok((first.to_owned(), second.to_owned()))
}

/// A dictation of its own with the recording and the transcript of another.
fn same_recording(tx: &Tx, who: &Acting, whole: DictationId) -> Result<DictationId, WorkflowError> {
    let missing = WorkflowError::NotFound { what: "dictation" };
    let dictation = dictations::by_id(tx, whole)?.ok_or(missing)?;
    let part = Dictation {
        id: DictationId(new_uuid()),
        patient: None,
        encounter: None,
        given_mrn: None,
        ..dictation
    };
    dictations::insert(tx, &part, who.person_id())?;
    parts::insert(tx, part.id, whole)?;
    if let Some(transcript) = dictations::transcript(tx, whole)? {
        dictations::insert_transcript(tx, part.id, &transcript, part.received_at)?;
    }
    Ok(part.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_letters_and_into_two_parts_with_words() {
        let parts = halves("Erster für A.\n\nZweiter.", 13).expect("two parts");
        assert_eq!(parts, ("Erster für A.".into(), "Zweiter.".into()));
        for (text, at) in [("One.", 0), ("One.", 4), ("One.", 99), ("One.  ", 4), ("", 0)] {
            assert!(halves(text, at).is_err(), "{text} {at}");
        }
    }
}
