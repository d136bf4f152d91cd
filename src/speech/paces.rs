//! Hearings of one chunk at several paces: how likely each is, and which words the others do not
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
use crate::vocab::guarded::is_guarded;
use crate::vocab::lexicon::Lexicon;
use crate::vocab::number_words;
use std::ops::Range;

/// As samples of how many a second a chunk is played, in Hz: 6 % faster and higher, and as it is.
/// Measured with 0.94, 1, 1.06 and 1.12 (`src/ARCHITECTURE.md`): two of them gain most of what
/// more would.
pub const RATES: [u32; 2] = [16_960, SAMPLE_RATE];

/// How likely the words are together, in nats for each.
pub fn likelihood(words: &[Spoken], lexicon: Option<&Lexicon>) -> f32 {
    let each = words.iter().map(|word| confidence::calibrated(word, lexicon, false).ln());
    each.sum::<f32>() / words.len().max(1) as f32
}

/// What was heard of one chunk.
pub struct Hearings {
    /// The likeliest.
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
        mark(one, &here, &other[there.clone()]);
        mark(other, &there, &one[here]);
    }
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

/// Where one has nothing, the other's may be a mark that was told apart, unless it is a negation, a
/// side or a number: that is in doubt, and so is the word behind the place where it is missing.
fn mark(words: &mut [Spoken], place: &Range<usize>, others: &[Spoken]) {
    let is_weighty = |word: &Spoken| is_guarded(&word.text);
    let is_missing = place.is_empty() && others.iter().any(is_weighty);
    let end = (place.end + usize::from(is_missing)).min(words.len());
    for word in &mut words[place.start..end] {
        word.is_disputed |= !others.is_empty() || is_weighty(word);
    }
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
        assert_eq!(disputed("No pain, comma", "no pain"), ["", ""], "the mark may be unspoken");
    }

    #[test]
    fn a_negation_that_only_the_other_heard_puts_the_next_word_in_doubt() {
        assert_eq!(disputed("There is pain.", "there is no pain")[0], "pain.");
        assert_eq!(disputed("There is pain.", "there is some pain")[0], "");
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
    fn a_hearing_with_an_unsure_word_or_one_that_no_list_has_is_less_likely() {
        let lexicon = Lexicon::built_in();
        let of = |text: &str| likelihood(&words(text), Some(&lexicon));
        assert!(of("venous insufficiency") > of("venous insufishency"));
        let mut unsure = words("venous insufficiency");
        unsure[0].own_mean = 0.3;
        assert!(likelihood(&unsure, None) < likelihood(&words("venous insufficiency"), None));
    }
}
