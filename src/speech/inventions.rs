//! Words that stand where no voice is: Whisper fills silence with what it has read.
//!
//! Not for: words that cannot have been spoken as they stand (`guard`).
//!
//! Invariant: a word is kept or a doubt tells where it stood.

use super::Heard;
use crate::audio::Chunk;
use crate::domain::time::AudioSpan;
use crate::domain::transcript::{Doubt, DoubtKind, Reconsidered, Word};

/// A voice so near to a word may be its own.
const REACH_MS: u32 = 250;
/// A word that is shorter found no place among the others: it was said within the reach in which
/// it was sought (`times`), if it was said.
const PLACED_MS: u32 = 40;
const SOUGHT_MS: u32 = 600;

/// Takes out words that stand where no voice is; a doubt tells where they stood.
pub fn without_inventions(heard: Heard, chunk: &Chunk) -> Heard {
    let is_voiced = |word: &Word| {
        let reach = if word.end_ms - word.start_ms < PLACED_MS { SOUGHT_MS } else { REACH_MS };
        let (from, to) = (word.start_ms.saturating_sub(reach), word.end_ms + reach);
        chunk.voice.is_empty() || chunk.voiced_ms(from, to) > 0
    };
    if heard.words.iter().all(is_voiced) {
        return heard;
    }
    let Heard { words, mut doubts, reconsidered } = heard;
    let mut kept = vec![];
    // Where each word will stand among those that stay.
    let mut places = vec![];
    for word in words {
        places.push(kept.len() as u32);
        if is_voiced(&word) {
            kept.push(word);
            continue;
        }
        let span = AudioSpan { start_ms: word.start_ms, end_ms: word.end_ms };
        match doubts.last_mut() {
            Some(last) if last.span.end_ms + REACH_MS >= span.start_ms => {
                last.span.end_ms = span.end_ms
            }
            _ => doubts.push(Doubt { kind: DoubtKind::InventedWords, span }),
        }
    }
    places.push(kept.len() as u32);
    let moved = reconsidered.into_iter().filter_map(|place| {
        let at = |word: u32| places.get(word as usize).copied();
        let words = at(place.words.start)?..at(place.words.end)?;
        (!words.is_empty()).then_some(Reconsidered { words, ..place })
    });
    Heard { words: kept, doubts, reconsidered: moved.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 10 s with a voice in the first half second and the last 600 ms.
    fn chunk() -> Chunk {
        let voiced = |from: usize, to: usize| (from..to).map(|_| 255_u8).collect::<Vec<_>>();
        let voice = [voiced(0, 50), vec![0; 850], voiced(0, 60)].concat();
        let samples = vec![0.0; 16_000 * 10];
        Chunk { start_ms: 0, samples, energy_db: -20.0, has_speech: true, voice }
    }

    #[test]
    fn a_word_without_extent_is_looked_for_where_it_was_sought() {
        let kept = |start_ms, end_ms| {
            let word = Word { text: "tender.".into(), start_ms, end_ms, confidence: 0.9 };
            let heard = Heard { words: vec![word], ..Heard::default() };
            !without_inventions(heard, &chunk()).words.is_empty()
        };
        assert!(kept(1000, 1020) && !kept(1000, 1300), "the voice ended half a second before");
        assert!(!kept(1200, 1220) && !kept(5000, 5000), "no voice is near");
    }

    #[test]
    fn words_where_no_voice_is_are_taken_out_and_told() {
        let word = |text: &str, start_ms| Word {
            text: text.into(),
            start_ms,
            end_ms: start_ms + 300,
            confidence: 0.9,
        };
        let place = |start, end| Reconsidered {
            words: start..end,
            heard: None,
            score: 0.0,
            alternatives: vec!["other".into()],
            otherwise: None,
        };
        let heard = Heard {
            words: vec![
                word("No", 0),
                word("Thank", 5000),
                word("you.", 5300),
                word("fever.", 9000),
            ],
            doubts: vec![],
            reconsidered: vec![place(1, 2), place(3, 4)],
        };
        let kept = without_inventions(heard, &chunk());
        let texts: Vec<&str> = kept.words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["No", "fever."]);
        let span = AudioSpan { start_ms: 5000, end_ms: 5600 };
        assert_eq!(kept.doubts, [Doubt { kind: DoubtKind::InventedWords, span }]);
        assert_eq!(kept.reconsidered, [place(1, 2)]);
    }
}
