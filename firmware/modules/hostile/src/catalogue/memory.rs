//! Memory that is not the module's, and its own against its rights.

use super::{RIGHT, at, attacks, fault};
use crate::attack::{Attack, Strike};
use crate::expect::Where;
use crate::machine::{
    DIRECT_MAP, DIRECT_MAP_UNCACHED, KERNEL_DATA, KERNEL_TEXT, RESET, SYSTEM_CALL_STACK,
    TABLE_WINDOW_GAP,
};
use crate::place::Place;

/// A word of memory that is not the module's: causes of a load or store, of a jump, and where.
macro_rules! forbidden {
    ($name:literal, $place:expr, $at:expr, $data:expr, $jump:expr) => {
        [
            Attack {
                name: concat!("load ", $name),
                what: "reads memory that is not the module's",
                expect: fault($data, $at),
                strike: Strike::Load($place),
            },
            Attack {
                name: concat!("store ", $name),
                what: "writes memory that is not the module's",
                expect: fault($data, $at),
                strike: Strike::Store($place),
            },
            Attack {
                name: concat!("jump ", $name),
                what: "executes memory that is not the module's",
                expect: fault($jump, $at),
                strike: Strike::Jump($place),
            },
        ]
    };
}

/// Memory of the kernel and of others.
pub const MEMORY: [[Attack; 3]; 13] = [
    forbidden!(
        "stack of system calls",
        at(SYSTEM_CALL_STACK),
        Where::Exactly(SYSTEM_CALL_STACK),
        26,
        16
    ),
    forbidden!(
        "kernel text",
        at(KERNEL_TEXT),
        Where::Exactly(KERNEL_TEXT),
        26,
        18
    ),
    forbidden!(
        "kernel text, deep",
        at(KERNEL_TEXT + 0x4000),
        Where::Exactly(KERNEL_TEXT + 0x4000),
        26,
        18
    ),
    forbidden!(
        "kernel data",
        at(KERNEL_DATA),
        Where::Exactly(KERNEL_DATA),
        26,
        16
    ),
    forbidden!(
        "direct map",
        at(DIRECT_MAP + 0x0010_0000),
        Where::Exactly(DIRECT_MAP + 0x0010_0000),
        26,
        16
    ),
    forbidden!(
        "direct map, uncached",
        at(DIRECT_MAP_UNCACHED + 0x0010_0000),
        Where::Exactly(DIRECT_MAP_UNCACHED + 0x0010_0000),
        26,
        16
    ),
    forbidden!("own page table", Place::OwnTable, Where::OwnTable, 26, 16),
    forbidden!(
        "own page table, uncached twin's",
        Place::OwnTableUncached,
        Where::OwnTable,
        26,
        16
    ),
    forbidden!(
        "page-table window",
        at(TABLE_WINDOW_GAP),
        Where::Exactly(TABLE_WINDOW_GAP),
        24,
        16
    ),
    forbidden!("reset vector", at(RESET), Where::Exactly(RESET), 24, 16),
    forbidden!("null", at(0), Where::Exactly(0), 24, 16),
    forbidden!("other module", Place::OtherModule, Where::OtherSlot, 24, 16),
    forbidden!(
        "other module, uncached",
        Place::Uncached(&Place::OtherModule),
        Where::OtherSlotUncached,
        24,
        16
    ),
];

/// The module's own memory, against its rights.
pub const OWN: [Attack; 18] = attacks! {
    "write own text", "makes code writable",
        fault(29, Where::OwnSlot), Strike::Store(Place::OwnText);
    "write own text, uncached", "the same through the other alias",
        fault(29, Where::OwnSlotUncached), Strike::Store(Place::Uncached(&Place::OwnText));
    "write own rodata", "changes a constant",
        fault(29, Where::OwnSlot), Strike::Store(Place::OwnRodata);
    "write own rodata, uncached", "the same through the other alias",
        fault(29, Where::OwnSlotUncached), Strike::Store(Place::Uncached(&Place::OwnRodata));
    "write the input", "writes the read-only buffer of the call",
        fault(29, Where::Any), Strike::Store(Place::Input);
    "write the input, uncached", "the same through the other alias",
        fault(29, Where::Any), Strike::Store(Place::Uncached(&Place::Input));
    "swap own rodata", "writes a constant by compare and swap",
        fault(29, Where::OwnSlot), Strike::Swap(Place::OwnRodata);
    "execute own data", "runs a variable",
        fault(20, Where::OwnSlot), Strike::Jump(Place::OwnData);
    "execute own data, uncached", "the same through the other alias",
        fault(20, Where::OwnSlotUncached), Strike::Jump(Place::Uncached(&Place::OwnData));
    "execute own text, uncached", "runs code where its returns lead out of its gigabyte",
        fault(16, Where::Any), Strike::Jump(Place::Uncached(&Place::OwnText));
    "execute own stack", "runs what it has pushed",
        fault(20, Where::Any), Strike::Jump(Place::OwnStack);
    "execute own rodata", "runs a constant",
        fault(20, Where::OwnSlot), Strike::Jump(Place::OwnRodata);
    "execute an allocation", "runs what it has allocated",
        fault(20, Where::Any), Strike::Jump(Place::Allocation);
    "execute the input", "runs the audio that came in",
        fault(20, Where::Any), Strike::Jump(Place::Input);
    "execute the output", "runs the audio that goes out",
        fault(20, Where::Any), Strike::Jump(Place::Output);
    "unaligned load", "a word across two",
        fault(9, Where::OwnSlot), Strike::Load(Place::Off(&Place::OwnData, 1));
    "divide by zero", "the processor's own check",
        fault(6, Where::Any), Strike::Divide;
    "panic", "a panic of the module's own code",
        fault(0, Where::Any), Strike::Panic;
};

/// Other ways to the kernel's memory.
pub const OTHER_WAYS: [Attack; 5] = attacks! {
    "swap kernel data", "writes by compare and swap",
        fault(26, Where::Exactly(KERNEL_DATA)), Strike::Swap(at(KERNEL_DATA));
    "write back kernel data", "a cache line of the kernel's",
        fault(26, Where::Exactly(KERNEL_DATA)), Strike::WriteBack(at(KERNEL_DATA));
    "write back and drop kernel data", "a cache line of the kernel's",
        fault(26, Where::Exactly(KERNEL_DATA)), Strike::WriteBackDrop(at(KERNEL_DATA));
    "drop kernel text", "an instruction cache line of the kernel's",
        fault(18, Where::Exactly(KERNEL_TEXT)), Strike::DropText(at(KERNEL_TEXT));
    "unaligned kernel load", "an address that is wrong twice",
        fault(9, Where::Exactly(KERNEL_DATA + 1)), Strike::Load(at(KERNEL_DATA + 1));
};

/// Each cache instruction that is not privileged, at a place that is not the module's.
macro_rules! lines {
    ($($name:literal, $place:expr, $at:expr, $data:expr, $text:expr;)*) => {
        [$(
            Attack {
                name: concat!("write back a line of ", $name),
                what: "writes back a cache line that is not the module's",
                expect: fault($data, $at),
                strike: Strike::WriteBack($place),
            },
            Attack {
                name: concat!("write back and drop a line of ", $name),
                what: "drops a cache line that is not the module's",
                expect: fault($data, $at),
                strike: Strike::WriteBackDrop($place),
            },
            Attack {
                name: concat!("drop an instruction line of ", $name),
                what: "drops an instruction cache line that is not the module's",
                expect: fault($text, $at),
                strike: Strike::DropText($place),
            },
            Attack {
                name: concat!("prefetch ", $name),
                what: "a hint for a cache must neither fault nor bring anything",
                expect: RIGHT,
                strike: Strike::Prefetch($place),
            },
        )*]
    };
}

/// Cache instructions.
pub const CACHES: [Attack; 24] = lines! {
    "the direct map", at(DIRECT_MAP + 0x0010_0000), Where::Exactly(DIRECT_MAP + 0x0010_0000), 26, 16;
    "kernel text", at(KERNEL_TEXT + 0x1000), Where::Exactly(KERNEL_TEXT + 0x1000), 26, 18;
    "its page table", Place::OwnTable, Where::OwnTable, 26, 16;
    "another module", Place::OtherModule, Where::OtherSlot, 24, 16;
    "another module, uncached", Place::Uncached(&Place::OtherModule), Where::OtherSlotUncached, 24, 16;
    "nothing", at(0), Where::Exactly(0), 24, 16;
};

/// Edges: of the address space, of pages, of rights.
pub const EDGES: [Attack; 13] = attacks! {
    "jump to the last byte", "the last address there is",
        fault(16, Where::Exactly(0xffff_ffff)), Strike::Jump(at(0xffff_ffff));
    "jump to the last but one", "an instruction that wraps around the end of the address space",
        fault(16, Where::Exactly(0xffff_fffe)), Strike::Jump(at(0xffff_fffe));
    "jump to the last word", "the last aligned address",
        fault(16, Where::Exactly(0xffff_fffc)), Strike::Jump(at(0xffff_fffc));
    "load the last word", "the last aligned address",
        fault(24, Where::Exactly(0xffff_fffc)), Strike::Load(at(0xffff_fffc));
    "load across the end", "a word that wraps around the end of the address space",
        fault(9, Where::Exactly(0xffff_fffe)), Strike::Load(at(0xffff_fffe));
    "store the last word", "the last aligned address",
        fault(24, Where::Exactly(0xffff_fffc)), Strike::Store(at(0xffff_fffc));
    "unaligned store", "a word across two",
        fault(9, Where::OwnSlot), Strike::Store(Place::Off(&Place::OwnData, 3));
    "unaligned swap", "a compare and swap across two words",
        fault(9, Where::OwnSlot), Strike::Swap(Place::Off(&Place::OwnData, 2));
    "swap own text", "writes its code by compare and swap",
        fault(29, Where::OwnSlot), Strike::Swap(Place::OwnText);
    "swap the input", "writes the audio that came in by compare and swap",
        fault(29, Where::Any), Strike::Swap(Place::Input);
    "swap another module", "writes its neighbour by compare and swap",
        fault(24, Where::OtherSlot), Strike::Swap(Place::OtherModule);
    "swap its page table", "writes its page table by compare and swap",
        fault(26, Where::OwnTable), Strike::Swap(Place::OwnTable);
    "swap null", "no address at all",
        fault(24, Where::Exactly(0)), Strike::Swap(at(0));
};
