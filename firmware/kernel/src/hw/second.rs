//! The second core: runs a slice of what it is handed, and waits. It decides nothing.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, Ordering};

use board::registers::{Exit, RegisterFile};
use board::target::{cores, entry};
use mmu::Desk;

use super::state;
use crate::config::PLATFORM;

/// How often the first core looks for the second.
const PATIENCE: u32 = 10_000_000;

/// What the first core hands over and takes back. Both reach it past their caches.
struct Slice {
    is_here: AtomicU32,
    desk: Desk,
    /// How it left.
    exit: AtomicU32,
    record: UnsafeCell<RegisterFile>,
}

// SAFETY: whose the record is, the desk says.
unsafe impl Sync for Slice {}

static SLICE: Slice = Slice {
    is_here: AtomicU32::new(0),
    desk: Desk::new(),
    exit: AtomicU32::new(0),
    record: UnsafeCell::new(RegisterFile::ZERO),
};

/// Has the second core share the kernel's state. Whether there is one.
pub(super) fn start() -> bool {
    state::share();
    cores::share_image_data(PLATFORM.cache_bytes);
    cores::release_second();
    (0..PATIENCE).any(|_| SLICE.is_here.load(Ordering::Acquire) != 0)
}

/// Hands it a slice; it has nothing to do.
pub(super) fn hand_over(record: &RegisterFile) {
    // SAFETY: it has nothing to do, so the record is this core's.
    unsafe { *SLICE.record.get() = *record };
    SLICE.desk.hand_over();
}

/// Takes it back; `None` while it runs.
pub(super) fn take_back(record: &mut RegisterFile) -> Option<Exit> {
    if !SLICE.desk.is_done() {
        return None;
    }
    // SAFETY: it is done, so the record is this core's.
    *record = unsafe { *SLICE.record.get() };
    Some(Exit::from_register(SLICE.exit.load(Ordering::Relaxed)))
}

/// All that the second core does. Between slices, and whenever it waits for the state, it answers.
#[unsafe(no_mangle)]
extern "C" fn image_secondary() -> ! {
    SLICE.is_here.store(1, Ordering::Release);
    loop {
        state::answer();
        if !SLICE.desk.has_work() {
            core::hint::spin_loop();
            continue;
        }
        // SAFETY: it was handed over, and is this core's until it says that it is done.
        let record = unsafe { &mut *SLICE.record.get() };
        let (exit, _) = entry::enter_among(core::slice::from_mut(record), 0);
        SLICE.exit.store(exit as u32, Ordering::Relaxed);
        SLICE.desk.end();
    }
}
