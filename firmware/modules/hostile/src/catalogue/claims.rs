//! System calls with arguments that a kernel must not believe.

use abi::Call;

use super::{RIGHT, at, attacks};
use crate::attack::{Attack, Strike};
use crate::expect::Expect;
use crate::machine::{DIRECT_MAP, KERNEL_DATA, KERNEL_TEXT};
use crate::place::Place;

const BAD_FREE: Expect = Expect::BadCall { call: Call::Free };
const BAD_LOG: Expect = Expect::BadCall { call: Call::Log };
const BAD_TRACE: Expect = Expect::BadCall { call: Call::Trace };
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
