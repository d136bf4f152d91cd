//! A dictation's transcription: begun, completed or failed by the machine; stopped, tried again
//! or looked at by people.
//!
//! Not for: the recognition itself or its timing (`jobs/`).
//!
//! Invariant: a result is written only by the holder of the job's lease, and never over a
//! version that a person has made.

use super::answering::as_words;
use super::error::WorkflowError;
use super::evidence;
use super::sight::visible;
use super::site::{Acting, Record, Site, look, new_uuid, perform};
use crate::domain::audit::{Act, Actor};
use crate::domain::dictation::{Audio, Dictation};
use crate::domain::digest::Digest;
use crate::domain::flag::{QaFlag, ReportFlag};
use crate::domain::ids::{DictationId, FlagId, JobId, ReportId};
use crate::domain::phi::Phi;
use crate::domain::report::{Completion, Event, Report, Stage, Version, VersionMaker};
use crate::domain::time::Timestamp;
use crate::domain::transcript::Transcript;
use crate::fault;
use crate::store::blob::BlobReader;
use crate::store::db::Tx;
use crate::store::error::StoreError;
use crate::store::jobs::{Job, JobState};
use crate::store::{self, answers, audit, dictations, flags, jobs, reports};
use crate::text::Draft;

/// How long one audit row stands for a listening: a player asks for its recording piece by piece.
const LISTENING_MS: i64 = 10 * 60_000;

#[derive(Clone, Debug)]
pub struct DictationStatus {
    pub dictation: Dictation,
    pub report: ReportId,
    pub completion: Completion,
    pub stage: Stage,
    pub job: Option<Job>,
}

/// How far a dictation has come.
pub fn status(
    site: &Site,
    who: &Acting,
    id: DictationId,
) -> Result<DictationStatus, WorkflowError> {
    look(site, who, Act::ViewReport, |tx, record| {
        let (dictation, report) = visible_dictation(site, tx, who, Act::ViewReport, id)?;
        record.subject("dictation", id);
        Ok(DictationStatus {
            dictation,
            report: report.id,
            completion: report.completion,
            stage: report.stage,
            job: jobs::of_dictation(tx, id)?,
        })
    })
}

/// The recording: its particulars and a reader of its bytes.
///
/// A listening has a row when it begins and every ten minutes that it goes on: no piece is read
/// by somebody of whom no row of the last ten minutes says so.
pub fn audio(
    site: &Site,
    who: &Acting,
    id: DictationId,
) -> Result<(Audio, BlobReader), WorkflowError> {
    let audio = listens(site, who, id)?;
    let reader = site.store.blobs().open(&audio.digest)?;
    Ok((audio, reader))
}

/// Somebody listens: the row of it, and the recording's particulars.
pub(super) fn listens(site: &Site, who: &Acting, id: DictationId) -> Result<Audio, WorkflowError> {
    let now = site.clock.now();
    look(site, who, Act::ListenAudio, |tx, record| {
        let (dictation, _) = visible_dictation(site, tx, who, Act::ListenAudio, id)?;
        record.subject("dictation", id);
        if audit::has_listened(tx, &who.actor, id, now.plus_ms(-LISTENING_MS), now)? {
            record.is_written_already();
        }
        Ok(dictation.audio)
    })
}

/// What the engine heard.
///
/// # Errors
/// [`WorkflowError::NotFound`] while there is no transcript.
pub fn transcript(site: &Site, who: &Acting, id: DictationId) -> Result<Transcript, WorkflowError> {
    look(site, who, Act::ViewTranscript, |tx, record| {
        visible_dictation(site, tx, who, Act::ViewTranscript, id)?;
        record.subject("dictation", id);
        dictations::transcript(tx, id)?.ok_or(WorkflowError::NotFound { what: "transcript" })
    })
}

/// Asks the machine to stop; a queued job is stopped at once, a running one within a second.
///
/// # Errors
/// [`WorkflowError::Conflict`] when nothing is under way.
pub fn stop(site: &Site, who: &Acting, id: DictationId) -> Result<(), WorkflowError> {
    let now = site.clock.now();
    perform(site, who, Act::StopTranscription, |tx, record| {
        visible_dictation(site, tx, who, Act::StopTranscription, id)?;
        record.subject("dictation", id);
        let job = jobs::of_dictation(tx, id)?.ok_or(WorkflowError::NotFound { what: "job" })?;
        match job.state {
            JobState::Queued => {
                Ok(jobs::finish(tx, job.id, JobState::Stopped, Some("stopped by a person"), now)?)
            }
            JobState::Running => Ok(jobs::request_stop(tx, job.id, now)?),
            JobState::Succeeded | JobState::Dead | JobState::Stopped => {
                Err(WorkflowError::conflict("no transcription is under way"))
            }
        }
    })
}

/// Puts a failed or stopped transcription back in the queue.
///
/// # Errors
/// [`WorkflowError::Conflict`] when it is under way or done.
pub fn retry(site: &Site, who: &Acting, id: DictationId) -> Result<(), WorkflowError> {
    perform(site, who, Act::RetryTranscription, |tx, record| {
        let (dictation, report) = visible_dictation(site, tx, who, Act::RetryTranscription, id)?;
        record.subject("dictation", id);
        let job = jobs::of_dictation(tx, id)?;
        let failed = job.is_some_and(|job| matches!(job.state, JobState::Dead | JobState::Stopped));
        let is_answer = answers::by_dictation(tx, id)?.is_some();
        if !failed || (report.version > 0 && !is_answer) {
            return Err(WorkflowError::conflict(
                "the transcription is under way, done, or the report is being typed by hand",
            ));
        }
        let attempts = site.settings.transcription_attempts;
        let now = site.clock.now();
        Ok(jobs::insert(tx, JobId(new_uuid()), id, dictation.priority, attempts, now)?)
    })
}

/// A job as it is handed to the worker.
#[derive(Clone, Debug)]
pub struct Assignment {
    pub job: Job,
    pub dictation: Dictation,
}

/// Claims the next transcription for this worker, if one is due.
pub fn claim(site: &Site, owner: &str, lease_ms: i64) -> Result<Option<Assignment>, WorkflowError> {
    claim_by(site, owner, lease_ms, jobs::claim)
}

/// The same for a STAT dictation only.
pub fn claim_stat(
    site: &Site,
    owner: &str,
    lease_ms: i64,
) -> Result<Option<Assignment>, WorkflowError> {
    claim_by(site, owner, lease_ms, jobs::claim_stat)
}

type Claim = fn(&Tx, &str, Timestamp, Timestamp) -> Result<Option<Job>, StoreError>;

fn claim_by(
    site: &Site,
    owner: &str,
    lease_ms: i64,
    claim: Claim,
) -> Result<Option<Assignment>, WorkflowError> {
    let now = site.clock.now();
    // Looked at without the write lock first, so that an idle worker costs nothing.
    let due = site.store.read(|tx| -> Result<_, WorkflowError> { Ok(jobs::next_due(tx)?) })?;
    if due.is_none_or(|due| due > now) {
        return Ok(None);
    }
    let claimed = site.store.write(|tx| -> Result<_, WorkflowError> {
        let Some(job) = claim(tx, owner, now, now.plus_ms(lease_ms))? else {
            return Ok(None);
        };
        let dictation = dictations::by_id(tx, job.dictation)?;
        Ok(Some((job, dictation.ok_or(WorkflowError::NotFound { what: "dictation" })?)))
    })?;
    let Some((job, dictation)) = claimed else { return Ok(None) };
    fault::point("job-claimed");
    begin(site, &job)?;
    Ok(Some(Assignment { job, dictation }))
}

fn begin(site: &Site, job: &Job) -> Result<(), WorkflowError> {
    perform(site, &machine(job.id), Act::BeginTranscription, |tx, record| {
        record.subject("dictation", job.dictation);
        record.detail("attempt", job.attempts);
        let mut report = report_of(tx, job.dictation)?;
        if report.completion == Completion::Dictated {
            report.completion = report.completion.after(Event::Begin)?;
            reports::update(tx, &report)?;
        }
        Ok(())
    })
}

/// Extends the lease; answers whether to stop, or `None` when the lease was lost.
pub fn heartbeat(
    site: &Site,
    job: JobId,
    owner: &str,
    progress: f64,
    lease_ms: i64,
) -> Result<Option<bool>, WorkflowError> {
    let now = site.clock.now();
    site.store
        .write(|tx| Ok(jobs::heartbeat(tx, job, owner, progress, now, now.plus_ms(lease_ms))?))
}

/// Writes the result: the transcript, the first version and its flags, and ends the job.
///
/// # Errors
/// [`WorkflowError::Conflict`] when the lease was lost; then nothing is written.
pub fn complete(
    site: &Site,
    job: &Job,
    owner: &str,
    transcript: &Transcript,
    draft: Draft,
    found: Vec<QaFlag>,
) -> Result<(), WorkflowError> {
    let now = site.clock.now();
    perform(site, &machine(job.id), Act::CompleteTranscription, |tx, record| {
        if !jobs::is_held(tx, job.id, owner)? {
            return Err(WorkflowError::conflict("the job was taken over by another worker"));
        }
        record.subject("dictation", job.dictation);
        record.detail("model", &transcript.model);
        dictations::insert_transcript(tx, job.dictation, transcript, now)?;
        let report = report_of(tx, job.dictation)?;
        if answers::by_dictation(tx, job.dictation)?.is_some() {
            record.subject("report", report.id);
            answers::set_heard(tx, job.dictation, as_words(&draft.text))?;
        } else if report.version == 0 && report.stage == Stage::Transcribing {
            let evidence = evidence::of_draft(&draft, transcript);
            let report = write_draft(site, tx, report, draft, found, record)?;
            store::evidence::insert(tx, report, &evidence)?;
        }
        jobs::finish(tx, job.id, JobState::Succeeded, None, now)?;
        fault::point("transcript-before-commit");
        Ok(())
    })
}

fn write_draft(
    site: &Site,
    tx: &Tx,
    mut report: Report,
    draft: Draft,
    found: Vec<QaFlag>,
    record: &mut Record,
) -> Result<ReportId, WorkflowError> {
    let now = site.clock.now();
    let version = Version {
        report: report.id,
        number: 1,
        digest: Digest::of(draft.text.as_bytes()),
        text: Phi::new(draft.text),
        maker: VersionMaker::Machine,
        by: None,
        at: now,
    };
    reports::insert_version(tx, &version)?;
    for flag in found {
        let id = FlagId(new_uuid());
        let flag = ReportFlag { id, flag, raised_by: None, raised_at: now, settled: None };
        flags::insert(tx, report.id, &flag)?;
    }
    report.stage = Stage::Drafted;
    reports::update(tx, &report)?;
    record.subject("report", report.id);
    Ok(report.id)
}

/// What becomes of a job that did not give a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Tried again after the wait, unless the attempts are used up.
    Retry { wait_ms: i64 },
    /// Another try would end the same way.
    Final,
    /// A person asked to stop.
    Stopped,
    /// The server is stopping: back to the queue, the attempt not counted.
    Interrupted,
}

/// Ends or requeues a job; `reason` is for people and holds no PHI.
pub fn fail(
    site: &Site,
    job: &Job,
    owner: &str,
    failure: Failure,
    reason: &str,
) -> Result<(), WorkflowError> {
    let now = site.clock.now();
    perform(site, &machine(job.id), Act::FailTranscription, |tx, record| {
        if !jobs::is_held(tx, job.id, owner)? {
            return Err(WorkflowError::conflict("the job was taken over by another worker"));
        }
        record.subject("dictation", job.dictation);
        record.detail("attempt", job.attempts);
        match failure {
            Failure::Retry { wait_ms } if job.attempts < job.max_attempts => {
                Ok(jobs::requeue(tx, job.id, now.plus_ms(wait_ms), Some(reason), false, now)?)
            }
            Failure::Retry { .. } | Failure::Final => {
                Ok(jobs::finish(tx, job.id, JobState::Dead, Some(reason), now)?)
            }
            Failure::Stopped => Ok(jobs::finish(tx, job.id, JobState::Stopped, Some(reason), now)?),
            Failure::Interrupted => Ok(jobs::requeue(tx, job.id, now, None, true, now)?),
        }
    })
}

/// Ends jobs whose process died at every attempt: a dead letter with its reason.
pub fn bury_exhausted(site: &Site) -> Result<(), WorkflowError> {
    let now = site.clock.now();
    let exhausted =
        site.store.read(|tx| -> Result<_, WorkflowError> { Ok(jobs::exhausted(tx, now)?) })?;
    for job in exhausted {
        perform(site, &machine(job.id), Act::FailTranscription, |tx, record| {
            record.subject("dictation", job.dictation);
            record.detail("attempt", job.attempts);
            let reason = "the program ended during every attempt; try again, or type the report \
                from the recording";
            Ok(jobs::finish(tx, job.id, JobState::Dead, Some(reason), now)?)
        })?;
    }
    Ok(())
}

fn machine(job: JobId) -> Acting {
    Acting { actor: Actor::Machine { job: Some(job) }, person: None, scopes: None }
}

fn report_of(tx: &Tx, dictation: DictationId) -> Result<Report, WorkflowError> {
    reports::of_dictation(tx, dictation)?.ok_or(WorkflowError::NotFound { what: "report" })
}

fn visible_dictation(
    site: &Site,
    tx: &Tx,
    who: &Acting,
    act: Act,
    id: DictationId,
) -> Result<(Dictation, Report), WorkflowError> {
    let missing = || WorkflowError::NotFound { what: "dictation" };
    let dictation = dictations::by_id(tx, id)?.ok_or_else(missing)?;
    let report = reports::of_dictation(tx, id)?.ok_or_else(missing)?;
    let (report, _) = visible(site, tx, who, act, report.id)?;
    Ok((dictation, report))
}
