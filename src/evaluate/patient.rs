//! What is known of the patient before a recording is heard: the drugs, problems, allergies and
//! names of `--context`.
//!
//! Not for: how the recogniser uses it (`speech`).
//!
//! A tab-separated table with a header and without quoting: column `file` as in the manifest, and
//! any of `drugs`, `problems`, `allergies` and `names`, each with terms parted by semicolons.
//!
//! Invariant: each file stands in one row.

use super::table::{BadRow, Table, TableError};
use std::collections::HashMap;

/// The most terms of one patient.
pub const TERMS_MAX: usize = 2_000;

#[derive(Debug, thiserror::Error)]
pub enum PatientError {
    #[error("the context cannot be used")]
    Table { source: TableError },
    #[error("the context has none of the columns drugs, problems, allergies and names")]
    NoTerms,
}

/// What a term is to the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Drug,
    Problem,
    Allergy,
    Name,
}

const COLUMNS: [(&str, Kind); 4] = [
    ("drugs", Kind::Drug),
    ("problems", Kind::Problem),
    ("allergies", Kind::Allergy),
    ("names", Kind::Name),
];

/// A term of the patient.
#[derive(Clone, PartialEq)]
pub struct PatientTerm {
    pub kind: Kind,
    pub text: String,
}

/// Reads what is known for each file.
///
/// # Errors
/// When columns are missing or rows cannot be used; all such rows are named by their lines.
pub fn read(text: &str) -> Result<HashMap<String, Vec<PatientTerm>>, PatientError> {
    let table_error = |source| PatientError::Table { source };
    let table = Table::read(text).map_err(table_error)?;
    let file_at = table.needed("file").map_err(table_error)?;
    let mut places = Vec::new();
    for (name, kind) in COLUMNS {
        if let Some(place) = table.column(name).map_err(table_error)? {
            places.push((place, kind));
        }
    }
    if places.is_empty() {
        return Err(PatientError::NoTerms);
    }
    let mut bad = table.bad;
    let mut known = HashMap::new();
    for (line, cells) in table.rows {
        let terms = terms(&cells, &places);
        let problem = if cells[file_at].is_empty() {
            "it names no file".to_owned()
        } else if terms.len() > TERMS_MAX {
            format!("it has more than {TERMS_MAX} terms")
        } else if known.insert(cells[file_at].to_owned(), terms).is_some() {
            "its file stands in a row above".to_owned()
        } else {
            continue;
        };
        bad.push(BadRow { line, problem });
    }
    if bad.is_empty() {
        return Ok(known);
    }
    bad.sort_by_key(|row| row.line);
    Err(table_error(TableError::BadRows(bad)))
}

fn terms(cells: &[&str], places: &[(usize, Kind)]) -> Vec<PatientTerm> {
    let mut terms = Vec::new();
    for &(place, kind) in places {
        let parts = cells[place].split(';').map(str::trim).filter(|text| !text.is_empty());
        terms.extend(parts.map(|text| PatientTerm { kind, text: text.to_owned() }));
    }
    terms
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::causes;

    #[test]
    fn terms_are_parted_by_semicolons_and_know_their_kind() {
        let text = "file\tproblems\tdrugs\na.wav\tatrial fibrillation; gout;\tapixaban\n";
        let known = read(text).unwrap_or_default();
        let shown: Vec<_> =
            known["a.wav"].iter().map(|term| (term.kind, term.text.as_str())).collect();
        let expected = [
            (Kind::Drug, "apixaban"),
            (Kind::Problem, "atrial fibrillation"),
            (Kind::Problem, "gout"),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_cannot_be_used_is_named_by_its_line() {
        for (text, expected) in [
            ("file\tnote\na\tb\n", "none of the columns"),
            ("drugs\na\n", "no column file"),
            ("file\tdrugs\na\tb\na\tc\n", "line 3: its file stands in a row above"),
            ("file\tdrugs\n\tb\n", "line 2: it names no file"),
        ] {
            let refusal = read(text).err().map(|error| causes::chain(&error)).unwrap_or_default();
            assert!(refusal.contains(expected), "{text}: {refusal}");
        }
    }
}
