//! Whether the report agrees with itself and with the patient: sides, sex, brackets.
//!
//! Not for: doses and look-alike names (`numbers`).
//!
//! Invariant: raises flags and changes nothing; a contradiction is flagged once.

use super::request::{Request, Sex};
use super::token::{Findings, Kind, Token, words_of};
use crate::domain::flag::FlagKind;
use std::collections::HashMap;
use std::ops::Range;

/// Runs the checks.
pub fn check(tokens: &[Token], request: &Request<'_>, findings: &mut Findings) {
    sides(tokens, findings);
    sexes(tokens, request, findings);
    brackets(tokens, findings);
}

/// Body parts whose side matters and that are named with it.
const PARTS: &[&str] = &[
    "knee",
    "hip",
    "shoulder",
    "elbow",
    "wrist",
    "ankle",
    "foot",
    "hand",
    "arm",
    "leg",
    "thigh",
    "calf",
    "breast",
    "kidney",
    "lung",
    "eye",
    "ear",
    "testis",
    "testicle",
    "ovary",
    "femur",
    "tibia",
    "fibula",
    "humerus",
    "radius",
    "ulna",
    "clavicle",
    "scapula",
    "patella",
    "forearm",
    "groin",
    "carotid",
    "ureter",
    "adrenal",
    "hemithorax",
    "heel",
    "thumb",
    "hemisphere",
    "cheek",
    "nephrectomy",
    "mastectomy",
    "orchiectomy",
    "thyroid",
    "parotid",
    "tonsil",
    "axilla",
    "inguinal",
    "iliac",
    "femoral",
    "subclavian",
    "jugular",
    "tubal",
    "renal",
    "radial",
    "popliteal",
];
/// Words that say that both sides are meant.
const BOTH: &[&str] = &[
    "bilateral",
    "bilaterally",
    "both",
    "contralateral",
    "opposite",
    "other",
    "versus",
    "compared",
    "than",
    "asymmetry",
    "asymmetric",
    "symmetric",
    "symmetrical",
    "unaffected",
    "ipsilateral",
];

struct Mentions {
    left: Vec<Range<u32>>,
    right: Vec<Range<u32>>,
    compared: bool,
    last_sentence: [Option<usize>; 2],
}

/// The same part on both sides, never compared: the rarer mention may be a slip.
fn sides(tokens: &[Token], findings: &mut Findings) {
    let mut parts: HashMap<&str, Mentions> = HashMap::new();
    let mut sentence = 0;
    let mut both = false;
    for (at, token) in tokens.iter().enumerate() {
        sentence += usize::from(token.ends_sentence() || token.begins_line());
        both |= token.is_any(BOTH);
        let Some(left) = side(token) else { continue };
        let rest = tokens.get(at + 1..(at + 4).min(tokens.len())).unwrap_or_default();
        let rest = rest.iter().take_while(|token| token.kind == Kind::Word);
        let part = rest.filter_map(|token| PARTS.iter().find(|part| token.is(part))).next();
        let Some(part) = part else { continue };
        let mentions = parts.entry(part).or_insert(Mentions {
            left: Vec::new(),
            right: Vec::new(),
            compared: false,
            last_sentence: [None, None],
        });
        let own = if left { &mut mentions.left } else { &mut mentions.right };
        own.push(token.source.clone());
        mentions.last_sentence[usize::from(left)] = Some(sentence);
        mentions.compared |= mentions.last_sentence[usize::from(!left)] == Some(sentence);
    }
    if both {
        return;
    }
    let mut doubtful: Vec<(&str, Range<u32>)> = Vec::new();
    for (part, mentions) in &parts {
        let Mentions { left, right, compared, .. } = mentions;
        if !compared && !left.is_empty() && !right.is_empty() {
            let rarer = if left.len() < right.len() { left } else { right };
            doubtful.extend(rarer.first().cloned().map(|words| (*part, words)));
        }
    }
    doubtful.sort_by_key(|(part, words)| (words.start, *part));
    for (part, words) in doubtful {
        let note = format!("Both left and right are named with \"{part}\" in this report.");
        findings.flag(FlagKind::Laterality, note, words);
    }
}

/// Whether a body part is there on both sides.
pub(super) fn is_paired_part(token: &Token) -> bool {
    PARTS.iter().any(|part| token.is(part))
}

/// Whether a token says "left", or "right" as a side.
fn side(token: &Token) -> Option<bool> {
    if token.is("left") || token.is("left-sided") {
        return Some(true);
    }
    (token.is("right") || token.is("right-sided")).then_some(false)
}

/// Words that only go with one sex, in the patient's own anatomy and history.
const FEMALE: &[&str] = &[
    "uterus",
    "uterine",
    "ovary",
    "ovaries",
    "ovarian",
    "vagina",
    "vaginal",
    "vulva",
    "vulvar",
    "hysterectomy",
    "pregnant",
    "pregnancy",
    "gravida",
    "menses",
    "menstrual",
    "menarche",
    "menopause",
    "postmenopausal",
    "endometrial",
    "endometrium",
    "oophorectomy",
    "cesarean",
    "lmp",
    "adnexa",
    "adnexal",
    "hysteroscopy",
];
const MALE: &[&str] = &[
    "prostate",
    "prostatic",
    "prostatectomy",
    "prostatitis",
    "testicle",
    "testicles",
    "testicular",
    "testes",
    "scrotum",
    "scrotal",
    "penis",
    "penile",
    "vasectomy",
    "epididymis",
    "epididymitis",
    "orchiectomy",
];
/// Sentences about others say nothing of the patient.
const KIN: &[&str] = &[
    "mother",
    "father",
    "sister",
    "brother",
    "aunt",
    "uncle",
    "wife",
    "husband",
    "daughter",
    "son",
    "grandmother",
    "grandfather",
    "cousin",
    "partner",
    "spouse",
    "maternal",
    "paternal",
    "family",
    "mother's",
    "father's",
    "sister's",
    "wife's",
    "husband's",
    "parents",
    "children",
    "girlfriend",
    "boyfriend",
    "baby",
    "infant",
    "physician",
    "surgeon",
    "doctor",
    "nurse",
    "dr.",
    "friend",
    "roommate",
    "caregiver",
    "neighbor",
];
const WOMAN: &[&str] = &["woman", "female", "lady", "girl"];
const MAN: &[&str] = &["man", "male", "gentleman", "boy"];

/// What is said of the patient's sex, sentence by sentence.
fn sexes(tokens: &[Token], request: &Request<'_>, findings: &mut Findings) {
    let mut known = request.header.sex;
    let mut pronoun: Option<Sex> = None;
    let mut family = false;
    let mut previous_kin = false;
    for sentence in tokens.split_inclusive(|token| token.ends_sentence()) {
        if let Some(heading) = sentence.iter().rfind(|token| token.kind == Kind::Heading) {
            family = heading.text.contains("FAMILY") || heading.text.contains("SOCIAL");
        }
        let kin = family || sentence.iter().any(|token| token.is_any(KIN));
        if kin {
            previous_kin = true;
            continue;
        }
        for (at, token) in sentence.iter().enumerate().filter(|(_, token)| token.kind == Kind::Word)
        {
            let described = described(sentence, at);
            known = known.or(described);
            let said = described.or_else(|| of_anatomy(token)).or_else(|| {
                let said = of_pronoun(token).filter(|_| !previous_kin);
                pronoun = pronoun.or(said);
                said
            });
            let Some(said) = said else { continue };
            if known.or(pronoun).is_some_and(|known| known != said) {
                let note = format!("\"{}\" does not go with the sex of this patient.", token.text);
                findings.flag(FlagKind::SexConflict, note, token.source.clone());
                return;
            }
        }
        previous_kin = false;
    }
}

/// "65-year-old man": the patient's sex as the author gives it.
fn described(sentence: &[Token], at: usize) -> Option<Sex> {
    let token = sentence.get(at)?;
    let sex = if token.is_any(WOMAN) {
        Sex::Female
    } else if token.is_any(MAN) {
        Sex::Male
    } else {
        return None;
    };
    let before = sentence.get(at.saturating_sub(3)..at)?;
    let aged = |token: &Token| token.is("old") || token.text.ends_with("-old");
    before.iter().any(aged).then_some(sex)
}

fn of_anatomy(token: &Token) -> Option<Sex> {
    if token.is_any(FEMALE) {
        return Some(Sex::Female);
    }
    token.is_any(MALE).then_some(Sex::Male)
}

fn of_pronoun(token: &Token) -> Option<Sex> {
    if token.is_any(&["she", "her", "hers", "herself"]) {
        return Some(Sex::Female);
    }
    token.is_any(&["he", "his", "him", "himself"]).then_some(Sex::Male)
}

/// A bracket or quote that has no other half.
fn brackets(tokens: &[Token], findings: &mut Findings) {
    let mut open: Vec<&Token> = Vec::new();
    for token in tokens.iter().filter(|token| token.kind == Kind::Mark && !token.by_engine) {
        let opened = open.last().map(|token| token.text.as_str());
        match (token.text.as_str(), opened) {
            ("(" | "[", _) => open.push(token),
            (")", Some("(")) | ("]", Some("[")) | ("\"", Some("\"")) => {
                open.pop();
            }
            ("\"", _) => open.push(token),
            (")" | "]", _) => unmatched(&[token], findings),
            _ => {}
        }
    }
    unmatched(&open, findings);
}

fn unmatched(tokens: &[&Token], findings: &mut Findings) {
    for token in tokens {
        let note = format!("This \"{}\" has no other half.", token.text);
        let words = words_of(std::slice::from_ref(*token));
        findings.flag(FlagKind::AmbiguousCommand, note, words);
    }
}
