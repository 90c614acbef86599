//! What the assembly wants of an image whose user code makes no system calls.

/// The table of system calls, each of which ends the turn, and the report of a fault of the image
/// itself, which ends the machine with `$exit`.
#[macro_export]
macro_rules! image_without_calls {
    ($name:literal, $exit:expr) => {
        /// User code makes no system calls here.
        #[unsafe(no_mangle)]
        static call_table: [extern "C" fn() -> u32; $crate::layout::CALL_TABLE_ENTRIES] =
            [end_turn; $crate::layout::CALL_TABLE_ENTRIES];

        extern "C" fn end_turn() -> u32 {
            // SAFETY: called by the entry code for a system call; nothing is held.
            unsafe { $crate::target::entry::leave($crate::registers::Exit::Call) }
        }

        /// A fault of this image itself.
        #[unsafe(no_mangle)]
        extern "C" fn kernel_trap(cause: u32, pc: u32, address: u32, depc: u32) -> ! {
            $crate::target::simulator::say_fault($name, [cause, pc, address, depc]);
            $crate::target::simulator::exit($exit)
        }
    };
}
