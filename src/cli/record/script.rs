//! The recorder without a terminal: commands on standard input, one a line.
//!
//! Not for: what the commands do (`mic/desk.rs`).
//!
//! Invariant: standard output has lines of three kinds only (text, status, dictation); sentences
//! for people go to standard error. The end of the input ends a recording under way, which is
//! kept, and waits for what was sent.

use super::words;
use crate::cli::out;
use crate::domain::phi::Phi;
use crate::mic::desk::{Command, Desk, State, View};
use serde_json::json;
use std::io::{self, BufRead};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::thread;
use std::time::Duration;

const TICK: Duration = Duration::from_millis(30);

/// Lines that were read ahead, at most.
const AHEAD_MAX: usize = 16;

/// The longest line that is a command.
const LINE_MAX: usize = 300;

enum Line {
    Do(Command),
    Status,
    Quit,
    Wrong,
}

pub fn run(desk: &mut Desk, stop: &AtomicBool) -> anyhow::Result<()> {
    let lines = read_lines();
    let mut said = Said::default();
    let mut over = false;
    loop {
        desk.tick();
        said.changes(desk, &desk.view())?;
        if stop.load(Ordering::Acquire) {
            return Ok(());
        }
        if over && !desk.is_sending() {
            return Ok(());
        }
        match lines.try_recv() {
            Ok(line) => match parse(&line) {
                Line::Do(command) => desk.command(command),
                Line::Status => out::line(format_args!("status {}", status(&desk.view())))?,
                Line::Quit => {
                    over = true;
                    desk.close();
                }
                Line::Wrong => eprintln!("No such command; --help names them."),
            },
            Err(TryRecvError::Empty) => thread::sleep(TICK),
            Err(TryRecvError::Disconnected) if over => thread::sleep(TICK),
            Err(TryRecvError::Disconnected) => {
                over = true;
                desk.close();
            }
        }
    }
}

fn read_lines() -> Receiver<String> {
    let (sender, lines) = mpsc::sync_channel(AHEAD_MAX);
    // The thread ends with the program: a blocked read cannot be called off.
    thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn parse(line: &str) -> Line {
    let line: String = line.trim().chars().take(LINE_MAX).collect();
    let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
    let rest = rest.trim().to_owned();
    Line::Do(match word {
        "patient" if !rest.is_empty() => Command::Patient(Phi::new(rest)),
        "confirm" => Command::Confirm,
        "deny" => Command::Deny,
        "stat" => Command::Stat(true),
        "routine" => Command::Stat(false),
        "worktype" => Command::WorkType(rest),
        "device" => Command::Device(rest),
        "record" => Command::Record,
        "pause" => Command::Pause,
        "discard" => Command::Discard,
        "send" => Command::Send,
        "open" => match rest.parse() {
            Ok(number) => Command::Open(number),
            Err(_) => return Line::Wrong,
        },
        "status" => return Line::Status,
        "quit" => return Line::Quit,
        _ => return Line::Wrong,
    })
}

/// What is so, for a program. It names no patient.
fn status(view: &View) -> serde_json::Value {
    json!({
        "state": words::state(view.state),
        "stat": view.about.stat,
        "confirmed": view.about.is_settled(),
        "captured": view.mic.captured,
        "rate": view.rate,
        "samples": view.samples,
        "acknowledged": view.progress.acknowledged,
        "lost_ms": view.mic.lost_ms,
        "overruns": view.mic.overruns,
        "missing_ms": view.mic.missing_ms,
        "link": words::link(view),
        "live": view.progress.live,
        "live_free": view.live_free,
        "waiting": view.offers.len(),
        "on_their_way": view.on_their_way.len(),
    })
}

/// What was said last, so that only changes are.
#[derive(Default)]
struct Said {
    state: Option<State>,
    question: Option<String>,
    warning: Option<&'static str>,
    link: String,
    live: Option<String>,
    text: String,
    offers: usize,
}

impl Said {
    fn changes(&mut self, desk: &mut Desk, view: &View) -> io::Result<()> {
        for notice in desk.take_notices() {
            eprintln!("{notice}");
        }
        for dictation in desk.take_delivered() {
            out::line(format_args!("dictation {dictation}"))?;
        }
        if self.offers != view.offers.len() {
            self.offers = view.offers.len();
            for (offer, number) in view.offers.iter().zip(1..) {
                eprintln!("Waiting, open {number}: {}", words::offer(offer));
            }
        }
        let question = words::question(view);
        if self.question != question {
            if let Some(question) = &question {
                eprintln!("{question} Say confirm or deny.");
            }
            self.question = question;
        }
        self.sound(view);
        let link = words::link(view);
        if self.link != link {
            eprintln!("{link}.");
            self.link = link;
        }
        let live = words::live(view);
        if self.live != live {
            if let Some(live) = &live {
                eprintln!("Server: {live}.");
            }
            self.live = live;
        }
        if self.text != view.progress.text.text {
            self.text.clone_from(&view.progress.text.text);
            if !self.text.is_empty() {
                out::line(format_args!("text {}", json!(self.text)))?;
            }
        }
        Ok(())
    }

    fn sound(&mut self, view: &View) {
        // Nobody should speak before the microphone delivers.
        let heard = view.state != State::Recording || view.mic.captured > 0;
        if heard && self.state != Some(view.state) {
            match view.state {
                State::Recording => {
                    let device = view.device.as_deref().unwrap_or_default();
                    eprintln!("Recording from {device} for {}.", words::patient(&view.about));
                }
                State::Ready => eprintln!("Ready."),
                other => {
                    let (state, length) = (words::state(other), words::clock_of(view.samples));
                    eprintln!("Now {state}, {length} kept. {}", words::losses(&view.mic));
                }
            }
            self.state = Some(view.state);
        }
        let warning = words::warning(view);
        if self.warning != warning {
            if let Some(warning) = warning {
                eprintln!("{warning}");
            }
            self.warning = warning;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_command_or_nothing() {
        let command = |line: &str| match parse(line) {
            Line::Do(command) => Some(command),
            _ => None,
        };
        assert_eq!(command(" record "), Some(Command::Record));
        let patient = Command::Patient(Phi::new("DEMO 7".to_owned()));
        assert_eq!(command("patient DEMO 7"), Some(patient));
        assert_eq!(command("open 2"), Some(Command::Open(2)));
        for wrong in ["", "patient", "open x", "rec"] {
            assert!(matches!(parse(wrong), Line::Wrong), "{wrong}");
        }
        assert!(matches!(parse("status"), Line::Status) && matches!(parse("quit"), Line::Quit));
    }
}
