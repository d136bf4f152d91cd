//! What whoever types a report is to know: the sections of its work type, and the instructions
//! for its author and work type.
//!
//! Not for: what the author says in the dictation (`evidence.rs`).
//!
//! Invariant: an instruction is about how to type, never about a patient.

use super::error::WorkflowError;
use super::sight::{person_of, visible};
use super::site::{Acting, Site, look, perform};
use crate::domain::audit::Act;
use crate::domain::ids::ReportId;
use crate::store::instructions::{self, About, Instruction};
use crate::vocab::sections::{Section, of_work_type};

/// The longest instruction, in bytes.
pub const INSTRUCTION_MAX: usize = 2_000;

#[derive(Clone, Debug)]
pub struct Guide {
    /// In the order they are written in.
    pub sections: Vec<&'static Section>,
    pub instructions: Vec<Instruction>,
}

/// What bears on this report.
pub fn of_report(site: &Site, who: &Acting, id: ReportId) -> Result<Guide, WorkflowError> {
    look(site, who, Act::ViewReport, |tx, record| {
        let (report, _) = visible(site, tx, who, Act::ViewReport, id)?;
        record.subject("report", id);
        let work_type = report.work_type.as_str();
        Ok(Guide {
            sections: of_work_type(work_type).collect(),
            instructions: instructions::bearing(tx, report.author, work_type)?,
        })
    })
}

/// Writes the instruction for the report's author or work type; an empty one takes it away.
pub fn instruct(
    site: &Site,
    who: &Acting,
    id: ReportId,
    about: About,
    text: &str,
) -> Result<(), WorkflowError> {
    let text = text.trim();
    if text.len() > INSTRUCTION_MAX {
        let message = format!("an instruction has at most {INSTRUCTION_MAX} bytes");
        return Err(WorkflowError::invalid("text", message));
    }
    perform(site, who, Act::ChangeInstruction, |tx, record| {
        let (report, _) = visible(site, tx, who, Act::ChangeInstruction, id)?;
        let by = person_of(who, Act::ChangeInstruction)?.id;
        record.subject("report", id);
        record.detail("about", about.code());
        let owner = match about {
            About::Author => report.author.to_string(),
            About::WorkType => report.work_type.to_string(),
        };
        Ok(instructions::put(tx, about, &owner, text, by, site.clock.now())?)
    })
}
