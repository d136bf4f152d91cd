//! What the recogniser doubts itself: a blank where words are missing, a flag with its place in
//! the audio, and paragraphs at long pauses where the author dictates none.
//!
//! Not for: doubts about what the words mean.
//!
//! Invariant: every doubt of the transcript is a flag.

use super::token::{Case, Gap, Kind, Token};
use crate::domain::flag::{BLANK, FlagKind, QaFlag};
use crate::domain::phi::Phi;
use crate::domain::time::AudioSpan;
use crate::domain::transcript::{Doubt, DoubtKind, Transcript};

/// A pause between sentences that begins a new paragraph, in milliseconds. A product default.
const PARAGRAPH_PAUSE_MS: u32 = 2500;

/// Puts a blank where words are missing. Invented words were kept out of a place that may be
/// silent, so they leave a flag but no blank.
pub fn blanks(tokens: Vec<Token>, transcript: &Transcript) -> Vec<Token> {
    let missing = |doubt: &&Doubt| doubt.kind != DoubtKind::InventedWords;
    let mut doubts = transcript.doubts.iter().filter(missing).peekable();
    if doubts.peek().is_none() {
        return tokens;
    }
    let mut out = Vec::with_capacity(tokens.len() + 4);
    for token in tokens {
        let start = transcript.words.get(token.source.start as usize).map(|word| word.start_ms);
        let before = |doubt: &&Doubt| start.is_some_and(|start| doubt.span.start_ms < start);
        while doubts.next_if(before).is_some() {
            out.push(blank(token.source.start));
        }
        out.push(token);
    }
    let end = transcript.words.len() as u32;
    out.extend(doubts.map(|_| blank(end)));
    out
}

fn blank(place: u32) -> Token {
    let mut blank = Token::new(BLANK, Kind::Blank, place..place);
    blank.case = Case::Held;
    blank.rule = Some("3.3");
    blank
}

/// The flags of the transcript's own doubts.
pub fn flags(transcript: &Transcript) -> Vec<QaFlag> {
    let mut flags: Vec<QaFlag> = transcript.doubts.iter().map(flag_of).collect();
    if transcript.words.is_empty() {
        let note = Phi::text("No words were recognised in this recording.");
        let kind = FlagKind::OmissionSuspected;
        flags.push(QaFlag { kind, note, audio: None, text: None });
    }
    flags.extend(unfinished(transcript));
    flags
}

/// A dictation that breaks off at a comma.
fn unfinished(transcript: &Transcript) -> Option<QaFlag> {
    let last = transcript.words.last()?;
    let plain = last.text.trim_end_matches([',', '.']);
    let breaks_off = last.text.ends_with(',') || plain.eq_ignore_ascii_case("comma");
    let span = AudioSpan { start_ms: last.start_ms, end_ms: last.end_ms.max(last.start_ms) };
    breaks_off.then(|| QaFlag {
        kind: FlagKind::OmissionSuspected,
        note: Phi::text("The text breaks off at a comma; more may have been said."),
        audio: (last.end_ms > 0).then_some(span),
        text: None,
    })
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

/// Begins paragraphs at long pauses after sentences.
pub fn paragraphs(tokens: &mut [Token]) {
    let mut ended = false;
    for token in tokens {
        let long = token.pause_ms.is_some_and(|pause| pause >= PARAGRAPH_PAUSE_MS);
        if ended && long && token.kind != Kind::Mark {
            token.gap = token.gap.max(Gap::Paragraph);
        }
        ended = token.ends_sentence();
    }
}
