//! Nothing from nothing: ten minutes of sounds without words give no word, and speech that is
//! faint or among such sounds is heard all the same.

use crate::speech::{default_model, model, plain, program, sample};
use chartscribe::audio::{self, Mix, SAMPLE_RATE, Samples};
use chartscribe::domain::transcript::Transcript;
use chartscribe::speech::child::{ChildRecognizer, ChildSettings, IDLE_RELEASE};
use chartscribe::speech::installed::InstalledModel;
use chartscribe::speech::{Request, Watch, transcribe};
use std::fs::File;

/// The library's own, compiled here once more: it has them in its tests only.
#[path = "../../src/audio/sounds.rs"]
mod sounds;

use sounds::{KINDS, keyboard, room_tone};

/// Of each of the eight kinds: ten minutes together.
const SECONDS: f32 = 75.0;

struct Never;

impl Watch for Never {
    fn stopped(&self) -> bool {
        false
    }

    fn progress(&self, _fraction: f32) {}
}

fn recognizer(model: InstalledModel) -> ChildRecognizer {
    let idle_release = IDLE_RELEASE;
    ChildRecognizer::new(ChildSettings {
        program: program(),
        model,
        threads: 1,
        spare_threads: 0,
        idle_release,
        gives_way: false,
    })
}

fn heard(recognizer: &ChildRecognizer, samples: Vec<f32>, request: &Request) -> Transcript {
    let audio_ms = (samples.len() / (SAMPLE_RATE as usize / 1000)) as u32;
    let chunks = audio::chunks(Samples::from_vec(samples));
    transcribe(recognizer, chunks, audio_ms, request, &Never).expect("the sound is recognised")
}

fn spoken() -> Vec<f32> {
    let file = File::open(sample("short.flac")).expect("the sample is there");
    let samples = audio::decode(Box::new(file), Mix::Channel(0)).expect("the sample is sound");
    samples.flat_map(|block| block.expect("the sample is sound")).collect()
}

#[test]
fn ten_minutes_of_sounds_without_words_give_no_word() {
    for (model, request) in [(model(), plain()), (default_model(), Request::default())] {
        let recognizer = recognizer(model);
        for (name, sound) in KINDS {
            let transcript = heard(&recognizer, sound(SECONDS, 11), &request);
            assert_eq!(transcript.text(), "", "{name}");
        }
    }
}

#[test]
fn faint_speech_is_heard() {
    let faint: Vec<f32> = spoken().iter().map(|sample| sample * 0.03).collect();
    let text = heard(&recognizer(model()), faint, &plain()).text();
    assert!(text.contains("every morning") && text.contains("potassium on Friday"), "{text}");
}

#[test]
fn speech_between_long_sounds_is_heard_and_nothing_else() {
    let samples = [keyboard(20.0, 5), spoken(), room_tone(20.0, 6), spoken()].concat();
    let text = heard(&recognizer(model()), samples, &plain()).text();
    assert_eq!(text.matches("potassium on Friday").count(), 2, "{text}");
    assert!(text.split_whitespace().count() < 45, "{text}");
}
