//! What a panic is on the target: nothing that a caller gives brings one about, so the library is
//! broken, and stops for good after it has said so.

use core::panic::PanicInfo;

use crate::log::Text;
use crate::memory;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    memory::fault(&Text::of("bulkhead_capi", "the library is broken"));
    loop {
        core::hint::spin_loop();
    }
}
