//! What the image tells the host.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// The file with all measurements, in the session's folder.
pub const FILE: &str = "measurements.bin";

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Figure {
    /// A free and an alloc of T1, each aligned to 64 bytes.
    T1 = 0,
    /// The same of T2.
    T2 = 1,
    /// The dearest alloc of T1 and T2.
    WorstAlloc = 2,
    /// The dearest free of T1 and T2.
    WorstFree = 3,
    /// The smallest heap in steps of 2 KiB that T1 passes in.
    ArenaT1 = 4,
    /// The same of T2.
    ArenaT2 = 5,
    /// Bytes that are kept outside the heap for it.
    Metadata = 6,
    /// A lifetime allocation of 64 bytes.
    Lifetime = 7,
    /// A free and an alloc of T3.
    PagesT3 = 8,
    /// The dearest call of T3.
    PagesT3Worst = 9,
    /// Bytes that are kept for the pages.
    PagesMetadata = 10,
    /// As [`Figure::T1`] with 10 live allocations; the next three with 100, 1,000 and 10,000.
    Live10 = 11,
    /// See [`Figure::Live10`].
    Live100 = 12,
    /// See [`Figure::Live10`].
    Live1000 = 13,
    /// See [`Figure::Live10`].
    Live10000 = 14,
    /// A page freed and allocated with 10 live ones; the next three with 100, 1,000 and 10,000.
    PagesLive10 = 15,
    /// See [`Figure::PagesLive10`].
    PagesLive100 = 16,
    /// See [`Figure::PagesLive10`].
    PagesLive1000 = 17,
    /// See [`Figure::PagesLive10`].
    PagesLive10000 = 18,
    /// A free and an alloc of T4 from a virtual heap, in blocks side by side.
    VmhContiguous = 19,
    /// The dearest call of it.
    VmhContiguousWorst = 20,
    /// A free and an alloc of T4 from a virtual heap, in one block.
    VmhSingle = 21,
    /// As [`Figure::VmhContiguous`] with 10 live allocations; the next three with 100, 1,000 and
    /// 10,000.
    VmhLive10 = 22,
    /// See [`Figure::VmhLive10`].
    VmhLive100 = 23,
    /// See [`Figure::VmhLive10`].
    VmhLive1000 = 24,
    /// See [`Figure::VmhLive10`].
    VmhLive10000 = 25,
    /// An object freed and one allocated, 24 alive.
    Objects24 = 26,
    /// The same with 10 alive; the next two with 100 and 900.
    ObjectsLive10 = 27,
    /// See [`Figure::ObjectsLive10`].
    ObjectsLive100 = 28,
    /// See [`Figure::ObjectsLive10`].
    ObjectsLive900 = 29,
    /// A copy put and one got that is there, of 16.
    Hit16 = 30,
}

/// Whose allocator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Who {
    /// This repository.
    Bulkhead = 0,
    /// `rlsf`.
    Rlsf = 1,
    /// `buddy_system_allocator`.
    Buddy = 2,
    /// `talc`.
    Talc = 3,
    /// `offset-allocator`, which does not align.
    Offset = 4,
}

/// One measurement.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Measurement {
    /// A [`Figure`].
    pub figure: u32,
    /// A [`Who`].
    pub who: u32,
    /// What the clock counted without what it counted of the empty loop, or bytes if `rounds`
    /// is 0.
    pub amount: u32,
    /// Among how many rounds the cycles are shared.
    pub rounds: u32,
}
