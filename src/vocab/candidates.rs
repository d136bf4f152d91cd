//! The terms that a span of heard words may stand for, ranked by sound and spelling.
//!
//! Not for: deciding whether anything is replaced (`correct`), or what stands around the span
//! (`context`).
//!
//! Invariant: the same span and lexicon give the same candidates in the same order; how common
//! a term is moves it a little and never decides alone.

use super::kin;
use super::lexicon::{Layer, Lexicon, Term, TermId};
use super::readings;
use super::sound_distance::{Heard, LANES, distances};
use super::sound_index::{Overlap, shortlist, signature};
use super::sounds::{self, SOUNDS_MAX};
use super::term::key;
use std::ops::Range;
use std::sync::OnceLock;

/// The most words of one span.
pub const SPAN_WORDS_MAX: usize = 5;

/// Words that a recogniser puts beside or inside a term that it did not know. At the edge of a
/// span they cost little to leave out.
const SWALLOWED: [&str; 38] = [
    "a", "an", "the", "of", "in", "on", "to", "is", "and", "was", "with", "for", "at", "or", "by",
    "from", "he", "she", "his", "her", "it", "as", "no", "not", "that", "this", "i", "are", "be",
    "has", "had", "we", "they", "some", "you", "your", "her", "there",
];

/// What leaving out a sound of such a word costs, as a part of the full cost.
const SWALLOWED_WEIGHT: f32 = 0.45;

/// How far the number of a term's sounds may be from that of the span.
const LENGTH_LOW: f32 = 0.55;
const LENGTH_HIGH: f32 = 1.7;

/// Candidates that are compared by spelling too, for each one that is asked for.
const CLOSER_LOOK: usize = 3;

/// How many rows of the shortlist are sorted by length together, so that several of one length
/// are compared at once.
const AT_ONCE: usize = 512;

/// Weights of the score; measured on the even rows of the confusions, see `benches/vocab.rs`.
const SOUND_WEIGHT: f32 = 0.75;
const SPELLING_WEIGHT: f32 = 0.25;
const COMMON_WEIGHT: f32 = 0.025;
/// A term that nobody was seen to use.
const RARE_PENALTY: f32 = 0.1;
/// A term that is known only as a part of others is a little less likely alone.
const PART_PENALTY: f32 = 0.02;
/// Candidates that a part of a place brings along at most.
const EACH_SPAN_MAX: usize = 16;

/// What a candidate for words of the language loses against those for words of no list.
const VALID_PENALTY: f32 = 0.1;
/// A term of the site, the author or the patient is this much more likely.
const LAYER_BONUS: f32 = 0.06;

/// A term that the span may stand for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    pub id: TermId,
    /// How alike the sounds are, up to 1.
    pub sound: f32,
    /// How alike the letters are, 0 to 1.
    pub spelling: f32,
    /// What they are ranked by.
    pub score: f32,
    /// The words of the place that it would replace.
    pub first: usize,
    pub words: usize,
}

/// The best candidates for one span of one to `SPAN_WORDS_MAX` words, best first. What was heard
/// is not among them.
pub fn for_span(lexicon: &Lexicon, words: &[&str], most: usize) -> Vec<Candidate> {
    let words = &words[..words.len().min(SPAN_WORDS_MAX)];
    let (heard, letters) = heard(words);
    if heard.sounds.len() < 2 || most == 0 {
        return Vec::new();
    }
    let mut found = by_sound(lexicon, &heard, most * CLOSER_LOOK);
    if words.len() == 1 {
        add_kin(lexicon, &heard, &letters, &mut found);
    }
    for candidate in &mut found {
        candidate.words = words.len();
        look_closer(lexicon, &letters, candidate);
    }
    let said = key(&words.join(" "));
    found.retain(|candidate| key(lexicon.term(candidate.id).text) != said);
    rank(&mut found, most);
    found
}

/// Whether `for_span` may find a usual medicine that sounds at least `least` like these words: a
/// question to the medicines alone, which are few, before all terms are searched.
pub fn may_be_medicine(lexicon: &Lexicon, words: &[&str], least: f32) -> bool {
    let words = &words[..words.len().min(SPAN_WORDS_MAX)];
    let (heard, letters) = heard(words);
    if heard.sounds.len() < 2 {
        return false;
    }
    let is_usual = |id: TermId| lexicon.term(id).is_usual_medicine();
    let kin = || kin::kin_of(lexicon, &letters).into_iter().any(is_usual);
    if words.len() == 1 && kin() {
        return true;
    }
    let packed = lexicon.packed();
    let rows = usual_medicines(lexicon).iter().map(|row| packed.row(*row as usize).1);
    let rows: Vec<&[u8]> = rows.filter(|said| lengths(&heard).contains(&said.len())).collect();
    let added = lexicon.added_rows().iter().filter(|row| is_usual(row.id));
    let mut added = added.map(|row| row.sounds.as_slice());
    is_near(&heard, &rows, least) || added.any(|said| is_near(&heard, &[said], least))
}

/// The rows of the usual built-in medicines, those of one length beside each other.
fn usual_medicines(lexicon: &Lexicon) -> &'static [u32] {
    static ROWS: OnceLock<Vec<u32>> = OnceLock::new();
    ROWS.get_or_init(|| {
        let packed = lexicon.packed();
        let is_usual = |row: &usize| lexicon.term(TermId(packed.row(*row).0)).is_usual_medicine();
        let rows = packed.rows_of_length(0..SOUNDS_MAX + 1);
        rows.filter(is_usual).map(|row| row as u32).collect()
    })
}

/// Whether one of these ways to say a term, sorted by length, is at least `least` alike.
fn is_near(heard: &Heard, said: &[&[u8]], least: f32) -> bool {
    said.chunk_by(|one, other| one.len() == other.len()).flat_map(|alike| alike.chunks(LANES)).any(
        |ways| {
            let size = size(heard, ways[0].len());
            let apart = distances(heard, ways, (1.0 - least) * size);
            ways.iter().zip(apart).any(|(_, apart)| 1.0 - apart / size >= least)
        },
    )
}

/// How many sounds a term may have that stands for the span.
fn lengths(heard: &Heard) -> Range<usize> {
    let count = heard.sounds.len() as f32;
    let low = (count * LENGTH_LOW) as usize;
    low..((count * LENGTH_HIGH) as usize + 1).min(SOUNDS_MAX) + 1
}

/// Adds the terms that are parts or forms of what was heard.
fn add_kin(lexicon: &Lexicon, heard: &Heard, letters: &str, found: &mut Vec<Candidate>) {
    for id in kin::kin_of(lexicon, letters) {
        if found.iter().any(|known| known.id == id) {
            continue;
        }
        let mut sounds = Vec::new();
        sounds::append(lexicon.term(id).text, &mut sounds);
        let apart = distances(heard, &[&sounds], f32::INFINITY)[0];
        let sound = 1.0 - apart / size(heard, sounds.len());
        found.push(Candidate { id, sound, spelling: 0.0, score: 0.0, first: 0, words: 0 });
    }
}

/// How much these words sound like a name, up to 1; below 0 where they have nothing in common.
/// Of a name that may be said letter by letter, the way that is nearer.
pub fn likeness(words: &[&str], name: &str) -> f32 {
    Ways::of([name]).likeness(words, f32::NEG_INFINITY)[0]
}

/// Names as they are said, so that many of them are compared with what was heard at once.
pub struct Ways {
    count: usize,
    /// The place of a name and one way to say it; those of one length beside each other.
    said: Vec<(usize, Vec<u8>)>,
}

impl Ways {
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let (mut count, mut said) = (0, Vec::new());
        for (place, name) in names.into_iter().enumerate() {
            said.extend(sounds::of_term(name).into_iter().map(|way| (place, way)));
            count = place + 1;
        }
        said.sort_by_key(|(_, way)| way.len());
        Self { count, said }
    }

    /// How much these words sound like each name, up to 1; of what is below `least` only that.
    pub fn likeness(&self, words: &[&str], least: f32) -> Vec<f32> {
        let (heard, _) = heard(words);
        let mut found = vec![f32::NEG_INFINITY; self.count];
        for alike in self.said.chunk_by(|(_, one), (_, other)| one.len() == other.len()) {
            let size = size(&heard, alike[0].1.len());
            for names in alike.chunks(LANES) {
                let mut ways = [&[][..]; LANES];
                for (way, (_, said)) in ways.iter_mut().zip(names) {
                    *way = said;
                }
                let apart = distances(&heard, &ways[..names.len()], (1.0 - least) * size);
                for ((place, _), apart) in names.iter().zip(apart) {
                    found[*place] = found[*place].max(1.0 - apart / size);
                }
            }
        }
        found
    }
}

/// Half of the length of both strings of sounds, at half the cost of a step: strings that have
/// nothing in common are about this far apart.
fn size(heard: &Heard, sounds: usize) -> f32 {
    0.25 * (heard.sounds.len() + sounds) as f32
}

/// The best candidates for a place: any run of words in it may be the term. Words that no list
/// has are more likely to be wrong than words of the language.
pub fn for_place(lexicon: &Lexicon, words: &[&str], most: usize) -> Vec<Candidate> {
    let valid: Vec<bool> = words.iter().map(|word| readings::is_word(lexicon, word)).collect();
    let mut found: Vec<Candidate> = Vec::new();
    for first in 0..words.len() {
        for last in first + 1..=words.len().min(first + SPAN_WORDS_MAX) {
            let span = &words[first..last];
            let whole = span.len() == words.len();
            if !whole && span.iter().all(|word| is_swallowed(word)) {
                continue;
            }
            let count = valid[first..last].iter().filter(|valid| **valid).count();
            let each = if whole { most } else { most.min(EACH_SPAN_MAX) };
            let less = VALID_PENALTY * count as f32 / span.len() as f32;
            merge(&mut found, for_span(lexicon, span, each), first, less);
            if let Some(tens) = span.last().and_then(|last| tens(last)) {
                let mut without_units = span.to_vec();
                without_units[last - first - 1] = &tens;
                merge(&mut found, for_span(lexicon, &without_units, each), first, less);
            }
        }
    }
    rank(&mut found, most);
    found
}

fn is_swallowed(word: &str) -> bool {
    SWALLOWED.iter().any(|swallowed| swallowed.eq_ignore_ascii_case(word))
}

/// The terms of the added layers that sound most like any run of words of a text, best first;
/// the built-in terms are not looked at, so a whole text can be searched.
pub fn added_for_place(lexicon: &Lexicon, words: &[&str], most: usize) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    if lexicon.added_rows().is_empty() {
        return found;
    }
    for first in 0..words.len() {
        for last in first + 1..=words.len().min(first + SPAN_WORDS_MAX) {
            let (heard, letters) = heard(&words[first..last]);
            let mut nearest = Nearest { found: Vec::with_capacity(most + 1), most };
            consider_added(lexicon, &heard, &mut nearest);
            let mut near = nearest.found;
            for candidate in &mut near {
                candidate.words = last - first;
                look_closer(lexicon, &letters, candidate);
            }
            merge(&mut found, near, first, 0.0);
        }
    }
    rank(&mut found, most);
    found
}

fn merge(found: &mut Vec<Candidate>, more: Vec<Candidate>, first: usize, less: f32) {
    for candidate in more {
        let candidate = Candidate { first, score: candidate.score - less, ..candidate };
        match found.iter_mut().find(|known| known.id == candidate.id) {
            Some(known) if known.score >= candidate.score => {}
            Some(known) => *known = candidate,
            None => found.push(candidate),
        }
    }
}

/// The tens of a number such as 75, whose units may belong to the dose: "apixaban 5" is heard
/// as "a big 75".
fn tens(word: &str) -> Option<String> {
    let number: u32 = word.parse().ok()?;
    (20..100)
        .contains(&number)
        .then_some(number / 10 * 10)
        .filter(|t| *t != number)
        .map(|t| t.to_string())
}

/// Sorts by score and keeps the best.
pub fn rank(found: &mut Vec<Candidate>, most: usize) {
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.id.cmp(&b.id)));
    found.truncate(most);
}

/// The sounds and the letters of a span.
fn heard(words: &[&str]) -> (Heard, String) {
    let (mut heard, mut weights, mut letters) = (Vec::new(), Vec::new(), String::new());
    for (place, word) in words.iter().enumerate() {
        sounds::append(word, &mut heard);
        let small = word.to_lowercase();
        let edge = place == 0 || place + 1 == words.len();
        let swallowed = words.len() > 1 && edge && is_swallowed(word);
        let weight = if swallowed { SWALLOWED_WEIGHT } else { 1.0 };
        weights.resize(heard.len(), weight);
        letters.extend(small.chars().filter(|c| c.is_alphanumeric()));
    }
    (Heard::new(heard, &weights), letters)
}

/// The nearest terms by sound alone, in no order.
fn by_sound(lexicon: &Lexicon, heard: &Heard, most: usize) -> Vec<Candidate> {
    let packed = lexicon.packed();
    let wanted = signature(&heard.sounds);
    let mut nearest = Nearest { found: Vec::with_capacity(most + 1), most };
    let size = wanted.count_ones();
    let overlap =
        |row| Overlap::of(packed.signature(row), wanted, packed.signature_size(row) + size);
    let rows = shortlist(packed.rows_of_length(lengths(heard)), overlap);
    nearest.consider(heard, rows, |row| {
        let (place, sounds) = packed.row(row);
        (TermId(place), sounds)
    });
    consider_added(lexicon, heard, &mut nearest);
    nearest.found
}

fn consider_added(lexicon: &Lexicon, heard: &Heard, nearest: &mut Nearest) {
    let added = lexicon.added_rows();
    let wanted = signature(&heard.sounds);
    let overlap = |row: usize| {
        let signature = added[row].signature;
        Overlap::of(signature, wanted, signature.count_ones() + wanted.count_ones())
    };
    let rows = shortlist(0..added.len(), overlap);
    nearest.consider(heard, rows, |row| (added[row].id, added[row].sounds.as_slice()));
}

/// The nearest terms so far, sorted.
struct Nearest {
    found: Vec<Candidate>,
    most: usize,
}

impl Nearest {
    /// Compares what was heard with the terms of some rows, the likeliest first: those set the
    /// bar for the others.
    fn consider<'a>(
        &mut self,
        heard: &Heard,
        mut rows: Vec<usize>,
        term: impl Fn(usize) -> (TermId, &'a [u8]),
    ) {
        for rows in rows.chunks_mut(AT_ONCE) {
            rows.sort_unstable_by_key(|row| term(*row).1.len());
            for alike in rows.chunk_by(|one, other| term(*one).1.len() == term(*other).1.len()) {
                for rows in alike.chunks(LANES) {
                    self.compare(heard, rows, &term);
                }
            }
        }
    }

    fn compare<'a>(
        &mut self,
        heard: &Heard,
        rows: &[usize],
        term: &impl Fn(usize) -> (TermId, &'a [u8]),
    ) {
        let mut terms = [&[][..]; LANES];
        for (sounds, row) in terms.iter_mut().zip(rows) {
            *sounds = term(*row).1;
        }
        let terms = &terms[..rows.len()];
        let size = size(heard, terms[0].len());
        let full = self.found.len() >= self.most;
        let least = if full { self.found[self.most - 1].sound } else { 0.0 };
        let apart = distances(heard, terms, (1.0 - least) * size);
        for (row, apart) in rows.iter().zip(apart) {
            let sound = 1.0 - apart / size;
            if sound > least {
                self.put(term(*row).0, sound);
            }
        }
    }

    fn put(&mut self, id: TermId, sound: f32) {
        if let Some(known) = self.found.iter().position(|known| known.id == id) {
            if self.found[known].sound >= sound {
                return;
            }
            self.found.remove(known);
        }
        let place = self.found.partition_point(|known| known.sound >= sound);
        let candidate = Candidate { id, sound, spelling: 0.0, score: 0.0, first: 0, words: 0 };
        self.found.insert(place, candidate);
        self.found.truncate(self.most);
    }
}

fn look_closer(lexicon: &Lexicon, heard: &str, candidate: &mut Candidate) {
    let term = lexicon.term(candidate.id);
    let letters: String =
        term.text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let edits = strsim::normalized_damerau_levenshtein(heard, &letters);
    let start = strsim::jaro_winkler(heard, &letters);
    candidate.spelling = (0.5 * edits + 0.5 * start) as f32;
    let sound = candidate.sound.max(kin::kin(heard, &term.text.to_lowercase()));
    candidate.score = SOUND_WEIGHT * sound + SPELLING_WEIGHT * candidate.spelling + likely(&term);
}

/// How likely a term is before it is heard.
fn likely(term: &Term<'_>) -> f32 {
    if term.layer != Layer::BuiltIn {
        return COMMON_WEIGHT * f32::from(term.common) + LAYER_BONUS;
    }
    let rare = if term.common == 0 { RARE_PENALTY } else { 0.0 };
    let part = if term.part { PART_PENALTY } else { 0.0 };
    COMMON_WEIGHT * f32::from(term.common) - rare - part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_medicines_alone_are_asked_what_all_terms_would_answer() {
        let lexicon = Lexicon::built_in();
        let spans: [&[&str]; 8] = [
            &["listen", "operil"],
            &["hydro", "lashing"],
            &["DeJawkson"],
            &["print", "this"],
            &["the", "left", "knee"],
            &["met", "formin"],
            &["yours", "might"],
            &["amyotron"],
        ];
        for words in spans {
            for least in [0.5, 0.66, 0.76] {
                let found = for_span(&lexicon, words, 8);
                let is_near = |candidate: &&Candidate| {
                    candidate.sound >= least && lexicon.term(candidate.id).is_usual_medicine()
                };
                let near = found.iter().find(is_near);
                assert!(near.is_none() || may_be_medicine(&lexicon, words, least), "{words:?}");
            }
        }
        assert!(!may_be_medicine(&lexicon, &["the", "left", "knee"], 0.9));
    }
}
