//! Packs the tables of this folder into the bytes that `src/vocab/packed.rs` reads. The build
//! script runs this once, so that the program has nothing to work out when it starts.
//!
//! Not for: reading the bytes, or terms that a site adds (`src/vocab/lexicon.rs`).
//!
//! Invariant: entries are sorted by key and have one key each; the sounds are sorted by length.

use super::sound_index::signature;
use super::sounds;
use super::term::{AMBIGUOUS, COMMON_MAX, NONE, ORDINARY, PART, Subject, TERM_BYTES_MAX, key};
use std::collections::BTreeMap;
use std::collections::HashMap;

/// English words up to this level of SCOWL are ordinary: a term that is also one of them
/// neither biases nor corrects.
const ORDINARY_LEVEL: u8 = 35;
/// The same for brand names, which are often made of a rarer word.
const ORDINARY_BRAND_LEVEL: u8 = 60;
/// Words up to this level are not taken out of phrases as terms of their own.
const PHRASE_WORD_LEVEL: u8 = 20;

struct Entry {
    term: String,
    subjects: u16,
    common: u8,
    flags: u8,
    of: String,
}

/// The tables in the order of trust: of two spellings of one key, the first stays.
pub fn pack(tables: &[String], english: &str) -> Vec<u8> {
    let levels = levels(english);
    let mut entries = entries(tables);
    add_words_of_phrases(&mut entries, &levels);
    for (key, entry) in &mut entries {
        entry.flags |= ordinary(key, entry, &levels);
    }
    packed(&entries, &levels)
}

/// The entries of several words that are seen in use. No word of theirs is one of its own.
pub fn pack_collocations(tables: &[String]) -> Vec<u8> {
    let mut entries = entries(tables);
    entries.retain(|key, entry| key.contains(' ') && entry.common > 0);
    packed(&entries, &BTreeMap::new())
}

fn packed(entries: &BTreeMap<String, Entry>, levels: &BTreeMap<String, u8>) -> Vec<u8> {
    let mut packed = Vec::new();
    let places: HashMap<&str, u32> =
        entries.keys().zip(0u32..).map(|(key, place)| (key.as_str(), place)).collect();
    section(&mut packed, &records(entries, &places));
    let text: String = entries.values().map(|entry| entry.term.as_str()).collect();
    section(&mut packed, text.as_bytes());
    pack_sounds(&mut packed, entries);
    pack_english(&mut packed, levels);
    section(&mut packed, &endings(entries));
    packed
}

fn levels(english: &str) -> BTreeMap<String, u8> {
    let mut levels = BTreeMap::new();
    for (word, level) in english.lines().skip(1).filter_map(|line| line.split_once('\t')) {
        let level = level.parse().unwrap_or(u8::MAX);
        let known = levels.entry(word.to_lowercase()).or_insert(level);
        *known = level.min(*known);
    }
    levels
}

fn entries(tables: &[String]) -> BTreeMap<String, Entry> {
    let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
    for line in tables.iter().flat_map(|table| table.lines().skip(1)) {
        let mut cells = line.split('\t');
        let term = cells.next().unwrap_or_default();
        let subject = cells.next().and_then(Subject::from_code).unwrap_or(Subject::Word);
        let common = cells.next().and_then(|cell| cell.parse().ok()).unwrap_or(0);
        let of = cells.next().unwrap_or_default();
        let ambiguous = cells.next() == Some("ambiguous");
        if term.is_empty() || term.len() > TERM_BYTES_MAX {
            continue;
        }
        let flags = if ambiguous { AMBIGUOUS } else { 0 };
        let entry = entries.entry(key(term)).or_insert_with(|| Entry {
            term: term.to_owned(),
            subjects: 0,
            common: 0,
            flags,
            of: of.to_owned(),
        });
        entry.subjects |= subject as u16;
        entry.common = entry.common.max(common).min(COMMON_MAX);
        if entry.of.is_empty() {
            entry.of = of.to_owned();
        }
    }
    entries
}

fn add_words_of_phrases(entries: &mut BTreeMap<String, Entry>, levels: &BTreeMap<String, u8>) {
    let mut words: BTreeMap<String, Entry> = BTreeMap::new();
    for entry in entries.values() {
        for word in entry.term.split([' ', '-', '/']) {
            let plain = word.len() > 2 && word.chars().all(char::is_alphabetic);
            let level = levels.get(&word.to_lowercase()).copied().unwrap_or(u8::MAX);
            if !plain || level <= PHRASE_WORD_LEVEL || entries.contains_key(&key(word)) {
                continue;
            }
            let known = words.entry(key(word)).or_insert_with(|| Entry {
                term: word.to_owned(),
                subjects: 0,
                common: 0,
                flags: PART,
                of: String::new(),
            });
            known.subjects |= entry.subjects;
            known.common = known.common.max(entry.common.saturating_sub(1));
        }
    }
    entries.extend(words);
}

fn ordinary(key: &str, entry: &Entry, levels: &BTreeMap<String, u8>) -> u8 {
    let Some(&level) = levels.get(key) else { return 0 };
    // A word that only stands in the names of medicines, such as "non", is not one of them.
    let is_name = entry.flags & PART == 0;
    let generic = is_name && entry.subjects & Subject::Generic as u16 != 0;
    let brand_only = entry.subjects == Subject::Brand as u16;
    let most = if brand_only { ORDINARY_BRAND_LEVEL } else { ORDINARY_LEVEL };
    let rare_generic = generic && level > PHRASE_WORD_LEVEL;
    if level <= most && !rare_generic { ORDINARY } else { 0 }
}

/// 16 bytes an entry: text offset, entry that it is a name of, subjects, length, common, flags.
fn records(entries: &BTreeMap<String, Entry>, places: &HashMap<&str, u32>) -> Vec<u8> {
    let mut records = Vec::with_capacity(entries.len() * 16);
    let mut offset = 0u32;
    for entry in entries.values() {
        let of = places.get(key(&entry.of).as_str()).copied().unwrap_or(NONE);
        records.extend_from_slice(&offset.to_le_bytes());
        records.extend_from_slice(&of.to_le_bytes());
        records.extend_from_slice(&entry.subjects.to_le_bytes());
        records.extend_from_slice(&[entry.term.len() as u8, entry.common, entry.flags, 0, 0, 0]);
        offset += entry.term.len() as u32;
    }
    records
}

/// Signatures of 16 bytes; 12 bytes each of entry, sound offset, length,
/// signature's size; the sounds; and where
/// each length begins.
fn pack_sounds(packed: &mut Vec<u8>, entries: &BTreeMap<String, Entry>) {
    let mut said: Vec<(Vec<u8>, u32)> = Vec::new();
    for (entry, place) in entries.values().zip(0u32..) {
        said.extend(sounds::of_term(&entry.term).into_iter().map(|sounds| (sounds, place)));
    }
    said.sort_by_key(|(sounds, place)| (sounds.len(), *place));
    let (mut signatures, mut rows, mut blob) = (Vec::new(), Vec::new(), Vec::new());
    let mut starts = vec![0u32; sounds::SOUNDS_MAX + 2];
    for (sounds, place) in &said {
        let signature = signature(sounds);
        signatures.extend_from_slice(&signature.to_le_bytes());
        rows.extend_from_slice(&place.to_le_bytes());
        rows.extend_from_slice(&(blob.len() as u32).to_le_bytes());
        rows.extend_from_slice(&[sounds.len() as u8, signature.count_ones() as u8, 0, 0]);
        blob.extend_from_slice(sounds);
        starts.iter_mut().skip(sounds.len() + 1).for_each(|start| *start += 1);
    }
    section(packed, &signatures);
    section(packed, &rows);
    section(packed, &blob);
    section(packed, &starts.iter().flat_map(|start| start.to_le_bytes()).collect::<Vec<u8>>());
}

/// The places of all terms of one word, sorted by their letters from the last to the first.
fn endings(entries: &BTreeMap<String, Entry>) -> Vec<u8> {
    let mut places: Vec<(Vec<u8>, u32)> = entries
        .keys()
        .zip(0u32..)
        .filter(|(key, _)| !key.contains(' '))
        .map(|(key, place)| (key.bytes().rev().collect(), place))
        .collect();
    places.sort();
    places.iter().flat_map(|(_, place)| place.to_le_bytes()).collect()
}

/// The words, where each begins, and their levels.
fn pack_english(packed: &mut Vec<u8>, levels: &BTreeMap<String, u8>) {
    let mut starts = vec![0u32];
    let mut text = String::new();
    for word in levels.keys() {
        text.push_str(word);
        starts.push(text.len() as u32);
    }
    section(packed, text.as_bytes());
    section(packed, &starts.iter().flat_map(|start| start.to_le_bytes()).collect::<Vec<u8>>());
    section(packed, &levels.values().copied().collect::<Vec<u8>>());
}

fn section(packed: &mut Vec<u8>, bytes: &[u8]) {
    packed.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    packed.extend_from_slice(bytes);
}
