//! Spelled numbers become figures, so that "twenty five" and "25" are the same word.
//!
//! Not for: the numbers of a report (`text`), which know doses and dates.
//!
//! Rule 9 of the Whisper paper's appendix C, without currencies: cardinals, ordinals, plurals,
//! decimals, digits in a row ("one oh one"), years ("nineteen ninety"), signs and percent. "one"
//! alone stays a word, and the figure 1 alone becomes it.
//!
//! Invariant: tokens keep their order; a figure names all the words it was made of, and nothing
//! but number words is ever joined.

use super::normalise::Token;
use crate::vocab::number_words::{ONES, ORDINALS, TENS};

/// A value grows no further than this; longer runs are two figures.
const VALUE_MAX: u64 = 1_000_000_000_000;

const SCALES: [(&str, u64); 5] = [
    ("hundred", 100),
    ("thousand", 1_000),
    ("million", 1_000_000),
    ("billion", 1_000_000_000),
    ("trillion", 1_000_000_000_000),
];
const ZEROS: [&str; 3] = ["zero", "oh", "o"];

/// What a word is in a number.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Class {
    Zero,
    /// 1 to 19.
    Small(u64),
    /// 20, 30, to 90.
    Ten(u64),
    Scale(u64),
    /// Figures already.
    Figure,
}

/// A class and the letters that end the figure: "th", "s" or none.
type Read = (Class, &'static str);

/// Puts figures in the place of spelled numbers.
pub fn figures(pieces: Vec<Token>) -> Vec<Token> {
    let mut out = Vec::with_capacity(pieces.len());
    let mut run = Run::default();
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        at += run.take(&pieces, at, &mut out).unwrap_or_else(|| {
            run.end("", &mut out);
            out.push(piece.clone());
            1
        });
    }
    run.end("", &mut out);
    for token in &mut out {
        if token.text == "1" {
            token.text = "one".into();
        }
    }
    out
}

#[derive(Clone, Debug)]
enum Value {
    Whole(u64),
    /// Digits put in a row, perhaps with a point.
    Digits(String),
}

/// The number that is being put together.
#[derive(Default)]
struct Run {
    value: Option<Value>,
    sign: &'static str,
    last: Option<Class>,
    words: Option<std::ops::Range<usize>>,
}

impl Run {
    /// Takes the piece at `at`, perhaps with those after it, into the number; says how many were
    /// taken, or nothing where the piece has no part in a number.
    fn take(&mut self, pieces: &[Token], at: usize, out: &mut Vec<Token>) -> Option<usize> {
        let word = |ahead: usize| pieces.get(at + ahead).map_or("", |piece| piece.text.as_str());
        let number_next = read(word(1)).is_some();
        let taken = match word(0) {
            "and" if self.value.is_some() && word(1) == "a" && word(2) == "half" => {
                self.half();
                3
            }
            "and" if matches!(self.last, Some(Class::Scale(_))) && number_next => 1,
            "point" if number_next && !self.has_point() => {
                let mut digits = self.digits();
                digits.push('.');
                self.value = Some(Value::Digits(digits));
                1
            }
            "double" | "triple" if matches!(read(word(1)), Some((Class::Small(1..10), ""))) => {
                let times = if word(0) == "double" { 2 } else { 3 };
                for _ in 0..times {
                    self.append(&figure(word(1)));
                }
                2
            }
            sign @ ("minus" | "negative" | "plus" | "positive") if number_next => {
                self.end("", out);
                self.sign = if matches!(sign, "minus" | "negative") { "-" } else { "+" };
                1
            }
            "percent" | "%" if self.value.is_some() => return self.finish(pieces, at, 1, "%", out),
            "per" if word(1) == "cent" && self.value.is_some() => {
                return self.finish(pieces, at, 2, "%", out);
            }
            _ => return self.take_number(pieces, at, out),
        };
        self.cover(pieces, at, taken);
        Some(taken)
    }

    fn take_number(&mut self, pieces: &[Token], at: usize, out: &mut Vec<Token>) -> Option<usize> {
        let piece = pieces.get(at)?;
        let (class, ending) = read(&piece.text)?;
        let next = pieces.get(at + 1).and_then(|piece| read(&piece.text));
        let alone =
            self.value.is_none() && !matches!(next, Some((Class::Zero | Class::Small(_), _)));
        if class == Class::Zero && piece.text != "zero" && alone {
            return None;
        }
        if class == Class::Figure && !self.ends_in_point() || self.is_full() {
            let sign = std::mem::take(&mut self.sign);
            let pending = self.value.is_some();
            self.end("", out);
            self.sign = if pending { "" } else { sign };
        }
        self.add(class, &piece.text);
        if ending.is_empty() {
            self.cover(pieces, at, 1);
            return Some(1);
        }
        self.finish(pieces, at, 1, ending, out)
    }

    fn add(&mut self, class: Class, text: &str) {
        use Value::Whole;
        let value = self.value.take();
        self.value = Some(match (class, value) {
            (Class::Figure, None) => whole_or_digits(text),
            (Class::Small(n) | Class::Ten(n), None) => Whole(n),
            (Class::Small(n @ ..10), Some(Whole(v))) if v % 10 == 0 && v > 0 => Whole(v + n),
            (Class::Small(n) | Class::Ten(n), Some(Whole(v))) if v % 100 == 0 && v > 0 => {
                Whole(v + n)
            }
            (Class::Small(n @ ..10), Some(Value::Digits(mut digits)))
                if matches!(self.last, Some(Class::Ten(_))) =>
            {
                digits.pop();
                digits.push_str(&n.to_string());
                Value::Digits(digits)
            }
            (Class::Scale(m), None) => Whole(m),
            (Class::Scale(m), Some(Whole(v))) => {
                let low = v % 1000;
                Whole(if m == 100 || v >= 1000 {
                    v - low + low.max(1) * m
                } else {
                    v.saturating_mul(m)
                })
            }
            (Class::Scale(m), Some(Value::Digits(digits))) => scaled(&digits, m),
            (_, value) => {
                self.value = value;
                let shown = match class {
                    Class::Zero => "0".to_owned(),
                    Class::Small(n) | Class::Ten(n) => n.to_string(),
                    Class::Scale(_) | Class::Figure => text.to_owned(),
                };
                let mut digits = self.digits();
                digits.push_str(&shown);
                Value::Digits(digits)
            }
        });
        self.last = Some(class);
    }

    fn half(&mut self) {
        let mut digits = self.digits();
        digits.push_str(".5");
        self.value = Some(Value::Digits(digits));
    }

    fn append(&mut self, shown: &str) {
        let mut digits = self.digits();
        digits.push_str(shown);
        self.value = Some(Value::Digits(digits));
        self.last = None;
    }

    fn digits(&self) -> String {
        match &self.value {
            None => String::new(),
            Some(Value::Whole(value)) => value.to_string(),
            Some(Value::Digits(digits)) => digits.clone(),
        }
    }

    fn has_point(&self) -> bool {
        matches!(&self.value, Some(Value::Digits(digits)) if digits.contains('.'))
    }

    fn ends_in_point(&self) -> bool {
        matches!(&self.value, Some(Value::Digits(digits)) if digits.ends_with('.'))
    }

    fn is_full(&self) -> bool {
        match &self.value {
            None => false,
            Some(Value::Whole(value)) => *value >= VALUE_MAX,
            Some(Value::Digits(digits)) => digits.len() as u64 >= u64::from(VALUE_MAX.ilog10()),
        }
    }

    fn cover(&mut self, pieces: &[Token], at: usize, taken: usize) {
        for piece in pieces.iter().skip(at).take(taken) {
            let start = self.words.as_ref().map_or(piece.words.start, |words| words.start);
            self.words = Some(start..piece.words.end);
        }
    }

    fn finish(
        &mut self,
        pieces: &[Token],
        at: usize,
        taken: usize,
        ending: &str,
        out: &mut Vec<Token>,
    ) -> Option<usize> {
        self.cover(pieces, at, taken);
        self.end(ending, out);
        Some(taken)
    }

    /// Gives the number out, if there is one.
    fn end(&mut self, ending: &str, out: &mut Vec<Token>) {
        let done = std::mem::take(self);
        if let Some(words) = done.words.clone() {
            let text = format!("{}{}{ending}", done.sign, done.digits());
            out.push(Token { text, words });
        }
    }
}

/// "5.0" is 5 and "007" is 7; other decimals stay as they are written.
fn whole_or_digits(text: &str) -> Value {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    match whole.parse() {
        Ok(value) if value < VALUE_MAX && decimals.bytes().all(|digit| digit == b'0') => {
            Value::Whole(value)
        }
        _ => Value::Digits(text.to_owned()),
    }
}

/// "2.5" thousand is 2500; what would not be whole stays as digits.
fn scaled(digits: &str, scale: u64) -> Value {
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let places = 10_u64.checked_pow(decimals.len() as u32);
    let all: Option<u64> = format!("{whole}{decimals}").parse().ok();
    match (all, places) {
        (Some(all), Some(places)) if all < VALUE_MAX && scale.is_multiple_of(places) => {
            Value::Whole(all.saturating_mul(scale / places))
        }
        _ => Value::Digits(digits.to_owned()),
    }
}

fn figure(word: &str) -> String {
    small(word).map_or_else(|| word.to_owned(), |value| value.to_string())
}

/// The value of a word from one to nineteen.
fn small(word: &str) -> Option<u64> {
    let place = ONES.iter().position(|known| *known == word);
    place.filter(|value| *value > 0).map(|value| value as u64)
}

/// What a word is in a number, if it can be in one.
fn read(word: &str) -> Option<Read> {
    let first = word.chars().next()?;
    if first.is_ascii_digit() {
        let figures = word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let one_point = word.matches('.').count() <= 1;
        return (figures && one_point).then_some((Class::Figure, ""));
    }
    if ZEROS.contains(&word) {
        return Some((Class::Zero, ""));
    }
    if let Some(value) = small(word) {
        return Some((Class::Small(value), ""));
    }
    if let Some(place) = ORDINALS.iter().position(|ordinal| *ordinal == word) {
        let ending = ["st", "nd", "rd"].get(place).copied().unwrap_or("th");
        return Some((Class::Small(place as u64 + 1), ending));
    }
    let (stem, ending) = stem(word);
    if let Some(place) = TENS.iter().position(|ten| *ten == stem) {
        return Some((Class::Ten(place as u64 * 10 + 20), ending));
    }
    if let Some(value) = small(&stem) {
        return Some((Class::Small(value), ending));
    }
    let scale = SCALES.iter().find(|(name, _)| *name == stem);
    scale.map(|(_, scale)| (Class::Scale(*scale), ending))
}

/// "twentieth" and "twenties" are "twenty", "hundreds" is "hundred", "sixes" is "six".
fn stem(word: &str) -> (String, &'static str) {
    if let Some(stem) = word.strip_suffix("ieth") {
        (format!("{stem}y"), "th")
    } else if let Some(stem) = word.strip_suffix("ies") {
        (format!("{stem}y"), "s")
    } else if let Some(stem) = word.strip_suffix("th") {
        (stem.to_owned(), "th")
    } else if let Some(stem) = word.strip_suffix("xes") {
        (format!("{stem}x"), "s")
    } else if let Some(stem) = word.strip_suffix('s') {
        (stem.to_owned(), "s")
    } else {
        (word.to_owned(), "")
    }
}

#[cfg(test)]
mod tests {
    use crate::evaluate::normalise;

    fn normal(given: &str) -> String {
        normalise::joined(&normalise::text(given))
    }

    #[test]
    fn spelled_numbers_are_figures() {
        for (given, expected) in [
            ("twenty five milligrams", "25 milligrams"),
            ("one hundred and twenty over eighty", "120 over 80"),
            ("two thousand nine", "2009"),
            ("two hundred thousand three hundred and five", "200305"),
            ("nineteen ninety", "1990"),
            ("twenty twenty six", "2026"),
            ("one oh one", "101"),
            ("five hundred milligrams and two tablets", "500 milligrams and 2 tablets"),
            ("2.5 million", "2500000"),
            ("one two three", "123"),
            ("double five one", "551"),
            ("zero", "0"),
        ] {
            assert_eq!(normal(given), expected, "{given}");
        }
    }

    #[test]
    fn decimals_percent_signs_and_halves() {
        for (given, expected) in [
            ("five point two", "5.2"),
            ("point five percent", ".5%"),
            ("fifty per cent", "50%"),
            ("1 % lidocaine", "1% lidocaine"),
            ("minus two point five", "-2.5"),
            ("negative for fever", "negative for fever"),
            ("two and a half hours", "2.5 hours"),
            ("5.0 and 5.50", "5 and 5.50"),
            ("the point is", "the point is"),
        ] {
            assert_eq!(normal(given), expected, "{given}");
        }
    }

    #[test]
    fn ordinals_and_plurals_keep_their_ending() {
        for (given, expected) in [
            ("the twenty first day", "the 21st day"),
            ("third and fourth", "3rd and 4th"),
            ("in her sixties", "in her 60s"),
            ("hundreds of thousands", "100s of 1000s"),
            ("the one hundredth", "the 100th"),
        ] {
            assert_eq!(normal(given), expected, "{given}");
        }
    }

    #[test]
    fn one_alone_is_a_word_and_figures_side_by_side_stay_apart() {
        for (given, expected) in [
            ("one of them, 1 of them", "one of them one of them"),
            ("5 3", "5 3"),
            ("5.3 x 2.4 x 3.2 cm", "5.3 x 2.4 x 3.2 cm"),
            ("oh no", "oh no"),
            ("type O blood", "type o blood"),
            ("pH of seven, no teeth", "ph of 7 no teeth"),
            ("99999999999999999999999 hundred thousand", "99999999999999999999999 100000"),
        ] {
            assert_eq!(normal(given), expected, "{given}");
        }
    }
}
