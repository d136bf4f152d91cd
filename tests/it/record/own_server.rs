//! The whole first stretch of the road: what is said into a microphone becomes a draft on one's
//! own server, with the real recorder, server and speech model.

use super::{RATE, Sound, wait_until};
use crate::program::{Installation, recording};
use crate::road::assert_heard;
use serde_json::json;

#[test]
fn what_is_said_into_a_microphone_becomes_a_draft_on_the_server() {
    let site = Installation::new();
    let server = site.serve();
    let token = site.path().join("token");
    std::fs::write(&token, site.done(&["user", "token", "ada", "--scopes", "dictate"], ""))
        .expect("there is room");
    let sound = Sound::start();
    let token = token.to_str().expect("ASCII");
    let recorder = sound.record(&["record", "--server", &server.address, "--token-file", token]);
    let spoken = recording("short.flac");
    let played = sound.tool("paplay", &[spoken.to_str().expect("ASCII")]);
    assert!(played.is_some(), "paplay failed");
    sound.play(&[0.0; RATE as usize / 2]);
    recorder.interrupt();
    let (code, stdout, messages) = recorder.end();
    assert_eq!(code, Some(0), "{messages}");
    let status = server.get("ada", &format!("/api/dictations/{}", stdout.trim())).body;
    assert_eq!(status["origin"], json!("microphone"), "{status}");
    let report = status["report"].as_str().expect("a report").to_string();
    let draft = server.wait_for_draft("ada", &report);
    assert_heard(
        draft["text"].as_str().expect("text"),
        &["weigh the patient daily", "potassium on friday"],
    );
    assert_eq!(draft["audio"]["origin"], json!("microphone"));
    wait_until("the sent recording is gone", || {
        std::fs::read_dir(sound.path("spool")).is_ok_and(|folder| folder.count() == 0)
    });
}
