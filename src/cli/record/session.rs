//! One run of `chartscribe record`: keys, meter, ending and sending.
//!
//! Not for: reading arguments (`record`).
//!
//! Invariant: the file's name goes to standard output, and so does the dictation's id; all else
//! goes to standard error.

use super::Args;
use super::keys::{Key, Keys};
use crate::causes::chain;
use crate::domain::phi::Phi;
use crate::mic::devices;
use crate::mic::recorder::{self, Ending, Recording, Status};
use crate::mic::spool::{self, Slot};
use crate::mic::upload::{Details, Server, UploadError};
use anyhow::Context;
use secrecy::SecretString;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};

/// How often keys and signals are looked at and the meter is drawn.
const TICK: Duration = Duration::from_millis(50);

/// How often the meter is printed where it cannot be redrawn.
const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// A microphone that stays below this in the first seconds is muted or the wrong one, dB.
const MUTED_BELOW_DB: f32 = -60.0;
const MUTED_AFTER_MS: u64 = 3000;

/// Characters in the meter's bar, one for 3 dB.
const BAR: usize = 20;

/// What the person or the recording itself decided.
enum Outcome {
    Keep(Ending, Status),
    Discard,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    if args.list_devices {
        return list_devices();
    }
    let server = match &args.server {
        Some(address) => Some(connect(&args, address)?),
        None => None,
    };
    let stop = stop_on_signals()?;
    if let (Some(server), Some(waiting)) = (&server, &args.send) {
        let slot = Slot { path: waiting.clone(), key: spool::key_of(waiting) };
        return Ok(send(server, &slot, &details(&args, None), &stop, false));
    }
    let slot = match &args.output {
        Some(path) => Slot { path: path.clone(), key: spool::key_of(path) },
        None => spool::slot(&spool::folder()?)?,
    };
    let started = jiff::Timestamp::now();
    let (ending, status) = match record(&args, &slot.path, &stop)? {
        Outcome::Keep(ending, status) => (ending, status),
        Outcome::Discard => {
            std::fs::remove_file(&slot.path)
                .with_context(|| format!("could not delete {}", slot.path.display()))?;
            eprintln!("Discarded. Nothing was kept.");
            return Ok(ExitCode::SUCCESS);
        }
    };
    report(&slot.path, ending, status);
    let whole = ending != Ending::DeviceGone;
    match &server {
        None => {
            println!("{}", slot.path.display());
            Ok(if whole { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Some(server) => {
            stop.store(false, Ordering::Release); // the next signal ends the sending
            let details = details(&args, Some(started));
            let sent = send(server, &slot, &details, &stop, true);
            Ok(if whole { sent } else { ExitCode::FAILURE })
        }
    }
}

fn list_devices() -> anyhow::Result<ExitCode> {
    for device in devices::list()? {
        let mark = if device.default { "*" } else { " " };
        println!("{mark} {}\t{}", device.id, device.description);
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks the server's address and the token before anything is recorded.
fn connect(args: &Args, address: &str) -> anyhow::Result<Server> {
    let token = match &args.token_file {
        Some(path) => std::fs::read_to_string(path)
            .with_context(|| format!("could not read the token from {}", path.display()))?,
        None => std::env::var("CHARTSCRIBE_TOKEN")
            .context("no token: give --token-file, or set CHARTSCRIBE_TOKEN")?,
    };
    let token = SecretString::from(token.trim());
    Ok(Server::new(address, token, args.ca_file.as_deref())?)
}

fn details(args: &Args, dictated_at: Option<jiff::Timestamp>) -> Details {
    Details {
        author: args.author.clone(),
        mrn: args.mrn.clone().map(Phi::new),
        encounter: args.encounter.clone().map(Phi::new),
        work_type: args.work_type.clone(),
        priority: args.priority.clone(),
        dictated_at: dictated_at.map(|at| at.to_string()),
    }
}

/// A flag that Ctrl-C, a closed terminal and a polite kill raise.
fn stop_on_signals() -> anyhow::Result<Arc<AtomicBool>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let guard = runtime.enter();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    drop(guard);
    let stop = Arc::new(AtomicBool::new(false));
    let raised = stop.clone();
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                    _ = hangup.recv() => {}
                }
                raised.store(true, Ordering::Release);
            }
        });
    })?;
    Ok(stop)
}

fn record(args: &Args, path: &Path, stop: &AtomicBool) -> anyhow::Result<Outcome> {
    let device = devices::find(args.device.as_deref())?;
    let recording = recorder::start(&device, path, args.seconds)?;
    let keys = Keys::open();
    // Nobody should speak before the microphone delivers: some take a second to start.
    eprintln!("Opening {device}.");
    while recording.status().recorded_ms == 0 && !recording.status().ended {
        if stop.load(Ordering::Acquire) {
            break;
        }
        thread::sleep(TICK);
    }
    eprintln!("Recording from {device} at {} Hz.", recording.rate());
    if keys.is_some() {
        eprintln!("Space pauses and goes on, Enter or s stops, q discards.");
    }
    let mut meter = MeterLine::new();
    let mut discarding = false;
    loop {
        let status = recording.status();
        if status.ended || stop.load(Ordering::Acquire) {
            break;
        }
        while let Some(key) = keys.as_ref().and_then(Keys::pressed) {
            match (discarding, key) {
                (true, Key::Yes) => {
                    meter.end();
                    recording.stop()?;
                    return Ok(Outcome::Discard);
                }
                (true, _) => discarding = false,
                (false, Key::Stop) => return finish(recording, meter),
                (false, Key::Discard) => discarding = true,
                (false, Key::Pause) => recording.pause(!recording.status().paused),
                (false, Key::Yes | Key::Other) => {}
            }
        }
        meter.draw(&status, discarding);
        thread::sleep(TICK);
    }
    finish(recording, meter)
}

fn finish(recording: Recording, mut meter: MeterLine) -> anyhow::Result<Outcome> {
    meter.end();
    let (ending, status) = recording.stop()?;
    Ok(Outcome::Keep(ending, status))
}

/// Says how the recording ended and what is wrong with it.
fn report(path: &Path, ending: Ending, status: Status) {
    let length = clock(status.recorded_ms);
    match ending {
        Ending::Stopped | Ending::Complete => eprintln!("Recorded {length}."),
        Ending::DeviceGone => eprintln!(
            "The microphone stopped delivering. The {length} before that are kept in {}.",
            path.display()
        ),
    }
    eprintln!(
        "Overruns: {} ms lost here, {} in the sound system.",
        status.lost_ms, status.overruns
    );
}

fn send(
    server: &Server,
    slot: &Slot,
    details: &Details,
    stop: &AtomicBool,
    ours: bool,
) -> ExitCode {
    eprintln!("Sending to the server.");
    let waiting = |error: &UploadError, wait: Duration| {
        eprintln!("Not sent yet: {}. Again in {:.1} s.", chain(error), wait.as_secs_f32());
    };
    let stopped = || stop.load(Ordering::Acquire);
    match server.send(&slot.path, &slot.key, details, &waiting, &stopped) {
        Ok(receipt) => {
            if let Some(dictation) = &receipt.dictation {
                println!("{dictation}");
            }
            eprintln!("The server has the dictation.");
            if ours && let Err(error) = std::fs::remove_file(&slot.path) {
                eprintln!("{} could not be deleted: {error}", slot.path.display());
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("chartscribe: {}", chain(&error));
            eprintln!(
                "The recording is kept, unencrypted, in {}\n\
                 Send it with the same options and --send {}",
                slot.path.display(),
                slot.path.display()
            );
            ExitCode::FAILURE
        }
    }
}

/// The line at the bottom: redrawn on a terminal, printed now and then elsewhere.
struct MeterLine {
    redrawn: bool,
    printed: Instant,
    loudest_db: f32,
}

impl MeterLine {
    fn new() -> Self {
        let redrawn = std::io::stderr().is_terminal();
        Self { redrawn, printed: Instant::now(), loudest_db: f32::NEG_INFINITY }
    }

    fn draw(&mut self, status: &Status, discarding: bool) {
        self.loudest_db = self.loudest_db.max(status.level.peak_db());
        let muted = status.recorded_ms > MUTED_AFTER_MS && self.loudest_db < MUTED_BELOW_DB;
        let line = if discarding {
            "Discard this recording? y deletes it, any other key goes on".to_owned()
        } else {
            meter_line(status, muted)
        };
        if self.redrawn {
            eprint!("\r\x1b[K{line}");
            let _ = std::io::stderr().flush();
        } else if self.printed.elapsed() >= PLAIN_EVERY {
            eprintln!("{line}");
            self.printed = Instant::now();
        }
    }

    fn end(&mut self) {
        if self.redrawn {
            eprintln!();
        }
    }
}

fn meter_line(status: &Status, muted: bool) -> String {
    let state = if status.paused { "paused" } else { "rec" };
    let level = status.level;
    let filled = (level.peak_db() / 3.0 + BAR as f32).round().clamp(0.0, BAR as f32) as usize;
    let mut line = format!(
        "{state:<6} {} [{}{}] peak {:>4.0} dB, average {:>4.0} dB",
        clock(status.recorded_ms),
        "#".repeat(filled),
        "-".repeat(BAR - filled),
        level.peak_db(),
        level.rms_db(),
    );
    if level.is_clipping() {
        line.push_str("  TOO LOUD");
    }
    if muted {
        line.push_str("  NO SOUND: is the microphone muted?");
    }
    if status.lost_ms > 0 || status.overruns > 0 {
        line.push_str(&format!("  LOST {} ms, {} gaps", status.lost_ms, status.overruns));
    }
    line
}

/// Minutes, seconds and tenths.
fn clock(ms: u64) -> String {
    format!("{:02}:{:02}.{}", ms / 60_000, ms / 1000 % 60, ms / 100 % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mic::level::Level;

    fn status(peak: f32, clipped: u32, lost_ms: u64) -> Status {
        Status {
            recorded_ms: 61_230,
            level: Level { peak, rms: peak / 2.0, clipped },
            paused: false,
            lost_ms,
            overruns: 0,
            ended: false,
        }
    }

    #[test]
    fn the_meter_shows_level_and_trouble() {
        let line = meter_line(&status(0.5, 0, 0), false);
        assert_eq!(line, "rec    01:01.2 [##################--] peak   -6 dB, average  -12 dB");
        assert!(meter_line(&status(1.0, 9, 0), false).ends_with("TOO LOUD"));
        assert!(meter_line(&status(0.1, 0, 7), false).ends_with("LOST 7 ms, 0 gaps"));
        assert!(meter_line(&status(0.0, 0, 0), true).contains("NO SOUND"));
        assert!(meter_line(&status(0.0, 0, 0), true).contains("[--------------------]"));
    }
}
