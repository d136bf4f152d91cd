//! The audit: append-only rows, each sealed over itself and the seal before it.
//!
//! Not for: deciding what is audited; every function of `workflow` appends its own row.
//!
//! Invariant: the seal of a row is HMAC-SHA256 (RFC 2104), under the site's audit key, of the
//! seal before it and the row's fields; a changed, removed or inserted row breaks the chain.

use super::db::{Row, Tx, params};
use super::error::StoreError;
use super::heads::Head;
use crate::domain::audit::{Act, Actor, AuditEvent, Door};
use crate::domain::ids::{DictationId, PatientId, PersonId, ReportId};
use crate::domain::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::{HashMap, HashSet};

/// The seal before the first row.
const GENESIS: [u8; 32] = [0; 32];

/// A stored row, as the reader of the audit sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    pub seq: u64,
    pub at: Timestamp,
    pub actor: String,
    pub act: String,
    pub outcome: String,
    pub subjects: String,
    pub detail: String,
    pub seal: Vec<u8>,
}

/// Appends an event in the caller's transaction and returns its number.
pub fn append(tx: &Tx, key: &[u8; 32], event: &AuditEvent) -> Result<u64, StoreError> {
    let last =
        tx.one("select seq, seal from audit order by seq desc limit 1", params![], |row| {
            Ok((row.number::<u64>(0)?, row.blob(1)?))
        })?;
    let (last_seq, last_seal) = last.unwrap_or((0, GENESIS.to_vec()));
    let mut row = AuditRow {
        seq: last_seq + 1,
        at: event.at,
        actor: actor_text(&event.actor),
        act: event.act.code().to_string(),
        outcome: event.outcome.code().to_string(),
        subjects: event.subjects.join(" "),
        detail: detail_text(&event.detail),
        seal: Vec::new(),
    };
    row.seal = seal(key, &last_seal, &row);
    tx.execute(
        "insert into audit (seq, at, actor, act, outcome, subjects, detail, seal)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            row.seq,
            row.at,
            row.actor.as_str(),
            row.act.as_str(),
            row.outcome.as_str(),
            row.subjects.as_str(),
            row.detail.as_str(),
            row.seal
        ],
    )?;
    if !LISTS.contains(&event.act) {
        for subject in &event.subjects {
            if subject.starts_with("report:") || subject.starts_with("dictation:") {
                tx.execute(
                    "insert into audit_subject (subject, seq) values (?1, ?2)
                        on conflict do nothing",
                    params![subject, row.seq],
                )?;
            }
        }
    }
    Ok(last_seq + 1)
}

/// Looks that name hundreds of reports; they are not among the rows of each.
const LISTS: &[Act] = &[Act::ViewWorklist, Act::SearchReports];

/// The rows about a report and its recording but for lists, oldest first, at most `limit`.
pub fn of_report(
    tx: &Tx,
    report: ReportId,
    dictation: Option<DictationId>,
    limit: u32,
) -> Result<Vec<AuditRow>, StoreError> {
    tx.all(
        "select a.seq, a.at, a.actor, a.act, a.outcome, a.subjects, a.detail, a.seal from audit a
            where a.seq in (select seq from audit_subject
                where subject in ('report:' || ?1, 'dictation:' || ?2))
            order by a.seq limit ?3",
        params![report, dictation, limit],
        read,
    )
}

/// Whether the actor opened the report at this version, in this very session.
pub fn has_opened(
    tx: &Tx,
    actor: &Actor,
    report: ReportId,
    version: u32,
) -> Result<bool, StoreError> {
    // The index `audit_reading` is for exactly this act and outcome.
    let found = tx.one(
        "select 1 from audit where act = 'view-report' and outcome = 'done'
            and actor = ?1 and subjects = 'report:' || ?2 and detail ->> 'version' = ?3 limit 1",
        params![actor_text(actor), report, version.to_string()],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Rows after `seq`, oldest first, at most `limit`.
pub fn after(tx: &Tx, seq: u64, limit: u32) -> Result<Vec<AuditRow>, StoreError> {
    tx.all(
        "select seq, at, actor, act, outcome, subjects, detail, seal from audit
            where seq > ?1 order by seq limit ?2",
        params![seq, limit],
        read,
    )
}

/// What narrows a search; the subjects are looked at by whoever asks.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    pub person: Option<PersonId>,
    pub act: Option<Act>,
    pub from: Option<Timestamp>,
    /// Exclusive.
    pub until: Option<Timestamp>,
}

/// Rows before `seq`, newest first, at most `limit`.
pub fn before(
    tx: &Tx,
    seq: u64,
    query: &AuditQuery,
    limit: u32,
) -> Result<Vec<AuditRow>, StoreError> {
    let actor = query.person.map(|id| format!("person:{id} %"));
    tx.all(
        "select seq, at, actor, act, outcome, subjects, detail, seal from audit
            where seq < ?1 and (?2 is null or actor like ?2) and (?3 is null or act = ?3)
                and (?4 is null or at >= ?4) and (?5 is null or at < ?5)
            order by seq desc limit ?6",
        params![
            seq.min(i64::MAX as u64),
            actor,
            query.act.map(|act| act.code().to_string()),
            query.from,
            query.until,
            limit
        ],
        read,
    )
}

pub fn by_seq(tx: &Tx, seq: u64) -> Result<Option<AuditRow>, StoreError> {
    tx.one(
        "select seq, at, actor, act, outcome, subjects, detail, seal from audit where seq = ?1",
        params![seq],
        read,
    )
}

/// The newest row of an act that was done.
pub fn newest_of(tx: &Tx, act: Act) -> Result<Option<AuditRow>, StoreError> {
    tx.one(
        "select seq, at, actor, act, outcome, subjects, detail, seal from audit
            where act = ?1 and outcome = 'done' order by seq desc limit 1",
        params![act.code()],
        read,
    )
}

/// The newest row of a worklist that was shown to the actor.
pub fn newest_worklist(tx: &Tx, actor: &Actor) -> Result<Option<AuditRow>, StoreError> {
    // The index `audit_worklist` is for exactly this act and outcome.
    tx.one(
        "select seq, at, actor, act, outcome, subjects, detail, seal from audit
            where act = 'view-worklist' and outcome = 'done' and actor = ?1
            order by seq desc limit 1",
        params![actor_text(actor)],
        read,
    )
}

/// Whether a row says that the actor listened to the recording between the two times.
pub fn has_listened(
    tx: &Tx,
    actor: &Actor,
    dictation: DictationId,
    after: Timestamp,
    until: Timestamp,
) -> Result<bool, StoreError> {
    // The index `audit_listening` is for exactly this act and outcome.
    let found = tx.one(
        "select 1 from audit where act = 'listen-audio' and outcome = 'done'
            and actor = ?1 and subjects = 'dictation:' || ?2 and at > ?3 and at <= ?4 limit 1",
        params![actor_text(actor), dictation, after, until],
        |_| Ok(()),
    )?;
    Ok(found.is_some())
}

/// Everything of a patient's that an audit row can name, as it is named there.
pub fn subjects_of(tx: &Tx, patient: PatientId) -> Result<HashSet<String>, StoreError> {
    let names = tx.all(
        "select 'patient:' || id from patient where id = ?1
            union all select 'encounter:' || id from encounter where patient_id = ?1
            union all select 'report:' || id from report where patient_id = ?1
            union all select 'dictation:' || id from dictation where patient_id = ?1
            union select 'dictation:' || dictation_id from report
                where patient_id = ?1 and dictation_id is not null
            union select 'dictation:' || c.dictation_id from report_recording c
                join report r on r.id = c.report_id where r.patient_id = ?1",
        params![patient],
        |row| row.text(0),
    )?;
    Ok(names.into_iter().collect())
}

/// Number of the newest row; 0 before there is one.
pub fn last(tx: &Tx) -> Result<u64, StoreError> {
    let newest = tx.one("select max(seq) from audit", params![], |row| row.opt_number(0))?;
    Ok(newest.flatten().unwrap_or(0))
}

/// The newest row.
pub fn newest(tx: &Tx) -> Result<Option<AuditRow>, StoreError> {
    Ok(before(tx, u64::MAX, &AuditQuery::default(), 1)?.pop())
}

fn read(row: &Row) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        seq: row.number(0)?,
        at: row.time(1)?,
        actor: row.text(2)?,
        act: row.text(3)?,
        outcome: row.text(4)?,
        subjects: row.text(5)?,
        detail: row.text(6)?,
        seal: row.blob(7)?,
    })
}

/// Rows of one step of a walk through all.
pub const STEP: u32 = 10_000;

/// What a walk through the chain found.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// Rows up to the last one, or up to the one before the first that does not hold.
    pub rows: u64,
    /// The first row that does not hold.
    pub broken: Option<u64>,
    /// Heads written down earlier that the chain does not have: cut off, or replaced.
    pub lost: Vec<Head>,
}

/// Checks every seal; the number of the first row that does not hold, if any.
pub fn verify(tx: &Tx, key: &[u8; 32]) -> Result<Option<u64>, StoreError> {
    Ok(check(tx, key, &[])?.broken)
}

/// Checks every seal, and that the chain still has every head that was written down.
pub fn check(tx: &Tx, key: &[u8; 32], heads: &[Head]) -> Result<Checked, StoreError> {
    let mut lost: HashMap<u64, &Head> = heads.iter().map(|head| (head.seq, head)).collect();
    let mut before = GENESIS.to_vec();
    let mut seq = 0;
    let mut broken = None;
    'walk: loop {
        let rows = after(tx, seq, STEP)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.seq != seq + 1 || row.seal != seal(key, &before, &row) {
                broken = Some(seq + 1);
                break 'walk;
            }
            if lost.get(&row.seq).is_some_and(|head| head.seal == row.seal) {
                lost.remove(&row.seq);
            }
            seq = row.seq;
            before = row.seal;
        }
    }
    let mut lost: Vec<Head> = lost.into_values().cloned().collect();
    lost.sort_by_key(|head| head.seq);
    Ok(Checked { rows: seq, broken, lost })
}

fn seal(key: &[u8; 32], before: &[u8], row: &AuditRow) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(before);
    mac.update(&row.seq.to_be_bytes());
    mac.update(&row.at.0.to_be_bytes());
    for field in [&row.actor, &row.act, &row.outcome, &row.subjects, &row.detail] {
        // The length keeps a word from moving between fields unnoticed.
        mac.update(&(field.len() as u64).to_be_bytes());
        mac.update(field.as_bytes());
    }
    mac.finalize().into_bytes().to_vec()
}

fn actor_text(actor: &Actor) -> String {
    match actor {
        Actor::Person { id, via: Door::Session(session) } => {
            format!("person:{id} session:{session}")
        }
        Actor::Person { id, via: Door::Token(token) } => format!("person:{id} token:{token}"),
        Actor::Operator { account } => format!("operator:{account}"),
        Actor::Machine { job: Some(job) } => format!("machine job:{job}"),
        Actor::Machine { job: None } => "machine".into(),
        Actor::Unknown => "unknown".into(),
    }
}

fn detail_text(detail: &[(&'static str, String)]) -> String {
    let object: serde_json::Map<String, serde_json::Value> =
        detail.iter().map(|(name, value)| ((*name).into(), value.as_str().into())).collect();
    serde_json::Value::Object(object).to_string()
}
