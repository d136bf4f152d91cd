//! Decides, place by place, whether the second hearing is taken instead of the first.
//!
//! Not for: hearing (`decode`), or which terms were offered for the second hearing (`offer`).
//!
//! Invariant: a place changes only towards an offered term or a known word, and only where the
//! letters of both hearings are alike. Numbers, negations and sides stay as they were first
//! heard, and so does a valid medicine; what was not taken is kept as an alternative.

use super::alike::{alike, letters};
use super::offer::bare;
use super::words::Spoken;
use crate::vocab::candidates;
use crate::vocab::context;
use crate::vocab::guarded::guarded_words;
use crate::vocab::lexicon::Lexicon;
use crate::vocab::readings;
use std::ops::Range;

/// The most words that stand for one another in one pair.
const PAIR_WORDS_MAX: usize = 4;
/// A stretch of differing words longer than this on either side is a different sentence, not a
/// term misheard; nothing of it is taken.
const STRETCH_MAX: usize = 14;
/// What a pair costs beside the unlikeness of its words, so that whole phrases are not torn
/// into letters; and what a word costs that has no counterpart.
const PAIR_COST: f32 = 0.15;
const ALONE_COST: f32 = 0.8;
/// What it costs that words which could stand in pairs of their own are taken together.
const JOINED_COST: f32 = 0.35;

/// Likeness of the letters that an offered term, or a correction of a non-word, needs at least.
/// Chosen on 80 recordings of synthetic speech of medical notes (see `src/ARCHITECTURE.md`).
const OFFERED_ALIKE: f32 = 0.6;
const NON_WORD_ALIKE: f32 = 0.7;
/// Likeness of the sounds that serves a correction of a non-word as well.
const NON_WORD_SOUND: f32 = 0.5;
/// The longest abbreviation that no list needs to have.
const ABBREVIATION_MAX: usize = 5;
/// Nats by which the model must prefer the second hearing to a term that was heard first.
const TERM_GAIN: f32 = 1.0;
/// A word of so many letters is not said twice in a row, and so not put in beside itself.
pub const SAID_ONCE_LETTERS: usize = 6;
/// How many terms are compared with the one that was chosen; what a term that is not among them
/// counts as; and by how much another must be ahead to keep the choice out.
const CLOSEST: usize = 12;
const LEAST_SCORE: f32 = 0.6;
const AHEAD: f32 = 0.12;
/// Words of the language that were heard with more confidence than this stay.
const SURE: f32 = 0.9;
/// Words of the language give way only to words that the model finds almost as likely, in nats.
const VALID_LOSS_MAX: f32 = 1.0;

/// Words of the first hearing and those of the second at the same place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub first: Range<usize>,
    pub second: Range<usize>,
    pub taken: bool,
}

/// Words before the name of a person.
const TITLES: [&str; 5] = ["dr", "doctor", "mr", "mrs", "ms"];

/// What is known for the decisions.
pub struct Knowledge<'a> {
    pub lexicon: &'a Lexicon,
    /// The terms that were offered for the second hearing.
    pub offered: &'a [String],
}

/// The places where the two hearings differ, in order, with the decision on each.
pub fn differences(first: &[Spoken], second: &[Spoken], known: &Knowledge<'_>) -> Vec<Pair> {
    let keys = |words: &[Spoken]| words.iter().map(|word| letters(&word.text)).collect();
    let (one, two): (Vec<String>, Vec<String>) = (keys(first), keys(second));
    let offered: Vec<Vec<String>> = known.offered.iter().map(|term| split(term)).collect();
    let mut pairs = vec![];
    for (old, new) in stretches(&one, &two) {
        if old.len() > STRETCH_MAX || new.len() > STRETCH_MAX {
            continue;
        }
        for mut pair in align(&one, &two, old, new) {
            let (a, b) = (&one[pair.first.clone()], &two[pair.second.clone()]);
            let judged = Judged {
                heard: (&first[pair.first.clone()], a),
                again: (&second[pair.second.clone()], b),
                after: &one[pair.first.end..],
                lexicon: known.lexicon,
            };
            let is_person = follows_title(&one, pair.first.start) && judged.medicines() > 0;
            pair.taken =
                judged.is_better(&offered) && !is_person && !says_again(&two, &pair.second);
            pairs.push(pair);
        }
    }
    pairs
}

/// Whether a person's name is what comes here.
pub fn follows_title<W: AsRef<str>>(words: &[W], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| words.get(before));
    before.is_some_and(|word| TITLES.contains(&letters(word.as_ref()).as_str()))
}

/// Whether the place has, or with its neighbours makes, a long word twice in a row: a term that was
/// offered tends to be said once more than it was.
fn says_again(words: &[String], place: &Range<usize>) -> bool {
    let around = place.start.saturating_sub(1)..(place.end + 1).min(words.len());
    let twice = |pair: &[String]| pair[0] == pair[1] && pair[0].len() >= SAID_ONCE_LETTERS;
    words[around].windows(2).any(twice)
}

fn split(term: &str) -> Vec<String> {
    term.split([' ', '-', '/']).map(letters).filter(|word| !word.is_empty()).collect()
}

/// The ranges that are not common to both, by the longest common subsequence.
pub fn stretches(one: &[String], two: &[String]) -> Vec<(Range<usize>, Range<usize>)> {
    let width = two.len() + 1;
    let mut longest = vec![0_u16; (one.len() + 1) * width];
    for i in (0..one.len()).rev() {
        for j in (0..two.len()).rev() {
            longest[i * width + j] = if one[i] == two[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut found = vec![];
    while i < one.len() || j < two.len() {
        let (from_i, from_j) = (i, j);
        while i < one.len() || j < two.len() {
            if i < one.len() && j < two.len() && one[i] == two[j] {
                break;
            }
            let skip_one = j == two.len()
                || i < one.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1];
            if skip_one { i += 1 } else { j += 1 }
        }
        if (i, j) == (from_i, from_j) {
            (i, j) = (i + 1, j + 1);
        } else {
            found.push((from_i..i, from_j..j));
        }
    }
    found
}

/// Pairs the words of a stretch, up to `PAIR_WORDS_MAX` on each side of a pair, so that what is
/// alike stands together; pairs that are the same on both sides are left out.
fn align(one: &[String], two: &[String], old: Range<usize>, new: Range<usize>) -> Vec<Pair> {
    let (rows, columns) = (old.len(), new.len());
    let at = |i: usize, j: usize| i * (columns + 1) + j;
    let mut best = vec![(f32::INFINITY, 0, 0); (rows + 1) * (columns + 1)];
    best[0].0 = 0.0;
    for i in 0..=rows {
        for j in 0..=columns {
            let so_far = best[at(i, j)].0;
            for a in 0..=PAIR_WORDS_MAX.min(rows - i) {
                for b in 0..=PAIR_WORDS_MAX.min(columns - j) {
                    let left = &one[old.start + i..old.start + i + a];
                    let right = &two[new.start + j..new.start + j + b];
                    let cost = so_far + pair_cost(left, right);
                    if a + b > 0 && cost < best[at(i + a, j + b)].0 {
                        best[at(i + a, j + b)] = (cost, a, b);
                    }
                }
            }
        }
    }
    let (mut i, mut j) = (rows, columns);
    let mut pairs = vec![];
    while i + j > 0 {
        let (_, a, b) = best[at(i, j)];
        (i, j) = (i - a, j - b);
        let first = old.start + i..old.start + i + a;
        let second = new.start + j..new.start + j + b;
        if one[first.clone()] != two[second.clone()] {
            pairs.push(Pair { first, second, taken: false });
        }
    }
    pairs.reverse();
    pairs
}

fn pair_cost(left: &[String], right: &[String]) -> f32 {
    let words = (left.len() + right.len()) as f32;
    if left.is_empty() || right.is_empty() {
        return ALONE_COST * words;
    }
    let joined = left.len().min(right.len()) - 1;
    PAIR_COST + JOINED_COST * joined as f32 + (1.0 - alike(&left.concat(), &right.concat())) * words
}

struct Judged<'a> {
    heard: (&'a [Spoken], &'a [String]),
    again: (&'a [Spoken], &'a [String]),
    /// What was heard behind the place.
    after: &'a [String],
    lexicon: &'a Lexicon,
}

impl Judged<'_> {
    fn is_better(&self, offered: &[Vec<String>]) -> bool {
        let (old, new) = (self.heard.1, self.again.1);
        if old.is_empty() || new.is_empty() || guarded(self.heard.0) != guarded(self.again.0) {
            return false;
        }
        let likeness = alike(&old.concat(), &new.concat());
        if self.medicines() > 1 && !(likeness >= NON_WORD_ALIKE && self.is_combination(offered)) {
            return false;
        }
        let (wrong, wrong_now) = (self.non_words(self.heard.0), self.non_words(self.again.0));
        let is_term = offered.iter().any(|term| new.windows(term.len().max(1)).any(|w| w == term))
            || offered.iter().flatten().any(|word| word.len() > 3 && new.contains(word));
        let mends = wrong > wrong_now
            && (likeness >= NON_WORD_ALIKE || self.sounds_alike())
            && !self.brings_medicine(offered);
        if !(mends || is_term && likeness >= OFFERED_ALIKE && (wrong_now == 0 || wrong_now < wrong))
        {
            return false;
        }
        (wrong > 0 || self.may_replace_valid()) && !self.has_better_term()
    }

    /// Whether a medicine comes in that was not offered: what no list has may be the name of a new
    /// one, rightly heard, and only the search of terms weighs its dose and its look-alikes.
    fn brings_medicine(&self, offered: &[Vec<String>]) -> bool {
        let is_offered = |word: &String| offered.iter().flatten().any(|term| term == word);
        self.again.1.iter().any(|word| is_medicine(self.lexicon, word) && !is_offered(word))
    }

    /// Medicines that come in. Two are never one place misheard, unless they are the two of a
    /// combination: with both before its eyes the model says a second one ("furosemide, Forteo,
    /// 40 milligrams").
    fn medicines(&self) -> usize {
        medicines(self.lexicon, self.again.1)
    }

    /// Whether all medicines that come in are those of one offered term: "carbidopa levodopa".
    fn is_combination(&self, offered: &[Vec<String>]) -> bool {
        let new = self.again.1;
        offered.iter().any(|term| {
            new.windows(term.len().max(1)).any(|window| window == term)
                && medicines(self.lexicon, term) == self.medicines()
        })
    }

    fn sounds_alike(&self) -> bool {
        let span: Vec<&str> = self.heard.1.iter().map(String::as_str).collect();
        candidates::likeness(&span, &self.again.1.join(" ")) >= NON_WORD_SOUND
    }

    /// Whether another term sounds clearly more like what was heard than the one that the model
    /// chose: "kephlex" is Keflex, whatever the model makes of it with Keppra before its eyes.
    fn has_better_term(&self) -> bool {
        let (old, new) = (self.heard.1, self.again.1);
        let span: Vec<&str> = old.iter().map(String::as_str).collect();
        let found = candidates::for_span(self.lexicon, &span, CLOSEST);
        let chosen = |candidate: &&candidates::Candidate| {
            let words = split(self.lexicon.term(candidate.id).text);
            !words.is_empty() && new.windows(words.len()).any(|window| window == words)
        };
        let Some(best) = found.first() else { return false };
        let own = found.iter().find(chosen).map_or(LEAST_SCORE, |candidate| candidate.score);
        best.score > own + AHEAD
    }

    /// Words of the language are only given up where the model was unsure of them and finds the
    /// others about as likely; a medicine never.
    fn may_replace_valid(&self) -> bool {
        let sum = |words: &[Spoken]| words.iter().map(|word| word.log_probability).sum::<f32>();
        let is_medicine = |words: &[String]| words.iter().any(|w| is_medicine(self.lexicon, w));
        let after: Vec<&str> = self.after.iter().map(String::as_str).collect();
        if is_medicine(self.heard.1) || is_medicine(self.again.1) && !context::dose_beside(&after) {
            return false;
        }
        let was_term = self.lexicon.find(&self.heard.1.join(" ")).is_some();
        let needed = if was_term { TERM_GAIN } else { -VALID_LOSS_MAX };
        self.heard.0.iter().any(is_unsure) && sum(self.again.0) >= sum(self.heard.0) + needed
    }

    fn non_words(&self, words: &[Spoken]) -> usize {
        words.iter().filter(|word| is_non_word(self.lexicon, bare(&word.text))).count()
    }
}

/// Whether another word may stand in the place of this one of the language.
pub fn is_unsure(word: &Spoken) -> bool {
    word.mean <= SURE || word.is_disputed
}

/// Whether a word is in no list. One that has capitals inside must be listed as it is: it may be
/// an abbreviation and a name run together.
fn is_non_word(lexicon: &Lexicon, word: &str) -> bool {
    let inside = word.chars().skip(1).any(char::is_uppercase);
    let long = word.chars().count() > ABBREVIATION_MAX;
    !readings::is_word(lexicon, word) || inside && long && !readings::known(lexicon, word)
}

/// Whether a machine may put the term in the place of the words at all.
pub fn may_go(lexicon: &Lexicon, words: &[Spoken], term: &str) -> bool {
    let heard: Vec<String> = words.iter().map(|word| letters(&word.text)).collect();
    guarded(words) == guarded_words(term) && !heard.iter().any(|word| is_medicine(lexicon, word))
}

fn medicines(lexicon: &Lexicon, words: &[String]) -> usize {
    words.iter().filter(|word| is_medicine(lexicon, word)).count()
}

/// A medicine that is not an ordinary word as well.
fn is_medicine(lexicon: &Lexicon, words: &str) -> bool {
    lexicon.find(words).is_some_and(|id| {
        let term = lexicon.term(id);
        term.subjects.is_drug() && !term.ordinary
    })
}

/// The words that a machine never changes by itself, in order.
pub fn guarded(words: &[Spoken]) -> Vec<String> {
    words.iter().flat_map(|word| guarded_words(&word.text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(text: &str, probability: f32) -> Vec<Spoken> {
        text.split(' ').map(|word| Spoken::of(word, probability)).collect()
    }

    /// The first hearing after the decisions.
    fn revised(first: &str, sure: f32, second: &str, offered: &[&str]) -> String {
        let lexicon = Lexicon::built_in();
        let offered: Vec<String> = offered.iter().map(|term| (*term).to_owned()).collect();
        let known = Knowledge { lexicon: &lexicon, offered: &offered };
        let (first, second) = (spoken(first, sure), spoken(second, 0.8));
        let mut text: Vec<String> = first.iter().map(|word| word.text.clone()).collect();
        for pair in differences(&first, &second, &known).into_iter().rev() {
            if pair.taken {
                let words = second[pair.second].iter().map(|word| word.text.clone());
                text.splice(pair.first, words);
            }
        }
        text.join(" ")
    }

    #[test]
    fn an_offered_term_takes_the_place_of_words_that_are_none() {
        let offered = ["levetiracetam", "cholelithiasis"];
        let heard = "started levator acetam for seizures";
        let again = "started levetiracetam, for seizures";
        assert_eq!(revised(heard, 0.5, again, &offered), again);
    }

    #[test]
    fn numbers_negations_and_sides_stay() {
        let offered = ["apixaban", "Eliquis"];
        for (heard, again) in [
            ("take a big 75 mg", "take apixaban 5 mg"),
            ("no lesion of the lift ovary", "no lesion of the left ovary"),
            ("denies any nozia", "Dennis any nozia"),
            ("for thirteen weaks", "for thirty weeks"),
            ("sixteen milligrams daily", "sixty milligrams daily"),
        ] {
            assert_eq!(revised(heard, 0.4, again, &offered), heard);
        }
    }

    #[test]
    fn no_second_medicine_comes_with_the_first() {
        let heard = "Start furostimide 40 milligrams";
        let again = "Start furosemide, Forteo, 40 milligrams";
        assert_eq!(revised(heard, 0.5, again, &["furosemide", "Forteo"]), heard);
        let again = "Start furosemide 40 milligrams";
        assert_eq!(revised(heard, 0.5, again, &["furosemide", "Forteo"]), again);
    }

    #[test]
    fn the_two_medicines_of_a_combination_come_together() {
        let heard = "takes carbodobalevadopha three times a day";
        let again = "takes carbidopa, levodopa three times a day";
        assert_eq!(revised(heard, 0.5, again, &["carbidopa-levodopa"]), again);
        let apart = ["carbidopa", "levodopa"];
        assert_eq!(revised(heard, 0.5, again, &apart), heard, "two terms");
        let heard = "takes levadopha three times a day";
        let alone = "takes levodopa three times a day";
        assert_eq!(revised(heard, 0.5, again, &["carbidopa-levodopa"]), alone, "one was said");
    }

    #[test]
    fn nobody_is_named_as_a_medicine() {
        let heard = "this is Dr. Vostic dictating";
        assert_eq!(revised(heard, 0.5, "this is Dr. Vasotec dictating", &["Vasotec"]), heard);
        let again = "she takes Vasotec daily";
        assert_eq!(revised("she takes Vostic daily", 0.5, again, &["Vasotec"]), again);
    }

    #[test]
    fn a_medicine_is_never_replaced_by_another() {
        let offered = ["hydroxyzine", "Keppra", "Keflex"];
        let heard = "given hydralazine 25 mg";
        assert_eq!(revised(heard, 0.3, "given hydroxyzine 25 mg", &offered), heard);
        let heard = "a dose of kepprax today";
        assert_eq!(revised(heard, 0.3, "a dose of Keppra today", &[]), heard, "not offered");
        let heard = "a dose of kephlex today";
        assert_eq!(revised(heard, 0.3, "a dose of Keppra today", &offered), heard);
    }

    #[test]
    fn words_that_were_surely_heard_stay() {
        let offered = ["obliquus"];
        assert_eq!(
            revised("the oblique view", 0.95, "the obliquus view", &offered),
            "the oblique view"
        );
    }

    #[test]
    fn names_do_not_become_abbreviations_and_spellings_are_not_exchanged() {
        let heard = "a note on Adam Teskase today";
        assert_eq!(
            revised(heard, 0.5, "a note on ADAMTSCase today", &["ADAMTS13", "ADAMTS"]),
            heard
        );
        let heard = "no edema. Createning is normal";
        let again = "no oedema. Creatinine is normal";
        let expected = "no edema. Creatinine is normal";
        assert_eq!(revised(heard, 0.7, again, &["oedema", "creatinine"]), expected);
    }

    #[test]
    fn a_term_is_not_put_in_beside_itself() {
        let offered = ["lymphadenectomy"];
        let heard = "limfad anectomy and prostatectomy";
        let again = "lymphadenectomy, lymphadenectomy and prostatectomy";
        assert_eq!(revised(heard, 0.4, again, &offered), heard);
        let again = "lymphadenectomy and prostatectomy";
        assert_eq!(revised(heard, 0.4, again, &offered), again);
    }

    #[test]
    fn a_text_that_ran_away_changes_nothing() {
        let heard = "a sterile bandage was applied";
        let again = format!("a {}", "Steri-Strips, ".repeat(20));
        assert_eq!(revised(heard, 0.4, again.trim(), &["Steri-Strips"]), heard);
    }
}
