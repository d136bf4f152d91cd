//! What the recogniser changed or was left in doubt about, told with the draft.
//!
//! Not for: hearing again (`speech`); the words are settled when they come here.
//!
//! Invariant: every change of the recogniser is a change of the draft with what was heard first;
//! a word that no list has, where terms were weighed in vain, is a flag with these terms, and so is
//! a number, a negation or a side that another hearing had otherwise.

use super::entry::Heard;
use super::safety;
use super::writer;
use super::{Change, Draft, SourceMark};
use crate::domain::flag::{FlagKind, QaFlag};
use crate::domain::phi::Phi;
use crate::domain::time::TextSpan;
use crate::domain::transcript::{Reconsidered, Transcript};
use crate::vocab::candidates::{self, Candidate};
use crate::vocab::doses::{self, Plausible};
use crate::vocab::lexicon::Lexicon;
use crate::vocab::readings;

/// The rule of a change that the vocabulary made.
const RULE: &str = "LEXICON";
/// A change that the audio speaks for less than this is shown to a person, 0 to 1.
const SURE: f32 = 0.35;
/// A medicine that sounds less like what was heard than this is shown, and one that is not so
/// much ahead of every other usual one. On the recordings of `tests/data/critical-slots.tsv` this
/// shows each of the five that were wrong and 2 of the 20 that were right. A name that nobody was
/// seen to use is shown unless it has its dose.
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
        let text = writer::place_of(&draft.marks, &place.words);
        let written = || Written::of(draft, text);
        let words = writer::heard_text(heard, &place.words);
        let otherwise = place.otherwise.as_deref().map(|other| heard_otherwise(&words, other));
        let open = || Some((FlagKind::UnknownTerm, note(place, &words, &written, lexicon)?));
        let (kind, note) = otherwise.or_else(open)?;
        Some(QaFlag {
            kind,
            note: Phi::text(note),
            audio: writer::audio_of(heard, &place.words),
            text,
        })
    };
    transcript.reconsidered.iter().filter_map(flag).collect()
}

/// A number, a negation or a side that was heard in two ways is never settled by the machine.
fn heard_otherwise(words: &str, other: &str) -> (FlagKind, String) {
    let note = match other {
        "" => format!("\"{words}\" was heard once and not the other time. Was it said?"),
        _ => format!("\"{words}\" was also heard as \"{other}\". Which of them was said?"),
    };
    (FlagKind::HeardOtherwise, note)
}

/// What the draft has at a place, and the dose behind it.
struct Written {
    text: String,
    dose: Option<(f32, String)>,
}

impl Written {
    fn of(draft: &Draft, place: Option<TextSpan>) -> Self {
        let Some(place) = place else { return Self { text: String::new(), dose: None } };
        let from = draft.marks.partition_point(|mark| mark.text.start < place.start);
        let end = draft.marks.partition_point(|mark| mark.text.start < place.end);
        let after = draft.marks.get(end..).unwrap_or_default();
        let texts = |marks: &[SourceMark]| -> Vec<String> {
            let Some((first, last)) = marks.first().zip(marks.last()) else { return Vec::new() };
            let length = (last.text.end - first.text.start) as usize;
            let text = draft.text.chars().skip(first.text.start as usize).take(length);
            text.collect::<String>().split(' ').map(str::to_owned).collect()
        };
        let text = texts(draft.marks.get(from..end).unwrap_or_default()).join(" ");
        let behind = texts(after.get(..2.min(after.len())).unwrap_or_default());
        let amount = behind.first().and_then(|figure| figure.replace(',', "").parse().ok());
        let unit = behind.get(1).map(|unit| unit.trim_end_matches(['.', ',']).to_owned());
        Self { text, dose: amount.zip(unit) }
    }
}

fn note(
    place: &Reconsidered,
    words: &str,
    written: &dyn Fn() -> Written,
    lexicon: &Lexicon,
) -> Option<String> {
    let others = place.alternatives.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    match &place.heard {
        Some(first) if place.score < SURE => {
            Some(format!("\"{words}\" was first heard as \"{first}\"; the audio leaves it open."))
        }
        Some(first) if is_in_doubt(first, words, written, lexicon) => Some(format!(
            "The medicine \"{words}\" was first heard as \"{first}\"; is it the right one?"
        )),
        Some(_) => None,
        None if is_known(words, lexicon) || is_known(&written().text, lexicon) => None,
        None => Some(format!("\"{words}\" is in no word list. It may be: {others}.")),
    }
}

fn is_known(words: &str, lexicon: &Lexicon) -> bool {
    !words.is_empty() && words.split(' ').all(|word| readings::is_listed(lexicon, word))
}

/// Whether a medicine was put in that hardly anybody is given, or that sounds hardly more like what
/// was heard than another one does (domain specification 1.1, rule 4: never settle a medicine
/// silently).
fn is_in_doubt(first: &str, words: &str, written: &dyn Fn() -> Written, lexicon: &Lexicon) -> bool {
    let drug = |name: &str| {
        let term = lexicon.term(lexicon.find(name)?);
        term.subjects.is_drug().then_some(term)
    };
    let plain = words.trim_matches(|c: char| !c.is_alphanumeric());
    let Some(own) = drug(plain) else { return false };
    let heard: Vec<&str> = first.split([' ', '-']).collect();
    let sound = candidates::likeness(&heard, own.text);
    let generic = safety::generic(plain, lexicon);
    let dose = written().dose;
    let dosed = |generic: &Option<String>| {
        let (name, (amount, unit)) = generic.as_ref().zip(dose.as_ref())?;
        Some(doses::plausible(name, *amount, unit))
    };
    // A dose that is usual for it speaks against a rival that is not given so.
    let fits = dosed(&generic) == Some(Plausible::Yes);
    let is_rival = |candidate: &Candidate| {
        let term = lexicon.term(candidate.id);
        let other = term.subjects.is_drug() && term.common >= RIVAL_COMMON;
        let rival = safety::generic(term.text, lexicon);
        let excluded = || matches!(dosed(&rival), Some(Plausible::TooLow | Plausible::TooHigh));
        other && candidate.sound > sound - AHEAD && rival != generic && !(fits && excluded())
    };
    let is_strange = !own.is_used() && !fits;
    let found = || candidates::for_span(lexicon, &heard, WEIGHED);
    sound < LIKE || is_strange || found().iter().any(is_rival)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_doubt(first: &str, words: &str, dose: Option<(f32, &str)>) -> bool {
        let written = || Written {
            text: words.to_owned(),
            dose: dose.map(|(amount, unit)| (amount, unit.to_owned())),
        };
        is_in_doubt(first, words, &written, &Lexicon::built_in())
    }

    #[test]
    fn a_medicine_with_a_rival_or_that_nobody_uses_is_shown() {
        assert!(in_doubt("Dexadron", "Decadron", None), "Dexedrine, a word of the language too");
        assert!(in_doubt("Pendelow", "Pandel", None), "hardly used");
        assert!(in_doubt("Nymidipine", "nifedipine", None), "nimodipine");
    }

    #[test]
    fn a_usual_medicine_that_stands_alone_by_its_sound_is_not_shown() {
        assert!(!in_doubt("furostimide", "furosemide", None));
        assert!(!in_doubt("metroprolol", "metoprolol", Some((25.0, "mg"))));
        assert!(!in_doubt("levator acetam", "levetiracetam", None));
    }
}
