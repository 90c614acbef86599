//! Other people's allocators. Most keep their metadata inside the memory that they hand out, so
//! they need some.

#[cfg_attr(target_arch = "xtensa", path = "peers/target_ground.rs")]
#[cfg_attr(not(target_arch = "xtensa"), path = "peers/host_ground.rs")]
mod ground;
#[cfg(not(target_arch = "xtensa"))]
mod offsets;
mod talc_heap;

use core::alloc::Layout;
use core::ptr::NonNull;

use buddy_system_allocator::Heap;
use rlsf::Tlsf;

use crate::{Place, REFUSED, Subject};
use ground::ground;

#[cfg(target_arch = "xtensa")]
pub use ground::cleared;
#[cfg(not(target_arch = "xtensa"))]
pub use offsets::Offsets;
pub use talc_heap::Talc;

fn layout(size: u32, align: u32) -> Layout {
    // SAFETY: the traces align to a power of two, and their sizes are small.
    unsafe { Layout::from_size_align_unchecked(size as usize, align as usize) }
}

fn place(got: Option<NonNull<u8>>) -> Place {
    got.map_or(REFUSED, |got| got.expose_provenance().get())
}

fn pointer(place: Place) -> *mut u8 {
    core::ptr::with_exposed_provenance_mut(place)
}

/// `rlsf` with the parameters that its documentation suggests for such a size.
pub struct Rlsf(Tlsf<'static, u16, u16, 16, 16>);

impl Rlsf {
    /// A heap of so many bytes.
    pub fn new(bytes: u32) -> Self {
        let mut heap = Tlsf::new();
        // SAFETY: one heap at a time uses the ground.
        unsafe { heap.insert_free_block_ptr(ground(bytes)) };
        Rlsf(heap)
    }
}

impl Subject for Rlsf {
    #[inline(never)]
    fn alloc(&mut self, size: u32, align: u32) -> Place {
        place(self.0.allocate(layout(size, align)))
    }

    #[inline(never)]
    fn free(&mut self, place: Place, _size: u32, align: u32) {
        if let Some(pointer) = NonNull::new(pointer(place)) {
            // SAFETY: it was allocated here, with that alignment.
            unsafe { self.0.deallocate(pointer, align as usize) }
        }
    }
}

/// `buddy_system_allocator`.
pub struct Buddy(Heap<32>);

impl Buddy {
    /// A heap of so many bytes.
    pub fn new(bytes: u32) -> Self {
        let mut heap = Heap::new();
        let start = ground(bytes).cast::<u8>().expose_provenance().get();
        // SAFETY: one heap at a time uses the ground.
        unsafe { heap.init(start, bytes as usize) };
        Buddy(heap)
    }
}

impl Subject for Buddy {
    #[inline(never)]
    fn alloc(&mut self, size: u32, align: u32) -> Place {
        place(self.0.alloc(layout(size, align)).ok())
    }

    #[inline(never)]
    fn free(&mut self, place: Place, size: u32, align: u32) {
        if let Some(pointer) = NonNull::new(pointer(place)) {
            // SAFETY: it was allocated here, with that layout.
            unsafe { self.0.dealloc(pointer, layout(size, align)) }
        }
    }
}
