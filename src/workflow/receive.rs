//! Receiving a recording: checked, stored encrypted, and written down with its report and job.
//!
//! Not for: HTTP forms or files on disk; callers bring the fields and pour the bytes.
//!
//! Invariant: what is answered with an id is durable: the audio is on disk before its row, and
//! dictation, report, job and audit row are one transaction. What is refused leaves nothing.

use super::answering;
use super::error::WorkflowError;
use super::particulars::{Particulars, given};
use super::site::{Acting, Record, Site, new_uuid, perform_part, refuse};
use crate::audio::{self, Format, Inspection};
use crate::domain::audit::{Act, Actor};
use crate::domain::dictation::{Audio, AudioFormat, Dictation, Origin, Priority};
use crate::domain::digest::Digest;
use crate::domain::flag::{FlagKind, QaFlag, ReportFlag};
use crate::domain::ids::{DictationId, FlagId, JobId, PersonId, ReportId};
use crate::domain::phi::Phi;
use crate::domain::report::{Availability, Completion, Relation, Report, Stage};
use crate::domain::take::Answering;
use crate::domain::time::Timestamp;
use crate::fault;
use crate::store::blob::{BlobWriter, StagedBlob};
use crate::store::db::Tx;
use crate::store::error::StoreError;
use crate::store::{dictations, flags, jobs, reports};
use std::io::{self, Write};

/// A recording of the same author with the same bytes within 30 days is the same dictation
/// (domain specification 5.3).
const SAME_AUDIO_MS: i64 = 30 * 24 * 3_600_000;
/// The longest Idempotency-Key, in bytes.
const KEY_MAX: usize = 200;

/// What was said about a recording by whoever handed it in.
#[derive(Clone, Debug)]
pub struct Reception {
    /// User name of the author; the acting author where it is missing.
    pub author: Option<String>,
    pub mrn: Option<String>,
    /// The visit number.
    pub encounter: Option<String>,
    pub work_type: Option<String>,
    pub priority: Option<String>,
    /// RFC 3339.
    pub dictated_at: Option<String>,
    /// Only its extension is looked at; the name is not kept.
    pub file_name: Option<String>,
    pub idempotency_key: Option<String>,
    pub origin: Origin,
    /// Whoever recorded it did not say that it is complete.
    pub unfinished: bool,
}

impl Reception {
    /// Of which only the origin is known.
    pub fn of(origin: Origin) -> Self {
        Self {
            author: None,
            mrn: None,
            encounter: None,
            work_type: None,
            priority: None,
            dictated_at: None,
            file_name: None,
            idempotency_key: None,
            origin,
            unfinished: false,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Received {
    pub dictation: DictationId,
    pub report: ReportId,
    pub duration_ms: u32,
    /// The same upload was received before; this is that dictation.
    pub repeated: bool,
    pub flags: Vec<FlagKind>,
}

/// A recording on its way in: pour the bytes, then call [`receive`]. Dropping it forgets them.
pub struct Upload {
    blob: BlobWriter,
    bytes: u64,
    limit: u64,
}

impl Upload {
    /// Whether more was poured than the site allows.
    pub fn is_too_large(&self) -> bool {
        self.bytes > self.limit
    }
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes + bytes.len() as u64 > self.limit {
            self.bytes = self.limit + 1;
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "the recording is larger than the limit",
            ));
        }
        let written = self.blob.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.blob.flush()
    }
}

/// Opens a place for a recording's bytes.
///
/// # Errors
/// [`WorkflowError::Forbidden`] for those who may not hand in recordings.
pub fn begin_upload(site: &Site, who: &Acting) -> Result<Upload, WorkflowError> {
    begin_upload_of(site, who, false)
}

/// The same, of a recording that answers a blank where `answers`.
pub(super) fn begin_upload_of(
    site: &Site,
    who: &Acting,
    answers: bool,
) -> Result<Upload, WorkflowError> {
    let whole = answering::whole(who, answers, Act::ReceiveDictation);
    if let Err(error) = super::permission::check(who, whole) {
        refuse(site, who, Act::ReceiveDictation, Record::default(), &error)?;
        return Err(error);
    }
    let blob = site.store.blobs().begin()?;
    Ok(Upload { blob, bytes: 0, limit: site.settings.limits.max_upload_bytes })
}

/// Why bytes could not be written into a place in the store.
pub(super) fn not_written(site: &Site, source: io::Error) -> WorkflowError {
    let what = "write the recording in";
    let path = site.settings.data.clone();
    let wrapped = source.downcast::<StoreError>();
    WorkflowError::Store(wrapped.unwrap_or_else(|source| match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => StoreError::Io { what, path, source },
    }))
}

/// Why bytes could not be poured into an upload.
pub fn not_poured(site: &Site, upload: &Upload, source: io::Error) -> WorkflowError {
    if upload.is_too_large() {
        return WorkflowError::TooLarge { limit_bytes: upload.limit };
    }
    not_written(site, source)
}

/// Takes a recording in.
///
/// # Errors
/// [`WorkflowError::Invalid`] names a field that is wrong; [`WorkflowError::Unusable`] says why
/// the audio is refused; [`WorkflowError::Conflict`] when the upload key or the audio is known
/// with other particulars. Nothing is stored in any of these cases.
pub fn receive(
    site: &Site,
    who: &Acting,
    reception: Reception,
    upload: Upload,
) -> Result<Received, WorkflowError> {
    receive_with(site, who, reception, upload, None, |_, _| Ok(()))
}

/// The same, with something more that belongs into the one transaction. A recording that answers
/// a blank, by the person named, becomes no report of its own.
pub(super) fn receive_with(
    site: &Site,
    who: &Acting,
    reception: Reception,
    upload: Upload,
    answers: Option<(Answering, PersonId)>,
    more: impl FnOnce(&Tx, &Received) -> Result<(), WorkflowError>,
) -> Result<Received, WorkflowError> {
    if upload.is_too_large() {
        return Err(WorkflowError::TooLarge { limit_bytes: upload.limit });
    }
    let result = take_in(site, who, &reception, upload, answers, more);
    if let Err(error) = &result
        && !error.is_denial()
    {
        refuse(site, who, Act::RefuseDictation, Record::default(), error)?;
    }
    result
}

fn take_in(
    site: &Site,
    who: &Acting,
    reception: &Reception,
    upload: Upload,
    answers: Option<(Answering, PersonId)>,
    more: impl FnOnce(&Tx, &Received) -> Result<(), WorkflowError>,
) -> Result<Received, WorkflowError> {
    let particulars = Particulars::read(site, who, reception)?;
    let staged = upload.blob.finish()?;
    let inspection = inspect(site, &staged)?;
    let (digest, bytes) = (staged.digest, staged.bytes);
    let new = NewDictation { particulars, inspection, digest, bytes, answers };
    if let Some(known) = already_received(site, who, reception, &new)? {
        site.store.write(|tx| more(tx, &known))?;
        return Ok(known);
    }
    // The file is durable under its final name before any row speaks of it. A crash between the
    // two leaves a file that nobody was told of, which the sweep removes.
    staged.keep()?;
    fault::point("receive-audio-kept");
    let whole = answering::whole(who, new.answers.is_some(), Act::ReceiveDictation);
    let received = perform_part(site, who, whole, Act::ReceiveDictation, |tx, record| {
        // Asked again inside the transaction: two uploads under one key may race to here.
        if let Some(known) = find_known(tx, who, reception, &new, site.clock.now())? {
            record.subject("dictation", known.dictation);
            more(tx, &known)?;
            return Ok(known);
        }
        let received = write_down(site, tx, who, reception, &new, record)?;
        more(tx, &received)?;
        Ok(received)
    })?;
    fault::point("receive-committed");
    Ok(received)
}

struct NewDictation {
    particulars: Particulars,
    inspection: Inspection,
    digest: Digest,
    bytes: u64,
    answers: Option<(Answering, PersonId)>,
}

fn inspect(site: &Site, staged: &StagedBlob) -> Result<Inspection, WorkflowError> {
    let limits = audio::Limits { max_duration_ms: site.settings.limits.max_audio_ms };
    let mut reader = staged.reader()?;
    audio::inspect(&mut reader, &limits).map_err(|source| WorkflowError::Unusable { source })
}

fn already_received(
    site: &Site,
    who: &Acting,
    reception: &Reception,
    new: &NewDictation,
) -> Result<Option<Received>, WorkflowError> {
    site.store.read(|tx| find_known(tx, who, reception, new, site.clock.now()))
}

/// The dictation that this upload repeats, by its key or by its bytes.
fn find_known(
    tx: &Tx,
    who: &Acting,
    reception: &Reception,
    new: &NewDictation,
    now: Timestamp,
) -> Result<Option<Received>, WorkflowError> {
    if let Some(key) = upload_key(reception)?
        && let Some((dictation, digest)) = dictations::by_upload_key(tx, &uploader(who), key)?
    {
        if digest != new.digest {
            return Err(WorkflowError::conflict(
                "this Idempotency-Key was used for another recording; use a new one",
            ));
        }
        return Ok(Some(repeated(tx, dictation)?));
    }
    if new.answers.is_some() {
        return Ok(None);
    }
    let since = now.plus_ms(-SAME_AUDIO_MS);
    let author = new.particulars.author;
    let Some(id) = dictations::same_audio(tx, author, new.digest, since)? else {
        return Ok(None);
    };
    let known = dictations::by_id(tx, id)?.ok_or(WorkflowError::NotFound { what: "dictation" })?;
    // What was not said this time contradicts nothing.
    let particulars = &new.particulars;
    let same = (particulars.mrn.is_none() || known.given_mrn == particulars.mrn)
        && (particulars.encounter.is_none() || known.encounter == particulars.encounter)
        && (given(&reception.work_type).is_none() || known.work_type == particulars.work_type);
    if !same {
        return Err(WorkflowError::conflict(
            "this recording was received before with another patient, encounter or work type; \
             correct that report instead of sending the recording again",
        ));
    }
    Ok(Some(repeated(tx, id)?))
}

pub(super) fn repeated(tx: &Tx, id: DictationId) -> Result<Received, WorkflowError> {
    let missing = || WorkflowError::NotFound { what: "dictation" };
    let dictation = dictations::by_id(tx, id)?.ok_or_else(missing)?;
    let report = reports::of_dictation(tx, id)?.ok_or_else(missing)?;
    let flags = flags::of_report(tx, report.id)?.iter().map(|flag| flag.flag.kind).collect();
    Ok(Received {
        dictation: id,
        report: report.id,
        duration_ms: dictation.audio.duration_ms,
        repeated: true,
        flags,
    })
}

fn upload_key(reception: &Reception) -> Result<Option<&str>, WorkflowError> {
    let key = given(&reception.idempotency_key);
    match key {
        Some(key) if key.len() > KEY_MAX => Err(WorkflowError::invalid(
            "idempotency_key",
            format!("an Idempotency-Key has at most {KEY_MAX} bytes"),
        )),
        key => Ok(key),
    }
}

/// Upload keys belong to whoever uploads, so that nobody can ask after another's.
pub(super) fn uploader(who: &Acting) -> String {
    match &who.actor {
        Actor::Person { id, .. } => format!("person:{id}"),
        Actor::Operator { account } => format!("operator:{account}"),
        Actor::Machine { .. } | Actor::Unknown => "machine".into(),
    }
}

/// Writes dictation, report, flags, job and upload key.
fn write_down(
    site: &Site,
    tx: &Tx,
    who: &Acting,
    reception: &Reception,
    new: &NewDictation,
    record: &mut Record,
) -> Result<Received, WorkflowError> {
    let now = site.clock.now();
    let dictation = dictation_row(site, reception, new, now);
    dictations::insert(tx, &dictation, who.person_id())?;
    let (report, found) = match new.answers {
        Some((about, by)) => (answering::write_down(tx, by, &dictation, about)?, Vec::new()),
        None => write_report(site, tx, &dictation, intake_flags(reception, new))?,
    };
    let attempts = site.settings.transcription_attempts;
    jobs::insert(tx, JobId(new_uuid()), dictation.id, dictation.priority, attempts, now)?;
    if let Some(key) = upload_key(reception)? {
        dictations::insert_upload_key(tx, &uploader(who), key, dictation.id, new.digest)?;
    }
    record.subject("dictation", dictation.id);
    record.subject("report", report);
    record.detail("origin", reception.origin.code());
    fault::point("receive-before-commit");
    Ok(Received {
        dictation: dictation.id,
        report,
        duration_ms: dictation.audio.duration_ms,
        repeated: false,
        flags: found.iter().map(|flag| flag.kind).collect(),
    })
}

/// Writes the report of a dictation, with what was found about it.
fn write_report(
    site: &Site,
    tx: &Tx,
    dictation: &Dictation,
    found: Vec<QaFlag>,
) -> Result<(ReportId, Vec<QaFlag>), WorkflowError> {
    let report = report_row(site, dictation);
    reports::insert(tx, &report)?;
    for flag in &found {
        let flag = ReportFlag {
            id: FlagId(new_uuid()),
            flag: flag.clone(),
            raised_by: None,
            raised_at: dictation.received_at,
            settled: None,
        };
        flags::insert(tx, report.id, &flag)?;
    }
    Ok((report.id, found))
}

fn dictation_row(
    site: &Site,
    reception: &Reception,
    new: &NewDictation,
    now: Timestamp,
) -> Dictation {
    let particulars = &new.particulars;
    let format = match new.inspection.format {
        Format::Wav => AudioFormat::Wav,
        Format::Flac => AudioFormat::Flac,
    };
    Dictation {
        id: DictationId(new_uuid()),
        author: particulars.author,
        audio: Audio {
            digest: new.digest,
            format,
            bytes: new.bytes,
            duration_ms: new.inspection.duration_ms,
        },
        origin: reception.origin,
        priority: particulars.priority,
        work_type: particulars.work_type.clone(),
        given_mrn: particulars.mrn.clone(),
        patient: particulars.patient,
        encounter: particulars.encounter,
        dictated_at: particulars.dictated_at,
        received_at: now,
        labels: site.work_types.labels(&particulars.work_type),
    }
}

fn report_row(site: &Site, dictation: &Dictation) -> Report {
    let work_type = site.work_types.get(&dictation.work_type);
    let work_type = work_type.expect("the work type was looked up when the fields were read");
    let minutes = match dictation.priority {
        Priority::Stat => work_type.stat_minutes,
        Priority::Routine => work_type.routine_minutes,
    };
    Report {
        id: ReportId(new_uuid()),
        dictation: Some(dictation.id),
        relation: Relation::Original,
        parent: None,
        author: dictation.author,
        patient: dictation.patient,
        encounter: dictation.encounter,
        work_type: dictation.work_type.clone(),
        priority: dictation.priority,
        completion: Completion::Dictated,
        availability: Availability::Unavailable,
        stage: Stage::Transcribing,
        assignee: None,
        version: 0,
        created_at: dictation.received_at,
        due_at: dictation.received_at.plus_ms(i64::from(minutes) * 60_000),
        labels: dictation.labels.clone(),
    }
}

/// What is accepted but never filed unresolved: an unknown patient, a recording cut short, a
/// name that says another format than the bytes.
fn intake_flags(reception: &Reception, new: &NewDictation) -> Vec<QaFlag> {
    let mut flags = Vec::new();
    let mut raise = |kind, note: &str| {
        flags.push(QaFlag { kind, note: Phi::text(note), audio: None, text: None });
    };
    match (&new.particulars.patient, &new.particulars.mrn) {
        (Some(_), _) => {}
        (None, Some(_)) => {
            raise(FlagKind::Demographic, "The medical record number is not known here.");
        }
        (None, None) => raise(FlagKind::Demographic, "The recording came without a patient."),
    }
    if new.inspection.truncated {
        raise(
            FlagKind::Truncated,
            "The recording ends before its header says it should; the end may be missing.",
        );
    }
    if reception.unfinished {
        raise(
            FlagKind::Truncated,
            "The recording was left without being finished; its end may be missing.",
        );
    }
    if says_another_format(reception.file_name.as_deref(), new.inspection.format) {
        raise(FlagKind::Format, "The file name says another format than the recording has.");
    }
    flags
}

fn says_another_format(file_name: Option<&str>, format: Format) -> bool {
    let Some((_, extension)) = file_name.and_then(|name| name.rsplit_once('.')) else {
        return false;
    };
    let usual: &[&str] = match format {
        Format::Wav => &["wav", "wave"],
        Format::Flac => &["flac"],
    };
    !usual.contains(&extension.to_ascii_lowercase().as_str())
}
