//! The site an act happens at, who acts, and the frame that every act runs in.
//!
//! Not for: any particular act.
//!
//! Invariant: `perform` checks permission, runs the act in one write transaction and appends
//! its audit row in that transaction; `look` reads without the write lock and appends the row
//! before anything is answered; a denial is audited too.

use super::error::WorkflowError;
use super::permission;
use crate::config::Settings;
use crate::domain::audit::{Act, Actor, AuditEvent, Outcome};
use crate::domain::ids::PersonId;
use crate::domain::person::Person;
use crate::domain::scope::Scope;
use crate::domain::time::Timestamp;
use crate::store::audit;
use crate::store::db::{Store, Tx};
use crate::vocab::work_types::WorkTypes;
use std::sync::Arc;
use uuid::Uuid;

/// Reads the time. Tests bring their own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    pub fn system() -> Self {
        Self::new(|| Timestamp(jiff::Timestamp::now().as_millisecond()))
    }

    pub fn new(read: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

/// Everything an act needs: where things are kept, the time, the settings, the work types.
pub struct Site {
    pub store: Store,
    pub clock: Clock,
    pub settings: Settings,
    pub work_types: WorkTypes,
}

/// Who acts, with the person's roles where it is a person.
#[derive(Clone, Debug)]
pub struct Acting {
    pub actor: Actor,
    pub person: Option<Person>,
    /// What the token allows, where a token acts.
    pub scopes: Option<Vec<Scope>>,
}

impl Acting {
    /// Somebody at the machine's own command line.
    pub fn operator(account: impl Into<String>) -> Self {
        Self { actor: Actor::Operator { account: account.into() }, person: None, scopes: None }
    }

    pub fn machine() -> Self {
        Self { actor: Actor::Machine { job: None }, person: None, scopes: None }
    }

    pub fn person_id(&self) -> Option<PersonId> {
        self.person.as_ref().map(|person| person.id)
    }
}

/// A new version 7 UUID (RFC 9562): unique, and sorted by creation.
pub(super) fn new_uuid() -> Uuid {
    Uuid::now_v7()
}

/// What an act adds to its audit row.
#[derive(Default)]
pub(super) struct Record {
    subjects: Vec<String>,
    detail: Vec<(&'static str, String)>,
    is_written: bool,
}

impl Record {
    pub fn subject(&mut self, kind: &str, id: impl std::fmt::Display) {
        self.subjects.push(format!("{kind}:{id}"));
    }

    /// Several at once, each written `kind:id`.
    pub fn subjects(&mut self, subjects: Vec<String>) {
        self.subjects.extend(subjects);
    }

    /// A recent row of the chain, of the same actor, act and subject, stands for this look too.
    pub fn is_written_already(&mut self) {
        self.is_written = true;
    }

    pub fn detail(&mut self, name: &'static str, value: impl std::fmt::Display) {
        self.detail.push((name, value.to_string()));
    }
}

/// Runs one act in its frame.
pub(super) fn perform<T>(
    site: &Site,
    who: &Acting,
    act: Act,
    body: impl FnOnce(&Tx, &mut Record) -> Result<T, WorkflowError>,
) -> Result<T, WorkflowError> {
    perform_part(site, who, act, act, body)
}

/// The same for an act that is a part of another: it is allowed to whoever may do the whole.
pub(super) fn perform_part<T>(
    site: &Site,
    who: &Acting,
    whole: Act,
    act: Act,
    body: impl FnOnce(&Tx, &mut Record) -> Result<T, WorkflowError>,
) -> Result<T, WorkflowError> {
    let mut record = Record::default();
    let allowed = permission::check(who, whole);
    let result = match allowed {
        Err(denied) => Err(denied),
        Ok(()) => site.store.write(|tx| {
            let value = body(tx, &mut record)?;
            append(site, tx, who, act, Outcome::Done, &record)?;
            Ok(value)
        }),
    };
    if let Err(error) = &result
        && error.is_denial()
    {
        refuse(site, who, act, record, error)?;
    }
    result
}

/// Runs an act that only reads. What was read is answered once its audit row is durable: if that
/// cannot be written, nothing is shown. The write lock is held for the row alone, so that many
/// people look at once.
pub(super) fn look<T>(
    site: &Site,
    who: &Acting,
    act: Act,
    body: impl FnOnce(&Tx, &mut Record) -> Result<T, WorkflowError>,
) -> Result<T, WorkflowError> {
    let mut record = Record::default();
    let seen =
        permission::check(who, act).and_then(|()| site.store.read(|tx| body(tx, &mut record)));
    match seen {
        Ok(value) if record.is_written => Ok(value),
        Ok(value) => {
            site.store.write(|tx| append(site, tx, who, act, Outcome::Done, &record))?;
            Ok(value)
        }
        Err(error) => {
            if error.is_denial() {
                refuse(site, who, act, record, &error)?;
            }
            Err(error)
        }
    }
}

/// Runs an act that is open to whoever has proved who they are, such as signing in.
pub(super) fn perform_unchecked<T>(
    site: &Site,
    who: &Acting,
    act: Act,
    mut record: Record,
    body: impl FnOnce(&Tx, &mut Record) -> Result<T, WorkflowError>,
) -> Result<T, WorkflowError> {
    site.store.write(|tx| {
        let value = body(tx, &mut record)?;
        append(site, tx, who, act, Outcome::Done, &record)?;
        Ok(value)
    })
}

/// Audits a refusal in a transaction of its own, the act's having been rolled back.
pub(super) fn refuse(
    site: &Site,
    who: &Acting,
    act: Act,
    mut record: Record,
    error: &WorkflowError,
) -> Result<(), WorkflowError> {
    record.detail("reason", error.reason());
    site.store.write(|tx| append(site, tx, who, act, Outcome::Refused, &record))
}

fn append(
    site: &Site,
    tx: &Tx,
    who: &Acting,
    act: Act,
    outcome: Outcome,
    record: &Record,
) -> Result<(), WorkflowError> {
    let event = AuditEvent {
        at: site.clock.now(),
        actor: who.actor.clone(),
        act,
        outcome,
        subjects: record.subjects.clone(),
        detail: record.detail.clone(),
    };
    audit::append(tx, site.store.audit_key(), &event)?;
    Ok(())
}
