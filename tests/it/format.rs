//! `chartscribe format` as a person or a script runs it.

use super::speech::program;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

const PAIRS: &str = include_str!("../data/formatting-pairs.tsv");

fn format(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(program())
        .arg("format")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("its input is a pipe");
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("the writer ends").expect("the program reads its input");
    output
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("results are UTF-8")
}

fn column(place: usize) -> Vec<&'static str> {
    PAIRS.lines().skip(1).filter_map(|row| row.split('\t').nth(place)).collect()
}

#[test]
fn each_line_of_input_is_one_line_of_output_in_order() {
    let (spoken, written) = (column(1), column(2));
    let output = format(&["--lines"], &(spoken.join("\n") + "\n"));
    assert_eq!(output.status.code(), Some(0));
    let found = stdout(&output);
    let found: Vec<&str> = found.lines().collect();
    assert_eq!(found.len(), written.len());
    let wrong: Vec<_> =
        found.iter().zip(&written).filter(|(found, wanted)| found != wanted).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_is_written_stays_in_every_mode() {
    let written = column(2).join("\n") + "\n";
    for mode in ["spoken", "auto", "mixed"] {
        let output = format(&["--lines", "--mode", mode], &written);
        assert_eq!(stdout(&output), written, "{mode}");
    }
}

#[test]
fn json_has_text_changes_flags_and_sections() {
    let spoken =
        "chief complaint colon chest pain period left no right arm period end of dictation";
    let output = format(&["--json", "--work-type", "HP"], spoken);
    let document: Value = serde_json::from_str(&stdout(&output)).expect("it is JSON");
    assert_eq!(document["sections"][0], "CHIEF COMPLAINT");
    assert!(document["text"].as_str().is_some_and(|text| text.starts_with("CHIEF COMPLAINT: Ch")));
    let kinds: Vec<&str> = document["flags"]
        .as_array()
        .expect("flags are a list")
        .iter()
        .filter_map(|flag| flag["kind"].as_str())
        .collect();
    assert!(kinds.contains(&"SELF-CORRECTION") && kinds.contains(&"SECTION-MISSING"), "{kinds:?}");
    let heard: Vec<&str> = document["changes"]
        .as_array()
        .expect("changes are a list")
        .iter()
        .filter_map(|change| change["heard"].as_str())
        .collect();
    assert!(heard.contains(&"period") && heard.contains(&"end of dictation"), "{heard:?}");
}

#[test]
fn a_normal_is_put_in_by_its_name_and_flagged() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("normals.tsv");
    fs::write(&file, "chest exam\tLungs are clear.\\nBreath sounds [quality].\n").expect("written");
    let normals = file.to_str().expect("a plain path");
    let said = "insert my normal chest examination period heart is regular period";
    let output = format(&["--normals", normals, "--lines"], &format!("{said}\n"));
    assert_eq!(stdout(&output), "Lungs are clear.\\nBreath sounds ____. Heart is regular.\n");
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
    for arguments in [&["--mode", "loud"][..], &["--work-type", "nonsense"]] {
        assert_eq!(format(arguments, "").status.code(), Some(2), "{arguments:?}");
    }
}

/// Spoken as one breath, with every command; the line breaks of the file are for its reader.
#[test]
fn five_whole_reports_are_written_as_they_should_be() {
    for (name, work_type) in [
        ("discharge-summary", "DS"),
        ("history-and-physical", "HP"),
        ("operative-report", "OP"),
        ("progress-note", "PN"),
        ("radiology-report", "DI"),
    ] {
        let read = |kind: &str| {
            let path =
                format!("{}/tests/data/reports/{name}.{kind}.txt", env!("CARGO_MANIFEST_DIR"));
            fs::read_to_string(path).expect("a committed report")
        };
        let spoken = read("spoken").split_whitespace().collect::<Vec<_>>().join(" ");
        let output = format(&["--work-type", work_type], &spoken);
        assert_eq!(stdout(&output).trim_end(), read("written").trim_end(), "{name}");
    }
}
