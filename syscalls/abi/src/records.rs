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
        /// A buffer for audio: it shares no cache line with anything else.
        const BUFFER = 1 << 2;
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

/// What [`crate::Call::Time`] writes.
#[derive(
    Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, PartialEq, Eq,
)]
#[repr(C, align(8))]
pub struct Time {
    /// Ticks of 1 ms since the kernel began to play.
    pub ticks: u32,
    /// The core's cycle counter, wrapping.
    pub cycles: u32,
}

/// What [`crate::Call::SourceGet`] and [`crate::Call::SinkGet`] write: bytes of a buffer, in one
/// piece or, over its end, in two.
#[derive(
    Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, PartialEq, Eq,
)]
#[repr(C)]
pub struct AudioBytes {
    /// Where the first piece begins.
    pub first: u32,
    /// Its bytes.
    pub first_bytes: u32,
    /// Where the rest begins: the start of the buffer.
    pub second: u32,
    /// Its bytes; 0 where there is no rest.
    pub second_bytes: u32,
}

/// Bytes of the page through which a module is configured.
pub const MESSAGE_PAGE_BYTES: u32 = 4096;
/// Bytes of it behind the [`Message`].
pub const MESSAGE_BODY_BYTES: u32 = MESSAGE_PAGE_BYTES - size_of::<Message>() as u32;

/// What stands at the start of a module's message page; the bytes that it tells of come behind it.
/// The page is the module's own: what the kernel copies there, or from there, it copies once.
#[derive(
    Clone, Copy, Debug, Default, FromBytes, IntoBytes, Immutable, KnownLayout, PartialEq, Eq,
)]
#[repr(C)]
pub struct Message {
    /// What it is about; the module's own numbers.
    pub id: u32,
    /// Where the bytes behind it stand in the whole: 0 begins a new whole.
    pub offset: u32,
    /// Bytes of the whole.
    pub total: u32,
    /// Bytes behind it; of `get_config`, first how many fit, then how many there are.
    pub bytes: u32,
}
