//! What is weighed.

/// Where something was allocated: a number that the allocator chose, an address or an offset.
pub type Place = usize;

/// The place of nothing.
pub const REFUSED: Place = Place::MAX;

/// An allocator.
pub trait Subject {
    /// Allocates, or says [`REFUSED`].
    fn alloc(&mut self, size: u32, align: u32) -> Place;

    /// Frees what was allocated there with that size and alignment. Whoever keeps its own
    /// records needs neither.
    fn free(&mut self, place: Place, size: u32, align: u32);
}

/// Does nothing: what is left is the cost of the loop.
pub struct Nothing;

impl Subject for Nothing {
    #[inline(never)]
    fn alloc(&mut self, size: u32, _align: u32) -> Place {
        size as Place
    }

    #[inline(never)]
    fn free(&mut self, _place: Place, _size: u32, _align: u32) {}
}
