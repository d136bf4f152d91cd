//! Dictated marks, and numbers in figures by command: how each is set among its neighbours.
//!
//! Not for: which of several marks at one place stays (`marks`).
//!
//! Invariant: a dictated mark is never the engine's; the engine's marks beside it go, but where
//! they end a sentence before something that opens.

use super::guards::is_number;
use super::pass::Pass;
use crate::domain::flag::FlagKind;
use crate::text::token::{Case, Gap, Kind, Token};
use crate::vocab::commands::{Action, Command};
use crate::vocab::number_words;

/// How a mark stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// "word, word"
    Left,
    /// "(word"
    Opens,
    /// "word) word"
    Closes,
    /// "word-word"
    Between,
    /// "word - word"
    Apart,
    /// "5%": the engine's marks after it stay
    OnFigure,
}

pub(super) fn mark(pass: &mut Pass<'_>, command: &Command) {
    let mut phrase = pass.consume(command.words.len());
    pass.dictates = true;
    phrase.rule = Some(command.id);
    phrase.gap = Gap::Space;
    match (command.action, command.output) {
        (Action::Words, words) => return in_words(pass, &phrase, words),
        (Action::Wrap, _) => return wrap(pass, &phrase),
        (Action::Tab, _) => return set(pass, phrase, "\t", Stands::Between),
        (Action::Page, _) => {
            pass.gap = Some(Gap::Line);
            phrase.gap = Gap::Line;
            return set(pass, phrase, "\u{c}", Stands::Opens);
        }
        (Action::Paired, output) => return paired(pass, phrase, output),
        (_, "'s") => return possessive(pass, phrase),
        (_, "open-quote") => return open_quote(pass, phrase),
        (_, "close-quote") => return set(pass, phrase, "\"", Stands::Closes),
        _ => {}
    }
    let (text, stands) = match command.output {
        " - " => ("-", Stands::Apart),
        "-sign" => ("-", Stands::Opens),
        "(" | "[" | "#" => (command.output, Stands::Opens),
        ")" | "]" => (command.output, Stands::Closes),
        "-" | "/" | "'" | "_" | "\\" | "@" | "=" => (command.output, Stands::Between),
        "%" | "+" | "°" => (command.output, Stands::OnFigure),
        "*" => ("*", Stands::Between),
        "&" => ("&", if beside_letters(pass) { Stands::Between } else { Stands::Apart }),
        other => (other, Stands::Left),
    };
    let between_numbers = text == ":" && is_between_numbers(pass);
    set(pass, phrase, text, if between_numbers { Stands::Between } else { stands });
}

fn set(pass: &mut Pass<'_>, mut phrase: Token, text: &'static str, stands: Stands) {
    match stands {
        Stands::Opens => pass.drop_marks(false),
        Stands::Closes if text == "\"" => pass.drop_marks(false),
        Stands::OnFigure => {}
        _ => pass.drop_marks(true),
    }
    match stands {
        Stands::OnFigure => {}
        Stands::Closes => skip_after_close(pass),
        _ => pass.skip_marks(true),
    }
    text.clone_into(&mut phrase.text);
    phrase.kind = Kind::Mark;
    phrase.by_engine = false;
    phrase.gap = match stands {
        Stands::Opens | Stands::Apart => phrase.gap,
        _ => Gap::None,
    };
    pass.push(phrase);
    pass.glue = matches!(stands, Stands::Opens | Stands::Between);
}

/// After a closing mark the engine's full stop stays where a sentence follows or nothing.
fn skip_after_close(pass: &mut Pass<'_>) {
    pass.skip_marks(false);
    let next = pass.input.get(pass.at + 1);
    let ends = next.is_none_or(|next| next.case == Case::Placed || next.begins_line());
    if !ends {
        pass.skip_marks(true);
    }
}

fn paired(pass: &mut Pass<'_>, phrase: Token, output: &str) {
    let is_quote = output == "quote";
    let marks: &[&str] = if is_quote { &["\""] } else { &["(", ")"] };
    let recent = pass.out.iter().rev().take(60).filter(|token| token.kind == Kind::Mark);
    let open = recent.filter(|token| marks.contains(&token.text.as_str())).count() % 2 == 1;
    match (is_quote, open) {
        (true, false) => open_quote(pass, phrase),
        (true, true) => set(pass, phrase, "\"", Stands::Closes),
        (false, false) => set(pass, phrase, "(", Stands::Opens),
        (false, true) => set(pass, phrase, ")", Stands::Closes),
    }
}

/// The engine's comma before a quotation is kept: it belongs there.
fn open_quote(pass: &mut Pass<'_>, mut phrase: Token) {
    let introduced = pass
        .out
        .last()
        .is_some_and(|token| token.kind == Kind::Mark && matches!(token.text.as_str(), "," | ":"));
    pass.skip_marks(true);
    phrase.text = "\"".into();
    phrase.kind = Kind::Mark;
    phrase.by_engine = false;
    pass.push(phrase);
    pass.glue = true;
    if introduced {
        pass.next_case = Some(Case::Capital);
    }
}

/// "greater than sign" is written in words.
fn in_words(pass: &mut Pass<'_>, phrase: &Token, words: &'static str) {
    for (index, word) in words.split(' ').enumerate() {
        let mut token = phrase.clone();
        word.clone_into(&mut token.text);
        token.kind = Kind::Word;
        token.gap = Gap::Space;
        if index > 0 {
            token.pause_ms = None;
        }
        pass.push(token);
    }
}

/// "quote unquote": marks around the next word.
fn wrap(pass: &mut Pass<'_>, phrase: &Token) {
    pass.skip_marks(true);
    let Some(word) = pass.input.get(pass.at).filter(|token| token.kind != Kind::Mark).cloned()
    else {
        return;
    };
    pass.at += 1;
    let mut quote = phrase.clone();
    quote.text = "\"".into();
    quote.by_engine = false;
    pass.push(quote.clone());
    pass.glue = true;
    let note = "\"quote unquote\": how far the quotation goes was guessed to be one word.";
    let words = phrase.source.start..word.source.end;
    pass.findings.flag(FlagKind::AmbiguousCommand, note, words);
    quote.source = word.source.clone();
    quote.gap = Gap::None;
    pass.push(word);
    pass.push(quote);
}

fn possessive(pass: &mut Pass<'_>, phrase: Token) {
    pass.drop_marks(true);
    pass.skip_marks(false);
    match pass.out.pop() {
        Some(owner) if owner.kind != Kind::Mark => {
            let (text, kind, case) = (format!("{}'s", owner.text), owner.kind, owner.case);
            let mut joined = Token::joined(&[owner, phrase], text, kind, "P17");
            joined.case = case;
            pass.out.push(joined);
        }
        other => {
            pass.out.extend(other);
            set(pass, phrase, "'s", Stands::Left);
        }
    }
}

fn is_between_numbers(pass: &Pass<'_>) -> bool {
    pass.out.last().is_some_and(is_number) && pass.input.get(pass.at).is_some_and(is_number)
}

fn beside_letters(pass: &Pass<'_>) -> bool {
    let letter = |token: &Token| {
        token.letter().is_some()
            || token.text.len() <= 3 && token.text.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    pass.out.last().is_some_and(letter) && pass.input.get(pass.at).is_some_and(letter)
}

/// "numeral nine", "roman numeral four": the next number in this form, whatever the frame.
pub(super) fn numeral(pass: &mut Pass<'_>, command: &Command) {
    let phrase = pass.consume(command.words.len());
    let mut value = 0_u32;
    let start = pass.at;
    while let Some(token) = pass.input.get(pass.at).filter(|token| is_number(token)) {
        let Some(more) = small_number(&token.text) else { break };
        let joins = pass.at == start || value >= 20 && value.is_multiple_of(10) && more < 10;
        if !joins {
            break;
        }
        value += more;
        pass.at += 1;
    }
    let parts = pass.input.get(start..pass.at).unwrap_or_default();
    if parts.is_empty() {
        return;
    }
    // R-ROM: the types of diabetes are never Roman.
    let next = pass.input.get(pass.at);
    let of_diabetes = pass.out.last().is_some_and(|token| token.is("type"))
        && next.is_some_and(|next| next.is_any(&["diabetes", "diabetic", "diabetics"]));
    let roman = command.action == Action::Roman && !of_diabetes && (1..=39).contains(&value);
    let text = if roman { roman_numeral(value) } else { value.to_string() };
    let mut token = Token::joined(parts, text, Kind::Figure, command.id);
    token.source.start = phrase.source.start;
    token.gap = Gap::Space;
    token.case = Case::Held;
    pass.push(token);
}

/// The value of one number word below 100, or of a figure.
pub(super) fn small_number(text: &str) -> Option<u32> {
    if let Ok(value) = text.parse::<u32>() {
        return Some(value).filter(|value| *value < 1_000_000);
    }
    let lower = text.to_ascii_lowercase();
    match lower.split_once('-') {
        Some((tens, ones)) => {
            let tens = number_words::value(tens).filter(|tens| *tens >= 20)?;
            Some(tens + number_words::value(ones).filter(|ones| *ones < 20)?)
        }
        None => number_words::value(&lower),
    }
}

/// 1 to 39 as a Roman numeral.
fn roman_numeral(value: u32) -> String {
    const ONES: [&str; 10] = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    let ones = ONES.get((value % 10) as usize).copied().unwrap_or_default();
    format!("{}{ones}", "X".repeat((value / 10) as usize))
}
