//! Into a module and from one domain to another.

use core::sync::atomic::{AtomicU32, Ordering};

use mmu::SwitchImage;
use xtensa_lx::{interrupt, timer};

use crate::layout::CORE_TICKS;
use crate::registers::{Exit, RegisterFile};

/// Timer 0's interrupt, level 1.
const TIMER: u32 = 1 << 6;
/// The shortest time for which the timer is set: longer than setting it takes.
const LEAST_CYCLES: u32 = 256;

unsafe extern "C" {
    fn enter_module(registers: *mut RegisterFile) -> u32;
    fn enter_trusted(registers: *mut RegisterFile) -> u32;
    fn switch_domain(image: *const SwitchImage);
    fn switch_nothing(image: *const SwitchImage);
    fn leave_from_call(exit: u32) -> !;
    /// What the assembly keeps of the first core; the ticks are its last word.
    static first_core: [AtomicU32; 8];
}

/// What modules on the first core are told when they ask for the ticks.
pub fn set_ticks(ticks: u32) {
    // SAFETY: `reset.S` puts eight words there, of which the assembly only reads the last.
    unsafe { first_core[CORE_TICKS as usize / 4].store(ticks, Ordering::Relaxed) };
}

/// Makes a domain the running one on this core.
pub fn switch_to(image: &SwitchImage) {
    // SAFETY: an image comes from a living domain; the kernel touches no user page.
    unsafe { switch_domain(image) }
}

/// What [`switch_to`] costs without switching.
pub fn switch_to_nothing(image: &SwitchImage) {
    // SAFETY: does nothing.
    unsafe { switch_nothing(image) }
}

/// Runs user code from its registers until it leaves, at most about `cycles`: then the timer ends
/// the turn.
pub fn enter(registers: &mut RegisterFile, cycles: u32) -> Exit {
    let cycles = cycles.max(LEAST_CYCLES);
    loop {
        let end = timer::get_cycle_count().wrapping_add(cycles);
        timer::set_ccompare0(end);
        // A value that had passed before it was written would not fire for 2^32 cycles.
        if end.wrapping_sub(timer::get_cycle_count()).cast_signed() > 0 {
            break;
        }
    }
    // SAFETY: the only interrupt enabled ends in the entry code; it is masked by PS.INTLEVEL until
    // the module runs. The register file is the kernel's and outlives the turn; all registers that
    // it does not describe are the kernel's own and come back by the call's convention.
    let exit = unsafe {
        interrupt::set_mask(TIMER);
        enter_module(registers)
    };
    interrupt::disable();
    Exit::from_register(exit)
}

/// Runs the same code in the kernel's ring, without limit.
///
/// # Safety
/// Whoever calls trusts the code.
pub unsafe fn enter_with_kernel_rights(registers: &mut RegisterFile) -> Exit {
    // SAFETY: as for `enter`, without an interrupt; the caller trusts the code.
    Exit::from_register(unsafe { enter_trusted(registers) })
}

/// Ends the turn of the module whose system call this core serves.
///
/// # Safety
/// Called while a system call is served; nothing is held any more, for the stack of the call is
/// given up.
pub unsafe fn leave(exit: Exit) -> ! {
    // SAFETY: the caller's promise.
    unsafe { leave_from_call(exit as u32) }
}
