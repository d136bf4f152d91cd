//! Doses whose medicine was lost on the way, and doses that need none.

use crate::text::pipeline::write_text;
use crate::text::request::Request;
use crate::vocab::lexicon::Lexicon;

fn is_flagged(text: &str) -> bool {
    let lexicon = Lexicon::built_in();
    let flags = write_text(text, &Request::new(&lexicon)).1;
    flags.iter().any(|flag| flag.kind.code() == "DRUG-DOSE")
}

#[test]
fn a_dose_is_flagged_where_no_medicine_is_known_before_it() {
    for text in [
        "Print this on 40 mg daily for 5 days then stop.",
        "He should not receive yours might 80 mg again.",
        "Insulin list pro 6 units before each meal.",
        "Septra axon 1 g IV every 24 hours.",
        "Decrease large in from 32 to 26 units at bedtime.",
        "Blend grenade 70 mg every week.",
        "Morphing 2-4 mg IV every 3 hours.",
        "She is on aspirin 81 mg daily and hydro lashing 10 mg daily.",
    ] {
        assert!(is_flagged(text), "{text}");
    }
}

#[test]
fn a_number_right_before_a_dose_is_flagged_unless_it_counts_tablets() {
    assert!(is_flagged("He is on a seven 5 mg b.i.d. and not on aspirin."));
    assert!(!is_flagged("He takes metformin, two 500 mg tablets, with supper."));
}

#[test]
fn a_way_that_a_medicine_is_not_given_is_flagged() {
    assert!(is_flagged("Warfarin 2-4 mg IV every 3 hours as needed."));
    assert!(!is_flagged("Morphine 2-4 mg IV every 3 hours as needed."));
}

#[test]
fn a_dose_whose_medicine_is_named_before_or_behind_is_not_flagged() {
    for text in [
        "She takes 20 mg daily.",
        "Lisinopril was well tolerated. Increase to 40 mg daily.",
        "She received 40 mg of prednisone.",
        "Two milligrams of IV morphine was given.",
        "Metoprolol succinate extended release 25 mg daily.",
        "Prednisone 40 mg in the morning and 20 mg at night.",
        "The dose was 5 mg daily.",
        "Her magnesium was 2 mg/dL and the troponin 3 ng/mL.",
        "Tylenol extra strength 500 mg twice daily.",
        "Insulin glargine 20 units at bedtime, lispro 6 units with meals.",
        "Enteric-coated aspirin 81 mg daily.",
        "Warfarin sodium 5 mg daily and losartan potassium 50 mg daily.",
        "MSO4 2 mg IV was given.",
    ] {
        assert!(!is_flagged(text), "{text}");
    }
}
