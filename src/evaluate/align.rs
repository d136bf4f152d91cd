//! The cheapest way to make one row of words into another, word by word.
//!
//! Not for: what counts as the same word (`normalise`).
//!
//! Invariant: the steps use every word of both rows once, in order; their number of errors is
//! the edit distance of the rows.

/// One step of an alignment; places are indices into the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Same { reference: usize, heard: usize },
    Substituted { reference: usize, heard: usize },
    Deleted { reference: usize },
    Inserted { heard: usize },
}

/// Errors of an alignment, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Errors {
    pub substitutions: u64,
    pub deletions: u64,
    pub insertions: u64,
}

impl Errors {
    pub fn of(steps: &[Step]) -> Self {
        let mut errors = Self::default();
        for step in steps {
            match step {
                Step::Same { .. } => {}
                Step::Substituted { .. } => errors.substitutions += 1,
                Step::Deleted { .. } => errors.deletions += 1,
                Step::Inserted { .. } => errors.insertions += 1,
            }
        }
        errors
    }

    pub fn total(self) -> u64 {
        self.substitutions + self.deletions + self.insertions
    }

    pub fn add(&mut self, other: Self) {
        let Self { substitutions, deletions, insertions } = other;
        self.substitutions += substitutions;
        self.deletions += deletions;
        self.insertions += insertions;
    }
}

/// Aligns by Wagner and Fischer's dynamic programme. Of equally cheap ways, a substitution is
/// taken before an insertion or a deletion, and errors stand as late as they can.
///
/// Two hours of dictation, 20,000 words a side, take 400 million cells: the table has one byte
/// for each of them.
pub fn align(reference: &[&str], heard: &[&str]) -> Vec<Step> {
    let width = heard.len() + 1;
    let mut ways = vec![Way::Insert; (reference.len() + 1) * width];
    let mut above: Vec<u32> = (0..).take(width).collect();
    let mut row = vec![0; width];
    for (at, word) in reference.iter().enumerate() {
        row[0] = above[0] + 1;
        ways[(at + 1) * width] = Way::Delete;
        for (place, other) in heard.iter().enumerate() {
            let differs = u32::from(word != other);
            let (diagonal, delete, insert) =
                (above[place] + differs, above[place + 1] + 1, row[place] + 1);
            let (cost, way) = if diagonal <= delete.min(insert) {
                (diagonal, Way::Both)
            } else if delete <= insert {
                (delete, Way::Delete)
            } else {
                (insert, Way::Insert)
            };
            row[place + 1] = cost;
            ways[(at + 1) * width + place + 1] = way;
        }
        std::mem::swap(&mut above, &mut row);
    }
    walk_back(&ways, reference, heard)
}

/// The last step of the cheapest way to a cell.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Way {
    Both,
    Delete,
    Insert,
}

fn walk_back(ways: &[Way], rows: &[&str], columns: &[&str]) -> Vec<Step> {
    let mut steps = Vec::with_capacity(rows.len().max(columns.len()));
    let (mut reference, mut heard) = (rows.len(), columns.len());
    while reference > 0 || heard > 0 {
        match ways[reference * (columns.len() + 1) + heard] {
            Way::Both => {
                (reference, heard) = (reference - 1, heard - 1);
                steps.push(if rows[reference] == columns[heard] {
                    Step::Same { reference, heard }
                } else {
                    Step::Substituted { reference, heard }
                });
            }
            Way::Delete => {
                reference -= 1;
                steps.push(Step::Deleted { reference });
            }
            Way::Insert => {
                heard -= 1;
                steps.push(Step::Inserted { heard });
            }
        }
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        text.split_whitespace().collect()
    }

    /// Substitutions, deletions, insertions.
    fn errors(reference: &str, heard: &str) -> (u64, u64, u64) {
        let errors = Errors::of(&align(&words(reference), &words(heard)));
        (errors.substitutions, errors.deletions, errors.insertions)
    }

    #[test]
    fn errors_are_counted_by_kind() {
        for (reference, heard, expected) in [
            ("no chest pain", "no chest pain", (0, 0, 0)),
            ("no chest pain", "no test pain", (1, 0, 0)),
            ("no chest pain", "chest pain", (0, 1, 0)),
            ("no chest pain", "no chest pain today", (0, 0, 1)),
            ("apixaban 5 mg", "a big 75 mg", (2, 0, 1)),
            ("", "thank you", (0, 0, 2)),
            ("no pain", "", (0, 2, 0)),
            ("", "", (0, 0, 0)),
            ("a b c d", "b c d e", (0, 1, 1)),
        ] {
            assert_eq!(errors(reference, heard), expected, "{reference} / {heard}");
        }
    }

    #[test]
    fn every_word_of_both_rows_is_used_once_in_order() {
        let (reference, heard) =
            (words("take one tablet daily"), words("take a one tab daily now"));
        let steps = align(&reference, &heard);
        let (mut used, mut taken) = (vec![], vec![]);
        for step in &steps {
            match *step {
                Step::Same { reference, heard } | Step::Substituted { reference, heard } => {
                    used.push(reference);
                    taken.push(heard);
                }
                Step::Deleted { reference } => used.push(reference),
                Step::Inserted { heard } => taken.push(heard),
            }
        }
        assert_eq!(used, [0, 1, 2, 3]);
        assert_eq!(taken, [0, 1, 2, 3, 4, 5]);
        assert_eq!(Errors::of(&steps).total(), 3);
    }
}
