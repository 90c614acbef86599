//! `offset-allocator`, which hands out offsets, and keeps what it knows about them outside.

use offset_allocator::{Allocation, Allocator};

use crate::{Place, REFUSED, Subject};

/// The most allocations and gaps at once: more than the traces need.
const MOST: u32 = 1_024;

/// `offset-allocator`. It has no alignment: whoever asks for one does not get it.
pub struct Offsets(Allocator<u32>);

impl Offsets {
    /// A heap of so many bytes.
    #[must_use]
    pub fn new(bytes: u32) -> Self {
        Offsets(Allocator::with_max_allocs(bytes, MOST))
    }
}

impl Subject for Offsets {
    #[inline(never)]
    fn alloc(&mut self, size: u32, _align: u32) -> Place {
        self.0.allocate(size).map_or(REFUSED, |made| {
            // SAFETY: an allocation is an offset and a number that is not the highest, each of 32
            // bits, which leave nothing between them.
            unsafe { core::mem::transmute::<Allocation<u32>, Place>(made) }
        })
    }

    #[inline(never)]
    fn free(&mut self, place: Place, _size: u32, _align: u32) {
        // SAFETY: it was made of one.
        self.0
            .free(unsafe { core::mem::transmute::<Place, Allocation<u32>>(place) });
    }
}
