//! Opening a report: its text, flags, versions, people, and what the reader may do with it now.
//!
//! Not for: changing anything (`review.rs`, `signing.rs`).
//!
//! Invariant: every look is audited, and an act is offered only where it would succeed.

use super::answering;
use super::error::WorkflowError;
use super::joining;
use super::permission;
use super::quality;
use super::sight::{Eyes, has_written, visible};
use super::site::{Acting, Site, look};
use crate::domain::audit::Act;
use crate::domain::dictation::Dictation;
use crate::domain::digest::Digest;
use crate::domain::flag::{ReportFlag, has_blank};
use crate::domain::ids::ReportId;
use crate::domain::patient::{Encounter, Patient};
use crate::domain::person::{Person, Role};
use crate::domain::phi::Phi;
use crate::domain::report::{Completion, Report, Stage, Version};
use crate::domain::signature::Signature;
use crate::domain::time::Timestamp;
use crate::store::db::Tx;
use crate::store::jobs::{Job, JobState};
use crate::store::joins::{self, Join};
use crate::store::reports::VersionLine;
use crate::store::{chart, dictations, flags, jobs, patients, people, reports, takeovers};

/// Everything a person sees who opens a report.
#[derive(Clone, Debug)]
pub struct OpenReport {
    pub report: Report,
    pub patient: Option<Patient>,
    pub encounter: Option<Encounter>,
    pub author: Person,
    pub assignee: Option<Person>,
    /// Who asks for it, where it is in the reader's own hands.
    pub asked_by: Option<Person>,
    pub text: Phi<String>,
    /// SHA-256 of the text.
    pub digest: Digest,
    pub flags: Vec<ReportFlag>,
    pub versions: Vec<VersionLine>,
    pub dictation: Option<Dictation>,
    pub job: Option<Job>,
    pub signatures: Vec<Signature>,
    pub filed_at: Option<Timestamp>,
    pub addenda: Vec<ReportId>,
    /// What was joined to the report, in the order it was appended.
    pub joined: Vec<Join>,
    /// The report that this one goes on in.
    pub joined_into: Option<ReportId>,
    /// Until when broken glass keeps the patient's chart open to the reader.
    pub glass_until: Option<Timestamp>,
    /// What this person may do with the report now.
    pub may: Vec<Act>,
}

/// Opens a report for reading or work.
pub fn open(site: &Site, who: &Acting, id: ReportId) -> Result<OpenReport, WorkflowError> {
    open_as(site, who, id, Act::ViewReport)
}

pub(super) fn open_as(
    site: &Site,
    who: &Acting,
    id: ReportId,
    act: Act,
) -> Result<OpenReport, WorkflowError> {
    look(site, who, act, |tx, record| {
        let (report, eyes) = visible(site, tx, who, act, id)?;
        record.subject("report", id);
        record.detail("version", report.version);
        gather(tx, who, &eyes, report)
    })
}

pub(super) fn gather(
    tx: &Tx,
    who: &Acting,
    eyes: &Eyes,
    report: Report,
) -> Result<OpenReport, WorkflowError> {
    let missing = |what| WorkflowError::NotFound { what };
    let id = report.id;
    let text = current_text(tx, &report)?;
    let dictation = match report.dictation {
        Some(id) => dictations::by_id(tx, id)?,
        None => None,
    };
    let job = match report.dictation {
        Some(id) => jobs::of_dictation(tx, id)?,
        None => None,
    };
    let mut open = OpenReport {
        patient: read(report.patient, |id| patients::by_id(tx, id))?,
        encounter: read(report.encounter, |id| patients::encounter(tx, id))?,
        author: people::by_id(tx, report.author)?.ok_or(missing("author"))?,
        assignee: read(report.assignee, |id| people::by_id(tx, id))?,
        asked_by: asked_by(tx, eyes, &report)?,
        digest: Digest::of(text.as_bytes()),
        text: Phi::new(text),
        flags: flags::of_report(tx, id)?,
        versions: reports::version_lines(tx, id)?,
        signatures: chart::signatures(tx, id)?,
        filed_at: chart::filed_at(tx, id)?,
        joined: joins::of_report(tx, id)?,
        joined_into: joins::of_joined(tx, id)?.map(|join| join.report),
        addenda: reports::children(tx, id)?.iter().map(|child| child.id).collect(),
        dictation,
        job,
        glass_until: report.patient.and_then(|patient| eyes.glass_until(patient)),
        report,
        may: Vec::new(),
    };
    open.may = what_may(tx, who, eyes, &open)?;
    Ok(open)
}

fn asked_by(tx: &Tx, eyes: &Eyes, report: &Report) -> Result<Option<Person>, WorkflowError> {
    if report.assignee != Some(eyes.person.id) {
        return Ok(None);
    }
    let asked = takeovers::of_report(tx, report.id)?;
    read(asked, |asked| people::by_id(tx, asked.by))
}

fn read<I, T>(
    id: Option<I>,
    find: impl FnOnce(I) -> Result<Option<T>, crate::store::error::StoreError>,
) -> Result<Option<T>, WorkflowError> {
    match id {
        Some(id) => Ok(find(id)?),
        None => Ok(None),
    }
}

/// The acts that would succeed now, so that a page offers nothing else.
fn what_may(
    tx: &Tx,
    who: &Acting,
    eyes: &Eyes,
    open: &OpenReport,
) -> Result<Vec<Act>, WorkflowError> {
    let person = eyes.person;
    let report = &open.report;
    let changing = eyes.may_change(report);
    let held = report.assignee == Some(person.id);
    let clear = !is_open(&open.flags, open.text.reveal());
    let mut may = Vec::new();
    let mut offer = |act: Act, holds: bool| {
        if holds && permission::check(who, act).is_ok() {
            may.push(act);
        }
    };
    for act in [Act::SaveVersion, Act::RaiseFlag, Act::SettleFlag] {
        offer(act, changing);
    }
    let keeps_records = person.has(Role::RecordsSpecialist) && report.is_open();
    offer(Act::AssignPatient, changing || keeps_records);
    let moves = report.completion.is_editable() || report.completion == Completion::Dictated;
    offer(Act::MoveReport, changing || (keeps_records && moves));
    offer(Act::SplitReport, changing && report.version > 0);
    let joinable = changing && report.version > 0 && report.stage != Stage::WithAuthor;
    offer(Act::JoinReports, joinable);
    let fresh = open.joined.last().is_some_and(|join| joining::is_newest(join, report));
    offer(Act::UndoJoin, joinable && fresh);
    offer(Act::AnswerBlank, changing && answering::is_asked(report.stage));
    let sends = person.has(Role::RecordsSpecialist) && open.joined_into.is_none();
    offer(Act::SetCopies, changing || sends);
    offer(Act::ClaimReport, claim_stage(tx, person, open)?.is_some());
    offer(Act::ReleaseReport, held && matches!(report.stage, Stage::Editing | Stage::InQa));
    offer(Act::SubmitReport, changing && report.stage == Stage::Editing);
    offer(Act::PassQa, changing && report.stage == Stage::InQa);
    offer(Act::ScoreReport, changing && quality::scorable(tx, report, person.id)?.is_some());
    let cosigns = held && report.stage == Stage::WithCosigner;
    offer(Act::ReturnReport, (changing && report.stage != Stage::Editing) || cosigns);
    offer(Act::CosignReport, cosigns);
    offer(
        Act::SignReport,
        changing
            && report.author == person.id
            && report.stage == Stage::WithAuthor
            && report.completion == Completion::AwaitingSignature
            && report.patient.is_some()
            && clear,
    );
    let own = report.author == person.id;
    offer(Act::BeginAddendum, own && report.completion.is_signed());
    offer(Act::ListenAudio, report.dictation.is_some());
    offer(Act::PrintReport, true);
    offer(Act::ViewLife, true);
    offer(Act::ViewChart, report.patient.is_some());
    let state = open.job.as_ref().map(|job| job.state);
    let transcribing = report.stage == Stage::Transcribing;
    let running = matches!(state, Some(JobState::Queued | JobState::Running));
    offer(Act::StopTranscription, transcribing && running);
    let failed = matches!(state, Some(JobState::Dead | JobState::Stopped));
    offer(Act::RetryTranscription, transcribing && failed && report.version == 0);
    Ok(may)
}

/// One earlier version, whole.
pub fn version(
    site: &Site,
    who: &Acting,
    id: ReportId,
    number: u32,
) -> Result<Version, WorkflowError> {
    look(site, who, Act::ViewVersion, |tx, record| {
        visible(site, tx, who, Act::ViewVersion, id)?;
        record.subject("report", id);
        record.detail("version", number);
        reports::version(tx, id, number)?.ok_or(WorkflowError::NotFound { what: "version" })
    })
}

/// The stage the report would be at in this person's hands, if they may take it.
pub(super) fn claim_stage(
    tx: &Tx,
    person: &Person,
    open: &OpenReport,
) -> Result<Option<Stage>, WorkflowError> {
    let report = &open.report;
    if report.assignee.is_some() {
        return Ok(None);
    }
    let types = person.has(Role::Transcriptionist);
    let reviews = person.has(Role::Reviewer);
    let given_up =
        open.job.as_ref().is_none_or(|job| matches!(job.state, JobState::Dead | JobState::Stopped));
    Ok(match report.stage {
        Stage::Drafted if types => Some(Stage::Editing),
        Stage::Transcribing if types && given_up => Some(Stage::Editing),
        Stage::InQa if reviews && !has_written(tx, person.id, report)? => Some(Stage::InQa),
        _ => None,
    })
}

pub(super) fn is_open(flags: &[ReportFlag], text: &str) -> bool {
    has_blank(text) || flags.iter().any(ReportFlag::is_open)
}

pub(super) fn current_text(tx: &Tx, report: &Report) -> Result<String, WorkflowError> {
    if report.version == 0 {
        return Ok(String::new());
    }
    let version = reports::version(tx, report.id, report.version)?;
    let version = version.ok_or(WorkflowError::NotFound { what: "version" })?;
    assert_eq!(
        version.digest,
        Digest::of(version.text.reveal().as_bytes()),
        "a version is read back as it was written"
    );
    Ok(version.text.into_revealed())
}
