//! Hyphened words taken apart while terms are weighed: "basatrasin-clindamycin" sounds like no
//! term, its parts sound like two.
//!
//! Not for: a term that was written in pieces (`joined`), or what a part may be (`offer`).
//!
//! Invariant: parts that nothing changed are one word again, written as it was heard.

use super::decode::Token;
use super::listen::Text;
use super::reconsider::Settled;
use super::words::Spoken;
use crate::vocab::lexicon::Lexicon;
use crate::vocab::readings;

/// The text with every hyphened word that no list has in its parts; all but the first of a word
/// keep their hyphen before them. A part has the confidence of the whole.
pub fn parted(lexicon: &Lexicon, pieces: &[Vec<u8>], text: Text) -> Text {
    let mut apart = Text::default();
    for (mut word, mut tokens) in text.words.into_iter().zip(text.tokens) {
        if !readings::known(lexicon, super::offer::bare(&word.text)) {
            while let Some((first, rest)) = cut(pieces, &word, &tokens) {
                let first_tokens = tokens.drain(..first.tokens.len()).collect();
                apart.words.push(first);
                apart.tokens.push(first_tokens);
                word = rest;
            }
        }
        apart.words.push(word);
        apart.tokens.push(tokens);
    }
    apart
}

/// The word up to its first hyphen between letters, and the rest with the hyphen, if a token
/// begins there.
fn cut(pieces: &[Vec<u8>], word: &Spoken, tokens: &[Token]) -> Option<(Spoken, Spoken)> {
    let at = word.text.match_indices('-').map(|(at, _)| at).find(|&at| {
        word.text[..at].ends_with(char::is_alphabetic) && begins_with_letter(&word.text[at + 1..])
    })?;
    let ends = tokens.iter().scan(0, |bytes, &token| {
        *bytes += pieces.get(token as usize).map_or(0, Vec::len);
        Some(*bytes)
    });
    // Before the first token of a word stands its space.
    let space = usize::from(pieces.get(*tokens.first()? as usize)?.starts_with(b" "));
    let count = 1 + ends.into_iter().position(|end| end == at + space)?;
    let share = count as f32 / tokens.len() as f32;
    let middle = word.tokens.start + count;
    let of = |text: &str, tokens, share| Spoken {
        text: text.to_owned(),
        tokens,
        log_probability: word.log_probability * share,
        ..*word
    };
    Some((
        of(&word.text[..at], word.tokens.start..middle, share),
        of(&word.text[at..], middle..word.tokens.end, 1.0 - share),
    ))
}

/// Joins the parts again that stand beside each other as they were heard; what is left of another
/// word loses its hyphen.
pub fn rejoin(tokens_of: &dyn Fn(&str) -> Vec<Token>, settled: &mut Settled) {
    let is_changed = settled.is_changed();
    for at in (1..settled.text.words.len()).rev() {
        let words = &settled.text.words;
        let is_part = is_part(&words[at].text);
        if is_part && (is_changed[at] || is_changed[at - 1]) {
            let text = words[at].text[1..].to_owned();
            settled.text.tokens[at] = tokens_of(&format!(" {text}"));
            settled.text.words[at].text = text;
        } else if is_part && words[at - 1].text.ends_with(char::is_alphabetic) {
            settled.unite(at - 1);
        }
    }
}

/// Whether this was taken off the word before it: a hyphen and a letter.
fn is_part(text: &str) -> bool {
    text.strip_prefix('-').is_some_and(begins_with_letter)
}

/// The words as the engine wrote them: a part stood without space.
pub fn in_line(words: &[String]) -> String {
    let mut line = String::new();
    for word in words {
        if !line.is_empty() && !is_part(word) {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

fn begins_with_letter(text: &str) -> bool {
    text.starts_with(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::revise::Pair;

    /// One token a piece; the first of a word begins with a space.
    fn heard(pieces: &[&str]) -> (Vec<Vec<u8>>, Text) {
        let mut text = Text::default();
        for (token, piece) in (0..).zip(pieces) {
            if piece.starts_with(' ') {
                text.words.push(Spoken { tokens: 0..0, ..Spoken::of("", 0.8) });
                text.tokens.push(vec![]);
            }
            let (word, tokens) = (text.words.last_mut(), text.tokens.last_mut());
            let (word, tokens) = (word.expect("a space first"), tokens.expect("a space first"));
            word.text.push_str(piece.trim_start());
            tokens.push(token);
            word.tokens = 0..tokens.len();
        }
        (pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect(), text)
    }

    fn texts(text: &Text) -> Vec<&str> {
        text.words.iter().map(|word| word.text.as_str()).collect()
    }

    #[test]
    fn a_hyphened_word_that_no_list_has_is_two_and_one_again_where_nothing_changed() {
        let (pieces, whole) =
            heard(&[" and", " Bas", "atr", "asin", "-", "cl", "indamycin,", " x", "-", "ray"]);
        let apart = parted(&Lexicon::built_in(), &pieces, whole.clone());
        assert_eq!(texts(&apart), ["and", "Basatrasin", "-clindamycin,", "x-ray"]);
        assert_eq!(apart.tokens, [vec![0], vec![1, 2, 3], vec![4, 5, 6], vec![7, 8, 9]]);
        let mut settled = Settled::of(apart);
        rejoin(&|_| vec![], &mut settled);
        assert_eq!(texts(&settled.text), texts(&whole));
        assert_eq!(settled.text.tokens, whole.tokens);
    }

    #[test]
    fn parts_stay_apart_where_one_became_another_word() {
        let (pieces, whole) = heard(&[" Bas", "atrasin", "-cl", "indamycin", " daily"]);
        let mut settled = Settled::of(parted(&Lexicon::built_in(), &pieces, whole));
        let (_, second) = heard(&[" bacitracin", " clindamycin", " daily"]);
        settled.revise(&[Pair { first: 0..1, second: 0..1, taken: true }], &second);
        rejoin(&|text| vec![text.len() as Token], &mut settled);
        assert_eq!(texts(&settled.text), ["bacitracin", "clindamycin", "daily"]);
        assert_eq!(settled.text.tokens[1], [" clindamycin".len() as Token]);
    }

    #[test]
    fn what_was_heard_of_a_term_in_two_parts_is_kept_with_its_hyphen() {
        let (pieces, whole) = heard(&[" lumbo", "-sacril", " spine"]);
        let mut settled = Settled::of(parted(&Lexicon::built_in(), &pieces, whole));
        let (_, second) = heard(&[" lumbosacral", " spine"]);
        settled.revise(&[Pair { first: 0..2, second: 0..1, taken: true }], &second);
        assert_eq!(settled.reconsidered()[0].heard.as_deref(), Some("lumbo-sacril"));
    }

    #[test]
    fn a_dash_that_stands_alone_keeps_its_spaces() {
        let words = ["lumbo", "-sacril", "spine", "-", "intact"].map(str::to_owned);
        assert_eq!(in_line(&words), "lumbo-sacril spine - intact");
    }

    #[test]
    fn words_with_hyphens_that_lists_have_stay_whole() {
        let (pieces, whole) = heard(&[" a", " follow", "-up", " of", " 3", "-0", " silk"]);
        let apart = parted(&Lexicon::built_in(), &pieces, whole.clone());
        assert_eq!(texts(&apart), texts(&whole));
    }
}
