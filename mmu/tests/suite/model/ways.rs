//! Ways: how many entries each has, how large they are, and which address selects which.

use mmu::model::{ModelMachine, TlbEntry};
use mmu::{CoreId, Machine, Pte, Side, VirtAddr};

use super::rig::{BOARD, Rig, core, rig};

/// Way, entries, bytes of each.
const WAYS: [(u8, u32, u32); 10] = [
    (0, 4, 4 << 10),
    (1, 4, 4 << 10),
    (2, 4, 4 << 10),
    (3, 4, 4 << 10),
    (4, 4, 1 << 20),
    (5, 4, 128 << 20),
    (6, 8, 512 << 20),
    (7, 1, 4 << 10),
    (8, 1, 4 << 10),
    (9, 1, 4 << 10),
];

fn sides(way: u8) -> &'static [Side] {
    if way < 7 {
        &[Side::Instruction, Side::Data]
    } else {
        &[Side::Data]
    }
}

fn standing(machine: &ModelMachine, side: Side, way: u8) -> Vec<TlbEntry> {
    let mut entries = machine.entries(CoreId::BOOT);
    entries.retain(|entry| entry.side == side && entry.way == way);
    entries
}

#[test]
fn the_lowest_bits_of_the_page_number_are_the_index() {
    for (way, count, bytes) in WAYS {
        for side in sides(way) {
            let mut machine = ModelMachine::new(BOARD);
            for turn in 0..2 {
                for index in 0..count {
                    let page = (turn * count + index).wrapping_mul(bytes);
                    let inside = VirtAddr(page + bytes / 3);
                    machine.wire(*side, way, inside, Pte::INVALID);
                }
            }
            let entries = standing(&machine, *side, way);
            let indexes: Vec<u32> = entries.iter().map(|entry| entry.index.into()).collect();
            assert_eq!(indexes, (0..count).collect::<Vec<_>>(), "way {way}");
            for entry in entries {
                let page = (count + u32::from(entry.index)).wrapping_mul(bytes);
                assert_eq!(
                    entry.page,
                    VirtAddr(page),
                    "way {way}: the second turn replaces"
                );
            }
        }
    }
}

#[test]
fn an_entry_maps_its_page_and_not_a_byte_more() {
    for (way, _, bytes) in WAYS {
        for side in sides(way) {
            let mut rig = rig();
            let probe = |rig: &mut Rig, address: u32| match side {
                Side::Instruction => rig.fetch(VirtAddr(address)).unwrap_err() == 20,
                Side::Data => rig.load(VirtAddr(address & !3)).unwrap_err() == 28,
            };
            let start = 0x6000_0000;
            rig.machine.wire(*side, way, VirtAddr(start), Pte::INVALID);
            let end = start + bytes;
            let mapped = [start - 1, start, end - 1, end].map(|at| probe(&mut rig, at));
            assert_eq!(mapped, [false, true, true, false], "way {way} of {side:?}");
        }
    }
}

#[test]
fn the_offset_in_a_page_of_any_size_is_kept() {
    for (way, frame, start) in [(0, 0x51_2000, 0x3000_0000), (4, 0x50_0000, 0x3000_0000)]
        .into_iter()
        .chain([
            (5, 0, 0x6800_0000),
            (6, 0, 0x6000_0000),
            (9, 0x51_2000, 0x3000_0000),
        ])
    {
        let mut rig = rig();
        let place = 0x51_2344;
        let address = VirtAddr(start + (place - frame));
        let pte = Pte::from_bits(frame | 0x22);
        rig.machine.wire(Side::Data, way, address, pte);
        assert_eq!(rig.store(address, 0x1234_5678), Ok(0), "way {way}");
        assert_eq!(rig.memory(mmu::PhysAddr(place)), 0x1234_5678);
    }
}

#[test]
fn a_way_that_there_is_not_is_taken_as_the_instruction_takes_it() {
    let mut machine = ModelMachine::new(BOARD);
    let before = machine.fingerprint();
    let page = VirtAddr(0x6000_0000);
    machine.wire(Side::Instruction, 7, page, Pte::INVALID);
    for way in 10..16 {
        machine.wire(Side::Data, way, page, Pte::INVALID);
    }
    assert_eq!(machine.fingerprint(), before);
    machine.wire(Side::Instruction, 8 + 2, page, Pte::INVALID);
    assert_eq!(standing(&machine, Side::Instruction, 2).len(), 1);
    machine.unwire(Side::Instruction, 2, page);
    assert_eq!(machine.fingerprint(), before);
}

#[test]
fn every_core_starts_with_the_kernels_own_map() {
    let machine = ModelMachine::new(BOARD);
    let text = |side, pte| (side, 4, 1, 0x10_0000, 1, pte);
    let expected = [
        text(Side::Instruction, 0x10_0005),
        text(Side::Data, 0x10_0004),
        (Side::Data, 4, 2, 0x20_0000, 1, 0x20_0006),
        (Side::Data, 5, 2, 0xd000_0000, 1, 6),
        (Side::Data, 5, 3, 0xd800_0000, 1, 2),
    ];
    for number in 0..BOARD.cores {
        let found: Vec<_> = machine
            .entries(core(number))
            .iter()
            .map(|one| {
                (
                    one.side,
                    one.way,
                    one.index,
                    one.page.0,
                    one.asid,
                    one.pte.bits(),
                )
            })
            .collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn user_code_reaches_nothing_of_the_kernels() {
    let mut rig = rig();
    let table = 0x8000_0000 | 0xa000_0000 >> 10;
    for (address, data, fetch) in [
        (0x10_0000, 26, 18),
        (0x1f_fffc, 26, 18),
        (0x20_0000, 26, 16),
        (0xd050_0000, 26, 16),
        (0xdfff_fffc, 26, 16),
        (table, 26, 16),
        (table + 0x1000, 24, 16),
        (0, 24, 16),
        (0xffff_fffc, 24, 16),
    ] {
        let address = VirtAddr(address);
        assert_eq!(rig.load(address), Err(data), "{address}");
        assert_eq!(rig.store(address, 1), Err(data), "{address}");
        assert_eq!(rig.fetch(address), Err(fetch), "{address}");
    }
}

#[test]
fn the_seam_wires_what_it_says() {
    let mut rig = rig();
    let page = VirtAddr(0x6000_0abc);
    rig.machine.wire_data(mmu::Way::Nine, page, Pte::INVALID);
    let entries = standing(&rig.machine, Side::Data, 9);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].page, VirtAddr(0x6000_0000));
    assert_eq!(entries[0].asid, rig.asids[0].number());
}
