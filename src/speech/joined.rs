//! One word that was written as several: "media stinal" for mediastinal, "PLM-S" for PLMS.
//!
//! Not for: words that sound like a term (`verify`), or two words written as one (`words`).
//!
//! Invariant: no letter changes; words that each stand for themselves stay apart.

use super::alike::letters;
use super::revise::may_go;
use super::verify::Verified;
use super::words::{self, Spoken};
use crate::vocab::lexicon::Lexicon;
use crate::vocab::readings;

/// The most words that one was written as.
const PARTS_MAX: usize = 4;
/// Shorter ones are abbreviations, whose letters may be meant apart.
const LETTERS_MIN: usize = 4;
/// Nats: the letters are the term's own, so the audio has nothing to add.
const CERTAIN: f32 = 20.0;
/// In lists as letters or Latin, but no words by themselves: a plural and a prefix.
const BOUND: [&str; 2] = ["s", "non"];

/// The places where words together are a term letter by letter and are nothing apart.
pub fn found(lexicon: &Lexicon, words: &[Spoken]) -> Vec<Verified> {
    let mut found = vec![];
    let mut at = 0;
    while at < words.len() {
        let longest = (at + PARTS_MAX).min(words.len());
        let one =
            (at + 2..=longest).rev().find_map(|end| Some((end, term(lexicon, &words[at..end])?)));
        match one {
            Some((end, term)) => {
                found.push(Verified { words: at..end, term, gain: CERTAIN, taken: true });
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

fn term(lexicon: &Lexicon, parts: &[Spoken]) -> Option<String> {
    let (last, before) = parts.split_last()?;
    let plain = |text: &str| text.chars().all(char::is_alphabetic);
    let part = |text: &str| plain(text.strip_prefix('-').unwrap_or(text));
    let (end, _) = words::and_marks(&last.text);
    if !before.iter().all(|word| part(&word.text)) || !part(end) {
        return None;
    }
    let whole: String = parts.iter().map(|part| letters(&part.text)).collect();
    let is_one = parts[1..].iter().all(|part| part.text.starts_with('-'));
    let is_torn = is_one || parts.iter().any(|part| is_none(lexicon, part));
    if whole.chars().count() < LETTERS_MIN || !is_torn {
        return None;
    }
    let term = lexicon.term(lexicon.find(&whole)?).text.to_owned();
    (plain(&term) && may_go(lexicon, parts, &term)).then_some(term)
}

/// Whether a part is no word by itself: a beginning or an ending.
fn is_none(lexicon: &Lexicon, part: &Spoken) -> bool {
    let word = letters(&part.text);
    BOUND.contains(&word.as_str()) || !readings::known(lexicon, &word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> Vec<(usize, String)> {
        let words: Vec<Spoken> = text.split(' ').map(|word| Spoken::of(word, 0.9)).collect();
        let found = found(&Lexicon::built_in(), &words);
        found.into_iter().map(|place| (place.words.start, place.term)).collect()
    }

    #[test]
    fn a_term_in_pieces_is_one_again() {
        assert_eq!(joined("on the media stinal windows"), [(2, "mediastinal".to_owned())]);
        assert_eq!(joined("if the PLM s continues"), [(2, "PLMS".to_owned())]);
        assert_eq!(
            joined("a pseudo -tumor, PLM -S"),
            [(1, "pseudotumor".into()), (3, "PLMS".into())]
        );
        assert_eq!(joined("it is non tender, not enlarged"), [(2, "nontender".to_owned())]);
    }

    #[test]
    fn words_that_stand_for_themselves_stay_apart() {
        for text in [
            "a typical day and no mal presentation",
            "under weight, over weight",
            "the left over right shunt",
            "metoprolol tartrate 25 mg",
            "non small cell carcinoma",
        ] {
            assert_eq!(joined(text), [], "{text}");
        }
    }
}
