//! Two texts that say the same are made to look the same before their words are compared.
//!
//! Not for: writing reports (`text`), or comparing (`align`).
//!
//! The rules are the published ones for English of the Whisper paper (Radford and others, 2022,
//! appendix C): small letters; text in brackets and parentheses, fillers, punctuation and
//! diacritics go; contractions and titles are written out; numbers become figures (`numbers`).
//! Three are left out: British spellings, the tenses of `'d` and `'s`, and currencies, because
//! here pounds are a weight. As in the paper "mm" counts as a filler, also after a figure.
//!
//! Invariant: every token names the words of the text that it stands for, in order.

use super::numbers;
use std::ops::Range;

/// One word or figure, and the words of the text it stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub text: String,
    pub words: Range<usize>,
}

const FILLERS: [&str; 6] = ["hmm", "mm", "mhm", "mmm", "uh", "um"];

/// Short forms that stand for other words, whole.
const SHORT: [(&str, &str); 30] = [
    ("won't", "will not"),
    ("can't", "can not"),
    ("let's", "let us"),
    ("ain't", "aint"),
    ("y'all", "you all"),
    ("wanna", "want to"),
    ("gotta", "got to"),
    ("gonna", "going to"),
    ("woulda", "would have"),
    ("coulda", "could have"),
    ("shoulda", "should have"),
    ("ma'am", "madam"),
    ("mr", "mister"),
    ("mrs", "missus"),
    ("st", "saint"),
    ("dr", "doctor"),
    ("prof", "professor"),
    ("capt", "captain"),
    ("gov", "governor"),
    ("gen", "general"),
    ("sen", "senator"),
    ("rep", "representative"),
    ("pres", "president"),
    ("rev", "reverend"),
    ("hon", "honorable"),
    ("asst", "assistant"),
    ("assoc", "associate"),
    ("lt", "lieutenant"),
    ("jr", "junior"),
    ("sr", "senior"),
];

/// Ends of contracted words; the longer before those they end with.
const ENDINGS: [(&str, &str); 8] = [
    ("n't", "not"),
    ("'re", "are"),
    ("'ll", "will"),
    ("'ve", "have"),
    ("'s", "is"),
    ("'d", "would"),
    ("'t", "not"),
    ("'m", "am"),
];

/// What may follow a figure without a space between: "4th", "1990s".
const FIGURE_ENDINGS: [&str; 5] = ["st", "nd", "rd", "th", "s"];

/// The tokens of a text; its words are what white space parts.
pub fn text(text: &str) -> Vec<Token> {
    words(text.split_whitespace())
}

/// The tokens of words that stand in a row.
pub fn words<'a>(words: impl Iterator<Item = &'a str>) -> Vec<Token> {
    let mut pieces = Vec::new();
    for (word, place) in without_brackets(letters(words)) {
        for core in cores(&word) {
            for expanded in expand(&core) {
                pieces.push(Token { text: expanded, words: place..place + 1 });
            }
        }
    }
    pieces.retain(|piece| !FILLERS.contains(&piece.text.as_str()));
    numbers::figures(pieces)
}

/// The tokens' texts with a space between them.
pub fn joined(tokens: &[Token]) -> String {
    tokens.iter().map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Small letters without diacritics, each with its word; a space stands between words.
fn letters<'a>(words: impl Iterator<Item = &'a str>) -> Vec<(char, usize)> {
    let mut letters: Vec<(char, usize)> = Vec::new();
    for (place, word) in words.enumerate() {
        if word.starts_with(['\'', '\u{2019}']) {
            // "patient 's" is "patient's".
        } else if !letters.is_empty() {
            letters.push((' ', place));
        }
        for c in word.chars().flat_map(char::to_lowercase) {
            letters.extend(folded(c).chars().map(|c| (c, place)));
        }
    }
    letters
}

/// A letter as it is compared. Only the letters of Latin alphabets are folded.
fn folded(c: char) -> String {
    let plain = match c {
        '\u{2018}' | '\u{2019}' | '\u{02bc}' => "'",
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è'..='ë' | 'ē' | 'ę' | 'ě' => "e",
        'ì'..='ï' | 'ī' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'ř' => "r",
        'š' | 'ś' | 'ş' => "s",
        'ť' => "t",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ž' | 'ź' | 'ż' => "z",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        '\u{b5}' => "\u{3bc}",
        '²' => "2",
        '³' => "3",
        '¼' => "1 4",
        '½' => "1 2",
        '¾' => "3 4",
        // Marks that are put over the letter before.
        '\u{300}'..='\u{36f}' => "",
        other => return other.to_string(),
    };
    plain.to_owned()
}

/// The words without what stands between brackets; a bracket that never closes is a mark.
fn without_brackets(letters: Vec<(char, usize)>) -> Vec<(String, usize)> {
    let mut words: Vec<(String, usize)> = Vec::new();
    let mut apart = true;
    let mut at = 0;
    while let Some(&(c, place)) = letters.get(at) {
        at += 1;
        let closing = match c {
            '[' => ']',
            '(' => ')',
            _ => {
                apart |= c == ' ';
                if c != ' ' {
                    push(&mut words, c, place, apart);
                    apart = false;
                }
                continue;
            }
        };
        apart = true;
        if let Some(length) = letters[at..].iter().position(|(c, _)| *c == closing) {
            at += length + 1;
        }
    }
    words
}

fn push(words: &mut Vec<(String, usize)>, c: char, place: usize, apart: bool) {
    match words.last_mut() {
        Some((word, _)) if !apart => word.push(c),
        _ => words.push((c.to_string(), place)),
    }
}

/// Parts a word at its marks and between letters and figures. What stays in one piece: the
/// apostrophe within a word, the point before a digit, the percent sign after one.
fn cores(word: &str) -> Vec<String> {
    let chars: Vec<char> = word.chars().collect();
    let mut cores = vec![String::new()];
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied().unwrap_or(' ');
        let after = chars.get(at + 1).copied().unwrap_or(' ');
        let digits_around = before.is_ascii_digit() && after.is_ascii_digit();
        if c == ',' && digits_around {
            continue;
        }
        let kept = c.is_alphanumeric()
            || c == '\'' && before.is_alphanumeric() && after.is_alphanumeric()
            || c == '.' && after.is_ascii_digit()
            || c == '%' && (before.is_ascii_digit() || at == 0);
        let meets = before.is_alphabetic() && c.is_ascii_digit()
            || before.is_ascii_digit() && c.is_alphabetic() && !ends_figure(&chars[at..]);
        if !kept || meets {
            cores.push(String::new());
        }
        if kept && let Some(core) = cores.last_mut() {
            core.push(c);
        }
    }
    cores.retain(|core| !core.is_empty());
    cores
}

fn ends_figure(rest: &[char]) -> bool {
    let letters: String = rest.iter().take_while(|c| c.is_alphanumeric()).collect();
    FIGURE_ENDINGS.contains(&letters.as_str())
}

/// Writes contracted forms and titles out.
fn expand(core: &str) -> Vec<String> {
    if let Some((_, long)) = SHORT.iter().find(|(short, _)| *short == core) {
        return long.split(' ').map(str::to_owned).collect();
    }
    for (ending, word) in ENDINGS {
        if let Some(stem) = core.strip_suffix(ending)
            && !stem.is_empty()
        {
            let mut expanded = expand(stem);
            expanded.push(word.to_owned());
            return expanded;
        }
    }
    core.split('\'').filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{ProptestConfig, prop, prop_assert, proptest};

    /// Words that mean something to the rules, for rows of them in any order.
    const WORDS: [&str; 24] = [
        "and",
        "a",
        "half",
        "point",
        "double",
        "minus",
        "percent",
        "per",
        "cent",
        "oh",
        "zero",
        "one",
        "seven",
        "twelfth",
        "nineteen",
        "forty",
        "sixties",
        "hundred",
        "thousand",
        "trillion",
        "2.5",
        "999999999999",
        "'s",
        "fever",
    ];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn tokens_are_in_the_order_of_their_words_within_the_text(
            places in prop::collection::vec(0..WORDS.len(), 0..12),
            other in "\\PC{0,6}",
        ) {
            let mut words: Vec<&str> = places.iter().map(|place| WORDS[*place]).collect();
            words.push(&other);
            let given = words.join(" ");
            let tokens = text(&given);
            let count = given.split_whitespace().count();
            let mut earliest = 0;
            for token in &tokens {
                prop_assert!(token.words.start >= earliest && token.words.start < token.words.end);
                prop_assert!(token.words.end <= count && !token.text.contains(' '));
                earliest = token.words.start;
            }
        }
    }

    fn normal(given: &str) -> String {
        joined(&text(given))
    }

    #[test]
    fn case_punctuation_fillers_and_brackets_do_not_count() {
        for (given, expected) in [
            ("No Fever, no chills.", "no fever no chills"),
            ("well-known; status/post: \"stable\"", "well known status post stable"),
            ("Um, the uh lungs", "the lungs"),
            ("clear (bilaterally and fully) [noise] today", "clear today"),
            ("an open (bracket stays", "an open bracket stays"),
            ("café Ménière’s naïve", "cafe meniere is naive"),
            ("…", ""),
            ("", ""),
        ] {
            assert_eq!(normal(given), expected, "{given}");
        }
    }

    #[test]
    fn contractions_and_titles_are_written_out() {
        for (given, expected) in [
            ("I won't, can't, and don't.", "i will not can not and do not"),
            ("She's here; they've left, I'd stay", "she is here they have left i would stay"),
            ("patient 's notes", "patient is notes"),
            ("Dr. Smith and Mrs. Jones", "doctor smith and missus jones"),
            ("o'clock 'quoted'", "o clock quoted"),
            ("shouldn't've", "should not have"),
        ] {
            assert_eq!(normal(given), expected, "{given}");
        }
    }

    #[test]
    fn figures_are_parted_from_letters_and_their_commas_go() {
        for (given, expected) in [
            ("L4-L5", "l 4 l 5"),
            ("5mg b.i.d.", "5 mg b i d"),
            ("1,200 mL", "1200 ml"),
            ("98.6. Next", "98.6 next"),
            ("0.50% vs 50%", "0.50% vs 50%"),
            ("the 4th of the 1990s", "the 4th of the 1990s"),
            ("120/80", "120 80"),
        ] {
            assert_eq!(normal(given), expected, "{given}");
        }
    }

    #[test]
    fn tokens_name_their_words() {
        let tokens = text("He's (very) well, twenty five mg.");
        let shown: Vec<_> =
            tokens.iter().map(|t| (t.text.as_str(), t.words.start, t.words.end)).collect();
        let expected = [("he", 0, 1), ("is", 0, 1), ("well", 2, 3), ("25", 3, 5), ("mg", 5, 6)];
        assert_eq!(shown, expected);
    }

    #[test]
    fn strange_marks_make_it_neither_fail_nor_lose_words() {
        for given in ["'", "(((", "%", ".", "''s", ".5.5.", "))(", "\u{301}", "minus", "and a half"]
        {
            normal(given);
        }
    }
}
