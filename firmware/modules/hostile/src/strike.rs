//! Strikes, on the target. The assembly functions are in `attacks.S`.

use core::sync::atomic::{AtomicU32, Ordering};

use abi::{AllocFlags, Call, Errno, HeapInfo};
use bulkhead_sdk::{alloc, free, log, null, ticks, trace, yield_now};

use crate::attack::{AtDepth, Attack, SPIN_SWEEP, StackUse, Strike};
use crate::expect::table_of;
use crate::machine::{KERNEL_DATA, SLOT_BYTES, TO_UNCACHED};
use crate::place::Place;
use crate::registers::Access;

unsafe extern "C" {
    safe fn hostile_load(address: u32);
    safe fn hostile_store(address: u32);
    safe fn hostile_jump(address: u32);
    safe fn hostile_swap(address: u32);
    safe fn hostile_write_back(address: u32);
    safe fn hostile_write_back_drop(address: u32);
    safe fn hostile_drop_text(address: u32);
    safe fn hostile_prefetch(address: u32);
    safe fn hostile_divide(value: u32);
    safe fn hostile_break();
    fn hostile_rsr();
    fn hostile_wsr();
    fn hostile_xsr();
    fn hostile_rur();
    fn hostile_wur();
    safe fn hostile_number(number: u32) -> u32;
    safe fn hostile_ask(number: u32, a: u32, b: u32, c: u32) -> u32;
    safe fn hostile_leak(null: u32) -> u32;
    safe fn hostile_keep(number: u32, third: u32) -> u32;
    safe fn hostile_mark(mark: u32);
    safe fn hostile_seek() -> u32;
    safe fn hostile_spin();
    safe fn hostile_stack_call(stack: u32, null: u32);
    safe fn hostile_stack_older(stack: u32, null: u32);
    safe fn hostile_stack_spin(stack: u32);
    safe fn hostile_stack_overflow(stack: u32);
    safe fn hostile_stack_underflow(stack: u32);
    safe fn hostile_stack_move_to(stack: u32);
    safe fn hostile_stack_move_from(stack: u32);
    safe fn hostile_literals(base: u32, null: u32) -> u32;
    safe fn hostile_literals_spin(base: u32);
    safe fn hostile_loop_to(begin: u32);
    safe fn hostile_loop_call_to(begin: u32, number: u32);
    safe fn hostile_loop_sweep(first: u32, last: u32, number: u32) -> u32;
    safe fn hostile_loop_across(bytes: u32) -> u32;
    safe fn hostile_loop_spin(end: u32);
    safe fn hostile_loop_spin_sweep(first: u32, last: u32);
    safe fn hostile_recurse4();
    safe fn hostile_recurse8();
    safe fn hostile_recurse12();
    fn hostile_windows4(depth: u32, deed: *const [u32; 2]) -> u32;
    fn hostile_windows8(depth: u32, deed: *const [u32; 2]) -> u32;
    fn hostile_windows12(depth: u32, deed: *const [u32; 2]) -> u32;

    // The stubs of the SDK, for arguments that its safe functions do not take.
    safe fn bulkhead_free(address: u32) -> u32;
    safe fn bulkhead_log(text: u32, bytes: u32) -> u32;
    safe fn bulkhead_heap_info(info: u32) -> u32;
    safe fn bulkhead_trace(record: u32) -> u32;
    safe fn bulkhead_alloc(bytes: u32, align: u32, flags: u32) -> u32;
}

const NULL: u32 = Call::Null.number();

/// Own data, with room on both sides for what an attack adds to its address.
static DATA: [AtomicU32; 8] = [const { AtomicU32::new(1) }; 8];
/// Own constants. Not all zero, so that they get room of their own; aligned for every record.
static RODATA: Constants = Constants([0x5244_4154; 8]);

#[repr(align(16))]
struct Constants([u32; 8]);

/// What one life leaves for the next.
const MARK: u32 = 0x4d41_524b;

/// What the places of this life are.
struct Places {
    input: u32,
    output: u32,
}

/// Strikes. Comes back only if the kernel lets it.
pub fn strike(attack: &Attack, input: &[i32], output: &mut [i32]) {
    let places = Places {
        input: input.as_ptr().addr() as u32,
        output: output.as_mut_ptr().addr() as u32,
    };
    let at = |place: Place| places.address(place);
    match attack.strike {
        Strike::Load(place) => hostile_load(at(place)),
        Strike::Store(place) => hostile_store(at(place)),
        Strike::Jump(place) => hostile_jump(at(place)),
        Strike::Swap(place) => hostile_swap(at(place)),
        Strike::WriteBack(place) => hostile_write_back(at(place)),
        Strike::WriteBackDrop(place) => hostile_write_back_drop(at(place)),
        Strike::DropText(place) => hostile_drop_text(at(place)),
        Strike::Prefetch(place) => {
            hostile_prefetch(at(place));
            hostile_break();
        }
        Strike::Register(access, number) => register(access, number),
        Strike::OwnRegister(access, number) => {
            register(access, number);
            hostile_break();
        }
        Strike::UserRegister(access, number) => {
            user_register(access, number);
            hostile_break();
        }
        Strike::Instruction(index) => crate::instructions::execute(index),
        Strike::Divide => hostile_divide(1),
        Strike::Panic => panic!("the attack that is none"),
        Strike::Free(place) => drop(bulkhead_free(at(place))),
        Strike::Log(place, bytes) => drop(bulkhead_log(at(place), bytes)),
        Strike::HeapInfo(place) => drop(bulkhead_heap_info(at(place))),
        Strike::Claim(call, place) => {
            let [a, b, c] = with_pointer(call, at(place));
            hostile_ask(call.number(), a, b, c);
        }
        Strike::Answer(call, [a, b, c], errno) => {
            break_if(hostile_ask(call.number(), a, b, c) == errno.to_register());
        }
        Strike::Trace(place) => drop(bulkhead_trace(at(place))),
        Strike::TraceFull => break_if(trace_until_full()),
        // A record's copy goes by way of `a3`, which comes back as 0.
        Strike::Keep(Call::Trace) => break_if(hostile_keep(Call::Trace.number(), 0) == 0),
        Strike::Keep(call) => break_if(hostile_keep(call.number(), u32::MAX) == 0),
        Strike::Number(number) => {
            break_if(hostile_number(number) == Errno::NoSystem.to_register());
        }
        Strike::Alloc(bytes, align, flags) => {
            break_if(Errno::is_error(bulkhead_alloc(bytes, align, flags)));
        }
        Strike::Exhaust => break_if(exhaust()),
        Strike::Leak => break_if(hostile_leak(NULL) == 0),
        Strike::Mark => {
            for_each_fresh_word(|word| *word = MARK);
            hostile_mark(MARK);
            hostile_break();
        }
        Strike::SeekInMemory => {
            let mut found = 0;
            for_each_fresh_word(|word| found |= *word);
            break_if(found == 0);
        }
        Strike::SeekInRegisters => break_if(hostile_seek() == 0),
        Strike::Stack(StackUse::Call, stack) => hostile_stack_call(stack, NULL),
        Strike::Stack(StackUse::OlderCall, stack) => hostile_stack_older(stack, NULL),
        Strike::Stack(StackUse::Spin, stack) => hostile_stack_spin(stack),
        Strike::Stack(StackUse::Overflow, stack) => hostile_stack_overflow(stack),
        Strike::Stack(StackUse::Underflow, stack) => hostile_stack_underflow(stack),
        Strike::Stack(StackUse::MoveTo, stack) => hostile_stack_move_to(stack),
        Strike::Stack(StackUse::MoveFrom, stack) => hostile_stack_move_from(stack),
        Strike::Literals(place) => break_if(hostile_literals(at(place) | 1, NULL) == 0),
        Strike::LiteralsSpin(place) => hostile_literals_spin(at(place) | 1),
        Strike::LoopTo(place) => hostile_loop_to(at(place)),
        Strike::LoopCallTo(call, place) => hostile_loop_call_to(at(place), call.number()),
        Strike::LoopSweep(call, first, last) => {
            break_if(hostile_loop_sweep(first, last, call.number()) == 0);
        }
        Strike::LoopAcross(bytes) => break_if(hostile_loop_across(bytes) == 0),
        Strike::LoopSpin(end) => hostile_loop_spin(end),
        Strike::LoopSpinSweep(first) => hostile_loop_spin_sweep(first, first + SPIN_SWEEP),
        Strike::Recurse(4) => hostile_recurse4(),
        Strike::Recurse(8) => hostile_recurse8(),
        Strike::Recurse(_) => hostile_recurse12(),
        Strike::Windows(size, depth, deed) => break_if(windows(size, depth as u32, deed)),
        Strike::Spin => hostile_spin(),
        Strike::CallStorm => loop {
            null();
        },
        Strike::TickStorm => loop {
            let _ = ticks();
        },
        Strike::YieldStorm => loop {
            yield_now();
        },
        Strike::TraceStorm => loop {
            let _ = trace([0; 4]);
        },
        Strike::LogStorm => loop {
            let _ = log("again and again");
        },
        Strike::AllocStorm => loop {
            if let Ok(address) = alloc(64, 0, AllocFlags::ZEROED) {
                // SAFETY: allocated in the line above, and unused.
                unsafe { free(address) };
            }
        },
        Strike::Rewrite => {
            rewrite(places.output);
            hostile_break();
        }
        Strike::AskRewritten => break_if(ask_rewritten(places.input)),
    }
}

/// What is written over and over: text, and what no text has.
const REWRITTEN: [u32; 2] = [0x2020_2020, u32::MAX];
/// Bytes from the start of a page on that hold the first periods of a buffer.
const REWRITTEN_BYTES: u32 = 512;

/// Writes over the start of the page of that address for a long while.
fn rewrite(output: u32) {
    for round in 0..200_000_u32 {
        let word = REWRITTEN[round as usize % 2];
        for at in (0..REWRITTEN_BYTES).step_by(4) {
            let address = (output & !0xfff) + at;
            let place = core::ptr::with_exposed_provenance_mut::<u32>(address as usize);
            // SAFETY: the page is the module's own buffer; the kernel would stop any other store.
            unsafe { place.write_volatile(word) };
        }
    }
}

/// Asks about the start of the input, which changes meanwhile, until the kernel's patience ends. Whether it was seen to change often
/// enough, and every answer was one that there may be.
fn ask_rewritten(input: u32) -> bool {
    const BYTES: u32 = 64;
    /// What the kernel takes of a period, but for the attack's name.
    const LINES: u32 = 3;
    let errors = [Errno::Invalid, Errno::Quota, Errno::NoMemory].map(Errno::to_register);
    let place = core::ptr::with_exposed_provenance::<u32>(input as usize);
    // SAFETY: the input is the module's to read.
    let see = || unsafe { place.read_volatile() };
    // Lines and records are few in a period: none is spent before the other one writes.
    let first = see();
    while see() == first {}
    let (mut changes, mut lines) = (0, 0);
    for _ in 0..20_000_000 {
        let before = see();
        let said = bulkhead_log(input, BYTES);
        let traced = bulkhead_trace(input);
        let copy = hostile_ask(Call::FastGet.number(), input, BYTES, 0);
        changes += u32::from(see() != before);
        lines += u32::from(said == BYTES);
        let may_be = |answer: u32, right: bool| right || errors.contains(&answer);
        let all_may_be = may_be(said, said == BYTES)
            && may_be(traced, traced == 0)
            && may_be(copy, !Errno::is_error(copy));
        if !all_may_be {
            return false;
        }
        if !Errno::is_error(copy) {
            hostile_ask(Call::FastPut.number(), copy, 0, 0);
        }
        if changes >= 100 && lines == LINES {
            return true;
        }
    }
    false
}

/// Ends the life by `break` if the kernel's answer was right.
fn break_if(right: bool) {
    if right {
        hostile_break();
    }
}

/// Accesses a special register, through the function of 8 bytes that `attacks.S` has for it.
fn register(access: Access, number: u8) {
    call_of_table(
        match access {
            Access::Read => hostile_rsr,
            Access::Write => hostile_wsr,
            Access::Exchange => hostile_xsr,
        },
        number,
    );
}

/// Likewise a user register, which cannot be exchanged.
fn user_register(access: Access, number: u8) {
    call_of_table(
        match access {
            Access::Read => hostile_rur,
            Access::Write | Access::Exchange => hostile_wur,
        },
        number,
    );
}

/// Calls the function of that number in a table of functions of 8 bytes.
fn call_of_table(table: unsafe extern "C" fn(), number: u8) {
    let address = (table as *const ()).addr() + 8 * usize::from(number);
    let function = core::ptr::with_exposed_provenance::<()>(address);
    // SAFETY: the address is that of a function of the table, which takes a number and returns
    // nothing. What is written is zero: loops do not begin, and literals stay where they are.
    let function: extern "C" fn(u32) = unsafe { core::mem::transmute(function) };
    function(0);
}

/// Does something below that many frames of that size; whether all frames are as they were left.
fn windows(size: u32, depth: u32, deed: AtDepth) -> bool {
    let go = match size {
        4 => hostile_windows4,
        8 => hostile_windows8,
        _ => hostile_windows12,
    };
    let argument = match deed {
        AtDepth::Call => NULL,
        AtDepth::Fault => KERNEL_DATA,
        AtDepth::DoubleFault => KERNEL_DATA + 0x8000,
        AtDepth::Interrupt | AtDepth::Move => 0,
    };
    let deed = [deed as u32, argument];
    // SAFETY: the two words stay where they are until it returns.
    let left = unsafe { go(depth, core::ptr::from_ref(core::hint::black_box(&deed))) };
    left == depth
}

/// Allocates until there is no more; whether the last answer was an error.
fn exhaust() -> bool {
    // In steps that empty a small region within the time of one period.
    (0..1_000_000).any(|_| Errno::is_error(bulkhead_alloc(1024, 0, 0)))
}

/// The arguments of a call that takes that pointer.
const fn with_pointer(call: Call, pointer: u32) -> [u32; 3] {
    match call {
        Call::SourceGet | Call::SinkGet => [0, 4, pointer],
        _ => [pointer, 64, 0],
    }
}

/// Leaves more records than there is room for; whether the first was taken and the last was not,
/// with the error that says so.
fn trace_until_full() -> bool {
    let first = trace([1; 4]);
    let mut rest = (0..64).map(|number| trace([number; 4]));
    first == Ok(()) && rest.any(|left| left == Err(Errno::Quota))
}

/// Allocates some KiB and shows each word of it.
fn for_each_fresh_word(mut each: impl FnMut(&mut u32)) {
    const BYTES: u32 = 1024;
    for _ in 0..8 {
        let Ok(address) = alloc(BYTES, 4, AllocFlags::empty()) else {
            return;
        };
        let words = address.cast::<[u32; BYTES as usize / 4]>();
        // SAFETY: allocated above with this size and alignment, for nobody else; every bit pattern
        // is a number.
        for word in unsafe { &mut *words.as_ptr() } {
            each(word);
        }
    }
}

/// A fresh allocation, or 0: then the attack does not go where it should, which shows.
fn allocation() -> u32 {
    alloc(64, 0, AllocFlags::empty()).map_or(0, |address| address.addr().get() as u32)
}

impl Places {
    fn address(&self, place: Place) -> u32 {
        let own_slot = DATA.as_ptr().addr() as u32 & !(SLOT_BYTES - 1);
        match place {
            Place::At(address) => address,
            Place::OwnText => (hostile_load as *const ()).addr() as u32,
            // Past the compiler, which would see that nobody may store there.
            Place::OwnRodata => core::hint::black_box(&RODATA).0.as_ptr().addr() as u32,
            Place::OwnData => {
                DATA[4].fetch_add(1, Ordering::Relaxed);
                core::ptr::from_ref(&DATA[4]).addr() as u32
            }
            Place::OwnStack => {
                let here = HeapInfo::default();
                core::ptr::from_ref(core::hint::black_box(&here)).addr() as u32
            }
            Place::Input => self.input,
            Place::Output => self.output,
            Place::Allocation => allocation(),
            Place::InsideAllocation => allocation() + 8,
            Place::FreedAllocation => {
                let address = allocation();
                bulkhead_free(address);
                address
            }
            Place::OtherModule => own_slot.wrapping_sub(SLOT_BYTES),
            Place::OwnTable => table_of(own_slot),
            Place::OwnTableUncached => table_of(own_slot.wrapping_sub(TO_UNCACHED)),
            Place::Uncached(place) => self.address(*place).wrapping_sub(TO_UNCACHED),
            Place::Off(place, bytes) => self.address(*place).wrapping_add_signed(bytes),
        }
    }
}
