//! Correcting a report: taking it, saving versions, flags, patient, handing it on.
//!
//! Not for: opening it (`reading.rs`), signing and addenda (`signing.rs`).
//!
//! Invariant: a save names the version it was made from; if there is a newer one the save is
//! refused and nothing is overwritten.

use super::error::WorkflowError;
use super::evidence;
use super::intake::parse_mrn;
use super::particulars::read_encounter;
use super::reading::{claim_stage, current_text, gather, is_open};
use super::sampling;
use super::sight::{changeable, person_of, visible};
use super::site::{Acting, Site, new_uuid, perform};
use crate::domain::audit::Act;
use crate::domain::digest::Digest;
use crate::domain::evidence::{PIECES_MAX, Piece};
use crate::domain::flag::{FLAG_NOTE_MAX, FlagKind, FlagState, QaFlag, ReportFlag, Settlement};
use crate::domain::ids::{FlagId, ReportId};
use crate::domain::person::Role;
use crate::domain::phi::Phi;
use crate::domain::report::{
    Completion, Event, REPORT_TEXT_MAX, Report, Stage, Version, VersionMaker,
};
use crate::domain::time::AudioSpan;
use crate::fault;
use crate::store::db::Tx;
use crate::store::{flags, patients, people, played, reports, takeovers};
use crate::text::normals::NORMAL_TEXT_MAX;

/// Takes a report: a draft from the pool to edit, one in QA to review, or one whose
/// transcription failed to type by hand.
///
/// # Errors
/// [`WorkflowError::Taken`] when somebody else has it; [`WorkflowError::Conflict`] when it is not
/// there to be taken, or one would review one's own work.
pub fn claim(site: &Site, who: &Acting, id: ReportId) -> Result<(), WorkflowError> {
    perform(site, who, Act::ClaimReport, |tx, record| {
        let (report, eyes) = visible(site, tx, who, Act::ClaimReport, id)?;
        let person = eyes.person;
        record.subject("report", id);
        if report.assignee == Some(person.id) {
            return Ok(());
        }
        if let Some(other) = report.assignee {
            let by = people::by_id(tx, other)?.map(|person| person.display_name);
            return Err(WorkflowError::Taken { by: by.unwrap_or_default() });
        }
        let mut open = gather(tx, who, &eyes, report)?;
        let stage = claim_stage(tx, person, &open)?.ok_or_else(|| {
            WorkflowError::conflict(
                "the report is not there to be taken: it is at another stage, or you wrote it \
                 and nobody reviews their own work",
            )
        })?;
        if open.report.completion == Completion::Dictated {
            open.report.completion = open.report.completion.after(Event::Begin)?;
        }
        open.report.stage = stage;
        open.report.assignee = Some(person.id);
        Ok(reports::update(tx, &open.report)?)
    })
}

/// Hands a report back to the pool or to the QA list.
pub fn release(site: &Site, who: &Acting, id: ReportId) -> Result<(), WorkflowError> {
    perform(site, who, Act::ReleaseReport, |tx, record| {
        let mut report = changeable(site, tx, who, Act::ReleaseReport, id)?;
        record.subject("report", id);
        report.assignee = None;
        takeovers::clear(tx, id)?;
        if report.stage == Stage::Editing {
            report.stage = Stage::Drafted;
        }
        Ok(reports::update(tx, &report)?)
    })
}

/// Saves the text as a new version made from version `base`, and answers its number. A save of
/// the very text that is newest answers the newest number.
///
/// # Errors
/// [`WorkflowError::Stale`] when there is a newer version than `base`.
pub fn save(
    site: &Site,
    who: &Acting,
    id: ReportId,
    base: u32,
    text: String,
) -> Result<u32, WorkflowError> {
    save_linked(site, who, id, base, text, None, &[]).map(|saved| saved.version)
}

/// The most passages of normals that one save names.
pub const PASSAGES_MAX: usize = 100;

/// A version that was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    pub version: u32,
    /// Whether what the page said of the drafted pieces was kept with it.
    pub linked: bool,
}

/// As [`save`], with the pieces of the text that stand as they were drafted, and passages that
/// were put in from normals, which are not counted as typed.
pub fn save_linked(
    site: &Site,
    who: &Acting,
    id: ReportId,
    base: u32,
    text: String,
    pieces: Option<&[Piece]>,
    passages: &[String],
) -> Result<Saved, WorkflowError> {
    if text.len() > REPORT_TEXT_MAX {
        let message = format!("a report has at most {REPORT_TEXT_MAX} bytes");
        return Err(WorkflowError::invalid("text", message));
    }
    if pieces.is_some_and(|pieces| pieces.len() > PIECES_MAX) {
        let message = format!("a link has at most {PIECES_MAX} pieces");
        return Err(WorkflowError::invalid("pieces", message));
    }
    let too_long = passages.iter().any(|passage| passage.len() > NORMAL_TEXT_MAX);
    if too_long || passages.len() > PASSAGES_MAX {
        let message = format!("at most {PASSAGES_MAX} passages, each as long as a normal may be");
        return Err(WorkflowError::invalid("inserted", message));
    }
    let saved = perform(site, who, Act::SaveVersion, |tx, record| {
        let mut report = changeable(site, tx, who, Act::SaveVersion, id)?;
        record.subject("report", id);
        let digest = Digest::of(text.as_bytes());
        if report.version > 0 && Digest::of(current_text(tx, &report)?.as_bytes()) == digest {
            record.detail("version", report.version);
            return Ok(Saved { version: report.version, linked: false });
        }
        if report.version != base {
            return Err(WorkflowError::Stale { current: report.version });
        }
        let version = Version {
            report: id,
            number: base + 1,
            text: Phi::new(text),
            digest,
            maker: VersionMaker::Person,
            by: who.person_id(),
            at: site.clock.now(),
        };
        reports::insert_version(tx, &version)?;
        report.version = version.number;
        settle_completion(tx, &mut report, version.text.reveal())?;
        reports::update(tx, &report)?;
        for passage in passages.iter().map(|passage| passage.trim()) {
            if !passage.is_empty() && version.text.reveal().contains(passage) {
                played::keep_passage(tx, id, passage)?;
            }
        }
        let linked = match pieces {
            Some(pieces) => evidence::keep_link(tx, &report, version.text.reveal(), pieces)?,
            None => false,
        };
        record.detail("version", version.number);
        fault::point("save-before-commit");
        Ok(Saved { version: version.number, linked })
    })?;
    fault::point("save-committed");
    Ok(saved)
}

/// Raises a flag, with the place in the audio where it is known.
pub fn raise_flag(
    site: &Site,
    who: &Acting,
    id: ReportId,
    kind: FlagKind,
    note: &str,
    audio: Option<AudioSpan>,
) -> Result<FlagId, WorkflowError> {
    let note = checked_note(note)?;
    if audio.is_some_and(|span| span.end_ms < span.start_ms) {
        return Err(WorkflowError::invalid("start_ms", "a span ends after it begins"));
    }
    perform(site, who, Act::RaiseFlag, |tx, record| {
        let mut report = changeable(site, tx, who, Act::RaiseFlag, id)?;
        let flag = ReportFlag {
            id: FlagId(new_uuid()),
            flag: QaFlag { kind, note, audio, text: None },
            raised_by: who.person_id(),
            raised_at: site.clock.now(),
            settled: None,
        };
        record.subject("report", id);
        record.subject("flag", flag.id);
        record.detail("kind", kind.code());
        flags::insert(tx, id, &flag)?;
        let text = current_text(tx, &report)?;
        settle_completion(tx, &mut report, &text)?;
        reports::update(tx, &report)?;
        Ok(flag.id)
    })
}

/// Resolves or waives an open flag, with a note that says why.
///
/// # Errors
/// [`WorkflowError::Conflict`] when it was settled already, or the flag is of a patient who is
/// still not known.
pub fn settle_flag(
    site: &Site,
    who: &Acting,
    id: ReportId,
    flag: FlagId,
    state: FlagState,
    note: &str,
) -> Result<(), WorkflowError> {
    if state == FlagState::Open {
        return Err(WorkflowError::invalid("state", "a flag is resolved or waived"));
    }
    let note = checked_note(note)?;
    perform(site, who, Act::SettleFlag, |tx, record| {
        let mut report = changeable(site, tx, who, Act::SettleFlag, id)?;
        let known = flags::of_report(tx, id)?;
        let found = known.iter().find(|known| known.id == flag);
        let found = found.ok_or(WorkflowError::NotFound { what: "flag" })?;
        if found.flag.kind == FlagKind::Demographic && report.patient.is_none() {
            return Err(WorkflowError::conflict("say first which patient the report is about"));
        }
        let by = person_of(who, Act::SettleFlag)?.id;
        let settlement = Settlement { state, by, at: site.clock.now(), note };
        if !flags::settle(tx, flag, &settlement)? {
            return Err(WorkflowError::conflict("the flag was settled already"));
        }
        record.subject("report", id);
        record.subject("flag", flag);
        record.detail("state", state.code());
        let text = current_text(tx, &report)?;
        settle_completion(tx, &mut report, &text)?;
        Ok(reports::update(tx, &report)?)
    })
}

/// Says whom the report is about. The doubts about the patient are settled by it.
pub fn assign_patient(
    site: &Site,
    who: &Acting,
    id: ReportId,
    mrn: &str,
    encounter: Option<&str>,
) -> Result<(), WorkflowError> {
    let mrn = parse_mrn(mrn)?;
    perform(site, who, Act::AssignPatient, |tx, record| {
        let mut report = assignable(site, tx, who, id)?;
        let patient = patients::by_mrn(tx, &mrn)?.ok_or_else(|| {
            WorkflowError::invalid("mrn", "no patient with this medical record number is known")
        })?;
        let encounter = encounter.map(str::trim).filter(|number| !number.is_empty());
        let encounter = read_encounter(tx, encounter, Some(patient.id))?;
        report.patient = Some(patient.id);
        report.encounter = encounter.map(|(encounter, _)| encounter);
        record.subject("report", id);
        record.subject("patient", patient.id);
        let by = person_of(who, Act::AssignPatient)?.id;
        for flag in flags::of_report(tx, id)? {
            if flag.is_open() && flag.flag.kind == FlagKind::Demographic {
                let note = Phi::text("The patient was assigned.");
                let at = site.clock.now();
                let settlement = Settlement { state: FlagState::Resolved, by, at, note };
                flags::settle(tx, flag.id, &settlement)?;
            }
        }
        let text = current_text(tx, &report)?;
        settle_completion(tx, &mut report, &text)?;
        Ok(reports::update(tx, &report)?)
    })
}

/// Hands an edited report on: to QA where something is open, the editor asks for it or the
/// sampling takes it, else to its author.
pub fn submit(
    site: &Site,
    who: &Acting,
    id: ReportId,
    version: u32,
    to_qa: bool,
) -> Result<(), WorkflowError> {
    perform(site, who, Act::SubmitReport, |tx, record| {
        let mut report = changeable(site, tx, who, Act::SubmitReport, id)?;
        if report.stage != Stage::Editing {
            return Err(WorkflowError::conflict("the report is not being edited"));
        }
        let open = check_text(tx, &report, version)?;
        let editor = person_of(who, Act::SubmitReport)?.id;
        let drawn = sampling::draw(tx, &report, version, editor)?;
        let to_qa = to_qa || drawn.sampled;
        if open {
            report.completion = report.completion.after(Event::SubmitOpen)?;
        } else if !to_qa {
            report.completion = report.completion.after(Event::SubmitClear)?;
        }
        report.stage = if open || to_qa { Stage::InQa } else { Stage::WithAuthor };
        report.assignee = None;
        record.detail("sampled", drawn.sampled);
        sampling::write_down(site, tx, &report, version, editor, drawn)?;
        takeovers::clear(tx, id)?;
        record.subject("report", id);
        record.detail("version", version);
        record.detail("stage", report.stage.code());
        Ok(reports::update(tx, &report)?)
    })
}

/// Passes a reviewed report on to its author, who answers what is still open or signs.
pub fn pass_qa(site: &Site, who: &Acting, id: ReportId, version: u32) -> Result<(), WorkflowError> {
    perform(site, who, Act::PassQa, |tx, record| {
        let mut report = changeable(site, tx, who, Act::PassQa, id)?;
        if report.stage != Stage::InQa {
            return Err(WorkflowError::conflict("the report is not in QA"));
        }
        let open = check_text(tx, &report, version)?;
        let event = if open { Event::SubmitOpen } else { Event::SubmitClear };
        report.completion = report.completion.after(event)?;
        report.stage = Stage::WithAuthor;
        report.assignee = None;
        takeovers::clear(tx, id)?;
        record.subject("report", id);
        record.detail("version", version);
        Ok(reports::update(tx, &report)?)
    })
}

/// Sends a report back to the pool with an instruction, which stays open until it is followed.
pub fn return_report(
    site: &Site,
    who: &Acting,
    id: ReportId,
    note: &str,
) -> Result<(), WorkflowError> {
    let note = checked_note(note)?;
    perform(site, who, Act::ReturnReport, |tx, record| {
        let mut report = returnable(site, tx, who, id)?;
        if report.completion != Completion::InProgress {
            report.completion = report.completion.after(Event::Return)?;
        }
        report.stage = Stage::Drafted;
        report.assignee = None;
        takeovers::clear(tx, id)?;
        let flag = ReportFlag {
            id: FlagId(new_uuid()),
            flag: QaFlag { kind: FlagKind::Instruction, note, audio: None, text: None },
            raised_by: who.person_id(),
            raised_at: site.clock.now(),
            settled: None,
        };
        flags::insert(tx, id, &flag)?;
        record.subject("report", id);
        Ok(reports::update(tx, &report)?)
    })
}

/// A report whose patient the person may name: one in their hands, or for records staff any that
/// is not signed.
fn assignable(site: &Site, tx: &Tx, who: &Acting, id: ReportId) -> Result<Report, WorkflowError> {
    let (report, eyes) = visible(site, tx, who, Act::AssignPatient, id)?;
    if eyes.person.has(Role::RecordsSpecialist) && report.is_open() {
        return Ok(report);
    }
    changeable(site, tx, who, Act::AssignPatient, id)
}

/// A report that its author, its reviewer or its cosigner may send back.
fn returnable(site: &Site, tx: &Tx, who: &Acting, id: ReportId) -> Result<Report, WorkflowError> {
    let (report, eyes) = visible(site, tx, who, Act::ReturnReport, id)?;
    let cosigns = report.stage == Stage::WithCosigner && report.assignee == Some(eyes.person.id);
    if cosigns { Ok(report) } else { changeable(site, tx, who, Act::ReturnReport, id) }
}

/// Whether a blank or flag is open in the version that was seen.
fn check_text(tx: &Tx, report: &Report, version: u32) -> Result<bool, WorkflowError> {
    if report.version != version {
        return Err(WorkflowError::Stale { current: report.version });
    }
    let text = current_text(tx, report)?;
    if text.trim().is_empty() {
        return Err(WorkflowError::invalid("text", "the report is empty"));
    }
    Ok(is_open(&flags::of_report(tx, report.id)?, &text))
}

/// Keeps the completion of a report with its author in step with what is open in it.
fn settle_completion(tx: &Tx, report: &mut Report, text: &str) -> Result<(), WorkflowError> {
    if report.stage != Stage::WithAuthor {
        return Ok(());
    }
    let open = is_open(&flags::of_report(tx, report.id)?, text);
    let event = match (report.completion, open) {
        (Completion::AwaitingSignature, true) => Event::Reopen,
        (Completion::Incomplete, false) => Event::SettleLast,
        _ => return Ok(()),
    };
    report.completion = report.completion.after(event)?;
    Ok(())
}

fn checked_note(note: &str) -> Result<Phi<String>, WorkflowError> {
    let note = note.trim();
    if note.is_empty() || note.len() > FLAG_NOTE_MAX {
        let message = format!("a note says why, in at most {FLAG_NOTE_MAX} bytes");
        return Err(WorkflowError::invalid("note", message));
    }
    Ok(Phi::text(note))
}
