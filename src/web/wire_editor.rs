//! What the JSON API takes and answers about the editor: evidence, links, what helps to type.
//!
//! Not for: the report as such (`wire_report.rs`).
//!
//! Invariant: as in `wire.rs`. Places in a text count Unicode scalar values. Lists that are as
//! long as a report are rows of numbers: an hour of speech is 9,000 words.

use super::wire::rfc3339;
use crate::domain::evidence::{Altered, Choice, Piece, Spoken, Timed};
use crate::domain::transcript::Doubt;
use crate::store::instructions::Instruction;
use crate::vocab::sections::Section;
use crate::workflow::evidence::Linked;
use crate::workflow::guide::Guide;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Place in the version, place in the draft, length.
pub type PieceRow = [u32; 3];

pub fn piece([text, draft, length]: PieceRow) -> Piece {
    Piece { text, draft, length }
}

/// What stands behind a report's text.
#[derive(Serialize, ToSchema)]
pub struct EvidenceView {
    /// The text that the rows are about: the machine's draft, or the heard words.
    pub draft: String,
    /// Start and end in the draft, start and end in the recording in ms, confidence in 1/1000.
    #[schema(value_type = Vec<Vec<u32>>)]
    pub timed: Vec<[u32; 5]>,
    pub changes: Vec<ChangeView>,
    pub choices: Vec<ChoiceView>,
    pub spoken: Vec<SpokenView>,
    pub doubts: Vec<DoubtView>,
    /// Number of the newest version; 0 before there is one.
    pub version: u32,
    /// Pieces of the newest version that stand as drafted: place in the version, place in the
    /// draft, length; null where that is not known.
    #[schema(value_type = Option<Vec<Vec<u32>>>)]
    pub pieces: Option<Vec<PieceRow>>,
}

/// Something that is written otherwise than it was heard.
#[derive(Serialize, ToSchema)]
pub struct ChangeView {
    pub start: u32,
    pub end: u32,
    pub heard: String,
    /// Empty where heard words are not in the text.
    pub written: String,
    pub rule: String,
    /// 0 to 1.
    pub score: Option<f32>,
    pub start_ms: Option<u32>,
}

/// What else was weighed for a place, the likeliest first.
#[derive(Serialize, ToSchema)]
pub struct ChoiceView {
    pub start: u32,
    pub end: u32,
    pub alternatives: Vec<String>,
}

/// Words of the author to the people who make the report.
#[derive(Serialize, ToSchema)]
pub struct SpokenView {
    pub kind: String,
    pub text: String,
    pub start_ms: Option<u32>,
}

/// A stretch of the recording whose words are not to be trusted, or are missing.
#[derive(Serialize, ToSchema)]
pub struct DoubtView {
    pub kind: &'static str,
    pub start_ms: u32,
    pub end_ms: u32,
}

impl From<&Linked> for EvidenceView {
    fn from(linked: &Linked) -> Self {
        let Linked { draft, evidence, doubts, version, pieces } = linked;
        let row = |piece: &Piece| [piece.text, piece.draft, piece.length];
        Self {
            draft: draft.reveal().clone(),
            timed: evidence.timed.iter().map(timed).collect(),
            changes: evidence.altered.iter().map(ChangeView::from).collect(),
            choices: evidence.choices.iter().map(ChoiceView::from).collect(),
            spoken: evidence.spoken.iter().map(SpokenView::from).collect(),
            doubts: doubts.iter().map(DoubtView::from).collect(),
            version: *version,
            pieces: pieces.as_ref().map(|pieces| pieces.iter().map(row).collect()),
        }
    }
}

fn timed(timed: &Timed) -> [u32; 5] {
    let Timed { text, audio, confidence } = timed;
    let share = (confidence.clamp(0.0, 1.0) * 1000.0).round() as u32;
    [text.start, text.end, audio.start_ms, audio.end_ms, share]
}

impl From<&Altered> for ChangeView {
    fn from(altered: &Altered) -> Self {
        Self {
            start: altered.text.start,
            end: altered.text.end,
            heard: altered.heard.reveal().clone(),
            written: altered.written.reveal().clone(),
            rule: altered.rule.clone(),
            score: altered.score,
            start_ms: altered.audio.map(|audio| audio.start_ms),
        }
    }
}

impl From<&Choice> for ChoiceView {
    fn from(choice: &Choice) -> Self {
        let alternatives = choice.alternatives.iter().map(|term| term.reveal().clone()).collect();
        Self { start: choice.text.start, end: choice.text.end, alternatives }
    }
}

impl From<&Spoken> for SpokenView {
    fn from(spoken: &Spoken) -> Self {
        Self {
            kind: spoken.kind.clone(),
            text: spoken.text.reveal().clone(),
            start_ms: spoken.audio.map(|audio| audio.start_ms),
        }
    }
}

impl From<&Doubt> for DoubtView {
    fn from(doubt: &Doubt) -> Self {
        let span = doubt.span;
        Self { kind: doubt.kind.code(), start_ms: span.start_ms, end_ms: span.end_ms }
    }
}

/// What whoever types a report is to know.
#[derive(Serialize, ToSchema)]
pub struct GuideView {
    /// The sections of the work type, in the order they are written in.
    pub sections: Vec<SectionView>,
    pub instructions: Vec<InstructionView>,
}

#[derive(Serialize, ToSchema)]
pub struct SectionView {
    pub heading: &'static str,
    /// Other names of it, in small letters.
    pub aliases: Vec<&'static str>,
    pub required: bool,
}

#[derive(Serialize, ToSchema)]
pub struct InstructionView {
    /// `author` or `work-type`.
    pub about: &'static str,
    pub text: String,
    pub by_name: String,
    pub at: String,
}

impl From<&Guide> for GuideView {
    fn from(guide: &Guide) -> Self {
        let section = |section: &&'static Section| SectionView {
            heading: section.heading,
            aliases: section.aliases.clone(),
            required: section.required,
        };
        let instruction = |said: &Instruction| InstructionView {
            about: said.about.code(),
            text: said.text.clone(),
            by_name: said.by_name.clone(),
            at: rfc3339(said.at),
        };
        Self {
            sections: guide.sections.iter().map(section).collect(),
            instructions: guide.instructions.iter().map(instruction).collect(),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstructRequest {
    /// `author` or `work-type`.
    pub about: String,
    /// Empty takes the instruction away.
    pub text: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteRequest {
    /// What is typed of the term, three letters or more.
    pub letters: String,
    /// The heading that the cursor is under.
    pub section: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct TermsView {
    /// The likeliest first.
    pub terms: Vec<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpellingRequest {
    pub words: Vec<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SpellingView {
    /// Those of the words that no list knows.
    pub unknown: Vec<String>,
}

/// What came of asking for a report in another's hands.
#[derive(Serialize, ToSchema)]
pub struct TakeoverView {
    /// The report is now in the hands of whoever asked.
    pub taken: bool,
    pub holder: String,
    /// Milliseconds until asking again takes it, if nothing is answered or saved meanwhile.
    pub wait_ms: i64,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeoverAnswer {
    /// Whether the report is handed over.
    pub give: bool,
}
