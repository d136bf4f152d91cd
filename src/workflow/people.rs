//! People and API tokens: adding, changing, listing.
//!
//! Not for: signing in (`sign_in.rs`).
//!
//! Invariant: nobody sees a password after it was set, and an API token is shown once.

use super::departments::written;
use super::error::WorkflowError;
use super::sign_in::{end_sessions, hash_password, new_token, token_digest};
use super::site::{Acting, Site, new_uuid, perform};
use crate::domain::audit::Act;
use crate::domain::ids::{PersonId, TokenId};
use crate::domain::person::{Person, Role, Username};
use crate::domain::scope::Scope;
use crate::store::error::StoreError;
use crate::store::sessions::TokenLine;
use crate::store::{people, sessions};
use secrecy::SecretString;

/// The longest display name or credential, in characters.
const NAME_MAX: usize = 100;

pub struct NewPerson {
    pub username: String,
    pub display_name: String,
    pub credential: String,
    pub roles: Vec<Role>,
    /// Name of the department the person belongs to.
    pub department: Option<String>,
    pub password: SecretString,
}

/// Adds a person.
///
/// # Errors
/// [`WorkflowError::Invalid`] names the field that breaks a rule; [`WorkflowError::Conflict`]
/// when the user name is taken.
pub fn add(site: &Site, who: &Acting, new: NewPerson) -> Result<PersonId, WorkflowError> {
    let username = Username::parse(&new.username).ok_or_else(|| {
        WorkflowError::invalid(
            "username",
            "a user name begins with a letter and has letters, digits, '.', '_' or '-' only",
        )
    })?;
    check_name("display_name", &new.display_name)?;
    if new.credential.chars().count() > NAME_MAX {
        return Err(WorkflowError::invalid("credential", "the credential is too long"));
    }
    if new.roles.is_empty() {
        return Err(WorkflowError::invalid("roles", "a person has at least one role"));
    }
    let hash = hash_password(&new.password)?;
    let mut roles = new.roles;
    roles.sort();
    roles.dedup();
    let mut person = Person {
        id: PersonId(new_uuid()),
        username,
        display_name: new.display_name.trim().to_string(),
        credential: new.credential.trim().to_string(),
        roles,
        department: None,
        active: true,
    };
    perform(site, who, Act::AddPerson, |tx, record| {
        record.subject("person", person.id);
        let codes: Vec<&str> = person.roles.iter().map(|role| role.code()).collect();
        record.detail("roles", codes.join(" "));
        person.department = new.department.as_deref().map(|name| written(tx, name)).transpose()?;
        match people::insert(tx, &person, &hash, site.clock.now()) {
            Err(StoreError::Constraint { .. }) => {
                Err(WorkflowError::conflict("the user name is taken"))
            }
            other => Ok(other?),
        }
    })?;
    Ok(person.id)
}

/// Sets a new password and ends the person's sessions.
pub fn set_password(
    site: &Site,
    who: &Acting,
    username: &str,
    password: &SecretString,
) -> Result<(), WorkflowError> {
    let hash = hash_password(password)?;
    perform(site, who, Act::ChangePerson, |tx, record| {
        let person = named(tx, username)?;
        record.subject("person", person.id);
        record.detail("changed", "password");
        people::set_password_hash(tx, person.id, &hash)?;
        end_sessions(tx, person.id, site.clock.now())
    })
}

/// Lets a person in again, or keeps them out and ends their sessions.
pub fn set_active(
    site: &Site,
    who: &Acting,
    username: &str,
    active: bool,
) -> Result<(), WorkflowError> {
    perform(site, who, Act::ChangePerson, |tx, record| {
        let person = named(tx, username)?;
        record.subject("person", person.id);
        record.detail("active", active);
        people::set_active(tx, person.id, active)?;
        end_sessions(tx, person.id, site.clock.now())
    })
}

/// Makes an API token for a person; the answer is the only time it is seen.
pub fn issue_token(
    site: &Site,
    who: &Acting,
    username: &str,
    name: &str,
    scopes: &[Scope],
) -> Result<SecretString, WorkflowError> {
    check_name("name", name)?;
    if scopes.is_empty() {
        return Err(WorkflowError::invalid("scopes", "a token has at least one scope"));
    }
    let token = new_token();
    perform(site, who, Act::IssueToken, |tx, record| {
        let person = named(tx, username)?;
        let id = TokenId(new_uuid());
        record.subject("person", person.id);
        record.subject("token", id);
        let now = site.clock.now();
        let digest = token_digest(&token);
        Ok(sessions::insert_token(tx, id, digest, person.id, name.trim(), scopes, now)?)
    })?;
    Ok(token)
}

/// A person's tokens.
pub fn tokens(site: &Site, who: &Acting, username: &str) -> Result<Vec<TokenLine>, WorkflowError> {
    super::permission::check(who, Act::IssueToken)?;
    site.store.read(|tx| Ok(sessions::tokens_of(tx, named(tx, username)?.id)?))
}

/// Ends a token at once.
///
/// # Errors
/// [`WorkflowError::NotFound`] when there is no such live token.
pub fn revoke_token(site: &Site, who: &Acting, id: TokenId) -> Result<(), WorkflowError> {
    perform(site, who, Act::RevokeToken, |tx, record| {
        record.subject("token", id);
        if sessions::end_token(tx, id, site.clock.now())? {
            Ok(())
        } else {
            Err(WorkflowError::NotFound { what: "token" })
        }
    })
}

/// Everybody, for the person who runs the machine.
///
/// # Errors
/// [`WorkflowError::Forbidden`] for anybody else.
pub fn list(site: &Site, who: &Acting) -> Result<Vec<Person>, WorkflowError> {
    super::permission::check(who, Act::AddPerson)?;
    site.store.read(|tx| Ok(people::all(tx)?))
}

/// Active authors, for the forms in which a dictation's author is chosen.
///
/// # Errors
/// [`WorkflowError::Forbidden`] for those who neither hand in dictations nor have a worklist.
pub fn authors(site: &Site, who: &Acting) -> Result<Vec<Person>, WorkflowError> {
    super::permission::check(who, Act::ReceiveDictation)
        .or_else(|_| super::permission::check(who, Act::ViewWorklist))?;
    site.store.read(|tx| Ok(people::with_role(tx, Role::Author)?))
}

pub(super) fn named(tx: &crate::store::db::Tx, username: &str) -> Result<Person, WorkflowError> {
    let name = Username::parse(username).ok_or(WorkflowError::NotFound { what: "person" })?;
    people::by_username(tx, &name)?.ok_or(WorkflowError::NotFound { what: "person" })
}

fn check_name(field: &'static str, name: &str) -> Result<(), WorkflowError> {
    let length = name.trim().chars().count();
    if (1..=NAME_MAX).contains(&length) && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(WorkflowError::invalid(field, format!("a name has 1 to {NAME_MAX} characters")))
}
