//! Tells by its first bytes what a file is.
//!
//! Not for: checking that the rest of the file keeps the promise of its first bytes.
//!
//! Invariant: a file's name is never asked; what is not known to be audio is refused.

use super::{AudioError, Format, Source};
use std::io::SeekFrom;

/// Bytes read to decide; the longest signature below ends at byte 12.
const HEAD_BYTES: usize = 64;

/// Audio that hospitals send and that is not read: a signature at an offset, and its name.
/// (`file` command's magic database, `audio` and `riff`; the recorders' own signatures.)
const KNOWN_UNSUPPORTED: &[(usize, &[u8], &str)] = &[
    (0, b"RIFX", "big-endian WAV (RIFX)"),
    (0, b"OggS", "Ogg audio (Opus or Vorbis)"),
    (0, b"ID3", "MP3"),
    (0, b"\xff\xfb", "MP3"),
    (0, b"\xff\xf3", "MP3"),
    (0, b"\xff\xf2", "MP3"),
    (0, b"\xff\xf1", "AAC"),
    (4, b"ftyp", "MPEG-4 audio (M4A, 3GP)"),
    (0, b"\x1a\x45\xdf\xa3", "WebM audio"),
    (0, b"#!AMR", "AMR"),
    (0, b"FORM", "AIFF"),
    (0, b"caff", "CAF"),
    (0, b"\x30\x26\xb2\x75", "Windows Media audio (WMA)"),
    (0, b"\x02dss", "DSS"),
    (0, b"\x03dss", "DSS"),
    (0, b"\x03ds2", "DS2 (DSS Pro)"),
    (0, b".snd", "AU"),
];

/// The format of the bytes; leaves the source at any place.
///
/// # Errors
/// `Empty`, `HeaderOnly`, `NotAudio`, `Unsupported` with the name of the kind, or `Read`.
pub fn sniff(source: &mut dyn Source) -> Result<Format, AudioError> {
    let head = read_head(source).map_err(|source| AudioError::Read { source })?;
    if head.is_empty() {
        return Err(AudioError::Empty);
    }
    if head.starts_with(b"fLaC") {
        return Ok(Format::Flac);
    }
    if head.starts_with(b"RIFF") || head.starts_with(b"RF64") {
        return match head.get(8..12) {
            Some(b"WAVE") => Ok(Format::Wav),
            Some(_) => Err(AudioError::NotAudio),
            None => Err(AudioError::HeaderOnly),
        };
    }
    for (offset, signature, name) in KNOWN_UNSUPPORTED {
        if head.get(*offset..).is_some_and(|rest| rest.starts_with(signature)) {
            return Err(AudioError::Unsupported { what: (*name).to_owned() });
        }
    }
    Err(AudioError::NotAudio)
}

fn read_head(source: &mut dyn Source) -> std::io::Result<Vec<u8>> {
    source.seek(SeekFrom::Start(0))?;
    let mut head = vec![0; HEAD_BYTES];
    let mut filled = 0;
    while filled < HEAD_BYTES {
        match source.read(&mut head[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    head.truncate(filled);
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn sniffed(bytes: &[u8]) -> String {
        match sniff(&mut Cursor::new(bytes.to_vec())) {
            Ok(format) => format!("{format:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn content_decides_the_format() {
        assert_eq!(sniffed(b"RIFF\0\0\0\0WAVEfmt "), "Wav");
        assert_eq!(sniffed(b"RF64\xff\xff\xff\xffWAVEds64"), "Wav");
        assert_eq!(sniffed(b"fLaC\0\0\0\x22"), "Flac");
    }

    #[test]
    fn what_is_not_audio_is_refused_with_its_reason() {
        assert!(sniffed(b"").contains("empty"));
        assert!(sniffed(b"RIFF").contains("no audio after it"));
        for not_audio in [
            &b"Patient seen today. No complaints."[..],
            b"PK\x03\x04zipfile",
            b"MZ\x90\0program",
            b"\x7fELF",
            b"%PDF-1.7",
            b"RIFF\0\0\0\0AVI LIST",
            b"x",
        ] {
            assert!(sniffed(not_audio).contains("not audio"), "{not_audio:?}");
        }
    }

    #[test]
    fn known_audio_that_is_not_read_is_named() {
        assert!(sniffed(b"OggS\0\x02").contains("Ogg"));
        assert!(sniffed(b"ID3\x04").contains("MP3"));
        assert!(sniffed(b"\0\0\0\x20ftypM4A ").contains("M4A"));
        assert!(sniffed(b"\x03ds2").contains("DS2"));
    }
}
