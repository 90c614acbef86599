//! Why a region refuses. After a refusal it is as it was before.

use thiserror_no_std::Error;

/// Why there can be no such region.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum GeometryError {
    /// No size for a region.
    #[error("a region has 8 bytes to 16 MiB, in steps of 8, not {0} bytes")]
    Bytes(u32),
    /// No size for a cache line.
    #[error("a cache line is a power of two and has at least 8 bytes, not {0}")]
    Line(u32),
    /// The region begins within a cache line.
    #[error("the region's address {base:#010x} is not at the start of a line of {line} bytes")]
    Base {
        /// The address of offset 0.
        base: u32,
        /// Bytes of a line.
        line: u32,
    },
    /// The region would end beyond the address space.
    #[error("{bytes} bytes from {base:#010x} on run past the end of the address space")]
    Wraps {
        /// The address of offset 0.
        base: u32,
        /// Bytes of the region.
        bytes: u32,
    },
}

/// Why an allocation was refused.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AllocError {
    /// No bytes were asked for.
    #[error("an allocation needs at least one byte")]
    Empty,
    /// The alignment is no power of two.
    #[error("an alignment of {0} bytes is not a power of two")]
    Alignment(u32),
    /// The size cannot even be rounded up.
    #[error("{0} bytes, rounded up, are more than an address space has")]
    Wraps(u32),
    /// More than the whole region.
    #[error("{bytes} bytes do not fit into a region of {region}")]
    TooLarge {
        /// Bytes asked for.
        bytes: u32,
        /// Bytes of the region.
        region: u32,
    },
    /// Not enough room now.
    #[error("the region has no room for {bytes} bytes at a multiple of {align}")]
    NoRoom {
        /// Bytes asked for.
        bytes: u32,
        /// Alignment asked for.
        align: u32,
    },
    /// Room, but nothing to write it down in.
    #[error("the region has used up its {0} records; free something, or give it more")]
    NoRecord(u32),
}

/// Why a free was refused. Each of these is a bug in the module, or an attack.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FreeError {
    /// Beyond the region.
    #[error("offset {0:#x} is not in the region")]
    Foreign(u32),
    /// Inside an allocation, not at its start.
    #[error("offset {offset:#x} is inside the allocation at {start:#x}; free that one")]
    Interior {
        /// The offset given.
        offset: u32,
        /// Where the allocation begins.
        start: u32,
    },
    /// The lifetime allocation was freed before.
    #[error("the lifetime allocation at offset {0:#x} was freed before")]
    Twice(u32),
    /// Nothing is allocated there.
    #[error("nothing is allocated at offset {0:#x}: it was freed before, or never handed out")]
    NotAllocated(u32),
    /// Only the newest lifetime allocation can be undone.
    #[error("the lifetime allocation at offset {0:#x} is not the newest and cannot be undone")]
    NotNewest(u32),
}

/// Why the lifetime mode could not end; it goes on.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SealError {
    /// It has ended before.
    #[error("the region is sealed already")]
    Sealed,
    /// Lifetime allocations left too little.
    #[error("{left} bytes are left for interim allocations, and {least} are needed")]
    NoRoom {
        /// Bytes left.
        left: u32,
        /// Bytes that the caller wants to be left.
        least: u32,
    },
    /// Lifetime allocations used every record.
    #[error("all {0} records are used up by lifetime allocations")]
    NoRecord(u32),
}
