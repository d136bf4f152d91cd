//! The recorder on a terminal: keys become commands, the view becomes a screen.
//!
//! Not for: what is drawn (`screen.rs`), or what a command does (`mic/desk.rs`).
//!
//! Invariant: the terminal is as it was before, however the program ends; nothing is discarded by
//! one key.

use super::screen::{self, Mode, Screen};
use crate::domain::phi::Phi;
use crate::mic::desk::{Command, Desk, State, View};
use crate::mic::devices;
use ratatui::DefaultTerminal;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often the screen is drawn.
const TICK: Duration = Duration::from_millis(50);

/// Sentences that stay on the screen.
const NOTICES_MAX: usize = 4;

/// The longest number or code that is typed.
const INPUT_MAX: usize = 40;

/// What one key made of the program.
enum Next {
    Go,
    Quit,
}

pub fn run(desk: &mut Desk, server: &str, stop: &AtomicBool) -> anyhow::Result<()> {
    let mut terminal = ratatui::try_init()?;
    let ended = turn(&mut terminal, desk, server, stop);
    ratatui::restore();
    ended
}

fn turn(
    terminal: &mut DefaultTerminal,
    desk: &mut Desk,
    server: &str,
    stop: &AtomicBool,
) -> anyhow::Result<()> {
    let mut mode = Mode::Keys;
    let mut notices: Vec<String> = Vec::new();
    loop {
        desk.tick();
        notices.extend(desk.take_notices());
        let delivered = desk.take_delivered();
        notices.extend(delivered.iter().map(|id| format!("It is dictation {id}.")));
        notices.drain(..notices.len().saturating_sub(NOTICES_MAX));
        let view = desk.view();
        let shown = Screen { view: &view, server, notices: &notices, mode: &mode };
        terminal.draw(|frame| screen::draw(frame, &shown))?;
        if stop.load(Ordering::Acquire) {
            return Ok(());
        }
        if event::poll(TICK)?
            && let Event::Key(key) = event::read()?
            && key.kind != KeyEventKind::Release
            && let Next::Quit = press(desk, &view, &mut mode, key)
        {
            return Ok(());
        }
    }
}

fn press(desk: &mut Desk, view: &View, mode: &mut Mode, key: KeyEvent) -> Next {
    if key.modifiers.contains(KeyModifiers::CONTROL) && key.code == KeyCode::Char('c') {
        return Next::Quit;
    }
    match std::mem::replace(mode, Mode::Keys) {
        Mode::Keys => return command(desk, view, mode, key.code),
        Mode::Discard => {
            if key.code == KeyCode::Char('y') {
                desk.command(Command::Discard);
            }
        }
        Mode::Patient(text) => {
            *mode = typed(desk, text, key.code, patient).map_or(Mode::Keys, Mode::Patient);
        }
        Mode::WorkType(text) => {
            let typed = typed(desk, text, key.code, Command::WorkType);
            *mode = typed.map_or(Mode::Keys, Mode::WorkType);
        }
        Mode::Devices(names, text) => {
            let typed = typed(desk, text, key.code, Command::Device);
            *mode = typed.map_or(Mode::Keys, |text| Mode::Devices(names, text));
        }
    }
    Next::Go
}

fn patient(mrn: String) -> Command {
    Command::Patient(Phi::new(mrn))
}

/// A line that is being typed; none when it was given up or became a command.
fn typed(
    desk: &mut Desk,
    mut text: String,
    key: KeyCode,
    command: fn(String) -> Command,
) -> Option<String> {
    match key {
        KeyCode::Char(letter) if text.chars().count() < INPUT_MAX => text.push(letter),
        KeyCode::Backspace => drop(text.pop()),
        KeyCode::Enter => {
            let text = text.trim().to_owned();
            if !text.is_empty() {
                desk.command(command(text));
            }
            return None;
        }
        KeyCode::Esc => return None,
        _ => {}
    }
    Some(text)
}

fn command(desk: &mut Desk, view: &View, mode: &mut Mode, key: KeyCode) -> Next {
    let asked = super::words::question(view).is_some();
    match key {
        KeyCode::Char('y') if asked => desk.command(Command::Confirm),
        KeyCode::Char('n') if asked => desk.command(Command::Deny),
        KeyCode::Char('r' | ' ') if view.state == State::Recording => desk.command(Command::Pause),
        KeyCode::Char('r' | ' ') => desk.command(Command::Record),
        KeyCode::Char('s') => desk.command(Command::Send),
        KeyCode::Char('d') => *mode = Mode::Discard,
        KeyCode::Char('p') => *mode = Mode::Patient(String::new()),
        KeyCode::Char('u') => desk.command(Command::Stat(!view.about.stat)),
        KeyCode::Char('w') => *mode = Mode::WorkType(String::new()),
        KeyCode::Char('m') => {
            let listed = devices::list().unwrap_or_default();
            let named = listed.into_iter().map(|device| (device.id, device.description));
            *mode = Mode::Devices(named.collect(), String::new());
        }
        KeyCode::Char(digit) if digit.is_ascii_digit() => {
            desk.command(Command::Open(digit.to_digit(10).unwrap_or_default() as usize));
        }
        KeyCode::Char('q') => return Next::Quit,
        _ => {}
    }
    Next::Go
}
