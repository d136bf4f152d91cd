//! Words that are parts or forms of each other: recognisers drop and add whole beginnings and
//! endings ("charge" for "discharge", "nauseous" for "nausea"), which sound alone ranks low.
//!
//! Not for: words that only sound alike (`sound_distance`).
//!
//! Invariant: looks at single words; at most `KIN_MAX` terms come of one word.

use super::lexicon::{Lexicon, TermId};
use super::readings::LAST_LETTERS;

/// The most terms that are found by their letters.
const KIN_MAX: usize = 12;
/// The most entries that are looked at for one beginning or ending.
const LOOKED_AT_MAX: usize = 256;
/// The fewest letters that make a part.
const PART_MIN: usize = 3;
/// A part that ends a word has more, because many words share a short ending.
const END_PART_MIN: usize = 4;
/// The smallest part, of the whole.
const SHARE_MIN: f32 = 0.4;
/// The smallest stem of two forms, of the longer.
const STEM_SHARE_MIN: f32 = 0.5;
/// How alike kin count: this, and as much more as the part is of the whole.
const KIN: f32 = 0.5;
const KIN_SHARE: f32 = 0.4;

/// How alike two words are as parts or forms of each other, 0 if they are not. Both are in small
/// letters; different words.
pub fn kin(one: &str, other: &str) -> f32 {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    if short.len() < PART_MIN || one == other {
        return 0.0;
    }
    let share = short.len() as f32 / long.len() as f32;
    let ends = short.len() >= END_PART_MIN && long.ends_with(short);
    if share >= SHARE_MIN && (long.starts_with(short) || ends) {
        return KIN + KIN_SHARE * share;
    }
    let same = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let stem = same as f32 / long.len() as f32;
    let is_ending = |word: &str| word.get(same..).is_some_and(|rest| LAST_LETTERS.contains(&rest));
    if same >= PART_MIN && stem >= STEM_SHARE_MIN && is_ending(one) && is_ending(other) {
        return KIN + KIN_SHARE * stem;
    }
    0.0
}

/// The terms of one word that are kin to a word, the nearest and most common first.
pub fn kin_of(lexicon: &Lexicon, word: &str) -> Vec<TermId> {
    let count = word.len();
    if count < PART_MIN || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return Vec::new();
    }
    let mut found: Vec<TermId> = Vec::new();
    let stem = (count as f32 * STEM_SHARE_MIN).ceil() as usize;
    found.extend(lexicon.starting_with(&word[..stem.max(PART_MIN)]).take(LOOKED_AT_MAX));
    found.extend(lexicon.starting_with(word).take(LOOKED_AT_MAX));
    if count >= END_PART_MIN {
        found.extend(lexicon.ending_with(word).take(LOOKED_AT_MAX));
    }
    found.extend((PART_MIN..count).filter_map(|end| lexicon.find(&word[..end])));
    found.extend((1..count).filter_map(|start| lexicon.find(&word[start..])));
    found.sort_unstable();
    found.dedup();
    let mut ranked: Vec<(f32, TermId)> = Vec::new();
    for id in found {
        let term = lexicon.term(id);
        let kin = kin(word, &term.text.to_lowercase());
        if kin > 0.0 {
            ranked.push((kin + COMMON * f32::from(term.common), id));
        }
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ranked.truncate(KIN_MAX);
    ranked.into_iter().map(|(_, id)| id).collect()
}

/// What a step of how common a term is counts among kin.
const COMMON: f32 = 0.03;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_forms_are_kin_and_others_are_not() {
        for (one, other) in [
            ("charge", "discharge"),
            ("heartbeat", "heart"),
            ("nauseous", "nausea"),
            ("dosage", "dose"),
        ] {
            assert!(kin(one, other) > 0.6, "{one} {other}");
            assert!((kin(one, other) - kin(other, one)).abs() < f32::EPSILON);
        }
        for (one, other) in [("renal", "adrenalin"), ("camps", "cramps"), ("ear", "shear")] {
            assert!(kin(one, other) < 0.01, "{one} {other}");
        }
    }

    #[test]
    fn kin_are_found_in_the_lexicon() {
        let lexicon = Lexicon::built_in();
        for (word, term) in [("charge", "discharge"), ("coughed", "cough"), ("head", "headache")] {
            let found = kin_of(&lexicon, word);
            assert!(found.iter().any(|id| lexicon.term(*id).text == term), "{word}");
            assert!(found.len() <= KIN_MAX);
        }
    }
}
