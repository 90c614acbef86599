//! System calls with arguments that a kernel must not believe.

use abi::{Call, Errno};

use super::{RIGHT, at, attacks};
use crate::attack::{Attack, Strike};
use crate::expect::Expect;
use crate::machine::{DIRECT_MAP, KERNEL_DATA, KERNEL_TEXT};
use crate::place::Place;

const BAD_FREE: Expect = Expect::BadCall { call: Call::Free };
const BAD_LOG: Expect = Expect::BadCall { call: Call::Log };
const BAD_TRACE: Expect = bad(Call::Trace);

const fn bad(call: Call) -> Expect {
    Expect::BadCall { call }
}

const BAD_INFO: Expect = Expect::BadCall {
    call: Call::HeapInfo,
};

/// The first number that no call has.
const UNUSED: u32 = {
    let mut number = 0;
    while Call::from_number(number).is_some() {
        number += 1;
    }
    number
};

/// Addresses that are not the module's to free.
pub const FREES: [Attack; 14] = attacks! {
    "free null", "no address at all",
        BAD_FREE, Strike::Free(at(0));
    "free kernel data", "the kernel's memory",
        BAD_FREE, Strike::Free(at(KERNEL_DATA));
    "free the direct map", "the kernel's view of RAM",
        BAD_FREE, Strike::Free(at(DIRECT_MAP));
    "free the page-table window", "the kernel's page tables",
        BAD_FREE, Strike::Free(Place::OwnTable);
    "free another module's memory", "the slot before",
        BAD_FREE, Strike::Free(Place::OtherModule);
    "free another module's memory, uncached", "the same through the other alias",
        BAD_FREE, Strike::Free(Place::Uncached(&Place::OtherModule));
    "free inside an allocation", "not where it starts",
        BAD_FREE, Strike::Free(Place::InsideAllocation);
    "free one byte into an allocation", "not where it starts, and not aligned",
        BAD_FREE, Strike::Free(Place::Off(&Place::Allocation, 1));
    "free twice", "an allocation that is gone",
        BAD_FREE, Strike::Free(Place::FreedAllocation);
    "free the stack", "memory the kernel gave without being asked",
        BAD_FREE, Strike::Free(Place::OwnStack);
    "free own text", "memory of the file",
        BAD_FREE, Strike::Free(Place::OwnText);
    "free own data", "memory of the file",
        BAD_FREE, Strike::Free(Place::OwnData);
    "free the input", "memory of the call",
        BAD_FREE, Strike::Free(Place::Input);
    "free the last address", "where sums wrap",
        BAD_FREE, Strike::Free(at(0xffff_fff8));
};

/// Buffers that are not the module's to read.
pub const LOGS: [Attack; 13] = attacks! {
    "log null", "no address at all",
        BAD_LOG, Strike::Log(at(0), 16);
    "log kernel text", "prints the kernel",
        BAD_LOG, Strike::Log(at(KERNEL_TEXT), 16);
    "log kernel data", "prints the kernel's secrets",
        BAD_LOG, Strike::Log(at(KERNEL_DATA), 16);
    "log the direct map", "prints any RAM",
        BAD_LOG, Strike::Log(at(DIRECT_MAP + 0x0010_0000), 16);
    "log the page-table window", "prints its page table",
        BAD_LOG, Strike::Log(Place::OwnTable, 16);
    "log another module", "prints its neighbour",
        BAD_LOG, Strike::Log(Place::OtherModule, 16);
    "log another module, uncached", "the same through the other alias",
        BAD_LOG, Strike::Log(Place::Uncached(&Place::OtherModule), 16);
    "log across the end of memory", "starts in own memory and leaves it",
        BAD_LOG, Strike::Log(Place::OwnRodata, 0x0040_0000);
    "log from before own memory", "starts outside and ends in own memory",
        BAD_LOG, Strike::Log(Place::Off(&Place::OwnRodata, -0x0040_0000), 0x0040_0001);
    "log all addresses", "the longest buffer there is",
        BAD_LOG, Strike::Log(Place::OwnRodata, u32::MAX);
    "log around the end of addresses", "wraps to a small end",
        BAD_LOG, Strike::Log(at(0xffff_fff0), 0x20);
    "log around into own memory", "a length that wraps back to where it starts",
        BAD_LOG, Strike::Log(Place::OwnData, u32::MAX - 8);
    "log half the addresses", "a length that is negative as a signed number",
        BAD_LOG, Strike::Log(Place::OwnRodata, 0x8000_0000);
};

/// Records that are not the module's to write.
pub const RECORDS: [Attack; 14] = attacks! {
    "heap info to null", "no address at all",
        BAD_INFO, Strike::HeapInfo(at(0));
    "heap info to kernel data", "has the kernel overwrite itself",
        BAD_INFO, Strike::HeapInfo(at(KERNEL_DATA));
    "heap info to kernel text", "has the kernel overwrite itself",
        BAD_INFO, Strike::HeapInfo(at(KERNEL_TEXT));
    "heap info to the direct map", "has the kernel overwrite any RAM",
        BAD_INFO, Strike::HeapInfo(at(DIRECT_MAP + 0x0010_0000));
    "heap info to the page table", "has the kernel write page table entries",
        BAD_INFO, Strike::HeapInfo(Place::OwnTable);
    "heap info to another module", "has the kernel overwrite the neighbour",
        BAD_INFO, Strike::HeapInfo(Place::OtherModule);
    "heap info to another module, uncached", "the same through the other alias",
        BAD_INFO, Strike::HeapInfo(Place::Uncached(&Place::OtherModule));
    "heap info to own text", "has the kernel write what it may not",
        BAD_INFO, Strike::HeapInfo(Place::OwnText);
    "heap info to own text, uncached", "the same through the other alias",
        BAD_INFO, Strike::HeapInfo(Place::Uncached(&Place::OwnText));
    "heap info to own rodata", "has the kernel write what it may not",
        BAD_INFO, Strike::HeapInfo(Place::OwnRodata);
    "heap info to the input", "has the kernel write what it may not",
        BAD_INFO, Strike::HeapInfo(Place::Input);
    "heap info to one byte off", "a record that is not aligned",
        BAD_INFO, Strike::HeapInfo(Place::Off(&Place::OwnData, 1));
    "heap info to two bytes off", "a record that is not aligned",
        BAD_INFO, Strike::HeapInfo(Place::Off(&Place::OwnData, 2));
    "heap info to the end of addresses", "wraps",
        BAD_INFO, Strike::HeapInfo(at(0xffff_fff8));
};

/// Pointers in the calls for time, constants and audio.
pub const POINTERS: [Attack; 55] = attacks! {
    "time to null", "a pointer that is not the module's",
        bad(Call::Time), Strike::Claim(Call::Time, at(0));
    "time to kernel text", "a pointer that is not the module's",
        bad(Call::Time), Strike::Claim(Call::Time, at(KERNEL_TEXT));
    "time to kernel data", "a pointer that is not the module's",
        bad(Call::Time), Strike::Claim(Call::Time, at(KERNEL_DATA));
    "time to the direct map", "a pointer that is not the module's",
        bad(Call::Time), Strike::Claim(Call::Time, at(DIRECT_MAP + 0x0010_0000));
    "time to the page table", "a pointer that is not the module's",
        bad(Call::Time), Strike::Claim(Call::Time, Place::OwnTable);
    "time to another module", "a pointer that is not the module's",
        bad(Call::Time), Strike::Claim(Call::Time, Place::OtherModule);
    "time to another module, uncached", "a pointer that is not the module's",
        bad(Call::Time), Strike::Claim(Call::Time, Place::Uncached(&Place::OtherModule));
    "time to the last page", "a pointer that is not the module's",
        bad(Call::Time), Strike::Claim(Call::Time, at(0xffff_ff00));
    "constants of null", "a pointer that is not the module's",
        bad(Call::FastGet), Strike::Claim(Call::FastGet, at(0));
    "constants of kernel text", "a pointer that is not the module's",
        bad(Call::FastGet), Strike::Claim(Call::FastGet, at(KERNEL_TEXT));
    "constants of kernel data", "a pointer that is not the module's",
        bad(Call::FastGet), Strike::Claim(Call::FastGet, at(KERNEL_DATA));
    "constants of the direct map", "a pointer that is not the module's",
        bad(Call::FastGet), Strike::Claim(Call::FastGet, at(DIRECT_MAP + 0x0010_0000));
    "constants of the page table", "a pointer that is not the module's",
        bad(Call::FastGet), Strike::Claim(Call::FastGet, Place::OwnTable);
    "constants of another module", "a pointer that is not the module's",
        bad(Call::FastGet), Strike::Claim(Call::FastGet, Place::OtherModule);
    "constants of another module, uncached", "a pointer that is not the module's",
        bad(Call::FastGet), Strike::Claim(Call::FastGet, Place::Uncached(&Place::OtherModule));
    "constants of the last page", "a pointer that is not the module's",
        bad(Call::FastGet), Strike::Claim(Call::FastGet, at(0xffff_ff00));
    "give back null", "a pointer that is not the module's",
        bad(Call::FastPut), Strike::Claim(Call::FastPut, at(0));
    "give back kernel text", "a pointer that is not the module's",
        bad(Call::FastPut), Strike::Claim(Call::FastPut, at(KERNEL_TEXT));
    "give back kernel data", "a pointer that is not the module's",
        bad(Call::FastPut), Strike::Claim(Call::FastPut, at(KERNEL_DATA));
    "give back the direct map", "a pointer that is not the module's",
        bad(Call::FastPut), Strike::Claim(Call::FastPut, at(DIRECT_MAP + 0x0010_0000));
    "give back the page table", "a pointer that is not the module's",
        bad(Call::FastPut), Strike::Claim(Call::FastPut, Place::OwnTable);
    "give back another module", "a pointer that is not the module's",
        bad(Call::FastPut), Strike::Claim(Call::FastPut, Place::OtherModule);
    "give back another module, uncached", "a pointer that is not the module's",
        bad(Call::FastPut), Strike::Claim(Call::FastPut, Place::Uncached(&Place::OtherModule));
    "give back the last page", "a pointer that is not the module's",
        bad(Call::FastPut), Strike::Claim(Call::FastPut, at(0xffff_ff00));
    "source record to null", "a pointer that is not the module's",
        bad(Call::SourceGet), Strike::Claim(Call::SourceGet, at(0));
    "source record to kernel text", "a pointer that is not the module's",
        bad(Call::SourceGet), Strike::Claim(Call::SourceGet, at(KERNEL_TEXT));
    "source record to kernel data", "a pointer that is not the module's",
        bad(Call::SourceGet), Strike::Claim(Call::SourceGet, at(KERNEL_DATA));
    "source record to the direct map", "a pointer that is not the module's",
        bad(Call::SourceGet), Strike::Claim(Call::SourceGet, at(DIRECT_MAP + 0x0010_0000));
    "source record to the page table", "a pointer that is not the module's",
        bad(Call::SourceGet), Strike::Claim(Call::SourceGet, Place::OwnTable);
    "source record to another module", "a pointer that is not the module's",
        bad(Call::SourceGet), Strike::Claim(Call::SourceGet, Place::OtherModule);
    "source record to another module, uncached", "a pointer that is not the module's",
        bad(Call::SourceGet), Strike::Claim(Call::SourceGet, Place::Uncached(&Place::OtherModule));
    "source record to the last page", "a pointer that is not the module's",
        bad(Call::SourceGet), Strike::Claim(Call::SourceGet, at(0xffff_ff00));
    "sink record to null", "a pointer that is not the module's",
        bad(Call::SinkGet), Strike::Claim(Call::SinkGet, at(0));
    "sink record to kernel text", "a pointer that is not the module's",
        bad(Call::SinkGet), Strike::Claim(Call::SinkGet, at(KERNEL_TEXT));
    "sink record to kernel data", "a pointer that is not the module's",
        bad(Call::SinkGet), Strike::Claim(Call::SinkGet, at(KERNEL_DATA));
    "sink record to the direct map", "a pointer that is not the module's",
        bad(Call::SinkGet), Strike::Claim(Call::SinkGet, at(DIRECT_MAP + 0x0010_0000));
    "sink record to the page table", "a pointer that is not the module's",
        bad(Call::SinkGet), Strike::Claim(Call::SinkGet, Place::OwnTable);
    "sink record to another module", "a pointer that is not the module's",
        bad(Call::SinkGet), Strike::Claim(Call::SinkGet, Place::OtherModule);
    "sink record to another module, uncached", "a pointer that is not the module's",
        bad(Call::SinkGet), Strike::Claim(Call::SinkGet, Place::Uncached(&Place::OtherModule));
    "sink record to the last page", "a pointer that is not the module's",
        bad(Call::SinkGet), Strike::Claim(Call::SinkGet, at(0xffff_ff00));
    "time to own text", "a pointer that is not for this",
        bad(Call::Time), Strike::Claim(Call::Time, Place::OwnText);
    "time to own rodata", "a pointer that is not for this",
        bad(Call::Time), Strike::Claim(Call::Time, Place::OwnRodata);
    "source record to own text", "a pointer that is not for this",
        bad(Call::SourceGet), Strike::Claim(Call::SourceGet, Place::OwnText);
    "source record to the input", "a pointer that is not for this",
        bad(Call::SourceGet), Strike::Claim(Call::SourceGet, Place::Input);
    "source record two bytes off", "a pointer that is not for this",
        bad(Call::SourceGet), Strike::Claim(Call::SourceGet, Place::Off(&Place::Output, 2));
    "sink record to own text", "a pointer that is not for this",
        bad(Call::SinkGet), Strike::Claim(Call::SinkGet, Place::OwnText);
    "sink record to the input", "a pointer that is not for this",
        bad(Call::SinkGet), Strike::Claim(Call::SinkGet, Place::Input);
    "sink record one byte off", "a pointer that is not for this",
        bad(Call::SinkGet), Strike::Claim(Call::SinkGet, Place::Off(&Place::Output, 1));
    "constants over the end of own memory", "a pointer that is not for this",
        bad(Call::FastGet), Strike::Claim(Call::FastGet, Place::Off(&Place::Output, 0x0010_0000));
    "give back the stack", "a pointer that is not for this",
        bad(Call::FastPut), Strike::Claim(Call::FastPut, Place::OwnStack);
    "give back own rodata", "a pointer that is not for this",
        bad(Call::FastPut), Strike::Claim(Call::FastPut, Place::OwnRodata);
    "give back an allocation", "a pointer that is not for this",
        bad(Call::FastPut), Strike::Claim(Call::FastPut, Place::Allocation);
    "give back the input", "a pointer that is not for this",
        bad(Call::FastPut), Strike::Claim(Call::FastPut, Place::Input);
    "time one byte off", "a pointer that is not for this",
        bad(Call::Time), Strike::Claim(Call::Time, Place::Off(&Place::Output, 1));
    "time four bytes off", "a pointer that is not for this",
        bad(Call::Time), Strike::Claim(Call::Time, Place::Off(&Place::Output, 4));
};

/// Pins and bytes that the kernel knows better.
pub const PINS: [Attack; 6] = attacks! {
    "pin beyond the last", "the kernel must keep its own books",
        RIGHT, Strike::Answer(Call::SourceAvailable, [8, 0, 0], Errno::Invalid);
    "pin -1", "the kernel must keep its own books",
        RIGHT, Strike::Answer(Call::SinkFree, [u32::MAX, 0, 0], Errno::Invalid);
    "pin that nothing is bound to", "the kernel must keep its own books",
        RIGHT, Strike::Answer(Call::SourceAvailable, [7, 0, 0], Errno::Invalid);
    "release what was not got", "the kernel must keep its own books",
        RIGHT, Strike::Answer(Call::SourceRelease, [0, 4, 0], Errno::Invalid);
    "commit what was not got", "the kernel must keep its own books",
        RIGHT, Strike::Answer(Call::SinkCommit, [0, u32::MAX, 0], Errno::Invalid);
    "release a sink's pin", "the kernel must keep its own books",
        RIGHT, Strike::Answer(Call::SourceRelease, [3, 0, 0], Errno::Invalid);
};

/// Trace records that are not the module's to read, or not aligned.
pub const TRACES: [Attack; 15] = attacks! {
    "trace null", "no address at all",
        BAD_TRACE, Strike::Trace(at(0));
    "trace kernel text", "prints the kernel",
        BAD_TRACE, Strike::Trace(at(KERNEL_TEXT));
    "trace kernel data", "prints the kernel's secrets",
        BAD_TRACE, Strike::Trace(at(KERNEL_DATA));
    "trace the direct map", "prints any RAM",
        BAD_TRACE, Strike::Trace(at(DIRECT_MAP + 0x0010_0000));
    "trace the page-table window", "prints its page table",
        BAD_TRACE, Strike::Trace(Place::OwnTable);
    "trace another module", "prints its neighbour",
        BAD_TRACE, Strike::Trace(Place::OtherModule);
    "trace another module, uncached", "the same through the other alias",
        BAD_TRACE, Strike::Trace(Place::Uncached(&Place::OtherModule));
    "trace behind own memory", "the guard behind the last part",
        BAD_TRACE, Strike::Trace(Place::Off(&Place::Output, 0x0010_0000));
    "trace one byte off", "a record that is not aligned",
        BAD_TRACE, Strike::Trace(Place::Off(&Place::Input, 1));
    "trace four bytes off", "a record that is not aligned",
        BAD_TRACE, Strike::Trace(Place::Off(&Place::Input, 4));
    "trace eight bytes off", "a record that is not aligned",
        BAD_TRACE, Strike::Trace(Place::Off(&Place::Input, 8));
    "trace the last byte of addresses", "a record that is not aligned and wraps",
        BAD_TRACE, Strike::Trace(at(0xffff_ffff));
    "trace the last record of addresses", "the last page is nobody's",
        BAD_TRACE, Strike::Trace(at(0xffff_fff0));
    "trace the stack of the kernel", "just below the kernel's data",
        BAD_TRACE, Strike::Trace(at(KERNEL_DATA - 16));
    "trace until there is no room", "floods the kernel's ring",
        RIGHT, Strike::TraceFull;
};

/// Calls that the kernel answers; the attack then ends itself.
pub const ANSWERS: [Attack; 22] = attacks! {
    "call number one too many", "a system call that there is none of",
        RIGHT, Strike::Number(UNUSED);
    "the last call number of the table", "a system call that there is none of",
        RIGHT, Strike::Number(abi::TABLE_CALLS - 1);
    "call number 33", "a system call that there is none of",
        RIGHT, Strike::Number(33);
    "call number 63", "a system call that there is none of",
        RIGHT, Strike::Number(63);
    "call number 65", "a system call that there is none of",
        RIGHT, Strike::Number(65);
    "call number 4096", "a system call that there is none of",
        RIGHT, Strike::Number(4096);
    "call number 2^30 + 1", "a system call that there is none of",
        RIGHT, Strike::Number((1 << 30) + 1);
    "call number 2^31", "a system call that there is none of",
        RIGHT, Strike::Number(1 << 31);
    "call number -1", "a system call that there is none of",
        RIGHT, Strike::Number(u32::MAX);
    "call number -2", "a system call that there is none of",
        RIGHT, Strike::Number(u32::MAX - 1);
    "allocate all addresses", "a size that wraps when rounded",
        RIGHT, Strike::Alloc(u32::MAX, 0, 0);
    "allocate almost all addresses", "a size that wraps with its alignment",
        RIGHT, Strike::Alloc(0xffff_f000, 0x1000, 0);
    "allocate half the addresses", "a size that is negative as a signed number",
        RIGHT, Strike::Alloc(0x8000_0000, 0, 0);
    "allocate with an odd alignment", "not a power of two",
        RIGHT, Strike::Alloc(16, 3, 0);
    "allocate with a vast alignment", "the largest power of two",
        RIGHT, Strike::Alloc(16, 0x8000_0000, 0);
    "allocate with unknown flags", "bits without a meaning",
        RIGHT, Strike::Alloc(16, 0, 0xffff_fffc);
    "exhaust the region", "allocates until there is no more",
        RIGHT, Strike::Exhaust;
    "look for leaks", "reads every register the kernel may have used",
        RIGHT, Strike::Leak;
    "mark memory and registers", "for the next life to find",
        RIGHT, Strike::Mark;
    "look for the mark in memory", "pages must come without the last owner's content",
        RIGHT, Strike::SeekInMemory;
    "mark once more", "for the next life to find",
        RIGHT, Strike::Mark;
    "look for the mark in registers", "a thread must start without the last one's registers",
        RIGHT, Strike::SeekInRegisters;
};
