//! The desk's hands: the microphone, and the recording at hand from its first sample until it is
//! sent or discarded.
//!
//! Not for: the patient and the view (`desk.rs`).
//!
//! Invariant: a microphone that goes, a disk that fills and a server that refuses each end with
//! everything captured on the disk, and with a sentence of what to do.

use super::{Current, Desk, Question, Sent, State};
use crate::causes::chain;
use crate::domain::take::TAKE_RATE;
use crate::mic::capture::Taking;
use crate::mic::delivery::{Delivery, Link};
use crate::mic::devices;
use crate::mic::recorder::{Doing, MAX_SECONDS, Recorder};
use crate::mic::spooled::{Spooled, spool_failed};
use crate::store::error::StoreError;
use crate::store::spool::{self, Held, SpoolWriter, Waiting};
use std::sync::atomic::Ordering;
use uuid::Uuid;

/// Samples of 16 kHz that a recording may have.
const SAMPLES_MAX: u64 = MAX_SECONDS as u64 * TAKE_RATE as u64;

impl Desk {
    pub(super) fn open_microphone(&mut self) {
        self.recorder = None;
        let opened =
            devices::find(self.device.as_deref()).and_then(|d| Recorder::open(&d, Taking::Sparing));
        match opened {
            Ok(recorder) => {
                self.say(&format!("Microphone: {}, {} Hz.", recorder.device, recorder.rate));
                self.recorder = Some(recorder);
            }
            Err(error) => self.say(&format!("No microphone: {}.", chain(&error))),
        }
    }

    pub(super) fn change_device(&mut self, name: String) {
        let recording = self.state == State::Recording;
        self.take_sink_back();
        self.device = Some(name).filter(|name| !name.is_empty());
        self.open_microphone();
        if recording && self.recorder.is_some() {
            self.go_on();
        }
    }

    /// Closes the microphone; the recording has everything it captured.
    pub(super) fn take_sink_back(&mut self) {
        if let Some(recorder) = self.recorder.take() {
            let (sink, status) = recorder.end();
            self.mic = status;
            if let (Some(current), Some(sink)) = (&mut self.current, sink) {
                current.sink = Some(sink);
            }
        }
        if self.state == State::Recording {
            self.state = State::Paused;
        }
    }

    /// The recording's sink, for a moment, wherever it is.
    pub(super) fn borrow_sink(&mut self) -> Option<Spooled> {
        let current = self.current.as_mut()?;
        match current.sink.take() {
            Some(sink) => Some(sink),
            None => self.recorder.as_ref().and_then(Recorder::give_back),
        }
    }

    pub(super) fn record(&mut self) {
        if self.state == State::Recording {
            return;
        }
        if matches!(self.question, Question::Named(_) | Question::Unknown) {
            return self.say("Confirm the patient first.");
        }
        if self.question == Question::Asking && self.watch.away().is_none() {
            return self.say("The server is asked whose number this is; one moment.");
        }
        if self.recorder.is_none() {
            self.open_microphone();
        }
        if self.recorder.is_none() {
            return;
        }
        if self.current.is_none()
            && let Err(error) = self.begin()
        {
            return self.say(&format!("Nothing is recorded: {}.", chain(&spool_failed(error))));
        }
        if !self.about.is_settled() {
            self.say("The server is away: the patient is confirmed before anything is sent.");
        }
        self.go_on();
    }

    /// Makes the file of a new recording.
    fn begin(&mut self) -> Result<(), StoreError> {
        let id = Uuid::now_v7();
        self.about.begun_at = Some(jiff::Timestamp::now().to_string());
        let writer = SpoolWriter::create(&self.folder, &self.key, id, &self.about.to_bytes())?;
        let waiting = Waiting { id, path: writer.path().to_owned(), discarded: false };
        let held = spool::hold(&waiting.path)?;
        self.have_in_hand(waiting, held, Spooled::new(writer, 0));
        Ok(())
    }

    fn have_in_hand(&mut self, waiting: Waiting, held: Option<Held>, sink: Spooled) {
        let count = sink.count();
        self.current = Some(Current {
            waiting,
            _held: held,
            sink: Some(sink),
            count,
            delivery: None,
            told: false,
            told_early: 0,
        });
    }

    /// Records into the recording at hand.
    pub(super) fn go_on(&mut self) {
        let (Some(recorder), Some(current)) = (&self.recorder, &mut self.current) else { return };
        match current.sink.take() {
            Some(sink) => {
                let left = SAMPLES_MAX.saturating_sub(current.count.load(Ordering::Acquire));
                let most = left * u64::from(recorder.rate) / u64::from(TAKE_RATE);
                recorder.begin(sink, most);
            }
            None => recorder.go_on(),
        }
        self.state = State::Recording;
    }

    pub(super) fn pause(&mut self) {
        if self.state == State::Recording
            && let Some(recorder) = &self.recorder
        {
            recorder.rest();
            self.state = State::Paused;
        }
    }

    pub(super) fn send(&mut self) {
        if !self.about.is_settled() {
            return self.say("Confirm the patient first, then send.");
        }
        let Some(mut sink) = self.borrow_sink() else {
            return self.say("There is no recording to send.");
        };
        let Some(mut current) = self.current.take() else { return };
        if current.count.load(Ordering::Acquire) == 0 {
            current.sink = Some(sink);
            self.current = Some(current);
            self.state = State::Paused;
            return self.say("Nothing was recorded yet.");
        }
        if let Err(error) = sink.end() {
            current.sink = Some(sink);
            self.current = Some(current);
            self.state = State::Failed;
            return self.say(&format!("Not complete: {}.", chain(&error)));
        }
        let refused = current.delivery.as_ref().is_some_and(is_refused);
        let delivery = match current.delivery.take().filter(|_| !refused) {
            Some(delivery) => Ok(delivery),
            None => Delivery::start(self.server.clone(), &current.waiting, &self.key),
        };
        match delivery {
            Ok(delivery) => {
                self.sent.push(Sent { delivery, _held: current._held, told: false });
                self.say("Sending; it is safe on this disk until the server has it.");
            }
            Err(error) => self.say(&format!("It stays in the spool: {}.", chain(&error))),
        }
        self.begin_anew();
    }

    /// Throws the recording at hand away; a server that knows of it is told.
    pub(super) fn discard(&mut self) {
        drop(self.borrow_sink());
        let Some(current) = self.current.take() else {
            return self.say("There is no recording to discard.");
        };
        let known = current.delivery.as_ref().is_some_and(|d| {
            let progress = d.progress();
            progress.begun || !matches!(progress.link, Link::Refused(_))
        });
        drop(current.delivery);
        let discarded = if known { self.discard_at_server(&current.waiting) } else { Ok(false) };
        match discarded {
            Ok(true) => self.say("Discarding; the server is told."),
            Ok(false) => match spool::remove(&current.waiting.path) {
                Ok(()) => self.say("Discarded. Nothing was kept."),
                Err(error) => self.say(&chain(&error)),
            },
            Err(error) => self.say(&format!("Not discarded: {}.", chain(&error))),
        }
        self.begin_anew();
    }

    fn discard_at_server(&mut self, waiting: &Waiting) -> Result<bool, StoreError> {
        let path = spool::discard(&waiting.path, &self.key)?;
        let waiting = Waiting { path, discarded: true, ..waiting.clone() };
        let delivery = Delivery::start(self.server.clone(), &waiting, &self.key)?;
        self.sent.push(Sent { delivery, _held: None, told: false });
        Ok(true)
    }

    /// The desk is free for the next patient.
    fn begin_anew(&mut self) {
        self.about = self.usual.clone();
        self.question = Question::None;
        self.watch.ask(None);
        self.state = State::Ready;
    }

    /// Goes on with a recording of an earlier time.
    pub(super) fn take_up(&mut self, number: usize) {
        if self.current.is_some() {
            return self.say("Send or discard the recording at hand first.");
        }
        if number == 0 || number > self.offers.len() {
            return self.say("There is no waiting recording of that number.");
        }
        let offer = self.offers.remove(number - 1);
        let taken = spool::hold(&offer.waiting.path).and_then(|held| {
            let writer = SpoolWriter::reopen(&offer.waiting.path, &self.key)?;
            Ok((held, writer))
        });
        match taken {
            Ok((None, _)) => self.say("Another recorder of yours has it in hand."),
            Ok((held, writer)) => {
                self.have_in_hand(offer.waiting, held, Spooled::new(writer, offer.samples));
                self.about = offer.about;
                self.state = State::Paused;
                if let Some(mrn) = self.about.mrn.clone().filter(|_| !self.about.confirmed) {
                    self.ask(mrn);
                }
                self.say("Taken up: record to add to it, send it, or discard it.");
            }
            Err(error) => self.say(&chain(&spool_failed(error))),
        }
    }

    pub(super) fn look_at_microphone(&mut self) {
        let Some(recorder) = &self.recorder else { return };
        self.mic = recorder.status();
        let recording = self.state == State::Recording;
        match self.mic.doing {
            Doing::DeviceGone => {
                self.take_sink_back();
                self.mic.level = Default::default();
                if recording {
                    self.state = State::DeviceGone;
                    self.say(
                        "The microphone stopped delivering. Everything up to then is kept. \
                         Plug it in or choose another, then record on; or send what there is.",
                    );
                } else {
                    self.say("The microphone is gone.");
                }
            }
            Doing::Failed if recording => {
                self.state = State::Failed;
                let why = self.mic.trouble.clone().unwrap_or_default();
                self.say(&format!("Recording stopped: {why}."));
            }
            Doing::Complete if recording => {
                self.state = State::Paused;
                self.say("The longest recording is reached; send it.");
            }
            _ => {}
        }
    }

    pub(super) fn start_delivery(&mut self) {
        let Some(current) = &mut self.current else { return };
        if current.delivery.is_some() || current.told {
            return;
        }
        match Delivery::start(self.server.clone(), &current.waiting, &self.key) {
            Ok(delivery) => current.delivery = Some(delivery),
            Err(error) => {
                current.told = true;
                self.say(&chain(&error));
            }
        }
    }

    pub(super) fn look_at_server(&mut self) {
        let Some(current) = &mut self.current else { return };
        let Some(delivery) = &current.delivery else { return };
        let progress = delivery.progress();
        let mut notices = Vec::new();
        if let Link::Refused(why) = &progress.link
            && !current.told
        {
            current.told = true;
            notices.push(format!("{why}. The recording goes on here and is kept."));
        }
        for dictation in progress.ended_early.iter().skip(current.told_early) {
            notices.push(format!(
                "The server had ended this recording, as nobody added to it for long: \
                 dictation {dictation}. What comes after becomes a dictation of its own."
            ));
        }
        current.told_early = progress.ended_early.len();
        self.notices.extend(notices);
    }

    pub(super) fn look_at_sent(&mut self) {
        for mut sent in std::mem::take(&mut self.sent) {
            match sent.delivery.progress().link {
                Link::Delivered(dictations) => {
                    self.say("The server has the dictation.");
                    self.delivered.extend(dictations);
                    continue;
                }
                Link::Discarded => {
                    self.say("Discarded. Nothing was kept.");
                    continue;
                }
                Link::Refused(why) if !sent.told => {
                    sent.told = true;
                    self.say(&format!("{why}. The recording stays in the spool."));
                }
                _ => {}
            }
            self.sent.push(sent);
        }
    }
}

pub(super) fn is_refused(delivery: &Delivery) -> bool {
    matches!(delivery.progress().link, Link::Refused(_))
}
