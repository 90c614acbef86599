//! Why a virtual heap refuses. After a refusal it is as it was before.

use thiserror_no_std::Error;

/// Why there can be no such heap.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum LayoutError {
    /// The heap is open and has allocations.
    #[error("{0} allocations of the heap are still in use")]
    InUse(u32),
    /// The page size is no power of two, or too small.
    #[error("a page is a power of two and has at least 64 bytes, not {0}")]
    Page(u32),
    /// The heap does not begin on a page.
    #[error("the heap's address {0:#010x} is not at the start of a page")]
    Base(u32),
    /// The heap would end beyond the address space.
    #[error("{bytes} bytes from {base:#010x} on run past the end of the address space")]
    Wraps {
        /// The address of offset 0.
        base: u32,
        /// Bytes of the heap.
        bytes: u32,
    },
    /// No bundle at all, or too many.
    #[error("a heap has 1 to 16 bundles, not {0}")]
    Bundles(usize),
    /// A block is too small.
    #[error("bundle {0} has blocks of less than 8 bytes")]
    Block(usize),
    /// A bundle without blocks.
    #[error("bundle {0} has no blocks")]
    Count(usize),
    /// Bundles are searched in order, so small blocks come first.
    #[error("bundle {0} has smaller blocks than the bundle before it")]
    Order(usize),
    /// The bundles are larger than the heap, or their sizes wrap.
    #[error("bundle {bundle} ends beyond the heap's {bytes} bytes")]
    TooLarge {
        /// The bundle, counted from 0.
        bundle: usize,
        /// Bytes of the heap.
        bytes: u32,
    },
    /// More pages than the heap can count.
    #[error("the heap has records for {0} pages, and the bundles need more")]
    Pages(u32),
    /// More blocks than the heap can count.
    #[error("the heap has records for {0} blocks in words of 32, and the bundles need more")]
    Blocks(u32),
}

/// Why an allocation was refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AllocError<E> {
    /// No bytes were asked for.
    #[error("an allocation needs at least one byte")]
    Empty,
    /// The alignment is no power of two.
    #[error("an alignment of {0} bytes is not a power of two")]
    Alignment(u32),
    /// No bundle could ever hold as much, so aligned.
    #[error("no bundle has blocks for {bytes} bytes at a multiple of {align}")]
    TooLarge {
        /// Bytes asked for.
        bytes: u32,
        /// Alignment asked for.
        align: u32,
    },
    /// All blocks that would do are in use.
    #[error("all blocks that would hold {bytes} bytes are in use")]
    Full {
        /// Bytes asked for.
        bytes: u32,
    },
    /// The pages could not be mapped.
    #[error("the pages could not be mapped: {0}")]
    Map(E),
}

/// Why a free was refused. Each of these is a bug, or an attack.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FreeError<E> {
    /// In no bundle.
    #[error("offset {0:#x} is in no bundle of the heap")]
    Foreign(u32),
    /// Inside an allocation, not at its start.
    #[error("offset {offset:#x} is inside the allocation at {start:#x}; free that one")]
    Interior {
        /// The offset given.
        offset: u32,
        /// Where the allocation begins.
        start: u32,
    },
    /// Nothing is allocated there.
    #[error("nothing is allocated at offset {0:#x}: it was freed before, or never handed out")]
    NotAllocated(u32),
    /// The pages could not be unmapped; the allocation goes on.
    #[error("the pages could not be unmapped: {0}")]
    Unmap(E),
}

/// Why a heap could not be closed; it goes on.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CloseError {
    /// Something is allocated.
    #[error("{0} allocations of the heap are still in use")]
    InUse(u32),
}
