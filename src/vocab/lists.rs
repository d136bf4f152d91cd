//! Lists of terms from elsewhere: CSV and TSV with a heading, plain lists, RxNorm's RXNCONSO.RRF,
//! and the ICD-10-CM order file.
//!
//! Not for: adding them to a layer (`workflow/vocabulary.rs`).
//!
//! Invariant: every line is a term, is known to be of no use, or is reported with its number; a
//! list with a bad line is not imported in part.

use super::lexicon::ADDED_TERMS_MAX;
use super::term::{Subject, TERM_BYTES_MAX, key};
use std::collections::HashSet;

/// The largest list, in bytes. RXNCONSO.RRF of 2026 is about 150 MB with all its sources, and
/// 20 MB with RxNorm's own.
pub const LIST_BYTES_MAX: u64 = 256 << 20;

/// The most problems that are told; the rest are only counted.
pub const PROBLEMS_MAX: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A heading that names `term` and may name `subject` and `said`.
    Csv,
    Tsv,
    /// One term a line.
    Plain,
    /// RxNorm's or the UMLS's concept names.
    RxNorm,
    /// The order file of the Centers for Medicare and Medicaid Services.
    IcdOrder,
}

impl Format {
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::Csv, "csv"),
        (Self::Tsv, "tsv"),
        (Self::Plain, "plain"),
        (Self::RxNorm, "rxnorm"),
        (Self::IcdOrder, "icd-order"),
    ];

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == code).map(|(format, _)| format)
    }

    pub fn code(self) -> &'static str {
        Self::ALL.into_iter().find(|(format, _)| *format == self).map_or("", |(_, code)| code)
    }

    /// What a list seems to be, by its first line.
    pub fn guess(list: &str) -> Self {
        let first = list.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let is_code = first.get(6..9).is_some_and(|code| code.starts_with(char::is_alphabetic));
        if first.matches('|').count() >= 14 {
            Self::RxNorm
        } else if first.get(..5).is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit())) && is_code {
            Self::IcdOrder
        } else if first.split('\t').any(|cell| cell.trim() == "term") {
            Self::Tsv
        } else if first.split(',').any(|cell| cell.trim().trim_matches('"') == "term") {
            Self::Csv
        } else {
            Self::Plain
        }
    }
}

/// A term of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub line: usize,
    pub term: String,
    pub subject: Subject,
    pub said: Option<String>,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("the heading has no column \"term\"")]
    NoTermColumn,
    #[error("the line has {found} cells, the heading {expected}")]
    Cells { found: usize, expected: usize },
    #[error("a quotation mark is not closed")]
    Quote,
    #[error("the term is empty")]
    Empty,
    #[error("the term is longer than {TERM_BYTES_MAX} bytes")]
    TooLong,
    #[error("the term has no letter")]
    NoLetter,
    #[error("the term has a control character")]
    Control,
    #[error("the subject is none of the lexicon's; leave it empty for \"word\"")]
    Subject,
    #[error("the line has fewer fields than the format")]
    Short,
    #[error("the list has more than {ADDED_TERMS_MAX} terms")]
    TooMany,
}

/// A list that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// In the order of the list, each once.
    pub terms: Vec<Listed>,
    /// Lines with what is wrong with them; at most `PROBLEMS_MAX`.
    pub problems: Vec<(usize, Problem)>,
    /// Problems in all.
    pub problem_count: usize,
    /// Lines that repeat a term, or that the format marks as of no use here.
    pub skipped: usize,
}

/// Reads a list. Lines count from 1.
pub fn read(list: &str, format: Format) -> List {
    let mut read = Reader::default();
    let list = list.strip_prefix('\u{feff}').unwrap_or(list);
    match format {
        Format::Csv => table(&mut read, list, csv_cells),
        Format::Tsv => table(&mut read, list, |line| {
            Ok(line.split('\t').map(|cell| cell.trim().to_owned()).collect())
        }),
        Format::Plain => {
            for (line, text) in lines(list).filter(|(_, text)| !text.trim_start().starts_with('#'))
            {
                read.take(line, text, "", None);
            }
        }
        Format::RxNorm => lines(list).for_each(|(line, text)| rxnorm(&mut read, line, text)),
        Format::IcdOrder => lines(list).for_each(|(line, text)| icd_order(&mut read, line, text)),
    }
    read.list
}

#[derive(Default)]
struct Reader {
    list: List,
    seen: HashSet<String>,
}

impl Reader {
    fn problem(&mut self, line: usize, problem: Problem) {
        self.list.problem_count += 1;
        if self.list.problems.len() < PROBLEMS_MAX {
            self.list.problems.push((line, problem));
        }
    }

    fn take(&mut self, line: usize, term: &str, subject: &str, said: Option<&str>) {
        match checked(term, subject) {
            Err(problem) => self.problem(line, problem),
            Ok(_) if self.list.terms.len() >= ADDED_TERMS_MAX => {
                self.problem(line, Problem::TooMany);
            }
            Ok((term, subject)) if self.seen.insert(key(term)) => self.list.terms.push(Listed {
                line,
                term: term.to_owned(),
                subject,
                said: said.map(str::trim).filter(|said| !said.is_empty()).map(str::to_owned),
            }),
            Ok(_) => self.list.skipped += 1,
        }
    }
}

/// A term and its subject, if both can be taken.
pub fn checked<'a>(term: &'a str, subject: &str) -> Result<(&'a str, Subject), Problem> {
    let term = term.trim();
    let subject = match subject.trim() {
        "" => Subject::Word,
        code => Subject::from_code(code).ok_or(Problem::Subject)?,
    };
    if term.is_empty() {
        return Err(Problem::Empty);
    }
    if term.len() > TERM_BYTES_MAX {
        return Err(Problem::TooLong);
    }
    if term.chars().any(char::is_control) {
        return Err(Problem::Control);
    }
    if !term.chars().any(char::is_alphabetic) {
        return Err(Problem::NoLetter);
    }
    Ok((term, subject))
}

fn lines(list: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(list.lines()).filter(|(_, text)| !text.trim().is_empty())
}

fn table(read: &mut Reader, list: &str, cells: impl Fn(&str) -> Result<Vec<String>, Problem>) {
    let mut lines = lines(list);
    let heading = lines.next().and_then(|(_, text)| cells(text).ok()).unwrap_or_default();
    let column = |name: &str| heading.iter().position(|cell| cell.eq_ignore_ascii_case(name));
    let Some(term) = column("term") else { return read.problem(1, Problem::NoTermColumn) };
    let (subject, said) = (column("subject"), column("said"));
    for (line, text) in lines {
        match cells(text) {
            Ok(found) if found.len() == heading.len() => {
                let cell = |place: Option<usize>| place.map_or("", |place| found[place].as_str());
                read.take(line, &found[term], cell(subject), Some(cell(said)));
            }
            Ok(found) => {
                let problem = Problem::Cells { found: found.len(), expected: heading.len() };
                read.problem(line, problem);
            }
            Err(problem) => read.problem(line, problem),
        }
    }
}

/// One line of CSV (RFC 4180, without line breaks inside a cell).
fn csv_cells(line: &str) -> Result<Vec<String>, Problem> {
    let mut cells = vec![String::new()];
    let (mut quoted, mut letters) = (false, line.chars().peekable());
    while let Some(letter) = letters.next() {
        let cell = cells.last_mut().expect("there is always a cell");
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => cell.push(letter),
        }
    }
    if quoted { Err(Problem::Quote) } else { Ok(cells) }
}

/// RXNCONSO.RRF (RxNorm technical documentation, section 12.4): language in field 2, term type
/// in field 13, the name in field 15, the suppress flag in field 17. Ingredients and brands are
/// taken; doses and packs are not terms.
fn rxnorm(read: &mut Reader, line: usize, text: &str) {
    let fields: Vec<&str> = text.split('|').collect();
    let (Some(language), Some(kind), Some(name), Some(suppress)) =
        (fields.get(1), fields.get(12), fields.get(14), fields.get(16))
    else {
        return read.problem(line, Problem::Short);
    };
    let subject = match *kind {
        "IN" | "PIN" | "MIN" => "generic",
        "BN" => "brand",
        _ => "",
    };
    let of_use = *language == "ENG" && *suppress == "N" && !subject.is_empty();
    if !of_use || name.len() > TERM_BYTES_MAX {
        read.list.skipped += 1;
        return;
    }
    read.take(line, name, subject, None);
}

/// The order file: five digits, the code in columns 7 to 13, whether it is billable in 15, the
/// short title in 17 to 76, the long title from 78. Titles past the longest term are left out.
fn icd_order(read: &mut Reader, line: usize, text: &str) {
    let (Some(number), Some(long)) = (text.get(..5), text.get(77..)) else {
        return read.problem(line, Problem::Short);
    };
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return read.problem(line, Problem::Short);
    }
    let title = long.trim().strip_suffix(", unspecified").unwrap_or(long.trim());
    if title.len() > TERM_BYTES_MAX {
        read.list.skipped += 1;
        return;
    }
    read.take(line, title, "finding", None);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(list: &str) -> Vec<(String, Subject)> {
        let read = read(list, Format::guess(list));
        assert_eq!(read.problems, []);
        read.terms.into_iter().map(|listed| (listed.term, listed.subject)).collect()
    }

    #[test]
    fn each_format_is_known_by_its_first_line_and_read() {
        let rrf = "1191|ENG||||||||||RXNORM|IN|1191|aspirin||N||\n\
                   1|ENG||||||||||RXNORM|SCD|2|aspirin 81 MG Oral Tablet||N||\n";
        let icd = format!("00001 A00     0 {:<60} {}", "Cholera", "Cholera, unspecified");
        for (list, expected) in [
            ("term,subject\n\"Smith, John\",name\nEliquis,brand\n", "Smith, John"),
            ("term\tsubject\nSmith, John\tname\n", "Smith, John"),
            ("# people\nSmith, John\n", "Smith, John"),
            (rrf, "aspirin"),
            (&icd, "Cholera"),
        ] {
            assert_eq!(terms(list)[0].0, expected, "{list}");
        }
        assert_eq!(terms(rrf), [("aspirin".to_owned(), Subject::Generic)]);
    }

    #[test]
    fn a_bad_line_is_reported_with_its_number() {
        let list =
            read("term,subject\nEliquis,brand\nx,y,z\n,brand\nEntresto,pill\n\"a\n", Format::Csv);
        let lines: Vec<usize> = list.problems.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 4, 5, 6]);
        assert_eq!(list.problems[0].1, Problem::Cells { found: 3, expected: 2 });
        assert_eq!(read("name\nx\n", Format::Csv).problems, [(1, Problem::NoTermColumn)]);
    }

    #[test]
    fn a_term_is_taken_once_whatever_its_capitals() {
        let list = read("Eliquis\neliquis\nELIQUIS\n", Format::Plain);
        assert_eq!((list.terms.len(), list.skipped), (1, 2));
    }
}
