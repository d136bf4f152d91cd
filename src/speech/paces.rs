//! Hearings of one chunk at several paces: which goes on, and which of its words the others do not
//! bear out.
//!
//! Not for: hearing (`listen`), or what is put in a word's place (`revise`, `verify`).
//!
//! Invariant: no word is changed here. A word that was heard in two ways is in doubt, however
//! sure each of them was.

use super::alike::letters;
use super::confidence;
use super::listen::Text;
use super::offer::bare;
use super::revise;
use super::words::Spoken;
use crate::audio::SAMPLE_RATE;
use crate::vocab::lexicon::Lexicon;
use crate::vocab::number_words;
use std::ops::Range;

/// As samples of how many a second a chunk is played, in Hz: 6 % faster and higher, and as it is.
/// Measured with 0.94, 1, 1.06 and 1.12 (`src/ARCHITECTURE.md`): two of them gain most of what
/// more would.
pub const RATES: [u32; 2] = [16_960, SAMPLE_RATE];

/// How likely the words are together, in nats for each. Whether lists have them counts for
/// nothing: what is heard first is the same with and without a lexicon.
fn likelihood(words: &[Spoken]) -> f32 {
    let each = words.iter().map(|word| confidence::calibrated(word, None, false).ln());
    each.sum::<f32>() / words.len().max(1) as f32
}

/// Which of the hearings goes on: one that lacks nothing that another has, since a word too many is
/// seen and one too few is not; of several, the likeliest.
pub fn best(hearings: &[&[Spoken]]) -> Option<usize> {
    let missing =
        |at: usize| -> usize { hearings.iter().map(|other| missing(hearings[at], other)).sum() };
    let likelier = |one: usize, other: usize| {
        likelihood(hearings[other]).total_cmp(&likelihood(hearings[one]))
    };
    let before = |&a: &usize, &b: &usize| missing(a).cmp(&missing(b)).then_with(|| likelier(a, b));
    (0..hearings.len()).min_by(before)
}

/// How many words of the other stand where this one has nothing.
fn missing(words: &[Spoken], other: &[Spoken]) -> usize {
    let gaps = stretches(words, other).into_iter().filter(|(here, _)| here.is_empty());
    gaps.map(|(_, there)| there.len()).sum()
}

/// What was heard of one chunk.
pub struct Hearings {
    /// The one that goes on.
    pub best: Text,
    pub others: Vec<Text>,
}

impl Hearings {
    /// The words that the best does not share with the others are marked, and theirs too.
    pub fn of(mut best: Text, mut others: Vec<Text>) -> Self {
        for other in &mut others {
            dispute(&mut best.words, &mut other.words);
        }
        Self { best, others }
    }

    /// Each of them in another form.
    pub fn each(self, form: impl Fn(Text) -> Text) -> Self {
        Self { best: form(self.best), others: self.others.into_iter().map(form).collect() }
    }

    /// The terms that the others heard where the best heard something else.
    pub fn other_terms(&self, lexicon: &Lexicon) -> Vec<String> {
        let words = self.others.iter().flat_map(|text| &text.words);
        let disputed = words.filter(|word| word.is_disputed);
        let terms = disputed.filter_map(|word| lexicon.find(bare(&word.text)));
        let terms = terms.map(|id| lexicon.term(id)).filter(|term| !term.ordinary);
        terms.map(|term| term.text.to_owned()).collect()
    }
}

/// Marks the words that the two hearings do not share.
fn dispute(one: &mut [Spoken], other: &mut [Spoken]) {
    for (here, there) in stretches(one, other) {
        mark(one, &here);
        mark(other, &there);
    }
}

/// Puts the words of a place in doubt, and where none stands, the word behind it.
fn mark(words: &mut [Spoken], place: &Range<usize>) {
    let end = place.end.max(place.start + 1).min(words.len());
    words[place.start..end].iter_mut().for_each(|word| word.is_disputed = true);
}

/// Where the hearings differ; a number is the same in letters and in figures.
fn stretches(one: &[Spoken], other: &[Spoken]) -> Vec<(Range<usize>, Range<usize>)> {
    let key = |word: &Spoken| {
        let letters = letters(&word.text);
        number_words::value(&letters).map_or(letters, |value| value.to_string())
    };
    let keys = |words: &[Spoken]| words.iter().map(key).collect::<Vec<_>>();
    revise::stretches(&keys(one), &keys(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Spoken> {
        text.split(' ').map(|word| Spoken::of(word, 0.9)).collect()
    }

    /// The words in doubt of each.
    fn disputed(one: &str, other: &str) -> [String; 2] {
        let (mut one, mut other) = (words(one), words(other));
        dispute(&mut one, &mut other);
        [one, other].map(|words| {
            let marked = words.iter().filter(|word| word.is_disputed);
            marked.map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
        })
    }

    #[test]
    fn words_that_were_heard_in_two_ways_are_in_doubt() {
        assert_eq!(disputed("two to 3 days", "2 to three days"), ["", ""]);
        let cases = [
            ("of venison sufficiency,", "of venous insufficiency", "venison sufficiency,"),
            ("Take 15 mg daily.", "take 50 mg daily", "15"),
            ("The left lung is clear.", "the lung is clear", "left"),
        ];
        for (one, other, expected) in cases {
            assert_eq!(disputed(one, other)[0], expected);
        }
    }

    #[test]
    fn a_word_that_only_one_heard_is_in_doubt_and_in_the_other_the_word_behind() {
        assert_eq!(disputed("There is pain.", "there is no pain"), ["pain.", "no"]);
        assert_eq!(disputed("There is pain.", "there is pain today"), ["", "today"]);
    }

    #[test]
    fn the_hearing_that_lacks_nothing_goes_on_and_of_several_the_likeliest() {
        let of = |text: &str, sure: f32| -> Vec<Spoken> {
            text.split(' ').map(|word| Spoken::of(word, sure)).collect()
        };
        let best_of = |one: &[Spoken], other: &[Spoken]| best(&[one, other]);
        let (short, long) = (of("soft and", 0.99), of("soft and tender.", 0.7));
        assert_eq!(best_of(&short, &long), Some(1), "a word less");
        assert_eq!(best_of(&of("a graph", 0.9), &of("a graft", 0.7)), Some(0));
        assert_eq!(best_of(&of("a graph", 0.7), &of("a graft", 0.9)), Some(1));
        assert_eq!(best(&[]), None);
    }

    #[test]
    fn a_term_that_only_another_pace_heard_is_known() {
        let text = |text: &str| {
            let words = words(text);
            Text { tokens: vec![vec![1]; words.len()], words }
        };
        let best = text("she takes immune for her lupus");
        let hearings = Hearings::of(best, vec![text("she took Imuran for her lupus")]);
        assert_eq!(hearings.other_terms(&Lexicon::built_in()), ["Imuran"]);
    }

    #[test]
    fn a_hearing_with_an_unsure_word_is_less_likely_however_long_it_is() {
        let sure = words("venous insufficiency of both legs");
        let mut unsure = words("venous insufficiency");
        unsure[0].own_mean = 0.3;
        assert!(likelihood(&unsure) < likelihood(&sure));
        assert!((likelihood(&words("venous")) - likelihood(&sure)).abs() < 1e-6);
    }
}
