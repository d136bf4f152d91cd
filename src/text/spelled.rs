//! Spelled words: "Smyth, spelled S M Y T H E" is written Smythe.
//!
//! Not for: abbreviations that are said letter by letter (`abbreviations`).
//!
//! Invariant: the word that is written has exactly the letters that were said.

use super::token::{Case, Findings, Gap, Kind, Token, reads};
use crate::domain::flag::FlagKind;

/// What announces letters, the longest first.
const OPENINGS: &[&[&str]] = &[
    &["that", "is", "spelled"],
    &["that's", "spelled"],
    &["which", "is", "spelled"],
    &["spelled", "as"],
    &["spell", "that"],
    &["spelling", "is"],
    &["begin", "spell"],
    &["spell", "mode", "on"],
    &["spelled"],
    &["spelt"],
    &["spelling"],
];
const CLOSINGS: &[&[&str]] = &[&["spell", "mode", "off"], &["end", "spell"]];

/// The letters of the NATO alphabet, by which people spell.
const NATO: [&str; 26] = [
    "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet",
    "kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango",
    "uniform", "victor", "whiskey", "xray", "yankee", "zulu",
];
const TITLES: &[&str] = &[
    "doctor",
    "dr",
    "dr.",
    "mister",
    "mr",
    "mr.",
    "misses",
    "mrs",
    "mrs.",
    "ms",
    "ms.",
    "miss",
    "professor",
    "nurse",
];

/// The longest spelled word, in letters.
const LETTERS_MAX: usize = 40;
/// Of the longer of two words, how much may differ for one to replace the other (S01).
const DIFFERENCE_MAX: f64 = 0.5;

/// Puts spelled words in the place of what was heard.
pub fn apply(tokens: Vec<Token>, findings: &mut Findings) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match opening(&tokens, at).and_then(|length| letters(&tokens, at + length)) {
            Some(letters) => at = write(&tokens, at, letters, &mut out, findings),
            None => {
                out.push(token.clone());
                at += 1;
            }
        }
    }
    out
}

/// What was spelled, and where its letters end. `shorter` is the same without a last "a" or "i",
/// which may be the next word.
struct Letters {
    text: String,
    end: usize,
    shorter: Option<usize>,
}

fn opening(tokens: &[Token], at: usize) -> Option<usize> {
    let first = tokens.get(at).filter(|token| {
        token.is_any(&["that", "that's", "which", "spelled", "spell", "spelt", "spelling", "begin"])
    })?;
    debug_assert!(first.kind == Kind::Word, "only words open a spelling");
    OPENINGS.iter().find(|words| reads(tokens, at, words)).map(|words| words.len())
}

fn letters(tokens: &[Token], from: usize) -> Option<Letters> {
    let mut text = String::new();
    let (mut at, mut units, mut shorter) = (from, 0, None);
    while text.len() < LETTERS_MAX {
        let begin = at;
        // The engine sets letters off with commas.
        let comma = |token: &Token| token.by_engine && (token.is_mark(",") || token.is_mark("-"));
        let skipped = units > 0 && tokens.get(at).is_some_and(comma);
        let place = at + usize::from(skipped);
        let Some((letter, length)) = unit(tokens, place, units) else { break };
        let word =
            length == 1 && (letter.eq_ignore_ascii_case("a") || letter.eq_ignore_ascii_case("i"));
        shorter = (word && units > 1).then_some(begin);
        text.push_str(&letter);
        units += 1;
        at = place + length;
    }
    let enough = text.chars().filter(|letter| letter.is_alphabetic()).count() >= 2;
    for words in CLOSINGS {
        if reads(tokens, at, words) {
            at += words.len();
            shorter = None;
        }
    }
    enough.then_some(Letters { text, end: at, shorter })
}

/// One letter, or several that are written together, and how many tokens say it.
fn unit(tokens: &[Token], at: usize, before: usize) -> Option<(String, usize)> {
    let token = tokens.get(at).filter(|token| token.kind == Kind::Word && !token.begins_line())?;
    let next_letter = |ahead: usize| tokens.get(at + ahead).and_then(Token::letter);
    if let Some(letter) = token.letter() {
        let said = tokens.get(at + 1).is_some_and(|token| token.is_any(&["as", "for", "like"]));
        let place = at + if reads(tokens, at + 1, &["as", "in"]) { 3 } else { 2 };
        let example = tokens.get(place).filter(|_| said).filter(|word| {
            word.text.chars().next().is_some_and(|first| first.eq_ignore_ascii_case(&letter))
        });
        let length = if example.is_some() { place + 1 - at } else { 1 };
        return Some((letter.to_lowercase().to_string(), length));
    }
    if let (true, Some(letter)) = (token.is_any(&["double", "triple"]), next_letter(1)) {
        let count = if token.is("double") { 2 } else { 3 };
        return Some((letter.to_lowercase().to_string().repeat(count), 2));
    }
    if let (true, Some(letter)) = (token.is_any(&["capital", "cap"]), next_letter(1)) {
        return Some((letter.to_uppercase().to_string(), 2));
    }
    let lower = token.text.to_ascii_lowercase();
    for (word, mark) in [("hyphen", "-"), ("dash", "-"), ("apostrophe", "'")] {
        if lower == word && before > 0 && next_letter(1).is_some() {
            return Some((mark.to_owned(), 1));
        }
    }
    if let Some(place) = NATO.iter().position(|word| *word == lower) {
        let letter = char::from(b'a' + place as u8);
        return Some((letter.to_string(), 1));
    }
    run_of_letters(&token.text, before).map(|run| (run, 1))
}

/// "S-M-Y-T-H-E", "S.M.Y.T.H.E", and directly after the announcement "SMYTHE".
fn run_of_letters(text: &str, before: usize) -> Option<String> {
    for parting in ['-', '.'] {
        let parts = || text.trim_end_matches(parting).split(parting);
        if parts().count() > 1 && parts().all(|part| part.chars().count() == 1) {
            return Some(parts().collect::<String>().to_lowercase());
        }
    }
    let capitals = text.len() > 2 && text.chars().all(|letter| letter.is_ascii_uppercase());
    (before == 0 && capitals).then(|| text.to_lowercase())
}

fn write(
    tokens: &[Token],
    at: usize,
    letters: Letters,
    out: &mut Vec<Token>,
    findings: &mut Findings,
) -> usize {
    while out.last().is_some_and(|token| token.by_engine && token.is_mark(",")) {
        out.pop();
    }
    let before =
        out.last().filter(|token| token.kind == Kind::Word).map(|token| token.text.clone());
    let (text, end) = nearest(&letters, before.as_deref());
    let said = tokens.get(at..end).unwrap_or_default();
    let replaces = before.as_deref().is_some_and(|word| is_close(word, &text));
    let replaced = if replaces { out.pop() } else { None };
    let titled = out.last().is_some_and(|token| {
        token.kind == Kind::Word
            && TITLES.iter().any(|title| token.text.eq_ignore_ascii_case(title))
    });
    let was_capital = replaced.as_ref().is_some_and(|word| {
        word.text.chars().next().is_some_and(char::is_uppercase) && word.case != Case::Placed
    });
    let mut parts: Vec<Token> = replaced.into_iter().collect();
    parts.extend(said.iter().cloned());
    let mut token = Token::joined(&parts, text, Kind::Word, "S01");
    token.case = if titled || was_capital { Case::Capital } else { Case::Free };
    if !replaces {
        token.gap = token.gap.max(Gap::Space);
        let note = "The spelled word is unlike the word before it; both were kept.";
        findings.flag(FlagKind::UnknownTerm, note, token.source.clone());
    }
    out.push(token);
    end
}

/// With or without the last letter, whichever is nearer to the word that was heard.
fn nearest(letters: &Letters, heard: Option<&str>) -> (String, usize) {
    let whole = (letters.text.clone(), letters.end);
    let (Some(end), Some(heard)) = (letters.shorter, heard) else { return whole };
    let mut shorter = letters.text.clone();
    shorter.pop();
    let heard = heard.to_lowercase();
    let distance = |text: &str| strsim::levenshtein(&heard, &text.to_lowercase());
    if distance(&shorter) < distance(&whole.0) { (shorter, end) } else { whole }
}

fn is_close(heard: &str, spelled: &str) -> bool {
    let (heard, spelled) = (heard.to_lowercase(), spelled.to_lowercase());
    let longest = heard.chars().count().max(spelled.chars().count());
    strsim::levenshtein(&heard, &spelled) as f64 <= longest as f64 * DIFFERENCE_MAX
}

#[cfg(test)]
mod tests {
    use crate::text::pipeline::write_text;
    use crate::text::request::Request;
    use crate::vocab::lexicon::Lexicon;

    fn written(text: &str) -> String {
        write_text(text, &Request::new(&Lexicon::built_in())).0.text
    }

    #[test]
    fn letters_replace_the_word_before_them_in_every_way_of_spelling() {
        for said in [
            "seen by doctor smyth spelled s m y t h e today",
            "seen by doctor smith spelled sierra mike yankee tango hotel echo today",
            "seen by doctor smith that is spelled s as in sam m y t h e today",
            "Seen by Dr. Smyth, spelled S-M-Y-T-H-E today",
            "seen by Dr. Smith spelled S, M, Y, T, H, E today",
        ] {
            assert_eq!(
                written(said).replace("doctor", "Dr."),
                "Seen by Dr. Smythe today",
                "{said}"
            );
        }
        assert_eq!(written("patient mcdonald spelled m c d o n double l"), "Patient mcdonll");
    }

    #[test]
    fn a_last_letter_that_is_a_word_stays_a_word() {
        assert_eq!(
            written("doctor jones spelled j o n e s a surgeon").replace("Doctor", "Dr."),
            "Dr. Jones a surgeon"
        );
    }

    #[test]
    fn talk_of_spelling_is_left_alone() {
        assert_eq!(
            written("she has trouble with spelling at school"),
            "She has trouble with spelling at school"
        );
        assert_eq!(written("double vision was noted"), "Double vision was noted");
    }
}
