//! Terms that are taken for each other with harm: look-alike drug names (ISMP, FDA) and
//! sound-alike words of opposite or other meaning.
//!
//! Not for: correcting one to the other; that never happens by itself.
//!
//! Invariant: rivalry goes both ways, whatever the order in the tables.

use super::term::{key, key_of};
use std::collections::HashMap;
use std::sync::OnceLock;

const DRUGS: &str = include_str!("../../vocab/lasa-tallman.tsv");
const WORDS: &str = include_str!("../../vocab/soundalike-terms.tsv");

/// Prefixes whose exchange turns the meaning round.
const OPPOSITES: [(&str, &str); 12] = [
    ("hyper", "hypo"),
    ("brady", "tachy"),
    ("macro", "micro"),
    ("ab", "ad"),
    ("inter", "intra"),
    ("supra", "infra"),
    ("pre", "post"),
    ("ante", "anti"),
    ("a", ""),
    ("non", ""),
    ("un", ""),
    ("ir", ""),
];

/// The known rivals of a term.
pub fn rivals(term: &str) -> &'static [String] {
    table().get(key_of(term).as_ref()).map_or(&[], Vec::as_slice)
}

/// Whether two terms are known rivals, or differ by a prefix that turns the meaning round.
pub fn are_rivals(one: &str, other: &str) -> bool {
    let (one, other) = (key(one), key(other));
    rivals(&one).contains(&other) || are_opposites(&one, &other) || are_opposites(&other, &one)
}

/// The tall-man spelling of a drug name, where the lists have one.
pub fn tall_man(term: &str) -> Option<&'static str> {
    static SPELLINGS: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
    let spellings = SPELLINGS.get_or_init(|| {
        let mut spellings = HashMap::new();
        for line in DRUGS.lines().skip(1) {
            let mut cells = line.split('\t');
            if let (Some(name), Some(spelling)) = (cells.next(), cells.next()) {
                // Of a name on several lists the first row counts.
                spellings.entry(key(name)).or_insert(spelling);
            }
        }
        spellings
    });
    spellings.get(key_of(term).as_ref()).copied()
}

fn are_opposites(one: &str, other: &str) -> bool {
    OPPOSITES.iter().any(|(a, b)| {
        let rest = one.strip_prefix(a);
        rest.is_some_and(|rest| rest.len() > 3 && other.strip_prefix(b) == Some(rest))
    })
}

fn table() -> &'static HashMap<String, Vec<String>> {
    static TABLE: OnceLock<HashMap<String, Vec<String>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let drugs = DRUGS.lines().skip(1).flat_map(|line| pairs(line, 0, 2));
        let words = WORDS.lines().skip(1).flat_map(|line| pairs(line, 0, 1));
        let mut table: HashMap<String, Vec<String>> = HashMap::new();
        for (one, other) in drugs.chain(words) {
            for (from, to) in [(&one, &other), (&other, &one)] {
                let rivals = table.entry(from.clone()).or_default();
                if !rivals.contains(to) {
                    rivals.push(to.clone());
                }
            }
        }
        table
    })
}

/// The term of one column with each of those in the other.
fn pairs(line: &str, one: usize, other: usize) -> Vec<(String, String)> {
    let cells: Vec<&str> = line.split('\t').collect();
    let (Some(one), Some(others)) = (cells.get(one), cells.get(other)) else { return Vec::new() };
    others.split('|').map(|other| (key(one), key(other))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rivals_are_known_from_both_sides() {
        assert!(
            are_rivals("hydralazine", "hydroxyzine") == are_rivals("hydroxyzine", "hydralazine")
        );
        assert!(are_rivals("bupropion", "buspirone"));
        assert!(are_rivals("buspirone", "buPROPion"));
        assert!(rivals("ileum").contains(&"ilium".to_string()));
        assert_eq!(tall_man("bupropion"), Some("buPROPion"));
    }

    #[test]
    fn a_prefix_that_turns_the_meaning_makes_rivals() {
        for (one, other) in [
            ("hyperkalemia", "hypokalemia"),
            ("tender", "nontender"),
            ("asymptomatic", "symptomatic"),
            ("suprapatellar", "infrapatellar"),
        ] {
            assert!(are_rivals(one, other), "{one} {other}");
            assert!(are_rivals(other, one), "{other} {one}");
        }
        assert!(!are_rivals("metoprolol", "lisinopril"));
    }
}
