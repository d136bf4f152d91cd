//! A take: a recording that is under way at a microphone, before it is a dictation.
//!
//! Not for: its samples (`store/takes.rs`), or what may be done with it (`workflow/takes.rs`).
//!
//! Invariant: a take's samples are only ever added to. What a person overwrites, inserts or cuts
//! is an order of stretches over them, in which no sample stands twice and one place is open for
//! what is recorded next.

use super::ids::{DictationId, EncounterId, FlagId, PatientId, PersonId, ReportId, TakeId};
use super::named::named;
use super::patient::Mrn;
use super::time::Timestamp;
use super::transcript::Word;
use super::work_type::WorkTypeCode;
use crate::domain::dictation::Priority;
use std::ops::Range;

/// Samples a second of every take; whoever records brings them to this rate.
pub const TAKE_RATE: u32 = 16_000;
/// Bytes of a sample: 16 bit, little-endian, one channel.
pub const SAMPLE_BYTES: usize = 2;
/// The longest block: two seconds.
pub const BLOCK_BYTES_MAX: usize = 2 * TAKE_RATE as usize * SAMPLE_BYTES;
/// The most blocks that are sent at once, and their bytes: twenty seconds of a recorder's blocks.
pub const BLOCKS_TOGETHER_MAX: usize = 100;
pub const BLOCKS_BYTES_MAX: usize = 700_000;
/// Before each of several blocks stands its length in bytes, little-endian.
const LENGTH_BYTES: usize = 4;
/// The longest answer to a blank (judgment: a few sentences).
pub const ANSWER_MS_MAX: u32 = 120_000;
/// The most stretches of an edited take (judgment: a cut every few seconds of an hour).
pub const STRETCHES_MAX: usize = 1000;

named! {
    pub enum TakeState {
        /// Audio may come.
        Open = "open",
        /// It is a dictation now.
        Finished = "finished",
        /// The person threw it away, or nothing was recorded.
        Discarded = "discarded",
    }
}

/// What a take answers: a blank of a report, and the flag of that blank.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answering {
    pub report: ReportId,
    pub flag: Option<FlagId>,
}

#[derive(Clone, Debug)]
pub struct Take {
    pub id: TakeId,
    pub author: PersonId,
    pub work_type: WorkTypeCode,
    pub priority: Priority,
    /// The record number as it was given, whether or not it is known here.
    pub given_mrn: Option<Mrn>,
    pub patient: Option<PatientId>,
    pub encounter: Option<EncounterId>,
    pub opened_at: Timestamp,
    pub state: TakeState,
    /// The number of the block that comes next.
    pub next: u64,
    /// Samples received.
    pub samples: u64,
    pub edits: Edits,
    pub dictation: Option<DictationId>,
    /// It becomes an answer to a blank and no report of its own.
    pub answers: Option<Answering>,
}

/// A stretch of a take's samples; the open one reaches to whatever is recorded last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub from: u64,
    pub to: Option<u64>,
}

/// The order in which a take's stretches are heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edits(Vec<Stretch>);

impl Default for Edits {
    fn default() -> Self {
        Self(vec![Stretch { from: 0, to: None }])
    }
}

impl Edits {
    /// An order of stretches of a take that has so many samples by now.
    ///
    /// `None` when a stretch is turned round or beyond the samples, when two share a sample, when
    /// there are too many, or when not exactly one of them is open.
    pub fn new(stretches: Vec<Stretch>, samples: u64) -> Option<Self> {
        let mut open = stretches.iter().filter(|stretch| stretch.to.is_none());
        let next = open.next()?.from;
        if open.next().is_some() || stretches.len() > STRETCHES_MAX || next > samples {
            return None;
        }
        let mut ranges: Vec<Range<u64>> =
            stretches.iter().map(|s| s.from..s.to.unwrap_or(u64::MAX)).collect();
        ranges.sort_by_key(|range| range.start);
        let sound =
            ranges.iter().all(|r| r.start <= r.end && (r.end <= samples || r.end == u64::MAX));
        let apart = ranges.windows(2).all(|pair| pair[0].end <= pair[1].start);
        (sound && apart).then_some(Self(stretches))
    }

    pub fn stretches(&self) -> &[Stretch] {
        &self.0
    }

    /// The stretches as ranges of samples, the open one up to the last sample.
    pub fn ranges(&self, samples: u64) -> Vec<Range<u64>> {
        let range = |stretch: &Stretch| stretch.from..stretch.to.unwrap_or(samples);
        self.0.iter().map(range).filter(|range| !range.is_empty()).collect()
    }

    /// Whether every sample is heard in the order it was recorded.
    pub fn is_as_recorded(&self, samples: u64) -> bool {
        let ranges = self.ranges(samples);
        samples == 0 || ranges.len() == 1 && ranges[0] == (0..samples)
    }

    /// The words, timed over the take, as they are heard in this order and timed over it.
    pub fn arrange(&self, words: &[Word], samples: u64) -> Vec<Word> {
        let mut arranged = Vec::new();
        let mut before = 0;
        for range in self.ranges(samples) {
            let (from, to) = (to_ms(range.start), to_ms(range.end));
            for word in words {
                let middle = word.start_ms.midpoint(word.end_ms);
                if (from..to).contains(&middle) {
                    let place = |ms: u32| before + ms.clamp(from, to) - from;
                    let (start_ms, end_ms) = (place(word.start_ms), place(word.end_ms));
                    arranged.push(Word { start_ms, end_ms, ..word.clone() });
                }
            }
            before += to - from;
        }
        arranged
    }
}

/// Blocks that follow one another, as they are sent at once.
pub fn framed<B: AsRef<[u8]>>(blocks: &[B]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for block in blocks.iter().map(AsRef::as_ref) {
        let length = u32::try_from(block.len()).expect("a block is two seconds at most");
        bytes.extend(length.to_le_bytes());
        bytes.extend(block);
    }
    bytes
}

/// The blocks that were sent at once; `None` when it is no such thing, or too many.
pub fn unframed(mut bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let mut blocks = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<LENGTH_BYTES>() {
        let (block, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        blocks.push(block);
        bytes = rest;
    }
    let count = blocks.len();
    (bytes.is_empty() && (1..=BLOCKS_TOGETHER_MAX).contains(&count)).then_some(blocks)
}

/// The millisecond in which a sample stands.
pub fn to_ms(sample: u64) -> u32 {
    u32::try_from(sample * 1000 / u64::from(TAKE_RATE)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(from: u64, to: impl Into<Option<u64>>) -> Stretch {
        Stretch { from, to: to.into() }
    }

    #[test]
    fn no_sample_stands_twice_and_one_place_is_open() {
        let sound = |stretches: &[Stretch]| Edits::new(stretches.to_vec(), 100).is_some();
        assert!(sound(&[stretch(0, None)]));
        assert!(sound(&[stretch(0, 40), stretch(100, None), stretch(40, 100)]), "an insertion");
        assert!(sound(&[stretch(0, 40), stretch(100, None)]), "an overwriting");
        for wrong in [
            vec![],
            vec![stretch(0, 100)],
            vec![stretch(0, None), stretch(0, None)],
            vec![stretch(0, 50), stretch(40, 60), stretch(100, None)],
            vec![stretch(0, None), stretch(40, 60)],
            vec![stretch(50, 40), stretch(100, None)],
            vec![stretch(0, 101), stretch(100, None)],
            vec![stretch(101, None)],
        ] {
            assert!(!sound(&wrong), "{wrong:?}");
        }
    }

    #[test]
    fn blocks_that_are_sent_at_once_come_out_as_they_went_in_or_not_at_all() {
        let blocks = [vec![1_u8, 2], vec![3; 300], vec![4, 5, 6, 7]];
        let bytes = framed(&blocks);
        assert_eq!(unframed(&bytes).expect("as it was made"), blocks);
        for cut in 1..bytes.len() {
            let whole = unframed(&bytes[..cut]).is_some_and(|found| {
                blocks.starts_with(&found.iter().map(|block| block.to_vec()).collect::<Vec<_>>())
            });
            assert!(whole == [6, 310].contains(&cut), "cut at {cut}");
        }
        assert!(unframed(&[]).is_none() && unframed(&[255; 9]).is_none());
        assert!(unframed(&framed(&vec![[0_u8; 2]; BLOCKS_TOGETHER_MAX + 1])).is_none());
    }

    #[test]
    fn words_stand_where_their_samples_are_heard() {
        let second = u64::from(TAKE_RATE);
        let word = |text: &str, start_ms| Word {
            text: text.into(),
            start_ms,
            end_ms: start_ms + 500,
            confidence: 1.0,
        };
        let words = [word("one", 100), word("two", 1100), word("between", 2100)];
        let edits =
            vec![stretch(0, second), stretch(2 * second, None), stretch(second, 2 * second)];
        let edits = Edits::new(edits, 2 * second).expect("an insertion");
        let arranged = edits.arrange(&words, 3 * second);
        let said: Vec<_> = arranged.iter().map(|w| (w.text.as_str(), w.start_ms)).collect();
        assert_eq!(said, [("one", 100), ("between", 1100), ("two", 2100)]);
        assert!(!edits.is_as_recorded(3 * second) && Edits::default().is_as_recorded(5));
    }
}
