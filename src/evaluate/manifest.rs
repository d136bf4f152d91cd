//! The manifest: recordings, what is said in them, and the terms to be heard.
//!
//! Not for: opening the recordings (`passes`).
//!
//! A tab-separated table with a header and without quoting. Columns `file` (relative to the
//! manifest), `reference` (the text as it should be written; `\n` stands for a line break) and
//! `terms` (words with spaces between them, may be empty); `set`, `voice` and `slots` (`safety`)
//! may be there, others are left alone.
//!
//! Invariant: each file stands in one row, and each row has a reference.

use super::safety::{self, Slot};
use super::table::{BadRow, Table, TableError};
use std::collections::HashSet;

/// The most recordings of one evaluation.
const RECORDINGS_MAX: usize = 100_000;

#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    #[error("the manifest cannot be used")]
    Table { source: TableError },
    #[error("the manifest names no recordings")]
    Nothing,
    #[error("the manifest names more than {RECORDINGS_MAX} recordings")]
    TooMany,
}

/// A recording of the manifest.
#[derive(Clone, PartialEq)]
pub struct Row {
    /// In the manifest, from 1.
    pub line: usize,
    pub file: String,
    pub reference: String,
    pub terms: Vec<String>,
    /// Such as "telephone"; none where the manifest does not say.
    pub set: Option<String>,
    pub voice: Option<String>,
    /// Its critical slots; empty where the manifest does not say.
    pub slots: Vec<Slot>,
}

/// Reads a manifest.
///
/// # Errors
/// When columns are missing or rows cannot be used; all such rows are named by their lines.
pub fn read(text: &str) -> Result<Vec<Row>, ManifestError> {
    let rows = rows(text).map_err(|source| ManifestError::Table { source })?;
    match rows.len() {
        0 => Err(ManifestError::Nothing),
        1..=RECORDINGS_MAX => Ok(rows),
        _ => Err(ManifestError::TooMany),
    }
}

fn rows(text: &str) -> Result<Vec<Row>, TableError> {
    let table = Table::read(text)?;
    let file_at = table.needed("file")?;
    let reference_at = table.needed("reference")?;
    let terms_at = table.needed("terms")?;
    let (set_at, voice_at) = (table.column("set")?, table.column("voice")?);
    let slots_at = table.column("slots")?;
    let mut bad = table.bad;
    let mut rows = Vec::new();
    let mut seen = HashSet::new();
    for (line, cells) in table.rows {
        let said_of = |place: Option<usize>| {
            place.map(|place| cells[place]).filter(|cell| !cell.is_empty()).map(str::to_owned)
        };
        let file = cells[file_at];
        let slots = safety::slots(slots_at.map_or("", |place| cells[place]));
        let problem = match cells[reference_at] {
            _ if file.is_empty() => Some("it names no file"),
            _ if !seen.insert(file) => Some("its file stands in a row above"),
            "" => Some("it has no reference"),
            _ if slots.is_none() => Some("its slots cannot be read"),
            _ => None,
        };
        match problem {
            Some(problem) => bad.push(BadRow { line, problem: problem.into() }),
            None => rows.push(Row {
                line,
                file: file.to_owned(),
                reference: cells[reference_at].replace("\\n", "\n"),
                terms: cells[terms_at].split_whitespace().map(str::to_owned).collect(),
                set: said_of(set_at),
                voice: said_of(voice_at),
                slots: slots.unwrap_or_default(),
            }),
        }
    }
    if bad.is_empty() {
        return Ok(rows);
    }
    bad.sort_by_key(|row| row.line);
    Err(TableError::BadRows(bad))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes;

    fn refusal(text: &str) -> String {
        read(text).err().map(|error| causes::chain(&error)).unwrap_or_default()
    }

    #[test]
    fn columns_are_found_by_name_and_others_left_alone() {
        let text = "\u{feff}voice\tnote\treference\tterms\tfile\r\n\
            joe\tx\tNo \"fever\".\\nStop.\tfever  chills\ta.wav\r\n\n\
            \ty\tNo pain.\t\tb.wav\n";
        let rows = read(text).unwrap_or_default();
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].line, rows[0].file.as_str()), (2, "a.wav"));
        assert_eq!(rows[0].reference, "No \"fever\".\nStop.");
        assert_eq!(rows[0].terms, ["fever", "chills"]);
        assert_eq!((rows[0].set.as_deref(), rows[0].voice.as_deref()), (None, Some("joe")));
        assert_eq!((rows[1].line, rows[1].voice.as_deref()), (4, None));
        assert!(rows[1].terms.is_empty());
    }

    #[test]
    fn every_bad_row_is_named_by_its_line_and_not_by_its_text() {
        let text = "file\treference\tterms\na.wav\tSecret\n\tSecret\t\nb.wav\t\t\n\
            c.wav\tSecret\t\nc.wav\tSecret\t\n";
        assert_eq!(
            refusal(text),
            "the manifest cannot be used: 4 rows cannot be used\n  \
             line 2: it has 2 cells, the header has 3\n  line 3: it names no file\n  \
             line 4: it has no reference\n  line 6: its file stands in a row above"
        );
    }

    #[test]
    fn a_manifest_without_its_columns_or_rows_is_refused() {
        for (text, expected) in [
            ("", "the table is empty"),
            ("file\treference\n", "no column terms"),
            ("file\tfile\treference\tterms\n", "more than one column file"),
            ("file\treference\tterms\n", "names no recordings"),
        ] {
            assert!(refusal(text).contains(expected), "{text}: {}", refusal(text));
        }
    }
}
