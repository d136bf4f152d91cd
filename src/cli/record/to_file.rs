//! `chartscribe record --output`: keys, a meter on one line, and a WAV file.
//!
//! Not for: dictating to a server (`at_server.rs`).
//!
//! Invariant: the file's name goes to standard output; all else goes to standard error.

use super::Args;
use super::keys::{Key, Keys};
use super::signals;
use super::words::clock;
use crate::cli::out;
use crate::mic::capture::Taking;
use crate::mic::devices;
use crate::mic::recorder::{Doing, MAX_SECONDS, Recorder, Status};
use crate::mic::wav_file::{BYTES_PER_SAMPLE, WavFile};
use anyhow::Context;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How often keys and signals are looked at and the meter is drawn.
const TICK: Duration = Duration::from_millis(50);

/// How often the meter is printed where it cannot be redrawn.
const PLAIN_EVERY: Duration = Duration::from_secs(5);

/// A microphone that is silent for so long is muted or the wrong one.
const MUTED_AFTER_MS: u64 = 3000;

/// The largest file: a little under what a server accepts by default (500 MB).
const MAX_BYTES: u64 = 480_000_000;

/// Characters in the meter's bar, one for 3 dB.
const BAR: usize = 20;

/// How the recording ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Kept,
    DeviceGone,
    Discarded,
}

pub fn run(args: &Args, path: &Path) -> anyhow::Result<ExitCode> {
    let stop = signals::stop()?;
    let (ending, status) = record(args, path, &stop)?;
    if ending == Ending::Discarded {
        std::fs::remove_file(path)
            .with_context(|| format!("could not delete {}", path.display()))?;
        eprintln!("Discarded. Nothing was kept.");
        return Ok(ExitCode::SUCCESS);
    }
    report(path, ending, &status);
    out::line(path.display())?;
    Ok(if ending == Ending::Kept { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The wanted length in samples, within the maxima.
fn most_samples(rate: u32, seconds: Option<u32>) -> u64 {
    let seconds = seconds.unwrap_or(MAX_SECONDS).min(MAX_SECONDS);
    (u64::from(seconds) * u64::from(rate)).min(MAX_BYTES / BYTES_PER_SAMPLE)
}

fn record(args: &Args, path: &Path, stop: &AtomicBool) -> anyhow::Result<(Ending, Status)> {
    let device = devices::find(args.device.as_deref())?;
    let recorder = Recorder::open(&device, Taking::AsGiven)?;
    recorder
        .begin(WavFile::create(path, recorder.rate)?, most_samples(recorder.rate, args.seconds));
    let keys = Keys::open();
    // Nobody should speak before the microphone delivers: some take a second to start.
    eprintln!("Opening {device}.");
    let waits = |status: &Status| status.captured == 0 && status.doing == Doing::Recording;
    while waits(&recorder.status()) && !stop.load(Ordering::Acquire) {
        thread::sleep(TICK);
    }
    eprintln!("Recording from {device} at {} Hz.", recorder.rate);
    if keys.is_some() {
        eprintln!("Space pauses and goes on, Enter or s stops, q discards.");
    }
    let mut meter = MeterLine::new();
    let mut discarding = false;
    loop {
        let status = recorder.status();
        let over = !matches!(status.doing, Doing::Recording | Doing::Resting);
        if over || stop.load(Ordering::Acquire) {
            break;
        }
        while let Some(key) = keys.as_ref().and_then(Keys::pressed) {
            match (discarding, key) {
                (true, Key::Yes) => {
                    meter.end();
                    let (_, status) = recorder.end();
                    return Ok((Ending::Discarded, status));
                }
                (true, _) => discarding = false,
                (false, Key::Stop) => return finish(recorder, meter),
                (false, Key::Discard) => discarding = true,
                (false, Key::Pause) if recorder.status().doing == Doing::Resting => {
                    recorder.go_on()
                }
                (false, Key::Pause) => recorder.rest(),
                (false, Key::Yes | Key::Other) => {}
            }
        }
        meter.draw(&status, discarding);
        thread::sleep(TICK);
    }
    finish(recorder, meter)
}

fn finish(recorder: Recorder<WavFile>, mut meter: MeterLine) -> anyhow::Result<(Ending, Status)> {
    meter.end();
    let before = recorder.status().doing;
    let (file, status) = recorder.end();
    if let Some(trouble) = &status.trouble {
        anyhow::bail!("{trouble}");
    }
    file.context("the recording has no file")?.finish()?;
    let ending = if before == Doing::DeviceGone { Ending::DeviceGone } else { Ending::Kept };
    Ok((ending, status))
}

/// Says how the recording ended and what is wrong with it.
fn report(path: &Path, ending: Ending, status: &Status) {
    let length = clock(status.captured_ms);
    match ending {
        Ending::DeviceGone => eprintln!(
            "The microphone stopped delivering. The {length} before that are kept in {}.",
            path.display()
        ),
        _ => eprintln!("Recorded {length}."),
    }
    eprintln!("{}", super::words::losses(status));
}

/// The line at the bottom: redrawn on a terminal, printed now and then elsewhere.
struct MeterLine {
    redrawn: bool,
    printed: Instant,
}

impl MeterLine {
    fn new() -> Self {
        let redrawn = std::io::stderr().is_terminal();
        Self { redrawn, printed: Instant::now() }
    }

    fn draw(&mut self, status: &Status, discarding: bool) {
        let line = if discarding {
            "Discard this recording? y deletes it, any other key goes on".to_owned()
        } else {
            meter_line(status)
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

fn meter_line(status: &Status) -> String {
    let state = if status.doing == Doing::Resting { "paused" } else { "rec" };
    let level = status.level;
    let filled = (level.peak_db() / 3.0 + BAR as f32).round().clamp(0.0, BAR as f32) as usize;
    let mut line = format!(
        "{state:<6} {} [{}{}] peak {:>4.0} dB, average {:>4.0} dB",
        clock(status.captured_ms),
        "#".repeat(filled),
        "-".repeat(BAR - filled),
        level.peak_db(),
        level.rms_db(),
    );
    if level.is_clipping() {
        line.push_str("  TOO LOUD");
    }
    if status.quiet_ms > MUTED_AFTER_MS {
        line.push_str("  NO SOUND: is the microphone muted?");
    }
    if status.lost_ms > 0 || status.overruns > 0 {
        line.push_str(&format!("  LOST {} ms, {} gaps", status.lost_ms, status.overruns));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mic::level::Level;

    fn status(peak: f32, clipped: u32, lost_ms: u64) -> Status {
        Status {
            doing: Doing::Recording,
            captured_ms: 61_230,
            level: Level { peak, rms: peak / 2.0, clipped },
            lost_ms,
            ..Status::default()
        }
    }

    #[test]
    fn the_meter_shows_level_and_trouble() {
        let line = meter_line(&status(0.5, 0, 0));
        assert_eq!(line, "rec    01:01.2 [##################--] peak   -6 dB, average  -12 dB");
        assert!(meter_line(&status(1.0, 9, 0)).ends_with("TOO LOUD"));
        assert!(meter_line(&status(0.1, 0, 7)).ends_with("LOST 7 ms, 0 gaps"));
        let silent = Status { quiet_ms: MUTED_AFTER_MS + 1, ..status(0.0, 0, 0) };
        assert!(meter_line(&silent).contains("NO SOUND"));
        assert!(meter_line(&silent).contains("[--------------------]"));
    }

    #[test]
    fn lengths_have_a_maximum() {
        assert_eq!(most_samples(16_000, Some(3)), 48_000);
        assert_eq!(most_samples(16_000, None), 16_000 * u64::from(MAX_SECONDS));
        assert_eq!(most_samples(48_000, None) * BYTES_PER_SAMPLE, MAX_BYTES);
    }
}
