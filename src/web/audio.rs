//! The recording as an answer: whole, or the one range of bytes that a player asks for.
//!
//! Not for: deciding who may listen (`workflow/transcription.rs`) or decrypting (`store/blob.rs`).
//!
//! Invariant: at most a few pieces of a recording are in memory; a reader that fails in the
//! middle breaks the answer off, so that a damaged recording never looks complete.

use crate::domain::dictation::Audio;
use crate::store::blob::BlobReader;
use axum::body::{Body, Bytes};
use axum::http::header::{self, HeaderMap, HeaderValue};
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use std::io::{self, Read, Seek, SeekFrom};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

/// Bytes of one piece.
const PIECE: usize = 64 * 1024;

/// Pieces that wait for a slow listener.
const PIECES_AHEAD: usize = 4;

/// What a `Range` header asks for (RFC 9110 section 14).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// Everything: no header, or one that is not understood, which the RFC says to ignore.
    Whole,
    /// First byte and number of bytes.
    Part(u64, u64),
    Unsatisfiable,
}

/// Answers a request for the recording.
pub fn answer(headers: &HeaderMap, audio: &Audio, reader: BlobReader) -> Response<Body> {
    let tag = format!("\"{}\"", audio.digest);
    let mut asked = asked(headers.get(header::RANGE), audio.bytes);
    // RFC 9110 section 13.1.5: the range is only good for the recording it was meant for.
    if headers.get(header::IF_RANGE).is_some_and(|wanted| wanted.as_bytes() != tag.as_bytes()) {
        asked = Asked::Whole;
    }
    let (status, first, length) = match asked {
        Asked::Whole => (StatusCode::OK, 0, audio.bytes),
        Asked::Part(first, length) => (StatusCode::PARTIAL_CONTENT, first, length),
        Asked::Unsatisfiable => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{}", audio.bytes))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, range).into_response();
        }
    };
    let body = Body::from_stream(ReceiverStream::new(pieces(reader, first, length)));
    let mut response = (status, body).into_response();
    let out = response.headers_mut();
    out.insert(header::CONTENT_TYPE, HeaderValue::from_static(audio.format.media_type()));
    out.insert(header::CONTENT_LENGTH, length.into());
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    out.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(header::ETAG, tag);
    }
    if status == StatusCode::PARTIAL_CONTENT
        && let Ok(range) =
            HeaderValue::from_str(&format!("bytes {first}-{}/{}", first + length - 1, audio.bytes))
    {
        out.insert(header::CONTENT_RANGE, range);
    }
    response
}

/// Reads the pieces on a thread that may block; it ends when the listener goes away.
fn pieces(mut reader: BlobReader, first: u64, length: u64) -> mpsc::Receiver<io::Result<Bytes>> {
    let (sender, receiver) = mpsc::channel(PIECES_AHEAD);
    tokio::task::spawn_blocking(move || {
        if let Err(error) = reader.seek(SeekFrom::Start(first)) {
            // A closed channel means that nobody listens any more.
            drop(sender.blocking_send(Err(error)));
            return;
        }
        let mut left = length;
        while left > 0 {
            let piece = next_piece(&mut reader, left);
            let failed = piece.is_err();
            left -= piece.as_ref().map_or(0, |piece| piece.len() as u64);
            if sender.blocking_send(piece).is_err() || failed {
                return;
            }
        }
    });
    receiver
}

fn next_piece(reader: &mut impl Read, left: u64) -> io::Result<Bytes> {
    let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE);
    let mut piece = vec![0; wanted];
    reader.read_exact(&mut piece)?;
    Ok(piece.into())
}

fn asked(range: Option<&HeaderValue>, size: u64) -> Asked {
    let text = range.and_then(|range| range.to_str().ok());
    let Some((first, last)) = text.and_then(|text| text.trim().strip_prefix("bytes=")).and_then(
        // Several ranges at once are not understood, and so ignored.
        |spec| spec.split_once('-').filter(|(_, last)| !last.contains(',')),
    ) else {
        return Asked::Whole;
    };
    match (first.trim(), last.trim()) {
        ("", suffix) => match suffix.parse::<u64>() {
            Ok(0) => Asked::Unsatisfiable,
            Ok(wanted) => part(size.saturating_sub(wanted), size.saturating_sub(1), size),
            Err(_) => Asked::Whole,
        },
        (first, "") => match first.parse::<u64>() {
            Ok(first) => part(first, size.saturating_sub(1), size),
            Err(_) => Asked::Whole,
        },
        (first, last) => match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => part(first, last, size),
            _ => Asked::Whole,
        },
    }
}

fn part(first: u64, last: u64, size: u64) -> Asked {
    if first >= size {
        return Asked::Unsatisfiable;
    }
    Asked::Part(first, last.min(size - 1) - first + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(range: &str) -> Asked {
        asked(Some(&HeaderValue::from_str(range).expect("ASCII")), 1000)
    }

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        assert_eq!(asked(None, 1000), Asked::Whole);
        assert_eq!(of("bytes=0-0"), Asked::Part(0, 1));
        assert_eq!(of("bytes=0-"), Asked::Part(0, 1000));
        assert_eq!(of("bytes=990-5000"), Asked::Part(990, 10));
        assert_eq!(of("bytes=-10"), Asked::Part(990, 10));
        assert_eq!(of("bytes=-5000"), Asked::Part(0, 1000));
    }

    #[test]
    fn a_range_outside_the_recording_cannot_be_satisfied() {
        for range in ["bytes=1000-", "bytes=1000-1001", "bytes=-0"] {
            assert_eq!(of(range), Asked::Unsatisfiable, "{range}");
        }
        assert_eq!(asked(Some(&HeaderValue::from_static("bytes=0-")), 0), Asked::Unsatisfiable);
    }

    #[test]
    fn a_range_that_is_not_understood_is_ignored() {
        for range in ["bytes=5-2", "bytes=a-b", "bytes=", "bytes=0-1,5-6", "lines=0-1", "bytes=-"] {
            assert_eq!(of(range), Asked::Whole, "{range}");
        }
    }
}
