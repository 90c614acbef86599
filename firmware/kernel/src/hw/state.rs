//! The kernel's state in memory, and who may hold it when.

use core::cell::{Cell, UnsafeCell};

use mmu::Mailbox;
use mmu::target::{CORES, TargetMachine};

use crate::config::PLATFORM;
use crate::system::System;

#[repr(C)]
struct State {
    /// Whether somebody holds it, or it is not started yet.
    held: Cell<bool>,
    system: UnsafeCell<System<TargetMachine>>,
}

// SAFETY: there is one core. The session and a system call are the only holders, and `held` stops
// the kernel if one begins while the other holds.
unsafe impl Sync for State {}

/// Where cores ask each other to forget. One core runs this kernel, so it asks nobody.
static MAILBOX: Mailbox<CORES> = Mailbox::new();

static STATE: State = State {
    held: Cell::new(true),
    // SAFETY: this is the kernel of the board that `PLATFORM` describes, `reset.S` wires the direct maps,
    // and the state is used by nobody before `start`, whose caller promises the rest.
    system: UnsafeCell::new(System::unstarted(unsafe {
        TargetMachine::new(&PLATFORM, &MAILBOX)
    })),
};

/// Fills the page tables and opens the state.
///
/// # Safety
/// As for [`TargetMachine::new`]; once, before any [`with`].
pub(super) unsafe fn start() {
    // SAFETY: the caller's promise; nobody holds the state yet.
    unsafe { &mut *STATE.system.get() }.start();
    STATE.held.set(false);
}

/// Works on the state.
#[inline(always)]
pub(super) fn with<R>(act: impl FnOnce(&mut System<TargetMachine>) -> R) -> R {
    if STATE.held.replace(true) {
        held_already();
    }
    // SAFETY: `held` was false, so the state is started and nobody has a reference.
    let result = act(unsafe { &mut *STATE.system.get() });
    STATE.held.set(false);
    result
}

/// Stops the kernel.
#[cold]
#[inline(never)]
fn held_already() -> ! {
    panic!("the kernel's state is held already, or not started yet");
}
