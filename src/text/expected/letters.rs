//! Abbreviations said letter by letter: "I in D", "BRCO1", "the P8 7.32".
//!
//! Not for: letters and figures run together (`habits::values`).
//!
//! Invariant: the frame is the word after the letters, or the value behind the label.

use super::{Edit, Scene, doubted, plain};
use crate::domain::flag::FlagKind;

pub fn expected(s: &Scene<'_>, at: usize) -> Option<Edit> {
    pair(s, at).or_else(|| gene(s, at)).or_else(|| acidity(s, at)).or_else(|| glycated(s, at))
}

/// Pairs of letters that are said with "and" between them.
const PAIRS: [(&str, &str); 5] = [("i", "d"), ("d", "c"), ("t", "a"), ("i", "o"), ("d", "e")];

/// "I in D of the abscess".
fn pair(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let is_pair = |(first, second): &&(&str, &str)| s.is(at, &[first]) && s.is(at + 2, &[second]);
    let joined = s.is(at + 1, &["in", "n"]) && PAIRS.iter().find(is_pair).is_some();
    let named = s.is(at + 3, &["of", "was", "were"]) || s.ends(at + 3);
    (joined && named).then(|| plain(at + 1..at + 2, &["and"]))
}

/// "BRCO1 mutation": one letter of the gene's four misheard.
fn gene(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let text = s.text(at).to_ascii_uppercase();
    let (letters, number) = text.split_at_checked(4)?;
    let number = number.trim_start_matches('-');
    let is_near = letters.starts_with("BRC") || letters.starts_with("BR") && letters.ends_with('A');
    let is_gene = letters != "BRCA" && is_near && matches!(number, "1" | "2");
    let of_gene = ["mutation", "mutations", "gene", "carrier", "positive", "negative", "variant"];
    let written = format!("BRCA{number}");
    (is_gene && s.is(at + 1, &of_gene))
        .then(|| doubted(s, at..at + 1, &[&written], FlagKind::UnknownTerm))
}

/// "arterial P8 7.32", "arterial P87.32": the name of H is heard as eight.
fn acidity(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const SAMPLES: [&str; 6] = ["arterial", "venous", "gas", "blood", "fetal", "gases"];
    let near = (1..=3).any(|back| at.checked_sub(back).is_some_and(|place| s.is(place, &SAMPLES)));
    let low = s.low(at);
    let rest = low.strip_prefix("p8").or_else(|| low.strip_prefix("p-8"))?;
    let is_ph = |value: &str| {
        value.len() == 4 && value.parse::<f32>().is_ok_and(|value| (6.5..8.0).contains(&value))
    };
    if near && rest.is_empty() && is_ph(s.text(at + 1)) {
        return Some(doubted(s, at..at + 1, &["pH"], FlagKind::Number));
    }
    (near && is_ph(rest)).then(|| doubted(s, at..at + 1, &["pH", rest], FlagKind::Number))
}

/// "myoglobin of 1C 7.2%": a share of hemoglobin, of nothing else.
fn glycated(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let heard = s.low(at);
    let linked = at + 1 + usize::from(s.is(at + 1, &["of", "a", "and"]));
    let (letters, value) = s.text(linked).split_at_checked(2)?;
    let is_a1c = letters.eq_ignore_ascii_case("1c") && heard.ends_with("globin");
    let share = |text: &str| {
        text.trim_end_matches('%').parse::<f32>().is_ok_and(|value| (3.0..20.0).contains(&value))
    };
    if !is_a1c || heard == "hemoglobin" && linked == at + 1 {
        return None;
    }
    let end = linked + 1;
    if value.is_empty() && share(s.text(end)) {
        let words = ["hemoglobin", "A1c"];
        return Some(doubted(s, at..end, &words, FlagKind::UnknownTerm));
    }
    share(value).then(|| doubted(s, at..end, &["hemoglobin", "A1c", value], FlagKind::UnknownTerm))
}
