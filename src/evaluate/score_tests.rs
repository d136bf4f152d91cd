//! Tests of the counting, on texts made by hand.

use super::*;

fn row(file: &str, reference: &str, terms: &str, voice: Option<&str>) -> Row {
    Row {
        line: 2,
        file: file.into(),
        reference: reference.into(),
        terms: terms.split_whitespace().map(str::to_owned).collect(),
        set: Some("clean".into()),
        voice: voice.map(str::to_owned),
        slots: vec![],
    }
}

fn transcript(words: &[(&str, f32)]) -> Transcript {
    let word = |&(text, confidence): &(&str, f32)| Word {
        text: text.into(),
        start_ms: 0,
        end_ms: 0,
        confidence,
    };
    let words = words.iter().map(word).collect();
    Transcript { words, doubts: vec![], reconsidered: vec![], audio_ms: 1000, model: "base".into() }
}

fn figures(report: &Report, pass: Pass) -> Figures {
    let whole = Group { pass, set: None, voice: None };
    report.figures.iter().find(|(group, _)| *group == whole).expect("a pass of all").1.clone()
}

/// The figures of plain and draft, and the false alterations.
fn scored(reference: &str, terms: &str, plain: &str, draft: &str) -> (Figures, Figures, Report) {
    let row = row("a.wav", reference, terms, None);
    let passes = vec![
        (Pass::Plain, Text::Written(plain), Duration::from_millis(250)),
        (Pass::Draft, Text::Written(draft), Duration::from_millis(500)),
    ];
    let recordings = [Recording { row: &row, audio_ms: 1000, passes }];
    let report = score(&recordings, &Lexicon::built_in());
    (figures(&report, Pass::Plain), figures(&report, Pass::Draft), report)
}

#[test]
fn word_errors_are_counted_after_normalising() {
    let reference = "Take warfarin, twenty five mg.";
    let (plain, draft, _) = scored(reference, "", "take war for in 25 MG", "Take warfarin 25 mg.");
    assert_eq!((plain.words, plain.errors.total(), plain.word_error()), (4, 3, Some(0.75)));
    assert_eq!((draft.errors.total(), draft.real_time_factor()), (0, Some(0.5)));
    assert_eq!(draft.alterations.mended, 1);
    assert_eq!(plain.alterations, Alterations::default());
}

#[test]
fn a_term_counts_as_often_as_it_was_said_and_one_put_in_lowers_the_precision() {
    let (plain, draft, _) = scored(
        "Heparin stopped, heparin restarted, no gout.",
        "heparin gout lasix",
        "heparin stopped happening restarted no gout",
        "heparin stopped heparin restarted heparin lasix gout",
    );
    assert_eq!(plain.terms, Terms { said: 3, found: 2, written: 2, written_rightly: 2 });
    assert_eq!(draft.terms, Terms { said: 3, found: 3, written: 5, written_rightly: 3 });
    assert_eq!((plain.recall(), draft.precision()), (Some(2.0 / 3.0), Some(0.6)));
}

#[test]
fn a_word_that_plain_had_right_and_is_wrong_now_is_a_false_alteration() {
    let (_, draft, report) = scored(
        "takes metformin and lisinopril for her heart",
        "",
        "takes metformin and listen pearl for her heart",
        "takes warfarin and lisinopril for heart",
    );
    assert_eq!(draft.alterations, Alterations { mended: 1, false_ones: 2, drug_for_drug: 1 });
    assert_eq!(draft.false_alterations_per_thousand(), Some(2000.0 / 7.0));
    let shown: Vec<_> = report
        .false_alterations
        .iter()
        .map(|one| (one.said.as_str(), one.now.as_deref(), one.is_drug_for_drug))
        .collect();
    assert_eq!(shown, [("metformin", Some("warfarin"), true), ("her", None, false)]);
}

#[test]
fn each_heard_word_is_calibrated_by_all_that_is_left_of_it() {
    let row = row("a.wav", "She's on twenty five mg.", "", None);
    let heard = transcript(&[
        ("Um,", 0.15),
        ("she's", 0.95),
        ("on", 0.85),
        ("twenty", 0.75),
        ("five", 0.65),
        ("m.g.", 0.55),
    ]);
    let passes = vec![(Pass::Plain, Text::Heard(&heard), Duration::ZERO)];
    let recordings = [Recording { row: &row, audio_ms: 1000, passes }];
    let calibration = figures(&score(&recordings, &Lexicon::built_in()), Pass::Plain).calibration;
    let counted: Vec<_> = calibration.bins.iter().map(|bin| (bin.words, bin.right)).collect();
    assert_eq!(calibration.words(), 5, "a filler is no word");
    assert_eq!(counted[5..], [(1, 0), (1, 1), (1, 1), (1, 1), (1, 1)]);
}

#[test]
fn groups_are_sums_over_sets_and_voices() {
    let rows = [
        row("a.wav", "no pain", "pain", Some("joe")),
        row("b.wav", "no fever", "fever", Some("ann")),
        row("c.wav", "no rash", "", None),
    ];
    let recordings: Vec<Recording<'_>> = rows
        .iter()
        .map(|row| Recording {
            row,
            audio_ms: 500,
            passes: vec![(Pass::Plain, Text::Written("no pain"), Duration::ZERO)],
        })
        .collect();
    let report = score(&recordings, &Lexicon::built_in());
    let shown: Vec<_> = report
        .figures
        .iter()
        .map(|(Group { set, voice, .. }, figures)| {
            let (set, voice) = (set.as_deref(), voice.as_deref());
            (set, voice, figures.recordings, figures.words, figures.errors.total())
        })
        .collect();
    let expected = [
        (None, None, 3, 6, 2),
        (None, Some("ann"), 1, 2, 1),
        (None, Some("joe"), 1, 2, 0),
        (Some("clean"), None, 3, 6, 2),
        (Some("clean"), Some("ann"), 1, 2, 1),
        (Some("clean"), Some("joe"), 1, 2, 0),
    ];
    assert_eq!(shown, expected);
}
