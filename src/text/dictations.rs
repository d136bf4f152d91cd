//! Stretches of dictations of several specialties as an engine writes them, marks and commands
//! mixed, and how they are written in the report.
//!
//! Not for: single rules, which the stages test, or whole reports (`reports`).
//!
//! Invariant: what is written is written the same when it comes in again.

use super::pipeline::write_text;
use super::request::{Mode, Request};
use crate::vocab::lexicon::Lexicon;

fn check(mode: Mode, cases: &[(&str, &str)]) {
    let lexicon = Lexicon::built_in();
    let request = |mode| Request { mode, work_type: Some("PN"), ..Request::new(&lexicon) };
    for (heard, expected) in cases {
        let (draft, _) = write_text(heard, &request(mode));
        assert_eq!(draft.text, *expected, "{heard}");
        assert_eq!(write_text(&draft.text, &request(Mode::Mixed)).0.text, *expected, "again");
    }
}

fn flags(text: &str) -> Vec<&'static str> {
    let lexicon = Lexicon::built_in();
    write_text(text, &Request::new(&lexicon)).1.iter().map(|flag| flag.kind.code()).collect()
}

#[test]
fn headings_that_are_heard_as_sentences_are_headings() {
    check(
        Mode::Mixed,
        &[(
            "Procedure. Colonoscopy. Indications. Screening at age 52. Complications. None.",
            "PROCEDURE PERFORMED: Colonoscopy.\n\nINDICATIONS: Screening at age 52.\n\n\
             COMPLICATIONS: None.",
        )],
    );
}

#[test]
fn a_stage_with_its_letter_and_this_time_end_sentences() {
    check(
        Mode::Spoken,
        &[
            ("chronic kidney disease stage three a period", "Chronic kidney disease stage 3a."),
            (
                "there is no indication for dialysis at this time period",
                "There is no indication for dialysis at this time.",
            ),
            ("he was well during this time period", "He was well during this time period"),
        ],
    );
}

#[test]
fn a_number_that_is_said_again_after_scratch_that_replaces_the_number() {
    check(
        Mode::Mixed,
        &[
            (
                "Blood pressure is 142 over 88, scratch that, 132 over 88.",
                "Blood pressure is 132/88.",
            ),
            (
                "start aspirin eighty one milligrams scratch that three twenty five milligrams",
                "Start aspirin 325 mg",
            ),
            ("The left arm, scratch that, the right arm hurts.", "The right arm hurts."),
        ],
    );
}

#[test]
fn numbers_stand_as_their_specialty_writes_them() {
    check(
        Mode::Mixed,
        &[
            ("The canal was broached to a size 5.", "The canal was broached to a size 5."),
            ("Strength is 4 plus out of 5 in the leg.", "Strength is 4+/5 in the leg."),
            ("Strength is 4 minus out of 5 in the leg.", "Strength is 4-/5 in the leg."),
            ("CVP 9 and day 3 of 7.", "CVP 9 and day 3 of 7."),
            (
                "Propofol at 20 mics per kilo per minute was given.",
                "Propofol at 20 mcg/kg/min was given.",
            ),
            (
                "Doxorubicin 60 milligrams per meter squared was given.",
                "Doxorubicin 60 mg/m2 was given.",
            ),
            ("PHQ 9 score is 19 and GAD 7 is 14.", "PHQ-9 score is 19 and GAD-7 is 14."),
            ("ANA titer 1-320 was positive.", "ANA titer 1:320 was positive."),
            ("Recheck on Monday the 9th.", "Recheck on Monday the 9th."),
            ("The last dose was at 9.30pm.", "The last dose was at 9:30 p.m."),
            ("Gold stage 3 COPD was found.", "GOLD stage 3 COPD was found."),
            ("Potassium chloride 20 million equivalents.", "Potassium chloride 20 mEq."),
            (
                "Impression colon number one 3 centimeter mass. Number two 6 millimeter nodule.",
                "IMPRESSION:\n1. 3 cm mass.\n2. 6 mm nodule.",
            ),
        ],
    );
}

#[test]
fn names_and_labels_have_their_capitals() {
    check(
        Mode::Mixed,
        &[
            ("Karen Moss, PA-C. She assisted.", "Karen Moss, PA-C. She assisted."),
            ("Neck colon supple. Lungs colon clear.", "Neck: Supple. Lungs: Clear."),
            (
                "The findings are as follows colon mild edema.",
                "The findings are as follows: mild edema.",
            ),
            (
                "An infant was born over an intact perineum.",
                "An infant was born over an intact perineum.",
            ),
            ("The wound is clean, dry, an intact.", "The wound is clean, dry, and intact."),
            ("Adenopathy and ad no carcinoma.", "Adenopathy and adenocarcinoma."),
            ("Gravid a three pair of two.", "Gravida 3, para 2."),
        ],
    );
}

#[test]
fn what_is_no_doubt_is_not_flagged() {
    for text in [
        "Correction factor of 45 and a carb ratio of 1 to 10.",
        "Fractional excretion of sodium is 0.4%.",
        "He is alert and oriented times to.",
        "Omnipaque 350 was injected.",
    ] {
        assert!(flags(text).is_empty(), "{text}: {:?}", flags(text));
    }
    assert!(flags("The skin was closed with four Monocryl.").contains(&"NUMBER"));
}
