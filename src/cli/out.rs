//! Results on standard output, a line at a time.
//!
//! Not for: messages and progress, which go to standard error.
//!
//! Invariant: whoever reads may close it at any time, as `head` does; the command then ends
//! without a word and without a fault.

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

/// Writes one line.
///
/// # Errors
/// When it cannot be written; see [`is_closed`].
pub fn line(text: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{text}")
}

/// Whether a command failed only because nobody reads its output any more. Pipes and sockets of
/// the program's own wrap their errors in words.
pub fn is_closed(error: &anyhow::Error) -> bool {
    let plain = error.downcast_ref::<io::Error>();
    plain.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_closed_output_is_told_from_every_other_failure() {
        let failed = |kind: ErrorKind| Err::<(), _>(io::Error::from(kind));
        let closed = failed(ErrorKind::BrokenPipe).context("cannot write the list");
        assert!(is_closed(&closed.expect_err("failed")));
        let full = failed(ErrorKind::StorageFull).context("cannot write the list");
        assert!(!is_closed(&full.expect_err("failed")));
        let wrapped = crate::store::error::StoreError::Io {
            what: "write",
            path: "audio".into(),
            source: ErrorKind::BrokenPipe.into(),
        };
        assert!(!is_closed(&wrapped.into()), "no output of the command");
    }
}
