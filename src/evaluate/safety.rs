//! Critical slots: whether the medicine, dose, unit, side, negation and number of a sentence are
//! right in its draft, or wrong but flagged.
//!
//! Not for: error rates of words (`score`).
//!
//! A slot is right where its words, normalised, stand in the draft; sides and negations must also
//! be as many as in the reference, so that one that nobody said is wrong too. A line that has a
//! wrong slot is *flagged* where the draft has any flag, else *silent*.
//!
//! Invariant: every line is right, flagged or silent.

use super::manifest::Row;
use super::normalise::{self, Token};
use crate::domain::named::named;
use std::collections::BTreeMap;

named! {
    /// What a slot says.
    pub enum SlotKind {
        Drug = "drug",
        Dose = "dose",
        Unit = "unit",
        Side = "side",
        Negation = "negation",
        Number = "number",
    }
}

/// A slot of a sentence and its value as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    pub kind: SlotKind,
    pub value: String,
}

/// The slots of a manifest's cell: `drug=heparin|dose=5,000`. None where it cannot be read.
pub fn slots(cell: &str) -> Option<Vec<Slot>> {
    let slot = |text: &str| {
        let (kind, value) = text.split_once('=')?;
        Some(Slot { kind: SlotKind::from_code(kind)?, value: value.to_owned() })
    };
    cell.split('|').filter(|text| !text.is_empty()).map(slot).collect()
}

/// A draft and the number of its flags.
pub struct Drafted<'a> {
    pub row: &'a Row,
    pub text: &'a str,
    pub flags: usize,
}

/// The figures of a category, or of all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    pub lines: u64,
    pub right: u64,
    /// Wrong, and a person is told.
    pub flagged: u64,
    /// Wrong, and nobody is told.
    pub silent: u64,
    /// As written in the reference, but for one full stop at the end.
    pub exact: u64,
    pub flags: u64,
    /// Words of the references.
    pub words: u64,
}

impl Tally {
    /// Lines that are right, or wrong but flagged; none where there are no lines.
    pub fn safe(&self) -> Option<f64> {
        share(self.right + self.flagged, self.lines)
    }

    pub fn flags_per_hundred(&self) -> Option<f64> {
        share(100 * self.flags, self.words)
    }

    fn add(&mut self, other: &Self) {
        let Self { lines, right, flagged, silent, exact, flags, words } = other;
        self.lines += lines;
        self.right += right;
        self.flagged += flagged;
        self.silent += silent;
        self.exact += exact;
        self.flags += flags;
        self.words += words;
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// What was found over all lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Safety {
    pub all: Tally,
    /// By the manifest's `set`.
    pub sets: BTreeMap<String, Tally>,
    /// Wrong slots and all slots, by what they say.
    pub slots: BTreeMap<&'static str, (u64, u64)>,
    /// Lines of the manifest that are wrong and silent.
    pub silent_lines: Vec<usize>,
}

/// Judges the drafts of rows that have slots; none where no row has.
pub fn judge(drafts: &[Drafted<'_>]) -> Option<Safety> {
    let mut safety = Safety::default();
    for draft in drafts.iter().filter(|draft| !draft.row.slots.is_empty()) {
        let written = normalise::text(draft.text);
        let mut wrong = is_other_count(draft);
        for slot in &draft.row.slots {
            let is_wrong = !stands(slot, draft.text, &written);
            let (wrong_ones, all) = safety.slots.entry(slot.kind.code()).or_default();
            *wrong_ones += u64::from(is_wrong);
            *all += 1;
            wrong |= is_wrong;
        }
        let tally = tally(draft, wrong);
        if tally.silent > 0 {
            safety.silent_lines.push(draft.row.line);
        }
        safety.all.add(&tally);
        let set = draft.row.set.clone().unwrap_or_default();
        safety.sets.entry(set).or_default().add(&tally);
    }
    (safety.all.lines > 0).then_some(safety)
}

fn tally(draft: &Drafted<'_>, wrong: bool) -> Tally {
    let one = u64::from;
    let end = |text: &str| text.trim().strip_suffix('.').unwrap_or(text.trim()).to_owned();
    Tally {
        lines: 1,
        right: one(!wrong),
        flagged: one(wrong && draft.flags > 0),
        silent: one(wrong && draft.flags == 0),
        exact: one(end(draft.text) == end(&draft.row.reference)),
        flags: draft.flags as u64,
        words: draft.row.reference.split_whitespace().count() as u64,
    }
}

/// Whether the slot's words stand in the draft, one after the other.
fn stands(slot: &Slot, text: &str, written: &[Token]) -> bool {
    let value = normalise::text(&slot.value);
    if value.is_empty() {
        return text.contains(&slot.value);
    }
    let same = |found: &[Token]| found.iter().zip(&value).all(|(a, b)| a.text == b.text);
    written.windows(value.len()).any(same) || stands_as_it_is(slot, text)
}

/// Letter by letter, with no letter or digit beside it; the degree of "102.4°F" and the percent of
/// "70% to 79%" belong to the figure for the normaliser.
fn stands_as_it_is(slot: &Slot, text: &str) -> bool {
    let ends = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(&slot.value).any(|(at, value)| {
        let (before, after) = (text[..at].chars().last(), text[at + value.len()..].chars().next());
        ends(before) && ends(after) || slot.kind == SlotKind::Unit && ends(after)
    })
}

/// Whether the draft has other sides or negations than the reference, or another number of them.
fn is_other_count(draft: &Drafted<'_>) -> bool {
    const COUNTED: [&str; 9] =
        ["no", "not", "without", "denies", "negative", "never", "left", "right", "bilateral"];
    let (said, written) = (normalise::text(&draft.row.reference), normalise::text(draft.text));
    let count =
        |tokens: &[Token], word: &str| tokens.iter().filter(|token| token.text == word).count();
    COUNTED.iter().any(|word| count(&said, word) != count(&written, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(reference: &str, cell: &str) -> Row {
        Row {
            line: 2,
            file: "a.flac".into(),
            reference: reference.into(),
            terms: vec![],
            set: Some("dose".into()),
            voice: None,
            slots: slots(cell).unwrap_or_default(),
        }
    }

    fn judged(reference: &str, cell: &str, text: &str, flags: usize) -> (u64, u64, u64) {
        let row = row(reference, cell);
        let safety = judge(&[Drafted { row: &row, text, flags }]).unwrap_or_default();
        (safety.all.right, safety.all.flagged, safety.all.silent)
    }

    #[test]
    fn a_line_is_right_flagged_or_silent() {
        let reference = "Heparin 5,000 units, no bleeding.";
        let cell = "drug=heparin|dose=5,000|unit=units|negation=no";
        assert_eq!(judged(reference, cell, reference, 3), (1, 0, 0));
        assert_eq!(judged(reference, cell, "Heparin 500 units, no bleeding.", 1), (0, 1, 0));
        assert_eq!(judged(reference, cell, "Heparin 500 units, no bleeding.", 0), (0, 0, 1));
        let lost = "Heparin 5,000 units, bleeding.";
        assert_eq!(judged(reference, cell, lost, 0), (0, 0, 1));
        let added = "No heparin 5,000 units, no bleeding.";
        assert_eq!(judged(reference, cell, added, 0), (0, 0, 1));
    }

    #[test]
    fn the_same_number_in_words_is_right() {
        let reference = "Two packs for 25 years.";
        assert_eq!(
            judged(reference, "number=two|number=25", "2 packs for 25 years.", 0),
            (1, 0, 0)
        );
        assert_eq!(judged("102.4°F.", "unit=°F|number=102.4", "102.4°F.", 0), (1, 0, 0));
    }

    #[test]
    fn a_cell_that_is_none_is_refused() {
        assert!(slots("dose=5|colour=red").is_none());
        assert!(slots("dose").is_none());
        assert_eq!(slots("").map(|slots| slots.len()), Some(0));
    }
}
