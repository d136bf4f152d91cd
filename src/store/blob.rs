//! Recordings: encrypted files, named after their content, that are complete or not there.
//!
//! Not for: what a recording means (`dictations.rs`), limits on its size (who receives it), or
//! the cipher itself (`cipher.rs`).
//!
//! Invariant: a file under its final name is complete and synced before anybody learns of it, and
//! is never changed. Its name is a keyed digest, so that nobody without the key can tell whether
//! a known recording is stored. What does not belong to its name, place or end is never returned.

use super::cipher::{CHUNK, FileCipher, HEADER, Place, SALT, TAG};
use super::error::StoreError;
use super::key_file;
use super::keys::Keys;
use super::{files, sweep};
use crate::domain::digest::Digest;
use crate::fault;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use zeroize::Zeroizing;

pub(super) const FOLDER: &str = "audio";
const INCOMING: &str = "incoming";
/// Locked shared by whoever names a recording, exclusively by the sweep that removes one.
const LOCK: &str = "lock";
/// A file is in the folder that its name's first two digits name.
const FOLDER_DIGITS: usize = 2;
const NAME_DIGITS: usize = 64;
/// A whole chunk as it is in the file.
const SEALED: u64 = (CHUNK + TAG) as u64;

/// The recordings of one data folder. Cloning shares it.
#[derive(Clone)]
pub struct Blobs {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    audio_key: Zeroizing<[u8; 32]>,
    name_key: Zeroizing<[u8; 32]>,
}

/// The file name of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BlobName(String);

/// A recording that is being received. Dropping it removes what was written.
pub struct BlobWriter {
    blobs: Blobs,
    part: Part,
    cipher: FileCipher,
    digest: Sha256,
    chunk: Zeroizing<Vec<u8>>,
    index: u64,
    bytes: u64,
    /// After a failed write nothing more is taken: a chunk may be half in the file.
    broken: bool,
}

/// A recording that is complete on disk and has no name yet. Dropping it removes it.
pub struct StagedBlob {
    blobs: Blobs,
    part: Part,
    pub digest: Digest,
    /// Length of the recording itself.
    pub bytes: u64,
}

/// A recording, decrypted as it is read. `Corrupt` arrives as `io::ErrorKind::InvalidData`.
pub struct BlobReader {
    file: File,
    path: PathBuf,
    cipher: FileCipher,
    digest: Digest,
    bytes: u64,
    position: u64,
    chunk: Zeroizing<Vec<u8>>,
    /// The chunk that `chunk` holds.
    loaded: Option<u64>,
}

/// A file under `incoming`, locked while its process lives and removed unless it is kept.
struct Part {
    path: PathBuf,
    file: File,
    kept: bool,
}

impl Blobs {
    pub(super) fn new(data: &Path, keys: &Keys) -> Result<Self, StoreError> {
        let folder = data.join(FOLDER);
        files::make_folder(&folder.join(INCOMING))?;
        files::sync_folder(&folder)?;
        files::sync_folder(data)?;
        Ok(Self::at(data, keys))
    }

    /// The recordings that are there already; nothing is made, so the place may be read-only.
    pub(super) fn at(data: &Path, keys: &Keys) -> Self {
        let folder = data.join(FOLDER);
        let audio_key = Zeroizing::new(*keys.audio());
        let name_key = Zeroizing::new(*keys.blob_name());
        Self { inner: Arc::new(Inner { folder, audio_key, name_key }) }
    }

    /// Begins to receive a recording into an encrypted temporary file.
    pub fn begin(&self) -> Result<BlobWriter, StoreError> {
        let name = hex::encode(key_file::random::<16>()?.as_slice());
        let mut part = Part::make(self.incoming().join(name))?;
        let salt = key_file::random::<SALT>()?;
        let cipher = FileCipher::new(&self.inner.audio_key, &salt);
        part.write(cipher.header())?;
        Ok(BlobWriter {
            blobs: self.clone(),
            part,
            cipher,
            digest: Sha256::new(),
            chunk: Zeroizing::new(Vec::with_capacity(CHUNK + TAG)),
            index: 0,
            bytes: 0,
            broken: false,
        })
    }

    /// Opens a stored recording and authenticates its end.
    ///
    /// # Errors
    /// `NoSuchBlob`; `Corrupt` when the file is not this recording, whole.
    pub fn open(&self, digest: &Digest) -> Result<BlobReader, StoreError> {
        let path = self.path(&self.name(digest));
        match File::open(&path) {
            Ok(file) => self.reader(file, &path, *digest),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::NoSuchBlob),
            Err(source) => Err(StoreError::io("open", &path, source)),
        }
    }

    /// The file name a recording has in this data folder.
    pub fn name(&self, digest: &Digest) -> BlobName {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.inner.name_key.as_slice())
            .expect("HMAC takes a key of any length");
        mac.update(&digest.0);
        BlobName(hex::encode(mac.finalize().into_bytes()))
    }

    /// Where a recording lies in this data folder.
    pub fn place(&self, name: &BlobName) -> PathBuf {
        self.path(name)
    }

    /// Removes what crashes left behind: temporary files of processes that are gone, and stored
    /// recordings that no row refers to. Both must be older than `older_than`, which must exceed
    /// the time between a recording's `keep` and the commit of its row by far.
    pub fn sweep(
        &self,
        is_referenced: impl Fn(&BlobName) -> bool,
        older_than: Duration,
    ) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        for path in sweep::files_in(&self.incoming())? {
            if sweep::is_older(&path, older_than)? && sweep::is_abandoned(&path)? {
                files::remove_if_there(&path)?;
                swept.incoming += 1;
            }
        }
        for folder in sweep::folders_in(&self.inner.folder)? {
            for path in sweep::files_in(&folder)? {
                let name = BlobName::of(&path).filter(|name| !is_referenced(name));
                if name.is_some() && self.remove_older(&path, older_than)? {
                    swept.blobs += 1;
                }
            }
        }
        Ok(swept)
    }

    /// Removes a stored recording unless it was (again) kept just now.
    fn remove_older(&self, path: &Path, older_than: Duration) -> Result<bool, StoreError> {
        if !sweep::is_older(path, older_than)? {
            return Ok(false);
        }
        let (lock, lock_path) = self.lock_file()?;
        lock.lock().map_err(|source| StoreError::io("lock", &lock_path, source))?;
        let still = sweep::is_older(path, older_than)?;
        if still {
            files::remove_if_there(path)?;
        }
        Ok(still)
    }

    fn reader(&self, file: File, path: &Path, digest: Digest) -> Result<BlobReader, StoreError> {
        let failed = |source| StoreError::io("read", path, source);
        let length = file.metadata().map_err(failed)?.len();
        let bytes = plain_length(length).ok_or_else(damaged)?;
        let mut header = [0; HEADER];
        file.read_exact_at(&mut header, 0).map_err(failed)?;
        let cipher = FileCipher::of_header(&self.inner.audio_key, &header).ok_or_else(damaged)?;
        let chunk = Zeroizing::new(Vec::with_capacity(CHUNK + TAG));
        let mut reader = BlobReader {
            file,
            path: path.to_path_buf(),
            cipher,
            digest,
            bytes,
            position: 0,
            chunk,
            loaded: None,
        };
        reader.load(reader.last())?;
        Ok(reader)
    }

    fn path(&self, name: &BlobName) -> PathBuf {
        self.inner.folder.join(&name.0[..FOLDER_DIGITS]).join(&name.0)
    }

    fn incoming(&self) -> PathBuf {
        self.inner.folder.join(INCOMING)
    }

    fn lock_file(&self) -> Result<(File, PathBuf), StoreError> {
        let path = self.inner.folder.join(LOCK);
        let file = File::options().create(true).append(true).open(&path);
        Ok((file.map_err(|source| StoreError::io("open", &path, source))?, path))
    }
}

/// What a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    pub incoming: u32,
    pub blobs: u32,
}

impl BlobName {
    /// The name of a file that is a stored recording; nothing else has such names.
    fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?;
        let digits = name.len() == NAME_DIGITS && name.bytes().all(|b| b.is_ascii_hexdigit());
        digits.then(|| Self(name.to_owned()))
    }
}

impl BlobWriter {
    /// Bytes received so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes the last chunk and syncs the file.
    pub fn finish(mut self) -> Result<StagedBlob, StoreError> {
        let digest = Digest(self.digest.clone().finalize().into());
        self.put(Place::Last(&digest))?;
        let path = &self.part.path;
        self.part.file.sync_all().map_err(|source| StoreError::io("sync", path, source))?;
        fault::point("blob-after-write");
        Ok(StagedBlob { blobs: self.blobs, part: self.part, digest, bytes: self.bytes })
    }

    /// Seals the buffered chunk and writes it.
    fn put(&mut self, place: Place<'_>) -> Result<(), StoreError> {
        if self.broken {
            return Err(StoreError::io("go on after a failed write to", &self.part.path, broken()));
        }
        self.broken = true;
        self.cipher.seal(self.index, place, &mut self.chunk);
        self.part.write(&self.chunk)?;
        self.chunk.clear();
        self.index += 1;
        self.broken = false;
        Ok(())
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Only when more follows is it certain that a full chunk is not the last.
        if self.chunk.len() == CHUNK && !bytes.is_empty() {
            self.put(Place::Inner)?;
        }
        let taken = &bytes[..bytes.len().min(CHUNK - self.chunk.len())];
        self.chunk.extend_from_slice(taken);
        self.digest.update(taken);
        self.bytes += taken.len() as u64;
        Ok(taken.len())
    }

    /// Nothing is on disk for good before `finish`.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl StagedBlob {
    /// Reads the recording before it is kept.
    pub fn reader(&self) -> Result<BlobReader, StoreError> {
        let path = &self.part.path;
        let file = self.part.file.try_clone();
        let file = file.map_err(|source| StoreError::io("open", path, source))?;
        self.blobs.reader(file, path, self.digest)
    }

    /// Gives the recording its name, for good. Where the same content is stored already, this
    /// file, just written, takes its place: that mends a damaged one and makes an unreferenced
    /// one too young to be swept.
    pub fn keep(mut self) -> Result<(), StoreError> {
        let path = self.blobs.path(&self.blobs.name(&self.digest));
        let folder = files::folder_of(&path);
        if !folder.is_dir() {
            files::make_folder(&folder)?;
            files::sync_folder(&self.blobs.inner.folder)?;
        }
        let (lock, lock_path) = self.blobs.lock_file()?;
        lock.lock_shared().map_err(|source| StoreError::io("lock", &lock_path, source))?;
        let part = &mut self.part;
        part.file
            .set_modified(SystemTime::now())
            .map_err(|source| StoreError::io("date", &part.path, source))?;
        fault::point("blob-before-rename");
        fs::rename(&part.path, &path).map_err(|source| StoreError::io("name", &path, source))?;
        part.kept = true;
        fault::point("blob-after-rename");
        files::sync_folder(&folder)
    }
}

impl BlobReader {
    /// Length of the recording.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The index of the last chunk; an empty recording has one, empty.
    fn last(&self) -> u64 {
        self.bytes.saturating_sub(1) / CHUNK as u64
    }

    fn load(&mut self, index: u64) -> Result<(), StoreError> {
        if self.loaded == Some(index) {
            return Ok(());
        }
        self.loaded = None;
        let start = index * CHUNK as u64;
        let plain = (self.bytes - start).min(CHUNK as u64) as usize;
        self.chunk.clear();
        self.chunk.resize(plain + TAG, 0);
        let place = if index == self.last() { Place::Last(&self.digest) } else { Place::Inner };
        self.file.read_exact_at(&mut self.chunk, HEADER as u64 + index * SEALED).map_err(
            |source| match source.kind() {
                io::ErrorKind::UnexpectedEof => damaged(),
                _ => StoreError::io("read", &self.path, source),
            },
        )?;
        self.cipher.open(index, place, &mut self.chunk)?;
        assert!(self.chunk.len() == plain, "an opened chunk has the length its place says");
        self.loaded = Some(index);
        Ok(())
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.bytes || buffer.is_empty() {
            return Ok(0);
        }
        self.load(self.position / CHUNK as u64)?;
        let rest = &self.chunk[(self.position % CHUNK as u64) as usize..];
        let taken = rest.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&rest[..taken]);
        self.position += taken as u64;
        Ok(taken)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
            SeekFrom::End(by) => self.bytes.checked_add_signed(by),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl Part {
    fn make(path: PathBuf) -> Result<Self, StoreError> {
        let file = files::make_file(&path)?;
        let part = Self { path, file, kept: false };
        part.file.lock().map_err(|source| StoreError::io("lock", &part.path, source))?;
        Ok(part)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        fault::io("blob-write")
            .and_then(|()| self.file.write_all(bytes))
            .map_err(|source| StoreError::io("write", &self.path, source))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.kept {
            // What cannot be removed now is left to the sweep.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The length of a recording whose file has this length, if a file of ours can have it.
fn plain_length(file: u64) -> Option<u64> {
    let body = file.checked_sub(HEADER as u64)?;
    let (whole, rest) = (body / SEALED, body % SEALED);
    let tag = TAG as u64;
    match rest {
        0 if whole > 0 => Some(whole * CHUNK as u64),
        rest if rest > tag || (rest == tag && whole == 0) => {
            Some(whole * CHUNK as u64 + rest - tag)
        }
        _ => None,
    }
}

fn damaged() -> StoreError {
    StoreError::corrupt("a stored recording")
}

fn broken() -> io::Error {
    io::ErrorKind::BrokenPipe.into()
}
