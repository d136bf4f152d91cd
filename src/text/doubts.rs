//! What the recogniser doubts itself: a blank where words are missing, a flag with its place in
//! the audio, and paragraphs at long pauses where the author dictates none.
//!
//! Not for: doubts about what the words mean.
//!
//! Invariant: every doubt of the transcript is a flag.

use super::token::{Case, Gap, Kind, Token};
use crate::domain::flag::{BLANK, FLAG_NOTE_MAX, FlagKind, QaFlag};
use crate::domain::phi::Phi;
use crate::domain::time::{AudioSpan, TextSpan};
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

/// Doubts about which medicine, dose or number stands at one place are one flag, of the kind that
/// weighs most, with all reasons.
pub fn joined(flags: Vec<QaFlag>) -> Vec<QaFlag> {
    let mut order: Vec<usize> = (0..flags.len()).collect();
    order.sort_by_key(|at| (flags[*at].text.map_or(u32::MAX, |text| text.start), *at));
    let mut flags: Vec<Option<QaFlag>> = flags.into_iter().map(Some).collect();
    let mut last: Option<usize> = None;
    for at in order {
        let Some(flag) = flags[at].take_if(|flag| weight(flag.kind) > 0 && flag.text.is_some())
        else {
            continue;
        };
        let known = last.and_then(|last| flags[last].as_mut());
        match known.filter(|known| is_one_doubt(known, &flag)) {
            Some(known) => join(known, flag),
            None => {
                flags[at] = Some(flag);
                last = Some(at);
            }
        }
    }
    flags.into_iter().flatten().collect()
}

fn join(known: &mut QaFlag, flag: QaFlag) {
    let (one, other) = (known.note.reveal(), flag.note.reveal());
    if !one.contains(other.as_str()) {
        known.note = Phi::text(format!("{one} {other}"));
    }
    if weight(flag.kind) > weight(known.kind) {
        known.kind = flag.kind;
    }
    known.text = spanned(known.text, flag.text);
}

/// 0 for what is never joined to another flag.
fn weight(kind: FlagKind) -> u8 {
    match kind {
        FlagKind::DrugDose => 4,
        FlagKind::Number => 3,
        FlagKind::UnknownTerm => 2,
        FlagKind::LookAlike => 1,
        _ => 0,
    }
}

fn is_one_doubt(one: &QaFlag, other: &QaFlag) -> bool {
    let overlap = |a: TextSpan, b: TextSpan| a.start < b.end && b.start < a.end;
    // Both reasons must have room: none is left out.
    let length = one.note.reveal().len() + other.note.reveal().len();
    length < FLAG_NOTE_MAX && one.text.zip(other.text).is_some_and(|(a, b)| overlap(a, b))
}

fn spanned(one: Option<TextSpan>, other: Option<TextSpan>) -> Option<TextSpan> {
    let (one, other) = (one?, other?);
    Some(TextSpan { start: one.start.min(other.start), end: one.end.max(other.end) })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(kind: FlagKind, note: &str, text: Option<(u32, u32)>) -> QaFlag {
        let text = text.map(|(start, end)| TextSpan { start, end });
        QaFlag { kind, note: Phi::text(note.to_owned()), audio: None, text }
    }

    #[test]
    fn doubts_about_one_medicine_are_one_flag_with_all_reasons() {
        let found = joined(vec![
            flag(FlagKind::LookAlike, "Look-alike.", Some((0, 10))),
            flag(FlagKind::SectionMissing, "Missing.", None),
            flag(FlagKind::DrugDose, "Too high.", Some((0, 16))),
            flag(FlagKind::LookAlike, "Another.", Some((30, 40))),
        ]);
        let told: Vec<(&str, &str)> =
            found.iter().map(|flag| (flag.kind.code(), flag.note.reveal().as_str())).collect();
        assert_eq!(
            told,
            [
                ("DRUG-DOSE", "Look-alike. Too high."),
                ("SECTION-MISSING", "Missing."),
                ("LASA", "Another."),
            ]
        );
        assert_eq!(found[0].text, Some(TextSpan { start: 0, end: 16 }));
    }

    #[test]
    fn flags_whose_reasons_have_no_room_in_one_note_stay_two() {
        let long = "x".repeat(FLAG_NOTE_MAX - 4);
        let flags = [flag(FlagKind::DrugDose, &long, Some((0, 16)))];
        let found = joined([flags, [flag(FlagKind::Number, "Other.", Some((0, 5)))]].concat());
        assert_eq!(found.len(), 2);
    }
}
