//! Text while somebody speaks: the real program and the real model hear a recording that comes in
//! as fast as it is spoken.

use crate::program::{Installation, Server, recording};
use crate::road::assert_heard;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Samples of a block: 200 ms.
const BLOCK: usize = 3200;
/// Longer than any phrase takes on a machine that does something else as well.
const PATIENCE: Duration = Duration::from_secs(60);
/// Three times the time that a phrase may take to its final text at the 95th percentile.
const FINAL_MAX: Duration = Duration::from_millis(3 * 2500);

/// The spoken recording and silence after it, as blocks.
fn spoken(silence_ms: usize) -> Vec<Vec<u8>> {
    use chartscribe::audio::{self, Mix};
    let file = std::fs::File::open(recording("short.flac")).expect("a committed recording");
    let decoded = audio::decode(Box::new(file), Mix::Average).expect("a recording");
    let mut samples: Vec<f32> = decoded.flat_map(|block| block.expect("whole")).collect();
    samples.resize(samples.len() + silence_ms * 16, 0.0);
    let bytes = |block: &[f32]| {
        block.iter().flat_map(|sample| ((sample * 32_767.0) as i16).to_le_bytes()).collect()
    };
    samples.chunks(BLOCK).map(bytes).collect()
}

fn send(server: &Server, id: &str, number: usize, block: &[u8]) -> Value {
    let path = format!("/api/recordings/{id}/blocks/{number}");
    let answer = server.try_bytes("ada", &path, block.to_vec()).expect("an answer");
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// Asks with the last block again, which is known, until the text has the words.
fn text_with(server: &Server, id: &str, last: (usize, &[u8]), words: &str) -> (String, Duration) {
    let began = Instant::now();
    loop {
        let answer = send(server, id, last.0, last.1);
        let text = answer["text"]["text"].as_str().unwrap_or_default().to_string();
        if text.to_lowercase().contains(words) {
            return (text, began.elapsed());
        }
        assert!(began.elapsed() < PATIENCE, "{words:?} is not in {answer}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_text_is_there_soon_after_the_phrase_and_survives_the_server() {
    let site = Installation::new();
    let mut server = site.serve();
    let id = server.begin_recording("ada", "one", json!({"work_type": "PN"}));
    let blocks = spoken(1200);
    let mut partials = 0;
    let began = Instant::now();
    let mut grew: Vec<String> = Vec::new();
    for (number, block) in blocks.iter().enumerate() {
        // As fast as it is spoken, and no faster.
        let due = Duration::from_millis(200) * number as u32;
        std::thread::sleep(due.saturating_sub(began.elapsed()));
        let answer = send(&server, &id, number, block);
        partials += usize::from(answer["text"]["partial"] != json!(""));
        grew.push(answer["text"]["text"].as_str().unwrap_or_default().to_string());
    }
    let last = (blocks.len() - 1, blocks[blocks.len() - 1].as_slice());
    let (text, waited) = text_with(&server, &id, last, "potassium");
    assert!(waited < FINAL_MAX, "{waited:?} after the pause that ends the phrase");
    // The pause before "weigh" ends a phrase, and the smallest model writes "wai" when it hears no
    // more than what follows; the draft of the whole recording has it right.
    assert_heard(&text, &["furosemide 40", "the patient daily"]);
    assert!(partials > 0, "words were shown before they were final");
    for pair in grew.windows(2) {
        let kept = pair[0].trim_end_matches('.');
        assert!(pair[1].starts_with(kept), "final text stays: {pair:?}");
    }
    server.kill();

    let server = site.serve();
    let (again, _) = text_with(&server, &id, last, "potassium");
    assert_eq!(again, text, "what was heard is written down");
    let path = format!("/api/recordings/{id}/finish");
    let received = server.post("ada", &path, json!({"blocks": blocks.len()})).body;
    let report = received["report"].as_str().expect("a report");
    let draft = server.wait_for_draft("ada", report);
    let expected = ["weigh the patient daily", "potassium on friday"];
    assert_heard(draft["text"].as_str().expect("text"), &expected);
}

#[test]
fn four_record_at_once_with_text_for_as_many_as_fit_and_no_sample_lost() {
    let site = Installation::new();
    let settings = site.path().join("settings.toml");
    std::fs::write(&settings, "live_texts = 1\n").expect("there is room");
    let file = settings.display().to_string();
    let server = site.serve_as(&["--listen", "127.0.0.1:0", "--config", &file], &[]);
    let blocks = spoken(1200);
    let speak = |who: usize| {
        let id = server.begin_recording("ada", &format!("one-{who}"), json!({"work_type": "PN"}));
        let began = Instant::now();
        let mut answer = Value::Null;
        for (number, block) in blocks.iter().enumerate() {
            let due = Duration::from_millis(200) * number as u32;
            std::thread::sleep(due.saturating_sub(began.elapsed()));
            answer = send(&server, &id, number, block);
        }
        let has_text = answer["text"] != Value::Null;
        if has_text {
            let last = (blocks.len() - 1, blocks[blocks.len() - 1].as_slice());
            let (_, waited) = text_with(&server, &id, last, "potassium");
            assert!(waited < FINAL_MAX, "{waited:?} after the pause that ends the phrase");
        }
        (id, has_text)
    };
    let spoken: Vec<(String, bool)> = std::thread::scope(|scope| {
        let speakers: Vec<_> = (0..4).map(|who| scope.spawn(move || speak(who))).collect();
        speakers.into_iter().map(|speaker| speaker.join().expect("they all end")).collect()
    });
    let samples: usize = blocks.iter().map(|block| block.len() / 2).sum();
    // Nobody finishes before all have spoken: a place that is given back goes to the next speaker.
    for (id, _) in &spoken {
        let path = format!("/api/recordings/{id}/finish");
        let received = server.post("ada", &path, json!({"blocks": blocks.len()}));
        assert_eq!(received.body["duration_ms"], samples.div_ceil(16), "{received:?}");
    }
    let with_text = spoken.iter().filter(|(_, has_text)| *has_text).count();
    assert_eq!(with_text, 1, "text for as many as there are places");
}

#[test]
fn recording_goes_on_where_no_text_can_be_shown() {
    let site = Installation::new();
    let settings = site.path().join("settings.toml");
    std::fs::write(&settings, "live_texts = 0\n").expect("there is room");
    let file = settings.display().to_string();
    let server = site.serve_as(&["--listen", "127.0.0.1:0", "--config", &file], &[]);
    let mine = server.get("ada", "/api/recordings").body;
    assert_eq!(mine["live_free"], 0, "it is said before anything is recorded");
    let id = server.begin_recording("ada", "one", json!({"work_type": "PN"}));
    let blocks = spoken(0);
    for (number, block) in blocks.iter().enumerate() {
        assert_eq!(send(&server, &id, number, block)["text"], Value::Null);
    }
    let path = format!("/api/recordings/{id}/finish");
    let received = server.post("ada", &path, json!({"blocks": blocks.len()}));
    assert_eq!(received.status, 201, "{received:?}");
}
