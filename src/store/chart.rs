//! Signatures and the built-in chart: which signed report was filed to which patient, when.
//!
//! Not for: the report's text and versions (`reports.rs`).
//!
//! Invariant: signatures and chart entries are only added.

use super::columns;
use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::ids::{EncounterId, PatientId, ReportId};
use crate::domain::report::{Availability, Completion, Relation};
use crate::domain::signature::{Meaning, Signature};
use crate::domain::time::Timestamp;
use crate::domain::work_type::WorkTypeCode;

pub fn insert_signature(tx: &Tx, signature: &Signature) -> Result<(), StoreError> {
    tx.execute(
        "insert into signature (id, report_id, version, signer_id, meaning, printed_name,
            signed_at, utc_offset_minutes, digest)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            signature.id,
            signature.report,
            signature.version,
            signature.signer,
            signature.meaning.code(),
            signature.printed_name.as_str(),
            signature.at,
            signature.utc_offset_minutes,
            signature.digest
        ],
    )?;
    Ok(())
}

/// A report's signatures, first signer first.
pub fn signatures(tx: &Tx, report: ReportId) -> Result<Vec<Signature>, StoreError> {
    tx.all(
        "select id, report_id, version, signer_id, meaning, printed_name, signed_at,
            utc_offset_minutes, digest from signature where report_id = ?1 order by signed_at",
        params![report],
        read_signature,
    )
}

pub fn file(
    tx: &Tx,
    report: ReportId,
    patient: PatientId,
    encounter: Option<EncounterId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into chart_entry (report_id, patient_id, encounter_id, filed_at)
            values (?1, ?2, ?3, ?4)",
        params![report, patient, encounter, now],
    )?;
    Ok(())
}

pub fn filed_at(tx: &Tx, report: ReportId) -> Result<Option<Timestamp>, StoreError> {
    tx.one("select filed_at from chart_entry where report_id = ?1", params![report], |row| {
        row.time(0)
    })
}

/// A filed report in a patient's chart.
#[derive(Clone, Debug)]
pub struct ChartDocument {
    pub report: ReportId,
    pub relation: Relation,
    pub parent: Option<ReportId>,
    pub work_type: WorkTypeCode,
    pub encounter: Option<EncounterId>,
    pub author_name: String,
    pub completion: Completion,
    pub availability: Availability,
    pub version: u32,
    pub dictated_at: Option<Timestamp>,
    pub filed_at: Timestamp,
}

/// A patient's filed documents, newest first.
pub fn documents(tx: &Tx, patient: PatientId) -> Result<Vec<ChartDocument>, StoreError> {
    tx.all(
        "select r.id, r.relation, r.parent_id, r.work_type, e.encounter_id, p.display_name,
            r.completion, r.availability, r.version, d.dictated_at, e.filed_at
        from chart_entry e
            join report r on r.id = e.report_id
            join person p on p.id = r.author_id
            left join dictation d on d.id = r.dictation_id
        where e.patient_id = ?1 order by e.filed_at desc",
        params![patient],
        read_document,
    )
}

fn read_signature(row: &Row) -> Result<Signature, StoreError> {
    Ok(Signature {
        id: row.id(0)?,
        report: row.id(1)?,
        version: row.number(2)?,
        signer: row.id(3)?,
        meaning: row.code(4, Meaning::from_code)?,
        printed_name: row.text(5)?,
        at: row.time(6)?,
        utc_offset_minutes: row.number(7)?,
        digest: row.digest(8)?,
    })
}

fn read_document(row: &Row) -> Result<ChartDocument, StoreError> {
    Ok(ChartDocument {
        report: row.id(0)?,
        relation: row.code(1, Relation::from_code)?,
        parent: row.opt_id(2)?,
        work_type: columns::work_type(&row.text(3)?)?,
        encounter: row.opt_id(4)?,
        author_name: row.text(5)?,
        completion: row.code(6, Completion::from_code)?,
        availability: row.code(7, Availability::from_code)?,
        version: row.number(8)?,
        dictated_at: row.opt_time(9)?,
        filed_at: row.time(10)?,
    })
}
