//! The durable queue of the machine's work.
//!
//! Not for: doing the work (`jobs/`), or people's work (the worklist in `reports.rs`).
//!
//! Invariant: a job is run by the one owner whose lease has not passed; an attempt is counted
//! when it begins, so work that ends the process is not tried for ever.

use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::dictation::Priority;
use crate::domain::ids::{DictationId, JobId};
use crate::domain::named::named;
use crate::domain::time::Timestamp;

named! {
    pub enum JobState {
        Queued = "queued",
        Running = "running",
        Succeeded = "succeeded",
        /// All attempts failed; a person must look at it.
        Dead = "dead",
        /// A person stopped it.
        Stopped = "stopped",
    }
}

#[derive(Clone, Debug)]
pub struct Job {
    pub id: JobId,
    pub dictation: DictationId,
    pub state: JobState,
    pub attempts: u32,
    pub max_attempts: u32,
    pub stop_requested: bool,
    /// 0 to 1.
    pub progress: f64,
    /// What went wrong last, in words that hold no PHI.
    pub last_error: Option<String>,
    pub updated_at: Timestamp,
}

const JOB: &str = "select id, dictation_id, state, attempts, max_attempts, stop_requested,
    progress, last_error, updated_at from job";

pub fn insert(
    tx: &Tx,
    id: JobId,
    dictation: DictationId,
    priority: Priority,
    max_attempts: u32,
    now: Timestamp,
) -> Result<(), StoreError> {
    let rank = match priority {
        Priority::Stat => 0u32,
        Priority::Routine => 1,
    };
    tx.execute(
        "insert into job (id, kind, dictation_id, priority, state, attempts, max_attempts,
            not_before, stop_requested, progress, created_at, updated_at)
            values (?1, 'transcribe', ?2, ?3, 'queued', 0, ?4, ?5, 0, 0, ?5, ?5)",
        params![id, dictation, rank, max_attempts, now],
    )?;
    Ok(())
}

/// Takes the next job that is due: STAT first, then oldest; an expired lease counts as due.
/// A job whose attempts are used up is left for [`bury_exhausted`].
pub fn claim(
    tx: &Tx,
    owner: &str,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Job>, StoreError> {
    let next = tx.one(
        &format!(
            "{JOB} where attempts < max_attempts and not_before <= ?1
            and (state = 'queued' or (state = 'running' and lease_until < ?1))
            order by priority, created_at limit 1"
        ),
        params![now],
        read,
    )?;
    let Some(mut job) = next else { return Ok(None) };
    tx.execute(
        "update job set state = 'running', attempts = attempts + 1, lease_owner = ?2,
            lease_until = ?3, progress = 0, updated_at = ?4 where id = ?1",
        params![job.id, owner, lease_until, now],
    )?;
    job.attempts += 1;
    job.state = JobState::Running;
    job.progress = 0.0;
    Ok(Some(job))
}

/// Running jobs whose lease has passed and whose attempts are used up: the process ended each time.
pub fn exhausted(tx: &Tx, now: Timestamp) -> Result<Vec<Job>, StoreError> {
    tx.all(
        &format!("{JOB} where state = 'running' and lease_until < ?1 and attempts >= max_attempts"),
        params![now],
        read,
    )
}

/// Extends the lease and writes progress; answers whether a person asked to stop, or `None`
/// when the lease is lost.
pub fn heartbeat(
    tx: &Tx,
    id: JobId,
    owner: &str,
    progress: f64,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<bool>, StoreError> {
    let rows = tx.execute(
        "update job set lease_until = ?3, progress = ?4, updated_at = ?5
            where id = ?1 and state = 'running' and lease_owner = ?2",
        params![id, owner, lease_until, progress.clamp(0.0, 1.0), now],
    )?;
    if rows == 0 {
        return Ok(None);
    }
    tx.one("select stop_requested from job where id = ?1", params![id], |row| row.flag(0))
}

/// Whether the owner still holds the running job; asked just before its result is written.
pub fn is_held(tx: &Tx, id: JobId, owner: &str) -> Result<bool, StoreError> {
    let held = tx.one(
        "select 1 from job where id = ?1 and state = 'running' and lease_owner = ?2",
        params![id, owner],
        |_| Ok(()),
    )?;
    Ok(held.is_some())
}

/// Ends a job in a final state.
pub fn finish(
    tx: &Tx,
    id: JobId,
    state: JobState,
    error: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "update job set state = ?2, lease_owner = null, lease_until = null, stop_requested = 0,
            progress = case when ?2 = 'succeeded' then 1 else progress end, last_error = ?3,
            updated_at = ?4 where id = ?1",
        params![id, state.code(), error.map(str::to_string), now],
    )?;
    Ok(())
}

/// As [`claim`], but only a STAT job: for a worker that puts routine work aside.
pub fn claim_stat(
    tx: &Tx,
    owner: &str,
    now: Timestamp,
    lease_until: Timestamp,
) -> Result<Option<Job>, StoreError> {
    let waits = tx.one(
        "select 1 from job where attempts < max_attempts and not_before <= ?1 and priority = 0
            and (state = 'queued' or (state = 'running' and lease_until < ?1)) limit 1",
        params![now],
        |_| Ok(()),
    )?;
    // STAT jobs are claimed first, so that the one that waits is the one claimed.
    if waits.is_some() { claim(tx, owner, now, lease_until) } else { Ok(None) }
}

/// Puts a running job back in the queue, not to be claimed before `not_before`. With
/// `uncounted`, the attempt is taken back: it was interrupted, not failed.
pub fn requeue(
    tx: &Tx,
    id: JobId,
    not_before: Timestamp,
    error: Option<&str>,
    uncounted: bool,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "update job set state = 'queued', lease_owner = null, lease_until = null,
            not_before = ?2, last_error = ?3, attempts = attempts - ?4, updated_at = ?5
            where id = ?1 and state = 'running'",
        params![id, not_before, error.map(str::to_string), u32::from(uncounted), now],
    )?;
    Ok(())
}

/// Asks a queued or running job to stop.
pub fn request_stop(tx: &Tx, id: JobId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "update job set stop_requested = 1, updated_at = ?2 where id = ?1",
        params![id, now],
    )?;
    Ok(())
}

/// The newest job of a dictation.
pub fn of_dictation(tx: &Tx, dictation: DictationId) -> Result<Option<Job>, StoreError> {
    tx.one(
        &format!("{JOB} where dictation_id = ?1 order by created_at desc, id desc limit 1"),
        params![dictation],
        read,
    )
}

/// Whether a claimable STAT job waits, for a worker that can put routine work aside.
pub fn active(tx: &Tx) -> Result<Vec<Job>, StoreError> {
    tx.all(
        &format!("{JOB} where state in ('queued', 'running') order by priority, created_at"),
        params![],
        read,
    )
}

/// When the next queued job or expired lease is due, if there is one.
pub fn next_due(tx: &Tx) -> Result<Option<Timestamp>, StoreError> {
    let due = tx.one(
        "select min(case state when 'queued' then not_before else lease_until end)
            from job where state in ('queued', 'running')",
        params![],
        |row| row.opt_time(0),
    )?;
    Ok(due.flatten())
}

fn read(row: &Row) -> Result<Job, StoreError> {
    Ok(Job {
        id: row.id(0)?,
        dictation: row.id(1)?,
        state: row.code(2, JobState::from_code)?,
        attempts: row.number(3)?,
        max_attempts: row.number(4)?,
        stop_requested: row.flag(5)?,
        progress: row.real(6)?,
        last_error: row.opt_text(7)?,
        updated_at: row.time(8)?,
    })
}
