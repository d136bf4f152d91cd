//! A tokenizer's vocabulary as the raw bytes of its pieces, for the ggml file.
//!
//! Not for: splitting text into tokens; whisper.cpp does that.
//!
//! Invariant: pieces are in the order of their ids from 0, without gaps, and end before the
//! first special token, as whisper.cpp expects (it makes up the special ones itself).

use serde::Deserialize;
use std::collections::HashMap;

/// `tokenizer.json` of the models here is 2.2 MB.
pub const TOKENIZER_BYTES_MAX: u64 = 32 << 20;
const END_OF_TEXT: &str = "<|endoftext|>";
/// Whisper's largest base vocabulary is 50,257 pieces.
const PIECES_MAX: usize = 200_000;

#[derive(Debug, thiserror::Error)]
pub enum VocabularyError {
    #[error("the tokenizer is not readable JSON")]
    Json { source: serde_json::Error },
    #[error("the tokenizer has no token {END_OF_TEXT}")]
    NoEnd,
    #[error("the tokenizer has no piece with the id {id}")]
    Gap { id: usize },
    #[error("the tokenizer's piece {id} is not written in GPT-2's byte letters")]
    Letter { id: usize },
}

#[derive(Deserialize)]
struct Tokenizer {
    model: Model,
    added_tokens: Vec<Added>,
}

#[derive(Deserialize)]
struct Model {
    vocab: HashMap<String, usize>,
}

#[derive(Deserialize)]
struct Added {
    id: usize,
    content: String,
}

/// The pieces of a Hugging Face `tokenizer.json`, each as the bytes it stands for.
///
/// # Errors
/// When it is not a GPT-2 style tokenizer with all its ids.
pub fn read(json: &[u8]) -> Result<Vec<Vec<u8>>, VocabularyError> {
    let tokenizer: Tokenizer =
        serde_json::from_slice(json).map_err(|source| VocabularyError::Json { source })?;
    let end = tokenizer
        .added_tokens
        .iter()
        .find(|token| token.content == END_OF_TEXT)
        .map(|token| token.id)
        .filter(|&id| id <= PIECES_MAX)
        .ok_or(VocabularyError::NoEnd)?;
    let mut by_id: Vec<Option<&str>> = vec![None; end];
    for (piece, &id) in &tokenizer.model.vocab {
        if let Some(place) = by_id.get_mut(id) {
            *place = Some(piece);
        }
    }
    let bytes = byte_letters();
    let mut pieces = Vec::with_capacity(end);
    for (id, piece) in by_id.iter().enumerate() {
        let piece = piece.ok_or(VocabularyError::Gap { id })?;
        let raw: Option<Vec<u8>> = piece.chars().map(|c| bytes.get(&c).copied()).collect();
        pieces.push(raw.ok_or(VocabularyError::Letter { id })?);
    }
    Ok(pieces)
}

/// The letter that GPT-2 writes for each byte, to the byte (`bytes_to_unicode` in openai/gpt-2,
/// `encoder.py`): printable bytes stand for themselves, the others follow from U+0100.
fn byte_letters() -> HashMap<char, u8> {
    let mut letters = HashMap::new();
    let mut next = 0x100;
    for byte in 0..=u8::MAX {
        let printable = matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
        let letter = if printable {
            char::from(byte)
        } else {
            next += 1;
            char::from_u32(next - 1).expect("U+0100 to U+0144 are letters")
        };
        letters.insert(letter, byte);
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_letters_become_bytes_again() {
        let json = r#"{"model":{"vocab":{"!":0,"Ġpain":1,"Ã©":2,"Ċ":3}},
            "added_tokens":[{"id":4,"content":"<|endoftext|>"}]}"#;
        let pieces = read(json.as_bytes()).expect("a well-formed tokenizer");
        assert_eq!(pieces, [b"!".to_vec(), b" pain".to_vec(), "é".into(), b"\n".to_vec()]);
    }

    #[test]
    fn every_byte_has_its_own_letter() {
        assert_eq!(byte_letters().len(), 256);
    }

    #[test]
    fn a_gap_in_the_ids_is_refused() {
        let json = r#"{"model":{"vocab":{"!":0,"b":2}},
            "added_tokens":[{"id":3,"content":"<|endoftext|>"}]}"#;
        assert!(matches!(read(json.as_bytes()), Err(VocabularyError::Gap { id: 1 })));
    }
}
