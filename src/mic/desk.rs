//! The workstation's desk: what a person may do with microphone, patient and recordings, and what
//! is so at this moment.
//!
//! Not for: how it is shown or commanded (`cli/record`).
//!
//! Invariant: nothing waits for the network here. Sound goes to the sealed spool first; it leaves
//! for the server when the patient was confirmed, and only a person's word ends or discards it.

mod recording;

use super::about::{About, Named};
use super::delivery::{Delivery, Link, Progress};
use super::recorder::{Recorder, Sink, Status};
use super::spooled::Spooled;
use super::upload::Server;
use super::watch::{Answer, Watch};
use crate::causes::chain;
use crate::domain::phi::Phi;
use crate::domain::take::SAMPLE_BYTES;
use crate::store::error::StoreError;
use crate::store::spool::{self, Held, SpoolKey, SpoolReader, Waiting};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Recordings that wait and are shown; the rest comes when these are gone.
const WAITING_MAX: usize = 9;
/// Recordings that are sent at the same time.
const DELIVERIES_MAX: usize = 8;

/// What a person wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Patient(Phi<String>),
    Confirm,
    Deny,
    Stat(bool),
    WorkType(String),
    Device(String),
    Record,
    Pause,
    Discard,
    Send,
    /// Takes up a recording that waits, counted from 1.
    Open(usize),
}

/// What the desk is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Ready,
    Recording,
    Paused,
    DeviceGone,
    Failed,
}

/// A recording of an earlier time that was neither sent nor discarded.
#[derive(Clone)]
pub struct Offer {
    pub about: About,
    pub samples: u64,
    waiting: Waiting,
}

/// Everything there is to show.
#[derive(Clone)]
pub struct View {
    pub state: State,
    pub device: Option<String>,
    /// Samples a second of the microphone.
    pub rate: Option<u32>,
    pub mic: Status,
    pub about: About,
    pub question: Question,
    /// Samples of 16 kHz of this recording on this disk, and of these at the server.
    pub samples: u64,
    pub progress: Progress,
    /// Nothing was sent of it yet.
    pub held_back: bool,
    pub away: Option<String>,
    pub live_free: Option<usize>,
    pub offers: Vec<Offer>,
    /// Recordings that were sent and are not all at the server.
    pub on_their_way: Vec<Link>,
}

/// How it stands with the patient of a record number.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Question {
    #[default]
    None,
    Asking,
    Named(Named),
    Unknown,
}

/// The recording at hand.
struct Current {
    waiting: Waiting,
    _held: Option<Held>,
    /// While no microphone writes into it.
    sink: Option<Spooled>,
    count: Arc<AtomicU64>,
    delivery: Option<Delivery>,
    /// What the server's refusal is was said.
    told: bool,
    /// So many dictations that the server made of it by itself were told.
    told_early: usize,
}

/// A recording that is complete, or thrown away, and of which the server is still to be told.
struct Sent {
    delivery: Delivery,
    _held: Option<Held>,
    told: bool,
}

pub struct Desk {
    server: Arc<Server>,
    folder: PathBuf,
    key: Arc<SpoolKey>,
    watch: Watch,
    device: Option<String>,
    recorder: Option<Recorder<Spooled>>,
    mic: Status,
    state: State,
    about: About,
    /// What the next recording begins with.
    usual: About,
    question: Question,
    current: Option<Current>,
    offers: Vec<Offer>,
    sent: Vec<Sent>,
    notices: Vec<String>,
    delivered: Vec<String>,
}

impl Desk {
    /// Opens the spool, goes on sending what was to be sent, and opens the microphone.
    ///
    /// # Errors
    /// Those of the spool. A microphone that does not open is a notice.
    pub fn open(
        server: Server,
        folder: PathBuf,
        key: SpoolKey,
        device: Option<String>,
        usual: About,
    ) -> Result<Self, StoreError> {
        let server = Arc::new(server);
        let mut desk = Self {
            watch: Watch::start(server.clone()),
            server,
            folder,
            key: Arc::new(key),
            device,
            recorder: None,
            mic: Status::default(),
            state: State::Ready,
            about: usual.clone(),
            usual: About { mrn: None, encounter: None, stat: false, ..usual },
            question: Question::None,
            current: None,
            offers: Vec::new(),
            sent: Vec::new(),
            notices: Vec::new(),
            delivered: Vec::new(),
        };
        desk.take_up_the_spool()?;
        desk.open_microphone();
        if let Some(mrn) = desk.about.mrn.clone() {
            desk.ask(mrn);
        }
        Ok(desk)
    }

    fn take_up_the_spool(&mut self) -> Result<(), StoreError> {
        for waiting in spool::list(&self.folder)? {
            let Some(held) = spool::hold(&waiting.path)? else {
                self.say("Another recorder of yours has a recording in hand.");
                continue;
            };
            let reader = match SpoolReader::open(&waiting.path, &self.key) {
                Ok(reader) => reader,
                Err(error) => {
                    let path = waiting.path.display().to_string();
                    self.say(&format!("{path} cannot be read and stays: {}", chain(&error)));
                    continue;
                }
            };
            if reader.ended() || waiting.discarded {
                if self.sent.len() < DELIVERIES_MAX {
                    let delivery = Delivery::start(self.server.clone(), &waiting, &self.key)?;
                    self.sent.push(Sent { delivery, _held: Some(held), told: false });
                }
            } else if self.offers.len() < WAITING_MAX {
                let about = About::of_bytes(reader.about()).unwrap_or_default();
                let samples = reader.bytes() / SAMPLE_BYTES as u64;
                self.offers.push(Offer { about, samples, waiting });
            }
        }
        Ok(())
    }

    /// Does what a person wants; says what came of it in the notices.
    pub fn command(&mut self, command: Command) {
        match command {
            Command::Patient(mrn) => self.patient(mrn),
            Command::Confirm => self.confirm(),
            Command::Deny => {
                self.question = Question::None;
                self.watch.ask(None);
                self.now_about(|about| {
                    (about.mrn, about.encounter, about.patient) = (None, None, None);
                    about.confirmed = false;
                });
            }
            Command::Stat(stat) => self.now_about(|about| about.stat = stat),
            Command::WorkType(code) => {
                let code = Some(code).filter(|code| !code.is_empty());
                self.usual.work_type.clone_from(&code);
                self.now_about(|about| about.work_type = code);
            }
            Command::Device(name) => self.change_device(name),
            Command::Record => self.record(),
            Command::Pause => self.pause(),
            Command::Discard => self.discard(),
            Command::Send => self.send(),
            Command::Open(number) => self.take_up(number),
        }
    }

    /// Takes notice of what the microphone and the server did.
    pub fn tick(&mut self) {
        self.look_at_microphone();
        if let Some(answer) = self.watch.take_answer() {
            self.answered(answer);
        }
        let count = self.current.as_ref().map_or(0, |c| c.count.load(Ordering::Acquire));
        if count > 0 && self.about.is_settled() {
            self.start_delivery();
        }
        self.look_at_server();
        self.look_at_sent();
    }

    pub fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    /// Dictations that the server acknowledged since the last look.
    pub fn take_delivered(&mut self) -> Vec<String> {
        std::mem::take(&mut self.delivered)
    }

    /// Recordings that are here and not at the server, with all their sound.
    pub fn left(&self) -> usize {
        self.offers.len() + self.sent.len() + usize::from(self.current.is_some())
    }

    /// Recordings that a person has said to send, and that are still on their way.
    pub fn is_sending(&self) -> bool {
        self.sent.iter().any(|sent| !matches!(sent.delivery.progress().link, Link::Refused(_)))
    }

    pub fn view(&self) -> View {
        let current = self.current.as_ref();
        let progress = current.and_then(|c| c.delivery.as_ref()).map(Delivery::progress);
        View {
            state: self.state,
            device: self.recorder.as_ref().map(|recorder| recorder.device.clone()),
            rate: self.recorder.as_ref().map(|recorder| recorder.rate),
            mic: self.mic.clone(),
            about: self.about.clone(),
            question: self.question.clone(),
            samples: current.map_or(0, |c| c.count.load(Ordering::Acquire)),
            held_back: progress.is_none(),
            progress: progress.unwrap_or_default(),
            away: self.watch.away(),
            live_free: self.watch.live_free(),
            offers: self.offers.clone(),
            on_their_way: self.sent.iter().map(|sent| sent.delivery.progress().link).collect(),
        }
    }

    /// Ends the recording under way; it stays in the spool.
    pub fn close(&mut self) {
        self.take_sink_back();
    }

    fn say(&mut self, notice: &str) {
        self.notices.push(notice.to_owned());
    }

    /// Asks whose number it is. A recording that goes on under another is kept back until the
    /// patient is confirmed.
    fn patient(&mut self, mrn: Phi<String>) {
        self.now_about(|about| {
            if about.mrn.as_ref() != Some(&mrn) {
                about.encounter = None;
            }
            (about.patient, about.confirmed) = (None, false);
            about.mrn = Some(mrn.clone());
        });
        self.ask(mrn);
    }

    fn ask(&mut self, mrn: Phi<String>) {
        self.question = Question::Asking;
        self.watch.ask(Some(mrn));
    }

    fn answered(&mut self, answer: Answer) {
        match answer {
            Answer::Named(named) => {
                self.about.patient = Some(named.clone());
                self.question = Question::Named(named);
            }
            Answer::Unknown => self.question = Question::Unknown,
            Answer::Refused(why) => {
                self.question = Question::None;
                self.say(&why);
            }
        }
    }

    fn confirm(&mut self) {
        match &self.question {
            Question::Named(_) | Question::Unknown => {
                self.question = Question::None;
                self.now_about(|about| about.confirmed = true);
            }
            Question::Asking => self.say("The server has not said yet whose number this is."),
            Question::None => self.say("There is nothing to confirm."),
        }
    }

    /// Says anew what the recording at hand is about, and writes it down; one that the server
    /// refused is begun again.
    fn now_about(&mut self, change: impl FnOnce(&mut About)) {
        change(&mut self.about);
        let bytes = self.about.to_bytes();
        let Some(current) = &mut self.current else { return };
        let noted = match (&mut current.sink, &self.recorder) {
            (Some(sink), _) => sink.note(&bytes),
            (None, Some(recorder)) => {
                recorder.note(bytes);
                Ok(())
            }
            (None, None) => Ok(()),
        };
        if current.delivery.as_ref().is_some_and(recording::is_refused) {
            current.delivery = None;
        }
        current.told = false;
        if let Err(error) = noted {
            self.say(&chain(&error));
        }
    }
}
