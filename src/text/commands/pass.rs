//! The pass: from left to right through what was heard, commands carried out as they come.
//!
//! Not for: whether a phrase is a command (`guards`); marks and edits have files of their own.
//!
//! Invariant: linear in the tokens, but for deletions, each of which pays for itself.

use super::around::Around;
use super::guards::{Verdict, verdict};
use super::{Commanded, edits, written};
use crate::domain::flag::{BLANK, FlagKind};
use crate::text::request::{Mode, Request};
use crate::text::token::{Case, Findings, Gap, Kind, Removed, Token, reads};
use crate::vocab::commands::{self, Action, Command};

/// Capitals that stay until they are switched off.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Caps {
    Title,
    All,
    None,
}

/// Where the pass is, and what is on.
pub(super) struct Pass<'a> {
    pub input: &'a [Token],
    pub at: usize,
    pub out: Vec<Token>,
    pub findings: &'a mut Findings,
    /// A dictated break that the next token will have before it, and the heading command's id.
    pub gap: Option<Gap>,
    pub opens_heading: bool,
    /// The next token follows without a space.
    pub glue: bool,
    /// Nothing is spaced until switched off.
    pub tight: bool,
    pub caps: Option<Caps>,
    pub next_case: Option<Case>,
    /// What was deleted, the last on top, with the place it was deleted from.
    pub deleted: Vec<Vec<Token>>,
    pub numbers_only: bool,
    /// Engine marks are words of the author's no more.
    pub auto: Option<bool>,
    pub dictates: bool,
    pub mode: Mode,
}

pub(super) fn run(input: &[Token], request: &Request<'_>, findings: &mut Findings) -> Commanded {
    let mut pass = Pass {
        input,
        at: 0,
        out: Vec::with_capacity(input.len()),
        findings,
        gap: None,
        opens_heading: false,
        glue: false,
        tight: false,
        caps: None,
        next_case: None,
        deleted: Vec::new(),
        numbers_only: false,
        auto: None,
        dictates: false,
        mode: request.mode,
    };
    while pass.at < input.len() {
        if !pass.command(request) {
            pass.keep();
        }
    }
    let Pass { out, dictates, .. } = pass;
    Commanded { tokens: out, dictates }
}

impl<'a> Pass<'a> {
    /// Carries out the command that begins here, if one does.
    fn command(&mut self, request: &Request<'_>) -> bool {
        let Some(first) = self.input.get(self.at).filter(|token| is_plain(token)) else {
            return false;
        };
        let lower = first.text.to_ascii_lowercase();
        for command in commands::beginning_with(&lower) {
            if is_for_sentences(command.action) || !self.is_here(command) {
                continue;
            }
            let around = Around {
                out: &self.out,
                input: self.input,
                at: self.at,
                length: command.words.len(),
                broken: self.gap.is_some(),
            };
            match verdict(command, &around, self.mode, request.work_type) {
                Verdict::Command => {
                    self.carry_out(command);
                    return true;
                }
                Verdict::Words => {}
                Verdict::Doubt => self.doubt(command),
            }
        }
        false
    }

    fn is_here(&self, command: &Command) -> bool {
        command.words.len() == 1 || reads(self.input, self.at, &command.words)
    }

    fn doubt(&mut self, command: &Command) {
        let (at, length) = (self.at, command.words.len());
        let Some([first, .., last] | [first @ last]) = self.input.get(at..at + length) else {
            return;
        };
        let note = format!(
            "\"{}\" may be a command or a word of the report; it was kept as a word.",
            command.words.join(" ")
        );
        self.findings.flag(FlagKind::AmbiguousCommand, note, first.source.start..last.source.end);
    }

    /// Keeps the token as it is.
    fn keep(&mut self) {
        let Some(token) = self.input.get(self.at) else { return };
        self.at += 1;
        if self.mode == Mode::Spoken && self.auto == Some(false) && token.by_engine {
            return;
        }
        self.push(token.clone());
    }

    /// Writes a token with the break, the joining and the capitals that are due to it.
    pub(super) fn push(&mut self, mut token: Token) {
        if let Some(gap) = self.gap.take() {
            token.gap = token.gap.max(gap);
            if std::mem::take(&mut self.opens_heading) {
                token.rule = Some("B03");
            }
        } else if (self.glue || self.tight) && token.gap == Gap::Space {
            token.gap = Gap::None;
        }
        self.glue = false;
        if token.kind != Kind::Mark {
            let by_mode = match self.caps {
                Some(Caps::Title) => Some(Case::Capital),
                Some(Caps::All) => Some(Case::Upper),
                Some(Caps::None) => Some(Case::Lower),
                None => None,
            };
            if let Some(case) = self.next_case.take().or(by_mode) {
                token.case = case;
            }
        }
        self.out.push(token);
    }

    /// The heard words of the phrase at this place, which is then behind.
    pub(super) fn consume(&mut self, length: usize) -> Token {
        let phrase = self.input.get(self.at..self.at + length).unwrap_or_default();
        self.at += length;
        Token::joined(phrase, "", Kind::Mark, "")
    }

    fn remove(&mut self, phrase: &Token, rule: &'static str, written: &'static str) {
        let words = phrase.source.clone();
        self.findings.removed.push(Removed { words, rule, written });
    }

    /// Leaves out the engine's marks that follow; all of them, or only commas and their like.
    pub(super) fn skip_marks(&mut self, all: bool) {
        while let Some(token) = self.input.get(self.at) {
            let skipped = token.kind == Kind::Mark
                && token.by_engine
                && is_engine_mark(token)
                && (all || !token.ends_sentence());
            if !skipped {
                break;
            }
            self.at += 1;
        }
    }

    /// Takes back the engine's marks that were written last; all, or only commas and their like.
    pub(super) fn drop_marks(&mut self, all: bool) {
        while self.out.last().is_some_and(|token| {
            token.by_engine && is_engine_mark(token) && (all || !token.ends_sentence())
        }) {
            self.out.pop();
        }
    }

    fn carry_out(&mut self, command: &Command) {
        use Action::*;
        match command.action {
            Mark | Paired | Wrap | Words | Tab | Page => written::mark(self, command),
            Numeral | Roman => written::numeral(self, command),
            Paragraph | Heading => self.make_break(command, Gap::Paragraph, "\n\n"),
            Line => self.make_break(command, Gap::Line, "\n"),
            Cap | AllCaps | NoCaps => self.case_of_next(command),
            CapsOn | AllCapsOn | NoCapsOn | CapsOff => self.case_mode(command),
            NoSpace | NoSpaceOn | NoSpaceOff | Space => self.spacing(command),
            Hyphenate | CapThat => edits::last_words(self, command),
            Scratch => edits::scratch(self, command),
            Undo => edits::undo(self, command),
            Blank => self.blank(command),
            NumbersOn | NumbersOff | AutoOn | AutoOff => self.switch(command),
            Layout | Flag => self.layout(command),
            NextItem | Bullet | EndList | GoBack | Hold | Note | Normal | Copy | Stat | End
            | Preamble | Header | Link | Noise | Filler | Boilerplate | Correction => self.keep(),
        }
    }

    fn make_break(&mut self, command: &Command, gap: Gap, written: &'static str) {
        let phrase = self.consume(command.words.len());
        self.drop_marks(false);
        self.skip_marks(true);
        self.remove(&phrase, command.id, written);
        self.gap = Some(self.gap.map_or(gap, |before| before.max(gap)));
        self.opens_heading |= command.action == Action::Heading;
        self.dictates = true;
        if self.opens_heading && self.caps == Some(Caps::All) {
            self.caps = None;
        }
    }

    fn case_of_next(&mut self, command: &Command) {
        let phrase = self.consume(command.words.len());
        self.skip_marks(true);
        self.remove(&phrase, command.id, "");
        self.next_case = Some(match command.action {
            Action::AllCaps => Case::Upper,
            Action::NoCaps => Case::Lower,
            _ => Case::Capital,
        });
    }

    fn case_mode(&mut self, command: &Command) {
        let phrase = self.consume(command.words.len());
        let off = command.action == Action::CapsOff;
        if off {
            self.drop_marks(false);
        }
        self.skip_marks(!off);
        self.remove(&phrase, command.id, "");
        self.caps = match command.action {
            Action::CapsOn => Some(Caps::Title),
            Action::AllCapsOn => Some(Caps::All),
            Action::NoCapsOn => Some(Caps::None),
            _ => None,
        };
    }

    fn spacing(&mut self, command: &Command) {
        let phrase = self.consume(command.words.len());
        self.drop_marks(true);
        self.skip_marks(true);
        self.remove(&phrase, command.id, "");
        match command.action {
            Action::NoSpace => self.glue = true,
            Action::NoSpaceOn => self.tight = true,
            Action::NoSpaceOff => self.tight = false,
            _ => {}
        }
    }

    fn switch(&mut self, command: &Command) {
        let phrase = self.consume(command.words.len());
        self.drop_marks(false);
        self.skip_marks(true);
        self.remove(&phrase, command.id, "");
        match command.action {
            Action::NumbersOn => self.numbers_only = true,
            Action::NumbersOff => self.numbers_only = false,
            Action::AutoOn => {
                self.auto = Some(true);
                self.mode = Mode::Auto;
            }
            _ => {
                self.auto = Some(false);
                self.mode = Mode::Spoken;
            }
        }
    }

    fn layout(&mut self, command: &Command) {
        let mut phrase = self.consume(command.words.len());
        if command.id == "I09" {
            let more = self.input.get(self.at..).unwrap_or_default();
            let pointing = more.first().is_some_and(|token| token.is_any(&["that", "this", "it"]));
            if pointing && command.words.last() == Some(&"of") {
                phrase.source.end = self.consume(1).source.end;
            }
            let about = self.out.last().map_or(phrase.source.start, |token| token.source.start);
            let note = format!("The author asks: {}.", command.words.join(" "));
            self.findings.flag(FlagKind::Instruction, note, about..phrase.source.end);
        }
        self.drop_marks(false);
        self.skip_marks(false);
        self.remove(&phrase, command.id, "");
    }

    fn blank(&mut self, command: &Command) {
        let phrase = self.consume(command.words.len());
        self.drop_marks(false);
        self.skip_marks(false);
        let mut blank = Token::joined(&[phrase], BLANK, Kind::Blank, command.id);
        blank.case = Case::Held;
        let note = "The author left a blank here.";
        self.findings.flag(FlagKind::AuthorBlank, note, blank.source.clone());
        self.push(blank);
    }
}

/// Words that can begin a command.
fn is_plain(token: &Token) -> bool {
    token.kind == Kind::Word && token.case != Case::Held && token.text.len() <= LONGEST_FIRST_WORD
}

/// "transcriptionist"; longer words begin no command.
const LONGEST_FIRST_WORD: usize = 20;

fn is_engine_mark(token: &Token) -> bool {
    matches!(token.text.as_str(), "." | "," | ";" | ":" | "?" | "!")
}

/// Commands that are found by the stages that see whole sentences.
fn is_for_sentences(action: Action) -> bool {
    use Action::*;
    matches!(
        action,
        NextItem
            | Bullet
            | EndList
            | GoBack
            | Hold
            | Note
            | Normal
            | Copy
            | Stat
            | End
            | Preamble
            | Header
            | Link
            | Noise
            | Filler
            | Boilerplate
            | Correction
    )
}
