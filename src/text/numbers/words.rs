//! The words of the number grammar.
//!
//! Not for: putting them together (`grammar`) or writing numbers out (`value`).
//!
//! Invariant: each word means one thing here; what "second" or "oh" is in its place is the
//! grammar's question.

use crate::vocab::number_words::{ORDINALS, TENS};

/// What a word of a number says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lex {
    /// 0 to 9.
    Digit(u8),
    /// "oh", "o": a zero between figures.
    Oh,
    /// 10 to 19.
    Teen(u8),
    /// 20, 30 ... 90.
    Tens(u8),
    Hundred,
    Thousand,
    Million,
    Billion,
    /// "first", "twelfth", "twentieth", "hundredth".
    Ordinal(u16),
    /// "thirds", "eighths": the lower number of a fraction.
    Part(u16),
    /// "twenties", "nineties".
    Decade(u8),
}

pub fn lex(word: &str) -> Option<Lex> {
    if !(1..=11).contains(&word.len()) {
        return None;
    }
    small(word).or_else(|| large(word)).or_else(|| ordinal(word)).or_else(|| part(word))
}

fn small(word: &str) -> Option<Lex> {
    Some(match word {
        "zero" | "nought" | "naught" => Lex::Digit(0),
        "one" => Lex::Digit(1),
        "two" => Lex::Digit(2),
        "three" => Lex::Digit(3),
        "four" => Lex::Digit(4),
        "five" => Lex::Digit(5),
        "six" => Lex::Digit(6),
        "seven" => Lex::Digit(7),
        "eight" => Lex::Digit(8),
        "nine" | "niner" => Lex::Digit(9),
        "oh" | "o" | "aught" => Lex::Oh,
        "ten" => Lex::Teen(10),
        "eleven" => Lex::Teen(11),
        "twelve" => Lex::Teen(12),
        "thirteen" => Lex::Teen(13),
        "fourteen" => Lex::Teen(14),
        "fifteen" => Lex::Teen(15),
        "sixteen" => Lex::Teen(16),
        "seventeen" => Lex::Teen(17),
        "eighteen" => Lex::Teen(18),
        "nineteen" => Lex::Teen(19),
        _ => return None,
    })
}

fn large(word: &str) -> Option<Lex> {
    Some(match word {
        "twenty" => Lex::Tens(20),
        "thirty" => Lex::Tens(30),
        "forty" | "fourty" => Lex::Tens(40),
        "fifty" => Lex::Tens(50),
        "sixty" => Lex::Tens(60),
        "seventy" => Lex::Tens(70),
        "eighty" => Lex::Tens(80),
        "ninety" => Lex::Tens(90),
        "hundred" => Lex::Hundred,
        "thousand" => Lex::Thousand,
        "million" => Lex::Million,
        "billion" => Lex::Billion,
        "teens" => Lex::Decade(10),
        "twenties" => Lex::Decade(20),
        "thirties" => Lex::Decade(30),
        "forties" => Lex::Decade(40),
        "fifties" => Lex::Decade(50),
        "sixties" => Lex::Decade(60),
        "seventies" => Lex::Decade(70),
        "eighties" => Lex::Decade(80),
        "nineties" => Lex::Decade(90),
        _ => return None,
    })
}

fn ordinal(word: &str) -> Option<Lex> {
    if let Some(stem) = word.strip_suffix("ieth") {
        return TENS.iter().position(|tens| tens.strip_suffix('y') == Some(stem)).map(tens_ordinal);
    }
    if word == "hundredth" {
        return Some(Lex::Ordinal(100));
    }
    let could_be = word.ends_with("th") || matches!(word, "first" | "second" | "third");
    let place = could_be.then(|| ORDINALS.iter().position(|known| *known == word))??;
    Some(Lex::Ordinal(place as u16 + 1))
}

fn tens_ordinal(place: usize) -> Lex {
    Lex::Ordinal((place as u16 + 2) * 10)
}

fn part(word: &str) -> Option<Lex> {
    if matches!(word, "half" | "halves") {
        return Some(Lex::Part(2));
    }
    if matches!(word, "quarter" | "quarters") {
        return Some(Lex::Part(4));
    }
    let stem = word.strip_suffix('s')?;
    match ordinal(stem) {
        Some(Lex::Ordinal(n)) if n > 2 => Some(Lex::Part(n)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ordinal_and_part_is_known() {
        assert_eq!(lex("first"), Some(Lex::Ordinal(1)));
        assert_eq!(lex("twelfth"), Some(Lex::Ordinal(12)));
        assert_eq!(lex("fortieth"), Some(Lex::Ordinal(40)));
        assert_eq!(lex("sevenths"), Some(Lex::Part(7)));
        assert_eq!(lex("seconds"), None, "a unit of time");
        for word in ["teeth", "mouth", "health", "tenths2", "", "a", "hundredfold"] {
            assert_eq!(lex(word), None, "{word}");
        }
    }
}
