//! What the assembly needs to know of the Rust side, by name. The build writes these out as
//! `#define` lines, so that no offset is typed twice.

use core::mem::offset_of;

use domains::Cause;
use mmu::{DC233C, SwitchImage};

use crate::registers::{Exit, RegisterFile};
use crate::traces::{TRACES, TraceRing};

/// Entries of the table of system calls; a number beyond it is served or refused before the table
/// is read. One of the numbers that `bgeui` can hold.
pub const CALL_TABLE_ENTRIES: usize = 32;

/// Bytes of what the assembly keeps for each core: six registers of the kernel that entered a
/// module, the top of the core's exception stack, and the ticks that modules are told.
const CORE_RECORD_BYTES: u32 = 32;
const CORE_EXCEPTION_STACK: u32 = 24;
pub(crate) const CORE_TICKS: u32 = 28;

/// The least time that a thread must have left to go on without the kernel: longer than it takes to
/// get there, so that the end of it does not pass before the timer is set.
const LEAST_HANDOVER: u32 = 512;

/// The cause by which a vector that nothing should reach reports itself.
pub const CAUSE_UNEXPECTED_INTERRUPT: u32 = 62;

/// ATOMCTL for which `s32c1i` works on memory past the cache as on cached memory.
const ATOMIC_PAST_CACHE: u32 = 0x2a;

/// Where the kernel sees all RAM, write-back.
pub const DIRECT_MAP: u32 = 0xd000_0000;
/// The same RAM past the cache lies `1 << UNCACHED_STEP_BITS` bytes above it.
const UNCACHED_STEP_BITS: u32 = 27;

const fn record(offset: usize) -> u32 {
    offset as u32
}

/// Name and value of every constant that the assembly uses.
pub const OFFSETS: &[(&str, u32)] = &[
    ("RECORD_NEAR", record(offset_of!(RegisterFile, near))),
    ("RECORD_FAR", record(offset_of!(RegisterFile, far))),
    ("RECORD_SAR", record(offset_of!(RegisterFile, sar))),
    ("RECORD_LBEG", record(offset_of!(RegisterFile, lbeg))),
    ("RECORD_LEND", record(offset_of!(RegisterFile, lend))),
    ("RECORD_LCOUNT", record(offset_of!(RegisterFile, lcount))),
    ("RECORD_LITBASE", record(offset_of!(RegisterFile, litbase))),
    (
        "RECORD_SCOMPARE1",
        record(offset_of!(RegisterFile, scompare1)),
    ),
    (
        "RECORD_THREADPTR",
        record(offset_of!(RegisterFile, threadptr)),
    ),
    (
        "RECORD_EXPSTATE",
        record(offset_of!(RegisterFile, expstate)),
    ),
    ("RECORD_ACCLO", record(offset_of!(RegisterFile, acclo))),
    ("RECORD_ACCHI", record(offset_of!(RegisterFile, acchi))),
    ("RECORD_MAC", record(offset_of!(RegisterFile, mac))),
    ("RECORD_PC", record(offset_of!(RegisterFile, pc))),
    ("RECORD_PS", record(offset_of!(RegisterFile, ps))),
    (
        "RECORD_WINDOWSTART",
        record(offset_of!(RegisterFile, windowstart)),
    ),
    (
        "RECORD_FAR_WINDOWBASE",
        record(offset_of!(RegisterFile, far_windowbase)),
    ),
    ("RECORD_CAUSE", record(offset_of!(RegisterFile, cause))),
    ("RECORD_ADDRESS", record(offset_of!(RegisterFile, address))),
    (
        "RECORD_QUICK_START",
        record(offset_of!(RegisterFile, quick.start)),
    ),
    (
        "RECORD_QUICK_BYTES",
        record(offset_of!(RegisterFile, quick.bytes)),
    ),
    (
        "RECORD_QUICK_STEP",
        record(offset_of!(RegisterFile, quick.step)),
    ),
    (
        "RECORD_QUICK_RING",
        record(offset_of!(RegisterFile, quick.ring)),
    ),
    ("RECORD_IMAGE", record(offset_of!(RegisterFile, turn.image))),
    ("RECORD_NEXT", record(offset_of!(RegisterFile, turn.next))),
    (
        "RECORD_PARTIAL",
        record(offset_of!(RegisterFile, turn.partial)),
    ),
    (
        "RECORD_STARTED",
        record(offset_of!(RegisterFile, turn.started)),
    ),
    ("RECORD_LEFT", record(offset_of!(RegisterFile, turn.left))),
    ("RECORD_SPENT", record(offset_of!(RegisterFile, turn.spent))),
    ("LEAST_HANDOVER", LEAST_HANDOVER),
    ("EXIT_YIELD", Exit::Yield as u32),
    ("IMAGE_RASID", record(offset_of!(SwitchImage, rasid))),
    ("IMAGE_CACHED", record(offset_of!(SwitchImage, cached))),
    ("IMAGE_UNCACHED", record(offset_of!(SwitchImage, uncached))),
    ("EXIT_EXCEPTION", Exit::Exception as u32),
    ("EXIT_WINDOW_FAULT", Exit::WindowFault as u32),
    ("CALL_TABLE_ENTRIES", CALL_TABLE_ENTRIES as u32),
    ("CAUSE_BREAK", Cause::BREAK.0),
    ("CAUSE_UNEXPECTED_INTERRUPT", CAUSE_UNEXPECTED_INTERRUPT),
    ("TRACES", TRACES as u32),
    ("TRACE_SHIFT", TraceRing::SHIFT),
    ("TRACE_FIRST", TraceRing::FIRST),
    ("TRACE_CYCLES", TraceRing::CYCLES),
    ("TABLE_WINDOW", DC233C.table_window.0),
    ("CORE_RECORD_BYTES", CORE_RECORD_BYTES),
    ("CORE_EXCEPTION_STACK", CORE_EXCEPTION_STACK),
    ("CORE_TICKS", CORE_TICKS),
    ("ATOMIC_PAST_CACHE", ATOMIC_PAST_CACHE),
    ("DIRECT_MAP", DIRECT_MAP),
    ("UNCACHED_STEP_BITS", UNCACHED_STEP_BITS),
];
