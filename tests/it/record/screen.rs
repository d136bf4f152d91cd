//! The recorder's screen on a terminal of the test's own.

use super::at_server::{demonstration_token, quiet_server, spooled};
use super::{PATIENCE, Sound, program, wait_until};
use crate::program::Installation;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStringExt;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

/// The recorder and the person at its terminal.
struct Seat {
    child: Child,
    terminal: File,
    /// Everything that was drawn since it was last looked at.
    drawn: Arc<Mutex<String>>,
}

impl Seat {
    fn take(sound: &Sound, arguments: &[&str]) -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&terminal).expect("ours");
        unlockpt(&terminal).expect("ours");
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&terminal, size).expect("it has a size");
        let name = ptsname(&terminal, Vec::new()).expect("it has a name");
        let name = std::ffi::OsString::from_vec(name.into_bytes());
        let end = || File::options().read(true).write(true).open(&name).expect("the other end");
        let mut command = program(sound.folder.path());
        command.args(arguments).env("TERM", "xterm");
        command.stdin(end()).stdout(end()).stderr(end());
        let child = command.spawn().expect("the program starts");
        let terminal = File::from(terminal);
        let mut screen = terminal.try_clone().expect("one more handle");
        let drawn = Arc::new(Mutex::new(String::new()));
        let shared = drawn.clone();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                shared.lock().expect("whole").push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        Self { child, terminal, drawn }
    }

    fn press(&mut self, keys: &str) {
        self.drawn.lock().expect("whole").clear();
        self.terminal.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Waits until a word is on the screen. What did not change is not drawn again, so now and
    /// then the terminal has another size and everything is.
    fn sees(&self, word: &str) {
        let deadline = Instant::now() + PATIENCE;
        for look in 0_u16.. {
            let drawn = self.drawn.lock().expect("whole").clone();
            if drawn.contains(word) {
                return;
            }
            let end: String = drawn.chars().rev().take(2000).collect();
            let end: String = end.chars().rev().collect();
            assert!(Instant::now() < deadline, "no {word:?} in {end:?}");
            if look % 10 == 9 {
                let ws_row = 24 + look / 10 % 2;
                let size = Winsize { ws_row, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
                tcsetwinsize(&self.terminal, size).expect("it has a size");
            }
            thread::sleep(super::LOOK);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_dictation_is_made_with_keys_alone_and_the_terminal_given_back() {
    let site = Installation::demonstration();
    let server = quiet_server(&site, "127.0.0.1:0");
    let token = demonstration_token(&site);
    let sound = Sound::start();
    let token = token.to_str().expect("ASCII");
    let mut seat =
        Seat::take(&sound, &["record", "--server", &server.address, "--token-file", token]);
    seat.sees("Connected");
    seat.press("p");
    seat.sees("MRN");
    seat.press("DEMO-1002\r");
    seat.sees("Beatrice");
    seat.press("y");
    seat.sees("(confirmed)");
    seat.press(" ");
    seat.sees("RECORDING");
    wait_until("there is a second of sound", || {
        let mine = server.get("ines.hartwell", "/api/recordings").body;
        mine["recordings"][0]["samples"].as_u64() >= Some(16_000)
    });
    seat.press(" ");
    seat.sees("PAUSED");
    seat.press("d");
    seat.sees("Discard");
    seat.press("n");
    seat.press("s");
    seat.sees("dictation");
    assert_eq!(spooled(&sound), 0);
    seat.press("q");
    wait_until("the program ends", || {
        let modes = tcgetattr(&seat.terminal).expect("a terminal").local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO)
    });
    let code = seat.child.wait().expect("it ends").code();
    assert_eq!(code, Some(0));
}
