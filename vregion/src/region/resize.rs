//! Giving an interim allocation another size where it lies.

use thiserror_no_std::Error;

use super::{FreeError, Region};
use crate::heap::{self, GRANULE};

/// An allocation with another size, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resized {
    /// What it had.
    pub before: u32,
    /// What it has: what was asked for, rounded up to 8; of a coherent one to whole lines.
    pub bytes: u32,
}

/// Why an allocation keeps its size; nothing has changed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ResizeError {
    /// No bytes were asked for.
    #[error("an allocation needs at least one byte; free it instead")]
    Empty,
    /// More than the whole region.
    #[error("{bytes} bytes do not fit into a region of {region}")]
    TooLarge {
        /// Bytes asked for.
        bytes: u32,
        /// Bytes of the region.
        region: u32,
    },
    /// What follows is in use.
    #[error("{bytes} bytes were asked for, and up to the next allocation there are {most}")]
    NoRoom {
        /// Bytes asked for.
        bytes: u32,
        /// The most it could have where it lies.
        most: u32,
    },
    /// It is for life, and so is its size.
    #[error("the allocation at offset {0:#x} is for life and keeps its size")]
    Lifetime(u32),
    /// No allocation begins there.
    #[error("{0}")]
    Offset(FreeError),
}

impl<const RECORDS: usize> Region<RECORDS> {
    /// Gives the interim allocation that begins at `offset` at least `bytes` bytes, without moving
    /// it: more from the free bytes behind it, or fewer, and the rest is free at once.
    ///
    /// O(1) on average; O(`RECORDS`) for an offset at which no interim allocation begins.
    ///
    /// # Errors
    /// [`ResizeError`]; nothing has changed. After [`ResizeError::NoRoom`] a new allocation may
    /// still do.
    pub fn resize(&mut self, offset: u32, bytes: u32) -> Result<Resized, ResizeError> {
        if bytes == 0 {
            return Err(ResizeError::Empty);
        }
        if bytes > self.bytes {
            let region = self.bytes;
            return Err(ResizeError::TooLarge { bytes, region });
        }
        let line = self.line;
        let rounded = |coherent| bytes.next_multiple_of(if coherent { line } else { GRANULE });
        let mut size = 0;
        let resized = if offset < self.heap_start {
            heap::Resized::Nothing
        } else {
            self.heap.resize(offset, |coherent| {
                size = rounded(coherent);
                size
            })
        };
        match resized {
            heap::Resized::Nothing => Err(self.why_not_resized(offset)),
            heap::Resized::NoRoom(most) => Err(ResizeError::NoRoom { bytes, most }),
            heap::Resized::Done(before) => {
                self.peak = self.peak.max(self.used);
                self.used = self.used - before + size;
                Ok(Resized {
                    before,
                    bytes: size,
                })
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn why_not_resized(&self, offset: u32) -> ResizeError {
        if offset >= self.bytes {
            return ResizeError::Offset(FreeError::Foreign(offset));
        }
        let number = self.kept_at_or_below(offset);
        if number != 0 && self.kept(number).start() == offset {
            return ResizeError::Lifetime(offset);
        }
        ResizeError::Offset(self.explain(offset))
    }
}
