//! R-SUT: sutures, blades, needles, catheters, teeth.
//!
//! Not for: lists ("number one ..."), which are commands.
//!
//! Invariant: "number" becomes "#" only before a device of the table.

use super::atoms::Sort;
use super::grammar;
use super::quantity::{closes_up, in_words_here};
use super::value::in_words;
use super::view::{Match, View};
use super::words::Lex;

const SUTURES: &[&str] = &[
    "vicryl",
    "silk",
    "nylon",
    "prolene",
    "monocryl",
    "pds",
    "ethibond",
    "ethilon",
    "chromic",
    "gut",
    "catgut",
    "mersilene",
    "dexon",
    "maxon",
    "biosyn",
    "polysorb",
    "surgilon",
    "novafil",
    "stratafix",
    "quill",
    "fiberwire",
    "ticron",
    "suture",
    "sutures",
    "stitch",
    "stitches",
    "polypropylene",
    "polydioxanone",
    "polyglactin",
    "caprosyn",
    "nurolon",
    "plain",
    "cotton",
    "wire",
    "steel",
    "ties",
    "tie",
    "v-loc",
    "absorbable",
    "braided",
    "monofilament",
    "tevdek",
];

const NUMBERED: &[&str] = &[
    "blade",
    "blades",
    "scalpel",
    "knife",
    "needle",
    "tube",
    "ett",
    "file",
    "reamer",
    "burr",
    "curette",
    "mac",
    "macintosh",
    "miller",
    "laryngoscope",
    "foley",
    "catheter",
    "penrose",
    "trocar",
    "port",
    "drain",
    "dilator",
    "shiley",
    "tracheostomy",
    "cannula",
    "pessary",
];

/// Nouns that make the number before them an adjective: "18-gauge".
const HYPHENED: [(&str, &str); 3] = [("gauge", "gauge"), ("french", "French"), ("lead", "lead")];

pub fn device(v: &View<'_>, at: usize) -> Option<Match> {
    if v.is(at, &["number", "#"]) {
        return numbered(v, at);
    }
    if !v.is_number(at) || !v.is_free_before(at) {
        return None;
    }
    suture(v, at).or_else(|| hyphened(v, at))
}

/// "number fifteen blade" is "#15 blade"; "tooth number fourteen" is "tooth #14".
fn numbered(v: &View<'_>, at: usize) -> Option<Match> {
    let (number, end) = grammar::cardinal(v, at + 1).filter(|(n, _)| n.is_whole())?;
    if number.whole > 99 || v.low(at) == "#" && v.glued(at) && !v.is_free_before(at) {
        return None;
    }
    let tooth = v.was(at, 1, &["tooth", "teeth"]);
    let device = (0..3).any(|step| v.is(end + step, SUTURES) || v.is(end + step, NUMBERED));
    let hollow = (0..2).any(|step| v.is(end + step, &["french"]));
    let sign = v.low(at) == "#";
    if !tooth && !sign && (!device || hollow || v.ends(end)) || closes_up(v, end) {
        return None;
    }
    Some(Match::one(at, end, format!("#{}", number.whole), "R-SUT"))
}

fn is_zero(v: &View<'_>, at: usize) -> bool {
    let zero = v.digits(at).is_some_and(|d| d.whole == 0 && d.width == 1 && d.decimals == 0);
    zero || matches!(v.lex(at), Some(Lex::Oh | Lex::Digit(0)))
}

/// "three oh vicryl" is "3-0 Vicryl"; the letter O of "3-O" is a zero.
fn suture(v: &View<'_>, at: usize) -> Option<Match> {
    let names = |end: usize, reach: usize| v.near_after(end, reach, SUTURES);
    if is_zero(v, at) && !v.glued(at + 1) && names(at + 1, 2) {
        return Some(Match::one(at, at + 1, "0", "R-SUT"));
    }
    let size = match v.sort(at) {
        Sort::Digits(d) if d.decimals == 0 && (1..=12).contains(&d.whole) => d.whole,
        Sort::Number(Lex::Digit(n @ 1..=9)) => u64::from(n),
        Sort::Number(Lex::Teen(n @ 10..=12)) => u64::from(n),
        _ => return None,
    };
    let zero = if v.is(at + 1, &["-", "/"]) { at + 2 } else { at + 1 };
    let hyphened = v.is(at + 1, &["-"]) && v.glued(at + 1) && v.glued(at + 2);
    if !is_zero(v, zero) || closes_up(v, zero + 1) {
        return None;
    }
    let told = names(zero + 1, 6) || hyphened && v.near_before(at, 8, SUTURES);
    told.then(|| Match::one(at, zero + 1, format!("{size}-0"), "R-SUT"))
}

/// "eighteen gauge needle" is "18-gauge needle".
fn hyphened(v: &View<'_>, at: usize) -> Option<Match> {
    let (number, end) = grammar::cardinal(v, at).filter(|(n, _)| n.is_whole())?;
    let noun = if v.low(end) == "-" && v.glued(end) { end + 1 } else { end };
    let (low, written) = HYPHENED.iter().find(|(low, _)| v.low(noun) == *low)?;
    let electric = v.is(noun + 1, &["ekg", "ecg", "electrocardiogram", "tracing"]);
    if *low == "lead" && !electric {
        return None;
    }
    let starts = v.begins_sentence(at) && number.whole < 1000 && !v.follows_heading(at);
    let amount = super::amounts::amount(v, at)?;
    let text = if starts && in_words_here(v, &amount) {
        let words = in_words(number.whole)?;
        format!("{}{}-{written}", words.get(..1)?.to_uppercase(), words.get(1..)?)
    } else {
        format!("{}-{written}", number.whole)
    };
    Some(Match::one(at, noun + 1, text, "R-SUT"))
}
