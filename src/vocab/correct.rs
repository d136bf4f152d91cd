//! Decides what happens to a span: it stays, a person is shown candidates, or it is replaced.
//!
//! Not for: hearing again (`speech`), or raising flags (`text`).
//!
//! Invariant: a valid reading is never replaced, nor a number, a negation, a side, or one of two
//! rivals; a term that is also ordinary English is never put in.

use super::candidates::{self, Candidate};
use super::context::{self, Context};
use super::guarded::is_guarded;
use super::kin;
use super::lexicon::{Layer, Lexicon, Term, TermId};
use super::look_alikes;
use super::readings;
use std::ops::Range;

/// The most candidates that a person is shown.
pub const SUGGESTED_MAX: usize = 5;

/// How many candidates are weighed with their context.
const WEIGHED: usize = 12;

/// A replacement sounds at least this much alike, is spelled at least this much alike, and is
/// ahead of every other term by this much. Set on the even rows of the confusions so that the
/// count of false replacements in `tests/it/vocab.rs` stays 0.
const REPLACE_SOUND: f32 = 0.75;
const REPLACE_SPELLING: f32 = 0.6;
const REPLACE_AHEAD: f32 = 0.05;
/// How common the term is at least; beside a dose or after "takes" a medicine may be rarer.
const REPLACE_COMMON: u8 = 2;
/// The fewest letters on either side.
const REPLACE_LETTERS: usize = 5;
/// A valid word at the edge of a span is only given up when the sound gains this much.
const SWALLOW_GAIN: f32 = 0.04;
/// The most of a word's confidence for a replacement: a word that was clearly heard stays.
const REPLACE_CONFIDENCE: f32 = 0.9;
/// A candidate below this score is not shown.
const SUGGEST_SCORE: f32 = 0.62;
/// A span of valid words is doubted only below this confidence, or beside a dose.
const DOUBT_CONFIDENCE: f32 = 0.5;
/// What a candidate for valid words scores at least to be shown.
const SUGGEST_INSTEAD_OF_VALID: f32 = 0.8;

/// A candidate in its context.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    pub id: TermId,
    /// As the field writes it.
    pub text: String,
    /// Sound, spelling, how common, and context together; about 0 to 1.2.
    pub score: f32,
    pub sound: f32,
    pub layer: Layer,
    /// Terms that it is taken for with harm.
    pub rivals: Vec<String>,
}

/// What to do with a span.
#[derive(Clone, Debug, PartialEq)]
pub enum Correction {
    /// It stays. If it is a term with rivals, they are named.
    Keep { rivals: Vec<String> },
    /// It stays, and a person is shown these, the best first.
    Suggest(Vec<Weighed>),
    /// It is replaced; the transcript remembers what was heard.
    Replace(Weighed),
}

/// Decides on one span of 1 to `candidates::SPAN_WORDS_MAX` words, without punctuation.
pub fn correct(lexicon: &Lexicon, span: &[&str], context: &Context<'_>) -> Correction {
    let valid = readings::is_valid(lexicon, span);
    if valid && !is_doubted(lexicon, span, context) || span.is_empty() {
        return keep(span);
    }
    if span.len() == 1 && is_guarded(span[0]) {
        return keep(span);
    }
    let weighed = weigh(lexicon, span, context);
    let Some((best, rest)) = weighed.split_first() else { return keep(span) };
    if !valid && may_replace(lexicon, span, context, best, rest) {
        return Correction::Replace(best.clone());
    }
    let least = if valid { SUGGEST_INSTEAD_OF_VALID } else { SUGGEST_SCORE };
    let shown: Vec<Weighed> =
        weighed.iter().filter(|w| w.score >= least).take(SUGGESTED_MAX).cloned().collect();
    if shown.is_empty() { keep(span) } else { Correction::Suggest(shown) }
}

fn keep(span: &[&str]) -> Correction {
    Correction::Keep { rivals: look_alikes::rivals(&span.join(" ")).to_vec() }
}

/// Valid words are doubted where the recogniser was not sure, or where several of them stand
/// before a dose and are no medicine together.
fn is_doubted(lexicon: &Lexicon, span: &[&str], context: &Context<'_>) -> bool {
    if span.iter().any(|word| is_guarded(word)) || lexicon.find(&span.join(" ")).is_some() {
        return false;
    }
    let unsure = context.confidence.is_some_and(|sure| sure < DOUBT_CONFIDENCE);
    unsure || span.len() > 1 && context::dose_beside(context.after)
}

fn weigh(lexicon: &Lexicon, span: &[&str], context: &Context<'_>) -> Vec<Weighed> {
    let found = candidates::for_span(lexicon, span, WEIGHED);
    let mut weighed: Vec<Weighed> = found
        .iter()
        .map(|candidate| {
            let term = lexicon.term(candidate.id);
            Weighed {
                id: candidate.id,
                text: written(term.text, context.begins_sentence),
                score: candidate.score + context::bonus(lexicon, &term, context),
                sound: candidate.sound,
                layer: term.layer,
                rivals: look_alikes::rivals(term.text).to_vec(),
            }
        })
        .collect();
    weighed.retain(|w| !lexicon.term(w.id).ordinary);
    weighed.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
    weighed
}

fn may_replace(
    lexicon: &Lexicon,
    span: &[&str],
    context: &Context<'_>,
    best: &Weighed,
    rest: &[Weighed],
) -> bool {
    let ahead = rest.iter().all(|other| best.score - other.score >= REPLACE_AHEAD);
    let rivalled = rest.iter().any(|other| {
        best.score - other.score < 3.0 * REPLACE_AHEAD
            && look_alikes::are_rivals(&best.text, &other.text)
    });
    best.sound >= REPLACE_SOUND
        && spelling(span, &best.text) >= REPLACE_SPELLING
        && ahead
        && !rivalled
        && is_fit_to_put_in(lexicon, context, best)
        && is_fit_to_take_out(lexicon, span, context, best)
        && !swallows_too_much(lexicon, span, best)
}

/// A term that is common enough to be meant, and not of ordinary English.
fn is_fit_to_put_in(lexicon: &Lexicon, context: &Context<'_>, best: &Weighed) -> bool {
    let term = lexicon.term(best.id);
    let least = if is_medicated(&term, context) { 1 } else { REPLACE_COMMON };
    let known = term.common >= least || term.layer != Layer::BuiltIn;
    known && !term.ordinary && term.text.len() >= REPLACE_LETTERS
}

/// Heard words that may go: no number, side or negation, no name of a person, nothing that was
/// clearly heard, and no form of the term itself.
fn is_fit_to_take_out(
    lexicon: &Lexicon,
    span: &[&str],
    context: &Context<'_>,
    best: &Weighed,
) -> bool {
    let guarded = span.iter().any(|w| is_guarded(w) || w.contains(|c: char| c.is_ascii_digit()));
    let capital = span.iter().any(|word| word.starts_with(char::is_uppercase));
    let named = capital && !context.begins_sentence;
    let medicine = is_medicated(&lexicon.term(best.id), context);
    let sure = context.confidence.is_some_and(|sure| sure > REPLACE_CONFIDENCE);
    let heard = span.concat();
    let text = best.text.to_lowercase().replace([' ', '-'], "");
    let spacing = heard.to_lowercase() == text;
    let one_form =
        readings::differ_in_ending(&heard, &text) || kin::kin(&heard.to_lowercase(), &text) > 0.0;
    let enough = heard.len() >= REPLACE_LETTERS;
    !guarded && !sure && !spacing && !one_form && enough && (!named || medicine)
}

/// A medicine where a medicine is likely to stand.
fn is_medicated(term: &Term<'_>, context: &Context<'_>) -> bool {
    term.subjects.is_drug() && context::is_beside_drug_words(context)
}

/// Whether the term stands in the span already, or a valid word at an edge would be lost though
/// the term is heard as well without it.
fn swallows_too_much(lexicon: &Lexicon, span: &[&str], best: &Weighed) -> bool {
    if span.len() < 2 {
        return false;
    }
    let words: Vec<&str> = best.text.split([' ', '-']).collect();
    let same = |word: &&str| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    if span.iter().filter(|word| same(word)).count() >= words.len() {
        return true;
    }
    let shorter = [(span[0], &span[1..]), (span[span.len() - 1], &span[..span.len() - 1])];
    shorter.iter().filter(|(edge, _)| readings::known(lexicon, edge) || edge.len() < 3).any(
        |(_, rest)| {
            let found = candidates::for_span(lexicon, rest, WEIGHED);
            let without = found.iter().find(|candidate| candidate.id == best.id);
            without.is_some_and(|candidate| candidate.sound + SWALLOW_GAIN > best.sound)
        },
    )
}

fn spelling(span: &[&str], text: &str) -> f32 {
    let heard = span.concat().to_lowercase();
    strsim::normalized_damerau_levenshtein(&heard, &text.to_lowercase().replace(' ', "")) as f32
}

/// A term as the field writes it; only a plain small letter becomes a capital at the beginning
/// of a sentence ("pH", "mEq" and "von Willebrand" stay).
pub fn written(term: &str, begins_sentence: bool) -> String {
    let plain = term.chars().all(|c| !c.is_uppercase());
    let mut letters = term.chars();
    match letters.next() {
        Some(first) if begins_sentence && plain => first.to_uppercase().chain(letters).collect(),
        _ => term.to_string(),
    }
}

/// A text in which terms are looked for before it is heard again.
#[derive(Clone, Copy)]
pub struct Passage<'a> {
    pub lexicon: &'a Lexicon,
    /// Its words, without punctuation.
    pub words: &'a [&'a str],
    /// The code of the work type, such as OP.
    pub work_type: Option<&'a str>,
}

impl Passage<'_> {
    /// The best candidates for a place, weighed with what stands around them. Their first words
    /// count from the beginning of the passage. Terms of ordinary English are left out, because
    /// they must not bias.
    pub fn bias_terms(&self, place: Range<usize>, most: usize) -> Vec<Candidate> {
        let start = place.start;
        let mut found = candidates::for_place(self.lexicon, &self.words[place], most * 2);
        for candidate in &mut found {
            candidate.first += start;
        }
        self.weighed(found, most)
    }

    /// The best candidates of the added layers, wherever they sound like any words.
    pub fn added_terms(&self, most: usize) -> Vec<Candidate> {
        self.weighed(candidates::added_for_place(self.lexicon, self.words, most), most)
    }

    fn weighed(&self, mut found: Vec<Candidate>, most: usize) -> Vec<Candidate> {
        found.retain(|candidate| !self.lexicon.term(candidate.id).ordinary);
        for candidate in &mut found {
            let around = Context {
                before: &self.words[..candidate.first],
                after: &self.words[candidate.first + candidate.words..],
                work_type: self.work_type,
                ..Context::default()
            };
            let term = self.lexicon.term(candidate.id);
            candidate.score += context::bonus(self.lexicon, &term, &around);
        }
        candidates::rank(&mut found, most);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(text: &str, work_type: Option<&str>, term: &str) -> f32 {
        let lexicon = Lexicon::built_in();
        let words: Vec<&str> = text.split(' ').collect();
        let passage = Passage { lexicon: &lexicon, words: &words, work_type };
        let found = passage.bias_terms(1..words.len().min(4), 10);
        let found = found.iter().find(|found| lexicon.term(found.id).text == term);
        found.map_or(0.0, |found| found.score)
    }

    #[test]
    fn a_medicine_is_likelier_where_a_dose_follows() {
        let alone = score("on levator acetam and well", None, "levetiracetam");
        let dosed = score("on levator acetam 500 mg twice", None, "levetiracetam");
        assert!(0.0 < alone && alone < dosed, "{alone} {dosed}");
    }

    #[test]
    fn an_operative_report_speaks_of_devices() {
        let any = score("closed with vike rill suture", None, "Vicryl");
        let operative = score("closed with vike rill suture", Some("OP"), "Vicryl");
        assert!(0.0 < any && any < operative, "{any} {operative}");
    }
}
