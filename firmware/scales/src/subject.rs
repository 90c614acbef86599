//! What is weighed.

/// The place of nothing.
pub const REFUSED: u32 = u32::MAX;

/// An allocator. A place is a number that the allocator chose, an address or an offset.
pub trait Subject {
    /// Allocates, or says [`REFUSED`].
    fn alloc(&mut self, size: u32, align: u32) -> u32;

    /// Frees what was allocated there with that size and alignment. Whoever keeps its own
    /// records needs neither.
    fn free(&mut self, place: u32, size: u32, align: u32);
}

/// Does nothing: what is left is the cost of the loop.
pub struct Nothing;

impl Subject for Nothing {
    #[inline(never)]
    fn alloc(&mut self, size: u32, _align: u32) -> u32 {
        size
    }

    #[inline(never)]
    fn free(&mut self, _place: u32, _size: u32, _align: u32) {}
}
