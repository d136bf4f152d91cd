//! Fetches one file over HTTP into a partial file, going on where an earlier try stopped.
//!
//! Not for: judging what was fetched (`install`), or any other outgoing connection.
//!
//! Invariant: the partial file holds a beginning of the remote file and nothing else; which
//! remote file that is stands beside it.

use super::install::Progress;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use ureq::http::{Response, StatusCode};
use ureq::{Agent, Body};

/// A machine without the internet should learn it soon.
const CONNECT_WITHIN: Duration = Duration::from_secs(8);
const FIRST_BYTE_WITHIN: Duration = Duration::from_secs(30);
/// A connection that gives no byte for so long is cut, and the fetch goes on with a new one.
const SILENCE_MAX: Duration = Duration::from_secs(30);
/// New connections in a row that bring no new byte, before the fetch is given up.
const FRUITLESS_MAX: u32 = 3;
/// Whisper large in full precision is 6.2 GB.
const FILE_BYTES_MAX: u64 = 8 << 30;
const READ_BYTES: usize = 1 << 16;
const NOTE_BYTES_MAX: u64 = 4096;

#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("cannot reach {url}")]
    Reach { url: String, source: Box<ureq::Error> },
    #[error("{url} answers {status}")]
    Answer { url: String, status: u16 },
    #[error("the connection to {url} is cut again and again; what came is kept, try again")]
    Cut { url: String, source: io::Error },
    #[error("the file at {url} is larger than {FILE_BYTES_MAX} bytes")]
    TooLarge { url: String },
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// Fetches `url` into `part` and returns when the file is whole.
///
/// # Errors
/// `Reach` and `Answer` when there is nothing to have, `Cut` when it stops coming.
pub fn fetch(url: &str, part: &Path, progress: &dyn Progress) -> Result<(), FetchError> {
    let agent = agent();
    let mut fruitless = 0;
    loop {
        let have = length(part);
        match fetch_rest(&agent, url, part, progress) {
            Err(FetchError::Cut { .. }) if length(part) > have => fruitless = 0,
            Err(FetchError::Cut { .. }) if fruitless < FRUITLESS_MAX => fruitless += 1,
            other => return other,
        }
    }
}

/// Removes a partial file and the note beside it.
pub fn forget(part: &Path) {
    for path in [part.to_path_buf(), note_path(part)] {
        if let Err(error) = fs::remove_file(&path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(path = %path.display(), %error, "cannot remove a partial file");
        }
    }
}

fn agent() -> Agent {
    let config = Agent::config_builder()
        .timeout_resolve(Some(CONNECT_WITHIN))
        .timeout_connect(Some(CONNECT_WITHIN))
        .timeout_recv_response(Some(FIRST_BYTE_WITHIN))
        .timeout_per_read(Some(SILENCE_MAX))
        .http_status_as_error(false)
        .build();
    Agent::new_with_config(config)
}

fn fetch_rest(
    agent: &Agent,
    url: &str,
    part: &Path,
    progress: &dyn Progress,
) -> Result<(), FetchError> {
    let write_error = |source| FetchError::Write { path: part.to_path_buf(), source };
    let tag = resumable(url, part);
    if tag.is_none() {
        forget(part);
    }
    let have = length(part);
    let mut request = agent.get(url).header("accept-encoding", "identity");
    if have > 0 {
        request = request.header("range", format!("bytes={have}-"));
        if let Some(tag) = tag.filter(|tag| !tag.is_empty()) {
            request = request.header("if-range", tag);
        }
    }
    let response = request
        .call()
        .map_err(|source| FetchError::Reach { url: url.into(), source: Box::new(source) })?;
    let begin = match response.status() {
        StatusCode::PARTIAL_CONTENT if range_start(&response) == Some(have) => have,
        StatusCode::OK => 0,
        StatusCode::RANGE_NOT_SATISFIABLE if have > 0 => {
            // Either it is whole already, which the digest will tell, or it is another file.
            return Ok(());
        }
        status => return Err(FetchError::Answer { url: url.into(), status: status.as_u16() }),
    };
    fs::write(note_path(part), format!("{url}\n{}\n", header(&response, "etag")))
        .map_err(|source| FetchError::Write { path: note_path(part), source })?;
    let file = OpenOptions::new().create(true).append(true).open(part).map_err(write_error)?;
    file.set_len(begin).map_err(write_error)?;
    receive(response, url, file, begin, part, progress)
}

/// Appends the body to the file until it ends; a body that ends early is `Cut`.
fn receive(
    response: Response<Body>,
    url: &str,
    mut file: File,
    begin: u64,
    part: &Path,
    progress: &dyn Progress,
) -> Result<(), FetchError> {
    let total = response.body().content_length().map(|rest| begin + rest);
    if total.is_some_and(|total| total > FILE_BYTES_MAX) {
        return Err(FetchError::TooLarge { url: url.into() });
    }
    let mut body = response.into_body().into_with_config().limit(FILE_BYTES_MAX).reader();
    let mut at = begin;
    let mut buffer = vec![0; READ_BYTES];
    loop {
        progress.at(at, total);
        let read =
            body.read(&mut buffer).map_err(|source| FetchError::Cut { url: url.into(), source })?;
        if read == 0 {
            break;
        }
        at += read as u64;
        if at > FILE_BYTES_MAX {
            return Err(FetchError::TooLarge { url: url.into() });
        }
        file.write_all(&buffer[..read])
            .map_err(|source| FetchError::Write { path: part.to_path_buf(), source })?;
    }
    if total.is_some_and(|total| at < total) {
        let source = ErrorKind::UnexpectedEof.into();
        return Err(FetchError::Cut { url: url.into(), source });
    }
    Ok(())
}

/// The entity tag (maybe empty) when the partial file is of this address.
fn resumable(url: &str, part: &Path) -> Option<String> {
    let mut note = String::new();
    let file = File::open(note_path(part)).ok()?;
    file.take(NOTE_BYTES_MAX).read_to_string(&mut note).ok()?;
    let (of, tag) = note.split_once('\n')?;
    (of == url).then(|| tag.trim().to_owned())
}

fn note_path(part: &Path) -> PathBuf {
    part.with_extension("source.part")
}

fn length(part: &Path) -> u64 {
    fs::metadata(part).map_or(0, |metadata| metadata.len())
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

/// The first byte that a `Content-Range` (RFC 9110 14.4) names.
fn range_start(response: &Response<Body>) -> Option<u64> {
    let (start, _) = header(response, "content-range").strip_prefix("bytes ")?.split_once('-')?;
    start.parse().ok()
}
