//! The author's corrections of the text they saw while speaking, brought into the draft of the
//! whole recording.
//!
//! Not for: edits of a report, which are versions (`workflow/review.rs`).
//!
//! Invariant: what the author wrote stays as they wrote it; where the draft differs there, it is
//! a flag and not a change. Everywhere else the draft stands.

use super::Draft;
use crate::domain::flag::{FlagKind, QaFlag};
use crate::domain::phi::Phi;
use crate::domain::time::TextSpan;
use similar::{Algorithm, DiffOp, capture_diff_slices};
use std::ops::Range;

/// Brings the corrections in: `shown` became `corrected` in the author's hands.
pub fn with_corrections(
    draft: Draft,
    flags: Vec<QaFlag>,
    shown: &str,
    corrected: &str,
) -> (Draft, Vec<QaFlag>) {
    let (base, mine, heard) = (pieces(shown), pieces(corrected), pieces(&draft.text));
    let edits = hunks(&base, &mine);
    if edits.is_empty() {
        return (draft, flags);
    }
    let Merged { text, suggestions } = merge(&base, edits, hunks(&base, &heard), &mine, &heard);
    let moved = Moved::between(&draft.text, &text);
    let mut flags: Vec<QaFlag> = flags
        .into_iter()
        .map(|flag| QaFlag { text: flag.text.and_then(|span| moved.span(span)), ..flag })
        .collect();
    flags.extend(suggestions);
    let marks = draft
        .marks
        .into_iter()
        .filter_map(|mark| Some(super::SourceMark { text: moved.span(mark.text)?, ..mark }));
    let changes = draft
        .changes
        .into_iter()
        .filter_map(|change| Some(super::Change { text: moved.span(change.text)?, ..change }));
    let (marks, changes) = (marks.collect(), changes.collect());
    (Draft { text, marks, changes, ..draft }, flags)
}

/// Words and what stands between them.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut from = 0;
    let mut last = None;
    for (at, letter) in text.char_indices() {
        let is_space = letter.is_whitespace();
        if last.is_some_and(|last| last != is_space) {
            pieces.push(&text[from..at]);
            from = at;
        }
        last = Some(is_space);
    }
    if from < text.len() {
        pieces.push(&text[from..]);
    }
    pieces
}

/// A stretch of the old pieces, and the new ones in its place.
#[derive(Clone, Debug)]
struct Hunk {
    old: Range<usize>,
    new: Range<usize>,
}

fn hunks(old: &[&str], new: &[&str]) -> Vec<Hunk> {
    let ops = capture_diff_slices(Algorithm::Myers, old, new);
    let changed = ops.into_iter().filter(|op| !matches!(op, DiffOp::Equal { .. }));
    changed.map(|op| Hunk { old: op.old_range(), new: op.new_range() }).collect()
}

struct Merged {
    text: String,
    suggestions: Vec<QaFlag>,
}

/// Goes through the text shown; where both sides changed it, the author's side is taken.
fn merge(
    base: &[&str],
    mine: Vec<Hunk>,
    heard: Vec<Hunk>,
    my_pieces: &[&str],
    heard_pieces: &[&str],
) -> Merged {
    let mut text = String::new();
    let mut suggestions = Vec::new();
    let (mut mine, mut heard) = (mine.into_iter().peekable(), heard.into_iter().peekable());
    let mut at = 0;
    loop {
        let next = [mine.peek(), heard.peek()].into_iter().flatten().map(|h| h.old.start).min();
        let Some(start) = next else { break };
        text.extend(base[at..start].iter().copied());
        // Everything of either side that meets in this stretch.
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let mut end = start;
        loop {
            let meets = |hunk: &&Hunk| hunk.old.start < end || hunk.old.start == start;
            if let Some(hunk) = mine.next_if(|hunk| meets(&hunk)) {
                end = end.max(hunk.old.end);
                ours.push(hunk);
            } else if let Some(hunk) = heard.next_if(|hunk| meets(&hunk)) {
                end = end.max(hunk.old.end);
                theirs.push(hunk);
            } else {
                break;
            }
        }
        let written = |hunks: &[Hunk], pieces: &[&str]| replaced(base, start..end, hunks, pieces);
        let from = text.chars().count() as u32;
        if ours.is_empty() {
            text.push_str(&written(&theirs, heard_pieces));
        } else {
            let (own, other) = (written(&ours, my_pieces), written(&theirs, heard_pieces));
            text.push_str(&own);
            let span = TextSpan { start: from, end: text.chars().count() as u32 };
            if own.trim() != other.trim() && !theirs.is_empty() {
                suggestions.push(suggestion(&own, &other, span));
            }
        }
        at = end;
    }
    text.extend(base[at..].iter().copied());
    Merged { text, suggestions }
}

/// A stretch of the base with the hunks of one side put in.
fn replaced(base: &[&str], range: Range<usize>, hunks: &[Hunk], pieces: &[&str]) -> String {
    let mut text = String::new();
    let mut at = range.start;
    for hunk in hunks {
        text.extend(base[at..hunk.old.start].iter().copied());
        text.extend(pieces[hunk.new.clone()].iter().copied());
        at = hunk.old.end;
    }
    text.extend(base[at..range.end].iter().copied());
    text
}

fn suggestion(own: &str, other: &str, span: TextSpan) -> QaFlag {
    let note = format!(
        "You wrote “{}” while speaking; the whole recording heard again says “{}”.",
        own.trim(),
        other.trim()
    );
    let kind = FlagKind::HeardOtherwise;
    QaFlag { kind, note: Phi::new(note), audio: None, text: Some(span) }
}

/// Where the characters of one text stand in another.
struct Moved(Vec<Option<u32>>);

impl Moved {
    fn between(old: &str, new: &str) -> Self {
        let (old, new) = (pieces(old), pieces(new));
        let length = |pieces: &[&str]| pieces.iter().map(|p| p.chars().count()).sum::<usize>();
        let mut places = Vec::with_capacity(length(&old) + 1);
        let mut to = 0;
        for op in capture_diff_slices(Algorithm::Myers, &old, &new) {
            let (from, count) = (length(&old[op.old_range()]), length(&new[op.new_range()]));
            let equal = matches!(op, DiffOp::Equal { .. });
            places.extend((0..from).map(|n| equal.then_some((to + n) as u32)));
            to += count;
        }
        Self(places)
    }

    /// The span in the new text, if its first and last characters are there.
    fn span(&self, span: TextSpan) -> Option<TextSpan> {
        let at = |place: u32| self.0.get(place as usize).copied().flatten();
        if span.end <= span.start {
            return at(span.start).map(|start| TextSpan { start, end: start });
        }
        let (start, last) = (at(span.start)?, at(span.end - 1)?);
        Some(TextSpan { start, end: last + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(shown: &str, corrected: &str, heard: &str) -> (String, Vec<QaFlag>) {
        let draft = Draft { text: heard.into(), ..Draft::default() };
        let (draft, flags) = with_corrections(draft, vec![], shown, corrected);
        (draft.text, flags)
    }

    #[test]
    fn the_draft_stands_where_the_author_wrote_nothing() {
        let (text, flags) = merged(
            "The graph was closed. No fever.",
            "The graph was closed. No fever. Seen with Dr. Moss.",
            "The graft was closed. No fever.",
        );
        assert_eq!(text, "The graft was closed. No fever. Seen with Dr. Moss.");
        assert!(flags.is_empty());
    }

    #[test]
    fn what_the_author_wrote_stays_and_the_other_hearing_is_a_suggestion() {
        let (text, flags) = merged(
            "Start levator acetam today.",
            "Start lamotrigine today.",
            "Start levetiracetam today.",
        );
        assert_eq!(text, "Start lamotrigine today.");
        assert_eq!(flags.len(), 1);
        assert!(flags[0].note.reveal().contains("levetiracetam"), "{}", flags[0].note.reveal());
        assert_eq!(flags[0].text, Some(TextSpan { start: 6, end: 17 }));
        let same = merged("On a big 75 mg.", "On Plavix 75 mg.", "On Plavix 75 mg.");
        assert_eq!((same.0.as_str(), same.1.len()), ("On Plavix 75 mg.", 0));
    }

    #[test]
    fn flags_of_the_draft_move_with_their_words() {
        let span = TextSpan { start: 9, end: 13 };
        let flag = QaFlag {
            kind: FlagKind::DrugDose,
            note: Phi::text("dose"),
            audio: None,
            text: Some(span),
        };
        let draft = Draft { text: "Aspirin, 81mg daily.".into(), ..Draft::default() };
        let (draft, flags) = with_corrections(
            draft,
            vec![flag],
            "Aspirin, 81mg daily.",
            "Also: Aspirin, 81mg daily.",
        );
        assert_eq!(draft.text, "Also: Aspirin, 81mg daily.");
        assert_eq!(flags[0].text, Some(TextSpan { start: 15, end: 19 }));
    }
}
