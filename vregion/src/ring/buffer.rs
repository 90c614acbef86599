//! A ring whose memory can get another size.

use thiserror_no_std::Error;

use super::{Ring, RingError};
use crate::InvariantError;
use crate::range::{Range, RangeError};

/// The memory of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Where it begins.
    pub offset: u32,
    /// Its bytes.
    pub bytes: u32,
}

/// Where buffers have their memory from.
pub trait BufferMemory {
    /// Why there is none.
    type Error;

    /// At least `bytes` bytes at a multiple of `align`.
    ///
    /// # Errors
    /// Nothing was taken.
    fn take(&mut self, bytes: u32, align: u32) -> Result<Block, Self::Error>;

    /// As many bytes as can be had in this range, for example by a range allocation.
    ///
    /// # Errors
    /// Not even the minimum; nothing was taken.
    fn take_range(&mut self, range: Range) -> Result<Block, Self::Error>;

    /// Takes the memory back.
    fn give(&mut self, block: Block);
}

/// Why a buffer did not get another size; it is as it was, with all that is in it.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SizeError<E> {
    /// No size for a ring.
    #[error("{0}")]
    Ring(RingError),
    /// The alignment is no power of two.
    #[error("an alignment of {0} bytes is not a power of two")]
    Alignment(u32),
    /// The range is empty or upside down.
    #[error("{0}")]
    Range(RangeError<core::convert::Infallible>),
    /// Somebody reads or writes.
    #[error("the buffer is being read or written; commit first")]
    InUse,
    /// No memory.
    #[error("no memory for a buffer of {bytes} bytes: {error}")]
    Memory {
        /// Bytes needed.
        bytes: u32,
        /// Why there are none.
        error: E,
    },
    /// The memory that was handed out is smaller than was asked for, or not aligned.
    #[error("a block of {0} bytes is not what was asked for")]
    Misplaced(u32),
}

/// What became of the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resized {
    /// It has this size already: the data stays too.
    Same,
    /// Other memory of this size; the buffer is empty.
    Moved,
    /// The old memory, of which another part is used; the buffer is empty.
    Kept,
}

/// A ring with memory of its own.
pub struct ComponentBuffer {
    ring: Ring,
    block: Block,
    align: u32,
}

impl ComponentBuffer {
    /// An empty buffer of `bytes` bytes.
    ///
    /// # Errors
    /// [`SizeError`]; nothing was taken.
    pub fn new<M: BufferMemory>(
        bytes: u32,
        align: u32,
        memory: &mut M,
    ) -> Result<Self, SizeError<M::Error>> {
        let ring = validate(bytes, align)?;
        let block = take(bytes, align, memory)?;
        Ok(ComponentBuffer { ring, block, align })
    }

    /// An empty buffer of as many bytes as can be had in the range.
    ///
    /// # Errors
    /// [`SizeError`]; nothing was taken.
    pub fn with_range<M: BufferMemory>(
        range: Range,
        memory: &mut M,
    ) -> Result<Self, SizeError<M::Error>> {
        validate_range(range)?;
        let block = take_range(range, memory)?;
        let bytes = block.bytes.min(range.preferred);
        let ring = Ring::new(bytes).map_err(SizeError::Ring)?;
        Ok(ComponentBuffer {
            ring,
            block,
            align: range.align,
        })
    }

    /// The positions.
    #[must_use]
    pub const fn ring(&self) -> &Ring {
        &self.ring
    }

    /// The positions, to get and commit.
    pub const fn ring_mut(&mut self) -> &mut Ring {
        &mut self.ring
    }

    /// The memory; the ring's offset 0 is where it begins.
    #[must_use]
    pub const fn block(&self) -> Block {
        self.block
    }

    /// Gives the buffer another size. Growing takes new memory before the old goes; shrinking keeps
    /// the old if there is no new. Unless it had the size before, the buffer is empty afterwards.
    ///
    /// This is SOF's `buffer_set_size`.
    ///
    /// # Errors
    /// [`SizeError`]; nothing has changed.
    pub fn set_size<M: BufferMemory>(
        &mut self,
        bytes: u32,
        align: u32,
        memory: &mut M,
    ) -> Result<Resized, SizeError<M::Error>> {
        let ring = validate(bytes, align)?;
        let aligned = self.is_aligned(align);
        if bytes == self.ring.bytes() && aligned {
            return Ok(Resized::Same);
        }
        if self.ring.is_got() {
            return Err(SizeError::InUse);
        }
        let resized = match take(bytes, align, memory) {
            Ok(block) => {
                memory.give(core::mem::replace(&mut self.block, block));
                Resized::Moved
            }
            Err(_) if bytes <= self.block.bytes && aligned => Resized::Kept,
            Err(error) => return Err(error),
        };
        self.ring = ring;
        self.align = align;
        Ok(resized)
    }

    /// Gives the buffer as many bytes as can be had in the range. Where no memory can be had the
    /// old is kept, provided that it has at least the minimum.
    ///
    /// This is SOF's `buffer_set_size_range`, which takes a failure for success.
    ///
    /// # Errors
    /// [`SizeError`]; nothing has changed.
    pub fn set_size_range<M: BufferMemory>(
        &mut self,
        range: Range,
        memory: &mut M,
    ) -> Result<Resized, SizeError<M::Error>> {
        validate_range(range)?;
        let Range {
            minimum,
            preferred,
            align,
        } = range;
        let aligned = self.is_aligned(align);
        if preferred == self.ring.bytes() && aligned {
            return Ok(Resized::Same);
        }
        if self.ring.is_got() {
            return Err(SizeError::InUse);
        }
        let (block, resized) = match take_range(range, memory) {
            // What there is may be more than what can be had besides it.
            Ok(block) if aligned && block.bytes <= self.block.bytes && block.bytes < preferred => {
                memory.give(block);
                (self.block, Resized::Kept)
            }
            Ok(block) => (block, Resized::Moved),
            Err(_) if aligned && self.block.bytes >= minimum => (self.block, Resized::Kept),
            Err(error) => return Err(error),
        };
        let bytes = block.bytes.min(preferred);
        if resized == Resized::Kept && bytes == self.ring.bytes() {
            return Ok(Resized::Same);
        }
        // A size between minimum and preferred was found to be one above.
        let ring = Ring::new(bytes).map_err(SizeError::Ring)?;
        if resized == Resized::Moved {
            memory.give(core::mem::replace(&mut self.block, block));
        }
        self.ring = ring;
        self.align = align;
        Ok(resized)
    }

    /// Ends the buffer: gives its memory back.
    pub fn close<M: BufferMemory>(self, memory: &mut M) {
        memory.give(self.block);
    }

    /// Looks at the buffer. O(1).
    ///
    /// # Errors
    /// The first rule that does not hold.
    pub fn check(&self) -> Result<(), InvariantError> {
        if self.ring.bytes() > self.block.bytes || !self.is_aligned(self.align) {
            return Err(InvariantError::Positions);
        }
        self.ring.check()
    }

    const fn is_aligned(&self, align: u32) -> bool {
        self.block.offset.is_multiple_of(align)
    }
}

fn validate<E>(bytes: u32, align: u32) -> Result<Ring, SizeError<E>> {
    if !align.is_power_of_two() {
        return Err(SizeError::Alignment(align));
    }
    Ring::new(bytes).map_err(SizeError::Ring)
}

fn validate_range<E>(range: Range) -> Result<(), SizeError<E>> {
    range.validate().map_err(SizeError::Range)?;
    validate(range.preferred, range.align).map(|_| ())
}

fn take<M: BufferMemory>(
    bytes: u32,
    align: u32,
    memory: &mut M,
) -> Result<Block, SizeError<M::Error>> {
    let block = memory.take(bytes, align);
    let block = block.map_err(|error| SizeError::Memory { bytes, error })?;
    proven(block, bytes, align, memory)
}

fn take_range<M: BufferMemory>(range: Range, memory: &mut M) -> Result<Block, SizeError<M::Error>> {
    let bytes = range.minimum;
    let block = memory.take_range(range);
    let block = block.map_err(|error| SizeError::Memory { bytes, error })?;
    proven(block, bytes, range.align, memory)
}

fn proven<M: BufferMemory>(
    block: Block,
    bytes: u32,
    align: u32,
    memory: &mut M,
) -> Result<Block, SizeError<M::Error>> {
    if block.bytes < bytes || !block.offset.is_multiple_of(align) {
        memory.give(block);
        return Err(SizeError::Misplaced(block.bytes));
    }
    Ok(block)
}
