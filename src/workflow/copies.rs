//! Copies (cc): who gets one of a report, and which are still to be sent.
//!
//! Not for: sending them; a person does, and notes it here.
//!
//! Invariant: a copy is to be sent only of a report in the chart, and what was sent stays noted.

use super::error::WorkflowError;
use super::sight::{Eyes, Sight, changeable, person_of, visible};
use super::site::{Acting, Site, look, perform};
use crate::domain::audit::Act;
use crate::domain::ids::ReportId;
use crate::domain::person::Role;
use crate::store::parts::{self, Copy};
use crate::store::{people, reports};

/// The most copies of one report, and the longest name or address, in characters.
pub const COPIES_MAX: usize = 20;
pub const NAME_MAX: usize = 200;
/// The most copies that are listed at once.
pub const LISTED_MAX: usize = 500;

/// A copy that waits, with what a list shows.
#[derive(Clone, Debug)]
pub struct ToSend {
    pub copy: Copy,
    pub work_type_name: String,
    pub author_name: String,
}

/// Says who gets a copy, in the place of those whose copy was not sent yet.
///
/// # Errors
/// [`WorkflowError::Invalid`] for too many, or a name that is empty or too long.
pub fn set(
    site: &Site,
    who: &Acting,
    id: ReportId,
    recipients: &[(String, String)],
) -> Result<(), WorkflowError> {
    let recipients = checked(recipients)?;
    perform(site, who, Act::SetCopies, |tx, record| {
        let (_, eyes) = visible(site, tx, who, Act::SetCopies, id)?;
        // Records staff also see to copies that are asked for later.
        if !eyes.person.has(Role::RecordsSpecialist) {
            changeable(site, tx, who, Act::SetCopies, id)?;
        }
        record.subject("report", id);
        record.detail("copies", recipients.len());
        Ok(parts::set_copies(tx, id, &recipients)?)
    })
}

fn checked(recipients: &[(String, String)]) -> Result<Vec<(String, String)>, WorkflowError> {
    if recipients.len() > COPIES_MAX {
        let message = format!("a report has at most {COPIES_MAX} copies");
        return Err(WorkflowError::invalid("copies", message));
    }
    let mut checked = Vec::new();
    for (recipient, address) in recipients {
        let (recipient, address) = (recipient.trim(), address.trim());
        let long = recipient.chars().count().max(address.chars().count()) > NAME_MAX;
        if recipient.is_empty() || long {
            let message = format!("a recipient has 1 to {NAME_MAX} characters");
            return Err(WorkflowError::invalid("copies", message));
        }
        checked.push((recipient.to_owned(), address.to_owned()));
    }
    Ok(checked)
}

/// Who gets a copy of a report.
pub fn of_report(site: &Site, who: &Acting, id: ReportId) -> Result<Vec<Copy>, WorkflowError> {
    look(site, who, Act::ViewCopies, |tx, record| {
        visible(site, tx, who, Act::ViewCopies, id)?;
        record.subject("report", id);
        Ok(parts::copies(tx, id)?)
    })
}

/// Copies of filed reports that are to be sent, the longest filed first.
pub fn to_send(site: &Site, who: &Acting) -> Result<Vec<ToSend>, WorkflowError> {
    look(site, who, Act::SendCopy, |tx, record| {
        let eyes = Eyes::of(site, tx, who, Act::SendCopy)?;
        let mut found = Vec::new();
        for copy in parts::copies_to_send(tx, LISTED_MAX)? {
            let missing = WorkflowError::NotFound { what: "report" };
            let report = reports::by_id(tx, copy.report)?.ok_or(missing)?;
            if eyes.sight(&report) != Sight::Seen {
                continue;
            }
            record.subject("report", report.id);
            let author = people::by_id(tx, report.author)?;
            let work_type = site.work_types.get(&report.work_type);
            found.push(ToSend {
                copy,
                work_type_name: work_type.map_or_else(String::new, |known| known.name.clone()),
                author_name: author.map_or_else(String::new, |person| person.display_name),
            });
        }
        Ok(found)
    })
}

/// Notes that a copy was sent.
///
/// # Errors
/// [`WorkflowError::Conflict`] when the report is not signed, or it was sent before.
pub fn sent(site: &Site, who: &Acting, id: ReportId, number: u32) -> Result<(), WorkflowError> {
    perform(site, who, Act::SendCopy, |tx, record| {
        let (report, _) = visible(site, tx, who, Act::SendCopy, id)?;
        if !report.completion.is_signed() {
            return Err(WorkflowError::conflict("a copy is sent once the report is signed"));
        }
        record.subject("report", id);
        record.detail("copy", number);
        let by = person_of(who, Act::SendCopy)?.id;
        if parts::copy_sent(tx, id, number, by, site.clock.now())? {
            Ok(())
        } else {
            Err(WorkflowError::conflict("there is no such copy to send"))
        }
    })
}
