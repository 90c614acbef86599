//! The kernel's state in memory, and who may hold it when.

use core::cell::{Cell, UnsafeCell};

use mmu::Mailbox;
use mmu::target::{CORES, TargetMachine};

use crate::config::PLATFORM;
use crate::system::System;

struct State {
    system: UnsafeCell<Option<System<TargetMachine>>>,
    held: Cell<bool>,
}

// SAFETY: there is one core. The session and a system call are the only holders, and `held` stops
// the kernel if one begins while the other holds.
unsafe impl Sync for State {}

/// Where cores ask each other to forget. One core runs this kernel, so it asks nobody.
static MAILBOX: Mailbox<CORES> = Mailbox::new();

static STATE: State = State {
    system: UnsafeCell::new(None),
    held: Cell::new(false),
};

/// Makes the state.
///
/// # Safety
/// As for [`TargetMachine::new`]; once, before any [`with`].
pub(super) unsafe fn start() {
    // SAFETY: the caller's promise; nobody holds the state yet.
    unsafe { *STATE.system.get() = Some(System::new(TargetMachine::new(&PLATFORM, &MAILBOX))) };
}

/// Works on the state.
pub(super) fn with<R>(act: impl FnOnce(&mut System<TargetMachine>) -> R) -> R {
    let system = hold();
    // SAFETY: `hold` gives the state to one holder at a time.
    let result = act(unsafe { &mut *system });
    STATE.held.set(false);
    result
}

/// Takes the state, or stops the kernel. Out of line: it is needed in many places.
#[inline(never)]
fn hold() -> *mut System<TargetMachine> {
    assert!(
        !STATE.held.replace(true),
        "the kernel's state is held already"
    );
    // SAFETY: `held` was false, so nobody has a reference.
    let system = unsafe { (*STATE.system.get()).as_mut() };
    system.expect("the state is made before the first use")
}
