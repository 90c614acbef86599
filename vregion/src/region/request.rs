//! What is asked of a region, and what it answers.

use super::{GeometryError, LEAST_BYTES, MAX_BYTES};

/// Where and how large a region is, all in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// Bytes of the region: a multiple of 8, at most [`MAX_BYTES`].
    pub bytes: u32,
    /// Bytes of a cache line: a power of two, 8 or more.
    pub line: u32,
    /// The address of offset 0, at the start of a cache line. Only alignment depends on it: an
    /// allocation is aligned in the address space, not merely in the region.
    pub base: u32,
}

impl Geometry {
    /// Whether a region can be like that. O(1).
    ///
    /// # Errors
    /// What is wrong with it.
    pub const fn validate(&self) -> Result<(), GeometryError> {
        let Geometry { bytes, line, base } = *self;
        if bytes == 0 || !bytes.is_multiple_of(LEAST_BYTES) || bytes > MAX_BYTES {
            return Err(GeometryError::Bytes(bytes));
        }
        if !line.is_power_of_two() || line < LEAST_BYTES {
            return Err(GeometryError::Line(line));
        }
        if !base.is_multiple_of(line) {
            return Err(GeometryError::Base { base, line });
        }
        // The last byte has an address; the end need not.
        if base.checked_add(bytes - 1).is_none() {
            return Err(GeometryError::Wraps { base, bytes });
        }
        Ok(())
    }
}

/// Through which alias the memory is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The cached one.
    Plain,
    /// The uncached one, for memory shared with another core or with DMA. The allocation has its
    /// cache lines to itself.
    Coherent,
}

/// An allocation as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Bytes, at least one.
    pub bytes: u32,
    /// What the address is a multiple of, in bytes: any power of two. Less than 8 means 8.
    pub align: u32,
    /// Through which alias it is used.
    pub kind: Kind,
}

impl Request {
    /// Bytes for the cached alias, with the least alignment.
    #[must_use]
    pub const fn plain(bytes: u32) -> Self {
        Request {
            bytes,
            align: LEAST_BYTES,
            kind: Kind::Plain,
        }
    }

    /// Bytes for the uncached alias, in cache lines of their own.
    #[must_use]
    pub const fn coherent(bytes: u32) -> Self {
        Request {
            bytes,
            align: LEAST_BYTES,
            kind: Kind::Coherent,
        }
    }

    /// The same, at a multiple of `align` bytes.
    #[must_use]
    pub const fn aligned(self, align: u32) -> Self {
        Request { align, ..self }
    }
}

/// An allocation as it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Allocation {
    /// Bytes from the start of the region.
    pub offset: u32,
    /// Bytes that belong to it: those asked for, rounded up to 8, or to cache lines if coherent. An
    /// interim allocation is rounded up to its alignment, but at most to a cache line: what is
    /// left there is of use to nobody who aligns likewise.
    /// They may hold what an earlier allocation left.
    pub bytes: u32,
}

impl Allocation {
    /// The offset of the first byte after it.
    #[must_use]
    pub const fn end(self) -> u32 {
        self.offset + self.bytes
    }
}

/// What became of a freed allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freed {
    /// An interim allocation: its bytes can be handed out again.
    Returned {
        /// Bytes that it had.
        bytes: u32,
    },
    /// A lifetime allocation: it is over, its bytes stay with the module.
    Kept {
        /// Bytes that it had.
        bytes: u32,
    },
}
