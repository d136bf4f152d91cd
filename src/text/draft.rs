//! The first draft: the heard words in order, and a blank where words are missing.
//!
//! Not for: spoken commands, numbers, doses or headings; those become stages of their own.
//!
//! Invariant: every word of the draft is a word of the transcript; every doubt of the transcript
//! is a flag with its place in the audio.

use super::Draft;
use crate::domain::flag::{BLANK, FlagKind, QaFlag};
use crate::domain::phi::Phi;
use crate::domain::transcript::{Doubt, DoubtKind, Transcript};

/// A pause between sentences that begins a new paragraph, in milliseconds. A product default;
/// dictated paragraphs will replace it.
const PARAGRAPH_PAUSE_MS: u32 = 2500;

/// Writes the draft and lists what a person must look at.
pub fn draft(transcript: &Transcript) -> (Draft, Vec<QaFlag>) {
    let mut text = String::new();
    let mut doubts = transcript.doubts.iter().peekable();
    let mut previous_end = None;
    for word in &transcript.words {
        while let Some(doubt) = doubts.next_if(|doubt| doubt.span.start_ms < word.start_ms) {
            push_blank(&mut text, doubt);
        }
        let pause = previous_end.is_some_and(|end: u32| {
            word.start_ms.saturating_sub(end) >= PARAGRAPH_PAUSE_MS && ends_sentence(&text)
        });
        push_word(&mut text, &word.text, pause);
        previous_end = Some(word.end_ms);
    }
    for doubt in doubts {
        push_blank(&mut text, doubt);
    }
    let mut flags: Vec<QaFlag> = transcript.doubts.iter().map(flag_of).collect();
    if transcript.words.is_empty() {
        flags.push(QaFlag {
            kind: FlagKind::OmissionSuspected,
            note: Phi::text("No words were recognised in this recording."),
            audio: None,
            text: None,
        });
    }
    (Draft { text }, flags)
}

fn push_word(text: &mut String, word: &str, new_paragraph: bool) {
    if !text.is_empty() {
        text.push_str(if new_paragraph { "\n\n" } else { " " });
    }
    text.push_str(word);
}

/// A blank where words are missing. Invented words were kept out of a place that may be silent,
/// so they leave a flag but no blank.
fn push_blank(text: &mut String, doubt: &Doubt) {
    match doubt.kind {
        DoubtKind::SpeechWithoutWords | DoubtKind::NotRecognised => push_word(text, BLANK, false),
        DoubtKind::InventedWords => {}
    }
}

fn ends_sentence(text: &str) -> bool {
    text.ends_with(['.', '?', '!'])
}

fn flag_of(doubt: &Doubt) -> QaFlag {
    let (kind, note) = match doubt.kind {
        DoubtKind::SpeechWithoutWords => {
            (FlagKind::OmissionSuspected, "There is speech here that gave no words.")
        }
        DoubtKind::InventedWords => (
            FlagKind::Hallucination,
            "The engine wrote words here that it seems to have made up; they were kept out.",
        ),
        DoubtKind::NotRecognised => (FlagKind::Inaudible, "This stretch could not be recognised."),
    };
    QaFlag { kind, note: Phi::text(note), audio: Some(doubt.span), text: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::AudioSpan;
    use crate::domain::transcript::Word;

    fn word(text: &str, start_ms: u32) -> Word {
        Word { text: text.into(), start_ms, end_ms: start_ms + 300, confidence: 0.9 }
    }

    fn drafted(words: Vec<Word>, doubts: Vec<Doubt>) -> (String, Vec<&'static str>) {
        let transcript = Transcript {
            words,
            doubts,
            reconsidered: vec![],
            audio_ms: 60_000,
            model: "base".into(),
        };
        let (draft, flags) = draft(&transcript);
        (draft.text, flags.iter().map(|flag| flag.kind.code()).collect())
    }

    fn doubt(kind: DoubtKind, start_ms: u32) -> Doubt {
        Doubt { kind, span: AudioSpan { start_ms, end_ms: start_ms + 1000 } }
    }

    #[test]
    fn words_are_joined_and_a_long_pause_after_a_sentence_begins_a_paragraph() {
        let words = vec![word("No", 0), word("fever.", 400), word("Follow", 4000)];
        assert_eq!(drafted(words, vec![]), ("No fever.\n\nFollow".into(), vec![]));
        let words = vec![word("No", 0), word("fever", 4000)];
        assert_eq!(drafted(words, vec![]).0, "No fever", "a pause within a sentence is nothing");
    }

    #[test]
    fn missing_words_leave_a_blank_at_their_place_and_a_flag() {
        let words = vec![word("Take", 0), word("daily.", 5000)];
        let doubts = vec![doubt(DoubtKind::SpeechWithoutWords, 1000)];
        let (text, flags) = drafted(words, doubts);
        assert_eq!(text, "Take ____ daily.");
        assert_eq!(flags, ["OMISSION-SUSPECTED"]);
    }

    #[test]
    fn invented_words_leave_a_flag_and_no_blank() {
        let doubts = vec![doubt(DoubtKind::InventedWords, 1000)];
        let (text, flags) = drafted(vec![word("Stop.", 0)], doubts);
        assert_eq!((text.as_str(), flags), ("Stop.", vec!["HALLUCINATION"]));
    }

    #[test]
    fn a_recording_without_words_is_an_empty_draft_and_a_flag() {
        assert_eq!(drafted(vec![], vec![]), (String::new(), vec!["OMISSION-SUSPECTED"]));
    }
}
