//! Refills: from where, into which way, and what stays behind.

use mmu::{Alias, Asid, CoreId, Machine, PhysAddr, Pte, Rights, Side, VirtAddr};

use super::rig::{Rig, at, core, entry, rig};

fn page(number: u32) -> VirtAddr {
    at(Alias::Cached, number)
}

/// Side and way of each refilled entry for a page.
fn ways(rig: &Rig, number: u32) -> Vec<(Side, u8)> {
    let entries = rig.machine.entries(CoreId::BOOT);
    let of_page = entries
        .iter()
        .filter(|entry| entry.is_refilled() && entry.page == page(number));
    of_page.map(|entry| (entry.side, entry.way)).collect()
}

#[test]
fn each_refill_takes_the_next_way_whichever_tlb_it_is_for() {
    let mut rig = rig();
    for number in [0, 4, 8, 12, 16] {
        rig.map(number, Rights::TEXT);
    }
    rig.load(page(0)).unwrap();
    assert_eq!(ways(&rig, 0), [(Side::Data, 1)]);
    rig.fetch(page(0)).unwrap();
    assert_eq!(ways(&rig, 0), [(Side::Instruction, 2), (Side::Data, 1)]);
    rig.load(page(4)).unwrap();
    rig.load(page(8)).unwrap();
    assert_eq!(
        [ways(&rig, 4), ways(&rig, 8)].concat(),
        [(Side::Data, 3), (Side::Data, 0)]
    );
    rig.load(page(12)).unwrap();
    assert_eq!(ways(&rig, 12), [(Side::Data, 1)]);
    assert_eq!(
        ways(&rig, 0),
        [(Side::Instruction, 2)],
        "it had to make room"
    );
}

#[test]
fn a_refill_that_ends_in_a_fault_stays_and_counts() {
    let mut rig = rig();
    assert_eq!(rig.load(page(0)), Err(28));
    assert_eq!(ways(&rig, 0), [(Side::Data, 1)]);
    assert_eq!(rig.fetch(page(1)), Err(20));
    assert_eq!(ways(&rig, 1), [(Side::Instruction, 2)]);
    let counts = rig.machine.counts(CoreId::BOOT);
    assert_eq!((counts.refills, counts.hits), (2, 0));
    assert_eq!(rig.load(page(0)), Err(28));
    let counts = rig.machine.counts(CoreId::BOOT);
    assert_eq!(
        (counts.refills, counts.hits),
        (2, 1),
        "the fault itself is remembered"
    );
}

#[test]
fn a_miss_refills_nothing() {
    let mut rig = rig();
    let before = rig.machine.fingerprint();
    assert_eq!(rig.load(page(1024)), Err(24));
    assert_eq!(rig.fetch(VirtAddr(0)), Err(16));
    assert_eq!(rig.machine.fingerprint(), before);
    assert_eq!(rig.machine.counts(CoreId::BOOT).refills, 0);
}

/// Where the MMU looks for the entry of the first page of the cached window's slot 0.
const SLOT: VirtAddr = VirtAddr(0x8028_0000);

#[test]
fn what_is_wrong_with_the_table_is_a_miss_of_the_page() {
    let mut rig = rig();
    rig.map(0, Rights::TEXT);
    let table = Pte::table(PhysAddr(0x30_0000));
    let wired = |rig: &mut Rig, bits| rig.machine.wire(Side::Data, 7, SLOT, Pte::from_bits(bits));
    wired(&mut rig, table.bits() & !0xf | 12);
    assert_eq!((rig.load(page(0)), rig.fetch(page(0))), (Err(24), Err(16)));
    wired(&mut rig, table.bits());
    rig.machine.wire(Side::Data, 9, SLOT, table);
    assert_eq!((rig.load(page(0)), rig.fetch(page(0))), (Err(24), Err(16)));
    rig.machine.unwire(Side::Data, 9, SLOT);
    assert_eq!(rig.machine.counts(CoreId::BOOT).refills, 0);
    assert!(rig.load(page(0)).is_ok() && rig.fetch(page(0)).is_ok());
}

#[test]
fn a_table_of_any_ring_serves_but_only_under_its_asid() {
    let mut rig = rig();
    rig.map(0, Rights::READ);
    let table = Pte::from_bits(0x30_0000 | 0x20);
    rig.machine.wire(Side::Data, 7, SLOT, table);
    assert!(rig.load(page(0)).is_ok());
    let other: Asid = rig.asids[1];
    rig.machine.set_module_asid(other);
    assert_eq!(rig.load(page(0)), Err(24));
}

#[test]
fn a_refill_reads_as_the_table_is_mapped() {
    for (bits, sees_it) in [(0x2, false), (0x6, true), (0xa, true)] {
        let mut rig = rig();
        rig.machine
            .wire(Side::Data, 7, SLOT, Pte::from_bits(0x30_0000 | bits));
        // Into the core's data cache and no further.
        let pte = entry(0, Rights::DATA, Alias::Cached);
        rig.machine.store_word(PhysAddr(0x30_0000), pte.bits());
        assert_eq!(rig.load(page(0)).is_ok(), sees_it, "attribute {bits}");
    }
}

#[test]
fn a_cached_table_hides_what_is_written_past_the_cache() {
    let mut rig = rig();
    rig.machine
        .wire(Side::Data, 7, SLOT, Pte::from_bits(0x30_0000 | 0x6));
    assert_eq!(rig.load(page(1)), Err(28));
    rig.map(2, Rights::DATA);
    assert_eq!(
        rig.load(page(2)),
        Err(28),
        "its line was fetched for page 1"
    );
    assert!(rig.machine.evict_line(core(0), PhysAddr(0x30_0000)));
    rig.machine.drop_autorefill(page(2), 2);
    assert!(rig.load(page(2)).is_ok());
}

#[test]
fn each_core_refills_for_itself() {
    let mut rig = rig();
    rig.map(0, Rights::DATA);
    rig.load(page(0)).unwrap();
    rig.run(1, 0);
    rig.load(page(0)).unwrap();
    for number in 0..2 {
        assert_eq!(rig.machine.counts(core(number)).refills, 1);
    }
    rig.machine.drop_autorefill(page(0), 1);
    let left = |number| {
        let entries = rig.machine.entries(core(number));
        entries.iter().filter(|entry| entry.is_refilled()).count()
    };
    assert_eq!((left(0), left(1)), (1, 0));
}
