//! The keys of `chartscribe record`, pressed on a terminal of the test's own.

use super::{Recorder, Sound, chirp, likeness, lines, program, read_wav, with_silence};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use std::fs::File;
use std::io::Write;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::Stdio;

/// The side of a terminal that a person sits at.
struct Keyboard {
    terminal: File,
}

impl Keyboard {
    fn press(&mut self, keys: &str) {
        self.terminal.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Whether typed text is shown and edited by line, as a shell expects it.
    fn is_ordinary(&self) -> bool {
        let modes = tcgetattr(&self.terminal).expect("a terminal").local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO)
    }
}

/// Starts recording into the file, with input and messages on a terminal.
fn record_at_terminal(sound: &Sound, path: &Path) -> (Recorder, Keyboard) {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&terminal).expect("ours");
    unlockpt(&terminal).expect("ours");
    let name = ptsname(&terminal, Vec::new()).expect("it has a name");
    let name = std::ffi::OsString::from_vec(name.into_bytes());
    let end = || File::options().read(true).write(true).open(&name).expect("the other end");
    let mut command = program(sound.folder.path());
    command.args(["record", "--output", path.to_str().expect("ASCII")]);
    command.stdin(end()).stdout(Stdio::piped()).stderr(end());
    let child = command.spawn().expect("the program starts");
    let terminal = File::from(terminal);
    let messages = lines(terminal.try_clone().expect("one more handle"));
    let recorder = Recorder { child, messages };
    recorder.wait_for("Space pauses and goes on");
    (recorder, Keyboard { terminal })
}

#[test]
fn what_is_said_in_a_pause_is_left_out_and_enter_stops() {
    let sound = Sound::start();
    let path = sound.path("keys.wav");
    let (recorder, mut keyboard) = record_at_terminal(&sound, &path);
    let said = chirp(0.7);
    let unheard: Vec<f32> = said.iter().rev().copied().collect();
    let said_after = chirp(0.4);
    sound.play(&with_silence(&said));
    keyboard.press(" ");
    recorder.wait_for("paused");
    sound.play(&with_silence(&unheard));
    keyboard.press("p");
    recorder.wait_for("rec ");
    sound.play(&with_silence(&said_after));
    assert!(!keyboard.is_ordinary(), "single keys are read");
    keyboard.press("\r");
    recorder.wait_for("Recorded 0");
    assert_eq!(command_ended(recorder).trim(), path.to_str().expect("ASCII"));
    assert!(keyboard.is_ordinary(), "the terminal is given back as it was");
    let heard = read_wav(&path);
    for (what, samples) in [("before", &said), ("after", &said_after)] {
        let likeness = likeness(&heard, samples);
        assert!(likeness > 0.9, "what was said {what} the pause: {likeness}");
    }
    let likeness = likeness(&heard, &unheard);
    assert!(likeness < 0.5, "what was said in the pause: {likeness}");
}

#[test]
fn a_recording_is_discarded_only_when_that_is_confirmed() {
    let sound = Sound::start();
    let path = sound.path("discarded.wav");
    let (recorder, mut keyboard) = record_at_terminal(&sound, &path);
    keyboard.press("q");
    recorder.wait_for("Discard this recording?");
    keyboard.press("n");
    recorder.wait_for("rec ");
    assert!(path.exists(), "any other key goes on");
    keyboard.press("q");
    recorder.wait_for("Discard this recording?");
    keyboard.press("y");
    recorder.wait_for("Discarded. Nothing was kept.");
    assert_eq!(command_ended(recorder), "", "no file is named");
    assert!(!path.exists());
}

/// Standard output of a recorder that ended well.
fn command_ended(recorder: Recorder) -> String {
    let (code, stdout, messages) = recorder.end();
    assert_eq!(code, Some(0), "{messages}");
    stdout
}
