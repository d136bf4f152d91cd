//! Sentences with what was misheard in a frame, and ordinary ones that look like them.

use crate::text::testing::{check, flags, written};

#[test]
fn a_name_before_a_value_of_its_own_shape_is_told_by_its_sound() {
    check(&[
        ("Mocha 25 out of 30.", "MoCA 25/30."),
        ("The glass go coma scale 9.", "The Glasgow Coma Scale 9."),
        ("Glisten 4+4=8 in two cores.", "Gleason 4+4=8 in two cores."),
        ("he are interval 180 milliseconds", "PR interval 180 ms"),
        ("Tattoo diabetes for 10 years.", "Type 2 diabetes for 10 years."),
        ("new your cart association class three", "New York Heart Association class III"),
        ("craneal nerves are intact", "Cranial nerves are intact"),
        ("graved a four pair of two", "Gravida 4, para 2"),
        ("carry a type 46 x x", "Karyotype 46,XX"),
        ("gars seven and nine at one and five minutes", "Apgars 7 and 9 at one and five minutes"),
        ("Tropin in point 02.", "Troponin 0.02."),
    ]);
}

#[test]
fn what_follows_a_figure_is_told_by_its_sound() {
    check(&[
        ("Closed with 4-0-vickrel.", "Closed with 4-0 Vicryl."),
        ("closed with five on nylon", "Closed with 5-0 nylon"),
        ("Cervix is 50% of faced.", "Cervix is 50% effaced."),
        ("A 20-packier smoking history.", "A 20-pack-year smoking history."),
        ("Factor 5-Laden mutation.", "Factor V Leiden mutation."),
        ("glucose 300 milligrams per desaliter", "Glucose 300 mg/dL"),
        ("Start levothyroxine 75 microgene daily.", "Start levothyroxine 75 mcg daily."),
        ("Saturation 95% on two leaders.", "Saturation 95% on 2 L."),
    ]);
}

#[test]
fn homophones_are_told_by_what_stands_beside_them() {
    check(&[
        ("Wait 72 kilograms.", "Weight 72 kg."),
        ("Your in output was 900 mL.", "Urine output was 900 mL."),
        ("She was scene by cardiology.", "She was seen by cardiology."),
        ("A liter of normal sailing.", "A liter of normal saline."),
        ("class to heart failure", "Class II heart failure"),
        ("He is oriented times to.", "He is oriented x2."),
        ("Pain in the write knee.", "Pain in the right knee."),
        ("Lactate for point 2.", "Lactate 4.2."),
        ("At 36 in two sevenths weeks.", "At 36 2/7 weeks."),
        ("Small plural effusion, colin cancer.", "Small pleural effusion, colon cancer."),
        ("The tube open para see below close para is out.", "The tube (see below) is out."),
    ]);
}

#[test]
fn a_laboratory_name_before_a_time_keeps_the_words_between_them() {
    check(&[
        ("Check the creatinine in 2 weeks.", "Check the creatinine in 2 weeks."),
        ("Repeat hemoglobin in 6 hours.", "Repeat hemoglobin in 6 hours."),
        ("Recheck the troponin at 3 hours.", "Recheck the troponin at 3 hours."),
        ("Albumin in 10.", "Albumin in 10."),
        ("Repeat creatining in 2 weeks.", "Repeat creatining in 2 weeks."),
    ]);
}

#[test]
fn no_second_medicine_is_put_in_behind_one_that_is_named() {
    for heard in [
        "Start furosemide, fortio 40 mg by mouth every morning.",
        "Start furosemide fortio 40 mg by mouth every morning.",
    ] {
        assert!(!written(heard).contains("Forteo"), "{}", written(heard));
    }
}

#[test]
fn ordinary_sentences_stay_as_they_are() {
    for text in [
        "He had to wait 2 hours and drank mocha coffee.",
        "Your in-laws were present, and the scene at home was calm.",
        "She took two of the pair, one of which was broken.",
        "Return to class to take the exam.",
        "The stage to which he referred is unknown.",
        "Please write knee exercises down.",
        "There is a 20-day history of cough and a 3-vessel disease.",
        "I indeed have a headache.",
        "He weighs 80 kg and is in no distress.",
        "The spleen measured 14 cm and weighed 300 g.",
        "Her leaders at work were told.",
        "She gave birth to her two new babies at 39 weeks.",
        "Gestational diabetes was diet-controlled.",
        "The interval was 200 ms.",
        "Acute kidney disease was excluded.",
        "He smoked 1 pack per day for 20 years.",
        "The glucose was 412 mg/dL.",
        "He is the fourth of five on the list.",
        "Up to 81 mg daily was taken, then nothing.",
        "The home dose of 20 mg was resumed.",
        "A parent left, then the other parent came.",
        "He was sent for point-of-care testing.",
        "The type to be used is unknown.",
        "The death in the family was discussed.",
        "It was his way in 20 years of practice.",
    ] {
        assert_eq!(written(text), text);
    }
}

#[test]
fn a_dose_without_a_medicine_before_it_is_flagged() {
    for text in [
        "Hydro lashing 10 mg IV was given.",
        "Word is AP in 15 mg at bedtime.",
        "DeJawkson 0.125 mg daily.",
    ] {
        assert!(flags(text).contains(&"DRUG-DOSE"), "{text}: {:?}", flags(text));
    }
    for text in [
        "Aspirin 81 mg daily.",
        "Metoprolol succinate 25 mg daily.",
        "She takes 20 mg daily.",
        "The dose was increased to 40 mg daily.",
        "Insulin glargine 20 units at bedtime.",
        "Potassium chloride 20 mEq p.o. daily.",
        "Glucose was 412 mg/dL.",
    ] {
        assert!(!flags(text).contains(&"DRUG-DOSE"), "{text}: {:?}", flags(text));
    }
}

#[test]
fn a_medicine_that_is_put_in_by_its_sound_is_flagged() {
    let text = "Listen, Operil 20 mg daily.";
    assert_eq!(written(text), "Lisinopril 20 mg daily.");
    assert!(flags(text).contains(&"DRUG-DOSE"));
    // A part of the name is left over: nothing is put in.
    let torn = "Startlice in April 10 mg daily.";
    assert_eq!(written(torn), torn);
    assert!(flags(torn).contains(&"DRUG-DOSE"));
}

#[test]
fn a_number_or_a_side_that_is_told_so_is_flagged() {
    for (text, kind) in [
        ("class to heart failure", "NUMBER"),
        ("pain in the write knee", "LATERALITY"),
        ("lactate for point two", "NUMBER"),
        ("closed with four on nylon", "NUMBER"),
        ("tattoo diabetes", "NUMBER"),
    ] {
        assert!(flags(text).contains(&kind), "{text}: {:?}", flags(text));
    }
}

#[test]
fn asides_and_corrections_of_other_shapes_are_seen() {
    assert!(flags("it was on the right wait the left side").contains(&"SELF-CORRECTION"));
    assert!(!flags("after 3 days wait 2 weeks").contains(&"SELF-CORRECTION"));
    assert_eq!(
        written("could you please send a copy to doctor brown period the lungs are clear period"),
        "The lungs are clear."
    );
}
