//! Flags and records that cross the border.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

bitflags::bitflags! {
    /// What an allocation is for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct AllocFlags: u32 {
        /// The address returned is the uncached alias, and the bytes share no cache line with
        /// anything else.
        const COHERENT = 1 << 0;
        /// The bytes are zero when handed out; of up to 16 KiB at once.
        const ZEROED = 1 << 1;
    }
}

/// What [`crate::Call::HeapInfo`] writes: the state of the caller's region, in bytes.
#[derive(
    Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, PartialEq, Eq,
)]
#[repr(C)]
pub struct HeapInfo {
    /// Bytes of the region.
    pub total: u32,
    /// Bytes given out now.
    pub used: u32,
    /// The most bytes ever given out at once.
    pub peak: u32,
    /// Allocations alive now.
    pub allocations: u32,
}

/// What [`crate::Call::Trace`] takes: four words whose meaning is the module's own.
#[derive(
    Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, PartialEq, Eq,
)]
#[repr(C, align(16))]
pub struct TraceRecord {
    /// The module's words.
    pub words: [u32; 4],
}
