//! On the target: frames that nobody else uses.

use core::ptr::NonNull;

use mmu::{DC233C, PAGE_BYTES};

/// Where all RAM can be written.
const DIRECT_MAP: u32 = 0xd000_0000;
/// Memory that nobody else uses here.
const GROUND: u32 = DIRECT_MAP + DC233C.module_frames.start.0;
const GROUND_BYTES: u32 = DC233C.module_frames.frames * PAGE_BYTES;

/// Memory for a heap; the same again at each call.
pub fn ground(bytes: u32) -> NonNull<[u8]> {
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
