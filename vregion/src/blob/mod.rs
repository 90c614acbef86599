//! Configuration data in two buffers: a reader has the old blob whole until it takes the new one.
//!
//! A blob comes in fragments, in order. It is looked at by a validator when all of it is there, and
//! the reader switches to it when it likes. This is SOF's data blob handler
//! (`src/audio/data_blob.c`) with its sizes and states in kernel memory.
//!
//! The handler says where a fragment goes; who calls it copies the bytes there.
//!
//! ```
//! use vregion::blob::{BlobHandler, BlobMemory, Buffering, Reader};
//!
//! struct Bump(u32);
//! impl BlobMemory for Bump {
//!     type Error = &'static str;
//!     fn take(&mut self, bytes: u32) -> Result<u32, Self::Error> {
//!         self.0 += bytes;
//!         Ok(self.0 - bytes)
//!     }
//!     fn give(&mut self, _offset: u32, _bytes: u32) {}
//! }
//!
//! let mut memory = Bump(0);
//! let mut handler = BlobHandler::new(Buffering::Double);
//! handler.begin(1000, Reader::Active, &mut memory).unwrap();
//! let first = handler.append(0, 600).unwrap();
//! let second = handler.append(600, 400).unwrap();
//! assert_eq!((first.offset, second.offset, second.bytes), (0, 600, 400));
//! handler.commit(|_blob| Ok::<(), ()>(()), &mut memory).unwrap();
//! assert_eq!(handler.current(), None);
//! assert_eq!(handler.switch(&mut memory).unwrap().bytes, 1000);
//! ```

use crate::InvariantError;

mod error;
#[cfg(test)]
mod tests;

pub use error::{AppendError, BeginError, CommitError};

/// The most bytes of a blob unless the embedder says otherwise.
pub const DEFAULT_MAX_BYTES: u32 = 8192;

/// Where blobs are kept.
pub trait BlobMemory {
    /// Why there is no room.
    type Error;

    /// Memory for a blob, all zero, as an offset.
    ///
    /// # Errors
    /// Nothing was taken.
    fn take(&mut self, bytes: u32) -> Result<u32, Self::Error>;

    /// Takes the memory back.
    fn give(&mut self, offset: u32, bytes: u32);
}

/// A stretch of memory: a blob, or where a fragment of one goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Where it begins.
    pub offset: u32,
    /// Its bytes.
    pub bytes: u32,
}

/// How many blobs there may be at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buffering {
    /// One is read while the next one comes.
    Double,
    /// The old one goes when the next one begins, which must wait until nobody reads.
    Single,
}

/// What the reader does while a transfer begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// It may be reading.
    Active,
    /// It does not read, and will not until it has switched.
    Idle,
}

/// How a handler is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlobStats {
    /// Bytes of the blobs that there are.
    pub used: u32,
    /// The most bytes ever kept at once.
    pub peak: u32,
    /// Blobs that were accepted.
    pub commits: u32,
    /// Transfers that were refused, given up, or found invalid.
    pub failures: u32,
}

#[derive(Clone, Copy)]
enum Next {
    None,
    Receiving { blob: Blob, received: u32 },
    Ready(Blob),
}

/// The blobs of one component.
pub struct BlobHandler {
    current: Option<Blob>,
    next: Next,
    buffering: Buffering,
    max_bytes: u32,
    stats: BlobStats,
}

impl BlobHandler {
    /// A handler without a blob, for blobs of at most [`DEFAULT_MAX_BYTES`].
    #[must_use]
    pub const fn new(buffering: Buffering) -> Self {
        Self::with_max(buffering, DEFAULT_MAX_BYTES)
    }

    /// A handler without a blob, for blobs of at most `max_bytes`.
    #[must_use]
    pub const fn with_max(buffering: Buffering, max_bytes: u32) -> Self {
        BlobHandler {
            current: None,
            next: Next::None,
            buffering,
            max_bytes,
            stats: BlobStats {
                used: 0,
                peak: 0,
                commits: 0,
                failures: 0,
            },
        }
    }

    /// Begins the transfer of a blob of `bytes` bytes. With [`Buffering::Single`] the old blob
    /// goes first. O(1), and the memory's work.
    ///
    /// # Errors
    /// [`BeginError`]; nothing has changed but the number of failures, except that with
    /// [`Buffering::Single`] the old blob is gone after [`BeginError::Memory`].
    pub fn begin<M: BlobMemory>(
        &mut self,
        bytes: u32,
        reader: Reader,
        memory: &mut M,
    ) -> Result<(), BeginError<M::Error>> {
        let result = self.begin_transfer(bytes, reader, memory);
        self.count(result.is_err());
        result
    }

    fn begin_transfer<M: BlobMemory>(
        &mut self,
        bytes: u32,
        reader: Reader,
        memory: &mut M,
    ) -> Result<(), BeginError<M::Error>> {
        if bytes == 0 {
            return Err(BeginError::Empty);
        }
        if bytes > self.max_bytes {
            return Err(BeginError::TooLong {
                bytes,
                max: self.max_bytes,
            });
        }
        match self.next {
            Next::None => {}
            Next::Receiving { blob, received } => {
                return Err(BeginError::Receiving {
                    received,
                    bytes: blob.bytes,
                });
            }
            Next::Ready(_) => return Err(BeginError::NotTaken),
        }
        if matches!(self.buffering, Buffering::Single) && self.current.is_some() {
            if matches!(reader, Reader::Active) {
                return Err(BeginError::Active);
            }
            let old = self.current.take();
            self.give(old, memory);
        }
        let offset = memory.take(bytes).map_err(BeginError::Memory)?;
        self.next = Next::Receiving {
            blob: Blob { offset, bytes },
            received: 0,
        };
        self.stats.used += bytes;
        self.stats.peak = self.stats.peak.max(self.stats.used);
        Ok(())
    }

    /// The next fragment, `bytes` bytes from byte `at` of the blob on: where they are to be copied,
    /// before anything else is asked of the handler. O(1).
    ///
    /// # Errors
    /// [`AppendError`]; nothing has changed, and the transfer goes on.
    pub fn append(&mut self, at: u32, bytes: u32) -> Result<Blob, AppendError> {
        let Next::Receiving { blob, received } = &mut self.next else {
            return Err(AppendError::NoTransfer);
        };
        if bytes == 0 {
            return Err(AppendError::Empty);
        }
        if at != *received {
            return Err(AppendError::OutOfOrder {
                expected: *received,
                at,
            });
        }
        let left = blob.bytes - *received;
        if bytes > left {
            return Err(AppendError::TooLong { bytes, left });
        }
        let place = Blob {
            offset: blob.offset + *received,
            bytes,
        };
        *received += bytes;
        Ok(place)
    }

    /// Ends the transfer: has the whole blob looked at, and keeps it for the reader to switch to.
    /// O(1), and the validator's and the memory's work.
    ///
    /// # Errors
    /// [`CommitError`]. Only after [`CommitError::Invalid`] is the transfer over, and its memory
    /// given back; the reader's blob stays in any case.
    pub fn commit<M: BlobMemory, E>(
        &mut self,
        validator: impl FnOnce(Blob) -> Result<(), E>,
        memory: &mut M,
    ) -> Result<Blob, CommitError<E>> {
        let Next::Receiving { blob, received } = self.next else {
            return Err(CommitError::NoTransfer);
        };
        if received != blob.bytes {
            return Err(CommitError::Incomplete {
                received,
                bytes: blob.bytes,
            });
        }
        if let Err(error) = validator(blob) {
            self.abort(memory);
            return Err(CommitError::Invalid(error));
        }
        self.next = Next::Ready(blob);
        self.stats.commits = self.stats.commits.saturating_add(1);
        Ok(blob)
    }

    /// Gives the transfer up; whether there was one. A blob that is ready stays. O(1), and the
    /// memory's work.
    pub fn abort<M: BlobMemory>(&mut self, memory: &mut M) -> bool {
        let Next::Receiving { blob, .. } = self.next else {
            return false;
        };
        self.next = Next::None;
        self.give(Some(blob), memory);
        self.count(true);
        true
    }

    /// The reader's blob.
    #[must_use]
    pub const fn current(&self) -> Option<Blob> {
        self.current
    }

    /// Whether a blob is ready for the reader to switch to.
    #[must_use]
    pub const fn has_new(&self) -> bool {
        matches!(self.next, Next::Ready(_))
    }

    /// Switches to the new blob if one is ready, and gives the old one's memory back: only the
    /// reader may call it, when it does not read. Returns the reader's blob. O(1), and the memory's
    /// work.
    pub fn switch<M: BlobMemory>(&mut self, memory: &mut M) -> Option<Blob> {
        if let Next::Ready(blob) = self.next {
            self.next = Next::None;
            let old = self.current.replace(blob);
            self.give(old, memory);
        }
        self.current
    }

    /// Gives everything back, as when the component ends. O(1), and the memory's work.
    pub fn clear<M: BlobMemory>(&mut self, memory: &mut M) {
        let current = self.current.take();
        self.give(current, memory);
        if let Next::Receiving { blob, .. } | Next::Ready(blob) = self.next {
            self.next = Next::None;
            self.give(Some(blob), memory);
        }
    }

    /// How the handler is used. O(1).
    #[must_use]
    pub const fn stats(&self) -> BlobStats {
        self.stats
    }

    /// Looks at the handler. O(1).
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check(&self) -> Result<(), InvariantError> {
        let next = match self.next {
            Next::None => 0,
            Next::Ready(blob) => blob.bytes,
            Next::Receiving { blob, received } if received <= blob.bytes => blob.bytes,
            Next::Receiving { .. } => return Err(InvariantError::Received),
        };
        if next + self.current.map_or(0, |blob| blob.bytes) != self.stats.used {
            return Err(InvariantError::BlobBytes);
        }
        if self.stats.used > self.stats.peak {
            return Err(InvariantError::Peak);
        }
        Ok(())
    }

    fn give<M: BlobMemory>(&mut self, blob: Option<Blob>, memory: &mut M) {
        if let Some(blob) = blob {
            memory.give(blob.offset, blob.bytes);
            self.stats.used -= blob.bytes;
        }
    }

    const fn count(&mut self, failure: bool) {
        self.stats.failures = self.stats.failures.saturating_add(failure as u32);
    }
}
