//! Puts each word at its place in the chunk.
//!
//! Not for: choosing the words; they are settled when they come here.
//!
//! Invariant: words are in order, do not overlap, and lie within the chunk.
//!
//! The model is walked through the words and asked after each one where the audio of the text so
//! far ends: the likeliest timestamp. These answers are good to about 150 ms and sometimes far
//! off, so they are made monotone and then moved, all together, to where a word of that length
//! can end: into pauses and dips of the level.

use super::decode::{DecodeError, Model, Token};
use crate::audio::SAMPLE_RATE;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whisper's timestamps count in steps of 20 ms (openai/whisper, `tokenizer.py`).
const STEP_MS: u32 = 20;
const STEP_SAMPLES: usize = (SAMPLE_RATE * STEP_MS / 1000) as usize;
/// How far from the model's answer a word may end, in steps.
const REACH: usize = 30;
/// What a distance of 200 ms from the model's answer costs, and the most that it can cost.
const FAR_STEPS: f32 = 10.0;
const FAR_MOST: f32 = 4.0;
/// What it costs to end a word where the sound is loudest.
const LOUD_COST: f32 = 2.0;
/// What a duration costs that is `e` times too long or too short.
const DURATION_COST: f32 = 0.7;
/// Spoken letters take about this long each (15 letters a second), and a word at least this.
const LETTER_MS: f32 = 62.0;
const WORD_MS: f32 = 60.0;
/// Above this share of the chunk's loudness there is sound.
const SOUND: f32 = 0.22;
/// Levels of speech spread over about 30 dB; quieter than this below the loudest is a pause.
const RANGE_DB: f32 = 35.0;

/// Where a word is, in milliseconds from the beginning of the chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub start_ms: u32,
    pub end_ms: u32,
}

/// A word to be placed.
pub struct Sought {
    pub tokens: Vec<Token>,
    pub letters: usize,
}

/// Places the words of a chunk.
///
/// # Errors
/// `Stopped` soon after `stop` is set.
pub fn place(
    model: &mut dyn Model,
    words: &[Sought],
    samples: &[f32],
    stop: &AtomicBool,
) -> Result<Vec<Place>, DecodeError> {
    if words.is_empty() {
        return Ok(vec![]);
    }
    let loudness = loudness(samples);
    let asked = asked(model, words, loudness.len(), stop)?;
    let ends = best_ends(&monotone(&asked, loudness.len()), words, &loudness);
    Ok(trimmed(&ends, &loudness))
}

/// Where the model says each word ends, in steps.
fn asked(
    model: &mut dyn Model,
    words: &[Sought],
    steps: usize,
    stop: &AtomicBool,
) -> Result<Vec<usize>, DecodeError> {
    let times = model.first_time() as usize;
    let mut feed = model.begin_timed();
    let mut past = 0;
    let mut ends = Vec::with_capacity(words.len());
    for word in words {
        if stop.load(Ordering::Relaxed) {
            return Err(DecodeError::Stopped);
        }
        feed.extend(&word.tokens);
        let logits = model.next(&feed, past)?;
        past += feed.len();
        feed.clear();
        let of_times = logits.get(times..).unwrap_or_default();
        let of_times = &of_times[..of_times.len().min(steps + 1)];
        let likeliest = of_times.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
        ends.push(likeliest.map_or(0, |(step, _)| step));
    }
    Ok(ends)
}

/// Keeps the longest run of answers that goes forward and puts the others between their
/// neighbours.
fn monotone(asked: &[usize], steps: usize) -> Vec<usize> {
    let mut length = vec![1; asked.len()];
    let mut before = vec![None; asked.len()];
    for at in 0..asked.len() {
        for earlier in 0..at {
            if asked[earlier] < asked[at] && length[earlier] + 1 > length[at] {
                (length[at], before[at]) = (length[earlier] + 1, Some(earlier));
            }
        }
    }
    let mut kept = vec![];
    let mut at = (0..asked.len()).max_by_key(|&at| length[at]);
    while let Some(index) = at {
        kept.push((index as isize, asked[index]));
        at = before[index];
    }
    kept.reverse();
    kept.insert(0, (-1, 0));
    kept.push((asked.len() as isize, steps));
    let mut ends = vec![];
    for pair in kept.windows(2) {
        let ((from, start), (to, end)) = (pair[0], pair[1]);
        for index in from + 1..=to {
            let share = (index - from) as f32 / (to - from) as f32;
            ends.push((start as f32 + share * (end as f32 - start as f32)).round() as usize);
        }
    }
    ends.truncate(asked.len());
    ends
}

/// The ends that cost least together, in steps.
fn best_ends(asked: &[usize], words: &[Sought], loudness: &[f32]) -> Vec<usize> {
    let sounding = sums_of_sound(loudness);
    let last = loudness.len();
    let window = |word: usize| {
        let from = asked[word].saturating_sub(REACH).min(last);
        from..(asked[word] + REACH).min(last) + 1
    };
    let mut so_far: Vec<(f32, usize)> = vec![(0.0, 0)];
    let mut from = 0..1;
    let mut ways: Vec<Vec<usize>> = vec![];
    for (index, word) in words.iter().enumerate() {
        let (mut costs, mut way) = (vec![], vec![]);
        for end in window(index) {
            let own = end_cost(end, asked[index], loudness);
            let mut best = (f32::INFINITY, 0);
            for &(cost, start) in &so_far {
                let sound = sounding[end.max(start)] - sounding[start];
                let back = if end > start { 0.0 } else { FAR_MOST * (1 + start - end) as f32 };
                let cost = cost + duration_cost(sound, word.letters) + back;
                if cost < best.0 {
                    best = (cost, start - from.start);
                }
            }
            costs.push((best.0 + own, end));
            way.push(best.1);
        }
        (so_far, from) = (costs, window(index));
        ways.push(way);
    }
    let mut ends = vec![0; words.len()];
    let cheapest = so_far.iter().enumerate().min_by(|a, b| a.1.0.total_cmp(&b.1.0));
    let mut at = cheapest.map_or(0, |(at, _)| at);
    for index in (0..words.len()).rev() {
        ends[index] = window(index).start + at;
        at = ways[index][at];
    }
    ends
}

fn end_cost(end: usize, asked: usize, loudness: &[f32]) -> f32 {
    let far = (end.abs_diff(asked) as f32 / FAR_STEPS).min(FAR_MOST);
    far + LOUD_COST * loudness.get(end).copied().unwrap_or(0.0)
}

fn duration_cost(sounding_steps: usize, letters: usize) -> f32 {
    let heard = (sounding_steps as u32 * STEP_MS) as f32 + WORD_MS;
    let expected = letters as f32 * LETTER_MS + WORD_MS;
    DURATION_COST * (heard / expected).ln().powi(2)
}

/// How many steps with sound there are before each step.
fn sums_of_sound(loudness: &[f32]) -> Vec<usize> {
    let mut sums = vec![0];
    let mut sum = 0;
    for &loud in loudness {
        sum += usize::from(loud > SOUND);
        sums.push(sum);
    }
    sums
}

/// From the end of the word before to its own end, without the pauses at both sides.
fn trimmed(ends: &[usize], loudness: &[f32]) -> Vec<Place> {
    let mut from = 0;
    let mut places = vec![];
    for &end in ends {
        let end = end.max(from);
        let span = &loudness[from..end.min(loudness.len())];
        let start = span.iter().position(|&loud| loud > SOUND).unwrap_or(0);
        let silent = span.iter().rev().position(|&loud| loud > SOUND).unwrap_or(0);
        let ms = |step: usize| step as u32 * STEP_MS;
        places.push(Place { start_ms: ms(from + start), end_ms: ms(end - silent.min(end - from)) });
        from = end;
    }
    places
}

/// The level of each step between the chunk's quietest and loudest, 0 to 1.
fn loudness(samples: &[f32]) -> Vec<f32> {
    let levels: Vec<f32> = samples
        .chunks(STEP_SAMPLES)
        .map(|step| {
            let power = step.iter().map(|sample| sample * sample).sum::<f32>() / step.len() as f32;
            10.0 * power.max(1e-10).log10()
        })
        .collect();
    let mut sorted = levels.clone();
    sorted.sort_by(f32::total_cmp);
    let at = |share: f32| sorted[((sorted.len() - 1) as f32 * share) as usize];
    let loudest = at(0.95);
    let quietest = at(0.02).max(loudest - RANGE_DB);
    let range = (loudest - quietest).max(1.0);
    levels.iter().map(|level| ((level - quietest) / range).clamp(0.0, 1.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_jump_are_put_between_their_neighbours() {
        assert_eq!(monotone(&[900, 20, 30, 5, 50], 60), [10, 20, 30, 40, 50]);
        assert_eq!(monotone(&[7], 60), [7]);
    }

    #[test]
    fn words_end_in_the_pause_beside_the_answer() {
        // 400 ms of sound, 200 ms of pause, three times.
        let pattern = |sample: usize| if sample % 9600 < 6400 { 0.3 } else { 0.0003 };
        let tone = |sample: usize| pattern(sample) * (sample as f32 * 0.3).sin();
        let samples: Vec<f32> = (0..28_800).map(tone).collect();
        let loudness = loudness(&samples);
        let word = |letters| Sought { tokens: vec![], letters };
        let ends = best_ends(&[15, 55, 80], &[word(6), word(6), word(6)], &loudness);
        let places = trimmed(&ends, &loudness);
        let expected = [(0, 400), (600, 1000), (1200, 1600)];
        for (place, (start_ms, end_ms)) in places.iter().zip(expected) {
            assert_eq!((place.start_ms, place.end_ms), (start_ms, end_ms));
        }
    }
}
