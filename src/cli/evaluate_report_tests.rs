//! Tests of the layout, on figures made by hand.

use super::*;
use crate::evaluate::align::Errors;
use crate::evaluate::score::{Alterations, Terms};
use insta::assert_snapshot;

fn group(pass: Pass, voice: Option<&str>) -> Group {
    Group { pass, set: None, voice: voice.map(str::to_owned) }
}

fn measured() -> Measured {
    let mut figures = Figures {
        recordings: 2,
        audio_ms: 90_000,
        elapsed: Duration::from_millis(9_000),
        words: 200,
        errors: Errors { substitutions: 20, deletions: 3, insertions: 1 },
        terms: Terms { said: 8, found: 6, written: 7, written_rightly: 6 },
        ..Figures::default()
    };
    figures.calibration.count(0.95, true);
    figures.calibration.count(0.25, false);
    let mut draft = Figures { calibration: Calibration::default(), ..figures.clone() };
    draft.alterations = Alterations { mended: 5, false_ones: 1, drug_for_drug: 1 };
    let false_alterations = vec![FalseAlteration {
        file: "a.wav".into(),
        pass: Pass::Draft,
        said: "metformin".into(),
        now: None,
        is_drug_for_drug: true,
    }];
    let figures = vec![
        (group(Pass::Plain, None), figures.clone()),
        (group(Pass::Plain, Some("joe")), Figures::default()),
        (group(Pass::Draft, None), draft),
    ];
    Measured {
        model: "base".into(),
        threads: 2,
        failed: 1,
        load: Duration::from_millis(840),
        engine_kib: Some(409_600),
        program_kib: None,
        report: Report { figures, false_alterations },
        safety: None,
    }
}

#[test]
fn the_table_has_a_line_for_each_group_and_what_is_about_the_whole_after_it() {
    let text = table(&measured()).replace("  ", " ").replace("  ", " ");
    assert_snapshot!(text, @r#"
    base, 2 threads: 2 recordings, 1.5 min
    recordings that failed and are in no figure: 1

    pass set voice words errors sub del ins terms recall precision mended false calibration x time
    plain all all  200 12.00 % 20 3 1  8 75.00 % 85.71 %      0.150 0.100
    plain all joe  0  - 0 0 0  0  -   -       -  -
    draft all all  200 12.00 % 20 3 1  8 75.00 % 85.71 %  5  1    0.100

    draft: 5.00 false alterations in 1,000 words, 1 of them a drug for another drug

    plain: confidence and accuracy of heard words
    confidence words mean right
    0.0 to 0.1  0  -  -
    0.1 to 0.2  0  -  -
    0.2 to 0.3  1 0.250 0.000
    0.3 to 0.4  0  -  -
    0.4 to 0.5  0  -  -
    0.5 to 0.6  0  -  -
    0.6 to 0.7  0  -  -
    0.7 to 0.8  0  -  -
    0.8 to 0.9  0  -  -
    0.9 to 1.0  1 0.950 1.000

    peak memory: engine 400 MiB, program unknown
    model loaded in 0.8 s, which is in no other figure
    "#);
}

#[test]
fn the_json_has_the_same_keys_for_each_group() {
    let text = json(&measured()).replace("{\"pass", "\n{\"pass").replace(",\"", ",\n\"");
    assert_snapshot!(text, @r#"
    {"model":"base",
    "threads":2,
    "failed":1,
    "load_s":0.84,
    "engine_kib":409600,
    "program_kib":null,
    "figures":[
    {"pass":"plain",
    "set":null,
    "voice":null,
    "recordings":2,
    "audio_s":90.0,
    "elapsed_s":9.0,
    "real_time_factor":0.1,
    "words":200,
    "substitutions":20,
    "deletions":3,
    "insertions":1,
    "word_error":0.12,
    "terms_said":8,
    "terms_found":6,
    "terms_written":7,
    "terms_written_rightly":6,
    "recall":0.75,
    "precision":0.8571,
    "mended":0,
    "false_alterations":0,
    "false_alterations_per_thousand":0.0,
    "drug_for_drug":0,
    "calibration_error":0.15,
    "calibration":[{"from":0.2,
    "to":0.3,
    "words":1,
    "confidence":0.25,
    "accuracy":0.0},{"from":0.9,
    "to":1.0,
    "words":1,
    "confidence":0.95,
    "accuracy":1.0}]},
    {"pass":"plain",
    "set":null,
    "voice":"joe",
    "recordings":0,
    "audio_s":0.0,
    "elapsed_s":0.0,
    "real_time_factor":null,
    "words":0,
    "substitutions":0,
    "deletions":0,
    "insertions":0,
    "word_error":null,
    "terms_said":0,
    "terms_found":0,
    "terms_written":0,
    "terms_written_rightly":0,
    "recall":null,
    "precision":null,
    "mended":0,
    "false_alterations":0,
    "false_alterations_per_thousand":null,
    "drug_for_drug":0,
    "calibration_error":null,
    "calibration":[]},
    {"pass":"draft",
    "set":null,
    "voice":null,
    "recordings":2,
    "audio_s":90.0,
    "elapsed_s":9.0,
    "real_time_factor":0.1,
    "words":200,
    "substitutions":20,
    "deletions":3,
    "insertions":1,
    "word_error":0.12,
    "terms_said":8,
    "terms_found":6,
    "terms_written":7,
    "terms_written_rightly":6,
    "recall":0.75,
    "precision":0.8571,
    "mended":5,
    "false_alterations":1,
    "false_alterations_per_thousand":5.0,
    "drug_for_drug":1,
    "calibration_error":null,
    "calibration":[]}],
    "false_alterations":[{"file":"a.wav",
    "pass":"draft",
    "said":"metformin",
    "now":null,
    "drug_for_drug":true}],
    "safety":null}
    "#);
}
