//! The list of work types, with the labels a report of each kind carries from its first day.
//!
//! Not for: sections and their headings (`vocab/worktype-sections.tsv`), or deciding who may
//! open a labelled report (`workflow`).
//!
//! Invariant: every code is in the list once, and every row of the list is whole.

use crate::domain::label::{Label, Labels};
use crate::domain::work_type::{WorkType, WorkTypeCode};
use thiserror::Error;

const BUILT_IN: &str = include_str!("../../vocab/worktypes.tsv");

/// The most work types a site has; the built-in list has 24.
pub const WORK_TYPES_MAX: usize = 500;

/// The most minutes a turnaround target may have: 60 days, the longest deadline in the list
/// (a complete autopsy protocol).
const TARGET_MAX_MINUTES: u32 = 60 * 24 * 60;

/// The cell that stands for "as the parent report has it"; only an addendum has it.
const OF_THE_PARENT: [&str; 2] = ["(parent type)", "(inherits parent)"];

/// The columns that are read, by the name in the first line; others are left alone.
const COLUMNS: [&str; 7] =
    ["code", "name", "hl7_txa2", "loinc_doc", "tat_stat_min", "tat_routine_h", "sensitivity"];

/// Why a list of work types was refused. Lines count from 1, the heading being line 1.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum WorkTypesError {
    #[error("the list of work types has no column {column:?} in its first line")]
    MissingColumn { column: &'static str },
    #[error("line {line} of the list of work types has no cell for column {column:?}")]
    MissingCell { line: usize, column: &'static str },
    #[error("line {line} of the list of work types: column {column:?} says {cell:?}, not {wanted}")]
    BadCell { line: usize, column: &'static str, cell: String, wanted: &'static str },
    #[error("line {line} of the list of work types names {code} a second time")]
    Repeated { line: usize, code: WorkTypeCode },
    #[error("the list of work types has more than {WORK_TYPES_MAX} rows")]
    TooMany,
}

/// The work types of a site, in the order of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkTypes(Vec<Row>);

#[derive(Clone, Debug, PartialEq)]
struct Row {
    work_type: WorkType,
    labels: Labels,
}

impl WorkTypes {
    /// The list that comes with the program.
    ///
    /// # Panics
    ///
    /// When the embedded table is wrong, which a test of this module excludes.
    pub fn built_in() -> Self {
        Self::parse(BUILT_IN).expect("the embedded list is whole, as its test shows")
    }

    /// Reads a tab-separated table whose first line names the columns.
    ///
    /// # Errors
    ///
    /// Says the line and the column of the first cell that cannot be understood.
    pub fn parse(table: &str) -> Result<Self, WorkTypesError> {
        let mut lines = table.lines().zip(1..);
        let (heading, _) = lines.next().unwrap_or_default();
        let places = places(heading)?;
        let mut rows: Vec<Row> = Vec::new();
        for (text, line) in lines.filter(|(text, _)| !text.trim().is_empty()) {
            let row = row(&Cells { text, line, places: &places })?;
            if rows.iter().any(|known| known.work_type.code == row.work_type.code) {
                return Err(WorkTypesError::Repeated { line, code: row.work_type.code });
            }
            if rows.len() == WORK_TYPES_MAX {
                return Err(WorkTypesError::TooMany);
            }
            rows.push(row);
        }
        Ok(Self(rows))
    }

    pub fn get(&self, code: &WorkTypeCode) -> Option<&WorkType> {
        self.row(code).map(|row| &row.work_type)
    }

    /// The labels a report of this kind carries by itself. None for an unknown code, and none for
    /// an addendum, which carries what its parent carries.
    pub fn labels(&self, code: &WorkTypeCode) -> Labels {
        self.row(code).map_or_else(Labels::none, |row| row.labels.clone())
    }

    pub fn iter(&self) -> impl Iterator<Item = &WorkType> {
        self.0.iter().map(|row| &row.work_type)
    }

    fn row(&self, code: &WorkTypeCode) -> Option<&Row> {
        self.0.iter().find(|row| row.work_type.code == *code)
    }
}

/// The code of the built-in work type whose name or spoken alias is among these words; the
/// longest such name.
pub fn named_in(words: &str) -> Option<&'static str> {
    let spaced = format!(" {} ", words.to_lowercase().replace(['.', ','], ""));
    let heading: Vec<&str> = BUILT_IN.lines().next().unwrap_or_default().split('\t').collect();
    let aliases_at = heading.iter().position(|name| *name == "spoken_aliases")?;
    let mut best: Option<(usize, &'static str)> = None;
    for line in BUILT_IN.lines().skip(1) {
        let cells: Vec<&'static str> = line.split('\t').collect();
        let (Some(code), Some(aliases)) = (cells.first(), cells.get(aliases_at)) else { continue };
        for alias in aliases.split('|').filter(|alias| alias.len() > 4) {
            let longer = best.is_none_or(|(length, _)| alias.len() > length);
            if longer && spaced.contains(&format!(" {alias} ")) {
                best = Some((alias.len(), code));
            }
        }
    }
    best.map(|(_, code)| code)
}

/// Where each of `COLUMNS` stands in a line.
type Places = [(&'static str, usize); COLUMNS.len()];

fn places(heading: &str) -> Result<Places, WorkTypesError> {
    let names: Vec<&str> = heading.split('\t').map(str::trim).collect();
    let mut places = COLUMNS.map(|column| (column, 0));
    for (column, place) in &mut places {
        let found = names.iter().position(|name| name == column);
        *place = found.ok_or(WorkTypesError::MissingColumn { column })?;
    }
    Ok(places)
}

/// One line of the table, read by column name.
struct Cells<'a> {
    text: &'a str,
    line: usize,
    places: &'a Places,
}

impl<'a> Cells<'a> {
    fn cell(&self, column: &'static str) -> Result<&'a str, WorkTypesError> {
        let place = self.places.iter().find(|(name, _)| *name == column);
        let cell = place.and_then(|(_, place)| self.text.split('\t').nth(*place)).map(str::trim);
        match cell {
            Some(cell) if !cell.is_empty() => Ok(cell),
            _ => Err(WorkTypesError::MissingCell { line: self.line, column }),
        }
    }

    fn minutes(&self, column: &'static str, unit: u32) -> Result<u32, WorkTypesError> {
        let cell = self.cell(column)?;
        let minutes = cell.parse::<u32>().ok().and_then(|count| count.checked_mul(unit));
        minutes
            .filter(|minutes| (1..=TARGET_MAX_MINUTES).contains(minutes))
            .ok_or_else(|| self.bad(column, cell, "a time of 1 minute to 60 days"))
    }

    fn bad(&self, column: &'static str, cell: &str, wanted: &'static str) -> WorkTypesError {
        WorkTypesError::BadCell { line: self.line, column, cell: cell.to_owned(), wanted }
    }
}

fn row(cells: &Cells<'_>) -> Result<Row, WorkTypesError> {
    let code = cells.cell("code")?;
    let code = WorkTypeCode::parse(code)
        .ok_or_else(|| cells.bad("code", code, "two letters or digits"))?;
    let work_type = WorkType {
        code,
        name: cells.cell("name")?.to_owned(),
        hl7_code: of_its_own(cells.cell("hl7_txa2")?).to_owned(),
        loinc: of_its_own(cells.cell("loinc_doc")?).to_owned(),
        stat_minutes: cells.minutes("tat_stat_min", 1)?,
        routine_minutes: cells.minutes("tat_routine_h", 60)?,
    };
    let cell = cells.cell("sensitivity")?;
    let labels = labels(cell)
        .ok_or_else(|| cells.bad("sensitivity", cell, "a kind of sensitivity or \"normal\""))?;
    Ok(Row { work_type, labels })
}

/// The cell, or nothing where the row leaves it to the parent report.
fn of_its_own(cell: &str) -> &str {
    if OF_THE_PARENT.contains(&cell) { "" } else { cell }
}

fn labels(cell: &str) -> Option<Labels> {
    Some(match cell {
        "normal" => Labels::none(),
        "psychiatric" => Labels::none().with(Label::Psychiatric),
        // 42 CFR Part 2: records of treatment for substance use.
        "part2" => Labels::none().with(Label::SubstanceUse),
        "restricted" => Labels::none().with(Label::Restricted),
        parent if OF_THE_PARENT.contains(&parent) => Labels::none(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> WorkTypeCode {
        WorkTypeCode::parse(text).expect("a code of two letters")
    }

    #[test]
    fn the_built_in_list_has_24_work_types_in_its_own_order() {
        let types = WorkTypes::built_in();
        let codes: Vec<&str> = types.iter().map(|each| each.code.as_str()).collect();
        assert_eq!(
            codes.join(" "),
            "HP CN OP BO PN DS DE TS PR CL ED DI SP AR CD PC PH SU LT TE RH SL AD OT"
        );
    }

    #[test]
    fn a_work_type_has_the_codes_and_targets_of_its_row() {
        let types = WorkTypes::built_in();
        let discharge = types.get(&code("ds")).expect("discharge summaries are in the list");
        assert_eq!(discharge.name, "Discharge Summary");
        assert_eq!((discharge.hl7_code.as_str(), discharge.loinc.as_str()), ("DS", "18842-5"));
        assert_eq!((discharge.stat_minutes, discharge.routine_minutes), (240, 24 * 60));
        let clinic = types.get(&code("CL")).expect("clinic notes are in the list");
        assert_eq!((clinic.hl7_code.as_str(), clinic.loinc.as_str()), ("PR", "34108-1"));
        assert_eq!(types.get(&code("ZZ")), None);
    }

    #[test]
    fn an_addendum_leaves_its_hl7_code_and_labels_to_its_parent() {
        let types = WorkTypes::built_in();
        let addendum = types.get(&code("AD")).expect("addenda are in the list");
        assert_eq!((addendum.hl7_code.as_str(), addendum.loinc.as_str()), ("", "55107-7"));
        assert!(types.labels(&code("AD")).is_empty());
    }

    #[test]
    fn sensitive_work_types_carry_their_labels() {
        let types = WorkTypes::built_in();
        let labelled: Vec<String> = types
            .iter()
            .flat_map(|each| types.labels(&each.code).iter().map(|l| (each, l)).collect::<Vec<_>>())
            .map(|(each, label)| format!("{} {}", each.code, label.code()))
            .collect();
        assert_eq!(labelled, ["AR RESTRICTED", "PC PSY", "PH PSY", "SU ETH"]);
        assert!(types.labels(&code("ZZ")).is_empty());
    }

    const HEADING: &str =
        "code\tname\thl7_txa2\tloinc_doc\ttat_stat_min\ttat_routine_h\tsensitivity\n";

    #[test]
    fn a_bad_list_is_refused_with_its_line_and_column() {
        let good = "HP\tHistory\tHP\t34117-2\t120\t12\tnormal\n";
        let cases = [
            ("", "no column \"code\""),
            (
                "HPX\tH\tHP\t1-1\t120\t12\tnormal",
                "line 3 of the list of work types: column \"code\"",
            ),
            ("CN\tConsult\tCN", "line 3 of the list of work types has no cell for column \"loinc"),
            ("CN\t\tCN\t1-1\t120\t12\tnormal", "no cell for column \"name\""),
            ("CN\tC\tCN\t1-1\t0\t12\tnormal", "column \"tat_stat_min\" says \"0\""),
            ("CN\tC\tCN\t1-1\t120\t99999999\tnormal", "column \"tat_routine_h\""),
            ("CN\tC\tCN\t1-1\t120\t12\tsecret", "column \"sensitivity\" says \"secret\""),
            (good, "line 3 of the list of work types names HP a second time"),
        ];
        for (row, expected) in cases {
            let table =
                if row.is_empty() { String::new() } else { format!("{HEADING}{good}{row}") };
            let error = WorkTypes::parse(&table).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_list_without_an_end_is_refused() {
        let rows: String = (0..=WORK_TYPES_MAX)
            .map(|n| {
                let letters = |n: usize| char::from_digit((n % 36) as u32, 36).expect("below 36");
                format!("{}{}\tN\tPR\t1-1\t1\t1\tnormal\n", letters(n / 36), letters(n))
            })
            .collect();
        assert_eq!(WorkTypes::parse(&format!("{HEADING}{rows}")), Err(WorkTypesError::TooMany));
    }
}
