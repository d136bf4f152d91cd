//! What an API token may be used for, within what its person may do.
//!
//! Not for: sessions of people, which have no scope but the person's roles.
//!
//! Invariant: a scope only narrows; no scope gives what the roles do not.

use super::named::named;

named! {
    pub enum Scope {
        /// Hand in dictations and ask how far they are.
        Dictate = "dictate",
        /// Read worklists, reports, recordings and charts.
        Read = "read",
        /// Correct, submit, review and flag. Never sign: a signature needs a person's password.
        Edit = "edit",
        /// Search and export the audit.
        Audit = "audit",
    }
}
