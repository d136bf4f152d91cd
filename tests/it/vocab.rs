//! The lexicon as the program has it: what it knows, what it finds, what it must leave alone,
//! and the layers that a site adds.
//!
//! Not for: measuring on recordings (`benches/vocab.rs`).

use super::support::TestSite;
use chartscribe::vocab::candidates::{for_place, for_span};
use chartscribe::vocab::context::Context;
use chartscribe::vocab::correct::{Correction, correct};
use chartscribe::vocab::lexicon::{AddedTerm, Layer, Lexicon};
use chartscribe::vocab::lists::{Format, read};
use chartscribe::vocab::term::{Subject, key};
use chartscribe::workflow::error::WorkflowError;
use chartscribe::workflow::site::Acting;
use chartscribe::workflow::vocabulary::{self, Effect};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const SPECIALTIES: &str = include_str!("../data/vocab/specialties.tsv");
const NOTES: &str = include_str!("../data/vocab/notes.txt");

/// The goal of the lexicon.
const TERMS_MIN: usize = 100_000;

fn found(lexicon: &Lexicon, heard: &str, most: usize) -> Vec<String> {
    let words: Vec<&str> = heard.split(' ').collect();
    let candidates = for_place(lexicon, &words, most);
    candidates.iter().map(|candidate| key(lexicon.term(candidate.id).text)).collect()
}

fn decided(heard: &str, after: &[&str]) -> Correction {
    let words: Vec<&str> = heard.split(' ').collect();
    correct(&Lexicon::built_in(), &words, &Context { after, ..Context::default() })
}

#[test]
fn every_entry_is_found_by_its_own_spelling() {
    let lexicon = Lexicon::built_in();
    assert!(lexicon.len() >= TERMS_MIN, "{} terms", lexicon.len());
    for id in lexicon.ids() {
        let term = lexicon.term(id);
        assert_eq!(lexicon.find(term.text), Some(id), "{}", term.text);
    }
}

#[test]
fn the_medicines_of_twenty_specialties_are_known() {
    let lexicon = Lexicon::built_in();
    let medicines: Vec<&str> = SPECIALTIES
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once('\t'))
        .flat_map(|(_, names)| names.split(", "))
        .collect();
    let known =
        |name: &&&str| lexicon.find(name).is_some_and(|id| lexicon.term(id).subjects.is_drug());
    let missing: Vec<&&str> = medicines.iter().filter(|name| !known(name)).collect();
    assert!(medicines.len() >= 800, "{}", medicines.len());
    assert!(missing.len() * 100 <= medicines.len(), "{missing:?}");
}

#[test]
fn a_misheard_term_is_among_the_candidates_of_its_place() {
    let lexicon = Lexicon::built_in();
    for (heard, term) in [
        ("levator acetam", "levetiracetam"),
        ("cold acolythiasis", "cholelithiasis"),
        ("colicistitis", "cholecystitis"),
        ("a big 75", "apixaban"),
        ("my review", "myoview"),
        ("unloved of statin", "lovastatin"),
        ("phlegial", "flagyl"),
        ("zyla came", "xylocaine"),
        ("top and x", "topamax"),
        ("air ice up", "aricept"),
        ("the staxis", "epistaxis"),
        ("choney", "choanae"),
        ("isophagog astraduodinaska", "esophagogastroduodenoscopy"),
        ("thora sentences", "thoracentesis"),
        ("tears up a tide", "tirzepatide"),
        ("acetamol", "paracetamol"),
        ("charge", "discharge"),
        ("coughed", "cough"),
    ] {
        let candidates = found(&lexicon, heard, 30);
        assert!(candidates.iter().any(|c| c == term), "{heard}: {candidates:?}");
    }
}

#[test]
fn what_was_heard_is_not_its_own_candidate() {
    let lexicon = Lexicon::built_in();
    assert!(!found(&lexicon, "metoprolol", 30).contains(&"metoprolol".to_owned()));
}

#[test]
fn a_word_of_no_list_is_replaced_by_the_one_term_that_it_sounds_like() {
    for (heard, after, expected) in [
        ("levator acetam", &["500", "mg", "twice"][..], "levetiracetam"),
        ("metropolol", &["25", "mg"], "metoprolol"),
        ("colicistitis", &[], "cholecystitis"),
    ] {
        match decided(heard, after) {
            Correction::Replace(by) => assert_eq!(by.text, expected, "{heard}"),
            Correction::Suggest(shown) => assert_eq!(shown[0].text, expected, "{heard}"),
            kept @ Correction::Keep { .. } => panic!("{heard}: {kept:?}"),
        }
    }
}

#[test]
fn valid_readings_numbers_sides_and_negations_stay() {
    for heard in [
        "metoprolol",
        "hydralazine",
        "hypokalemia",
        "hyperkalemia",
        "dysphagia",
        "left",
        "right knee",
        "no fever",
        "fifteen",
        "ileum",
        "dose",
        "adhesions",
        "from",
        "holosystolic",
        "fistulectomy",
        "rheumatological",
        "isn\u{2019}t any",
    ] {
        let decision = decided(heard, &["10", "mg"]);
        assert!(!matches!(decision, Correction::Replace(_)), "{heard}: {decision:?}");
    }
}

#[test]
fn a_valid_look_alike_is_kept_and_its_rival_named() {
    match decided("bupropion", &["150", "mg"]) {
        Correction::Keep { rivals } => assert!(rivals.contains(&"buspirone".to_owned())),
        other => panic!("{other:?}"),
    }
}

#[test]
fn words_of_ordinary_english_are_marked() {
    let lexicon = Lexicon::built_in();
    for word in ["dose", "cough", "heart", "back pain", "discharge"] {
        let Some(id) = lexicon.find(word) else { continue };
        let ordinary = lexicon.term(id).ordinary;
        assert_eq!(ordinary, !word.contains(' '), "{word}");
    }
}

#[test]
fn the_fields_spelling_is_kept() {
    let lexicon = Lexicon::built_in();
    for text in ["NovoLog", "von Willebrand disease", "mEq", "pH", "E. coli", "SARS-CoV-2"] {
        let id = lexicon.find(&text.to_lowercase()).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(lexicon.term(id).text, text);
    }
}

#[test]
fn nothing_right_is_replaced_in_our_own_notes() {
    let lexicon = Lexicon::built_in();
    let mut replaced = Vec::new();
    for line in NOTES.lines() {
        let words: Vec<&str> = line
            .split_whitespace()
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
            .filter(|word| !word.is_empty())
            .collect();
        for first in 0..words.len() {
            for last in first + 1..=words.len().min(first + 3) {
                let context = Context {
                    before: &words[..first],
                    after: &words[last..],
                    begins_sentence: first == 0,
                    ..Context::default()
                };
                if let Correction::Replace(by) = correct(&lexicon, &words[first..last], &context) {
                    replaced.push(format!("{} -> {}", words[first..last].join(" "), by.text));
                }
            }
        }
    }
    assert!(replaced.is_empty(), "{replaced:?}");
}

#[test]
fn the_nearest_layer_decides_and_its_terms_come_first() {
    let term = |text: &str, layer| AddedTerm {
        term: text.into(),
        subject: Subject::Name,
        layer,
        said: Some("thislthwait".into()),
    };
    let lexicon = Lexicon::with([
        term("Thistlethwaite", Layer::Site),
        term("ThistleThwaite", Layer::Patient),
    ]);
    let id = lexicon.find("thistlethwaite").expect("an added term");
    assert_eq!(lexicon.term(id).text, "ThistleThwaite");
    assert_eq!(lexicon.term(id).layer, Layer::Patient);
    let best = for_span(&lexicon, &["thissel", "thwaite"], 1);
    assert_eq!(lexicon.term(best[0].id).text, "ThistleThwaite");
}

fn import(site: &TestSite, who: &Acting, list: &str) -> Result<Effect, WorkflowError> {
    let of = vocabulary::layer_of(Layer::Site, "").expect("the site's layer");
    vocabulary::import(&site.site, who, &of, &read(list, Format::Plain).terms)
}

#[test]
fn an_imported_list_hears_with_the_next_dictation() {
    let site = TestSite::new();
    let who = site.who("admin");
    let effect = import(&site, &who, "Zaontz\nGlanzmann repair\naspirin\n").expect("imported");
    assert_eq!(effect, Effect { added: 3, changed: 0, unchanged: 0, built_in: 1 });
    let again = import(&site, &who, "ZAONTZ\naspirin\n").expect("imported");
    assert_eq!(again, Effect { added: 0, changed: 1, unchanged: 1, built_in: 1 });
    let terms = vocabulary::terms(&site.site, site.who("ada").person_id().expect("a person"), None);
    let lexicon = Lexicon::with(terms.expect("readable"));
    let id = lexicon.find("zaontz").expect("the site's term");
    assert_eq!(lexicon.term(id).text, "ZAONTZ");
}

#[test]
fn an_author_changes_their_own_layer_and_no_other() {
    let site = TestSite::new();
    let ada = site.who("ada");
    assert!(matches!(import(&site, &ada, "Zaontz\n"), Err(WorkflowError::Forbidden { .. })));
    let terms = read("Zaontz\n", Format::Plain).terms;
    for (owner, allowed) in [("ada", true), ("ben", false)] {
        let owner = site.who(owner).person_id().expect("a person").to_string();
        let of = vocabulary::layer_of(Layer::Author, &owner).expect("an author's layer");
        let result = vocabulary::import(&site.site, &ada, &of, &terms);
        assert_eq!(result.is_ok(), allowed);
    }
    let of = vocabulary::layer_of(Layer::Author, &ada.person_id().expect("a person").to_string());
    let listed = vocabulary::list(&site.site, &ada, &of.expect("a layer")).expect("readable");
    assert_eq!(listed.len(), 1);
    assert!(listed[0].added_by.starts_with("person:"));
}

fn program(arguments: &[&str]) -> (Option<i32>, String, String) {
    command(&[&["vocab"], arguments].concat())
}

fn command(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_chartscribe"))
        .args(arguments)
        .env_remove("CHARTSCRIBE_CONFIG")
        .env_remove("CHARTSCRIBE_DATA")
        .env_remove("CHARTSCRIBE_KEY_FILE")
        .output()
        .expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_command_looks_words_up_and_checks_a_text() {
    let (code, out, _) = program(&["lookup", "Eliquis"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("of: apixaban") && out.contains("2.5 to 10 mg"), "{out}");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("note.txt");
    std::fs::write(&path, "She takes metropolol 25 mg daily.\n").expect("written");
    let (code, out, err) = program(&["check", path.to_str().expect("a path")]);
    assert_eq!(code, Some(1));
    assert!(out.contains("1\tmetropolol\t") && out.contains("metoprolol"), "{out}");
    assert!(err.contains("1 in no list"), "{err}");
}

#[test]
fn the_command_knows_the_layers_of_the_data_folder_that_it_is_given() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    let (data, key_file, list, note) =
        (path("data"), path("key"), path("list.txt"), path("note.txt"));
    let place = ["--data", &data, "--key-file", &key_file];
    assert_eq!(command(&[&["init"][..], &place].concat()).0, Some(0));
    std::fs::write(&list, "Zaontzlinger\n").expect("written");
    std::fs::write(&note, "The Zaontzlinger was used.\n").expect("written");
    let department = ["--layer", "department", "--owner", "Urology", "--yes", &list];
    let (code, _, err) = program(&[&["import"][..], &department, &place].concat());
    assert_eq!(code, Some(0), "{err}");
    let with = |what: &[&str], more: &[&str]| program(&[what, &place, more].concat());
    let urology = ["--department", "Urology"];
    assert_eq!(with(&["lookup", "Zaontzlinger"], &[]).0, Some(1));
    let (code, out, _) = with(&["lookup", "Zaontzlinger"], &urology);
    assert_eq!(code, Some(0));
    assert!(out.contains("Zaontzlinger") && out.contains("department"), "{out}");
    assert_eq!(with(&["check", &note], &urology).0, Some(0));
    assert_eq!(program(&["check", &note]).0, Some(1));
    let (code, _, err) = program(&["lookup", "Zaontzlinger", "--department", "Urology"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("--data"), "{err}");
}

#[test]
fn a_reader_that_closes_early_ends_a_command_without_a_word() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_chartscribe"))
        .args(["vocab", "export", "--layer", "built-in"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut first = String::new();
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
    lines.read_line(&mut first).expect("a line");
    drop(lines);
    let ended = child.wait_with_output().expect("the program ends");
    assert!(first.starts_with("term\t"), "{first}");
    assert!(ended.status.success(), "{}", ended.status);
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

#[test]
fn a_list_with_a_bad_line_is_not_imported_and_the_line_is_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("list.csv");
    std::fs::write(&path, "term,subject\nZaontz,name\n,name\n").expect("written");
    let (code, _, err) = program(&["import", path.to_str().expect("a path"), "--yes"]);
    assert_eq!(code, Some(1));
    assert!(err.contains("line 3: the term is empty"), "{err}");
    assert!(err.contains("nothing was imported"), "{err}");
}
