//! How a word sounds, from its letters: the same rules for what was heard and for the lexicon,
//! so that a wrong rule is wrong on both sides.
//!
//! Not for: comparing sounds (`sound_distance`), or speaking.
//!
//! Invariant: every sound is a place in `INVENTORY`; the tables in `vocab/` are checked by a
//! test of this module. The build script uses this file too, so it needs nothing else.

use std::collections::HashMap;
use std::sync::OnceLock;

/// The sounds by their sign in `vocab/sounds.tsv`: vowels first, then consonants.
pub const INVENTORY: &[u8; 37] = b"aAeiIxUOEYWQRbCdDfghJklmnNprsStTvwyzZ";

/// How many of `INVENTORY` are vowels; `R`, the vowel of "her", is the last.
pub const VOWELS: u8 = 13;

/// The most sounds of one span; a longer one is cut.
pub const SOUNDS_MAX: usize = 64;

const RULES: &str = include_str!("../../vocab/sounds.tsv");
const IRREGULAR: &str = include_str!("../../vocab/sounds-irregular.tsv");

const LETTER_NAMES: [&str; 26] = [
    "E", "bI", "sI", "dI", "I", "ef", "JI", "EC", "Y", "JE", "kE", "el", "em", "en", "O", "pI",
    "kyU", "Ar", "es", "tI", "yU", "vI", "dxbxlyU", "eks", "wY", "zI",
];
const UNITS: [&str; 20] = [
    "zirO", "wxn", "tU", "TrI", "fOr", "fYv", "siks", "sevxn", "Et", "nYn", "ten", "xlevxn",
    "twelv", "TRtIn", "fOrtIn", "fiftIn", "sikstIn", "sevxntIn", "EtIn", "nYntIn",
];
const TENS: [&str; 10] =
    ["", "", "twentI", "TRtI", "fOrtI", "fiftI", "sikstI", "sevxntI", "EtI", "nYntI"];

/// Endings of regular forms, and their sounds.
const FORMS: [(&str, &str); 9] = [
    ("s", "s"),
    ("'s", "s"),
    ("ed", "t"),
    ("ing", "iN"),
    ("y", "I"),
    ("er", "R"),
    ("ly", "lI"),
    ("less", "lis"),
    ("ache", "Ek"),
];
/// The shortest irregular words of which there are forms and compounds: shorter ones stand in
/// too many others by chance ("comets" is not a form of "come").
const FORM_STEM_MIN: usize = 4;
const COMPOUND_STEM_MIN: usize = 5;
const COMPOUND_REST_MIN: usize = 3;

struct Rule {
    left: &'static [u8],
    letters: &'static [u8],
    right: &'static [u8],
    sounds: Vec<u8>,
}

struct Tables {
    /// Rules by their first letter, in the order of the file.
    rules: [Vec<Rule>; 26],
    irregular: HashMap<&'static str, Vec<u8>>,
    /// A second way to say a word.
    also: HashMap<&'static str, Vec<u8>>,
}

/// The sounds of one or several words, appended to `sounds`.
pub fn append(text: &str, sounds: &mut Vec<u8>) {
    words(text).for_each(|word| append_word(word, sounds));
    sounds.truncate(SOUNDS_MAX);
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let apart = |c: char| !c.is_alphanumeric() && c != '\'' && c != '\u{2019}';
    text.split(apart).map(|word| word.trim_matches(['\'', '\u{2019}']))
}

/// The sounds where one of the words is said in its second way.
fn said_otherwise(term: &str) -> Option<Vec<u8>> {
    let also = &tables().also;
    words(term).find(|word| also.contains_key(word))?;
    let mut sounds = Vec::new();
    for word in words(term) {
        match also.get(word) {
            Some(known) => sounds.extend_from_slice(known),
            None => append_word(word, &mut sounds),
        }
    }
    sounds.truncate(SOUNDS_MAX);
    Some(sounds)
}

/// The ways a term is said: as a word, in its second way where it has one, and letter by letter
/// where it is an acronym.
pub fn of_term(term: &str) -> Vec<Vec<u8>> {
    let mut said = Vec::new();
    append(term, &mut said);
    let mut ways = vec![said];
    ways.extend(said_otherwise(term));
    if is_acronym(term) && !tables().irregular.contains_key(term) {
        let mut spelled = Vec::new();
        spell(term, &mut spelled);
        let mut read = Vec::new();
        append_letters(&plain_letters(term), &mut read);
        ways = if has_vowel(term) { vec![spelled, read] } else { vec![spelled] };
    }
    ways.retain(|sounds| !sounds.is_empty());
    ways
}

/// Whether a sound is a vowel.
pub fn is_vowel(sound: u8) -> bool {
    sound < VOWELS
}

/// Two to six capitals and nothing else, so that it may be said letter by letter.
fn is_acronym(term: &str) -> bool {
    (2..=6).contains(&term.len()) && term.bytes().all(|b| b.is_ascii_uppercase() || b == b'&')
}

fn has_vowel(term: &str) -> bool {
    term.bytes().any(|b| b"AEIOUY".contains(&b))
}

fn append_word(word: &str, sounds: &mut Vec<u8>) {
    if word.is_empty() {
        return;
    }
    if let Some(known) = tables().irregular.get(word) {
        sounds.extend_from_slice(known);
        return;
    }
    if word.bytes().any(|b| b.is_ascii_digit()) {
        return append_mixed(word, sounds);
    }
    if word.len() == 1 && word != "a" || is_acronym(word) && !has_vowel(word) {
        return spell(word, sounds);
    }
    let letters = plain_letters(word);
    let text = std::str::from_utf8(&letters).unwrap_or_default();
    match tables().irregular.get(text) {
        Some(known) => sounds.extend_from_slice(known),
        None if append_form(text, sounds) => {}
        None => append_letters(&letters, sounds),
    }
}

/// A regular form of an irregular word ("coughed"), or a compound that begins with a long one
/// ("heartbeat"). Whether it was one.
fn append_form(word: &str, sounds: &mut Vec<u8>) -> bool {
    let irregular = |stem: &str| tables().irregular.get(stem);
    for (ending, signs) in FORMS {
        let Some(stem) = word.strip_suffix(ending) else { continue };
        if let Some(known) = irregular(stem).filter(|_| stem.len() >= FORM_STEM_MIN) {
            sounds.extend_from_slice(known);
            append_signs(signs, sounds);
            return true;
        }
    }
    for end in COMPOUND_STEM_MIN..word.len().saturating_sub(COMPOUND_REST_MIN - 1) {
        let (Some(stem), Some(rest)) = (word.get(..end), word.get(end..)) else { continue };
        let begins = rest.bytes().next().is_some_and(|b| !b"aeiouyhl".contains(&b));
        if let Some(known) = irregular(stem).filter(|_| begins) {
            sounds.extend_from_slice(known);
            append_letters(rest.as_bytes(), sounds);
            return true;
        }
    }
    false
}

/// Digits as numbers, letters between them as words.
fn append_mixed(word: &str, sounds: &mut Vec<u8>) {
    let mut rest = word;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 {
            match rest[..digits].parse::<u32>() {
                Ok(number) if digits <= 6 => append_number(number, sounds),
                _ => rest[..digits].bytes().for_each(|digit| {
                    append_number(u32::from(digit - b'0'), sounds);
                }),
            }
            rest = &rest[digits..];
        } else {
            let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            append_word(&rest[..end], sounds);
            rest = &rest[end..];
        }
    }
}

fn append_number(number: u32, sounds: &mut Vec<u8>) {
    for (size, name) in [(1000, "TWzxnd"), (100, "hxndrid")] {
        if number >= size {
            append_number(number / size, sounds);
            append_signs(name, sounds);
            if !number.is_multiple_of(size) {
                append_number(number % size, sounds);
            }
            return;
        }
    }
    if let Some(name) = UNITS.get(number as usize) {
        return append_signs(name, sounds);
    }
    append_signs(TENS[(number / 10) as usize], sounds);
    if !number.is_multiple_of(10) {
        append_signs(UNITS[(number % 10) as usize], sounds);
    }
}

fn spell(word: &str, sounds: &mut Vec<u8>) {
    for letter in word.bytes().filter(u8::is_ascii_alphabetic) {
        let place = letter.to_ascii_lowercase() - b'a';
        append_signs(LETTER_NAMES[usize::from(place)], sounds);
    }
}

/// The word in plain small letters: accents dropped, everything else left out.
fn plain_letters(word: &str) -> Vec<u8> {
    let mut letters = Vec::with_capacity(word.len());
    for c in word.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' => letters.push(c as u8),
            'à'..='å' => letters.push(b'a'),
            'ç' => letters.push(b'c'),
            'è'..='ë' => letters.push(b'e'),
            'ì'..='ï' => letters.push(b'i'),
            'ñ' => letters.push(b'n'),
            'ò'..='ö' | 'ø' => letters.push(b'o'),
            'ù'..='ü' => letters.push(b'u'),
            _ => {}
        }
    }
    letters
}

fn append_letters(word: &[u8], sounds: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(letter) = word.get(at) {
        let rules = &tables().rules[usize::from(letter - b'a')];
        let rule = rules.iter().find(|rule| {
            word[at..].starts_with(rule.letters)
                && fits_left(rule.left, &word[..at])
                && fits_right(rule.right, &word[at + rule.letters.len()..])
        });
        match rule {
            Some(rule) => {
                sounds.extend_from_slice(&rule.sounds);
                at += rule.letters.len();
            }
            None => at += 1,
        }
    }
}

fn fits_left(pattern: &[u8], before: &[u8]) -> bool {
    let mut before = before.iter().rev();
    pattern.iter().rev().all(|&sign| fits(sign, before.next().copied()))
}

fn fits_right(pattern: &[u8], after: &[u8]) -> bool {
    let mut after = after;
    for &sign in pattern {
        if sign == b'%' {
            return matches!(after, b"e" | b"es" | b"ed");
        }
        if !fits(sign, after.first().copied()) {
            return false;
        }
        after = after.get(1..).unwrap_or_default();
    }
    true
}

fn fits(sign: u8, letter: Option<u8>) -> bool {
    let Some(letter) = letter else { return sign == b'_' };
    let vowel = b"aeiouy".contains(&letter);
    match sign {
        b'_' => false,
        b'V' => vowel,
        b'C' => !vowel,
        b'F' => b"eiy".contains(&letter),
        b'.' => true,
        _ => sign == letter,
    }
}

fn append_signs(signs: &str, sounds: &mut Vec<u8>) {
    sounds.extend(signs.bytes().filter_map(sound));
}

fn sound(sign: u8) -> Option<u8> {
    INVENTORY.iter().position(|&known| known == sign).map(|place| place as u8)
}

fn tables() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut rules: [Vec<Rule>; 26] = std::array::from_fn(|_| Vec::new());
        for rule in RULES.lines().skip(1).filter_map(rule) {
            rules[usize::from(rule.letters[0] - b'a')].push(rule);
        }
        let (mut irregular, mut also) = (HashMap::new(), HashMap::new());
        let cells = |line: &'static str| line.split_once('\t');
        for (word, ways) in IRREGULAR.lines().skip(1).filter_map(cells) {
            let mut ways = ways.split('\t').map(|way| way.bytes().filter_map(sound).collect());
            irregular.extend(ways.next().map(|way| (word, way)));
            also.extend(ways.next().map(|way| (word, way)));
        }
        Tables { rules, irregular, also }
    })
}

/// One line of the table: left, letters, right, sounds. Comments begin with `#`.
fn rule(line: &'static str) -> Option<Rule> {
    let mut cells = line.split('\t').map(str::as_bytes);
    let left = cells.next().filter(|left| !left.starts_with(b"#"))?;
    let letters = cells.next().filter(|letters| letters.iter().all(u8::is_ascii_lowercase))?;
    let right = cells.next()?;
    let signs = cells.next().unwrap_or_default();
    (!letters.is_empty()).then(|| Rule {
        left,
        letters,
        right,
        sounds: signs.iter().copied().filter_map(sound).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let mut sounds = Vec::new();
        append(text, &mut sounds);
        sounds.iter().map(|&sound| char::from(INVENTORY[usize::from(sound)])).collect()
    }

    #[test]
    fn every_line_of_the_tables_is_a_rule_of_known_sounds() {
        let wrong: Vec<&str> = RULES
            .lines()
            .skip(1)
            .filter(|line| !line.starts_with('#'))
            .filter(|line| {
                let signs = line.split('\t').nth(3).unwrap_or("?");
                rule(line).is_none() || signs.bytes().any(|sign| sound(sign).is_none())
            })
            .chain(IRREGULAR.lines().skip(1).filter(|line| {
                let signs = line.split_once('\t').map_or("?", |(_, signs)| signs);
                signs.bytes().any(|sign| sign != b'\t' && sound(sign).is_none())
            }))
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn a_word_that_is_said_in_two_ways_has_both() {
        let signs =
            |way: &Vec<u8>| way.iter().map(|&s| char::from(INVENTORY[usize::from(s)])).collect();
        let ways = |term: &str| of_term(term).iter().map(signs).collect::<Vec<String>>();
        assert_eq!(ways("carotid bruit")[1], ways("carotid bruit")[0].replace("brUI", "brUt"));
        assert_eq!(ways("carotid").len(), 1);
    }

    #[test]
    fn greek_letters_sound_as_clinicians_say_them() {
        for (text, expected) in [
            ("pneumothorax", "nUmATOraks"),
            ("phlegm", "flem"),
            ("psychosis", "sikAziz"),
            ("choanae", "kOEnI"),
            ("5", "fYv"),
            ("75", "sevxntIfYv"),
            ("CT", "sItI"),
        ] {
            let said = said(text);
            let apart = strsim::levenshtein(&said, expected);
            assert!(apart <= 2, "{text}: {said}, not {expected}");
        }
    }

    #[test]
    fn an_acronym_is_said_letter_by_letter_too() {
        assert_eq!(of_term("COPD").len(), 1);
        assert_eq!(of_term("ALS").len(), 2);
        assert_eq!(of_term("aspirin").len(), 1);
    }
}
