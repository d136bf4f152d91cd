//! The English words for numbers.
//!
//! Not for: reading numbers out of a text (`text::numbers`, `evaluate::numbers`).
//!
//! Invariant: a word's place tells its value.

/// 0 to 19, each at the place of its value.
pub const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

/// 20 to 90, the first at place 0.
pub const TENS: [&str; 8] =
    ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// First to nineteenth, the first at place 0.
pub const ORDINALS: [&str; 19] = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];

/// The value of one word for a number below 20 or for tens.
pub fn value(word: &str) -> Option<u32> {
    let place = |words: &[&str]| words.iter().position(|known| *known == word);
    let ones = place(&ONES).map(|place| place as u32);
    ones.or_else(|| place(&TENS).map(|place| (place as u32 + 2) * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_s_place_tells_its_value() {
        let values = ["zero", "seven", "twelve", "nineteen", "twenty", "ninety"].map(value);
        assert_eq!(values, [Some(0), Some(7), Some(12), Some(19), Some(20), Some(90)]);
        assert_eq!(value("hundred"), None);
    }
}
