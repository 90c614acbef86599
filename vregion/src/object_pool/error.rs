//! Why a pool refuses. After a refusal it is as it was before.

use thiserror_no_std::Error;

/// Why there can be no pool of such objects.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PoolError {
    /// Objects without bytes.
    #[error("an object has at least one byte")]
    Empty,
    /// The alignment is no power of two.
    #[error("an alignment of {0} bytes is not a power of two")]
    Alignment(u32),
    /// A chunk would be larger than an address space.
    #[error("32 objects of {0} bytes are more than an address space has")]
    TooLarge(u32),
}

/// Why there is no object.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AllocError<E> {
    /// All objects of all chunks are in use.
    #[error("all objects are in use, and the pool has used up its {0} chunks")]
    NoChunk(u32),
    /// No memory for another chunk.
    #[error("no memory for another chunk: {0}")]
    Memory(E),
    /// The memory is not aligned, or runs past the end of the address space: the source is broken.
    #[error("a chunk cannot lie at offset {0:#x}")]
    Misplaced(u32),
}

/// Why a free was refused. Each of these is a bug.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FreeError {
    /// The handle names no object that is in use.
    #[error("the object was freed before: its handle is no longer in use")]
    Stale,
    /// In no chunk.
    #[error("offset {0:#x} is in no chunk of the pool")]
    Foreign(u32),
    /// Not at the start of an object.
    #[error("offset {offset:#x} is inside the object at {start:#x}; free that one")]
    Interior {
        /// The offset given.
        offset: u32,
        /// Where the object begins.
        start: u32,
    },
    /// The object is free.
    #[error("no object is in use at offset {0:#x}: it was freed before, or never handed out")]
    NotAllocated(u32),
}
