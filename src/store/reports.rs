//! Reports and their versions.
//!
//! Not for: deciding whether a report may change; `workflow` does, in the same transaction.
//!
//! Invariant: a version is inserted with the number after the report's newest and never changed;
//! the table's triggers refuse anything else.

use super::columns;
use super::db::{Row, Tx, params};
use super::error::StoreError;
use super::search;
use crate::domain::dictation::Priority;
use crate::domain::digest::Digest;
use crate::domain::ids::{DictationId, PatientId, PersonId, ReportId};
use crate::domain::label::Labels;
use crate::domain::phi::Phi;
use crate::domain::report::{
    Availability, Completion, Relation, Report, Stage, Version, VersionMaker,
};

pub(super) const REPORT: &str =
    "select id, dictation_id, relation, parent_id, author_id, patient_id,
    encounter_id, work_type, priority, completion, availability, stage, assignee_id, version,
    created_at, due_at, labels, coalesce((select p.labels from patient p where p.id = patient_id),
    '') from report";
const VERSION: &str =
    "select report_id, number, body, digest, maker, person_id, made_at from report_version";

pub fn insert(tx: &Tx, report: &Report) -> Result<(), StoreError> {
    tx.execute(
        "insert into report (id, dictation_id, relation, parent_id, author_id, patient_id,
            encounter_id, work_type, priority, completion, availability, stage, assignee_id,
            version, created_at, due_at, labels)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        params![
            report.id,
            report.dictation,
            report.relation.code(),
            report.parent,
            report.author,
            report.patient,
            report.encounter,
            report.work_type.as_str(),
            report.priority.code(),
            report.completion.code(),
            report.availability.code(),
            report.stage.code(),
            report.assignee,
            report.version,
            report.created_at,
            report.due_at,
            columns::labels_text(&report.labels)
        ],
    )?;
    search::enter(tx, report)
}

/// Writes the parts of a report that move: state, stage, assignee, whose it is, about whom, of
/// what kind and by when.
pub fn update(tx: &Tx, report: &Report) -> Result<(), StoreError> {
    let was = by_id(tx, report.id)?;
    let rows = tx.execute(
        "update report set patient_id = ?2, encounter_id = ?3, completion = ?4,
            availability = ?5, stage = ?6, assignee_id = ?7, author_id = ?8, work_type = ?9,
            priority = ?10, due_at = ?11 where id = ?1",
        params![
            report.id,
            report.patient,
            report.encounter,
            report.completion.code(),
            report.availability.code(),
            report.stage.code(),
            report.assignee,
            report.author,
            report.work_type.as_str(),
            report.priority.code(),
            report.due_at
        ],
    )?;
    assert_eq!(rows, 1, "a report that was read in this transaction is still there");
    let found_by = |one: &Report| {
        let done = one.stage == Stage::Done;
        (one.patient, one.author, one.work_type.clone(), done, one.availability)
    };
    if was.is_some_and(|was| found_by(&was) != found_by(report)) {
        let text = version(tx, report.id, report.version)?.map(|version| version.text);
        search::write(tx, report, text.as_ref().map_or("", |text| text.reveal()))?;
    }
    Ok(())
}

pub fn by_id(tx: &Tx, id: ReportId) -> Result<Option<Report>, StoreError> {
    tx.one(&format!("{REPORT} where id = ?1"), params![id], read)
}

/// The report that a recording belongs to: the one that is heard with it, else the one that it
/// was joined into or answers.
pub fn of_dictation(tx: &Tx, dictation: DictationId) -> Result<Option<Report>, StoreError> {
    let own = tx.one(&format!("{REPORT} where dictation_id = ?1"), params![dictation], read)?;
    if own.is_some() {
        return Ok(own);
    }
    tx.one(
        &format!(
            "{REPORT} where id = (select c.report_id from report_recording c
                where c.dictation_id = ?1)"
        ),
        params![dictation],
        read,
    )
}

/// Gives a report the recording that it is heard with from now on.
pub fn set_dictation(
    tx: &Tx,
    report: ReportId,
    dictation: Option<DictationId>,
) -> Result<(), StoreError> {
    tx.execute("update report set dictation_id = ?2 where id = ?1", params![report, dictation])?;
    Ok(())
}

/// Addenda and replacements of a report, oldest first.
pub fn children(tx: &Tx, parent: ReportId) -> Result<Vec<Report>, StoreError> {
    tx.all(&format!("{REPORT} where parent_id = ?1 order by created_at"), params![parent], read)
}

/// Whether any report about the patient has a label of its own.
pub fn labelled_of(tx: &Tx, patient: PatientId) -> Result<bool, StoreError> {
    let found = tx.one(
        "select 1 from report where patient_id = ?1 and labels <> '' limit 1",
        params![patient],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Writes the report's own labels, apart from its patient's.
pub fn set_labels(tx: &Tx, id: ReportId, labels: &Labels) -> Result<(), StoreError> {
    tx.execute(
        "update report set labels = ?2 where id = ?1",
        params![id, columns::labels_text(labels)],
    )?;
    Ok(())
}

/// The report's own labels, without its patient's.
pub fn own_labels(tx: &Tx, id: ReportId) -> Result<Option<Labels>, StoreError> {
    let text = tx.one("select labels from report where id = ?1", params![id], |row| row.text(0))?;
    text.map(|text| columns::labels(&text)).transpose()
}

/// Adds a version and makes it the report's newest.
pub fn insert_version(tx: &Tx, version: &Version) -> Result<(), StoreError> {
    let rows = tx.execute(
        "update report set version = ?2 where id = ?1 and version = ?2 - 1",
        params![version.report, version.number],
    )?;
    assert_eq!(rows, 1, "a version follows the newest one, read in this transaction");
    tx.execute(
        "insert into report_version (report_id, number, body, digest, maker, person_id, made_at)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            version.report,
            version.number,
            version.text.reveal().as_str(),
            version.digest,
            version.maker.code(),
            version.by,
            version.at
        ],
    )?;
    match by_id(tx, version.report)? {
        Some(report) => search::write(tx, &report, version.text.reveal()),
        None => Err(StoreError::corrupt("the report of a version")),
    }
}

pub fn version(tx: &Tx, report: ReportId, number: u32) -> Result<Option<Version>, StoreError> {
    tx.one(
        &format!("{VERSION} where report_id = ?1 and number = ?2"),
        params![report, number],
        read_version,
    )
}

/// Reads every version against its digest; their number.
///
/// # Errors
/// `Corrupt` when a text is not the one that was digested.
pub fn check_versions(tx: &Tx) -> Result<u64, StoreError> {
    let seen =
        tx.all("select body, digest from report_version", params![], |row| {
            match Digest::of(row.text(0)?.as_bytes()) == row.digest(1)? {
                true => Ok(()),
                false => Err(StoreError::corrupt("a version of a report")),
            }
        })?;
    Ok(seen.len() as u64)
}

/// A version without its text, for the list of them.
#[derive(Clone, Debug)]
pub struct VersionLine {
    pub number: u32,
    pub maker: VersionMaker,
    pub by_name: Option<String>,
    pub at: crate::domain::time::Timestamp,
    pub digest: crate::domain::digest::Digest,
}

/// A report's versions, newest first.
pub fn version_lines(tx: &Tx, report: ReportId) -> Result<Vec<VersionLine>, StoreError> {
    tx.all(
        "select v.number, v.maker, p.display_name, v.made_at, v.digest from report_version v
            left join person p on p.id = v.person_id
            where v.report_id = ?1 order by v.number desc",
        params![report],
        |row| {
            Ok(VersionLine {
                number: row.number(0)?,
                maker: row.code(1, VersionMaker::from_code)?,
                by_name: row.opt_text(2)?,
                at: row.time(3)?,
                digest: row.digest(4)?,
            })
        },
    )
}

/// Whether the person made any version of the report.
pub fn has_version_by(tx: &Tx, report: ReportId, person: PersonId) -> Result<bool, StoreError> {
    let found = tx.one(
        "select 1 from report_version where report_id = ?1 and person_id = ?2 limit 1",
        params![report, person],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

pub(super) fn read(row: &Row) -> Result<Report, StoreError> {
    Ok(Report {
        id: row.id(0)?,
        dictation: row.opt_id(1)?,
        relation: row.code(2, Relation::from_code)?,
        parent: row.opt_id(3)?,
        author: row.id(4)?,
        patient: row.opt_id(5)?,
        encounter: row.opt_id(6)?,
        work_type: columns::work_type(&row.text(7)?)?,
        priority: row.code(8, Priority::from_code)?,
        completion: row.code(9, Completion::from_code)?,
        availability: row.code(10, Availability::from_code)?,
        stage: row.code(11, Stage::from_code)?,
        assignee: row.opt_id(12)?,
        version: row.number(13)?,
        created_at: row.time(14)?,
        due_at: row.time(15)?,
        labels: columns::labels(&row.text(16)?)?.and(&columns::labels(&row.text(17)?)?),
    })
}

fn read_version(row: &Row) -> Result<Version, StoreError> {
    Ok(Version {
        report: row.id(0)?,
        number: row.number(1)?,
        text: Phi::new(row.text(2)?),
        digest: row.digest(3)?,
        maker: row.code(4, VersionMaker::from_code)?,
        by: row.opt_id(5)?,
        at: row.time(6)?,
    })
}
