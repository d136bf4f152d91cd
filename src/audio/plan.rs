//! Decides from the judged frames where chunks begin and end.
//!
//! Not for: samples; it sees levels only.
//!
//! Invariant: every active frame is in exactly one span, no span is longer than
//! `MAX_CHUNK_MS`, spans are in order and never overlap.

use super::MAX_CHUNK_MS;
use super::levels::{FRAMES_PER_SECOND, Frame};
use std::collections::VecDeque;

const MAX_FRAMES: usize = MAX_CHUNK_MS as usize * FRAMES_PER_SECOND / 1000;

/// Frames kept before and after speech: 30 ms clip word starts, 200 ms do not (see the notes on
/// voice activity detection in the recognition plan).
const PAD_FRAMES: usize = 20;

/// A pause this long ends a chunk: silence inside one invites invented words.
const MAX_PAUSE_FRAMES: usize = 2 * FRAMES_PER_SECOND;

/// A full chunk is cut at its widest pause after this many frames: words need the ones before
/// them to be understood, so no chunk is cut short for want of a better pause.
const MIN_CUT_FRAMES: usize = 12 * FRAMES_PER_SECOND;

/// The shortest word ("no") is about 150 ms; a click with its echo stays below this.
const MIN_SPEECH_FRAMES: usize = 8;

/// From this length on, sound must move in level to be speech.
const STEADY_FROM_FRAMES: usize = FRAMES_PER_SECOND;

/// Levels of speech spread over 15 dB and more between its 10th and 90th percentile; a tone or
/// hiss that was switched on stays within 1 dB.
const STEADY_SPREAD_DB: f32 = 3.0;

/// Frames `start..end` to be recognised in one go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
    pub energy_db: f32,
    pub has_speech: bool,
}

/// Active frames without a gap.
#[derive(Clone, Copy)]
struct Run {
    start: usize,
    end: usize,
}

#[derive(Default)]
pub struct Planner {
    /// Frames seen so far.
    now: usize,
    runs: VecDeque<Run>,
    /// Whether the last run still grows.
    open: bool,
    /// Frames from `kept_from` on, for the runs that wait.
    kept: VecDeque<Frame>,
    kept_from: usize,
    /// End of the last span made.
    planned_to: usize,
}

impl Planner {
    /// Takes the next frame; gives the span that is complete with it, if any.
    pub fn push(&mut self, frame: Frame) -> Option<Span> {
        self.kept.push_back(frame);
        self.extend_runs(frame.active);
        self.now += 1;
        let (Some(first), Some(last)) = (self.runs.front(), self.runs.back()) else {
            self.forget_before(self.now);
            return None;
        };
        if self.open && self.now - first.start + 2 * PAD_FRAMES >= MAX_FRAMES {
            return Some(self.cut());
        }
        if !self.open && self.now - last.end >= MAX_PAUSE_FRAMES {
            return Some(self.take_runs(self.runs.len(), self.now));
        }
        None
    }

    /// The last span, if runs are waiting.
    pub fn finish(&mut self) -> Option<Span> {
        self.open = false;
        (!self.runs.is_empty()).then(|| self.take_runs(self.runs.len(), self.now))
    }

    /// First frame that a later span can begin with.
    pub fn needed_from(&self) -> usize {
        let next = self.runs.front().map_or(self.now, |run| run.start);
        next.saturating_sub(PAD_FRAMES).max(self.planned_to)
    }

    fn extend_runs(&mut self, active: bool) {
        let at = self.now;
        match self.runs.back_mut() {
            Some(run) if active && self.open => run.end = at + 1,
            _ if active => self.runs.push_back(Run { start: at, end: at + 1 }),
            _ => {}
        }
        self.open = active;
    }

    /// Makes a span of a full chunk's runs: up to the widest pause, else the quietest frame.
    fn cut(&mut self) -> Span {
        let earliest = self.runs[0].start + MIN_CUT_FRAMES;
        let mut widest: Option<(usize, usize)> = None;
        for index in 1..self.runs.len() {
            let before = self.runs[index - 1].end;
            let pause = self.runs[index].start - before;
            if before >= earliest && widest.is_none_or(|(_, width)| pause >= width) {
                widest = Some((index, pause));
            }
        }
        let count = match widest {
            Some((index, _)) => index,
            None => self.split_last_run(earliest),
        };
        let next = self.runs[count].start;
        self.take_runs(count, next)
    }

    /// Splits the growing run at its quietest frame from `earliest` on; gives the number of
    /// runs before the split.
    fn split_last_run(&mut self, earliest: usize) -> usize {
        let last = self.runs.len() - 1;
        let run = self.runs[last];
        let from = earliest.max(run.start + 1);
        let mut quietest = from;
        for at in from..run.end {
            if self.kept[at - self.kept_from].db < self.kept[quietest - self.kept_from].db {
                quietest = at;
            }
        }
        self.runs[last].end = quietest;
        self.runs.push_back(Run { start: quietest, end: run.end });
        last + 1
    }

    /// Makes a span of the first `count` runs; `next` is where the sound after them begins.
    fn take_runs(&mut self, count: usize, next: usize) -> Span {
        let taken: Vec<Run> = self.runs.drain(..count).collect();
        let (first, last) = (taken[0], taken[count - 1]);
        let start = first.start.saturating_sub(PAD_FRAMES).max(self.planned_to);
        let room = next - last.end;
        let end = last.end + if self.runs.is_empty() { room } else { room / 2 }.min(PAD_FRAMES);
        let mut levels: Vec<f32> = Vec::new();
        let mut longest = 0;
        for run in &taken {
            longest = longest.max(run.end - run.start);
            levels.extend((run.start..run.end).map(|at| self.kept[at - self.kept_from].db));
        }
        let has_speech = longest >= MIN_SPEECH_FRAMES && !is_steady(&mut levels);
        let span = Span { start, end, energy_db: mean_level(&levels), has_speech };
        assert!(span.end - span.start <= MAX_FRAMES, "a span must fit into one chunk");
        self.planned_to = end;
        self.forget_before(self.runs.front().map_or(self.now, |run| run.start));
        span
    }

    fn forget_before(&mut self, frame: usize) {
        while self.kept_from < frame && self.kept.pop_front().is_some() {
            self.kept_from += 1;
        }
    }
}

/// Sorts the levels and says whether they hardly move.
fn is_steady(levels: &mut [f32]) -> bool {
    levels.sort_by(f32::total_cmp);
    let at = |share: f32| levels[(levels.len() as f32 * share) as usize];
    levels.len() >= STEADY_FROM_FRAMES && at(0.9) - at(0.1) < STEADY_SPREAD_DB
}

fn mean_level(levels: &[f32]) -> f32 {
    let powers: f32 = levels.iter().map(|db| 10_f32.powf(db / 10.0)).sum();
    10.0 * (powers / levels.len() as f32).log10()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frames(pattern: &[(bool, usize)]) -> Vec<Frame> {
        let mut frames = Vec::new();
        for (active, count) in pattern {
            for at in 0..*count {
                let db = if *active { -20.0 - (at % 13) as f32 } else { -60.0 };
                frames.push(Frame { db, active: *active });
            }
        }
        frames
    }

    fn planned(frames: &[Frame]) -> Vec<Span> {
        let mut planner = Planner::default();
        let mut spans: Vec<Span> = frames.iter().filter_map(|frame| planner.push(*frame)).collect();
        spans.extend(planner.finish());
        spans
    }

    fn places(pattern: &[(bool, usize)]) -> Vec<(usize, usize)> {
        planned(&frames(pattern)).iter().map(|span| (span.start, span.end)).collect()
    }

    #[test]
    fn short_pauses_stay_inside_a_chunk_and_long_ones_are_left_out() {
        let pattern = [(false, 500), (true, 300), (false, 150), (true, 100), (false, 900)];
        assert_eq!(places(&pattern), [(480, 1070)]);
        let pattern = [(true, 300), (false, 250), (true, 100)];
        assert_eq!(places(&pattern), [(0, 320), (530, 650)]);
        assert_eq!(places(&[(false, 9000)]), []);
        assert_eq!(places(&[]), []);
    }

    #[test]
    fn a_full_chunk_is_cut_at_its_widest_late_pause() {
        let pattern = [
            (true, 300),
            (false, 190),
            (true, 1000),
            (false, 60),
            (true, 500),
            (false, 10),
            (true, 900),
        ];
        assert_eq!(places(&pattern), [(0, 1510), (1530, 2960)]);
    }

    #[test]
    fn speech_without_a_pause_is_cut_at_its_quietest_frame() {
        let mut frames = frames(&[(true, 5000)]);
        frames[2000].db = -50.0;
        let spans = planned(&frames);
        assert_eq!((spans[0].start, spans[0].end), (0, 2000));
        assert_eq!(spans[1].start, 2000);
    }

    #[test]
    fn a_click_and_a_steady_tone_are_not_speech() {
        let spans = planned(&frames(&[(false, 300), (true, 5), (false, 300)]));
        assert!(!spans[0].has_speech);
        let tone = vec![Frame { db: -20.0, active: true }; 500];
        assert!(!planned(&tone)[0].has_speech);
        let spans = planned(&frames(&[(false, 300), (true, 30), (false, 300)]));
        assert!(spans[0].has_speech);
    }

    proptest! {
        #[test]
        fn every_active_frame_is_in_exactly_one_span(
            pattern in proptest::collection::vec((any::<bool>(), 1_usize..1200), 1..20),
        ) {
            let frames = frames(&pattern);
            let spans = planned(&frames);
            let mut previous_end = 0;
            let mut covered = vec![false; frames.len()];
            for span in &spans {
                prop_assert!(span.start >= previous_end && span.end > span.start);
                prop_assert!(span.end - span.start <= MAX_FRAMES);
                previous_end = span.end;
                covered[span.start..span.end].fill(true);
            }
            for (frame, covered) in frames.iter().zip(covered) {
                prop_assert!(covered || !frame.active);
            }
        }
    }
}
