//! A sequence that was run on QEMU 7.2.22, `-M sim -cpu dc233c`, and what came of it there: each
//! access's cause, and both TLBs at the end as its monitor showed them.

use mmu::{Alias, CoreId, PhysAddr, Pte, Side, VirtAddr};

use super::rig::{at, frame, rig};

/// Where the entry of page 0 is looked up.
const SLOT: VirtAddr = VirtAddr(0x8028_0000);
const TABLE: PhysAddr = PhysAddr(0x30_0000);

#[test]
fn a_sequence_goes_as_on_qemu() {
    let mut rig = rig();
    let page = |number| at(Alias::Cached, number);
    let pte = |number, attribute| Pte::from_bits(frame(number).0 | 0x20 | attribute);
    for number in 0..17 {
        let attribute = match number {
            1 => 12,
            5 => 6,
            16 => 13,
            _ => 7,
        };
        rig.set(0, Alias::Cached, number, pte(number, attribute));
    }
    let table = |attribute| Pte::from_bits(TABLE.0 | attribute);
    let cause = |outcome: Result<u32, u32>| outcome.err().unwrap_or(0);
    let without_table = page(1024);
    let mut causes = vec![
        cause(rig.load(page(0))),
        cause(rig.fetch(page(0))),
        cause(rig.load(page(4))),
        cause(rig.load(page(8))),
        cause(rig.load(page(12))),
        cause(rig.load(page(1))),
        cause(rig.fetch(page(5))),
        cause(rig.load(page(9))),
        cause(rig.load(without_table)),
        cause(rig.load(page(13))),
        cause(rig.load(VirtAddr(without_table.0 + 2))),
    ];
    rig.machine.wire(Side::Data, 7, SLOT, table(12));
    causes.push(cause(rig.load(page(2))));
    rig.machine.wire(Side::Data, 7, SLOT, table(2));
    rig.machine.wire(Side::Data, 8, SLOT, table(2));
    causes.push(cause(rig.load(page(2))));
    rig.machine.unwire(Side::Data, 8, SLOT);
    rig.machine.wire(Side::Data, 9, page(12), pte(0, 7));
    causes.push(cause(rig.load(page(12))));
    causes.push(cause(rig.store(page(16), 1)));
    causes.push(cause(rig.load(page(16))));
    causes.push(cause(rig.fetch(page(16))));
    rig.machine.wire(Side::Instruction, 10, page(3), pte(0, 7));
    rig.machine.wire(Side::Instruction, 7, page(3), pte(0, 7));
    rig.machine.wire(Side::Data, 10, page(3), pte(0, 7));
    assert_eq!(
        causes,
        [0, 0, 0, 0, 0, 28, 20, 0, 24, 0, 9, 24, 24, 25, 0, 0, 20]
    );

    let mut seen: Vec<_> = rig
        .machine
        .entries(CoreId::BOOT)
        .into_iter()
        .filter(|entry| entry.is_refilled() || entry.way == 9)
        .map(|entry| {
            let number = (entry.page.0 - page(0).0) >> 12;
            (entry.side, entry.way, number, entry.pte.bits() & 0xf)
        })
        .collect();
    seen.sort_unstable();
    let (fetched, data) = (Side::Instruction, Side::Data);
    let expected = [
        (fetched, 2, 0, 7),
        (fetched, 2, 3, 7),
        (fetched, 3, 5, 6),
        (fetched, 3, 16, 13),
        (data, 0, 8, 7),
        (data, 0, 9, 7),
        (data, 1, 12, 7),
        (data, 1, 13, 7),
        (data, 2, 1, 12),
        (data, 2, 16, 13),
        (data, 3, 4, 7),
        (data, 9, 12, 7),
    ];
    assert_eq!(seen, expected);
}
