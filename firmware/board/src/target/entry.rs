//! Into a module and from one domain to another.

use core::sync::atomic::{AtomicU32, Ordering};

use mmu::SwitchImage;
use xtensa_lx::{interrupt, timer};

use crate::layout::CORE_TICKS;
use crate::registers::{Exit, RegisterFile, Turn};

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
    /// What the assembly keeps of both cores, eight words each; the ticks are the last of them.
    static first_core: [[AtomicU32; 8]; 2];
}

/// What modules are told when they ask for the ticks, on either core.
pub fn set_ticks(ticks: u32) {
    // SAFETY: `reset.S` puts twice eight words there, of which the assembly only reads the last.
    let cores = unsafe { &first_core };
    for core in cores {
        core[CORE_TICKS as usize / 4].store(ticks, Ordering::Relaxed);
    }
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

/// Sets the timer; when it was set.
fn set_timer(cycles: u32) -> u32 {
    loop {
        let now = timer::get_cycle_count();
        let end = now.wrapping_add(cycles);
        timer::set_ccompare0(end);
        // A value that had passed before it was written would not fire for 2^32 cycles.
        if end.wrapping_sub(timer::get_cycle_count()).cast_signed() > 0 {
            return now;
        }
    }
}

/// Runs user code from its registers until it leaves, at most about `cycles`: then the timer ends
/// the turn.
pub fn enter(registers: &mut RegisterFile, cycles: u32) -> Exit {
    set_timer(cycles.max(LEAST_CYCLES));
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

/// Runs the user code of one record until it, or one that it yielded to, leaves. How, and whose
/// record that is. Each has the time that its record says.
pub fn enter_among(records: &mut [RegisterFile], first: usize) -> (Exit, usize) {
    let Some(record) = records.get_mut(first) else {
        return (Exit::Yield, first);
    };
    record.complete();
    switch_to(&record.turn.image);
    let time = record.turn.left.max(LEAST_CYCLES);
    record.turn.started = set_timer(time);
    let (start, chosen) = (records.as_mut_ptr(), first);
    // SAFETY: as for `enter`; the entry code goes to records of `records` only, which is what their
    // `next` may name, and all of them are borrowed here. `chosen` is one of them.
    let exit = unsafe {
        interrupt::set_mask(TIMER);
        enter_module(start.add(chosen))
    };
    interrupt::disable();
    let left = (current_record() as usize).wrapping_sub(start.addr()) / size_of::<RegisterFile>();
    if let Some(record) = records.get_mut(left) {
        let taken = timer::get_cycle_count().wrapping_sub(record.turn.started);
        record.turn.left = record.turn.left.wrapping_sub(taken);
        record.turn.spent = record.turn.spent.wrapping_add(taken);
    }
    (Exit::from_register(exit), left)
}

/// The kernel's address of the record of the thread that runs on this core.
fn current_record() -> u32 {
    let address;
    // SAFETY: reads MISC1, which the entry code keeps.
    unsafe { core::arch::asm!(".byte 0x20, 245, 0x03", out("a2") address, options(nomem)) };
    address
}

/// The turn of the thread whose system call this core serves.
///
/// # Safety
/// Called while a system call is served, and not kept for longer; nobody else has the record then.
pub unsafe fn current_turn<'t>() -> &'t mut Turn {
    let record = core::ptr::with_exposed_provenance_mut::<RegisterFile>(current_record() as usize);
    // SAFETY: MISC1 names the record that was entered, and whoever entered it lent it for as long.
    unsafe { &mut (*record).turn }
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
