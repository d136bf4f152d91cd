//! The spoken commands: their phrases and what each does, from `vocab/commands.tsv`.
//!
//! Not for: deciding whether a phrase is meant as a command here (`text`).
//!
//! Invariant: every row has an action of the enumeration; phrases are lower case.

use std::collections::HashMap;
use std::sync::OnceLock;

const TABLE: &str = include_str!("../../vocab/commands.tsv");

macro_rules! actions {
    ($($name:ident = $code:literal,)*) => {
        /// What a command does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Action { $($name,)* }

        impl Action {
            /// The action with this code in the table.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

actions! {
    Mark = "mark",
    Paired = "paired",
    Wrap = "wrap",
    Words = "words",
    Numeral = "numeral",
    Roman = "roman",
    NumbersOn = "numbers-on",
    NumbersOff = "numbers-off",
    Paragraph = "paragraph",
    Line = "line",
    Heading = "heading",
    Page = "page",
    Tab = "tab",
    Layout = "layout",
    NextItem = "next-item",
    Bullet = "bullet",
    EndList = "end-list",
    Cap = "cap",
    CapsOn = "caps-on",
    CapsOff = "caps-off",
    AllCaps = "all-caps",
    AllCapsOn = "all-caps-on",
    NoCaps = "no-caps",
    NoCapsOn = "no-caps-on",
    NoSpace = "no-space",
    NoSpaceOn = "no-space-on",
    NoSpaceOff = "no-space-off",
    Space = "space",
    Hyphenate = "hyphenate",
    CapThat = "cap-that",
    Scratch = "scratch",
    Undo = "undo",
    GoBack = "go-back",
    Hold = "hold",
    Note = "note",
    Normal = "normal",
    Copy = "copy",
    Stat = "stat",
    End = "end",
    Preamble = "preamble",
    Header = "header",
    Blank = "blank",
    Flag = "flag",
    Link = "link",
    AutoOn = "auto-on",
    AutoOff = "auto-off",
    Noise = "noise",
    Filler = "filler",
    Boilerplate = "boilerplate",
    Correction = "correction",
}

/// What a person may say beside the report's own words, in the groups in which it is told.
const GROUPS: &[(&str, &[&str])] = &[
    ("Marks", &["mark", "paired", "wrap", "words"]),
    ("Layout", &["paragraph", "line", "heading", "next-item", "bullet", "end-list", "tab"]),
    ("Corrections", &["scratch", "undo", "go-back", "correction"]),
    (
        "Capitals and spaces",
        &["cap", "caps-on", "caps-off", "all-caps", "no-caps", "no-space", "hyphenate", "cap-that"],
    ),
    ("Figures", &["numeral", "roman", "numbers-on", "numbers-off"]),
    (
        "Texts, notes and the end",
        &["normal", "blank", "flag", "note", "copy", "stat", "hold", "end"],
    ),
];

/// The groups of what can be said, each with the first phrase of every command.
pub fn sayings() -> Vec<(&'static str, Vec<&'static str>)> {
    let rows = || {
        let lines = TABLE.lines().skip(1);
        lines.filter_map(|line| {
            let mut cells = line.split('\t');
            let action = cells.nth(1)?;
            Some((action, cells.nth(1)?.split('|').next()?))
        })
    };
    let phrases = |actions: &[&str]| {
        rows().filter(|(action, _)| actions.contains(action)).map(|(_, phrase)| phrase).collect()
    };
    GROUPS.iter().map(|(title, actions)| (*title, phrases(actions))).collect()
}

/// One phrase of a command.
#[derive(Debug)]
pub struct Command {
    /// As in the specification: "P01".
    pub id: &'static str,
    pub action: Action,
    /// What it writes, or how it does what it does.
    pub output: &'static str,
    pub words: Vec<&'static str>,
}

/// The commands whose phrase begins with this word (lower case), the longest phrase first.
pub fn beginning_with(word: &str) -> &'static [Command] {
    commands().get(word).map_or(&[], Vec::as_slice)
}

fn commands() -> &'static HashMap<&'static str, Vec<Command>> {
    static COMMANDS: OnceLock<HashMap<&'static str, Vec<Command>>> = OnceLock::new();
    COMMANDS.get_or_init(|| {
        let mut commands: HashMap<&'static str, Vec<Command>> = HashMap::new();
        for command in TABLE.lines().skip(1).flat_map(row) {
            let first = command.words.first().copied().unwrap_or_default();
            commands.entry(first).or_default().push(command);
        }
        for same in commands.values_mut() {
            same.sort_by_key(|command| std::cmp::Reverse(command.words.len()));
        }
        commands
    })
}

fn row(line: &'static str) -> Vec<Command> {
    let mut cells = line.split('\t');
    let mut cell = || cells.next().unwrap_or_default();
    let (id, action, output, phrases) = (cell(), cell(), cell(), cell());
    let Some(action) = Action::from_code(action) else { return Vec::new() };
    let command =
        |phrase: &'static str| Command { id, action, output, words: phrase.split(' ').collect() };
    phrases.split('|').map(command).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_whole_and_every_phrase_is_found() {
        for line in TABLE.lines().skip(1) {
            let commands = row(line);
            assert!(!commands.is_empty(), "{line}");
            for command in commands {
                let known = beginning_with(command.words[0]);
                assert!(known.iter().any(|known| known.words == command.words), "{line}");
                assert!(command.words.iter().all(|word| *word == word.to_lowercase()), "{line}");
            }
        }
    }

    #[test]
    fn the_longest_phrase_comes_first() {
        let lengths: Vec<usize> =
            beginning_with("quote").iter().map(|command| command.words.len()).collect();
        assert_eq!(lengths, [2, 1]);
    }
}
