//! Asks the model, of each place still in doubt, whether the audio speaks for a term of the
//! lexicon: the term is decoded by force and compared with the words that were heard.
//!
//! Not for: free decoding (`decode`), or places that the second hearing settled (`revise`).
//!
//! Invariant: a term is put in only where its sound and the audio speak for it; numbers,
//! negations, sides and valid medicines stay.

use super::collocations::{self, Collocation};
use super::combining;
use super::decode::{DecodeError, Model, Token, log_sum, text_logits};
use super::known::Known;
use super::made;
use super::offer::{self, bare};
use super::revise;
use super::words::{self, Spoken};
use crate::vocab::candidates::{self, Candidate};
use crate::vocab::correct;
use crate::vocab::lexicon::Layer;
use crate::vocab::readings;
use crate::vocab::term::key;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Terms that are tried for one window.
const TRIED: usize = 5;
/// A term below this score is not tried, nor for words of the language one below the second.
const SCORE_MIN: f32 = 0.7;
const SCORE_MIN_VALID: f32 = 0.8;
/// What a better score of the term is worth, in nats for 1.
const SCORE_WEIGHT: f32 = 40.0;
/// What must be left of the gain for a non-word, and for words of the language, in nats. Chosen
/// on 40 recordings of synthetic speech: at these, 1 of 24 and 6 of 37 changes were for the
/// worse; the second was raised until none was.
const GAIN_NON_WORD: f32 = -4.0;
const GAIN_VALID: f32 = 10.0;
/// The same for a compound in the place of its two words, which means what they mean.
const GAIN_COMPOUND: f32 = 0.0;
/// The same for a collocation (`collocations`). Chosen on the strangers of `training/README.md`,
/// where 13 of 98 errors went with it and none came; the first wrong one has -1.8.
const GAIN_COLLOCATION: f32 = 0.0;
/// Terms of the site, the author and the patient are tried wherever words sound so much like
/// them, doubted or not; what must be left of the gain of a patient's own for words of the
/// language. Chosen on 20 recordings of synthetic speech: with the terms of the recording among
/// 100 others, recall rose from 78 to 91 % and no word was made wrong; with those of other
/// recordings 2 of 765 words were made wrong and 2 right.
const ADDED_SOUND: f32 = 0.5;
const ADDED_TRIED: usize = 20;
const GAIN_VALID_PATIENT: f32 = 7.0;
/// Tokens of the following word that are compared too: a wrong term makes them unlikely.
const FOLLOWING: usize = 3;
/// A term that is less likely than this is hopeless and is left off early, in nats.
const HOPELESS: f32 = -40.0;

/// A term that the audio speaks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Verified {
    /// The words that it replaces.
    pub words: Range<usize>,
    pub term: String,
    /// Nats by which it is ahead, its sound included.
    pub gain: f32,
    pub taken: bool,
}

struct Trial {
    words: Range<usize>,
    term: String,
    score: f32,
    /// What must be left of the gain.
    least: f32,
}

/// What the words are compared in: what stands before them, and the words as tokens.
pub struct Place<'a> {
    /// Prompt and beginning.
    pub before: Vec<Token>,
    pub words: &'a [Spoken],
    /// The tokens of each word.
    pub tokens: &'a [Vec<Token>],
    /// Words that were settled already are not doubted again for their confidence.
    pub settled: &'a [bool],
}

/// The terms that the audio speaks for and those that come next to it, in the order of words.
///
/// # Errors
/// `Stopped` soon after `stop` is set.
pub fn verify(
    model: &mut dyn Model,
    known: &Known<'_>,
    place: &Place<'_>,
    stop: &AtomicBool,
) -> Result<Vec<Verified>, DecodeError> {
    let trials = trials(known, place);
    if trials.is_empty() {
        return Ok(vec![]);
    }
    let mut walk = Walk { model, stop, feed: place.before.clone(), past: 0 };
    let mut heard = vec![0.0; place.words.len()];
    let mut tried: Vec<(usize, f32)> = vec![];
    for (at, heard) in heard.iter_mut().enumerate() {
        let is_near = trials.iter().any(|trial| trial.words.start <= at && at <= trial.words.end);
        if !is_near {
            walk.feed.extend(&place.tokens[at]);
            continue;
        }
        let logits = walk.advance()?;
        for (index, trial) in trials.iter().enumerate().filter(|(_, t)| t.words.start == at) {
            tried.push((
                index,
                walk.likelihood(&logits, &with_following(walk.model, trial, place))?,
            ));
        }
        *heard = walk.through(logits, &place.tokens[at])?;
    }
    Ok(decided(&trials, &tried, &heard, place))
}

/// The term as it would be written there, with the mark of the last word and the word after.
fn with_following(model: &dyn Model, trial: &Trial, place: &Place<'_>) -> Vec<Token> {
    let begins = begins_sentence(place.words, trial.words.start);
    let (_, mark) = words::and_marks(&place.words[trial.words.end - 1].text);
    let mut tokens = model.tokens(&format!(" {}{mark}", correct::written(&trial.term, begins)));
    if let Some(next) = place.tokens.get(trial.words.end) {
        tokens.extend(next.iter().take(FOLLOWING));
    }
    tokens
}

pub fn begins_sentence(words: &[Spoken], at: usize) -> bool {
    at == 0 || words[at - 1].text.ends_with(['.', '?', '!'])
}

fn trials(known: &Known<'_>, place: &Place<'_>) -> Vec<Trial> {
    let lexicon = known.lexicon;
    let plain: Vec<&str> = place.words.iter().map(|word| bare(&word.text)).collect();
    let is_word: Vec<bool> = plain.iter().map(|word| readings::is_word(lexicon, word)).collect();
    let mut trials: Vec<Trial> = vec![];
    for candidate in candidates(known, place.words, &plain) {
        let words = candidate.first..candidate.first + candidate.words;
        let term = lexicon.term(candidate.id);
        let is_valid = is_word[words.clone()].iter().all(|known| *known);
        let settled = place.settled[words.clone()].iter().any(|settled| *settled);
        let heard = &plain[words.clone()];
        let is_nearer = term.layer == Layer::Patient && lexicon.find(&heard.join(" ")).is_none();
        let (score, least) = match (is_valid, is_nearer) {
            (false, _) => (SCORE_MIN, GAIN_NON_WORD),
            (true, false) => (SCORE_MIN_VALID, GAIN_VALID),
            (true, true) => (SCORE_MIN, GAIN_VALID_PATIENT),
        };
        let is_tried = trials.iter().any(|t| t.words == words && t.term == term.text);
        let may_be = candidate.score >= score && !only_adds_or_drops(heard, term.text);
        if may_be && !is_tried && !(is_valid && settled) {
            let term = term.text.to_owned();
            trials.push(Trial { words, term, score: candidate.score, least });
        }
    }
    trials.extend(respelt(known, &plain));
    trials.extend(compounds(known, place));
    trials.extend(collocated(known, place));
    trials.retain(|trial| {
        // The name of a person sounds like this or that term.
        !revise::follows_title(&plain, trial.words.start)
            && revise::may_go(lexicon, &place.words[trial.words.clone()], &trial.term)
    });
    trials
}

/// Terms for words that only seem to be made of a listed one.
fn respelt(known: &Known<'_>, plain: &[&str]) -> Vec<Trial> {
    let of = |near: Candidate| Trial {
        words: near.first..near.first + near.words,
        term: known.lexicon.term(near.id).text.to_owned(),
        score: near.score,
        least: GAIN_NON_WORD,
    };
    made::found(known, plain).into_iter().map(of).collect()
}

/// Compounds that may have been heard as two words.
fn compounds(known: &Known<'_>, place: &Place<'_>) -> Vec<Trial> {
    let compound = |(at, pair): (usize, &[Spoken])| {
        if place.settled[at] || place.settled[at + 1] {
            return None;
        }
        let term = combining::compound(known.lexicon, &pair[0], &pair[1])?;
        let heard = [bare(&pair[0].text), bare(&pair[1].text)];
        let score = candidates::likeness(&heard, &term).max(SCORE_MIN);
        Some(Trial { words: at..at + 2, term, score, least: GAIN_COMPOUND })
    };
    place.words.windows(2).enumerate().filter_map(compound).collect()
}

/// Collocations that may have been said, also where the second hearing has settled a word: it knew
/// terms and not their company.
fn collocated(known: &Known<'_>, place: &Place<'_>) -> Vec<Trial> {
    let of = |near: Collocation| Trial {
        words: near.words,
        term: near.text,
        score: near.score,
        least: GAIN_COLLOCATION,
    };
    collocations::found(known.lexicon, place.words, SCORE_MIN).into_iter().map(of).collect()
}

/// The terms that sound like words in doubt, and those of the added layers that sound like any.
fn candidates(known: &Known<'_>, words: &[Spoken], plain: &[&str]) -> Vec<Candidate> {
    let passage = known.passage(plain);
    let windows = offer::places(known.lexicon, words).into_iter().flat_map(offer::windows);
    let doubted = windows.flat_map(|window| passage.bias_terms(window, TRIED));
    let may_be_other = |found: &Candidate| {
        let heard = &words[found.first..found.first + found.words];
        heard.iter().any(|word| {
            revise::is_unsure(word) || !readings::is_word(known.lexicon, bare(&word.text))
        })
    };
    let added = passage.added_terms(ADDED_TRIED).into_iter();
    let added = added.filter(|found| found.sound >= ADDED_SOUND && may_be_other(found));
    doubted.chain(added).collect()
}

/// Whether the term differs from what was heard only in words that it adds or leaves out: they
/// were said or were not, and no sound speaks for the change.
fn only_adds_or_drops(heard: &[&str], term: &str) -> bool {
    let (heard, term) = (key(&heard.join(" ")), key(term));
    let within = |one: &str, other: &str| one.split(' ').all(|w| other.split(' ').any(|o| o == w));
    within(&heard, &term) || within(&term, &heard)
}

/// Compares each term with what was heard, and takes the best of those that overlap.
fn decided(
    trials: &[Trial],
    tried: &[(usize, f32)],
    heard: &[f32],
    place: &Place<'_>,
) -> Vec<Verified> {
    let mut found: Vec<Verified> = tried
        .iter()
        .map(|&(index, likelihood)| {
            let Trial { words, term, score, least } = &trials[index];
            // The following word counts with as many of its tokens on both sides.
            let following = place.tokens.get(words.end).map_or(0.0, |tokens| {
                let share = FOLLOWING.min(tokens.len()) as f32 / tokens.len().max(1) as f32;
                heard[words.end] * share
            });
            let alternative: f32 = heard[words.clone()].iter().sum::<f32>() + following;
            let gain = likelihood - alternative + SCORE_WEIGHT * (score - SCORE_MIN);
            Verified { words: words.clone(), term: term.clone(), gain, taken: gain > *least }
        })
        .collect();
    found.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    let mut used = vec![false; place.words.len()];
    let mut texts: Vec<String> = place.words.iter().map(|word| key(bare(&word.text))).collect();
    for verified in &mut found {
        let free = !used[verified.words.clone()].iter().any(|used| *used);
        let term = key(&verified.term);
        let is_beside = beside(&texts, &verified.words).any(|text| *text == term);
        let says_again = is_beside && term.len() >= revise::SAID_ONCE_LETTERS;
        verified.taken &= free && !says_again;
        if verified.taken {
            used[verified.words.clone()].fill(true);
            texts[verified.words.clone()].fill(term);
        }
    }
    found.sort_by_key(|verified| verified.words.start);
    found
}

/// The texts just before and just after some words.
fn beside<'a>(texts: &'a [String], words: &Range<usize>) -> impl Iterator<Item = &'a String> {
    let before = words.start.checked_sub(1).and_then(|at| texts.get(at));
    before.into_iter().chain(texts.get(words.end))
}

/// A walk through the words; terms are tried at its side.
struct Walk<'a> {
    model: &'a mut dyn Model,
    stop: &'a AtomicBool,
    /// Not handed in yet.
    feed: Vec<Token>,
    past: usize,
}

impl Walk<'_> {
    /// Hands in what waits and gives the logits after it.
    fn advance(&mut self) -> Result<Vec<f32>, DecodeError> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(DecodeError::Stopped);
        }
        let logits = text_logits(self.model, &self.feed, self.past)?;
        self.past += self.feed.len();
        self.feed.clear();
        Ok(logits)
    }

    /// The log-probability of the tokens here; the walk stays where it is.
    fn likelihood(&mut self, from: &[f32], tokens: &[Token]) -> Result<f32, DecodeError> {
        let mut logits = from.to_vec();
        let mut sum = 0.0;
        for (at, &token) in tokens.iter().enumerate() {
            sum += log_probability(&logits, token);
            if sum < HOPELESS || at + 1 == tokens.len() {
                break;
            }
            logits = text_logits(self.model, &[token], self.past + at)?;
        }
        Ok(sum)
    }

    /// The log-probability of the heard word; the walk goes on behind it.
    fn through(&mut self, from: Vec<f32>, tokens: &[Token]) -> Result<f32, DecodeError> {
        let mut logits = from;
        let mut sum = 0.0;
        for (at, &token) in tokens.iter().enumerate() {
            sum += log_probability(&logits, token);
            if at + 1 == tokens.len() {
                self.feed.push(token);
            } else {
                logits = text_logits(self.model, &[token], self.past)?;
                self.past += 1;
            }
        }
        Ok(sum)
    }
}

fn log_probability(logits: &[f32], token: Token) -> f32 {
    logits.get(token as usize).copied().unwrap_or(f32::NEG_INFINITY) - log_sum(logits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::lexicon::{AddedTerm, Lexicon};
    use crate::vocab::term::Subject;

    fn tried(lexicon: &Lexicon, text: &str, confidence: f32) -> Vec<String> {
        let words: Vec<Spoken> = text.split(' ').map(|w| Spoken::of(w, confidence)).collect();
        let tokens = vec![vec![]; words.len()];
        let settled = vec![false; words.len()];
        let place = Place { before: vec![], words: &words, tokens: &tokens, settled: &settled };
        trials(&Known::of(lexicon), &place).into_iter().map(|trial| trial.term).collect()
    }

    fn of_the_patient(term: &str) -> Lexicon {
        let term = term.to_owned();
        let subject = Subject::Brand;
        Lexicon::with([AddedTerm { term, subject, layer: Layer::Patient, said: None }])
    }

    #[test]
    fn the_patients_own_terms_are_tried_where_other_words_are_not_in_doubt() {
        let text = "she was taking endure and digoxin";
        assert_eq!(tried(&Lexicon::built_in(), text, 0.8), [""; 0]);
        assert_eq!(tried(&of_the_patient("Imdur"), text, 0.8), ["Imdur"]);
        assert_eq!(tried(&of_the_patient("Imdur"), text, 0.97), [""; 0], "it was surely heard");
    }

    #[test]
    fn nothing_is_tried_where_a_part_of_it_was_heard_or_where_it_is_an_ordinary_word() {
        for (term, text) in [
            ("rotator cuff repair", "a tear of the rotator cuff today"),
            ("cough", "a tear of the rotator cuff today"),
            ("Westcott", "cut with Westcott scissors"),
            ("dorsalis", "radial and dorsalis pedis pulses"),
        ] {
            assert_eq!(tried(&of_the_patient(term), text, 0.8), [""; 0], "{term}");
        }
    }
}
