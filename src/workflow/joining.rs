//! Two recordings of one report: the second report's text and recording are appended to the
//! first, which goes on alone.
//!
//! Not for: one recording of two reports (`moving::split`), or how two recordings become one
//! sound (`joint_audio.rs`).
//!
//! Invariant: nothing is lost. The joined report keeps its text, versions and flags and can be
//! opened; both recordings stay; every word that could be found in its recording still is. Until
//! more is typed the join can be undone.

use super::error::WorkflowError;
use super::evidence::{self, JOINT};
use super::joint_audio::pour_both;
use super::reading::current_text;
use super::sampling::template_passages;
use super::sight::{Eyes, changeable, person_of};
use super::site::{Acting, Record, Site, look, new_uuid, perform};
use super::worklist::{self, WorklistItem, waiting_for};
use crate::domain::audit::Act;
use crate::domain::dictation::{Audio, Dictation, Priority};
use crate::domain::digest::Digest;
use crate::domain::evidence::Piece;
use crate::domain::flag::{FlagKind, FlagState, ReportFlag, Settlement};
use crate::domain::ids::{DictationId, FlagId, ReportId};
use crate::domain::phi::Phi;
use crate::domain::report::{Availability, REPORT_TEXT_MAX, Report, Stage, Version, VersionMaker};
use crate::domain::time::AudioSpan;
use crate::domain::transcript::Transcript;
use crate::fault;
use crate::store::db::Tx;
use crate::store::joins::{self, Join, RecordingRole};
use crate::store::{dictations, flags, parts, played, reports, takeovers};

/// The most reports that are offered to be joined.
const OFFERED_MAX: usize = 50;
/// Letters of a text that show which report it is.
const OPENING: usize = 80;

/// A report that could be appended, with the beginning of its text.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub item: WorklistItem,
    pub opening: Phi<String>,
    /// It has to be taken first.
    pub in_pool: bool,
}

/// Reports of the same author that could be appended to this one: those in the person's hands,
/// and those that wait to be taken.
pub fn candidates(
    site: &Site,
    who: &Acting,
    id: ReportId,
) -> Result<Vec<Candidate>, WorkflowError> {
    look(site, who, Act::ViewWorklist, |tx, record| {
        super::permission::check(who, Act::JoinReports)?;
        let report = changeable(site, tx, who, Act::JoinReports, id)?;
        let eyes = Eyes::of(site, tx, who, Act::JoinReports)?;
        let mut fitting = waiting_for(tx, &eyes)?;
        fitting.retain(|one| {
            let held = eyes.may_change(&one.report) && one.report.stage == report.stage;
            let free = report.stage == Stage::Editing && is_free(&one.report);
            !one.sealed && (held || free) && unfitting(&report, &one.report).is_none()
        });
        fitting.truncate(OFFERED_MAX);
        let mut found = Vec::new();
        for item in worklist::items(site, tx, fitting)? {
            let report = &item.row.report;
            record.subject("report", report.id);
            let text = current_text(tx, report)?;
            let opening = Phi::text(text.chars().take(OPENING).collect::<String>());
            found.push(Candidate { opening, in_pool: is_free(report), item });
        }
        Ok(found)
    })
}

fn is_free(report: &Report) -> bool {
    report.stage == Stage::Drafted && report.assignee.is_none()
}

/// Why the second report is not a part of the first; stages and hands are asked apart.
fn unfitting(first: &Report, second: &Report) -> Option<&'static str> {
    if first.id == second.id {
        return Some("a report is not joined to itself");
    }
    if first.author != second.author {
        return Some("the two reports have different authors");
    }
    if second.patient.is_some() && second.patient != first.patient {
        return Some("the two reports are about different patients");
    }
    if first.parent != second.parent || first.relation != second.relation {
        return Some("an addendum is joined only to an addendum of the same report");
    }
    None
}

/// The two reports as they stand, in the person's hands.
struct Pair {
    first: Report,
    second: Report,
}

impl Pair {
    fn read(
        site: &Site,
        tx: &Tx,
        who: &Acting,
        first: (ReportId, u32),
        second: (ReportId, u32),
    ) -> Result<Self, WorkflowError> {
        let read = |(id, version): (ReportId, u32)| {
            let report = changeable(site, tx, who, Act::JoinReports, id)?;
            match report.version == version {
                true => Ok(report),
                false => Err(WorkflowError::Stale { current: report.version }),
            }
        };
        let pair = Self { first: read(first)?, second: read(second)? };
        let Self { first, second } = &pair;
        let wrong = unfitting(first, second).or_else(|| {
            let alike = first.stage == second.stage && first.version > 0 && second.version > 0;
            (!alike).then_some("both reports have to be drafted, and at the same stage")
        });
        match wrong {
            Some(wrong) => Err(WorkflowError::conflict(wrong)),
            None => Ok(pair),
        }
    }

    fn recordings(&self, tx: &Tx) -> Result<[Option<Dictation>; 2], WorkflowError> {
        let read = |id: Option<DictationId>| match id {
            Some(id) => Ok::<_, WorkflowError>(dictations::by_id(tx, id)?),
            None => Ok(None),
        };
        Ok([read(self.first.dictation)?, read(self.second.dictation)?])
    }
}

/// What the joint report is heard with.
enum Sound {
    /// What the first had: the second has none, or the very same.
    AsBefore { same: bool },
    /// The second's, since the first has none.
    Seconds(Box<Dictation>),
    /// Both, one behind the other.
    Both { parts: Box<[Dictation; 2]>, joint: Audio },
}

impl Sound {
    fn of(site: &Site, recordings: [Option<Dictation>; 2]) -> Result<Self, WorkflowError> {
        Ok(match recordings {
            [_, None] => Self::AsBefore { same: false },
            [None, Some(second)] => Self::Seconds(Box::new(second)),
            [Some(first), Some(second)] if first.audio.digest == second.audio.digest => {
                Self::AsBefore { same: true }
            }
            [Some(first), Some(second)] => {
                let joint = pour_both(site, &first.audio, &second.audio)?;
                Self::Both { parts: Box::new([first, second]), joint }
            }
        })
    }

    /// Where the second's recording begins in that of the joint report.
    fn offset_ms(&self) -> Option<u32> {
        match self {
            Self::AsBefore { .. } => None,
            Self::Seconds(_) => Some(0),
            Self::Both { parts, .. } => Some(parts[0].audio.duration_ms),
        }
    }
}

/// Appends a report to another. Both are named with the version that was seen; answered is the
/// version that the first then has.
///
/// # Errors
/// [`WorkflowError::Stale`] for an older version; [`WorkflowError::Conflict`] where the two do
/// not belong together or are not both in the person's hands.
pub fn join(
    site: &Site,
    who: &Acting,
    first: (ReportId, u32),
    second: (ReportId, u32),
) -> Result<u32, WorkflowError> {
    let recordings = site.store.read(|tx| Pair::read(site, tx, who, first, second)?.recordings(tx));
    let recordings = recordings.or_else(|error| {
        // Goes through the frame, which writes a denial down.
        perform(site, who, Act::JoinReports, |_, record| {
            name(record, first.0, second.0);
            Err(error)
        })
    })?;
    let heard_with = recordings.clone().map(|one| one.map(|dictation| dictation.id));
    let sound = Sound::of(site, recordings)?;
    perform(site, who, Act::JoinReports, |tx, record| {
        name(record, first.0, second.0);
        let pair = Pair::read(site, tx, who, first, second)?;
        if [pair.first.dictation, pair.second.dictation] != heard_with {
            return Err(WorkflowError::conflict("a recording changed meanwhile; join again"));
        }
        let version = append(site, tx, who, &pair, &sound)?;
        record.detail("version", version);
        fault::point("join-before-commit");
        Ok(version)
    })
}

fn name(record: &mut Record, first: ReportId, second: ReportId) {
    record.subject("report", first);
    record.subject("report", second);
}

fn append(
    site: &Site,
    tx: &Tx,
    who: &Acting,
    pair: &Pair,
    sound: &Sound,
) -> Result<u32, WorkflowError> {
    let Pair { first, second } = pair;
    let (text, at) = together(tx, pair)?;
    let pieces = pieces(tx, pair, sound, at)?;
    let mut report = first.clone();
    report.dictation = keep_sound(site, tx, who, first, sound)?;
    reports::set_dictation(tx, first.id, report.dictation)?;
    let by = person_of(who, Act::JoinReports)?.id;
    let join = Join {
        joined: second.id,
        report: first.id,
        version: first.version + 1,
        dictation_before: first.dictation,
        offset_ms: sound.offset_ms(),
        with_draft: !matches!(sound, Sound::AsBefore { same: true }),
        flags: take_flags(tx, pair, sound.offset_ms().unwrap_or(0))?,
        by,
        at: site.clock.now(),
    };
    joins::insert(tx, &join)?;
    for passage in template_passages(tx, second.id)? {
        played::keep_passage(tx, first.id, &passage)?;
    }
    insert_version(site, tx, who, &mut report, text.clone())?;
    if second.priority == Priority::Stat {
        report.priority = Priority::Stat;
    }
    report.due_at = first.due_at.min(second.due_at);
    reports::update(tx, &report)?;
    take_labels_and_copies(tx, pair)?;
    if let Some(pieces) = pieces {
        evidence::keep_link(tx, &report, &text, &pieces)?;
    }
    let withdrawn = Report {
        availability: Availability::Cancelled,
        stage: Stage::Done,
        assignee: None,
        ..second.clone()
    };
    takeovers::clear(tx, second.id)?;
    reports::update(tx, &withdrawn)?;
    Ok(report.version)
}

/// Both texts, one behind the other, and where the second begins, in Unicode scalar values.
fn together(tx: &Tx, pair: &Pair) -> Result<(String, u32), WorkflowError> {
    let mut text = current_text(tx, &pair.first)?;
    let second = current_text(tx, &pair.second)?;
    while !text.is_empty() && !text.ends_with(JOINT) {
        text.push('\n');
    }
    let at = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    text += &second;
    if text.len() > REPORT_TEXT_MAX {
        return Err(WorkflowError::conflict("together the two texts are longer than one may be"));
    }
    Ok((text, at))
}

/// Which pieces of the joint text stand as drafted, where that is known of both.
fn pieces(
    tx: &Tx,
    pair: &Pair,
    sound: &Sound,
    at: u32,
) -> Result<Option<Vec<Piece>>, WorkflowError> {
    if matches!(sound, Sound::AsBefore { same: true }) {
        return Ok(None);
    }
    let first = evidence::pieces(tx, &pair.first)?;
    let Some((mut pieces, second)) = first.zip(evidence::pieces(tx, &pair.second)?) else {
        return Ok(None);
    };
    let drafted = evidence::ground(tx, &pair.first)?.0 + JOINT;
    let before = u32::try_from(drafted.chars().count()).unwrap_or(u32::MAX);
    let moved = |piece: Piece| Piece {
        text: piece.text + at,
        draft: piece.draft + before,
        length: piece.length,
    };
    pieces.extend(second.into_iter().map(moved));
    Ok(Some(pieces))
}

/// Writes down what the joint report is heard with, and its transcript.
fn keep_sound(
    site: &Site,
    tx: &Tx,
    who: &Acting,
    report: &Report,
    sound: &Sound,
) -> Result<Option<DictationId>, WorkflowError> {
    let now = site.clock.now();
    let (new, transcript) = match sound {
        Sound::AsBefore { .. } => return Ok(report.dictation),
        Sound::Seconds(second) => {
            let new = Dictation { id: DictationId(new_uuid()), ..second.as_ref().clone() };
            (new, dictations::transcript(tx, second.id)?)
        }
        Sound::Both { parts, joint } => {
            let [first, second] = parts.as_ref();
            joins::keep_recording(tx, first.id, report.id, RecordingRole::Joined)?;
            let new = Dictation {
                id: DictationId(new_uuid()),
                audio: joint.clone(),
                patient: report.patient,
                encounter: report.encounter,
                received_at: now,
                ..first.clone()
            };
            let heard = [first, second].map(|one| {
                let empty = || Transcript::nothing(one.audio.duration_ms);
                dictations::transcript(tx, one.id).map(|found| found.unwrap_or_else(empty))
            });
            let [first, second] = heard;
            (new, Some(first?.followed_by(&second?, joint.duration_ms)))
        }
    };
    dictations::insert(tx, &new, who.person_id())?;
    if let Sound::Seconds(second) = sound {
        parts::insert(tx, new.id, second.id)?;
    }
    if let Some(transcript) = transcript {
        dictations::insert_transcript(tx, new.id, &transcript, now)?;
    }
    Ok(Some(new.id))
}

/// The second report's flags stand on the first as well, settled or not, at their place in the
/// joint recording. A doubt about the patient is answered where the first has one.
fn take_flags(
    tx: &Tx,
    pair: &Pair,
    offset_ms: u32,
) -> Result<Vec<(FlagId, FlagId)>, WorkflowError> {
    let mut taken = Vec::new();
    for flag in flags::of_report(tx, pair.second.id)? {
        let about_patient = flag.flag.kind == FlagKind::Demographic;
        if about_patient && (pair.first.patient.is_some() || flag.settled.is_some()) {
            continue;
        }
        let mut copy = ReportFlag { id: FlagId(new_uuid()), settled: None, ..flag.clone() };
        copy.flag.text = None;
        copy.flag.audio = flag.flag.audio.map(|span| AudioSpan {
            start_ms: span.start_ms + offset_ms,
            end_ms: span.end_ms + offset_ms,
        });
        flags::insert(tx, pair.first.id, &copy)?;
        if let Some(settlement) = &flag.settled {
            flags::settle(tx, copy.id, settlement)?;
        }
        taken.push((copy.id, flag.id));
    }
    Ok(taken)
}

fn take_labels_and_copies(tx: &Tx, pair: &Pair) -> Result<(), WorkflowError> {
    let own = |id| reports::own_labels(tx, id).map(Option::unwrap_or_default);
    let labels = own(pair.first.id)?.and(&own(pair.second.id)?);
    reports::set_labels(tx, pair.first.id, &labels)?;
    let open = |id| -> Result<Vec<(String, String)>, WorkflowError> {
        let copies = parts::copies(tx, id)?.into_iter().filter(|copy| copy.sent.is_none());
        Ok(copies.map(|copy| (copy.recipient, copy.address)).collect())
    };
    let mut recipients = open(pair.first.id)?;
    for recipient in open(pair.second.id)? {
        if !recipients.contains(&recipient) {
            recipients.push(recipient);
        }
    }
    Ok(parts::set_copies(tx, pair.first.id, &recipients)?)
}

fn insert_version(
    site: &Site,
    tx: &Tx,
    who: &Acting,
    report: &mut Report,
    text: String,
) -> Result<(), WorkflowError> {
    report.version += 1;
    let version = Version {
        report: report.id,
        number: report.version,
        digest: Digest::of(text.as_bytes()),
        text: Phi::new(text),
        maker: VersionMaker::Person,
        by: who.person_id(),
        at: site.clock.now(),
    };
    Ok(reports::insert_version(tx, &version)?)
}

/// Takes the newest join back, as long as nothing was saved since: both reports are in the
/// person's hands again, each with its own recording. Labels and copies stay on both.
///
/// # Errors
/// [`WorkflowError::Conflict`] once more was saved; the report can then be split.
pub fn undo(
    site: &Site,
    who: &Acting,
    id: ReportId,
    joined: ReportId,
) -> Result<(), WorkflowError> {
    perform(site, who, Act::UndoJoin, |tx, record| {
        name(record, id, joined);
        let mut report = changeable(site, tx, who, Act::UndoJoin, id)?;
        let missing = WorkflowError::NotFound { what: "joined report" };
        let join = joins::of_joined(tx, joined)?.filter(|join| join.report == id).ok_or(missing)?;
        if !is_newest(&join, &report) {
            return Err(WorkflowError::conflict(
                "the report was changed since the two were joined; split it instead",
            ));
        }
        let before = Report { version: join.version - 1, ..report.clone() };
        let text = current_text(tx, &before)?;
        let by = person_of(who, Act::UndoJoin)?.id;
        joins::undo(tx, joined, by, site.clock.now())?;
        let pieces = evidence::pieces(tx, &before)?;
        reports::set_dictation(tx, id, join.dictation_before)?;
        if let Some(joint) = report.dictation.filter(|now| Some(*now) != join.dictation_before) {
            joins::keep_recording(tx, joint, id, RecordingRole::Joined)?;
        }
        report.dictation = join.dictation_before;
        insert_version(site, tx, who, &mut report, text.clone())?;
        reports::update(tx, &report)?;
        if let Some(pieces) = pieces {
            evidence::keep_link(tx, &report, &text, &pieces)?;
        }
        give_flags_back(site, tx, who, &join)?;
        let missing = WorkflowError::NotFound { what: "joined report" };
        let other = Report {
            availability: Availability::Unavailable,
            stage: report.stage,
            assignee: report.assignee,
            completion: report.completion,
            ..reports::by_id(tx, joined)?.ok_or(missing)?
        };
        record.detail("version", report.version);
        Ok(reports::update(tx, &other)?)
    })
}

/// Whether nothing was saved since the join.
pub(super) fn is_newest(join: &Join, report: &Report) -> bool {
    join.version == report.version
}

fn give_flags_back(site: &Site, tx: &Tx, who: &Acting, join: &Join) -> Result<(), WorkflowError> {
    let note = "It went back with the report that it came with.";
    for (here, _) in &join.flags {
        let settlement = Settlement {
            state: FlagState::Resolved,
            by: person_of(who, Act::UndoJoin)?.id,
            at: site.clock.now(),
            note: Phi::text(note),
        };
        flags::settle(tx, *here, &settlement)?;
    }
    Ok(())
}
