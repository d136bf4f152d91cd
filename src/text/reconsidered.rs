//! What the recogniser changed or was left in doubt about, told with the draft.
//!
//! Not for: hearing again (`speech`); the words are settled when they come here.
//!
//! Invariant: every change of the recogniser is a change of the draft with what was heard first;
//! a word that no list has, where terms were weighed in vain, is a flag with these terms.

use super::entry::Heard;
use super::safety;
use super::writer;
use super::{Change, Draft};
use crate::domain::flag::{FlagKind, QaFlag};
use crate::domain::phi::Phi;
use crate::domain::transcript::{Reconsidered, Transcript};
use crate::vocab::candidates::{self, Candidate};
use crate::vocab::lexicon::Lexicon;
use crate::vocab::readings;

/// The rule of a change that the vocabulary made.
const RULE: &str = "LEXICON";
/// A change that the audio speaks for less than this is shown to a person, 0 to 1.
const SURE: f32 = 0.35;
/// A medicine that sounds less like what was heard than this is shown, and one that is not so
/// much ahead of every other usual one. On the recordings of `tests/data/critical-slots.tsv` this
/// shows each of the five that were wrong and 2 of the 20 that were right.
const LIKE: f32 = 0.6;
const AHEAD: f32 = 0.12;
const RIVAL_COMMON: u8 = 3;
/// How many candidates are held against it.
const WEIGHED: usize = 12;
/// The most terms that are named in a flag.
const NAMED_MAX: usize = 3;

/// Adds the recogniser's changes to those of the draft, in the order of the text.
pub fn add_changes(draft: &mut Draft, transcript: &Transcript, heard: &Heard) {
    let changed = transcript.reconsidered.iter().filter_map(|place| {
        let first = place.heard.as_ref()?;
        let text = writer::place_of(&draft.marks, &place.words)?;
        Some(Change {
            heard: first.clone(),
            written: writer::heard_text(heard, &place.words),
            rule: RULE,
            score: Some(place.score),
            audio: writer::audio_of(heard, &place.words),
            text,
        })
    });
    let changed: Vec<Change> = changed.collect();
    draft.changes.extend(changed);
    draft.changes.sort_by_key(|change| (change.text.start, change.text.end));
}

/// The flags for what is still in doubt.
pub fn flags(
    draft: &Draft,
    transcript: &Transcript,
    heard: &Heard,
    lexicon: &Lexicon,
) -> Vec<QaFlag> {
    let flag = |place: &Reconsidered| {
        let note = note(place, &writer::heard_text(heard, &place.words), lexicon)?;
        Some(QaFlag {
            kind: FlagKind::UnknownTerm,
            note: Phi::text(note),
            audio: writer::audio_of(heard, &place.words),
            text: writer::place_of(&draft.marks, &place.words),
        })
    };
    transcript.reconsidered.iter().filter_map(flag).collect()
}

fn note(place: &Reconsidered, words: &str, lexicon: &Lexicon) -> Option<String> {
    let others = place.alternatives.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    match &place.heard {
        Some(first) if place.score < SURE => {
            Some(format!("\"{words}\" was first heard as \"{first}\"; the audio leaves it open."))
        }
        Some(first) if is_rivalled(first, words, lexicon) => Some(format!(
            "The medicine \"{words}\" was first heard as \"{first}\"; is it the right one?"
        )),
        Some(_) => None,
        None if words.split(' ').all(|word| readings::is_word(lexicon, word)) => None,
        None => Some(format!("\"{words}\" is in no word list. It may be: {others}.")),
    }
}

/// Whether a medicine was put in that sounds hardly more like what was heard than another one
/// does (domain specification 1.1, rule 4: never settle a medicine silently).
fn is_rivalled(first: &str, words: &str, lexicon: &Lexicon) -> bool {
    let drug = |name: &str| {
        let term = lexicon.term(lexicon.find(name)?);
        term.subjects.is_drug().then_some(term)
    };
    let plain = words.trim_matches(|c: char| !c.is_alphanumeric());
    let Some(own) = drug(plain) else { return false };
    let heard: Vec<&str> = first.split([' ', '-']).collect();
    let sound = candidates::likeness(&heard, own.text);
    let generic = safety::generic(plain, lexicon);
    let is_rival = |candidate: &Candidate| {
        let term = lexicon.term(candidate.id);
        let other = term.subjects.is_drug() && term.common >= RIVAL_COMMON && !term.ordinary;
        other && candidate.sound > sound - AHEAD && safety::generic(term.text, lexicon) != generic
    };
    sound < LIKE || candidates::for_span(lexicon, &heard, WEIGHED).iter().any(is_rival)
}
