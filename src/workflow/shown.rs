//! How the audit row of a list names the documents that were shown: all of them, or what is other
//! than in an earlier row of the same actor, for a list that is looked at again and again.
//!
//! Not for: writing the row (`site.rs`) or searching the audit (`audit.rs`).
//!
//! Invariant: a row and the one row it refers to, both in the chain, name every document that was
//! shown; a row that is referred to names its documents itself.

use super::error::WorkflowError;
use super::site::{Acting, Record, Site};
use crate::store::audit::{self, AuditRow};
use crate::store::db::Tx;
use std::collections::{HashMap, HashSet};

/// How long rows refer to one that names everything (judgment: short enough to read by hand).
const WHOLE_AGAIN_MS: i64 = 10 * 60_000;

/// A list of no more documents is named whole; a reference would be as long.
const SHORT: usize = 10;

/// Number of the row whose documents were shown again, and the documents of it that were not.
const AS_IN: &str = "as_in_row";
const WITHOUT: &str = "without";

/// Names the documents of a worklist, given as `kind:id`, in the record of its look.
pub(super) fn name(
    site: &Site,
    tx: &Tx,
    who: &Acting,
    record: &mut Record,
    documents: Vec<String>,
) -> Result<(), WorkflowError> {
    record.detail("shown", documents.len());
    let whole = if documents.len() > SHORT { whole_row(site, tx, who)? } else { None };
    let Some(whole) = whole else {
        record.subjects(documents);
        return Ok(());
    };
    let before: HashSet<&str> = subjects(&whole).collect();
    let now: HashSet<&str> = documents.iter().map(String::as_str).collect();
    let without: Vec<&str> = subjects(&whole).filter(|one| !now.contains(one)).collect();
    let new = documents.iter().filter(|one| !before.contains(one.as_str()));
    let new: Vec<String> = new.cloned().collect();
    if new.len() + without.len() > documents.len() / 2 {
        record.subjects(documents);
        return Ok(());
    }
    record.detail(AS_IN, whole.seq);
    if !without.is_empty() {
        record.detail(WITHOUT, without.join(" "));
    }
    record.subjects(new);
    Ok(())
}

/// The row of this actor that names a worklist whole, if it is recent.
fn whole_row(site: &Site, tx: &Tx, who: &Acting) -> Result<Option<AuditRow>, WorkflowError> {
    let Some(newest) = audit::newest_worklist(tx, &who.actor)? else { return Ok(None) };
    let whole = match reference(&newest) {
        None => Some(newest),
        Some((seq, _)) => audit::by_seq(tx, seq)?,
    };
    let age_ms = |row: &AuditRow| site.clock.now().since(row.at);
    Ok(whole.filter(|row| (0..WHOLE_AGAIN_MS).contains(&age_ms(row))))
}

/// Finds the rows that show one of some documents, themselves or by the row they refer to.
pub(super) struct Finder<'a> {
    wanted: &'a HashSet<String>,
    /// Of each row that was referred to, its wanted documents.
    referred: HashMap<u64, Vec<String>>,
}

impl<'a> Finder<'a> {
    pub fn new(wanted: &'a HashSet<String>) -> Self {
        Self { wanted, referred: HashMap::new() }
    }

    pub fn is_shown(&mut self, tx: &Tx, row: &AuditRow) -> Result<bool, WorkflowError> {
        if subjects(row).any(|subject| self.wanted.contains(subject)) {
            return Ok(true);
        }
        let Some((seq, without)) = reference(row) else { return Ok(false) };
        if !self.referred.contains_key(&seq) {
            let row = audit::by_seq(tx, seq)?;
            let all = row.iter().flat_map(subjects).map(str::to_owned);
            let wanted = all.filter(|subject| self.wanted.contains(subject)).collect();
            self.referred.insert(seq, wanted);
        }
        let without: HashSet<&str> = without.split(' ').collect();
        Ok(self.referred[&seq].iter().any(|subject| !without.contains(subject.as_str())))
    }
}

fn subjects(row: &AuditRow) -> impl Iterator<Item = &str> {
    row.subjects.split(' ').filter(|subject| !subject.is_empty())
}

/// The row that a row refers to, and the documents of it that were not shown again.
fn reference(row: &AuditRow) -> Option<(u64, String)> {
    if !row.detail.contains(AS_IN) {
        return None;
    }
    let detail: serde_json::Value = serde_json::from_str(&row.detail).ok()?;
    let seq = detail.get(AS_IN)?.as_str()?.parse().ok()?;
    let without = detail.get(WITHOUT).and_then(serde_json::Value::as_str).unwrap_or_default();
    Some((seq, without.to_owned()))
}
