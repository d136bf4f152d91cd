//! Signing, cosigning and filing, and addenda to what was signed.
//!
//! Not for: anything before the report awaits its signature (`review.rs`).
//!
//! Invariant: a signature is given by the author, with the password, to the newest version whose
//! digest the author saw, with nothing open; a delegate never signs, nobody cosigns their own
//! report; with the last required signature the report is in the chart, in the same transaction
//! (domain specification 3.6; 42 CFR 482.24(c)(1)).

use super::error::WorkflowError;
use super::queue::Each;
use super::reading::{current_text, is_open};
use super::sight::{changeable, person_of, visible};
use super::sign_in::confirm_password;
use super::site::{Acting, Record, Site, new_uuid, perform, refuse};
use crate::domain::audit::Act;
use crate::domain::digest::Digest;
use crate::domain::ids::{PersonId, ReportId, SignatureId};
use crate::domain::person::Person;
use crate::domain::phi::Phi;
use crate::domain::report::{
    Availability, Completion, Event, Relation, Report, Stage, Version, VersionMaker,
};
use crate::domain::signature::{Meaning, Signature};
use crate::domain::time::Timestamp;
use crate::fault;
use crate::store::db::Tx;
use crate::store::{audit, chart, flags, reports, standing};
use secrecy::SecretString;

/// Signs and files a report.
///
/// # Errors
/// [`WorkflowError::SignInFailed`] for a wrong password; [`WorkflowError::Stale`] when a newer
/// version exists; [`WorkflowError::Conflict`] when something is open or the patient unknown.
pub fn sign(
    site: &Site,
    who: &Acting,
    id: ReportId,
    version: u32,
    seen: Digest,
    password: &SecretString,
) -> Result<(), WorkflowError> {
    give(site, who, Meaning::Author, id, version, seen, password)
}

/// Gives the second of two required signatures, and files the report.
///
/// # Errors
/// As [`sign`]; [`WorkflowError::Forbidden`] for anybody but the named cosigner.
pub fn cosign(
    site: &Site,
    who: &Acting,
    id: ReportId,
    version: u32,
    seen: Digest,
    password: &SecretString,
) -> Result<(), WorkflowError> {
    give(site, who, Meaning::Cosigner, id, version, seen, password)
}

/// The frame of both signatures: password, the signer's report, what was seen, the signature, and
/// what follows from it.
fn give(
    site: &Site,
    who: &Acting,
    meaning: Meaning,
    id: ReportId,
    version: u32,
    seen: Digest,
    password: &SecretString,
) -> Result<(), WorkflowError> {
    let person = confirmed(site, who, act_of(meaning), id, password)?;
    write(site, who, person, meaning, &Seen { report: id, version, digest: seen }, Batch::One)
}

/// A text as its signer saw it.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    pub report: ReportId,
    pub version: u32,
    /// Of the text.
    pub digest: Digest,
}

/// The most reports of one batch.
pub const BATCH_MAX: usize = 50;

/// Signs several reports, the password given once: those with the author as their author, those
/// that await their cosignature as its cosigner. Each is signed or refused by itself.
///
/// # Errors
/// [`WorkflowError::SignInFailed`] for a wrong password. Of one report: as [`sign`], and
/// [`WorkflowError::Conflict`] for a text that was not opened in this session.
pub fn sign_each(
    site: &Site,
    who: &Acting,
    seen: &[Seen],
    password: &SecretString,
) -> Result<Each, WorkflowError> {
    let [first, ..] = seen else {
        return Err(WorkflowError::invalid("reports", "name what is to be signed"));
    };
    if seen.len() > BATCH_MAX {
        let message = format!("at most {BATCH_MAX} reports at a time");
        return Err(WorkflowError::invalid("reports", message));
    }
    let person = confirmed(site, who, Act::SignReport, first.report, password)?;
    let mut results = Vec::new();
    for one in seen {
        let found = site.store.read(|tx| reports::by_id(tx, one.report))?;
        let meaning = match found {
            Some(report) if report.stage == Stage::WithCosigner => Meaning::Cosigner,
            _ => Meaning::Author,
        };
        results.push((one.report, write(site, who, person, meaning, one, Batch::Several)));
    }
    Ok(results)
}

fn act_of(meaning: Meaning) -> Act {
    match meaning {
        Meaning::Author => Act::SignReport,
        Meaning::Cosigner => Act::CosignReport,
    }
}

/// Whether a signature is one of several that one password gives.
#[derive(Clone, Copy, PartialEq)]
enum Batch {
    One,
    Several,
}

/// Writes the signature of a person who is confirmed, and what follows from it.
fn write(
    site: &Site,
    who: &Acting,
    person: &Person,
    meaning: Meaning,
    seen: &Seen,
    batch: Batch,
) -> Result<(), WorkflowError> {
    let act = act_of(meaning);
    let Seen { report: id, version, digest: seen } = *seen;
    perform(site, who, act, |tx, record| {
        record.subject("report", id);
        record.detail("version", version);
        if batch == Batch::Several && !audit::has_opened(tx, &who.actor, id, version)? {
            return Err(WorkflowError::conflict(
                "this version was not opened in this session; open and read it first",
            ));
        }
        let report = to_be_signed(site, tx, who, act, id, person, meaning)?;
        check_signable(tx, &report, version, seen)?;
        write_signature(site, tx, &report, person, meaning, seen)?;
        record.detail("digest", seen);
        let second = match meaning {
            Meaning::Author => standing::cosigner(tx, person.id)?,
            Meaning::Cosigner => None,
        };
        match second {
            Some(cosigner) => await_cosigner(tx, report, cosigner)?,
            None => complete(site, tx, report)?,
        }
        fault::point("sign-before-commit");
        Ok(())
    })?;
    fault::point("sign-committed");
    Ok(())
}

/// The report, if this person gives it this signature now.
fn to_be_signed(
    site: &Site,
    tx: &Tx,
    who: &Acting,
    act: Act,
    id: ReportId,
    person: &Person,
    meaning: Meaning,
) -> Result<Report, WorkflowError> {
    let (report, is_theirs) = match meaning {
        Meaning::Author => {
            let report = changeable(site, tx, who, act, id)?;
            let own = report.author == person.id;
            (report, own)
        }
        Meaning::Cosigner => {
            let (report, _) = visible(site, tx, who, act, id)?;
            let named = report.stage == Stage::WithCosigner && report.assignee == Some(person.id);
            let own = report.author == person.id;
            (report, named && !own)
        }
    };
    if is_theirs { Ok(report) } else { Err(WorkflowError::Forbidden { act }) }
}

fn await_cosigner(tx: &Tx, mut report: Report, cosigner: PersonId) -> Result<(), WorkflowError> {
    report.completion = report.completion.after(Event::SignFirst)?;
    report.stage = Stage::WithCosigner;
    report.assignee = Some(cosigner);
    Ok(reports::update(tx, &report)?)
}

/// The person who signs, once their password has been given again.
fn confirmed<'a>(
    site: &Site,
    who: &'a Acting,
    act: Act,
    id: ReportId,
    password: &SecretString,
) -> Result<&'a Person, WorkflowError> {
    super::permission::check(who, act)?;
    let person = person_of(who, act)?;
    if let Err(error) = confirm_password(site, person, password) {
        let mut record = Record::default();
        record.subject("report", id);
        refuse(site, who, act, record, &error)?;
        return Err(error);
    }
    Ok(person)
}

fn write_signature(
    site: &Site,
    tx: &Tx,
    report: &Report,
    person: &Person,
    meaning: Meaning,
    seen: Digest,
) -> Result<(), WorkflowError> {
    let now = site.clock.now();
    let signature = Signature {
        id: SignatureId(new_uuid()),
        report: report.id,
        version: report.version,
        signer: person.id,
        meaning,
        printed_name: person.signature_name(),
        at: now,
        utc_offset_minutes: utc_offset_minutes(now),
        digest: seen,
    };
    Ok(chart::insert_signature(tx, &signature)?)
}

/// All required signatures are there: the report is filed to the chart.
fn complete(site: &Site, tx: &Tx, mut report: Report) -> Result<(), WorkflowError> {
    let patient = report.patient.ok_or_else(no_patient)?;
    report.completion = report.completion.after(Event::Sign)?.after(Event::CompleteSignatures)?;
    report.availability = Availability::Available;
    report.stage = Stage::Done;
    report.assignee = None;
    reports::update(tx, &report)?;
    Ok(chart::file(tx, report.id, patient, report.encounter, site.clock.now())?)
}

fn check_signable(
    tx: &Tx,
    report: &Report,
    version: u32,
    seen: Digest,
) -> Result<(), WorkflowError> {
    if report.version != version {
        return Err(WorkflowError::Stale { current: report.version });
    }
    let text = current_text(tx, report)?;
    if Digest::of(text.as_bytes()) != seen {
        return Err(WorkflowError::Stale { current: report.version });
    }
    if text.trim().is_empty() {
        return Err(WorkflowError::invalid("text", "an empty report cannot be signed"));
    }
    if is_open(&flags::of_report(tx, report.id)?, &text) {
        return Err(WorkflowError::conflict(
            "a blank or a flag is open; settle it before you sign",
        ));
    }
    if report.patient.is_none() {
        return Err(no_patient());
    }
    Ok(())
}

fn no_patient() -> WorkflowError {
    WorkflowError::conflict("say first which patient the report is about")
}

/// The site's offset from UTC at an instant, as a signature prints it (21 CFR 11.50(a)(2)).
fn utc_offset_minutes(at: Timestamp) -> i32 {
    let instant = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    jiff::tz::TimeZone::system().to_offset(instant).seconds() / 60
}

/// Begins an addendum to one's own signed report: a report of its own, with its own signature.
///
/// # Errors
/// [`WorkflowError::Conflict`] when the report is not signed or not one's own.
pub fn begin_addendum(
    site: &Site,
    who: &Acting,
    parent: ReportId,
) -> Result<ReportId, WorkflowError> {
    let now = site.clock.now();
    perform(site, who, Act::BeginAddendum, |tx, record| {
        let (parent, eyes) = visible(site, tx, who, Act::BeginAddendum, parent)?;
        if !parent.completion.is_signed() || parent.author != eyes.person.id {
            return Err(WorkflowError::conflict(
                "an addendum is written to one's own signed report",
            ));
        }
        let addendum = addendum_row(&parent, now);
        reports::insert(tx, &addendum)?;
        reports::insert_version(tx, &empty_version(&addendum, who, now))?;
        record.subject("report", addendum.id);
        record.subject("report", parent.id);
        Ok(addendum.id)
    })
}

/// An addendum is in its author's hands from the start and is signed like any report.
fn addendum_row(parent: &Report, now: Timestamp) -> Report {
    Report {
        id: ReportId(new_uuid()),
        dictation: None,
        relation: Relation::Addendum,
        parent: Some(parent.id),
        completion: Completion::AwaitingSignature,
        availability: Availability::Unavailable,
        stage: Stage::WithAuthor,
        assignee: None,
        version: 0,
        created_at: now,
        due_at: now,
        ..parent.clone()
    }
}

fn empty_version(report: &Report, who: &Acting, now: Timestamp) -> Version {
    Version {
        report: report.id,
        number: 1,
        text: Phi::text(""),
        digest: Digest::of(b""),
        maker: VersionMaker::Person,
        by: who.person_id(),
        at: now,
    }
}
