//! Decides from the labelled frames where chunks begin and end.
//!
//! Not for: samples; it sees labels and levels only.
//!
//! Invariant: every frame of speech or sound is in exactly one span, no span is longer than
//! `MAX_CHUNK_MS`, spans are in order and never overlap.

use super::MAX_CHUNK_MS;
use super::labels::{Label, Labelled, PAD_FRAMES};
use super::levels::FRAMES_PER_SECOND;
use std::collections::VecDeque;

const MAX_FRAMES: usize = MAX_CHUNK_MS as usize * FRAMES_PER_SECOND / 1000;

/// A pause this long ends a chunk: silence inside one invites invented words. Of it,
/// `PAD_FRAMES` on either side belong to the speech.
const MAX_PAUSE_FRAMES: usize = 2 * FRAMES_PER_SECOND - 2 * PAD_FRAMES;

/// A full chunk is cut at its widest pause after this many frames: words need the ones before
/// them to be understood, so no chunk is cut short for want of a better pause.
const MIN_CUT_FRAMES: usize = 12 * FRAMES_PER_SECOND;

/// A pause to cut at. The closure of a stop is at most about 100 ms long.
const CUT_PAUSE_FRAMES: usize = 10;

/// Without a pause, the cut is in the middle of the quietest stretch this long.
const CUT_QUIET_FRAMES: usize = 5;

/// Sound up to this long that touches speech is part of it: a word's hissed end, a breath.
const JOIN_FRAMES: usize = FRAMES_PER_SECOND / 2;

/// Frames `start..end` to be recognised in one go, or to be left alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    pub has_speech: bool,
    pub frames: Vec<Labelled>,
}

/// Frames without a gap that are all speech, or all another sound.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: usize,
    end: usize,
    speech: bool,
}

#[derive(Default)]
pub struct Planner {
    /// Frames seen so far.
    now: usize,
    runs: VecDeque<Run>,
    /// Frames from `kept_from` on, for the runs that wait.
    kept: VecDeque<Labelled>,
    kept_from: usize,
}

impl Planner {
    /// Takes the next frame; gives the span that is complete with it, if any.
    pub fn push(&mut self, frame: Labelled) -> Option<Span> {
        self.kept.push_back(frame);
        self.extend_runs(frame.label);
        self.now += 1;
        let Some(first) = self.runs.front().copied() else {
            self.forget_before(self.now);
            return None;
        };
        if self.now - first.start >= MAX_FRAMES {
            let place = if first.speech { self.cut_place(first.start) } else { self.now };
            return Some(self.cut(place));
        }
        let count = self.runs_of_a_kind();
        let speech_follows = !first.speech && count < self.runs.len();
        let ended = self.now - self.runs[count - 1].end >= MAX_PAUSE_FRAMES;
        (speech_follows || ended).then(|| self.take_runs(count))
    }

    /// The next of the spans that are left at the end.
    pub fn finish(&mut self) -> Option<Span> {
        self.join_to_speech();
        (!self.runs.is_empty()).then(|| self.take_runs(self.runs_of_a_kind()))
    }

    /// First frame that a later span can begin with.
    pub fn needed_from(&self) -> usize {
        self.runs.front().map_or(self.now, |run| run.start)
    }

    fn extend_runs(&mut self, label: Label) {
        let at = self.now;
        let speech = label == Label::Speech;
        if label == Label::Quiet {
            self.join_to_speech();
            return;
        }
        match self.runs.back_mut() {
            Some(run) if run.end == at && run.speech == speech => run.end = at + 1,
            Some(run) if run.end == at && speech && run.end - run.start <= JOIN_FRAMES => {
                *run = Run { start: run.start, end: at + 1, speech };
                self.join_last_two();
            }
            _ => self.runs.push_back(Run { start: at, end: at + 1, speech }),
        }
    }

    /// Makes a short sound that has just ended part of the speech it touches.
    fn join_to_speech(&mut self) {
        let Some(run) = self.runs.back().copied() else { return };
        if !run.speech && run.end == self.now && run.end - run.start <= JOIN_FRAMES {
            self.join_last_two();
        }
    }

    /// Makes one run of the last two if they touch and the first is speech.
    fn join_last_two(&mut self) {
        let Some(before) = self.runs.len().checked_sub(2) else { return };
        let last = self.runs[before + 1];
        if self.runs[before].speech && self.runs[before].end == last.start {
            self.runs[before].end = last.end;
            self.runs.pop_back();
        }
    }

    /// How many of the runs the next span has: up to the last speech, or up to the first.
    fn runs_of_a_kind(&self) -> usize {
        let speech = |run: &Run| run.speech;
        let place = if self.runs[0].speech {
            self.runs.iter().rposition(speech).map(|last| last + 1)
        } else {
            self.runs.iter().position(speech)
        };
        place.unwrap_or(self.runs.len())
    }

    /// The middle of the widest late pause of a full chunk, else its quietest late place.
    fn cut_place(&self, start: usize) -> usize {
        let from = start + MIN_CUT_FRAMES;
        let frames: Vec<Labelled> = self.kept.range(from - self.kept_from..).copied().collect();
        let (mut pause, mut best) = (0, (0, 0));
        for (at, frame) in frames.iter().enumerate() {
            pause = if frame.still { pause + 1 } else { 0 };
            if pause >= CUT_PAUSE_FRAMES.max(best.0) {
                best = (pause, at + 1 - pause / 2);
            }
        }
        if best.0 == 0 {
            best.1 = quietest(&frames);
        }
        from + best.1
    }

    /// Makes a span of what is before `place`.
    fn cut(&mut self, place: usize) -> Span {
        if let Some(at) = self.runs.iter().position(|run| run.start < place && place < run.end) {
            let run = self.runs[at];
            self.runs[at].end = place;
            self.runs.insert(at + 1, Run { start: place, ..run });
        }
        let kind = self.runs[0].speech;
        let last = self.runs.iter().rposition(|run| run.end <= place && run.speech == kind);
        self.take_runs(1 + last.expect("the first run ends before the place or was split there"))
    }

    /// Makes a span of the first `count` runs.
    fn take_runs(&mut self, count: usize) -> Span {
        let (first, end) = (self.runs[0], self.runs[count - 1].end);
        assert!(end - first.start <= MAX_FRAMES, "a span must fit into one chunk");
        self.runs.drain(..count);
        self.forget_before(first.start);
        let frames = self.kept.range(..end - first.start).copied().collect();
        self.forget_before(self.needed_from());
        Span { start: first.start, end, has_speech: first.speech, frames }
    }

    fn forget_before(&mut self, frame: usize) {
        while self.kept_from < frame && self.kept.pop_front().is_some() {
            self.kept_from += 1;
        }
    }
}

/// The middle of the quietest stretch.
fn quietest(frames: &[Labelled]) -> usize {
    let loudness = |stretch: &[Labelled]| stretch.iter().map(|frame| frame.db).sum::<f32>();
    let stretches = frames.windows(CUT_QUIET_FRAMES).enumerate();
    let least = stretches.min_by(|one, other| loudness(one.1).total_cmp(&loudness(other.1)));
    least.map_or(frames.len(), |(at, _)| at + CUT_QUIET_FRAMES / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Label::{Quiet, Sound, Speech};
    use proptest::prelude::*;

    fn frames(pattern: &[(Label, usize)]) -> Vec<Labelled> {
        let mut frames = Vec::new();
        for (label, count) in pattern {
            for at in 0..*count {
                let still = *label == Quiet;
                let db = if still { -60.0 } else { -20.0 - (at % 13) as f32 };
                let voice = if *label == Speech { 0.9 } else { 0.0 };
                frames.push(Labelled { db, voice, still, label: *label });
            }
        }
        frames
    }

    fn planned(frames: &[Labelled]) -> Vec<Span> {
        let mut planner = Planner::default();
        let mut spans: Vec<Span> = frames.iter().filter_map(|frame| planner.push(*frame)).collect();
        spans.extend(std::iter::from_fn(|| planner.finish()));
        spans
    }

    fn places(pattern: &[(Label, usize)]) -> Vec<(usize, usize, bool)> {
        let spans = planned(&frames(pattern));
        spans.iter().map(|span| (span.start, span.end, span.has_speech)).collect()
    }

    #[test]
    fn short_pauses_stay_inside_a_chunk_and_long_ones_are_left_out() {
        let pattern = [(Quiet, 500), (Speech, 300), (Quiet, 150), (Speech, 100), (Quiet, 900)];
        assert_eq!(places(&pattern), [(500, 1050, true)]);
        let pattern = [(Speech, 300), (Quiet, 250), (Speech, 100)];
        assert_eq!(places(&pattern), [(0, 300, true), (550, 650, true)]);
        assert_eq!(places(&[(Quiet, 9000)]), []);
        assert_eq!(places(&[]), []);
    }

    #[test]
    fn a_full_chunk_is_cut_in_the_middle_of_its_widest_late_pause() {
        let mut frames = frames(&[(Speech, 4000)]);
        for pause in [500..800, 1300..1360, 1900..1910] {
            frames[pause].iter_mut().for_each(|frame| frame.still = true);
        }
        let spans = planned(&frames);
        assert_eq!((spans[0].start, spans[0].end), (0, 1330));
        assert_eq!((spans[1].start, spans[1].end), (1330, 4000));
    }

    #[test]
    fn speech_without_a_pause_is_cut_at_its_quietest_place() {
        let mut frames = frames(&[(Speech, 5000)]);
        frames[2000..2005].iter_mut().for_each(|frame| frame.db = -50.0);
        let spans = planned(&frames);
        assert_eq!((spans[0].start, spans[0].end), (0, 2002));
        assert_eq!(spans[1].start, 2002);
    }

    #[test]
    fn short_sound_that_touches_speech_is_part_of_it_and_long_sound_is_not() {
        let pattern = [(Sound, 30), (Speech, 100), (Sound, 40), (Quiet, 30), (Sound, 20)];
        assert_eq!(places(&pattern), [(0, 170, true), (200, 220, false)]);
        let pattern = [(Sound, 400), (Speech, 100), (Sound, 4000)];
        assert_eq!(
            places(&pattern),
            [(0, 400, false), (400, 500, true), (500, 3300, false), (3300, 4500, false)]
        );
        let pattern = [(Speech, 100), (Sound, 150), (Speech, 100)];
        assert_eq!(places(&pattern), [(0, 350, true)]);
    }

    fn label() -> impl Strategy<Value = Label> {
        prop_oneof![Just(Quiet), Just(Sound), Just(Speech)]
    }

    proptest! {
        #[test]
        fn every_frame_of_speech_or_sound_is_in_exactly_one_span(
            pattern in proptest::collection::vec((label(), 1_usize..1200), 1..20),
        ) {
            let frames = frames(&pattern);
            let spans = planned(&frames);
            let mut previous_end = 0;
            let mut covered = vec![false; frames.len()];
            for span in &spans {
                prop_assert!(span.start >= previous_end && span.end > span.start);
                prop_assert!(span.end - span.start <= MAX_FRAMES);
                prop_assert_eq!(&span.frames[..], &frames[span.start..span.end]);
                let speech = frames[span.start..span.end].iter().any(|f| f.label == Speech);
                prop_assert_eq!(span.has_speech, speech);
                previous_end = span.end;
                covered[span.start..span.end].fill(true);
            }
            for (frame, covered) in frames.iter().zip(covered) {
                prop_assert!(covered || frame.label == Quiet);
            }
        }
    }
}
