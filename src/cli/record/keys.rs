//! Single keys from the terminal while a recording runs.
//!
//! Not for: what the keys do (`session`).
//!
//! Invariant: the terminal is as it was before, however the recording ends.

use rustix::termios::{self, LocalModes, OptionalActions, SpecialCodeIndex, Termios};
use std::io::{self, IsTerminal, Read};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// Keys pressed and not yet read, at most; more are dropped.
const MAX_WAITING: usize = 16;

/// A key that means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    Pause,
    Stop,
    Discard,
    Yes,
    /// Any other key.
    Other,
}

/// The terminal without line editing and echo, until it is dropped.
pub struct Keys {
    before: Termios,
    keys: Receiver<Key>,
}

impl Keys {
    /// None when standard input is not a terminal: then nobody can press a key.
    pub fn open() -> Option<Self> {
        let stdin = io::stdin();
        if !stdin.is_terminal() {
            return None;
        }
        let before = termios::tcgetattr(&stdin).ok()?;
        let mut raw = before.clone();
        // Signals stay on: Ctrl-C ends the recording in the ordinary way.
        raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
        raw.special_codes[SpecialCodeIndex::VMIN] = 1;
        raw.special_codes[SpecialCodeIndex::VTIME] = 0;
        termios::tcsetattr(&stdin, OptionalActions::Now, &raw).ok()?;
        let (sender, keys) = mpsc::sync_channel(MAX_WAITING);
        // The thread ends with the program: a blocked read cannot be called off.
        thread::spawn(move || {
            for byte in io::stdin().lock().bytes() {
                let Ok(byte) = byte else { return };
                if let Err(mpsc::TrySendError::Disconnected(_)) = sender.try_send(key(byte)) {
                    return;
                }
            }
        });
        Some(Self { before, keys })
    }

    pub fn pressed(&self) -> Option<Key> {
        self.keys.try_recv().ok()
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = termios::tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

fn key(byte: u8) -> Key {
    match byte {
        b' ' | b'p' | b'P' => Key::Pause,
        b'\r' | b'\n' | b's' | b'S' => Key::Stop,
        b'q' | b'Q' => Key::Discard,
        b'y' | b'Y' => Key::Yes,
        _ => Key::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_mean_what_the_help_line_says() {
        for (typed, meant) in [
            (b' ', Key::Pause),
            (b's', Key::Stop),
            (b'\n', Key::Stop),
            (b'\r', Key::Stop),
            (b'q', Key::Discard),
            (b'y', Key::Yes),
            (b'x', Key::Other),
        ] {
            assert_eq!(key(typed), meant);
        }
    }
}
