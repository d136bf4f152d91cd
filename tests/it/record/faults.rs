//! What goes wrong while somebody dictates at a workstation: afterwards the recording is whole, as
//! many samples as the microphone gave, and its report appears once.

use super::at_server::{Workplace, assert_whole, quiet_server, spooled};
use super::proxy::Proxy;
use super::{SINK, wait_until};
use rustix::process::Signal;
use serde_json::json;
use std::thread;
use std::time::Duration;

/// Much longer than the recorder waits for an answer.
const CUT: Duration = Duration::from_secs(60);
/// A sound server keeps sound for a recorder that does not read for a little longer.
const STOPPED: Duration = Duration::from_secs(60);

#[test]
fn a_server_that_is_killed_costs_no_sample() {
    let mut place = Workplace::open();
    let listen = place.server.address.trim_start_matches("http://").to_owned();
    let mut desk = place.recording(1.0);
    place.server.kill();
    desk.wait_for("No connection");
    let before = desk.samples();
    desk.until_seconds(before as f64 / 16_000.0 + 2.0);
    place.server = quiet_server(&place.site, &listen);
    desk.wait_for("Connected");
    place.ends_whole(desk);
}

#[test]
fn a_network_that_is_cut_without_a_word_costs_no_sample() {
    let place = Workplace::open();
    let network = Proxy::to(&place.server.address);
    let mut desk = place.desk_at(&network.address, &[]);
    desk.wait_for("Connected");
    desk.say("record");
    desk.until_seconds(1.0);
    network.cut();
    desk.wait_for("No connection");
    let before = desk.samples();
    desk.until_seconds(before as f64 / 16_000.0 + CUT.as_secs_f64());
    network.mend();
    desk.wait_for("Connected");
    place.ends_whole(desk);
}

#[test]
fn a_recorder_that_is_stopped_for_a_minute_has_the_minute_too() {
    let place = Workplace::open();
    let mut desk = place.recording(1.0);
    desk.signal(Signal::STOP);
    thread::sleep(STOPPED);
    desk.signal(Signal::CONT);
    // What is said until then is still on its way when it goes on.
    desk.until_seconds(1.0 + STOPPED.as_secs_f64() + 2.0);
    let samples = desk.pause();
    let now = desk.status();
    let captured = now["captured"].as_u64().expect("a number");
    assert_eq!(samples, captured.div_ceil(2), "all that the microphone gave: {now}");
    assert_eq!(now["missing_ms"], 0, "the sound system held it back: {now}");
    let dictation = desk.send();
    assert_whole(&place.sound, &place.server, &dictation, samples);
    assert_eq!(desk.quit().0, Some(0));
}

#[test]
fn a_microphone_that_is_unplugged_leaves_what_it_gave_and_the_next_one_goes_on() {
    let place = Workplace::open();
    let mut desk = place.recording(1.0);
    assert!(place.sound.tool("pactl", &["unload-module", "module-null-sink"]).is_some());
    desk.wait_for("The microphone stopped delivering");
    let before = desk.samples();
    assert!(before >= 16_000, "{before}");
    let words: Vec<&str> = SINK.split(' ').collect();
    assert!(place.sound.tool("pactl", &[&["load-module"], &words[..]].concat()).is_some());
    desk.say("record");
    desk.wait_for("Recording from");
    desk.until_seconds(before as f64 / 16_000.0 + 1.0);
    place.ends_whole(desk);
}

#[test]
fn a_recorder_that_is_killed_finds_its_recording_again_and_goes_on_with_it() {
    let place = Workplace::open();
    let mut desk = place.recording(2.0);
    let now = desk.status();
    let captured = now["captured"].as_u64().expect("a number");
    desk.signal(Signal::KILL);
    drop(desk);
    let mut desk = place.desk(&[]);
    desk.wait_for("Waiting, open 1: 00:0");
    desk.say("open 1");
    desk.wait_for("Taken up");
    let found = desk.samples();
    assert!(found + 2 * 16_000 >= captured / 2, "{found} of {captured} are there");
    desk.say("record");
    desk.until_seconds(found as f64 / 16_000.0 + 1.0);
    place.ends_whole(desk);
}

#[test]
fn what_was_to_be_sent_is_sent_by_the_next_start_and_once() {
    let mut place = Workplace::open();
    let listen = place.server.address.trim_start_matches("http://").to_owned();
    place.server.kill();
    let mut desk = place.desk(&[]);
    desk.wait_for("No connection");
    desk.say("record");
    desk.until_seconds(1.0);
    let samples = desk.pause();
    desk.say("send");
    desk.wait_for("it is safe on this disk");
    desk.signal(Signal::KILL);
    drop(desk);
    assert_eq!(spooled(&place.sound), 1);
    place.server = quiet_server(&place.site, &listen);
    let mut desk = place.desk(&[]);
    let dictation = desk.answer("dictation");
    assert_whole(&place.sound, &place.server, &dictation, samples);
    assert_eq!(desk.quit().0, Some(0));
}

#[test]
fn what_is_said_after_the_server_ended_a_recording_becomes_one_of_its_own() {
    let place = Workplace::open();
    let mut desk = place.recording(1.0);
    let first = desk.pause();
    wait_until("the server has it all", || {
        place.server.get("ada", "/api/recordings").body["recordings"][0]["samples"] == first
    });
    let open = &place.server.get("ada", "/api/recordings").body["recordings"][0];
    let id = open["recording"].as_str().expect("an id");
    let finish = format!("/api/recordings/{id}/finish");
    let ended = place.server.post("ada", &finish, json!({"blocks": open["next"]}));
    assert_eq!(ended.status, 201, "{ended:?}");
    desk.say("record");
    desk.wait_for("The server had ended this recording");
    desk.until_seconds(first as f64 / 16_000.0 + 1.0);
    let samples = desk.pause();
    let dictation = desk.send();
    assert_eq!(json!(dictation), ended.body["dictation"], "the first is named first");
    let second = desk.answer("dictation");
    let kept = place.server.get("ada", &format!("/api/dictations/{second}")).body;
    assert_eq!(kept["duration_ms"], (samples - first).div_ceil(16), "{kept}");
    assert_eq!(spooled(&place.sound), 0);
    assert_eq!(desk.quit().0, Some(0));
}
