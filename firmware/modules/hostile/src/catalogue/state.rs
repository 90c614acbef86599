//! Registers that a module may set, stacks, and time.

use abi::Call;

use super::{RIGHT, at, attacks, fault};
use crate::attack::{Attack, SPIN_SWEEP, StackUse, Strike};
use crate::expect::{Expect, Where};
use crate::machine::{DIRECT_MAP, KERNEL_DATA, KERNEL_TEXT};
use crate::place::Place;

/// Stack pointers into the kernel.
pub const STACKS: [Attack; 14] = attacks! {
    "stack in kernel data, system call", "the kernel must not use that stack",
        fault(26, Where::Exactly(KERNEL_DATA + 0x8000)), Strike::Stack(StackUse::Call, KERNEL_DATA + 0x8000);
    "older stack in kernel data, system call", "the kernel must not spill that frame",
        fault(26, Where::Exactly(KERNEL_DATA + 0x8000)), Strike::Stack(StackUse::OlderCall, KERNEL_DATA + 0x8000);
    "stack in kernel data, interrupt", "the kernel must not use that stack",
        Expect::Overrun, Strike::Stack(StackUse::Spin, KERNEL_DATA + 0x8000);
    "stack in kernel data, overflow", "spills windows into the kernel",
        fault(26, Where::Between(KERNEL_DATA + 0x8000 - 0x100, KERNEL_DATA + 0x8000)), Strike::Stack(StackUse::Overflow, KERNEL_DATA + 0x8000);
    "stack in kernel data, underflow", "fills windows from the kernel",
        fault(26, Where::Between(KERNEL_DATA + 0x8000 - 0x100, KERNEL_DATA + 0x8000)), Strike::Stack(StackUse::Underflow, KERNEL_DATA + 0x8000);
    "stack in kernel data, movsp to", "moves the stack by the instruction that may trap",
        fault(26, Where::Exactly(KERNEL_DATA + 0x8000)), Strike::Stack(StackUse::MoveTo, KERNEL_DATA + 0x8000);
    "stack in kernel data, movsp from", "has the kernel reload a frame from its own memory",
        fault(26, Where::Between(KERNEL_DATA + 0x8000 - 0x100, KERNEL_DATA + 0x8000)), Strike::Stack(StackUse::MoveFrom, KERNEL_DATA + 0x8000);
    "stack in direct map, system call", "the kernel must not use that stack",
        fault(26, Where::Exactly(DIRECT_MAP + 0x0020_8000)), Strike::Stack(StackUse::Call, DIRECT_MAP + 0x0020_8000);
    "older stack in direct map, system call", "the kernel must not spill that frame",
        fault(26, Where::Exactly(DIRECT_MAP + 0x0020_8000)), Strike::Stack(StackUse::OlderCall, DIRECT_MAP + 0x0020_8000);
    "stack in direct map, interrupt", "the kernel must not use that stack",
        Expect::Overrun, Strike::Stack(StackUse::Spin, DIRECT_MAP + 0x0020_8000);
    "stack in direct map, overflow", "spills windows into the kernel",
        fault(26, Where::Between(DIRECT_MAP + 0x0020_8000 - 0x100, DIRECT_MAP + 0x0020_8000)), Strike::Stack(StackUse::Overflow, DIRECT_MAP + 0x0020_8000);
    "stack in direct map, underflow", "fills windows from the kernel",
        fault(26, Where::Between(DIRECT_MAP + 0x0020_8000 - 0x100, DIRECT_MAP + 0x0020_8000)), Strike::Stack(StackUse::Underflow, DIRECT_MAP + 0x0020_8000);
    "stack in direct map, movsp to", "moves the stack by the instruction that may trap",
        fault(26, Where::Exactly(DIRECT_MAP + 0x0020_8000)), Strike::Stack(StackUse::MoveTo, DIRECT_MAP + 0x0020_8000);
    "stack in direct map, movsp from", "has the kernel reload a frame from its own memory",
        fault(26, Where::Between(DIRECT_MAP + 0x0020_8000 - 0x100, DIRECT_MAP + 0x0020_8000)), Strike::Stack(StackUse::MoveFrom, DIRECT_MAP + 0x0020_8000);
};

/// Registers that a module may write and the kernel works with.
pub const STATE: [Attack; 46] = attacks! {
    "loop across a page", "a loop that begins in one page of text and ends in the next",
        RIGHT, Strike::LoopAcross(6);
    "loop to the end of a page", "a loop that ends with the last byte of a page of text",
        RIGHT, Strike::LoopAcross(0);
    "literals in kernel text", "the kernel's loads must not follow, the module's must fault",
        fault(26, Where::Exactly(KERNEL_TEXT + 0x1000 - 4)), Strike::Literals(at(KERNEL_TEXT + 0x1000));
    "literals in kernel data", "the kernel's loads must not follow, the module's must fault",
        fault(26, Where::Exactly(KERNEL_DATA + 0x1000 - 4)), Strike::Literals(at(KERNEL_DATA + 0x1000));
    "literals in direct map", "the kernel's loads must not follow, the module's must fault",
        fault(26, Where::Exactly(DIRECT_MAP + 0x0010_1000 - 4)), Strike::Literals(at(DIRECT_MAP + 0x0010_1000));
    "literals in own data", "the kernel's constants must not come from the module",
        RIGHT, Strike::Literals(Place::OwnData);
    "literals in own data, interrupt", "the same while it is interrupted",
        Expect::Overrun, Strike::LiteralsSpin(Place::OwnData);
    "loop back to kernel text", "the hardware loop jumps into the kernel",
        fault(18, Where::Exactly(KERNEL_TEXT)), Strike::LoopTo(at(KERNEL_TEXT));
    "loop back to kernel text after a call", "the kernel completes the loop, at the module's rights",
        fault(18, Where::Exactly(KERNEL_TEXT)), Strike::LoopCallTo(Call::Null, at(KERNEL_TEXT));
    "loop back to kernel data", "the hardware loop jumps into the kernel",
        fault(16, Where::Exactly(KERNEL_DATA)), Strike::LoopTo(at(KERNEL_DATA));
    "loop back to kernel data after a call", "the kernel completes the loop, at the module's rights",
        fault(16, Where::Exactly(KERNEL_DATA)), Strike::LoopCallTo(Call::Null, at(KERNEL_DATA));
    "loop back to direct map", "the hardware loop jumps into the kernel",
        fault(16, Where::Exactly(DIRECT_MAP)), Strike::LoopTo(at(DIRECT_MAP));
    "loop back to direct map after a call", "the kernel completes the loop, at the module's rights",
        fault(16, Where::Exactly(DIRECT_MAP)), Strike::LoopCallTo(Call::Null, at(DIRECT_MAP));
    "loop back to own data", "the hardware loop runs a variable",
        fault(20, Where::OwnSlot), Strike::LoopTo(Place::OwnData);
    "loop ends in the kernel, part 0", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT, KERNEL_TEXT + 0x100);
    "loop ends in the kernel, part 1", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0x100, KERNEL_TEXT + 0x200);
    "loop ends in the kernel, part 2", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0x200, KERNEL_TEXT + 0x300);
    "loop ends in the kernel, part 3", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0x300, KERNEL_TEXT + 0x400);
    "loop ends in the kernel, part 4", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0x400, KERNEL_TEXT + 0x500);
    "loop ends in the kernel, part 5", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0x500, KERNEL_TEXT + 0x600);
    "loop ends in the kernel, part 6", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0x600, KERNEL_TEXT + 0x700);
    "loop ends in the kernel, part 7", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0x700, KERNEL_TEXT + 0x800);
    "loop ends in the kernel, part 8", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0x800, KERNEL_TEXT + 0x900);
    "loop ends in the kernel, part 9", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0x900, KERNEL_TEXT + 0xa00);
    "loop ends in the kernel, part 10", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0xa00, KERNEL_TEXT + 0xb00);
    "loop ends in the kernel, part 11", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0xb00, KERNEL_TEXT + 0xc00);
    "loop ends in the kernel, part 12", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0xc00, KERNEL_TEXT + 0xd00);
    "loop ends in the kernel, part 13", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0xd00, KERNEL_TEXT + 0xe00);
    "loop ends in the kernel, part 14", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0xe00, KERNEL_TEXT + 0xf00);
    "loop ends in the kernel, part 15", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Null, KERNEL_TEXT + 0xf00, KERNEL_TEXT + 0x1000);
    "loop back to kernel text after ticks", "the entry code completes the loop, at the module's rights",
        fault(18, Where::Exactly(KERNEL_TEXT)), Strike::LoopCallTo(Call::Ticks, at(KERNEL_TEXT));
    "loop back to kernel text after a trace", "the entry code completes the loop, at the module's rights",
        fault(18, Where::Exactly(KERNEL_TEXT)), Strike::LoopCallTo(Call::Trace, at(KERNEL_TEXT));
    "registers after ticks", "the entry code must leave nothing of its own",
        RIGHT, Strike::Keep(Call::Ticks);
    "registers after a trace", "the entry code must leave nothing of its own",
        RIGHT, Strike::Keep(Call::Trace);
    "loop ends in the kernel at ticks, part 0", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Ticks, KERNEL_TEXT, KERNEL_TEXT + 0x100);
    "loop ends in the kernel at ticks, part 1", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Ticks, KERNEL_TEXT + 0x100, KERNEL_TEXT + 0x200);
    "loop ends in the kernel at ticks, part 2", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Ticks, KERNEL_TEXT + 0x200, KERNEL_TEXT + 0x300);
    "loop ends in the kernel at ticks, part 3", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Ticks, KERNEL_TEXT + 0x300, KERNEL_TEXT + 0x400);
    "loop ends in the kernel at ticks, part 4", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Ticks, KERNEL_TEXT + 0x400, KERNEL_TEXT + 0x500);
    "loop ends in the kernel at a trace, part 0", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Trace, KERNEL_TEXT, KERNEL_TEXT + 0x100);
    "loop ends in the kernel at a trace, part 1", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Trace, KERNEL_TEXT + 0x100, KERNEL_TEXT + 0x200);
    "loop ends in the kernel at a trace, part 2", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Trace, KERNEL_TEXT + 0x200, KERNEL_TEXT + 0x300);
    "loop ends in the kernel at a trace, part 3", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Trace, KERNEL_TEXT + 0x300, KERNEL_TEXT + 0x400);
    "loop ends in the kernel at a trace, part 4", "code of the module must not run inside the kernel",
        RIGHT, Strike::LoopSweep(Call::Trace, KERNEL_TEXT + 0x400, KERNEL_TEXT + 0x500);
    "loop ends in the interrupt entry", "the same with interrupts",
        Expect::Overrun, Strike::LoopSpin(KERNEL_TEXT + 0x343);
    "loop ends after the interrupt entry", "the same with interrupts",
        Expect::Overrun, Strike::LoopSpin(KERNEL_TEXT + 0x346);
};

macro_rules! spin_sweeps {
    ($($part:literal)*) => {
        [$(Attack {
            name: concat!("loop ends behind an interrupt, part ", $part),
            what: "code of the module must not run inside the kernel",
            expect: Expect::Overrun,
            strike: Strike::LoopSpinSweep(BEHIND_VECTORS + $part * SPIN_SWEEP),
        },)*]
    };
}

/// Where the kernel's code behind its vectors begins, which interrupts go through.
const BEHIND_VECTORS: u32 = KERNEL_TEXT + 0x430;

/// Loops that end where the kernel goes on after an interrupt, with interrupts that come.
pub const SPIN_SWEEPS: [Attack; 40] = spin_sweeps! {
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19
    20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39
};

/// Time and stack without end.
pub const TIME: [Attack; 10] = attacks! {
    "recursion by 4", "stack overflow",
        fault(29, Where::OwnSlot), Strike::Recurse(4);
    "recursion by 8", "stack overflow",
        fault(29, Where::OwnSlot), Strike::Recurse(8);
    "recursion by 12", "stack overflow",
        fault(29, Where::OwnSlot), Strike::Recurse(12);
    "never return", "takes the processor",
        Expect::Overrun, Strike::Spin;
    "storm of system calls", "takes the processor by way of the kernel",
        Expect::Overrun, Strike::CallStorm;
    "storm of ticks", "takes the processor by way of the entry code",
        Expect::Overrun, Strike::TickStorm;
    "storm of yields", "lets the other run, and takes all the rest",
        Expect::Overrun, Strike::YieldStorm;
    "storm of trace records", "floods the report",
        Expect::Overrun, Strike::TraceStorm;
    "storm of log lines", "floods the log",
        Expect::Overrun, Strike::LogStorm;
    "storm of allocations", "keeps the allocator busy",
        Expect::Overrun, Strike::AllocStorm;
};
