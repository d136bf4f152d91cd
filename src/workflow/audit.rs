//! Reading the audit: searching it, a patient's access report, export, and the check of its chain.
//!
//! Not for: writing it; the frame of every act does (`site.rs`).
//!
//! Invariant: who reads the audit is in the audit. The row is written first, and the reading,
//! which may take seconds, holds no lock that others wait for.

use super::error::WorkflowError;
use super::shown::Finder;
use super::site::{Acting, Site, look, perform};
use crate::domain::audit::Act;
use crate::domain::ids::PersonId;
use crate::domain::patient::{Mrn, Patient};
use crate::domain::person::{Person, Username};
use crate::domain::time::Timestamp;
use crate::store::audit::{self, AuditQuery, AuditRow, Checked, STEP};
use crate::store::db::Tx;
use crate::store::heads::{self, Head};
use crate::store::{patients, people};
use std::collections::{HashMap, HashSet};

/// The most rows one search answers; the next page begins before the last of them.
pub const SEARCH_MAX: usize = 500;
/// The most rows an access report has; more is said to be more.
pub const REPORT_MAX: usize = 20_000;

/// What to look for; everything that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// The patient's record number.
    pub mrn: Option<String>,
    pub username: Option<String>,
    pub act: Option<Act>,
    pub from: Option<Timestamp>,
    /// Exclusive.
    pub until: Option<Timestamp>,
    /// Only rows before this number: the next page.
    pub before: Option<u64>,
}

/// A row with the name of the person, if a person acted.
#[derive(Clone, Debug)]
pub struct Entry {
    pub row: AuditRow,
    pub person: Option<Person>,
}

/// Who had to do with a patient's data.
#[derive(Clone, Debug)]
pub struct AccessReport {
    pub patient: Patient,
    /// Oldest first.
    pub entries: Vec<Entry>,
    /// There are more than [`REPORT_MAX`]; ask for a shorter time.
    pub cut: bool,
}

/// How the chain stands.
#[derive(Clone, Debug)]
pub struct Verified {
    pub checked: Checked,
    /// Heads in the file, before this check added its own.
    pub heads: usize,
    /// The head that this check added; none when something does not hold.
    pub head: Option<Head>,
}

impl Verified {
    pub fn holds(&self) -> bool {
        self.checked.broken.is_none() && self.checked.lost.is_empty()
    }
}

/// Rows that fit, newest first, at most [`SEARCH_MAX`].
///
/// # Errors
/// [`WorkflowError::NotFound`] for a patient or person that nobody knows.
pub fn search(site: &Site, who: &Acting, query: &Query) -> Result<Vec<Entry>, WorkflowError> {
    let found = resolve(site, who, query)?;
    scan(site, &found, query.before.unwrap_or(u64::MAX), SEARCH_MAX)
}

/// Everybody who had to do with a patient's data in a time, oldest first.
pub fn access_report(
    site: &Site,
    who: &Acting,
    mrn: &str,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<AccessReport, WorkflowError> {
    let query = Query { mrn: Some(mrn.into()), from, until, ..Query::default() };
    let found = resolve(site, who, &query)?;
    let mut entries = scan(site, &found, u64::MAX, REPORT_MAX + 1)?;
    let cut = entries.len() > REPORT_MAX;
    entries.truncate(REPORT_MAX);
    entries.reverse();
    let patient = found.patient.ok_or(WorkflowError::NotFound { what: "patient" })?;
    Ok(AccessReport { patient, entries, cut })
}

/// An export that is allowed, and written down: the rows of a time.
pub struct Export {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

/// Writes down that somebody takes the rows of a time with them.
pub fn begin_export(
    site: &Site,
    who: &Acting,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<Export, WorkflowError> {
    perform(site, who, Act::ExportAudit, |_, record| {
        span(record, from, until);
        Ok(Export { from, until })
    })
}

impl Export {
    /// Pours every row to `sink`, oldest first, and answers their number.
    ///
    /// # Errors
    /// What `sink` answers ends the export.
    pub fn pour<E: From<WorkflowError>>(
        &self,
        site: &Site,
        mut sink: impl FnMut(&AuditRow) -> Result<(), E>,
    ) -> Result<u64, E> {
        let Self { from, until } = *self;
        let fits = |at| from.is_none_or(|from| at >= from) && until.is_none_or(|end| at < end);
        let mut seq = 0;
        let mut count = 0;
        loop {
            let rows =
                site.store.read(|tx| audit::after(tx, seq, STEP)).map_err(WorkflowError::from)?;
            let Some(last) = rows.last() else { return Ok(count) };
            seq = last.seq;
            for row in rows.iter().filter(|row| fits(row.at)) {
                sink(row)?;
                count += 1;
            }
        }
    }
}

/// Checks every seal and every head, and writes down a new head when all hold.
pub fn verify(site: &Site, who: &Acting) -> Result<Verified, WorkflowError> {
    super::permission::check(who, Act::VerifyAudit).or_else(|denied| {
        // Goes through the frame, which writes the denial down.
        perform(site, who, Act::VerifyAudit, |_, _| Ok(())).and(Err(denied))
    })?;
    let (path, key) = (&site.settings.audit_heads, site.store.audit_key());
    let known = heads::read(path, key)?;
    let checked = site.store.read(|tx| audit::check(tx, key, &known))?;
    let mut verified = Verified { checked, heads: known.len(), head: None };
    let newest = perform(site, who, Act::VerifyAudit, |tx, record| {
        record.detail("rows", verified.checked.rows);
        record.detail("holds", verified.holds());
        if let Some(row) = verified.checked.broken {
            record.detail("broken", row);
        }
        if !verified.checked.lost.is_empty() {
            record.detail("lost", verified.checked.lost.len());
        }
        Ok(audit::newest(tx)?)
    })?;
    if let Some(row) = newest.filter(|_| verified.holds()) {
        let head = Head { at: site.clock.now(), seq: row.seq, seal: row.seal };
        heads::append(path, key, &head)?;
        verified.head = Some(head);
    }
    Ok(verified)
}

/// Whether the day (UTC) of the newest head is over.
pub fn is_due(site: &Site) -> Result<bool, WorkflowError> {
    const DAY_MS: i64 = 24 * 3_600_000;
    let known = heads::read(&site.settings.audit_heads, site.store.audit_key())?;
    let day = |at: Timestamp| at.0.div_euclid(DAY_MS);
    Ok(known.last().is_none_or(|head| day(head.at) < day(site.clock.now())))
}

/// A query in the store's words.
struct Found {
    query: AuditQuery,
    patient: Option<Patient>,
    subjects: Option<HashSet<String>>,
    people: HashMap<PersonId, Person>,
}

/// Looks up who is asked for, and writes down that somebody asks.
fn resolve(site: &Site, who: &Acting, query: &Query) -> Result<Found, WorkflowError> {
    let Query { mrn, username, act, from, until, before: _ } = query;
    look(site, who, Act::ViewAudit, |tx, record| {
        let patient = match mrn {
            Some(mrn) => {
                let mrn = Mrn::parse(mrn).ok_or(WorkflowError::NotFound { what: "patient" })?;
                let patient = patients::by_mrn(tx, &mrn)?;
                Some(patient.ok_or(WorkflowError::NotFound { what: "patient" })?)
            }
            None => None,
        };
        let person = match username {
            Some(username) => {
                let name = Username::parse(username);
                let name = name.ok_or(WorkflowError::NotFound { what: "person" })?;
                let person = people::by_username(tx, &name)?;
                Some(person.ok_or(WorkflowError::NotFound { what: "person" })?.id)
            }
            None => None,
        };
        let subjects = match &patient {
            Some(patient) => {
                record.subject("patient", patient.id);
                Some(audit::subjects_of(tx, patient.id)?)
            }
            None => None,
        };
        if let Some(person) = person {
            record.subject("person", person);
        }
        if let Some(act) = act {
            record.detail("act", act.code());
        }
        span(record, *from, *until);
        let query = AuditQuery { person, act: *act, from: *from, until: *until };
        let people = people::all(tx)?.into_iter().map(|person| (person.id, person)).collect();
        Ok(Found { query, patient, subjects, people })
    })
}

fn span(record: &mut super::site::Record, from: Option<Timestamp>, until: Option<Timestamp>) {
    for (name, at) in [("from", from), ("until", until)] {
        if let Some(at) = at {
            record.detail(name, at.0);
        }
    }
}

fn scan(
    site: &Site,
    found: &Found,
    mut before: u64,
    most: usize,
) -> Result<Vec<Entry>, WorkflowError> {
    let mut entries = Vec::new();
    let mut finder = found.subjects.as_ref().map(Finder::new);
    while entries.len() < most {
        let step = if finder.is_some() { STEP } else { most as u32 };
        let rows = site.store.read(|tx| -> Result<_, WorkflowError> {
            let mut rows = audit::before(tx, before, &found.query, step)?;
            let Some(last) = rows.last() else { return Ok(None) };
            before = last.seq;
            if let Some(finder) = &mut finder {
                rows = shown(tx, finder, rows)?;
            }
            Ok(Some(rows))
        })?;
        let Some(rows) = rows else { break };
        let room = most - entries.len();
        for row in rows.into_iter().take(room) {
            let person = person_of(&row.actor).and_then(|id| found.people.get(&id)).cloned();
            entries.push(Entry { row, person });
        }
    }
    Ok(entries)
}

/// The rows that show one of the documents asked for.
fn shown(
    tx: &Tx,
    finder: &mut Finder<'_>,
    rows: Vec<AuditRow>,
) -> Result<Vec<AuditRow>, WorkflowError> {
    let mut found = Vec::new();
    for row in rows {
        if finder.is_shown(tx, &row)? {
            found.push(row);
        }
    }
    Ok(found)
}

/// The person in an actor's written form.
fn person_of(actor: &str) -> Option<PersonId> {
    actor.strip_prefix("person:")?.split(' ').next()?.parse().ok()
}
