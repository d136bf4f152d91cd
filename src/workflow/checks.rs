//! How the daily checks stand: of the audit's chain, of every stored recording and every text.
//!
//! Not for: checking (`audit::verify`, `recordings.rs`), or when (`jobs/`).
//!
//! Invariant: whoever runs the machine learns which file is wrong, and nothing about a patient;
//! whose recording it is, is told to those who read the audit.

use super::error::WorkflowError;
use super::permission;
use super::recordings::{self, Checked};
use super::site::{Acting, Record, Site, look};
use crate::domain::audit::Act;
use crate::domain::dictation::{AudioFinding, Dictation};
use crate::domain::digest::Digest;
use crate::domain::ids::{DictationId, PatientId, PersonId, ReportId};
use crate::domain::patient::Patient;
use crate::domain::report::Report;
use crate::domain::time::Timestamp;
use crate::domain::work_type::WorkTypeCode;
use crate::store::audio_checks::{self, Tally};
use crate::store::db::Tx;
use crate::store::{audit, dictations, patients, people, reports, version_checks};
use std::collections::HashMap;
use std::time::Duration;

/// Checks run daily; one that is this old was not run.
const LATE_MS: i64 = 48 * 3_600_000;

#[derive(Clone, Debug)]
pub struct Checks {
    /// The newest check of the audit's chain.
    pub chain: Option<ChainCheck>,
    pub recordings: Tally,
    /// Recordings of which the newest check found something.
    pub failed: Vec<Failed>,
    /// The newest whole check of all texts: when it ended, and how many versions it read.
    pub texts: Option<(Timestamp, u64)>,
    /// Versions that are not as they were saved.
    pub failed_texts: Vec<FailedText>,
    /// A check is older than two days, though there is something to check.
    pub late: bool,
}

#[derive(Clone, Debug)]
pub struct FailedText {
    pub report: ReportId,
    pub version: u32,
    pub found_at: Timestamp,
    pub named: Option<Named>,
}

/// What a check of the audit's chain found.
#[derive(Clone, Debug)]
pub struct ChainCheck {
    pub at: Timestamp,
    pub rows: u64,
    pub holds: bool,
    /// The first row that does not hold.
    pub broken: Option<u64>,
    /// How many rows that were written down as heads are gone or others.
    pub lost: u64,
}

/// A recording that is not as it was received.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Its file in the data folder.
    pub file: String,
    pub finding: AudioFinding,
    pub checked_at: Timestamp,
    pub of: Vec<Whose>,
}

/// A dictation that has the recording; the rest is for those who read the audit.
#[derive(Clone, Debug)]
pub struct Whose {
    pub dictation: DictationId,
    pub report: Option<ReportId>,
    pub received_at: Timestamp,
    pub named: Option<Named>,
}

#[derive(Clone, Debug)]
pub struct Named {
    pub author: String,
    pub work_type: String,
    pub patient: Option<Patient>,
}

/// The newest checks and what they found.
pub fn state(site: &Site, who: &Acting) -> Result<Checks, WorkflowError> {
    look(site, who, Act::ViewChecks, |tx, record| {
        let with_names = permission::check(who, Act::ViewAudit).is_ok();
        let mut failed = Vec::new();
        for (audio, finding, checked_at) in audio_checks::failed(tx)? {
            let mut of = Vec::new();
            for id in audio_checks::dictations(tx, audio)? {
                of.extend(whose(site, tx, id, with_names, record)?);
            }
            failed.push(Failed { file: file(site, audio), finding, checked_at, of });
        }
        let mut failed_texts = Vec::new();
        for (report, version, found_at) in version_checks::failed(tx)? {
            record.subject("report", report);
            let named = match (with_names, reports::by_id(tx, report)?) {
                (true, Some(report)) => Some(named(site, tx, &report.into())?),
                _ => None,
            };
            failed_texts.push(FailedText { report, version, found_at, named });
        }
        record.detail("failed", failed.len() + failed_texts.len());
        let (chain, recordings) = (chain(tx)?, audio_checks::tally(tx)?);
        let late = is_late(site, chain.as_ref(), &recordings);
        let texts = version_checks::pass(tx)?.done;
        Ok(Checks { chain, recordings, failed, texts, failed_texts, late })
    })
}

/// How many things a check found, for a number in the frame of the page.
///
/// # Errors
/// [`WorkflowError::Forbidden`] for those who do not see the checks.
pub fn count(site: &Site, who: &Acting) -> Result<usize, WorkflowError> {
    permission::check(who, Act::ViewChecks)?;
    site.store.read(|tx| {
        let (chain, recordings) = (chain(tx)?, audio_checks::tally(tx)?);
        let broken = chain.as_ref().is_some_and(|chain| !chain.holds);
        let late = is_late(site, chain.as_ref(), &recordings);
        let failed = audio_checks::findings(tx)?.len() + version_checks::failed(tx)?.len();
        Ok(failed + usize::from(broken) + usize::from(late))
    })
}

/// Reads the recordings that failed once more, such as after one was brought back.
pub fn again(site: &Site, who: &Acting) -> Result<Checks, WorkflowError> {
    let failed: Vec<Digest> = look(site, who, Act::ViewChecks, |tx, record| {
        record.detail("again", true);
        Ok(audio_checks::failed(tx)?.into_iter().map(|(audio, ..)| audio).collect())
    })?;
    let mut go_on = |_: Duration| true;
    let checked: Vec<Checked> =
        failed.into_iter().filter_map(|audio| recordings::check(site, audio, &mut go_on)).collect();
    recordings::note(site, &checked)?;
    state(site, who)
}

fn is_late(site: &Site, chain: Option<&ChainCheck>, recordings: &Tally) -> bool {
    let before = site.clock.now().plus_ms(-LATE_MS);
    chain.is_some_and(|chain| chain.at < before)
        || recordings.oldest.is_some_and(|oldest| oldest < before)
}

fn chain(tx: &Tx) -> Result<Option<ChainCheck>, WorkflowError> {
    let Some(row) = audit::newest_of(tx, Act::VerifyAudit)? else { return Ok(None) };
    let detail: HashMap<String, String> = serde_json::from_str(&row.detail).unwrap_or_default();
    let number = |name: &str| detail.get(name).and_then(|text| text.parse().ok());
    Ok(Some(ChainCheck {
        at: row.at,
        rows: number("rows").unwrap_or(0),
        holds: detail.get("holds").is_some_and(|holds| holds == "true"),
        broken: number("broken"),
        lost: number("lost").unwrap_or(0),
    }))
}

/// Its name within the data folder, as an operator finds it.
fn file(site: &Site, audio: Digest) -> String {
    let blobs = site.store.blobs();
    blobs.place(&blobs.name(&audio)).display().to_string()
}

fn whose(
    site: &Site,
    tx: &Tx,
    id: DictationId,
    with_names: bool,
    record: &mut Record,
) -> Result<Option<Whose>, WorkflowError> {
    let Some(dictation) = dictations::by_id(tx, id)? else { return Ok(None) };
    record.subject("dictation", id);
    let report = reports::of_dictation(tx, id)?;
    let named = match with_names {
        true => {
            let patient = report.as_ref().map_or(dictation.patient, |report| report.patient);
            Some(named(site, tx, &About { patient, ..About::from(&dictation) })?)
        }
        false => None,
    };
    Ok(Some(Whose {
        dictation: id,
        report: report.map(|report| report.id),
        received_at: dictation.received_at,
        named,
    }))
}

/// Whom and what a recording or a text is about.
struct About {
    author: PersonId,
    work_type: WorkTypeCode,
    patient: Option<PatientId>,
}

impl From<&Dictation> for About {
    fn from(dictation: &Dictation) -> Self {
        let Dictation { author, work_type, patient, .. } = dictation;
        Self { author: *author, work_type: work_type.clone(), patient: *patient }
    }
}

impl From<Report> for About {
    fn from(report: Report) -> Self {
        Self { author: report.author, work_type: report.work_type, patient: report.patient }
    }
}

fn named(site: &Site, tx: &Tx, about: &About) -> Result<Named, WorkflowError> {
    let author = people::by_id(tx, about.author)?;
    let work_type = site.work_types.get(&about.work_type);
    Ok(Named {
        author: author.map_or_else(String::new, |person| person.display_name),
        work_type: work_type.map_or_else(String::new, |known| known.name.clone()),
        patient: match about.patient {
            Some(id) => patients::by_id(tx, id)?,
            None => None,
        },
    })
}
