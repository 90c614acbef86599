//! Why the table refuses. After a refusal it is as it was before.

use thiserror_no_std::Error;

/// Why there is no copy.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum GetError<E> {
    /// No bytes were asked for.
    #[error("a copy needs at least one byte")]
    Empty,
    /// The source runs past the end of the address space, or cannot be rounded up to pages.
    #[error("{bytes} bytes from {source_address:#010x} on run past the end of the address space")]
    Wraps {
        /// Where the source begins.
        source_address: u32,
        /// Bytes asked for.
        bytes: u32,
    },
    /// The owner may not have a copy of this source.
    #[error("the source is refused: {0}")]
    Source(E),
    /// The owner has a copy of the same source with another size.
    #[error("the owner has a copy of the same source with {have} bytes, not {wanted}")]
    Size {
        /// Bytes of the copy it has.
        have: u32,
        /// Bytes asked for.
        wanted: u32,
    },
    /// The owner has got it too often.
    #[error("the owner has got the copy 65,535 times without putting it")]
    TooMany,
    /// Nothing to write a copy down in.
    #[error("the table has used up its records for {0} copies")]
    NoCopy(u32),
    /// Nothing to write an owner down in.
    #[error("the table has used up its records for {0} owners of copies")]
    NoLink(u32),
    /// No memory.
    #[error("no memory for the copy: {0}")]
    Memory(E),
    /// The owner could not be let at it.
    #[error("the copy could not be granted: {0}")]
    Grant(E),
}

/// Why a put was refused. Each of these is a bug, or an attack.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PutError {
    /// The copy is gone.
    #[error("the copy is gone: it was put by its last owner before")]
    Stale,
    /// Somebody else's.
    #[error("this owner does not have the copy: it has put it before, or never got it")]
    NotOwner,
}
