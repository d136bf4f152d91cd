//! Signatures: who answers for exactly which text.
//!
//! Not for: checking a password (`workflow/sign_in.rs`).
//!
//! Invariant: a signature names one version and the SHA-256 of the text that was seen, and is
//! never changed (domain specification 3.6; 21 CFR 11.50 and 11.70 as benchmark).

use super::digest::Digest;
use super::ids::{PersonId, ReportId, SignatureId};
use super::named::named;
use super::time::Timestamp;

named! {
    /// What the signer declares by signing.
    pub enum Meaning {
        Author = "author",
        Cosigner = "cosigner",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    pub id: SignatureId,
    pub report: ReportId,
    pub version: u32,
    pub signer: PersonId,
    pub meaning: Meaning,
    /// Name and credential as printed, kept as they were on the day.
    pub printed_name: String,
    pub at: Timestamp,
    /// Minutes east of UTC at the site when signed.
    pub utc_offset_minutes: i32,
    pub digest: Digest,
}
