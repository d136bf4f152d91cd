//! What a recogniser writes by habit, and what only looks like it.

use crate::text::testing::{check, written};

#[test]
fn how_a_medicine_is_given_is_read_from_letters_cut_anywhere() {
    check(&[
        ("Ondansetron 4 mg IVQ8HPRN.", "Ondansetron 4 mg IV q.8 h. p.r.n."),
        ("Furosemide 20 mg IVB ID.", "Furosemide 20 mg IV b.i.d."),
        ("Vancomycin 1250 mg I vq 12 hours.", "Vancomycin 1,250 mg IV every 12 hours."),
        ("Heparin 5000 units sub QTID.", "Heparin 5,000 units subcutaneously t.i.d."),
        ("Zolpidem 5 mg QHSPRN.", "Zolpidem 5 mg at bedtime p.r.n."),
        ("Carvedilol 6.25 mg b id.", "Carvedilol 6.25 mg b.i.d."),
        ("Trazodone 50 mg qh s.", "Trazodone 50 mg at bedtime."),
    ]);
}

#[test]
fn values_are_parted_from_the_names_they_run_into() {
    check(&[
        ("AL-T-51 and BU-N22.", "ALT 51 and BUN 22."),
        ("HBA1C9.1%", "HbA1c 9.1%"),
        ("PCO 268 and P0254.", "pCO2 68 and pO2 54."),
        ("Vitamin E400i U daily.", "Vitamin E 400 international units daily."),
        ("Vitamin D1000i, you daily.", "Vitamin D 1,000 international units daily."),
        ("MS042mg IV", "Morphine sulfate 2 mg IV"),
        ("Translocation T814.", "Translocation t(8;14)."),
        ("Fusion from t-10 through l-2.", "Fusion from T10 through L2."),
        ("Epidural at T1011.", "Epidural at T10-11."),
        ("At 830 AM he left.", "At 8:30 a.m. he left."),
        ("Urine specific gravity 10 25.", "Urine specific gravity 1.025."),
        ("Seen on January 1, 2020-6.", "Seen on January 1, 2026."),
        ("She is well-period.", "She is well."),
        ("He is on Warfarin and had a Laminectomy.", "He is on warfarin and had a laminectomy."),
        ("He takes aspirin, Metoprolol succinate.", "He takes aspirin, metoprolol succinate."),
        ("White Count 9200.", "White count 9200."),
    ]);
}

#[test]
fn what_only_looks_run_together_stays() {
    for text in [
        "From 2020-2024 he lived abroad.",
        "BP 120/80 and T1-weighted images.",
        "IVC filter, PRBC 2 units, and POC glucose.",
        "HER2/neu positive, PO2 of 80 not sent.",
        "He took 20 mg in the morning.",
        "A T2-weighted sequence of the L-spine.",
        "Dr. Laminecto was paged.",
        "Seen by C.T. Jones.",
        "Seen by Karen Moss.",
        "MSH2 mutation.",
        "The ICU team gave 2 g IV over 30 minutes.",
    ] {
        let again = written(text);
        assert!(again == text || again == text.replace("PO2", "pO2"), "{text}\n{again}");
    }
}
