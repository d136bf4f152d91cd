//! The pipeline: the stages in the order of the domain specification, 1.2.
//!
//! Not for: what a stage does.
//!
//! Invariant: one pipeline for the draft, the live preview and the command line; a stage neither
//! fails nor waits.

use super::entry::{self, Heard};
use super::request::Request;
use super::token::{Findings, Token};
use super::{Draft, Instruction};
use super::{asides, capitals, commands, headings, lists, marks, noise, normals, spelled, writer};
use crate::domain::flag::QaFlag;
use crate::domain::transcript::Transcript;

/// The draft of a dictation, and what a person must look at.
pub fn write(transcript: &Transcript, request: &Request<'_>) -> (Draft, Vec<QaFlag>) {
    run(&Heard::of_transcript(transcript), request)
}

/// The same for text: an utterance in words, or a report that is written already.
pub fn write_text(text: &str, request: &Request<'_>) -> (Draft, Vec<QaFlag>) {
    run(&Heard::of_text(text), request)
}

fn run(heard: &Heard, request: &Request<'_>) -> (Draft, Vec<QaFlag>) {
    let mut findings = Findings::default();
    let tokens = stages(heard, request, &mut findings);
    let mut draft = writer::written(&tokens, &findings, heard);
    draft.instructions = instructions(&findings, heard);
    let flags = writer::flags(&findings.flags, &draft, heard);
    (draft, flags)
}

fn stages(heard: &Heard, request: &Request<'_>, findings: &mut Findings) -> Vec<Token> {
    // A: noise.
    let tokens = noise::apply(entry::tokens(heard), findings);
    // B: commands.
    let tokens = spelled::apply(tokens, findings);
    let commanded = commands::apply(tokens, request, findings);
    let mut tokens = commanded.tokens;
    entry::without_marks(&mut tokens, request.mode, heard, commanded.dictates);
    let tokens = asides::apply(marks::apply(tokens), request, findings);
    // C: headings and sections.
    let tokens = headings::apply(tokens, request);
    let mut tokens = lists::apply(tokens, request, findings);
    // D: numbers and units. E: abbreviations.
    // F: capitals and spaces.
    marks::after_abbreviations(&mut tokens);
    capitals::apply(&mut tokens, request);
    let tokens = normals::expand(tokens, request, findings);
    // G: safety.
    tokens
}

fn instructions(findings: &Findings, heard: &Heard) -> Vec<Instruction> {
    let said = findings.instructions.iter();
    said.map(|said| Instruction {
        kind: said.kind,
        text: said.text.clone(),
        audio: writer::audio_of(heard, &said.words),
    })
    .collect()
}
