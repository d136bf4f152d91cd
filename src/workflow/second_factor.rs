//! The second factor: time-based codes (RFC 6238) and the recovery codes for a lost device.
//!
//! Not for: passwords (`credentials.rs`) or sessions (`sign_in.rs`).
//!
//! Invariant: a code is accepted once; a factor counts only after its first code has shown that
//! the secret arrived; recovery codes are shown once and kept as digests.

use super::error::WorkflowError;
use super::sight::person_of;
use super::sign_in::confirm_password;
use super::site::{Acting, Site, perform};
use crate::domain::audit::Act;
use crate::domain::digest::Digest;
use crate::domain::person::Person;
use crate::domain::time::Timestamp;
use crate::store::db::Tx;
use crate::store::second_factors;
use secrecy::SecretString;
use totp_rs::{Builder, Totp};

/// Bytes of a secret: the length of a SHA-1 digest, as RFC 4226 section 4 recommends.
const SECRET_BYTES: usize = 20;
/// Recovery codes made at a time.
const RECOVERY_CODES: usize = 10;
/// Random bytes of a recovery code: 80 bits, out of reach of guessing through the pauses.
const RECOVERY_BYTES: usize = 10;
/// The name an authenticator app shows.
const ISSUER: &str = "Chartscribe";

/// A secret on its way to the person's device. Shown once.
pub struct Enrolment {
    /// `otpauth://` address, for a QR code or to be typed.
    pub url: SecretString,
}

/// Makes a new secret for the person; it counts once [`confirm`] has seen a code of it.
///
/// # Errors
/// [`WorkflowError::Conflict`] when a confirmed factor is there; it is removed first.
pub fn begin(site: &Site, who: &Acting) -> Result<Enrolment, WorkflowError> {
    let mut secret = [0u8; SECRET_BYTES];
    getrandom::fill(&mut secret).expect("the operating system gives random bytes");
    let person = person_of(who, Act::EnrolSecondFactor)?;
    perform(site, who, Act::EnrolSecondFactor, |tx, record| {
        record.subject("person", person.id);
        record.detail("step", "begin");
        let before = second_factors::of_person(tx, person.id)?;
        if before.is_some_and(|factor| factor.confirmed) {
            return Err(WorkflowError::conflict("you have a second factor; remove it first"));
        }
        Ok(second_factors::begin(tx, person.id, &secret)?)
    })?;
    let url = totp(&secret, person).to_url();
    let url = url.expect("an issuer and a user name without a colon make an address");
    Ok(Enrolment { url: SecretString::from(url) })
}

/// Confirms the factor with its first code and answers the recovery codes.
///
/// # Errors
/// [`WorkflowError::Invalid`] when the code is wrong.
pub fn confirm(site: &Site, who: &Acting, code: &str) -> Result<Vec<SecretString>, WorkflowError> {
    let person = person_of(who, Act::EnrolSecondFactor)?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| new_recovery_code()).collect();
    let digests: Vec<Digest> = codes.iter().map(|code| recovery_digest(code)).collect();
    let now = site.clock.now();
    perform(site, who, Act::EnrolSecondFactor, |tx, record| {
        record.subject("person", person.id);
        record.detail("step", "confirm");
        if !accepts_time_code(tx, person, code, now)? {
            return Err(WorkflowError::invalid("code", "the code is wrong or was used before"));
        }
        second_factors::confirm(tx, person.id, now)?;
        Ok(second_factors::replace_recovery_codes(tx, person.id, &digests)?)
    })?;
    Ok(codes.into_iter().map(SecretString::from).collect())
}

/// Removes one's own second factor.
///
/// # Errors
/// [`WorkflowError::SignInFailed`] for a wrong password.
pub fn remove(site: &Site, who: &Acting, password: &SecretString) -> Result<(), WorkflowError> {
    let person = person_of(who, Act::RemoveSecondFactor)?;
    confirm_password(site, person, password)?;
    perform(site, who, Act::RemoveSecondFactor, |tx, record| {
        record.subject("person", person.id);
        Ok(second_factors::remove(tx, person.id)?)
    })
}

/// Whether the person has a factor that counts.
pub fn is_enrolled(site: &Site, person: &Person) -> Result<bool, WorkflowError> {
    site.store.read(|tx| {
        Ok(second_factors::of_person(tx, person.id)?.is_some_and(|factor| factor.confirmed))
    })
}

/// Accepts a code of the device or a recovery code, and uses it up.
pub(super) fn accepts(
    tx: &Tx,
    person: &Person,
    code: &str,
    now: Timestamp,
) -> Result<bool, WorkflowError> {
    if accepts_time_code(tx, person, code, now)? {
        return Ok(true);
    }
    let digest = recovery_digest(code);
    Ok(second_factors::use_recovery_code(tx, person.id, digest, now)?)
}

fn accepts_time_code(
    tx: &Tx,
    person: &Person,
    code: &str,
    now: Timestamp,
) -> Result<bool, WorkflowError> {
    let Some(factor) = second_factors::of_person(tx, person.id)? else { return Ok(false) };
    let seconds = u64::try_from(now.0 / 1000).unwrap_or(0);
    let Some(step) = totp(&factor.secret, person).check(code.trim(), seconds) else {
        return Ok(false);
    };
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    Ok(step > factor.used_step && second_factors::use_step(tx, person.id, step)?)
}

/// SHA-1, six digits, 30 s and one step of tolerance: what every authenticator app does
/// (RFC 6238 sections 4 and 5.2).
fn totp(secret: &[u8], person: &Person) -> Totp {
    let builder = Builder::new()
        .with_secret(secret.to_vec())
        .with_account_name(person.username.as_str())
        .with_issuer(Some(ISSUER));
    builder.build().expect("20 bytes, and names without a colon, are within RFC 6238")
}

/// Four groups of five characters of base 16, easily read from paper.
fn new_recovery_code() -> String {
    let mut bytes = [0u8; RECOVERY_BYTES];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    let digits = hex::encode(bytes);
    let groups: Vec<&str> = (0..digits.len()).step_by(5).map(|at| &digits[at..at + 5]).collect();
    groups.join("-")
}

/// The digest of a recovery code however it was typed.
fn recovery_digest(code: &str) -> Digest {
    let digits: String =
        code.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_lowercase()).collect();
    Digest::of(digits.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let code = new_recovery_code();
        assert_eq!(code.len(), 23, "{code}");
        let typed = code.to_uppercase().replace('-', " ");
        assert_eq!(recovery_digest(&typed), recovery_digest(&code));
    }
}
