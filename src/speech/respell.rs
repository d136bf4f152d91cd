//! The likeliest word of a list in the place of one that no list has ("infisima"), sought while a
//! text is being decoded.
//!
//! Not for: whether that word is taken (`revise`), or terms that sound alike (`offer`).
//!
//! Invariant: every word that comes from here is of the language or a term, sounds or is written
//! like what was heard, and was in the model's reach.

use super::alike::alike;
use super::decode::{Choice, DecodeError, Model, Step, Token, log_sum, text_logits};
use crate::vocab::candidates;
use crate::vocab::lexicon::Lexicon;
use crate::vocab::readings;
use std::sync::atomic::{AtomicBool, Ordering};

/// A shorter word in no list is rather an abbreviation.
const LETTERS_MIN: usize = 4;
/// The longest word in tokens.
const TOKENS_MAX: usize = 10;
/// How alike two hearings of one word are at least.
const SAME_MIN: f32 = 0.8;
/// A token that is so much less likely than the best is not looked at, in nats.
const REACH: f32 = 8.0;
/// How much less likely than the word that was heard another may be, in nats.
const LOSS_MAX: f32 = 12.0;
/// How alike the letters or the sounds must be at least, and the length as a part of that of what
/// was heard: a syllable of it is no word in its place.
const LENGTH_MIN: f32 = 0.7;
const ALIKE_MIN: f32 = 0.7;
const SOUND_MIN: f32 = 0.5;
/// How many beginnings the model is asked about before the search ends: somebody may wait.
const ASKED_MAX: usize = 30;

/// Whether a piece begins after the end of a word.
pub fn ends_word(piece: &[u8]) -> bool {
    let is_inside = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'\'' | b'-') || !byte.is_ascii()
    };
    !piece.first().is_some_and(is_inside)
}

/// What is to be respelled.
pub struct Respelled<'a> {
    lexicon: &'a Lexicon,
    /// Words of the first hearing that no list has: another that the second makes of a listed
    /// word is not made a word, or it would seem to be as good.
    heard: Vec<String>,
}

impl<'a> Respelled<'a> {
    /// `None` where a list has every word of the first hearing.
    pub fn of<'b>(lexicon: &'a Lexicon, words: impl Iterator<Item = &'b str>) -> Option<Self> {
        let words = words.filter(|word| is_unlisted(lexicon, word)).map(str::to_owned);
        let heard: Vec<String> = words.collect();
        (!heard.is_empty()).then_some(Self { lexicon, heard })
    }

    /// Whether a word that was decoded asks for another.
    fn is_needed(&self, word: &str) -> bool {
        is_unlisted(self.lexicon, word)
            && self.heard.iter().any(|heard| alike(heard, word) >= SAME_MIN)
    }
}

/// Small letters, and in no list. A capital may be somebody's name.
fn is_unlisted(lexicon: &Lexicon, word: &str) -> bool {
    word.len() >= LETTERS_MIN
        && word.bytes().all(|byte| byte.is_ascii_lowercase())
        && !readings::is_word(lexicon, word)
}

/// Where the word that is being decoded began.
#[derive(Default)]
pub struct Begun {
    /// The place of its first token among the choices, and how many tokens stand before it in all.
    first: usize,
    past: usize,
    logits: Vec<f32>,
    is_settled: bool,
}

/// Where to go on with a word that was settled.
pub struct Resumed {
    /// Its tokens, which the model is to be given again: the search wrote over what it kept.
    pub feed: Vec<Token>,
    /// How many tokens stand before it in all.
    pub past: usize,
}

impl Begun {
    pub fn at(first: usize, past: usize, logits: &[f32]) -> Self {
        Self { first, past, logits: logits.to_vec(), is_settled: false }
    }

    /// Puts the likeliest listed word in the place of the one that ends the choices, where it is to
    /// be respelled and there is one. `None` where nothing was asked.
    ///
    /// # Errors
    /// `Stopped` soon after `stop` is set; whisper.cpp's own.
    pub fn settle(
        &mut self,
        model: &mut dyn Model,
        respelled: &Respelled<'_>,
        chosen: &mut Vec<Choice>,
        stop: &AtomicBool,
    ) -> Result<Option<Resumed>, DecodeError> {
        let word = &chosen[self.first..];
        let bytes = word.iter().flat_map(|choice| &model.pieces()[choice.token as usize]);
        let text = String::from_utf8_lossy(&bytes.copied().collect::<Vec<_>>()).into_owned();
        if self.is_settled || self.logits.is_empty() || !respelled.is_needed(text.trim()) {
            return Ok(None);
        }
        self.is_settled = true;
        let heard = Unlisted {
            text: text.trim(),
            log_probability: word.iter().map(|choice| choice.log_probability).sum(),
            logits: &self.logits,
            past: self.past,
        };
        if let Some(other) = instead(model, respelled.lexicon, &heard, stop)? {
            chosen.splice(self.first.., other);
        }
        let feed = chosen[self.first..].iter().map(|choice| choice.token).collect();
        Ok(Some(Resumed { feed, past: self.past }))
    }
}

/// A word that no list has.
struct Unlisted<'a> {
    text: &'a str,
    /// In nats.
    log_probability: f32,
    /// The logits of its first token, and how many tokens stand before it.
    logits: &'a [f32],
    past: usize,
}

/// The likeliest word that a list has in the place of this one. What the model keeps of tokens
/// behind `past` is not of this text any more.
fn instead(
    model: &mut dyn Model,
    lexicon: &Lexicon,
    heard: &Unlisted<'_>,
    stop: &AtomicBool,
) -> Result<Option<Vec<Choice>>, DecodeError> {
    let mut search =
        Search { lexicon, open: vec![], best: None, least: heard.log_probability - LOSS_MAX };
    search.go_on(model, &Beginning::default(), heard.logits);
    for _ in 0..ASKED_MAX {
        let Some(beginning) = search.likeliest() else { break };
        if stop.load(Ordering::Relaxed) {
            return Err(DecodeError::Stopped);
        }
        let tokens: Vec<_> = beginning.chosen.iter().map(|choice| choice.token).collect();
        let logits = text_logits(model, &tokens, heard.past)?;
        if readings::known(lexicon, &beginning.text) && is_alike(heard.text, &beginning.text) {
            search.end(&beginning, ending(model, &logits));
        }
        search.go_on(model, &beginning, &logits);
    }
    Ok(search.best)
}

/// The beginning of a word.
#[derive(Default)]
struct Beginning {
    chosen: Vec<Choice>,
    text: String,
    /// In nats.
    log_probability: f32,
}

struct Search<'a> {
    lexicon: &'a Lexicon,
    open: Vec<Beginning>,
    best: Option<Vec<Choice>>,
    /// What is no likelier than this is not looked at.
    least: f32,
}

impl Search<'_> {
    /// Takes out the likeliest beginning, if it may still be the best word's.
    fn likeliest(&mut self) -> Option<Beginning> {
        let likelier = |&a: &usize, &b: &usize| {
            self.open[a].log_probability.total_cmp(&self.open[b].log_probability)
        };
        let found = (0..self.open.len()).max_by(likelier)?;
        let found = self.open.swap_remove(found);
        (found.log_probability > self.least).then_some(found)
    }

    /// A word that may end here, with so many nats.
    fn end(&mut self, word: &Beginning, ending: f32) {
        if word.log_probability + ending > self.least {
            self.least = word.log_probability + ending;
            self.best = Some(word.chosen.clone());
        }
    }

    /// Adds what may follow a beginning.
    fn go_on(&mut self, model: &dyn Model, beginning: &Beginning, logits: &[f32]) {
        if beginning.chosen.len() == TOKENS_MAX {
            return;
        }
        let step = Step::of(model.certainty(), logits);
        let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        for (token, piece) in model.pieces().iter().enumerate() {
            let log_probability = beginning.log_probability + step.log_probability(token);
            if logits[token] < most - REACH || log_probability <= self.least {
                continue;
            }
            let text = continued(&beginning.text, piece);
            if let Some(text) = text.filter(|text| self.lexicon.begins_a_word(text)) {
                let mut chosen = beginning.chosen.clone();
                chosen.push(step.choice(token));
                self.open.push(Beginning { chosen, text, log_probability });
            }
        }
    }
}

/// The letters with those of the next piece; the first piece begins with a space.
fn continued(text: &str, piece: &[u8]) -> Option<String> {
    let letters = if text.is_empty() { piece.strip_prefix(b" ")? } else { piece };
    let is_plain = !letters.is_empty() && letters.iter().all(u8::is_ascii_lowercase);
    is_plain.then(|| format!("{text}{}", String::from_utf8_lossy(letters)))
}

/// Whether both may be hearings of one sound.
fn is_alike(heard: &str, text: &str) -> bool {
    let is_whole = text.len() as f32 >= LENGTH_MIN * heard.len() as f32;
    is_whole
        && (alike(heard, text) >= ALIKE_MIN || candidates::likeness(&[heard], text) >= SOUND_MIN)
}

/// The log-probability that a word ends there.
fn ending(model: &dyn Model, logits: &[f32]) -> f32 {
    let piece = |token: usize| model.pieces().get(token).map_or(&[][..], Vec::as_slice);
    let ends = logits.iter().enumerate().filter(|(token, _)| ends_word(piece(*token)));
    let ends: Vec<f32> = ends.map(|(_, logit)| *logit).collect();
    log_sum(&ends) - log_sum(logits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::decode::{self, Bias, ModelError, Token};
    use crate::speech::trie::Trie;

    /// A model of whole texts: what goes on with a likelier one is likelier.
    struct Sayings {
        pieces: Vec<Vec<u8>>,
        /// Tokens and nats.
        said: Vec<(Vec<Token>, f32)>,
        fed: Vec<Token>,
        logits: Vec<f32>,
    }

    const UNSAID: f32 = -30.0;

    impl Sayings {
        fn of(said: &[(&[&str], f32)]) -> Self {
            let mut pieces: Vec<Vec<u8>> = vec![];
            let mut number = |piece: &str| {
                let known = pieces.iter().position(|known| known == piece.as_bytes());
                known.unwrap_or_else(|| {
                    pieces.push(piece.as_bytes().to_vec());
                    pieces.len() - 1
                }) as Token
            };
            let said: Vec<(Vec<Token>, f32)> = said
                .iter()
                .map(|(text, nats)| (text.iter().map(|piece| number(piece)).collect(), *nats))
                .collect();
            Self { pieces, said, fed: vec![], logits: vec![] }
        }
    }

    impl Model for Sayings {
        fn next(&mut self, tokens: &[Token], past: usize) -> Result<&[f32], ModelError> {
            self.fed.truncate(past);
            self.fed.extend(tokens);
            let end = self.pieces.len();
            self.logits = vec![UNSAID; end + 1];
            for (text, nats) in &self.said {
                if text.starts_with(&self.fed) {
                    let next = text.get(self.fed.len()).map_or(end, |&token| token as usize);
                    self.logits[next] = self.logits[next].max(*nats);
                }
            }
            Ok(&self.logits)
        }

        fn pieces(&self) -> &[Vec<u8>] {
            &self.pieces
        }

        fn certainty(&self) -> f32 {
            1.0
        }

        fn begin(&self) -> Vec<Token> {
            vec![]
        }

        fn begin_timed(&self) -> Vec<Token> {
            vec![]
        }

        fn first_time(&self) -> Token {
            0
        }

        fn before(&self) -> Token {
            0
        }

        fn tokens(&self, _text: &str) -> Vec<Token> {
            vec![]
        }
    }

    /// What is decoded where the first hearing had these words.
    fn decoded(first: &str, said: &[(&[&str], f32)]) -> String {
        let mut model = Sayings::of(said);
        let lexicon = Lexicon::built_in();
        let terms = Trie::default();
        let respelled = Respelled::of(&lexicon, first.split(' '));
        let bias = Bias { terms: &terms, begin: 0.0, go_on: 0.0, respelled };
        let never = AtomicBool::new(false);
        let chosen = decode::greedy(&mut model, &[], Some(&bias), 20, &never).expect("decodes");
        let pieces = chosen.iter().map(|choice| &model.pieces[choice.token as usize]);
        let text: Vec<u8> = pieces.flatten().copied().collect();
        String::from_utf8(text).expect("of pieces")
    }

    #[test]
    fn a_word_in_no_list_gives_way_to_the_likeliest_that_is_and_sounds_so() {
        let heard = decoded(
            "mild infisima today",
            &[
                (&[" mild", " inf", "is", "ima", " today"], -1.0),
                (&[" mild", " in", " the", " morning"], -3.0),
                (&[" mild", " emph", "ysema", " today"], -5.0),
                (&[" mild", " inf", "usion", " today"], -9.0),
            ],
        );
        assert_eq!(heard, " mild emphysema today");
    }

    #[test]
    fn it_stays_where_no_word_is_in_reach_and_where_a_list_has_it() {
        let far = decoded(
            "mild infisima,",
            &[
                (&[" mild", " inf", "is", "ima", ","], -1.0),
                (&[" mild", " emph", "ysema", ","], -16.0),
            ],
        );
        assert_eq!(far, " mild infisima,");
        let listed = decoded(
            "mild emphysema,",
            &[(&[" mild", " emph", "ysema", ","], -1.0), (&[" mild", " ast", "hma", ","], -2.0)],
        );
        assert_eq!(listed, " mild emphysema,");
    }

    #[test]
    fn what_only_the_second_hearing_has_stays_as_it_is() {
        let said: [(&[&str], f32); 2] =
            [(&[" strid", "ar", " heard"], -1.0), (&[" ster", "oid", " heard"], -2.0)];
        assert_eq!(decoded("no stridor heard", &said), " stridar heard");
    }

    #[test]
    fn a_word_with_a_capital_may_be_a_name() {
        let name = decoded(
            "Dr Emfysema came",
            &[
                (&[" Dr", " Emf", "ys", "ema", " came"], -1.0),
                (&[" Dr", " emph", "ysema", " came"], -2.0),
            ],
        );
        assert_eq!(name, " Dr Emfysema came");
    }
}
