//! Blanks that an author or QA answers by speaking: the answer is recorded, heard, and offered.
//!
//! Not for: the recording as such (`takes.rs`, `receive.rs`), or settling the blank's flag
//! (`review.rs`).
//!
//! Invariant: nothing that was heard gets into a report by itself: whoever has the report takes
//! its words, as they are or changed, or leaves them. The recording of an answer stays with the
//! report.

use super::error::WorkflowError;
use super::receive::Reception;
use super::sight::{changeable, visible};
use super::site::{Acting, Site, look, perform};
use crate::domain::audit::Act;
use crate::domain::dictation::{Dictation, Origin, Priority};
use crate::domain::ids::{DictationId, PersonId, ReportId};
use crate::domain::report::{Report, Stage};
use crate::domain::take::{Answering, Take};
use crate::store::answers::{self, Answer, AnswerState};
use crate::store::db::Tx;
use crate::store::jobs::{self, JobState};
use crate::store::joins::{self, RecordingRole};
use crate::store::{flags, patients, people, takes};

/// The longest words that are taken of an answer, in bytes.
const WORDS_MAX: usize = 2_000;

/// An answer with who gave it, and how far the machine is with it.
#[derive(Clone, Debug)]
pub struct Answered {
    pub answer: Answer,
    pub by_name: String,
    /// The machine has given it up; it can still be listened to.
    pub failed: bool,
}

/// Where blanks are answered; before that they are raised.
pub(super) fn is_asked(stage: Stage) -> bool {
    matches!(stage, Stage::InQa | Stage::WithAuthor)
}

/// What allows a person an act of recording: of an answer, that they may answer.
pub(super) fn whole(who: &Acting, answers: bool, act: Act) -> Act {
    if answers && who.person.is_some() { Act::AnswerBlank } else { act }
}

/// What a take answers, and who speaks it: of one that was left alone not whoever finishes it.
pub(super) fn with_speaker(
    site: &Site,
    who: &Acting,
    take: &Take,
) -> Result<Option<(Answering, PersonId)>, WorkflowError> {
    let Some(about) = take.answers else { return Ok(None) };
    let opener = site.store.read(|tx| takes::opener(tx, take.id))?;
    Ok(Some((about, who.person_id().or(opener).unwrap_or(take.author))))
}

/// The report that the person may answer a blank of now.
///
/// # Errors
/// [`WorkflowError::Conflict`] where it is neither in QA nor with its author;
/// [`WorkflowError::NotFound`] for a flag that it does not have.
pub(super) fn answerable(
    site: &Site,
    tx: &Tx,
    who: &Acting,
    about: Answering,
) -> Result<Report, WorkflowError> {
    super::permission::check(who, Act::AnswerBlank)?;
    let report = changeable(site, tx, who, Act::AnswerBlank, about.report)?;
    if !is_asked(report.stage) {
        return Err(WorkflowError::conflict("the report is neither in QA nor with its author"));
    }
    let known = flags::of_report(tx, report.id)?;
    if about.flag.is_some_and(|flag| known.iter().all(|known| known.id != flag)) {
        return Err(WorkflowError::NotFound { what: "flag" });
    }
    Ok(report)
}

/// What is known of an answer: what is known of its report. It is heard before anything else.
///
/// # Errors
/// As [`answerable`].
pub(super) fn reception(
    site: &Site,
    who: &Acting,
    about: Answering,
) -> Result<Reception, WorkflowError> {
    let found = site.store.read(|tx| {
        let report = answerable(site, tx, who, about)?;
        let author = people::by_id(tx, report.author)?;
        let patient = match report.patient {
            Some(id) => patients::by_id(tx, id)?,
            None => None,
        };
        Ok(Reception {
            author: author.map(|author| author.username.to_string()),
            mrn: patient.map(|patient| patient.mrn.reveal().to_owned()),
            work_type: Some(report.work_type.to_string()),
            priority: Some(Priority::Stat.code().to_owned()),
            ..Reception::of(Origin::Microphone)
        })
    });
    // Goes through the frame, which writes a denial down.
    found.or_else(|error| {
        perform(site, who, Act::AnswerBlank, |_, record| {
            record.subject("report", about.report);
            Err(error)
        })
    })
}

/// Writes down what this person answered to a blank.
pub(super) fn write_down(
    tx: &Tx,
    by: PersonId,
    dictation: &Dictation,
    answers: Answering,
) -> Result<ReportId, WorkflowError> {
    let answer = Answer {
        dictation: dictation.id,
        report: answers.report,
        flag: answers.flag,
        by,
        at: dictation.received_at,
        duration_ms: dictation.audio.duration_ms,
        heard: None,
        taken: None,
        version: None,
        state: AnswerState::Offered,
    };
    joins::keep_recording(tx, dictation.id, answers.report, RecordingRole::Answer)?;
    answers::insert(tx, &answer)?;
    Ok(answers.report)
}

/// The answers spoken to a report's blanks, oldest first.
pub fn of_report(site: &Site, who: &Acting, id: ReportId) -> Result<Vec<Answered>, WorkflowError> {
    look(site, who, Act::ViewTranscript, |tx, record| {
        visible(site, tx, who, Act::ViewTranscript, id)?;
        record.subject("report", id);
        let mut found = Vec::new();
        for answer in answers::of_report(tx, id)? {
            record.subject("dictation", answer.dictation);
            let by = people::by_id(tx, answer.by)?;
            let job = jobs::of_dictation(tx, answer.dictation)?;
            let over =
                job.is_none_or(|job| matches!(job.state, JobState::Dead | JobState::Stopped));
            found.push(Answered {
                by_name: by.map_or_else(String::new, |person| person.display_name),
                failed: answer.heard.is_none() && over,
                answer,
            });
        }
        Ok(found)
    })
}

/// Says what became of an answer: its words, as they were put into a version, or nothing.
///
/// # Errors
/// [`WorkflowError::Conflict`] when that was said already.
pub fn settle(
    site: &Site,
    who: &Acting,
    id: ReportId,
    answer: DictationId,
    taken: Option<(&str, u32)>,
) -> Result<(), WorkflowError> {
    let fits = |words: &str| (1..=WORDS_MAX).contains(&words.trim().len());
    if taken.is_some_and(|(words, _)| !fits(words)) {
        let message = format!("the words of an answer are 1 to {WORDS_MAX} bytes");
        return Err(WorkflowError::invalid("words", message));
    }
    perform(site, who, Act::AnswerBlank, |tx, record| {
        record.subject("report", id);
        record.subject("dictation", answer);
        let report = changeable(site, tx, who, Act::AnswerBlank, id)?;
        let missing = WorkflowError::NotFound { what: "answer" };
        answers::by_dictation(tx, answer)?.filter(|known| known.report == id).ok_or(missing)?;
        if taken.is_some_and(|(_, version)| version > report.version) {
            return Err(WorkflowError::invalid("version", "there is no such version yet"));
        }
        let state = if taken.is_some() { AnswerState::Taken } else { AnswerState::Left };
        record.detail("state", state.code());
        match answers::settle(tx, answer, state, taken)? {
            true => Ok(()),
            false => Err(WorkflowError::conflict("it was said already what becomes of it")),
        }
    })
}

/// A draft of a few words as it fits into a sentence: without the period that ends it.
pub(super) fn as_words(draft: &str) -> &str {
    let draft = draft.trim();
    match draft.strip_suffix('.') {
        Some(words) if !words.contains(['.', '\n', '?', '!']) => words.trim_end(),
        _ => draft,
    }
}

#[cfg(test)]
mod tests {
    use super::as_words;

    #[test]
    fn a_few_words_lose_the_period_that_ends_them_and_sentences_keep_theirs() {
        for (draft, words) in [
            ("Lisinopril 20 mg.", "Lisinopril 20 mg"),
            (" the left knee ", "the left knee"),
            ("0.5 mg.", "0.5 mg."),
            ("One. Two.", "One. Two."),
            ("", ""),
        ] {
            assert_eq!(as_words(draft), words);
        }
    }
}
