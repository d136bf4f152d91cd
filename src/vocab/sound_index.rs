//! Finding the terms that may sound like a span: a signature of 128 bits for each way a term is
//! said, compared with all others by counting common bits.
//!
//! Not for: ranking what is found (`sound_distance`, `candidates`).
//!
//! Invariant: needs no memory that grows with the lexicon; a scan hands on a bounded
//! number. The build script uses this file too, so it needs only `sounds`.

use super::sounds::{INVENTORY, is_vowel};

/// Consonants that are taken for each other share a class. Vowels, w, y and h have none.
const CLASSES: [&[u8]; 8] = [b"pb", b"tdTD", b"kg", b"fv", b"szSZCJ", b"mnN", b"lrR", b"w"];
const NO_CLASS: usize = CLASSES.len();

/// The most terms that one scan hands on for a closer look.
pub const SHORTLIST_MAX: usize = 1500;

/// Every how many places the likeness is sampled.
const SAMPLE: usize = 4;

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

/// How alike two signatures are, 0 to 128; `sizes` is how many bits both have together.
pub fn likeness(one: u128, other: u128, sizes: u32) -> usize {
    let common = (one & other).count_ones();
    (common * 256).checked_div(sizes).unwrap_or(0) as usize
}

/// The places of the most alike signatures, the most alike first; `SHORTLIST_MAX` at most.
/// `alike` gives the likeness of the signature at a place. What is likely enough is judged from
/// every fourth place, so the lexicon is read one and a quarter times.
pub fn shortlist(
    places: std::ops::Range<usize>,
    alike: impl Fn(usize) -> usize,
) -> Vec<(usize, usize)> {
    let mut counts = [0usize; 129];
    for place in places.clone().step_by(SAMPLE) {
        counts[alike(place)] += SAMPLE;
    }
    let mut least = 128;
    let mut taken = counts[128];
    while least > 1 && taken + counts[least - 1] <= SHORTLIST_MAX {
        least -= 1;
        taken += counts[least];
    }
    let mut found = Vec::with_capacity(2 * SHORTLIST_MAX);
    for place in places {
        let likeness = alike(place);
        if likeness >= least && found.len() < found.capacity() {
            found.push((likeness, place));
        }
    }
    found.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    found.truncate(SHORTLIST_MAX);
    found
}

fn class(sound: u8) -> usize {
    let sign = INVENTORY[usize::from(sound)];
    CLASSES.iter().position(|class| class.contains(&sign)).unwrap_or(NO_CLASS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortlist_is_bounded_and_keeps_the_most_alike() {
        let alike = |place: usize| if place == 7001 { 120 } else { place % 100 };
        let found = shortlist(0..100_000, alike);
        assert!(found.len() <= SHORTLIST_MAX);
        assert_eq!(found[0], (120, 7001));
    }

    #[test]
    fn a_signature_is_most_like_itself() {
        let (one, other) = (signature(&[20, 1, 23, 4, 30]), signature(&[21, 1, 25, 4]));
        let sizes = |a: u128, b: u128| a.count_ones() + b.count_ones();
        assert_eq!(likeness(one, one, sizes(one, one)), 128);
        assert!(likeness(one, other, sizes(one, other)) < 128);
    }
}
