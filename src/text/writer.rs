//! Tokens to text: spaces and lines, and for every piece of the text the words it came from.
//!
//! Not for: deciding what is written; that is settled when the tokens come here.
//!
//! Invariant: marks are in the order of the text and cover every character of it that is not
//! white space.

use super::entry::Heard;
use super::token::{Findings, Found, Gap, Removed, Token};
use super::{Change, Draft, SourceMark};
use crate::domain::flag::QaFlag;
use crate::domain::phi::Phi;
use crate::domain::time::{AudioSpan, TextSpan};
use std::ops::Range;

/// The draft of these tokens.
pub fn written(tokens: &[Token], findings: &Findings, heard: &Heard) -> Draft {
    let mut text = String::with_capacity(tokens.len() * 7);
    let mut length = 0_u32;
    let mut marks: Vec<SourceMark> = Vec::with_capacity(tokens.len());
    for token in tokens.iter().filter(|token| !token.text.is_empty()) {
        if length > 0 {
            let gap = match token.gap {
                Gap::None => "",
                Gap::Space => " ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            };
            text.push_str(gap);
            length += gap.len() as u32;
        }
        let start = length;
        text.push_str(&token.text);
        length += token.text.chars().count() as u32;
        marks.push(SourceMark {
            text: TextSpan { start, end: length },
            words: token.source.clone(),
            audio: audio_of(heard, &token.source),
        });
    }
    let changes = changes(tokens, &marks, findings, heard);
    Draft { text, marks, changes, ..Draft::default() }
}

/// The flags with their places in text and audio.
pub fn flags(found: &[Found], draft: &Draft, heard: &Heard) -> Vec<QaFlag> {
    let flag = |found: &Found| QaFlag {
        kind: found.kind,
        note: Phi::text(found.note.clone()),
        audio: audio_of(heard, &found.words),
        text: place_of(&draft.marks, &found.words),
    };
    found.iter().map(flag).collect()
}

/// Where these words are heard, if times are known.
pub fn audio_of(heard: &Heard, words: &Range<u32>) -> Option<AudioSpan> {
    if !heard.timed {
        return None;
    }
    let words = heard.words.get(words.start as usize..words.end as usize)?;
    let (first, last) = (words.first()?, words.last()?);
    Some(AudioSpan { start_ms: first.start_ms, end_ms: last.end_ms.max(first.start_ms) })
}

/// The stretch of text that stands for these words.
pub fn place_of(marks: &[SourceMark], words: &Range<u32>) -> Option<TextSpan> {
    // Sources rise with the text, but for a mark that was moved, so a search finds the start.
    let from = marks.partition_point(|mark| mark.words.end <= words.start).saturating_sub(2);
    let mut place: Option<TextSpan> = None;
    for mark in marks.iter().skip(from) {
        if mark.words.start >= words.end + 2 {
            break;
        }
        if mark.words.start < words.end && words.start < mark.words.end {
            let start = place.map_or(mark.text.start, |place| place.start);
            place = Some(TextSpan { start, end: mark.text.end });
        }
    }
    place
}

fn changes(
    tokens: &[Token],
    marks: &[SourceMark],
    findings: &Findings,
    heard: &Heard,
) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut words: Vec<Range<u32>> = Vec::new();
    let written = tokens.iter().filter(|token| !token.text.is_empty());
    for (token, mark) in written.zip(marks) {
        let Some(rule) = token.rule else { continue };
        let joins = words.last().is_some_and(|last| {
            last.start <= token.source.start && token.source.end <= last.end && !last.is_empty()
        });
        match changes.last_mut() {
            Some(last) if joins => {
                last.written.push_str(if token.gap == Gap::None { "" } else { " " });
                last.written.push_str(&token.text);
                last.text.end = mark.text.end;
            }
            _ => {
                changes.push(Change {
                    heard: heard_text(heard, &token.source),
                    written: token.text.clone(),
                    rule,
                    score: token.score,
                    audio: mark.audio,
                    text: mark.text,
                });
                words.push(token.source.clone());
            }
        }
    }
    let taken = findings.removed.iter().map(|removed| taken_out(removed, marks, heard));
    changes.extend(taken);
    changes.sort_by_key(|change| (change.text.start, change.text.end));
    changes
}

/// A change that left nothing in the text; its place is between its neighbours.
fn taken_out(removed: &Removed, marks: &[SourceMark], heard: &Heard) -> Change {
    let before = marks.partition_point(|mark| mark.words.start < removed.words.start);
    let at = before.checked_sub(1).and_then(|last| marks.get(last)).map_or(0, |mark| mark.text.end);
    Change {
        heard: heard_text(heard, &removed.words),
        written: removed.written.to_owned(),
        rule: removed.rule,
        score: None,
        audio: audio_of(heard, &removed.words),
        text: TextSpan { start: at, end: at },
    }
}

/// The heard words of a stretch, as the engine wrote them.
pub fn heard_text(heard: &Heard, words: &Range<u32>) -> String {
    let words = heard.words.get(words.start as usize..words.end as usize).unwrap_or_default();
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    texts.join(" ")
}
