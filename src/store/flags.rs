//! Flags on reports.
//!
//! Not for: raising or settling on anybody's authority; `workflow` decides that.
//!
//! Invariant: a flag is settled at most once and never deleted.

use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::flag::{FlagKind, FlagState, QaFlag, ReportFlag, Settlement};
use crate::domain::ids::{FlagId, ReportId};
use crate::domain::phi::Phi;
use crate::domain::time::{AudioSpan, TextSpan};

pub fn insert(tx: &Tx, report: ReportId, flag: &ReportFlag) -> Result<(), StoreError> {
    tx.execute(
        "insert into flag (id, report_id, kind, note, audio_start_ms, audio_end_ms, text_start,
            text_end, raised_by, raised_at, state)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'open')",
        params![
            flag.id,
            report,
            flag.flag.kind.code(),
            flag.flag.note.reveal().as_str(),
            flag.flag.audio.map(|span| span.start_ms),
            flag.flag.audio.map(|span| span.end_ms),
            flag.flag.text.map(|span| span.start),
            flag.flag.text.map(|span| span.end),
            flag.raised_by,
            flag.raised_at
        ],
    )?;
    Ok(())
}

/// A report's flags in the order they were raised.
pub fn of_report(tx: &Tx, report: ReportId) -> Result<Vec<ReportFlag>, StoreError> {
    tx.all(
        "select id, kind, note, audio_start_ms, audio_end_ms, text_start, text_end, raised_by,
            raised_at, state, settled_by, settled_at, settled_note
            from flag where report_id = ?1 order by raised_at, id",
        params![report],
        read,
    )
}

/// Settles an open flag; `false` when it was settled already.
pub fn settle(tx: &Tx, flag: FlagId, settlement: &Settlement) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "update flag set state = ?2, settled_by = ?3, settled_at = ?4, settled_note = ?5
            where id = ?1 and state = 'open'",
        params![
            flag,
            settlement.state.code(),
            settlement.by,
            settlement.at,
            settlement.note.reveal().as_str()
        ],
    )?;
    Ok(rows == 1)
}

fn read(row: &Row) -> Result<ReportFlag, StoreError> {
    let state = row.code(9, FlagState::from_code)?;
    let settled = match state {
        FlagState::Open => None,
        FlagState::Resolved | FlagState::Waived => Some(Settlement {
            state,
            by: row.id(10)?,
            at: row.time(11)?,
            note: Phi::new(row.text(12)?),
        }),
    };
    let audio = row.opt_number(3)?.zip(row.opt_number(4)?);
    let text = row.opt_number(5)?.zip(row.opt_number(6)?);
    Ok(ReportFlag {
        id: row.id(0)?,
        flag: QaFlag {
            kind: row.code(1, FlagKind::from_code)?,
            note: Phi::new(row.text(2)?),
            audio: audio.map(|(start_ms, end_ms)| AudioSpan { start_ms, end_ms }),
            text: text.map(|(start, end)| TextSpan { start, end }),
        },
        raised_by: row.opt_id(7)?,
        raised_at: row.time(8)?,
        settled,
    })
}
