//! A full disk: what cannot be stored is refused cleanly, nothing is half there, and once there
//! is room again the same request goes through.

use crate::program::{Installation, recording};
use crate::road::uploaded;
use serde_json::json;
use std::process::Command;

const FIELDS: [(&str, &str); 2] = [("author", "ada"), ("work_type", "PR")];

#[test]
fn an_upload_that_does_not_fit_is_refused_and_leaves_nothing() {
    let audio = std::fs::read(recording("short.flac")).expect("a committed recording");
    for place in ["blob-write", "db-commit"] {
        let site = Installation::new();
        let full = site.serve_with(&[("CHARTSCRIBE_FAIL_AT", place)]);
        let refused = full.try_upload("ada", &audio, &FIELDS, Some("key")).expect("an answer");
        assert_eq!(refused.status, 507, "{place}: {refused:?}");
        assert_eq!(refused.body["error"]["code"], "disk-full", "{place}: {refused:?}");
        drop(full);
        let server = site.serve();
        let list = server.get("ada", "/api/worklist").body;
        assert_eq!(list["rows"], json!([]), "{place}: nothing was half-stored");
        let again = server.try_upload("ada", &audio, &FIELDS, Some("key")).expect("an answer");
        assert_eq!(again.status, 201, "{place}: {again:?}");
    }
}

#[test]
fn a_save_that_does_not_fit_is_refused_and_the_old_version_stands() {
    let site = Installation::new();
    let server = site.serve();
    let report = uploaded(&server, "ada", "short.flac", &FIELDS);
    let draft = server.wait_for_draft("tess", &report);
    assert_eq!(server.act("tess", &format!("/api/reports/{report}/claim")).status, 204);
    drop(server);
    let full = site.serve_with(&[("CHARTSCRIBE_FAIL_AT", "db-commit")]);
    let path = format!("/api/reports/{report}/versions");
    let refused = full.post("tess", &path, json!({"base": 1, "text": "Lost?"}));
    assert_eq!(refused.status, 507, "{refused:?}");
    drop(full);
    let server = site.serve();
    let open = server.get("tess", &format!("/api/reports/{report}")).body;
    assert_eq!((&open["version"], &open["text"]), (&json!(1), &draft["text"]));
}

/// Fills a small file system of its own, tries to import, makes room and tries again. Each line
/// of the answer is what one step said.
const ON_A_SMALL_DISK: &str = r#"
set -u
mount -t tmpfs -o size=4m none "$SMALL" || exit 90
export CHARTSCRIBE_DATA="$SMALL/data" CHARTSCRIBE_KEY_FILE="$KEY"
"$PROGRAM" init 2>/dev/null && echo "made"
echo "a password for tests only" | "$PROGRAM" user add ada --roles author --password-stdin \
    2>/dev/null && echo "person added"
head -c 64m /dev/zero > "$SMALL/filler" 2>/dev/null
try() {
    "$PROGRAM" import "$RECORDING" --author ada 2>"$ERRORS"
    echo "import ended with $?"
    grep -o "no space left in the data folder" "$ERRORS" | head -n 1
}
try
truncate -s -200K "$SMALL/filler"
try
rm "$SMALL/filler"
"$PROGRAM" user list >/dev/null && echo "still readable"
"$PROGRAM" import "$RECORDING" --author ada
"#;

#[test]
fn on_a_disk_that_is_really_full_an_import_is_refused_and_works_once_there_is_room() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let small = folder.path().join("small");
    std::fs::create_dir(&small).expect("a mount point");
    let shell = ["--user", "--map-root-user", "--mount", "bash", "-c", ON_A_SMALL_DISK];
    let output = Command::new("unshare")
        .args(shell)
        .env("SMALL", &small)
        .env("KEY", folder.path().join("site.key"))
        .env("ERRORS", folder.path().join("errors"))
        .env("PROGRAM", env!("CARGO_BIN_EXE_chartscribe"))
        .env("RECORDING", recording("medium.flac"))
        .output()
        .expect("util-linux is installed");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    if said.is_empty() {
        // Some systems forbid user namespaces; the planned failures above are tested all the same.
        println!("not tried: {}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let steps: Vec<&str> = said.lines().collect();
    assert_eq!(
        steps,
        [
            "made",
            "person added",
            "import ended with 1",
            "no space left in the data folder",
            "0 taken, 0 received before, 1 failed",
            "import ended with 1",
            "no space left in the data folder",
            "still readable",
            "1 taken, 0 received before, 0 failed",
        ]
    );
}
