//! Lists: spoken item numbers and bullets become items on lines of their own.
//!
//! Not for: numbers of sutures, blades, teeth or records, which stay in the sentence.
//!
//! Invariant: an item number follows the one before it; a number in a sentence is never one.

use super::commands::is_number;
use super::request::Request;
use super::token::{Case, Findings, Gap, Kind, Removed, Token, reads};
use crate::domain::flag::FlagKind;
use crate::vocab::sections;

/// The longest list.
const ITEMS_MAX: u32 = 99;
/// A pause before an item, in milliseconds.
const PAUSE_MS: u32 = 300;

/// Words before "number two" that make it part of a sentence.
const NAMED_BEFORE: &[&str] = &[
    "tooth",
    "teeth",
    "record",
    "account",
    "phone",
    "telephone",
    "fax",
    "room",
    "bed",
    "case",
    "chart",
    "model",
    "serial",
    "lot",
    "unit",
    "a",
    "an",
    "the",
    "with",
    "of",
    "using",
    "by",
    "her",
    "his",
    "suture",
    "size",
    "needle",
    "blade",
    "identification",
    "policy",
    "flight",
    "is",
    "was",
    "at",
    "this",
    "that",
    "cranial",
    "order",
    "pager",
    "security",
    "reference",
    "accession",
    "specimen",
    "image",
    "series",
    "slide",
    "block",
    "molar",
    "number",
    "any",
    "in",
];
/// Words after it that do.
const NAMED_AFTER: &[&str] = &[
    "blade",
    "vicryl",
    "ethibond",
    "prolene",
    "silk",
    "monocryl",
    "nylon",
    "chromic",
    "pds",
    "fiberwire",
    "ethilon",
    "suture",
    "sutures",
    "needle",
    "tooth",
    "concern",
    "concerns",
    "priority",
    "cause",
    "reason",
    "killer",
    "complaint",
    "goal",
    "scalpel",
    "french",
    "stitch",
    "stitches",
    "tycron",
    "ti-cron",
    "mersilene",
    "maxon",
    "dexon",
    "cat",
    "gut",
    "catgut",
];

/// What stands at a place.
enum Item {
    Number { value: u32, length: usize },
    Next { length: usize },
    Bullet { length: usize },
    End { length: usize },
}

/// Where the pass is.
struct Lists<'a> {
    tokens: &'a [Token],
    out: Vec<Token>,
    /// The last item's number in this section; 0 before the first.
    last: u32,
    bullets: bool,
    /// Whether the section's heading opens a list.
    expects: bool,
    break_due: bool,
}

/// Sets the items on their own lines.
pub fn apply(tokens: Vec<Token>, request: &Request<'_>, findings: &mut Findings) -> Vec<Token> {
    let followed = followed_by_second(&tokens);
    let out = Vec::with_capacity(tokens.len());
    let mut lists =
        Lists { tokens: &tokens, out, last: 0, bullets: false, expects: false, break_due: false };
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let confirmed = followed.get(at).copied().unwrap_or_default();
        if let Some((item, length)) = lists.item_at(at, confirmed, findings) {
            lists.write(item, at, length, findings);
            at += length;
            at += lists.marks_after(at);
            continue;
        }
        if token.kind == Kind::Heading {
            lists.last = 0;
            lists.bullets = false;
            lists.expects = sections::is_list(request.work_type, &token.text);
        }
        if token.kind == Kind::ItemNumber {
            lists.last = token.text.trim_end_matches('.').parse().unwrap_or(lists.last);
            lists.bullets |= token.text == "-";
        }
        let mut token = token.clone();
        if std::mem::take(&mut lists.break_due) {
            token.gap = Gap::Paragraph;
        }
        lists.out.push(token);
        at += 1;
    }
    lists.out
}

/// The number an item is written with; 0 for a bullet, `None` for the end of a list.
type Written = Option<u32>;

impl Lists<'_> {
    fn item_at(
        &self,
        at: usize,
        confirmed: bool,
        findings: &mut Findings,
    ) -> Option<(Written, usize)> {
        let bounded = self.bounded(at);
        match item(self.tokens, at)? {
            Item::Number { value, length } => {
                let is_item = self.is_item(at, value, length, bounded, confirmed);
                if is_item && value > self.last + 1 {
                    let words = self.tokens.get(at)?.source.clone();
                    findings.flag(FlagKind::Number, "The numbers of this list skip one.", words);
                }
                is_item.then_some((Some(value), length))
            }
            Item::Next { length } => {
                let open = self.last > 0 || self.after_heading();
                let plain = length > 1 || bounded && self.last > 0;
                (open && plain).then_some((Some(self.last + 1), length))
            }
            Item::Bullet { length } => {
                let next = self.tokens.get(at + length);
                let noun = next.is_some_and(|next| {
                    next.is_any(&[
                        "wound",
                        "wounds",
                        "fragment",
                        "fragments",
                        "hole",
                        "in",
                        "was",
                        "entry",
                        "track",
                        "tract",
                        "is",
                        "entered",
                        "lodged",
                        "from",
                    ])
                });
                let before = self.out.last().is_some_and(|before| before.is_any(NAMED_BEFORE));
                let clear = bounded || self.bullets || length > 1;
                (clear && !noun && !before && next.is_some()).then_some((Some(0), length))
            }
            Item::End { length } => (self.last > 0 || self.bullets).then_some((None, length)),
        }
    }

    /// Whether something ends before this place.
    fn bounded(&self, at: usize) -> bool {
        self.out
            .last()
            .is_none_or(|token| token.kind == Kind::Mark || token.kind == Kind::ItemNumber)
            || self.tokens.get(at).is_some_and(|token| {
                token.begins_line() || token.pause_ms.is_some_and(|pause| pause >= PAUSE_MS)
            })
    }

    fn after_heading(&self) -> bool {
        self.out.last().is_some_and(|token| token.is_mark(":"))
    }

    fn is_item(
        &self,
        at: usize,
        value: u32,
        length: usize,
        bounded: bool,
        confirmed: bool,
    ) -> bool {
        let named_before = self.out.last().is_some_and(|token| token.is_any(NAMED_BEFORE));
        let next = self.tokens.get(at + length);
        let named_after = next.is_none_or(|token| token.is_any(NAMED_AFTER));
        let counted = next.is_some_and(|token| is_number(token) && token.gap == Gap::Space)
            && self.tokens.get(at).is_some_and(|token| token.kind == Kind::Figure);
        if named_before || named_after || value == 0 || value > ITEMS_MAX || counted && !bounded {
            return false;
        }
        let figure_alone = self.tokens.get(at).is_some_and(|token| token.kind == Kind::Figure);
        let inside = self.last > 0;
        if figure_alone && !bounded {
            return false;
        }
        match value {
            1 => {
                self.after_heading() && (self.expects || confirmed || !figure_alone)
                    || confirmed && (bounded || !figure_alone)
                    || self.expects && bounded && !inside
            }
            _ if inside && value == self.last + 1 => true,
            _ => bounded && (inside && value <= self.last + 2 && value > self.last),
        }
    }

    fn write(&mut self, written: Written, at: usize, length: usize, findings: &mut Findings) {
        let phrase = self.tokens.get(at..at + length).unwrap_or_default();
        while self.out.last().is_some_and(|token| token.by_engine && token.is_mark(",")) {
            self.out.pop();
        }
        let Some(value) = written else {
            let words = Token::joined(phrase, "", Kind::Mark, "L04").source;
            findings.removed.push(Removed { words, rule: "L04", written: "\n\n" });
            self.last = 0;
            self.bullets = false;
            self.break_due = true;
            return;
        };
        let (text, rule) = match value {
            0 => ("-".to_owned(), "L03"),
            value => (format!("{value}."), "L01"),
        };
        let mut number = Token::joined(phrase, text, Kind::ItemNumber, rule);
        number.case = Case::Held;
        let first = self.out.is_empty();
        if !first {
            number.gap = number.gap.max(Gap::Line);
        }
        self.out.push(number);
        self.last = value.max(if value == 0 { self.last } else { 0 });
        self.bullets |= value == 0;
    }

    /// The marks that belong to the item's number: "number one, hypertension".
    fn marks_after(&self, at: usize) -> usize {
        let rest = self.tokens.get(at..).unwrap_or_default();
        let own = |token: &&Token| {
            token.kind == Kind::Mark && matches!(token.text.as_str(), "," | "." | ":" | ";")
        };
        rest.iter().take_while(own).count()
    }
}

/// The spoken item number or bullet at this place.
fn item(tokens: &[Token], at: usize) -> Option<Item> {
    let token = tokens.get(at)?;
    match token.kind {
        Kind::Figure => return figure_item(tokens, at),
        Kind::Word => {}
        _ => return None,
    }
    if token.is_any(&["number", "item"]) {
        if token.is("number") && reads(tokens, at, &["number", "next"]) {
            return Some(Item::Next { length: 2 });
        }
        let next = tokens.get(at + 1).filter(|next| !next.begins_line())?;
        return value_of(&next.text).map(|value| Item::Number { value, length: 2 });
    }
    for (words, length) in [(["next", "number"], 2), (["next", "item"], 2)] {
        if reads(tokens, at, &words) {
            return Some(Item::Next { length });
        }
    }
    for words in [["bullet", "point"], ["new", "bullet"], ["next", "bullet"]] {
        if reads(tokens, at, &words) {
            return Some(Item::Bullet { length: 2 });
        }
    }
    if reads(tokens, at, &["end", "of", "list"]) {
        return Some(Item::End { length: 3 });
    }
    for words in [["end", "list"], ["stop", "list"], ["list", "off"]] {
        if reads(tokens, at, &words) {
            return Some(Item::End { length: 2 });
        }
    }
    if token.is("bullet") {
        return Some(Item::Bullet { length: 1 });
    }
    token.is("next").then_some(Item::Next { length: 1 })
}

/// "#1", or "1." as the engine writes it.
fn figure_item(tokens: &[Token], at: usize) -> Option<Item> {
    let token = tokens.get(at)?;
    if let Some(value) = token.text.strip_prefix('#').and_then(value_of) {
        return Some(Item::Number { value, length: 1 });
    }
    let stop = tokens.get(at + 1)?;
    let item = stop.by_engine && stop.is_mark(".") && tokens.get(at + 2)?.case == Case::Placed;
    item.then(|| value_of(&token.text)).flatten().map(|value| Item::Number { value, length: 1 })
}

fn value_of(text: &str) -> Option<u32> {
    super::commands::small_number(text).filter(|value| *value <= ITEMS_MAX)
}

/// For each "number one": whether a "number two" comes later in its section.
fn followed_by_second(tokens: &[Token]) -> Vec<bool> {
    let mut followed = vec![false; tokens.len()];
    let mut second = false;
    for at in (0..tokens.len()).rev() {
        if tokens.get(at).is_some_and(|token| token.kind == Kind::Heading) {
            second = false;
        }
        match item(tokens, at) {
            Some(Item::Number { value: 1, .. }) => {
                if let Some(place) = followed.get_mut(at) {
                    *place = second;
                }
                second = false;
            }
            Some(Item::Number { value: 2, length }) => {
                let named = tokens.get(at + length).is_none_or(|next| next.is_any(NAMED_AFTER))
                    || at > 0 && tokens.get(at - 1).is_some_and(|token| token.is_any(NAMED_BEFORE));
                second |= !named;
            }
            _ => {}
        }
    }
    followed
}
