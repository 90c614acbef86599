//! The second core: runs a slice of what it is handed, and waits. It decides nothing.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, Ordering};

use board::registers::{Exit, RegisterFile};
use board::target::{cores, entry};

use super::state;
use crate::config::PLATFORM;

/// How often the first core looks for the second.
const PATIENCE: u32 = 10_000_000;

/// What the first core hands over and takes back. Both reach it past their caches.
struct Desk {
    is_here: AtomicU32,
    /// The number of the last slice that was handed over.
    asked: AtomicU32,
    /// The number of the last that was run.
    done: AtomicU32,
    /// How that left.
    exit: AtomicU32,
    record: UnsafeCell<RegisterFile>,
}

// SAFETY: the record is the second core's from `asked` until `done` says the same, else the first's.
unsafe impl Sync for Desk {}

static DESK: Desk = Desk {
    is_here: AtomicU32::new(0),
    asked: AtomicU32::new(0),
    done: AtomicU32::new(0),
    exit: AtomicU32::new(0),
    record: UnsafeCell::new(RegisterFile::ZERO),
};

/// Has the second core share the kernel's state. Whether there is one.
pub(super) fn start() -> bool {
    state::share();
    cores::share_image_data(PLATFORM.cache_bytes);
    cores::release_second();
    (0..PATIENCE).any(|_| DESK.is_here.load(Ordering::Acquire) != 0)
}

/// Hands it a slice; it has nothing to do.
pub(super) fn hand_over(record: &RegisterFile) {
    // SAFETY: all that was asked is done, so the record is this core's.
    unsafe { *DESK.record.get() = *record };
    let next = DESK.asked.load(Ordering::Relaxed).wrapping_add(1);
    DESK.asked.store(next, Ordering::Release);
}

/// Takes it back; `None` while it runs.
pub(super) fn take_back(record: &mut RegisterFile) -> Option<Exit> {
    if DESK.done.load(Ordering::Acquire) != DESK.asked.load(Ordering::Relaxed) {
        return None;
    }
    // SAFETY: all that was asked is done, so the record is this core's.
    *record = unsafe { *DESK.record.get() };
    Some(Exit::from_register(DESK.exit.load(Ordering::Relaxed)))
}

/// All that the second core does. Between slices, and whenever it waits for the state, it answers.
#[unsafe(no_mangle)]
extern "C" fn image_secondary() -> ! {
    DESK.is_here.store(1, Ordering::Release);
    let mut done = 0;
    loop {
        state::answer();
        let asked = DESK.asked.load(Ordering::Acquire);
        if asked == done {
            core::hint::spin_loop();
            continue;
        }
        // SAFETY: it was handed over, and is this core's until it says that it is done.
        let record = unsafe { &mut *DESK.record.get() };
        let (exit, _) = entry::enter_among(core::slice::from_mut(record), 0);
        DESK.exit.store(exit as u32, Ordering::Relaxed);
        done = asked;
        DESK.done.store(done, Ordering::Release);
    }
}
