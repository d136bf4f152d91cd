//! The words of reports, and where they stand.
//!
//! Not for: deciding who may find what (`workflow/search.rs`).
//!
//! Invariant: a report is in one of the two text tables, with its newest text: in that of the
//! waiting until it is done; in none where it was cancelled. Each change of a report writes it
//! there in the same transaction.

use super::db::{Tx, params};
use super::error::StoreError;
use super::worklist::WAITING_MAX;
use crate::domain::flag::FlagKind;
use crate::domain::ids::{PatientId, PersonId, ReportId};
use crate::domain::report::{Availability, Report, Stage};
use crate::domain::time::Timestamp;
use crate::domain::work_type::WorkTypeCode;
use std::collections::HashSet;

/// The most words of one search; more narrow nothing further.
pub const WORDS_MAX: usize = 32;

/// What is looked for; everything that is given must hold.
#[derive(Clone, Debug, Default)]
pub struct SearchQuery {
    /// Words of the report, `"…"` around words that stand together.
    pub text: String,
    /// One of these patients; none matches where it is given and empty.
    pub patients: Option<Vec<PatientId>>,
    pub author: Option<PersonId>,
    pub work_type: Option<WorkTypeCode>,
    pub from: Option<Timestamp>,
    /// Exclusive.
    pub until: Option<Timestamp>,
}

impl SearchQuery {
    /// Whether nothing is looked for but a time.
    fn is_time_only(&self) -> bool {
        words(&self.text).is_empty()
            && self.patients.is_none()
            && self.author.is_none()
            && self.work_type.is_none()
    }

    /// The query as FTS5 reads it: every word quoted, so that none is an operator of it.
    fn expression(&self) -> String {
        let mut terms: Vec<String> = Vec::new();
        for word in words(&self.text).into_iter().take(WORDS_MAX) {
            terms.push(format!("body : \"{}\"", word.replace('"', "")));
        }
        if let Some(patients) = &self.patients {
            let keys: Vec<String> = patients.iter().map(|id| key('p', id)).collect();
            terms.push(format!("keys : ({})", keys.join(" OR ")));
        }
        if let Some(author) = self.author {
            terms.push(format!("keys : {}", key('a', author)));
        }
        if let Some(work_type) = &self.work_type {
            terms.push(format!("keys : w{work_type}"));
        }
        terms.join(" AND ")
    }
}

/// The words and quoted phrases of what a person typed; marks alone are none.
fn words(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        if index % 2 == 1 {
            found.push(part);
        } else {
            found.extend(part.split_whitespace());
        }
    }
    found.retain(|word| word.chars().any(char::is_alphanumeric));
    found
}

/// A code of the column `keys`: a letter that says of what, and an id without its hyphens.
fn key(kind: char, id: impl std::fmt::Display) -> String {
    format!("{kind}{}", id.to_string().replace('-', ""))
}

fn keys_of(report: &Report) -> String {
    let mut keys = format!("{} w{}", key('a', report.author), report.work_type);
    if let Some(patient) = report.patient {
        keys += " ";
        keys += &key('p', patient);
    }
    keys
}

/// Gives a new report its number.
pub(super) fn enter(tx: &Tx, report: &Report) -> Result<(), StoreError> {
    tx.execute(
        "insert into search_row (report_id, created_at) values (?1, ?2)",
        params![report.id, report.created_at],
    )?;
    write(tx, report, "")
}

/// Writes what a search finds the report by, with its newest text.
pub(super) fn write(tx: &Tx, report: &Report, text: &str) -> Result<(), StoreError> {
    let number =
        tx.one("select number from search_row where report_id = ?1", params![report.id], |row| {
            row.int(0)
        })?;
    let number = number.ok_or_else(|| StoreError::corrupt("the search of a report"))?;
    let keys = keys_of(report);
    if report.availability == Availability::Cancelled {
        tx.execute("delete from waiting_text where rowid = ?1", params![number])?;
        tx.execute("delete from done_text where rowid = ?1", params![number])?;
    } else if report.stage == Stage::Done {
        tx.execute("delete from waiting_text where rowid = ?1", params![number])?;
        tx.execute(
            "insert or replace into done_text (rowid, body, keys) values (?1, ?2, ?3)",
            params![number, text, keys],
        )?;
    } else {
        tx.execute(
            "insert or replace into waiting_text (rowid, body, keys) values (?1, ?2, ?3)",
            params![number, text, keys],
        )?;
    }
    Ok(())
}

/// Reports that wait and hold what is looked for; at most [`WAITING_MAX`].
pub fn waiting(tx: &Tx, query: &SearchQuery) -> Result<HashSet<ReportId>, StoreError> {
    if query.patients.as_ref().is_some_and(Vec::is_empty) {
        return Ok(HashSet::new());
    }
    let found = if query.is_time_only() {
        tx.all(
            "select s.report_id from waiting_text t join search_row s on s.number = t.rowid
                where (?1 is null or s.created_at >= ?1) and (?2 is null or s.created_at < ?2)
                limit ?3",
            params![query.from, query.until, WAITING_MAX],
            |row| row.id(0),
        )?
    } else {
        tx.all(
            "select s.report_id from waiting_text t join search_row s on s.number = t.rowid
                where waiting_text match ?4
                    and (?1 is null or s.created_at >= ?1) and (?2 is null or s.created_at < ?2)
                limit ?3",
            params![query.from, query.until, WAITING_MAX, query.expression()],
            |row| row.id(0),
        )?
    };
    Ok(found.into_iter().collect())
}

/// Reports that are done and hold what is looked for, with their numbers, newest first, from
/// before a number.
pub fn done(
    tx: &Tx,
    query: &SearchQuery,
    before: i64,
    limit: usize,
) -> Result<Vec<(i64, ReportId)>, StoreError> {
    if query.patients.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let Some((first, last)) = numbers(tx, query)? else { return Ok(Vec::new()) };
    let last = last.min(before.saturating_sub(1));
    if query.is_time_only() {
        return tx.all(
            "select s.number, s.report_id from search_row s join report r on r.id = s.report_id
                where s.number between ?1 and ?2 and r.stage = 'done'
                    and r.availability <> 'CA'
                order by s.number desc limit ?3",
            params![first, last, limit],
            |row| Ok((row.int(0)?, row.id(1)?)),
        );
    }
    tx.all(
        "select t.rowid, (select s.report_id from search_row s where s.number = t.rowid)
            from done_text t where done_text match ?4 and t.rowid between ?1 and ?2
            order by t.rowid desc limit ?3",
        params![first, last, limit, query.expression()],
        |row| Ok((row.int(0)?, row.id(1)?)),
    )
}

/// The numbers of the reports of the time that is looked for, first and last.
fn numbers(tx: &Tx, query: &SearchQuery) -> Result<Option<(i64, i64)>, StoreError> {
    if query.from.is_none() && query.until.is_none() {
        return Ok(Some((0, i64::MAX)));
    }
    let found = tx.one(
        "select min(number), max(number) from search_row
            where created_at >= coalesce(?1, 0) and created_at < coalesce(?2, 9223372036854775807)",
        params![query.from, query.until],
        |row| Ok(row.opt_int(0)?.zip(row.opt_int(1)?)),
    )?;
    Ok(found.flatten())
}

/// Reports with an open flag, of this kind where one is given; at most [`WAITING_MAX`].
pub fn flagged(tx: &Tx, kind: Option<FlagKind>) -> Result<HashSet<ReportId>, StoreError> {
    let found = tx.all(
        "select distinct report_id from flag
            where state = 'open' and (?1 is null or kind = ?1) limit ?2",
        params![kind.map(|kind| kind.code().to_string()), WAITING_MAX],
        |row| row.id(0),
    )?;
    Ok(found.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_words_and_never_an_operator() {
        let cases = [
            ("chest pain", "body : \"chest\" AND body : \"pain\""),
            ("\"chest pain\" fever", "body : \"chest pain\" AND body : \"fever\""),
            ("NOT * a-b) \"", "body : \"NOT\" AND body : \"a-b)\""),
            (" - ", ""),
        ];
        for (text, expected) in cases {
            let query = SearchQuery { text: text.into(), ..SearchQuery::default() };
            assert_eq!(query.expression(), expected, "{text}");
        }
    }
}
