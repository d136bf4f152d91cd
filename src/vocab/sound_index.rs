//! Finding the terms that may sound like a span: a signature of 128 bits for each way a term is
//! said, compared with all others by counting common bits.
//!
//! Not for: ranking what is found (`sound_distance`, `candidates`).
//!
//! Invariant: needs no memory that grows with the lexicon; a scan hands on a bounded
//! number. The build script uses this file too, so it needs only `sounds`.

use super::sounds::{INVENTORY, is_vowel};
use std::ops::Range;

/// Consonants that are taken for each other share a class. Vowels, w, y and h have none.
const CLASSES: [&[u8]; 8] = [b"pb", b"tdTD", b"kg", b"fv", b"szSZCJ", b"mnN", b"lrR", b"w"];
const NO_CLASS: usize = CLASSES.len();

/// The most terms that one scan hands on for a closer look.
pub const SHORTLIST_MAX: usize = 1500;

/// How many a scan holds before it drops those below the bar: at most twice the shortlist are
/// at the bar or above it.
const FOUND_MAX: usize = 4 * SHORTLIST_MAX;

/// The likeness of equal signatures.
const ALIKE_MAX: u32 = 128;

/// The signature of a string of sounds: which classes of consonants it has (once, twice), which
/// follow each other, which stand two apart, and the first one.
pub fn signature(sounds: &[u8]) -> u128 {
    let mut bits = 0u128;
    let mut seen = [0u8; CLASSES.len()];
    let (mut last, mut before_last) = (NO_CLASS, NO_CLASS);
    for class in sounds.iter().map(|&sound| class(sound)).filter(|&class| class != NO_CLASS) {
        let times = seen[class].min(1);
        seen[class] = times + 1;
        bits |= 1 << (class * 2 + usize::from(times));
        if last == NO_CLASS {
            bits |= 1 << (16 + class);
        } else {
            bits |= 1 << (24 + last * 8 + class);
        }
        if before_last != NO_CLASS {
            bits |= 1 << (88 + (before_last * 8 + class) * 5 % 40);
        }
        (before_last, last) = (last, class);
    }
    if sounds.first().is_some_and(|&first| is_vowel(first)) {
        bits |= 1 << 14;
    }
    bits
}

/// What two signatures have in common.
#[derive(Clone, Copy)]
pub struct Overlap {
    /// Bits that both have.
    pub common: u32,
    /// Bits of the one and bits of the other.
    pub sizes: u32,
}

impl Overlap {
    pub fn of(one: u128, other: u128, sizes: u32) -> Self {
        Self { common: (one & other).count_ones(), sizes }
    }

    /// How alike they are, 0 to `ALIKE_MAX`.
    pub fn likeness(self) -> u32 {
        (self.common * 2 * ALIKE_MAX).checked_div(self.sizes).unwrap_or(0)
    }

    /// The same without a division, which is what takes time in a scan.
    fn reaches(self, likeness: u32) -> bool {
        self.common * 2 * ALIKE_MAX >= likeness * self.sizes
    }
}

/// The places of the most alike signatures, the most alike first; `SHORTLIST_MAX` at most.
/// `overlap` compares the signature at a place. The bar rises while the places are read once.
pub fn shortlist(places: Range<usize>, overlap: impl Fn(usize) -> Overlap) -> Vec<usize> {
    let mut counts = [0usize; ALIKE_MAX as usize + 1];
    let (mut bar, mut reached) = (1u32, 0usize);
    let mut found: Vec<(u32, usize)> = Vec::with_capacity(FOUND_MAX);
    for place in places {
        let overlap = overlap(place);
        if !overlap.reaches(bar) {
            continue;
        }
        let likeness = overlap.likeness();
        if likeness == bar && reached >= 2 * SHORTLIST_MAX {
            continue;
        }
        counts[likeness as usize] += 1;
        reached += 1;
        while reached - counts[bar as usize] >= SHORTLIST_MAX {
            reached -= counts[bar as usize];
            bar += 1;
        }
        if found.len() == FOUND_MAX {
            found.retain(|(likeness, _)| *likeness >= bar);
        }
        if likeness >= bar {
            found.push((likeness, place));
        }
    }
    found.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    found.truncate(SHORTLIST_MAX);
    found.into_iter().map(|(_, place)| place).collect()
}

fn class(sound: u8) -> usize {
    let sign = INVENTORY[usize::from(sound)];
    CLASSES.iter().position(|class| class.contains(&sign)).unwrap_or(NO_CLASS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alike(likeness: usize) -> Overlap {
        Overlap { common: likeness as u32, sizes: 256 }
    }

    #[test]
    fn a_shortlist_is_bounded_and_keeps_the_most_alike() {
        for order in [0, 1] {
            let rising = |place: usize| place * 100 / 100_000;
            let mixed = |place: usize| if place == 7001 { 120 } else { place % 100 };
            let found = match order {
                0 => shortlist(0..100_000, |place| alike(mixed(place))),
                _ => shortlist(0..100_000, |place| alike(rising(place))),
            };
            assert_eq!(found.len(), SHORTLIST_MAX);
            assert_eq!(found[0], [7001, 99_000][order]);
        }
    }

    #[test]
    fn a_shortlist_of_equals_is_bounded() {
        assert_eq!(shortlist(0..100_000, |_| alike(50)).len(), SHORTLIST_MAX);
        assert!(shortlist(0..10, |_| alike(0)).is_empty());
    }

    #[test]
    fn a_signature_is_most_like_itself() {
        let (one, other) = (signature(&[20, 1, 23, 4, 30]), signature(&[21, 1, 25, 4]));
        let likeness =
            |a: u128, b: u128| Overlap::of(a, b, a.count_ones() + b.count_ones()).likeness();
        assert_eq!(likeness(one, one), ALIKE_MAX);
        assert!(likeness(one, other) < ALIKE_MAX);
    }
}
