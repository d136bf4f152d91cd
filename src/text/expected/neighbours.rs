//! Words of the language that sound like a word of the field, told by one neighbour: "colin
//! cancer", "plural effusion", "bowl sounds", "clerk level".
//!
//! Not for: anything that needs more of the sentence (`homophones`), or that changes a number, a
//! side, a negation or a medicine.
//!
//! Invariant: the heard word has no sense between these neighbours.

use super::{Edit, Scene, plain};

/// What was heard, what is written, and the words before or behind that tell it.
struct Pair {
    heard: &'static [&'static str],
    written: &'static str,
    before: &'static [&'static str],
    behind: &'static [&'static str],
}

const PAIRS: [Pair; 18] = [
    Pair { heard: &["accept"], written: "except", before: &[], behind: &["as", "for"] },
    Pair { heard: &["an"], written: "and", before: &[], behind: &["stable"] },
    Pair {
        heard: &["lobs", "laps"],
        written: "labs",
        before: &["repeat", "order", "check", "draw", "morning", "admission", "routine", "fasting"],
        behind: &[],
    },
    Pair {
        heard: &["wait"],
        written: "weight",
        before: &["bear", "bearing", "birth", "lose", "lost", "gain", "gained"],
        behind: &["bearing", "loss", "gain"],
    },
    Pair {
        heard: &["venus"],
        written: "venous",
        before: &[],
        behind: &[
            "pressure",
            "line",
            "catheter",
            "thrombosis",
            "access",
            "ulcer",
            "ulcers",
            "stasis",
            "blood",
            "gas",
            "insufficiency",
            "return",
            "duplex",
            "doppler",
        ],
    },
    Pair {
        heard: &["colin", "collin", "colon's"],
        written: "colon",
        before: &["sigmoid", "ascending", "descending", "transverse"],
        behind: &["cancer", "polyp", "polyps", "resection", "carcinoma", "mucosa", "screening"],
    },
    Pair { heard: &["clerk", "clark"], written: "Clark", before: &[], behind: &["level"] },
    Pair { heard: &["pick"], written: "PICC", before: &[], behind: &["line", "lines"] },
    Pair {
        heard: &["presence"],
        written: "presents",
        before: &["female", "male", "woman", "man", "patient", "boy", "girl", "infant"],
        behind: &[],
    },
    Pair {
        heard: &["mail"],
        written: "male",
        before: &["old", "year-old", "month-old", "day-old"],
        behind: &["infant"],
    },
    Pair {
        heard: &["plural"],
        written: "pleural",
        before: &[],
        behind: &["effusion", "effusions", "space", "fluid", "thickening", "rub", "catheter"],
    },
    Pair {
        heard: &["heal"],
        written: "heel",
        before: &["right", "left"],
        behind: &["ulcer", "spur", "cord", "fracture", "strike"],
    },
    Pair {
        heard: &["tow"],
        written: "toe",
        before: &["great", "big", "hammer", "right", "left"],
        behind: &[],
    },
    Pair {
        heard: &["breadth", "breast", "breathe"],
        written: "breath",
        before: &[],
        behind: &["sounds"],
    },
    Pair {
        heard: &["bowl", "bowls"],
        written: "bowel",
        before: &["small", "large"],
        behind: &["sounds", "movement", "movements", "obstruction", "loops", "wall", "prep"],
    },
    Pair {
        heard: &["hart"],
        written: "heart",
        before: &[],
        behind: &["rate", "failure", "sounds", "attack", "murmur", "disease"],
    },
    Pair {
        heard: &["rails"],
        written: "rales",
        before: &["no", "basilar", "bibasilar", "fine", "coarse"],
        behind: &[],
    },
    Pair {
        heard: &["cyst's", "sist", "cist"],
        written: "cyst",
        before: &["ovarian", "renal", "baker's", "a", "the"],
        behind: &["at"],
    },
];

/// Every word that a pair asks for.
pub fn heard() -> impl Iterator<Item = &'static str> {
    PAIRS.iter().flat_map(|pair| pair.heard.iter().copied())
}

pub fn expected(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let told = |pair: &&Pair| s.was(at, pair.before) || s.is(at + 1, pair.behind);
    let pair = PAIRS.iter().filter(|pair| s.is(at, pair.heard)).find(told)?;
    (s.text(at) != pair.written).then(|| plain(at..at + 1, &[pair.written]))
}
