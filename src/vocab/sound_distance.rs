//! How far two strings of sounds are apart: an edit distance whose steps cost little between
//! sounds that are easily taken for each other.
//!
//! Not for: finding the terms to compare with (`sound_index`).
//!
//! Invariant: the distance of equal strings is 0; no step is free. The costs were set by hand
//! from articulation and held against `benches/vocab.rs`; they are not fitted.

use super::sounds::{INVENTORY, SOUNDS_MAX, is_vowel};
use std::sync::OnceLock;

const KINDS: usize = INVENTORY.len();

/// Groups of consonants that are often exchanged, and what the exchange costs.
const NEAR: [(&str, f32); 22] = [
    ("pb", 0.3),
    ("td", 0.25),
    ("kg", 0.3),
    ("fv", 0.25),
    ("sz", 0.1),
    ("SZ", 0.15),
    ("CJ", 0.3),
    ("TD", 0.15),
    ("mn", 0.35),
    ("nN", 0.2),
    ("mN", 0.45),
    ("lr", 0.5),
    ("SC", 0.35),
    ("ZJ", 0.3),
    ("sS", 0.4),
    ("zZ", 0.4),
    ("Tfs", 0.45),
    ("tTd", 0.45),
    ("tC", 0.45),
    ("bv", 0.45),
    ("ptk", 0.6),
    ("bdg", 0.6),
];

/// Where a vowel is said: height and backness (0 to 1) as in a vowel chart; diphthongs at the
/// middle of their way.
const CHART: [(u8, f32, f32); 13] = [
    (b'a', 0.15, 0.25),
    (b'A', 0.1, 0.8),
    (b'e', 0.4, 0.2),
    (b'i', 0.75, 0.2),
    (b'I', 1.0, 0.1),
    (b'x', 0.4, 0.55),
    (b'U', 0.95, 0.95),
    (b'O', 0.5, 0.95),
    (b'E', 0.6, 0.15),
    (b'Y', 0.45, 0.4),
    (b'W', 0.45, 0.8),
    (b'Q', 0.7, 0.6),
    (b'R', 0.45, 0.55),
];

/// What one vowel for another costs at most, and a vowel for a consonant.
const VOWEL_STEP: f32 = 0.5;
const VOWEL_FOR_CONSONANT: f32 = 1.1;

/// What a gap at the beginning costs, and one at the end of what was heard, as a part of its
/// cost elsewhere: recognisers lose the edges of words.
const EDGE: f32 = 0.75;

/// The costs of all steps.
pub struct Costs {
    exchange: [[f32; KINDS]; KINDS],
    /// A sound too many or too few.
    pub gap: [f32; KINDS],
}

/// The one table of costs.
pub fn costs() -> &'static Costs {
    static COSTS: OnceLock<Costs> = OnceLock::new();
    COSTS.get_or_init(|| {
        let mut exchange = [[0.0; KINDS]; KINDS];
        for (one, row) in exchange.iter_mut().enumerate() {
            for (other, cost) in row.iter_mut().enumerate() {
                *cost = exchange_cost(one, other);
            }
        }
        Costs { exchange, gap: std::array::from_fn(gap_cost) }
    })
}

/// The distance of what was heard from a term, in steps; more than `most` is not worked out and
/// is reported as infinity. `weights` scale the cost of leaving out each heard sound, so that
/// swallowed function words cost little.
pub fn distance(heard: &[u8], weights: &[f32], term: &[u8], most: f32) -> f32 {
    let costs = costs();
    let mut row = [0.0f32; SOUNDS_MAX + 1];
    let term = &term[..term.len().min(SOUNDS_MAX)];
    for (at, &wanted) in term.iter().enumerate() {
        row[at + 1] = row[at] + costs.gap[usize::from(wanted)] * EDGE;
    }
    for (at, &sound) in heard.iter().enumerate() {
        let leave_out = costs.gap[usize::from(sound)] * weights[at];
        let exchange = &costs.exchange[usize::from(sound)];
        let end = if at + 1 == heard.len() { EDGE } else { 1.0 };
        let mut diagonal = row[0];
        row[0] += leave_out * EDGE;
        let mut least = row[0];
        for (column, &wanted) in term.iter().enumerate() {
            let exchanged = diagonal + exchange[usize::from(wanted)];
            diagonal = row[column + 1];
            let left_out = diagonal + leave_out;
            let put_in = row[column] + costs.gap[usize::from(wanted)] * end;
            let best = exchanged.min(left_out).min(put_in);
            row[column + 1] = best;
            least = least.min(best);
        }
        if least > most {
            return f32::INFINITY;
        }
    }
    row[term.len()]
}

fn exchange_cost(one: usize, other: usize) -> f32 {
    if one == other {
        return 0.0;
    }
    let (a, b) = (INVENTORY[one], INVENTORY[other]);
    match (is_vowel(one as u8), is_vowel(other as u8)) {
        (true, true) => vowel_cost(a, b),
        (false, false) => consonant_cost(a, b),
        _ => half_vowel_cost(a, b).or_else(|| half_vowel_cost(b, a)).unwrap_or(VOWEL_FOR_CONSONANT),
    }
}

fn vowel_cost(a: u8, b: u8) -> f32 {
    let place = |sign| CHART.iter().find(|(known, ..)| *known == sign).map(|(_, h, f)| (*h, *f));
    let (Some(a), Some(b)) = (place(a), place(b)) else { return VOWEL_STEP };
    let apart = (a.0 - b.0).hypot(a.1 - b.1);
    (0.08 + 0.5 * apart).min(VOWEL_STEP)
}

fn consonant_cost(a: u8, b: u8) -> f32 {
    let near = NEAR
        .iter()
        .filter(|(group, _)| group.as_bytes().contains(&a) && group.as_bytes().contains(&b));
    let known = near.map(|(_, cost)| *cost).fold(1.0, f32::min);
    if known < 1.0 {
        return known;
    }
    let manner = |sign: u8| match sign {
        b'p' | b'b' | b't' | b'd' | b'k' | b'g' | b'C' | b'J' => 0,
        b'f' | b'v' | b'T' | b'D' | b's' | b'z' | b'S' | b'Z' | b'h' => 1,
        b'm' | b'n' | b'N' => 2,
        _ => 3,
    };
    if manner(a) == manner(b) { 0.75 } else { 0.95 }
}

/// A vowel and the consonant that glides into it.
fn half_vowel_cost(vowel: u8, consonant: u8) -> Option<f32> {
    match (vowel, consonant) {
        (b'I' | b'i', b'y') | (b'U', b'w') => Some(0.2),
        (b'R', b'r') => Some(0.1),
        (b'O' | b'U' | b'x', b'l') | (b'O' | b'W', b'w') => Some(0.5),
        (b'x' | b'e' | b'i', b'r') => Some(0.6),
        _ => None,
    }
}

fn gap_cost(place: usize) -> f32 {
    match INVENTORY[place] {
        b'x' => 0.25,
        b'i' => 0.3,
        b'I' | b'e' | b'a' | b'A' | b'U' | b'O' => 0.4,
        b'E' | b'Y' | b'W' | b'Q' => 0.5,
        b'R' => 0.55,
        b'y' | b'h' => 0.3,
        b'w' | b'r' => 0.5,
        b'l' | b'n' | b't' | b'd' | b'N' => 0.6,
        _ => 0.75,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::sounds;

    fn apart(heard: &str, term: &str) -> f32 {
        let said = |text: &str| {
            let mut out = Vec::new();
            sounds::append(text, &mut out);
            out
        };
        let (heard, term) = (said(heard), said(term));
        distance(&heard, &vec![1.0; heard.len()], &term, f32::INFINITY)
    }

    #[test]
    fn equal_sounds_are_not_apart_and_near_ones_are_nearer_than_far_ones() {
        assert!(apart("flagyl", "flagyl") < f32::EPSILON);
        assert!(apart("phlegial", "flagyl") < apart("phlegial", "lasix"));
        assert!(apart("bat", "pat") < apart("bat", "sat"));
    }

    #[test]
    fn more_than_the_most_is_infinite() {
        let (heard, term) = ([0u8; 4], [20u8; 30]);
        assert!(distance(&heard, &[1.0; 4], &term, 0.5).is_infinite());
    }
}
