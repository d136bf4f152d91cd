//! Sessions, API tokens and the count of failed sign-ins.
//!
//! Not for: making or checking secrets; callers pass digests only.
//!
//! Invariant: no token is stored, only its SHA-256; an ended session or token never works again.

use super::columns;
use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::digest::Digest;
use crate::domain::ids::{PersonId, SessionId, TokenId};
use crate::domain::scope::Scope;
use crate::domain::time::Timestamp;

#[derive(Clone, Debug)]
pub struct Session {
    pub id: SessionId,
    pub person: PersonId,
    pub created_at: Timestamp,
    pub used_at: Timestamp,
}

pub fn insert(
    tx: &Tx,
    id: SessionId,
    token: Digest,
    person: PersonId,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into session (id, token_digest, person_id, created_at, used_at)
            values (?1, ?2, ?3, ?4, ?4)",
        params![id, token, person, now],
    )?;
    Ok(())
}

/// The session of a token, unless it was ended.
pub fn live(tx: &Tx, token: Digest) -> Result<Option<Session>, StoreError> {
    tx.one(
        "select id, person_id, created_at, used_at from session
            where token_digest = ?1 and ended_at is null",
        params![token],
        read_session,
    )
}

pub fn touch(tx: &Tx, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("update session set used_at = ?2 where id = ?1", params![id, now])?;
    Ok(())
}

pub fn end(tx: &Tx, id: SessionId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "update session set ended_at = ?2 where id = ?1 and ended_at is null",
        params![id, now],
    )?;
    Ok(())
}

pub fn end_all_of(tx: &Tx, person: PersonId, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "update session set ended_at = ?2 where person_id = ?1 and ended_at is null",
        params![person, now],
    )?;
    Ok(())
}

pub fn insert_token(
    tx: &Tx,
    id: TokenId,
    token: Digest,
    person: PersonId,
    name: &str,
    scopes: &[Scope],
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into api_token (id, token_digest, person_id, name, created_at, scopes)
            values (?1, ?2, ?3, ?4, ?5, ?6)",
        params![id, token, person, name, now, columns::scopes_text(scopes)],
    )?;
    Ok(())
}

/// The id, owner and scopes of an API token, unless it was ended.
pub fn live_token(
    tx: &Tx,
    token: Digest,
) -> Result<Option<(TokenId, PersonId, Vec<Scope>)>, StoreError> {
    tx.one(
        "select id, person_id, scopes from api_token
            where token_digest = ?1 and ended_at is null",
        params![token],
        |row| Ok((row.id(0)?, row.id(1)?, columns::scopes(&row.text(2)?)?)),
    )
}

/// A token as its owner and the administrator see it; never the secret.
#[derive(Clone, Debug)]
pub struct TokenLine {
    pub id: TokenId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

pub fn tokens_of(tx: &Tx, person: PersonId) -> Result<Vec<TokenLine>, StoreError> {
    tx.all(
        "select id, name, scopes, created_at, ended_at from api_token
            where person_id = ?1 order by created_at",
        params![person],
        |row| {
            Ok(TokenLine {
                id: row.id(0)?,
                name: row.text(1)?,
                scopes: columns::scopes(&row.text(2)?)?,
                created_at: row.time(3)?,
                ended_at: row.opt_time(4)?,
            })
        },
    )
}

/// Ends a token; `false` when there is no such live one.
pub fn end_token(tx: &Tx, id: TokenId, now: Timestamp) -> Result<bool, StoreError> {
    let rows = tx.execute(
        "update api_token set ended_at = ?2 where id = ?1 and ended_at is null",
        params![id, now],
    )?;
    Ok(rows == 1)
}

/// Failures counted for a subject, and when the last one was.
pub fn failures(tx: &Tx, subject: &str) -> Result<Option<(u32, Timestamp)>, StoreError> {
    tx.one(
        "select failures, last_at from sign_in_failure where subject = ?1",
        params![subject],
        |row| Ok((row.number(0)?, row.time(1)?)),
    )
}

/// Sets the count; the caller decides when an old count starts anew.
pub fn set_failures(
    tx: &Tx,
    subject: &str,
    failures: u32,
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "insert into sign_in_failure (subject, failures, last_at) values (?1, ?2, ?3)
            on conflict (subject) do update set failures = ?2, last_at = ?3",
        params![subject, failures, now],
    )?;
    Ok(())
}

pub fn clear_failures(tx: &Tx, subject: &str) -> Result<(), StoreError> {
    tx.execute("delete from sign_in_failure where subject = ?1", params![subject])?;
    Ok(())
}

fn read_session(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.id(0)?,
        person: row.id(1)?,
        created_at: row.time(2)?,
        used_at: row.time(3)?,
    })
}
