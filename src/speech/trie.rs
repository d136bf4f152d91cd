//! Terms as sequences of tokens, walked while a text is being decoded.
//!
//! Not for: which terms, or how strongly they are favoured (`offer`, `decode`).
//!
//! Invariant: stateless: what may follow depends on the tokens so far and nothing else.

use super::decode::Token;

/// The longest term in tokens that is walked; the rest of a longer one is left to the model.
const DEPTH_MAX: usize = 16;

/// Sequences of at least two tokens; a term of one token needs no help.
#[derive(Default)]
pub struct Trie {
    sequences: Vec<Vec<Token>>,
    begins: Vec<Token>,
}

impl Trie {
    pub fn new(sequences: impl IntoIterator<Item = Vec<Token>>) -> Self {
        let mut trie = Self::default();
        for sequence in sequences {
            if sequence.len() > 1 {
                trie.begins.push(sequence[0]);
                trie.sequences.push(sequence);
            }
        }
        trie.begins.sort_unstable();
        trie.begins.dedup();
        trie.sequences.sort_unstable();
        trie.sequences.dedup();
        trie
    }

    /// Tokens that begin a term.
    pub fn begins(&self) -> impl Iterator<Item = Token> {
        self.begins.iter().copied()
    }

    /// Tokens that go on with a term whose beginning stands at the end of `tokens`; the same
    /// token may come more than once.
    pub fn follows<'a>(&'a self, tokens: &'a [Token]) -> impl Iterator<Item = Token> + 'a {
        self.sequences.iter().flat_map(move |sequence| {
            let deepest = (sequence.len() - 1).min(tokens.len()).min(DEPTH_MAX);
            (1..=deepest)
                .filter(|&depth| tokens.ends_with(&sequence[..depth]))
                .map(|depth| sequence[depth])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_depends_on_the_longest_and_every_shorter_beginning() {
        let trie = Trie::new([vec![1, 2, 3], vec![2, 4], vec![5]]);
        assert_eq!(trie.begins().collect::<Vec<_>>(), [1, 2]);
        assert_eq!(trie.follows(&[9, 1]).collect::<Vec<_>>(), [2]);
        assert_eq!(trie.follows(&[9, 1, 2]).collect::<Vec<_>>(), [3, 4]);
        assert_eq!(trie.follows(&[9, 1, 2, 3]).count(), 0);
        assert_eq!(trie.follows(&[]).count(), 0);
    }
}
