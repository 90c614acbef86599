//! The second core, and memory that both see alike.

use core::sync::atomic::{AtomicU32, Ordering};

/// Not zero once the second core may leave the reset code.
// In .data, not .bss: the first core clears that while the second reads here.
#[unsafe(no_mangle)]
#[unsafe(link_section = ".data.cores")]
static second_core_released: AtomicU32 = AtomicU32::new(0);

/// Where the boot code wires all RAM past the data cache. An image's own memory lies at its
/// physical address.
const UNCACHED_MAP: u32 = 0xd800_0000;

unsafe extern "C" {
    fn share_data(cache_bytes: u32);
}

/// From now on the first core reaches the image's data past its data cache, of that many bytes, as
/// every other core does from its reset on. Whatever lies there is coherent then, for the price of
/// the cache: to be called once a second core is to use any of it.
pub fn share_image_data(cache_bytes: u32) {
    // SAFETY: writes every line back and wires the same memory at the same addresses.
    unsafe { share_data(cache_bytes) }
}

/// Lets the second core into `image_secondary`, if there is a second core. All that was stored
/// before is visible to it.
pub fn release_second() {
    past_cache(&second_core_released).store(1, Ordering::Release);
}

/// The same object, reached past the data cache: what one core stores there, the other sees.
#[must_use]
pub fn past_cache<T: Sync>(object: &'static T) -> &'static T {
    let address = core::ptr::from_ref(object) as u32 + UNCACHED_MAP;
    // SAFETY: a static of an image lies in RAM at its physical address, and the uncached map shows
    // all RAM; shared references to it may be many. No core writes it through the cached address:
    // its type allows changes by shared reference only, and those all go through this one.
    unsafe { &*(address as *const T) }
}
