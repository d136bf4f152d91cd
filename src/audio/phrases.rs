//! Finds phrases in sound that is still coming: where a voice begins, and where it has paused.
//!
//! Not for: recordings that are complete, whose cuts look ten seconds ahead (`labels`, `plan`).
//!
//! Invariant: phrases are in order and never overlap; a phrase's samples are the sound's own; the
//! sound before a phrase is forgotten. Phrases do not depend on how the sound came in blocks: what
//! came after the end of one waits until it was taken.

use super::labels::VOICE_BEGINS;
use super::silero::{Voice, WINDOW};
use super::{Chunk, SAMPLE_RATE, VOICE_STEP_MS};
use crate::domain::pace::Pace;

const WINDOW_MS: u32 = (WINDOW * 1000 / SAMPLE_RATE as usize) as u32;

/// A voice goes on down to this likelihood. Silero's own default: with the 0.1 of recordings, the
/// network took pauses of 0.7 s for a third of a second, and speakers waited for their words until
/// the phrase was too long (2026-11-22, `benches/live.py`).
const VOICE_GOES_ON: f32 = 0.35;

/// A window so much below the loudest of late holds no voice, whatever the network says, dB: it
/// took 1.2 s of digital silence after a word for 160 ms (2026-11-22, a synthetic voice), while
/// the softest ends of words are some 25 dB below. With a background that is louder than this the
/// network alone decides.
const QUIET_BELOW_DB: f32 = 32.0;
/// The loudest is forgotten by so much in a window, dB: 1 dB a second.
const LOUDEST_FALLS_DB: f32 = WINDOW_MS as f32 / 1000.0;
/// The power of digital silence, which has no logarithm.
const POWER_MIN: f32 = 1e-12;

/// Sound before and after a voice that belongs to it: the network notices a soft first syllable
/// late, and without the levels of the seconds to come nothing else tells.
const PAD_WINDOWS: usize = 384 / WINDOW_MS as usize;
const TAIL_WINDOWS: usize = 224 / WINDOW_MS as usize;

/// A phrase without a pause is cut when it is this long, if nothing of it was settled before:
/// hearing it again and again must stay quick. The cut is at its stillest place after `CUT_FROM`,
/// and not in what was said last.
const LONGEST_MS: u32 = 12_000;
const CUT_FROM_MS: u32 = 5_000;
const CUT_BEFORE_END_MS: u32 = 1_000;

pub struct Phrases {
    voice: Voice,
    /// Samples and windows from `from` on; `from` counts windows from the first sample.
    samples: Vec<f32>,
    windows: Vec<f32>,
    from: usize,
    /// First window of the open phrase.
    began: Option<usize>,
    /// The window after the last with a voice.
    voiced_to: usize,
    /// Milliseconds of the recording before the first sample.
    offset_ms: u32,
    /// A pause this long ends a phrase.
    pause_ms: u32,
    /// Of the windows of late, dB.
    loudest_db: f32,
}

/// A phrase that is being said, or has just been.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// Since its beginning, milliseconds.
    pub length_ms: u32,
    /// Since its last voice, milliseconds.
    pub silent_ms: u32,
    /// It is over: a pause came, or it is too long.
    pub is_over: bool,
}

impl Phrases {
    /// The sound begins at this place of its recording, in milliseconds.
    pub fn new(offset_ms: u32, pace: Pace) -> Self {
        Self {
            voice: Voice::new(),
            samples: Vec::new(),
            windows: Vec::new(),
            from: 0,
            began: None,
            voiced_to: 0,
            offset_ms,
            pause_ms: pace.pause_ms(),
            loudest_db: f32::NEG_INFINITY,
        }
    }

    pub fn push(&mut self, samples: &[f32]) {
        self.samples.extend_from_slice(samples);
        self.voice.push(samples);
        self.take_windows();
    }

    /// Nothing more will come: what is open is over.
    pub fn finish(&mut self) {
        self.voice.finish();
        self.take_windows();
    }

    /// The phrase that is open now.
    pub fn open(&self) -> Option<Open> {
        let began = self.began?;
        let length_ms = (self.now() - began) as u32 * WINDOW_MS;
        let silent_ms = (self.now() - self.voiced_to) as u32 * WINDOW_MS;
        Some(Open {
            length_ms,
            silent_ms,
            is_over: silent_ms >= self.pause_ms || length_ms >= LONGEST_MS,
        })
    }

    /// The place of the last voice: a phrase that has not changed has it where it was.
    pub fn voiced_to(&self) -> usize {
        self.voiced_to
    }

    /// Whether the open phrase is over because its speaker paused.
    pub fn is_paused(&self) -> bool {
        self.open().is_some_and(|open| open.silent_ms >= self.pause_ms)
    }

    /// The open phrase as far as it has come; after a voice only as much as belongs to it.
    pub fn so_far(&self) -> Option<Chunk> {
        Some(self.chunk(self.began?, self.end()))
    }

    /// Ends what was said so far of the open phrase at this place of the recording, milliseconds:
    /// the phrase goes on from there. A place outside of the phrase changes nothing.
    pub fn settle(&mut self, at_ms: u32) {
        let at = (at_ms.saturating_sub(self.offset_ms) / WINDOW_MS) as usize;
        let Some(began) = self.began.filter(|began| (*began..self.end()).contains(&at)) else {
            return;
        };
        self.began = Some(at.max(began));
        self.forget_before(at);
        self.take_windows();
    }

    /// Takes the open phrase. One that is too long is taken up to its stillest place.
    pub fn take(&mut self) -> Option<Chunk> {
        let began = self.began?;
        let Open { silent_ms, .. } = self.open()?;
        let goes_on = silent_ms < self.pause_ms && self.length_ms(began) >= LONGEST_MS;
        let end = if goes_on { self.stillest(began) } else { self.end() };
        let chunk = self.chunk(began, end);
        self.began = goes_on.then_some(end);
        // What follows begins after this phrase, and no earlier than a pad before now.
        self.forget_before(end);
        self.take_windows();
        Some(chunk)
    }

    /// Up to where all that was said is in phrases that were taken, milliseconds.
    pub fn through_ms(&self) -> u32 {
        let window = self.began.unwrap_or_else(|| self.now());
        self.offset_ms.saturating_add(window as u32 * WINDOW_MS)
    }

    fn length_ms(&self, began: usize) -> u32 {
        (self.now() - began) as u32 * WINDOW_MS
    }

    /// The window after the last that was judged.
    fn now(&self) -> usize {
        self.from + self.windows.len()
    }

    fn end(&self) -> usize {
        (self.voiced_to + TAIL_WINDOWS).min(self.now())
    }

    fn take_windows(&mut self) {
        while !self.open().is_some_and(|open| open.is_over)
            && let Some(likelihood) = self.voice.pop()
        {
            let likelihood = if self.is_quiet() { 0.0 } else { likelihood };
            self.windows.push(likelihood);
            let now = self.now();
            let before = self.windows.len().checked_sub(2).map_or(0.0, |at| self.windows[at]);
            match self.began {
                Some(_) if likelihood >= VOICE_GOES_ON && before >= VOICE_GOES_ON => {
                    self.voiced_to = now;
                }
                // A window alone is a click: the shortest word lasts four.
                None if likelihood >= VOICE_BEGINS && before >= VOICE_BEGINS => {
                    self.began = Some(now.saturating_sub(2 + PAD_WINDOWS).max(self.from));
                    self.voiced_to = now;
                }
                Some(_) => {}
                None => self.forget_before(now.saturating_sub(2 + PAD_WINDOWS)),
            }
        }
    }

    /// Whether the window that is judged next is far below those of late.
    fn is_quiet(&mut self) -> bool {
        let at = self.windows.len() * WINDOW;
        let window = &self.samples[at.min(self.samples.len())..];
        let level_db = level_db(&window[..window.len().min(WINDOW)]);
        self.loudest_db = (self.loudest_db - LOUDEST_FALLS_DB).max(level_db);
        level_db < self.loudest_db - QUIET_BELOW_DB
    }

    /// The middle of the three windows with the least voice in the later part.
    fn stillest(&self, began: usize) -> usize {
        let from = began - self.from + (CUT_FROM_MS / WINDOW_MS) as usize;
        let to = self.windows.len() - (CUT_BEFORE_END_MS / WINDOW_MS) as usize;
        let voice = |at: usize| self.windows[at - 1..=at + 1].iter().sum::<f32>();
        let mut best = from;
        for at in from..to {
            if voice(at) <= voice(best) {
                best = at;
            }
        }
        self.from + best
    }

    fn chunk(&self, began: usize, end: usize) -> Chunk {
        let windows = &self.windows[began - self.from..end - self.from];
        // The last window of all may have fewer samples.
        let place = |window: usize| ((window - self.from) * WINDOW).min(self.samples.len());
        let samples = &self.samples[place(began)..place(end)];
        let length_ms = windows.len() as u32 * WINDOW_MS;
        let voice = (0..length_ms / VOICE_STEP_MS).map(|step| {
            let at = (step * VOICE_STEP_MS + VOICE_STEP_MS / 2) / WINDOW_MS;
            (windows[at as usize] * 255.0).round() as u8
        });
        Chunk {
            start_ms: self.offset_ms.saturating_add(began as u32 * WINDOW_MS),
            energy_db: level_db(samples),
            has_speech: true,
            voice: voice.collect(),
            samples: samples.to_vec(),
        }
    }

    fn forget_before(&mut self, window: usize) {
        let count = window.saturating_sub(self.from).min(self.windows.len());
        self.windows.drain(..count);
        self.samples.drain(..(count * WINDOW).min(self.samples.len()));
        self.from += count;
    }
}

fn level_db(samples: &[f32]) -> f32 {
    let power = samples.iter().map(|s| s * s).sum::<f32>() / samples.len().max(1) as f32;
    10.0 * power.max(POWER_MIN).log10()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::{noise, silence, spoken};

    fn phrases(samples: &[f32], block: usize) -> Vec<Chunk> {
        let mut phrases = Phrases::new(1000, Pace::Usual);
        let mut found = vec![];
        for block in samples.chunks(block) {
            phrases.push(block);
            while phrases.open().is_some_and(|open| open.is_over) {
                found.extend(phrases.take());
            }
        }
        phrases.finish();
        while phrases.open().is_some() {
            found.extend(phrases.take());
        }
        found
    }

    #[test]
    fn a_phrase_ends_at_a_pause_and_its_samples_are_the_sound_s_own() {
        let said = spoken();
        let sound = [silence(1.0), said.clone(), silence(1.5), said.clone(), silence(1.5)].concat();
        let found = phrases(&sound, 1600);
        assert!(found.len() >= 2, "{}", found.len());
        let mut last = 0;
        for phrase in &found {
            assert!(
                phrase.start_ms >= last && phrase.end_ms() <= 1000 + sound.len() as u32 / 16 + 32
            );
            last = phrase.end_ms();
            let at = (phrase.start_ms - 1000) as usize * 16;
            assert!(phrase.samples == sound[at..at + phrase.samples.len()]);
            assert!(phrase.voiced_ms(phrase.start_ms, phrase.end_ms()) > 0);
        }
        assert!(found.iter().any(|phrase| phrase.start_ms > 1000 + 1000 + said.len() as u32 / 16));
        // All at once, as a recorder sends it that was away, they are the same.
        let places = |phrases: &[Chunk]| -> Vec<(u32, u32)> {
            phrases.iter().map(|phrase| (phrase.start_ms, phrase.end_ms())).collect()
        };
        assert_eq!(places(&phrases(&sound, sound.len())), places(&found));
    }

    #[test]
    fn a_phrase_whose_beginning_is_settled_goes_on_from_there() {
        let mut open = Phrases::new(1000, Pace::Usual);
        open.push(&[silence(0.5), spoken()].concat());
        let whole = open.so_far().expect("somebody speaks");
        let at_ms = whole.start_ms + (whole.end_ms() - whole.start_ms) / 2;
        for outside in [0, whole.start_ms - 40, whole.end_ms() + 40] {
            open.settle(outside);
            assert!(open.so_far().expect("open").samples == whole.samples, "{outside}");
        }
        open.settle(at_ms);
        let rest = open.so_far().expect("open");
        assert!(rest.start_ms <= at_ms && at_ms < rest.start_ms + 32, "{}", rest.start_ms);
        assert!(whole.samples.ends_with(&rest.samples));
        assert_eq!(open.through_ms(), rest.start_ms);
    }

    #[test]
    fn digital_silence_after_a_word_is_a_pause_at_once_and_no_phrase_begins_in_it() {
        let said = spoken();
        let mut open = Phrases::new(0, Pace::Usual);
        let mut over_at = 0;
        for (number, block) in [said.clone(), silence(3.0)].concat().chunks(WINDOW).enumerate() {
            open.push(block);
            if open.is_paused() {
                over_at = number as u32 * WINDOW_MS;
                open.take();
            }
        }
        let ended_ms = said.len() as u32 / 16;
        assert!(over_at <= ended_ms + Pace::Usual.pause_ms() + 2 * WINDOW_MS, "{over_at}");
        assert_eq!(open.open(), None);
    }

    #[test]
    fn no_voice_is_no_phrase_and_costs_no_memory() {
        let mut quiet = Phrases::new(0, Pace::Usual);
        for block in noise(60.0, 0.01, 5).chunks(3200) {
            quiet.push(block);
            assert!(quiet.open().is_none() && quiet.samples.len() < SAMPLE_RATE as usize);
        }
        assert!(quiet.through_ms() > 59_000);
    }

    #[test]
    fn one_who_never_pauses_is_cut_and_nothing_is_lost_between() {
        let said = spoken();
        let voiced: Vec<f32> = said.iter().copied().filter(|s| s.abs() > 0.01).collect();
        let endless: Vec<f32> = voiced.iter().cycle().take(40 * 16_000).copied().collect();
        for pair in phrases(&endless, 3200).windows(2) {
            let length_ms = pair[0].end_ms() - pair[0].start_ms;
            assert!(length_ms <= LONGEST_MS + 200);
        }
    }
}
