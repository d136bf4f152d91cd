//! What the page of a report's life is filled with: words for acts, repetitions told once.
//!
//! Not for: what happened (`workflow/life.rs`).
//!
//! Invariant: values only; escaping is the template engine's.

use super::wire_pages::{completion_word, local};
use crate::domain::audit::Act;
use crate::workflow::life::{Event, Life};
use serde::Serialize;

#[derive(Serialize)]
pub struct LifePage {
    report: String,
    work_type_name: String,
    author: String,
    completion: &'static str,
    version: u32,
    flags: usize,
    open_flags: usize,
    scores: Vec<u32>,
    with_looks: bool,
    events: Vec<EventWords>,
}

/// One event, or several of the same act by the same person, one after the other.
#[derive(Serialize)]
struct EventWords {
    at: String,
    until: String,
    what: String,
    by: String,
    refused: bool,
    look: bool,
    times: u32,
    detail: String,
}

impl From<&Life> for LifePage {
    fn from(life: &Life) -> Self {
        let mut events: Vec<EventWords> = Vec::new();
        let mut before: Option<&Event> = None;
        for event in &life.events {
            let same = before.is_some_and(|before| {
                (before.act, &before.by, before.refused) == (event.act, &event.by, event.refused)
            });
            match events.last_mut().filter(|_| same) {
                Some(last) => {
                    last.times += 1;
                    last.until = local(event.at);
                    last.detail = detail(event);
                }
                None => events.push(words(event)),
            }
            before = Some(event);
        }
        Self {
            report: life.report.id.to_string(),
            work_type_name: life.work_type_name.clone(),
            author: life.author.clone(),
            completion: completion_word(life.report.completion),
            version: life.report.version,
            flags: life.flags,
            open_flags: life.open_flags,
            scores: life.scores.clone(),
            with_looks: life.with_looks,
            events,
        }
    }
}

fn words(event: &Event) -> EventWords {
    EventWords {
        at: local(event.at),
        until: local(event.at),
        what: act_words(event.act),
        by: event.by.clone(),
        refused: event.refused,
        look: event.look,
        times: 1,
        detail: detail(event),
    }
}

fn detail(event: &Event) -> String {
    let parts = event.detail.iter().map(|(name, value)| format!("{name} {value}"));
    parts.collect::<Vec<_>>().join(", ")
}

/// An act as a reader knows it; the others by their code.
fn act_words(act: Act) -> String {
    let words = match act {
        Act::ReceiveDictation => "Received",
        Act::BeginTranscription => "Transcription began",
        Act::CompleteTranscription => "Transcribed",
        Act::FailTranscription => "Transcription failed",
        Act::StopTranscription => "Transcription stopped",
        Act::RetryTranscription => "Transcription begun again",
        Act::ClaimReport => "Taken",
        Act::ReleaseReport => "Given back",
        Act::ReassignReport => "Handed over",
        Act::SaveVersion => "Edited",
        Act::RaiseFlag => "Flag raised",
        Act::SettleFlag => "Flag settled",
        Act::AssignPatient => "Patient assigned",
        Act::MoveReport => "Moved",
        Act::BeginReport => "Begun without a recording",
        Act::SplitReport => "Split",
        Act::JoinReports => "Joined",
        Act::UndoJoin => "Join taken back",
        Act::AnswerBlank => "Spoken answer settled",
        Act::CheckVersion => "Text checked",
        Act::SetCopies => "Copies named",
        Act::SendCopy => "Copy sent",
        Act::SubmitReport => "Submitted",
        Act::ScoreReport => "Scored by QA",
        Act::AnswerScore => "Score answered",
        Act::PassQa => "Passed QA",
        Act::ReturnReport => "Returned",
        Act::SignReport => "Signed",
        Act::CosignReport => "Cosigned",
        Act::BeginAddendum => "Addendum begun",
        Act::AddLabel => "Label added",
        Act::LowerLabel => "Label lowered",
        Act::ViewReport => "Viewed",
        Act::ListenAudio => "Listened to",
        Act::ViewTranscript => "Transcript viewed",
        Act::ViewVersion => "Version viewed",
        Act::ViewChart => "Viewed in the chart",
        Act::ViewScores => "Viewed among scores",
        Act::ViewLife => "Its life viewed",
        Act::PrintReport => "Printed",
        other => {
            let code = other.code().replace('-', " ");
            let mut letters = code.chars();
            let first = letters.next().map(|letter| letter.to_ascii_uppercase());
            return first.into_iter().chain(letters).collect();
        }
    };
    words.to_owned()
}
