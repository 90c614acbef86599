//! The rules that hold between any two operations, by number.

use thiserror_no_std::Error;

/// A rule that does not hold, found by a `check`. Seeing one is always a bug in this crate.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum InvariantError {
    /// Accounting of pages.
    #[error("P1: the number of free pages is not what the map says")]
    FreePages,
    /// Nothing is known of a free page.
    #[error("P2: the free page {0} has a frame or begins a reservation")]
    FreePageInUse(u32),
    /// Every reserved page belongs to a reservation that has a first page.
    #[error("P3: the reserved page {0} belongs to no reservation")]
    NoReservation(u32),
    /// Accounting of reservations.
    #[error("P4: the number of reservations is not that of their first pages")]
    Reservations,
    /// A frame has one owner: a page, or the free frames.
    #[error("P5: the frame {0} is in two places, in none, or does not exist")]
    FrameOwner(u32),
    /// Accounting of frames.
    #[error("P6: the number of free frames is not what the pages leave")]
    FreeFrames,
    /// The note that shortens a search must never hide a run that would do.
    #[error("P7: the group of pages from {0} on has a run that the search would not find")]
    HiddenRun(u32),

    /// Blocks cover the heap in address order, linked both ways.
    #[error("H1: the block at offset {0} does not begin where the one before it ends")]
    Tiling(u32),
    /// Free neighbours are one block.
    #[error("H2: the free block at offset {0} has a free neighbour")]
    NotMerged(u32),
    /// A free block is in the list of its size, and nothing else is.
    #[error("H3: the lists of free blocks are not what the blocks say, in size class {0}")]
    FreeList(u32),
    /// The directory finds each allocated block, and nothing else.
    #[error("H4: the directory is not what the blocks say, in bucket {0}")]
    Directory(u32),
    /// A record is in one place: a lifetime allocation, a block, or spare.
    #[error("H5: the records in use and the spare ones are not all the records")]
    Records,
    /// A coherent allocation has its cache lines to itself.
    #[error("H6: the coherent allocation at offset {0} does not begin and end at a cache line")]
    SharedLine(u32),

    /// Lifetime allocations lie in order, apart, below the end of the lifetime part.
    #[error("R1: the lifetime allocation at offset {0} overlaps another or lies outside its part")]
    Lifetime(u32),
    /// Accounting of bytes.
    #[error("R2: the bytes in use are not those of the allocations")]
    UsedBytes,
    /// Accounting of allocations.
    #[error("R3: the number of allocations is not that of the records")]
    Allocations,
    /// The peak is never below the present.
    #[error("R4: more bytes are in use than the recorded peak")]
    Peak,
}
