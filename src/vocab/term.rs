//! What a term is about, and where it came from.
//!
//! Not for: its sounds (`sounds`) or its place in the packed lexicon (`packed`).
//!
//! Invariant: the codes are those of the column `subject` in `vocab/*.tsv`, each one bit. The
//! build script uses this file too, so it needs nothing else.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::iter::from_fn;

/// A subject of the lexicon, as one bit, so that a term can have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Subject {
    Generic = 1,
    Brand = 1 << 1,
    DrugClass = 1 << 2,
    Finding = 1 << 3,
    Procedure = 1 << 4,
    Anatomy = 1 << 5,
    Organism = 1 << 6,
    Lab = 1 << 7,
    Imaging = 1 << 8,
    Device = 1 << 9,
    Abbreviation = 1 << 10,
    /// A medical word without a subject of its own.
    Word = 1 << 11,
    /// Names of people and places of one site.
    Name = 1 << 12,
}

impl Subject {
    pub const ALL: [Self; 13] = [
        Self::Generic,
        Self::Brand,
        Self::DrugClass,
        Self::Finding,
        Self::Procedure,
        Self::Anatomy,
        Self::Organism,
        Self::Lab,
        Self::Imaging,
        Self::Device,
        Self::Abbreviation,
        Self::Word,
        Self::Name,
    ];

    /// The code in the tables and on the command line.
    pub fn code(self) -> &'static str {
        match self {
            Self::Generic => "generic",
            Self::Brand => "brand",
            Self::DrugClass => "drug-class",
            Self::Finding => "finding",
            Self::Procedure => "procedure",
            Self::Anatomy => "anatomy",
            Self::Organism => "organism",
            Self::Lab => "lab",
            Self::Imaging => "imaging",
            Self::Device => "device",
            Self::Abbreviation => "abbreviation",
            Self::Word => "word",
            Self::Name => "name",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|subject| subject.code() == code)
    }
}

/// A set of subjects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subjects(pub u16);

impl Subjects {
    pub fn of(subject: Subject) -> Self {
        Self(subject as u16)
    }

    pub fn has(self, subject: Subject) -> bool {
        self.0 & subject as u16 != 0
    }

    /// Whether it is a medicine by its generic or its brand name.
    pub fn is_drug(self) -> bool {
        self.has(Subject::Generic) || self.has(Subject::Brand)
    }

    pub fn iter(self) -> impl Iterator<Item = Subject> {
        Subject::ALL.into_iter().filter(move |subject| self.has(*subject))
    }
}

/// Flags of a packed entry: also a word of ordinary English, an abbreviation with several
/// meanings, a word that was only seen inside a phrase.
pub const ORDINARY: u8 = 1;
pub const AMBIGUOUS: u8 = 2;
pub const PART: u8 = 4;

/// Stands for "no other entry" in a packed entry.
pub const NONE: u32 = u32::MAX;

/// How common a term is, 0 (rare, or not known) to 9; each step is a factor of about 2.5.
pub const COMMON_MAX: u8 = 9;

/// The longest term, in bytes.
pub const TERM_BYTES_MAX: usize = 80;

/// A term's key: small letters, one space for each hyphen or space, no accents on Latin letters
/// and no full stops.
pub fn key(text: &str) -> String {
    key_of(text).into_owned()
}

/// The same; most words are their own key.
pub fn key_of(text: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'\'';
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut key = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            '-' | ' ' | '\u{2010}'..='\u{2015}' => {
                if !key.ends_with(' ') && !key.is_empty() {
                    key.push(' ');
                }
            }
            '\u{2019}' => key.push('\''),
            '.' => {}
            'à'..='å' => key.push('a'),
            'ç' => key.push('c'),
            'è'..='ë' => key.push('e'),
            'ì'..='ï' => key.push('i'),
            'ñ' => key.push('n'),
            'ò'..='ö' | 'ø' => key.push('o'),
            'ù'..='ü' => key.push('u'),
            _ => key.push(c),
        }
    }
    key.truncate(key.trim_end().len());
    Cow::Owned(key)
}

/// How a term's key stands to another key in their order, told without writing the key out.
pub fn key_order(term: &str, other: &str) -> Ordering {
    if !term.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return key(term).as_str().cmp(other);
    }
    let mut letters = term.bytes().filter(|byte| *byte != b'.').peekable();
    let mut begun = false;
    let key = from_fn(move || {
        let mut gap = false;
        while letters.next_if(|byte| matches!(byte, b'-' | b' ')).is_some() {
            gap = begun;
        }
        letters.peek()?;
        if gap {
            return Some(b' ');
        }
        begun = true;
        letters.next().map(|byte| byte.to_ascii_lowercase())
    });
    key.cmp(other.bytes())
}
