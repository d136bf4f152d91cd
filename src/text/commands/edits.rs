//! Deletions and their undoing, and commands about the last words.
//!
//! Not for: corrections, which keep both readings (`corrections`).
//!
//! Invariant: nothing is deleted across a heading; what is deleted stays in the findings.

use super::guards::is_number;
use super::pass::Pass;
use crate::text::request::Mode;
use crate::text::token::{Case, Gap, Kind, Removed, Token};
use crate::text::units;
use crate::vocab::commands::{Action, Command};

pub(super) fn scratch(pass: &mut Pass<'_>, command: &Command) {
    let phrase = pass.consume(command.words.len());
    let broken = pass.gap.take().is_some();
    let from = match command.output {
        _ if broken => pass.out.len(),
        "word" => last_word(pass),
        "sentence" => start(pass, Token::ends_sentence, Gap::Paragraph),
        "paragraph" => start(pass, |_| false, Gap::Paragraph),
        _ => last_number(pass).unwrap_or_else(|| clause(pass)),
    };
    let deleted = pass.out.split_off(from);
    pass.skip_marks(true);
    pass.gap = deleted.first().map(|token| token.gap).filter(|gap| *gap >= Gap::Line);
    pass.glue = pass.out.last().is_some_and(opens);
    for token in &deleted {
        pass.findings.remove(token, command.id);
    }
    let words = phrase.source;
    pass.findings.removed.push(Removed { words, rule: command.id, written: "" });
    pass.deleted.push(deleted);
    pass.dictates = true;
}

pub(super) fn undo(pass: &mut Pass<'_>, command: &Command) {
    let phrase = pass.consume(command.words.len());
    pass.drop_marks(false);
    pass.skip_marks(true);
    let words = phrase.source;
    pass.findings.removed.push(Removed { words, rule: command.id, written: "" });
    let Some(deleted) = pass.deleted.pop() else { return };
    let restored: Vec<_> = deleted.iter().map(|token| token.source.clone()).collect();
    pass.findings.removed.retain(|removed| {
        !restored
            .iter()
            .any(|source| removed.words.start <= source.start && source.end <= removed.words.end)
    });
    pass.gap = None;
    pass.glue = false;
    pass.out.extend(deleted);
}

fn opens(token: &Token) -> bool {
    token.kind == Kind::Mark && matches!(token.text.as_str(), "(" | "[" | "/" | "-")
}

fn last_word(pass: &Pass<'_>) -> usize {
    let word = pass.out.iter().rposition(|token| token.kind != Kind::Mark);
    word.filter(|at| !is_heading_end(pass, *at)).unwrap_or(pass.out.len())
}

/// A colon that ends a heading or a label is never deleted.
fn is_heading_end(pass: &Pass<'_>, at: usize) -> bool {
    pass.out.get(at + 1..).is_some_and(|rest| rest.iter().any(|token| token.is_mark(":")))
}

/// Where the clause begins: after the last mark of the author's, sentence end, break or heading.
fn clause(pass: &Pass<'_>) -> usize {
    let auto = pass.mode == Mode::Auto;
    let ends = |token: &Token| {
        token.kind == Kind::Mark
            && matches!(token.text.as_str(), "." | "," | ";" | "?" | "!" | "(" | "\"" | ")")
            && (!token.by_engine || auto || token.ends_sentence())
    };
    start(pass, ends, Gap::Line)
}

/// "blood pressure is 142 over 88, scratch that, 132 over 88": where a number follows, and one
/// ends the clause, it is the number that is said again.
fn last_number(pass: &Pass<'_>) -> Option<usize> {
    let next = pass.input.get(pass.at..)?.iter().find(|token| token.kind != Kind::Mark)?;
    if !is_number(next) || next.begins_line() {
        return None;
    }
    let clause = clause(pass);
    let end = pass.out.iter().rposition(|token| token.kind != Kind::Mark)? + 1;
    let belongs = |token: &Token| {
        is_number(token)
            || token.is_any(&["over", "point", "percent", "degrees", "and"])
            || units::of_medicine(&token.text).is_some()
    };
    let from =
        (clause..end).rev().take_while(|at| pass.out.get(*at).is_some_and(belongs)).last()?;
    let begins = pass.out.get(from).is_some_and(is_number);
    (begins && from > clause).then_some(from)
}

/// Where the stretch to delete begins. Marks at its end belong to it, breaks bound it.
fn start(pass: &Pass<'_>, ends: impl Fn(&Token) -> bool, gap: Gap) -> usize {
    let mut from = pass.out.len();
    let mut inside = false;
    while let Some(token) = from.checked_sub(1).and_then(|last| pass.out.get(last)) {
        if token.is_mark(":") || inside && (ends(token) || is_item(pass, from)) {
            break;
        }
        from -= 1;
        inside |= token.kind != Kind::Mark;
        if inside && token.gap >= gap {
            break;
        }
    }
    from
}

/// "number two" before this place begins an item.
fn is_item(pass: &Pass<'_>, from: usize) -> bool {
    from >= 2
        && pass.out.get(from - 2).is_some_and(|token| token.is("number"))
        && pass.out.get(from - 1).is_some_and(is_number)
}

/// "hyphenate that", "cap that".
pub(super) fn last_words(pass: &mut Pass<'_>, command: &Command) {
    let phrase = pass.consume(command.words.len());
    pass.drop_marks(false);
    pass.skip_marks(false);
    let words = phrase.source;
    pass.findings.removed.push(Removed { words, rule: command.id, written: "" });
    let from = pass.out.iter().rposition(|token| token.kind == Kind::Mark).map_or(0, |at| at + 1);
    let phrase = pass.out.get_mut(from..).unwrap_or_default();
    if command.action == Action::Hyphenate {
        let Some([first, second]) = phrase.last_chunk_mut::<2>() else { return };
        let text = format!("{}-{}", first.text, second.text);
        let mut joined = Token::joined(&[first.clone(), second.clone()], text, Kind::Word, "K09");
        joined.gap = first.gap;
        pass.out.truncate(pass.out.len() - 2);
        pass.out.push(joined);
    } else {
        // A phrase of more words than this is no name.
        let skip = phrase.len().saturating_sub(4);
        for token in phrase.iter_mut().skip(skip) {
            token.case = Case::Capital;
        }
    }
}
