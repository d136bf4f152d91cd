//! The built-in lexicon as the build script packed it: looked up in place, nothing is unpacked.
//!
//! Not for: terms that a site adds (`lexicon`).
//!
//! Invariant: the bytes are those of `vocab/pack.rs`; a test reads every entry.

use super::term::{AMBIGUOUS, NONE, ORDINARY, PART, Subjects, key, key_order};
use std::ops::Range;

const RECORD: usize = 16;
const ROW: usize = 12;

/// Views into the packed bytes.
#[derive(Clone, Copy)]
pub struct Packed<'a> {
    records: &'a [u8],
    text: &'a str,
    signatures: &'a [u8],
    rows: &'a [u8],
    sounds: &'a [u8],
    lengths: &'a [u8],
    english: &'a str,
    english_starts: &'a [u8],
    english_levels: &'a [u8],
    endings: &'a [u8],
}

/// One entry of the built-in lexicon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    pub term: &'a str,
    pub subjects: Subjects,
    /// 0 to 9, see `term::COMMON_MAX`.
    pub common: u8,
    /// Also a word of ordinary English: never biases, never corrects.
    pub ordinary: bool,
    /// An abbreviation with several meanings.
    pub ambiguous: bool,
    /// Known only as a part of longer terms.
    pub part: bool,
    /// The entry whose other name this is: the generic of a brand, what an abbreviation stands
    /// for.
    pub of: Option<u32>,
}

impl<'a> Packed<'a> {
    /// Reads the sections in the order in which `vocab/pack.rs` wrote them. `None` if one is cut
    /// short.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut next = || {
            let (size, after) = rest.split_at_checked(4)?;
            let size = u32::from_le_bytes(size.try_into().ok()?) as usize;
            let (section, after) = after.split_at_checked(size)?;
            rest = after;
            Some(section)
        };
        Some(Self {
            records: next()?,
            text: std::str::from_utf8(next()?).ok()?,
            signatures: next()?,
            rows: next()?,
            sounds: next()?,
            lengths: next()?,
            english: std::str::from_utf8(next()?).ok()?,
            english_starts: next()?,
            english_levels: next()?,
            endings: next()?,
        })
    }

    /// How many terms there are.
    pub fn count(&self) -> usize {
        self.records.len() / RECORD
    }

    /// The entry at a place below `count`.
    pub fn entry(&self, place: u32) -> Entry<'a> {
        let record = &self.records[place as usize * RECORD..][..RECORD];
        let of = number(record, 1) as u32;
        let flags = record[12];
        Entry {
            term: self.term(place),
            subjects: Subjects(u16::from_le_bytes([record[8], record[9]])),
            common: record[11],
            ordinary: flags & ORDINARY != 0,
            ambiguous: flags & AMBIGUOUS != 0,
            part: flags & PART != 0,
            of: (of != NONE).then_some(of),
        }
    }

    /// The place of the term with this key.
    pub fn find(&self, key: &str) -> Option<u32> {
        let count = self.count() as u32;
        let order = |place| key_order(self.term(place), key);
        let place = first(0..count, |place| order(place).is_ge());
        (place < count && order(place).is_eq()).then_some(place)
    }

    fn term(&self, place: u32) -> &'a str {
        let record = &self.records[place as usize * RECORD..][..RECORD];
        let offset = number(record, 0);
        &self.text[offset..offset + usize::from(record[10])]
    }

    /// The places of the terms whose keys begin with this.
    pub fn starting_with(&self, beginning: &str) -> Range<u32> {
        let count = self.count() as u32;
        let from = first(0..count, |place| key_order(self.term(place), beginning).is_ge());
        let to = first(from..count, |place| !key(self.term(place)).starts_with(beginning));
        from..to
    }

    /// The places of the terms of one word whose keys end with this.
    pub fn ending_with(&self, ending: &str) -> impl Iterator<Item = u32> + use<'a> {
        let this = *self;
        let place = move |at: u32| number(this.endings, at as usize) as u32;
        let key = move |at: u32| key(this.term(place(at)));
        let count = (this.endings.len() / 4) as u32;
        let from = first(0..count, |at| key(at).bytes().rev().ge(ending.bytes().rev()));
        let to = first(from..count, |at| !key(at).ends_with(ending));
        (from..to).map(place)
    }

    /// The rows of terms that are said with a number of sounds in `lengths`.
    pub fn rows_of_length(&self, lengths: Range<usize>) -> Range<usize> {
        let last = self.lengths.len() / 4 - 1;
        number(self.lengths, lengths.start.min(last))..number(self.lengths, lengths.end.min(last))
    }

    pub fn signature(&self, row: usize) -> u128 {
        let bytes = self.signatures[row * 16..].first_chunk();
        u128::from_le_bytes(*bytes.expect("a row has a signature"))
    }

    /// How many bits a row's signature has.
    pub fn signature_size(&self, row: usize) -> u32 {
        u32::from(self.rows[row * ROW + 9])
    }

    /// The place of a row's entry, and the sounds of this way to say it.
    pub fn row(&self, row: usize) -> (u32, &'a [u8]) {
        let row = &self.rows[row * ROW..][..ROW];
        let offset = number(row, 1);
        (number(row, 0) as u32, &self.sounds[offset..offset + usize::from(row[8])])
    }

    /// How common an English word is (SCOWL's level, 10 the most), if it is one. The word is in
    /// small letters.
    pub fn english_level(&self, word: &str) -> Option<u8> {
        let place = self.english_place(word);
        (self.english_word(place)? == word).then(|| self.english_levels[place])
    }

    /// Whether an English word begins with these small letters.
    pub fn english_begins(&self, beginning: &str) -> bool {
        let word = self.english_word(self.english_place(beginning));
        word.is_some_and(|word| word.starts_with(beginning))
    }

    /// The place of the first English word that does not come before this.
    fn english_place(&self, word: &str) -> usize {
        let comes_before = |place: u32| self.english_word(place as usize) < Some(word);
        first(0..self.english_levels.len() as u32, |place| !comes_before(place)) as usize
    }

    fn english_word(&self, place: usize) -> Option<&'a str> {
        let starts = |place: usize| number(self.english_starts, place);
        (place < self.english_levels.len()).then(|| &self.english[starts(place)..starts(place + 1)])
    }
}

/// The first of sorted places that is far enough, or their end.
fn first(places: Range<u32>, is_far_enough: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (places.start, places.end);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_far_enough(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

fn number(bytes: &[u8], place: usize) -> usize {
    let bytes = bytes[place * 4..].first_chunk().expect("numbers are whole");
    u32::from_le_bytes(*bytes) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::lexicon::{Lexicon, TermId};

    #[test]
    fn keys_are_ordered_as_if_they_were_written_out() {
        let lexicon = Lexicon::built_in();
        let terms: Vec<&str> = lexicon.ids().map(|id| lexicon.term(id).text).collect();
        for pair in terms.windows(2) {
            let [one, other] = pair else { continue };
            assert_eq!(key_order(one, &key(other)), key(one).cmp(&key(other)), "{one} {other}");
            assert!(key_order(one, &key(one)).is_eq(), "{one}");
        }
        for odd in ["-a- b.", "A--B", " x", "a.-.b", "", ".", "T4-"] {
            assert!(key_order(odd, &key(odd)).is_eq(), "{odd:?}");
            assert_eq!(key_order(odd, "a b"), key(odd).as_str().cmp("a b"), "{odd:?}");
        }
        assert_eq!(lexicon.find("Metoprolol."), lexicon.find("metoprolol"));
        assert!(lexicon.find("metoprolol").is_some_and(|TermId(place)| place > 0));
    }
}
