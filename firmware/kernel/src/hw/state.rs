//! The kernel's state in memory, and who may hold it when.

use core::cell::{Cell, UnsafeCell};
use core::mem::MaybeUninit;

use mmu::Mailbox;
use mmu::target::{CORES, TargetMachine};

use crate::config::PLATFORM;
use crate::system::System;

#[repr(C)]
struct State {
    /// Whether somebody holds it, or it is not made yet.
    held: Cell<bool>,
    system: UnsafeCell<MaybeUninit<System<TargetMachine>>>,
}

// SAFETY: there is one core. The session and a system call are the only holders, and `held` stops
// the kernel if one begins while the other holds.
unsafe impl Sync for State {}

/// Where cores ask each other to forget. One core runs this kernel, so it asks nobody.
static MAILBOX: Mailbox<CORES> = Mailbox::new();

static STATE: State = State {
    held: Cell::new(true),
    system: UnsafeCell::new(MaybeUninit::uninit()),
};

/// Makes the state.
///
/// # Safety
/// As for [`TargetMachine::new`]; once, before any [`with`].
pub(super) unsafe fn start() {
    // SAFETY: the caller's promise; nobody holds the state yet.
    let place = unsafe { &mut *STATE.system.get() };
    // SAFETY: the caller's promise.
    let machine = unsafe { TargetMachine::new(&PLATFORM, &MAILBOX) };
    place.write(System::new(machine));
    STATE.held.set(false);
}

/// Works on the state.
#[inline(always)]
pub(super) fn with<R>(act: impl FnOnce(&mut System<TargetMachine>) -> R) -> R {
    if STATE.held.replace(true) {
        held_already();
    }
    // SAFETY: `held` was false, so the state is made and nobody has a reference.
    let result = act(unsafe { (*STATE.system.get()).assume_init_mut() });
    STATE.held.set(false);
    result
}

/// Stops the kernel.
#[cold]
#[inline(never)]
fn held_already() -> ! {
    panic!("the kernel's state is held already, or not made yet");
}
