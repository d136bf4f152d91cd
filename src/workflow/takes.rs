//! Takes: a recording is begun at a microphone, comes in block by block, and becomes a dictation
//! once.
//!
//! Not for: what the machine hears while it goes on (`listening.rs`), or files (`receive.rs`).
//!
//! Invariant: a block that was acknowledged is on disk; each is taken once and in order, whoever
//! sends it twice; a take is its sender's alone; one that is left alone becomes a dictation by
//! itself. Blocks have no audit row each: the take's beginning and end have.

use super::answering::{self, answerable};
use super::error::WorkflowError;
use super::particulars::Particulars;
use super::receive::{self, Received, Reception, repeated, uploader};
use super::sight::Eyes;
use super::site::{Acting, Site, look, new_uuid, perform, perform_part};
use super::{chart, permission};
use crate::audio::AudioError;
use crate::audio::header::wav_header;
use crate::domain::audit::Act;
use crate::domain::dictation::Origin;
use crate::domain::ids::TakeId;
use crate::domain::patient::Encounter;
use crate::domain::report::REPORT_TEXT_MAX;
use crate::domain::take::{
    ANSWER_MS_MAX, Answering, BLOCK_BYTES_MAX, Edits, SAMPLE_BYTES, Stretch, TAKE_RATE, Take,
    TakeState,
};
use crate::domain::time::Timestamp;
use crate::fault;
use crate::store::db::Tx;
use crate::store::{patients, people, takes};
use std::io::Write;
use std::ops::Range;

/// Samples that are copied at once when a take becomes a recording: a minute.
const COPY_SAMPLES: u64 = 60 * TAKE_RATE as u64;
/// The longest piece that is played back at once: ten minutes.
const PIECE_SAMPLES_MAX: u64 = 600 * TAKE_RATE as u64;
/// The longest key of a take, in bytes.
const KEY_MAX: usize = 100;

/// What is said about a take when it is begun.
#[derive(Clone, Debug, Default)]
pub struct Opening {
    /// User name of the author; whoever records where it is missing.
    pub author: Option<String>,
    pub mrn: Option<String>,
    /// The visit number.
    pub encounter: Option<String>,
    pub work_type: Option<String>,
    pub priority: Option<String>,
    /// RFC 3339, when it began; now, where it is missing.
    pub dictated_at: Option<String>,
    /// A take of the same sender's that was over too early: this one is about the same, whatever
    /// stands above.
    pub after: Option<TakeId>,
    /// Makes a repeated beginning one take.
    pub key: String,
    /// What it answers; the particulars are then those of that report.
    pub answers: Option<Answering>,
}

/// A patient as whoever is about to dictate confirms them.
#[derive(Clone, Debug)]
pub struct Identified {
    pub found: chart::FoundPatient,
    /// Newest first; none of a sealed patient.
    pub encounters: Vec<Encounter>,
}

/// What came of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The number of the block that is wanted next.
    pub next: u64,
    /// Samples on disk.
    pub samples: u64,
}

/// The patient of a record number, for a person to say that it is the one.
///
/// # Errors
/// [`WorkflowError::NotFound`] when the number is not known here.
pub fn identify(site: &Site, who: &Acting, mrn: &str) -> Result<Identified, WorkflowError> {
    let mrn = super::intake::parse_mrn(mrn)?;
    look(site, who, Act::IdentifyPatient, |tx, record| {
        let missing = WorkflowError::NotFound { what: "patient" };
        let mut patient = patients::by_mrn(tx, &mrn)?.ok_or(missing)?;
        record.subject("patient", patient.id);
        let eyes = Eyes::of(site, tx, who, Act::IdentifyPatient)?;
        let sealed = eyes.is_sealed(patient.id, &patient.labels);
        let encounters = if sealed { Vec::new() } else { patients::encounters_of(tx, patient.id)? };
        if sealed {
            chart::mask(&mut patient);
        }
        Ok(Identified { found: chart::FoundPatient { patient, sealed }, encounters })
    })
}

/// Begins a take. The same key again is the same take.
///
/// # Errors
/// [`WorkflowError::Invalid`] names a field that is wrong.
pub fn open(site: &Site, who: &Acting, opening: Opening) -> Result<Take, WorkflowError> {
    let fits = (1..=KEY_MAX).contains(&opening.key.len());
    if !fits {
        let message = format!("a take has an Idempotency-Key of 1 to {KEY_MAX} bytes");
        return Err(WorkflowError::invalid("idempotency_key", message));
    }
    let whole = answering::whole(who, opening.answers.is_some(), Act::BeginRecording);
    permission::check(who, whole)
        .or_else(|_| perform_part(site, who, whole, Act::BeginRecording, |_, _| Ok(())))?;
    let particulars = match (opening.after, opening.answers) {
        (Some(_), _) => None,
        (None, Some(answers)) => {
            Some(Particulars::read(site, who, &answering::reception(site, who, answers)?)?)
        }
        (None, None) => Some(Particulars::read(site, who, &reception(&opening))?),
    };
    let sender = uploader(who);
    perform_part(site, who, whole, Act::BeginRecording, |tx, record| {
        if let Some(known) = takes::by_key(tx, &sender, &opening.key)? {
            record.subject("take", known.id);
            return Ok(known);
        }
        let take = match (&particulars, opening.after) {
            (Some(particulars), _) => new_take(particulars, opening.answers),
            (None, Some(before)) => one_more(own(tx, who, before)?, site.clock.now()),
            (None, None) => return Err(missing()),
        };
        if let Some(answers) = take.answers {
            answerable(site, tx, who, answers)?;
            record.subject("report", answers.report);
        }
        record.subject("take", take.id);
        if let Some(patient) = take.patient {
            record.subject("patient", patient);
        }
        takes::insert(tx, &take, &sender, &opening.key, site.clock.now())?;
        Ok(take)
    })
}

fn new_take(particulars: &Particulars, answers: Option<Answering>) -> Take {
    Take {
        id: TakeId(new_uuid()),
        author: particulars.author,
        work_type: particulars.work_type.clone(),
        priority: particulars.priority,
        given_mrn: particulars.mrn.clone(),
        patient: particulars.patient,
        encounter: particulars.encounter,
        opened_at: particulars.dictated_at,
        state: TakeState::Open,
        next: 0,
        samples: 0,
        edits: Edits::default(),
        dictation: None,
        answers,
    }
}

/// A new take about what another was about.
fn one_more(before: Take, opened_at: Timestamp) -> Take {
    let (id, state, edits) = (TakeId(new_uuid()), TakeState::Open, Edits::default());
    Take { id, opened_at, state, next: 0, samples: 0, edits, dictation: None, ..before }
}

fn reception(opening: &Opening) -> Reception {
    let Opening { author, mrn, encounter, work_type, priority, dictated_at, .. } = opening.clone();
    let about = Reception::of(Origin::Microphone);
    Reception { author, mrn, encounter, work_type, priority, dictated_at, ..about }
}

/// One's own takes that are not over.
pub fn mine(site: &Site, who: &Acting) -> Result<Vec<Take>, WorkflowError> {
    permission::check(who, Act::BeginRecording)?;
    site.store.read(|tx| Ok(takes::open_of(tx, &uploader(who))?))
}

/// One's own take as it stands.
pub fn status(site: &Site, who: &Acting, id: TakeId) -> Result<Take, WorkflowError> {
    site.store.read(|tx| own(tx, who, id))
}

/// Takes blocks that follow one another, the first of them numbered `first`. Blocks that are
/// there already are passed over.
///
/// # Errors
/// [`WorkflowError::Conflict`] when blocks before these are missing, or the take is over;
/// [`WorkflowError::TooLarge`] when it would be longer than the site allows.
pub fn append(
    site: &Site,
    who: &Acting,
    id: TakeId,
    first: u64,
    blocks: &[impl AsRef<[u8]>],
) -> Result<Kept, WorkflowError> {
    let kept = site.store.write(|tx| {
        let mut take = own_open(tx, who, id)?;
        blocks.iter().try_for_each(|block| check_block(block.as_ref().len()))?;
        if first > take.next {
            let message = format!("the next block of this recording is number {}", take.next);
            return Err(WorkflowError::conflict(message));
        }
        for (number, block) in (first..).zip(blocks) {
            if number < take.next {
                continue;
            }
            let most = samples_max(site, &take);
            if take.samples + (block.as_ref().len() / SAMPLE_BYTES) as u64 > most {
                let limit_bytes = most * SAMPLE_BYTES as u64;
                return Err(WorkflowError::TooLarge { limit_bytes });
            }
            takes::append(tx, &mut take, block.as_ref(), site.clock.now())?;
        }
        Ok(Kept { next: take.next, samples: take.samples })
    })?;
    fault::point("take-block-kept");
    Ok(kept)
}

fn check_block(bytes: usize) -> Result<(), WorkflowError> {
    if (SAMPLE_BYTES..=BLOCK_BYTES_MAX).contains(&bytes) && bytes.is_multiple_of(SAMPLE_BYTES) {
        return Ok(());
    }
    let message = format!("a block is 2 to {BLOCK_BYTES_MAX} bytes of 16-bit samples");
    Err(WorkflowError::invalid("block", message))
}

/// The most samples a take may have, by the site's limits of length and size.
fn samples_max(site: &Site, take: &Take) -> u64 {
    let limits = &site.settings.limits;
    let longest = take.answers.map_or(limits.max_audio_ms, |_| ANSWER_MS_MAX);
    let longest = longest.min(limits.max_audio_ms);
    let by_time = u64::from(longest) * u64::from(TAKE_RATE) / 1000;
    let header = wav_header(0).len() as u64;
    by_time.min(limits.max_upload_bytes.saturating_sub(header) / SAMPLE_BYTES as u64)
}

/// Sets the order in which the take's stretches are heard. Nothing is destroyed by it.
///
/// # Errors
/// [`WorkflowError::Invalid`] when it is no such order.
pub fn arrange(
    site: &Site,
    who: &Acting,
    id: TakeId,
    stretches: Vec<Stretch>,
) -> Result<Take, WorkflowError> {
    site.store.write(|tx| {
        let take = own_open(tx, who, id)?;
        let wrong = "each sample stands once at most, and one stretch is open for what comes";
        let edits = Edits::new(stretches, take.samples);
        let edits = edits.ok_or_else(|| WorkflowError::invalid("edits", wrong))?;
        takes::set_edits(tx, id, &edits)?;
        Ok(Take { edits, ..take })
    })
}

/// Keeps the text that the author was shown, and what they made of it.
///
/// # Errors
/// [`WorkflowError::Invalid`] when one of the two is longer than a report.
pub fn correct(
    site: &Site,
    who: &Acting,
    id: TakeId,
    shown: &str,
    corrected: &str,
) -> Result<(), WorkflowError> {
    if shown.len().max(corrected.len()) > REPORT_TEXT_MAX {
        return Err(WorkflowError::invalid("text", "the text is longer than a report may be"));
    }
    site.store.write(|tx| {
        own_open(tx, who, id)?;
        Ok(takes::set_correction(tx, id, shown, corrected)?)
    })
}

/// A piece of one's own take as it is heard now, as a WAV file; `from_ms` counts in that order.
pub fn piece(
    site: &Site,
    who: &Acting,
    id: TakeId,
    from_ms: u32,
) -> Result<Vec<u8>, WorkflowError> {
    look(site, who, Act::BeginRecording, |tx, record| {
        let take = own_open(tx, who, id)?;
        record.subject("take", id);
        record.detail("listened", true);
        let mut skip = u64::from(from_ms) * u64::from(TAKE_RATE) / 1000;
        let mut left = PIECE_SAMPLES_MAX;
        let mut samples = Vec::new();
        for range in take.edits.ranges(take.samples) {
            let length = range.end - range.start;
            let skipped = skip.min(length);
            skip -= skipped;
            let count = (length - skipped).min(left);
            left -= count;
            samples.extend(takes::samples(tx, id, range.start + skipped, count)?);
        }
        let count = u32::try_from(samples.len() / SAMPLE_BYTES).unwrap_or(u32::MAX);
        Ok([wav_header(count).as_slice(), &samples].concat())
    })
}

/// Makes the take a dictation. The same again answers the same dictation. `blocks` is how many
/// the sender sent: a recording is not finished before all of them are here.
///
/// # Errors
/// [`WorkflowError::Conflict`] when blocks are missing or the take was thrown away;
/// [`WorkflowError::Unusable`] when nothing was recorded.
pub fn finish(
    site: &Site,
    who: &Acting,
    id: TakeId,
    blocks: u64,
) -> Result<Received, WorkflowError> {
    let whole = whole(site, who, id, Act::FinishRecording)?;
    let take = perform_part(site, who, whole, Act::FinishRecording, |tx, record| {
        record.subject("take", id);
        let take = own(tx, who, id)?;
        if take.next != blocks && take.state == TakeState::Open {
            let message = format!("the next block of this recording is number {}", take.next);
            return Err(WorkflowError::conflict(message));
        }
        Ok(take)
    })?;
    become_dictation(site, who, &take, false)
}

/// Throws the take away.
pub fn discard(site: &Site, who: &Acting, id: TakeId) -> Result<(), WorkflowError> {
    let whole = whole(site, who, id, Act::DiscardRecording)?;
    perform_part(site, who, whole, Act::DiscardRecording, |tx, record| {
        record.subject("take", id);
        let take = own(tx, who, id)?;
        match take.state {
            TakeState::Open => Ok(takes::end(tx, id, None, None, site.clock.now())?),
            TakeState::Discarded => Ok(()),
            TakeState::Finished => Err(WorkflowError::conflict(
                "the recording is a dictation by now; it is not thrown away",
            )),
        }
    })
}

/// Takes that nobody has added to for as long as the site allows.
pub fn left_alone(site: &Site) -> Result<Vec<Take>, WorkflowError> {
    let idle = i64::from(site.settings.recording_idle_minutes) * 60_000;
    let then = site.clock.now().plus_ms(-idle);
    site.store.read(|tx| Ok(takes::untouched_since(tx, then)?))
}

/// Makes a take that was left alone a dictation, flagged as unfinished; an empty one goes.
pub fn finish_left_alone(site: &Site, take: &Take) -> Result<Option<Received>, WorkflowError> {
    let machine = Acting::machine();
    if take.edits.ranges(take.samples).is_empty() {
        return perform(site, &machine, Act::DiscardRecording, |tx, record| {
            record.subject("take", take.id);
            record.detail("reason", "empty");
            takes::end(tx, take.id, None, None, site.clock.now())?;
            Ok(None)
        });
    }
    perform(site, &machine, Act::FinishRecording, |_, record| {
        record.subject("take", take.id);
        record.detail("reason", "left-alone");
        Ok(())
    })?;
    become_dictation(site, &machine, take, true).map(Some)
}

fn become_dictation(
    site: &Site,
    who: &Acting,
    take: &Take,
    unfinished: bool,
) -> Result<Received, WorkflowError> {
    match (take.state, take.dictation) {
        (TakeState::Finished, Some(dictation)) => {
            return site.store.read(|tx| repeated(tx, dictation));
        }
        (TakeState::Open, _) => {}
        _ => return Err(WorkflowError::conflict("the recording was thrown away")),
    }
    let ranges = take.edits.ranges(take.samples);
    if ranges.is_empty() {
        return Err(WorkflowError::Unusable { source: AudioError::NoSamples });
    }
    let mut original = None;
    if !take.edits.is_as_recorded(take.samples) {
        let mut blob = site.store.blobs().begin()?;
        pour(site, take, std::slice::from_ref(&(0..take.samples)), &mut blob)?;
        let staged = blob.finish()?;
        original = Some(staged.digest);
        staged.keep()?;
    }
    let answers = answering::with_speaker(site, who, take)?;
    let mut upload = receive::begin_upload_of(site, who, answers.is_some())?;
    pour(site, take, &ranges, &mut upload)?;
    fault::point("take-poured");
    let reception = Reception { unfinished, ..reception_of(site, take)? };
    receive::receive_with(site, who, reception, upload, answers, |tx, received| {
        let now = takes::by_id(tx, take.id)?.ok_or(missing())?;
        let unchanged =
            (now.state, now.next) == (TakeState::Open, take.next) && now.edits == take.edits;
        if !unchanged && now.dictation != Some(received.dictation) {
            return Err(WorkflowError::conflict(
                "the recording went on meanwhile; finish it again",
            ));
        }
        Ok(takes::end(tx, take.id, Some(received.dictation), original, site.clock.now())?)
    })
}

/// Writes ranges of a take as one WAV file.
fn pour(
    site: &Site,
    take: &Take,
    ranges: &[Range<u64>],
    into: &mut impl Write,
) -> Result<(), WorkflowError> {
    let failed = |source| receive::not_written(site, source);
    let samples: u64 = ranges.iter().map(|range| range.end - range.start).sum();
    into.write_all(&wav_header(u32::try_from(samples).unwrap_or(u32::MAX))).map_err(failed)?;
    for range in ranges {
        let mut at = range.start;
        while at < range.end {
            let count = COPY_SAMPLES.min(range.end - at);
            let piece = site.store.read(|tx| takes::samples(tx, take.id, at, count))?;
            assert!(piece.len() as u64 == count * SAMPLE_BYTES as u64, "blocks have no gap");
            into.write_all(&piece).map_err(failed)?;
            at += count;
        }
    }
    Ok(())
}

/// What the take's dictation is received as; the key makes it one, whoever finishes it.
pub(super) fn reception_of(site: &Site, take: &Take) -> Result<Reception, WorkflowError> {
    site.store.read(|tx| {
        let author = people::by_id(tx, take.author)?.map(|author| author.username.to_string());
        let patient = match take.patient {
            Some(id) => patients::by_id(tx, id)?,
            None => None,
        };
        let mrn = patient.map(|patient| patient.mrn).or(take.given_mrn.clone());
        let encounter = match take.encounter {
            Some(id) => patients::encounter(tx, id)?,
            None => None,
        };
        let opened_at = jiff::Timestamp::from_millisecond(take.opened_at.0).unwrap_or_default();
        Ok(Reception {
            author,
            mrn: mrn.map(|mrn| mrn.reveal().to_owned()),
            encounter: encounter.map(|encounter| encounter.number.reveal().to_owned()),
            work_type: Some(take.work_type.to_string()),
            priority: Some(take.priority.code().to_owned()),
            dictated_at: Some(opened_at.to_string()),
            idempotency_key: Some(format!("take:{}", take.id)),
            ..Reception::of(Origin::Microphone)
        })
    })
}

fn missing() -> WorkflowError {
    WorkflowError::NotFound { what: "recording" }
}

/// A take of the sender's own; another's is not there.
fn own(tx: &Tx, who: &Acting, id: TakeId) -> Result<Take, WorkflowError> {
    permission::check(who, Act::BeginRecording)
        .or_else(|_| permission::check(who, Act::AnswerBlank))?;
    takes::of_sender(tx, id, &uploader(who))?.ok_or_else(missing)
}

/// What allows the person an act on a take.
fn whole(site: &Site, who: &Acting, id: TakeId, act: Act) -> Result<Act, WorkflowError> {
    let take = site.store.read(|tx| takes::by_id(tx, id))?;
    Ok(answering::whole(who, take.is_some_and(|take| take.answers.is_some()), act))
}

pub(super) fn own_open(tx: &Tx, who: &Acting, id: TakeId) -> Result<Take, WorkflowError> {
    let take = own(tx, who, id)?;
    if take.state == TakeState::Open {
        return Ok(take);
    }
    Err(WorkflowError::conflict("the recording is over"))
}
