//! `chartscribe transcribe` as a person or a script runs it.

use super::speech::{models_folder, program, sample};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn command() -> Command {
    let mut command = Command::new(program());
    command.env("CHARTSCRIBE_MODELS", models_folder()).args([
        "transcribe",
        "--model",
        "tiny.en",
        "--threads",
        "1",
    ]);
    command
}

fn run(arguments: &[&str], files: &[&Path]) -> Output {
    command().args(arguments).args(files).output().expect("the program runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("results are UTF-8")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn text_goes_to_standard_output_and_nothing_else_does() {
    let output = run(&["--plain"], &[&sample("short.flac")]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = stdout(&output);
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("repeat the potassium on Friday"), "{text}");
    assert_eq!(stderr(&output), "", "no progress where standard error is no terminal");
}

#[test]
fn json_is_one_document_a_line_in_the_order_of_the_files() {
    let files = [sample("short.flac"), sample("medium.flac")];
    let output = run(&["--format", "json"], &[&files[0], &files[1]]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let documents: Vec<Value> = stdout(&output)
        .lines()
        .map(|line| serde_json::from_str(line).expect("each line is JSON"))
        .collect();
    assert_eq!(documents.len(), 2);
    assert!(documents[0]["text"].as_str().is_some_and(|text| text.contains("potassium")));
    assert!(documents[1]["text"].as_str().is_some_and(|text| text.contains("pneumonia")));
    for document in &documents {
        assert_eq!(document["model"], "tiny.en");
        assert!(document["changes"].is_array() && document["flags"].is_array());
        let words = document["words"].as_array().expect("words are a list");
        assert!(words.iter().all(|word| word["end_ms"].is_u64() && word["confidence"].is_f64()));
    }
}

#[test]
fn subtitles_have_times() {
    let output = run(&["--format", "srt"], &[&sample("short.flac")]);
    let text = stdout(&output);
    assert!(text.starts_with("1\n00:00:0"), "{text}");
    let output = run(&["--format", "vtt"], &[&sample("short.flac")]);
    assert!(stdout(&output).starts_with("WEBVTT\n\n00:00:0"));
}

#[test]
fn a_file_that_is_no_audio_fails_alone() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = folder.path().join("note.wav");
    fs::write(&text, "Dear colleague").expect("a file is written");
    let output = run(&[], &[&text, &sample("short.flac")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("note.wav: the file is not audio"), "{}", stderr(&output));
    assert!(stdout(&output).contains("potassium"));
}

#[test]
fn a_cut_off_recording_is_heard_as_far_as_it_goes_and_flagged() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cut = folder.path().join("cut.flac");
    let whole = fs::read(sample("medium.flac")).expect("the sample is there");
    fs::write(&cut, &whole[..whole.len() / 2]).expect("a file is written");
    let output = run(&["--format", "json"], &[&cut]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let document: Value = serde_json::from_str(&stdout(&output)).expect("it is JSON");
    assert_eq!(document["flags"][0]["kind"], "TRUNCATED");
    let text = document["text"].as_str().expect("there is text");
    assert!(text.contains("diabetes") && !text.contains("six weeks"), "{text}");
}

#[cfg(feature = "faults")]
#[test]
fn a_file_on_which_the_engine_dies_is_tried_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let trigger = folder.path().join("abort");
    fs::write(&trigger, "").expect("the trigger is set");
    let output = command()
        .env(chartscribe::speech::engine::ABORT_ONCE, &trigger)
        .arg(sample("short.flac"))
        .output()
        .expect("the program runs");
    assert!(!trigger.exists(), "the engine died once");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("potassium"));
}

#[test]
fn a_missing_model_is_named_with_the_command_that_installs_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = command()
        .env("CHARTSCRIBE_MODELS", folder.path())
        .arg(sample("short.flac"))
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    let message = stderr(&output);
    assert!(message.contains("run `chartscribe model install tiny.en`"), "{message}");
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
    for arguments in [&["--format", "pdf"][..], &["--work-type", "nonsense"], &[]] {
        assert_eq!(run(arguments, &[]).status.code(), Some(2), "{arguments:?}");
    }
}

/// How far a hearing may be from the one that is kept: processors add up in other orders.
const CHANGED_MAX: f64 = 0.05;

/// A whole report with every command, heard by the default model, and the draft of it.
#[test]
fn a_whole_spoken_report_is_heard_and_written_as_it_is_kept() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/reports");
    let file = |kind: &str| folder.join(format!("radiology-report.{kind}"));
    let read = |kind: &str| fs::read_to_string(file(kind)).expect("a committed report");
    let mut command = Command::new(program());
    command.env("CHARTSCRIBE_MODELS", models_folder());
    command.args(["transcribe", "--threads", "2", "--format", "json"]);
    let output = command.arg(file("flac")).output();
    let output = output.expect("the program runs");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let document: Value = serde_json::from_str(stdout(&output).trim()).expect("one document");
    let words = document["words"].as_array().expect("words are a list");
    let heard: Vec<&str> = words.iter().filter_map(|word| word["text"].as_str()).collect();
    let kept = read("heard.tsv");
    let kept: Vec<&str> = kept.lines().skip(1).filter_map(|row| row.split('\t').nth(3)).collect();
    assert_near(&heard, &kept);
    let (draft, golden) = (document["text"].as_str().unwrap_or_default(), read("draft.txt"));
    assert_near(
        &draft.split_whitespace().collect::<Vec<_>>(),
        &golden.split_whitespace().collect::<Vec<_>>(),
    );
}

fn assert_near(found: &[&str], kept: &[&str]) {
    let changed = strsim::generic_levenshtein(&found.to_vec(), &kept.to_vec());
    let share = changed as f64 / kept.len().max(1) as f64;
    assert!(share <= CHANGED_MAX, "{changed} of {} words differ:\n{found:?}", kept.len());
}
