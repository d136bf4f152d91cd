//! What is known of a dictation before anything of it is heard.
//!
//! Not for: where it is kept (`workflow`), or what is made of it (`offer`, `verify`).
//!
//! Invariant: it may help to hear what was said; nothing of it is put where it was not said.

use crate::domain::punctuation::Mode;
use crate::vocab::correct::Passage;
use crate::vocab::lexicon::{AddedTerm, Lexicon};

/// What the caller knows of a dictation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hints {
    /// Terms beside the built-in ones: of the site, the department, the author, and of the
    /// patient.
    pub terms: Vec<AddedTerm>,
    /// The code of the work type, such as OP: an operative report speaks of other things than a
    /// discharge summary.
    pub work_type: Option<String>,
}

/// The same, ready to be used while a chunk is heard.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub lexicon: &'a Lexicon,
    pub work_type: Option<&'a str>,
    /// Who sets the marks.
    pub mode: Mode,
}

impl<'a> Known<'a> {
    /// Only the lexicon.
    #[cfg(test)]
    pub fn of(lexicon: &'a Lexicon) -> Self {
        Self { lexicon, work_type: None, mode: Mode::default() }
    }

    /// Words of the dictation, to look for terms in.
    pub fn passage<'b>(&self, words: &'b [&'b str]) -> Passage<'b>
    where
        'a: 'b,
    {
        Passage { lexicon: self.lexicon, words, work_type: self.work_type }
    }
}
