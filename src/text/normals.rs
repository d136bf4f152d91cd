//! Normals: texts of the author, the department or the site, put in where their name is said.
//!
//! Not for: keeping them (`store`); finding the command (`asides`).
//!
//! Invariant: what was put in is flagged until a person confirms it; a field without a value is
//! a blank.

use super::entry::{self, Heard};
use super::request::{Normal, Request};
use super::token::{Case, Findings, Gap, Kind, Token, text_of};
use crate::domain::flag::{BLANK, FlagKind};

/// The longest name, in words.
const NAME_WORDS_MAX: usize = 8;
/// The longest text of a normal, in bytes; the rest is left out and said so.
pub const NORMAL_TEXT_MAX: usize = 20_000;

/// The normal whose name the tokens from here on say, and how many tokens that takes.
pub fn named<'a>(tokens: &[Token], from: usize, request: &Request<'a>) -> Option<(&'a str, usize)> {
    let rest = tokens.get(from..)?;
    let words = rest.iter().take(NAME_WORDS_MAX).take_while(|token| token.kind != Kind::Mark);
    let most = words.count();
    (1..=most).rev().find_map(|words| {
        let said = key(&text_of(rest.get(..words)?));
        let normal = request.normals.iter().find(|normal| key(&normal.name) == said)?;
        Some((normal.name.as_str(), words))
    })
}

/// Letters and digits of a name, without "exam" for "examination" and the like.
pub fn key(name: &str) -> String {
    let lower = name.to_lowercase().replace("examination", "exam");
    lower.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Puts the texts in their places.
pub fn expand(tokens: Vec<Token>, request: &Request<'_>, findings: &mut Findings) -> Vec<Token> {
    let placed = |token: &Token| token.rule == Some("I02") && token.kind == Kind::Blank;
    if !tokens.iter().any(placed) {
        return tokens;
    }
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut ended = false;
    for token in tokens {
        let normal =
            request.normals.iter().find(|normal| placed(&token) && normal.name == token.text);
        match normal {
            Some(normal) => {
                insert(normal, &token, &mut out, findings);
                ended = out.last().is_some_and(Token::ends_sentence);
            }
            None => {
                // The text has its own full stop.
                if !(ended && token.kind == Kind::Mark && token.ends_sentence()) {
                    out.push(token);
                }
                ended = false;
            }
        }
    }
    out
}

fn insert(normal: &Normal, place: &Token, out: &mut Vec<Token>, findings: &mut Findings) {
    let mut end = normal.text.len().min(NORMAL_TEXT_MAX);
    while !normal.text.is_char_boundary(end) {
        end -= 1;
    }
    let (text, fields) = filled(normal.text.get(..end).unwrap_or_default());
    let note = match fields.as_slice() {
        [] => {
            format!("Inserted text \"{}\": confirm that it is true of this patient.", normal.name)
        }
        fields => format!(
            "Inserted text \"{}\": confirm it, and its fields: {}.",
            normal.name,
            fields.join(", ")
        ),
    };
    findings.flag(FlagKind::Template, note, place.source.clone());
    if text.contains(BLANK) {
        let note = "A field of the inserted text has no value.";
        findings.flag(FlagKind::AuthorBlank, note, place.source.clone());
    }
    for (index, mut token) in entry::tokens(&Heard::of_text(&text)).into_iter().enumerate() {
        if index == 0 {
            token.gap = place.gap;
        }
        token.source = place.source.clone();
        token.rule = Some("I02");
        token.case = Case::Held;
        token.by_engine = false;
        token.gap = token.gap.max(Gap::None);
        out.push(token);
    }
}

/// The text with its fields filled: `[side]` is a blank, `[side=left]` has a value to confirm.
fn filled(text: &str) -> (String, Vec<String>) {
    let mut written = String::with_capacity(text.len());
    let mut fields = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        written.push_str(before);
        let Some((field, behind)) = after.split_once(']') else {
            written.push('[');
            rest = after;
            continue;
        };
        let (name, value) = field.split_once('=').unwrap_or((field, BLANK));
        written.push_str(value.trim());
        fields.push(name.trim().to_owned());
        rest = behind;
    }
    written.push_str(rest);
    (written, fields)
}
