//! The whole first stretch of the road: what is said into a microphone is seen while it is said
//! and becomes a draft on one's own server, with the real recorder, server and speech model.

use super::at_server::{Script, demonstration_token, spooled};
use super::{RATE, Sound};
use crate::program::{Installation, recording};
use crate::road::assert_heard;
use serde_json::json;

#[test]
fn what_is_said_into_a_microphone_is_seen_at_once_and_becomes_a_draft() {
    let site = Installation::demonstration();
    let server = site.serve();
    let token = demonstration_token(&site);
    let sound = Sound::start();
    let mut desk = Script::start(&sound, &server.address, &token, &["--work-type", "PN"]);
    desk.wait_for("text while you speak");
    desk.say("stat");
    desk.say("patient DEMO-1002");
    desk.wait_for("Is this the patient? Testcase, Beatrice, born 1968-09-02, MRN DEMO-1002");
    desk.say("record");
    desk.wait_for("Confirm the patient first.");
    desk.say("confirm");
    desk.say("record");
    desk.wait_for("Recording from");
    let spoken = recording("short.flac");
    let played = sound.tool("paplay", &[spoken.to_str().expect("ASCII")]);
    assert!(played.is_some(), "paplay failed");
    sound.play(&[0.0; RATE as usize]);
    loop {
        let text = desk.answer("text").to_lowercase();
        if text.contains("potassium") {
            break;
        }
    }
    let readable = std::fs::read_dir(sound.path("spool")).expect("a folder").any(|file| {
        let bytes = std::fs::read(file.expect("readable").path()).expect("a file");
        let holds = |text: &[u8]| bytes.windows(text.len()).any(|part| part == text);
        holds(b"Beatrice") || holds(b"DEMO-1002") || holds(&[0; 64])
    });
    assert!(!readable, "nothing readable lies on the workstation's disk");
    let samples = desk.pause();
    let now = desk.status();
    let captured = now["captured"].as_u64().expect("a number");
    assert_eq!(samples, captured.div_ceil(2), "every sample of the microphone, at half the rate");
    let dictation = desk.send();
    let status = server.get("ines.hartwell", &format!("/api/dictations/{dictation}")).body;
    assert_eq!(status["duration_ms"], samples.div_ceil(16), "{status}");
    assert_eq!((&status["origin"], &status["priority"]), (&json!("microphone"), &json!("stat")));
    let report = status["report"].as_str().expect("a report").to_string();
    let draft = server.wait_for_draft("ines.hartwell", &report);
    assert_heard(
        draft["text"].as_str().expect("text"),
        &["weigh the patient daily", "potassium on friday"],
    );
    assert_eq!(draft["patient"]["mrn"], json!("DEMO-1002"));
    assert_eq!(spooled(&sound), 0);
    let (code, messages) = desk.quit();
    assert_eq!(code, Some(0), "{messages}");
    assert!(!server.log().contains("DEMO-1002") && !server.log().contains("Beatrice"));
}
