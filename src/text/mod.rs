//! From what was heard to what is written: the Transcript becomes a Draft.
//!
//! Not for: recognition (`speech`) or editing (`workflow`).
//!
//! Invariant: cannot fail and cannot wait; whatever is in doubt is a flag beside the draft, and
//! no word is in the draft that was not heard or is not of an author's own normal.

pub mod abbreviations;
mod asides;
mod capitals;
pub mod commands;
mod consistency;
mod corrections;
pub mod count;
#[cfg(test)]
mod dictations;
mod doubts;
mod entry;
mod expected;
mod habits;
mod headings;
pub mod letters;
mod lists;
mod marks;
pub mod merge;
mod missing;
mod noise;
pub mod normals;
pub mod numbers;
#[cfg(test)]
mod pairs;
pub mod pipeline;
mod preamble;
mod proper;
#[cfg(test)]
mod properties;
mod reconsidered;
#[cfg(test)]
mod reports;
pub mod request;
pub mod safety;
mod spelled;
#[cfg(test)]
mod testing;
pub mod token;
pub mod units;
mod unnamed;
pub mod writer;

use crate::domain::named::named;
use crate::domain::time::{AudioSpan, TextSpan};
use std::ops::Range;

/// A report's first text, made by the machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    pub text: String,
    /// What each piece of the text stands for, in the order of the text.
    pub marks: Vec<SourceMark>,
    /// What was written otherwise than it was heard, in the order of the text.
    pub changes: Vec<Change>,
    /// The headings of the sections, in the order of the text.
    pub sections: Vec<String>,
    /// Required sections of the work type that are not there.
    pub missing_sections: Vec<String>,
    /// What the author said to the typist.
    pub instructions: Vec<Instruction>,
}

impl Draft {
    /// What a character of the text stands for; of a space, what stands before it.
    pub fn mark_at(&self, character: u32) -> Option<&SourceMark> {
        let after = self.marks.partition_point(|mark| mark.text.start <= character);
        self.marks.get(after.saturating_sub(1))
    }
}

/// A piece of the draft and the heard words it stands for.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceMark {
    pub text: TextSpan,
    /// Places in `Transcript::words`.
    pub words: Range<u32>,
    pub audio: Option<AudioSpan>,
}

/// Something that is written otherwise than it was heard.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub heard: String,
    /// Empty where heard words are not in the text.
    pub written: String,
    /// The rule of the house style or the command, such as "R-NUM-1" or "P01".
    pub rule: &'static str,
    /// How sure the rule was, 0 to 1, where it says so.
    pub score: Option<f32>,
    pub audio: Option<AudioSpan>,
    pub text: TextSpan,
}

/// Words of the author to the people who make the report.
#[derive(Clone, Debug, PartialEq)]
pub struct Instruction {
    pub kind: InstructionKind,
    pub text: String,
    pub audio: Option<AudioSpan>,
}

named! {
    /// What an instruction is about.
    pub enum InstructionKind {
        /// To the typist.
        Note = "note",
        /// A recipient of a copy.
        Copy = "copy",
        /// The dictation is urgent.
        Stat = "stat",
        /// Who dictates, on whom, what kind of report.
        Header = "header",
        /// Belongs to an earlier report or dictation.
        Link = "link",
        /// The author may want the whole dictation cancelled.
        Hold = "hold",
        /// Spoken after the end.
        AfterEnd = "after-end",
    }
}
