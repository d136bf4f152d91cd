//! The guard of "period": the mark, or a stretch of time.
//!
//! Not for: other names of the mark, which are never words.
//!
//! Invariant: after a determiner or a kind of stretch it is a word; a doubt is said.

use super::around::Around;
use super::guards::Verdict::{Command as Yes, Doubt, Words as No};
use super::guards::{DETERMINERS, Verdict, command_if, is_number, words_if};
use crate::text::token::Token;

/// Words that make a "period" a stretch of time.
const STRETCHES: &[&str] = &[
    "brief",
    "long",
    "short",
    "longer",
    "shorter",
    "prolonged",
    "extended",
    "limited",
    "menstrual",
    "recovery",
    "observation",
    "grace",
    "incubation",
    "time",
    "resting",
    "rest",
    "refractory",
    "waiting",
    "latency",
    "latent",
    "window",
    "follow-up",
    "followup",
    "study",
    "trial",
    "washout",
    "honeymoon",
    "isolation",
    "quarantine",
    "convalescent",
    "convalescence",
    "prodromal",
    "critical",
    "fasting",
    "holiday",
    "gestational",
    "menopausal",
    "perimenopausal",
    "interim",
    "healing",
    "monitoring",
    "treatment",
    "transition",
    "whole",
    "entire",
    "immediate",
    "early",
    "late",
    "variable",
    "last",
    "previous",
    "next",
    "heavy",
    "irregular",
    "missed",
    "global",
    "reporting",
    "review",
    "postop",
    "preop",
    "perioperative",
    "operative",
    "probationary",
];
const STRETCH_ENDINGS: &[&str] = &["operative", "partum", "natal", "ictal", "anesthetic"];
const TIME_UNITS: &[&str] = &["second", "minute", "hour", "day", "week", "month", "year"];
/// What follows a noun, and does not begin a sentence.
pub(super) const NOUN_GOES_ON: &[&str] = &[
    "of",
    "was",
    "is",
    "were",
    "are",
    "has",
    "had",
    "during",
    "in",
    "for",
    "with",
    "from",
    "and",
    "or",
    "before",
    "after",
    "when",
    "while",
    "without",
    "which",
    "that",
    "following",
    "prior",
    "to",
    "at",
    "on",
    "by",
    "began",
    "ended",
    "lasted",
    "lasting",
    "between",
    "than",
    "until",
    "started",
    "starts",
    "occurred",
    "ago",
    "period",
    "full",
];

/// What a sentence begins with, and nothing that goes on after the noun.
const SENTENCE_BEGINS: &[&str] = &[
    "there", "the", "he", "she", "it", "they", "we", "i", "no", "patient", "this", "her", "his",
    "a", "an", "next", "new",
];
/// What leads to a stretch of time that has no determiner.
const LEADS_TO_STRETCH: &[&str] =
    &["during", "throughout", "within", "over", "for", "in", "after", "since", "until", "through"];
/// "One" before "period" is a determiner only behind these; else a number ends the sentence.
const BEFORE_ONE: &[&str] =
    &["in", "for", "during", "after", "at", "within", "over", "of", "only", "just", "than"];
/// "Twelve centimeters long" tells a size, not a stretch of time.
const MEASURES: &[&str] = &[
    "centimeter",
    "centimeters",
    "cm",
    "millimeter",
    "millimeters",
    "mm",
    "inch",
    "inches",
    "foot",
    "feet",
    "meter",
    "meters",
];

/// Whether "period" is the mark.
pub(super) fn period(around: &Around<'_>) -> Verdict {
    let of = around.after_is(&["of"]);
    let Some(before) = around.before(0) else {
        return if of && !around.out.is_empty() { Doubt } else { command_if(!of) };
    };
    let goes_on = of || around.after_is(NOUN_GOES_ON);
    if before.is("a") && around.before(1).is_some_and(has_letter) {
        return words_if(of);
    }
    if before.is_any(&["the", "a", "an"]) {
        return No;
    }
    // "no fever at this time" is how sentences end; "during this time period" is a stretch.
    let now = around.before(1).is_some_and(|token| token.is_any(&["this", "that", "present"]));
    if before.is("time") && now && (2..4).any(|back| is_at(around, back)) {
        return words_if(goes_on);
    }
    // A word that is a whole utterance: "diagnosis: same", "plan: rest".
    let predicate = ["was", "is", "were", "are", "remained", "remains", "been", "very", "too"];
    let described = around.before(1).is_some_and(|token| token.is_any(&predicate));
    let alone = (around.before(1).is_none() || described)
        && !of
        && !is_determiner(around, before)
        && (around.bounded_after() || described);
    if alone || before.is("same") && around.before(1).is_none() {
        return words_if(of);
    }
    if around.before(1).is_some_and(|token| token.is_any(MEASURES)) {
        return words_if(of);
    }
    if is_stretch(before) || is_determiner(around, before) || is_long_time(around) {
        return if goes_on
            || around.before(1).is_some_and(|token| token.is_any(DETERMINERS))
                && !around.bounded_after()
        {
            No
        } else {
            stretch_at_end(around, before)
        };
    }
    words_if(of)
}

/// What a letter may belong to: "stage 3a", "hepatitis A".
fn has_letter(token: &Token) -> bool {
    is_number(token)
        || token.is_any(&["vitamin", "hepatitis", "influenza", "group", "stage", "class", "type"])
}

fn is_at(around: &Around<'_>, back: usize) -> bool {
    around.before(back).is_some_and(|token| token.is("at"))
}

/// "during her recovery period": the noun's own determiner says that it is the noun, as far as
/// such a sentence could not end before it.
fn stretch_at_end(around: &Around<'_>, before: &Token) -> Verdict {
    let owned = around.before(1).is_some_and(|token| token.is_any(DETERMINERS));
    let adjective_only =
        before.is_any(STRETCHES) && !before.is_any(&["recovery", "observation", "time", "rest"]);
    if owned && (adjective_only || has_stretch_ending(before)) {
        return No;
    }
    let led_to = around.before(1).is_some_and(|token| token.is_any(LEADS_TO_STRETCH));
    let begins = around.after_is(SENTENCE_BEGINS) || around.follows(&["colon"], HEADING_WORDS_MAX);
    if !owned && !led_to && begins && !is_long_time(around) { Yes } else { Doubt }
}

/// Words of a heading before its colon.
const HEADING_WORDS_MAX: usize = 5;

fn is_determiner(around: &Around<'_>, token: &Token) -> bool {
    let leads = || around.before(1).is_none_or(|before| before.is_any(BEFORE_ONE));
    token.is_any(DETERMINERS) && (!token.is("one") || leads())
}

fn is_stretch(token: &Token) -> bool {
    token.is_any(STRETCHES) || has_stretch_ending(token)
}

fn has_stretch_ending(token: &Token) -> bool {
    let lower = token.text.to_ascii_lowercase();
    STRETCH_ENDINGS.iter().any(|ending| lower.ends_with(ending) && lower != "operative")
}

/// "a three week period", "24-hour period".
fn is_long_time(around: &Around<'_>) -> bool {
    let Some(unit) = around.before(0) else { return false };
    let lower = unit.text.to_ascii_lowercase();
    if TIME_UNITS.iter().any(|unit| lower.ends_with(&format!("-{unit}"))) {
        return true;
    }
    if !TIME_UNITS.contains(&lower.as_str()) {
        return false;
    }
    match around.before(1) {
        Some(count) if count.is_any(&["one"]) || count.text == "1" => {
            around.before(2).is_some_and(|token| token.is_any(DETERMINERS))
        }
        Some(count) => is_number(count),
        None => false,
    }
}
