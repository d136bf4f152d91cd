//! The workstation recorder: from a microphone to a WAV file, or to the sealed spool
//! and the server.
//!
//! Not for: the browser's microphone (`web/ui`), showing or commanding (`cli/record`), or judging
//! what was recorded (`audio`).
//!
//! Invariant: what the microphone gave is on the disk within two seconds and stays there until
//! the server has acknowledged it or a person discards it; the audio callback never waits,
//! allocates or locks.

pub mod about;
pub mod capture;
pub mod delivery;
pub mod desk;
pub mod devices;
pub mod level;
pub mod place;
pub mod recorder;
pub mod spooled;
pub mod upload;
pub mod watch;
pub mod wav_file;

use crate::store::error::StoreError;
use std::path::PathBuf;

/// Why a recording could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MicError {
    #[error("could not list the microphones; is a sound system running?")]
    ListDevices {
        #[source]
        source: cpal::Error,
    },
    #[error("no microphone was found; plug one in, or see --list-devices")]
    NoDevice,
    #[error("no microphone is called {name:?}; --list-devices names them")]
    UnknownDevice { name: String },
    #[error("{count} microphones match {name:?}; give the whole name from --list-devices")]
    AmbiguousDevice { name: String, count: usize },
    #[error("could not open the microphone {device:?}; is another program using it?")]
    OpenDevice {
        device: String,
        #[source]
        source: cpal::Error,
    },
    #[error("the microphone {device:?} gives samples of a kind that is not supported ({format})")]
    UnsupportedSamples { device: String, format: cpal::SampleFormat },
    #[error("could not create {}", path.display())]
    CreateFile {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("could not write {}; what was recorded before is in it", path.display())]
    WriteFile {
        path: PathBuf,
        #[source]
        source: hound::Error,
    },
    #[error("could not start the thread that writes the recording")]
    StartWriter {
        #[source]
        source: std::io::Error,
    },
    #[error(
        "no folder for waiting recordings: set CHARTSCRIBE_SPOOL and CHARTSCRIBE_SPOOL_KEY, or HOME"
    )]
    NoSpoolFolder,
    #[error("the disk of this workstation is full; make room, then go on. What there is, is kept")]
    DiskFull,
    #[error("could not write the recording; what was recorded before is kept")]
    Spool {
        #[source]
        source: StoreError,
    },
}
