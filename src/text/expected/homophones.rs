//! Words that sound the same and are told apart by what stands beside them: "wait 160 pounds",
//! "your in culture", "class to heart failure", "the write knee".
//!
//! Not for: likeness of sound (`names`, `behind`); every pair here is spelled out.
//!
//! Invariant: a number or a side that comes of it is flagged.

use super::{Edit, Names, Scene, doubted, plain};
use crate::domain::flag::FlagKind;
use crate::text::consistency;

static PAREN: Names = Names::new(&[("paren", "paren")]);

pub fn expected(s: &Scene<'_>, at: usize) -> Option<Edit> {
    weight(s, at)
        .or_else(|| urine(s, at))
        .or_else(|| seen(s, at))
        .or_else(|| saline(s, at))
        .or_else(|| single(s, at))
        .or_else(|| parentheses(s, at))
        .or_else(|| unit_or_verb(s, at))
        .or_else(|| carcinoma(s, at))
        .or_else(|| number(s, at))
        .or_else(|| decimal(s, at))
        .or_else(|| gestation(s, at))
        .or_else(|| leads(s, at))
        .or_else(|| side(s, at))
        .or_else(|| study(s, at))
        .or_else(|| her2(s, at))
}

/// "wait 160 pounds", "wait count 12.3".
fn weight(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const UNITS: [&str; 7] = ["pounds", "kilograms", "kilogram", "kg", "kilos", "grams", "ounces"];
    if !s.is(at, &["wait", "weights", "way", "weighed"]) {
        return None;
    }
    if s.is(at, &["wait"]) && s.is(at + 1, &["count"]) {
        return Some(plain(at..at + 1, &["white"]));
    }
    let linked = usize::from(s.is(at + 1, &["is", "was", "of"]));
    let from = at + 1 + linked;
    let end = (from..from + 4).find(|place| !s.is_number(*place) && !s.is(*place, &["point"]))?;
    let is_weight = end > from && s.is(end, &UNITS) && !s.is(at, &["weighed"]);
    is_weight.then(|| plain(at..at + 1, &["weight"]))
}

/// "you're in culture", "your in output".
fn urine(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const OF_URINE: [&str; 13] = [
        "culture",
        "cultures",
        "output",
        "drug",
        "sediment",
        "sample",
        "specimen",
        "protein",
        "sodium",
        "creatinine",
        "toxicology",
        "specific",
        "pregnancy",
    ];
    let heard = s.is(at, &["you're", "your", "youre"]) && s.is(at + 1, &["in", "an"]);
    (heard && s.is(at + 2, &OF_URINE)).then(|| plain(at..at + 2, &["urine"]))
}

/// "Scene at the clinic", "was scene by neurology".
fn seen(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const AFTER: [&str; 6] = ["at", "by", "in", "on", "for", "with"];
    let opens = s.begins(at) && s.is(at + 1, &["by", "at", "in", "for"]);
    let passive = s.was(at, &["was", "is", "been", "be", "were", "are", "being", "and"])
        && s.is(at + 1, &AFTER);
    (s.is(at, &["scene"]) && (opens || passive)).then(|| plain(at..at + 1, &["seen"]))
}

/// "normal sailing".
fn saline(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let heard = s.is(at, &["sailing", "selling"]) && s.was(at, &["normal", "half-normal"]);
    heard.then(|| plain(at..at + 1, &["saline"]))
}

/// "data service 03/14/2025", "pulse 72 coma respirations 16".
fn single(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let is_service = s.is(at, &["data", "day"]) && s.is(at + 1, &["service"]);
    if is_service && s.begins(at) && s.is_number(at + 2) {
        return Some(plain(at..at + 1, &["date", "of"]));
    }
    let listed = at > 0 && s.tokens.get(at - 1).is_some_and(|before| before.is_mark(","))
        || s.was(at, &["dry", "comma", "alert"]);
    if s.is(at, &["an"]) && s.is(at + 1, &["intact"]) && listed {
        return Some(plain(at..at + 1, &["and"]));
    }
    let opens = s.begins(at) || s.was(at, &["colon"]);
    if s.is(at, &["non"]) && opens && s.is(at + 1, &["period"]) {
        return Some(plain(at..at + 1, &["none"]));
    }
    if s.is(at, &["sign"]) && at > 0 && s.text(at - 1).ends_with('%') {
        return Some(plain(at - 1..at + 1, &[s.text(at - 1)]));
    }
    let is_value = at > 0 && s.is_number(at - 1);
    let vital = ["respirations", "respiration", "pulse", "temperature", "heart", "blood"];
    (s.is(at, &["coma"]) && is_value && s.is(at + 1, &vital)).then(|| plain(at..at + 1, &["comma"]))
}

/// "open para ... close para": an opening and its closing, whatever word was heard for "paren".
fn parentheses(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const LEAST: f32 = 0.6;
    const REACH: usize = 16;
    let opens = |place: usize| s.is(place, &["open", "left"]);
    let closes = |place: usize| s.is(place, &["close", "closed", "right"]);
    let is_paren = |place: usize| {
        let range = place..place + 1;
        s.is_free(&range) && PAREN.nearest(&[s.text(place)], LEAST).is_some()
    };
    let before = at.checked_sub(1).filter(|before| opens(*before) || closes(*before))?;
    let named = |place: usize| is_paren(place + 1) && !s.is(place + 1, &["parent's", "pain"]);
    if s.is(at, &["paren", "parenthesis", "parens"]) || !named(before) {
        return None;
    }
    let partner = if opens(before) {
        (at + 1..at + REACH).any(|place| closes(place) && named(place))
    } else {
        let from = before.saturating_sub(REACH);
        (from..before).any(|place| opens(place) && named(place))
    };
    partner.then(|| plain(at..at + 1, &["paren"]))
}

/// "class to heart failure", "Salter-Harris to fracture", "oriented times to".
fn number(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const COUNTED: [&str; 12] = [
        "fracture",
        "fractures",
        "diabetes",
        "heart",
        "melanoma",
        "carcinoma",
        "adenocarcinoma",
        "ulcer",
        "sprain",
        "murmur",
        "symptoms",
        "disease",
    ];
    const OF_FOUR: [&str; 4] = ["melanoma", "carcinoma", "adenocarcinoma", "ulcer"];
    let two = s.is(at, &["to", "too"]);
    if two && s.was(at, &["times"]) && at > 1 && s.is(at - 2, &["oriented"]) {
        return Some(plain(at..at + 1, &["two"]));
    }
    let of_stay = ["hospital", "postoperative", "postop", "post-op", "operative"];
    let counted = s.was(at, &["day"]) && at > 1 && s.is(at - 2, &of_stay);
    let is_for = s.is(at, &["for"]);
    if counted && s.is(at + 1, &["the"]) && (two || is_for) {
        let word = if two { "two" } else { "four" };
        return Some(doubted(s, at..at + 1, &[word], FlagKind::Number));
    }
    let ranked =
        s.was(at, &["class", "stage", "grade", "type", "level", "salter-harris", "harris"]);
    let four = s.is(at, &["for"]) && s.is(at + 1, &OF_FOUR);
    if !ranked || !(two && s.is(at + 1, &COUNTED) || four) {
        return None;
    }
    let word = if two { "two" } else { "four" };
    Some(doubted(s, at..at + 1, &[word], FlagKind::Number))
}

/// "20 million equivalents", "he deny suicidal ideation".
fn unit_or_verb(s: &Scene<'_>, at: usize) -> Option<Edit> {
    if s.is(at, &["million"]) && s.is(at + 1, &["equivalents", "equivalent"]) {
        return Some(plain(at..at + 2, &["milliequivalents"]));
    }
    let one = s.was(at, &["he", "she"]) && (at < 2 || !s.is(at - 2, &["did", "does"]));
    (s.is(at, &["deny"]) && one).then(|| plain(at..at + 1, &["denies"]))
}

/// "stage 3b ad no carcinoma": a negation that nobody said.
fn carcinoma(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let heard = s.is(at, &["ad", "add", "adeno"]) && s.is(at + 1, &["no", "know"]);
    let named = ["carcinoma", "carcinomas"].into_iter().find(|word| s.is(at + 2, &[word]))?;
    let written = format!("adeno{named}");
    heard.then(|| doubted(s, at..at + 3, &[&written], FlagKind::UnknownTerm))
}

/// "lactate for decimal two": what stands before a decimal point is a number.
fn decimal(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let is_point = s.is(at + 1, &["point", "decimal"]) && s.is_number(at + 2);
    let word = if s.is(at, &["for"]) { "four" } else { "two" };
    (is_point && s.is(at, &["for", "to", "too"]))
        .then(|| doubted(s, at..at + 1, &[word], FlagKind::Number))
}

/// "32 in two sevenths weeks", "31 and three sevens weeks", "28 and 47 weeks".
fn gestation(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const WEEKS: std::ops::RangeInclusive<u32> = 4..=43;
    let linked = s.is(at, &["and", "in"]) && at > 0;
    let weeks = linked && s.small(at - 1).is_some_and(|n| WEEKS.contains(&n));
    if !weeks || !(s.is(at + 2, &["weeks", "week"]) || s.is(at + 3, &["weeks", "week"])) {
        return None;
    }
    let days = |n: u32| {
        let known = ["one", "two", "three", "four", "five", "six"];
        known.get((n as usize).checked_sub(1)?).copied()
    };
    if s.is(at + 2, &["sevenths", "seventh", "sevens", "seven"]) {
        let days = s.small(at + 1).and_then(days)?;
        let words = ["and", days, "sevenths"];
        let and = s.is(at, &["and"]);
        let known = and && s.is(at + 2, &["sevenths"]);
        let edit = |and: bool| {
            // Weeks have sevenths and nothing else; "in" for "and" is a guess.
            if and {
                plain(at..at + 3, &words)
            } else {
                doubted(s, at..at + 3, &words, FlagKind::Number)
            }
        };
        return (!known).then(|| edit(and));
    }
    if let Some((day, "sevenths" | "sevens")) = s.text(at + 1).split_once('-') {
        let words = ["and", day, "sevenths"];
        return Some(doubted(s, at..at + 2, &words, FlagKind::Number));
    }
    let run = s.small(at + 1).filter(|n| n % 10 == 7 && s.is_figure(at + 1))?;
    let words = ["and", days(run / 10)?, "sevenths"];
    Some(doubted(s, at..at + 2, &words, FlagKind::Number))
}

/// "Q waves and leads to 3 and AVF".
fn leads(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const SEEN: [&str; 8] = [
        "waves",
        "q-waves",
        "elevation",
        "elevations",
        "depression",
        "depressions",
        "inversion",
        "inversions",
    ];
    let of_limbs = s.is(at + 1, &["leads"]) && s.is(at + 2, &["two", "to", "too", "one", "2"]);
    if s.is(at, &["and"]) && s.was(at, &SEEN) && of_limbs {
        return Some(plain(at..at + 1, &["in"]));
    }
    let two = s.is(at, &["to", "too"]) && s.was(at, &["leads"]) && s.small(at + 1) == Some(3);
    two.then(|| doubted(s, at..at + 1, &["two"], FlagKind::Number))
}

/// "the write knee".
fn side(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let heard = s.is(at, &["write", "rite", "wright"]);
    let part = s.tokens.get(at + 1).is_some_and(consistency::is_paired_part);
    (heard && part && !s.was(at, &["to", "please", "will", "can"]))
        .then(|| doubted(s, at..at + 1, &["right"], FlagKind::Laterality))
}

/// "EKG show sinus rhythm": the two sounds of s run into one.
fn study(s: &Scene<'_>, at: usize) -> Option<Edit> {
    const STUDIES: [&str; 9] =
        ["ekg", "ecg", "mri", "ct", "x-ray", "echocardiogram", "ultrasound", "biopsy", "culture"];
    let alone =
        at > 0 && s.was(at, &STUDIES) && (at < 2 || s.begins(at - 1) || s.is(at - 2, &["the"]));
    let next = s.low(at + 1);
    let runs = next.starts_with('s') || next.starts_with('z');
    let asked = at > 2 && s.is(at - 3, &["did", "does", "do"]);
    (s.is(at, &["show"]) && alone && runs && !asked).then(|| plain(at..at + 1, &["shows"]))
}

/// "her two new positive".
fn her2(s: &Scene<'_>, at: usize) -> Option<Edit> {
    let heard = s.is(at, &["her", "hair"])
        && (s.is(at + 1, &["two", "to", "too"]) || s.text(at + 1) == "2")
        && s.is(at + 2, &["new", "knew", "nu", "no"]);
    let state = s.is(at + 3, &["positive", "negative", "equivocal", "amplified"]);
    let is_no = s.is(at + 2, &["no"]);
    (heard && state && s.ends(at + 4) && !is_no).then(|| plain(at..at + 3, &["her", "two", "neu"]))
}
