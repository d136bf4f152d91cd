//! A transcript as JSON, SRT or WebVTT.
//!
//! Not for: printing it (`cli::transcribe`).
//!
//! Invariant: the JSON has the keys of the published shape, each always present.

use crate::audio::{Format, Inspection};
use crate::domain::flag::FlagKind;
use crate::domain::time::AudioSpan;
use crate::domain::transcript::{Doubt, DoubtKind, Transcript, Word};
use serde::Serialize;
use std::fmt::Write;

/// A subtitle is at most so long, as BBC's subtitle guidelines have it: two lines of 37 letters.
const CUE_CHARACTERS_MAX: usize = 74;
const CUE_MS_MAX: u32 = 7000;
/// A pause this long ends a subtitle.
const CUE_PAUSE_MS: u32 = 1000;
const CONFIDENCE_PLACES: f64 = 1000.0;

/// A recording that was transcribed.
pub struct Done {
    pub transcript: Transcript,
    pub inspection: Inspection,
    /// The file's name without its folder.
    pub name: String,
    pub elapsed_ms: u64,
}

#[derive(Serialize)]
struct WireTranscript {
    text: String,
    words: Vec<WireWord>,
    changes: [(); 0],
    flags: Vec<WireFlag>,
    audio_ms: u32,
    elapsed_ms: u64,
    model: String,
}

#[derive(Serialize)]
struct WireWord {
    text: String,
    start_ms: u32,
    end_ms: u32,
    confidence: f64,
}

#[derive(Serialize)]
struct WireFlag {
    kind: &'static str,
    note: String,
    start_ms: u32,
    /// Characters of the text, end exclusive.
    span: [usize; 2],
}

/// One line of JSON. `changes` is empty until a stage changes what was heard.
pub fn json(done: &Done) -> String {
    let Done { transcript, elapsed_ms, .. } = done;
    let wire = WireTranscript {
        text: transcript.text(),
        words: transcript.words.iter().map(word).collect(),
        changes: [],
        flags: flags(done),
        audio_ms: transcript.audio_ms,
        elapsed_ms: *elapsed_ms,
        model: transcript.model.clone(),
    };
    serde_json::to_string(&wire).expect("text and numbers are printable as JSON")
}

pub fn srt(transcript: &Transcript) -> String {
    let mut text = String::new();
    for (index, cue) in cues(&transcript.words).iter().enumerate() {
        let (start, end) = (clock(cue.start_ms, ','), clock(cue.end_ms, ','));
        write_cue(&mut text, &format!("{}\n{start} --> {end}\n{}\n\n", index + 1, cue.text));
    }
    text
}

pub fn vtt(transcript: &Transcript) -> String {
    let mut text = String::from("WEBVTT\n\n");
    for cue in cues(&transcript.words) {
        let (start, end) = (clock(cue.start_ms, '.'), clock(cue.end_ms, '.'));
        let safe = cue.text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        write_cue(&mut text, &format!("{start} --> {end}\n{safe}\n\n"));
    }
    text
}

fn write_cue(text: &mut String, cue: &str) {
    text.write_str(cue).expect("a string takes all");
}

fn word(word: &Word) -> WireWord {
    let Word { text, start_ms, end_ms, confidence } = word;
    let confidence = (f64::from(*confidence) * CONFIDENCE_PLACES).round() / CONFIDENCE_PLACES;
    WireWord { text: text.clone(), start_ms: *start_ms, end_ms: *end_ms, confidence }
}

/// What the recording and the engine raise. `span` is the place in the text, in characters: for
/// missing words the empty span where they would stand.
fn flags(done: &Done) -> Vec<WireFlag> {
    let Done { transcript, inspection, name, .. } = done;
    let mut flags = vec![];
    if inspection.truncated {
        let note = "the recording ends before its header says it should";
        flags.push(flag(FlagKind::Truncated, note, transcript.audio_ms, transcript));
    }
    if !is_named_so(name, inspection.format) {
        let note = "the recording's content is not what its name says";
        flags.push(flag(FlagKind::Format, note, 0, transcript));
    }
    flags.extend(transcript.doubts.iter().map(|doubt| doubt_flag(doubt, transcript)));
    flags
}

fn doubt_flag(doubt: &Doubt, transcript: &Transcript) -> WireFlag {
    let AudioSpan { start_ms, end_ms } = doubt.span;
    let (kind, what) = match doubt.kind {
        DoubtKind::SpeechWithoutWords => {
            (FlagKind::OmissionSuspected, "there is speech but no words were heard")
        }
        DoubtKind::InventedWords => {
            (FlagKind::Hallucination, "the engine's words cannot have been spoken; left out")
        }
        DoubtKind::NotRecognised => (FlagKind::Inaudible, "the audio could not be processed"),
    };
    let note = format!("{what}, {} to {}", clock(start_ms, '.'), clock(end_ms, '.'));
    flag(kind, &note, start_ms, transcript)
}

fn flag(kind: FlagKind, note: &str, start_ms: u32, transcript: &Transcript) -> WireFlag {
    let at = characters_before(start_ms, transcript);
    WireFlag { kind: kind.code(), note: note.into(), start_ms, span: [at, at] }
}

/// Characters of the text that come from words before this time.
fn characters_before(ms: u32, transcript: &Transcript) -> usize {
    let before = transcript.words.iter().take_while(|word| word.start_ms < ms);
    let length: usize = before.map(|word| word.text.chars().count() + 1).sum();
    length.saturating_sub(1)
}

fn is_named_so(name: &str, format: Format) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let extension = extension.to_ascii_lowercase();
    match format {
        Format::Wav => matches!(extension.as_str(), "wav" | "wave" | ""),
        Format::Flac => matches!(extension.as_str(), "flac" | "fla" | ""),
    }
}

#[derive(Debug, PartialEq)]
struct Cue {
    start_ms: u32,
    end_ms: u32,
    text: String,
}

fn cues(words: &[Word]) -> Vec<Cue> {
    let mut cues: Vec<Cue> = vec![];
    for word in words {
        let Word { text, start_ms, end_ms, .. } = word;
        match cues.last_mut() {
            Some(cue) if fits(cue, word) => {
                cue.text = format!("{} {text}", cue.text);
                cue.end_ms = cue.end_ms.max(*end_ms);
            }
            _ => cues.push(Cue { start_ms: *start_ms, end_ms: *end_ms, text: text.clone() }),
        }
    }
    cues
}

fn fits(cue: &Cue, word: &Word) -> bool {
    let length = cue.text.chars().count() + 1 + word.text.chars().count();
    length <= CUE_CHARACTERS_MAX
        && word.end_ms.saturating_sub(cue.start_ms) <= CUE_MS_MAX
        && word.start_ms.saturating_sub(cue.end_ms) < CUE_PAUSE_MS
}

/// `HH:MM:SS` and milliseconds after the format's own mark.
fn clock(ms: u32, mark: char) -> String {
    let seconds = ms / 1000;
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    format!("{hours:02}:{minutes:02}:{:02}{mark}{:03}", seconds % 60, ms % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Mix;
    use insta::assert_snapshot;

    fn word(text: &str, start_ms: u32, end_ms: u32) -> Word {
        Word { text: text.into(), start_ms, end_ms, confidence: 0.875_432 }
    }

    fn done() -> Done {
        let words =
            vec![word("No", 120, 300), word("fever.", 300, 800), word("Chest", 62_500, 63_000)];
        let span = AudioSpan { start_ms: 1000, end_ms: 29_000 };
        let doubts = vec![Doubt { kind: DoubtKind::SpeechWithoutWords, span }];
        let transcript = Transcript {
            words,
            doubts,
            reconsidered: vec![],
            audio_ms: 64_000,
            model: "base".into(),
        };
        let inspection = Inspection {
            format: Format::Flac,
            sample_rate: 16_000,
            channels: 1,
            duration_ms: 64_000,
            mix: Mix::Average,
            truncated: true,
            silent: false,
            clipped_fraction: 0.0,
            peak: 0.5,
            dc_offset: 0.0,
            noise_floor_db: -60.0,
            speech_level_db: -20.0,
        };
        Done { transcript, inspection, name: "note.wav".into(), elapsed_ms: 77 }
    }

    #[test]
    fn json_has_the_published_shape() {
        assert_snapshot!(json(&done()).replace(",\"", ",\n\""), @r#"
        {"text":"No fever. Chest",
        "words":[{"text":"No",
        "start_ms":120,
        "end_ms":300,
        "confidence":0.875},{"text":"fever.",
        "start_ms":300,
        "end_ms":800,
        "confidence":0.875},{"text":"Chest",
        "start_ms":62500,
        "end_ms":63000,
        "confidence":0.875}],
        "changes":[],
        "flags":[{"kind":"TRUNCATED",
        "note":"the recording ends before its header says it should",
        "start_ms":64000,
        "span":[15,15]},{"kind":"FORMAT",
        "note":"the recording's content is not what its name says",
        "start_ms":0,
        "span":[0,0]},{"kind":"OMISSION-SUSPECTED",
        "note":"there is speech but no words were heard, 00:00:01.000 to 00:00:29.000",
        "start_ms":1000,
        "span":[9,9]}],
        "audio_ms":64000,
        "elapsed_ms":77,
        "model":"base"}
        "#);
    }

    #[test]
    fn srt_and_vtt_split_at_pauses() {
        assert_snapshot!(srt(&done().transcript), @r"
        1
        00:00:00,120 --> 00:00:00,800
        No fever.

        2
        00:01:02,500 --> 00:01:03,000
        Chest
        ");
        assert_snapshot!(vtt(&done().transcript), @r"
        WEBVTT

        00:00:00.120 --> 00:00:00.800
        No fever.

        00:01:02.500 --> 00:01:03.000
        Chest
        ");
    }
}
