//! On the host: a static.

use core::cell::UnsafeCell;
use core::ptr::NonNull;

use traces::T1;

/// As large as the largest heap of the traces.
const GROUND_BYTES: usize = T1.heap_bytes as usize;

#[repr(align(4096))]
struct Ground(UnsafeCell<[u8; GROUND_BYTES]>);

// SAFETY: one heap at a time uses it, on the thread that measures.
unsafe impl Sync for Ground {}

static GROUND: Ground = Ground(UnsafeCell::new([0; GROUND_BYTES]));

/// Memory for a heap; the same again at each call.
pub fn ground(bytes: u32) -> NonNull<[u8]> {
    assert!(bytes as usize <= GROUND_BYTES);
    let start = NonNull::from(&GROUND.0).cast();
    NonNull::slice_from_raw_parts(start, bytes as usize)
}
