//! Brings one recording of the spool to the server, while it is made or long after.
//!
//! Not for: the requests themselves (`upload.rs`).
//!
//! Invariant: the server says which block it wants next, and gets it from the disk; the file goes
//! when the server has made the recording a dictation, and not before. Nothing is sent twice as
//! two: the recording's id is its key at the server. What came too late for a recording that the
//! server had ended by itself becomes a recording of its own, and its speaker is told.

use super::about::About;
use super::upload::{Begun, Heard, Receipt, Server, UploadError};
use crate::causes::chain;
use crate::domain::take::{BLOCK_BYTES_MAX, BLOCKS_BYTES_MAX, BLOCKS_TOGETHER_MAX, SAMPLE_BYTES};
use crate::store::error::StoreError;
use crate::store::spool::{self, SpoolKey, SpoolReader, Waiting};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Waits between attempts while the server is away; they double.
const FIRST_WAIT: Duration = Duration::from_millis(250);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// How often it is looked for the next block, and whether to stop.
const LOOK: Duration = Duration::from_millis(30);
/// Between two blocks of those that waited: fewer a second than a server takes from one address.
const PACE: Duration = Duration::from_millis(25);
/// How often a resting recording asks for its text, and for how long after its last block.
const ASK: Duration = Duration::from_millis(400);
const ASK_FOR: Duration = Duration::from_secs(30);
/// Recordings that one may become when the server ends it by itself.
const PARTS_MAX: u64 = 20;

/// How it stands with the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    #[default]
    Connecting,
    Connected,
    /// Tried again; says why.
    Away(String),
    /// Not tried again; says why.
    Refused(String),
    Delivered(Vec<String>),
    Discarded,
}

#[derive(Clone, Default)]
pub struct Progress {
    pub link: Link,
    /// The server knows the recording, and what it is about.
    pub begun: bool,
    pub live: bool,
    /// Samples that the server has on its disk.
    pub acknowledged: u64,
    pub text: Heard,
    /// Dictations that the server made by itself before all of the recording was there.
    pub ended_early: Vec<String>,
}

/// A recording on its way. Dropping it stops the sending; the file stays.
pub struct Delivery {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    progress: Mutex<Progress>,
    stop: AtomicBool,
    discard: AtomicBool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Delivery {
    /// Begins to send on a thread of its own.
    ///
    /// # Errors
    /// Those of opening the file.
    pub fn start(
        server: Arc<Server>,
        waiting: &Waiting,
        key: &SpoolKey,
    ) -> Result<Self, StoreError> {
        let reader = SpoolReader::open(&waiting.path, key)?;
        let about = About::of_bytes(reader.about()).unwrap_or_default();
        let shared = Arc::new(Shared::default());
        shared.discard.store(waiting.discarded, Ordering::Release);
        let waiting = waiting.clone();
        let mut work = Work { server, reader, about, waiting, shared: shared.clone() };
        thread::spawn(move || work.run());
        Ok(Self { shared })
    }

    pub fn progress(&self) -> Progress {
        self.shared.lock().clone()
    }

    /// Throws the recording away, here and at the server, now or when it can be reached.
    pub fn discard(&self) {
        self.shared.discard.store(true, Ordering::Release);
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
    }
}

struct Work {
    server: Arc<Server>,
    reader: SpoolReader,
    about: About,
    waiting: Waiting,
    shared: Arc<Shared>,
}

/// Why an attempt ended without an end.
#[derive(Debug, thiserror::Error)]
enum Halt {
    #[error("the sending was stopped")]
    Stopped,
    #[error(transparent)]
    Server(#[from] UploadError),
    #[error(transparent)]
    Spool(#[from] StoreError),
    #[error("the recording was thrown away at the server; discard it here too, or keep it")]
    ThrownAway,
    #[error("the server ended this recording again and again; it stays here")]
    TooManyParts,
}

impl Work {
    fn run(&mut self) {
        let mut wait = FIRST_WAIT;
        loop {
            let before = self.shared.lock().acknowledged;
            let halt = match self.attempt() {
                Ok(link) => return self.shared.lock().link = link,
                Err(halt) => halt,
            };
            let why = chain(&halt);
            match halt {
                Halt::Stopped => return,
                Halt::Server(error) if error.is_passing() || error.is_conflict() => {
                    self.shared.lock().link = Link::Away(why);
                }
                _ => return self.shared.lock().link = Link::Refused(why),
            }
            if self.shared.lock().acknowledged > before {
                wait = FIRST_WAIT;
            }
            if !self.nap(wait) {
                return;
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Sends until the recording is over; says how it ended.
    fn attempt(&mut self) -> Result<Link, Halt> {
        let (begun, base) = match self.open()? {
            Opened::At(begun, base) => (begun, base),
            Opened::Over(link) => return Ok(link),
        };
        let id = begun.recording;
        let mut next = begun.next;
        {
            let mut progress = self.shared.lock();
            (progress.begun, progress.live) = (true, begun.live);
            progress.link = Link::Connected;
        }
        self.acknowledged(base + next);
        let mut sent_at = Instant::now();
        let mut asked_at = Instant::now();
        loop {
            if self.shared.stop.load(Ordering::Acquire) {
                return Err(Halt::Stopped);
            }
            if self.shared.discard.load(Ordering::Acquire) {
                self.server.discard(&id)?;
                return self.gone();
            }
            if !self.agrees(&id)? {
                thread::sleep(LOOK);
                continue;
            }
            let blocks = self.waiting_blocks(base + next)?;
            if !blocks.is_empty() {
                let kept = match blocks.as_slice() {
                    [block] => self.server.append(&id, next, block)?,
                    blocks => self.server.append_several(&id, next, blocks)?,
                };
                next = kept.next;
                sent_at = Instant::now();
                self.heard(kept.text);
                self.acknowledged(base + next);
                if base + next < self.reader.blocks() {
                    thread::sleep(PACE);
                }
            } else if self.reader.ended() {
                let receipt = self.server.finish(&id, next)?;
                return self.delivered(receipt);
            } else {
                let curious = sent_at.elapsed() < ASK_FOR && asked_at.elapsed() > ASK;
                if curious && next > 0 && self.is_behind() {
                    self.ask(&id, base, next - 1)?;
                    asked_at = Instant::now();
                }
                thread::sleep(LOOK);
            }
        }
    }

    /// The next blocks, as many as may be sent at once.
    fn waiting_blocks(&mut self, from: u64) -> Result<Vec<Zeroizing<Vec<u8>>>, StoreError> {
        let (mut blocks, mut bytes) = (Vec::new(), 0);
        while blocks.len() < BLOCKS_TOGETHER_MAX
            && bytes + BLOCK_BYTES_MAX < BLOCKS_BYTES_MAX
            && let Some(block) = self.reader.block(from + blocks.len() as u64)?
        {
            bytes += block.len();
            blocks.push(block);
        }
        Ok(blocks)
    }

    /// Tells the server what the recording is about where that was said anew; false while the
    /// patient is not confirmed, for nothing goes to one who may be the wrong one.
    fn agrees(&mut self, id: &str) -> Result<bool, Halt> {
        let about = About::of_bytes(self.reader.about()).unwrap_or_default();
        if about == self.about {
            return Ok(true);
        }
        if about.is_settled() {
            self.server.change(id, &about)?;
            self.about = about;
            return Ok(true);
        }
        self.reader.look()?;
        Ok(false)
    }

    /// Finds the recording at the server, or begins it; answers how many blocks went into
    /// dictations that the server made of it by itself.
    fn open(&mut self) -> Result<Opened, Halt> {
        let mut base = 0;
        let mut early = Vec::new();
        for part in 0..PARTS_MAX {
            let key = key_of(self.waiting.id, part);
            let begun = self.server.begin(&key, &self.about)?;
            let dictation = begun.dictation.clone().unwrap_or_default();
            match begun.state.as_str() {
                "open" => {
                    // It may have been begun about something else.
                    self.server.change(&begun.recording, &self.about)?;
                    self.shared.lock().ended_early = early;
                    return Ok(Opened::At(begun, base));
                }
                "finished" => {
                    early.push(dictation);
                    base += begun.next;
                    self.reader.look()?;
                    let whole = self.reader.ended() && base >= self.reader.blocks();
                    if whole || self.waiting.discarded {
                        spool::remove(&self.waiting.path)?;
                        return Ok(Opened::Over(Link::Delivered(early)));
                    }
                }
                _ if self.shared.discard.load(Ordering::Acquire) => {
                    return self.gone().map(Opened::Over);
                }
                _ => return Err(Halt::ThrownAway),
            }
        }
        Err(Halt::TooManyParts)
    }

    fn gone(&mut self) -> Result<Link, Halt> {
        spool::remove(&self.waiting.path)?;
        Ok(Link::Discarded)
    }

    fn delivered(&mut self, receipt: Receipt) -> Result<Link, Halt> {
        spool::remove(&self.waiting.path)?;
        let mut dictations = self.shared.lock().ended_early.clone();
        dictations.push(receipt.dictation);
        Ok(Link::Delivered(dictations))
    }

    /// A block that is there already is passed over; the answer has what was heard since.
    fn ask(&mut self, id: &str, base: u64, last: u64) -> Result<(), Halt> {
        if let Some(block) = self.reader.block(base + last)? {
            let kept = self.server.append(id, last, &block)?;
            self.heard(kept.text);
        }
        Ok(())
    }

    /// Whether the server has heard less than it has.
    fn is_behind(&self) -> bool {
        let progress = self.shared.lock();
        let Heard { text, partial, .. } = &progress.text;
        progress.live && (!partial.is_empty() || text.is_empty())
    }

    fn heard(&self, text: Option<Heard>) {
        let mut progress = self.shared.lock();
        progress.live = text.is_some();
        if let Some(text) = text {
            progress.text = text;
        }
    }

    fn acknowledged(&self, blocks: u64) {
        let bytes = self.reader.bytes_before(blocks);
        self.shared.lock().acknowledged = bytes / SAMPLE_BYTES as u64;
    }

    /// Waits; false when it should stop.
    fn nap(&self, wait: Duration) -> bool {
        let began = Instant::now();
        while began.elapsed() < wait {
            if self.shared.stop.load(Ordering::Acquire) {
                return false;
            }
            thread::sleep(LOOK);
        }
        true
    }
}

enum Opened {
    At(Begun, u64),
    Over(Link),
}

/// The server's key of a recording, or of a part of it that came too late for the one before.
fn key_of(id: Uuid, part: u64) -> String {
    if part == 0 { id.to_string() } else { format!("{id}-{part}") }
}
