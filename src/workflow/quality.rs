//! QA reviews: an editor's work is scored by somebody else, and the editor reads it and may answer.
//!
//! Not for: handing the report on (`review.rs`), or how errors are weighed (`domain/quality.rs`).
//!
//! Invariant: a review is of a submission, by a reviewer who holds the report, is not its editor
//! and has listened to the recording since it was submitted; it is given once (domain
//! specification 3.2).

use super::error::WorkflowError;
use super::people::named;
use super::sight::{Eyes, changeable, person_of};
use super::site::{Acting, Site, look, new_uuid, perform};
use crate::domain::audit::Act;
use crate::domain::ids::{DictationId, PersonId, ReportId, ReviewId};
use crate::domain::person::{Person, Role};
use crate::domain::phi::Phi;
use crate::domain::quality::{ErrorCategory, Score, score};
use crate::domain::report::{Report, Stage};
use crate::domain::time::Timestamp;
use crate::store::db::Tx;
use crate::store::quality::{self as rows, QaError, Review, Submission};
use crate::store::{dictations, people, played, reports};

/// The most errors of one review, and the longest text of one, in bytes.
pub const ERRORS_MAX: usize = 200;
pub const NOTE_MAX: usize = 1000;
/// How much of a recording has to sound before its report is scored, in percent. Domain
/// specification 3.2 asks that it is always compared with the audio; half is a judgment, so that
/// pauses and a place that is looked for do not keep anybody.
pub const HEARD_PERCENT_MIN: u64 = 50;
/// The most reviews of one answer; ask for a shorter time for the others.
pub const REVIEWS_MAX: usize = 500;

/// An error as the reviewer notes it.
#[derive(Clone, Debug)]
pub struct NewError {
    pub category: ErrorCategory,
    pub repeated: bool,
    pub dictated: String,
    pub transcribed: String,
    pub note: String,
}

/// Scores the newest submission of a report.
///
/// # Errors
/// [`WorkflowError::Conflict`] where nobody submitted it, it is the reviewer's own, it was scored
/// already, or the reviewer has not listened.
pub fn score_report(
    site: &Site,
    who: &Acting,
    id: ReportId,
    errors: Vec<NewError>,
    note: &str,
) -> Result<Score, WorkflowError> {
    let errors = checked(errors)?;
    let note = text("note", note)?;
    let now = site.clock.now();
    perform(site, who, Act::ScoreReport, |tx, record| {
        let report = changeable(site, tx, who, Act::ScoreReport, id)?;
        record.subject("report", id);
        let reviewer = person_of(who, Act::ScoreReport)?.id;
        let submission = scorable(tx, &report, reviewer)?.ok_or_else(|| {
            WorkflowError::conflict(
                "there is nothing here to score: nobody handed it to QA, it is your own work, or \
                 it was scored already",
            )
        })?;
        if let Some(dictation) = report.dictation {
            check_listened(tx, dictation, reviewer, submission.at)?;
        }
        let counted = errors.iter().filter(|error| !error.repeated);
        let score = score(counted.map(|error| error.category));
        let review = Review {
            id: ReviewId(new_uuid()),
            report: id,
            version: submission.version,
            editor: submission.editor,
            reviewer,
            at: now,
            score,
            note: note.clone(),
            errors: errors.clone(),
            answer: None,
        };
        rows::insert_review(tx, submission.number, &review)?;
        record.subject("review", review.id);
        record.subject("person", review.editor);
        record.detail("score", score.points);
        record.detail("passed", score.passed);
        Ok(score)
    })
}

/// Whether enough of the recording sounded in the reviewer's page since it was submitted. What
/// a player fetched and nobody heard does not count.
fn check_listened(
    tx: &Tx,
    dictation: DictationId,
    reviewer: PersonId,
    since: Timestamp,
) -> Result<(), WorkflowError> {
    let known = dictations::by_id(tx, dictation)?;
    let length = known.map_or(0, |dictation| dictation.audio.duration_ms);
    let heard = played::heard_ms(tx, dictation, reviewer, since)?;
    let needed = u64::from(length) * HEARD_PERCENT_MIN / 100;
    if u64::from(heard) >= needed && heard > 0 {
        return Ok(());
    }
    let message = format!(
        "listen to the recording first; reading alone is no review: {} of its {} s were played \
         since it was submitted, and a score takes {HEARD_PERCENT_MIN} %",
        heard / 1000,
        length.div_ceil(1000)
    );
    Err(WorkflowError::conflict(message))
}

/// The submission that this person may score now, if there is one.
pub(super) fn scorable(
    tx: &Tx,
    report: &Report,
    reviewer: PersonId,
) -> Result<Option<Submission>, WorkflowError> {
    if report.stage != Stage::InQa {
        return Ok(None);
    }
    let newest = rows::newest_submission(tx, report.id)?;
    Ok(newest.filter(|one| one.editor != reviewer && !one.reviewed))
}

fn checked(errors: Vec<NewError>) -> Result<Vec<QaError>, WorkflowError> {
    if errors.len() > ERRORS_MAX {
        let message = format!("a review has at most {ERRORS_MAX} errors");
        return Err(WorkflowError::invalid("errors", message));
    }
    let mut checked = Vec::new();
    for error in errors {
        checked.push(QaError {
            category: error.category,
            repeated: error.repeated,
            dictated: text("dictated", &error.dictated)?,
            transcribed: text("transcribed", &error.transcribed)?,
            note: text("note", &error.note)?,
        });
    }
    Ok(checked)
}

fn text(field: &'static str, text: &str) -> Result<Phi<String>, WorkflowError> {
    let text = text.trim();
    if text.len() > NOTE_MAX {
        return Err(WorkflowError::invalid(field, format!("at most {NOTE_MAX} bytes")));
    }
    Ok(Phi::text(text))
}

/// A review with the names of its people.
#[derive(Clone, Debug)]
pub struct Scored {
    pub review: Review,
    pub editor: Person,
    pub reviewer: Person,
    pub work_type_name: String,
    /// The words that are quoted are left out because of a label.
    pub sealed: bool,
}

/// Whose reviews to show, of what time.
#[derive(Clone, Debug)]
pub struct Period {
    pub from: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
}

/// Reviews of a time, newest first: for a reviewer of everybody or of one editor, for others
/// their own.
pub fn scores(
    site: &Site,
    who: &Acting,
    editor: Option<&str>,
    period: &Period,
) -> Result<Vec<Scored>, WorkflowError> {
    look(site, who, Act::ViewScores, |tx, record| {
        let eyes = Eyes::of(site, tx, who, Act::ViewScores)?;
        let editor = match editor {
            Some(username) => Some(named(tx, username)?.id),
            None => None,
        };
        let own = eyes.person.id;
        let editor = match (eyes.person.has(Role::Reviewer), editor) {
            (true, editor) => editor,
            (false, None) => Some(own),
            (false, Some(asked)) if asked == own => Some(own),
            (false, Some(_)) => return Err(WorkflowError::Forbidden { act: Act::ViewScores }),
        };
        let mut scored = Vec::new();
        for review in rows::reviews(tx, editor, period.from, period.until, REVIEWS_MAX)? {
            record.subject("report", review.report);
            scored.push(with_names(site, tx, &eyes, review)?);
        }
        Ok(scored)
    })
}

fn with_names(
    site: &Site,
    tx: &Tx,
    eyes: &Eyes,
    mut review: Review,
) -> Result<Scored, WorkflowError> {
    let person = |id| -> Result<Person, WorkflowError> {
        people::by_id(tx, id)?.ok_or(WorkflowError::NotFound { what: "person" })
    };
    let missing = WorkflowError::NotFound { what: "report" };
    let report = reports::by_id(tx, review.report)?.ok_or(missing)?;
    let roles = [Role::Transcriptionist, Role::Reviewer];
    let sealed = !roles.iter().any(|role| eyes.may_be_given(*role, &report));
    if sealed {
        review.note = Phi::text("");
        review.answer = None;
        for error in &mut review.errors {
            error.dictated = Phi::text("");
            error.transcribed = Phi::text("");
            error.note = Phi::text("");
        }
    }
    let work_type = site.work_types.get(&report.work_type);
    Ok(Scored {
        editor: person(review.editor)?,
        reviewer: person(review.reviewer)?,
        work_type_name: work_type.map_or_else(String::new, |known| known.name.clone()),
        review,
        sealed,
    })
}

/// What the editor says to a review; both opinions are kept.
///
/// # Errors
/// [`WorkflowError::Conflict`] when it was answered already.
pub fn answer(site: &Site, who: &Acting, id: ReviewId, words: &str) -> Result<(), WorkflowError> {
    let words = text("answer", words)?;
    if words.reveal().is_empty() {
        return Err(WorkflowError::invalid("answer", "an answer has words"));
    }
    perform(site, who, Act::AnswerScore, |tx, record| {
        let person = person_of(who, Act::AnswerScore)?;
        let review = rows::review(tx, id)?.ok_or(WorkflowError::NotFound { what: "review" })?;
        if review.editor != person.id {
            return Err(WorkflowError::Forbidden { act: Act::AnswerScore });
        }
        if review.answer.is_some() {
            return Err(WorkflowError::conflict("it was answered already"));
        }
        record.subject("review", id);
        record.subject("report", review.report);
        Ok(rows::answer(tx, id, words.reveal(), site.clock.now())?)
    })
}
