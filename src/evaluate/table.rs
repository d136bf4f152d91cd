//! Tab-separated tables with a header and without quoting, whose columns are found by name.
//!
//! Not for: what the columns mean (`manifest`, `patient`).
//!
//! Invariant: every row has as many cells as the header; an error names lines and columns and
//! never what stands in a cell.

use std::fmt::Write;

/// The largest table that is read, in bytes.
pub const TABLE_BYTES_MAX: u64 = 64 << 20;
/// How many bad lines a message lists.
const LISTED_MAX: usize = 20;

#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("the table is empty; its first line names the columns, with tabs between them")]
    Empty,
    #[error("the table has no column {0}; its first line names the columns, with tabs between")]
    NoColumn(&'static str),
    #[error("the table has more than one column {0}")]
    TwoColumns(&'static str),
    #[error("{}", listed(.0))]
    BadRows(Vec<BadRow>),
}

/// What is wrong with a line; the first line of the file is 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    pub line: usize,
    pub problem: String,
}

fn listed(rows: &[BadRow]) -> String {
    let mut text = match rows.len() {
        1 => "a row cannot be used".to_owned(),
        count => format!("{count} rows cannot be used"),
    };
    for BadRow { line, problem } in rows.iter().take(LISTED_MAX) {
        write!(text, "\n  line {line}: {problem}").expect("a string takes all");
    }
    if rows.len() > LISTED_MAX {
        text.push_str("\n  and others");
    }
    text
}

/// A table that was taken apart.
pub struct Table<'a> {
    columns: Vec<&'a str>,
    /// The lines' numbers and cells.
    pub rows: Vec<(usize, Vec<&'a str>)>,
    /// Lines with too few or too many cells, which are in no row.
    pub bad: Vec<BadRow>,
}

impl<'a> Table<'a> {
    /// # Errors
    /// When there is no header.
    pub fn read(text: &'a str) -> Result<Self, TableError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
        let (header, _) = lines.next().ok_or(TableError::Empty)?;
        let columns: Vec<&str> = header.split('\t').map(str::trim).collect();
        let (mut rows, mut bad) = (Vec::new(), Vec::new());
        for (line, number) in lines {
            let cells: Vec<&str> = line.split('\t').map(str::trim).collect();
            if cells.len() == columns.len() {
                rows.push((number, cells));
            } else {
                let (has, of) = (cells.len(), columns.len());
                let problem = format!("it has {has} cells, the header has {of}");
                bad.push(BadRow { line: number, problem });
            }
        }
        Ok(Self { columns, rows, bad })
    }

    /// The place of a column, if it is there.
    ///
    /// # Errors
    /// When it is there twice.
    pub fn column(&self, name: &'static str) -> Result<Option<usize>, TableError> {
        let mut places = (0..self.columns.len()).filter(|&place| self.columns[place] == name);
        match (places.next(), places.next()) {
            (_, Some(_)) => Err(TableError::TwoColumns(name)),
            (place, None) => Ok(place),
        }
    }

    /// The place of a column that must be there.
    ///
    /// # Errors
    /// When it is not there, or twice.
    pub fn needed(&self, name: &'static str) -> Result<usize, TableError> {
        self.column(name)?.ok_or(TableError::NoColumn(name))
    }
}
