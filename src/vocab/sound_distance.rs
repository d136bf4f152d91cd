//! How far two strings of sounds are apart: an edit distance whose steps cost little between
//! sounds that are easily taken for each other.
//!
//! Not for: finding the terms to compare with (`sound_index`).
//!
//! Invariant: the distance of equal strings is 0; no step is free. The costs were set by hand
//! from articulation and held against `benches/vocab.rs`; they are not fitted.

use super::sounds::{INVENTORY, SOUNDS_MAX, is_vowel};
use std::array::from_fn;
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

/// What the first gaps at either edge cost, and those after them, as a part of the cost
/// elsewhere: recognisers lose the edges of words, and whole syllables at once.
const EDGE: f32 = 0.75;
const PAST_EDGE: f32 = 0.55;
/// How many gaps are the first.
const EDGE_GAPS: usize = 2;

/// Costs are whole numbers of this part of a step, so that `LANES` terms are compared at once.
/// All gaps of `SOUNDS_MAX` sounds on both sides together stay below `i16::MAX`.
const PARTS: f32 = 256.0;

/// How many terms are compared at once; eight whole numbers fill a register of every x86-64 and
/// AArch64.
pub const LANES: usize = 8;
type Lanes = [i16; LANES];

/// A power of two, so that a place in a row needs no check.
const ROW: usize = KINDS.next_power_of_two();

/// The costs of all steps.
struct Costs {
    exchange: [[i16; ROW]; KINDS],
    /// A sound too many or too few.
    gap: [i16; KINDS],
    edge_gap: [i16; KINDS],
    past_edge_gap: [i16; KINDS],
}

/// The one table of costs.
fn costs() -> &'static Costs {
    static COSTS: OnceLock<Costs> = OnceLock::new();
    COSTS.get_or_init(|| {
        let cost = |one, other| if other < KINDS { exchange_cost(one, other) } else { 0.0 };
        Costs {
            exchange: from_fn(|one| from_fn(|other| parts(cost(one, other)))),
            gap: from_fn(|place| parts(gap_cost(place))),
            edge_gap: from_fn(|place| parts(gap_cost(place) * EDGE)),
            past_edge_gap: from_fn(|place| parts(gap_cost(place) * PAST_EDGE)),
        }
    })
}

impl Costs {
    /// A gap at an edge, after so many others there.
    fn at_edge(&self, sound: u8, gaps: usize) -> i16 {
        let gaps = if gaps < EDGE_GAPS { &self.edge_gap } else { &self.past_edge_gap };
        gaps[usize::from(sound)]
    }
}

fn parts(cost: f32) -> i16 {
    (cost * PARTS).round() as i16
}

/// What was heard, with what it costs to leave each sound out.
pub struct Heard {
    pub sounds: Vec<u8>,
    leave_out: Vec<i16>,
    /// Leaving out all sounds up to a place, and all from it on.
    begin: Vec<i16>,
    end: Vec<i16>,
}

impl Heard {
    /// `weights` scale the cost of leaving out each sound, so that swallowed function words cost
    /// little. Sounds past `SOUNDS_MAX` are dropped.
    ///
    /// # Panics
    /// When a sound is outside `INVENTORY`.
    pub fn new(mut sounds: Vec<u8>, weights: &[f32]) -> Self {
        assert!(sounds.iter().all(|sound| usize::from(*sound) < KINDS), "sounds are in the list");
        sounds.truncate(SOUNDS_MAX);
        let costs = costs();
        let weighed = |at: usize, gap: i16| (f32::from(gap) * weights[at]) as i16;
        let gap = |at: usize| weighed(at, costs.gap[usize::from(sounds[at])]);
        let edge = |at: usize, gaps: usize| weighed(at, costs.at_edge(sounds[at], gaps));
        let count = sounds.len();
        let leave_out = (0..count).map(gap).collect();
        let (mut begin, mut end) = (vec![0; count + 1], vec![0; count + 1]);
        for gaps in 0..count {
            begin[gaps + 1] = begin[gaps] + edge(gaps, gaps);
            end[count - gaps - 1] = end[count - gaps] + edge(count - gaps - 1, gaps);
        }
        Self { sounds, leave_out, begin, end }
    }
}

/// The distances of what was heard from up to `LANES` terms of equal length, in steps; what is
/// more than `most` may be reported as infinity.
///
/// # Panics
/// When there are no terms or too many, or they differ in length.
pub fn distances(heard: &Heard, terms: &[&[u8]], most: f32) -> [f32; LANES] {
    let length = terms[0].len().min(SOUNDS_MAX);
    assert!(terms.len() <= LANES && terms.iter().all(|term| term.len() == terms[0].len()));
    let most = (most * PARTS).min(f32::from(i16::MAX)) as i16;
    let mut table = Table::begin(terms, length);
    let mut best = add(table.row[length], [heard.end[0]; LANES]);
    for at in 0..heard.sounds.len() {
        let least = table.step(heard, at, length);
        best = min(best, add(table.row[length], [heard.end[at + 1]; LANES]));
        if least.iter().all(|least| *least > most) {
            return best.map(|best| if best > most { f32::INFINITY } else { steps(best) });
        }
    }
    min(best, table.with_rest_missing(length)).map(steps)
}

fn steps(parts: i16) -> f32 {
    f32::from(parts) / PARTS
}

/// One row of the table of edit distances for each lane.
struct Table {
    sounds: [[u8; LANES]; SOUNDS_MAX],
    gaps: [Lanes; SOUNDS_MAX],
    row: [Lanes; SOUNDS_MAX + 1],
}

impl Table {
    fn begin(terms: &[&[u8]], length: usize) -> Self {
        let costs = costs();
        let mut table = Self {
            sounds: [[0; LANES]; SOUNDS_MAX],
            gaps: [[0; LANES]; SOUNDS_MAX],
            row: [[0; LANES]; SOUNDS_MAX + 1],
        };
        for lane in 0..LANES {
            let term = terms.get(lane).unwrap_or(&terms[0]);
            for (at, &sound) in term.iter().enumerate().take(length) {
                table.sounds[at][lane] = sound;
                table.gaps[at][lane] = costs.gap[usize::from(sound)];
                table.row[at + 1][lane] = table.row[at][lane] + costs.at_edge(sound, at);
            }
        }
        table
    }

    /// Goes on by one heard sound; returns the least of the row. This is where the time of a
    /// search goes.
    fn step(&mut self, heard: &Heard, at: usize, length: usize) -> Lanes {
        let exchange = &costs().exchange[usize::from(heard.sounds[at])];
        let leave_out = [heard.leave_out[at]; LANES];
        let mut diagonal = self.row[0];
        let mut left = [heard.begin[at + 1]; LANES];
        self.row[0] = left;
        let mut least = left;
        let columns = self.sounds.iter().zip(&self.gaps).zip(&mut self.row[1..]);
        for ((sounds, gaps), cell) in columns.take(length) {
            let exchanged = from_fn(|lane| exchange[usize::from(sounds[lane]) % ROW]);
            let above = *cell;
            let best = min(add(diagonal, exchanged), add(above, leave_out));
            left = min(best, add(left, *gaps));
            least = min(least, left);
            diagonal = above;
            *cell = left;
        }
        least
    }

    /// The least cost when the rest of each term was not heard.
    fn with_rest_missing(&self, length: usize) -> Lanes {
        let costs = costs();
        let mut best = self.row[length];
        let mut rest = [0; LANES];
        for gaps in 0..length {
            let at = length - gaps - 1;
            rest = add(rest, self.sounds[at].map(|sound| costs.at_edge(sound, gaps)));
            best = min(best, add(self.row[at], rest));
        }
        best
    }
}

fn add(one: Lanes, other: Lanes) -> Lanes {
    from_fn(|lane| one[lane].wrapping_add(other[lane]))
}

fn min(one: Lanes, other: Lanes) -> Lanes {
    from_fn(|lane| one[lane].min(other[lane]))
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

    fn said(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        sounds::append(text, &mut out);
        out
    }

    fn heard(text: &str) -> Heard {
        Heard::new(said(text), &[1.0; SOUNDS_MAX])
    }

    fn apart(text: &str, term: &str) -> f32 {
        distances(&heard(text), &[&said(term)], 100.0)[0]
    }

    #[test]
    fn equal_sounds_are_not_apart_and_near_ones_are_nearer_than_far_ones() {
        assert!(apart("flagyl", "flagyl") < f32::EPSILON);
        assert!(apart("phlegial", "flagyl") < apart("phlegial", "lasix"));
        assert!(apart("bat", "pat") < apart("bat", "sat"));
    }

    #[test]
    fn what_is_lost_at_an_edge_costs_less_than_inside_on_either_side() {
        for (whole, edge, inside) in
            [("tamol", "paratamol", "taparamol"), ("met", "metok", "mekot")]
        {
            assert!(apart(whole, edge) < apart(whole, inside), "{whole}");
            assert!((apart(whole, edge) - apart(edge, whole)).abs() < 0.05, "{whole}");
        }
    }

    #[test]
    fn terms_are_compared_at_once_as_one_by_one() {
        let terms: Vec<Vec<u8>> =
            ["flagyl", "phlegm", "lasix", "keflex", "plavix"].map(said).into_iter().collect();
        let longest = terms.iter().map(Vec::len).max().unwrap_or(0);
        for length in 1..=longest {
            let same: Vec<&[u8]> =
                terms.iter().filter(|term| term.len() == length).map(Vec::as_slice).collect();
            if same.is_empty() {
                continue;
            }
            let together = distances(&heard("phlegial"), &same, 100.0);
            for (term, together) in same.iter().zip(together) {
                let alone = distances(&heard("phlegial"), &[term], 100.0)[0];
                assert!((alone - together).abs() < f32::EPSILON);
            }
        }
    }

    #[test]
    fn more_than_the_most_is_infinite() {
        let heard = Heard::new(vec![0; 4], &[1.0; 4]);
        assert!(distances(&heard, &[&[20; 30]], 0.5)[0].is_infinite());
    }
}
