//! Passwords: changing one's own, and resetting a colleague's without ever seeing it.
//!
//! Not for: checking a password (`sign_in.rs`).
//!
//! Invariant: a change ends every session of the person; the code of a reset works once, within
//! an hour, and the administrator who hands it over never learns the password it sets.

use super::error::WorkflowError;
use super::people::named;
use super::sight::person_of;
use super::sign_in::{
    check_pause, confirm_password, count_failure, end_sessions, failure_subject, hash_password,
    new_token, token_digest,
};
use super::site::{Acting, Record, Site, perform, perform_unchecked, refuse};
use crate::domain::audit::{Act, Actor};
use crate::domain::person::Username;
use crate::store::{people, second_factors};
use secrecy::{ExposeSecret, SecretString};

/// How long the code of a reset works.
const RESET_MS: i64 = 60 * 60_000;
/// Characters of a reset code: 96 random bits.
const RESET_CODE: usize = 24;

/// Changes one's own password. Every session ends, this one too.
///
/// # Errors
/// [`WorkflowError::SignInFailed`] when the present password is wrong.
pub fn change_password(
    site: &Site,
    who: &Acting,
    present: &SecretString,
    new: &SecretString,
) -> Result<(), WorkflowError> {
    let person = person_of(who, Act::ChangePassword)?;
    super::permission::check(who, Act::ChangePassword)?;
    if let Err(error) = confirm_password(site, person, present) {
        refuse(site, who, Act::ChangePassword, Record::default(), &error)?;
        return Err(error);
    }
    let hash = hash_password(new)?;
    perform(site, who, Act::ChangePassword, |tx, record| {
        record.subject("person", person.id);
        people::set_password_hash(tx, person.id, &hash)?;
        end_sessions(tx, person.id, site.clock.now())
    })
}

/// Makes a code with which the person sets a new password, shown once to who hands it over.
pub fn begin_reset(
    site: &Site,
    who: &Acting,
    username: &str,
) -> Result<SecretString, WorkflowError> {
    let code = SecretString::from(new_token().expose_secret()[..RESET_CODE].to_string());
    perform(site, who, Act::ResetPassword, |tx, record| {
        let person = named(tx, username)?;
        record.subject("person", person.id);
        let expires = site.clock.now().plus_ms(RESET_MS);
        Ok(second_factors::set_reset(tx, person.id, token_digest(&code), expires)?)
    })?;
    Ok(code)
}

/// Sets a new password with the code of a reset. Every session ends.
///
/// # Errors
/// [`WorkflowError::SignInFailed`] when the code is not this person's, was used or has expired.
pub fn finish_reset(
    site: &Site,
    username: &str,
    code: &SecretString,
    new: &SecretString,
    address: &str,
) -> Result<(), WorkflowError> {
    let subject = failure_subject(username, address);
    check_pause(site, &subject)?;
    let hash = hash_password(new)?;
    let now = site.clock.now();
    let unknown = Acting { actor: Actor::Unknown, person: None, scopes: None };
    let changed =
        perform_unchecked(site, &unknown, Act::ChangePassword, Record::default(), |tx, record| {
            let name = Username::parse(username).ok_or(WorkflowError::SignInFailed)?;
            let person = people::by_username(tx, &name)?.ok_or(WorkflowError::SignInFailed)?;
            record.subject("person", person.id);
            record.detail("by", "reset-code");
            let code = SecretString::from(code.expose_secret().trim().to_string());
            if !second_factors::use_reset(tx, person.id, token_digest(&code), now)? {
                return Err(WorkflowError::SignInFailed);
            }
            people::set_password_hash(tx, person.id, &hash)?;
            end_sessions(tx, person.id, now)
        });
    if let Err(error) = &changed
        && error.is_denial()
    {
        count_failure(site, &subject)?;
        refuse(site, &unknown, Act::ChangePassword, Record::default(), error)?;
    }
    changed
}
