//! An error with all its causes on one line.
//!
//! Not for: errors of `anyhow`, whose `{:#}` does the same.
//!
//! Invariant: each message is there once, outermost first. No error of this program holds PHI,
//! so neither does the line.

use std::error::Error;

/// `error: its cause: the cause of that`.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot open the book")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn causes_follow_the_error_they_caused() {
        let error = Outer(std::io::Error::other("the lock is rusty"));
        assert_eq!(chain(&error), "cannot open the book: the lock is rusty");
    }
}
