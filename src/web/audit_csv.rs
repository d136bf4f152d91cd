//! The audit as a file of comma-separated values (RFC 4180), for the page and the command line.
//!
//! Not for: choosing the rows (`workflow/audit.rs`).
//!
//! Invariant: every field is quoted, and none is a formula where a spreadsheet opens the file.

use crate::domain::time::Timestamp;
use crate::store::audit::AuditRow;
use crate::workflow::audit::Export;
use crate::workflow::error::WorkflowError;
use crate::workflow::site::Site;
use axum::body::{Body, Bytes};
use axum::http::header::{self, HeaderValue};
use axum::response::{IntoResponse, Response};
use std::io;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// The first line.
pub const HEADER: &str = "seq,at,actor,act,outcome,subjects,detail,seal\r\n";

/// Bytes of one piece, and pieces that wait for a slow reader.
const PIECE: usize = 64 * 1024;
const PIECES_AHEAD: usize = 4;

/// One row as a line.
pub fn line(row: &AuditRow) -> String {
    let (seq, at, seal) = (row.seq.to_string(), instant(row.at), hex::encode(&row.seal));
    let fields: [&str; 8] =
        [&seq, &at, &row.actor, &row.act, &row.outcome, &row.subjects, &row.detail, &seal];
    fields.map(field).join(",") + "\r\n"
}

/// Always quoted, and never the beginning of a formula.
pub fn field(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// UTC, to the millisecond.
pub fn instant(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| format!("{at:.3}")).unwrap_or_default()
}

/// Answers with the rows while they are read.
pub fn answer(site: &Arc<Site>, export: Export) -> Response {
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    let site = Arc::clone(site);
    tokio::task::spawn_blocking(move || {
        if let Err(End::Failed(error)) = pour(&site, &export, &sender) {
            tracing::error!(error = crate::causes::chain(&error), "an export broke off");
            // The reader must not take the part for the whole.
            drop(sender.blocking_send(Err(io::ErrorKind::Other.into())));
        }
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"chartscribe-audit.csv\""),
        ),
    ];
    (headers, Body::from_stream(ReceiverStream::new(receiver))).into_response()
}

/// Why the rows end early.
enum End {
    /// Nobody reads any more.
    Gone,
    Failed(WorkflowError),
}

impl From<WorkflowError> for End {
    fn from(error: WorkflowError) -> Self {
        Self::Failed(error)
    }
}

fn pour(site: &Site, export: &Export, sender: &mpsc::Sender<io::Result<Bytes>>) -> Result<(), End> {
    let send = |piece: String| sender.blocking_send(Ok(piece.into())).map_err(|_| End::Gone);
    let mut piece = HEADER.to_owned();
    export.pour(site, |row| {
        piece += &line(row);
        if piece.len() < PIECE { Ok(()) } else { send(std::mem::take(&mut piece)) }
    })?;
    send(piece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_no_formula_and_keeps_its_quotes() {
        assert_eq!(field("=1+1"), "\"'=1+1\"");
        assert_eq!(field("{\"a\":1}"), "\"{\"\"a\"\":1}\"");
    }
}
