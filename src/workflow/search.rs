//! Looking for reports by their words, patient, author, work type, time and flags.
//!
//! Not for: how words are found (`store/search.rs`), or searching patients (`chart.rs`).
//!
//! Invariant: only reports that the person may open are answered, named in the audit, or counted;
//! what a label or a role keeps from them does not show, not even as a number.

use super::error::WorkflowError;
use super::filter::Flagged;
use super::people::named;
use super::sight::{Eyes, Sight};
use super::site::{Acting, Site, look};
use super::worklist::{self, Waiting, WorklistItem};
use crate::domain::audit::Act;
use crate::domain::named::named;
use crate::domain::time::Timestamp;
use crate::domain::work_type::WorkTypeCode;
use crate::store::db::Tx;
use crate::store::search::{self as words, SearchQuery};
use crate::store::{patients, reports};

/// The most reports of one answer.
pub const FOUND_MAX: usize = 100;
/// The longest text or name that is looked for, in bytes.
pub const ASKED_MAX: usize = 500;
/// Reports that are done and read through for one answer: most of them are the searcher's to see,
/// so this is reached only where labels keep nearly all away.
const LOOKED_MAX: usize = 1000;
/// Of those, so many are fetched at a time.
const STEP: usize = 120;

named! {
    /// Where to look.
    pub enum Among {
        Waiting = "waiting",
        Done = "done",
        All = "all",
    }
}

/// What to look for; everything that is given must hold.
#[derive(Clone, Debug)]
pub struct Search {
    pub text: String,
    /// The beginning of a patient's name, or a record number.
    pub patient: String,
    /// User name.
    pub author: Option<String>,
    pub work_type: Option<WorkTypeCode>,
    /// Only reports with an open flag; these wait.
    pub flag: Option<Flagged>,
    /// Received at or after.
    pub from: Option<Timestamp>,
    /// Received before.
    pub until: Option<Timestamp>,
    pub among: Among,
}

impl Search {
    pub fn for_text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            patient: String::new(),
            author: None,
            work_type: None,
            flag: None,
            from: None,
            until: None,
            among: Among::All,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Found {
    /// What waits in the order of a worklist, then what is done, the newest first.
    pub items: Vec<WorklistItem>,
    /// There are more, or may be.
    pub more: bool,
}

/// Reports that fit, at most [`FOUND_MAX`].
///
/// # Errors
/// [`WorkflowError::Invalid`] for a query that is too long; [`WorkflowError::NotFound`] for an
/// author nobody knows.
pub fn search(site: &Site, who: &Acting, asked: &Search) -> Result<Found, WorkflowError> {
    for (field, text) in [("text", &asked.text), ("patient", &asked.patient)] {
        if text.len() > ASKED_MAX {
            let message = format!("a search has at most {ASKED_MAX} bytes");
            return Err(WorkflowError::invalid(field, message));
        }
    }
    look(site, who, Act::SearchReports, |tx, record| {
        let eyes = Eyes::of(site, tx, who, Act::SearchReports)?;
        let query = query(tx, asked)?;
        let mut found = Vec::new();
        if asked.among != Among::Done {
            found = waiting(tx, &eyes, asked, &query)?;
        }
        let mut more = found.len() > FOUND_MAX;
        found.truncate(FOUND_MAX);
        if asked.among != Among::Waiting && asked.flag.is_none() && !more && eyes.sees_done() {
            more = done(tx, &eyes, &query, &mut found)?;
        }
        record.detail("shown", found.len());
        record.subjects(found.iter().map(|one| format!("report:{}", one.report.id)).collect());
        Ok(Found { items: worklist::items(site, tx, found)?, more })
    })
}

fn query(tx: &Tx, asked: &Search) -> Result<SearchQuery, WorkflowError> {
    let patients = match asked.patient.trim() {
        "" => None,
        name => Some(patients::search(tx, name)?.iter().map(|patient| patient.id).collect()),
    };
    let author = match asked.author.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => Some(named(tx, name)?.id),
        None => None,
    };
    Ok(SearchQuery {
        text: asked.text.clone(),
        patients,
        author,
        work_type: asked.work_type.clone(),
        from: asked.from,
        until: asked.until,
    })
}

fn waiting(
    tx: &Tx,
    eyes: &Eyes,
    asked: &Search,
    query: &SearchQuery,
) -> Result<Vec<Waiting>, WorkflowError> {
    let fits = words::waiting(tx, query)?;
    if fits.is_empty() {
        return Ok(Vec::new());
    }
    let flagged = match asked.flag {
        Some(flag) => Some(flag.reports(tx)?),
        None => None,
    };
    let mut found = worklist::waiting_for(tx, eyes)?;
    found.retain(|one| {
        !one.sealed
            && fits.contains(&one.report.id)
            && flagged.as_ref().is_none_or(|flagged| flagged.contains(&one.report.id))
    });
    Ok(found)
}

/// Adds what is done; whether there may be more.
fn done(
    tx: &Tx,
    eyes: &Eyes,
    query: &SearchQuery,
    found: &mut Vec<Waiting>,
) -> Result<bool, WorkflowError> {
    let mut before = i64::MAX;
    let mut looked = 0;
    while looked < LOOKED_MAX {
        let step = words::done(tx, query, before, STEP)?;
        let Some((last, _)) = step.last() else { return Ok(false) };
        before = *last;
        looked += step.len();
        for (_, id) in step {
            let Some(report) = reports::by_id(tx, id)? else { continue };
            if eyes.sight(&report) != Sight::Seen {
                continue;
            }
            if found.len() == FOUND_MAX {
                return Ok(true);
            }
            found.push(Waiting { report, sealed: false });
        }
    }
    Ok(true)
}
