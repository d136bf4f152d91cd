//! Text while somebody speaks: a few takes are heard as they come in, each with an engine of its
//! own.
//!
//! Not for: what is heard and when (`speech/live.rs`), or the take itself (`workflow/takes.rs`).
//!
//! Invariant: recording never waits for this. What is heard is read from the take on disk, so a
//! restart of the server or a late beginning loses nothing; final words are written down.

use crate::audio::header::from_pcm;
use crate::causes::chain;
use crate::domain::ids::TakeId;
use crate::domain::take::{SAMPLE_BYTES, TAKE_RATE, to_ms};
use crate::speech::live::{Ear, Fate, Next};
use crate::speech::{Recognizer, SpeechError, Watch};
use crate::workflow::error::WorkflowError;
use crate::workflow::listening::{self, Listening};
use crate::workflow::site::Site;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tracing::{error, info, warn};

/// How long the sound may stay away before the place goes to somebody else.
const IDLE_MAX: Duration = Duration::from_secs(90);
/// How often a waiting ear looks whether it should end.
const LOOK: Duration = Duration::from_millis(250);
/// Samples that are read at once: a minute, when a take is gone on with.
const READ_MAX: u64 = 60 * TAKE_RATE as u64;
/// Engines that may die on one take before its text is given up.
const DEATHS_MAX: u32 = 3;

/// What the speaker sees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LiveText {
    /// The draft of all that is final.
    pub text: String,
    /// What is being said, as it sounds at this moment.
    pub partial: String,
    /// Up to where everything said is in `text`, milliseconds of the take.
    pub through_ms: u32,
    /// Up to where `partial` was heard, milliseconds of the take.
    pub heard_ms: u32,
}

/// The ears of this server.
pub struct Ears {
    shared: Arc<Shared>,
}

struct Shared {
    site: Arc<Site>,
    state: Mutex<State>,
    grown: Condvar,
    closing: AtomicBool,
}

struct State {
    /// Engines that nobody uses now.
    free: Vec<Arc<dyn Recognizer>>,
    busy: HashMap<TakeId, Busy>,
    threads: Vec<JoinHandle<()>>,
}

struct Busy {
    engine: Arc<dyn Recognizer>,
    /// Samples on disk, as far as this ear was told.
    samples: u64,
    /// The order of the take's stretches was changed since the text was written.
    arranged: bool,
    /// What the take is about was said anew.
    renewed: bool,
    /// The speaker has ended or left.
    leaving: bool,
    text: watch::Receiver<LiveText>,
}

impl Ears {
    /// As many ears as there are engines; each loads its model when it is first needed.
    pub fn new(site: Arc<Site>, engines: Vec<Arc<dyn Recognizer>>) -> Self {
        let state = State { free: engines, busy: HashMap::new(), threads: vec![] };
        let (state, grown) = (Mutex::new(state), Condvar::new());
        Self { shared: Arc::new(Shared { site, state, grown, closing: AtomicBool::new(false) }) }
    }

    /// Takes that could be heard now beside those that are.
    pub fn free(&self) -> usize {
        self.shared.lock().free.len()
    }

    /// Hears this take from now on, if there is an ear for it; says what it hears.
    pub fn attend(&self, take: TakeId) -> Option<watch::Receiver<LiveText>> {
        let mut state = self.shared.lock();
        if let Some(busy) = state.busy.get(&take) {
            return (!busy.leaving).then(|| busy.text.clone());
        }
        if self.shared.closing.load(Ordering::Relaxed) {
            return None;
        }
        let engine = state.free.pop()?;
        let (sender, text) = watch::channel(LiveText::default());
        let (shared, own) = (Arc::clone(&self.shared), Arc::clone(&engine));
        let thread = std::thread::Builder::new().name("ear".into()).spawn(move || {
            shared.hear(take, own.as_ref(), &sender);
            shared.give_back(take);
        });
        state.threads.retain(|thread| !thread.is_finished());
        match thread {
            Ok(thread) => state.threads.push(thread),
            Err(problem) => {
                error!("no thread to hear a recording with: {problem}");
                state.free.push(engine);
                return None;
            }
        }
        let (samples, text_of) = (0, text.clone());
        let (arranged, renewed, leaving) = (false, false, false);
        let busy = Busy { engine, samples, arranged, renewed, leaving, text: text_of };
        state.busy.insert(take, busy);
        Some(text)
    }

    /// Says that the take has so many samples now.
    pub fn grown(&self, take: TakeId, samples: u64) {
        self.tell(take, |busy| busy.samples = busy.samples.max(samples));
    }

    /// Says that the take's stretches were put into another order.
    pub fn arranged(&self, take: TakeId) {
        self.tell(take, |busy| busy.arranged = true);
    }

    /// Says that the take is about something else now.
    pub fn renewed(&self, take: TakeId) {
        self.tell(take, |busy| busy.renewed = true);
    }

    /// Says that the take is over.
    pub fn leave(&self, take: TakeId) {
        self.tell(take, |busy| busy.leaving = true);
    }

    fn tell(&self, take: TakeId, what: impl FnOnce(&mut Busy)) {
        if let Some(busy) = self.shared.lock().busy.get_mut(&take) {
            what(busy);
        }
        self.shared.grown.notify_all();
    }
}

impl Drop for Ears {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        self.shared.grown.notify_all();
        let threads = std::mem::take(&mut self.shared.lock().threads);
        for thread in threads {
            if thread.join().is_err() {
                error!("a thread that hears recordings ended by a panic");
            }
        }
    }
}

/// What the ear is told while it waits.
enum Told {
    Grown,
    Arranged,
    Renewed,
    Leave,
}

/// Why an ear is done.
enum Done {
    Over,
    /// It begins anew, with what is known of another patient or kind of report.
    Renewed,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(&self, take: TakeId) {
        let mut state = self.lock();
        if let Some(busy) = state.busy.remove(&take) {
            state.free.push(busy.engine);
        }
    }

    /// Hears a take to its end, or until its sound stays away.
    fn hear(&self, take: TakeId, engine: &dyn Recognizer, text: &watch::Sender<LiveText>) {
        let mut deaths = 0;
        loop {
            match self.listen(take, engine, text) {
                Ok(Done::Renewed) => {}
                Ok(Done::Over) | Err(Trouble::Speech(SpeechError::Stopped)) => return,
                Err(Trouble::Speech(SpeechError::EngineDied { .. })) if deaths < DEATHS_MAX => {
                    deaths += 1;
                    warn!(take.id = %take, "the engine that hears recording {take} died; again");
                }
                Err(problem) => {
                    warn!(take.id = %take, "recording {take} is not heard: {}", chain(&problem));
                    return;
                }
            }
        }
    }

    fn listen(
        &self,
        take: TakeId,
        engine: &dyn Recognizer,
        text: &watch::Sender<LiveText>,
    ) -> Result<Done, Trouble> {
        let listening = listening::begin(&self.site, take)?;
        let (words, through) = (listening.words.clone(), listening.through);
        let mut fed = through;
        let mut ear = Ear::new(&listening.request, words, to_ms(through));
        self.show(&listening, &ear, fed, String::new(), text)?;
        engine_ready(engine, self)?;
        info!(take.id = %take, "recording {take} has its text shown");
        loop {
            match self.wait(take, fed) {
                None | Some(Told::Leave) => return Ok(Done::Over),
                Some(Told::Renewed) => return Ok(Done::Renewed),
                Some(Told::Arranged) => self.show(&listening, &ear, fed, String::new(), text)?,
                Some(Told::Grown) => fed = self.feed(take, fed, &mut ear)?,
            }
            self.work(take, engine, &listening, &mut ear, &mut fed, text)?;
        }
    }

    /// Does what the sound calls for until it calls for nothing more.
    fn work(
        &self,
        take: TakeId,
        engine: &dyn Recognizer,
        listening: &Listening,
        ear: &mut Ear,
        fed: &mut u64,
        text: &watch::Sender<LiveText>,
    ) -> Result<(), Trouble> {
        loop {
            match ear.next() {
                Next::Wait => return Ok(()),
                Next::Glance => {
                    let partial = ear.glance(engine, self)?;
                    publish(text, partial, *fed);
                    *fed = self.feed(take, *fed, ear)?;
                }
                Next::Phrase => {
                    let mut problem = None;
                    let fate =
                        ear.phrase(engine, self, &mut |phrases| match self.more(take, *fed) {
                            Ok((samples, next)) => {
                                phrases.push(&samples);
                                *fed = next;
                            }
                            Err(error) => problem = Some(error),
                        })?;
                    if let Some(problem) = problem {
                        return Err(problem);
                    }
                    let partial = match fate {
                        Fate::WentOn(partial) => {
                            publish(text, partial, *fed);
                            continue;
                        }
                        Fate::Settled(partial) => partial,
                        Fate::Final => String::new(),
                    };
                    let through = u64::from(ear.through_ms()) * u64::from(TAKE_RATE) / 1000;
                    listening::note(&self.site, take, ear.words(), through)?;
                    self.show(listening, ear, *fed, partial, text)?;
                    *fed = self.feed(take, *fed, ear)?;
                }
            }
        }
    }

    /// Waits for more sound, at most as long as the place is kept.
    fn wait(&self, take: TakeId, fed: u64) -> Option<Told> {
        let began = Instant::now();
        let mut state = self.lock();
        loop {
            if self.closing.load(Ordering::Relaxed) || began.elapsed() > IDLE_MAX {
                return None;
            }
            let busy = state.busy.get_mut(&take)?;
            if busy.leaving {
                return Some(Told::Leave);
            }
            if std::mem::take(&mut busy.renewed) {
                return Some(Told::Renewed);
            }
            if std::mem::take(&mut busy.arranged) {
                return Some(Told::Arranged);
            }
            if busy.samples > fed {
                return Some(Told::Grown);
            }
            let waited = self.grown.wait_timeout(state, LOOK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn feed(&self, take: TakeId, fed: u64, ear: &mut Ear) -> Result<u64, Trouble> {
        let (samples, next) = self.more(take, fed)?;
        ear.push(&samples);
        Ok(next)
    }

    /// The sound from a place on, and the place after it.
    fn more(&self, take: TakeId, fed: u64) -> Result<(Vec<f32>, u64), Trouble> {
        let bytes = listening::samples(&self.site, take, fed, READ_MAX)?;
        Ok((from_pcm(&bytes), fed + (bytes.len() / SAMPLE_BYTES) as u64))
    }

    fn show(
        &self,
        listening: &Listening,
        ear: &Ear,
        fed: u64,
        partial: String,
        text: &watch::Sender<LiveText>,
    ) -> Result<(), Trouble> {
        let written = listening::written(&self.site, listening, ear.words())?;
        text.send_replace(LiveText {
            text: written,
            partial,
            through_ms: ear.through_ms(),
            heard_ms: to_ms(fed),
        });
        Ok(())
    }
}

/// Loads the model by hearing silence, so that the first phrase need not wait for it.
fn engine_ready(engine: &dyn Recognizer, watch: &dyn Watch) -> Result<(), Trouble> {
    crate::speech::live::warm_up(engine, watch)?;
    Ok(())
}

/// A server that ends does not wait for words.
impl Watch for Shared {
    fn stopped(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    fn progress(&self, _fraction: f32) {}
}

fn publish(text: &watch::Sender<LiveText>, partial: String, fed: u64) {
    text.send_modify(|shown| {
        shown.partial = partial;
        shown.heard_ms = to_ms(fed);
    });
}

/// Why a take is not heard.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the recording cannot be read")]
    Take(#[from] WorkflowError),
    #[error("the engine failed")]
    Speech(#[from] SpeechError),
}
