//! The geometry of ring buffers, apart from their memory.
//!
//! A [`Ring`] is one buffer between a sink (who writes) and a source (who reads), as numbers alone:
//! SOF's `ring_buffer` and `comp_buffer` keep theirs where modules can write. What is got lies in
//! one piece or, over the end of the buffer, in two. A [`ComponentBuffer`] is a ring whose memory
//! can get another size.
//!
//! ```
//! use vregion::ring::{Piece, Ring};
//!
//! let mut ring = Ring::new(96).unwrap();
//! ring.get_space(80).unwrap();
//! ring.commit_space(80).unwrap();
//! ring.get_data(64).unwrap();
//! ring.commit_data(64).unwrap();
//! let [first, second] = ring.get_space(40).unwrap();
//! assert_eq!(first, Piece { offset: 80, bytes: 16 });
//! assert_eq!(second, Piece { offset: 0, bytes: 24 });
//! ```

use thiserror_no_std::Error;

use crate::InvariantError;

mod buffer;
#[cfg(test)]
mod tests;

pub use buffer::{Block, BufferMemory, ComponentBuffer, Resized, SizeError};

/// The most bytes of a ring.
pub const MAX_BYTES: u32 = 1 << 30;

/// Bytes of the ring side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// From the start of the ring's memory.
    pub offset: u32,
    /// May be none.
    pub bytes: u32,
}

/// Why a ring refuses; it is as it was before.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum RingError {
    /// No size for a ring.
    #[error("a ring has 1 byte to 1 GiB, not {0} bytes")]
    Size(u32),
    /// More space was asked for than is free.
    #[error("{wanted} bytes of space were asked for and {free} are free")]
    NoSpace {
        /// Bytes asked for.
        wanted: u32,
        /// Bytes free.
        free: u32,
    },
    /// More data was asked for than is there.
    #[error("{wanted} bytes of data were asked for and {available} are there")]
    NoData {
        /// Bytes asked for.
        wanted: u32,
        /// Bytes there.
        available: u32,
    },
    /// The last get was not committed.
    #[error("{0} bytes are got already; commit them first")]
    Got(u32),
    /// More was committed than was got.
    #[error("{wanted} bytes were committed and {got} were got")]
    NotGot {
        /// Bytes committed.
        wanted: u32,
        /// Bytes got.
        got: u32,
    },
}

/// How a ring is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RingStats {
    /// Bytes ever committed by the sink, since the last reset.
    pub written: u64,
    /// Bytes ever committed by the source, since the last reset.
    pub read: u64,
    /// The most bytes ever in the ring at once, since the last reset.
    pub peak: u32,
    /// Gets and commits that were refused.
    pub failures: u32,
}

/// Positions in a ring buffer.
#[derive(Clone, Debug)]
pub struct Ring {
    bytes: u32,
    /// Where the next byte is read and written.
    read_at: u32,
    write_at: u32,
    /// Bytes between the two; tells a full ring from an empty one.
    filled: u32,
    got_data: u32,
    got_space: u32,
    stats: RingStats,
}

impl Ring {
    /// An empty ring of `bytes` bytes, any number.
    ///
    /// # Errors
    /// [`RingError::Size`].
    pub const fn new(bytes: u32) -> Result<Self, RingError> {
        if bytes == 0 || bytes > MAX_BYTES {
            return Err(RingError::Size(bytes));
        }
        Ok(Ring {
            bytes,
            read_at: 0,
            write_at: 0,
            filled: 0,
            got_data: 0,
            got_space: 0,
            stats: RingStats {
                written: 0,
                read: 0,
                peak: 0,
                failures: 0,
            },
        })
    }

    /// Bytes of the ring.
    #[must_use]
    pub const fn bytes(&self) -> u32 {
        self.bytes
    }

    /// Bytes that can be got to read.
    #[must_use]
    pub const fn available(&self) -> u32 {
        self.filled
    }

    /// Bytes that can be got to write.
    #[must_use]
    pub const fn free(&self) -> u32 {
        self.bytes - self.filled
    }

    /// The sink's next `bytes` bytes to write; none is allowed. O(1).
    ///
    /// # Errors
    /// [`RingError::Got`], [`RingError::NoSpace`].
    pub fn get_space(&mut self, bytes: u32) -> Result<[Piece; 2], RingError> {
        let free = self.free();
        if self.got_space != 0 {
            return self.refuse(RingError::Got(self.got_space));
        }
        if bytes > free {
            return self.refuse(RingError::NoSpace {
                wanted: bytes,
                free,
            });
        }
        self.got_space = bytes;
        Ok(self.pieces(self.write_at, bytes))
    }

    /// Hands the first `bytes` bytes of those got to the source; the rest is got no longer. O(1).
    ///
    /// # Errors
    /// [`RingError::NotGot`].
    pub fn commit_space(&mut self, bytes: u32) -> Result<(), RingError> {
        if bytes > self.got_space {
            return self.refuse(RingError::NotGot {
                wanted: bytes,
                got: self.got_space,
            });
        }
        self.got_space = 0;
        self.write_at = self.after(self.write_at, bytes);
        self.filled += bytes;
        self.stats.written += u64::from(bytes);
        self.stats.peak = self.stats.peak.max(self.filled);
        Ok(())
    }

    /// The source's next `bytes` bytes to read; none is allowed. O(1).
    ///
    /// # Errors
    /// [`RingError::Got`], [`RingError::NoData`].
    pub fn get_data(&mut self, bytes: u32) -> Result<[Piece; 2], RingError> {
        if self.got_data != 0 {
            return self.refuse(RingError::Got(self.got_data));
        }
        if bytes > self.filled {
            return self.refuse(RingError::NoData {
                wanted: bytes,
                available: self.filled,
            });
        }
        self.got_data = bytes;
        Ok(self.pieces(self.read_at, bytes))
    }

    /// Gives the first `bytes` bytes of those got back to the sink; the rest stays to be read.
    /// O(1).
    ///
    /// # Errors
    /// [`RingError::NotGot`].
    pub fn commit_data(&mut self, bytes: u32) -> Result<(), RingError> {
        if bytes > self.got_data {
            return self.refuse(RingError::NotGot {
                wanted: bytes,
                got: self.got_data,
            });
        }
        self.got_data = 0;
        self.read_at = self.after(self.read_at, bytes);
        self.filled -= bytes;
        self.stats.read += u64::from(bytes);
        Ok(())
    }

    /// Whether either side has got bytes and not committed.
    #[must_use]
    pub const fn is_got(&self) -> bool {
        (self.got_data | self.got_space) != 0
    }

    /// Empties the ring, whatever is got. O(1).
    pub const fn reset(&mut self) {
        self.read_at = 0;
        self.write_at = 0;
        self.filled = 0;
        self.got_data = 0;
        self.got_space = 0;
        self.stats = RingStats {
            written: 0,
            read: 0,
            peak: 0,
            failures: 0,
        };
    }

    /// How the ring is used. O(1).
    #[must_use]
    pub const fn stats(&self) -> RingStats {
        self.stats
    }

    /// Looks at the ring. O(1).
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub const fn check(&self) -> Result<(), InvariantError> {
        let inside = self.read_at < self.bytes && self.write_at < self.bytes;
        if !inside || self.after(self.read_at, self.filled) != self.write_at {
            return Err(InvariantError::Positions);
        }
        if self.stats.written.wrapping_sub(self.stats.read) != self.filled as u64 {
            return Err(InvariantError::Positions);
        }
        if self.filled > self.bytes
            || self.got_data > self.filled
            || self.got_space > self.bytes - self.filled
        {
            return Err(InvariantError::Got);
        }
        if self.filled > self.stats.peak {
            return Err(InvariantError::Peak);
        }
        Ok(())
    }

    /// The position `bytes` bytes, at most those of the ring, after another.
    const fn after(&self, at: u32, bytes: u32) -> u32 {
        let sum = at + bytes;
        if sum >= self.bytes {
            sum - self.bytes
        } else {
            sum
        }
    }

    const fn pieces(&self, at: u32, bytes: u32) -> [Piece; 2] {
        let to_end = self.bytes - at;
        let first = if bytes < to_end { bytes } else { to_end };
        [
            Piece {
                offset: at,
                bytes: first,
            },
            Piece {
                offset: 0,
                bytes: bytes - first,
            },
        ]
    }

    const fn refuse<T>(&mut self, error: RingError) -> Result<T, RingError> {
        self.stats.failures = self.stats.failures.saturating_add(1);
        Err(error)
    }
}
