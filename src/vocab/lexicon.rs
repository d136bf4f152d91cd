//! The lexicon: the built-in terms, and above them the layers of a site, a department, an
//! author and a patient's chart.
//!
//! Not for: ranking (`candidates`), deciding (`correct`), or storing layers (`store`).
//!
//! Invariant: a layer never changes the built-in terms; of one term in several layers, the
//! nearest to the patient decides.

use super::packed::{Entry, Packed};
use super::sound_index::signature;
use super::sounds;
use super::term::{COMMON_MAX, Subject, Subjects, key, key_of};
use std::borrow::Cow;
use std::sync::OnceLock;

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/lexicon.bin"));
static PACKED_COLLOCATIONS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/collocations.bin"));

/// The most terms that the layers above the built-in one have together.
pub const ADDED_TERMS_MAX: usize = 200_000;

/// How common a term is at least that is seen in use.
const USED_COMMON: u8 = 2;

/// Where a term was added, from the widest to the nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    BuiltIn,
    Site,
    Department,
    Author,
    Patient,
}

impl Layer {
    pub const ALL: [Self; 5] =
        [Self::BuiltIn, Self::Site, Self::Department, Self::Author, Self::Patient];

    pub fn code(self) -> &'static str {
        match self {
            Self::BuiltIn => "built-in",
            Self::Site => "site",
            Self::Department => "department",
            Self::Author => "author",
            Self::Patient => "patient",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layer| layer.code() == code)
    }
}

/// A term that somebody added, as it comes from a file or from the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedTerm {
    pub term: String,
    pub subject: Subject,
    pub layer: Layer,
    /// How it is said, in ordinary letters, where its spelling does not tell: "say as".
    pub said: Option<String>,
}

/// A term of any layer. Built-in terms come first; ids are good for one `Lexicon` only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TermId(pub u32);

/// What is known of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term<'a> {
    pub text: &'a str,
    pub subjects: Subjects,
    /// 0 to 9, see `term::COMMON_MAX`.
    pub common: u8,
    pub layer: Layer,
    /// Also a word of ordinary English: never biases, never corrects.
    pub ordinary: bool,
    pub ambiguous: bool,
    /// Known only as a part of longer terms.
    pub part: bool,
    /// The generic of a brand, or what an abbreviation stands for.
    pub of: Option<TermId>,
}

impl Term<'_> {
    /// Whether it is seen in use, or somebody added it.
    pub fn is_used(&self) -> bool {
        self.common >= USED_COMMON || self.layer != Layer::BuiltIn
    }

    /// Whether it is a medicine that is used, and no other word.
    pub fn is_usual_medicine(&self) -> bool {
        self.subjects.is_drug() && !self.part && !self.ordinary && self.is_used()
    }
}

struct Added {
    key: String,
    ordinary: bool,
    term: AddedTerm,
}

/// One way in which an added term is said.
pub(super) struct AddedRow {
    pub signature: u128,
    pub sounds: Vec<u8>,
    pub id: TermId,
}

/// All terms that are known for one dictation.
pub struct Lexicon {
    packed: Packed<'static>,
    added: Vec<Added>,
    rows: Vec<AddedRow>,
}

impl Lexicon {
    /// The terms that come with the program.
    ///
    /// # Panics
    /// When the packed bytes are cut short, which the build script and a test exclude.
    pub fn built_in() -> Self {
        static READ: OnceLock<Packed<'static>> = OnceLock::new();
        Self::read(*READ.get_or_init(|| Packed::read(PACKED).expect("packed by the build")))
    }

    /// Words that are often said together: terms of several words, and what stands together in
    /// medical notes (`vocab/collocations.tsv`), which is in no other lexicon.
    ///
    /// # Panics
    /// As `built_in`.
    pub fn collocations() -> Self {
        static READ: OnceLock<Packed<'static>> = OnceLock::new();
        Self::read(
            *READ.get_or_init(|| Packed::read(PACKED_COLLOCATIONS).expect("packed by the build")),
        )
    }

    fn read(packed: Packed<'static>) -> Self {
        Self { packed, added: Vec::new(), rows: Vec::new() }
    }

    /// The built-in terms with those of the layers above. Terms past `ADDED_TERMS_MAX` are left
    /// out; a term in two layers counts as the nearer one.
    pub fn with(added: impl IntoIterator<Item = AddedTerm>) -> Self {
        let mut lexicon = Self::built_in();
        let mut terms: Vec<Added> = added.into_iter().map(|term| lexicon.added(term)).collect();
        terms.sort_by(|a, b| a.key.cmp(&b.key).then(b.term.layer.cmp(&a.term.layer)));
        terms.dedup_by(|later, first| later.key == first.key);
        terms.truncate(ADDED_TERMS_MAX);
        for (added, place) in terms.iter().zip(lexicon.packed.count() as u32..) {
            let said = added.term.said.as_deref().unwrap_or(&added.term.term);
            lexicon.rows.extend(sounds::of_term(said).into_iter().map(|sounds| AddedRow {
                signature: signature(&sounds),
                sounds,
                id: TermId(place),
            }));
        }
        lexicon.added = terms;
        lexicon
    }

    /// What stands in the chart may be an ordinary word, such as "cough"; what somebody added is
    /// meant.
    fn added(&self, term: AddedTerm) -> Added {
        let ordinary = term.layer == Layer::Patient
            && self.find(&term.term).is_some_and(|id| self.term(id).ordinary);
        Added { key: key(&term.term), ordinary, term }
    }

    /// How many terms there are in all layers.
    pub fn len(&self) -> usize {
        self.packed.count() + self.added.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All terms, the built-in ones first, each layer by its keys.
    pub fn ids(&self) -> impl Iterator<Item = TermId> {
        (0..self.len() as u32).map(TermId)
    }

    /// What is known of a term of this lexicon.
    pub fn term(&self, id: TermId) -> Term<'_> {
        match self.added.get((id.0 as usize).wrapping_sub(self.packed.count())) {
            Some(added) => added_term(added),
            None => built_in_term(self.packed.entry(id.0)),
        }
    }

    /// The term with this spelling, whatever its capitals and hyphens; the nearest layer's.
    pub fn find(&self, text: &str) -> Option<TermId> {
        let wanted = key_of(text);
        match self.added.binary_search_by(|added| added.key.as_str().cmp(&wanted)) {
            Ok(place) => Some(TermId((self.packed.count() + place) as u32)),
            Err(_) => self.packed.find(&wanted).map(TermId),
        }
    }

    /// The terms that begin with these small letters; those that were added come first.
    pub(super) fn starting_with(&self, beginning: &str) -> impl Iterator<Item = TermId> {
        let from = self.added.partition_point(|added| added.key.as_str() < beginning);
        let added = self.added[from..].iter().take_while(|a| a.key.starts_with(beginning)).count();
        let first = self.packed.count() + from;
        let added = (first..first + added).map(|place| place as u32);
        added.chain(self.packed.starting_with(beginning)).map(TermId)
    }

    /// The built-in terms of one word that end with these small letters.
    pub(super) fn ending_with(&self, ending: &str) -> impl Iterator<Item = TermId> {
        self.packed.ending_with(ending).map(TermId)
    }

    /// How common a word of ordinary English is: 10 (the most) to 70, or `None`. Names have
    /// capitals in the list but are found in any.
    pub fn english_level(&self, word: &str) -> Option<u8> {
        let small = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'\'');
        let word = if small { Cow::Borrowed(word) } else { Cow::Owned(word.to_lowercase()) };
        let owned = || self.packed.english_level(word.strip_suffix("'s")?);
        self.packed.english_level(&word).or_else(owned)
    }

    /// Whether a term or a word of the language begins with these small letters.
    pub fn begins_a_word(&self, beginning: &str) -> bool {
        self.packed.english_begins(beginning) || self.starting_with(beginning).next().is_some()
    }

    pub(super) fn packed(&self) -> &Packed<'static> {
        &self.packed
    }

    pub(super) fn added_rows(&self) -> &[AddedRow] {
        &self.rows
    }
}

fn built_in_term(entry: Entry<'_>) -> Term<'_> {
    Term {
        text: entry.term,
        subjects: entry.subjects,
        common: entry.common,
        layer: Layer::BuiltIn,
        ordinary: entry.ordinary,
        ambiguous: entry.ambiguous,
        part: entry.part,
        of: entry.of.map(TermId),
    }
}

/// A term that somebody took the trouble to add counts as the most common.
fn added_term(added: &Added) -> Term<'_> {
    Term {
        text: &added.term.term,
        subjects: Subjects::of(added.term.subject),
        common: COMMON_MAX,
        layer: added.term.layer,
        ordinary: added.ordinary,
        ambiguous: false,
        part: false,
        of: None,
    }
}
