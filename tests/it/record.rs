//! `chartscribe record` with real audio: a PulseAudio server of the test's own plays into a null
//! sink, and the program records that sink's monitor through ALSA.

mod at_server;
mod faults;
mod full_disk;
mod keys;
mod own_server;
mod proxy;
mod screen;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// Longest wait for anything to become ready; a loaded machine is slow to start a sound server.
const PATIENCE: Duration = Duration::from_secs(30);

/// Time between two looks at something that is waited for.
const LOOK: Duration = Duration::from_millis(20);

const RATE: u32 = 48_000;

/// The room that is played into; its monitor is the microphone.
const SINK: &str = "module-null-sink sink_name=room rate=48000 channels=2";

/// A sound server without a sound card. Killed when dropped.
struct Sound {
    server: Child,
    folder: tempfile::TempDir,
}

impl Sound {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path();
        std::fs::create_dir(home.join("run")).expect("a folder");
        make_private(&home.join("run"));
        let default = "pcm.!default { type pulse }\nctl.!default { type pulse }\n";
        std::fs::write(home.join(".asoundrc"), default).expect("there is room");
        let protocol = format!(
            "module-native-protocol-unix auth-anonymous=1 socket={}",
            home.join("native").display()
        );
        let mut command = Command::new("pulseaudio");
        in_home(&mut command, home);
        command.args(["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=60"]);
        command.args(["--disable-shm=yes", "--realtime=no", "--high-priority=no"]);
        command.args(["-L", &protocol]);
        command.args(["-L", SINK]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let server = command.spawn().expect("the Debian package pulseaudio is installed");
        let sound = Self { server, folder };
        wait_until("the sound server answers", || {
            sound.tool("pactl", &["info"]).is_some_and(|info| info.contains("room.monitor"))
        });
        sound
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs one of PulseAudio's tools; its output when it succeeds.
    fn tool(&self, name: &str, arguments: &[&str]) -> Option<String> {
        let mut command = Command::new(name);
        in_home(&mut command, self.folder.path());
        let output = command.args(arguments).output().expect("pulseaudio-utils is installed");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Plays the samples on both channels and returns when they have been heard.
    fn play(&self, samples: &[f32]) {
        let path = self.path("played.wav");
        let spec = hound::WavSpec {
            channels: 2,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut wav = hound::WavWriter::create(&path, spec).expect("a new file");
        for sample in samples {
            for _ in 0..2 {
                wav.write_sample((sample * 32_767.0) as i16).expect("there is room");
            }
        }
        wav.finalize().expect("there is room");
        let played = self.tool("paplay", &[path.to_str().expect("an ASCII path")]);
        assert!(played.is_some(), "paplay failed");
    }

    /// Starts the program and waits until it has heard the first sample.
    fn record(&self, arguments: &[&str]) -> Recorder {
        let recorder = Recorder::start(self.folder.path(), arguments);
        recorder.wait_for("Recording from");
        recorder
    }
}

impl Drop for Sound {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The program under test. Killed when dropped.
struct Recorder {
    child: Child,
    messages: Receiver<String>,
}

impl Recorder {
    fn start(home: &Path, arguments: &[&str]) -> Self {
        let mut command = program(home);
        command.args(arguments).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let stderr = child.stderr.take().expect("it is piped");
        Self { child, messages: lines(stderr) }
    }

    fn wait_for(&self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        while !seen.last().is_some_and(|line: &String| line.contains(text)) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.messages.recv_timeout(left) {
                Ok(line) => seen.push(line),
                Err(error) => panic!("no {text:?} ({error}) among {seen:#?}"),
            }
        }
    }

    fn interrupt(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it runs");
    }

    /// Exit code, standard output, and the messages not waited for.
    fn end(mut self) -> (Option<i32>, String, String) {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it can be asked") {
                break status;
            }
            assert!(Instant::now() < deadline, "the program does not end");
            thread::sleep(LOOK);
        };
        let mut stdout = String::new();
        let pipe = self.child.stdout.as_mut().expect("it is piped");
        pipe.read_to_string(&mut stdout).expect("it is text");
        let messages: Vec<String> = self.messages.iter().collect();
        (status.code(), stdout, messages.join("\n"))
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is written, line by line; a line that is written over by the next is one as well.
fn lines(written: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, messages) = mpsc::channel();
    thread::spawn(move || {
        let mut written = BufReader::new(written);
        let mut line = Vec::new();
        // A terminal whose program has ended fails to read; that is its end.
        while let Ok([byte, ..]) = written.fill_buf() {
            let byte = *byte;
            written.consume(1);
            if !matches!(byte, b'\n' | b'\r') {
                line.push(byte);
                continue;
            }
            if sender.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                return;
            }
            line.clear();
        }
    });
    messages
}

fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chartscribe"));
    in_home(&mut command, home);
    command
}

/// Points everything that sound looks at into the test's folder.
fn in_home(command: &mut Command, home: &Path) {
    command.env("HOME", home);
    command.env("XDG_RUNTIME_DIR", home.join("run"));
    command.env("PULSE_RUNTIME_PATH", home.join("run"));
    command.env("PULSE_STATE_PATH", home.join("state"));
    command.env("PULSE_SERVER", format!("unix:{}", home.join("native").display()));
    command.env("CHARTSCRIBE_SPOOL", home.join("spool"));
    command.env("CHARTSCRIBE_SPOOL_KEY", home.join("recorder.key"));
    command.env("CHARTSCRIBE_TOKEN", "token-of-the-test");
    for variable in ["XDG_CONFIG_HOME", "PULSE_SINK", "PULSE_SOURCE", "ALSA_CONFIG_PATH"] {
        command.env_remove(variable);
    }
}

fn make_private(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::Permissions::from_mode(0o700);
    std::fs::set_permissions(folder, mode).expect("it is ours");
}

fn wait_until(what: &str, ready: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !ready() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(LOOK);
    }
}

fn read_wav(path: &Path) -> Vec<f32> {
    let mut wav = hound::WavReader::open(path).expect("a whole recording");
    let spec = wav.spec();
    assert_eq!((spec.sample_rate, spec.channels, spec.bits_per_sample), (RATE, 1, 16));
    wav.samples::<i16>().map(|sample| f32::from(sample.expect("whole")) / 32_768.0).collect()
}

/// Rises from 200 to 1,500 Hz, so it resembles itself at no other place.
fn chirp(seconds: f32) -> Vec<f32> {
    let count = (seconds * RATE as f32) as usize;
    let mut samples = Vec::with_capacity(count);
    for at in 0..count {
        let time = at as f64 / f64::from(RATE);
        let sweep = 1300.0 / (2.0 * f64::from(seconds));
        let phase = std::f64::consts::TAU * (200.0 * time + sweep * time * time);
        samples.push(0.5 * phase.sin() as f32);
    }
    samples
}

/// The samples and half a second more, so that all of them are through the sound system's
/// buffers when playing ends.
fn with_silence(samples: &[f32]) -> Vec<f32> {
    [samples, &[0.0; RATE as usize / 2]].concat()
}

/// The best correlation of `wanted` with any stretch of `heard`, 0 to 1: looked for at a sixth
/// of the rate, then measured at the full one.
fn likeness(heard: &[f32], wanted: &[f32]) -> f32 {
    const STEP: usize = 6;
    let thin = |samples: &[f32]| -> Vec<f32> {
        samples.chunks_exact(STEP).map(|part| part.iter().sum::<f32>()).collect()
    };
    let wanted_thin = thin(wanted);
    let mut rough = (0.0, 0);
    for (at, stretch) in thin(heard).windows(wanted_thin.len()).enumerate() {
        let found = correlation(stretch, &wanted_thin);
        if found > rough.0 {
            rough = (found, at * STEP);
        }
    }
    let mut best: f32 = 0.0;
    for at in rough.1.saturating_sub(STEP)..=rough.1 + STEP {
        if let Some(stretch) = heard.get(at..at + wanted.len()) {
            best = best.max(correlation(stretch, wanted));
        }
    }
    best
}

fn correlation(one: &[f32], other: &[f32]) -> f32 {
    let (mut product, mut left, mut right) = (0.0, 0.0, 0.0);
    for (one, other) in one.iter().zip(other) {
        product += one * other;
        left += one * one;
        right += other * other;
    }
    product / (left * right).sqrt().max(1e-9)
}

const NO_LOSS: &str = "Overruns: 0 ms lost here, 0 in the sound system.";

#[test]
fn what_is_played_is_recorded_whole_until_an_interrupt() {
    let sound = Sound::start();
    let path = sound.path("dictation.wav");
    let name = path.to_str().expect("an ASCII path");
    let recorder = sound.record(&["record", "--output", name]);
    let played = chirp(1.5);
    sound.play(&with_silence(&played));
    recorder.interrupt();
    let (code, stdout, messages) = recorder.end();
    assert_eq!((code, stdout.trim()), (Some(0), name), "{messages}");
    assert!(messages.contains(NO_LOSS), "{messages}");
    let heard = read_wav(&path);
    let likeness = likeness(&heard, &played);
    assert!(likeness > 0.99, "the recording resembles what was played by {likeness} only");
}

#[test]
fn a_wanted_length_is_recorded_to_the_sample_and_nothing_is_overwritten() {
    let sound = Sound::start();
    let path = sound.path("short.wav");
    let arguments = [
        "record",
        "--device",
        "default",
        "--seconds",
        "1",
        "--output",
        path.to_str().expect("ASCII"),
    ];
    let (code, _, messages) = sound.record(&arguments).end();
    assert_eq!(code, Some(0), "{messages}");
    assert_eq!(read_wav(&path).len(), RATE as usize);
    let recorder = Recorder::start(sound.folder.path(), &arguments);
    let (code, _, messages) = recorder.end();
    assert_eq!(code, Some(1));
    assert!(messages.contains("could not create"), "{messages}");
    assert_eq!(read_wav(&path).len(), RATE as usize);
}

#[test]
fn a_microphone_that_goes_away_leaves_what_was_recorded() {
    let mut sound = Sound::start();
    let path = sound.path("cut.wav");
    let recorder = sound.record(&["record", "--output", path.to_str().expect("ASCII")]);
    let played = chirp(0.5);
    sound.play(&with_silence(&played));
    sound.server.kill().expect("it runs");
    let (code, _, messages) = recorder.end();
    assert_eq!(code, Some(1), "{messages}");
    assert!(messages.contains("stopped delivering"), "{messages}");
    let likeness = likeness(&read_wav(&path), &played);
    assert!(likeness > 0.99, "the recording resembles what was played by {likeness} only");
}

#[test]
fn the_devices_are_listed_and_an_unknown_one_is_refused() {
    let sound = Sound::start();
    let run = |arguments: &[&str]| Recorder::start(sound.folder.path(), arguments).end();
    let (code, devices, messages) = run(&["record", "--list-devices"]);
    assert_eq!(code, Some(0), "{messages}");
    assert!(devices.lines().any(|line| line.starts_with("* default\t")), "{devices}");
    let path = sound.path("none.wav");
    let output = path.to_str().expect("ASCII");
    let (code, _, messages) = run(&["record", "--device", "no such", "--output", output]);
    assert_eq!(code, Some(1));
    assert!(messages.contains("--list-devices names them"), "{messages}");
    for wrong in [
        &["record"][..],
        &["record", "--output", output, "--mrn", "1"],
        &["record", "--output", output, "--server", "https://chart.example"],
        &["record", "--server", "http://127.0.0.1:1", "--seconds", "1"],
        &["record", "--output", output, "--seconds", "0"],
    ] {
        assert_eq!(run(wrong).0, Some(2), "{wrong:?}");
    }
    assert!(!path.exists());
}
