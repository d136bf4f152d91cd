//! A workstation's spool: recordings that are under way or wait for their server, sealed frame by
//! frame as they are made.
//!
//! Not for: the server's recordings (`blob.rs`), or when what is sent (`mic`).
//!
//! Invariant: nothing readable lies on the disk, and a file's name says nothing about the patient.
//! Frames open in their order only, and none from the middle can be missing; a file that a crash
//! cut off is whole up to its last whole frame. No two frames share key and nonce: whoever goes
//! on with a file does so in a new epoch of frame numbers.

use super::cipher::{FileCipher, HEADER, Place, SALT, TAG};
use super::error::StoreError;
use super::files;
use super::key_file::{self, KeyFile, Secret};
use super::lock;
use crate::fault;
use crate::file_lock::Lock;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use uuid::Uuid;
use zeroize::Zeroizing;

const NAME_START: &str = "recording-";
const OPEN: &str = "spool";
const DISCARDED: &str = "discarded";
/// Before a frame stands its sealed length, little-endian.
const LENGTH: usize = 2;
/// The most that one frame carries: two seconds of 16 kHz, as much as a server takes at once.
pub const FRAME_MAX: usize = 64_000 - 1 - TAG;
/// Epochs that a reader tries: times that one recording was gone on with after a crash or a
/// failed write.
const EPOCHS_MAX: u64 = 1024;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Kind {
    About = 1,
    Block = 2,
    End = 3,
}

/// The key of a workstation's spool.
pub struct SpoolKey(Secret);

impl SpoolKey {
    /// Reads the key, or makes one where nothing waits that another key has sealed.
    ///
    /// # Errors
    /// `MissingKey` where recordings wait without their key; those of the key file.
    pub fn open(path: &Path, folder: &Path) -> Result<Self, StoreError> {
        let folder = key_file::absolute(folder)?;
        if !path.exists() {
            if !list(&folder)?.is_empty() {
                return Err(StoreError::MissingKey { path: path.to_path_buf() });
            }
            key_file::refuse_inside(path, &folder)?;
            match KeyFile::random()?.write(path) {
                // Another recorder was quicker; its key is as good.
                Ok(()) | Err(StoreError::AlreadyExists { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Self(key_file::read(path, &folder)?.key))
    }
}

/// A file of the spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub id: Uuid,
    pub path: PathBuf,
    /// Thrown away by its speaker; the server is still to be told.
    pub discarded: bool,
}

/// Makes the folder, private to this user.
pub fn make_folder(folder: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    files::make_folder(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        .map_err(|source| StoreError::io("make private", folder, source))
}

/// What lies in the spool, oldest first.
pub fn list(folder: &Path) -> Result<Vec<Waiting>, StoreError> {
    let failed = |source| StoreError::io("list", folder, source);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some((id, end)) = name.strip_prefix(NAME_START).and_then(|n| n.split_once('.')) else {
            continue;
        };
        let (Ok(id), OPEN | DISCARDED) = (Uuid::parse_str(id), end) else { continue };
        found.push(Waiting { id, discarded: end == DISCARDED, path });
    }
    found.sort_by_key(|waiting| waiting.id);
    Ok(found)
}

/// While this lives, no other recorder touches the file.
pub struct Held(#[expect(dead_code, reason = "it is locked until this is dropped")] Lock);

/// Takes the file for this process; `None` where another has it.
pub fn hold(path: &Path) -> Result<Option<Held>, StoreError> {
    match lock::marked(path, "another recorder has it") {
        Ok(lock) => Ok(Some(Held(lock))),
        Err(StoreError::InUse { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes a recording that the server has.
pub fn remove(path: &Path) -> Result<(), StoreError> {
    for end in [OPEN, DISCARDED] {
        files::remove_if_there(&path.with_extension(end))?;
    }
    files::sync_folder(&files::folder_of(path))
}

/// Throws a recording's sound away; what is needed to tell the server stays under another name.
pub fn discard(path: &Path, key: &SpoolKey) -> Result<PathBuf, StoreError> {
    let about = SpoolReader::open(path, key)?.about().to_vec();
    let left = path.with_extension(DISCARDED);
    let part = path.with_extension("part");
    files::remove_if_there(&part)?;
    SpoolWriter::make(&part, key, &about)?;
    files::rename(&part, &left)?;
    files::remove_if_there(path)?;
    Ok(left)
}

/// Adds frames to a recording under way.
pub struct SpoolWriter {
    file: File,
    path: PathBuf,
    cipher: FileCipher,
    /// Length of all whole frames.
    length: u64,
    /// Number of the next frame.
    next: u32,
    epoch: u64,
    ended: bool,
}

impl SpoolWriter {
    /// Begins a recording: a new file with what is known about it, on disk when this returns.
    ///
    /// # Errors
    /// `Full`, `AlreadyExists` or `Io`.
    pub fn create(
        folder: &Path,
        key: &SpoolKey,
        id: Uuid,
        about: &[u8],
    ) -> Result<Self, StoreError> {
        Self::make(&folder.join(format!("{NAME_START}{id}.{OPEN}")), key, about)
    }

    fn make(path: &Path, key: &SpoolKey, about: &[u8]) -> Result<Self, StoreError> {
        let salt = key_file::random::<SALT>()?;
        let cipher = FileCipher::of_spool(&key.0, &salt);
        let file = files::make_file(path)?;
        let path = path.to_path_buf();
        let mut made = Self { file, path, cipher, length: 0, next: 0, epoch: 0, ended: false };
        let header = *made.cipher.header();
        let begun = made.write(&header).and_then(|()| made.note(about));
        if let Err(error) = begun {
            files::remove_if_there(&made.path)?;
            return Err(error);
        }
        files::sync_folder(&files::folder_of(&made.path))?;
        Ok(made)
    }

    /// Goes on with a recording after the last whole frame, whatever is behind it.
    ///
    /// # Errors
    /// `Corrupt` when it is not one of this key's, or was ended.
    pub fn reopen(path: &Path, key: &SpoolKey) -> Result<Self, StoreError> {
        let reader = SpoolReader::open(path, key)?;
        if reader.ended() || reader.epoch + 1 >= EPOCHS_MAX {
            return Err(StoreError::corrupt("a recording that is over"));
        }
        let failed = |source| StoreError::io("open", path, source);
        let file = File::options().write(true).open(path).map_err(failed)?;
        let SpoolReader { cipher, at, next, epoch, about, .. } = reader;
        let mut writer = Self {
            file,
            path: path.to_path_buf(),
            cipher,
            length: at,
            next,
            epoch: epoch + 1,
            ended: false,
        };
        writer.cut()?;
        writer.note(&about)?;
        Ok(writer)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes down what is known about the recording; the last note holds.
    pub fn note(&mut self, about: &[u8]) -> Result<(), StoreError> {
        self.frame(Kind::About, about)?;
        self.sync()
    }

    /// Adds a block of sound. It is on disk for good after [`Self::sync`].
    ///
    /// # Errors
    /// `Full` and others; the file is then as it was before, and the block may be tried again.
    pub fn block(&mut self, samples: &[u8]) -> Result<(), StoreError> {
        self.frame(Kind::Block, samples)
    }

    /// Says that the recording is complete, for good.
    pub fn end(&mut self) -> Result<(), StoreError> {
        if !self.ended {
            self.frame(Kind::End, &[])?;
            self.ended = true;
        }
        self.sync()
    }

    pub fn sync(&self) -> Result<(), StoreError> {
        self.file.sync_data().map_err(|source| StoreError::io("sync", &self.path, source))
    }

    fn frame(&mut self, kind: Kind, content: &[u8]) -> Result<(), StoreError> {
        assert!(content.len() <= FRAME_MAX, "a frame is at most {FRAME_MAX} bytes");
        if self.ended {
            return Err(StoreError::corrupt("a recording that is over"));
        }
        if self.epoch >= EPOCHS_MAX {
            return Err(StoreError::corrupt("a recording whose disk failed again and again"));
        }
        let mut sealed = Zeroizing::new(Vec::with_capacity(1 + content.len() + TAG));
        sealed.push(kind as u8);
        sealed.extend_from_slice(content);
        self.cipher.seal(index(self.epoch, self.next), Place::Inner, &mut sealed);
        let length = u16::try_from(sealed.len()).expect("a frame is small").to_le_bytes();
        let written = self.write(&[length.as_slice(), sealed.as_slice()].concat());
        match written {
            Ok(()) => self.next += 1,
            // What was half written used up its place: the next try has another nonce.
            Err(_) => {
                self.epoch += 1;
                self.cut()?;
            }
        }
        written
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        fault::io("spool-write")
            .and_then(|()| self.file.write_all(bytes))
            .map_err(|source| StoreError::io("write", &self.path, source))?;
        self.length += bytes.len() as u64;
        Ok(())
    }

    /// Drops what stands behind the last whole frame.
    fn cut(&mut self) -> Result<(), StoreError> {
        let failed = |source| StoreError::io("write", &self.path, source);
        self.file.set_len(self.length).map_err(failed)?;
        self.file.seek(SeekFrom::Start(self.length)).map_err(failed)?;
        Ok(())
    }
}

/// Reads a recording, also while it is being written.
pub struct SpoolReader {
    file: File,
    path: PathBuf,
    cipher: FileCipher,
    /// Where the next frame begins.
    at: u64,
    next: u32,
    epoch: u64,
    blocks: Vec<Block>,
    about: Zeroizing<Vec<u8>>,
    bytes: u64,
    ended: bool,
}

/// Where a block stands in the file.
struct Block {
    at: u64,
    sealed: usize,
    index: u64,
}

impl SpoolReader {
    /// # Errors
    /// `Corrupt` when it is not one of this key's.
    pub fn open(path: &Path, key: &SpoolKey) -> Result<Self, StoreError> {
        let damaged = || StoreError::corrupt("a waiting recording");
        let file = File::open(path).map_err(|source| StoreError::io("open", path, source))?;
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, 0).map_err(|_| damaged())?;
        let cipher = FileCipher::of_spool_header(&key.0, &header).ok_or_else(damaged)?;
        let mut reader = Self {
            file,
            path: path.to_path_buf(),
            cipher,
            at: HEADER as u64,
            next: 0,
            epoch: 0,
            blocks: Vec::new(),
            about: Zeroizing::default(),
            bytes: 0,
            ended: false,
        };
        reader.look()?;
        // A file gets its first frame before anybody is told of it.
        if reader.next == 0 { Err(damaged()) } else { Ok(reader) }
    }

    /// Takes notice of what was written since the last look.
    ///
    /// # Errors
    /// `Io`. A frame that is not whole, or not ours, ends what is there.
    pub fn look(&mut self) -> Result<(), StoreError> {
        while !self.ended
            && let Some(sealed) = self.sealed(self.at)?
        {
            let length = sealed.len();
            let Some((epoch, frame)) = self.opened(&sealed) else { return Ok(()) };
            let Some((kind, content)) = frame.split_first() else { return Ok(()) };
            let block = Block { at: self.at, sealed: length, index: index(epoch, self.next) };
            match *kind {
                kind if kind == Kind::About as u8 => self.about = content.to_vec().into(),
                kind if kind == Kind::Block as u8 => {
                    self.blocks.push(block);
                    self.bytes += content.len() as u64;
                }
                kind if kind == Kind::End as u8 => self.ended = true,
                _ => return Ok(()),
            }
            self.epoch = epoch;
            self.next += 1;
            self.at += (LENGTH + length) as u64;
        }
        Ok(())
    }

    /// What is known about the recording.
    pub fn about(&self) -> &[u8] {
        &self.about
    }

    /// Blocks so far.
    pub fn blocks(&self) -> u64 {
        self.blocks.len() as u64
    }

    /// Bytes of sound so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes of sound in the first so many blocks.
    pub fn bytes_before(&self, blocks: u64) -> u64 {
        let blocks = usize::try_from(blocks).unwrap_or(usize::MAX);
        let sealed = self.blocks.iter().take(blocks).map(|block| block.sealed - TAG - 1);
        sealed.sum::<usize>() as u64
    }

    /// Whether its speaker said that it is complete.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// A block of sound, if it is there by now.
    ///
    /// # Errors
    /// `Corrupt` when the file was altered since the last look.
    pub fn block(&mut self, number: u64) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        self.look()?;
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(Block { at, sealed, index }) = self.blocks.get(number) else { return Ok(None) };
        let mut frame = Zeroizing::new(vec![0; *sealed]);
        self.read(&mut frame, at + LENGTH as u64)?;
        self.cipher.open(*index, Place::Inner, &mut frame)?;
        frame.remove(0);
        Ok(Some(frame))
    }

    /// The sealed frame at a place, if all of it is there.
    fn sealed(&self, at: u64) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        let failed = |source| StoreError::io("read", &self.path, source);
        let length = self.file.metadata().map_err(failed)?.len();
        let mut prefix = [0; LENGTH];
        if length < at + LENGTH as u64 {
            return Ok(None);
        }
        self.read(&mut prefix, at)?;
        let sealed = usize::from(u16::from_le_bytes(prefix));
        if sealed <= TAG || length < at + (LENGTH + sealed) as u64 {
            return Ok(None);
        }
        let mut frame = Zeroizing::new(vec![0; sealed]);
        self.read(&mut frame, at + LENGTH as u64)?;
        Ok(Some(frame))
    }

    /// The frame with the epoch it opens in: this one, or that of somebody who went on later.
    fn opened(&self, sealed: &[u8]) -> Option<(u64, Zeroizing<Vec<u8>>)> {
        for epoch in self.epoch..EPOCHS_MAX {
            let mut frame = Zeroizing::new(sealed.to_vec());
            if self.cipher.open(index(epoch, self.next), Place::Inner, &mut frame).is_ok() {
                return Some((epoch, frame));
            }
        }
        None
    }

    fn read(&self, into: &mut [u8], at: u64) -> Result<(), StoreError> {
        match self.file.read_exact_at(into, at) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(StoreError::corrupt("a waiting recording"))
            }
            Err(source) => Err(StoreError::io("read", &self.path, source)),
        }
    }
}

fn index(epoch: u64, number: u32) -> u64 {
    epoch << 32 | u64::from(number)
}

#[cfg(test)]
mod tests;
