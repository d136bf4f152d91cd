//! How much there is of what, for whoever watches the machine.
//!
//! Not for: statistics of people's work.
//!
//! Invariant: counts only, by states of ours.

use super::db::{Tx, params};
use super::error::StoreError;
use super::jobs::JobState;
use super::{audio_checks, audit};
use crate::domain::dictation::AudioFinding;
use crate::domain::report::Stage;

#[derive(Clone, Debug)]
pub struct Figures {
    /// Every state, also those without a job.
    pub jobs: Vec<(JobState, u64)>,
    pub reports: Vec<(Stage, u64)>,
    pub audit_rows: u64,
    /// Recordings that failed their newest check.
    pub failed_recordings: Vec<(AudioFinding, u64)>,
}

pub fn now(tx: &Tx) -> Result<Figures, StoreError> {
    let count = |sql: &str| tx.all(sql, params![], |row| Ok((row.text(0)?, row.number::<u64>(1)?)));
    let jobs = count("select state, count(*) from job group by state")?;
    let reports = count("select stage, count(*) from report group by stage")?;
    let of = |counts: &[(String, u64)], code: &str| {
        counts.iter().find(|(found, _)| found == code).map_or(0, |(_, count)| *count)
    };
    let found = audio_checks::findings(tx)?;
    let failed = |finding| found.iter().filter(|one| **one == finding).count() as u64;
    Ok(Figures {
        failed_recordings: AudioFinding::ALL.iter().map(|one| (*one, failed(*one))).collect(),
        jobs: JobState::ALL.iter().map(|state| (*state, of(&jobs, state.code()))).collect(),
        reports: Stage::ALL.iter().map(|stage| (*stage, of(&reports, stage.code()))).collect(),
        audit_rows: audit::last(tx)?,
    })
}
