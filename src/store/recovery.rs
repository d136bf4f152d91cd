//! The recovery form: a key as lines that a person prints, keeps in a safe, and types back.
//!
//! Not for: key files (`key_file.rs`).
//!
//! Invariant: a form reads back to the key it was made of; each line has its own check, so that
//! a slip of the pen is named with its line, and one check goes over all.

use super::error::StoreError;
use super::key_file::{ID_BYTES, KeyFile, Secret};
use super::rotation;
use super::{Place, key_file};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize, Zeroizing};

/// Douglas Crockford's Base32: no I, L, O or U, which are read as 1, 1, 0 and refused.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Lines with parts of the key; one more checks them all.
pub const LINES: usize = 4;
/// Bytes of the key's name and the key in one line: 40 in 4 lines.
const LINE_BYTES: usize = 10;
/// Letters of those bytes, and of the check behind them: 10 bits, one slip in 1024 passes, and
/// then the check of all is there.
const LINE_LETTERS: usize = 16;
const CHECK_LETTERS: usize = 2;
/// Letters of the check of all, 40 bits.
const WHOLE_LETTERS: usize = 8;
const GROUP: usize = 4;
/// The name of the last line.
const WHOLE: &str = "all";

/// A form that is being typed, line by line in any order.
#[derive(Default)]
pub struct Form {
    lines: [Option<Zeroizing<[u8; LINE_BYTES]>>; LINES],
    whole: Option<Zeroizing<String>>,
}

/// Why a line or a form was not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Slip {
    #[error("line {name} does not fit its check; compare every letter")]
    Line { name: String },
    #[error("each line is right by itself, but not all together: are they of one form?")]
    Whole,
}

/// The form of the key that opens this folder, as lines.
///
/// # Errors
/// As opening the folder: a key that does not open it is worth no safe.
pub fn form(place: &Place) -> Result<(String, Zeroizing<String>), StoreError> {
    let id = rotation::key_id(place)?;
    let data = key_file::absolute(&place.data)?;
    let present = key_file::read(&place.key_file, &data)?;
    Ok((id, render(&present)))
}

/// Writes the key file that a complete form tells of; one that exists is never replaced.
///
/// # Errors
/// `WrongKey` when there is a data folder that the key does not open; nothing is written then.
pub fn put_back(place: &Place, form: &Form) -> Result<String, RestoreError> {
    let key_file = form.key_file().map_err(RestoreError::Slip)?;
    rotation::put_back(place, &key_file).map_err(RestoreError::Store)?;
    Ok(key_file.id)
}

#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error(transparent)]
    Slip(Slip),
    #[error(transparent)]
    Store(StoreError),
}

impl Form {
    /// Takes one typed line; anything that does not begin with a line's name is passed over.
    /// Says whether the line was one of the form.
    ///
    /// # Errors
    /// [`Slip::Line`]; the line can be typed again.
    pub fn take(&mut self, typed: &str) -> Result<bool, Slip> {
        let mut words = typed.split_whitespace();
        let Some(name) = words.next().map(str::to_ascii_lowercase) else { return Ok(false) };
        let letters: String = words.flat_map(str::chars).filter(|c| *c != '-').collect();
        let letters = Zeroizing::new(letters);
        if name == WHOLE {
            self.whole = Some(spelled(&letters).ok_or(Slip::Line { name })?);
            return Ok(true);
        }
        let number = name.parse::<usize>().ok().filter(|number| (1..=LINES).contains(number));
        let Some(number) = number else { return Ok(false) };
        let bytes = line_bytes(number, &letters).ok_or(Slip::Line { name })?;
        self.lines[number - 1] = Some(bytes);
        Ok(true)
    }

    /// Whether every line was taken.
    pub fn is_complete(&self) -> bool {
        self.whole.is_some() && self.lines.iter().all(Option::is_some)
    }

    /// The names of the lines that are still to come.
    pub fn missing(&self) -> Vec<String> {
        let numbered = (1..).zip(&self.lines).filter(|(_, line)| line.is_none());
        let mut names: Vec<String> =
            numbered.map(|(number, _): (usize, _)| number.to_string()).collect();
        if self.whole.is_none() {
            names.push(WHOLE.into());
        }
        names
    }

    fn key_file(&self) -> Result<KeyFile, Slip> {
        let mut bytes = Zeroizing::new([0; LINES * LINE_BYTES]);
        for (line, part) in self.lines.iter().zip(bytes.chunks_mut(LINE_BYTES)) {
            part.copy_from_slice(line.as_ref().ok_or(Slip::Whole)?.as_slice());
        }
        if self.whole.as_ref().is_none_or(|whole| **whole != *whole_check(bytes.as_slice())) {
            return Err(Slip::Whole);
        }
        let mut key = Secret::default();
        key.copy_from_slice(&bytes[ID_BYTES..]);
        Ok(KeyFile { id: hex::encode(&bytes[..ID_BYTES]), key })
    }
}

fn render(key_file: &KeyFile) -> Zeroizing<String> {
    let mut bytes = Zeroizing::new([0; LINES * LINE_BYTES]);
    let id = hex::decode(&key_file.id).expect("a key file that was read has hexadecimal digits");
    bytes[..ID_BYTES].copy_from_slice(&id);
    bytes[ID_BYTES..].copy_from_slice(key_file.key.as_slice());
    let mut text = Zeroizing::new(String::with_capacity(256));
    for (number, part) in (1..).zip(bytes.chunks(LINE_BYTES)) {
        let check = line_check(number, part);
        text.push_str(&format!("{number:<3}  {}   {check}\n", *grouped(&letters(part))));
    }
    text.push_str(&format!("{WHOLE}  {}\n", *grouped(&whole_check(bytes.as_slice()))));
    text
}

fn grouped(letters: &str) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(32));
    for (n, letter) in letters.chars().enumerate() {
        if n > 0 && n % GROUP == 0 {
            text.push(' ');
        }
        text.push(letter);
    }
    text
}

/// Whole groups of 5 bytes as 8 letters each.
fn letters(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 8 / 5));
    for five in bytes.chunks(5) {
        let mut bits = five.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        for shift in (0..8).rev() {
            let index = (bits >> (shift * 5)) & 31;
            text.push(char::from(ALPHABET[usize::try_from(index).expect("below 32")]));
        }
        bits.zeroize();
    }
    text
}

/// Letters as they are printed, whatever case they were typed in and however alike they look.
fn spelled(typed: &str) -> Option<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity(typed.len()));
    for letter in typed.chars() {
        let letter = match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        ALPHABET.iter().find(|known| char::from(**known) == letter)?;
        text.push(letter);
    }
    Some(text)
}

fn line_bytes(number: usize, typed: &str) -> Option<Zeroizing<[u8; LINE_BYTES]>> {
    let text = spelled(typed).filter(|text| text.len() == LINE_LETTERS + CHECK_LETTERS)?;
    let mut bytes = Zeroizing::new([0; LINE_BYTES]);
    let eights = text.as_bytes()[..LINE_LETTERS].chunks(8);
    for (eight, five) in eights.zip(bytes.chunks_mut(5)) {
        let mut bits = 0u64;
        for letter in eight {
            let value = ALPHABET.iter().position(|known| known == letter)?;
            bits = bits << 5 | u64::try_from(value).expect("below 32");
        }
        five.copy_from_slice(&bits.to_be_bytes()[3..]);
        bits.zeroize();
    }
    (line_check(number, bytes.as_slice()) == text[LINE_LETTERS..]).then_some(bytes)
}

/// The first letters of the SHA-256 of the line's number and bytes.
fn line_check(number: usize, bytes: &[u8]) -> String {
    let hash = Sha256::new()
        .chain_update(b"chartscribe recovery line ")
        .chain_update(number.to_string())
        .chain_update(bytes)
        .finalize();
    letters(&hash[..5])[..CHECK_LETTERS].to_owned()
}

fn whole_check(bytes: &[u8]) -> Zeroizing<String> {
    let hash =
        Sha256::new().chain_update(b"chartscribe recovery all ").chain_update(bytes).finalize();
    let text = letters(&hash[..5]);
    assert_eq!(text.len(), WHOLE_LETTERS, "5 bytes are 8 letters");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_file() -> KeyFile {
        let mut key = Secret::default();
        for (byte, value) in key.iter_mut().zip(100u8..) {
            *byte = value;
        }
        KeyFile { id: "00ff10ff20ff30ff".into(), key }
    }

    fn typed(text: &str) -> Result<KeyFile, Slip> {
        let mut form = Form::default();
        for line in text.lines() {
            form.take(line)?;
        }
        form.key_file()
    }

    #[test]
    fn a_form_typed_back_is_the_key_however_it_is_written() {
        let text = render(&key_file());
        let sloppy = text.to_lowercase().replace('0', "o").replace('1', "l").replace("  ", " ");
        let sloppy = sloppy.replace("\nl ", "\n1 ").replacen('l', "1", 1);
        let without_spaces: String =
            text.lines().map(|line| line.replacen(' ', "@", 1).replace(' ', "") + "\n").collect();
        for form in [text.to_string(), sloppy, without_spaces.replace('@', " ")] {
            let back = typed(&form).expect("the same key");
            assert_eq!((back.id, back.key), (key_file().id, key_file().key), "{form}");
        }
    }

    #[test]
    fn one_wrong_letter_is_named_with_its_line() {
        let text = render(&key_file());
        for (number, line) in (1..=LINES).zip(text.lines()) {
            let at = 5;
            let letter = if &line[at..=at] == "Z" { "Y" } else { "Z" };
            let wrong = format!("{}{letter}{}", &line[..at], &line[at + 1..]);
            let slip = Form::default().take(&wrong).expect_err("a slip");
            assert_eq!(slip, Slip::Line { name: number.to_string() });
        }
    }

    #[test]
    fn lines_of_two_forms_do_not_make_a_key() {
        let other = KeyFile { id: "11ff10ff20ff30ff".into(), key: key_file().key };
        let (one, two) = (render(&key_file()), render(&other));
        let mixed: Vec<&str> = one.lines().take(1).chain(two.lines().skip(1)).collect();
        assert!(matches!(typed(&mixed.join("\n")), Err(Slip::Whole)));
        assert_eq!(Form::default().missing(), ["1", "2", "3", "4", "all"]);
    }
}
