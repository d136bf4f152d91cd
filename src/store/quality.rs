//! Sampling, submissions and their reviews.
//!
//! Not for: deciding who is sampled or who reviews (`workflow/sampling.rs`, `quality.rs`).
//!
//! Invariant: a submission is reviewed at most once, and never by its editor.

use super::db::{Row, Tx, params};
use super::error::StoreError;
use crate::domain::ids::{PersonId, ReportId, ReviewId};
use crate::domain::named::named;
use crate::domain::phi::Phi;
use crate::domain::quality::{ErrorCategory, Score};
use crate::domain::report::Stage;
use crate::domain::time::Timestamp;
use crate::text::count::Counted;

named! {
    /// What a sampling rule is about.
    pub enum RuleKind {
        /// Everything.
        Site = "site",
        Stat = "stat",
        /// Passes in a row after which an editor is no longer new; a new one is sampled whole.
        NewEditor = "new-editor",
        Editor = "editor",
        Author = "author",
        WorkType = "work-type",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub kind: RuleKind,
    /// A person's id or the code of a work type; empty for the others.
    pub of: String,
    /// Percent, or passes in a row.
    pub value: u32,
}

pub fn rules(tx: &Tx) -> Result<Vec<Rule>, StoreError> {
    tx.all(
        "select kind, of_what, value from sampling_rule order by kind, of_what",
        params![],
        |row| {
            Ok(Rule {
                kind: row.code(0, RuleKind::from_code)?,
                of: row.text(1)?,
                value: row.number(2)?,
            })
        },
    )
}

pub fn put_rule(tx: &Tx, rule: &Rule, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "insert into sampling_rule (kind, of_what, value, set_at) values (?1, ?2, ?3, ?4)
            on conflict (kind, of_what) do update set value = ?3, set_at = ?4",
        params![rule.kind.code(), rule.of.as_str(), rule.value, now],
    )?;
    Ok(())
}

pub fn remove_rule(tx: &Tx, kind: RuleKind, of: &str) -> Result<(), StoreError> {
    tx.execute(
        "delete from sampling_rule where kind = ?1 and of_what = ?2",
        params![kind.code(), of],
    )?;
    Ok(())
}

/// How many of the editor's newest reviews passed, one after the other, looking at no more than
/// `limit`.
pub fn passes_in_a_row(tx: &Tx, editor: PersonId, limit: u32) -> Result<u32, StoreError> {
    let newest = tx.all(
        "select passed from qa_review where editor_id = ?1 order by reviewed_at desc limit ?2",
        params![editor, limit],
        |row| row.flag(0),
    )?;
    let passes = newest.iter().take_while(|passed| **passed).count();
    Ok(u32::try_from(passes).unwrap_or(u32::MAX))
}

/// What the sampling drew for one submission.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    pub percent: u32,
    /// In hundredths of a percent.
    pub drawn: u32,
    /// Code of the rule that set the percentage; empty where none did.
    pub rule: &'static str,
    pub sampled: bool,
}

#[derive(Clone, Debug)]
pub struct NewSubmission {
    pub report: ReportId,
    pub version: u32,
    pub editor: PersonId,
    pub at: Timestamp,
    pub drawn: Drawn,
    /// Where the report went.
    pub stage: Stage,
    pub counted: Counted,
    pub audio_ms: u32,
}

pub fn insert_submission(tx: &Tx, new: &NewSubmission) -> Result<(), StoreError> {
    tx.execute(
        "insert into submission (report_id, version, editor_id, submitted_at, percent, drawn,
            rule, sampled, stage, characters, visible, template, audio_ms)
            values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            new.report,
            new.version,
            new.editor,
            new.at,
            new.drawn.percent,
            new.drawn.drawn,
            new.drawn.rule,
            new.drawn.sampled,
            new.stage.code(),
            new.counted.characters,
            new.counted.visible,
            new.counted.template,
            new.audio_ms
        ],
    )?;
    Ok(())
}

/// A submission as it is reviewed.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    pub number: u64,
    pub version: u32,
    pub editor: PersonId,
    pub at: Timestamp,
    pub sampled: bool,
    pub reviewed: bool,
}

/// The newest submission of a report.
pub fn newest_submission(tx: &Tx, report: ReportId) -> Result<Option<Submission>, StoreError> {
    tx.one(
        "select s.number, s.version, s.editor_id, s.submitted_at, s.sampled,
            exists (select 1 from qa_review q where q.submission = s.number)
            from submission s where s.report_id = ?1 order by s.number desc limit 1",
        params![report],
        |row| {
            Ok(Submission {
                number: row.number(0)?,
                version: row.number(1)?,
                editor: row.id(2)?,
                at: row.time(3)?,
                sampled: row.flag(4)?,
                reviewed: row.flag(5)?,
            })
        },
    )
}

#[derive(Clone, Debug)]
pub struct QaError {
    pub category: ErrorCategory,
    /// The same error as one before it, which alone is counted.
    pub repeated: bool,
    pub dictated: Phi<String>,
    pub transcribed: Phi<String>,
    pub note: Phi<String>,
}

#[derive(Clone, Debug)]
pub struct Review {
    pub id: ReviewId,
    pub report: ReportId,
    pub version: u32,
    pub editor: PersonId,
    pub reviewer: PersonId,
    pub at: Timestamp,
    pub score: Score,
    pub note: Phi<String>,
    pub errors: Vec<QaError>,
    /// What the editor says to it, and when.
    pub answer: Option<(Phi<String>, Timestamp)>,
}

pub fn insert_review(tx: &Tx, submission: u64, review: &Review) -> Result<(), StoreError> {
    tx.execute(
        "insert into qa_review (id, submission, report_id, editor_id, reviewer_id, reviewed_at,
            score, passed, note) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            review.id,
            submission,
            review.report,
            review.editor,
            review.reviewer,
            review.at,
            review.score.points,
            review.score.passed,
            review.note.reveal().as_str()
        ],
    )?;
    for (number, error) in (1_u32..).zip(&review.errors) {
        tx.execute(
            "insert into qa_error (review_id, number, category, repeated, dictated, transcribed,
                note) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                review.id,
                number,
                error.category.code(),
                error.repeated,
                error.dictated.reveal().as_str(),
                error.transcribed.reveal().as_str(),
                error.note.reveal().as_str()
            ],
        )?;
    }
    Ok(())
}

/// Reviews of a time, of one editor where one is given, newest first.
pub fn reviews(
    tx: &Tx,
    editor: Option<PersonId>,
    from: Timestamp,
    until: Timestamp,
    limit: usize,
) -> Result<Vec<Review>, StoreError> {
    let mut found = tx.all(
        &format!(
            "{REVIEW} where (?1 is null or q.editor_id = ?1) and q.reviewed_at >= ?2
                and q.reviewed_at < ?3 order by q.reviewed_at desc limit ?4"
        ),
        params![editor, from, until, limit],
        read_review,
    )?;
    for review in &mut found {
        review.errors = errors(tx, review.id)?;
    }
    Ok(found)
}

pub fn review(tx: &Tx, id: ReviewId) -> Result<Option<Review>, StoreError> {
    tx.one(&format!("{REVIEW} where q.id = ?1"), params![id], read_review)
}

/// The reviews of a report, oldest first, without their errors.
pub fn reviews_of(tx: &Tx, report: ReportId) -> Result<Vec<Review>, StoreError> {
    tx.all(
        &format!("{REVIEW} where q.report_id = ?1 order by q.reviewed_at"),
        params![report],
        read_review,
    )
}

pub fn answer(tx: &Tx, id: ReviewId, answer: &str, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "update qa_review set answer = ?2, answered_at = ?3 where id = ?1",
        params![id, answer, now],
    )?;
    Ok(())
}

const REVIEW: &str = "select q.id, q.report_id, s.version, q.editor_id, q.reviewer_id,
    q.reviewed_at, q.score, q.passed, q.note, q.answer, q.answered_at
    from qa_review q join submission s on s.number = q.submission";

fn read_review(row: &Row) -> Result<Review, StoreError> {
    let answer = row.opt_text(9)?.map(Phi::new);
    Ok(Review {
        id: row.id(0)?,
        report: row.id(1)?,
        version: row.number(2)?,
        editor: row.id(3)?,
        reviewer: row.id(4)?,
        at: row.time(5)?,
        score: Score { points: row.number(6)?, passed: row.flag(7)? },
        note: Phi::new(row.text(8)?),
        errors: Vec::new(),
        answer: answer.zip(row.opt_time(10)?),
    })
}

fn errors(tx: &Tx, review: ReviewId) -> Result<Vec<QaError>, StoreError> {
    tx.all(
        "select category, repeated, dictated, transcribed, note from qa_error
            where review_id = ?1 order by number",
        params![review],
        |row| {
            Ok(QaError {
                category: row.code(0, ErrorCategory::from_code)?,
                repeated: row.flag(1)?,
                dictated: Phi::new(row.text(2)?),
                transcribed: Phi::new(row.text(3)?),
                note: Phi::new(row.text(4)?),
            })
        },
    )
}

/// What one person handed on in a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    pub person: PersonId,
    pub name: String,
    pub reports: u64,
    pub characters: u64,
    pub visible: u64,
    pub template: u64,
    pub audio_ms: u64,
}

/// The work of a time by editor; of a report that was handed on more than once by the same
/// person, the last time in the period counts.
pub fn work(
    tx: &Tx,
    person: Option<PersonId>,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Work>, StoreError> {
    tx.all(
        "select p.id, p.display_name, count(*), sum(s.characters), sum(s.visible),
            sum(s.template), sum(s.audio_ms)
        from submission s join person p on p.id = s.editor_id
        where s.number in (select max(number) from submission
                where submitted_at >= ?2 and submitted_at < ?3 group by report_id, editor_id)
            and (?1 is null or s.editor_id = ?1)
        group by p.id order by p.display_name, p.id",
        params![person, from, until],
        |row| {
            Ok(Work {
                person: row.id(0)?,
                name: row.text(1)?,
                reports: row.number(2)?,
                characters: row.number(3)?,
                visible: row.number(4)?,
                template: row.number(5)?,
                audio_ms: row.number(6)?,
            })
        },
    )
}
