//! A lock on a file that is given back the moment its holder drops it.
//!
//! Not for: which files are locked and what it means (`store/lock.rs`, `speech/install.rs`).
//!
//! Invariant: a locked file is given back by a call. Closing it is not enough while a program that
//! was just started has a copy of it (flock(2), fork(2)).

use std::fs::{File, TryLockError};
use std::io;

/// A locked file. The kernel takes the lock away with its process, however that ends.
pub struct Lock(File);

impl Lock {
    /// Shares the file with others that share it.
    ///
    /// # Errors
    /// `WouldBlock` while somebody has it alone.
    pub fn shared(file: File) -> Result<Self, TryLockError> {
        file.try_lock_shared()?;
        Ok(Self(file))
    }

    /// Has the file alone.
    ///
    /// # Errors
    /// `WouldBlock` while anybody else has it.
    pub fn alone(file: File) -> Result<Self, TryLockError> {
        file.try_lock()?;
        Ok(Self(file))
    }

    /// Waits until the file can be had alone.
    ///
    /// # Errors
    /// Those of the system.
    pub fn waited_for(file: File) -> io::Result<Self> {
        file.lock()?;
        Ok(Self(file))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Where the call fails, closing gives it back.
        let _ = self.0.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_was_given_back_is_free_though_a_copy_of_its_file_is_open() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mark");
        let open = || File::create(&path).expect("a file");
        let file = open();
        let copy = file.try_clone().expect("a copy");
        let first = Lock::alone(file).expect("free");
        assert!(matches!(Lock::alone(open()), Err(TryLockError::WouldBlock)));
        drop(first);
        assert!(Lock::alone(open()).is_ok());
        drop(copy);
    }
}
