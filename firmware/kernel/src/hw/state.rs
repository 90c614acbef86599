//! The kernel's state in memory, and who may hold it when.
//!
//! While one core runs, a flag says that somebody holds the state: that it is taken twice is a fault of
//! the kernel. Once cores share it the flag stays set for good, so that the short way, which costs one
//! core nothing, is closed; whoever finds it so takes the kernel's lock.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, Ordering};

use mmu::target::{CORES, TargetMachine, this_core};
use mmu::{KernelLock, Mailbox};

use crate::config::PLATFORM;
use crate::system::System;

const FREE: u32 = 0;
const HELD: u32 = 1;

/// No core, as [`State::holder`].
const NOBODY: u32 = u32::MAX;

#[repr(C)]
struct State {
    /// [`HELD`] while somebody holds it, before it is started, and for good once cores share it.
    held: AtomicU32,
    /// Not zero once cores share it.
    is_shared: AtomicU32,
    /// The core that has the lock.
    holder: AtomicU32,
    lock: KernelLock,
    system: UnsafeCell<System<TargetMachine>>,
}

// SAFETY: while one core runs, `held` stops the kernel if one begins to hold it while another does;
// when cores share it, who has the lock holds it, and every core reaches it past its cache.
unsafe impl Sync for State {}

/// Where cores ask each other to forget.
static MAILBOX: Mailbox<CORES> = Mailbox::new();

static STATE: State = State {
    held: AtomicU32::new(HELD),
    is_shared: AtomicU32::new(0),
    holder: AtomicU32::new(NOBODY),
    lock: KernelLock::new(),
    // SAFETY: this is the kernel of the board that `PLATFORM` describes, `reset.S` wires the direct maps,
    // and the state is used by nobody before `start`, whose caller promises the rest.
    system: UnsafeCell::new(System::unstarted(unsafe { machine() })),
};

/// The core that runs this.
///
/// # Safety
/// As for [`TargetMachine::new`].
const unsafe fn machine() -> TargetMachine {
    // SAFETY: the caller's promise.
    unsafe { TargetMachine::new(&PLATFORM, &MAILBOX) }
}

/// Fills the page tables and opens the state.
///
/// # Safety
/// As for [`TargetMachine::new`]; once, before any [`with`].
pub(super) unsafe fn start() {
    // SAFETY: the caller's promise; nobody holds the state yet.
    unsafe { &mut *STATE.system.get() }.start();
    STATE.held.store(FREE, Ordering::Relaxed);
}

/// From now on cores share the state. Nobody holds it, and no other core runs yet.
pub(super) fn share() {
    if STATE.held.load(Ordering::Relaxed) != FREE {
        held_already();
    }
    STATE.is_shared.store(1, Ordering::Relaxed);
    STATE.held.store(HELD, Ordering::Relaxed);
}

/// Works on the state.
pub(super) fn with<R>(act: impl FnOnce(&mut System<TargetMachine>) -> R) -> R {
    // SAFETY: the state is started and nobody has a reference: `held` was free, or the lock is this
    // core's.
    let result = act(unsafe { &mut *take() });
    give_back();
    result
}

/// Works on the state the short way, where no other core shares it.
#[inline(always)]
pub(super) fn with_alone<R>(act: impl FnOnce(&mut System<TargetMachine>) -> R) -> Option<R> {
    if STATE.held.load(Ordering::Relaxed) != FREE {
        return None;
    }
    STATE.held.store(HELD, Ordering::Relaxed);
    // SAFETY: `held` was free, so the state is started and nobody has a reference.
    let result = act(unsafe { &mut *STATE.system.get() });
    STATE.held.store(FREE, Ordering::Relaxed);
    Some(result)
}

/// Takes the state: the flag of one core, or the lock of several. Letters are answered first, and
/// while it waits: whoever has the lock may wait for that.
#[inline(never)]
fn take() -> *mut System<TargetMachine> {
    if STATE.held.load(Ordering::Relaxed) == FREE {
        STATE.held.store(HELD, Ordering::Relaxed);
        return STATE.system.get();
    }
    let core = this_core().number() as u32;
    // No other core writes this one's number.
    let is_shared = STATE.is_shared.load(Ordering::Relaxed) != 0;
    if !is_shared || STATE.holder.load(Ordering::Relaxed) == core {
        held_already();
    }
    answer();
    STATE.lock.take(answer);
    if STATE.holder.load(Ordering::Relaxed) != NOBODY {
        held_already();
    }
    STATE.holder.store(core, Ordering::Relaxed);
    STATE.system.get()
}

/// Gives it back.
#[inline(never)]
fn give_back() {
    if STATE.is_shared.load(Ordering::Relaxed) == 0 {
        STATE.held.store(FREE, Ordering::Relaxed);
        return;
    }
    STATE.holder.store(NOBODY, Ordering::Relaxed);
    STATE.lock.give_back();
}

/// Forgets what another core has asked this one to.
pub(super) fn answer() {
    MAILBOX.answer(this_core(), |stale| {
        // SAFETY: as of the state's own: it is this core that runs.
        stale.drop_all(&mut unsafe { machine() });
    });
}

/// Stops the kernel.
#[cold]
#[inline(never)]
fn held_already() -> ! {
    panic!("the kernel's state is held already, or not started yet");
}
