//! A workstation whose disk is full: it is said, what was recorded stays, and once there is room
//! recording goes on.

use super::at_server::{Script, quiet_server, token};
use super::{LOOK, PATIENCE, Sound};
use crate::program::Installation;
use std::process::Command;
use std::time::Instant;

/// Records with a small file system of its own as spool, which has room for two seconds until
/// the file `$ROOM` appears.
const ON_A_SMALL_DISK: &str = r#"
set -u
mount -t tmpfs -o size=512k none "$CHARTSCRIBE_SPOOL" || exit 90
head -c 440k /dev/zero > "$CHARTSCRIBE_SPOOL/filler"
(until [ -e "$ROOM" ]; do sleep 0.1; done; rm "$CHARTSCRIBE_SPOOL/filler") &
exec "$PROGRAM" record --server "$SERVER" --token-file "$TOKEN"
"#;

#[test]
fn a_full_disk_is_said_and_nothing_recorded_is_lost() {
    let small = tempfile::tempdir().expect("a folder");
    let mount = ["--user", "--map-root-user", "--mount"];
    let mut tried = Command::new("unshare");
    tried.args(mount).args(["mount", "-t", "tmpfs", "none"]).arg(small.path());
    if !tried.status().is_ok_and(|status| status.success()) {
        // Some systems forbid user namespaces; the planned failure below is tested all the same.
        return with_a_planned_failure();
    }
    let site = Installation::new();
    let token = token(&site);
    let sound = Sound::start();
    let server = quiet_server(&site, "127.0.0.1:0");
    let room = sound.path("room");
    std::fs::create_dir(sound.path("spool")).expect("a mount point");
    let mut command = Command::new("unshare");
    command.args(mount).args(["bash", "-c", ON_A_SMALL_DISK]);
    super::in_home(&mut command, sound.folder.path());
    command.env("PROGRAM", env!("CARGO_BIN_EXE_chartscribe")).env("ROOM", &room);
    command.env("SERVER", &server.address).env("TOKEN", &token);
    let mut desk = Script::of(command);
    desk.wait_for("Connected");
    desk.say("record");
    desk.wait_for("the disk of this workstation is full");
    let before = desk.samples();
    assert!(before > 0);
    std::fs::write(&room, "").expect("there is room");
    // What fills the disk goes a moment later; until then recording begins and stops again.
    let deadline = Instant::now() + PATIENCE;
    while desk.samples() < before + 16_000 {
        assert!(Instant::now() < deadline, "it does not go on");
        if desk.status()["state"] != "recording" {
            desk.say("record");
        }
        std::thread::sleep(LOOK);
    }
    let samples = desk.pause();
    let dictation = desk.send();
    let kept = server.get("ada", &format!("/api/dictations/{dictation}")).body;
    assert_eq!(kept["duration_ms"], samples.div_ceil(16), "{kept}");
    assert_eq!(desk.quit().0, Some(0));
}

fn with_a_planned_failure() {
    let sound = Sound::start();
    let mut command = super::program(sound.folder.path());
    command.args(["record", "--server", "http://127.0.0.1:1"]);
    command.env("CHARTSCRIBE_FAIL_AT", "spool-write");
    let mut desk = Script::of(command);
    desk.say("record");
    desk.wait_for("the disk of this workstation is full");
    assert_eq!(desk.quit().0, Some(0), "nothing was begun");
}
