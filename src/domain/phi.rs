//! `Phi<T>`: a wrapper for protected health information.
//!
//! Not for: encryption or access control. It keeps names, record numbers and report text from
//! reaching a log, an error or a metric by accident.
//!
//! Invariant: no formatting of a `Phi` shows its content; reading it takes a visible `.reveal()`.

use std::fmt;

/// Protected health information (45 CFR 160.103): shown only where `.reveal()` is written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The content, for a place that is entitled to it: the store, a page, an interface.
    pub fn reveal(&self) -> &T {
        &self.0
    }

    pub fn into_revealed(self) -> T {
        self.0
    }
}

impl Phi<String> {
    pub fn text(value: impl Into<String>) -> Self {
        Self(value.into())
    }
}

impl fmt::Debug for Phi<String> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phi(text, {} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_length_and_never_the_content() {
        let name = Phi::text("Quimby");
        assert_eq!(format!("{name:?}"), "Phi(text, 6 bytes)");
        assert_eq!(name.reveal(), "Quimby");
    }
}
