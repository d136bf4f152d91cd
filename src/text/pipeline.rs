//! The pipeline: the stages in the order of the domain specification, 1.2.
//!
//! Not for: what a stage does.
//!
//! Invariant: one pipeline for the draft, the live preview and the command line; a stage neither
//! fails nor waits.

use super::entry::{self, Heard};
use super::request::{Mode, Request};
use super::token::{Findings, Kind, Token};
use super::{Draft, Instruction};
use super::{asides, capitals, commands, consistency, corrections, doubts, expected, habits};
use super::{
    headings, lists, marks, missing, noise, normals, numbers, reconsidered, safety, spelled,
    unnamed, writer,
};
use crate::domain::flag::QaFlag;
use crate::domain::transcript::Transcript;

/// The draft of a dictation, and what a person must look at.
pub fn write(transcript: &Transcript, request: &Request<'_>) -> (Draft, Vec<QaFlag>) {
    let heard = Heard::of_transcript(transcript);
    let tokens = doubts::blanks(entry::tokens(&heard), transcript);
    let (mut draft, mut flags) = run(&heard, tokens, request);
    flags.extend(doubts::flags(transcript));
    flags.extend(reconsidered::flags(&draft, transcript, &heard, request.lexicon));
    reconsidered::add_changes(&mut draft, transcript, &heard);
    (draft, doubts::joined(flags))
}

/// The same for text: an utterance in words, or a report that is written already.
pub fn write_text(text: &str, request: &Request<'_>) -> (Draft, Vec<QaFlag>) {
    let heard = Heard::of_text(text);
    let tokens = entry::tokens(&heard);
    let (draft, flags) = run(&heard, tokens, request);
    (draft, doubts::joined(flags))
}

fn run(heard: &Heard, tokens: Vec<Token>, request: &Request<'_>) -> (Draft, Vec<QaFlag>) {
    let mut findings = Findings::default();
    let tokens = stages(heard, tokens, request, &mut findings);
    let mut draft = writer::written(&tokens, &findings, heard);
    draft.instructions = instructions(&findings, heard);
    draft.sections = present(&tokens);
    draft.missing_sections = missing::sections(&draft.sections, request, &mut findings);
    let flags = writer::flags(&findings.flags, &draft, heard);
    (draft, flags)
}

fn stages(
    heard: &Heard,
    tokens: Vec<Token>,
    request: &Request<'_>,
    findings: &mut Findings,
) -> Vec<Token> {
    // A: noise.
    let tokens = noise::apply(tokens, findings);
    let tokens = habits::apply(tokens, request, findings);
    let tokens = expected::apply(tokens, request, findings);
    // B: commands.
    let tokens = spelled::apply(tokens, findings);
    let commanded = commands::apply(tokens, request, findings);
    let mut tokens = commanded.tokens;
    entry::without_marks(&mut tokens, request.mode, heard, commanded.dictates);
    if heard.timed && !commanded.dictates && request.mode != Mode::Spoken {
        doubts::paragraphs(&mut tokens);
    }
    let tokens = asides::apply(marks::apply(tokens), request, findings);
    // C: headings and sections.
    let tokens = headings::apply(tokens, request);
    let tokens = lists::apply(tokens, request, findings);
    // D and E: names of letters and figures, abbreviations, numbers and units.
    let mut tokens = numbers::apply(tokens, request, findings);
    // F: capitals and spaces.
    capitals::apply(&mut tokens, request);
    marks::after_abbreviations(&mut tokens);
    let tokens = normals::expand(tokens, request, findings);
    // G: safety.
    corrections::check(&tokens, request, findings);
    consistency::check(&tokens, request, findings);
    safety::check(&tokens, request, findings);
    unnamed::check(&tokens, request, findings);
    tokens
}

fn present(tokens: &[Token]) -> Vec<String> {
    let headings = tokens.iter().filter(|token| token.kind == Kind::Heading);
    headings.map(|token| token.text.clone()).collect()
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
