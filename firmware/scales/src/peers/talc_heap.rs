//! `talc`.

use talc::DefaultBinning;
use talc::base::Talc as Free;
use talc::source::Manual;

use super::{ground, layout, place, pointer};
use crate::{Place, Subject};

/// `talc` with the classes that it comes with.
pub struct Talc(Free<Manual, DefaultBinning>);

impl Talc {
    /// A heap of so many bytes.
    pub fn new(bytes: u32) -> Self {
        let mut heap = Free::new(Manual);
        // SAFETY: one heap at a time uses the ground.
        unsafe { heap.claim(ground(bytes).cast::<u8>().as_ptr(), bytes as usize) };
        Talc(heap)
    }
}

impl Subject for Talc {
    #[inline(never)]
    fn alloc(&mut self, size: u32, align: u32) -> Place {
        // SAFETY: no size of the traces is 0.
        place(unsafe { self.0.allocate(layout(size, align)) })
    }

    #[inline(never)]
    fn free(&mut self, place: Place, size: u32, align: u32) {
        // SAFETY: it was allocated here, with that layout.
        unsafe { self.0.deallocate(pointer(place), layout(size, align)) }
    }
}
