//! The recording on disk: 16-bit mono WAV whose header is right at every second.
//!
//! Not for: reading it again (`audio`).
//!
//! Invariant: an existing file is never overwritten; a crash or a power cut loses at most what
//! came after the last `save`.

use super::MicError;
use super::recorder::Sink;
use std::fs::{File, OpenOptions};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// Of a recorded file: 16-bit samples.
pub const BYTES_PER_SAMPLE: u64 = 2;

pub struct WavFile {
    writer: hound::WavWriter<BufWriter<File>>,
    /// The same file again, to bring it to the disk.
    file: File,
    path: PathBuf,
}

impl WavFile {
    /// Creates the file, readable by its owner only.
    ///
    /// # Errors
    /// `CreateFile`, also when the file exists; `WriteFile`.
    pub fn create(path: &Path, rate: u32) -> Result<Self, MicError> {
        let create_failed = |source| MicError::CreateFile { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let opened = options.open(path).map_err(create_failed)?;
        let file = opened.try_clone().map_err(create_failed)?;
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: rate,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let writer = hound::WavWriter::new(BufWriter::new(opened), spec)
            .map_err(|source| MicError::WriteFile { path: path.to_owned(), source })?;
        Ok(Self { writer, file, path: path.to_owned() })
    }

    /// # Errors
    /// `WriteFile`, for instance when the disk is full.
    fn put(&mut self, sample: f32) -> Result<(), MicError> {
        let scaled = (sample * f32::from(i16::MAX)).round();
        let failed = |source| write_failed(&self.path, source);
        self.writer.write_sample(scaled as i16).map_err(failed)
    }

    /// # Errors
    /// `WriteFile`.
    pub fn finish(self) -> Result<(), MicError> {
        let Self { writer, file, path } = self;
        writer.finalize().map_err(|source| write_failed(&path, source))?;
        file.sync_all().map_err(|error| write_failed(&path, hound::Error::IoError(error)))
    }

    fn sync_file(&self) -> Result<(), MicError> {
        let synced = self.file.sync_data();
        synced.map_err(|error| write_failed(&self.path, hound::Error::IoError(error)))
    }
}

impl Sink for WavFile {
    fn write(&mut self, samples: &[f32], rate: u32) -> Result<(), MicError> {
        assert!(rate == self.writer.spec().sample_rate, "one file is of one rate");
        samples.iter().try_for_each(|sample| self.put(*sample))
    }

    /// The header with it.
    fn save(&mut self) -> Result<(), MicError> {
        self.writer.flush().map_err(|source| write_failed(&self.path, source))?;
        self.sync_file()
    }

    fn rest(&mut self) -> Result<(), MicError> {
        self.save()
    }

    /// A file has no place for it.
    fn note(&mut self, _: &[u8]) -> Result<(), MicError> {
        Ok(())
    }
}

fn write_failed(path: &Path, source: hound::Error) -> MicError {
    MicError::WriteFile { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &Path) -> Vec<i16> {
        let mut reader = hound::WavReader::open(path).expect("the header is right");
        reader.samples::<i16>().map(|sample| sample.expect("a whole sample")).collect()
    }

    #[test]
    fn a_saved_file_is_readable_before_it_is_finished() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.wav");
        let mut wav = WavFile::create(&path, 48_000).expect("a new file");
        wav.write(&[0.0, 1.0, -1.0, 2.0, f32::NAN], 48_000).expect("there is room");
        wav.save().expect("there is room");
        assert_eq!(read(&path), [0, 32_767, -32_767, 32_767, 0]);
        wav.write(&[0.5], 48_000).expect("there is room");
        wav.finish().expect("there is room");
        assert_eq!(read(&path).len(), 6);
    }

    #[test]
    fn an_existing_file_is_not_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.wav");
        std::fs::write(&path, "another recording").expect("there is room");
        assert!(matches!(WavFile::create(&path, 8000), Err(MicError::CreateFile { .. })));
        assert_eq!(std::fs::read(&path).expect("it is there"), b"another recording");
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.wav");
        WavFile::create(&path, 8000).expect("a new file").finish().expect("there is room");
        let mode = std::fs::metadata(&path).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
