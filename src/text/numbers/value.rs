//! Numbers and how they are written: figures, words, Roman numerals.
//!
//! Not for: reading them (`grammar`).
//!
//! Invariant: what is written is what was said: the decimals are kept as said, with their
//! trailing zeros, until a rule takes them away.

use crate::vocab::number_words::{ONES, ORDINALS, TENS};

/// How a number was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Words,
    /// "one twenty", "two fifty": hundreds without the word.
    Idiom,
    Figures,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number {
    pub whole: u64,
    /// Figures after the decimal point; 0 where there is none.
    pub decimals: u8,
    pub fraction: u64,
    pub how: How,
    /// A word that stands after the figures: "2.5 million".
    pub scale: Option<&'static str>,
}

/// Where commas go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commas {
    /// R-NUM-5: from five figures on.
    Five,
    /// R-DOSE-4: from four figures on.
    Four,
    Never,
}

impl Number {
    pub fn whole(whole: u64, how: How) -> Self {
        Self { whole, decimals: 0, fraction: 0, how, scale: None }
    }

    pub fn is_whole(&self) -> bool {
        self.decimals == 0 && self.scale.is_none()
    }

    /// A whole number below ten.
    pub fn is_small(&self) -> bool {
        self.is_whole() && self.whole < 10
    }

    /// R-DEC-2: the same number without trailing zeros after the point.
    pub fn without_trailing_zeros(mut self) -> Self {
        while self.decimals > 0 && self.fraction.is_multiple_of(10) {
            self.decimals -= 1;
            self.fraction /= 10;
        }
        self
    }

    pub fn as_f64(&self) -> f64 {
        let scale = match self.scale {
            Some("thousand") => 1e3,
            Some("million") => 1e6,
            Some("billion") => 1e9,
            _ => 1.0,
        };
        (self.whole as f64 + self.fraction as f64 / 10f64.powi(i32::from(self.decimals))) * scale
    }

    pub fn figures(&self, commas: Commas) -> String {
        let mut text = self.whole.to_string();
        let from = match commas {
            Commas::Five => 5,
            Commas::Four => 4,
            Commas::Never => usize::MAX,
        };
        if text.len() >= from {
            let mut place = text.len();
            while place > 3 {
                place -= 3;
                text.insert(place, ',');
            }
        }
        if self.decimals > 0 {
            let width = usize::from(self.decimals);
            text.push_str(&format!(".{:0width$}", self.fraction));
        }
        if let Some(scale) = self.scale {
            text.push(' ');
            text.push_str(scale);
        }
        text
    }
}

/// The largest number that is written in words.
pub const IN_WORDS_MAX: u64 = 999_999_999;

/// A number in words, hyphenated below a hundred: "twenty-two". `None` beyond `IN_WORDS_MAX`.
pub fn in_words(n: u64) -> Option<String> {
    if n > IN_WORDS_MAX {
        return None;
    }
    let mut text = String::new();
    for (size, name) in [(1_000_000, " million"), (1000, " thousand"), (1, "")] {
        let part = n / size % 1000;
        if part > 0 || n == 0 && size == 1 {
            if !text.is_empty() {
                text.push(' ');
            }
            push_below_thousand(&mut text, part);
            text.push_str(name);
        }
    }
    Some(text)
}

fn push_below_thousand(text: &mut String, n: u64) {
    let (hundreds, rest) = (n / 100, n % 100);
    if hundreds > 0 {
        text.push_str(ones(hundreds));
        text.push_str(" hundred");
        if rest == 0 {
            return;
        }
        text.push(' ');
    }
    if rest < 20 {
        text.push_str(ones(rest));
        return;
    }
    text.push_str(TENS.get(rest as usize / 10 - 2).copied().unwrap_or_default());
    if rest % 10 > 0 {
        text.push('-');
        text.push_str(ones(rest % 10));
    }
}

fn ones(n: u64) -> &'static str {
    ONES.get(n as usize).copied().unwrap_or_default()
}

/// "first" to "nineteenth", then "twenty-first" up to "ninety-ninth".
pub fn ordinal_in_words(n: u64) -> Option<String> {
    match n {
        1..=19 => ORDINALS.get(n as usize - 1).map(|word| (*word).to_string()),
        20..=99 => {
            let tens = TENS.get(n as usize / 10 - 2)?;
            match n % 10 {
                0 => Some(format!("{}ieth", tens.strip_suffix('y')?)),
                one => Some(format!("{tens}-{}", ORDINALS.get(one as usize - 1)?)),
            }
        }
        _ => None,
    }
}

/// "10th", "21st", "112th".
pub fn ordinal_figures(n: u64) -> String {
    let suffix = match (n % 100, n % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{n}{suffix}")
}

/// The largest number written as a Roman numeral (command N04).
pub const ROMAN_MAX: u64 = 39;

pub fn roman(n: u64) -> Option<String> {
    if !(1..=ROMAN_MAX).contains(&n) {
        return None;
    }
    let ones = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    let tens = ["", "X", "XX", "XXX"];
    Some(format!("{}{}", tens[n as usize / 10], ones[n as usize % 10]))
}

/// The value of a Roman numeral in capitals, up to `ROMAN_MAX`.
pub fn from_roman(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|b| matches!(b, b'I' | b'V' | b'X')) {
        return None;
    }
    (1..=ROMAN_MAX).find(|n| roman(*n).as_deref() == Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_commas_as_the_rule_says() {
        let number = |whole| Number::whole(whole, How::Words);
        assert_eq!(number(9200).figures(Commas::Five), "9200");
        assert_eq!(number(11_400).figures(Commas::Five), "11,400");
        assert_eq!(number(5000).figures(Commas::Four), "5,000");
        assert_eq!(number(1_234_567).figures(Commas::Five), "1,234,567");
        assert_eq!(number(123_456).figures(Commas::Never), "123456");
    }

    #[test]
    fn decimals_keep_their_zeros_until_told() {
        let mut number = Number::whole(2, How::Words);
        (number.decimals, number.fraction) = (2, 5);
        assert_eq!(number.figures(Commas::Five), "2.05");
        (number.decimals, number.fraction) = (2, 50);
        assert_eq!(number.figures(Commas::Five), "2.50");
        assert_eq!(number.without_trailing_zeros().figures(Commas::Five), "2.5");
        (number.decimals, number.fraction) = (1, 0);
        assert_eq!(number.without_trailing_zeros().figures(Commas::Five), "2");
    }

    #[test]
    fn numbers_are_written_in_words_and_as_roman_numerals() {
        for (n, words) in [
            (0, "zero"),
            (22, "twenty-two"),
            (105, "one hundred five"),
            (250_000, "two hundred fifty thousand"),
            (1_000_010, "one million ten"),
        ] {
            assert_eq!(in_words(n).as_deref(), Some(words));
        }
        assert_eq!(ordinal_in_words(21).as_deref(), Some("twenty-first"));
        assert_eq!(ordinal_in_words(40).as_deref(), Some("fortieth"));
        assert_eq!(ordinal_figures(112), "112th");
        assert_eq!((roman(12).as_deref(), roman(4).as_deref()), (Some("XII"), Some("IV")));
        assert_eq!((from_roman("IV"), from_roman("IIII"), from_roman("")), (Some(4), None, None));
    }
}
