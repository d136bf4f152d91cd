//! Tests of the number stages: each rule by its own examples, and what must hold of any text.
//!
//! Not for: the shared pairs (`text::pairs`).
//!
//! Invariant: the examples are written from the rules, none is taken from the shared pairs.

use super::value::{Commas, How, Number, in_words};
use super::words::lex;
use crate::text::pipeline::write_text;
use crate::text::request::{Profile, Request};
use crate::text::testing::{flags, written};
use crate::vocab::lexicon::Lexicon;
use proptest::prelude::*;

/// Each shape gives the written form, and the written form itself.
fn check(cases: &[(&[&str], &str)]) {
    for (shapes, expected) in cases {
        for shape in shapes.iter().chain([expected]) {
            assert_eq!(written(shape), *expected, "{shape}");
        }
    }
}

#[test]
fn small_numbers_are_words_outside_frames_and_figures_inside() {
    check(&[
        (&["he has three dogs", "he has 3 dogs"], "He has three dogs"),
        (&["one of the two valves", "1 of the 2 valves"], "One of the two valves"),
        (&["no one came"], "No one came"),
        (&["seen six days later", "seen 6 days later"], "Seen 6 days later"),
        (&["a couple of drops"], "A couple of drops"),
        (&["phase two trial", "phase 2 trial"], "Phase 2 trial"),
    ]);
}

#[test]
fn a_sentence_begins_in_words() {
    check(&[
        (&["thirty one ducts were seen", "31 ducts were seen"], "Thirty-one ducts were seen"),
        (
            &["done period forty grams were sent", "Done. 40 g were sent"],
            "Done. Forty grams were sent",
        ),
        (&["seventy year old woman", "70-year-old woman"], "Seventy-year-old woman"),
    ]);
}

#[test]
fn idioms_are_read_and_no_thousands_are_added() {
    check(&[
        (&["glucose two oh seven", "glucose 207"], "Glucose 207"),
        (&["weight one sixty five pounds"], "Weight 165 pounds"),
        (&["white count eleven thousand four hundred", "white count 11400"], "White count 11,400"),
        (&["white count eighty one hundred", "white count 8100"], "White count 8100"),
    ]);
    assert_eq!(flags("platelets three ten"), ["NUMBER"]);
}

#[test]
fn decimals_keep_zeros_but_not_in_doses() {
    check(&[
        (&["inr three point zero", "INR 3.0"], "INR 3.0"),
        (&["clonazepam zero point five zero milligrams", "clonazepam .50 mg"], "Clonazepam 0.5 mg"),
        (&["a one point zero centimeter cyst", "a 1.0 cm cyst"], "A 1.0 cm cyst"),
    ]);
}

#[test]
fn units_are_short_after_figures_only() {
    check(&[
        (&["gave thirty c c of water", "gave 30cc of water"], "Gave 30 mL of water"),
        (&["a few liters of water"], "A few liters of water"),
        (&["calcium nine point one milligrams per deciliter"], "Calcium 9.1 mg/dL"),
        (&["drip at eight micrograms per minute", "drip at 8 mcg/min"], "Drip at 8 mcg/min"),
        (&["walks three miles"], "Walks 3 miles"),
        (&["ramp of thirty degrees", "ramp of 30°"], "Ramp of 30 degrees"),
    ]);
}

#[test]
fn adjectives_of_time_are_hyphenated() {
    check(&[
        (&["a five day course", "a 5-day course"], "A 5-day course"),
        (&["for five days"], "For 5 days"),
        (&["in two week"], "In 2 week"),
        (&["a nine month old girl", "a 9 month old girl"], "A 9-month-old girl"),
        (&["she is ninety years old"], "She is 90 years old"),
    ]);
}

#[test]
fn doses_are_written_as_the_lists_want_them() {
    check(&[
        (
            &["amoxicillin five hundred milligrams p o t i d", "amoxicillin 500mg PO TID"],
            "Amoxicillin 500 mg p.o. t.i.d.",
        ),
        (&["naproxen q twelve h", "naproxen q12h"], "Naproxen q.12 h."),
        (&["regular insulin six u", "regular insulin 6U"], "Regular insulin 6 units"),
        (&["aspirin eighty one milligrams q d", "aspirin 81 mg q.d."], "Aspirin 81 mg daily"),
        (&["heparin fifteen hundred units", "heparin 1500 units"], "Heparin 1,500 units"),
    ]);
    assert_eq!(written("sodium <130"), "Sodium less than 130");
}

#[test]
fn two_readings_of_a_dose_are_told() {
    assert!(flags("take two fifty milligram tablets").contains(&"DRUG-DOSE"));
    assert_eq!(written("take two 50 mg tablets"), "Take two 50 mg tablets");
}

#[test]
fn dates_and_times_have_their_forms() {
    check(&[
        (&["on may second twenty nineteen", "on May 2nd, 2019"], "On May 2, 2019"),
        (&["in october two thousand nine", "in October 2009"], "In October 2009"),
        (&["on one slash nine slash twenty twenty", "on 1/9/2020"], "On 01/09/2020"),
        (&["at ten fifteen p m", "at 10:15 PM"], "At 10:15 p.m."),
        (&["at zero six thirty hours"], "At 0630 hours"),
        (&["she may take two tablets"], "She may take 2 tablets"),
        (&["a woman in her forties"], "A woman in her 40s"),
    ]);
    assert_eq!(flags("seen 2/3/24"), ["NUMBER"]);
}

#[test]
fn pressures_and_scores_have_a_slash() {
    check(&[
        (
            &["blood pressure one ten over seventy", "blood pressure 110 over 70"],
            "Blood pressure 110/70",
        ),
        (&["pain four out of ten", "pain 4 out of 10"], "Pain 4/10"),
        (&["strength four plus over five"], "Strength 4+/5"),
        (&["gained six pounds over two months"], "Gained 6 pounds over 2 months"),
        (&["two out of three nodes"], "Two out of three nodes"),
        (&["vision twenty twenty five", "vision 20/25"], "Vision 20/25"),
    ]);
    assert_eq!(
        written("blood pressures one ten over seventy one one thirty over eighty"),
        "Blood pressures 110/71 130/80"
    );
}

#[test]
fn ranges_are_closed_only_where_nothing_can_be_misread() {
    check(&[
        (&["in five to seven days", "in 5-7 days"], "In 5-7 days"),
        (&["from five to seven days"], "From 5 to 7 days"),
        (&["between ten and twelve cells"], "Between 10 and 12 cells"),
    ]);
    assert_eq!(written("increased from 5 to 10 mg"), "Increased from 5 to 10 mg");
    assert_eq!(
        written("raise lisinopril ten to twenty milligrams"),
        "Raise lisinopril 10 to 20 mg"
    );
    assert_eq!(written("he has 40-50% left"), "He has 40% to 50% left");
}

#[test]
fn classes_are_roman_or_arabic() {
    check(&[
        (&["stage four b lymphoma", "stage 4B lymphoma"], "Stage IVB lymphoma"),
        (
            &["chronic kidney disease stage four", "chronic kidney disease stage IV"],
            "Chronic kidney disease stage 4",
        ),
        (&["nyha class two", "NYHA class 2"], "NYHA class II"),
        (&["type one diabetes", "type I diabetes"], "Type 1 diabetes"),
        (&["cranial nerve seven palsy"], "Cranial nerve VII palsy"),
        (&["grade two over six murmur", "grade II/VI murmur"], "Grade 2/6 murmur"),
        (&["a risk factor two years ago"], "A risk factor 2 years ago"),
    ]);
}

#[test]
fn names_of_letters_and_figures_are_closed_up() {
    check(&[
        (&["l three l four disk", "L3-L4 disk"], "L3-L4 disk"),
        (&["narrowing at c six seven", "narrowing at C67"], "Narrowing at C6-7"),
        (&["t three n two m one"], "T3N2M1"),
        (&["p t two n x"], "pT2NX"),
        (&["karyotype forty seven x x y"], "Karyotype 47,XXY"),
        (&["vitamin c one thousand milligrams"], "Vitamin C 1,000 mg"),
        (&["braf v six hundred e"], "BRAF V600E"),
    ]);
}

#[test]
fn devices_take_their_signs() {
    check(&[
        (&["four oh silk", "4-O silk"], "4-0 silk"),
        (&["a number ten blade"], "A #10 blade"),
        (&["a twenty gauge needle", "a 20 gauge needle"], "A 20-gauge needle"),
        (&["his number two concern"], "His number two concern"),
    ]);
}

#[test]
fn switches_of_the_profile_change_the_form() {
    let lexicon = Lexicon::built_in();
    let with = |profile: Profile, text: &str| {
        write_text(text, &Request { profile, ..Request::new(&lexicon) }).0.text
    };
    let base = Profile::default;
    for (profile, text, expected) in [
        (Profile { latin_stops: false, ..base() }, "take it b i d", "Take it BID"),
        (Profile { metric_adjective_hyphen: true, ..base() }, "a 3 cm mass", "A 3-cm mass"),
        (
            Profile { dose_thousands_comma: false, ..base() },
            "heparin 5000 units",
            "Heparin 5000 units",
        ),
        (Profile { range_hyphen: false, ..base() }, "in 2 to 3 days", "In 2 to 3 days"),
        (
            Profile { beats_per_minute_short: false, ..base() },
            "rate 80 beats per minute",
            "Rate 80 beats per minute",
        ),
    ] {
        assert_eq!(with(profile, text), expected);
    }
}

fn counted(n: u64) -> String {
    match n {
        0..=9 => in_words(n).unwrap_or_default(),
        _ => Number::whole(n, How::Words).figures(Commas::Five),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_number_in_words_is_the_same_number_in_figures(n in 0_u64..1_000_000) {
        let spoken = in_words(n).unwrap_or_default();
        let expected = format!("We saw {} cells", counted(n));
        prop_assert_eq!(&written(&format!("we saw {spoken} cells")), &expected);
        let plain = spoken.replace('-', " ");
        prop_assert_eq!(&written(&format!("we saw {plain} cells")), &expected);
        prop_assert_eq!(&written(&format!("we saw {n} cells")), &expected);
        prop_assert_eq!(&written(&expected), &expected);
    }

    #[test]
    fn any_words_give_no_panic_and_no_figure_without_a_source(
        places in prop::collection::vec(0..SOUP.len(), 0..24)
    ) {
        let heard: Vec<&str> = places.iter().map(|place| SOUP[*place]).collect();
        let lexicon = Lexicon::built_in();
        let (draft, _) = write_text(&heard.join(" "), &Request::new(&lexicon));
        for mark in &draft.marks {
            let text: String = draft.text.chars()
                .skip(mark.text.start as usize)
                .take((mark.text.end - mark.text.start) as usize)
                .collect();
            let sources = &heard[mark.words.start as usize..mark.words.end as usize];
            let told = sources.iter().any(|word| {
                word.bytes().any(|b| b.is_ascii_digit())
                    || word.split('-').any(|part| lex(part).is_some())
                    || matches!(*word, "II" | "IV" | "IIIA" | "i" | "v" | "hundred" | "½" | "next")
            });
            let figure = text.bytes().any(|b| b.is_ascii_digit());
            prop_assert!(!figure || told, "{text} of {sources:?} in {heard:?}");
        }
    }
}

const SOUP: &[&str] = &[
    "one",
    "two",
    "three",
    "five",
    "twenty",
    "fifty",
    "ninety-two",
    "hundred",
    "thousand",
    "million",
    "oh",
    "point",
    "zero",
    "first",
    "third",
    "half",
    "thirds",
    "and",
    "a",
    "the",
    "over",
    "by",
    "to",
    "out",
    "of",
    "per",
    "minus",
    "plus",
    "percent",
    "mg",
    "milligrams",
    "c",
    "t",
    "l",
    "s",
    "g",
    "p",
    "q",
    "h",
    "i",
    "v",
    "d",
    "b",
    "x",
    "y",
    "m",
    "n",
    "stage",
    "grade",
    "class",
    "type",
    "IV",
    "II",
    "IIIA",
    "leads",
    "avf",
    "times",
    "number",
    "blade",
    "vicryl",
    "gauge",
    "gravida",
    "para",
    "apgars",
    "at",
    "minutes",
    "blood",
    "pressure",
    "march",
    "may",
    "in",
    "year",
    "old",
    "o'clock",
    "am",
    "hours",
    "5",
    "120/80",
    "3-0",
    "0.5mg",
    ".5",
    "5.0",
    "1,000",
    "L4-L5",
    "98.6°F",
    "7",
    "007",
    "99999999999999999999999",
    "1/2",
    "½",
    "µg",
    "-",
    "/",
    "<",
    "x3",
    "#2",
    "t(9;22)",
    "period",
    "comma",
    "colon",
    "metoprolol",
    "daily",
    "BID",
    "q4h",
    "MS",
    "D/C",
    "vision",
    "pain",
    "specific",
    "gravity",
    "phone",
    "double",
    "genotype",
    "karyotype",
    "factor",
    "nerves",
    "1.5-cm",
];
