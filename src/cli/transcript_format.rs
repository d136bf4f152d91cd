//! A transcript as JSON, SRT or WebVTT.
//!
//! Not for: printing it (`cli::transcribe`).
//!
//! Invariant: the JSON has the keys of the published shape, each always present.

use super::draft_format::{self, WireChange};
use crate::audio::{Format, Inspection};
use crate::domain::flag::{FlagKind, QaFlag};
use crate::domain::time::AudioSpan;
use crate::domain::transcript::{Doubt, DoubtKind, Transcript, Word};
use crate::text::{Draft, SourceMark};
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
struct WireTranscript<'a> {
    text: String,
    words: Vec<WireWord>,
    changes: Vec<WireChange<'a>>,
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

/// One line of JSON: the draft with what was changed, or without one the text as it was heard.
pub fn json(done: &Done, drafted: Option<&(Draft, Vec<QaFlag>)>) -> String {
    let Done { transcript, elapsed_ms, .. } = done;
    let text = drafted.map_or_else(|| transcript.text(), |(draft, _)| draft.text.clone());
    let wire = WireTranscript {
        text,
        words: transcript.words.iter().map(word).collect(),
        changes: drafted.map_or_else(Vec::new, |(draft, _)| draft_format::changes(draft)),
        flags: flags(done, drafted),
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
fn flags(done: &Done, drafted: Option<&(Draft, Vec<QaFlag>)>) -> Vec<WireFlag> {
    let Done { transcript, inspection, name, .. } = done;
    let draft = drafted.map(|(draft, _)| draft);
    let mut flags = vec![];
    if inspection.truncated {
        let note = "the recording ends before its header says it should";
        flags.push(flag(FlagKind::Truncated, note, transcript.audio_ms, transcript, draft));
    }
    if !is_named_so(name, inspection.format) {
        let note = "the recording's content is not what its name says";
        flags.push(flag(FlagKind::Format, note, 0, transcript, draft));
    }
    flags.extend(transcript.doubts.iter().map(|doubt| doubt_flag(doubt, transcript, draft)));
    // The doubts of the recogniser are in the list with their times already.
    let found = drafted.map_or(&[][..], |(_, flags)| flags);
    flags.extend(found.iter().filter(|flag| !is_of_recogniser(flag, transcript)).map(text_flag));
    flags
}

fn is_of_recogniser(flag: &QaFlag, transcript: &Transcript) -> bool {
    flag.text.is_none() && transcript.doubts.iter().any(|doubt| Some(doubt.span) == flag.audio)
}

fn text_flag(flag: &QaFlag) -> WireFlag {
    let QaFlag { kind, note, audio, text } = flag;
    let span = text.map_or([0, 0], |span| [span.start as usize, span.end as usize]);
    let start_ms = audio.map_or(0, |audio| audio.start_ms);
    WireFlag { kind: kind.code(), note: note.reveal().clone(), start_ms, span }
}

fn doubt_flag(doubt: &Doubt, transcript: &Transcript, draft: Option<&Draft>) -> WireFlag {
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
    flag(kind, &note, start_ms, transcript, draft)
}

fn flag(
    kind: FlagKind,
    note: &str,
    start_ms: u32,
    transcript: &Transcript,
    draft: Option<&Draft>,
) -> WireFlag {
    let at = match draft {
        Some(draft) => written_before(start_ms, draft),
        None => characters_before(start_ms, transcript),
    };
    WireFlag { kind: kind.code(), note: note.into(), start_ms, span: [at, at] }
}

/// Where in the draft what was said before this time ends.
fn written_before(ms: u32, draft: &Draft) -> usize {
    let before = |mark: &&SourceMark| mark.audio.is_some_and(|audio| audio.start_ms < ms);
    let last = draft.marks.iter().filter(before).map(|mark| mark.text.end).max();
    last.unwrap_or(0) as usize
}

/// Characters of the heard text that come from words before this time.
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
        let transcript = Transcript { words, doubts, audio_ms: 64_000, model: "base".into() };
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
        assert_snapshot!(json(&done(), None).replace(",\"", ",\n\""), @r#"
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
