//! The guard of "colon": the mark, or the bowel.
//!
//! Not for: what the mark does (`written`, `headings`).
//!
//! Invariant: between words of anatomy it is a word; a doubt is said.

use super::around::Around;
use super::guards::Verdict::{Command as Yes, Doubt, Words as No};
use super::guards::{Verdict, command_if, is_number, words_if};
use crate::text::token::{Kind, Token};
use crate::vocab::sections;

const COLON_BEFORE: &[&str] = &[
    "the",
    "a",
    "of",
    "to",
    "in",
    "into",
    "from",
    "within",
    "through",
    "throughout",
    "his",
    "her",
    "their",
    "your",
    "entire",
    "whole",
    "total",
    "ascending",
    "descending",
    "transverse",
    "sigmoid",
    "left",
    "right",
    "distal",
    "proximal",
    "mid",
    "middle",
    "redundant",
    "spastic",
    "remaining",
    "residual",
    "tortuous",
    "dilated",
    "irritable",
    "large",
    "prepped",
    "cleansed",
    "pelvic",
    "normal-appearing",
    "capacious",
    "rectosigmoid",
    "up",
    "remainder",
    "stage",
    "metastatic",
    "mobilized",
    "with",
    "for",
    "that",
    "this",
    "entire",
    "perforated",
    "obstructed",
];
const COLON_AFTER: &[&str] = &[
    "cancer",
    "cancers",
    "carcinoma",
    "adenocarcinoma",
    "ca",
    "polyp",
    "polyps",
    "polypectomy",
    "resection",
    "mucosa",
    "wall",
    "was",
    "is",
    "were",
    "are",
    "has",
    "had",
    "screening",
    "cleansing",
    "cleanse",
    "prep",
    "preparation",
    "biopsy",
    "biopsies",
    "perforation",
    "obstruction",
    "surgery",
    "flexure",
    "appears",
    "appeared",
    "showed",
    "shows",
    "demonstrates",
    "demonstrated",
    "revealed",
    "interposition",
    "distention",
    "anastomosis",
    "stricture",
    "contains",
    "contained",
    "could",
    "cannot",
    "itself",
    "lumen",
    "and",
    "to",
    "from",
    "without",
    "tumor",
    "tumors",
    "neoplasm",
    "metastases",
    "ischemia",
    "dilatation",
    "dilation",
    "transit",
];
const COLON_OPENS: &[&str] = &[
    "follows",
    "following",
    "include",
    "includes",
    "included",
    "including",
    "is",
    "are",
    "be",
    "below",
    "colon",
];

/// Whether "colon" is the mark.
pub(super) fn colon(around: &Around<'_>, work_type: Option<&str>) -> Verdict {
    let noun_after = around.after_is(COLON_AFTER);
    let Some(before) = around.before(0) else {
        // After a mark or a break: a dictated mark by itself, or the noun that begins a sentence.
        let goes_on = noun_after || around.after(0).is_none() && around.broken;
        return if around.begins_sentence() && !around.out.is_empty() || around.out.is_empty() {
            if around.bounded_after() && !around.out.is_empty() && !goes_on { Yes } else { No }
        } else {
            words_if(noun_after)
        };
    };
    if before.kind == Kind::Figure || is_number(before) {
        return command_if(around.after(0).is_some_and(is_number));
    }
    let phrase = around.sentence();
    if is_heading(phrase, work_type) {
        let clear = !noun_after || around.after_is(&["was", "is", "and", "to", "from"]);
        let noun = around.after_is(&["was", "is", "were", "are"]);
        return if noun {
            No
        } else if clear {
            Yes
        } else {
            Doubt
        };
    }
    if before.is_any(COLON_OPENS) {
        return words_if(around.after_is(&["cancer", "carcinoma", "polyp", "polyps", "resection"]));
    }
    if before.is_any(COLON_BEFORE) || noun_after {
        return No;
    }
    let sentence_starts_with_label = phrase.len() <= LABEL_WORDS_MAX
        && phrase.iter().all(|token| token.kind != Kind::Mark && !token.is_any(VERBS))
        || phrase
            .iter()
            .rev()
            .take(4)
            .any(|token| token.is_any(&["following", "include", "including", "includes"]));
    if sentence_starts_with_label { Yes } else { Doubt }
}

/// A label such as "Abdomen:" has at most so many words.
const LABEL_WORDS_MAX: usize = 5;
pub(super) const VERBS: &[&str] = &[
    "is",
    "was",
    "are",
    "were",
    "has",
    "had",
    "have",
    "shows",
    "showed",
    "underwent",
    "denies",
    "reports",
    "undergo",
    "examined",
    "reached",
    "visualized",
    "entered",
];

fn is_heading(phrase: &[Token], work_type: Option<&str>) -> bool {
    if phrase.is_empty() || phrase.len() > sections::words_max() {
        return false;
    }
    let words: Vec<&str> = phrase.iter().map(|token| token.text.as_str()).collect();
    sections::find(work_type, &words.join(" ")).is_some()
}
