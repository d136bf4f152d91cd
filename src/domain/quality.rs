//! Quality of transcription: kinds of error, what each costs, and when a report passes.
//!
//! Not for: who scores whom (`workflow/quality.rs`).
//!
//! Invariant: the score is 100 less 3 for each critical and 1 for each non-critical error, the
//! same error counted once; a report passes at 98 or more without a critical error (AHDI and
//! AHIMA, Healthcare Documentation Quality Assessment and Management Best Practices, 2010,
//! revised 2017; domain specification 3.2).

use super::named::named;

named! {
    pub enum ErrorClass {
        /// It compromises the patient's safety.
        Critical = "critical",
        NonCritical = "non-critical",
        /// Advice, which costs nothing.
        Feedback = "feedback",
    }
}

named! {
    /// The categories of domain specification 3.2, in its order.
    pub enum ErrorCategory {
        /// A wrong medical term or diagnosis.
        Term = "term",
        /// A wrong drug or dose.
        Drug = "drug",
        /// A wrong laboratory value or other number.
        Value = "value",
        /// The wrong side of the body.
        Side = "side",
        /// Something left out that changes the content.
        Omission = "omission",
        /// Something put in that changes the content, or that nobody said.
        Insertion = "insertion",
        /// Wrong patient, encounter or author.
        Identity = "identity",
        /// An error of the author's that any editor should have flagged.
        DictationError = "dictation-error",
        Misspelling = "misspelling",
        /// A wrong word without clinical effect.
        Word = "word",
        /// Grammar or punctuation that hampers reading.
        Grammar = "grammar",
        /// Format, or the rules of the account.
        Format = "format",
        Abbreviation = "abbreviation",
        /// A blank that was not needed, or one that is missing.
        Blank = "blank",
        /// A minor slip in the particulars.
        Particulars = "particulars",
        Style = "style",
        Phrasing = "phrasing",
    }
}

const CRITICAL_COST: u32 = 3;
const NON_CRITICAL_COST: u32 = 1;
const PERFECT: u32 = 100;
/// The lowest score that passes.
pub const PASS: u32 = 98;

impl ErrorCategory {
    pub fn class(self) -> ErrorClass {
        use ErrorCategory::*;
        match self {
            Term | Drug | Value | Side | Omission | Insertion | Identity | DictationError => {
                ErrorClass::Critical
            }
            Misspelling | Word | Grammar | Format | Abbreviation | Blank | Particulars => {
                ErrorClass::NonCritical
            }
            Style | Phrasing => ErrorClass::Feedback,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// 0 to 100.
    pub points: u32,
    pub passed: bool,
}

/// The score of a report with these errors, each counted; a repetition is not to be among them.
pub fn score(errors: impl IntoIterator<Item = ErrorCategory>) -> Score {
    let (mut cost, mut critical) = (0, false);
    for error in errors {
        match error.class() {
            ErrorClass::Critical => {
                cost += CRITICAL_COST;
                critical = true;
            }
            ErrorClass::NonCritical => cost += NON_CRITICAL_COST,
            ErrorClass::Feedback => {}
        }
    }
    let points = PERFECT.saturating_sub(cost);
    Score { points, passed: points >= PASS && !critical }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ErrorCategory::*;

    #[test]
    fn the_score_is_as_the_field_counts_it() {
        let cases: [(&[ErrorCategory], u32, bool); 6] = [
            (&[], 100, true),
            (&[Style, Phrasing], 100, true),
            (&[Grammar, Misspelling], 98, true),
            (&[Grammar, Misspelling, Format], 97, false),
            (&[Drug], 97, false),
            (&[Side; 40], 0, false),
        ];
        for (errors, points, passed) in cases {
            assert_eq!(score(errors.iter().copied()), Score { points, passed }, "{errors:?}");
        }
    }
}
