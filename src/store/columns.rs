//! How values without a column type of their own are written in text columns.
//!
//! Not for: SQL. Each table family has its own statements.
//!
//! Invariant: reading what was written gives the same value; anything else is `Corrupt`.

use super::error::StoreError;
use crate::domain::label::{Label, Labels};
use crate::domain::patient::Mrn;
use crate::domain::scope::Scope;
use crate::domain::transcript::{Doubt, DoubtKind, Reconsidered, Word};
use crate::domain::work_type::WorkTypeCode;
use serde::{Deserialize, Serialize};

pub fn labels_text(labels: &Labels) -> String {
    labels.iter().map(Label::code).collect::<Vec<_>>().join(",")
}

pub fn labels(text: &str) -> Result<Labels, StoreError> {
    let mut labels = Labels::none();
    for code in text.split(',').filter(|code| !code.is_empty()) {
        labels = labels.with(Label::from_code(code).ok_or(StoreError::corrupt("labels"))?);
    }
    Ok(labels)
}

pub fn scopes_text(scopes: &[Scope]) -> String {
    scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>().join(",")
}

pub fn scopes(text: &str) -> Result<Vec<Scope>, StoreError> {
    let codes = text.split(',').filter(|code| !code.is_empty());
    let known = codes.map(|code| Scope::from_code(code).ok_or(StoreError::corrupt("scopes")));
    known.collect()
}

pub fn mrn(text: &str) -> Result<Mrn, StoreError> {
    Mrn::parse(text).ok_or(StoreError::corrupt("mrn"))
}

pub fn work_type(text: &str) -> Result<WorkTypeCode, StoreError> {
    WorkTypeCode::parse(text).ok_or(StoreError::corrupt("work_type"))
}

/// One heard word as a compact row: text, start, end, confidence.
type WordRow = (String, u32, u32, f32);
type DoubtRow = (String, u32, u32);

pub fn words_text(words: &[Word]) -> String {
    let rows: Vec<WordRow> =
        words.iter().map(|w| (w.text.clone(), w.start_ms, w.end_ms, w.confidence)).collect();
    serde_json::to_string(&rows).expect("strings and numbers are always JSON")
}

pub fn words(text: &str) -> Result<Vec<Word>, StoreError> {
    let rows: Vec<WordRow> =
        serde_json::from_str(text).map_err(|_| StoreError::corrupt("transcript.words"))?;
    let word = |(text, start_ms, end_ms, confidence)| Word { text, start_ms, end_ms, confidence };
    Ok(rows.into_iter().map(word).collect())
}

/// First word, word after the last, what was heard first, score, alternatives, what another hearing
/// had: the last is absent in rows that were written before it was kept.
#[derive(Serialize, Deserialize)]
struct ReconsideredRow(
    u32,
    u32,
    Option<String>,
    f32,
    Vec<String>,
    #[serde(default)] Option<String>,
);

pub fn reconsidered_text(reconsidered: &[Reconsidered]) -> String {
    let rows: Vec<ReconsideredRow> = reconsidered
        .iter()
        .cloned()
        .map(|Reconsidered { words, heard, score, alternatives, otherwise }| {
            ReconsideredRow(words.start, words.end, heard, score, alternatives, otherwise)
        })
        .collect();
    serde_json::to_string(&rows).expect("strings and numbers are always JSON")
}

pub fn reconsidered(text: &str) -> Result<Vec<Reconsidered>, StoreError> {
    let rows: Vec<ReconsideredRow> =
        serde_json::from_str(text).map_err(|_| StoreError::corrupt("transcript.reconsidered"))?;
    let place = |ReconsideredRow(start, end, heard, score, alternatives, otherwise)| Reconsidered {
        words: start..end,
        heard,
        score,
        alternatives,
        otherwise,
    };
    Ok(rows.into_iter().map(place).collect())
}

pub fn doubts_text(doubts: &[Doubt]) -> String {
    let code =
        |doubt: &Doubt| (doubt.kind.code().to_string(), doubt.span.start_ms, doubt.span.end_ms);
    let rows: Vec<DoubtRow> = doubts.iter().map(code).collect();
    serde_json::to_string(&rows).expect("strings and numbers are always JSON")
}

pub fn doubts(text: &str) -> Result<Vec<Doubt>, StoreError> {
    let corrupt = || StoreError::corrupt("transcript.doubts");
    let rows: Vec<DoubtRow> = serde_json::from_str(text).map_err(|_| corrupt())?;
    let mut doubts = Vec::new();
    for (code, start_ms, end_ms) in rows {
        let kind = DoubtKind::from_code(&code).ok_or_else(corrupt)?;
        let span = crate::domain::time::AudioSpan { start_ms, end_ms };
        doubts.push(Doubt { kind, span });
    }
    Ok(doubts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::AudioSpan;

    #[test]
    fn what_was_written_reads_back_the_same() {
        let labels_in = Labels::none().with(Label::Vip).with(Label::Hiv);
        assert_eq!(labels(&labels_text(&labels_in)).ok(), Some(labels_in));
        let word = Word { text: "5 \"mg\"".into(), start_ms: 1, end_ms: 2, confidence: 0.5 };
        assert_eq!(words(&words_text(std::slice::from_ref(&word))).ok(), Some(vec![word]));
        let span = AudioSpan { start_ms: 3, end_ms: 9 };
        let doubt = Doubt { kind: DoubtKind::InventedWords, span };
        assert_eq!(doubts(&doubts_text(std::slice::from_ref(&doubt))).ok(), Some(vec![doubt]));
    }

    #[test]
    fn places_that_were_written_before_another_hearing_was_kept_are_read() {
        let place = |otherwise| Reconsidered {
            words: 4..6,
            heard: Some("sore of the spine".into()),
            score: 0.5,
            alternatives: vec!["psoas".into()],
            otherwise,
        };
        let old = r#"[[4,6,"sore of the spine",0.5,["psoas"]]]"#;
        assert_eq!(reconsidered(old).ok(), Some(vec![place(None)]));
        let new = vec![place(Some("left".into())), place(None)];
        assert_eq!(reconsidered(&reconsidered_text(&new)).ok(), Some(new));
    }

    #[test]
    fn a_value_that_does_not_parse_is_corrupt() {
        assert!(labels("NOPE").is_err());
        assert!(words("[[1]]").is_err());
        assert!(doubts("[[\"nope\",1,2]]").is_err());
    }
}
