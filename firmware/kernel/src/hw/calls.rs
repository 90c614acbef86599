//! The table of system calls, which the entry code in assembly reads.

use abi::{Call, TABLE_CALLS};
use board::layout::CALL_TABLE_ENTRIES;
use board::registers::Exit;
use board::target::entry;
use xtensa_lx::timer;

use super::state;

/// Five arguments and the number.
type Entry = extern "C" fn(u32, u32, u32, u32, u32, u32) -> u32;

const _: () = assert!(
    TABLE_CALLS as usize == CALL_TABLE_ENTRIES
        && Call::Ticks.number() == TABLE_CALLS
        && Call::Trace.number() == 2 * TABLE_CALLS
        && Call::Yield.number() == 4 * TABLE_CALLS,
    "the entry code and the ABI must agree"
);
const _: () = assert!(
    Call::ALL[Call::Ticks.index() - 1].number() < TABLE_CALLS - 1,
    "the last entry of the table is for the numbers beyond it"
);

/// By number; the last is for every number that is not in the table.
#[unsafe(no_mangle)]
static call_table: [Entry; CALL_TABLE_ENTRIES] = {
    let mut table: [Entry; CALL_TABLE_ENTRIES] = [serve; CALL_TABLE_ENTRIES];
    table[Call::Null as usize] = null;
    table[Call::Alloc as usize] = alloc;
    table[Call::Free as usize] = free;
    table
};

/// A call that does nothing needs none of the kernel's state.
extern "C" fn null(_: u32, _: u32, _: u32, _: u32, _: u32, _: u32) -> u32 {
    // SAFETY: a system call is served.
    let turn = unsafe { entry::current_turn() };
    turn.null_calls = turn.null_calls.wrapping_add(1);
    0
}

/// Who calls: the place of the thread that runs.
fn caller() -> usize {
    // SAFETY: a system call is served.
    unsafe { entry::current_turn() }.place as usize
}

/// Ordinary allocations and frees by a short way; what is not ordinary as any other call, and so is
/// everything where cores share the state.
extern "C" fn alloc(a: u32, b: u32, c: u32, d: u32, e: u32, number: u32) -> u32 {
    match state::with_alone(|system| system.alloc_ordinarily(caller(), a, b, c)) {
        Some(Some(value)) => value,
        Some(None) => serve(a, b, c, d, e, number),
        None => serve_shared(a, b, c, d, e, number),
    }
}

extern "C" fn free(a: u32, b: u32, c: u32, d: u32, e: u32, number: u32) -> u32 {
    match state::with_alone(|system| system.free_ordinarily(caller(), a)) {
        Some(Some(value)) => value,
        Some(None) => serve(a, b, c, d, e, number),
        None => serve_shared(a, b, c, d, e, number),
    }
}

/// [`serve`] by another name: then the short way above keeps no registers for its sake.
#[cold]
#[inline(never)]
extern "C" fn serve_shared(a: u32, b: u32, c: u32, d: u32, e: u32, number: u32) -> u32 {
    serve(a, b, c, d, e, number)
}

extern "C" fn serve(a: u32, b: u32, c: u32, d: u32, e: u32, number: u32) -> u32 {
    let cycles = timer::get_cycle_count();
    match state::with(|system| system.call(caller(), number, [a, b, c, d, e], cycles)) {
        Some(value) => value,
        // SAFETY: nothing is held any more; the stack of this call is given up with it.
        None => unsafe { entry::leave(Exit::Call) },
    }
}
