//! `chartscribe evaluate` as a site runs it, on two of our own recordings.

use super::speech::{models_folder, program, sample};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder with two recordings and their manifest.
fn site() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut table = String::from("voice\tfile\tset\tterms\treference\n");
    for (voice, name, set, terms) in [
        ("one", "short", "clean", "furosemide potassium"),
        ("two", "medium", "clean", "ceftriaxone azithromycin pneumonia metformin"),
    ] {
        let audio = format!("{name}.flac");
        fs::copy(sample(&audio), folder.path().join(&audio)).expect("the sample is copied");
        let reference = fs::read_to_string(sample(&format!("{name}.txt"))).expect("its text");
        let reference = reference.trim().replace('\n', "\\n");
        table.push_str(&format!("{voice}\t{audio}\t{set}\t{terms}\t{reference}\n"));
    }
    let manifest = folder.path().join("manifest.tsv");
    fs::write(&manifest, table).expect("the manifest is written");
    (folder, manifest)
}

fn run(manifest: &Path, arguments: &[&str]) -> Output {
    Command::new(program())
        .env("CHARTSCRIBE_MODELS", models_folder())
        .args(["evaluate", "--model", "tiny.en", "--threads", "1"])
        .arg(manifest)
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The figures of one pass over all recordings.
fn whole<'a>(report: &'a Value, pass: &str) -> &'a Value {
    let figures = report["figures"].as_array().expect("figures are a list");
    let is_it =
        |one: &&Value| one["pass"] == pass && one["set"].is_null() && one["voice"].is_null();
    figures.iter().find(is_it).expect("the pass is there")
}

#[test]
fn all_passes_are_measured_and_the_text_is_left_for_another_scorer() {
    let (folder, manifest) = site();
    let (context, hyp) = (folder.path().join("context.tsv"), folder.path().join("hyp.tsv"));
    fs::write(&context, "file\tdrugs\nshort.flac\tfurosemide; insulin glargine\n").expect("kept");
    let (context, hyp_name) = (context.to_string_lossy(), hyp.to_string_lossy());
    let output = run(&manifest, &["--format", "json", "--context", &context, "--hyp", &hyp_name]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stderr(&output).contains("known for 1 of 2 recordings"), "{}", stderr(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!((&report["model"], &report["failed"]), (&"tiny.en".into(), &0.into()));
    assert!(report["engine_kib"].as_u64().is_some_and(|kib| kib > 50_000), "{report}");
    for pass in ["plain", "vocabulary", "draft"] {
        let figures = whole(&report, pass);
        assert_eq!((&figures["recordings"], &figures["terms_said"]), (&2.into(), &6.into()));
        // The smallest model on clear speech; a floor, not a measurement.
        assert!(figures["word_error"].as_f64().is_some_and(|share| share < 0.3), "{figures}");
        assert!(figures["real_time_factor"].as_f64().is_some_and(|factor| factor > 0.0));
    }
    let groups = report["figures"].as_array().map_or(0, Vec::len);
    assert_eq!(groups, 3 * 6, "all, one set, two voices, two voices in the set");
    let heard = fs::read_to_string(&hyp).expect("the texts were written");
    let files: Vec<&str> = heard.lines().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(files, ["short.flac", "medium.flac"]);
    assert!(heard.contains("potassium"), "{heard}");
}

#[test]
fn the_table_of_a_plain_run_has_one_pass_and_a_recording_that_fails_is_named() {
    let (folder, manifest) = site();
    fs::write(folder.path().join("medium.flac"), "Dear colleague").expect("no audio");
    let output = run(&manifest, &["--plain"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("medium.flac: the file is not audio"), "{}", stderr(&output));
    let table = String::from_utf8_lossy(&output.stdout);
    assert!(table.contains("failed and are in no figure: 1"), "{table}");
    assert!(table.contains("\nplain  all") && table.contains("peak memory: engine"), "{table}");
    assert!(!table.contains("draft") && !table.contains("false alterations"), "{table}");
}

#[test]
fn a_manifest_or_context_that_cannot_be_used_is_refused_before_any_work() {
    let (folder, manifest) = site();
    let refused = |table: &str, expected: &str| {
        let bad = folder.path().join("bad.tsv");
        fs::write(&bad, table).expect("a table is written");
        let output = run(&bad, &[]);
        assert_eq!(output.status.code(), Some(1), "{table}");
        assert!(stderr(&output).contains(expected), "{expected}: {}", stderr(&output));
        assert!(output.stdout.is_empty());
    };
    refused("file\treference\n", "the table has no column terms");
    refused("file\treference\tterms\nshort.flac\n", "line 2: it has 1 cells, the header has 3");
    refused("file\treference\tterms\n\nnone.flac\tNo.\t\n", "line 3: there is no file none.flac");
    let absent = folder.path().join("absent.tsv");
    assert_eq!(run(&absent, &[]).status.code(), Some(1));
    let strange = folder.path().join("strange.tsv");
    fs::write(&strange, "file\tdrugs\nother.flac\tinsulin\n").expect("a table is written");
    let output = run(&manifest, &["--context", &strange.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("none of its files is in the manifest"));
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
    for arguments in [&["--format", "pdf"][..], &["--plain", "--context", "x"], &["--threads"]] {
        assert_eq!(run(Path::new("x"), arguments).status.code(), Some(2), "{arguments:?}");
    }
}
