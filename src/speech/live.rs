//! Hearing while somebody speaks: final words at pauses, and a glance at what is being said.
//!
//! Not for: where the sound comes from or who reads the words (`jobs/live.rs`).
//!
//! Invariant: final words are never changed, only followed by more; they are in order and within
//! the sound heard so far. The phrase is heard as a chunk of a recording is, by the same engine,
//! after the words that were said before it.

use super::revise::SAID_ONCE_LETTERS;
use super::{Hearing, Hints, Recognizer, Request, SpeechError, Watch};
use crate::audio::phrases::{Open, Phrases};
use crate::audio::{AudioError, Chunk};
use crate::domain::punctuation::Mode;
use crate::domain::transcript::{Transcript, Word};
use std::sync::Arc;

/// So much silence is a dip: what was said before it is heard at once, as it may have been the
/// last of its phrase. If it was, the words are chosen from this same hearing.
const DIP_MS: u32 = 128;
/// So much silence makes it worth hearing the phrase in full before it is certain that it is
/// over; while that goes on, the rest of the pause passes.
const EARLY_MS: u32 = 320;
/// A glance is worth it after so much more was said.
const GLANCE_EVERY_MS: u32 = 700;
/// In silence no glance begins that is not at a dip: the phrase may be over in a moment.
const GLANCE_SILENT_MS: u32 = 32;
/// A phrase that goes on for so long has its beginning settled, at a dip or then without one:
/// what is heard again and again stays short, and so does the wait for its end.
const SETTLE_AT_DIP_MS: u32 = 6_000;
const SETTLE_MS: u32 = 8_000;
/// Where no place was found, it is tried again after so much more.
const SETTLE_AGAIN_MS: u32 = 1_000;
/// Words that end later than this before the end of what was heard may change with what follows
/// (Machacek, Dabre and Bojar 2023, "Turning Whisper into Real-Time Transcription System").
const OPEN_MS: u32 = 2_000;
/// So much at least is settled, and so far apart are the two words between which it ends.
const SETTLED_MIN_MS: u32 = 1_500;
const APART_MIN_MS: u32 = 40;
/// A phrase of this length is settled between any two words.
const SETTLE_ANYWHERE_MS: u32 = 10_000;
/// Words before a phrase that it is heard with.
const BEFORE_WORDS: usize = 24;

/// What to do next for the sound that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing before more sound comes.
    Wait,
    /// Hear what is being said.
    Glance,
    /// Hear the phrase in full: it is over, or likely to be, or long.
    Phrase,
}

/// What came of hearing a phrase in full.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// It was over: its words are final.
    Final,
    /// It goes on, but the words of its beginning are final; these follow for the moment.
    Settled(String),
    /// The speaker went on; these are words for the moment.
    WentOn(String),
}

/// One speaker's sound and what was heard of it.
pub struct Ear {
    phrases: Phrases,
    hints: Arc<Hints>,
    mode: Mode,
    words: Vec<Word>,
    /// The phrase that was heard in full ahead of time: where its voice ended, and its words.
    early: Option<(usize, Vec<Word>)>,
    /// How much of the open phrase was heard last; at a dip also where its voice had ended.
    heard_ms: u32,
    heard_to: usize,
    /// The length at which no place was found to settle the phrase.
    unsettled_ms: u32,
}

impl Ear {
    /// Goes on after these final words; the sound begins at this place of the recording.
    pub fn new(request: &Request, words: Vec<Word>, from_ms: u32) -> Self {
        Self {
            phrases: Phrases::new(from_ms, request.pace),
            hints: Arc::clone(&request.hints),
            mode: request.mode,
            words,
            early: None,
            heard_ms: 0,
            heard_to: 0,
            unsettled_ms: 0,
        }
    }

    pub fn push(&mut self, samples: &[f32]) {
        self.phrases.push(samples);
    }

    /// Nothing more will come.
    pub fn finish(&mut self) {
        self.phrases.finish();
    }

    /// The final words so far.
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// Up to where everything said is among the final words, milliseconds.
    pub fn through_ms(&self) -> u32 {
        self.phrases.through_ms()
    }

    /// What the sound so far calls for.
    pub fn next(&self) -> Next {
        let Some(open) = self.phrases.open() else { return Next::Wait };
        let Open { length_ms, silent_ms, is_over } = open;
        let voiced_to = self.phrases.voiced_to();
        let is_heard = self.early.as_ref().is_some_and(|(at, _)| *at == voiced_to);
        if is_over || !is_heard && (silent_ms >= EARLY_MS || self.is_long(open)) {
            return Next::Phrase;
        }
        let is_due = match silent_ms {
            _ if is_heard => false,
            DIP_MS.. => self.heard_to != voiced_to,
            silent_ms => {
                let more_ms = length_ms.saturating_sub(self.heard_ms);
                more_ms >= GLANCE_EVERY_MS && silent_ms <= GLANCE_SILENT_MS
            }
        };
        if is_due { Next::Glance } else { Next::Wait }
    }

    /// Whether the beginning of the phrase is to be settled.
    fn is_long(&self, open: Open) -> bool {
        let from_ms = if open.silent_ms >= DIP_MS { SETTLE_AT_DIP_MS } else { SETTLE_MS };
        let again_ms = self.unsettled_ms + SETTLE_AGAIN_MS;
        open.length_ms >= from_ms && (self.unsettled_ms == 0 || open.length_ms >= again_ms)
    }

    /// Hears what is being said.
    ///
    /// # Errors
    /// Those of the recogniser.
    pub fn glance(
        &mut self,
        recognizer: &dyn Recognizer,
        watch: &dyn Watch,
    ) -> Result<String, SpeechError> {
        let Some(chunk) = self.phrases.so_far() else { return Ok(String::new()) };
        self.remember(&chunk);
        self.early = None;
        let words = self.hear(recognizer, &chunk, Hearing::Glance, watch)?;
        Ok(joined(&words))
    }

    /// Hears the open phrase in full. `more` brings the sound that came meanwhile.
    ///
    /// # Errors
    /// Those of the recogniser.
    pub fn phrase(
        &mut self,
        recognizer: &dyn Recognizer,
        watch: &dyn Watch,
        more: &mut dyn FnMut(&mut Phrases),
    ) -> Result<Fate, SpeechError> {
        if !self.phrases.is_paused() {
            let Some(chunk) = self.phrases.so_far() else { return Ok(Fate::Final) };
            self.remember(&chunk);
            let at = self.phrases.voiced_to();
            let words = self.hear(recognizer, &chunk, Hearing::Phrase, watch)?;
            more(&mut self.phrases);
            if !self.phrases.is_paused()
                && let Some(fate) = self.settle(&words, &chunk, at)
            {
                return Ok(fate);
            }
            self.early = Some((at, words));
        }
        let is_paused = self.phrases.is_paused();
        let voiced_to = self.phrases.voiced_to();
        let Some(chunk) = self.phrases.take() else { return Ok(Fate::Final) };
        let words = match self.early.take() {
            Some((at, words)) if is_paused && at == voiced_to => words,
            _ => self.hear(recognizer, &chunk, Hearing::Phrase, watch)?,
        };
        (self.heard_ms, self.unsettled_ms) = (0, 0);
        self.append(words, chunk.end_ms());
        Ok(Fate::Final)
    }

    fn remember(&mut self, chunk: &Chunk) {
        self.heard_ms = chunk.end_ms() - chunk.start_ms;
        let is_dip = self.phrases.open().is_some_and(|open| open.silent_ms >= DIP_MS);
        self.heard_to = if is_dip { self.phrases.voiced_to() } else { 0 };
    }

    /// Makes the beginning of a long phrase final; all of it stays open where it is short, and
    /// where there is no place to part it. `None` when it is too long to stay open.
    fn settle(&mut self, words: &[Word], chunk: &Chunk, at: usize) -> Option<Fate> {
        let is_long = chunk.end_ms() - chunk.start_ms >= SETTLE_AT_DIP_MS;
        let Some((count, place_ms)) = place_to_settle(words, chunk).filter(|_| is_long) else {
            if self.phrases.open().is_some_and(|open| open.is_over) {
                return None;
            }
            self.unsettled_ms = if is_long { self.heard_ms } else { 0 };
            self.early = Some((at, words.to_vec()));
            return Some(Fate::WentOn(joined(words)));
        };
        let (settled, open) = words.split_at(count);
        self.phrases.settle(place_ms);
        self.heard_ms = chunk.end_ms().saturating_sub(place_ms);
        self.unsettled_ms = 0;
        self.append(settled.to_vec(), place_ms);
        self.early = Some((at, open.to_vec()));
        Some(Fate::Settled(joined(open)))
    }

    fn hear(
        &self,
        recognizer: &dyn Recognizer,
        chunk: &Chunk,
        hearing: Hearing,
        watch: &dyn Watch,
    ) -> Result<Vec<Word>, SpeechError> {
        let said = &self.words[self.words.len().saturating_sub(BEFORE_WORDS)..];
        let hints = Arc::clone(&self.hints);
        let request = Request {
            plain: false,
            mode: self.mode,
            hints,
            hearing,
            before: joined(said),
            ..Request::default()
        };
        Ok(recognizer.recognize(chunk, &request, watch)?.words)
    }

    fn append(&mut self, mut words: Vec<Word>, end_ms: u32) {
        while is_same_again(&self.words, &words) {
            words.remove(0);
        }
        let mut earliest = self.words.last().map_or(0, |word| word.start_ms);
        for mut word in words {
            word.start_ms = word.start_ms.clamp(earliest, end_ms.max(earliest));
            word.end_ms = word.end_ms.clamp(word.start_ms, end_ms.max(word.start_ms));
            earliest = word.start_ms;
            self.words.push(word);
        }
    }
}

/// Whether the last word before was heard once more after it: a phrase that was parted has it on
/// both sides, and Whisper repeats what it was told was said before. Short words and numbers are
/// said twice.
fn is_same_again(before: &[Word], after: &[Word]) -> bool {
    let (Some(last), Some(first)) = (before.last(), after.first()) else { return false };
    let letters = |word: &Word| -> String {
        word.text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
    };
    let (last, first) = (letters(last), letters(first));
    last.chars().count() >= SAID_ONCE_LETTERS && last == first
}

/// How many words of a phrase that goes on are final, and where the last of them ends: at the
/// widest gap between two words that are both certain by now, the later of two alike.
fn place_to_settle(words: &[Word], chunk: &Chunk) -> Option<(usize, u32)> {
    let (start_ms, end_ms) = (chunk.start_ms, chunk.end_ms());
    let anywhere = end_ms - start_ms >= SETTLE_ANYWHERE_MS;
    let mut widest = if anywhere { 0 } else { APART_MIN_MS };
    let mut place = None;
    for (count, pair) in (1..).zip(words.windows(2)) {
        let (end, next) = (pair[0].end_ms, pair[1].start_ms);
        let is_certain = end >= start_ms + SETTLED_MIN_MS && next + OPEN_MS <= end_ms;
        let apart = next.saturating_sub(end);
        if is_certain && apart >= widest {
            widest = apart;
            place = Some((count, end.midpoint(next)));
        }
    }
    place
}

fn joined(words: &[Word]) -> String {
    words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Loads the model by hearing a second of silence.
///
/// # Errors
/// Those of the recogniser.
pub fn warm_up(recognizer: &dyn Recognizer, watch: &dyn Watch) -> Result<(), SpeechError> {
    let samples = vec![0.0; crate::audio::SAMPLE_RATE as usize];
    let silence =
        Chunk { start_ms: 0, samples, energy_db: -120.0, has_speech: false, voice: vec![] };
    let request = Request { plain: true, hearing: Hearing::Glance, ..Request::default() };
    recognizer.recognize(&silence, &request, watch).map(drop)
}

/// Hears a whole recording as if somebody spoke it now, for measuring: the words are those that
/// they would have seen become final if hearing took no time. Glances that nothing comes of are
/// left out.
///
/// # Errors
/// As [`super::transcribe`].
pub fn rehearse(
    recognizer: &dyn Recognizer,
    samples: impl Iterator<Item = Result<Vec<f32>, AudioError>>,
    audio_ms: u32,
    request: &Request,
    watch: &dyn Watch,
) -> Result<Transcript, SpeechError> {
    let mut ear = Ear::new(request, vec![], 0);
    for block in samples {
        let block = block.map_err(|source| SpeechError::Audio { source })?;
        for piece in block.chunks(STEP) {
            ear.push(piece);
            loop {
                let is_dip = ear.phrases.open().is_some_and(|open| open.silent_ms >= DIP_MS);
                match ear.next() {
                    Next::Phrase => drop(ear.phrase(recognizer, watch, &mut |_| ())?),
                    Next::Glance if is_dip => drop(ear.glance(recognizer, watch)?),
                    Next::Glance | Next::Wait => break,
                }
            }
        }
    }
    ear.finish();
    while let Some(chunk) = ear.phrases.take() {
        let words = ear.hear(recognizer, &chunk, Hearing::Phrase, watch)?;
        ear.append(words, chunk.end_ms());
    }
    let mut words = ear.words;
    for word in &mut words {
        word.start_ms = word.start_ms.min(audio_ms);
        word.end_ms = word.end_ms.min(audio_ms);
    }
    let model = recognizer.model();
    Ok(Transcript { words, doubts: vec![], reconsidered: vec![], audio_ms, model })
}

/// Samples that come at once: 100 ms.
const STEP: usize = crate::audio::SAMPLE_RATE as usize / 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::{silence, spoken};
    use crate::domain::time::AudioSpan;
    use crate::speech::Heard;
    use std::sync::Mutex;

    fn word(text: &str, start_ms: u32, end_ms: u32) -> Word {
        Word { text: text.into(), start_ms, end_ms, confidence: 1.0 }
    }

    /// Hears a word in every 400 ms of the recording, named after its place, with a gap after it.
    #[derive(Default)]
    struct Clock {
        asked: Mutex<Vec<(Hearing, AudioSpan)>>,
    }

    impl Recognizer for Clock {
        fn recognize(
            &self,
            chunk: &Chunk,
            request: &Request,
            _: &dyn Watch,
        ) -> Result<Heard, SpeechError> {
            let span = AudioSpan { start_ms: chunk.start_ms, end_ms: chunk.end_ms() };
            self.asked.lock().expect("no test panics inside").push((request.hearing, span));
            let first = chunk.start_ms.div_ceil(400);
            let words = (first..chunk.end_ms() / 400)
                .map(|at| word(&format!("w{at}"), at * 400, at * 400 + 300));
            Ok(Heard { words: words.collect(), doubts: vec![], reconsidered: vec![] })
        }

        fn model(&self) -> String {
            "clock".into()
        }
    }

    struct Never;

    impl Watch for Never {
        fn stopped(&self) -> bool {
            false
        }

        fn progress(&self, _: f32) {}
    }

    #[test]
    fn a_phrase_is_parted_at_the_widest_gap_before_what_may_still_change() {
        let chunk = |length_ms: u32| Chunk {
            start_ms: 1000,
            samples: vec![0.0; length_ms as usize * 16],
            energy_db: -20.0,
            has_speech: true,
            voice: vec![],
        };
        let words = [
            word("early", 1200, 1500),
            word("one", 2600, 3000),
            word("two", 3050, 3400),
            word("three", 3600, 4000),
            word("four", 4100, 5000),
            word("late", 6000, 6400),
        ];
        assert_eq!(place_to_settle(&words, &chunk(6000)), Some((3, 3500)));
        let close = [word("a", 1000, 3000), word("b", 3000, 4000), word("c", 4010, 4400)];
        assert_eq!(place_to_settle(&close, &chunk(6000)), None, "no gap");
        assert_eq!(place_to_settle(&close, &chunk(10_000)), Some((2, 4005)), "it must be");
        assert_eq!(place_to_settle(&words[..1], &chunk(6000)), None);
    }

    #[test]
    fn a_long_word_that_is_heard_again_at_once_is_kept_once() {
        let said = |text: &str| [word(text, 0, 100)];
        let again = |a: &str, b: &str| is_same_again(&said(a), &said(b));
        assert!(again("lymphadenectomy,", "Lymphadenectomy"));
        for twice in [("had", "had"), ("very", "very"), ("1000000", "1000000"), ("renal", "")] {
            assert!(!again(twice.0, twice.1), "{twice:?}");
        }
        assert!(!is_same_again(&[], &said("lymphadenectomy")));
    }

    #[test]
    fn one_who_never_pauses_sees_final_words_and_each_once() {
        let said = spoken();
        let voiced: Vec<f32> = said.iter().copied().filter(|s| s.abs() > 0.01).collect();
        let endless: Vec<f32> = voiced.iter().cycle().take(40 * 16_000).copied().collect();
        let clock = Clock::default();
        let mut ear = Ear::new(&Request::default(), vec![], 0);
        let mut settled = 0;
        for block in endless.chunks(3200) {
            ear.push(block);
            loop {
                let before = joined(ear.words());
                match ear.next() {
                    Next::Wait => break,
                    Next::Glance => drop(ear.glance(&clock, &Never).expect("it hears")),
                    Next::Phrase => {
                        let fate = ear.phrase(&clock, &Never, &mut |_| ()).expect("it hears");
                        settled += usize::from(matches!(fate, Fate::Settled(_)));
                    }
                }
                assert!(joined(ear.words()).starts_with(&before), "final words stay");
            }
        }
        assert!(settled >= 4, "{settled}");
        let first = ear.words()[0].start_ms / 400;
        for (at, word) in (first..).zip(ear.words()) {
            assert_eq!(word.text, format!("w{at}"), "each word once and in order");
        }
        let asked = clock.asked.into_inner().expect("no test panics inside");
        let longest = asked.iter().map(|(_, span)| span.end_ms - span.start_ms).max();
        assert!(longest < Some(10_000), "what is heard again and again stays short: {longest:?}");
    }

    #[test]
    fn what_is_said_at_the_end_of_a_phrase_is_heard_at_once_and_then_in_full() {
        let clock = Clock::default();
        let mut ear = Ear::new(&Request::default(), vec![], 0);
        let sound = [silence(0.5), spoken(), silence(2.0)].concat();
        let mut order = vec![];
        for block in sound.chunks(512) {
            ear.push(block);
            match ear.next() {
                Next::Wait => {}
                Next::Glance => drop(ear.glance(&clock, &Never).expect("it hears")),
                Next::Phrase => {
                    order.push(ear.phrase(&clock, &Never, &mut |_| ()).expect("it hears"));
                }
            }
        }
        assert_eq!(order.last(), Some(&Fate::Final));
        let asked = clock.asked.into_inner().expect("no test panics inside");
        let [.., (Hearing::Glance, at_once), (Hearing::Phrase, in_full)] = asked.as_slice() else {
            panic!("{asked:?}");
        };
        assert_eq!(at_once.start_ms, in_full.start_ms);
        assert!(in_full.end_ms - at_once.end_ms <= 100, "the engine knows it again: {asked:?}");
    }
}
