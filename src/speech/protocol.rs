//! The frames between the program and its speech engine's process.
//!
//! Not for: who starts, stops or restarts the process (`child`), or what it does (`engine`).
//!
//! Invariant: each `Recognize` is answered by exactly one of `Heard`, `Stopped`, `Failed`; no
//! frame is longer than `FRAME_MAX`.
//!
//! A frame is a little-endian `u32` length, one byte that says which, and the content.

use super::{Heard, Hearing, Hints, Manner, Request};
use crate::audio::Chunk;
use crate::domain::punctuation::Mode;
use crate::domain::time::AudioSpan;
use crate::domain::transcript::{Doubt, DoubtKind, Reconsidered, Word};
use crate::vocab::lexicon::{AddedTerm, Layer};
use crate::vocab::term::Subject;
use serde::{Deserialize, Serialize};
use std::io::{self, ErrorKind, Read, Write};

/// The longest chunk, in samples: Whisper's window of 30 s.
pub const SAMPLES_MAX: usize = 30 * crate::audio::SAMPLE_RATE as usize;
/// The longest frame in bytes: a chunk of samples takes 1.9 million.
const FRAME_MAX: u32 = 4_000_000;

/// What the program tells the engine.
pub(super) enum ToEngine {
    /// What to know in the chunks that follow; needs no answer.
    Hints(Hints),
    Recognize(Asked),
    Stop,
}

/// A chunk and how it is to be heard.
pub(super) struct Asked {
    pub manner: Manner,
    pub before: String,
    pub chunk: Chunk,
}

/// What the engine tells the program.
#[derive(Debug, PartialEq)]
pub enum FromEngine {
    /// The model is loaded.
    Ready,
    /// The model cannot be used, and why.
    Unusable(String),
    Heard(Heard),
    Stopped,
    Failed(String),
}

#[derive(Serialize, Deserialize)]
struct WireHeard {
    words: Vec<(String, u32, u32, f32)>,
    doubts: Vec<(u8, u32, u32)>,
    reconsidered: Vec<WireReconsidered>,
}

/// First word, word after the last, what was heard first, score, alternatives, what another hearing
/// had.
type WireReconsidered = (u32, u32, Option<String>, f32, Vec<String>, Option<String>);

#[derive(Serialize, Deserialize)]
struct WireHints {
    terms: Vec<WireTerm>,
    work_type: Option<String>,
}

/// A term, the codes of its subject and layer, and how it is said.
type WireTerm = (String, String, String, Option<String>);

/// Sends a chunk without copying it first.
///
/// # Errors
/// The pipe's.
pub fn send_chunk(out: &mut impl Write, request: &Request, chunk: &Chunk) -> io::Result<()> {
    let Manner { plain, mode, hearing } = request.manner();
    let before = &request.before;
    let size = 20 + before.len() + chunk.voice.len() + chunk.samples.len() * 4;
    let mut content = Vec::with_capacity(size);
    content.push(u8::from(plain));
    content.push(mode_number(mode));
    content.push(u8::from(chunk.has_speech));
    content.push(match hearing {
        Hearing::Recording => 0,
        Hearing::Phrase => 1,
        Hearing::Glance => 2,
    });
    let length = u32::try_from(before.len()).map_err(|_| broken("a text that is too long"))?;
    content.extend(length.to_le_bytes());
    content.extend(before.as_bytes());
    content.extend(chunk.start_ms.to_le_bytes());
    content.extend(chunk.energy_db.to_le_bytes());
    let voice = u32::try_from(chunk.voice.len()).map_err(|_| broken("a chunk that is too long"))?;
    content.extend(voice.to_le_bytes());
    content.extend(&chunk.voice);
    content.extend(chunk.samples.iter().flat_map(|sample| sample.to_le_bytes()));
    send(out, b'R', &content)
}

/// Tells the engine what to know from now on.
///
/// # Errors
/// The pipe's.
pub fn send_hints(out: &mut impl Write, hints: &Hints) -> io::Result<()> {
    let terms = hints
        .terms
        .iter()
        .map(|AddedTerm { term, subject, layer, said }| {
            (term.clone(), subject.code().into(), layer.code().into(), said.clone())
        })
        .collect();
    let wire = WireHints { terms, work_type: hints.work_type.clone() };
    send(out, b'H', &serde_json::to_vec(&wire)?)
}

/// Tells the engine to give up the chunk it is at.
///
/// # Errors
/// The pipe's.
pub fn send_stop(out: &mut impl Write) -> io::Result<()> {
    send(out, b'S', &[])
}

/// Sends an answer.
///
/// # Errors
/// The pipe's.
pub fn send_answer(out: &mut impl Write, answer: &FromEngine) -> io::Result<()> {
    match answer {
        FromEngine::Ready => send(out, b'r', &[]),
        FromEngine::Unusable(reason) => send(out, b'u', reason.as_bytes()),
        FromEngine::Heard(heard) => send(out, b'h', &serde_json::to_vec(&to_wire(heard))?),
        FromEngine::Stopped => send(out, b's', &[]),
        FromEngine::Failed(reason) => send(out, b'f', reason.as_bytes()),
    }
}

/// The next request, or `None` when the program closed the pipe.
///
/// # Errors
/// `InvalidData` when a frame is not one of ours.
pub(super) fn receive_request(input: &mut impl Read) -> io::Result<Option<ToEngine>> {
    let Some((kind, content)) = receive(input)? else { return Ok(None) };
    match kind {
        b'R' => read_chunk(&content).map(Some).ok_or_else(|| broken("a malformed chunk")),
        b'H' => read_hints(&content).map(Some),
        b'S' => Ok(Some(ToEngine::Stop)),
        _ => Err(broken("an unknown request")),
    }
}

/// The next answer, or `None` when the engine ended.
///
/// # Errors
/// `InvalidData` when a frame is not one of ours.
pub fn receive_answer(input: &mut impl Read) -> io::Result<Option<FromEngine>> {
    let Some((kind, content)) = receive(input)? else { return Ok(None) };
    let text = || String::from_utf8_lossy(&content).into_owned();
    let answer = match kind {
        b'r' => FromEngine::Ready,
        b'u' => FromEngine::Unusable(text()),
        b'h' => FromEngine::Heard(from_wire(serde_json::from_slice(&content)?)?),
        b's' => FromEngine::Stopped,
        b'f' => FromEngine::Failed(text()),
        _ => return Err(broken("an unknown answer")),
    };
    Ok(Some(answer))
}

fn send(out: &mut impl Write, kind: u8, content: &[u8]) -> io::Result<()> {
    let length = u32::try_from(content.len() + 1).ok().filter(|&length| length <= FRAME_MAX);
    let length = length.ok_or_else(|| broken("a frame that is too long"))?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(&[kind])?;
    out.write_all(content)?;
    out.flush()
}

fn receive(input: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut length = [0; 4];
    match input.read_exact(&mut length) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u32::from_le_bytes(length);
    if length == 0 || length > FRAME_MAX {
        return Err(broken("a frame of impossible length"));
    }
    let mut content = vec![0; length as usize];
    input.read_exact(&mut content)?;
    Ok(Some((content.remove(0), content)))
}

fn read_chunk(content: &[u8]) -> Option<ToEngine> {
    let (&[plain, mode, has_speech, hearing], rest) = content.split_first_chunk()?;
    let hearing = match hearing {
        0 => Hearing::Recording,
        1 => Hearing::Phrase,
        2 => Hearing::Glance,
        _ => return None,
    };
    let (before, rest) = rest.split_first_chunk()?;
    let (before, rest) = rest.split_at_checked(u32::from_le_bytes(*before) as usize)?;
    let before = String::from_utf8(before.to_vec()).ok()?;
    let (start_ms, rest) = rest.split_first_chunk()?;
    let (energy_db, rest) = rest.split_first_chunk()?;
    let (voice, rest) = rest.split_first_chunk()?;
    let (voice, rest) = rest.split_at_checked(u32::from_le_bytes(*voice) as usize)?;
    let (samples, left) = rest.as_chunks();
    if !left.is_empty() || samples.len() > SAMPLES_MAX {
        return None;
    }
    let chunk = Chunk {
        start_ms: u32::from_le_bytes(*start_ms),
        samples: samples.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect(),
        energy_db: f32::from_le_bytes(*energy_db),
        has_speech: has_speech != 0,
        voice: voice.to_vec(),
    };
    let mode = *Mode::ALL.get(usize::from(mode))?;
    let manner = Manner { plain: plain != 0, mode, hearing };
    Some(ToEngine::Recognize(Asked { manner, before, chunk }))
}

/// The mode's place among all.
fn mode_number(mode: Mode) -> u8 {
    Mode::ALL.iter().position(|known| *known == mode).unwrap_or_default() as u8
}

fn read_hints(content: &[u8]) -> io::Result<ToEngine> {
    let wire: WireHints = serde_json::from_slice(content)?;
    let mut terms = vec![];
    for (term, subject, layer, said) in wire.terms {
        let subject = Subject::from_code(&subject).ok_or_else(|| broken("an unknown subject"))?;
        let layer = Layer::from_code(&layer).ok_or_else(|| broken("an unknown layer"))?;
        terms.push(AddedTerm { term, subject, layer, said });
    }
    Ok(ToEngine::Hints(Hints { terms, work_type: wire.work_type }))
}

fn to_wire(heard: &Heard) -> WireHeard {
    let Heard { words, doubts, reconsidered } = heard;
    let word = |word: &Word| (word.text.clone(), word.start_ms, word.end_ms, word.confidence);
    let doubt = |doubt: &Doubt| (kind_code(doubt.kind), doubt.span.start_ms, doubt.span.end_ms);
    WireHeard {
        words: words.iter().map(word).collect(),
        doubts: doubts.iter().map(doubt).collect(),
        reconsidered: reconsidered
            .iter()
            .map(|Reconsidered { words, heard, score, alternatives, otherwise }| {
                let (heard, otherwise) = (heard.clone(), otherwise.clone());
                (words.start, words.end, heard, *score, alternatives.clone(), otherwise)
            })
            .collect(),
    }
}

fn from_wire(wire: WireHeard) -> io::Result<Heard> {
    let words = wire
        .words
        .into_iter()
        .map(|(text, start_ms, end_ms, confidence)| Word { text, start_ms, end_ms, confidence })
        .collect();
    let mut doubts = vec![];
    for (code, start_ms, end_ms) in wire.doubts {
        let kind = kind_of(code).ok_or_else(|| broken("an unknown doubt"))?;
        doubts.push(Doubt { kind, span: AudioSpan { start_ms, end_ms } });
    }
    let reconsidered = wire
        .reconsidered
        .into_iter()
        .map(|(start, end, heard, score, alternatives, otherwise)| Reconsidered {
            words: start..end,
            heard,
            score,
            alternatives,
            otherwise,
        })
        .collect();
    Ok(Heard { words, doubts, reconsidered })
}

fn kind_code(kind: DoubtKind) -> u8 {
    match kind {
        DoubtKind::SpeechWithoutWords => 1,
        DoubtKind::InventedWords => 2,
        DoubtKind::NotRecognised => 3,
    }
}

fn kind_of(code: u8) -> Option<DoubtKind> {
    match code {
        1 => Some(DoubtKind::SpeechWithoutWords),
        2 => Some(DoubtKind::InventedWords),
        3 => Some(DoubtKind::NotRecognised),
        _ => None,
    }
}

fn broken(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_arrives_as_it_was_sent() {
        let chunk = Chunk {
            start_ms: 7,
            samples: vec![0.5, -0.25],
            energy_db: -30.5,
            has_speech: true,
            voice: vec![7, 9],
        };
        let mut pipe = vec![];
        let request = Request {
            plain: true,
            mode: Mode::Spoken,
            hearing: Hearing::Glance,
            before: "Said before.".into(),
            ..Request::default()
        };
        send_chunk(&mut pipe, &request, &chunk).expect("memory takes all");
        send_stop(&mut pipe).expect("memory takes all");
        let mut input = pipe.as_slice();
        match receive_request(&mut input).expect("well-formed") {
            Some(ToEngine::Recognize(Asked { manner, before, chunk: read })) => {
                assert_eq!((manner, before), (request.manner(), request.before));
                assert_eq!(read.samples, chunk.samples);
                assert_eq!((read.start_ms, read.has_speech), (7, true));
                assert_eq!(read.voice, chunk.voice);
            }
            _ => panic!("a chunk was sent"),
        }
        assert!(matches!(receive_request(&mut input), Ok(Some(ToEngine::Stop))));
        assert!(matches!(receive_request(&mut input), Ok(None)));
    }

    #[test]
    fn hints_arrive_as_they_were_sent() {
        let hint = AddedTerm {
            term: "Entresto".into(),
            subject: Subject::Brand,
            layer: Layer::Patient,
            said: Some("en tresto".into()),
        };
        let mut pipe = vec![];
        let sent = Hints { terms: vec![hint], work_type: Some("OP".into()) };
        send_hints(&mut pipe, &sent).expect("memory takes all");
        match receive_request(&mut pipe.as_slice()).expect("well-formed") {
            Some(ToEngine::Hints(hints)) => assert_eq!(hints, sent),
            _ => panic!("hints were sent"),
        }
    }

    #[test]
    fn every_answer_reads_back() {
        let word = Word { text: "café".into(), start_ms: 1, end_ms: 2, confidence: 0.5 };
        let span = AudioSpan { start_ms: 3, end_ms: 4 };
        let doubts =
            [DoubtKind::SpeechWithoutWords, DoubtKind::InventedWords, DoubtKind::NotRecognised]
                .map(|kind| Doubt { kind, span });
        let answers = [
            FromEngine::Ready,
            FromEngine::Unusable("why".into()),
            FromEngine::Heard(Heard {
                words: vec![word],
                doubts: doubts.to_vec(),
                reconsidered: vec![Reconsidered {
                    words: 0..1,
                    heard: Some("coffee".into()),
                    score: 0.7,
                    alternatives: vec!["cafe".into()],
                    otherwise: Some("no cafe".into()),
                }],
            }),
            FromEngine::Stopped,
            FromEngine::Failed("why".into()),
        ];
        for answer in answers {
            let mut pipe = vec![];
            send_answer(&mut pipe, &answer).expect("memory takes all");
            let read = receive_answer(&mut pipe.as_slice()).expect("well-formed");
            assert_eq!(read, Some(answer));
        }
    }

    #[test]
    fn a_frame_of_impossible_length_is_refused_before_it_is_read() {
        let bytes = u32::MAX.to_le_bytes();
        assert!(receive_answer(&mut bytes.as_slice()).is_err());
    }
}
