//! Finding the terms that may sound like a span: a signature of 128 bits for each way a term is
//! said, compared with all others by counting common bits.
//!
//! Not for: ranking what is found (`sound_distance`, `candidates`).
//!
//! Invariant: needs no memory that grows with the lexicon; a scan reads the signatures once to
//! count and once to pick. The build script uses this file too, so it needs only `sounds`.

use super::sounds::{INVENTORY, is_vowel};

/// Consonants that are taken for each other share a class. Vowels, w, y and h have none.
const CLASSES: [&[u8]; 8] = [b"pb", b"tdTD", b"kg", b"fv", b"szSZCJ", b"mnN", b"lrR", b"w"];
const NO_CLASS: usize = CLASSES.len();

/// The most terms that one scan hands on for a closer look.
pub const SHORTLIST_MAX: usize = 1500;

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

/// How alike two signatures are, 0 to 128.
pub fn likeness(one: u128, other: u128) -> usize {
    let all = one.count_ones() + other.count_ones();
    ((one & other).count_ones() * 256).checked_div(all).unwrap_or(0) as usize
}

/// Hands the places of the most alike signatures to `pick`, at most about `SHORTLIST_MAX`.
/// `alike` gives the likeness of the signature at a place.
pub fn shortlist(
    places: std::ops::Range<usize>,
    alike: impl Fn(usize) -> usize,
    mut pick: impl FnMut(usize),
) {
    let mut counts = [0usize; 129];
    for place in places.clone() {
        counts[alike(place)] += 1;
    }
    let mut least = 128;
    let mut taken = counts[128];
    while least > 1 && taken + counts[least - 1] <= SHORTLIST_MAX {
        least -= 1;
        taken += counts[least];
    }
    for place in places {
        if alike(place) >= least {
            pick(place);
        }
    }
}

fn class(sound: u8) -> usize {
    let sign = INVENTORY[usize::from(sound)];
    CLASSES.iter().position(|class| class.contains(&sign)).unwrap_or(NO_CLASS)
}
