//! The sections of each work type, with the names they are called by, from
//! `vocab/worktype-sections.tsv`.
//!
//! Not for: finding headings in a dictation (`text`), or the work types themselves.
//!
//! Invariant: a heading of the job's own work type wins over the same words elsewhere, and a
//! heading's own name over another heading's alias.

use std::collections::HashMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("../../vocab/worktype-sections.tsv");

/// Work types whose sections are lines of a letter or the whole of a note; in other reports
/// their names are ordinary words.
const APART: [&str; 2] = ["LT", "OT"];

/// A section of a work type.
#[derive(Debug, PartialEq, Eq)]
pub struct Section {
    pub work_type: &'static str,
    /// As it is written: "PAST MEDICAL HISTORY".
    pub heading: &'static str,
    pub aliases: Vec<&'static str>,
    /// Its absence is worth a warning.
    pub required: bool,
    /// Its items are numbered on their own lines.
    pub list: bool,
}

struct Sections {
    all: Vec<Section>,
    /// Letters and digits of a name, and the sections it may mean.
    by_key: HashMap<String, Vec<usize>>,
    /// The most words a name has.
    words_max: usize,
}

/// The section that these words name: of the work type, else of any.
pub fn find(work_type: Option<&str>, words: &str) -> Option<&'static Section> {
    let sections = sections();
    let wanted = key(words);
    let places = sections.by_key.get(&wanted)?;
    let known = |place: &&usize| sections.all.get(**place);
    let own = |section: &&Section| Some(section.work_type) == work_type;
    let named = |section: &&Section| key(section.heading) == wanted;
    let open = |section: &&Section| !APART.contains(&section.work_type);
    let candidates = || places.iter().filter_map(|place| known(&place));
    candidates()
        .filter(own)
        .find(named)
        .or_else(|| candidates().find(own))
        .or_else(|| candidates().filter(open).find(named))
        .or_else(|| candidates().find(open))
}

/// The nearest name by likeness of its words, if it is at least 0.9 (domain specification 1.4).
pub fn nearest(work_type: Option<&str>, words: &str) -> Option<&'static Section> {
    const LIKENESS_MIN: f64 = 0.9;
    let wanted = sorted(words);
    if wanted.len() > 80 {
        return None;
    }
    let own = |section: &&Section| work_type.is_none_or(|own| section.work_type == own);
    let open = |section: &&Section| !APART.contains(&section.work_type);
    let mut best: Option<(f64, &Section)> = None;
    for section in sections().all.iter().filter(own).filter(open) {
        for alias in section.aliases.iter().filter(|alias| alias.len() > 4) {
            let likeness = strsim::normalized_levenshtein(&wanted, &sorted(alias));
            if likeness >= LIKENESS_MIN && best.is_none_or(|(most, _)| likeness > most) {
                best = Some((likeness, section));
            }
        }
    }
    best.map(|(_, section)| section)
}

/// The sections of a work type, in their order.
pub fn of_work_type(work_type: &str) -> impl Iterator<Item = &'static Section> {
    sections().all.iter().filter(move |section| section.work_type == work_type)
}

/// Whether items under this heading are a list: in its work type, or in any where it is unknown.
pub fn is_list(work_type: Option<&str>, heading: &str) -> bool {
    let same = |section: &&Section| section.heading == heading;
    let own = sections().all.iter().filter(same).find(|each| Some(each.work_type) == work_type);
    own.map_or_else(
        || sections().all.iter().filter(same).any(|section| section.list),
        |section| section.list,
    )
}

/// The most words that a heading has.
pub fn words_max() -> usize {
    sections().words_max
}

fn key(words: &str) -> String {
    words.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn sorted(words: &str) -> String {
    let lower = words.to_lowercase();
    let mut words: Vec<&str> = lower.split([' ', '-']).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.join(" ")
}

fn sections() -> &'static Sections {
    static SECTIONS: OnceLock<Sections> = OnceLock::new();
    SECTIONS.get_or_init(|| {
        let all: Vec<Section> = TABLE.lines().skip(1).filter_map(row).collect();
        let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
        let mut words_max = 0;
        for (place, section) in all.iter().enumerate() {
            for name in section.aliases.iter().chain([&section.heading]) {
                words_max = words_max.max(name.split(' ').count());
                let places = by_key.entry(key(name)).or_default();
                if places.last() != Some(&place) {
                    places.push(place);
                }
            }
        }
        Sections { all, by_key, words_max }
    })
}

fn row(line: &'static str) -> Option<Section> {
    let cells: Vec<&'static str> = line.split('\t').collect();
    let [work_type, _, heading, aliases, _, _, required, list, ..] = cells[..] else {
        return None;
    };
    let aliases = aliases.split('|').filter(|alias| !alias.is_empty() && !alias.contains('<'));
    Some(Section {
        work_type,
        heading,
        aliases: aliases.collect(),
        required: required == "R",
        list: list == "l",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heading(work_type: Option<&str>, words: &str) -> Option<&'static str> {
        find(work_type, words).map(|section| section.heading)
    }

    #[test]
    fn every_row_of_the_table_is_a_section() {
        assert_eq!(sections().all.len(), TABLE.lines().skip(1).count());
    }

    #[test]
    fn an_alias_gives_the_heading_of_its_own_work_type() {
        assert_eq!(heading(Some("HP"), "impression"), Some("ASSESSMENT"));
        assert_eq!(heading(Some("DI"), "impression"), Some("IMPRESSION"));
        assert_eq!(heading(None, "impression"), Some("IMPRESSION"));
        assert_eq!(heading(None, "HPI"), Some("HISTORY OF PRESENT ILLNESS"));
        assert_eq!(heading(None, "h p i"), Some("HISTORY OF PRESENT ILLNESS"));
        assert_eq!(heading(Some("DS"), "follow-up"), Some("FOLLOW-UP"));
        assert_eq!(heading(None, "weather"), None);
    }

    #[test]
    fn a_name_that_is_nearly_said_is_found_by_likeness() {
        let found = nearest(Some("OP"), "postoperative diagnoses");
        assert_eq!(found.map(|section| section.heading), Some("POSTOPERATIVE DIAGNOSIS"));
        assert_eq!(nearest(Some("OP"), "gallbladder"), None);
    }
}
