//! What the recorder says, the same on a screen and to a script.
//!
//! Not for: where it is said.
//!
//! Invariant: sentences a clinician can act on.

use crate::domain::take::TAKE_RATE;
use crate::mic::about::{About, Named};
use crate::mic::delivery::Link;
use crate::mic::desk::{Offer, Question, State, View};
use crate::mic::recorder::Status;

/// Silence of so long in a recording is worth a word.
const QUIET_MS: u64 = 5000;
/// How long a warning of clipping stays.
const CLIPPED_MS: u64 = 2000;

/// Minutes, seconds and tenths.
pub fn clock(ms: u64) -> String {
    format!("{:02}:{:02}.{}", ms / 60_000, ms / 1000 % 60, ms / 100 % 10)
}

pub fn clock_of(samples: u64) -> String {
    clock(samples * 1000 / u64::from(TAKE_RATE))
}

pub fn losses(status: &Status) -> String {
    let mut said = format!(
        "Overruns: {} ms lost here, {} in the sound system.",
        status.lost_ms, status.overruns
    );
    if status.missing_ms > 0 {
        said.push_str(&format!(" About {} ms never came from the microphone.", status.missing_ms));
    }
    said
}

/// Whom a record number names.
pub fn person(named: &Named) -> String {
    let (name, born) = (named.name.reveal(), named.birth_date.reveal());
    format!("{name}, born {born}, MRN {}", named.mrn.reveal())
}

pub fn patient(about: &About) -> String {
    match (&about.patient, &about.mrn) {
        (Some(named), _) => person(named),
        (None, Some(mrn)) => format!("MRN {}", mrn.reveal()),
        (None, None) => "no patient".to_owned(),
    }
}

/// What is to be confirmed, if anything is.
pub fn question(view: &View) -> Option<String> {
    match &view.question {
        Question::Named(named) => Some(format!("Is this the patient? {}", person(named))),
        Question::Unknown => {
            let mrn = view.about.mrn.as_ref().map(|mrn| mrn.reveal().as_str()).unwrap_or_default();
            Some(format!("Nobody here has the number {mrn}. Dictate under it all the same?"))
        }
        Question::Asking | Question::None => None,
    }
}

pub fn state(state: State) -> &'static str {
    match state {
        State::Ready => "ready",
        State::Recording => "recording",
        State::Paused => "paused",
        State::DeviceGone => "microphone gone",
        State::Failed => "stopped",
    }
}

/// What is wrong with the sound just now.
pub fn warning(view: &View) -> Option<&'static str> {
    if view.mic.clipped_ms.is_some_and(|ms| ms < CLIPPED_MS) {
        return Some("Too loud: the sound is cut off. Speak from further away.");
    }
    let silent = view.state == State::Recording && view.mic.quiet_ms > QUIET_MS;
    silent.then_some("No sound: is the microphone muted?")
}

/// How it stands with the server.
pub fn link(view: &View) -> String {
    match (&view.progress.link, &view.away) {
        (Link::Refused(why), _) => why.clone(),
        (Link::Away(why), _) | (_, Some(why)) => {
            format!("No connection; what you say is kept here ({why})")
        }
        _ if view.live_free.is_none() && view.held_back => "Connecting".to_owned(),
        _ => "Connected".to_owned(),
    }
}

/// Whether words are shown while somebody speaks.
pub fn live(view: &View) -> Option<String> {
    if view.progress.begun {
        let without = "without text while you speak: every place for it is taken";
        return (!view.progress.live).then(|| without.to_owned());
    }
    match view.live_free? {
        0 => Some("every place for text is taken; recording goes on without".to_owned()),
        1 => Some("text while you speak".to_owned()),
        free => Some(format!("text while you speak (for {free} recordings)")),
    }
}

/// A recording that waits.
pub fn offer(offer: &Offer) -> String {
    let begun = offer.about.begun_at.as_deref().unwrap_or("some time ago");
    let begun = begun.split('.').next().unwrap_or_default().replace('T', " ");
    format!("{} of {begun}, {}", clock_of(offer.samples), patient(&offer.about))
}
