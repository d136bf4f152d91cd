//! Pours an uploaded recording into the store, piece by piece.
//!
//! Not for: whether the recording or its particulars are acceptable (`workflow/receive.rs`).
//!
//! Invariant: a recording is never whole in memory; fields may come in any order; an upload that
//! ends early leaves nothing behind.

use super::error::ApiError;
use super::extract::code;
use super::state::AppState;
use crate::domain::dictation::Origin;
use crate::workflow::error::WorkflowError;
use crate::workflow::receive::{self, Received, Reception, Upload};
use crate::workflow::site::{Acting, Site};
use axum::body::Bytes;
use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::{HeaderMap, StatusCode};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// The header that makes a repeated upload one dictation.
const KEY_HEADER: &str = "idempotency-key";

/// Longest value of a text field, in bytes; each has a shorter limit of its own further down.
const FIELD_MAX: usize = 1_000;

/// Fields and files of one upload, known or not.
const PARTS_MAX: usize = 20;

/// Pieces that wait for the disk.
const PIECES_AHEAD: usize = 8;

/// How long a sender may be silent.
const SILENCE_MAX: Duration = Duration::from_secs(60);

/// Reads the form, stores the recording and writes it down.
pub async fn receive(
    state: &AppState,
    who: Acting,
    headers: &HeaderMap,
    mut form: Multipart,
) -> Result<Received, ApiError> {
    let mut reception = empty_reception(headers)?;
    let mut upload = None;
    for _ in 0..PARTS_MAX {
        let Some(field) = in_time(form.next_field()).await? else {
            return finish(state, who, reception, upload).await;
        };
        let name = field.name().unwrap_or_default().to_string();
        if name != "audio" {
            set_field(&mut reception, &name, text(field).await?)?;
        } else if upload.is_none() {
            reception.file_name = field.file_name().map(str::to_string);
            upload = Some(pour(state, &who, field).await?);
        } else {
            return Err(ApiError::malformed("audio", "one upload holds one recording"));
        }
    }
    Err(ApiError::malformed("audio", "the form has too many parts"))
}

async fn finish(
    state: &AppState,
    who: Acting,
    reception: Reception,
    upload: Option<Upload>,
) -> Result<Received, ApiError> {
    let missing = || ApiError::malformed("audio", "the recording is missing");
    let upload = upload.ok_or_else(missing)?;
    state.db(move |site| receive::receive(site, &who, reception, upload)).await
}

fn empty_reception(headers: &HeaderMap) -> Result<Reception, ApiError> {
    let key = match headers.get(KEY_HEADER) {
        None => None,
        Some(value) => {
            let text = value.to_str();
            let text =
                text.map_err(|_| ApiError::malformed("idempotency_key", "the key is not ASCII"))?;
            Some(text.to_string())
        }
    };
    Ok(Reception { idempotency_key: key, ..Reception::of(Origin::Upload) })
}

fn set_field(reception: &mut Reception, name: &str, value: String) -> Result<(), ApiError> {
    if name == "origin" {
        reception.origin = code("origin", &value, origin)?;
        return Ok(());
    }
    let place = match name {
        "author" => &mut reception.author,
        "mrn" => &mut reception.mrn,
        "encounter" => &mut reception.encounter,
        "work_type" => &mut reception.work_type,
        "priority" => &mut reception.priority,
        "dictated_at" => &mut reception.dictated_at,
        _ => {
            let message = "the form has a field that is not known".into();
            return Err(ApiError::Malformed { field: None, message });
        }
    };
    *place = Some(value);
    Ok(())
}

/// Where a sender may say that a recording comes from; `chartscribe import` does not send.
fn origin(text: &str) -> Option<Origin> {
    Origin::from_code(text).filter(|origin| *origin != Origin::Import)
}

async fn text(mut field: Field<'_>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(piece) = in_time(field.chunk()).await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > FIELD_MAX {
            let message = format!("a field has at most {FIELD_MAX} bytes");
            return Err(ApiError::Malformed { field: None, message });
        }
    }
    String::from_utf8(bytes)
        .map_err(|_| ApiError::Malformed { field: None, message: "a field is not UTF-8".into() })
}

/// Hands the pieces of a recording to a thread that writes them.
async fn pour(state: &AppState, who: &Acting, mut field: Field<'_>) -> Result<Upload, ApiError> {
    let who = who.clone();
    let upload = state.db(move |site| receive::begin_upload(site, &who)).await?;
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    let writer = spawn_writer(Arc::clone(&state.site), upload, receiver);
    let sent = loop {
        match in_time(field.chunk()).await {
            Ok(Some(piece)) => {
                // The writer closes its end when it fails; its own answer says why.
                if sender.send(piece).await.is_err() {
                    break Ok(());
                }
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        }
    };
    drop(sender);
    let written = writer.await.map_err(|source| ApiError::Broken { source })?;
    sent?;
    Ok(written?)
}

fn spawn_writer(
    site: Arc<Site>,
    mut upload: Upload,
    mut pieces: mpsc::Receiver<Bytes>,
) -> JoinHandle<Result<Upload, WorkflowError>> {
    tokio::task::spawn_blocking(move || {
        while let Some(piece) = pieces.blocking_recv() {
            if let Err(source) = upload.write_all(&piece) {
                return Err(receive::not_poured(&site, &upload, source));
            }
        }
        Ok(upload)
    })
}

/// Waits for the sender, but not for ever.
async fn in_time<T>(work: impl Future<Output = Result<T, MultipartError>>) -> Result<T, ApiError> {
    match tokio::time::timeout(SILENCE_MAX, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(ApiError::TooLarge)
        }
        Ok(Err(_)) | Err(_) => Err(ApiError::CutShort),
    }
}
