//! Making domains.

use domains::{DomainError, Domains};
use mmu::model::ModelMachine;
use mmu::{Asid, AsidError, PAGE_BYTES, PhysAddr, PhysRange, Platform};
use std::collections::BTreeSet;

use crate::rig::{ASIDS, BOARD, DOMAINS, Rig, TABLES};

#[test]
fn a_domain_costs_two_tables_and_an_asid() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    assert_eq!(rig.resources(), [1, TABLES as u32 - 2, ASIDS - 1, 0]);
    assert_eq!(rig.domains.partitions(handle).unwrap(), []);
    assert_eq!(crate::rig::Small::table_bytes(), 2 * PAGE_BYTES);
}

#[test]
fn a_slot_beyond_the_window_is_refused() {
    let mut rig = Rig::new();
    for slot in [BOARD.slots(), BOARD.slots() + 1, u32::MAX] {
        let refused = rig.domains.create(&mut rig.machine, slot);
        let slots = BOARD.slots();
        assert_eq!(refused, Err(DomainError::NoSlot { slot, slots }));
    }
    assert_eq!(rig.resources(), [0, TABLES as u32, ASIDS, 0]);
    rig.create(BOARD.slots() - 1);
}

#[test]
fn one_domain_too_many_is_refused_and_takes_nothing() {
    let mut rig = Rig::new();
    (0..DOMAINS as u32).for_each(|slot| _ = rig.create(slot));
    let before = rig.resources();
    let refused = rig.domains.create(&mut rig.machine, 0);
    assert_eq!(refused, Err(DomainError::NoDomain(DOMAINS)));
    assert_eq!(rig.resources(), before);
}

#[test]
fn a_domain_without_a_second_table_is_refused_and_takes_nothing() {
    let mut domains = Domains::<4, 8, 3>::new(&BOARD);
    let mut machine = ModelMachine::new(BOARD);
    domains.create(&mut machine, 0).unwrap();
    assert_eq!(domains.create(&mut machine, 1), Err(DomainError::NoTable));
    assert_eq!(
        (domains.free_tables(), domains.free_asids()),
        (1, ASIDS - 1)
    );
}

#[test]
fn the_asids_run_out_with_an_error_and_nothing_is_lost() {
    const BIG: Platform = Platform {
        table_frames: PhysRange {
            start: PhysAddr(0x30_0000),
            frames: 600,
        },
        module_frames: PhysRange {
            start: PhysAddr(0x60_0000),
            frames: 1,
        },
        ..BOARD
    };
    let mut domains = Box::new(Domains::<300, 1, 600>::new(&BIG));
    let mut machine = ModelMachine::new(BIG);
    let handles: Vec<_> = (0..ASIDS)
        .map(|_| domains.create(&mut machine, 0).unwrap())
        .collect();
    let asids: BTreeSet<Asid> = handles
        .iter()
        .map(|handle| domains.asid(*handle).unwrap())
        .collect();
    assert_eq!(asids.len() as u32, ASIDS, "two domains share an ASID");
    let tables = domains.free_tables();
    assert_eq!(
        domains.create(&mut machine, 0),
        Err(DomainError::Asid(AsidError::Exhausted))
    );
    assert_eq!(domains.free_tables(), tables);
    domains.destroy(&mut machine, handles[7]).unwrap();
    domains.create(&mut machine, 0).unwrap();
}

#[test]
fn no_two_domains_share_a_table() {
    let mut rig = Rig::new();
    let mut frames = BTreeSet::new();
    for _ in 0..DOMAINS {
        let handle = rig.create(0);
        let image = rig.domains.switch_image(handle).unwrap();
        assert!(frames.insert(image.cached[0] & !0xfff));
        assert!(frames.insert(image.uncached[0] & !0xfff));
    }
}
