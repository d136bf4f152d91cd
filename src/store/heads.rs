//! The audit's heads: number and seal of its newest row, written down daily in a file outside
//! the data folder, so that rows cut off the end, or a whole database put back, show.
//!
//! Not for: the chain itself (`audit.rs`).
//!
//! Invariant: the file is only added to; each line carries a MAC under the audit key, so that
//! nobody without it can make one. A line that a crash cut short counts for nothing.

use super::error::StoreError;
use super::files;
use crate::domain::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// About 190 bytes a day: above 100 years.
const MAX_FILE_BYTES: u64 = 8 << 20;

#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    pub at: Timestamp,
    pub seq: u64,
    pub seal: Vec<u8>,
}

/// Every head that was written down; none where there is no file.
///
/// # Errors
/// `Corrupt` when a line is not ours, whole.
pub fn read(path: &Path, key: &[u8; 32]) -> Result<Vec<Head>, StoreError> {
    let mut text = String::new();
    match OpenOptions::new().read(true).open(path) {
        Ok(file) => file
            .take(MAX_FILE_BYTES)
            .read_to_string(&mut text)
            .map_err(|source| StoreError::io("read", path, source))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(StoreError::io("read", path, source)),
    };
    let complete = text.rfind('\n').map_or(0, |end| end + 1);
    let mut heads = Vec::new();
    for line in text[..complete].lines() {
        let head = parse(line, key).ok_or_else(|| StoreError::corrupt("the file of heads"))?;
        heads.push(head);
    }
    Ok(heads)
}

/// Adds a head, on disk when this returns.
pub fn append(path: &Path, key: &[u8; 32], head: &Head) -> Result<(), StoreError> {
    let failed = |source| StoreError::io("write", path, source);
    let is_new = !path.exists();
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true).mode(0o600);
    let mut file = options.open(path).map_err(failed)?;
    let torn = file.seek(SeekFrom::End(-1)).is_ok() && {
        let mut last = [0];
        file.read_exact(&mut last).map_err(failed)?;
        last != [b'\n']
    };
    if torn {
        let text = std::fs::read(path).map_err(failed)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).map_err(failed)?;
    }
    let line = render(head, key) + "\n";
    file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
    if is_new { files::sync_folder(&files::folder_of(path)) } else { Ok(()) }
}

/// Puts the heads of what a restored folder replaces aside: its chain goes another way on.
/// Gives the new name where there were any.
pub fn put_aside(path: &Path, now: Timestamp) -> Result<Option<std::path::PathBuf>, StoreError> {
    if !path.exists() {
        return Ok(None);
    }
    let aside = path.with_added_extension(format!("before-{}", now.0));
    files::rename(path, &aside)?;
    Ok(Some(aside))
}

fn render(head: &Head, key: &[u8; 32]) -> String {
    let at = jiff::Timestamp::from_millisecond(head.at.0).unwrap_or_default();
    let line = format!("{at:.3} {} {}", head.seq, hex::encode(&head.seal));
    let check = mac(key, &line).finalize().into_bytes();
    format!("{line} {}", hex::encode(check))
}

fn parse(line: &str, key: &[u8; 32]) -> Option<Head> {
    let (facts, check) = line.rsplit_once(' ')?;
    mac(key, facts).verify_slice(&hex::decode(check).ok()?).ok()?;
    let mut words = facts.split(' ');
    let at: jiff::Timestamp = words.next()?.parse().ok()?;
    let seq = words.next()?.parse().ok()?;
    let seal = hex::decode(words.next()?).ok()?;
    Some(Head { at: Timestamp(at.as_millisecond()), seq, seal })
}

fn mac(key: &[u8; 32], line: &str) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(b"chartscribe audit head\n");
    mac.update(line.as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_read_back_in_order_and_a_torn_line_counts_for_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("heads");
        let head = |seq| Head { at: Timestamp(1_772_442_000_123), seq, seal: vec![7; 32] };
        assert_eq!(read(&path, &[1; 32]).expect("no file"), []);
        append(&path, &[1; 32], &head(1)).expect("written");
        let mut torn = std::fs::read(&path).expect("the file");
        torn.extend_from_slice(b"2026-03-02T");
        std::fs::write(&path, torn).expect("a torn line");
        assert_eq!(read(&path, &[1; 32]).expect("readable"), [head(1)]);
        append(&path, &[1; 32], &head(2)).expect("written");
        assert_eq!(read(&path, &[1; 32]).expect("readable"), [head(1), head(2)]);
    }

    #[test]
    fn a_head_that_was_changed_or_made_by_others_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("heads");
        let head = Head { at: Timestamp(1_772_442_000_123), seq: 12, seal: vec![7; 32] };
        append(&path, &[1; 32], &head).expect("written");
        assert!(matches!(read(&path, &[2; 32]), Err(StoreError::Corrupt { .. })));
        let text = std::fs::read_to_string(&path).expect("the file").replace(" 12 ", " 11 ");
        std::fs::write(&path, text).expect("a changed line");
        assert!(matches!(read(&path, &[1; 32]), Err(StoreError::Corrupt { .. })));
    }
}
