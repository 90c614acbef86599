//! The table of system calls, which the entry code in assembly reads.

use abi::{CALL_COUNT, Call, Errno};
use core::sync::atomic::{AtomicU32, Ordering};

use board::layout::CALL_TABLE_ENTRIES;
use board::registers::Exit;
use board::target::entry;

use super::state;

type Entry = extern "C" fn(u32, u32, u32, u32, u32, u32) -> u32;

const _: () = assert!(
    CALL_COUNT <= CALL_TABLE_ENTRIES,
    "the table must have room for every call"
);

/// By number. The entry code has checked the number against [`CALL_TABLE_ENTRIES`].
#[unsafe(no_mangle)]
static call_table: [Entry; CALL_TABLE_ENTRIES] = {
    let mut table: [Entry; CALL_TABLE_ENTRIES] = [
        call::<0>, call::<1>, call::<2>, call::<3>, call::<4>, call::<5>, call::<6>, call::<7>,
    ];
    table[Call::Null as usize] = null;
    table
};

/// Null calls not counted yet.
static NULL_CALLS: AtomicU32 = AtomicU32::new(0);

/// A call that does nothing needs none of the kernel's state, not even to be counted.
extern "C" fn null(_: u32, _: u32, _: u32, _: u32, _: u32, _: u32) -> u32 {
    // Not `fetch_add`: nothing can come between at EXCM = 1, and it costs a loop.
    NULL_CALLS.store(
        NULL_CALLS.load(Ordering::Relaxed).wrapping_add(1),
        Ordering::Relaxed,
    );
    0
}

/// Null calls since the last time this was asked.
pub(super) fn take_null_calls() -> u32 {
    let count = NULL_CALLS.load(Ordering::Relaxed);
    NULL_CALLS.store(0, Ordering::Relaxed);
    count
}

extern "C" fn call<const NUMBER: u32>(a: u32, b: u32, c: u32, d: u32, e: u32, f: u32) -> u32 {
    serve(NUMBER, [a, b, c, d, e, f])
}

/// A number beyond the table; the entry code calls it with the number.
#[unsafe(no_mangle)]
extern "C" fn serve_unknown(number: u32) -> u32 {
    if (number as usize) < CALL_TABLE_ENTRIES {
        // Cannot be: the entry code sends only numbers beyond the table here.
        return Errno::NoSystem.to_register();
    }
    serve(number, [0; 6])
}

fn serve(number: u32, arguments: [u32; 6]) -> u32 {
    match state::with(|system| system.call(number, arguments)) {
        Some(value) => value,
        // SAFETY: nothing is held any more; the stack of this call is given up with it.
        None => unsafe { entry::leave(Exit::Call) },
    }
}
