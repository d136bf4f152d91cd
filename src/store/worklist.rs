//! What waits, in the order of a worklist, and the names a person reads there.
//!
//! Not for: deciding who sees which row (`workflow/worklist.rs`).
//!
//! Invariant: STAT first, then least time left (domain specification 3.4); what is looked up for
//! a row is looked up only for rows that are shown.

use super::db::{Tx, params};
use super::error::StoreError;
use super::reports::{REPORT, read};
use crate::domain::ids::PersonId;
use crate::domain::phi::Phi;
use crate::domain::report::{Report, Stage};

/// The most reports that are looked through for one worklist; a backlog beyond it is counted as
/// this many.
pub const WAITING_MAX: u32 = 20_000;

/// What narrows a worklist.
#[derive(Clone, Debug, Default)]
pub struct WorklistQuery {
    pub stages: Vec<Stage>,
    /// Reports of these authors only, and those that await `cosigner`; all when empty.
    pub authors: Vec<PersonId>,
    pub cosigner: Option<PersonId>,
}

/// A report in a list, with the names a person reads.
#[derive(Clone, Debug)]
pub struct WorklistRow {
    pub report: Report,
    pub patient_name: Option<Phi<String>>,
    pub mrn: Option<Phi<String>>,
    pub author_name: String,
    pub assignee_name: Option<String>,
    pub duration_ms: Option<u32>,
    pub open_flags: u32,
    /// The names were taken out because of a label.
    pub sealed: bool,
}

/// Reports that wait, most urgent first, at most [`WAITING_MAX`].
pub fn waiting(tx: &Tx, query: &WorklistQuery) -> Result<Vec<Report>, StoreError> {
    let WorklistQuery { stages, authors, cosigner } = query;
    tx.all(
        &format!(
            "{REPORT} where stage in (select value from json_each(?1))
                and (?2 = '[]' or author_id in (select value from json_each(?2))
                    or (stage = 'with-cosigner' and assignee_id = ?3))
            order by priority = 'stat' desc, due_at, created_at limit ?4"
        ),
        params![
            list(stages.iter().map(|stage| stage.code())),
            list(authors),
            *cosigner,
            WAITING_MAX
        ],
        read,
    )
}

/// The rows of these reports, in their order.
pub fn rows(tx: &Tx, reports: Vec<Report>) -> Result<Vec<WorklistRow>, StoreError> {
    let mut left = reports.into_iter();
    let ids = list(left.as_slice().iter().map(|report| report.id));
    tx.all(
        "select pt.family_name || ', ' || pt.given_name, coalesce(pt.mrn, d.given_mrn),
            au.display_name, asg.display_name, d.duration_ms,
            (select count(*) from flag f where f.report_id = r.id and f.state = 'open')
        from json_each(?1) asked
            join report r on r.id = asked.value
            join person au on au.id = r.author_id
            left join patient pt on pt.id = r.patient_id
            left join dictation d on d.id = r.dictation_id
            left join person asg on asg.id = r.assignee_id
        order by asked.key",
        params![ids],
        |row| {
            Ok(WorklistRow {
                report: left.next().expect("a row for each report of the same snapshot"),
                patient_name: row.opt_text(0)?.map(Phi::new),
                mrn: row.opt_text(1)?.map(Phi::new),
                author_name: row.text(2)?,
                assignee_name: row.opt_text(3)?,
                duration_ms: row.opt_number(4)?,
                open_flags: row.number(5)?,
                sealed: false,
            })
        },
    )
}

/// Values as one parameter; the statement takes them apart with `json_each`.
fn list(values: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    let texts: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    serde_json::to_string(&texts).expect("strings are always JSON")
}
