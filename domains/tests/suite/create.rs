//! Making domains.

use std::collections::BTreeSet;

use domains::{DomainError, Domains, Tenure};
use mmu::model::ModelMachine;
use mmu::{Asid, AsidError, PAGE_BYTES, PhysAddr, Rights};

use crate::rig::{ASIDS, BOARD, DOMAINS, Rig, Small, board, frame, own, page};
use crate::rules;

#[test]
fn a_domain_costs_its_place_and_an_asid_and_nothing_else() {
    let mut rig = Rig::new();
    let before = rig.machine.fingerprint();
    let handle = rig.create(0);
    assert_eq!(rig.resources(), [1, DOMAINS as u32 - 1, ASIDS - 1, 0]);
    assert_eq!(rig.domains.partitions(handle).unwrap(), []);
    assert_eq!(
        rig.machine.fingerprint(),
        before,
        "making one needs no machine"
    );
    assert_eq!(Small::table_bytes(), 2 * PAGE_BYTES);
    rules::all(&rig);
}

#[test]
fn a_slot_beyond_the_window_is_refused() {
    let mut rig = Rig::new();
    let slots = BOARD.slots();
    for slot in [slots, slots + 1, u32::MAX] {
        let refused = DomainError::NoSlot { slot, slots };
        rig.refuses(refused, |rig| rig.domains.create(slot).map(|_| ()));
    }
    rig.create(slots - 1);
}

#[test]
fn one_domain_too_many_is_refused_and_takes_nothing() {
    let mut rig = Rig::new();
    (0..DOMAINS as u32).for_each(|slot| _ = rig.create(slot));
    rig.refuses(DomainError::NoDomain(DOMAINS), |rig| {
        rig.domains.create(0).map(|_| ())
    });
}

#[test]
fn there_are_as_many_domains_as_pairs_of_tables() {
    let mut machine = ModelMachine::new(BOARD);
    let mut domains = Domains::<4, 8, 1>::new(&BOARD, &mut machine);
    assert_eq!(domains.free_places(), 3);
    (0..3).for_each(|slot| _ = domains.create(slot).unwrap());
    assert_eq!(domains.create(3), Err(DomainError::NoDomain(3)));
    assert_eq!(domains.check(&machine), Ok(()));
}

#[test]
fn the_asids_run_out_with_an_error_and_nothing_is_lost() {
    let big = board(600, 1);
    let mut machine = ModelMachine::new(big);
    let mut domains = Box::new(Domains::<300, 1, 1>::new(&big, &mut machine));
    let handles: Vec<_> = (0..ASIDS).map(|_| domains.create(0).unwrap()).collect();
    let asids: BTreeSet<Asid> = handles
        .iter()
        .map(|handle| domains.asid(*handle).unwrap())
        .collect();
    assert_eq!(asids.len() as u32, ASIDS, "two domains share an ASID");
    let places = domains.free_places();
    let exhausted = DomainError::Asid(AsidError::Exhausted);
    assert_eq!(domains.create(0), Err(exhausted));
    let first = big.module_frames.start;
    let made = domains.create_with(&mut machine, 0, &[(own(0, 1, Rights::DATA), first)]);
    assert_eq!(made, Err(exhausted));
    assert_eq!((domains.free_places(), domains.alive()), (places, ASIDS));
    assert_eq!(domains.check(&machine), Ok(()));
    domains.destroy(&mut machine, handles[7]).unwrap();
    let made = domains.create_with(&mut machine, 0, &[(own(0, 1, Rights::DATA), first)]);
    assert_eq!(domains.owners(first), 1);
    assert_eq!(
        domains.asid(made.unwrap()),
        Ok(asids.iter().copied().nth(7).unwrap())
    );
}

#[test]
fn no_two_domains_share_a_table_and_none_stands_where_a_module_can_write() {
    let mut rig = Rig::new();
    let mut frames = BTreeSet::new();
    for _ in 0..DOMAINS {
        let handle = rig.create(0);
        let image = rig.image(handle);
        for entry in [image.cached, image.uncached] {
            let frame = PhysAddr(entry[0] & !0xfff);
            assert!(frames.insert(frame));
            assert!(BOARD.table_frames.index_of(frame).is_some());
            assert_eq!(BOARD.module_frames.index_of(frame), None);
        }
    }
}

#[test]
fn a_domain_made_with_its_partitions_has_them_all() {
    let mut rig = Rig::new();
    let partitions = [
        (own(4, 2, Rights::TEXT), frame(4)),
        (own(0, 3, Rights::DATA), frame(0)),
    ];
    let made = rig.domains.create_with(&mut rig.machine, 0, &partitions);
    let handle = made.unwrap();
    rig.made.push(handle);
    let by_address = [partitions[1].0, partitions[0].0];
    assert_eq!(rig.domains.partitions(handle), Ok(&by_address[..]));
    rules::all(&rig);
    rig.switch(handle);
    for number in [0, 1, 2, 4, 5] {
        assert_eq!(rig.cause(mmu::Access::Read, page(number)), None);
    }
}

#[test]
fn a_domain_made_without_partitions_is_as_good() {
    let mut rig = Rig::new();
    let made = rig.domains.create_with(&mut rig.machine, 3, &[]);
    rig.made.push(made.unwrap());
    rules::all(&rig);
}

#[test]
fn the_partitions_of_one_call_are_held_against_each_other() {
    let overlapping = [own(0, 2, Rights::DATA), own(1, 1, Rights::DATA)];
    let same_frame = [own(0, 1, Rights::DATA), own(1, 1, Rights::DATA)];
    for (partitions, frames, error) in [
        (overlapping, [0, 4], DomainError::Overlap(page(0))),
        (same_frame, [2, 2], DomainError::InUse(frame(2))),
    ] {
        let mut rig = Rig::new();
        let before = rig.state();
        let asked = [
            (partitions[0], frame(frames[0])),
            (partitions[1], frame(frames[1])),
        ];
        let made = rig.domains.create_with(&mut rig.machine, 0, &asked);
        assert_eq!(made, Err(error));
        assert_eq!(rig.state(), before);
        rules::all(&rig);
    }
}

#[test]
fn a_buffer_can_have_both_sides_in_one_domain() {
    let mut rig = Rig::new();
    let handle = rig.create(0);
    let buffer = Tenure::Buffer;
    rig.grant_as(handle, 0, &[1], Rights::DATA, buffer).unwrap();
    rig.grant_as(handle, 1, &[1], Rights::READ, buffer).unwrap();
    assert_eq!(rig.domains.owners(frame(1)), 2);
    rules::all(&rig);
}
