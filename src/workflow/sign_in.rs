//! Signing in and out: passwords, sessions, API tokens.
//!
//! Not for: what a signed-in person may do (`permission.rs`), or cookies (`web`).
//!
//! Invariant: a wrong name and a wrong password take the same time and give the same answer;
//! tokens are 256 random bits, kept only as their SHA-256.

use super::error::WorkflowError;
use super::second_factor;
use super::site::{Acting, Record, Site, new_uuid, perform, refuse};
use crate::domain::audit::{Act, Actor, Door};
use crate::domain::digest::Digest;
use crate::domain::ids::{PersonId, SessionId};
use crate::domain::person::{Person, Role, Username};
use crate::domain::time::Timestamp;
use crate::store::{people, sessions};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};

/// Shortest password, NIST SP 800-63B-4 section 3.1.1.2 for one that stands alone.
pub const PASSWORD_MIN: usize = 15;
/// Longest password, in bytes, so that hashing time is bounded.
pub const PASSWORD_MAX: usize = 512;
/// Failures before a pause is demanded.
const FREE_FAILURES: u32 = 5;
/// The pause after the first failure too many; it doubles with each further one.
const FIRST_PAUSE_MS: i64 = 5_000;
/// The longest pause: short enough that nobody can lock a colleague out for long.
const LONGEST_PAUSE_MS: i64 = 5 * 60_000;
/// Failures older than this are forgotten.
const FAILURES_FORGOTTEN_MS: i64 = 60 * 60_000;
/// How stale the time of last use may be, so that not every request is a write.
const TOUCH_EVERY_MS: i64 = 60_000;

/// Argon2id with the crate's defaults (19 MiB, 2 passes, 1 lane: OWASP's recommendation).
fn argon2() -> Argon2<'static> {
    Argon2::default()
}

/// # Errors
/// [`WorkflowError::Invalid`] when the password is too short or too long.
pub fn hash_password(password: &SecretString) -> Result<String, WorkflowError> {
    let password = password.expose_secret();
    if password.chars().count() < PASSWORD_MIN || password.len() > PASSWORD_MAX {
        return Err(WorkflowError::invalid(
            "password",
            format!(
                "a password has {PASSWORD_MIN} characters or more, at most {PASSWORD_MAX} bytes"
            ),
        ));
    }
    let hash = argon2().hash_password(password.as_bytes());
    Ok(hash.expect("the default parameters and a fresh salt are valid").to_string())
}

fn verifies(password: &SecretString, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    let password = password.expose_secret().as_bytes();
    password.len() <= PASSWORD_MAX && argon2().verify_password(password, &hash).is_ok()
}

/// A hash of no password, compared with where there is no such user, so that both cases cost
/// the same.
fn no_password_hash() -> &'static str {
    static HASH: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        let nothing = SecretString::from("no such person has a password");
        hash_password(&nothing).expect("long enough to be hashed")
    });
    &HASH
}

pub struct SignedIn {
    /// The bearer of this token is the person, until the session ends.
    pub token: SecretString,
    pub person: Person,
}

/// Starts a session. `code` is of the second factor, where the person has one.
///
/// # Errors
/// [`WorkflowError::SignInFailed`]; [`WorkflowError::SecondFactorNeeded`]; or
/// [`WorkflowError::TryLater`] after too many failures from this address for this name.
pub fn sign_in(
    site: &Site,
    username: &str,
    password: &SecretString,
    code: Option<&str>,
    address: &str,
) -> Result<SignedIn, WorkflowError> {
    let unknown = Acting { actor: Actor::Unknown, person: None, scopes: None };
    let subject = failure_subject(username, address);
    let mut record = Record::default();
    if let Err(error) = check_pause(site, &subject) {
        refuse(site, &unknown, Act::SignIn, record, &error)?;
        return Err(error);
    }
    let Some(person) = person_with_password(site, username, password)? else {
        count_failure(site, &subject)?;
        refuse(site, &unknown, Act::SignIn, record, &WorkflowError::SignInFailed)?;
        return Err(WorkflowError::SignInFailed);
    };
    check_second_factor(site, &person, code, &subject)?;
    let token = new_token();
    let session = SessionId(new_uuid());
    record.subject("person", person.id);
    let who = session_actor(person.clone(), session);
    super::site::perform_unchecked(site, &who, Act::SignIn, record, |tx, _| {
        sessions::clear_failures(tx, &subject)?;
        sessions::insert(tx, session, token_digest(&token), person.id, site.clock.now())?;
        Ok(())
    })?;
    Ok(SignedIn { token, person })
}

/// # Errors
/// [`WorkflowError::SecondFactorNeeded`] when a code is missing or wrong; a wrong one counts as a
/// failed sign-in.
fn check_second_factor(
    site: &Site,
    person: &Person,
    code: Option<&str>,
    subject: &str,
) -> Result<(), WorkflowError> {
    if !second_factor::is_enrolled(site, person)? {
        return Ok(());
    }
    let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
        return Err(WorkflowError::SecondFactorNeeded);
    };
    let now = site.clock.now();
    if site.store.write(|tx| second_factor::accepts(tx, person, code, now))? {
        return Ok(());
    }
    count_failure(site, subject)?;
    let unknown = Acting { actor: Actor::Unknown, person: None, scopes: None };
    let error = WorkflowError::SecondFactorNeeded;
    refuse(site, &unknown, Act::SignIn, Record::default(), &error)?;
    Err(error)
}

/// Checks the password of somebody already signed in, before a signature.
///
/// # Errors
/// [`WorkflowError::SignInFailed`] or [`WorkflowError::TryLater`].
pub(super) fn confirm_password(
    site: &Site,
    person: &Person,
    password: &SecretString,
) -> Result<(), WorkflowError> {
    let subject = failure_subject(person.username.as_str(), "signing");
    check_pause(site, &subject)?;
    if person_with_password(site, person.username.as_str(), password)?.is_some() {
        return site.store.write(|tx| Ok(sessions::clear_failures(tx, &subject)?));
    }
    count_failure(site, &subject)?;
    Err(WorkflowError::SignInFailed)
}

/// The person behind a session's token.
///
/// # Errors
/// [`WorkflowError::NotSignedIn`] when the session is unknown, ended, idle or too old.
///
/// `use_of_it` says whether a person did something, or a page asked by itself; only the first
/// keeps an idle session alive.
pub fn by_session(site: &Site, token: &str, use_of_it: Use) -> Result<Acting, WorkflowError> {
    let digest = Digest::of(token.as_bytes());
    let now = site.clock.now();
    let found = site.store.read(|tx| -> Result<_, WorkflowError> {
        let Some(session) = sessions::live(tx, digest)? else { return Ok(None) };
        Ok(people::by_id(tx, session.person)?.map(|person| (session, person)))
    })?;
    let (session, person) = found.ok_or(WorkflowError::NotSignedIn)?;
    let idle_ms = idle_ms(site, &person);
    let absolute_ms = i64::from(site.settings.session_absolute_hours) * 3_600_000;
    let too_idle = now.since(session.used_at) > idle_ms;
    let too_old = now.since(session.created_at) > absolute_ms;
    if too_idle || too_old || !person.active {
        site.store
            .write(|tx| -> Result<_, WorkflowError> { Ok(sessions::end(tx, session.id, now)?) })?;
        return Err(WorkflowError::NotSignedIn);
    }
    if use_of_it == Use::Person && now.since(session.used_at) > TOUCH_EVERY_MS {
        site.store.write(|tx| -> Result<_, WorkflowError> {
            Ok(sessions::touch(tx, session.id, now)?)
        })?;
    }
    Ok(session_actor(person, session.id))
}

/// What a request under a session is a sign of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Person,
    /// A page asking by itself, such as a list that keeps itself fresh.
    Page,
}

/// Signers are idle sooner than others (domain specification 3.11).
fn idle_ms(site: &Site, person: &Person) -> i64 {
    let minutes = if person.has(Role::Author) {
        site.settings.signer_idle_minutes
    } else {
        site.settings.session_idle_minutes
    };
    i64::from(minutes) * 60_000
}

/// The person behind an API token.
///
/// # Errors
/// [`WorkflowError::NotSignedIn`] when the token is unknown or revoked.
pub fn by_token(site: &Site, token: &str) -> Result<Acting, WorkflowError> {
    let digest = Digest::of(token.as_bytes());
    let found = site.store.read(|tx| -> Result<_, WorkflowError> {
        let Some((id, owner, scopes)) = sessions::live_token(tx, digest)? else {
            return Ok(None);
        };
        Ok(people::by_id(tx, owner)?.map(|person| (id, person, scopes)))
    })?;
    let (token, person, scopes) = found.ok_or(WorkflowError::NotSignedIn)?;
    if !person.active {
        return Err(WorkflowError::NotSignedIn);
    }
    let actor = Actor::Person { id: person.id, via: Door::Token(token) };
    Ok(Acting { actor, person: Some(person), scopes: Some(scopes) })
}

/// Ends every session of the person who acts, this one too.
pub fn sign_out_everywhere(site: &Site, who: &Acting) -> Result<(), WorkflowError> {
    let person = who.person_id().ok_or(WorkflowError::NotSignedIn)?;
    perform(site, who, Act::SignOutEverywhere, |tx, record| {
        record.subject("person", person);
        end_sessions(tx, person, site.clock.now())
    })
}

/// Ends the session that acts.
pub fn sign_out(site: &Site, who: &Acting) -> Result<(), WorkflowError> {
    let Actor::Person { via: Door::Session(session), .. } = who.actor else { return Ok(()) };
    perform(site, who, Act::SignOut, |tx, _| Ok(sessions::end(tx, session, site.clock.now())?))
}

/// A new secret of 256 random bits, as 64 hexadecimal digits.
pub(super) fn new_token() -> SecretString {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    SecretString::from(hex::encode(bytes))
}

pub(super) fn token_digest(token: &SecretString) -> Digest {
    Digest::of(token.expose_secret().as_bytes())
}

fn session_actor(person: Person, session: SessionId) -> Acting {
    let actor = Actor::Person { id: person.id, via: Door::Session(session) };
    Acting { actor, person: Some(person), scopes: None }
}

fn person_with_password(
    site: &Site,
    username: &str,
    password: &SecretString,
) -> Result<Option<Person>, WorkflowError> {
    let found = site.store.read(|tx| -> Result<_, WorkflowError> {
        let Some(name) = Username::parse(username) else { return Ok(None) };
        let Some(person) = people::by_username(tx, &name)? else { return Ok(None) };
        let hash = people::password_hash(tx, person.id)?;
        Ok(hash.filter(|_| person.active).map(|hash| (person, hash)))
    })?;
    match found {
        Some((person, hash)) => Ok(verifies(password, &hash).then_some(person)),
        None => {
            verifies(password, no_password_hash());
            Ok(None)
        }
    }
}

/// Failures are counted per name and address together: a stranger elsewhere cannot lock
/// a colleague out.
pub(super) fn failure_subject(username: &str, address: &str) -> String {
    let name = Username::parse(username).map(|name| name.to_string()).unwrap_or_default();
    format!("{name}@{address}")
}

pub(super) fn check_pause(site: &Site, subject: &str) -> Result<(), WorkflowError> {
    let now = site.clock.now();
    let failures = site
        .store
        .read(|tx| -> Result<_, WorkflowError> { Ok(sessions::failures(tx, subject)?) })?;
    let Some((count, last)) = failures else { return Ok(()) };
    let left = last.plus_ms(pause_ms(count)).since(now);
    if left <= 0 {
        return Ok(());
    }
    let seconds = u32::try_from((left + 999) / 1000).unwrap_or(u32::MAX);
    Err(WorkflowError::TryLater { seconds })
}

/// The pause demanded after so many failures.
fn pause_ms(failures: u32) -> i64 {
    if failures < FREE_FAILURES {
        return 0;
    }
    let doublings = (failures - FREE_FAILURES).min(16);
    (FIRST_PAUSE_MS << doublings).min(LONGEST_PAUSE_MS)
}

pub(super) fn count_failure(site: &Site, subject: &str) -> Result<(), WorkflowError> {
    let now = site.clock.now();
    site.store.write(|tx| {
        let before = sessions::failures(tx, subject)?;
        let recent = |(_, last): &(u32, Timestamp)| now.since(*last) < FAILURES_FORGOTTEN_MS;
        let count = before.filter(recent).map_or(0, |(count, _)| count);
        Ok(sessions::set_failures(tx, subject, count.saturating_add(1), now)?)
    })
}

/// Ends every session of a person.
pub(super) fn end_sessions(
    tx: &crate::store::db::Tx,
    person: PersonId,
    now: Timestamp,
) -> Result<(), WorkflowError> {
    Ok(sessions::end_all_of(tx, person, now)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_and_stays_bearable() {
        let pauses: Vec<i64> = (3..14).map(pause_ms).collect();
        assert_eq!(
            pauses,
            [0, 0, 5000, 10000, 20000, 40000, 80000, 160000, 300000, 300000, 300000]
        );
    }

    #[test]
    fn passwords_verify_against_their_own_hash_only() {
        let password = SecretString::from("correct horse battery");
        let hash = hash_password(&password).expect("long enough");
        assert!(hash.starts_with("$argon2id$"));
        assert!(verifies(&password, &hash));
        assert!(!verifies(&SecretString::from("correct horse batterY"), &hash));
        assert!(!verifies(&password, "not a hash"));
        assert!(hash_password(&SecretString::from("short")).is_err());
    }
}
