//! Properties of the whole pipeline over generated dictation.
//!
//! Not for: exact wordings, which the pairs hold.
//!
//! Invariant: never a panic; what is written stays when it is written again; every word comes
//! from a heard one.

use super::pipeline::write_text;
use super::request::{Mode, Request};
use crate::vocab::lexicon::Lexicon;
use crate::vocab::number_words;
use proptest::prelude::*;

/// Words that meet often in dictation, commands and numbers among them.
const WORDS: &[&str] = &[
    "the",
    "patient",
    "was",
    "no",
    "left",
    "right",
    "knee",
    "colon",
    "period",
    "comma",
    "new",
    "line",
    "paragraph",
    "heading",
    "cap",
    "all",
    "caps",
    "on",
    "off",
    "open",
    "close",
    "paren",
    "quote",
    "unquote",
    "number",
    "one",
    "two",
    "twenty",
    "hundred",
    "point",
    "five",
    "over",
    "milligrams",
    "lisinopril",
    "daily",
    "b",
    "i",
    "d",
    "q",
    "p",
    "r",
    "n",
    "scratch",
    "that",
    "undo",
    "plan",
    "assessment",
    "impression",
    "allergies",
    "history",
    "of",
    "a",
    "hyphen",
    "slash",
    "bullet",
    "next",
    "end",
    "list",
    "blank",
    "leave",
    "spelled",
    "s",
    "m",
    "y",
    "t",
    "h",
    "e",
    "doctor",
    "jones",
    "transcriptionist",
    "please",
    "copy",
    "to",
    "dictation",
    "correction",
    "rather",
    "um",
    "12",
    "5.0",
    "mg",
    "120/80",
    "b.i.d.",
    ".",
    ",",
    ":",
    "(",
    ")",
    "\"",
    "Chest",
    "pain.",
    "x-ray",
    "C5-6",
    "L4",
    "L5",
    "%",
    "°",
    "é",
    "\n",
    "\n\n",
    "1.",
    "-",
    "____",
    "insert",
    "my",
    "normal",
    "exam",
    "go",
    "back",
    "hpi",
    "and",
    "add",
    "roman",
    "numeral",
    "four",
    "march",
    "third",
    "first",
    "half",
    "times",
    "three",
    "stage",
    "gravida",
];

fn dictated() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(WORDS), 0..40).prop_map(|words| words.join(" "))
}

/// Sentences of our own, spoken, over all categories of the domain specification.
fn sentences() -> Vec<&'static str> {
    const TABLES: [&str; 3] = [
        include_str!("../../tests/data/formatting-own.tsv"),
        include_str!("../../tests/data/formatting-pairs.tsv"),
        include_str!("../../tests/data/critical-slots.tsv"),
    ];
    let rows = TABLES.iter().flat_map(|table| table.lines().skip(1));
    rows.filter_map(|row| row.split('\t').nth(1)).collect()
}

/// A dictation of sentences in any order, some of their words lost, as in a narrative.
fn narrative() -> impl Strategy<Value = String> {
    let one = (prop::sample::select(sentences()), any::<u8>());
    prop::collection::vec(one, 1..12).prop_map(|parts| {
        let kept = |(sentence, lost): &(&str, u8)| {
            let words = sentence.split(' ').enumerate();
            let kept = words.filter(|(at, _)| *at != usize::from(*lost));
            kept.map(|(_, word)| word).collect::<Vec<_>>().join(" ")
        };
        parts.iter().map(kept).collect::<Vec<_>>().join(" period ")
    })
}

/// Words that a figure may come from, beside number words and figures.
const NUMERIC: [&str; 30] = [
    "oh", "o", "point", "half", "halves", "quarter", "third", "thirds", "sevenths", "hundred",
    "thousand", "million", "first", "second", "to", "too", "for", "on", "twice", "a", "tooth",
    "zero", "sq", "q", "percent", "one's", "x", "h", "number", "covid",
];

fn says_number(word: &str) -> bool {
    let low = word.to_lowercase();
    let part = |part: &str| {
        number_words::value(part).is_some()
            || number_words::ORDINALS.contains(&part)
            || NUMERIC.contains(&part)
            || part.ends_with("ies")
            || part.ends_with("ieth")
            || part.starts_with("i'")
    };
    let roman = !low.is_empty() && low.bytes().all(|byte| b"ivxlc.".contains(&byte));
    roman || low.contains(|c: char| c.is_ascii_digit()) || low.split(['-', '\'']).any(part)
}

fn formatted(text: &str, mode: Mode) -> super::Draft {
    let lexicon = Lexicon::built_in();
    write_text(text, &Request { mode, work_type: Some("HP"), ..Request::new(&lexicon) }).0
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_at_all_is_written_without_a_panic(text in any::<String>(), mode in 0_usize..3) {
        formatted(&text, Mode::ALL[mode]);
    }

    #[test]
    fn any_dictation_is_written_and_its_marks_cover_the_text(
        text in dictated(),
        mode in 0_usize..3,
    ) {
        let draft = formatted(&text, Mode::ALL[mode]);
        let words = text.split_whitespace().count() as u32;
        let mut end = 0;
        for mark in &draft.marks {
            prop_assert!(mark.text.start >= end && mark.text.start < mark.text.end);
            prop_assert!(mark.words.end <= words, "{:?} of {words}", mark.words);
            let between = (mark.text.start - end) as usize;
            let gap: String = draft.text.chars().skip(end as usize).take(between).collect();
            prop_assert!(gap.chars().all(char::is_whitespace), "{gap:?}");
            end = mark.text.end;
        }
        prop_assert_eq!(end as usize, draft.text.chars().count());
    }

    #[test]
    fn no_number_is_written_that_was_not_said(text in narrative()) {
        let draft = formatted(&text, Mode::Mixed);
        let heard: Vec<&str> = text.split_whitespace().collect();
        for mark in &draft.marks {
            let from = mark.text.start as usize;
            let length = (mark.text.end - mark.text.start) as usize;
            let written: String = draft.text.chars().skip(from).take(length).collect();
            let numbered = written.starts_with(|c: char| c.is_ascii_digit());
            let source = heard.get(mark.words.start as usize..mark.words.end as usize);
            let said = source.is_some_and(|words| words.iter().any(|word| says_number(word)));
            // The number of an item counts the items.
            let item = written.ends_with('.') && written.len() < 4;
            prop_assert!(!numbered || item || said, "{written:?} from {source:?}");
        }
    }

    #[test]
    fn no_medicine_or_name_is_written_that_was_not_said(text in narrative()) {
        let lexicon = Lexicon::built_in();
        let request = Request { work_type: Some("HP"), ..Request::new(&lexicon) };
        let (draft, flags) = write_text(&text, &request);
        let letters = |text: &str| -> String {
            text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
        };
        let heard = letters(&text);
        for mark in &draft.marks {
            let from = mark.text.start as usize;
            let length = (mark.text.end - mark.text.start) as usize;
            let written: String = draft.text.chars().skip(from).take(length).collect();
            let is_drug = lexicon.find(&written).is_some_and(|id| {
                let term = lexicon.term(id);
                term.subjects.is_drug() && !term.ordinary && written.len() > 3
            });
            // The do-not-use list writes these two out (R-DNU).
            let listed = ["morphine", "magnesium", "sulfate"].iter().any(|known| {
                written.to_lowercase().contains(known)
            });
            let flagged = flags.iter().any(|flag| {
                flag.text.is_some_and(|place| place.start <= mark.text.start)
            });
            let said = heard.contains(&letters(&written));
            prop_assert!(!is_drug || said || listed || flagged, "{written:?}");
        }
    }

    #[test]
    fn no_word_is_written_that_was_not_heard(words in prop::collection::vec("[a-z]{4,9}", 1..30)) {
        let text = words.join(" ");
        let draft = formatted(&text, Mode::Mixed);
        let heard = text.to_lowercase();
        for mark in &draft.marks {
            let from = mark.text.start as usize;
            let length = (mark.text.end - mark.text.start) as usize;
            let written: String = draft.text.chars().skip(from).take(length).collect();
            let lower = written.to_lowercase();
            let plain: String = lower.chars().filter(|c| c.is_alphabetic()).collect();
            let has_source = mark.words.start < mark.words.end;
            prop_assert!(has_source, "{written:?} has no heard word");
            let changed = draft.changes.iter().any(|change| change.text.start <= mark.text.start
                && mark.text.end <= change.text.end);
            prop_assert!(heard.contains(&plain) || changed, "{written:?}");
        }
    }
}
