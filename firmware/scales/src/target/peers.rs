//! Other people's allocators. They keep their metadata inside the memory that they hand out, so
//! they need some.

use core::alloc::Layout;
use core::ptr::NonNull;

use buddy_system_allocator::Heap;
use mmu::{DC233C, PAGE_BYTES};
use rlsf::Tlsf;

use crate::{REFUSED, Subject};

/// Where all RAM can be written.
const DIRECT_MAP: u32 = 0xd000_0000;
/// Memory that nobody else uses here.
const GROUND: u32 = DIRECT_MAP + DC233C.module_frames.start.0;
const GROUND_BYTES: u32 = DC233C.module_frames.frames * PAGE_BYTES;

fn ground(bytes: u32) -> NonNull<[u8]> {
    assert!(bytes <= GROUND_BYTES);
    let start = core::ptr::without_provenance_mut(GROUND as usize);
    // `GROUND` is not 0.
    NonNull::new(core::ptr::slice_from_raw_parts_mut(start, bytes as usize))
        .unwrap_or(NonNull::slice_from_raw_parts(NonNull::dangling(), 0))
}

/// Something too large for the image's own data, on the same ground.
///
/// # Safety
/// Nobody uses the ground as long as the reference lives, and zero bytes are a value of `T`.
pub unsafe fn cleared<T>() -> &'static mut T {
    let place = ground(size_of::<T>() as u32).as_ptr().cast::<T>();
    // SAFETY: the ground is as large, begins with a page, and is the caller's alone.
    unsafe {
        place.write_bytes(0, 1);
        &mut *place
    }
}

fn layout(size: u32, align: u32) -> Layout {
    // SAFETY: the traces align to a power of two, and their sizes are small.
    unsafe { Layout::from_size_align_unchecked(size as usize, align as usize) }
}

fn place(got: Option<NonNull<u8>>) -> u32 {
    got.map_or(REFUSED, |got| got.addr().get() as u32)
}

fn pointer(place: u32) -> *mut u8 {
    core::ptr::with_exposed_provenance_mut(place as usize)
}

/// `rlsf` with the parameters that its documentation suggests for such a size.
pub struct Rlsf(Tlsf<'static, u16, u16, 16, 16>);

impl Rlsf {
    pub fn new(bytes: u32) -> Self {
        let mut heap = Tlsf::new();
        // SAFETY: one heap at a time uses the ground.
        unsafe { heap.insert_free_block_ptr(ground(bytes)) };
        Rlsf(heap)
    }
}

impl Subject for Rlsf {
    #[inline(never)]
    fn alloc(&mut self, size: u32, align: u32) -> u32 {
        place(self.0.allocate(layout(size, align)))
    }

    #[inline(never)]
    fn free(&mut self, place: u32, _size: u32, align: u32) {
        if let Some(pointer) = NonNull::new(pointer(place)) {
            // SAFETY: it was allocated here, with that alignment.
            unsafe { self.0.deallocate(pointer, align as usize) }
        }
    }
}

/// `buddy_system_allocator`.
pub struct Buddy(Heap<32>);

impl Buddy {
    pub fn new(bytes: u32) -> Self {
        let mut heap = Heap::new();
        // SAFETY: one heap at a time uses the ground.
        unsafe { heap.init(GROUND as usize, bytes as usize) };
        Buddy(heap)
    }
}

impl Subject for Buddy {
    #[inline(never)]
    fn alloc(&mut self, size: u32, align: u32) -> u32 {
        place(self.0.alloc(layout(size, align)).ok())
    }

    #[inline(never)]
    fn free(&mut self, place: u32, size: u32, align: u32) {
        if let Some(pointer) = NonNull::new(pointer(place)) {
            // SAFETY: it was allocated here, with that layout.
            unsafe { self.0.dealloc(pointer, layout(size, align)) }
        }
    }
}
