//! Memory that is not the module's, and its own against its rights.

use super::{RIGHT, at, attacks, fault};
use crate::attack::{Attack, Strike};
use crate::expect::Where;
use crate::machine::{
    DIRECT_MAP, DIRECT_MAP_UNCACHED, KERNEL_DATA, KERNEL_TEXT, RESET, TABLE_WINDOW_GAP,
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
pub const MEMORY: [[Attack; 3]; 12] = [
    forbidden!(
        "kernel text",
        at(KERNEL_TEXT),
        Where::Exactly(KERNEL_TEXT),
        &[26],
        &[18]
    ),
    forbidden!(
        "kernel text, deep",
        at(KERNEL_TEXT + 0x4000),
        Where::Exactly(KERNEL_TEXT + 0x4000),
        &[26],
        &[18]
    ),
    forbidden!(
        "kernel data",
        at(KERNEL_DATA),
        Where::Exactly(KERNEL_DATA),
        &[26],
        &[16]
    ),
    forbidden!(
        "direct map",
        at(DIRECT_MAP + 0x0010_0000),
        Where::Exactly(DIRECT_MAP + 0x0010_0000),
        &[26],
        &[16]
    ),
    forbidden!(
        "direct map, uncached",
        at(DIRECT_MAP_UNCACHED + 0x0010_0000),
        Where::Exactly(DIRECT_MAP_UNCACHED + 0x0010_0000),
        &[26],
        &[16]
    ),
    forbidden!(
        "own page table",
        Place::OwnTable,
        Where::OwnTable,
        &[26],
        &[16]
    ),
    forbidden!(
        "own page table, uncached twin's",
        Place::OwnTableUncached,
        Where::OwnTable,
        &[26],
        &[16]
    ),
    forbidden!(
        "page-table window",
        at(TABLE_WINDOW_GAP),
        Where::Exactly(TABLE_WINDOW_GAP),
        &[24, 26],
        &[16]
    ),
    forbidden!(
        "reset vector",
        at(RESET),
        Where::Exactly(RESET),
        &[24],
        &[16]
    ),
    forbidden!("null", at(0), Where::Exactly(0), &[24], &[16]),
    forbidden!(
        "other module",
        Place::OtherModule,
        Where::OtherSlot,
        &[24, 28, 29],
        &[16, 20]
    ),
    forbidden!(
        "other module, uncached",
        Place::Uncached(&Place::OtherModule),
        Where::OtherSlotUncached,
        &[24, 28, 29],
        &[16, 20]
    ),
];

/// The module's own memory, against its rights.
pub const OWN: [Attack; 18] = attacks! {
    "write own text", "makes code writable",
        fault(&[29], Where::OwnSlot), Strike::Store(Place::OwnText);
    "write own text, uncached", "the same through the other alias",
        fault(&[24, 29], Where::OwnSlotUncached), Strike::Store(Place::Uncached(&Place::OwnText));
    "write own rodata", "changes a constant",
        fault(&[29], Where::OwnSlot), Strike::Store(Place::OwnRodata);
    "write own rodata, uncached", "the same through the other alias",
        fault(&[24, 29], Where::OwnSlotUncached), Strike::Store(Place::Uncached(&Place::OwnRodata));
    "write the input", "writes the read-only buffer of the call",
        fault(&[29], Where::Any), Strike::Store(Place::Input);
    "write the input, uncached", "the same through the other alias",
        fault(&[24, 29], Where::Any), Strike::Store(Place::Uncached(&Place::Input));
    "swap own text", "writes its code by compare and swap",
        fault(&[29], Where::OwnSlot), Strike::Swap(Place::OwnText);
    "swap the input", "writes the audio that came in by compare and swap",
        fault(&[29], Where::Any), Strike::Swap(Place::Input);
    "swap another module", "writes its neighbour by compare and swap",
        fault(&[24, 28, 29], Where::OtherSlot), Strike::Swap(Place::OtherModule);
    "swap its page table", "writes its page table by compare and swap",
        fault(&[26], Where::OwnTable), Strike::Swap(Place::OwnTable);
    "swap null", "no address at all",
        fault(&[24], Where::Exactly(0)), Strike::Swap(at(0));
};
